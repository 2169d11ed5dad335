package reduce

import "math"

// nonNegative solves min ½ zᵀ·g·z − f·z with no z negative, f in z at first and the
// answer after: least squares on the normal equations by an active set (Lawson and
// Hanson 1974; Bro and de Jong 1997). A part that others already make up stays at 0.
func nonNegative(g, z []float64) {
	k := len(z)
	f := append([]float64(nil), z...)
	clear(z)
	free := make([]int, 0, k) // the parts in use, in the order they came
	out := make([]bool, k)    // in use, or refused since the last success
	s := newSolver(k)
	most := 0.0
	for _, v := range f {
		most = max(most, math.Abs(v))
	}
	for range 10 * k {
		best, gain := -1, 1e-13*most
		for t := range k {
			if out[t] {
				continue
			}
			slope := f[t]
			for _, q := range free {
				slope -= g[t*k+q] * z[q]
			}
			if slope > gain {
				best, gain = t, slope
			}
		}
		if best < 0 {
			return
		}
		free, out[best] = append(free, best), true
		if !s.solve(g, k, free, f) || s.x[len(free)-1] <= 0 {
			free = free[:len(free)-1] // made up of the others, or worth only rounding
			continue
		}
		free = settle(g, f, z, free, s)
		clear(out)
		for _, q := range free {
			out[q] = true
		}
	}
}

// settle walks z towards the unbounded answer in s, drops the parts that reach 0 on the
// way, and solves again, until the answer has none negative.
func settle(g, f, z []float64, free []int, s *solver) []int {
	for {
		step, stop := 1.0, -1
		for i, q := range free {
			if s.x[i] <= 0 {
				if a := z[q] / (z[q] - s.x[i]); a < step || stop < 0 {
					step, stop = a, i
				}
			}
		}
		for i, q := range free {
			z[q] += step * (s.x[i] - z[q])
		}
		if stop < 0 {
			for i, q := range free {
				z[q] = s.x[i]
			}
			return free
		}
		z[free[stop]] = 0
		left := free[:0]
		for _, q := range free {
			if z[q] > 0 {
				left = append(left, q)
			} else {
				z[q] = 0
			}
		}
		free = left
		s.solve(g, len(z), free, f)
	}
}

// solver is a small Cholesky solver with its room.
type solver struct{ l, x []float64 }

func newSolver(k int) *solver { return &solver{make([]float64, k*k), make([]float64, k)} }

// solve finds x with g[free,free]·x = f[free]; false if the parts depend on each other.
func (s *solver) solve(g []float64, k int, free []int, f []float64) bool {
	n := len(free)
	for i, a := range free {
		for j, b := range free[:i+1] {
			v := g[a*k+b]
			for q := range j {
				v -= s.l[i*k+q] * s.l[j*k+q]
			}
			if i > j {
				s.l[i*k+j] = v / s.l[j*k+j]
				continue
			}
			if v <= 1e-13*g[a*k+a] {
				return false
			}
			s.l[i*k+i] = math.Sqrt(v)
		}
		v := f[a]
		for q := range i {
			v -= s.l[i*k+q] * s.x[q]
		}
		s.x[i] = v / s.l[i*k+i]
	}
	for i := n - 1; i >= 0; i-- {
		v := s.x[i]
		for q := i + 1; q < n; q++ {
			v -= s.l[q*k+i] * s.x[q]
		}
		s.x[i] = v / s.l[i*k+i]
	}
	return true
}
