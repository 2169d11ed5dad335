package frame

import (
	"fmt"
	"math"
	"slices"
	"sort"
	"strconv"
	"strings"

	"github.com/gxlab/gxlab/gx/fault"
)

// Head is the first n rows.
func (t *Table) Head(n int) *Table {
	index := make([]int, max(0, min(n, t.Len())))
	for i := range index {
		index[i] = i
	}
	return t.Rows(index)
}

// Filter is the rows whose value in a column keep wants.
func (t *Table) Filter(column string, keep func(value string) bool) (*Table, error) {
	c, err := t.Column(column)
	if err != nil {
		return nil, err
	}
	var index []int
	for i, v := range c {
		if keep(v) {
			index = append(index, i)
		}
	}
	return t.Rows(index), nil
}

// Where is the rows whose value in a column is one of values.
func (t *Table) Where(column string, values ...string) (*Table, error) {
	return t.Filter(column, func(v string) bool { return slices.Contains(values, v) })
}

// Sort is the table by a column, rising: as numbers where all values are numbers or
// missing, else as text; missing values come last, equals in their old order.
func (t *Table) Sort(column string) (*Table, error) {
	c, err := t.Column(column)
	if err != nil {
		return nil, err
	}
	x, number := Numbers(c)
	index := make([]int, len(c))
	for i := range index {
		index[i] = i
	}
	sort.SliceStable(index, func(a, b int) bool {
		i, j := index[a], index[b]
		switch {
		case c[i] == "" || c[j] == "":
			return c[i] != "" && c[j] == ""
		case number:
			return x[i] < x[j]
		}
		return c[i] < c[j]
	})
	return t.Rows(index), nil
}

// Numbers are texts as numbers, NaN where they are empty; ok says that all others are
// numbers, and that there is one.
func Numbers(values []string) (x []float64, ok bool) {
	x = make([]float64, len(values))
	for i, v := range values {
		if x[i] = math.NaN(); v == "" {
			continue
		}
		f, err := strconv.ParseFloat(strings.TrimSpace(v), 64)
		if err != nil || math.IsNaN(f) {
			return nil, false
		}
		x[i], ok = f, true
	}
	return x, ok
}

// Count is how often each value of a column occurs, the most frequent first: a table
// with a row a value and a column count.
func (t *Table) Count(column string) (*Table, error) {
	levels, err := t.Levels(column)
	if err != nil {
		return nil, err
	}
	sort.SliceStable(levels, func(i, j int) bool { return levels[i].Count > levels[j].Count })
	ids, n := make([]string, len(levels)), make([]string, len(levels))
	for i, l := range levels {
		ids[i], n[i] = l.Value, strconv.Itoa(l.Count)
	}
	return New(ids).With("count", n)
}

// Describe is a row for every column: its type (number, category or text), how many
// values are missing and how many differ, and of numbers mean, standard deviation,
// least, median and greatest, of others the most frequent.
func (t *Table) Describe() (*Table, error) {
	head := []string{"type", "missing", "distinct", "mean", "sd", "min", "median", "max", "most frequent"}
	cells := make([][]string, len(head))
	for _, n := range t.names {
		c := t.cols[n]
		count := map[string]int{}
		missing, top := 0, ""
		for _, v := range c {
			if v == "" {
				missing++
				continue
			}
			count[v]++
			if k := count[v]; k > count[top] || k == count[top] && v < top {
				top = v
			}
		}
		row := make([]string, len(head))
		row[0], row[1], row[2] = kind(c, len(count)), strconv.Itoa(missing), strconv.Itoa(len(count))
		if x, ok := Numbers(c); ok {
			x = slices.DeleteFunc(x, math.IsNaN)
			mean, sd := moments(x)
			slices.Sort(x)
			for i, v := range []float64{mean, sd, x[0], middle(x), x[len(x)-1]} {
				row[3+i] = strconv.FormatFloat(v, 'g', 6, 64)
			}
		} else if top != "" {
			row[8] = fmt.Sprintf("%s (%d)", top, count[top])
		}
		for i, v := range row {
			cells[i] = append(cells[i], v)
		}
	}
	out := New(t.names)
	for i, h := range head {
		var err error
		if cells[i] == nil {
			cells[i] = []string{}
		}
		if out, err = out.With(h, cells[i]); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// kind is what a column holds.
func kind(values []string, distinct int) string {
	if _, ok := Numbers(values); ok {
		return "number"
	}
	if distinct > 0 && distinct <= max(20, len(values)/10) && distinct < len(values) {
		return "category"
	}
	return "text"
}

func moments(x []float64) (mean, sd float64) {
	for _, v := range x {
		mean += v / float64(len(x))
	}
	for _, v := range x {
		sd += (v - mean) * (v - mean)
	}
	return mean, math.Sqrt(sd / float64(len(x)-1))
}

// middle is the median of sorted values.
func middle(x []float64) float64 {
	h := len(x) / 2
	if len(x)%2 == 1 {
		return x[h]
	}
	return (x[h-1] + x[h]) / 2
}

// Groups are the rows of a table by their values in some columns.
type Groups struct {
	of    *Table
	by    []string
	first []int   // a row of each group
	rows  [][]int // of each group, in order
}

// GroupBy groups the rows that have the same values in the columns. Groups stand in
// the order of their values.
func (t *Table) GroupBy(columns ...string) (*Groups, error) {
	if len(columns) == 0 {
		return nil, fault.New("no column to group by", "", "one of "+strings.Join(t.names, ", "))
	}
	var by [][]string
	for _, n := range columns {
		c, err := t.Column(n)
		if err != nil {
			return nil, err
		}
		by = append(by, c)
	}
	g := &Groups{of: t, by: columns}
	at := map[string]int{}
	for i := range t.ids {
		k, ok := at[key(by, i)]
		if !ok {
			k = len(g.rows)
			at[key(by, i)] = k
			g.first, g.rows = append(g.first, i), append(g.rows, nil)
		}
		g.rows[k] = append(g.rows[k], i)
	}
	order := make([]int, len(g.rows))
	for k := range order {
		order[k] = k
	}
	sort.SliceStable(order, func(a, b int) bool {
		for _, c := range by {
			x, y := c[g.first[order[a]]], c[g.first[order[b]]]
			if x != y {
				return x < y
			}
		}
		return false
	})
	first, rows := make([]int, len(order)), make([][]int, len(order))
	for k, o := range order {
		first[k], rows[k] = g.first[o], g.rows[o]
	}
	g.first, g.rows = first, rows
	return g, nil
}

// key is a row's values in some columns.
func key(columns [][]string, i int) string {
	if len(columns) == 1 {
		return columns[0][i]
	}
	var b strings.Builder
	for _, c := range columns {
		fmt.Fprintf(&b, "%d:%s", len(c[i]), c[i])
	}
	return b.String()
}

// Count is a table with a row a group: its values and how many rows it has.
func (g *Groups) Count() (*Table, error) {
	n := make([]string, len(g.rows))
	for k, r := range g.rows {
		n[k] = strconv.Itoa(len(r))
	}
	t, err := g.table()
	if err != nil {
		return nil, err
	}
	return t.With("count", n)
}

// Mean, SD, Median, Min, Max and Sum are tables with a row a group: its values, and
// that of the numbers of a column; missing ones are left out, and a group without
// any has none.
func (g *Groups) Mean(column string) (*Table, error) {
	return g.number("mean", column, func(x []float64) float64 { m, _ := moments(x); return m })
}

// SD is the groups' standard deviation (divisor n − 1).
func (g *Groups) SD(column string) (*Table, error) {
	return g.number("sd", column, func(x []float64) float64 { _, s := moments(x); return s })
}

// Median is the groups' median.
func (g *Groups) Median(column string) (*Table, error) {
	return g.number("median", column, func(x []float64) float64 { slices.Sort(x); return middle(x) })
}

// Min is the groups' least.
func (g *Groups) Min(column string) (*Table, error) { return g.number("min", column, slices.Min) }

// Max is the groups' greatest.
func (g *Groups) Max(column string) (*Table, error) { return g.number("max", column, slices.Max) }

// Sum is the groups' sum.
func (g *Groups) Sum(column string) (*Table, error) {
	return g.number("sum", column, func(x []float64) (s float64) {
		for _, v := range x {
			s += v
		}
		return s
	})
}

// Rows is the table of group k, in the order of Count's rows.
func (g *Groups) Rows(k int) *Table { return g.of.Rows(g.rows[k]) }

// Len is how many groups there are.
func (g *Groups) Len() int { return len(g.rows) }

// table is a row a group, called by its values.
func (g *Groups) table() (*Table, error) {
	ids := make([]string, len(g.first))
	for k, i := range g.first {
		var v []string
		for _, n := range g.by {
			v = append(v, g.of.cols[n][i])
		}
		ids[k] = strings.Join(v, " · ")
	}
	out := New(ids)
	for _, n := range g.by {
		v := make([]string, len(g.first))
		for k, i := range g.first {
			v[k] = g.of.cols[n][i]
		}
		var err error
		if out, err = out.With(n, v); err != nil {
			return nil, err
		}
	}
	return out, nil
}

func (g *Groups) number(what, column string, f func([]float64) float64) (*Table, error) {
	c, err := g.of.Column(column)
	if err != nil {
		return nil, err
	}
	x, ok := Numbers(c)
	if !ok {
		return nil, fault.New(fmt.Sprintf("label %s does not hold numbers", column), "", "a label that does, or Count")
	}
	out := make([]string, len(g.rows))
	for k, rows := range g.rows {
		var v []float64
		for _, i := range rows {
			if !math.IsNaN(x[i]) {
				v = append(v, x[i])
			}
		}
		if len(v) > 0 {
			if r := f(v); !math.IsNaN(r) {
				out[k] = strconv.FormatFloat(r, 'g', -1, 64)
			}
		}
	}
	t, err := g.table()
	if err != nil {
		return nil, err
	}
	return t.With(what+" of "+column, out)
}
