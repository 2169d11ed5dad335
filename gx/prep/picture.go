package prep

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"math"

	"github.com/gxlab/gxlab/gx/cores"
)

// pictureRows and pictureCols are the most points of a picture.
const pictureRows, pictureCols = 160, 640

// Picture is rows of the matrix, in that order, as a heat map in a PNG, samples down and genes across, each
// point the mean of a block where there are more samples or genes than points; rows in
// the order given (nil: as they are). lo and hi are the values of the darkest and the
// brightest colour: the 1st and 99th percentile of what is drawn. Missing values are
// grey.
func (m Matrix) Picture(rows []int) (data []byte, lo, hi float64, err error) {
	h, w := min(pictureRows, len(rows)), min(pictureCols, m.Cols)
	if h == 0 || w == 0 {
		return nil, 0, 0, fmt.Errorf("a picture of %d × %d values", len(rows), m.Cols)
	}
	points := NewMatrix(h, w)
	cores.Each(h, func(y int) {
		sum, n := make([]float64, w), make([]int, w)
		for _, r := range rows[y*len(rows)/h : (y+1)*len(rows)/h] {
			for j, v := range m.Row(r) {
				if !NotFinite(v) {
					x := j * w / m.Cols
					sum[x] += float64(v)
					n[x]++
				}
			}
		}
		for x := range w {
			points.Row(y)[x] = float32(sum[x] / float64(n[x])) // NaN of none
		}
	})
	lo, hi = Percentile(points, 0.01), Percentile(points, 0.99)
	if !(hi > lo) {
		hi = lo + 1
	}
	scale := max(1, min(4, pictureRows/h), min(4, pictureCols/w/2)) // few points are drawn larger
	if h*scale > 2*pictureRows || w*scale > 2*pictureCols {
		scale = 1
	}
	img := image.NewPaletted(image.Rect(0, 0, w*scale, h*scale), viridis)
	for y := range h * scale {
		for x := range w * scale {
			v := float64(points.Row(y / scale)[x/scale])
			at := uint8(255) // grey
			if !math.IsNaN(v) {
				at = uint8(math.Round(254 * math.Max(0, math.Min(1, (v-lo)/(hi-lo)))))
			}
			img.SetColorIndex(x, y, at)
		}
	}
	var b bytes.Buffer
	if err := png.Encode(&b, img); err != nil {
		return nil, 0, 0, err
	}
	return b.Bytes(), lo, hi, nil
}

// viridis is matplotlib's map of that name, between its colours at every quarter, and
// grey.
var viridis = func() (p color.Palette) {
	anchors := [][3]float64{{68, 1, 84}, {59, 82, 139}, {33, 145, 140}, {94, 201, 98}, {253, 231, 37}}
	for i := range 255 {
		at := float64(i) / 254 * 4
		k := min(3, int(at))
		var c [3]uint8
		for j := range c {
			c[j] = uint8(math.Round(anchors[k][j] + (at-float64(k))*(anchors[k+1][j]-anchors[k][j])))
		}
		p = append(p, color.RGBA{c[0], c[1], c[2], 255})
	}
	return append(p, color.RGBA{190, 190, 190, 255})
}()

// HTML is the matrix for a notebook: a line that sums it up, and a heat map.
func (m Matrix) HTML() (string, error) {
	rows := make([]int, m.Rows)
	for i := range rows {
		rows[i] = i
	}
	return m.Drawn(rows, "in their order")
}

// summary is some rows of the matrix in a line.
func (m Matrix) summary(rows []int) string {
	least, most, sum, n := math.Inf(1), math.Inf(-1), 0.0, 0
	for _, i := range rows {
		for _, v := range m.Row(i) {
			if !NotFinite(v) {
				least, most = math.Min(least, float64(v)), math.Max(most, float64(v))
				sum += float64(v)
				n++
			}
		}
	}
	s := fmt.Sprintf("%d samples × %d genes", len(rows), m.Cols)
	if n > 0 {
		s += fmt.Sprintf(", from %.4g to %.4g, mean %.4g", least, most, sum/float64(n))
	}
	if k := len(rows)*m.Cols - n; k > 0 {
		s += fmt.Sprintf(", %d values missing", k)
	}
	return s
}

// Drawn is HTML of some rows in an order, which the words name.
func (m Matrix) Drawn(rows []int, order string) (string, error) {
	summary := `<p style="font-size:smaller">` + m.summary(rows) + "</p>"
	if len(rows) == 0 || m.Cols == 0 {
		return summary, nil
	}
	b, lo, hi, err := m.Picture(rows)
	if err != nil {
		return "", err
	}
	return summary + fmt.Sprintf(`<img alt="heat map of the values" style="max-width:100%%;image-rendering:pixelated" src="data:image/png;base64,%s">`+
		`<p style="font-size:smaller">samples down, %s, genes across; <span style="color:#440154">■</span> %.3g <span style="color:#21918c">■</span> %.3g <span style="color:#e0c800">■</span> %.3g</p>`,
		base64.StdEncoding.EncodeToString(b), order, lo, (lo+hi)/2, hi), nil
}
