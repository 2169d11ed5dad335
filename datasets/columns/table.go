// Package columns reads tables that are kept column by column: Parquet files (Apache
// Parquet format 2.11: flat columns, every encoding and packing but LZO and Brotli) and
// Arrow's files and streams (Arrow columnar format 1.5, Feather version 2). What a header
// says is believed as far as the file's size bears it out.
//
// There are libraries for it. parquet-go 0.26 made a cell that opens data larger by 3.6
// of 20.9 MB and its build longer by a fifth; arrow-go 18.5 alone is a program of 7.5 MB
// with Arrow's files and of 32 MB with Parquet, and every cell of a notebook is built
// anew.
package columns

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"runtime"
	"strconv"
	"sync"
	"sync/atomic"

	"github.com/gxlab/gxlab/gx/fault"
)

// Kind is what a column holds.
type Kind int

// The kinds of columns.
const (
	Other  Kind = iota // lists, times, bytes: not read
	Number             // integers and floating point; decimals
	Text               // texts and dictionaries of them
	Flag               // true and false
)

// Column is a column of a table.
type Column struct {
	Name string
	Kind Kind
	// Whole says of numbers that they are integers.
	Whole bool
	bits  int // of a floating-point number as text
}

// Table is an open file.
type Table struct {
	Columns []Column
	Rows    int
	// Index are the columns that pandas says name the rows; nil where it does not.
	Index []string

	path, format string
	file         *os.File
	size         int64
	parts        []int // the rows of each row group or record batch
	source
}

// source is a format's own reader.
type source interface {
	// numbers yields a column of a part.
	numbers(part, column int, s *scratch) (stream, error)
	// texts gives take the texts of a column of a part; ok is false for a missing one.
	texts(part, column int, take func(s string, ok bool)) error
}

// stream yields values one after the other.
type stream interface {
	next(to []float64) error // NaN where one is missing
}

// scratch is memory that is used again; it belongs to one goroutine.
type scratch struct {
	packed  []byte
	pages   []*pages
	vectors []*arrowNumbers
	used    int
}

// again is the next of all, one more where all are used.
func again[T any](all *[]*T, used *int) *T {
	if *used == len(*all) {
		*all = append(*all, new(T))
	}
	*used++
	return (*all)[*used-1]
}

// Is says how a file that begins with head keeps columns: "Parquet", "Arrow", or "".
func Is(head []byte) string {
	magic := ""
	if len(head) > 4 && (head[4] < ' ' && !bytes.ContainsAny(head[4:5], "\t\r\n") || head[4] > '~') { // PAR1 may name a gene
		magic = string(head[:4])
	}
	switch {
	case magic == "PAR1", magic == "PARE":
		return "Parquet"
	case bytes.HasPrefix(head, []byte("ARROW1\x00\x00")), magic == "FEA1", isStream(head):
		return "Arrow"
	}
	return ""
}

// Open opens a file.
func Open(path string) (*Table, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, fault.Wrap(err, "the file cannot be opened", path, "its right name")
	}
	t := &Table{path: path, file: f}
	if err := t.open(); err != nil {
		f.Close()
		return nil, t.damaged(err)
	}
	return t, nil
}

func (t *Table) open() error {
	fi, err := t.file.Stat()
	if err != nil {
		return err
	}
	t.size = fi.Size()
	head := make([]byte, 64)
	n, _ := t.file.ReadAt(head, 0)
	switch t.format = Is(head[:n]); t.format {
	case "Parquet":
		err = t.openParquet(head[:n])
	case "Arrow":
		err = t.openArrow(head[:n])
	default:
		return fault.New("the file is neither Parquet nor Arrow's as it lies", t.path, "unpacking it first: such files are packed within")
	}
	if err != nil {
		return err
	}
	if values := float64(t.Rows) * float64(max(1, len(t.Columns))); values > 2e6+1000*float64(t.size) {
		return fault.New(fmt.Sprintf("the file says %d rows of %d columns and has %d bytes", t.Rows, len(t.Columns), t.size), t.path, "fetching or copying it again: it is damaged")
	}
	return nil
}

// Close closes the file.
func (t *Table) Close() { t.file.Close() }

// damaged is an error of reading.
func (t *Table) damaged(err error) error {
	var known *fault.Error
	if err == nil || errors.As(err, &known) || errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		return err
	}
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		err = errors.New("it ends too soon")
	}
	what := "the file is cut off or damaged"
	if t.format != "" {
		what = "the " + t.format + " file is cut off or damaged"
	}
	return fault.Wrap(err, what, t.path, "fetching or copying it again")
}

// pandas takes the names of the index from pandas' metadata.
func (t *Table) pandas(text string) {
	var meta struct {
		Index []json.RawMessage `json:"index_columns"`
	}
	if json.Unmarshal([]byte(text), &meta) != nil {
		return
	}
	for _, raw := range meta.Index {
		var name string
		if json.Unmarshal(raw, &name) == nil {
			t.Index = append(t.Index, name)
		}
	}
}

// tile is how many columns are read together, so that what they write in a row is next
// to each other; stretch is how many rows at once.
const tile, stretch = 16, 1024

// Numbers reads columns into x, rows × columns, over cores.
func (t *Table) Numbers(ctx context.Context, columns []int, tell func(done, total int), x []float32) error {
	if len(x) != t.Rows*len(columns) {
		return fmt.Errorf("columns: %d values for %d × %d", len(x), t.Rows, len(columns))
	}
	wide := tile
	for _, n := range t.parts {
		for wide > 2 && n*wide > 1<<18 { // long pages and batches
			wide /= 2
		}
	}
	tiles := (len(columns) + wide - 1) / wide
	starts := make([]int, len(t.parts))
	for i := 1; i < len(starts); i++ {
		starts[i] = starts[i-1] + t.parts[i-1]
	}
	jobs := len(t.parts) * tiles
	var at atomic.Int64
	var mu sync.Mutex
	var first error
	firstAt, done := jobs, 0
	var wg sync.WaitGroup
	for range min(jobs, max(1, runtime.GOMAXPROCS(0))) {
		wg.Go(func() {
			s, buf := &scratch{}, make([]float64, wide*stretch)
			for {
				j := int(at.Add(1)) - 1
				if j >= jobs {
					return
				}
				part, lo := j/tiles, j%tiles*wide
				err := ctx.Err()
				if err == nil {
					err = t.tile(part, columns[lo:min(lo+wide, len(columns))], s, buf, x[starts[part]*len(columns)+lo:], len(columns))
				}
				mu.Lock()
				if done++; err != nil {
					if j < firstAt {
						first, firstAt = err, j
					}
					at.Store(int64(jobs))
				} else if tell != nil && done&15 == 0 {
					tell(done, jobs)
				}
				mu.Unlock()
			}
		})
	}
	wg.Wait()
	return t.damaged(first)
}

// tile reads some columns of a part to x, whose rows are width apart.
func (t *Table) tile(part int, columns []int, s *scratch, buf []float64, x []float32, width int) error {
	s.used = 0
	streams := make([]stream, len(columns))
	for k, c := range columns {
		var err error
		if streams[k], err = t.numbers(part, c, s); err != nil {
			return fmt.Errorf("column %s: %w", t.Columns[c].Name, err)
		}
	}
	for lo := 0; lo < t.parts[part]; lo += stretch {
		n := min(stretch, t.parts[part]-lo)
		for k, c := range columns {
			if err := streams[k].next(buf[k*stretch:][:n]); err != nil {
				return fmt.Errorf("column %s: %w", t.Columns[c].Name, err)
			}
		}
		for i := range n {
			row := x[(lo+i)*width:][:len(columns)]
			for k := range row {
				row[k] = float32(buf[k*stretch+i])
			}
		}
	}
	return nil
}

// Texts reads a column as text, "" where it is missing.
func (t *Table) Texts(ctx context.Context, column int) ([]string, error) {
	c := t.Columns[column]
	var out []string
	for part, n := range t.parts {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		before := len(out)
		var err error
		if c.Kind == Number || c.Kind == Flag {
			out, err = t.shown(part, column, n, out)
		} else if c.Kind == Text {
			err = t.texts(part, column, func(s string, ok bool) {
				if !ok {
					s = ""
				}
				out = append(out, s)
			})
		} else {
			err = fault.New("the column "+c.Name+" holds neither text nor numbers", t.path, "")
		}
		if err == nil && len(out) != before+n {
			err = fmt.Errorf("it has %d values for %d rows", len(out)-before, n)
		}
		if err != nil {
			return nil, t.damaged(fmt.Errorf("column %s: %w", c.Name, err))
		}
	}
	return out, nil
}

// shown are numbers as text.
func (t *Table) shown(part, column, n int, to []string) ([]string, error) {
	c := t.Columns[column]
	s, err := t.numbers(part, column, &scratch{})
	if err != nil {
		return nil, err
	}
	buf := make([]float64, stretch)
	for lo := 0; lo < n; lo += stretch {
		k := min(stretch, n-lo)
		if err := s.next(buf[:k]); err != nil {
			return nil, err
		}
		for _, v := range buf[:k] {
			switch {
			case v != v:
				to = append(to, "")
			case c.Kind == Flag:
				to = append(to, map[bool]string{false: "False", true: "True"}[v != 0])
			case c.Whole:
				to = append(to, strconv.FormatFloat(v, 'f', 0, 64))
			default:
				to = append(to, strconv.FormatFloat(v, 'g', -1, max(32, c.bits)))
			}
		}
	}
	return to, nil
}
