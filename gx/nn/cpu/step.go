package cpu

import "math"

// AdamStep are the settings of one step of Adam. C1 = 1 − β1ᵗ and C2 = 1 − β2ᵗ;
// L2 is the factor of w in the gradient and L1 that of its sign; Decay shrinks
// weights apart from the gradient (AdamW) by rate·Decay.
type AdamStep struct {
	Rate, Beta1, Beta2, Eps, C1, C2, L1, L2, Decay float32
}

// stepGrain is the piece one thread takes. A slice no longer than that is stepped
// in the calling goroutine, and nothing is allocated.
const stepGrain = 1 << 14

// Adam takes one step on w with gradient g, which it may use up, and moments m
// and v.
func (p *Pool) Adam(w, g, m, v []float32, s AdamStep) {
	if len(w) <= stepGrain {
		p.adam(w, g, m, v, s)
		return
	}
	step := s
	p.Run(len(w), stepGrain, func(lo, hi int) { p.adam(w[lo:hi], g[lo:hi], m[lo:hi], v[lo:hi], step) })
}

func (p *Pool) adam(w, g, m, v []float32, s AdamStep) {
	if len(w) == 0 {
		return
	}
	if s.L1 != 0 {
		sign(w, g, s.L1)
	}
	if s.Decay != 0 {
		f := 1 - s.Rate*s.Decay
		for i := range w {
			w[i] *= f
		}
	}
	room := scratches.Get().(*scratch)
	room.c = [8]float32{s.Beta1, 1 - s.Beta1, s.Beta2, 1 - s.Beta2, s.Rate / s.C1, float32(1 / math.Sqrt(float64(s.C2))), s.Eps, s.L2}
	p.k.adam(int64(len(w)), &w[0], &g[0], &m[0], &v[0], &room.c[0])
	scratches.Put(room)
}

// Momentum takes one step with velocity m: m = mu·m + g, w −= rate·m. It may use g
// up.
func (p *Pool) Momentum(w, g, m []float32, rate, mu, l1, l2 float32) {
	if len(w) <= stepGrain {
		p.momentum(w, g, m, rate, mu, l1, l2)
		return
	}
	p.Run(len(w), stepGrain, func(lo, hi int) { p.momentum(w[lo:hi], g[lo:hi], m[lo:hi], rate, mu, l1, l2) })
}

func (p *Pool) momentum(w, g, m []float32, rate, mu, l1, l2 float32) {
	if len(w) == 0 {
		return
	}
	if l1 != 0 {
		sign(w, g, l1)
	}
	room := scratches.Get().(*scratch)
	room.c = [8]float32{mu, l2, -rate}
	p.k.momentum(int64(len(w)), &w[0], &g[0], &m[0], &room.c[0])
	scratches.Put(room)
}

// SGD takes one step: w −= rate·g. It may use g up.
func (p *Pool) SGD(w, g []float32, rate, l1, l2 float32) {
	if len(w) <= stepGrain {
		p.sgd(w, g, rate, l1, l2)
		return
	}
	p.Run(len(w), stepGrain, func(lo, hi int) { p.sgd(w[lo:hi], g[lo:hi], rate, l1, l2) })
}

func (p *Pool) sgd(w, g []float32, rate, l1, l2 float32) {
	if len(w) == 0 {
		return
	}
	if l1 != 0 {
		sign(w, g, l1)
	}
	if l2 != 0 {
		p.k.axpy(int64(len(w)), l2, &w[0], &g[0])
	}
	p.k.axpy(int64(len(w)), -rate, &g[0], &w[0])
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
