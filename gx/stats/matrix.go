package stats

import (
	"math"

	"gonum.org/v1/gonum/blas"
	"gonum.org/v1/gonum/blas/gonum"

	"github.com/gxlab/gxlab/gx/cores"
)

// SpearmanMatrix is the rank correlation of every row of a with every row of b:
// element [i][j] compares a[i] with b[j]. NaN where a profile is constant. An error
// names missing rows, profiles of two lengths, and values that are NaN or infinite.
func SpearmanMatrix(a, b [][]float32) ([][]float64, error) {
	return correlate("Spearman", a, b, func(x []float32, z []float64) { rank32(x, z) })
}

// PearsonMatrix is the correlation of every row of a with every row of b, as
// SpearmanMatrix.
func PearsonMatrix(a, b [][]float32) ([][]float64, error) {
	return correlate("Pearson", a, b, func(x []float32, z []float64) {
		for i, v := range x {
			z[i] = float64(v)
		}
	})
}

// correlate scales every row, once, to mean 0 and length 1: the correlations are then
// one matrix product.
func correlate(who string, a, b [][]float32, fill func(x []float32, z []float64)) ([][]float64, error) {
	p, err := checkRows(who, a, b)
	if err != nil {
		return nil, err
	}
	za := unitRows(a, p, fill)
	zb := za
	if !same(a, b) {
		zb = unitRows(b, p, fill)
	}
	out, flat := table(len(a), len(b))
	gonum.Implementation{}.Dgemm(blas.NoTrans, blas.Trans, len(a), len(b), p, 1, za, p, zb, p, 0, flat, len(b))
	for i, r := range flat {
		flat[i] = clip(r)
	}
	return out, nil
}

func unitRows(rows [][]float32, p int, fill func(x []float32, z []float64)) []float64 {
	z := make([]float64, len(rows)*p)
	cores.Each(len(rows), func(i int) {
		r := z[i*p : (i+1)*p]
		if constant(rows[i]) {
			for j := range r {
				r[j] = math.NaN()
			}
			return
		}
		fill(rows[i], r)
		mean, ss := Mean(r), 0.0
		for j, v := range r {
			r[j] = v - mean
			ss += r[j] * r[j]
		}
		scale := 1 / math.Sqrt(ss)
		for j := range r {
			r[j] *= scale
		}
	})
	return z
}

// MSEMatrix is the mean squared difference of every row of a with every row of b, as
// SpearmanMatrix. It sums the differences themselves in float64, so that near
// profiles keep their digits and equal ones are exactly 0 apart.
func MSEMatrix(a, b [][]float32) ([][]float64, error) {
	p, err := checkRows("MSE", a, b)
	if err != nil {
		return nil, err
	}
	out, _ := table(len(a), len(b))
	const block = 512 // genes at a time: the rows of a block stay in the cache
	wa := make([]float64, len(a)*block)
	wb := wa
	twin := same(a, b)
	if !twin {
		wb = make([]float64, len(b)*block)
	}
	for lo := 0; lo < p; lo += block {
		w := min(block, p-lo)
		widen(a, lo, w, wa)
		if !twin {
			widen(b, lo, w, wb)
		}
		cores.Each((len(a)+1)/2, func(t int) {
			i := 2 * t
			k := min(i+1, len(a)-1)
			first := 0
			if twin {
				first = i
			}
			for j := first; j < len(b); j += 2 {
				l := min(j+1, len(b)-1)
				s := squares(wa[i*w:(i+1)*w], wa[k*w:(k+1)*w], wb[j*w:(j+1)*w], wb[l*w:(l+1)*w])
				out[i][j] += s[0]
				if l > j {
					out[i][l] += s[1]
				}
				if k > i {
					out[k][j] += s[2]
				}
				if l > j && k > i {
					out[k][l] += s[3]
				}
			}
		})
	}
	for i, r := range out {
		for j := range r {
			if twin && j < i {
				r[j] = out[j][i] // the mirror was summed in the same order
				continue
			}
			r[j] /= float64(p)
		}
	}
	return out, nil
}

func widen(rows [][]float32, lo, w int, to []float64) {
	cores.Each(len(rows), func(i int) {
		r := to[i*w : (i+1)*w]
		for j, v := range rows[i][lo : lo+w] {
			r[j] = float64(v)
		}
	})
}

// squares sums the squared differences of two rows against two: ac, ad, bc, bd. Four
// at once, because one sum alone waits for its own last addition.
func squares(a, b, c, d []float64) (s [4]float64) {
	n := len(a)
	b, c, d = b[:n], c[:n], d[:n]
	var s0, s1, s2, s3 float64
	for i, x := range a {
		y, u, v := b[i], c[i], d[i]
		xu, xv, yu, yv := x-u, x-v, y-u, y-v
		s0 += xu * xu
		s1 += xv * xv
		s2 += yu * yu
		s3 += yv * yv
	}
	return [4]float64{s0, s1, s2, s3}
}

// same reports whether a and b are one list of rows.
func same(a, b [][]float32) bool { return len(a) == len(b) && &a[0] == &b[0] }

func table(n, m int) ([][]float64, []float64) {
	flat, out := make([]float64, n*m), make([][]float64, n)
	for i := range out {
		out[i] = flat[i*m : (i+1)*m : (i+1)*m]
	}
	return out, flat
}
