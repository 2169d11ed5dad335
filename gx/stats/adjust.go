package stats

import (
	"math"
	"slices"
)

// BH adjusts p values for the false discovery rate (Benjamini and Hochberg 1995): with
// all at or below q called, a share q of the calls is false on average. NaN stays NaN
// and does not count as a test.
func BH(p []float64) []float64 {
	return adjust(p, func(order []int, n float64, out []float64) {
		least := 1.0
		for k := len(order) - 1; k >= 0; k-- {
			i := order[k]
			least = math.Min(least, p[i]*n/float64(k+1))
			out[i] = least
		}
	})
}

// Bonferroni multiplies p values by their number, up to 1. NaN stays NaN and does not
// count as a test.
func Bonferroni(p []float64) []float64 {
	return adjust(p, func(order []int, n float64, out []float64) {
		for _, i := range order {
			out[i] = math.Min(1, p[i]*n)
		}
	})
}

// Holm steps Bonferroni's factor down from the least p, at no loss of safety (Holm
// 1979). NaN stays NaN and does not count as a test.
func Holm(p []float64) []float64 {
	return adjust(p, func(order []int, n float64, out []float64) {
		most := 0.0
		for k, i := range order {
			most = math.Max(most, math.Min(1, p[i]*(n-float64(k))))
			out[i] = most
		}
	})
}

// BY is BH for tests that hang on each other in any way, stricter by the factor
// 1 + ½ + … + 1/n (Benjamini and Yekutieli 2001). NaN stays NaN and does not count.
func BY(p []float64) []float64 {
	return adjust(p, func(order []int, n float64, out []float64) {
		least, sum := 1.0, 0.0
		for k := range order {
			sum += 1 / float64(k+1)
		}
		for k := len(order) - 1; k >= 0; k-- {
			i := order[k]
			least = math.Min(least, p[i]*sum*n/float64(k+1))
			out[i] = least
		}
	})
}

// AdjustWithin adjusts p values in each group by itself, such as the terms of each
// library: by is BH, Bonferroni or another of them, group[i] the group of p[i]. The
// two are of one length.
func AdjustWithin(p []float64, group []string, by func([]float64) []float64) []float64 {
	members := map[string][]int{}
	for i, g := range group {
		members[g] = append(members[g], i)
	}
	out := make([]float64, len(p))
	for _, at := range members {
		part := make([]float64, len(at))
		for k, i := range at {
			part[k] = p[i]
		}
		for k, v := range by(part) {
			out[at[k]] = v
		}
	}
	return out
}

func adjust(p []float64, do func(order []int, n float64, out []float64)) []float64 {
	out := make([]float64, len(p))
	var order []int
	for i, v := range p {
		out[i] = v
		if !math.IsNaN(v) {
			order = append(order, i)
		}
	}
	slices.SortStableFunc(order, func(i, j int) int {
		if p[i] < p[j] {
			return -1
		}
		if p[i] > p[j] {
			return 1
		}
		return 0
	})
	do(order, float64(len(order)), out)
	return out
}
