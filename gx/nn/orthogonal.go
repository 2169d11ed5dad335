package nn

import (
	"math"
	"math/rand/v2"

	"github.com/gxlab/gxlab/gx/nn/cpu"
)

// firstSums is how much smaller than the inputs the sums of the first layer of an
// "orthogonal" network begin: a few strong directions of the inputs make some sums
// several times as large as the usual one, and those too should find a sigmoid straight.
const firstSums = 0.25

// beginOrthogonal draws a layer's weights, in × out, with orthonormal rows or columns,
// whichever are fewer, times what makes up for the slope at 0 of the activation before
// it; its biases take away what that activation gives at 0.
func beginOrthogonal(w, b []float32, in, out int, before cpu.Act, size float64, rng *rand.Rand, pool *cpu.Pool) {
	middle, slope := f64(before, 0)
	switch {
	case before == cpu.SoftMax:
		middle, slope = 0, 1
	case slope == 0: // half of it is flat: He et al. 2015
		slope = math.Sqrt(0.5)
	}
	size /= slope
	q := orthonormals(min(in, out), max(in, out), rng, pool)
	for i := range in {
		for o := range out {
			v := 0.0
			if in < out {
				v = q[i][o]
			} else {
				v = q[o][i]
			}
			w[i*out+o] = float32(size * v)
		}
	}
	if middle != 0 {
		for o := range b {
			sum := 0.0
			for i := range in {
				sum += float64(w[i*out+o])
			}
			b[o] = float32(-middle * sum)
		}
	}
}

// orthonormals are k random vectors of length n ≥ k that are orthonormal: normal ones
// after the modified Gram–Schmidt process.
func orthonormals(k, n int, rng *rand.Rand, pool *cpu.Pool) [][]float64 {
	q := make([][]float64, k)
	for i := range q {
		q[i] = make([]float64, n)
		for j := range q[i] {
			q[i][j] = rng.NormFloat64()
		}
	}
	dot := func(a, b []float64) (s float64) {
		for j, v := range a {
			s += float64(v * b[j])
		}
		return s
	}
	for i, v := range q {
		f := 1 / math.Sqrt(dot(v, v))
		for j := range v {
			v[j] *= f
		}
		rest := q[i+1:]
		pool.Run(len(rest), 8, func(lo, hi int) {
			for _, r := range rest[lo:hi] {
				d := dot(v, r)
				for j := range r {
					r[j] -= float64(d * v[j])
				}
			}
		})
	}
	return q
}
