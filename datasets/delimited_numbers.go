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
// they were read in until rows or columns are asked for.
type numbers struct {
	rows, cols []string
	parts      []*part
}

// part is some lines of a table: their text, then their names and values.
type part struct {
	text   []byte
	ends   []int // of each line within text
	lines  []int // each line's number in the file
	names  []string
	values []float32
	err    error
}

// partSize is how much text is read as one part.
const partSize = 1 << 18

// readNumbers reads a table of numbers: a header, and a name first in every line.
// One goroutine cuts lines, others read them; the result and the first error do
// not depend on how many.
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
	for _, f := range fields(first, l.delim, nil) {
		n, err := name(f, l.at())
		if err != nil {
			return nil, err
		}
		t.cols = append(t.cols, n)
	}
	err = t.read(ctx, l, tell)
	for _, p := range t.parts { // the first in the file, whoever met it first
		if p.err != nil {
			return nil, p.err
		}
	}
	if err != nil {
		return nil, err
	}
	for _, p := range t.parts {
		t.rows = append(t.rows, p.names...)
	}
	if len(t.rows) == 0 || len(t.cols) == 0 {
		return nil, fault.New("the table has a header and no values", path, "a header line and a line for each sample or gene")
	}
	return t, nil
}

// read reads the lines after the header.
func (t *numbers) read(ctx context.Context, l *lines, tell gx.Tell) error {
	work := make(chan *part, 4)
	var wg sync.WaitGroup
	var failed atomic.Bool
	started := false
	start := func() {
		started = true
		for range max(1, runtime.GOMAXPROCS(0)) {
			wg.Go(func() {
				for p := range work {
					if p.read(l.path, l.delim, t.cols); p.err != nil {
						failed.Store(true)
					}
				}
			})
		}
	}
	defer wg.Wait()
	defer close(work)
	fresh := func() *part { return &part{text: make([]byte, 0, partSize+partSize/4)} }
	for p := fresh(); ; {
		line, err := l.next()
		if err == nil {
			if !started { // the header's width is known with the first line after it
				if err := t.header(l, line); err != nil {
					return err
				}
				start()
			}
			p.text = append(p.text, line...)
			p.ends = append(p.ends, len(p.text))
			p.lines = append(p.lines, l.line)
		}
		if len(p.ends) > 0 && (err != nil || len(p.text) >= partSize) {
			t.parts = append(t.parts, p)
			work <- p
			p = fresh()
			if err := ctx.Err(); err != nil {
				return err
			}
			if tell != nil && l.total > 0 {
				tell("reading "+l.path, int(l.count.n.Load()*1000/l.total), 1000)
			}
		}
		if errors.Is(err, io.EOF) || failed.Load() {
			return nil
		}
		if err != nil {
			return err
		}
	}
}

// header settles whether the first name of the header names the column of names;
// R writes none for it.
func (t *numbers) header(l *lines, line []byte) error {
	switch n := len(fields(line, l.delim, nil)); n {
	case len(t.cols):
		t.cols = t.cols[1:]
	case len(t.cols) + 1:
	default:
		return ragged(l.at(), n, len(t.cols))
	}
	return nil
}

// read reads the part's lines.
func (p *part) read(path string, delim byte, cols []string) {
	p.names = make([]string, 0, len(p.ends))
	p.values = make([]float32, 0, min(len(p.ends)*len(cols), len(p.text)))
	lo := 0
	var fs [][]byte
	for i, hi := range p.ends {
		line := p.text[lo:hi]
		lo = hi
		before := len(p.values)
		// Most lines hold plain decimals and no quotes.
		k := bytes.IndexByte(line, delim)
		if k > 0 && line[0] != '"' {
			if v, ok := decimals(line[k+1:], delim, p.values); ok && len(v) == before+len(cols) {
				n, err := name(line[:k], fmt.Sprintf("%s, line %d", path, p.lines[i]))
				if err != nil {
					p.err = err
					return
				}
				p.names, p.values = append(p.names, n), v
				continue
			}
		}
		where := fmt.Sprintf("%s, line %d", path, p.lines[i])
		if fs = fields(line, delim, fs); len(fs) != len(cols)+1 {
			p.err = ragged(where, len(fs), len(cols)+1)
			return
		}
		n, err := name(fs[0], where)
		if err != nil {
			p.err = err
			return
		}
		p.names = append(p.names, n)
		for c, f := range fs[1:] {
			v, ok := parse(f)
			if !ok {
				what, try := notNumber(f)
				p.err = fault.New(what, fmt.Sprintf("%s, column %d: row %s, column %s", where, c+2, n, cols[c]), try)
				return
			}
			p.values = append(p.values, v)
		}
	}
	p.text, p.ends, p.lines = nil, nil, nil
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
		t.parts[b] = nil
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
		t.parts[b] = nil
	}
	return out
}
