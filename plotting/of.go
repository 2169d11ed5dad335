package plotting

import (
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// Of makes a figure of a plot made with gonum.org/v1/plot, so that it can be shown,
// saved and laid out like the others. Its looks are its own.
func Of(p interface{ Draw(draw.Canvas) }) Figure {
	f := Figure{name: "plot"}
	if p == nil {
		f.err = bad("Of has no plot", "plotting.Of(p), p of plot.New()")
		return f
	}
	f.body = foreign{p}
	return f
}

type foreign struct {
	p interface{ Draw(draw.Canvas) }
}

func (foreign) size() (w, h float64)       { return 0, 60 }
func (g foreign) ready(look) (body, error) { return g, nil }
func (foreign) margins(box) margins        { return margins{} }
func (g foreign) draw(p pen, b box, _ margins) {
	c := draw.NewCanvas(p.c, vg.Length(b.x1), vg.Length(b.y1))
	c.Min = pt(b.x0, b.y0)
	g.p.Draw(c)
}
