package plotting

import (
	"fmt"
	"math"
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
	whole bool    // ticks at whole numbers only, as of counts
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
	if a.whole {
		n = min(n, max(1, int(a.hi-a.lo)))
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
// at least left and right are taken already and the upright axis is high points long.
func axisMargins(ax, ay axis, w, h, left, right, high float64) margins {
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
		_, th := textSize(wrap(ay.label, labelSize, high), labelSize, false)
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
