package stats

import (
	"fmt"
	"math"

	"github.com/gxlab/gxlab/gx/fault"
)

// Zeros says what Wilcoxon's test does with pairs that do not differ.
type Zeros uint8

// The ways with zeros.
const (
	DropZeros Zeros = iota // leave them out before ranking, Wilcoxon's own way
	Pratt                  // rank them, then leave their ranks out
)

// SignedRank is Wilcoxon's test for paired values: do the differences x−y lie around
// zero? Its zero value is two-sided, drops zeros, makes no continuity correction, and
// is exact up to 50 pairs.
type SignedRank struct {
	Side    Side
	Zeros   Zeros
	Method  Method
	Correct bool // continuity correction of the normal approximation, by half a rank
}

// SignedRankResult is what SignedRank found.
type SignedRankResult struct {
	Plus, Minus float64 // sum of the ranks of positive and of negative differences; R's V is Plus
	N           int     // pairs that differ
	Zeros       int     // pairs that do not
	Ties        bool    // some absolute differences are equal
	Exact       bool    // P is exact, given the ties
	Z           float64 // normal score of Plus, uncorrected; NaN with no pair that differs
	P           float64 // 0 only where it is below the least float64: LogP then still holds it
	LogP        float64 // natural logarithm of P
}

// Wilcoxon is the two-sided SignedRank test with its defaults.
func Wilcoxon(x, y []float64) (SignedRankResult, error) { return SignedRank{}.Test(x, y) }

// Test compares paired values. Exact counts all 2ᴺ ways to sign the ranks at hand, so
// that ties and zeros keep it exact; it is for at most 1000 pairs. With no pair that
// differs P is 1. An error names lists of two lengths, empty lists, and NaN.
func (s SignedRank) Test(x, y []float64) (SignedRankResult, error) {
	var r SignedRankResult
	if err := checkPair("Wilcoxon", x, y, 1); err != nil {
		return r, err
	}
	size := make([]float64, 0, len(x))
	positive := make([]bool, 0, len(x))
	for i := range x {
		d := x[i] - y[i]
		if d == 0 {
			r.Zeros++
			if s.Zeros == DropZeros {
				continue
			}
		}
		size = append(size, math.Abs(d))
		positive = append(positive, d > 0)
	}
	var ranks []float64 // of the pairs that differ
	for i, v := range Ranks(size) {
		switch {
		case size[i] == 0:
			continue
		case positive[i]:
			r.Plus += v
		default:
			r.Minus += v
		}
		ranks = append(ranks, v)
	}
	r.N = len(ranks)
	ties := tieSum(sorted(ranks))
	r.Ties = ties > 0

	n := float64(len(size))
	mean, variance := n*(n+1)/4, n*(n+1)*(2*n+1)/24
	if s.Zeros == Pratt {
		z := float64(r.Zeros)
		mean -= z * (z + 1) / 4
		variance -= z * (z + 1) * (2*z + 1) / 24
	}
	sd := math.Sqrt(variance - ties/48)
	r.Z = (r.Plus - mean) / sd
	if r.N == 0 {
		r.P, r.Z = 1, math.NaN()
		return r, nil
	}
	if s.Method == Exact && r.N > 1000 {
		return r, fault.New(fmt.Sprintf("Wilcoxon: an exact p over %d pairs", r.N), "", "Normal, or Auto; Exact counts up to 1000 pairs")
	}
	if s.Method == Exact || s.Method == Auto && r.N <= 50 {
		r.Exact = true
		t, half := signTails(ranks)
		r.P = t.p(int(math.Round(r.Plus*half)), s.Side)
		r.LogP = math.Log(r.P)
		return r, nil
	}
	step := 0.0
	if s.Correct {
		step = 0.5 / sd
	}
	r.LogP = logNormalP(r.Z, step, s.Side)
	r.P = math.Exp(r.LogP)
	return r, nil
}

// signTails is the distribution of the sum of those ranks that a fair coin picks, and
// the steps per rank it is told in: 1, or 2 when ties make half ranks.
func signTails(ranks []float64) (tails, float64) {
	half := 1.0
	for _, v := range ranks {
		if v != math.Floor(v) {
			half = 2
		}
	}
	sum := 0.0
	for _, v := range ranks {
		sum += v * half
	}
	t := make(tails, int(sum)+1)
	t[0] = 1
	top := 0
	for _, v := range ranks {
		step := int(v * half)
		top += step
		for i := top; i >= step; i-- {
			t[i] = (t[i] + t[i-step]) / 2
		}
		for i := min(step, top+1) - 1; i >= 0; i-- {
			t[i] /= 2
		}
	}
	return t, half
}
