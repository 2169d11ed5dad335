package prep

import "math"

// Moments are every column's mean and standard deviation (divisor n, as
// scikit-learn's StandardScaler has it) over the given rows.
func Moments(m Matrix, rows []int) (mean, sd []float64) {
	mean, sd = make([]float64, m.Cols), make([]float64, m.Cols)
	n := float64(len(rows))
	for _, i := range rows {
		for j, v := range m.Row(i) {
			mean[j] += float64(v)
		}
	}
	for j := range mean {
		mean[j] /= n
	}
	for _, i := range rows {
		for j, v := range m.Row(i) {
			d := float64(v) - mean[j]
			sd[j] += d * d
		}
	}
	for j := range sd {
		sd[j] = math.Sqrt(sd[j] / n)
	}
	return mean, sd
}

// Range is every column's smallest and largest value over the given rows.
func Range(m Matrix, rows []int) (lo, hi []float32) {
	lo, hi = make([]float32, m.Cols), make([]float32, m.Cols)
	for j := range lo {
		lo[j], hi[j] = float32(math.Inf(1)), float32(math.Inf(-1))
	}
	for _, i := range rows {
		for j, v := range m.Row(i) {
			lo[j], hi[j] = min(lo[j], v), max(hi[j], v)
		}
	}
	return lo, hi
}

// MinMaxRow maps a row to 0–1 by its own smallest and largest value, in place. A
// constant row becomes 0.
func MinMaxRow(row []float32) {
	lo, hi := float32(math.Inf(1)), float32(math.Inf(-1))
	for _, v := range row {
		lo, hi = min(lo, v), max(hi, v)
	}
	for j, v := range row {
		if hi > lo {
			row[j] = (v - lo) / (hi - lo)
		} else {
			row[j] = 0
		}
	}
}
