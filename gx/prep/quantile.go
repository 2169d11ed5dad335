package prep

import (
	"math"
	"sync"

	"github.com/gxlab/gxlab/gx/cores"
)

// QuantileTarget is the distribution that quantile normalisation gives every
// sample: the mean, over the given rows, of their sorted values (Bolstad 2003).
// Values must not be missing.
func QuantileTarget(m Matrix, rows []int) []float32 {
	sum := make([]float64, m.Cols)
	const block = 32 // rows sorted together, summed in order: cores change no bit
	sorted := NewMatrix(min(block, len(rows)), m.Cols)
	for lo := 0; lo < len(rows); lo += block {
		part := rows[lo:min(lo+block, len(rows))]
		cores.Each(len(part), func(i int) {
			k := sorters.Get().(*keyed)
			k.sort(m.Row(part[i]))
			for j, to := 0, sorted.Row(i); j < len(to); j++ {
				to[j] = k.at(j)
			}
			sorters.Put(k)
		})
		for i := range part {
			for j, v := range sorted.Row(i) {
				sum[j] += float64(v)
			}
		}
	}
	out := make([]float32, m.Cols)
	for j, v := range sum {
		out[j] = float32(v / float64(len(rows)))
	}
	return out
}

// sorters keeps the scratch of sorting between samples.
var sorters = sync.Pool{New: func() any { return new(keyed) }}

// QuantileNormalise gives row the distribution target, in place. Tied values
// take the target at their mean rank, between two ranks by interpolation, as
// limma's normalizeQuantiles does with ties = TRUE. The row may be longer or
// shorter than the target, which is then read at the same share of the way.
// Values must not be missing.
func QuantileNormalise(row, target []float32) {
	n := len(row)
	if n == 0 || len(target) == 0 {
		return
	}
	k := sorters.Get().(*keyed)
	defer sorters.Put(k)
	k.sort(row)
	for i := 0; i < n; {
		j := i + 1
		for j < n && k.same(i, j) {
			j++
		}
		v := at(target, float64(i+j-1)/2, n)
		for r := i; r < j; r++ {
			row[k.place(r)] = v
		}
		i = j
	}
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
