package plotting

import (
	"math"

	"gonum.org/v1/plot/vg"
)

// chart is a body of two axes with marks between them and a legend outside.
type chart struct {
	ax, ay axis
	marks  []mark
	legend []entry
	right  bool    // legend at the right, one entry a row, instead of above
	strip  string  // a short heading above the plot
	above  float64 // room above the plot for marks that stand there, in points
	square bool    // both axes have the same length
	w, h   float64 // millimetres that suit it; 0: one column, 60
}

// mark is one thing drawn on a chart.
type mark interface {
	// extent is the range that the mark covers, +Inf to -Inf where it does not care.
	extent(logX, logY bool) (x0, x1, y0, y1 float64)
	draw(p pen, f frame)
}

// entry is a line of the legend.
type entry struct {
	name   string
	line   line // drawn if its width is above 0
	marker int  // drawn if fill is set
	fill   vgColour
	patch  bool // a filled box in place of a marker
	band   vgColour
	rim    line    // about the marker
	r      float64 // of the marker, in points; 0: 1.6
}

func (c chart) size() (w, h float64) {
	if c.h == 0 {
		return c.w, 60
	}
	return c.w, c.h
}

func (c chart) ready(l look) (body, error) {
	var err error
	c.ax, c.ay = l.x.on(c.ax), l.y.on(c.ay)
	x0, x1, y0, y1 := math.Inf(1), math.Inf(-1), math.Inf(1), math.Inf(-1)
	for _, m := range c.marks {
		a, b, d, e := m.extent(c.ax.log, c.ay.log)
		x0, x1, y0, y1 = min(x0, a), max(x1, b), min(y0, d), max(y1, e)
	}
	if c.ax, err = c.ax.resolve(x0, x1, "horizontal"); err != nil {
		return nil, err
	}
	if c.ay, err = c.ay.resolve(y0, y1, "vertical"); err != nil {
		return nil, err
	}
	if l.noLegend {
		c.legend = nil
	}
	return c, nil
}

// on applies a reader's changes to an axis.
func (ch change) on(a axis) axis {
	if ch.label != nil {
		a.label = *ch.label
	}
	a.log = a.log || ch.log
	if ch.fixed {
		a.lo, a.hi, a.fixed = ch.lo, ch.hi, true
	}
	return a
}

// Distances of the legend, in points.
const (
	keyWidth  = 14.0
	keyGap    = 3.0
	entryGap  = 9.0
	rowHeight = 9.5
	legendGap = 5.0
)

// key is the width of the drawn sign.
func (e entry) key() float64 {
	if e.line.width == 0 || e.patch {
		return 7
	}
	return keyWidth
}

func (e entry) width() float64 {
	return e.key() + keyGap + textWidth(e.name, tickSize, false)
}

// rows lays the entries in rows no wider than w points.
func (c chart) rows(w float64) [][]entry {
	var rows [][]entry
	left := 0.0
	for _, e := range c.legend {
		need := e.width() + entryGap
		if c.right || len(rows) == 0 || left+need-entryGap > w {
			rows = append(rows, nil)
			left = 0
		}
		rows[len(rows)-1] = append(rows[len(rows)-1], e)
		left += need
	}
	return rows
}

func (c chart) margins(area box) margins { return c.need(area, margins{}) }

// need is the chart's margins where at least those of m are taken.
func (c chart) need(area box, m margins) margins {
	var side float64
	if c.right {
		for _, e := range c.legend {
			side = max(side, e.width()+legendGap+3)
		}
	}
	around := func(high float64) margins {
		n := axisMargins(c.ax, c.ay, area.w(), area.h(), m.left, max(m.right, side), high)
		if !c.right && len(c.legend) > 0 {
			n.top = float64(len(c.rows(area.w()-n.left)))*rowHeight + legendGap
		}
		n.top += c.above
		if c.strip != "" {
			n.top += tickSize + 4
		}
		return n
	}
	n := around(area.h() * 0.8).max(m)
	return around(area.h() - n.top - n.bottom) // what legend and names leave
}

func (c chart) draw(p pen, area box, m margins) {
	m = m.max(c.need(area, m)) // wider margins leave less room for names and legend
	f := frame{box: area.in(m), ax: c.ax, ay: c.ay}
	if c.square {
		f.box = squared(f.box)
	}
	for _, k := range c.marks {
		k.draw(p, f)
	}
	f.draw(p, f.x0-area.x0, f.y0-area.y0)
	if c.strip != "" {
		p.text((f.x0+f.x1)/2, f.y1+4, c.strip, words{size: tickSize, across: middle, up: after})
	}
	if c.right {
		c.drawLegend(p, f.x1+legendGap+3, f.y1, area.x1)
	} else {
		c.drawLegend(p, f.x0, area.y1, area.x1)
	}
}

// squared is the largest square in a box, at its upper left.
func squared(b box) box {
	s := min(b.w(), b.h())
	return box{b.x0, b.y1 - s, b.x0 + s, b.y1}
}

func (c chart) drawLegend(p pen, left, top, right float64) {
	y := top - rowHeight/2
	for _, row := range c.rows(right - left) {
		x := left
		for _, e := range row {
			e.draw(p, x, y)
			x += e.width() + entryGap
		}
		y -= rowHeight
	}
}

func (e entry) draw(p pen, x, y float64) {
	k := e.key()
	if e.band != nil {
		p.rect(box{x, y - 2.5, x + k, y + 2.5}, e.band, line{})
	}
	if e.line.width > 0 && !e.patch {
		p.segment(x, y, x+k, y, e.line)
	}
	if e.fill != nil {
		if e.patch {
			p.rect(box{x, y - 3, x + 7, y + 3}, e.fill, e.line)
		} else {
			var q vg.Path
			r := e.r
			if r == 0 {
				r = 1.6
			}
			marker(&q, e.marker, x+k/2, y, r)
			p.fill(q, e.fill)
			if e.rim.width > 0 {
				p.stroke(q, e.rim)
			}
		}
	}
	p.text(x+k+keyGap, y, e.name, words{size: tickSize, across: after, up: middle})
}
