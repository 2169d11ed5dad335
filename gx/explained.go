package gx

import (
	"fmt"
	"math"
	"strconv"

	"github.com/gxlab/gxlab/gx/cores"
	"github.com/gxlab/gxlab/gx/frame"
	"github.com/gxlab/gxlab/gx/stats"
)

// Explained is the share of the variance of samples that reproduced profiles explain,
// R² = 1 − Σ(x − y)² / Σ(x − mean)², in three ways.
type Explained struct {
	Name  string
	Genes []string
	// Global has one mean over all genes and samples together, as the second paper's
	// Fig. 2a. Most of that variance is that genes differ in their level, so that
	// reproducing every gene's mean alone explains much of it (MeanOnly).
	Global   float64
	MeanOnly float64 // Global of every gene's mean over these samples
	// Pooled has each gene's own mean, all genes summed: a gene counts by its variance.
	Pooled float64
	// Gene is each gene's own; NaN of a gene that does not vary.
	Gene []float64
}

// Explained is how much of the variance of s's samples their reproduction explains, over
// the genes that s and the model share, in the data's own units.
func (m *Model) Explained(s *Set) (*Explained, error) {
	rep, err := m.Reconstruct(s)
	if err != nil {
		return nil, err
	}
	e, err := Explain(s, rep)
	if err != nil {
		return nil, err
	}
	e.Name = m.name
	return e, nil
}

// Explain is how much of the measured profiles' variance reproduced ones explain: the
// same samples in the same order, over the genes that both have, by name.
func Explain(measured, reproduced *Set) (*Explained, error) {
	if measured.N() != reproduced.N() || measured.N() < 2 {
		return nil, bad("Explain", fmt.Sprintf("%d measured and %d reproduced profiles", measured.N(), reproduced.N()), "two samples or more, the same in the same order")
	}
	if measured.Units() != reproduced.Units() {
		return nil, bad("Explain", fmt.Sprintf("measured profiles in %s, reproduced ones in %s", measured.Units(), reproduced.Units()), "profiles in the same units")
	}
	index, _ := align(reproduced.Genes(), measured.Genes())
	if index == nil {
		index = every(reproduced.P())
	}
	e := &Explained{Name: reproduced.Name()}
	var from, to []int
	for j, k := range index {
		if k >= 0 {
			from, to = append(from, k), append(to, j)
			e.Genes = append(e.Genes, reproduced.Genes()[j])
		}
	}
	n, rows := len(from), float64(measured.N())
	if n == 0 {
		return nil, bad("Explain", "the profiles share no gene", "genes of the same names")
	}
	mean, own, left := make([]float64, n), make([]float64, n), make([]float64, n)
	const piece = 256 // genes at a time, so that rows are read along
	cores.Each((n+piece-1)/piece, func(p int) {
		lo, hi := p*piece, min((p+1)*piece, n)
		for i := range measured.N() {
			x, y := measured.Row(i), reproduced.Row(i)
			for g := lo; g < hi; g++ {
				a, b := float64(x[from[g]]), float64(y[to[g]])
				mean[g] += a / rows
				left[g] += (a - b) * (a - b)
			}
		}
		for i := range measured.N() {
			x := measured.Row(i)
			for g := lo; g < hi; g++ {
				d := float64(x[from[g]]) - mean[g]
				own[g] += d * d
			}
		}
	})
	grand, ownSum, leftSum := stats.Mean(mean), 0.0, 0.0
	between := 0.0
	e.Gene = make([]float64, n)
	for g := range n {
		e.Gene[g] = math.NaN()
		if own[g] > 0 {
			e.Gene[g] = 1 - left[g]/own[g]
		}
		ownSum += own[g]
		leftSum += left[g]
		between += rows * (mean[g] - grand) * (mean[g] - grand)
	}
	e.Global, e.Pooled, e.MeanOnly = 1-leftSum/(ownSum+between), 1-leftSum/ownSum, between/(ownSum+between)
	return e, nil
}

// MedianGene is the median of the genes that vary.
func (e *Explained) MedianGene() float64 {
	var v []float64
	for _, r := range e.Gene {
		if r == r {
			v = append(v, r)
		}
	}
	return stats.Median(v)
}

// Table is a row a gene: R².
func (e *Explained) Table() (*frame.Table, error) {
	v := make([]string, len(e.Gene))
	for j, r := range e.Gene {
		if r == r {
			v[j] = strconv.FormatFloat(r, 'g', 6, 64)
		}
	}
	return frame.New(e.Genes).With("R²", v)
}

// String is the result in a line.
func (e *Explained) String() string {
	return fmt.Sprintf("%s: R² %.4f over all genes together (their means alone: %.4f), %.4f within genes, median gene %.4f",
		e.Name, e.Global, e.MeanOnly, e.Pooled, e.MedianGene())
}
