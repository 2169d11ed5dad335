package plotting

import (
	"image"
	"image/color"
	"math"
	"strings"

	"gonum.org/v1/plot/vg"
)

// mm is a millimetre in points.
const mm = 72 / 25.4

// box is an area of the page in points, origin at the lower left.
type box struct{ x0, y0, x1, y1 float64 }

func (b box) w() float64 { return b.x1 - b.x0 }
func (b box) h() float64 { return b.y1 - b.y0 }

// in is the box without its margins.
func (b box) in(m margins) box {
	return box{b.x0 + m.left, b.y0 + m.bottom, b.x1 - m.right, b.y1 - m.top}
}

// margins is the room around a plot for its axes and legend, in points.
type margins struct{ left, right, top, bottom float64 }

func (m margins) max(n margins) margins {
	return margins{max(m.left, n.left), max(m.right, n.right), max(m.top, n.top), max(m.bottom, n.bottom)}
}

// line is how a line is drawn: its width in points, its dashes in points.
type line struct {
	col   color.Color
	width float64
	dash  []float64
}

var (
	thin  = line{col: black, width: 0.5}
	faint = line{col: grey, width: 0.5, dash: []float64{2, 2}}
)

// pen draws on a canvas, in points.
type pen struct{ c vg.Canvas }

func pt(x, y float64) vg.Point { return vg.Point{X: vg.Length(x), Y: vg.Length(y)} }

func (p pen) stroke(path vg.Path, s line) {
	p.c.SetColor(s.col)
	p.c.SetLineWidth(vg.Length(s.width))
	d := make([]vg.Length, len(s.dash))
	for i, v := range s.dash {
		d[i] = vg.Length(v)
	}
	p.c.SetLineDash(d, 0)
	p.c.Stroke(path)
}

func (p pen) fill(path vg.Path, col color.Color) {
	p.c.SetColor(col)
	p.c.Fill(path)
}

func (p pen) segment(x0, y0, x1, y1 float64, s line) {
	p.stroke(vg.Path{{Type: vg.MoveComp, Pos: pt(x0, y0)}, {Type: vg.LineComp, Pos: pt(x1, y1)}}, s)
}

func (p pen) rect(b box, fill color.Color, s line) {
	var q vg.Path
	q.Move(pt(b.x0, b.y0))
	q.Line(pt(b.x1, b.y0))
	q.Line(pt(b.x1, b.y1))
	q.Line(pt(b.x0, b.y1))
	q.Close()
	if fill != nil {
		p.fill(q, fill)
	}
	if s.width > 0 {
		p.stroke(q, s)
	}
}

func (p pen) image(b box, img image.Image) {
	p.c.DrawImage(vg.Rectangle{Min: pt(b.x0, b.y0), Max: pt(b.x1, b.y1)}, img)
}

// Where a text stands about its point: along the line, and across it.
const (
	before = -1.0 // text ends at the point; its top is at the point
	middle = 0.0
	after  = 1.0 // text starts at the point; its bottom is at the point
)

// words is how a text is written.
type words struct {
	size   float64
	bold   bool
	col    color.Color
	across float64 // before, middle or after, along the line
	up     float64 // before (hangs below the point), middle or after (stands on it)
	turn   float64 // radians, about the point
}

// capHeight and descent of Liberation Sans, of its size.
const (
	capHeight = 0.72
	descent   = 0.21
)

// text writes one or more lines.
func (p pen) text(x, y float64, s string, w words) {
	if w.col == nil {
		w.col = black
	}
	lines := strings.Split(s, "\n")
	rest := float64(len(lines)-1) * w.size * lineHeight
	first := 0.0 // the first line's foot, above the point
	switch w.up {
	case before:
		first = -capHeight * w.size
	case middle:
		first = rest/2 - capHeight*w.size/2
	case after:
		first = rest + descent*w.size
	}
	p.c.Push()
	p.c.SetColor(w.col)
	p.c.Translate(pt(x, y))
	if w.turn != 0 {
		p.c.Rotate(w.turn)
	}
	for i, l := range lines {
		p.lineOfText(first-float64(i)*w.size*lineHeight, l, w)
	}
	p.c.Pop()
}

func (p pen) lineOfText(y float64, s string, w words) {
	rs := runs(s)
	if c, ok := p.c.(*svgCanvas); ok {
		c.text(pt(0, y), [...]string{"end", "middle", "start"}[int(w.across)+1], rs, w.size, w.bold)
		return
	}
	x := (w.across - 1) / 2 * textWidth(s, w.size, w.bold)
	for _, r := range rs {
		f := face(r.size(w.size), w.bold)
		p.c.FillString(f, pt(x, y+r.shift*w.size), r.text)
		x += float64(f.Width(r.text))
	}
}

// marker adds the i-th marker to a path: disc, square, triangle, diamond, and so
// on, all about equally heavy. r is the disc's radius in points.
func marker(path *vg.Path, i int, x, y, r float64) {
	poly := func(n int, turn, r float64) {
		for k := range n {
			sin, cos := math.Sincos(turn + 2*math.Pi*float64(k)/float64(n))
			if k == 0 {
				path.Move(pt(x+r*cos, y+r*sin))
			} else {
				path.Line(pt(x+r*cos, y+r*sin))
			}
		}
		path.Close()
	}
	switch i % 6 {
	case 0:
		path.Move(pt(x+r, y))
		path.Arc(pt(x, y), vg.Length(r), 0, 2*math.Pi)
		path.Close()
	case 1:
		poly(4, math.Pi/4, 1.25*r)
	case 2:
		poly(3, math.Pi/2, 1.4*r)
	case 3:
		poly(4, 0, 1.35*r)
	case 4:
		poly(3, -math.Pi/2, 1.4*r)
	case 5: // a plus
		a, b := 1.25*r, 0.45*r
		for k, q := range [...][2]float64{{-b, a}, {b, a}, {b, b}, {a, b}, {a, -b}, {b, -b}, {b, -a}, {-b, -a}, {-b, -b}, {-a, -b}, {-a, b}, {-b, b}} {
			if k == 0 {
				path.Move(pt(x+q[0], y+q[1]))
			} else {
				path.Line(pt(x+q[0], y+q[1]))
			}
		}
		path.Close()
	}
}
