package gx

import (
	"fmt"

	"github.com/gxlab/gxlab/gx/prep"
	"github.com/gxlab/gxlab/gx/stats"
)

// Unseen says how the reproduced profiles (REPs) of samples that a model has not
// learned from stand between those samples' own measured profiles (GEPs) and the GEPs
// that it has learned from: the first paper's test of held-out tissues (section 2.2).
type Unseen struct {
	Model   string
	By      Measure
	Own     []float64 // of every sample's REP with its own GEP
	Nearest []float64 // of the REP with the nearest GEP of the training samples
	Which   []int     // which of the training samples that is
	Without []float64 // of the sample's own GEP with the training GEP nearest to it
}

// Unseen compares the REPs of test's samples with their own GEPs and with those of
// train, over the genes of the model.
func (m *Model) Unseen(test, train *Set, by Measure) (*Unseen, error) {
	rep, err := m.Reconstruct(test)
	if err != nil {
		return nil, err
	}
	own, err := m.geps(test)
	if err != nil {
		return nil, err
	}
	seen, err := m.geps(train)
	if err != nil {
		return nil, err
	}
	reps := make([][]float32, rep.N())
	for i := range reps {
		reps[i] = rep.Row(i)
	}
	u := &Unseen{Model: m.name, By: by}
	far, err := by.Matrix(reps, seen)
	if err != nil {
		return nil, err
	}
	without, err := by.Matrix(own, seen)
	if err != nil {
		return nil, err
	}
	for i := range reps {
		one, err := by.Matrix(reps[i:i+1], own[i:i+1])
		if err != nil {
			return nil, err
		}
		k, v := closest(far[i], by)
		_, w := closest(without[i], by)
		u.Own, u.Nearest, u.Which, u.Without = append(u.Own, one[0][0]), append(u.Nearest, v), append(u.Which, k), append(u.Without, w)
	}
	return u, nil
}

func closest(values []float64, by Measure) (at int, v float64) {
	for i, x := range values {
		if by.Closer(x, values[at]) {
			at = i
		}
	}
	return at, values[at]
}

// geps are the samples' profiles in the model's genes, in the data's own units.
func (m *Model) geps(s *Set) ([][]float32, error) {
	index, missing, err := m.shared(s)
	if err != nil {
		return nil, err
	}
	if len(missing) > 0 {
		return nil, bad("Unseen", fmt.Sprintf("%d genes of the model are missing, such as %s", len(missing), legal(missing[:min(5, len(missing))])), "samples of the cohort that the model was trained on")
	}
	out := make([][]float32, s.N())
	for i := range out {
		out[i] = s.Row(i)
		if index != nil {
			out[i] = prep.Matrix{Rows: 1, Cols: s.P(), Data: out[i]}.Columns(index).Data
		}
	}
	return out, nil
}

// OwnFirst is the share of samples, 0 to 1, whose REP is nearer to its own GEP than to
// any training sample's.
func (u *Unseen) OwnFirst() float64 {
	n := 0
	for i, v := range u.Own {
		if u.By.Closer(v, u.Nearest[i]) {
			n++
		}
	}
	return float64(n) / float64(max(1, len(u.Own)))
}

// Median is the median of Own.
func (u *Unseen) Median() float64 { return stats.Median(u.Own) }
