package plotting

import (
	"fmt"
	"strings"

	"github.com/gxlab/gxlab/gx/fault"
)

// millimetres is the size that the figure will have.
func (f Figure) millimetres() (w, h float64) {
	if f.body != nil {
		w, h = f.body.size()
	}
	if w == 0 {
		w = oneColumn
	}
	if f.width != 0 {
		w = f.width
	}
	h += f.titleHeight(w*mm) / mm
	if f.height != 0 {
		h = f.height
	}
	return w, h
}

// ready checks the whole figure and returns its body to draw.
func (f Figure) ready() (body, error) {
	if f.err != nil {
		return nil, f.err
	}
	if f.body == nil {
		return nil, bad("an empty Figure has nothing to draw", "one of the functions of plotting, such as plotting.Curves")
	}
	b, err := f.body.ready(f.look)
	if err != nil && f.name != "" {
		return nil, fault.At(err, "figure "+f.name)
	}
	return b, err
}

// titleHeight is the room of the title, in points.
func (f Figure) titleHeight(w float64) float64 {
	if f.title == "" {
		return 0
	}
	_, h := textSize(wrap(f.title, labelSize, w), labelSize, true)
	return h + 5
}

// paint draws a body that is ready into an area, at least with margins m.
func (f Figure) paint(p pen, b body, area box, m margins) {
	if f.title != "" {
		p.text(area.x0, area.y1, wrap(f.title, labelSize, area.w()), words{size: labelSize, bold: true, across: after, up: before})
		area.y1 -= f.titleHeight(area.w())
	}
	b.draw(p, area, b.margins(area).max(m))
}

// edge is the white rim of every figure, in points: strokes and letters at the
// border stay whole.
const edge = 2.0

// drawOn draws the figure on a white page.
func (f Figure) drawOn(p pen, b body) {
	w, h := f.millimetres()
	w, h = w*mm, h*mm
	p.rect(box{0, 0, w, h}, white, line{})
	f.paint(p, b, box{edge, edge, w - edge, h - edge}, margins{})
}

// SVG draws the figure as SVG, the same bytes for the same numbers.
func (f Figure) SVG() ([]byte, error) {
	b, err := f.ready()
	if err != nil {
		return nil, err
	}
	w, h := f.millimetres()
	title := f.title
	if title == "" {
		title = f.caption
	}
	c := newSVG(w*mm, h*mm, title)
	f.drawOn(pen{c}, b)
	return c.bytes(), nil
}

// String names the figure and its size.
func (f Figure) String() string {
	if f.err != nil {
		return f.err.Error()
	}
	w, h := f.millimetres()
	return strings.TrimSpace(fmt.Sprintf("%s (figure, %g × %g mm)", f.name, w, h))
}
