package plotting

import (
	"fmt"
	"math"
	"slices"
	"strconv"

	"github.com/gxlab/gxlab/gx/stats"
)

// Widths is a number of networks of growing width, such as the R² of deep ones, and
// perhaps the law that was fitted to it.
type Widths struct {
	Name  string
	Width []int
	Value []float64
	Law   *stats.PowerLaw
}

// ByWidth draws a value of networks over their width, each kind a line; a fitted law is
// a thin line of the same colour. label names the value.
func ByWidth(label string, kinds ...Widths) Figure {
	f := Figure{name: "by_width"}
	if len(kinds) == 0 {
		f.err = bad("ByWidth has nothing to draw", `plotting.ByWidth("R²", plotting.Widths{Name: "deep", Width: widths, Value: r2})`)
		return f
	}
	c := chart{ax: axis{label: "Units of a hidden layer", log: true}, ay: axis{label: label}}
	var all []int
	for i, k := range kinds {
		if len(k.Width) != len(k.Value) || len(k.Width) == 0 {
			f.err = bad(fmt.Sprintf("%q has %d widths and %d values", k.Name, len(k.Width), len(k.Value)), "as many of each")
			return f
		}
		if f.err = finite(fmt.Sprintf("%q", k.Name), "its values", k.Value); f.err != nil {
			return f
		}
		xs := make([]float64, len(k.Width))
		for j, w := range k.Width {
			xs[j] = float64(w)
			if !slices.Contains(all, w) {
				all = append(all, w)
			}
		}
		col := colour(i)
		l := line{col: col, width: 1, dash: dash(i)}
		if k.Law != nil {
			var lx, ly []float64
			lo, hi := slices.Min(xs), slices.Max(xs)
			for s := range 41 {
				x := lo * math.Pow(hi/lo, float64(s)/40)
				lx, ly = append(lx, x), append(ly, k.Law.At(x))
			}
			c.marks = append(c.marks, curve{xs: lx, ys: ly, line: line{col: shade(col, 0.3), width: 0.5}})
		}
		c.marks = append(c.marks, curve{xs: xs, ys: k.Value, line: l, marker: i, every: 1})
		c.legend = append(c.legend, entry{name: k.Name, line: l, marker: i, fill: col})
	}
	slices.Sort(all)
	for _, w := range all {
		c.ax.ticks = append(c.ax.ticks, tick{float64(w), strconv.Itoa(w)})
	}
	f.body = c
	return f
}

// Pair is two numbers of one thing, such as the silhouette of a tissue in two spaces.
type Pair struct {
	Name string
	X, Y float64
}

// Paired draws pairs against the diagonal, with a band of ±margin about it in which
// they count as equal; pairs of several kinds, such as tissues and diseases, get a
// colour each.
func Paired(x, y string, margin float64, kinds []string, of ...[]Pair) Figure {
	f := Figure{name: "paired"}
	if len(of) == 0 || len(kinds) != len(of) {
		f.err = bad(fmt.Sprintf("Paired has %d kinds and %d lists of pairs", len(kinds), len(of)), `plotting.Paired("PCA", "autoencoder", 0.1, []string{"tissues"}, pairs)`)
		return f
	}
	c := chart{ax: axis{label: x}, ay: axis{label: y}, square: true, w: 75, h: 75}
	lo, hi := math.Inf(1), math.Inf(-1)
	var dots []mark
	for i, ps := range of {
		col := colour(i)
		d := points{marker: i, r: 2, col: tint(col, 0.7), rim: shade(col, 0.45)}
		for _, p := range ps {
			if f.err = finite(fmt.Sprintf("%q", p.Name), "its pair", []float64{p.X, p.Y}); f.err != nil {
				return f
			}
			d.xs, d.ys = append(d.xs, p.X), append(d.ys, p.Y)
			lo, hi = min(lo, p.X, p.Y), max(hi, p.X, p.Y)
		}
		if len(ps) == 0 {
			continue
		}
		dots = append(dots, d)
		c.legend = append(c.legend, entry{name: kinds[i], marker: i, fill: d.col, rim: line{col: d.rim}})
	}
	if len(dots) == 0 {
		f.err = bad("Paired has no pairs", "at least one")
		return f
	}
	room := max(0.05*(hi-lo), margin, 1e-9)
	lo, hi = lo-room, hi+room
	c.ax.lo, c.ax.hi, c.ax.fixed = lo, hi, true
	c.ay.lo, c.ay.hi, c.ay.fixed = lo, hi, true
	c.ax.pad, c.ay.pad = -1, -1
	ends := []float64{lo, hi}
	if margin > 0 {
		xs := []float64{lo, lo + margin, hi - margin, hi}
		c.marks = append(c.marks, ribbon{xs, []float64{lo, lo, hi - 2*margin, hi - margin}, []float64{lo + margin, lo + 2*margin, hi, hi}, tint(pale, 0.5)})
	}
	c.marks = append(c.marks, curve{xs: ends, ys: ends, line: line{col: black, width: 0.5}})
	c.marks = append(c.marks, dots...)
	f.body = c
	return f
}

// Tested is one of several tests done in every group, such as of a disease's genes at
// one layer of a network.
type Tested struct {
	Name string
	P    []float64 // one a group; NaN where there is none
}

// Significance draws −log₁₀ p of tests in groups, side by side, with a line at level
// (such as 0.05).
func Significance(groups []string, level float64, of ...Tested) Figure {
	f := Figure{name: "significance"}
	if len(groups) == 0 || len(of) == 0 {
		f.err = bad("Significance has nothing to draw", `plotting.Significance([]string{"asthma"}, 0.05, plotting.Tested{Name: "layer 3", P: p})`)
		return f
	}
	c := chart{ax: axis{names: groups}, ay: axis{label: "−log₁₀ p", zero: true}, h: 65}
	if len(groups) > 4 {
		c.w = 180
	}
	width := 0.8 / float64(len(of))
	for i, o := range of {
		if len(o.P) != len(groups) {
			f.err = bad(fmt.Sprintf("%q has %d p values of %d groups", o.Name, len(o.P), len(groups)), "one for every group, NaN where there is none")
			return f
		}
		col := tint(colour(i), 0.85)
		for g, p := range o.P {
			if p != p {
				continue
			}
			if p < 0 || p > 1 {
				f.err = bad(fmt.Sprintf("%q, group %q: p is %v", o.Name, groups[g], p), "p values from 0 to 1")
				return f
			}
			x := float64(g) - 0.4 + width*float64(i)
			c.marks = append(c.marks, bar{x + 0.01, x + width - 0.01, 0, -math.Log10(max(p, 1e-300)), col, thin})
		}
		c.legend = append(c.legend, entry{name: o.Name, patch: true, fill: col, line: thin})
	}
	c.marks = append(c.marks, rule{at: -math.Log10(level), line: line{col: black, width: 0.6, dash: []float64{3, 2}}})
	f.body = c
	return f
}

// Gradient is one layer's values for gene lists of growing length: of every node the z
// score against random sets.
type Gradient struct {
	Name  string
	Sizes []int
	Z     [][]float64 // nodes × sizes
}

// ByTopGenes draws the mean ± standard error over nodes of a z score for the first
// genes of their lists, over the number of genes, a line a layer, the layers' points
// beside each other. label names the score.
func ByTopGenes(label string, layers ...Gradient) Figure {
	f := Figure{name: "by_top_genes"}
	if len(layers) == 0 {
		f.err = bad("ByTopGenes has no layers", `plotting.ByTopGenes("z", plotting.Gradient{Name: "layer 1", Sizes: sizes, Z: z})`)
		return f
	}
	c := chart{ax: axis{label: "First genes of a node's list", log: true}, ay: axis{label: label}}
	for i, l := range layers {
		s := MeanSE(l.Name, l.Z)
		if len(s.Y) != len(l.Sizes) {
			f.err = bad(fmt.Sprintf("%q has %d sizes and values for %d", l.Name, len(l.Sizes), len(s.Y)), "a value for every size of every node")
			return f
		}
		for k, n := range l.Sizes {
			s.X[k] = float64(n)
			if i == 0 {
				c.ax.ticks = append(c.ax.ticks, tick{float64(n), strconv.Itoa(n)})
			}
		}
		if f.err = s.check(); f.err != nil {
			return f
		}
		col := colour(i)
		for k, x := range s.X {
			s.X[k] = x * math.Pow(1.06, float64(i)-float64(len(layers)-1)/2) // beside each other
			if len(l.Z) > 1 {
				c.marks = append(c.marks, whisker{s.X[k], s.Y[k] - s.SE[k], s.Y[k] + s.SE[k], line{col: col, width: 0.9}})
			}
		}
		own := line{col: col, width: 1, dash: dash(i)}
		c.marks = append(c.marks, curve{xs: s.X, ys: s.Y, line: own, marker: i, every: 1})
		c.legend = append(c.legend, entry{name: l.Name, line: own, marker: i, fill: col})
	}
	c.marks = append([]mark{rule{at: 0, line: line{col: pale, width: 0.8}}}, c.marks...)
	f.body = c
	return f
}
