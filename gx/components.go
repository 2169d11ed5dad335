package gx

import (
	"fmt"
	"math"
	"sort"

	"github.com/gxlab/gxlab/gx/prep"
)

// Components says what each number of a code stands for: how the reproduced profile
// changes when that number alone is raised (the first paper's section 2.4).
type Components struct {
	Model  string
	Genes  []string
	By     float64   // how many standard deviations a component was raised
	Mean   []float32 // of every component over the samples
	Sigma  []float32 // its standard deviation there (divisor n)
	Change Matrix    // components × genes: profile with the component raised less profile at the mean, data units
}

// Components raises each component of the code by so many of its standard deviations
// over s's samples, the others at their means, and decodes: the paper decodes the mean
// code C̄ and C̄ + 2σᵢ, over all samples.
func (m *Model) Components(s *Set, by float64) (*Components, error) {
	if !(by != 0) || math.IsInf(by, 0) {
		return nil, bad(fmt.Sprintf("Components(%v)", by), "no change", "a number of standard deviations, such as 2")
	}
	codes, err := m.Encode(s)
	if err != nil {
		return nil, err
	}
	k := codes.Cols
	c := &Components{Model: m.name, Genes: m.genes, By: by, Mean: make([]float32, k), Sigma: make([]float32, k)}
	all := make([]int, codes.Rows)
	for i := range all {
		all[i] = i
	}
	mean, sd := prep.Moments(codes.Matrix, all)
	at := prep.NewMatrix(k+1, k)
	for i := range k {
		c.Mean[i], c.Sigma[i] = float32(mean[i]), float32(sd[i])
		for r := range k + 1 {
			at.Row(r)[i] = c.Mean[i]
		}
		at.Row(i)[i] = float32(mean[i] + by*sd[i])
	}
	reps, err := m.Decode(&Codes{Matrix: at, Samples: codes.Samples.Rows(make([]int, k+1)), Model: m.name})
	if err != nil {
		return nil, err
	}
	c.Change = prep.NewMatrix(k, len(c.Genes))
	middle := reps.Row(k)
	for i := range k {
		row := c.Change.Row(i)
		for j, v := range reps.Row(i) {
			row[j] = v - middle[j]
		}
	}
	return c, nil
}

// Top is the n genes that change most with component i (from 0), up or down, most
// first; of equal changes the gene that stands first.
func (c *Components) Top(i, n int) []string {
	row := c.Change.Row(i)
	order := every(len(row))
	sort.SliceStable(order, func(a, b int) bool { return math.Abs(float64(row[order[a]])) > math.Abs(float64(row[order[b]])) })
	out := make([]string, min(n, len(order)))
	for k := range out {
		out[k] = c.Genes[order[k]]
	}
	return out
}

// String is the components in one line.
func (c *Components) String() string {
	return fmt.Sprintf("%d components of %s, each raised by %g σ: the change of %d genes", c.Change.Rows, c.Model, c.By, len(c.Genes))
}
