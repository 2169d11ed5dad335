package reduce

import "math"

// start is the non-negative double SVD: of each pair of singular vectors the heavier of
// its positive and its negative halves, and the data's mean where that leaves zeros.
func (s *spectrum) start(k, n, p int, mean float64) (w, h []float64) {
	w, h = make([]float64, k*n), make([]float64, k*p)
	for t := range k {
		u, v := s.left[t*n:(t+1)*n], s.right[t*p:(t+1)*p]
		sign := 1.0
		up, vp, un, vn := half(u, 1), half(v, 1), half(u, -1), half(v, -1)
		weight, nu, nv := up*vp, up, vp
		if up*vp <= un*vn {
			sign, weight, nu, nv = -1, un*vn, un, vn
		}
		if t == 0 { // the first pair has one sign throughout, but for rounding
			weight, nu, nv = 1, 1, 1
		}
		if weight == 0 {
			continue
		}
		scale := math.Sqrt(math.Sqrt(s.squares[t]) * weight)
		for i, e := range u {
			w[t*n+i] = scale / nu * keep(sign*e, t == 0)
		}
		for j, e := range v {
			h[t*p+j] = scale / nv * keep(sign*e, t == 0)
		}
	}
	for _, f := range [2][]float64{w, h} {
		for i, v := range f {
			if v < 1e-6 {
				f[i] = mean
			}
		}
	}
	return w, h
}

func keep(v float64, either bool) float64 {
	if either {
		return math.Abs(v)
	}
	return max(v, 0)
}

// half is the length of v's positive part, or of its negative part for a sign of −1.
func half(v []float64, sign float64) float64 {
	s := 0.0
	for _, e := range v {
		if e *= sign; e > 0 {
			s += e * e
		}
	}
	return math.Sqrt(s)
}
