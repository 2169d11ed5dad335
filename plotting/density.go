package plotting

import (
	"image"
	"image/color"
	"math"
	"sort"

	"gonum.org/v1/plot/vg"
)

// cloud is a scatter of many points, darker where they are dense. From a few hundred
// points on it is one small picture of 450 dots an inch, not thousands of shapes.
type cloud struct {
	xs, ys []float32
	col    vgNRGBA
}

// cloudAsShapes is the most points that are drawn as shapes.
const cloudAsShapes = 300

func (c cloud) extent(_, _ bool) (x0, x1, y0, y1 float64) {
	x0, x1 = ends32(c.xs)
	y0, y1 = ends32(c.ys)
	return
}

func ends32(vs []float32) (lo, hi float64) {
	lo, hi = math.Inf(1), math.Inf(-1)
	for _, v := range vs {
		lo, hi = min(lo, float64(v)), max(hi, float64(v))
	}
	return lo, hi
}

func (c cloud) draw(p pen, f frame) {
	if len(c.xs) > cloudAsShapes {
		p.image(f.box, c.picture(f))
		return
	}
	var q vg.Path
	for i := range c.xs {
		if x, y := f.X(float64(c.xs[i])), f.Y(float64(c.ys[i])); f.holds(x, y) {
			marker(&q, 0, x, y, 0.7)
		}
	}
	p.fill(q, c.col)
}

// Shades of a cloud, thin to dense, after the white of the paper.
const shades = 12

// picture draws the points on a grid of pixels over the plot. A point's shade is the
// logarithm of how many points share its coarse cell; dense ones lie on top.
func (c cloud) picture(f frame) image.Image {
	const perPoint, cell, radius = 450.0 / 72, 8, 2
	w, h := max(1, int(f.w()*perPoint)), max(1, int(f.h()*perPoint))
	pal := color.Palette{white}
	for s := range shades {
		t := float64(s) / (shades - 1)
		pal = append(pal, between(tint(c.col, 0.6), shade(c.col, 0.35), t))
	}
	img := image.NewPaletted(image.Rect(0, 0, w, h), pal)
	cols := w/cell + 1
	count := make([]int, cols*(h/cell+1))
	type dot struct{ x, y, cell int }
	var dots []dot
	most := 1
	for i := range c.xs {
		x, y := f.X(float64(c.xs[i])), f.Y(float64(c.ys[i]))
		if !f.holds(x, y) {
			continue
		}
		d := dot{x: min(int((x-f.x0)*perPoint), w-1), y: min(int((f.y1-y)*perPoint), h-1)}
		d.x, d.y = max(d.x, 0), max(d.y, 0)
		d.cell = d.y/cell*cols + d.x/cell
		count[d.cell]++
		most = max(most, count[d.cell])
		dots = append(dots, d)
	}
	sort.SliceStable(dots, func(i, j int) bool { return count[dots[i].cell] < count[dots[j].cell] })
	for _, d := range dots {
		s := 1
		if most > 1 {
			s = 1 + int(math.Round((shades-1)*math.Log(float64(count[d.cell]))/math.Log(float64(most))))
		}
		for dy := -radius; dy <= radius; dy++ {
			for dx := -radius; dx <= radius; dx++ {
				if dx*dx+dy*dy <= radius*radius+1 && image.Pt(d.x+dx, d.y+dy).In(img.Rect) {
					img.SetColorIndex(d.x+dx, d.y+dy, uint8(s))
				}
			}
		}
	}
	return img
}
