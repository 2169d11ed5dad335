package plotting

import (
	"image"
	"image/color"
	"math"
)

// heat is a body of one matrix and its colour scale.
type heat struct {
	values [][]float64
	names  []string
	scale  string
	lo, hi float64
	bar    axis
	both   bool       // the scale goes from below 0 to above
	cells  [][]string // written into the cells where they have room; or nil
}

func (h heat) size() (w, he float64) { return 0, 68 }

func (h heat) ready(l look) (body, error) {
	if l.y.label != nil {
		h.scale = *l.y.label
	}
	h.bar = l.y.on(axis{label: h.scale, pad: -1})
	var err error
	h.bar, err = h.bar.resolve(h.lo, h.hi, "colour")
	return h, err
}

// same are the stretches of neighbours with one name: first and one past the last.
func (h heat) same() (spans [][2]int) {
	for i := range h.names {
		if i == 0 || h.names[i] != h.names[i-1] {
			spans = append(spans, [2]int{i, i})
		}
		spans[len(spans)-1][1] = i + 1
	}
	return spans
}

func (h heat) margins(area box) margins {
	m := margins{top: 3, bottom: 3}
	for _, s := range h.same() {
		m.left = max(m.left, textWidth(h.names[s[0]], tickSize, false)+tickGap+tickLength)
	}
	if m.left > 0 {
		m.bottom = m.left*math.Sin(turned) + tickSize
	}
	_, label := textSize(h.scale, labelSize, false)
	m.right = 8 + 8 + axisMargins(axis{bare: true}, axis{lo: h.bar.lo, hi: h.bar.hi, log: h.bar.log}, 0, area.h(), 0, 0, area.h()).left + labelGap + label
	return m
}

func (h heat) colourAt(v float64) color.NRGBA { return h.colour(h.bar.share(v)) }

// colour is that of a share of the scale.
func (h heat) colour(t float64) color.NRGBA {
	if h.both {
		return sides(t)
	}
	return ramp(t)
}

func (h heat) draw(p pen, area box, m margins) {
	in := area.in(m)
	rows, cols := len(h.values), len(h.values[0])
	if rows == cols {
		in = squared(in)
	}
	img := image.NewNRGBA(image.Rect(0, 0, cols, rows))
	for i, row := range h.values {
		for j, v := range row {
			img.SetNRGBA(j, i, h.colourAt(v))
		}
	}
	p.image(in, enlarged(img, in))
	p.rect(in, nil, thin)
	h.write(p, in)
	spans := h.same()
	lastY, lastX := math.Inf(1), math.Inf(-1) // of names: one that would touch the last is left out
	for _, s := range spans {
		mid := float64(s[0]+s[1]) / 2
		y := in.y1 - mid/float64(rows)*in.h()
		if lastY-y >= tickSize {
			lastY = y
			p.text(in.x0-tickGap-tickLength, y, h.names[s[0]], words{size: tickSize, across: before, up: middle})
		}
		if at := in.y1 - float64(s[0])/float64(rows)*in.h(); s[0] > 0 {
			p.segment(in.x0-tickLength, at, in.x0, at, thin)
		}
		if rows != cols {
			continue
		}
		x := in.x0 + mid/float64(cols)*in.w()
		if x-lastX >= tickSize/math.Sin(turned) {
			lastX = x
			p.text(x+tickSize*capHeight/2, in.y0-tickGap-tickLength, h.names[s[0]], words{size: tickSize, across: before, up: before, turn: turned})
		}
		if at := in.x0 + float64(s[0])/float64(cols)*in.w(); s[0] > 0 {
			p.segment(at, in.y0-tickLength, at, in.y0, thin)
		}
	}
	h.drawBar(p, box{in.x1 + 8, in.y0 + in.h()*0.15, in.x1 + 16, in.y1 - in.h()*0.15})
}

// write writes the cells' texts, white on dark ones.
func (h heat) write(p pen, in box) {
	if h.cells == nil {
		return
	}
	w, he := in.w()/float64(len(h.values[0])), in.h()/float64(len(h.values))
	size := min(tickSize, 0.8*he)
	for i, row := range h.cells {
		for j, t := range row {
			if t == "" || size < 4 || textWidth(t, size, false) > w {
				continue
			}
			col := black
			if h.bar.share(h.values[i][j]) > 0.5 {
				col = white
			}
			p.text(in.x0+(float64(j)+0.5)*w, in.y1-(float64(i)+0.5)*he, t, words{size: size, across: middle, up: middle, col: col})
		}
	}
}

// drawBar draws the scale of colours with its ticks at the right.
func (h heat) drawBar(p pen, b box) {
	const steps = 64
	img := image.NewNRGBA(image.Rect(0, 0, 1, steps))
	for i := range steps {
		img.SetNRGBA(0, i, h.colour(1-(float64(i)+0.5)/steps))
	}
	p.image(b, enlarged(img, b))
	p.rect(b, nil, thin)
	wide := 0.0
	for _, t := range h.bar.marks(b.h(), 18) {
		y := b.y0 + h.bar.share(t.at)*b.h()
		p.segment(b.x1, y, b.x1+tickLength, y, thin)
		p.text(b.x1+tickLength+tickGap, y, t.label, words{size: tickSize, across: after, up: middle})
		wide = max(wide, textWidth(t.label, tickSize, false))
	}
	_, label := textSize(h.scale, labelSize, false)
	p.text(b.x1+tickLength+tickGap+wide+labelGap+label, (b.y0+b.y1)/2, h.scale, words{size: labelSize, across: middle, up: after, turn: math.Pi / 2})
}

// enlarged repeats pixels until a printed dot is no larger than a screen's: viewers
// that smooth pictures then leave the cells' edges sharp.
func enlarged(img *image.NRGBA, b box) image.Image {
	const perPoint = 2.0
	w, h := img.Rect.Dx(), img.Rect.Dy()
	kx, ky := max(1, int(b.w()*perPoint)/w), max(1, int(b.h()*perPoint)/h)
	out := image.NewNRGBA(image.Rect(0, 0, w*kx, h*ky))
	for y := range h * ky {
		for x := range w * kx {
			out.SetNRGBA(x, y, img.NRGBAAt(x/kx, y/ky))
		}
	}
	return out
}
