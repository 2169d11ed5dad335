package nn

import (
	"fmt"
	"math"
	"testing"

	"github.com/gxlab/gxlab/gx/nn/cpu"
)

// through64 runs samples through layers, dense ones of linear or tanh units and one that
// draws codes, in float64. params are in the order of Net.Params.
func through64(layers []Layer, spans []span, params []float64, x, eps []float32, rows int) (y, code []float64, kl float64) {
	for _, v := range x {
		y = append(y, float64(v))
	}
	for i, l := range layers {
		sp := spans[i]
		next := make([]float64, rows*sp.out)
		for r := range rows {
			for j := range sp.out {
				if l.Kind == Sample {
					mu, lv := y[2*r*sp.out+j], y[2*r*sp.out+sp.out+j]
					next[r*sp.out+j] = mu + math.Exp(lv/2)*float64(eps[r*sp.out+j])
					kl += (mu*mu + math.Exp(lv) - 1 - lv) / 2
					continue
				}
				v := params[sp.b+j]
				for k := range sp.in {
					v += y[r*sp.in+k] * params[sp.w+k*sp.out+j]
				}
				if l.Act == cpu.Tanh {
					v = math.Tanh(v)
				}
				next[r*sp.out+j] = v
			}
		}
		if y = next; l.Kind == Sample {
			code = y
		}
	}
	return y, code, kl
}

// pair64 is what a step of training a pair on all its features lessens, in float64, and of
// it the mean of −log p and the divergence of the samples' codes.
func pair64(s Spec, spans []span, params []float64, x, features, eps, veps []float32, rows int) (all, nll, kl float64) {
	n, k := s.In, s.CodeSize()
	y, z, kl := through64(s.Layers, spans, params, x, eps, rows)
	w, v, kv := through64(s.Pair.Layers, spans[len(s.Layers):], params, features, veps, n)
	h := len(w) / n
	tail := params[len(params)-3*n:]
	count, near := float64(rows*n), 0.0
	for r := range rows {
		for j := range n {
			mean, code := tail[j], tail[n+j]
			for i := range h {
				mean += y[r*h+i] * w[j*h+i]
			}
			for i := range k {
				code += z[r*k+i] * v[j*k+i]
			}
			e, variance := float64(x[r*n+j]), math.Exp(tail[2*n+j])
			nll += (0.5*math.Log(2*math.Pi*variance) + (e-mean)*(e-mean)/(2*variance)) / count
			near += (e - code) * (e - code) / count
		}
	}
	return nll + s.Pair.Gamma*near + s.KL*(kl/count+kv/float64(n*n)), nll, kl
}

// objective64 is what a step of training a network with a likelihood lessens, in float64:
// the mean of −log p over rows and targets, by the distributions' own formulas, and the
// divergence of the codes that eps draws.
func objective64(s Spec, spans []span, params []float64, x, target []float32, eps []float32, rows int) (loss, kl float64) {
	cur, _, kl := through64(s.Layers, spans, params, x, eps, rows)
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
// networks with a likelihood, and of a pair, are those of float64 differences: within 1e-5
// of the largest in float32, and as near as the products' rounding allows otherwise.
func TestDeviceLikelihoods(t *testing.T) {
	device(t)
	pair := pairSpec(0.4, 0)
	for name, s := range map[string]Spec{"gaussian": vaeSpec(Gaussian), "nb": vaeSpec(NegativeBinomial), "zinb": vaeSpec(ZeroInflated), "pair": pair} {
		const rows, seed = 13, 4
		d := dataFor(s, rows)
		d.Watch, d.WatchTarget, d.WatchN = nil, nil, 0
		target := d.Target
		if target == nil {
			target = d.X
		}
		noise := func(rows, layer int, of uint64) []float32 {
			eps := make([]float32, rows*s.CodeSize())
			cpu.NewPool(1).Noise(1, dropoutSeed(seed, layer)^of^sampleSeed, 0, eps, eps)
			return eps
		}
		eps, veps := noise(rows, s.sampler(), 0), noise(s.In, 2, 0xfea70e)
		n, err := New(s, 3)
		if err != nil {
			t.Fatal(err)
		}
		for j := range n.Spread() {
			n.Spread()[j] = 0.1 * float32(j-2)
		}
		params := make([]float64, len(n.params))
		for i, v := range n.params {
			params[i] = float64(v)
		}
		whole := func() (all, told, kl float64) { // told as the learning curve tells it
			if s.Pair != nil {
				all, nll, kl := pair64(s, n.spans, params, d.X, d.Features, eps, veps, rows)
				return all, nll + kl/float64(rows*s.In), kl
			}
			loss, kl := objective64(s, n.spans, params, d.X, target, eps, rows)
			share := kl / float64(rows*s.Targets())
			return loss + s.KL*share, loss + share, kl
		}
		_, bound, kl := whole()
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
		for precision, tol := range map[string]float64{"float32": 1e-5, "tf32": 5e-3, "bfloat16": 3e-2} {
			g, p, err := deviceGradient(n, Plan{Optimiser: "momentum", Rate: 1e-12, Seed: seed, Precision: precision}, d)
			if err != nil {
				t.Fatal(err)
			}
			off := 0.0
			for i, w := range want {
				off = math.Max(off, math.Abs(float64(g[i])-w))
			}
			what := fmt.Sprintf("%s, %s", name, precision)
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
