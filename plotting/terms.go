package plotting

import (
	"fmt"
	"math"
	"strings"

	"github.com/gxlab/gxlab/gx/stats"
)

// Terms draws the first n terms of an enrichment, that of least p above: how many genes
// of the list are in the set (the bar) and how many a random list would have (the line
// across it). Bars are dark where p, adjusted by Benjamini and Hochberg, is at most 0.05.
func Terms(e *stats.Enrichment, n int) Figure {
	f := Figure{name: "terms"}
	if e == nil || len(e.Terms) == 0 || n < 1 {
		f.err = bad("Terms has nothing to draw", "plotting.Terms(enrichment, 20)")
		return f
	}
	terms := e.Terms[:min(n, len(e.Terms))]
	c := chart{ax: axis{label: fmt.Sprintf("Genes in the set, of %d", e.List), zero: true}}
	for i := len(terms) - 1; i >= 0; i-- {
		t, y := terms[i], float64(len(terms)-1-i)
		fill := tint(blue, 0.35)
		if t.BH <= 0.05 {
			fill = blue
		}
		name := t.Name
		if r := []rune(name); len(r) > 48 {
			name = strings.TrimSpace(string(r[:46])) + "…"
		}
		c.ay.names = append(c.ay.names, name)
		c.marks = append(c.marks, bar{0, float64(t.Overlap), y - 0.36, y + 0.36, fill, line{}},
			upright{t.Expected, y - 0.44, y + 0.44})
	}
	c.legend = []entry{{name: "BH p ≤ 0.05", fill: blue, patch: true}, {name: "BH p > 0.05", fill: tint(blue, 0.35), patch: true}, {name: "expected", line: line{col: black, width: 1}}}
	c.w, c.h = 140, math.Max(40, 4.2*float64(len(terms))+20)
	f.body = c
	f.caption = fmt.Sprintf("The %d gene sets of least p among %d", len(terms), len(e.Terms))
	return f
}

// upright is a short vertical line.
type upright struct{ x, y0, y1 float64 }

func (u upright) extent(_, _ bool) (x0, x1, y0, y1 float64) { return u.x, u.x, u.y0, u.y1 }

func (u upright) draw(p pen, f frame) {
	x := f.X(u.x)
	p.segment(x, f.Y(u.y0), x, f.Y(u.y1), line{col: black, width: 1})
}
