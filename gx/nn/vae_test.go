package nn

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/gxlab/gxlab/gx/nn/cpu"
)

type jaxVAE struct {
	X, Counts, Logged, Eps []float32
	Nets                   []struct {
		Kind          Loss
		NLL, KL       float64
		Params, Grads []float32
	}
	Profiles, Veps, Pair []float32
	Pairs                []struct {
		Index                      []int
		Gamma, Loss, NLL, KL, Near float64
		Grads                      []float32
	}
}

func readJAX(t *testing.T) (f jaxVAE) {
	t.Helper()
	b, err := os.ReadFile("testdata/jax_vae.json")
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(b, &f); err != nil || len(f.Nets) != 3 || len(f.Pairs) != 3 {
		t.Fatal(err)
	}
	return f
}

func vaeSpec(kind Loss) Spec {
	out := 6
	if kind == ZeroInflated {
		out = 12
	}
	return Spec{In: 6, Loss: kind, Init: "torch", Code: 3, KL: 0.4, Layers: []Layer{
		{Kind: Dense, Width: 5, Act: cpu.Tanh}, {Kind: Dense, Width: 4}, {Kind: Sample}, {Kind: Dense, Width: 5, Act: cpu.Tanh}, {Kind: Dense, Width: out},
	}}
}

func near(t *testing.T, what string, got, want, tol float64) {
	t.Helper()
	if !(math.Abs(got-want) <= tol*math.Max(1, math.Abs(want))) {
		t.Errorf("%s: %v, JAX has %v", what, got, want)
	}
}

// Likelihoods, divergences and all gradients are JAX's: float64 there, float32 here.
func TestVariationalNetworksAreJAXs(t *testing.T) {
	f := readJAX(t)
	for _, d := range f.Nets {
		t.Run(string(d.Kind), func(t *testing.T) {
			n, err := New(vaeSpec(d.Kind), 1)
			if err != nil {
				t.Fatal(err)
			}
			if len(n.params) != len(d.Params) {
				t.Fatalf("%d parameters, JAX has %d", len(n.params), len(d.Params))
			}
			copy(n.params, d.Params)
			x, want := f.X, f.X
			if d.Kind != Gaussian {
				x, want = f.Logged, f.Counts
			}
			grads := make([]float32, len(n.params))
			g, err := newGraph(n, 7, d.Kind != Gaussian, cpu.NewPool(2), into(grads), 1)
			if err != nil {
				t.Fatal(err)
			}
			defer g.close()
			copy(g.in, x)
			copy(g.want, want)
			g.sample.fixed = true
			copy(g.sample.eps, f.Eps)
			sum, err := g.run(0)
			if err != nil {
				t.Fatal(err)
			}
			near(t, "−log p", sum, d.NLL, 1e-6)
			near(t, "divergence", g.sample.sum, d.KL, 1e-6)
			same(t, "gradient", grads, d.Grads, 5e-6)
		})
	}
}

func pairSpec(gamma float64, batch int) Spec {
	return Spec{In: 6, Loss: Gaussian, Init: "torch", Code: 3, KL: 0.6, Layers: []Layer{
		{Kind: Dense, Width: 5, Act: cpu.Tanh}, {Kind: Dense, Width: 4}, {Kind: Sample}, {Kind: Dense, Width: 3, Act: cpu.Tanh},
	}, Pair: &Pair{In: 4, Code: 3, Batch: batch, Gamma: gamma, Layers: []Layer{
		{Kind: Dense, Width: 5, Act: cpu.Tanh}, {Kind: Dense, Width: 4}, {Kind: Sample}, {Kind: Dense, Width: 3},
	}}}
}

// A pair's loss and gradients are JAX's, with all features and with some; γ reaches the
// loss and the gradients of both codes. A γ twice as large is the same where it has risen
// to a half.
func TestPairsAreJAXs(t *testing.T) {
	f := readJAX(t)
	for i := range 2 * len(f.Pairs) {
		d, rising := f.Pairs[i/2], i%2 == 1
		t.Run(fmt.Sprintf("%d features, gamma %g, rising %v", len(d.Index), d.Gamma, rising), func(t *testing.T) {
			spec, step := pairSpec(d.Gamma, len(d.Index)), uint64(0)
			if rising {
				spec.Pair.Gamma, spec.Pair.GammaSteps, step = 2*d.Gamma, 6, 3
			}
			n, err := New(spec, 1)
			if err != nil {
				t.Fatal(err)
			}
			if len(n.params) != len(f.Pair) {
				t.Fatalf("%d parameters, JAX has %d", len(n.params), len(f.Pair))
			}
			copy(n.params, f.Pair)
			grads := make([]float32, len(n.params))
			p, err := newPairGraph(n, 7, cpu.NewPool(2), into(grads), 1)
			if err != nil {
				t.Fatal(err)
			}
			defer p.cell.close()
			copy(p.index, d.Index)
			copy(p.cell.in, f.X)
			for r := range 7 {
				for j, k := range d.Index {
					p.want[r*len(d.Index)+j] = f.X[r*6+k]
				}
			}
			for j, k := range d.Index {
				copy(p.feature.in[4*j:4*j+4], f.Profiles[4*k:])
			}
			p.cell.sample.fixed, p.feature.sample.fixed = true, true
			copy(p.cell.sample.eps, f.Eps)
			copy(p.feature.sample.eps, f.Veps)
			sum, err := p.run(step)
			if err != nil {
				t.Fatal(err)
			}
			near(t, "−log p", sum, d.NLL, 1e-6)
			near(t, "divergence", p.cell.sample.sum, d.KL, 1e-6)
			if d.Gamma > 0 {
				near(t, "what the codes leave", p.op.linear, d.Near, 1e-6)
			}
			same(t, "gradient", grads, d.Grads, 5e-6)
		})
	}
	// The fixture itself tells losses with γ from those without.
	if f.Pairs[0].Loss-f.Pairs[2].Loss < 0.1 || slices.Equal(f.Pairs[0].Grads, f.Pairs[2].Grads) {
		t.Error("γ changes nothing")
	}
}

// A pair's cell-wise half is a network of its own with the same outputs.
func TestCellwise(t *testing.T) {
	f := readJAX(t)
	n, err := New(pairSpec(0.3, 0), 1)
	if err != nil {
		t.Fatal(err)
	}
	copy(n.params, f.Pair)
	c, err := n.Cellwise(f.Profiles)
	if err != nil {
		t.Fatal(err)
	}
	y, err := c.Reconstruct(f.X, 7)
	if err != nil {
		t.Fatal(err)
	}
	w, err := n.Feature().Reconstruct(f.Profiles, 6)
	if err != nil {
		t.Fatal(err)
	}
	h, err := n.Forward(f.X, 7, 0, 4)
	if err != nil {
		t.Fatal(err)
	}
	b, _, _ := n.pairBiases()
	for r := range 7 {
		for k := range 6 {
			s := b[k]
			for j := range 3 {
				s += h[3*r+j] * w[3*k+j]
			}
			if math.Abs(float64(s-y[6*r+k])) > 1e-5 {
				t.Fatal(r, k, s, y[6*r+k])
			}
		}
	}
	// Join, from the halves, gives the pair back.
	fs := n.Feature().spec
	fn, err := New(fs, 2)
	if err != nil {
		t.Fatal(err)
	}
	copy(fn.params, n.params[n.spans[4].w:len(n.params)-18])
	again, err := Join(n.spec, c, fn, 3)
	if err != nil {
		t.Fatal(err)
	}
	c2, err := again.Cellwise(f.Profiles)
	if err != nil || !slices.Equal(c.params, c2.params) {
		t.Error("the pair is another one", err)
	}
}

// Training lowers −ELBO, gives the same bits on any threads, and goes on after an end at
// any step as if there had been none; with plain codes and with a pair.
func TestVariationalTrainingGoesOn(t *testing.T) {
	f := readJAX(t)
	for name, s := range map[string]Spec{"vae": vaeSpec(NegativeBinomial), "pair": pairSpec(0.3, 2)} {
		t.Run(name, func(t *testing.T) {
			s.KLSteps = 40
			data := Data{X: f.X, N: 7, Watch: f.X, WatchN: 7, Features: f.Profiles}
			if name == "vae" {
				data = Data{X: f.Logged, Target: f.Counts, N: 7, Watch: f.Logged, WatchTarget: f.Counts, WatchN: 7}
			}
			train := func(threads int, resume io.Reader, hooks Hooks) ([]float32, []Point) {
				n, err := New(s, 5)
				if err != nil {
					t.Fatal(err)
				}
				hooks.Resume = resume
				c, err := Train(ctx, n, Plan{Batch: 3, Epochs: 60, Optimiser: "adam", Rate: 0.01, Seed: 3, Threads: threads, Device: "cpu"}, data, hooks)
				if err != nil {
					t.Fatal(err)
				}
				return n.params, c
			}
			var states [][]byte
			p1, c1 := train(1, nil, Hooks{Every: 1, Save: func(w func(io.Writer) error) error {
				var b bytes.Buffer
				err := w(&b)
				states = append(states, b.Bytes())
				return err
			}})
			p2, _ := train(4, nil, Hooks{})
			if !slices.Equal(p1, p2) {
				t.Error("threads change the weights")
			}
			if len(states) < 1 {
				t.Fatal("no states")
			}
			p3, c3 := train(2, bytes.NewReader(states[len(states)/2]), Hooks{})
			if !slices.Equal(p1, p3) || fmt.Sprint(c1) != fmt.Sprint(c3) {
				t.Error("going on gives other weights")
			}
			if a, b := c1[0], c1[len(c1)-1]; !(b.Valid < a.Valid) || !(b.KL > 0) || !(b.ValidKL > 0) {
				t.Errorf("from %+v to %+v", a, b)
			}
		})
	}
}

// A loss that is no number stops training and names the layer: in each of siVAE's stages,
// the second of which has targets of its own and the third two halves.
func TestVariationalNaN(t *testing.T) {
	f := readJAX(t)
	x := Data{X: f.X, N: 7}
	weights := Data{X: f.X, Target: f.X, N: 7}
	both := Data{X: f.X, N: 7, Features: f.Profiles}
	for _, c := range []struct {
		name string
		spec Spec
		span int
		data Data
	}{
		{"layer 2", vaeSpec(Gaussian), 1, x},
		{"layer 4", vaeSpec(Gaussian), 3, weights},
		{"layer 1 of the feature-wise half", pairSpec(0.3, 0), 4, both},
		{"layer 4 of the feature-wise half", pairSpec(0.3, 2), 7, both},
		{"layer 1 (", pairSpec(0.3, 2), 0, both},
	} {
		n, err := New(c.spec, 1)
		if err != nil {
			t.Fatal(err)
		}
		n.params[n.spans[c.span].w] = float32(math.NaN())
		before := slices.Clone(n.params[n.spans[c.span].w+1:])
		_, err = Train(ctx, n, Plan{Batch: 7, Epochs: 1, Optimiser: "adam", Rate: 0.01, Seed: 1}, c.data, Hooks{})
		if err == nil || !strings.Contains(err.Error(), c.name) {
			t.Errorf("%s: %v", c.name, err)
		}
		if !slices.Equal(before, n.params[n.spans[c.span].w+1:]) {
			t.Errorf("%s: the other weights were changed", c.name)
		}
	}
}

// What does not fit is refused.
func TestVariationalSpecs(t *testing.T) {
	for _, change := range []func(*Spec){
		func(s *Spec) { s.Loss = MSE },
		func(s *Spec) { s.Code = 2 },
		func(s *Spec) { s.Layers[1].Width = 3 },
		func(s *Spec) { s.Layers[4].Act = cpu.ReLU },
		func(s *Spec) { s.KL = -1 },
	} {
		s := vaeSpec(Gaussian)
		change(&s)
		if err := s.Check(); err == nil {
			t.Errorf("%+v is taken", s)
		}
	}
	s := pairSpec(1, 0)
	s.Pair.Layers[3].Width = 2
	if err := s.Check(); err == nil {
		t.Error("halves of other widths are taken")
	}
	var none *Net
	_, err := Restore(pairSpec(1, 0), nil, nil)
	if none != nil || errors.Is(err, nil) {
		t.Error(err)
	}
}
