package gx

import (
	"fmt"
	"math"

	"github.com/gxlab/gxlab/gx/fault"
	"github.com/gxlab/gxlab/gx/prep"
)

// affine adds a shift and scale per gene, after those there are: model units =
// (data units − shift) / scale.
func (w *work) affine(shift, scale []float64) {
	p := w.x.Cols
	s, c := make([]float32, p), make([]float32, p)
	for j := range p {
		s[j], c[j] = float32(shift[j]), float32(scale[j])
		if w.shift != nil {
			s[j] = float32(float64(w.shift[j]) + shift[j]*float64(w.scale[j]))
			c[j] = float32(scale[j] * float64(w.scale[j]))
		}
	}
	w.shift, w.scale = s, c
}

// moments are the training part's means and standard deviations in the units
// that the steps so far give.
func (w *work) moments() (mean, sd []float64) {
	mean, sd = prep.Moments(w.x, w.train())
	if w.shift != nil {
		for j := range mean {
			mean[j] = (mean[j] - float64(w.shift[j])) / float64(w.scale[j])
			sd[j] /= float64(w.scale[j])
		}
	}
	return mean, sd
}

func (w *work) standardise(step) error {
	if err := w.finite(); err != nil {
		return err
	}
	if err := w.noConstant("its standard deviation is 0"); err != nil {
		return err
	}
	w.affine(w.moments())
	return nil
}

func (w *work) noConstant(why string) error {
	c := prep.Constant(w.x, w.train())
	if len(c) == 0 {
		return nil
	}
	var names []string
	for _, j := range c {
		names = append(names, w.genes[j])
	}
	return fault.New(fmt.Sprintf("%d genes are constant in the training part (%s): %s", len(c), why, legal(names)), "", "DropConstant() before it")
}

func (w *work) centre(step) error {
	if err := w.finite(); err != nil {
		return err
	}
	mean, sd := w.moments()
	sum := 0.0
	for _, s := range sd {
		sum += s * s
	}
	rms := math.Sqrt(sum / float64(len(sd)))
	if rms == 0 {
		return w.noConstant("nothing varies")
	}
	for j := range sd {
		sd[j] = rms
	}
	w.affine(mean, sd)
	return nil
}

func (w *work) minMax(step) error {
	if err := w.finite(); err != nil {
		return err
	}
	if err := w.noConstant("its range is 0"); err != nil {
		return err
	}
	lo, hi := prep.Range(w.x, w.train())
	shift, scale := make([]float64, len(lo)), make([]float64, len(lo))
	for j := range lo {
		a, b := float64(lo[j]), float64(hi[j])
		if w.shift != nil {
			a, b = (a-float64(w.shift[j]))/float64(w.scale[j]), (b-float64(w.shift[j]))/float64(w.scale[j])
		}
		shift[j], scale[j] = a, b-a
	}
	w.affine(shift, scale)
	return nil
}

// minMaxWhole maps all values by one smallest and one largest value, those of the
// training part.
func (w *work) minMaxWhole(step) error {
	if err := w.finite(); err != nil {
		return err
	}
	lo, hi := prep.Range(w.x, w.train())
	a, b := math.Inf(1), math.Inf(-1)
	for j := range lo {
		l, h := float64(lo[j]), float64(hi[j])
		if w.shift != nil {
			l, h = (l-float64(w.shift[j]))/float64(w.scale[j]), (h-float64(w.shift[j]))/float64(w.scale[j])
		}
		a, b = math.Min(a, l), math.Max(b, h)
	}
	if !(b > a) {
		return fault.New("all values of the training part are the same", "", "data that vary")
	}
	shift, scale := make([]float64, len(lo)), make([]float64, len(lo))
	for j := range lo {
		shift[j], scale[j] = a, b-a
	}
	w.affine(shift, scale)
	return nil
}
