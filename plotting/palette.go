package plotting

import (
	"image/color"
	"math"
)

// The colours of Okabe and Ito ("Color Universal Design", 2008), told apart with
// any common colour vision, in an order whose neighbours differ in grey as well.
// Their yellow, too faint for a line on white, gives way to grey.
var (
	blue    = color.NRGBA{0x00, 0x72, 0xB2, 0xFF}
	orange  = color.NRGBA{0xE6, 0x9F, 0x00, 0xFF}
	green   = color.NRGBA{0x00, 0x9E, 0x73, 0xFF}
	red     = color.NRGBA{0xD5, 0x5E, 0x00, 0xFF}
	sky     = color.NRGBA{0x56, 0xB4, 0xE9, 0xFF}
	purple  = color.NRGBA{0xCC, 0x79, 0xA7, 0xFF}
	black   = color.NRGBA{0x00, 0x00, 0x00, 0xFF}
	silver  = color.NRGBA{0x99, 0x99, 0x99, 0xFF}
	grey    = color.NRGBA{0x70, 0x70, 0x70, 0xFF}
	pale    = color.NRGBA{0xDD, 0xDD, 0xDD, 0xFF}
	white   = color.NRGBA{0xFF, 0xFF, 0xFF, 0xFF}
	palette = [...]color.NRGBA{blue, orange, green, red, sky, purple, black, silver}
)

func colour(i int) color.NRGBA { return palette[i%len(palette)] }

// dashes tell lines apart where colours do not: in grey, in a photocopy.
var dashes = [...][]float64{nil, {4, 1.5}, {1, 1.2}, {5, 1.5, 1, 1.5}, {2.5, 1}, {7, 2}, {3, 1, 1, 1, 1, 1}, {1, 2.5}}

// dash gives the second round of colours other dashes than the first.
func dash(i int) []float64 { return dashes[(i+i/len(palette))%len(dashes)] }

// tint mixes a colour with white: 0 is white, 1 the colour.
func tint(c color.NRGBA, share float64) color.NRGBA {
	m := func(v uint8) uint8 { return uint8(math.Round(255 - share*(255-float64(v)))) }
	return color.NRGBA{m(c.R), m(c.G), m(c.B), 0xFF}
}

// shade mixes a colour with black: 0 is the colour, 1 black.
func shade(c color.NRGBA, share float64) color.NRGBA {
	m := func(v uint8) uint8 { return uint8(math.Round((1 - share) * float64(v))) }
	return color.NRGBA{m(c.R), m(c.G), m(c.B), 0xFF}
}

// between mixes two colours: 0 is a, 1 is b.
func between(a, b color.NRGBA, t float64) color.NRGBA {
	m := func(x, y uint8) uint8 { return uint8(math.Round(float64(x) + t*(float64(y)-float64(x)))) }
	return color.NRGBA{m(a.R, b.R), m(a.G, b.G), m(a.B, b.B), 0xFF}
}

// ramp is a scale from white over blue to nearly black whose lightness falls all
// the way, so that it reads the same in grey. t runs from 0 to 1.
func ramp(t float64) color.NRGBA {
	stops := [...]color.NRGBA{{0xFF, 0xFF, 0xFF, 0xFF}, {0xA9, 0xD3, 0xEC, 0xFF}, {0x2E, 0x8B, 0xC6, 0xFF}, {0x07, 0x4F, 0x85, 0xFF}, {0x05, 0x17, 0x33, 0xFF}}
	t = min(max(t, 0), 1) * float64(len(stops)-1)
	i := min(int(t), len(stops)-2)
	return between(stops[i], stops[i+1], t-float64(i))
}

// sides is a scale from blue over white to orange, for values on both sides of 0, which
// t = 0.5 stands for. Both ends are dark, so in grey it shows the size and not the side.
func sides(t float64) color.NRGBA {
	t = min(max(t, 0), 1)
	low, high := color.NRGBA{0x07, 0x4F, 0x85, 0xFF}, color.NRGBA{0xA8, 0x3E, 0x00, 0xFF}
	if t < 0.5 {
		return between(low, white, 2*t)
	}
	return between(white, high, 2*t-1)
}
