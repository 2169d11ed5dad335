package plotting

import (
	"fmt"

	"github.com/gxlab/gxlab/gx/stats"
)

// Profile is a named expression profile, one value a gene.
type Profile struct {
	Name   string
	Values []float32
}

// Example is one test sample: its measured profile (GEP), that of a sibling from the
// same study, and one or more reproductions of it (REP), all over the same genes.
type Example struct {
	Name       string // of the tissue
	GEP        []float32
	Sibling    []float32 // nil where the sample has none
	Reproduced []Profile // one a recipe
}

// Examples draws a grid of scatter plots, one column an example: in the first row a
// sibling's profile against the sample's (red), below it the reproduced profiles
// against the sample's (blue). Each prints Spearman's correlation and the mean
// squared error. All axes are alike; unit is that of the values, such as "log₂".
func Examples(unit string, examples ...Example) Figure {
	f := Figure{name: "examples"}
	if len(examples) == 0 {
		f.err = bad("Examples has no examples", "one to four test samples")
		return f
	}
	g := grid{}
	first := examples[0]
	for _, e := range examples {
		if len(e.GEP) < 3 || len(e.Reproduced) == 0 {
			f.err = bad(fmt.Sprintf("example %q has %d genes and %d reproduced profiles", e.Name, len(e.GEP), len(e.Reproduced)), "at least three genes, and one reproduced profile a recipe")
			return f
		}
		if len(e.Reproduced) != len(first.Reproduced) {
			f.err = bad(fmt.Sprintf("example %q has %d reproduced profiles, %q has %d", e.Name, len(e.Reproduced), first.Name, len(first.Reproduced)), "one a recipe in every example")
			return f
		}
		rows := append([]Profile{{"Sibling GEP", e.Sibling}}, e.Reproduced...)
		for r, row := range rows {
			if r > 0 {
				row.Name = repName(row.Name, len(e.Reproduced))
			}
			c := chart{ax: axis{pad: 0.06}, ay: axis{pad: 0.06}}
			if r == 0 {
				c.strip = e.Name
			}
			if row.Values == nil && r == 0 {
				c.marks = append(c.marks, note{x: 0.5, y: 0.5, corner: true, text: "no sibling", words: words{across: middle, up: middle, col: grey}})
			} else if f.err = c.scatter(e.GEP, row.Values, fmt.Sprintf("example %q, %s", e.Name, row.Name), r); f.err != nil {
				return f
			}
			g.cells = append(g.cells, c)
			if len(g.cells) <= len(rows) {
				if len(rows) == 2 { // with more, the names alone fill the rows
					row.Name = withUnit(row.Name, unit)
				}
				g.yNames = append(g.yNames, row.Name)
			}
		}
		g.rows = len(rows)
	}
	g.xName = withUnit("GEP", unit)
	f.body = g
	return f
}

func repName(name string, n int) string {
	if name == "" || n == 1 {
		return "REP"
	}
	return "REP, " + name
}

func withUnit(name, unit string) string {
	if unit == "" {
		return name
	}
	return name + " (" + unit + ")"
}

func (c *chart) scatter(x, y []float32, what string, row int) error {
	if len(x) != len(y) {
		return bad(fmt.Sprintf("%s: %d genes against %d", what, len(y), len(x)), "profiles over the same genes, in the same order")
	}
	for i := range x {
		if d := x[i] - y[i]; d != d || d-d != 0 {
			return bad(fmt.Sprintf("%s: gene %d is %v against %v", what, i+1, y[i], x[i]), "finite numbers")
		}
	}
	rho, err := stats.Spearman(x, y)
	if err != nil {
		return err
	}
	mse, err := stats.MSE(x, y)
	if err != nil {
		return err
	}
	col := red
	if row > 0 {
		col = blue
	}
	c.marks = append(c.marks, cloud{x, y, col}, diagonal{},
		note{x: 0, y: 1, corner: true, dx: 3, dy: -1, text: fmt.Sprintf("COR %.3f\nMSE %s", rho, short(mse)), words: words{across: after, up: before, size: 6}})
	return nil
}

// diagonal is the line where both profiles are equal.
type diagonal struct{}

func (diagonal) extent(_, _ bool) (x0, x1, y0, y1 float64) { return anywhere() }

func (diagonal) draw(p pen, f frame) {
	lo, hi := max(f.ax.lo, f.ay.lo), min(f.ax.hi, f.ay.hi)
	p.stroke(f.polyline([]float64{lo, hi}, []float64{lo, hi}), line{col: black, width: 0.5, dash: []float64{2, 2}})
}
