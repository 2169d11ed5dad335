package nn

import (
	"math"

	"github.com/gxlab/gxlab/gx/nn/cpu"
)

// slopes are the multipliers of every layer's activation for pairs [p0, p1) of a
// sample and a reference, pairs × width each; nil where they are 1.
func (s *share) slopes(p0, p1 int) [][]float32 {
	out := make([][]float32, len(s.layers))
	for i := range s.layers {
		act, w := s.kind(i).Act, s.width(i)
		if act == cpu.Linear || s.Sums && i == len(s.layers)-1 {
			continue
		}
		m := s.pool.Borrow((p1 - p0) * w)
		s.pool.Run(p1-p0, 1, func(lo, hi int) {
			for p := lo; p < hi; p++ {
				k, r := (p0+p)/s.refs, (p0+p)%s.refs
				z := s.z[i][k*w : (k+1)*w]
				if s.Method == DeepLIFT {
					rescale(act, z, s.z0[i][r*w:(r+1)*w], m[p*w:(p+1)*w])
				} else {
					derivatives(act, z, m[p*w:(p+1)*w])
				}
			}
		})
		out[i] = m
	}
	return out
}

// along are the derivatives at the point that lies a share t of the way from
// reference to sample. The first layer's sums move along a line as well.
func (s *share) along(t float64, p0, p1 int) [][]float32 {
	out := make([][]float32, len(s.layers))
	pairs := p1 - p0
	w := s.width(0)
	z := s.pool.Borrow(pairs * w)
	for p := range pairs {
		k, r := (p0+p)/s.refs, (p0+p)%s.refs
		to, from := s.z[0][k*w:(k+1)*w], s.z0[0][r*w:(r+1)*w]
		for j, v := range from {
			z[p*w+j] = float32(float64(v) + t*(float64(to[j])-float64(v)))
		}
	}
	for i := range s.layers {
		act, w := s.kind(i).Act, s.width(i)
		last := i == len(s.layers)-1
		if act != cpu.Linear && !(s.Sums && last) {
			m := s.pool.Borrow(pairs * w)
			s.pool.Run(pairs, 1, func(lo, hi int) {
				for p := lo; p < hi; p++ {
					derivatives(act, z[p*w:(p+1)*w], m[p*w:(p+1)*w])
				}
			})
			out[i] = m
		}
		if last {
			break
		}
		y := s.values(i, pairs, z, false)
		z = s.pool.Borrow(pairs * s.width(i+1))
		s.sum(i+1, pairs, y, z)
		s.pool.GiveBack(y)
	}
	s.pool.GiveBack(z)
	return out
}

// multipliers are those of units by the first layer's sums: a row for every unit and
// pair, unit after unit, each of the first layer's width.
func (s *share) multipliers(units []int, p0, p1 int) []float32 {
	if s.Method != IntegratedGradients {
		return s.back(units, s.slopes(p0, p1), p1-p0)
	}
	var mean []float32
	for k, t := range s.at {
		d := s.back(units, s.along(t, p0, p1), p1-p0)
		w := float32(s.wt[k])
		if mean == nil {
			mean = d
			s.pool.Run(len(d), 1<<14, func(lo, hi int) {
				for i := lo; i < hi; i++ {
					mean[i] *= w
				}
			})
			continue
		}
		s.pool.Run(len(d), 1<<14, func(lo, hi int) { s.pool.Axpy(w, d[lo:hi], mean[lo:hi]) })
		s.pool.GiveBack(d)
	}
	return mean
}

// back takes units back through the layers, with each layer's slopes, which it gives
// back to the pool, to the first layer's sums.
func (s *share) back(units []int, slopes [][]float32, pairs int) []float32 {
	last := len(s.layers) - 1
	rows := len(units) * pairs
	d, i := s.begin(units, slopes[last], pairs)
	for ; ; i-- {
		w := s.width(i)
		if m := slopes[i]; m != nil && !(i == last) {
			s.through(i, rows, pairs, m, d)
		}
		if i == 0 {
			break
		}
		l, sp := s.layers[i], s.net.spans[s.layers[i]]
		if s.kind(i).Kind == BatchNorm {
			f := s.norm(l)
			s.pool.Run(rows, 16, func(lo, hi int) {
				for r := lo; r < hi; r++ {
					s.pool.Mul(f, d[r*w:(r+1)*w])
				}
			})
			continue
		}
		weights, _ := s.net.Weights(l)
		e := s.pool.Borrow(rows * sp.in)
		s.pool.Gemm(false, true, rows, sp.in, sp.out, d, sp.out, weights, sp.out, 0, e, sp.in)
		s.pool.GiveBack(d)
		d = e
	}
	for _, m := range slopes {
		if m != nil {
			s.pool.GiveBack(m)
		}
	}
	return d
}

// begin is what every unit takes back from the last layer: to the sums of that layer,
// or straight to the layer before where a unit is a column of weights, and the layer
// whose activation comes next.
func (s *share) begin(units []int, slope []float32, pairs int) (d []float32, layer int) {
	last := len(s.layers) - 1
	w := s.width(last)
	l := s.layers[last]
	jacobian := s.kind(last).Act == cpu.SoftMax && slope != nil && s.Method != DeepLIFT
	if last > 0 && s.kind(last).Kind == Dense && !jacobian {
		weights, _ := s.net.Weights(l)
		in := s.net.spans[l].in
		d = s.pool.Borrow(len(units) * pairs * in)
		s.pool.Run(len(units), 1, func(lo, hi int) {
			for k := lo; k < hi; k++ {
				u := units[k]
				first := d[k*pairs*in : (k*pairs+1)*in]
				for j := range first {
					first[j] = weights[j*w+u]
				}
				for p := 1; p < pairs; p++ {
					copy(d[(k*pairs+p)*in:(k*pairs+p+1)*in], first)
				}
				if slope == nil {
					continue
				}
				for p := range pairs {
					row := d[(k*pairs+p)*in : (k*pairs+p+1)*in]
					for j := range row {
						row[j] *= slope[p*w+u]
					}
				}
			}
		})
		return d, last - 1
	}
	d = s.pool.Borrow(len(units) * pairs * w)
	clear(d)
	for k, u := range units {
		for p := range pairs {
			d[(k*pairs+p)*w+u] = 1
		}
	}
	if slope != nil {
		s.through(last, len(units)*pairs, pairs, slope, d)
	}
	return d, last
}

// through takes rows of d back through the activation of layer i.
func (s *share) through(i, rows, pairs int, m, d []float32) {
	w := s.width(i)
	jacobian := s.kind(i).Act == cpu.SoftMax && s.Method != DeepLIFT
	s.pool.Run(rows, 16, func(lo, hi int) {
		for r := lo; r < hi; r++ {
			p := r % pairs
			if jacobian {
				throughSoftMax(m[p*w:(p+1)*w], d[r*w:(r+1)*w])
			} else {
				s.pool.Mul(m[p*w:(p+1)*w], d[r*w:(r+1)*w])
			}
		}
	})
}

// norm is a BatchNorm layer's factor per column, with its running variance.
func (s *share) norm(layer int) []float32 {
	sp, at := s.net.spans[layer], s.net.momentsBefore(layer)
	gamma, variance := s.net.params[sp.w:sp.w+sp.in], s.net.moments[at+sp.in:at+2*sp.in]
	f := make([]float32, sp.in)
	for j := range f {
		f[j] = float32(float64(gamma[j]) / math.Sqrt(float64(variance[j])+bnEps))
	}
	return f
}
