package plotting

import (
	"fmt"
	"math"
)

// Figure is a picture that is drawn when it is asked for: by SVG, PNG, PDF or Save.
// Its other methods return changed copies, so a figure can be a base for several.
// A mistake in the data is kept and returned by whichever verb draws it.
type Figure struct {
	name, title, caption string
	width, height        float64 // millimetres; 0: its own
	span                 int
	look                 look
	body                 body
	err                  error
}

// look holds what a reader changed about a plot.
type look struct {
	x, y     change
	noLegend bool
}

type change struct {
	label  *string
	log    bool
	lo, hi float64
	fixed  bool
}

// body is what a figure shows.
type body interface {
	// size is the width and height in millimetres that suit the body. A width of 0
	// is one column of a journal.
	size() (w, h float64)
	// ready applies l, checks the data and returns the body to draw.
	ready(l look) (body, error)
	// margins is the room that it needs around its plot in an area.
	margins(area box) margins
	draw(p pen, area box, m margins)
}

// Width of figures in millimetres: one and two columns of a journal.
const (
	oneColumn  = 85.0
	twoColumns = 180.0
)

// Name is the figure's file name without extension, such as "fig2a".
func (f Figure) Name() string { return f.name }

// Named gives the figure its file name, without extension.
func (f Figure) Named(name string) Figure { f.name = name; return f }

// Titled writes a title above the plot. The default is none: a journal's figures
// have captions instead.
func (f Figure) Titled(title string) Figure { f.title = title; return f }

// Caption is the sentence under the figure; it is not part of the picture.
func (f Figure) Caption() string { return f.caption }

// Captioned gives the figure another caption.
func (f Figure) Captioned(text string) Figure { f.caption = text; return f }

// Width sets the width in millimetres. The default is 85, one column of a journal,
// or 180 for pages of panels.
func (f Figure) Width(mm float64) Figure { f.width = mm; return f.checkSize("Width", mm) }

// Height sets the height in millimetres. The default suits the kind of figure.
func (f Figure) Height(mm float64) Figure { f.height = mm; return f.checkSize("Height", mm) }

// Span is how many columns the figure takes in Panels. The default is one.
func (f Figure) Span(columns int) Figure { f.span = columns; return f }

// X replaces the label of the horizontal axis.
func (f Figure) X(label string) Figure { f.look.x.label = &label; return f }

// Y replaces the label of the vertical axis.
func (f Figure) Y(label string) Figure { f.look.y.label = &label; return f }

// LogX makes the horizontal axis logarithmic.
func (f Figure) LogX() Figure { f.look.x.log = true; return f }

// LogY makes the vertical axis logarithmic.
func (f Figure) LogY() Figure { f.look.y.log = true; return f }

// XRange sets the ends of the horizontal axis. Data beyond them is left out.
func (f Figure) XRange(lo, hi float64) Figure {
	f.look.x.lo, f.look.x.hi, f.look.x.fixed = lo, hi, true
	return f.checkRange("XRange", lo, hi)
}

// YRange sets the ends of the vertical axis. Data beyond them is left out.
func (f Figure) YRange(lo, hi float64) Figure {
	f.look.y.lo, f.look.y.hi, f.look.y.fixed = lo, hi, true
	return f.checkRange("YRange", lo, hi)
}

// NoLegend leaves the legend out, as beside a panel that has the same one.
func (f Figure) NoLegend() Figure { f.look.noLegend = true; return f }

// Err is the mistake that drawing will return, nil if there is none so far.
func (f Figure) Err() error { return f.err }

func (f Figure) checkSize(verb string, v float64) Figure {
	if !(v >= 10 && v <= 2000) && f.err == nil {
		f.err = bad(fmt.Sprintf("%s(%g): not a size for a figure", verb, v), "10 to 2000 millimetres: 85 is one column, 180 two")
	}
	return f
}

func (f Figure) checkRange(verb string, lo, hi float64) Figure {
	if !(lo < hi) || math.IsInf(hi-lo, 0) {
		if f.err == nil {
			f.err = bad(fmt.Sprintf("%s(%g, %g): the first must be below the second", verb, lo, hi), fmt.Sprintf("%s(0, 1)", verb))
		}
	}
	return f
}
