package nn

import (
	"math"

	"github.com/gxlab/gxlab/gx/nn/cpu"
)

// watchSeed draws the codes that watched samples are measured with.
const watchSeed = 0x3a7c4

// measureLikely is −ELBO of samples in nats, a mean over values, with one draw of each
// code; for a loss without drawn codes −log p.
func (t *trainer) measureLikely(in, wanted *samples) (float64, error) {
	net := t.net
	if net.spec.Pair != nil {
		var err error
		if net, err = net.Cellwise(t.data.Features); err != nil {
			return 0, err
		}
	}
	e := newEvidence(in.n)
	t.evidence(net, in, wanted, watchSeed, 1, e)
	t.watchKL = sum64(e.KL) / float64(in.n)
	return -sum64(e.ELBO) / float64(in.n*net.spec.Targets()), nil
}

// Evidence is what is known of how likely each sample is, in nats: its evidence lower
// bound E[log p(x | z)] − KL, and the divergence KL of its code from N(0, 1), of which
// the bound is the mean over draws of z.
type Evidence struct{ ELBO, KL []float64 }

// Mean is the mean ELBO of a sample.
func (e *Evidence) Mean() float64 { return sum64(e.ELBO) / float64(max(1, len(e.ELBO))) }

// Divergence is the mean KL of a sample.
func (e *Evidence) Divergence() float64 { return sum64(e.KL) / float64(max(1, len(e.KL))) }

func newEvidence(n int) *Evidence { return &Evidence{make([]float64, n), make([]float64, n)} }

// Bound is the evidence of data's samples, with that many draws of each code. net has a
// likelihood and is no pair (Cellwise).
func Bound(net *Net, data Data, draws int, seed uint64) (*Evidence, error) {
	t, err := newTrainer(net, Plan{Batch: 2, Epochs: 1, Optimiser: "sgd", Rate: 1}, data, Hooks{})
	if err != nil {
		return nil, err
	}
	e := newEvidence(data.N)
	t.evidence(net, &t.in, &t.want, seed, max(1, draws), e)
	return e, nil
}

func (t *trainer) evidence(net *Net, in, wanted *samples, seed uint64, draws int, e *Evidence) {
	s := net.spec
	n := s.Targets()
	block := min(in.n, blockRows)
	room, scaled, targets := t.pool.Borrow(block*s.Out()), t.pool.Borrow(block*s.In), t.pool.Borrow(block*n)
	defer t.pool.GiveBack(room)
	defer t.pool.GiveBack(scaled)
	defer t.pool.GiveBack(targets)
	at := s.sampler()
	for lo := 0; lo < in.n; lo += blockRows {
		r := min(blockRows, in.n-lo)
		x := in.look(t.pool.Run, lo, lo+r, scaled)
		want := x
		if t.data.Target != nil {
			want = wanted.look(t.pool.Run, lo, lo+r, targets)
		}
		y := room[:r*s.Out()]
		if at < 0 {
			net.run(t.pool, x, r, 0, len(s.Layers), y)
			for i, v := range likelihood(t.pool, s.Loss, r, n, y, want, net.Spread(), nil, nil, 0) {
				e.ELBO[lo+i] = -v
			}
			continue
		}
		k := s.CodeSize()
		h := make([]float32, 2*k*r)
		net.run(t.pool, x, r, 0, at, h)
		for i := range r {
			for j := range k {
				m, l := float64(h[2*k*i+j]), float64(h[2*k*i+k+j])
				e.KL[lo+i] += 0.5 * (float64(m*m) + math.Exp(l) - 1 - l)
			}
		}
		eps, z := make([]float32, r*k), make([]float32, r*k)
		for d := range draws {
			clear(eps)
			t.pool.Noise(1, seed^sampleSeed+uint64(d)*0x9e3779b97f4a7c15, uint64(lo*k+lo*k%2), eps, eps)
			cpu.Draw(r, k, h, eps, z)
			net.run(t.pool, z, r, s.Code, len(s.Layers), y)
			for i, v := range likelihood(t.pool, s.Loss, r, n, y, want, net.Spread(), nil, nil, 0) {
				e.ELBO[lo+i] -= v / float64(draws)
			}
		}
		for i := range r {
			e.ELBO[lo+i] -= e.KL[lo+i]
		}
	}
}
