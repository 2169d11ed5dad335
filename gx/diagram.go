package gx

import (
	"context"
	"fmt"
	"html"
	"math"
	"strings"
)

func escape(s string) string { return html.EscapeString(s) }

// SVG draws the recipe's network: a bar a layer, as tall as the logarithm of its
// width, with its activation, and the number of parameters between layers. The
// number of genes is the cohort's, which is made if it is not kept yet.
func (t Training) SVG() ([]byte, error) {
	if err := t.Err(); err != nil {
		return nil, err
	}
	set, err := t.cohort.Keep(context.Background(), nil)
	if err != nil {
		return nil, err
	}
	return drawLayers(t.Name(), t.layers(set.P())), nil
}

// String is the recipe as it would be written.
func (t Training) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s: ", t.Name())
	for i, l := range t.layers(0) {
		if i > 0 {
			b.WriteString(" → ")
		}
		b.WriteString(l.label())
		if l.act != Linear && l.act != "" {
			b.WriteString(" " + string(l.act))
		}
	}
	if t.net.Label != "" {
		fmt.Fprintf(&b, "; code → ")
		if t.net.ClassHidden > 0 {
			fmt.Fprintf(&b, "%d LeakyReLU → ", t.net.ClassHidden)
		}
		fmt.Fprintf(&b, "softmax of %s, weight %g", t.net.Label, t.net.ClassWeight)
	}
	p := t.plan
	rate := "at the rate that suits the width"
	if p.Rate > 0 {
		rate = fmt.Sprintf("%g", p.Rate)
	}
	if p.FanIn > 0 {
		rate += fmt.Sprintf(" of up to %d inputs", p.FanIn)
	}
	fmt.Fprintf(&b, "; %s, %s %s, batch %d, %d epochs", t.loss(), p.Optimiser, rate, p.Batch, p.Epochs)
	if p.Iterations > 0 {
		fmt.Fprintf(&b, " of %d steps", p.Iterations)
	}
	fmt.Fprintf(&b, ", seed %d; on %s", p.Seed, t.cohort)
	return b.String()
}

// drawn is one layer of a drawing; width 0 is not known yet.
type drawn struct {
	width int
	act   Activation
	code  bool
	note  string // "dropout 0.1", "batch norm"
}

func (d drawn) label() string {
	if d.width == 0 {
		return "n"
	}
	return fmt.Sprint(d.width)
}

// layers are the recipe's layers from genes to genes; p is the number of genes,
// or 0 where it is not known.
func (t Training) layers(p int) []drawn {
	hs := t.hidden(p)
	var notes []string
	if t.net.BatchNorm {
		notes = append(notes, "batch norm")
	}
	if t.net.Dropout > 0 {
		notes = append(notes, fmt.Sprintf("dropout %g", t.net.Dropout))
	}
	note := strings.Join(notes, ", ")
	in := drawn{width: p}
	if t.net.Noise > 0 {
		in.note = fmt.Sprintf("noise %g", t.net.Noise)
		if c := t.net.Clip; len(c) == 2 {
			in.note += fmt.Sprintf(" cut at %g and %g", c[0], c[1])
		}
	}
	if t.net.Mask > 0 {
		in.note = strings.TrimPrefix(in.note+fmt.Sprintf(", masked %g", t.net.Mask), ", ")
	}
	out := []drawn{in}
	for _, h := range hs {
		out = append(out, drawn{width: h.Width, act: h.Act, note: note})
	}
	out = append(out, drawn{width: t.net.Code, act: t.net.CodeAct, code: true})
	for i := len(hs) - 1; i >= 0 && !t.net.Linear; i-- {
		out = append(out, drawn{width: hs[i].Width, act: hs[i].Act, note: note})
	}
	return append(out, drawn{width: p, act: t.net.OutAct})
}

// parameters counts weights and biases; 0 where a width is not known.
func parameters(ls []drawn) (n int) {
	for i := 1; i < len(ls); i++ {
		if ls[i].width == 0 || ls[i-1].width == 0 {
			return 0
		}
		n += ls[i].width * (ls[i-1].width + 1)
	}
	return n
}

// drawLayers is a plain SVG, readable in grey, about 120 mm wide.
func drawLayers(title string, ls []drawn) []byte {
	const step, left, mid, high = 104.0, 46.0, 132.0, 86.0
	w := left*2 + step*float64(len(ls)-1)
	most := 1.0
	for _, l := range ls {
		most = math.Max(most, math.Log10(float64(max(l.width, 10))))
	}
	var b strings.Builder
	fmt.Fprintf(&b, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %g 262" width="%gmm" height="%gmm" font-family="Helvetica, Arial, sans-serif" font-size="11" fill="#222">`, w, math.Min(180, w/4.2), math.Min(180, w/4.2)*262/w)
	fmt.Fprintf(&b, `<title>%s</title><rect width="%g" height="262" fill="#fff"/>`, escape(title), w)
	head := title
	if n := parameters(ls); n > 0 {
		head += ", " + thousands(n) + " parameters"
	}
	fmt.Fprintf(&b, `<text x="%g" y="18" font-size="13" font-weight="bold">%s</text>`, left-30, escape(head))
	for i, l := range ls {
		x := left + step*float64(i)
		h := high * math.Log10(float64(max(l.width, 10))) / most
		if l.width == 0 {
			h = high
		}
		fill := "#9ecae1"
		if l.code {
			fill = "#d55e00"
		}
		if i > 0 {
			prev := ls[i-1]
			ph := high * math.Log10(float64(max(prev.width, 10))) / most
			if prev.width == 0 {
				ph = high
			}
			fmt.Fprintf(&b, `<path d="M%.1f %.1fL%.1f %.1fL%.1f %.1fL%.1f %.1fZ" fill="#eee"/>`, x-step+11, mid-ph, x-11, mid-h, x-11, mid+h, x-step+11, mid+ph)
			if l.width > 0 && prev.width > 0 {
				fmt.Fprintf(&b, `<text x="%.1f" y="%g" text-anchor="middle" font-size="9" fill="#555">%s</text>`, x-step/2, mid+3, thousands(l.width*(prev.width+1)))
			}
		}
		fmt.Fprintf(&b, `<rect x="%.1f" y="%.1f" width="22" height="%.1f" fill="%s" stroke="#444" stroke-width="0.8"/>`, x-11, mid-h, 2*h, fill)
		fmt.Fprintf(&b, `<text x="%.1f" y="236" text-anchor="middle" font-weight="bold">%s</text>`, x, l.label())
		role := string(l.act)
		switch {
		case i == 0:
			role = "genes"
		case l.code && l.act == Linear:
			role = "code"
		case l.code:
			role = "code, " + string(l.act)
		}
		fmt.Fprintf(&b, `<text x="%.1f" y="248" text-anchor="middle" font-size="9.5">%s</text>`, x, escape(role))
		if l.note != "" {
			fmt.Fprintf(&b, `<text x="%.1f" y="259" text-anchor="middle" font-size="8.5" fill="#555">%s</text>`, x, escape(l.note))
		}
	}
	b.WriteString("</svg>")
	return []byte(b.String())
}

func thousands(n int) string {
	s := fmt.Sprint(n)
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}

// loss is what training minimises, in words.
func (t Training) loss() string {
	if t.net.Likelihood != "" {
		return "ELBO, " + string(t.net.Likelihood)
	}
	return string(t.net.Loss)
}
