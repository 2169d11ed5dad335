package plotting

import (
	"fmt"
	"math"
	"sort"
)

// Densities draws how values of each group are spread, as smooth lines whose areas are
// 1: a kernel density with a normal kernel of Silverman's width, 0.9 · min(SD, IQR/1.34)
// · n^(−1/5), cut at the least and greatest value. Broken lines stand at the means.
// label names the values and their unit.
func Densities(label string, groups ...Group) Figure {
	f := Figure{name: "densities"}
	if len(groups) == 0 {
		f.err = bad("Densities has no groups", `plotting.Densities("MAE (log₂)", plotting.Group{Name: "ours", Values: maes})`)
		return f
	}
	c := chart{ax: axis{label: label}, ay: axis{label: "Density", zero: true}, h: 55}
	for i, g := range groups {
		if len(g.Values) == 0 {
			f.err = bad(fmt.Sprintf("group %q is empty", g.Name), "at least one value in every group")
			return f
		}
		if f.err = finite(fmt.Sprintf("group %q", g.Name), "its values", g.Values); f.err != nil {
			return f
		}
		xs, ys, mean := density(g.Values)
		l := line{col: colour(i), width: 1, dash: dash(i)}
		c.marks = append(c.marks, curve{xs: xs, ys: ys, line: l}, stem{mean, xs, ys, line{col: colour(i), width: 0.6, dash: []float64{2, 2}}})
		if g.Name != "" {
			c.legend = append(c.legend, entry{name: fmt.Sprintf("%s (mean %s)", g.Name, short(mean)), line: l})
		}
	}
	f.body = c
	return f
}

// density is a kernel density on a grid, and the mean.
func density(values []float64) (xs, ys []float64, mean float64) {
	vs := append([]float64(nil), values...)
	sort.Float64s(vs)
	n, square := float64(len(vs)), 0.0
	for _, v := range vs {
		mean += v / n
	}
	for _, v := range vs {
		square += (v - mean) * (v - mean)
	}
	width := math.Sqrt(square / max(n-1, 1))
	if iqr := (quantile(vs, 0.75) - quantile(vs, 0.25)) / 1.34; iqr > 0 {
		width = min(width, iqr)
	}
	if width *= 0.9 * math.Pow(n, -0.2); width == 0 {
		width = max(math.Abs(mean), 1) / 100
	}
	lo, hi := vs[0], vs[len(vs)-1]
	if lo == hi {
		lo, hi = lo-3*width, hi+3*width
	}
	const steps = 200
	for s := range steps + 1 {
		x, y := lo+(hi-lo)*float64(s)/steps, 0.0
		from := sort.SearchFloat64s(vs, x-6*width)
		for _, v := range vs[from:] {
			if v > x+6*width {
				break
			}
			z := (v - x) / width
			y += math.Exp(-z * z / 2)
		}
		xs, ys = append(xs, x), append(ys, y/(n*width*math.Sqrt(2*math.Pi)))
	}
	return xs, ys, mean
}

// stem is a vertical line from the axis up to a curve.
type stem struct {
	x      float64
	xs, ys []float64
	line   line
}

func (s stem) extent(_, _ bool) (x0, x1, y0, y1 float64) { return anywhere() }

func (s stem) draw(p pen, f frame) {
	i := min(max(sort.SearchFloat64s(s.xs, s.x), 0), len(s.xs)-1)
	if x := f.X(s.x); f.holds(x, f.y0) {
		p.segment(x, f.y0, x, min(f.Y(s.ys[i]), f.y1), s.line)
	}
}
