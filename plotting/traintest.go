package plotting

import (
	"fmt"
	"math"
	"strconv"
)

// Learning is the course of one training: the error of the training samples and of
// the test (or validation) samples after every epoch. Either may be nil.
type Learning struct {
	Name        string
	Train, Test []float64
}

// TrainTest draws learning curves: test errors as full lines, training errors
// broken, one colour a training.
func TrainTest(curves ...Learning) Figure {
	f, c := trainTest("TrainTest", curves)
	f.body = c
	return f
}

// LeastTest draws the same curves and marks where each test error is least: from
// there on, more epochs fit the training samples only.
func LeastTest(curves ...Learning) Figure {
	f, c := trainTest("LeastTest", curves)
	f.name = "overfitting"
	for i, l := range curves {
		if f.err != nil || len(l.Test) == 0 {
			continue
		}
		at := least(l.Test)
		col := colour(i)
		x := float64(at + 1)
		c.marks = append(c.marks,
			rule{vertical: true, at: x, line: line{col: tint(col, 0.6), width: 0.5, dash: []float64{1.5, 1.5}}},
			points{xs: []float64{x}, ys: []float64{l.Test[at]}, marker: 3, r: 2.4, col: col, rim: black})
		e := entry{name: fmt.Sprintf("least test error: %s at epoch %d", short(l.Test[at]), at+1), marker: 3, fill: col}
		if l.Name != "" && len(curves) > 1 {
			e.name = l.Name + ", " + e.name
		}
		c.legend = append(c.legend, e)
	}
	f.body = c
	return f
}

func trainTest(verb string, curves []Learning) (Figure, chart) {
	f := Figure{name: "learning_curve"}
	c := chart{ax: axis{label: "Epoch", zero: true, whole: true, pad: 0.02}, ay: axis{label: "MSE"}}
	if len(curves) == 0 {
		f.err = bad(verb+" has no curves", "at least one Learning with Train or Test")
	}
	for i, l := range curves {
		name := func(part string) string {
			if l.Name == "" {
				return part
			}
			return l.Name + ", " + part
		}
		if len(l.Train)+len(l.Test) == 0 && f.err == nil {
			f.err = bad(fmt.Sprintf("learning curve %q is empty", l.Name), "a training of at least one epoch")
		}
		for _, part := range [...]struct {
			name string
			ys   []float64
			dash []float64
		}{{"test", l.Test, nil}, {"training", l.Train, dash(1)}} {
			if len(part.ys) == 0 || f.err != nil {
				continue
			}
			f.err = finite(fmt.Sprintf("learning curve %q", l.Name), "the "+part.name+" error", part.ys)
			s := Series{Y: part.ys}
			k := curve{xs: s.x(), ys: part.ys, line: line{col: colour(i), width: 1, dash: part.dash}, marker: i}
			e := entry{name: name(part.name), line: k.line}
			if part.dash == nil {
				k.every = markersEvery(len(part.ys))
				e.marker, e.fill = i, k.line.col
			}
			c.marks = append(c.marks, k)
			c.legend = append(c.legend, e)
		}
	}
	return f, c
}

func least(vs []float64) int {
	at := 0
	for i, v := range vs {
		if v < vs[at] {
			at = i
		}
	}
	return at
}

// short writes a measured value with three digits.
func short(v float64) string {
	if a := math.Abs(v); a != 0 && (a < 1e-3 || a >= 1e5) {
		e := int(math.Floor(math.Log10(a)))
		return minus(strconv.FormatFloat(v/math.Pow(10, float64(e)), 'f', 1, 64)) + "×10" + superscript(e)
	}
	d := 3
	if v != 0 {
		d = min(max(2-int(math.Floor(math.Log10(math.Abs(v)))), 0), 5)
	}
	return minus(strconv.FormatFloat(v, 'f', d, 64))
}
