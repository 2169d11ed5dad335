package gx

import (
	"fmt"
	"math"
	"strconv"

	"github.com/gxlab/gxlab/gx/cores"
	"github.com/gxlab/gxlab/gx/frame"
)

// GeneErrors say how near predicted or reproduced profiles are to measured ones, gene
// by gene over the samples.
type GeneErrors struct {
	Name  string
	Genes []string
	MAE   []float64 // mean absolute error, in the data's own units
	PCC   []float64 // Pearson's correlation; NaN where either does not vary
	SD    []float64 // the gene's standard deviation (divisor n)
	// Nearer is, after PermuteGenes, the share of all other measured genes whose
	// correlation with the predicted gene is higher than the gene's own; else nil.
	Nearer []float64
}

// CompareGenes compares profiles of the same samples in the same order over the genes
// that both have, by name, in predicted's order. Their SD is that of the measured
// profiles.
func CompareGenes(measured, predicted *Set) (*GeneErrors, error) {
	if measured.N() != predicted.N() || measured.N() == 0 {
		return nil, bad("CompareGenes", fmt.Sprintf("%d measured and %d predicted profiles", measured.N(), predicted.N()), "the same samples in the same order")
	}
	if measured.Units() != predicted.Units() {
		return nil, bad("CompareGenes", fmt.Sprintf("measured profiles in %s, predicted ones in %s", measured.Units(), predicted.Units()), "profiles in the same units")
	}
	index, missing := align(predicted.Genes(), measured.Genes())
	if index == nil {
		index = every(predicted.P())
	}
	if len(missing) == predicted.P() {
		return nil, bad("CompareGenes", "the profiles share no gene", "genes of the same names")
	}
	e := &GeneErrors{Name: predicted.Name()}
	var from, to []int
	for j, k := range index {
		if k >= 0 {
			from, to = append(from, k), append(to, j)
			e.Genes = append(e.Genes, predicted.Genes()[j])
		}
	}
	n := len(from)
	e.MAE, e.PCC, e.SD = make([]float64, n), make([]float64, n), make([]float64, n)
	rows := float64(measured.N())
	const piece = 256 // genes at a time, so that rows are read along
	cores.Each((n+piece-1)/piece, func(p int) {
		lo, hi := p*piece, min((p+1)*piece, n)
		mx, my := make([]float64, hi-lo), make([]float64, hi-lo)
		for i := range measured.N() {
			x, y := measured.Row(i), predicted.Row(i)
			for g := lo; g < hi; g++ {
				a, b := float64(x[from[g]]), float64(y[to[g]])
				mx[g-lo] += a / rows
				my[g-lo] += b / rows
				e.MAE[g] += math.Abs(a-b) / rows
			}
		}
		xy, yy := make([]float64, hi-lo), make([]float64, hi-lo)
		// one value throughout has no correlation, though rounding leaves it a spread
		movesX, movesY := make([]bool, hi-lo), make([]bool, hi-lo)
		x0, y0 := measured.Row(0), predicted.Row(0)
		for i := range measured.N() {
			x, y := measured.Row(i), predicted.Row(i)
			for g := lo; g < hi; g++ {
				a, b := float64(x[from[g]])-mx[g-lo], float64(y[to[g]])-my[g-lo]
				e.SD[g] += a * a
				xy[g-lo] += a * b
				yy[g-lo] += b * b
				movesX[g-lo] = movesX[g-lo] || x[from[g]] != x0[from[g]]
				movesY[g-lo] = movesY[g-lo] || y[to[g]] != y0[to[g]]
			}
		}
		for g := lo; g < hi; g++ {
			e.PCC[g] = math.NaN()
			if !movesX[g-lo] {
				e.SD[g] = 0
			}
			if xx := e.SD[g]; xx > 0 && yy[g-lo] > 0 && movesY[g-lo] {
				e.PCC[g] = max(-1, min(1, xy[g-lo]/math.Sqrt(xx*yy[g-lo])))
			}
			e.SD[g] = math.Sqrt(e.SD[g] / rows)
		}
	})
	return e, nil
}

// MeanMAE is the mean over genes of the mean absolute errors.
func (e *GeneErrors) MeanMAE() float64 { return mean(e.MAE) }

// MeanPCC is the mean correlation of the genes that have one.
func (e *GeneErrors) MeanPCC() float64 { return mean(e.PCC) }

// Standardised are the mean absolute errors in standard deviations of the gene; NaN of
// one that does not vary.
func (e *GeneErrors) Standardised() []float64 {
	out := make([]float64, len(e.MAE))
	for j := range out {
		out[j] = math.NaN()
		if e.SD[j] > 0 {
			out[j] = e.MAE[j] / e.SD[j]
		}
	}
	return out
}

// mean is that of the values that are numbers.
func mean(x []float64) float64 {
	sum, n := 0.0, 0
	for _, v := range x {
		if v == v {
			sum += v
			n++
		}
	}
	return sum / float64(n)
}

// Only are the errors of some genes, such as those that are in neither of two lists of
// landmarks, in that order; genes without errors are left out.
func (e *GeneErrors) Only(genes []string) *GeneErrors {
	at := make(map[string]int, len(e.Genes))
	for j, g := range e.Genes {
		at[g] = j
	}
	var index []int
	for _, g := range genes {
		if j, ok := at[g]; ok {
			index = append(index, j)
		}
	}
	out := &GeneErrors{Name: e.Name, Genes: pick(e.Genes, index), MAE: pick(e.MAE, index), PCC: pick(e.PCC, index), SD: pick(e.SD, index)}
	if e.Nearer != nil {
		out.Nearer = pick(e.Nearer, index)
	}
	return out
}

// Table is the errors as a table, a row a gene.
func (e *GeneErrors) Table() (*frame.Table, error) {
	t := frame.New(e.Genes)
	for _, c := range []struct {
		name string
		x    []float64
	}{{"MAE", e.MAE}, {"MAE in SD", e.Standardised()}, {"PCC", e.PCC}} {
		v := make([]string, len(c.x))
		for j, x := range c.x {
			if x == x {
				v[j] = strconv.FormatFloat(x, 'g', 6, 64)
			}
		}
		var err error
		if t, err = t.With(c.name, v); err != nil {
			return nil, err
		}
	}
	return t, nil
}

// String is the errors in a line.
func (e *GeneErrors) String() string {
	return fmt.Sprintf("%s: %d genes, mean MAE %.4g (%.4g SD), mean PCC %.4g", e.Name, len(e.Genes), e.MeanMAE(), mean(e.Standardised()), e.MeanPCC())
}

// HTML is the errors for a notebook, with the first genes.
func (e *GeneErrors) HTML() (string, error) {
	t, err := e.Table()
	if err != nil {
		return "", err
	}
	h, err := t.HTML()
	return "<p><b>" + escape(e.String()) + "</b></p>" + h, err
}
