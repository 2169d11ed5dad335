package plotting

import (
	"cmp"
	"fmt"
	"math"
	"slices"

	"github.com/gxlab/gxlab/gx/stats"
)

// Effects are what a comparison found, gene by gene: what Volcano draws.
type Effects struct {
	Genes    []string
	Log2Fold []float64 // difference of means on the log2 scale
	P        []float64 // p, or FDR; NaN leaves the gene out
	// Name is what P is called: the default is "p".
	Name string
	// Fold and Cut are the thresholds: |log2 fold change| of at least Fold and P of at
	// most Cut. The defaults are 1, a doubling, and 0.05.
	Fold, Cut float64
}

// EffectsOf takes the moderated t-test's effects and its FDR, which Volcano then
// draws.
func EffectsOf(genes []string, m *stats.Moderated) Effects {
	if m == nil {
		return Effects{Genes: genes}
	}
	return Effects{Genes: genes, Log2Fold: m.Effect, P: m.FDR, Name: "FDR"}
}

// effects is Effects that have been checked: without genes of NaN, p above zero.
type effects struct {
	Effects
	y      []float64 // −log10 P
	capped []int     // whose P was zero
}

func (e Effects) check(what string) (effects, error) {
	n := len(e.Genes)
	if n == 0 || len(e.Log2Fold) != n || len(e.P) != n {
		return effects{}, bad(fmt.Sprintf("%s has %d genes, %d fold changes and %d p", what, n, len(e.Log2Fold), len(e.P)), "one of each a gene")
	}
	if e.Name == "" {
		e.Name = "p"
	}
	if e.Fold == 0 {
		e.Fold = 1
	}
	if e.Cut == 0 {
		e.Cut = 0.05
	}
	if !(e.Fold > 0) || !(e.Cut > 0 && e.Cut <= 1) {
		return effects{}, bad(fmt.Sprintf("%s has thresholds of fold %g and %s %g", what, e.Fold, e.Name, e.Cut), "a fold above 0 and a cut of 0 to 1")
	}
	out := effects{Effects: e}
	out.Genes, out.Log2Fold, out.P = nil, nil, nil
	least := 1.0
	for i, p := range e.P {
		if math.IsNaN(p) || math.IsNaN(e.Log2Fold[i]) {
			continue
		}
		if p < 0 || p > 1 || math.IsInf(e.Log2Fold[i], 0) {
			return effects{}, bad(fmt.Sprintf("%s: gene %s has a fold change of %g and %s %g", what, e.Genes[i], e.Log2Fold[i], e.Name, p), "p of 0 to 1 and fold changes on the log2 scale")
		}
		if p > 0 {
			least = min(least, p)
		}
		out.Genes, out.Log2Fold, out.P = append(out.Genes, e.Genes[i]), append(out.Log2Fold, e.Log2Fold[i]), append(out.P, p)
	}
	if len(out.Genes) == 0 {
		return effects{}, bad(what+": every gene is NaN", "a comparison that has values")
	}
	for i, p := range out.P {
		if p == 0 { // drawn a tenth below the least that is not
			p = least / 10
			out.capped = append(out.capped, i)
		}
		out.y = append(out.y, max(0, -math.Log10(p)))
	}
	return out, nil
}

// tie is how near to a threshold counts as on it, which is beyond: float32's rounding.
const tie = 1e-6

// class is 0 for neither, 1 for down, 2 for up.
func (e effects) class(i int) int {
	switch {
	case e.y[i] < -math.Log10(e.Cut)-tie || math.Abs(e.Log2Fold[i]) < e.Fold-tie:
		return 0
	case e.Log2Fold[i] < 0:
		return 1
	}
	return 2
}

// The classes of a volcano by colour and marker of the palette: neither is a grey
// disc, down a blue triangle that hangs, up an orange one that stands.
var volcanoMarks = [...]struct {
	name   string
	marker int
	col    vgNRGBA
}{{"neither", 0, tint(silver, 0.7)}, {"down", 4, blue}, {"up", 2, red}}

// Volcano draws every gene's log2 fold change against −log10 of its p, with the
// thresholds and the counts beyond them, and names up to ten of the genes of smallest p
// beyond them, where there is room. A p of zero is drawn a tenth below the least other one.
func Volcano(e Effects) Figure {
	f := Figure{name: "volcano"}
	v, err := e.check("Volcano")
	if err != nil {
		f.err = err
		return f
	}
	c := chart{ax: axis{label: "log₂ fold change"}, ay: axis{label: "−log₁₀ " + v.Name}, h: 70}
	groups := [3]points{}
	for k, m := range volcanoMarks {
		groups[k] = points{marker: m.marker, r: 1.3, col: m.col, rim: shade(m.col, 0.45)}
	}
	var order []int
	for i := range v.Genes {
		k := v.class(i)
		groups[k].xs, groups[k].ys = append(groups[k].xs, v.Log2Fold[i]), append(groups[k].ys, v.y[i])
		if k > 0 {
			order = append(order, i)
		}
	}
	c.marks = append(c.marks, rule{at: -math.Log10(v.Cut), line: faint}, rule{vertical: true, at: v.Fold, line: faint}, rule{vertical: true, at: -v.Fold, line: faint})
	for k, g := range groups {
		if len(g.xs) > 0 {
			c.marks = append(c.marks, g)
		}
		c.legend = append(c.legend, entry{name: fmt.Sprintf("%s (%d)", volcanoMarks[k].name, len(g.xs)), marker: g.marker, fill: g.col})
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(v.y[b], v.y[a]) })
	c.marks = append(c.marks, geneNames{v, order[:min(40, len(order))]})
	f.body = c
	f.caption = fmt.Sprintf("%d genes: %d up and %d down by |log₂ fold change| ≥ %g and %s ≤ %g", len(v.Genes), len(groups[2].xs), len(groups[1].xs), v.Fold, v.Name, v.Cut)
	return f
}

// geneNames writes names beside points, outwards where there is room, else inwards;
// not where they would cover a point or another name.
type geneNames struct {
	effects
	index []int
}

func (g geneNames) extent(_, _ bool) (x0, x1, y0, y1 float64) { return anywhere() }

func (g geneNames) draw(p pen, f frame) {
	const size, gap, most = tickSize - 1, 3.0, 10
	var taken []box
	for _, i := range g.index {
		x, y := f.X(g.Log2Fold[i]), f.Y(g.y[i])
		if !f.holds(x, y) || len(taken) == most {
			continue
		}
		name := clipped(g.Genes[i], 24)
		wide := textWidth(name, size, false)
		sides := [...]float64{after, before}
		if g.Log2Fold[i] < 0 {
			sides = [...]float64{before, after}
		}
		for _, side := range sides {
			b := box{x + gap, y - size/2, x + gap + wide, y + size/2}
			if side == before {
				b.x0, b.x1 = x-gap-wide, x-gap
			}
			if b.x0 < f.x0 || b.x1 > f.x1 || g.covers(f, b) || slices.ContainsFunc(taken, func(t box) bool { return b.x0 < t.x1 && t.x0 < b.x1 && b.y0 < t.y1 && t.y0 < b.y1 }) {
				continue
			}
			taken = append(taken, b)
			p.text(x+side*gap, y, name, words{size: size, across: side, up: middle})
			break
		}
	}
}

func (g geneNames) covers(f frame, b box) bool {
	const r = 1.0
	for i, v := range g.Log2Fold {
		if x, y := f.X(v), f.Y(g.y[i]); x > b.x0-r && x < b.x1+r && y > b.y0-r && y < b.y1+r {
			return true
		}
	}
	return false
}

// VolcanoWidget is a Volcano to look into: the gene under the pointer or the arrow
// keys with its fold change and p, a box that finds genes, thresholds to change, and
// zoom. 20,000 genes take about 0.5 MB.
func VolcanoWidget(e Effects) Widget {
	const name = "volcano_widget"
	v, err := e.check("VolcanoWidget")
	if err != nil {
		return failed(name, err)
	}
	still := Volcano(e).Named(name).Width(150).Height(100)
	caption := fmt.Sprintf("%d genes by their fold change and %s", len(v.Genes), v.Name)
	return Widget{name: name, kind: "points", caption: caption, still: still, data: map[string]any{
		"names": shortened(v.Genes), "x": exact32(v.Log2Fold), "y": exact32(v.y), "xlabel": "log₂ fold change", "ylabel": "−log₁₀ " + v.Name,
		"pname": v.Name, "capped": v.capped, "volcano": map[string]any{"fold": v.Fold, "p": v.Cut, "marks": []int{0, 4, 2}, "colours": []int{7, 0, 3}},
	}}
}
