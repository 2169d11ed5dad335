package stats

import (
	"fmt"
	"math"

	"github.com/gxlab/gxlab/gx/fault"
)

// RankSum is the test of Mann, Whitney and Wilcoxon for two separate groups: does a
// value of x tend to be above one of y? Its zero value is two-sided, makes no
// continuity correction, and is exact below 50 values in each group without ties.
type RankSum struct {
	Side    Side
	Method  Method
	Correct bool // continuity correction of the normal approximation, by half a rank
}

// RankSumResult is what RankSum found.
type RankSumResult struct {
	U     float64 // pairs in which x is above y, ties counted half; R's W
	AUC   float64 // U as a share of all pairs: the chance that a value of x is above one of y
	Ties  bool
	Exact bool
	Z     float64 // normal score of U, uncorrected; NaN when all values are equal
	P     float64
	LogP  float64 // natural logarithm of P, also where P is too small for a float64
}

// MannWhitney is the two-sided RankSum test with its defaults.
func MannWhitney(x, y []float64) (RankSumResult, error) { return RankSum{}.Test(x, y) }

// Test compares two groups. When all values are equal P is 1. An error names an empty
// group, NaN, and an exact p asked for with ties or over more than 100 in a group.
func (s RankSum) Test(x, y []float64) (RankSumResult, error) {
	var r RankSumResult
	if len(x) == 0 || len(y) == 0 {
		return r, fault.New(fmt.Sprintf("Mann-Whitney: groups of %d and %d values", len(x), len(y)), "", "at least one value in each group")
	}
	for _, v := range [2][]float64{x, y} {
		if err := checkValues("Mann-Whitney", v); err != nil {
			return r, err
		}
	}
	ranks := Ranks(append(append([]float64(nil), x...), y...))
	n, m := float64(len(x)), float64(len(y))
	for _, v := range ranks[:len(x)] {
		r.U += v
	}
	r.U -= n * (n + 1) / 2
	r.AUC = r.U / (n * m)
	ties := tieSum(sorted(ranks))
	r.Ties = ties > 0
	all := n + m
	sd := math.Sqrt(n * m / 12 * (all + 1 - ties/(all*(all-1))))
	r.Z = (r.U - n*m/2) / sd
	if sd == 0 {
		r.P, r.Z = 1, math.NaN()
		return r, nil
	}
	if s.Method == Exact && (r.Ties || len(x) > 100 || len(y) > 100) {
		return r, fault.New(fmt.Sprintf("Mann-Whitney: an exact p over groups of %d and %d values, ties %v", len(x), len(y), r.Ties), "",
			"Normal, or Auto; Exact counts up to 100 values a group, without ties")
	}
	if s.Method == Exact || s.Method == Auto && !r.Ties && len(x) < 50 && len(y) < 50 {
		r.Exact = true
		r.P = labelTails(len(x), len(y)).p(int(r.U), s.Side)
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

// labelTails is the distribution of U when n of n+m ranks are picked at random. The
// greatest value belongs to x, and then beats all m of y, with chance n/(n+m); without
// it the same question is smaller (Mann and Whitney 1947).
func labelTails(n, m int) tails {
	row := make([]tails, m+1) // row[j]: i of i+j ranks
	for j := range row {
		row[j] = tails{1}
	}
	for i := 1; i <= n; i++ {
		next := make([]tails, m+1)
		next[0] = tails{1}
		for j := 1; j <= m; j++ {
			t := make(tails, i*j+1)
			px, py := float64(i)/float64(i+j), float64(j)/float64(i+j)
			for u, v := range row[j] {
				t[u+j] = px * v
			}
			for u, v := range next[j-1] {
				t[u] += py * v
			}
			next[j] = t
		}
		row = next
	}
	return row[m]
}
