package plotting

import (
	"image"
	"image/color"
	"math"

	"gonum.org/v1/plot/vg"
)

// vgColour is a colour, nil for none.
type vgColour = color.Color

type vgNRGBA = color.NRGBA

// anywhere is the extent of a mark that does not stretch the axes.
func anywhere() (x0, x1, y0, y1 float64) {
	return math.Inf(1), math.Inf(-1), math.Inf(1), math.Inf(-1)
}

// ends is the smallest and largest value; on a logarithmic axis spread (a standard
// error) is left out where it reaches zero.
func ends(vs []float64) (lo, hi float64) {
	lo, hi = math.Inf(1), math.Inf(-1)
	for _, v := range vs {
		lo, hi = min(lo, v), max(hi, v)
	}
	return lo, hi
}

// curve is a line through points, with markers every few points.
type curve struct {
	xs, ys []float64
	line   line
	marker int // drawn where every > 0
	every  int
}

func (c curve) extent(_, _ bool) (x0, x1, y0, y1 float64) {
	x0, x1 = ends(c.xs)
	y0, y1 = ends(c.ys)
	return
}

func (c curve) draw(p pen, f frame) {
	if len(c.xs) > 1 {
		p.stroke(f.polyline(c.xs, c.ys), c.line)
	}
	if c.every > 0 || len(c.xs) == 1 {
		var q vg.Path
		for i := 0; i < len(c.xs); i += max(c.every, 1) {
			if x, y := f.X(c.xs[i]), f.Y(c.ys[i]); f.holds(x, y) {
				marker(&q, c.marker, x, y, 1.6)
			}
		}
		p.fill(q, c.line.col)
	}
}

// ribbon is the area between two curves.
type ribbon struct {
	xs, lo, hi []float64
	col        color.Color
}

func (r ribbon) extent(_, logY bool) (x0, x1, y0, y1 float64) {
	x0, x1 = ends(r.xs)
	_, y1 = ends(r.hi)
	y0, _ = ends(r.lo)
	if logY && y0 <= 0 { // the curve itself sets the axis' lower end
		y0 = math.Inf(1)
	}
	return
}

func (r ribbon) draw(p pen, f frame) {
	if len(r.xs) < 2 {
		return
	}
	var q vg.Path
	at := func(i int, ys []float64) {
		x, y := min(max(f.X(r.xs[i]), f.x0), f.x1), min(max(f.Y(ys[i]), f.y0), f.y1)
		if len(q) == 0 {
			q.Move(pt(x, y))
			return
		}
		q.Line(pt(x, y))
	}
	for i := range r.xs {
		at(i, r.hi)
	}
	for i := len(r.xs) - 1; i >= 0; i-- {
		at(i, r.lo)
	}
	q.Close()
	p.fill(q, r.col)
}

// points are markers of one kind.
type points struct {
	xs, ys []float64
	marker int
	r      float64
	col    color.Color
	rim    color.Color
	// rimWidth in points; 0: a fine one.
	rimWidth float64
}

func (c points) extent(_, _ bool) (x0, x1, y0, y1 float64) {
	x0, x1 = ends(c.xs)
	y0, y1 = ends(c.ys)
	return
}

func (c points) draw(p pen, f frame) {
	var q vg.Path
	for i := range c.xs {
		if x, y := f.X(c.xs[i]), f.Y(c.ys[i]); f.holds(x, y) {
			marker(&q, c.marker, x, y, c.r)
		}
	}
	p.fill(q, c.col)
	if c.rim != nil && len(q) > 0 {
		p.stroke(q, line{col: c.rim, width: max(c.rimWidth, 0.3)})
	}
}

// bar is a filled rectangle in data units.
type bar struct {
	x0, x1, y0, y1 float64
	fill           color.Color
	rim            line
}

func (b bar) extent(_, _ bool) (x0, x1, y0, y1 float64) { return b.x0, b.x1, b.y0, b.y1 }

func (b bar) draw(p pen, f frame) {
	y0, y1 := max(f.Y(b.y0), f.y0), min(f.Y(b.y1), f.y1)
	if y1 > y0 {
		p.rect(box{f.X(b.x0), y0, f.X(b.x1), y1}, b.fill, b.rim)
	}
}

// raster is a picture stretched over a range of the plot.
type raster struct {
	x0, x1, y0, y1 float64
	img            image.Image
}

func (r raster) extent(_, _ bool) (x0, x1, y0, y1 float64) { return r.x0, r.x1, r.y0, r.y1 }
func (r raster) draw(p pen, f frame) {
	p.image(box{f.X(r.x0), f.Y(r.y0), f.X(r.x1), f.Y(r.y1)}, r.img)
}

// note is a short text on the plot, at a point of the data or, where corner is
// set, of the plot (0 to 1), moved by dx, dy points.
type note struct {
	x, y   float64
	corner bool
	dx, dy float64
	text   string
	words
}

func (n note) extent(_, _ bool) (x0, x1, y0, y1 float64) { return anywhere() }

func (n note) draw(p pen, f frame) {
	x, y := f.X(n.x), f.Y(n.y)
	if n.corner {
		x, y = f.x0+n.x*f.w(), f.y0+n.y*f.h()
	}
	if n.size == 0 {
		n.size = tickSize
	}
	p.text(x+n.dx, y+n.dy, n.text, n.words)
}

// rule is a straight line across the plot.
type rule struct {
	vertical bool
	at       float64
	line     line
}

func (r rule) extent(_, _ bool) (x0, x1, y0, y1 float64) {
	x0, x1, y0, y1 = anywhere()
	if r.vertical {
		return r.at, r.at, y0, y1
	}
	return x0, x1, r.at, r.at
}

func (r rule) draw(p pen, f frame) {
	if r.vertical {
		if x := f.X(r.at); f.holds(x, f.y0) {
			p.segment(x, f.y0, x, f.y1, r.line)
		}
		return
	}
	if y := f.Y(r.at); f.holds(f.x0, y) {
		p.segment(f.x0, y, f.x1, y, r.line)
	}
}
