package plotting

import (
	"fmt"
	"image"
	"image/color"

	"gonum.org/v1/plot/vg"
)

// Versus draws two lists' values of the same things against each other, such as the
// errors of every gene by two ways to predict it: a dot a thing, orange-red where y is
// better than x, blue where it is not. Better is lower, or higher where lower is false.
// label names the values; the axes are label and the groups' names.
func Versus(label string, x, y Group, lower bool) Figure {
	f := Figure{name: "versus"}
	switch {
	case len(x.Values) == 0 || len(x.Values) != len(y.Values):
		f.err = bad(fmt.Sprintf("Versus has %d and %d values", len(x.Values), len(y.Values)), "values of the same things in both groups")
	default:
		if f.err = finite("Versus", x.Name, x.Values); f.err == nil {
			f.err = finite("Versus", y.Name, y.Values)
		}
	}
	if f.err != nil {
		return f
	}
	s := sided{xs: x.Values, ys: y.Values, better: make([]bool, len(x.Values))}
	n := 0
	for i, v := range y.Values {
		if s.better[i] = v < x.Values[i] == lower && v != x.Values[i]; s.better[i] {
			n++
		}
	}
	lo, hi := ends(append(append([]float64(nil), x.Values...), y.Values...))
	if pad := 0.04 * (hi - lo); pad > 0 {
		lo, hi = lo-pad, hi+pad
	} else {
		lo, hi = lo-0.5, hi+0.5
	}
	name := func(g Group) string { return label + ", " + g.Name }
	f.body = chart{
		ax:     axis{label: name(x), fixed: true, lo: lo, hi: hi, pad: -1},
		ay:     axis{label: name(y), fixed: true, lo: lo, hi: hi, pad: -1},
		marks:  []mark{s, diagonal{}},
		square: true, h: 85,
		legend: []entry{{name: fmt.Sprintf("%s better (%d)", y.Name, n), fill: red}, {name: fmt.Sprintf("not better (%d)", len(x.Values)-n), fill: blue}},
	}
	f.caption = fmt.Sprintf("%s by %s and by %s: %s is better in %d of %d", label, x.Name, y.Name, y.Name, n, len(x.Values))
	return f
}

// sided is a scatter of two kinds of points. Many are one picture, as a cloud is.
type sided struct {
	xs, ys []float64
	better []bool
}

func (s sided) extent(_, _ bool) (x0, x1, y0, y1 float64) {
	x0, x1 = ends(s.xs)
	y0, y1 = ends(s.ys)
	return
}

func (s sided) draw(p pen, f frame) {
	if len(s.xs) > cloudAsShapes {
		p.image(f.box, s.picture(f))
		return
	}
	for k, col := range []color.NRGBA{blue, red} {
		var q vg.Path
		for i := range s.xs {
			if x, y := f.X(s.xs[i]), f.Y(s.ys[i]); s.better[i] == (k == 1) && f.holds(x, y) {
				marker(&q, 0, x, y, 0.8)
			}
		}
		p.fill(q, col)
	}
}

func (s sided) picture(f frame) image.Image {
	const perPoint, radius = 450.0 / 72, 3
	w, h := max(1, int(f.w()*perPoint)), max(1, int(f.h()*perPoint))
	img := image.NewPaletted(image.Rect(0, 0, w, h), color.Palette{white, blue, red})
	for i := range s.xs {
		x, y := f.X(s.xs[i]), f.Y(s.ys[i])
		if !f.holds(x, y) {
			continue
		}
		cx, cy, col := int((x-f.x0)*perPoint), int((f.y1-y)*perPoint), uint8(1)
		if s.better[i] {
			col = 2
		}
		for dy := -radius; dy <= radius; dy++ {
			for dx := -radius; dx <= radius; dx++ {
				if dx*dx+dy*dy <= radius*radius+1 && image.Pt(cx+dx, cy+dy).In(img.Rect) {
					img.SetColorIndex(cx+dx, cy+dy, col)
				}
			}
		}
	}
	return img
}
