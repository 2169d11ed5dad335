package datasets

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"runtime"
	"sync"
	"sync/atomic"

	"github.com/gxlab/gxlab/gx"
	"github.com/gxlab/gxlab/gx/fault"
	"github.com/gxlab/gxlab/gx/prep"
)

// numbers is a table of numbers with its names. The values stay in the parts that
// they were read in until rows or columns are asked for, or release lets them go.
type numbers struct {
	rows, cols []string
	lead       [][]string // of every row, the texts after its name
	parts      []*part
}

// layout is how a table of numbers stands in a file.
type layout struct {
	lead int    // how many texts stand before the values in every line: its name first
	bare bool   // the header may lack a name for the names, as R writes it
	stop string // the line that ends the table; "" where the file does
}

// part is some lines of a table: their text, then their names and values.
type part struct {
	*page
	names    []string
	lead     [][]string
	values   []float32
	giveBack func()
	err      error
}

// page is the text of a part; pages are used again.
type page struct {
	text  []byte
	ends  []int // of each line within text
	lines []int // each line's number in the file
}

// partSize is how much text is read as one part.
const partSize = 1 << 19

// readNumbers reads a table of numbers: a header, and a name first in every line.
func readNumbers(ctx context.Context, path string, tell gx.Tell) (*numbers, error) {
	l, err := openLines(path)
	if err != nil {
		return nil, err
	}
	defer l.close()
	first, err := l.next()
	if errors.Is(err, io.EOF) {
		return nil, fault.New("the file holds empty lines alone", path, "a table with a header line")
	}
	if err != nil {
		return nil, err
	}
	t := &numbers{}
	if t.cols, err = l.names(first); err != nil {
		return nil, err
	}
	if err := t.read(ctx, l, layout{lead: 1, bare: true}, tell); err != nil {
		return nil, err
	}
	return t, nil
}

// names are a line's fields as names.
func (l *lines) names(line []byte) ([]string, error) {
	fs := fields(line, l.delim, nil)
	out := make([]string, len(fs))
	for i, f := range fs {
		var err error
		if out[i], err = name(f, l.here()); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// read reads the lines after the header. One goroutine cuts lines, others read
// them; the result and the first error do not depend on how many.
func (t *numbers) read(ctx context.Context, l *lines, y layout, tell gx.Tell) error {
	err := t.cut(ctx, l, y, tell)
	for _, p := range t.parts { // the first in the file, whoever met it first
		if p.err != nil {
			err = p.err
			break
		}
	}
	if err != nil {
		t.release()
		return err
	}
	for _, p := range t.parts {
		t.rows = append(t.rows, p.names...)
		t.lead = append(t.lead, p.lead...)
	}
	if len(t.rows) == 0 || len(t.cols) == 0 {
		t.release()
		return fault.New("the table has a header and no values", l.path, "a header line and a line for each sample or gene")
	}
	return nil
}

// cut gives the lines out in parts.
func (t *numbers) cut(ctx context.Context, l *lines, y layout, tell gx.Tell) error {
	cores := max(1, runtime.GOMAXPROCS(0))
	work, pages := make(chan *part), make(chan *page, cores+1)
	for range cap(pages) {
		pages <- &page{}
	}
	var wg sync.WaitGroup
	var failed atomic.Bool
	start := func() {
		for range cores {
			wg.Go(func() {
				for p := range work {
					if p.read(l.path, l.delim, t.cols, y.lead); p.err != nil {
						failed.Store(true)
					}
					pages <- p.page
					p.page = nil
				}
			})
		}
	}
	defer wg.Wait()
	defer close(work)
	p := &part{page: <-pages}
	p.clear()
	for begun := false; ; {
		line, err := l.next()
		if err == nil && y.stop != "" && string(bytes.TrimSpace(line)) == y.stop {
			err = io.EOF
		} else if y.stop != "" && errors.Is(err, io.EOF) {
			return fault.New("the file ends before the line "+y.stop, l.at(), "fetching or copying it again: it seems to be cut off")
		}
		if err == nil {
			if !begun { // the header's width is known with the first line after it
				if err := t.header(l, line, y); err != nil {
					return err
				}
				start()
				begun = true
			}
			p.add(line, l.line)
		}
		if len(p.ends) > 0 && (err != nil || len(p.text) >= partSize) {
			t.parts = append(t.parts, p)
			work <- p
			p = &part{page: <-pages}
			p.clear()
			if err := ctx.Err(); err != nil {
				return err
			}
			l.progress(tell)
		}
		if errors.Is(err, io.EOF) || failed.Load() {
			return nil
		}
		if err != nil {
			return err
		}
	}
}

func (p *page) clear() { p.text, p.ends, p.lines = p.text[:0], p.ends[:0], p.lines[:0] }

func (p *page) add(line []byte, number int) {
	if cap(p.text) == 0 {
		p.text = make([]byte, 0, partSize+partSize/2)
	}
	p.text = append(p.text, line...)
	p.ends = append(p.ends, len(p.text))
	p.lines = append(p.lines, number)
}

// header takes the names of the columns of text from the header.
func (t *numbers) header(l *lines, line []byte, y layout) error {
	switch n := len(fields(line, l.delim, nil)); n {
	case len(t.cols):
		t.cols = t.cols[min(y.lead, n):]
	case len(t.cols) + 1:
		if !y.bare {
			return ragged(l.at(), n, len(t.cols))
		}
	default:
		return ragged(l.at(), n, len(t.cols))
	}
	return nil
}

// read reads the part's lines.
func (p *part) read(path string, delim byte, cols []string, lead int) {
	p.names = make([]string, 0, len(p.ends))
	p.values, p.giveBack = shelf(min(len(p.ends)*len(cols), len(p.text)))
	p.values = p.values[:0]
	lo := 0
	var fs [][]byte
	for i, hi := range p.ends {
		line := p.text[lo:hi]
		lo = hi
		where := place{path, p.lines[i]}
		before := len(p.values)
		if lead == 1 && line[0] != '"' { // most lines hold plain decimals and no quotes
			k := bytes.IndexByte(line, delim)
			if v, ok := decimals(line[k+1:], delim, p.values); k > 0 && ok && len(v) == before+len(cols) {
				if p.err = p.row([][]byte{line[:k]}, where); p.err != nil {
					return
				}
				p.values = v
				continue
			}
		}
		if fs = fields(line, delim, fs); len(fs) != len(cols)+lead {
			p.err = ragged(where.String(), len(fs), len(cols)+lead)
			return
		}
		if p.err = p.row(fs[:lead], where); p.err != nil {
			return
		}
		for c, f := range fs[lead:] {
			v, ok := parse(f)
			if !ok {
				what, try := notNumber(f)
				p.err = fault.New(what, fmt.Sprintf("%s, column %d: row %s, column %s", where, c+1+lead, p.names[len(p.names)-1], cols[c]), try)
				return
			}
			p.values = append(p.values, v)
		}
	}
}

// row takes a row's name and the texts after it.
func (p *part) row(texts [][]byte, where place) error {
	n, err := name(texts[0], where)
	if err != nil {
		return err
	}
	p.names = append(p.names, n)
	if len(texts) == 1 {
		return nil
	}
	rest := make([]string, len(texts)-1)
	for i, f := range texts[1:] {
		if rest[i], err = name(f, where); err != nil {
			return err
		}
	}
	p.lead = append(p.lead, rest)
	return nil
}

// release lets the values go.
func (t *numbers) release() {
	for i := range t.parts {
		t.drop(i)
	}
}

func (t *numbers) drop(i int) {
	if p := t.parts[i]; p != nil && p.giveBack != nil {
		p.giveBack()
	}
	t.parts[i] = nil
}

// decimals reads a line of plain decimals; false where it holds anything else.
func decimals(line []byte, delim byte, to []float32) ([]float32, bool) {
	for {
		v, n := decimal(line)
		if n == 0 {
			return to, false
		}
		to = append(to, v)
		if n == len(line) {
			return to, true
		}
		if line[n] != delim {
			return to, false
		}
		line = line[n+1:]
	}
}

// samplesInRows are the rows of index as samples. The table's parts are let go.
func (t *numbers) samplesInRows(index []int) prep.Matrix {
	out := prep.NewMatrix(len(index), len(t.cols))
	to := make([]int, len(t.rows))
	for i := range to {
		to[i] = -1
	}
	for k, i := range index {
		to[i] = k
	}
	row := 0
	for b, p := range t.parts {
		for r := range p.names {
			if k := to[row]; k >= 0 {
				copy(out.Row(k), p.values[r*len(t.cols):])
			}
			row++
		}
		t.drop(b)
	}
	return out
}

// samplesInColumns are the columns of index as samples. The table's parts are let go.
func (t *numbers) samplesInColumns(index []int) prep.Matrix {
	out := prep.NewMatrix(len(index), len(t.rows))
	row := 0
	for b, p := range t.parts {
		for k, c := range index {
			to := out.Row(k)[row : row+len(p.names)]
			for r := range to {
				to[r] = p.values[r*len(t.cols)+c]
			}
		}
		row += len(p.names)
		t.drop(b)
	}
	return out
}
