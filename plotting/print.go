package plotting

import (
	"bytes"
	"encoding/binary"
	"hash/crc32"
	"image"
	"image/draw"
	"image/png"
	"math"

	"github.com/gxlab/gxlab/gx/fault"
	xfont "golang.org/x/image/font"
	"golang.org/x/image/font/sfnt"
	"golang.org/x/image/math/fixed"
	"golang.org/x/text/encoding/charmap"
	"gonum.org/v1/plot/font"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/vgimg"
	"gonum.org/v1/plot/vg/vgpdf"
)

// dotsPerInch of PNG files, what journals ask for.
const dotsPerInch = 300

// PNG draws the figure with 300 dots an inch, and says so in the file.
func (f Figure) PNG() ([]byte, error) { return f.dots(dotsPerInch) }

func (f Figure) dots(dpi int) ([]byte, error) {
	b, err := f.ready()
	if err != nil {
		return nil, err
	}
	w, h := f.millimetres()
	c := vgimg.NewWith(vgimg.UseWH(vg.Length(w*mm), vg.Length(h*mm)), vgimg.UseDPI(dpi))
	f.drawOn(pen{c}, b)
	var out bytes.Buffer
	if err := png.Encode(&out, c.Image()); err != nil {
		return nil, fault.Wrap(err, "the figure could not be written as PNG", f.name, "a smaller Width and Height")
	}
	return withDensity(out.Bytes(), float64(dpi)), nil
}

// withDensity puts a pHYs chunk after a PNG's header, so that programs place the
// picture at its size in millimetres.
func withDensity(data []byte, dpi float64) []byte {
	const header = 8 + 25 // signature and IHDR
	chunk := make([]byte, 4+4+9+4)
	binary.BigEndian.PutUint32(chunk, 9)
	copy(chunk[4:], "pHYs")
	perMetre := uint32(math.Round(dpi / 0.0254))
	binary.BigEndian.PutUint32(chunk[8:], perMetre)
	binary.BigEndian.PutUint32(chunk[12:], perMetre)
	chunk[16] = 1 // metres
	binary.BigEndian.PutUint32(chunk[17:], crc32.ChecksumIEEE(chunk[4:17]))
	return append(append(bytes.Clone(data[:header]), chunk...), data[header:]...)
}

// PDF draws the figure as one page of its size, fonts inside.
func (f Figure) PDF() ([]byte, error) {
	b, err := f.ready()
	if err != nil {
		return nil, err
	}
	w, h := f.millimetres()
	c := vgpdf.New(vg.Length(w*mm), vg.Length(h*mm))
	f.drawOn(pen{pdfCanvas{c}}, b)
	var out bytes.Buffer
	if _, err := c.WriteTo(&out); err != nil {
		return nil, fault.Wrap(err, "the figure could not be written as PDF", f.name, "SVG, or a temporary folder (TMPDIR) that can be written to")
	}
	return out.Bytes(), nil
}

// pdfCanvas mends three things of vgpdf: it knows one-byte texts only, one font a
// file, and draws pictures upside down. Texts that it cannot write, and the few in
// bold, are drawn as shapes.
type pdfCanvas struct{ *vgpdf.Canvas }

func (c pdfCanvas) DrawImage(rect vg.Rectangle, img image.Image) {
	c.Canvas.DrawImage(rect, upsideDown(img))
}

func upsideDown(img image.Image) image.Image {
	b := img.Bounds()
	var out draw.Image = image.NewNRGBA(b)
	if p, ok := img.(*image.Paletted); ok {
		out = image.NewPaletted(b, p.Palette)
	}
	for y := b.Min.Y; y < b.Max.Y; y++ {
		for x := b.Min.X; x < b.Max.X; x++ {
			out.Set(x, b.Max.Y-1-(y-b.Min.Y), img.At(x, y))
		}
	}
	return out
}

func (c pdfCanvas) FillString(f font.Face, at vg.Point, s string) {
	if f.Font.Weight != xfont.WeightNormal {
		c.Fill(outline(f, at, s))
		return
	}
	coded := make([]byte, 0, len(s))
	for _, r := range s {
		if r == '−' { // the minus sign: the en dash looks the same
			r = '–'
		}
		b, ok := charmap.Windows1252.EncodeRune(r)
		if !ok {
			c.Fill(outline(f, at, s))
			return
		}
		coded = append(coded, b)
	}
	c.Canvas.FillString(f, at, string(coded))
}

// outline is the shape of a text.
func outline(f font.Face, at vg.Point, s string) vg.Path {
	var path vg.Path
	var buf sfnt.Buffer
	em := fixed.Int26_6(f.Face.UnitsPerEm())
	scale := float64(f.Font.Size) / float64(em)
	x := float64(at.X)
	for _, r := range s {
		g, err := f.Face.GlyphIndex(&buf, r)
		if err != nil {
			continue
		}
		segments, err := f.Face.LoadGlyph(&buf, g, em, nil)
		if err != nil {
			continue
		}
		to := func(p fixed.Point26_6) vg.Point {
			return pt(x+float64(p.X)*scale, float64(at.Y)-float64(p.Y)*scale)
		}
		for i, q := range segments {
			switch q.Op {
			case sfnt.SegmentOpMoveTo:
				if i > 0 {
					path.Close()
				}
				path.Move(to(q.Args[0]))
			case sfnt.SegmentOpLineTo:
				path.Line(to(q.Args[0]))
			case sfnt.SegmentOpQuadTo:
				path.QuadTo(to(q.Args[0]), to(q.Args[1]))
			case sfnt.SegmentOpCubeTo:
				path.CubeTo(to(q.Args[0]), to(q.Args[1]), to(q.Args[2]))
			}
		}
		if len(segments) > 0 {
			path.Close()
		}
		x += float64(f.Width(string(r)))
	}
	return path
}
