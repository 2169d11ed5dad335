package plotting

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"math"
	"strconv"
	"strings"

	xfont "golang.org/x/image/font"
	"gonum.org/v1/plot/font"
	"gonum.org/v1/plot/vg"
)

// fontFamily names fonts that have the widths we measure with, then any sans serif.
const fontFamily = "'Liberation Sans',Arial,Helvetica,sans-serif"

// svgCanvas is a vg.Canvas that writes SVG: upright coordinates in points, text as
// text with its anchor, pictures as PNG inside. It keeps no ids, so that several
// figures can stand in one page.
type svgCanvas struct {
	buf  bytes.Buffer
	h    float64
	now  svgState
	kept []svgState
}

type svgState struct {
	m     [6]float64 // x' = m0·x + m2·y + m4, y' = m1·x + m3·y + m5
	col   color.Color
	width float64
	dash  string
}

func newSVG(width, height float64, title string) *svgCanvas {
	c := &svgCanvas{h: height}
	c.now.m = [6]float64{1, 0, 0, 1, 0, 0}
	fmt.Fprintf(&c.buf, `<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" width="%smm" height="%smm" viewBox="0 0 %s %s" role="img" font-family="%s">`+"\n",
		num(width/mm), num(height/mm), num(width), num(height), fontFamily)
	if title != "" {
		fmt.Fprintf(&c.buf, "<title>%s</title>\n", escape(title))
	}
	vg.Initialize(c)
	return c
}

func (c *svgCanvas) bytes() []byte {
	return append(bytes.Clone(c.buf.Bytes()), "</svg>\n"...)
}

// num writes a length with two decimals: a hundredth of a point is finer than print.
func num(v float64) string {
	s := strconv.FormatFloat(v, 'f', 2, 64)
	s = strings.TrimRight(strings.TrimRight(s, "0"), ".")
	if s == "-0" {
		return "0"
	}
	return s
}

var escaper = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;", `"`, "&quot;")

// escape makes text safe inside SVG and drops control characters, which XML forbids.
func escape(s string) string {
	s = strings.Map(func(r rune) rune {
		if r < ' ' {
			return ' '
		}
		return r
	}, strings.ToValidUTF8(s, "�"))
	return escaper.Replace(s)
}

func paint(col color.Color) (hex, opacity string) {
	n := color.NRGBAModel.Convert(col).(color.NRGBA)
	if n.A != 0xFF {
		opacity = num(float64(n.A) / 0xFF)
	}
	return fmt.Sprintf("#%02x%02x%02x", n.R, n.G, n.B), opacity
}

func (c *svgCanvas) at(p vg.Point) (x, y float64) {
	m, px, py := &c.now.m, float64(p.X), float64(p.Y)
	return m[0]*px + m[2]*py + m[4], c.h - (m[1]*px + m[3]*py + m[5])
}

// scale is the factor by which lengths grow.
func (c *svgCanvas) scale() float64 {
	return math.Sqrt(math.Abs(c.now.m[0]*c.now.m[3] - c.now.m[1]*c.now.m[2]))
}

// angle is the turn of the x axis in degrees, clockwise as SVG counts.
func (c *svgCanvas) angle() float64 {
	return -math.Atan2(c.now.m[1], c.now.m[0]) * 180 / math.Pi
}

func (c *svgCanvas) SetLineWidth(w vg.Length) { c.now.width = float64(w) }
func (c *svgCanvas) SetColor(col color.Color) {
	if col == nil {
		col = color.Black
	}
	c.now.col = col
}

func (c *svgCanvas) SetLineDash(pattern []vg.Length, offset vg.Length) {
	var b strings.Builder
	for i, l := range pattern {
		if i > 0 {
			b.WriteByte(',')
		}
		b.WriteString(num(float64(l)))
	}
	c.now.dash = b.String()
}

func (c *svgCanvas) Rotate(rad float64) {
	s, k := math.Sincos(rad)
	c.apply([6]float64{k, s, -s, k, 0, 0})
}
func (c *svgCanvas) Translate(p vg.Point) {
	c.apply([6]float64{1, 0, 0, 1, float64(p.X), float64(p.Y)})
}
func (c *svgCanvas) Scale(x, y float64) { c.apply([6]float64{x, 0, 0, y, 0, 0}) }

func (c *svgCanvas) apply(b [6]float64) {
	a := c.now.m
	c.now.m = [6]float64{
		a[0]*b[0] + a[2]*b[1], a[1]*b[0] + a[3]*b[1],
		a[0]*b[2] + a[2]*b[3], a[1]*b[2] + a[3]*b[3],
		a[0]*b[4] + a[2]*b[5] + a[4], a[1]*b[4] + a[3]*b[5] + a[5],
	}
}

func (c *svgCanvas) Push() { c.kept = append(c.kept, c.now) }
func (c *svgCanvas) Pop() {
	c.now = c.kept[len(c.kept)-1]
	c.kept = c.kept[:len(c.kept)-1]
}

func (c *svgCanvas) Stroke(p vg.Path) {
	if c.now.width <= 0 || len(p) == 0 {
		return
	}
	hex, opacity := paint(c.now.col)
	fmt.Fprintf(&c.buf, `<path d="%s" fill="none" stroke="%s" stroke-width="%s"`, c.data(p), hex, num(c.now.width*c.scale()))
	if opacity != "" {
		fmt.Fprintf(&c.buf, ` stroke-opacity="%s"`, opacity)
	}
	if c.now.dash != "" {
		fmt.Fprintf(&c.buf, ` stroke-dasharray="%s"`, c.now.dash)
	}
	c.buf.WriteString(` stroke-linejoin="round"/>` + "\n")
}

func (c *svgCanvas) Fill(p vg.Path) {
	if len(p) == 0 {
		return
	}
	hex, opacity := paint(c.now.col)
	fmt.Fprintf(&c.buf, `<path d="%s" fill="%s"`, c.data(p), hex)
	if opacity != "" {
		fmt.Fprintf(&c.buf, ` fill-opacity="%s"`, opacity)
	}
	c.buf.WriteString("/>\n")
}

// data writes a path. Arcs keep their form under turns and even scaling, the only
// changes that figures make.
func (c *svgCanvas) data(path vg.Path) string {
	var b strings.Builder
	point := func(op string, p vg.Point) {
		x, y := c.at(p)
		b.WriteString(op + num(x) + " " + num(y))
	}
	for _, s := range path {
		switch s.Type {
		case vg.MoveComp:
			point("M", s.Pos)
		case vg.LineComp:
			point("L", s.Pos)
		case vg.CurveComp:
			op := "Q"
			if len(s.Control) == 2 {
				op = "C"
			}
			for _, q := range s.Control {
				point(op, q)
				op = " "
			}
			point(" ", s.Pos)
		case vg.ArcComp:
			c.arc(&b, s, b.Len() == 0)
		case vg.CloseComp:
			b.WriteString("Z")
		}
	}
	return b.String()
}

// arc goes in two halves, since SVG cannot draw a full circle in one.
func (c *svgCanvas) arc(b *strings.Builder, s vg.PathComp, first bool) {
	on := func(a float64) vg.Point {
		sin, cos := math.Sincos(a)
		return vg.Point{X: s.Pos.X + s.Radius*vg.Length(cos), Y: s.Pos.Y + s.Radius*vg.Length(sin)}
	}
	op := "L"
	if first {
		op = "M"
	}
	x, y := c.at(on(s.Start))
	b.WriteString(op + num(x) + " " + num(y))
	r, sweep := num(float64(s.Radius)*c.scale()), "0"
	if s.Angle < 0 {
		sweep = "1"
	}
	for _, t := range [...]float64{0.5, 1} {
		x, y := c.at(on(s.Start + t*s.Angle))
		fmt.Fprintf(b, "A%s %s 0 0 %s %s %s", r, r, sweep, num(x), num(y))
	}
}

// FillString writes text that starts at p.
func (c *svgCanvas) FillString(f font.Face, p vg.Point, s string) {
	c.text(p, "start", []run{{text: s}}, float64(f.Font.Size), f.Font.Weight >= xfont.WeightBold)
}

// text writes one line of text with its anchor (start, middle, end) at p.
func (c *svgCanvas) text(p vg.Point, anchor string, rs []run, size float64, bold bool) {
	x, y := c.at(p)
	hex, _ := paint(c.now.col)
	fmt.Fprintf(&c.buf, `<text x="%s" y="%s" font-size="%s"`, num(x), num(y), num(size*c.scale()))
	if hex != "#000000" {
		fmt.Fprintf(&c.buf, ` fill="%s"`, hex)
	}
	if anchor != "start" {
		fmt.Fprintf(&c.buf, ` text-anchor="%s"`, anchor)
	}
	if bold {
		c.buf.WriteString(` font-weight="bold"`)
	}
	if a := c.angle(); math.Abs(a) > 0.01 {
		fmt.Fprintf(&c.buf, ` transform="rotate(%s %s %s)"`, num(a), num(x), num(y))
	}
	c.buf.WriteString(` xml:space="preserve">`)
	back := 0.0
	for _, r := range rs {
		dy := back - r.shift*size
		back = r.shift * size
		if r.shift == 0 && dy == 0 {
			c.buf.WriteString(escape(r.text))
			continue
		}
		fmt.Fprintf(&c.buf, `<tspan dy="%s" font-size="%s">%s</tspan>`, num(dy*c.scale()), num(r.size(size)*c.scale()), escape(r.text))
	}
	c.buf.WriteString("</text>\n")
}

// DrawImage writes the picture as PNG inside the SVG, its pixels left as they are.
func (c *svgCanvas) DrawImage(rect vg.Rectangle, img image.Image) {
	var b bytes.Buffer
	enc := png.Encoder{CompressionLevel: png.BestCompression}
	if enc.Encode(&b, img) != nil { // only an image without pixels cannot be written
		return
	}
	x, y := c.at(vg.Point{X: rect.Min.X, Y: rect.Max.Y})
	fmt.Fprintf(&c.buf, `<image x="%s" y="%s" width="%s" height="%s" preserveAspectRatio="none" style="image-rendering:pixelated" xlink:href="data:image/png;base64,%s"/>`+"\n",
		num(x), num(y), num(float64(rect.Size().X)*c.scale()), num(float64(rect.Size().Y)*c.scale()), base64.StdEncoding.EncodeToString(b.Bytes()))
}
