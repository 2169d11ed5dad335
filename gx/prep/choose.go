package prep

import (
	"math"
	"slices"
	"sort"

	"github.com/gxlab/gxlab/gx/cores"
)

// Constant are the columns with one value throughout the given rows.
func Constant(m Matrix, rows []int) []int {
	lo, hi := Range(m, rows)
	var out []int
	for j := range lo {
		if lo[j] == hi[j] {
			out = append(out, j)
		}
	}
	return out
}

// TopVariance are the n columns of highest variance over the given rows, in
// their old order. Of equals the first is taken, and columns with missing values
// only when no others are left. With fewer than n columns it is all of them.
func TopVariance(m Matrix, rows []int, n int) []int {
	_, sd := Moments(m, rows)
	return top(sd, n)
}

// TopMAD are the n columns of highest median absolute deviation from the median
// over the given rows, in their old order; equals and missing values as in
// TopVariance.
func TopMAD(m Matrix, rows []int, n int) []int { return top(MAD(m, rows), n) }

// MAD is every column's median absolute deviation from its median, not scaled;
// NaN where a value is missing.
func MAD(m Matrix, rows []int) []float64 {
	out := make([]float64, m.Cols)
	cores.Each(m.Cols, func(j int) {
		v := make([]float64, len(rows))
		for k, i := range rows {
			v[k] = float64(m.Data[i*m.Cols+j])
			if math.IsNaN(v[k]) {
				out[j] = math.NaN()
				return
			}
		}
		mid := median(v)
		for k := range v {
			v[k] = math.Abs(v[k] - mid)
		}
		out[j] = median(v)
	})
	return out
}

// median sorts v.
func median(v []float64) float64 {
	if len(v) == 0 {
		return math.NaN()
	}
	slices.Sort(v)
	h := len(v) / 2
	if len(v)%2 == 1 {
		return v[h]
	}
	return (v[h-1] + v[h]) / 2
}

func top(score []float64, n int) []int {
	order := make([]int, len(score))
	for i, s := range score {
		order[i] = i
		if math.IsNaN(s) {
			score[i] = math.Inf(-1)
		}
	}
	sort.SliceStable(order, func(a, b int) bool { return score[order[a]] > score[order[b]] })
	out := order[:min(n, len(order))]
	slices.Sort(out)
	return out
}
