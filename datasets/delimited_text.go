package datasets

import (
	"context"
	"errors"
	"io"

	"github.com/gxlab/gxlab/gx/fault"
	"github.com/gxlab/gxlab/gx/frame"
)

// ReadTable reads a table of text, such as labels of samples or of genes: TSV or CSV
// with a header line, plain, gzipped or packed with zstd; a Parquet, Arrow or Feather
// file; a data frame of R; or the samples' labels of an h5ad file. pandas' index, R's
// row names or else the first column names the rows.
func ReadTable(path string) (*frame.Table, error) {
	t, err := readLabels(path)
	if err != nil {
		return nil, err
	}
	return t.named(path)
}

// named is the table with its first column as the names of its rows.
func (t *textTable) named(path string) (*frame.Table, error) {
	ids := t.column(0)
	if err := unique(ids, "row", path); err != nil {
		return nil, err
	}
	return t.frame(0, ids, nil)
}

// textTable is a table of text.
type textTable struct {
	head []string
	rows [][]string
}

func (t *textTable) column(c int) []string {
	out := make([]string, len(t.rows))
	for i, r := range t.rows {
		out[i] = r[c]
	}
	return out
}

// frame is the table with rows named ids, which stand in column id, in the order
// given (nil: as they are).
func (t *textTable) frame(id int, ids []string, order []int) (*frame.Table, error) {
	out := frame.New(ids)
	for c, h := range t.head {
		if c == id {
			continue
		}
		v := make([]string, len(ids))
		for k := range v {
			r := k
			if order != nil {
				r = order[k]
			}
			v[k] = t.rows[r][c]
		}
		var err error
		if out, err = out.With(h, v); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// readLabels reads a table of text: a delimited one, or the labels of a file of a format
// that holds some.
func readLabels(path string) (*textTable, error) {
	f, err := formatOf(path)
	if err != nil {
		return nil, err
	}
	if f != nil && f.table != nil {
		return f.table(context.Background(), path)
	}
	return readText(path)
}

// readText reads a delimited table of text with a header line.
func readText(path string) (*textTable, error) {
	l, err := openLines(path)
	if err != nil {
		return nil, err
	}
	defer l.close()
	t := &textTable{}
	var fs [][]byte
	for {
		line, err := l.next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, err
		}
		fs = fields(line, l.delim, fs)
		row := make([]string, len(fs))
		for c, f := range fs {
			if row[c], err = name(f, l.here()); err != nil {
				return nil, err
			}
		}
		switch {
		case t.head == nil:
			t.head = row
		case len(t.rows) == 0 && len(row) == len(t.head)+1: // R's way without a name for row names
			t.head = append([]string{"sample"}, t.head...)
			t.rows = append(t.rows, row)
		case len(row) != len(t.head):
			return nil, ragged(l.at(), len(row), len(t.head))
		default:
			t.rows = append(t.rows, row)
		}
	}
	if len(t.rows) == 0 {
		return nil, fault.New("the table has a header at most", path, "a header line and a line for each sample")
	}
	if err := t.trim(); err != nil {
		return nil, fault.At(err, path)
	}
	if t.head[0] == "" { // pandas' way
		t.head[0] = "sample"
	}
	return t, unique(t.head, "label", path)
}

// withTexts is the table of rows of text named ids, with columns of those names; of
// names that stand twice the second gets -1.
func withTexts(ids, names []string, rows [][]string) (*frame.Table, error) {
	t := frame.New(ids)
	names, _ = distinct(names, "column")
	for c, n := range names {
		v := make([]string, len(ids))
		for i := range v {
			v[i] = rows[i][c]
		}
		var err error
		if t, err = t.With(n, v); err != nil {
			return nil, err
		}
	}
	return t, nil
}
