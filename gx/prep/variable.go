package prep

import (
	"math"
	"slices"
	"sort"

	"github.com/gxlab/gxlab/gx/cores"
)

// Dispersions are how much more every column of counts varies, over the given rows, than
// others of about its mean: scanpy's flavour "seurat" (Satija et al. 2015). The logarithm
// of variance over mean is standardised within 20 bins of equal width of the logarithm of
// the mean; a column alone in its bin has 1. count gives the count that a value of m
// stands for, on the scale to which totals were brought. Columns without a variance have
// NaN.
func Dispersions(m Matrix, rows []int, count func(float64) float64) []float64 {
	const bins = 20
	mean, dispersion := make([]float64, m.Cols), make([]float64, m.Cols)
	cores.Each(m.Cols, func(j int) {
		mu, variance := columnMoments(m, rows, j, count)
		if mu == 0 {
			mu = 1e-12
		}
		mean[j], dispersion[j] = math.Log1p(mu), math.Log(variance/mu)
		if math.IsInf(dispersion[j], 0) {
			dispersion[j] = math.NaN()
		}
	})
	lo, hi := slices.Min(mean), slices.Max(mean)
	var edges [bins + 1]float64
	for b := range edges {
		edges[b] = lo + float64((hi-lo)*float64(b)/bins)
	}
	edges[bins] = hi
	in := make([]int, m.Cols)
	var n, sum, square [bins]float64
	for j, v := range mean {
		in[j] = min(bins-1, max(0, sort.SearchFloat64s(edges[:], v)-1)) // closed on the right
		if d := dispersion[j]; !math.IsNaN(d) {
			n[in[j]]++
			sum[in[j]] += d
		}
	}
	for j, d := range dispersion {
		if b := in[j]; !math.IsNaN(d) {
			e := d - sum[b]/n[b]
			square[b] += e * e
		}
	}
	out := make([]float64, m.Cols)
	for j, d := range dispersion {
		b := in[j]
		if n[b] == 1 && !math.IsNaN(d) {
			out[j] = 1
			continue
		}
		out[j] = (d - sum[b]/n[b]) / math.Sqrt(square[b]/(n[b]-1))
	}
	return out
}

// columnMoments are a column's mean and variance (divisor n − 1).
func columnMoments(m Matrix, rows []int, j int, count func(float64) float64) (mean, variance float64) {
	v := make([]float64, len(rows))
	for k, i := range rows {
		v[k] = float64(m.Data[i*m.Cols+j])
		if count != nil {
			v[k] = count(v[k])
		}
		mean += v[k]
	}
	mean /= float64(len(v))
	for _, x := range v {
		variance += (x - mean) * (x - mean)
	}
	return mean, variance / float64(len(v)-1)
}

// StandardisedVariances are every column's variance, over the given rows of counts, in
// units of what its mean lets expect: scanpy's flavour "seurat_v3" (Stuart et al. 2019).
// The logarithm of the variance is smoothed over that of the mean by a loess of degree 2
// and span 0.3; counts are clipped at the mean plus √n of the expected standard
// deviations. Constant columns have 0.
func StandardisedVariances(m Matrix, rows []int) []float64 {
	mean, variance := make([]float64, m.Cols), make([]float64, m.Cols)
	cores.Each(m.Cols, func(j int) { mean[j], variance[j] = columnMoments(m, rows, j, nil) })
	var of []int
	var x, y []float64
	for j, v := range variance {
		if v > 0 {
			of = append(of, j)
			x, y = append(x, math.Log10(mean[j])), append(y, math.Log10(v))
		}
	}
	out := make([]float64, m.Cols)
	smooth := Loess(x, y, 0.3)
	n := float64(len(rows))
	cores.Each(len(of), func(k int) {
		j := of[k]
		square := math.Pow(10, smooth[k])
		top := float64(math.Sqrt(square*n)) + mean[j]
		sum, squares := 0.0, 0.0
		for _, i := range rows {
			v := math.Min(float64(m.Data[i*m.Cols+j]), top)
			sum += v
			squares += v * v
		}
		out[j] = (float64(n*mean[j]*mean[j]) + squares - float64(2*sum*mean[j])) / ((n - 1) * square)
	})
	return out
}

// TopVariable are the n columns of highest score, such as Dispersions or
// StandardisedVariances, in their old order. Of equals the first is taken.
func TopVariable(score []float64, n int) []int { return top(slices.Clone(score), n) }

// ClipRange are the bounds mean ± most standard deviations of every column.
func ClipRange(mean, sd []float64, most float64) (lo, hi []float32) {
	lo, hi = make([]float32, len(mean)), make([]float32, len(mean))
	for j, v := range mean {
		lo[j], hi[j] = float32(v-most*sd[j]), float32(v+most*sd[j])
	}
	return lo, hi
}

// Clip brings values below lo and above hi to them, column by column, in place, and
// returns how many there were.
func Clip(m Matrix, lo, hi []float32) int {
	n := make([]int, m.Rows)
	cores.Each(m.Rows, func(i int) {
		row := m.Row(i)
		for j, v := range row {
			if v < lo[j] {
				row[j] = lo[j]
				n[i]++
			} else if v > hi[j] {
				row[j] = hi[j]
				n[i]++
			}
		}
	})
	sum := 0
	for _, k := range n {
		sum += k
	}
	return sum
}

// Ln1p takes the natural logarithm of 1 + x of every value, in place, as scanpy's log1p.
// It refuses, and then changes nothing, where a value is −1 or less, or missing.
func Ln1p(m Matrix) *BadValue {
	if b := Check(m, func(v float32) bool { return NotFinite(v) || v <= -1 }); b != nil {
		return b
	}
	cores.Each(m.Rows, func(i int) {
		row := m.Row(i)
		for j, v := range row {
			row[j] = float32(math.Log1p(float64(v)))
		}
	})
	return nil
}
