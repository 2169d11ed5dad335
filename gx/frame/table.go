// Package frame holds labels: a table with one row a sample (or gene), an id per
// row and named columns of text. It is the only package that knows gota; gota
// reads the text "NA" as a missing value, so a Table keeps its text itself and
// gives a gota DataFrame where one is asked for.
package frame

import (
	"bufio"
	"fmt"
	"html"
	"io"
	"slices"
	"sort"
	"strings"

	"github.com/go-gota/gota/dataframe"
	"github.com/go-gota/gota/series"

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
		try := "labels that have columns"
		if len(t.names) > 0 {
			try = "one of " + strings.Join(t.names, ", ")
		}
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

// DataFrame is the table for gota: the ids as a first column named id, all
// columns text. gota takes "NA" and "NaN" for missing.
func (t *Table) DataFrame() dataframe.DataFrame {
	cols := []series.Series{series.New(t.ids, series.String, "id")}
	for _, n := range t.names {
		cols = append(cols, series.New(t.cols[n], series.String, n))
	}
	return dataframe.New(cols...)
}

// FromDataFrame is the table of a gota DataFrame; the column id names the rows.
func FromDataFrame(df dataframe.DataFrame, id string) (*Table, error) {
	if df.Err != nil {
		return nil, fault.Wrap(df.Err, "a data frame with an error", "", "looking at the step before it")
	}
	var t *Table
	for _, n := range df.Names() {
		if n == id {
			t = New(df.Col(n).Records())
		}
	}
	if t == nil {
		return nil, fault.New("the data frame has no column "+quote(id), "", "one of "+strings.Join(df.Names(), ", "))
	}
	for _, n := range df.Names() {
		if n != id {
			var err error
			if t, err = t.With(n, df.Col(n).Records()); err != nil {
				return nil, err
			}
		}
	}
	return t, nil
}

// head is how many rows HTML shows.
const head = 5

// HTML is the table's first rows and its size, for a notebook.
func (t *Table) HTML() (string, error) {
	var b strings.Builder
	cell := func(tag, s string) {
		fmt.Fprintf(&b, "<%s style=\"text-align:left;padding:1px 8px\">%s</%s>", tag, html.EscapeString(s), tag)
	}
	b.WriteString("<table style=\"border-collapse:collapse;font-size:smaller\"><tr>")
	cell("th", "sample")
	for _, n := range t.names {
		cell("th", n)
	}
	b.WriteString("</tr>")
	for i := range min(head, t.Len()) {
		b.WriteString("<tr>")
		cell("td", t.ids[i])
		for _, n := range t.names {
			cell("td", t.cols[n][i])
		}
		b.WriteString("</tr>")
	}
	fmt.Fprintf(&b, "</table><p style=\"font-size:smaller\">%d rows, %d labels", t.Len(), len(t.names))
	if t.Len() > head {
		fmt.Fprintf(&b, "; the first %d shown", head)
	}
	b.WriteString("</p>")
	return b.String(), nil
}

var escaper = strings.NewReplacer("\\", "\\\\", "\t", "\\t", "\n", "\\n", "\r", "\\r")
var unescaper = strings.NewReplacer("\\\\", "\\", "\\t", "\t", "\\n", "\n", "\\r", "\r")

// WriteTSV writes the table so that ReadTSV gives it back: tabs, line ends and
// backslashes within values are written as \t, \n, \r and \\.
func (t *Table) WriteTSV(w io.Writer) error {
	b := bufio.NewWriter(w)
	b.WriteString("id")
	for _, n := range t.names {
		b.WriteString("\t" + escaper.Replace(n))
	}
	for i, id := range t.ids {
		b.WriteString("\n" + escaper.Replace(id))
		for _, n := range t.names {
			b.WriteString("\t" + escaper.Replace(t.cols[n][i]))
		}
	}
	b.WriteString("\n")
	return b.Flush()
}

// ReadTSV reads what WriteTSV wrote.
func ReadTSV(r io.Reader) (*Table, error) {
	all, err := io.ReadAll(r)
	if err != nil {
		return nil, err
	}
	lines := strings.Split(strings.TrimSuffix(string(all), "\n"), "\n")
	names := strings.Split(lines[0], "\t")[1:]
	cols := make([][]string, len(names))
	var ids []string
	for i, l := range lines[1:] {
		f := strings.Split(l, "\t")
		if len(f) != len(names)+1 {
			return nil, fault.New(fmt.Sprintf("line %d has %d fields for %d columns", i+2, len(f), len(names)+1), "", "")
		}
		ids = append(ids, unescaper.Replace(f[0]))
		for j := range names {
			cols[j] = append(cols[j], unescaper.Replace(f[j+1]))
		}
	}
	t := New(ids)
	for j, n := range names {
		if t, err = t.With(unescaper.Replace(n), cols[j]); err != nil {
			return nil, err
		}
	}
	return t, nil
}
