package datasets

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/gxlab/gxlab/gx/fault"
)

// GeneMap reads which name of a gene stands for which from a table with a header:
// the column from to the column to, whatever their case. Without names it is from the
// first column to the one of symbols, as in Broad's .chip files. The file may be
// gzipped or packed with zstd.
//
// A name that stands for several genes (in several lines, or as "A /// B") is left
// out, for it measures neither. Empty names and "---" are none.
func GeneMap(path string, columns ...string) (map[string]string, error) {
	t, err := readRagged(path)
	if err != nil {
		return nil, err
	}
	from, to := 0, slices.IndexFunc(t.head, func(h string) bool { return strings.Contains(strings.ToLower(h), "symbol") })
	if len(columns) > 0 && len(columns) != 2 {
		return nil, fault.New(fmt.Sprintf("%d columns", len(columns)), path, "two, from and to, or none")
	}
	if len(columns) == 2 {
		for i, at := range []*int{&from, &to} {
			*at = slices.IndexFunc(t.head, func(h string) bool { return strings.EqualFold(h, columns[i]) })
			if *at < 0 {
				return nil, fault.New(fmt.Sprintf("there is no column %q", columns[i]), path, "one of "+strings.Join(t.head, ", "))
			}
		}
	}
	if to < 0 || to == from {
		return nil, fault.New("no column is named for symbols", path, `the columns' names, such as GeneMap(path, "ensembl", "symbol"); it has `+strings.Join(t.head, ", "))
	}
	out, several := map[string]string{}, map[string]bool{}
	for _, r := range t.rows {
		id, gene := r[from], oneGene(r[to])
		if id == "" || gene == "" {
			several[id] = several[id] || strings.Contains(r[to], "///")
			continue
		}
		if had, ok := out[id]; ok && had != gene {
			several[id] = true
		}
		out[id] = gene
	}
	for id := range several {
		if several[id] {
			delete(out, id)
		}
	}
	if len(out) == 0 {
		return nil, fault.New("no line names both", path, "columns that are filled")
	}
	return out, nil
}

// oneGene is a field's gene, "" where it names none or several.
func oneGene(field string) string {
	var one string
	for g := range strings.SplitSeq(field, "///") {
		g = strings.TrimSpace(g)
		if g == "" || g == "---" || g == one {
			continue
		}
		if one != "" {
			return ""
		}
		one = g
	}
	return one
}

// readRagged reads a table of text whose columns at the end may have neither name nor
// text.
func readRagged(path string) (*textTable, error) {
	l, err := openLines(path)
	if err != nil {
		return nil, err
	}
	defer l.close()
	line, err := l.needed("a header")
	if err != nil {
		return nil, err
	}
	t := &textTable{}
	if t.head, err = l.names(line); err != nil {
		return nil, err
	}
	for {
		line, err := l.next()
		if err != nil {
			if rest := t.trim(); rest != nil {
				return nil, fault.At(rest, path)
			}
			return t, unlessEnd(err)
		}
		row, err := l.names(line)
		if err != nil {
			return nil, err
		}
		for len(row) > len(t.head) && row[len(row)-1] == "" {
			row = row[:len(row)-1]
		}
		if len(row) > len(t.head) || len(row) < len(t.head)-1 {
			return nil, ragged(l.at(), len(row), len(t.head))
		}
		for len(row) < len(t.head) {
			row = append(row, "")
		}
		t.rows = append(t.rows, row)
	}
}

// trim leaves out columns at the end that have neither name nor text.
func (t *textTable) trim() error {
	for len(t.head) > 0 && t.head[len(t.head)-1] == "" {
		c := len(t.head) - 1
		for _, r := range t.rows {
			if r[c] != "" {
				return fault.New(fmt.Sprintf("column %d has values and no name", c+1), "", "a name for every column")
			}
		}
		t.head = t.head[:c]
		for i := range t.rows {
			t.rows[i] = t.rows[i][:c]
		}
	}
	return nil
}

// unlessEnd is err, but nil at the end of a file.
func unlessEnd(err error) error {
	if errors.Is(err, io.EOF) {
		return nil
	}
	return err
}
