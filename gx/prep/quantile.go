package prep

import (
	"math"
	"slices"
)

// QuantileTarget is the distribution that quantile normalisation gives every
// sample: the mean, over the given rows, of their sorted values (Bolstad 2003).
func QuantileTarget(m Matrix, rows []int) []float32 {
	sum := make([]float64, m.Cols)
	sorted := make([][]float32, len(rows))
	Rows(len(rows), func(i int) {
		s := slices.Clone(m.Row(rows[i]))
		slices.Sort(s)
		sorted[i] = s
	})
	for _, s := range sorted {
		for j, v := range s {
			sum[j] += float64(v)
		}
	}
	out := make([]float32, m.Cols)
	for j, v := range sum {
		out[j] = float32(v / float64(len(rows)))
	}
	return out
}

// QuantileNormalise gives row the distribution target, in place. Tied values
// take the target at their mean rank, between two ranks by interpolation, as
// limma's normalizeQuantiles does with ties = TRUE. The row may be longer or
// shorter than the target, which is then read at the same share of the way.
func QuantileNormalise(row, target []float32) {
	n := len(row)
	if n == 0 || len(target) == 0 {
		return
	}
	order := make([]int32, n)
	for i := range order {
		order[i] = int32(i)
	}
	slices.SortFunc(order, func(a, b int32) int {
		x, y := row[a], row[b]
		switch {
		case x < y:
			return -1
		case x > y:
			return 1
		}
		return int(a - b)
	})
	vals := make([]float32, n)
	for i := 0; i < n; {
		j := i + 1
		for j < n && row[order[j]] == row[order[i]] {
			j++
		}
		v := at(target, float64(i+j-1)/2, n)
		for k := i; k < j; k++ {
			vals[order[k]] = v
		}
		i = j
	}
	copy(row, vals)
}

// at is target at rank r (from 0) of n.
func at(target []float32, r float64, n int) float32 {
	if n != len(target) && n > 1 {
		r = r * float64(len(target)-1) / float64(n-1)
	}
	lo := math.Floor(r)
	i := int(lo)
	if i >= len(target)-1 {
		return target[len(target)-1]
	}
	if r == lo {
		return target[i]
	}
	f := r - lo
	return float32(float64(target[i])*(1-f) + float64(target[i+1])*f)
}
