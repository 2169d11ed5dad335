package plotting

import (
	"fmt"
	"math"
	"sort"
)

// Group is a named set of values, such as one error a test sample.
type Group struct {
	Name   string
	Values []float64
}

// Comparison is the p value of a test between the groups with indices A and B.
type Comparison struct {
	A, B int
	P    float64
}

// Boxes draws a box plot of each group: the median, the box from the first to the
// third quartile, whiskers to the last value within 1.5 boxes of it, and what lies
// beyond as dots; of twelve values or fewer every one is a dot. Comparisons are drawn as brackets with their p. On a logarithmic
// axis (LogY) quartiles and whiskers are those of the logarithms. label names the
// values and their unit.
func Boxes(label string, groups []Group, tests ...Comparison) Figure {
	cols := make([]vgNRGBA, len(groups))
	for i := range cols {
		cols[i] = colour(i)
	}
	return boxes(label, groups, cols, tests)
}

// boxes draws the groups in given colours.
func boxes(label string, groups []Group, cols []vgNRGBA, tests []Comparison) Figure {
	f := Figure{name: "boxes"}
	if len(groups) == 0 {
		f.err = bad("Boxes has no groups", `[]plotting.Group{{Name: "PCA", Values: errors}}`)
		return f
	}
	c := chart{ay: axis{label: label}, h: 65}
	same := true
	for _, g := range groups {
		same = same && len(g.Values) == len(groups[0].Values)
	}
	for i, g := range groups {
		if len(g.Values) == 0 {
			f.err = bad(fmt.Sprintf("group %q is empty", g.Name), "at least one value in every group")
			return f
		}
		if f.err = finite(fmt.Sprintf("group %q", g.Name), "its values", g.Values); f.err != nil {
			return f
		}
		name := g.Name
		if !same {
			name = fmt.Sprintf("%s (n = %d)", g.Name, len(g.Values))
		}
		c.ax.names = append(c.ax.names, name)
		sorted := append([]float64(nil), g.Values...)
		sort.Float64s(sorted)
		c.marks = append(c.marks, boxPlot{x: float64(i), sorted: sorted, col: cols[i]})
	}
	if same {
		c.ax.label = fmt.Sprintf("n = %d each", len(groups[0].Values))
	}
	b := &brackets{}
	for _, t := range tests {
		if t.A < 0 || t.B < 0 || t.A >= len(groups) || t.B >= len(groups) || t.A == t.B {
			f.err = bad(fmt.Sprintf("a comparison of groups %d and %d, of %d groups", t.A, t.B, len(groups)), "two different indices from 0")
			return f
		}
		if !math.IsNaN(t.P) {
			b.tests = append(b.tests, t)
		}
	}
	if len(b.tests) > 0 {
		c.marks = append(c.marks, b)
		c.above = float64(len(b.tests))*bracketHeight + 2
	}
	f.body = c
	return f
}

// boxPlot is one box, at x, of sorted values.
type boxPlot struct {
	x      float64
	sorted []float64
	col    vgNRGBA
	half   float64 // half its width; 0: what suits one box a group
}

func (b boxPlot) extent(_, _ bool) (x0, x1, y0, y1 float64) {
	return b.x, b.x, b.sorted[0], b.sorted[len(b.sorted)-1]
}

// quantile interpolates between sorted values, as R's default (type 7) does.
func quantile(sorted []float64, q float64) float64 {
	h := q * float64(len(sorted)-1)
	i := int(h)
	if i+1 >= len(sorted) {
		return sorted[len(sorted)-1]
	}
	return sorted[i] + (h-float64(i))*(sorted[i+1]-sorted[i])
}

func (b boxPlot) draw(p pen, f frame) {
	vs := b.sorted
	back := func(v float64) float64 { return v }
	if f.ay.log {
		vs = make([]float64, len(b.sorted))
		for i, v := range b.sorted {
			vs[i] = math.Log10(v)
		}
		back = func(v float64) float64 { return math.Pow(10, v) }
	}
	q1, q2, q3 := quantile(vs, 0.25), quantile(vs, 0.5), quantile(vs, 0.75)
	lo, hi := q1, q3
	out := points{marker: 0, r: 0.8, col: shade(b.col, 0.2)}
	for _, v := range vs {
		inside := v >= q1-1.5*(q3-q1) && v <= q3+1.5*(q3-q1)
		if inside {
			lo, hi = min(lo, v), max(hi, v)
		}
		if !inside || len(vs) <= fewValues {
			out.xs, out.ys = append(out.xs, b.x), append(out.ys, back(v))
		}
	}
	at := func(v float64) float64 { return min(max(f.Y(back(v)), f.y0), f.y1) }
	x := f.X(b.x)
	half := 0.3
	if b.half > 0 {
		half = b.half
	}
	half = min(half*(f.X(b.x+1)-x), 11)
	rim := line{col: black, width: 0.6}
	p.segment(x, at(lo), x, at(q1), rim)
	p.segment(x, at(q3), x, at(hi), rim)
	p.segment(x-half/2, at(lo), x+half/2, at(lo), rim)
	p.segment(x-half/2, at(hi), x+half/2, at(hi), rim)
	p.rect(box{x - half, at(q1), x + half, at(q3)}, tint(b.col, 0.55), rim)
	p.segment(x-half, at(q2), x+half, at(q2), line{col: black, width: 1.4})
	out.draw(p, f)
}

// fewValues are so few that a box alone would pretend to know more: each is drawn.
const fewValues = 12

// bracketHeight is the room of one bracket with its p, in points.
const bracketHeight = 13.5

// brackets join compared groups above the plot.
type brackets struct{ tests []Comparison }

func (b *brackets) extent(_, _ bool) (x0, x1, y0, y1 float64) { return anywhere() }

func (b *brackets) draw(p pen, f frame) {
	for i, t := range b.tests {
		y := f.y1 + 4 + bracketHeight*float64(i)
		x0, x1 := f.X(float64(t.A)), f.X(float64(t.B))
		p.segment(x0, y, x1, y, thin)
		p.segment(x0, y, x0, y-2, thin)
		p.segment(x1, y, x1, y-2, thin)
		p.text((x0+x1)/2, y+1.2, pText(t.P), words{size: tickSize, across: middle, up: after})
	}
}

// pText writes a p value; below 10⁻¹⁵ no reader tells the difference.
func pText(p float64) string {
	switch {
	case p < 1e-15:
		return "p < 10⁻¹⁵"
	case p < 1e-3:
		e := int(math.Floor(math.Log10(p)))
		m := math.Round(p / math.Pow(10, float64(e)))
		if m >= 10 {
			m, e = 1, e+1
		}
		return fmt.Sprintf("p = %g×10%s", m, superscript(e))
	case p < 0.1:
		return fmt.Sprintf("p = %.3f", p)
	default:
		return fmt.Sprintf("p = %.2f", p)
	}
}
