package cpu

import "math"

// AdamStep are the settings of one step of Adam. C1 = 1 − β1ᵗ and C2 = 1 − β2ᵗ;
// L2 is the factor of w in the gradient and L1 that of its sign; Decay shrinks
// weights apart from the gradient (AdamW) by rate·Decay.
type AdamStep struct {
	Rate, Beta1, Beta2, Eps, C1, C2, L1, L2, Decay float32
}

const stepGrain = 1 << 15

// Adam takes one step on w with gradient g and moments m and v.
func (p *Pool) Adam(w, g, m, v []float32, s AdamStep) {
	if len(w) == 0 {
		return
	}
	c := [8]float32{s.Beta1, 1 - s.Beta1, s.Beta2, 1 - s.Beta2, s.Rate / s.C1, float32(1 / math.Sqrt(float64(s.C2))), s.Eps, s.L2}
	p.Run(len(w), stepGrain, func(lo, hi int) {
		if s.L1 != 0 {
			sign(w[lo:hi], g[lo:hi], s.L1)
		}
		if s.Decay != 0 {
			f := 1 - s.Rate*s.Decay
			for i := lo; i < hi; i++ {
				w[i] *= f
			}
		}
		p.k.adam(int64(hi-lo), &w[lo], &g[lo], &m[lo], &v[lo], &c[0])
	})
}

// Momentum takes one step with velocity m: m = mu·m + g, w −= rate·m.
func (p *Pool) Momentum(w, g, m []float32, rate, mu, l1, l2 float32) {
	c := [3]float32{mu, l2, -rate}
	p.Run(len(w), stepGrain, func(lo, hi int) {
		if l1 != 0 {
			sign(w[lo:hi], g[lo:hi], l1)
		}
		p.k.momentum(int64(hi-lo), &w[lo], &g[lo], &m[lo], &c[0])
	})
}

// SGD takes one step: w −= rate·g.
func (p *Pool) SGD(w, g []float32, rate, l1, l2 float32) {
	p.Run(len(w), stepGrain, func(lo, hi int) {
		if l1 != 0 {
			sign(w[lo:hi], g[lo:hi], l1)
		}
		if l2 != 0 {
			p.k.axpy(int64(hi-lo), l2, &w[lo], &g[lo])
		}
		p.k.axpy(int64(hi-lo), -rate, &g[lo], &w[lo])
	})
}

// sign adds l1·sign(w) to g.
func sign(w, g []float32, l1 float32) {
	for i, v := range w {
		if v > 0 {
			g[i] += l1
		} else if v < 0 {
			g[i] -= l1
		}
	}
}
