package nn

import (
	"fmt"
	"math"
	"testing"

	"github.com/gxlab/gxlab/gx/nn/cpu"
)

// objective64 is what a step of training a network with a likelihood lessens, in float64:
// the mean of −log p over rows and targets, by the distributions' own formulas, and the
// divergence of the codes that eps draws. params are in the order of Net.Params; layers
// are dense, linear or tanh.
func objective64(s Spec, spans []span, params []float64, x, target []float32, eps []float32, rows int) (loss, kl float64) {
	cur := make([]float64, len(x))
	for i, v := range x {
		cur[i] = float64(v)
	}
	for i, l := range s.Layers {
		sp := spans[i]
		next := make([]float64, rows*sp.out)
		for r := range rows {
			for j := range sp.out {
				if l.Kind == Sample {
					mu, lv := cur[2*r*sp.out+j], cur[2*r*sp.out+sp.out+j]
					next[r*sp.out+j] = mu + math.Exp(lv/2)*float64(eps[r*sp.out+j])
					kl += (mu*mu + math.Exp(lv) - 1 - lv) / 2
					continue
				}
				v := params[sp.b+j]
				for k := range sp.in {
					v += cur[r*sp.in+k] * params[sp.w+k*sp.out+j]
				}
				if l.Act == cpu.Tanh {
					v = math.Tanh(v)
				}
				next[r*sp.out+j] = v
			}
		}
		cur = next
	}
	n, outs := s.Targets(), s.Out()
	spread := params[len(params)-n:]
	for r := range rows {
		y, x := cur[r*outs:(r+1)*outs], target[r*n:(r+1)*n]
		library, norm := 0.0, 0.0
		for j := range n {
			library += float64(x[j])
			norm += math.Exp(y[j])
		}
		for j := range n {
			v := float64(x[j])
			if s.Loss == Gaussian {
				loss += 0.5*math.Log(2*math.Pi*math.Exp(spread[j])) + (v-y[j])*(v-y[j])/(2*math.Exp(spread[j]))
				continue
			}
			theta, m := math.Exp(spread[j]), library*math.Exp(y[j])/norm
			logP := lgamma(v+theta) - lgamma(theta) - lgamma(v+1) + theta*math.Log(theta/(theta+m)) + v*math.Log(m/(theta+m))
			if s.Loss == ZeroInflated {
				pi := 1 / (1 + math.Exp(-y[n+j]))
				p := (1 - pi) * math.Exp(logP)
				if v == 0 {
					p += pi
				}
				logP = math.Log(p)
			}
			loss -= logP
		}
	}
	return loss / float64(rows*n), kl
}

func lgamma(x float64) float64 {
	v, _ := math.Lgamma(x)
	return v
}

// Through CUDA's interface, on this machine's GPU or an emulated one, the gradients of
// networks with a likelihood are those of float64 differences: within 1e-5 of the largest
// in float32, and as near as the products' rounding allows otherwise.
func TestDeviceLikelihoods(t *testing.T) {
	device(t)
	for _, loss := range []Loss{Gaussian, NegativeBinomial, ZeroInflated} {
		s := vaeSpec(loss)
		const rows, seed = 13, 4
		d := dataFor(s, rows)
		d.Watch, d.WatchTarget, d.WatchN = nil, nil, 0
		target := d.Target
		if target == nil {
			target = d.X
		}
		for precision, tol := range map[string]float64{"float32": 1e-5, "tf32": 5e-3, "bfloat16": 3e-2} {
			n, err := New(s, 3)
			if err != nil {
				t.Fatal(err)
			}
			for j := range n.Spread() {
				n.Spread()[j] = 0.1 * float32(j-2)
			}
			eps := make([]float32, rows*s.CodeSize())
			cpu.NewPool(1).Noise(1, dropoutSeed(seed, s.sampler())^sampleSeed, 0, eps, eps)
			params := make([]float64, len(n.params))
			for i, v := range n.params {
				params[i] = float64(v)
			}
			whole := func() (float64, float64, float64) {
				loss, kl := objective64(s, n.spans, params, d.X, target, eps, rows)
				return loss + s.KL*kl/float64(rows*s.Targets()), loss, kl
			}
			_, nll, kl := whole()
			want, most := make([]float64, len(params)), 0.0
			for i, v := range params {
				const h = 1e-5
				params[i] = v + h
				up, _, _ := whole()
				params[i] = v - h
				down, _, _ := whole()
				params[i] = v
				want[i] = (up - down) / (2 * h)
				most = math.Max(most, math.Abs(want[i]))
			}
			g, p, err := deviceGradient(n, Plan{Optimiser: "momentum", Rate: 1e-12, Seed: seed, Precision: precision}, d)
			if err != nil {
				t.Fatal(err)
			}
			off := 0.0
			for i, w := range want {
				off = math.Max(off, math.Abs(float64(g[i])-w))
			}
			bound := nll + kl/float64(rows*s.Targets())
			what := fmt.Sprintf("%s, %s", loss, precision)
			t.Logf("%s: gradients within %.2g of the largest, −ELBO within %.2g, divergence within %.2g", what, off/most, math.Abs(p.Train-bound)/bound, math.Abs(p.KL*rows-kl)/kl)
			if !(off <= tol*most) || !(math.Abs(p.Train-bound) <= tol*bound) || !(math.Abs(p.KL*rows-kl) <= tol*kl) {
				t.Errorf("%s: gradients off by %g of %g, −ELBO %g and divergence %g; in float64 %g and %g", what, off, most, p.Train, p.KL*rows, bound, kl)
			}
		}
	}
}

// A seed draws the same codes on a device every time, and another seed others.
func TestDeviceDrawsBySeed(t *testing.T) {
	device(t)
	s := likelyShapes()["nb vae"]
	p := Plan{Batch: 6, Epochs: 3, Optimiser: "adam", Rate: 0.01, Seed: 3, Device: "gpu", Precision: "float32"}
	a, _ := trained(t, s, p, dataFor(s, 24), Hooks{})
	b, _ := trained(t, s, p, dataFor(s, 24), Hooks{})
	same(t, "weight", a.params, b.params, 0)
	n, err := New(s, p.Seed)
	if err != nil {
		t.Fatal(err)
	}
	p.Seed = 4
	if _, err := Train(ctx, n, p, dataFor(s, 24), Hooks{}); err != nil {
		t.Fatal(err)
	}
	if n.params[0] == a.params[0] {
		t.Error("another seed, the same weights")
	}
}
