package plotting

import (
	"math"
	"strings"

	"gonum.org/v1/plot/vg"
)

// frame is a plot's area on the page and its two axes.
type frame struct {
	box
	ax, ay axis
}

func (f frame) X(v float64) float64 { return f.x0 + f.ax.share(v)*f.w() }
func (f frame) Y(v float64) float64 { return f.y0 + f.ay.share(v)*f.h() }

// holds tells whether a point of the page lies on the plot.
func (f frame) holds(x, y float64) bool {
	const slack = 0.01
	return x >= f.x0-slack && x <= f.x1+slack && y >= f.y0-slack && y <= f.y1+slack
}

// Distances of the parts of an axis, in points.
const (
	tickLength = 2.5
	tickGap    = 2.0
	labelGap   = 3.0
	turned     = 40 * math.Pi / 180 // of names that do not fit
)

// draw draws the axes about the frame.
func (f frame) draw(p pen, left, bottom float64) {
	if !f.ay.bare {
		p.segment(f.x0, f.y0, f.x0, f.y1, thin)
		for _, t := range f.ay.marks(f.h(), 16) {
			y := f.Y(t.at)
			if !f.holds(f.x0, y) {
				continue
			}
			p.segment(f.x0-tickLength, y, f.x0, y, thin)
			p.text(f.x0-tickLength-tickGap, y, t.label, words{size: tickSize, across: before, up: middle})
		}
	}
	if label := wrap(f.ay.label, labelSize, f.h()); label != "" {
		_, h := textSize(label, labelSize, false)
		p.text(f.x0-left+h, (f.y0+f.y1)/2, label, words{size: labelSize, across: middle, up: after, turn: math.Pi / 2})
	}
	if !f.ax.bare {
		p.segment(f.x0, f.y0, f.x1, f.y0, thin)
		f.drawX(p)
	}
	if f.ax.label != "" {
		p.text((f.x0+f.x1)/2, f.y0-bottom, wrap(f.ax.label, labelSize, f.w()), words{size: labelSize, across: middle, up: after})
	}
}

func (f frame) drawX(p pen) {
	y := f.y0 - tickLength - tickGap
	if len(f.ax.names) > 0 {
		names, turn, _ := f.ax.nameLayout(f.w())
		for i, n := range names {
			x := f.X(float64(i))
			if turn != 0 {
				p.segment(x, f.y0, x, f.y0-tickLength, thin)
				p.text(x+tickSize*capHeight/2, y, strings.ReplaceAll(n, "\n", " "), words{size: tickSize, across: before, up: before, turn: turn})
				continue
			}
			p.text(x, y, n, words{size: tickSize, across: middle, up: before})
		}
		return
	}
	for _, t := range f.ax.marks(f.w(), 28) {
		x := f.X(t.at)
		if !f.holds(x, f.y0) {
			continue
		}
		p.segment(x, f.y0, x, f.y0-tickLength, thin)
		p.text(x, y, t.label, words{size: tickSize, across: middle, up: before})
	}
}

// polyline is the part of a line of data that lies on the plot, cut at its edges.
func (f frame) polyline(xs, ys []float64) vg.Path {
	var path vg.Path
	open := false
	for i := 1; i < len(xs); i++ {
		x0, y0, x1, y1 := f.X(xs[i-1]), f.Y(ys[i-1]), f.X(xs[i]), f.Y(ys[i])
		cx0, cy0, cx1, cy1, ok := f.clip(x0, y0, x1, y1)
		if !ok {
			open = false
			continue
		}
		if !open || cx0 != x0 || cy0 != y0 {
			path.Move(pt(cx0, cy0))
		}
		path.Line(pt(cx1, cy1))
		open = cx1 == x1 && cy1 == y1
	}
	return path
}

// clip cuts a segment at the plot's edges (Liang and Barsky, 1984).
func (f frame) clip(x0, y0, x1, y1 float64) (a, b, c, d float64, ok bool) {
	for _, v := range [...]float64{x0, y0, x1, y1} {
		if math.IsNaN(v) || math.IsInf(v, 0) {
			return 0, 0, 0, 0, false
		}
	}
	t0, t1, dx, dy := 0.0, 1.0, x1-x0, y1-y0
	for _, e := range [...][2]float64{{-dx, x0 - f.x0}, {dx, f.x1 - x0}, {-dy, y0 - f.y0}, {dy, f.y1 - y0}} {
		switch {
		case e[0] == 0 && e[1] < 0:
			return 0, 0, 0, 0, false
		case e[0] < 0:
			t0 = max(t0, e[1]/e[0])
		case e[0] > 0:
			t1 = min(t1, e[1]/e[0])
		}
	}
	if t0 > t1 {
		return 0, 0, 0, 0, false
	}
	a, b, c, d = x0, y0, x1, y1
	if t1 < 1 {
		c, d = x0+t1*dx, y0+t1*dy
	}
	if t0 > 0 {
		a, b = x0+t0*dx, y0+t0*dy
	}
	return a, b, c, d, true
}
