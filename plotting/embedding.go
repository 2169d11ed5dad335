package plotting

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/maruel/natural"
)

// Embedding draws samples in two dimensions, such as the first principal components
// of their codes, one colour and marker a label. Labels stand in the order of their
// names, numbers in them by size, so that figures of the same labels have the same
// colours. labels may be nil.
func Embedding(xs, ys []float64, labels []string) Figure {
	f := Figure{name: "embedding"}
	switch {
	case len(xs) == 0:
		f.err = bad("Embedding has no samples", "one x and one y a sample")
	case len(xs) != len(ys) || labels != nil && len(labels) != len(xs):
		f.err = bad(fmt.Sprintf("Embedding has %d x, %d y and %d labels", len(xs), len(ys), len(labels)), "one of each a sample")
	}
	for i, vs := range [...][]float64{xs, ys} {
		if f.err == nil {
			f.err = finite("Embedding", [...]string{"x", "y"}[i], vs)
		}
	}
	if f.err != nil {
		return f
	}
	c := chart{ax: axis{label: "Dimension 1"}, ay: axis{label: "Dimension 2"}}
	if labels == nil {
		labels = make([]string, len(xs))
	}
	names := inOrder(labels)
	groups := map[string]*points{}
	for k, name := range names {
		col := colour(k)
		g := &points{marker: k, r: 1.6, col: col, rim: shade(col, 0.45)}
		if k/len(palette)%2 == 1 { // the second round of colours is open
			g.col, g.rim, g.rimWidth = tint(col, 0.15), shade(col, 0.25), 0.8
		}
		groups[name] = g
	}
	for i, name := range labels {
		g := groups[name]
		g.xs, g.ys = append(g.xs, xs[i]), append(g.ys, ys[i])
	}
	for _, n := range names {
		g := groups[n]
		c.marks = append(c.marks, *g)
		if n != "" {
			c.legend = append(c.legend, entry{name: n, marker: g.marker, fill: g.col, rim: line{col: g.rim, width: g.rimWidth}})
		}
	}
	c.right = len(names) > 4
	c.h = max(60, float64(len(names))*rowHeight/mm+14)
	f.body = c
	return f
}

// Heat draws a matrix as colours, white for the least value and dark for the
// greatest, with the scale beside it; scale names the values. names label its rows
// and columns: neighbours of the same name, such as the samples of a tissue, share
// one label. names may be nil.
func Heat(values [][]float64, names []string, scale string) Figure {
	f := Figure{name: "heat"}
	n := len(values)
	if n == 0 {
		f.err = bad("Heat has no values", "a matrix of at least one row")
		return f
	}
	if names != nil && len(names) != n {
		f.err = bad(fmt.Sprintf("Heat has %d rows and %d names", n, len(names)), "one name a row")
		return f
	}
	lo, hi := math.Inf(1), math.Inf(-1)
	for i, row := range values {
		if len(row) != len(values[0]) || len(row) == 0 {
			f.err = bad(fmt.Sprintf("row %d has %d values, the first has %d", i+1, len(row), len(values[0])), "rows of one length")
			return f
		}
		if f.err = finite(fmt.Sprintf("row %d of Heat", i+1), "its values", row); f.err != nil {
			return f
		}
		lo, hi = min(lo, slices.Min(row)), max(hi, slices.Max(row))
	}
	f.body = heat{values: values, names: names, scale: scale, lo: lo, hi: hi}
	return f
}

// inOrder are the different labels by name, numbers in them by size.
func inOrder(labels []string) []string {
	names := slices.Clone(labels)
	slices.SortFunc(names, func(a, b string) int {
		return cmp.Or(natural.Compare(strings.ToLower(a), strings.ToLower(b)), strings.Compare(a, b))
	})
	return slices.Compact(names)
}
