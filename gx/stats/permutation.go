package stats

import (
	"fmt"
	"math"
	"math/rand/v2"

	"github.com/gxlab/gxlab/gx/cores"
	"github.com/gxlab/gxlab/gx/fault"
)

// PermutationP is the p of a statistic among those of random rearrangements: (n+1)/(N+1),
// n of N as extreme or more, never 0 (Phipson and Smyth 2010). Two-sided is twice the
// smaller side, never above 1. An error names NaN and an empty null.
func PermutationP(observed float64, null []float64, side Side) (float64, error) {
	if math.IsNaN(observed) || len(null) == 0 {
		return 0, fault.New(fmt.Sprintf("permutation test: a statistic of %v among %d random ones", observed, len(null)), "", "a number, and at least one rearrangement")
	}
	above, below := 1, 1
	for i, v := range null {
		if math.IsNaN(v) {
			return 0, fault.New(fmt.Sprintf("permutation test: random statistic %d is NaN", i+1), "", "a statistic that has a value for every arrangement")
		}
		if v >= observed {
			above++
		}
		if v <= observed {
			below++
		}
	}
	n := float64(len(null) + 1)
	switch side {
	case Greater:
		return float64(above) / n, nil
	case Less:
		return float64(below) / n, nil
	}
	return math.Min(1, 2*float64(min(above, below))/n), nil
}

// Permutation tests a statistic of two separate groups against random regroupings of
// their values. The zero value is two-sided with 9999 rounds.
type Permutation struct {
	Side   Side
	Rounds int    // 0: 9999, which can tell p down to 1e-4, two-sided 2e-4
	Seed   uint64 // of the regroupings; results do not depend on the number of threads
}

// PermutationResult is what a permutation test found.
type PermutationResult struct {
	Observed float64
	Rounds   int
	P        float64 // its standard error is about √(P(1−P)/Rounds)
}

// Test compares two groups by a statistic such as the difference of means. The
// statistic is called from several goroutines and must keep neither list. Errors: an
// empty group, NaN, a negative number of rounds.
func (p Permutation) Test(x, y []float64, statistic func(x, y []float64) float64) (PermutationResult, error) {
	if len(x) == 0 || len(y) == 0 || p.Rounds < 0 {
		return PermutationResult{}, fault.New(fmt.Sprintf("permutation test: groups of %d and %d values, %d rounds", len(x), len(y), p.Rounds), "", "at least one value in each group, and 9999 rounds")
	}
	for _, v := range [2][]float64{x, y} {
		if err := checkValues("permutation test", v); err != nil {
			return PermutationResult{}, err
		}
	}
	if p.Rounds == 0 {
		p.Rounds = 9999
	}
	r := PermutationResult{Observed: statistic(x, y), Rounds: p.Rounds}
	null := make([]float64, p.Rounds)
	cores.Each(p.Rounds, func(k int) {
		all := append(append(make([]float64, 0, len(x)+len(y)), x...), y...)
		rng := rand.New(rand.NewPCG(p.Seed, 0x9e27<<32+uint64(k)))
		rng.Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
		null[k] = statistic(all[:len(x):len(x)], all[len(x):])
	})
	var err error
	r.P, err = PermutationP(r.Observed, null, p.Side)
	return r, err
}
