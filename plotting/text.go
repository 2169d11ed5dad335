package plotting

import (
	"strings"
	"sync"

	"codeberg.org/go-fonts/liberation/liberationsansbold"
	"codeberg.org/go-fonts/liberation/liberationsansregular"
	xfont "golang.org/x/image/font"
	"golang.org/x/image/font/opentype"
	"gonum.org/v1/plot/font"
)

// Sizes of text, in points.
const (
	tickSize   = 7.0
	labelSize  = 8.0
	letterSize = 10.0
)

// faces holds the two fonts of every figure, parsed when the first text is drawn.
var faces = sync.OnceValue(func() (f struct{ regular, bold *opentype.Font }) {
	// Both fonts are part of the program: they parse, or the build is broken.
	f.regular, _ = opentype.Parse(liberationsansregular.TTF)
	f.bold, _ = opentype.Parse(liberationsansbold.TTF)
	return f
})

// face is Liberation Sans at a size in points.
func face(size float64, bold bool) font.Face {
	f := font.Face{
		Font: font.Font{Typeface: "LiberationSans", Size: font.Length(size)},
		Face: faces().regular,
	}
	if bold {
		f.Font.Weight = xfont.WeightBold
		f.Face = faces().bold
	}
	return f
}

// Ratios of raised and lowered digits to the text that they stand in.
const (
	smallScale = 0.68
	raise      = 0.36
	lower      = -0.14
)

// run is a stretch of text at one height: a word, an exponent or an index.
type run struct {
	text  string
	shift float64 // of the size of the text: above (+) or below (-) the line
}

func (r run) size(size float64) float64 {
	if r.shift != 0 {
		return size * smallScale
	}
	return size
}

// Labels are written in Unicode ("log₂ units²"). Few fonts hold all of these
// signs, so they are drawn as small ordinary ones.
var (
	superscripts = strings.NewReplacer("⁰", "0", "¹", "1", "²", "2", "³", "3", "⁴", "4", "⁵", "5",
		"⁶", "6", "⁷", "7", "⁸", "8", "⁹", "9", "⁻", "−", "⁺", "+")
	subscripts = strings.NewReplacer("₀", "0", "₁", "1", "₂", "2", "₃", "3", "₄", "4", "₅", "5",
		"₆", "6", "₇", "7", "₈", "8", "₉", "9")
)

const (
	superscriptRunes = "⁰¹²³⁴⁵⁶⁷⁸⁹⁻⁺"
	subscriptRunes   = "₀₁₂₃₄₅₆₇₈₉"
)

// runs splits a line of text where its height changes.
func runs(s string) []run {
	var out []run
	start, kind := 0, 0.0
	flush := func(end int) {
		if end == start {
			return
		}
		t := s[start:end]
		switch {
		case kind > 0:
			t = superscripts.Replace(t)
		case kind < 0:
			t = subscripts.Replace(t)
		}
		out = append(out, run{t, kind})
		start = end
	}
	for i, r := range s {
		k := 0.0
		if strings.ContainsRune(superscriptRunes, r) {
			k = raise
		} else if strings.ContainsRune(subscriptRunes, r) {
			k = lower
		}
		if k != kind {
			flush(i)
			kind = k
		}
	}
	flush(len(s))
	return out
}

// textWidth is the width in points of one line.
func textWidth(s string, size float64, bold bool) float64 {
	w := 0.0
	for _, r := range runs(s) {
		f := face(r.size(size), bold)
		w += float64(f.Width(r.text))
	}
	return w
}

// textSize is the width and height in points of a text of one or more lines.
func textSize(s string, size float64, bold bool) (w, h float64) {
	lines := strings.Split(s, "\n")
	for _, l := range lines {
		w = max(w, textWidth(l, size, bold))
	}
	return w, size*lineHeight*float64(len(lines)-1) + size
}

const lineHeight = 1.2

// wrap breaks a text at spaces into lines no wider than width points. A word that
// is wider stays whole. Line breaks of the text are kept.
func wrap(s string, size, width float64) string {
	var out []string
	for _, l := range strings.Split(s, "\n") {
		line := ""
		for _, word := range strings.Fields(l) {
			next := word
			if line != "" {
				next = line + " " + word
			}
			if line != "" && textWidth(next, size, false) > width {
				out = append(out, line)
				next = word
			}
			line = next
		}
		out = append(out, line)
	}
	return strings.Join(out, "\n")
}
