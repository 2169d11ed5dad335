package plotting

import (
	"fmt"
	"math"

	"github.com/gxlab/gxlab/gx"
)

// LearningCurveWidget is a LearningCurve to read off: the values of every curve at
// the epoch under the pointer or the arrow keys, and a logarithmic axis to switch to.
func LearningCurveWidget(fits ...*gx.Fitted) Widget {
	const name = "learning_curve_widget"
	still := LearningCurve(fits...)
	if still.err != nil {
		return failed(name, still.err)
	}
	var curves []liveCurve
	for i, l := range learning(fits) {
		curves = append(curves, ofEpochs(l.Name, "test", l.Test, i, nil), ofEpochs(l.Name, "training", l.Train, i, dash(1)))
	}
	return curvesWidget(name, still.Width(150).Height(90), errorLabel("MSE", fits...), 0, 0, curves)
}

// Widget is the curve as it stands, to read off as LearningCurveWidget is. Live puts
// it in the place of the moving curve when training ends.
func (m *Monitor) Widget() Widget {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.widget()
}

func (m *Monitor) widget() Widget {
	const name = "training"
	f := m.figure()
	if f.err != nil {
		return failed(name, f.err)
	}
	var curves []liveCurve
	for _, mk := range f.body.(chart).marks {
		switch k := mk.(type) {
		case ribbon:
			se := make([]float64, len(k.hi))
			for i := range se {
				se[i] = (k.hi[i] - k.lo[i]) / 2
			}
			curves = append(curves, liveCurve{se: se})
		case curve:
			n := len(curves)
			if n == 0 || curves[n-1].ys != nil {
				curves, n = append(curves, liveCurve{}), n+1
			}
			l := &curves[n-1]
			l.xs, l.ys, l.k, l.dash = k.xs, k.ys, k.marker, k.line.dash
		}
	}
	for i, e := range f.body.(chart).legend {
		curves[i].name = e.name
	}
	return curvesWidget(name, f.Width(120).Height(75), "MSE", 0, float64(m.until), curves)
}

// liveCurve is a curve of a widget: k is its colour.
type liveCurve struct {
	name   string
	xs, ys []float64
	se     []float64
	k      int
	dash   []float64
}

func ofEpochs(name, part string, ys []float64, k int, dash []float64) liveCurve {
	if name != "" {
		part = name + ", " + part
	}
	c := liveCurve{name: part, ys: ys, k: k, dash: dash}
	for i := range ys {
		c.xs = append(c.xs, float64(i+1))
	}
	return c
}

func curvesWidget(name string, still Figure, ylabel string, x0, x1 float64, curves []liveCurve) Widget {
	var series []map[string]any
	for _, c := range curves {
		if len(c.ys) == 0 {
			continue
		}
		for i, y := range c.ys {
			if math.IsNaN(y) || math.IsInf(y, 0) {
				return failed(name, bad(fmt.Sprintf("epoch %g of %q is %g", c.xs[i], c.name, y), "epochs that have values"))
			}
		}
		s := map[string]any{"name": c.name, "x": rounded(c.xs), "y": rounded(c.ys), "k": c.k, "dash": c.dash}
		if c.se != nil {
			s["se"] = rounded(c.se)
		}
		series = append(series, s)
	}
	still = still.Named(name)
	return Widget{name: name, kind: "curves", caption: still.caption, still: still, data: map[string]any{
		"series": series, "xlabel": "Epoch", "ylabel": ylabel, "x0": x0, "x1": x1,
	}}
}
