package gx

import (
	"fmt"
	"math"

	"github.com/gxlab/gxlab/gx/fault"
	"github.com/gxlab/gxlab/gx/prep"
)

// Units of logged counts.
const (
	unitsLn1p   = "ln(1+x)"
	unitsLog21p = "log2(1+x)"
)

// Ln1p takes the natural logarithm of 1 + x of every value: scanpy's log1p, which is what
// HighlyVariable by Seurat expects. (Log1p is to base 2.) Not learned.
func (c Cohort) Ln1p() Cohort { return c.with("Ln1p", args{}) }

// Variability is how HighlyVariable compares genes.
type Variability string

// Seurat compares dispersions (variance over mean) of normalised, logged counts within
// bins of mean expression (Satija et al. 2015): after NormaliseTotal(1e4).Ln1p(). SeuratV3
// compares variances of counts with a smooth curve of their means (Stuart et al. 2019):
// before NormaliseTotal. Both as scanpy has them.
const (
	Seurat   Variability = "seurat"
	SeuratV3 Variability = "seurat_v3"
)

// HighlyVariable keeps the n genes that vary most for their mean, in their old order.
// Learned from the training part.
func (c Cohort) HighlyVariable(n int, by Variability) Cohort {
	if n < 1 {
		return c.failed(fmt.Sprintf("HighlyVariable(%d)", n), "no genes are left", "a number of genes from 1 up")
	}
	if by != Seurat && by != SeuratV3 {
		return c.failed(fmt.Sprintf("HighlyVariable(%s)", by), "no such way", "gx.Seurat or gx.SeuratV3")
	}
	return c.learn("HighlyVariable", args{Label: string(by), N: n})
}

// Scale takes from every gene its mean, divides by its standard deviation (divisor
// n − 1; 1 for a constant gene) and clips what is more than most of them away, as
// scanpy's scale does; 0 clips nothing. Learned from the training part. New samples are
// scaled by the model and not clipped.
func (c Cohort) Scale(most float64) Cohort {
	if !(most >= 0) || math.IsInf(most, 0) {
		return c.failed(fmt.Sprintf("Scale(%v)", most), "no bound", "a number of standard deviations such as 10, or 0 for none")
	}
	return c.learn("Scale", args{X: most})
}

// KeepGenes keeps those genes, in the order of the data, and says which the data lack.
// None of them is an error. Not learned.
func (c Cohort) KeepGenes(genes ...string) Cohort {
	if len(genes) == 0 {
		return c.failed("KeepGenes()", "no genes are left", `names of genes, such as KeepGenes("TP53", "MYC")`)
	}
	return c.with("KeepGenes", args{Values: genes})
}

func (w *work) keepGenes(s step) error {
	want := make(map[string]bool, len(s.Args.Values))
	for _, g := range s.Args.Values {
		want[g] = true
	}
	var index []int
	for j, g := range w.genes {
		if want[g] {
			index = append(index, j)
			delete(want, g)
		}
	}
	if len(index) == 0 {
		return fault.New("none of the genes is in the data, such as "+legal(s.Args.Values[:min(5, len(s.Args.Values))]), "", "names of the same kind as "+legal(w.genes[:min(5, len(w.genes))]))
	}
	if len(want) > 0 {
		w.note(fmt.Sprintf("%d of %d genes to keep are not in the data: %s", len(want), len(s.Args.Values), legal(sortedKeys(want))))
	}
	return w.keep(index)
}

func (w *work) ln1p(step) error {
	if err := w.plain(); err != nil {
		return err
	}
	if b := prep.Ln1p(w.x); b != nil {
		return fault.New(fmt.Sprintf("%d values have no logarithm, the first is %g in %s", b.Count, b.Value, w.at(b.Row, b.Col)), "", "Floor(0) or DropMissing() before it")
	}
	w.units = unitsLn1p
	return nil
}

func (w *work) highlyVariable(s step) error {
	if err := w.finite(); err != nil {
		return err
	}
	train := w.train()
	if len(train) < 3 {
		return fault.New(fmt.Sprintf("%d training samples do not tell which genes vary", len(train)), "", "more samples")
	}
	if s.Args.Label == string(SeuratV3) {
		if b := prep.Check(w.x, func(v float32) bool { return v < 0 || v != float32(math.Trunc(float64(v))) }); b != nil {
			return fault.New(fmt.Sprintf("%d values are no counts, the first is %g in %s", b.Count, b.Value, w.at(b.Row, b.Col)), "",
				"HighlyVariable by gx.SeuratV3 before NormaliseTotal and logarithms, or gx.Seurat after them")
		}
		return w.keep(prep.TopVariable(prep.StandardisedVariances(w.x, train), s.Args.N))
	}
	count := map[string]func(float64) float64{
		unitsLn1p: math.Expm1, unitsLog21p: func(v float64) float64 { return math.Expm1(v * math.Ln2) },
	}[w.units]
	if count == nil {
		return fault.New("the values are in "+w.units, "", "NormaliseTotal(1e4).Ln1p() before HighlyVariable by gx.Seurat, or gx.SeuratV3 on counts")
	}
	return w.keep(prep.TopVariable(prep.Dispersions(w.x, train, count), s.Args.N))
}

func (w *work) scaleClipped(s step) error {
	if err := w.plain(); err != nil {
		return err
	}
	if err := w.finite(); err != nil {
		return err
	}
	train := w.train()
	mean, sd := prep.Moments(w.x, train)
	n := float64(len(train))
	for j := range sd {
		if sd[j] *= math.Sqrt(n / max(1, n-1)); sd[j] == 0 {
			sd[j] = 1
		}
	}
	if s.Args.X > 0 {
		lo, hi := prep.ClipRange(mean, sd, s.Args.X)
		if k := prep.Clip(w.x, lo, hi); k > 0 {
			w.note(fmt.Sprintf("%d values more than %g standard deviations from their gene's mean were clipped", k, s.Args.X))
		}
	}
	w.affine(mean, sd)
	return nil
}
