package plotting

import (
	"embed"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"html"
	"image/color"
	"math"
	"slices"
	"strings"

	"github.com/gxlab/gxlab/gx/fault"
	"github.com/gxlab/gxlab/kernel"
)

// A Widget is a figure that answers to the pointer and to the keys. kernel.Show
// displays it; HTML is one fragment with all that it needs inside, which works in a
// live notebook, in a trusted one opened again, and in an exported page without a
// network. Where scripts do not run, in a notebook that is not trusted or on paper
// made from one, its still picture stands in its place; Figure is that picture.
//
// A Widget is a value; its methods return changed copies. A mistake in the data is
// kept and returned by HTML.
type Widget struct {
	name, caption string
	kind          string // the script that draws it: points, codes, curves, network
	still         Figure
	data          map[string]any
	err           error

	// Of an embedding.
	ids      []string
	recolour func(label string) (Widget, error)
}

//go:embed widget/*.js widget/*.css
var widgetFiles embed.FS

// Name is the widget's name, such as "embedding".
func (w Widget) Name() string { return w.name }

// Named gives the widget, and its still figure, another name.
func (w Widget) Named(name string) Widget { w.name, w.still.name = name, name; return w }

// Caption is the sentence under the widget.
func (w Widget) Caption() string { return w.caption }

// Captioned gives the widget, and its still figure, another caption.
func (w Widget) Captioned(text string) Widget {
	w.caption, w.still.caption = text, text
	return w
}

// Figure is the still picture, to save or to print: kernel.Show(w, w.Figure()).
func (w Widget) Figure() Figure {
	if w.err != nil {
		return Figure{name: w.name, err: w.err}
	}
	return w.still
}

// Still is Figure for kernel.Show, which writes it to a run's figures.
func (w Widget) Still() kernel.Picture { return w.Figure() }

// Err is the mistake that HTML will return, nil if there is none.
func (w Widget) Err() error { return w.err }

// String names the widget where only text can be shown.
func (w Widget) String() string {
	if w.err != nil {
		return w.err.Error()
	}
	return strings.TrimSpace(w.name + " (an interactive figure: open the notebook in JupyterLab or the exported page) " + w.caption)
}

// heaviest is how large a fragment may be, in bytes: what a notebook with several
// still opens quickly with.
const heaviest = 4 << 20

// HTML is the widget as one fragment of a page: its still picture, style, script and
// data. It asks nothing of the network, sets no ids and no globals.
func (w Widget) HTML() (string, error) {
	if w.err != nil {
		return "", w.err
	}
	if w.data == nil {
		return "", bad("an empty Widget has nothing to show", "one of the functions of plotting, such as plotting.EmbeddingWidget")
	}
	title := w.caption
	if title == "" {
		title = strings.ReplaceAll(w.name, "_", " ")
	}
	still, err := w.picture(title)
	if err != nil {
		return "", err
	}
	colours := make([]string, len(palette))
	for i := range palette {
		colours[i] = hex(palette[i])
	}
	var stops []string
	for i := range 9 {
		stops = append(stops, hex(ramp(float64(i)/8)))
	}
	data := map[string]any{"title": title, "palette": colours, "ramp": stops}
	for k, v := range w.data {
		data[k] = v
	}
	// Marshal writes <, > and & as \u003c and so on, so no name can end the script.
	b, err := json.Marshal(data)
	if err != nil {
		return "", fault.Wrap(err, "the widget's data cannot be written", w.name, "numbers that are finite")
	}
	file := func(name string) string {
		f, _ := widgetFiles.ReadFile("widget/" + name) // it is part of the program
		return string(f)
	}
	var out strings.Builder
	// JupyterLab's keys must not act on the cell while the widget has the focus, and
	// names between dollar signs are no formulas.
	fmt.Fprintf(&out, `<div class="gxw mathjax_ignore tex2jax_ignore" data-gxlab="%s" data-lm-suppress-shortcuts="true">`+"\n", w.kind)
	fmt.Fprintf(&out, `<div class="gxw-still"><img style="max-width:100%%" alt="%s" src="%s"></div>`+"\n", html.EscapeString(title), still)
	if w.caption != "" {
		fmt.Fprintf(&out, `<p class="gxw-note">%s</p>`+"\n", html.EscapeString(w.caption))
	}
	out.WriteString("<style>" + file("style.css") + "</style>\n<script>(function () {\n\"use strict\";\n" + `const here = document.currentScript;
const root = here && here.closest(".gxw") || [...document.querySelectorAll('.gxw[data-gxlab="` + w.kind + `"]')].find(e => !e.dataset.live);
if (!root || root.dataset.live) return;
root.dataset.live = "1";
const DATA = `)
	out.Write(b)
	out.WriteString(";\n" + file("base.js") + file(w.kind+".js") + "})();</script>\n</div>\n")
	if out.Len() > heaviest {
		return "", fault.New(fmt.Sprintf("the widget takes %.1f MB, the most is %d MB", float64(out.Len())/(1<<20), heaviest>>20), w.name, "fewer points, labels or genes")
	}
	return out.String(), nil
}

// stillDots an inch are enough for a screen: a still picture is about 800 dots wide.
const stillDots = 130

// picture is the still figure as an image inside the page: SVG, or PNG where that is
// lighter. JupyterLab shows images of notebooks that it does not trust, but no <svg>.
func (w Widget) picture(title string) (string, error) {
	svg, err := w.still.SVG()
	if err != nil {
		return "", err
	}
	if len(svg) <= 120_000 {
		return "data:image/svg+xml;base64," + base64.StdEncoding.EncodeToString(svg), nil
	}
	png, err := w.still.dots(stillDots)
	if err != nil {
		return "", err
	}
	if len(png) > len(svg) {
		return "data:image/svg+xml;base64," + base64.StdEncoding.EncodeToString(svg), nil
	}
	return "data:image/png;base64," + base64.StdEncoding.EncodeToString(png), nil
}

func hex(c color.Color) string { h, _ := paint(c); return h }

// fail is a widget that holds a mistake.
func failed(name string, err error) Widget { return Widget{name: name, err: err} }

// spread16 is values as 16 bits between their least and greatest, 65535 for NaN:
// an error of at most 1/131068 of the range.
func spread16(vs []float64) map[string]any {
	lo, hi := math.Inf(1), math.Inf(-1)
	for _, v := range vs {
		if !math.IsNaN(v) {
			lo, hi = min(lo, v), max(hi, v)
		}
	}
	if lo > hi {
		lo, hi = 0, 0
	}
	q := make([]uint16, len(vs))
	for i, v := range vs {
		switch {
		case math.IsNaN(v):
			q[i] = 65535
		case hi > lo:
			q[i] = uint16(math.Round((v - lo) / (hi - lo) * 65534))
		}
	}
	return map[string]any{"lo": lo, "hi": hi, "b": pack(q)}
}

// exact32 is values as float32.
func exact32(vs []float64) map[string]any {
	f := make([]float32, len(vs))
	for i, v := range vs {
		f[i] = float32(v)
	}
	return map[string]any{"lo": slices.Min(vs), "hi": slices.Max(vs), "f": pack(f)}
}

// spread8 is values as bytes between their least and greatest, 255 for NaN: an error
// of at most 1/508 of the range.
func spread8(vs []float64) (q []byte, lo, hi float64) {
	lo, hi = math.Inf(1), math.Inf(-1)
	for _, v := range vs {
		if !math.IsNaN(v) {
			lo, hi = min(lo, v), max(hi, v)
		}
	}
	if lo > hi {
		lo, hi = 0, 0
	}
	q = make([]byte, len(vs))
	for i, v := range vs {
		switch {
		case math.IsNaN(v):
			q[i] = 255
		case hi > lo:
			q[i] = byte(math.Round((v - lo) / (hi - lo) * 254))
		}
	}
	return q, lo, hi
}

// pack is numbers as base64 of their bytes, the low one first.
func pack[T uint8 | uint16 | int16 | float32](vs []T) string {
	b, _ := binary.Append(nil, binary.LittleEndian, vs) // numbers of fixed size
	return base64.StdEncoding.EncodeToString(b)
}

// rounded is numbers with at most 7 digits, for JSON.
func rounded(vs []float64) []json.Number {
	out := make([]json.Number, len(vs))
	for i, v := range vs {
		out[i] = json.Number(fmt.Sprintf("%.7g", v))
	}
	return out
}
