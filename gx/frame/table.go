// Package frame holds labels: a table with one row a sample (or gene), an id per
// row and named columns of text. It is the only package that knows gota; gota
// reads the text "NA" as a missing value, so a Table keeps its text itself and
// gives a gota DataFrame where one is asked for.
package frame

import (
	"fmt"
	"slices"
	"sort"
	"strings"

	"github.com/gxlab/gxlab/gx/fault"
)

// Table is an immutable table of labels.
type Table struct {
	ids   []string
	names []string
	cols  map[string][]string
}

// New is a table of those ids with no columns yet.
func New(ids []string) *Table { return &Table{ids: slices.Clone(ids), cols: map[string][]string{}} }

// With is the table with one more column, or with that column replaced.
func (t *Table) With(name string, values []string) (*Table, error) {
	if len(values) != len(t.ids) {
		return nil, fault.New(fmt.Sprintf("column %s has %d values for %d rows", name, len(values), len(t.ids)), "", "one value per row")
	}
	out := &Table{ids: t.ids, cols: make(map[string][]string, len(t.cols)+1)}
	for k, v := range t.cols {
		out.cols[k] = v
	}
	out.names = append(out.names, t.names...)
	if _, ok := t.cols[name]; !ok {
		out.names = append(out.names, name)
	}
	out.cols[name] = slices.Clone(values)
	return out, nil
}

// Len is the number of rows.
func (t *Table) Len() int { return len(t.ids) }

// IDs are the rows' ids, in order. They must not be changed.
func (t *Table) IDs() []string { return t.ids }

// Names are the columns' names, in order.
func (t *Table) Names() []string { return t.names }

// Has says whether there is a column of that name.
func (t *Table) Has(name string) bool { _, ok := t.cols[name]; return ok }

// Column is a column's values, one a row. They must not be changed.
func (t *Table) Column(name string) ([]string, error) {
	c, ok := t.cols[name]
	if !ok {
		if len(t.names) == 0 {
			return nil, fault.New("there is no label "+quote(name)+": the samples have no labels at all", "", "a table of labels beside the values, as in datasets.Open(values, labels) or -p labels=FILE; some notebooks do without, by -p label=")
		}
		names := slices.Clone(t.names)
		for i, n := range names {
			if strings.ContainsAny(n, ", ") {
				names[i] = quote(n)
			}
		}
		try := "one of " + strings.Join(names, ", ")
		return nil, fault.New("there is no label "+quote(name), "", try)
	}
	return c, nil
}

func quote(s string) string { return fmt.Sprintf("%q", s) }

// Rows is the table of those rows, in that order.
func (t *Table) Rows(index []int) *Table {
	pick := func(from []string) []string {
		out := make([]string, len(index))
		for i, k := range index {
			out[i] = from[k]
		}
		return out
	}
	out := &Table{ids: pick(t.ids), names: t.names, cols: make(map[string][]string, len(t.cols))}
	for n, c := range t.cols {
		out.cols[n] = pick(c)
	}
	return out
}

// A Level is one value of a column and how many rows have it.
type Level struct {
	Value string
	Count int
}

// Levels are a column's distinct values, sorted, with their counts.
func (t *Table) Levels(name string) ([]Level, error) {
	c, err := t.Column(name)
	if err != nil {
		return nil, err
	}
	n := map[string]int{}
	for _, v := range c {
		n[v]++
	}
	out := make([]Level, 0, len(n))
	for v, k := range n {
		out = append(out, Level{v, k})
	}
	sort.Slice(out, func(i, j int) bool { return out[i].Value < out[j].Value })
	return out, nil
}
