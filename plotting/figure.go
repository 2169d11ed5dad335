package plotting

import (
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"runtime"
	"strings"

	"github.com/gxlab/gxlab/gx/fault"
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

// Save writes the figure to a file: .svg, .png (300 dots an inch) or .pdf. The file
// is whole or not there at all. Missing folders are made.
func (f Figure) Save(path string) error {
	var data []byte
	var err error
	switch ext := strings.ToLower(filepath.Ext(path)); ext {
	case ".svg":
		data, err = f.SVG()
	case ".png":
		data, err = f.PNG()
	case ".pdf":
		data, err = f.PDF()
	default:
		return fault.New(fmt.Sprintf("a figure cannot be saved as %q", ext), path, "a name that ends in .svg, .png or .pdf")
	}
	if err != nil {
		return err
	}
	if err := write(path, data); err != nil {
		return fault.Wrap(err, "the figure was not saved", path, "a folder that can be written to and has room")
	}
	return nil
}

// write puts data into a new file and then gives it its name.
func write(path string, data []byte) (err error) {
	dir := filepath.Dir(path)
	if err := os.MkdirAll(dir, 0o777); err != nil {
		return err
	}
	t, err := os.CreateTemp(dir, "."+filepath.Base(path)+".*")
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			os.Remove(t.Name())
		}
	}()
	_, err = t.Write(data)
	err = errors.Join(err, t.Chmod(0o644), t.Sync(), t.Close())
	if err != nil {
		return err
	}
	return os.Rename(t.Name(), path)
}

// bad is a mistake in what a figure was given, at the caller's line.
func bad(what, try string) error { return fault.New(what, caller(), try) }

// caller is the first line outside this package on the way here, its file in full
// so that a notebook can name the cell.
func caller() string {
	pcs := make([]uintptr, 32)
	frames := runtime.CallersFrames(pcs[:runtime.Callers(2, pcs)])
	for {
		fr, more := frames.Next()
		inside := strings.Contains(fr.Function, "gxlab/plotting.") && !strings.HasSuffix(fr.File, "_test.go")
		if !inside && fr.File != "" {
			return fmt.Sprintf("%s:%d", fr.File, fr.Line)
		}
		if !more {
			return ""
		}
	}
}
