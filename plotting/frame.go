package plotting

import (
	"fmt"
	"math"
	"strings"

	"gonum.org/v1/plot/vg"
)

// axis is one direction of a plot.
type axis struct {
	label string
	log   bool
	zero  bool     // reaches to zero
	names []string // categories at 0, 1, 2 …, in place of numbers
	fixed bool     // lo and hi are given
	lo    float64  // ends of the axis
	hi    float64
	pad   float64 // room beyond the data, of their span; 0.04 unless told, negative for none
	ticks []tick  // given ticks
	bare  bool    // no ticks, no line
}

// resolve turns the data's ends into the axis'.
func (a axis) resolve(lo, hi float64, where string) (axis, error) {
	if len(a.names) > 0 {
		a.lo, a.hi = -0.5, float64(len(a.names))-0.5
		return a, nil
	}
	if a.fixed {
		lo, hi = a.lo, a.hi
	}
	if math.IsInf(lo, 0) || math.IsInf(hi, 0) || math.IsNaN(lo) || math.IsNaN(hi) {
		return a, bad("there is nothing to draw on the "+where+" axis", "at least one finite value")
	}
	if a.log && lo <= 0 {
		return a, bad(fmt.Sprintf("a logarithmic %s axis (%s) cannot show %g", where, a.label, lo), "values above zero, or a linear axis")
	}
	if a.zero && !a.log {
		lo, hi = min(lo, 0), max(hi, 0)
	}
	if a.log {
		lo, hi = math.Log10(lo), math.Log10(hi)
	}
	if lo == hi {
		d := 0.5
		if !a.log && lo != 0 {
			d = math.Abs(lo) / 10
		}
		lo, hi = lo-d, hi+d
	}
	if !a.fixed {
		pad := a.pad
		if pad == 0 {
			pad = 0.04
		}
		d := max(pad, 0) * (hi - lo)
		if !a.zero || lo != 0 {
			lo -= d
		}
		hi += d
	}
	if a.log {
		lo, hi = math.Pow(10, lo), math.Pow(10, hi)
	}
	a.lo, a.hi = lo, hi
	return a, nil
}

// marks are the axis' ticks when it is length points long and one label needs room.
func (a axis) marks(length, room float64) []tick {
	if a.ticks != nil || a.bare {
		return a.ticks
	}
	if len(a.names) > 0 {
		ts := make([]tick, len(a.names))
		for i, n := range a.names {
			ts[i] = tick{float64(i), n}
		}
		return ts
	}
	n := min(max(2, int(length/room)), 7)
	if a.log {
		return logTicks(a.lo, a.hi, n)
	}
	return linearTicks(a.lo, a.hi, n)
}

// share is where v lies between the axis' ends, 0 to 1.
func (a axis) share(v float64) float64 {
	if a.log {
		if v <= 0 {
			return math.Inf(-1)
		}
		return math.Log10(v/a.lo) / math.Log10(a.hi/a.lo)
	}
	return (v - a.lo) / (a.hi - a.lo)
}

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

// nameLayout decides how category names stand: on one line, on several, or turned.
func (a axis) nameLayout(length float64) (names []string, turn float64, height float64) {
	room := length/float64(len(a.names)) - 4
	turn = 0
	for _, n := range a.names {
		w := wrap(n, tickSize, room)
		if tw, _ := textSize(w, tickSize, false); tw > room {
			turn = turned
		}
		names = append(names, w)
	}
	if turn != 0 {
		names = a.names
	}
	for _, n := range names {
		w, h := textSize(n, tickSize, false)
		if turn != 0 {
			h = w*math.Sin(turn) + h*math.Cos(turn)
		}
		height = max(height, h)
	}
	return names, turn, height
}

// axisMargins is the room that the axes need around an area of w × h points, where
// at least left and right are taken already.
func axisMargins(ax, ay axis, w, h, left, right float64) margins {
	m := margins{right: right}
	if !ay.bare {
		for _, t := range ay.marks(h*0.8, 16) {
			tw, _ := textSize(t.label, tickSize, false)
			m.left = max(m.left, tw)
		}
		m.left += tickLength + tickGap
		m.top = tickSize / 2
	}
	if ay.label != "" {
		_, th := textSize(wrap(ay.label, labelSize, h*0.8), labelSize, false)
		m.left += th + labelGap
	}
	m.left = max(m.left, left)
	if !ax.bare {
		height := tickSize
		inner := w - m.left - right
		if len(ax.names) > 0 {
			names, turn, nh := ax.nameLayout(inner)
			if turn != 0 { // the first names lean out to the left
				for i, n := range names {
					tw, _ := textSize(n, tickSize, false)
					m.left = max(m.left, tw*math.Cos(turn)-inner*(float64(i)+0.5)/float64(len(names)))
				}
			}
			height = nh
		} else if ts := ax.marks(inner, 28); len(ts) > 0 {
			last := ts[len(ts)-1]
			tw := textWidth(last.label, tickSize, false)
			m.right = max(right, tw/2-(1-ax.share(last.at))*inner)
		}
		m.bottom = tickLength + tickGap + height
	}
	if ax.label != "" {
		_, th := textSize(wrap(ax.label, labelSize, w-m.left-m.right), labelSize, false)
		m.bottom += th + labelGap
	}
	return m
}

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
