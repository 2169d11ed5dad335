package nn

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"slices"
	"testing"

	"github.com/gxlab/gxlab/gx/nn/cpu"
)

type jaxHeads struct {
	X       []float32
	Classes []int
	Nets    []struct {
		Hidden       int
		Weight       float64
		MSE, Entropy float64
		Params       []float32
		Scores       []float32
		Grads, Steps []float32
	}
}

func readJAXHeads(t *testing.T) (all jaxHeads) {
	t.Helper()
	b, err := os.ReadFile("testdata/jax_head.json")
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(b, &all); err != nil || len(all.Nets) < 3 {
		t.Fatal(len(all.Nets), err)
	}
	return all
}

// Through CUDA's interface, on this machine's GPU or an emulated one, a classifier's
// losses and gradients are JAX's in float64, within what the precision's rounding makes.
func TestDeviceClassifierIsJAXs(t *testing.T) {
	device(t)
	all := readJAXHeads(t)
	for _, d := range all.Nets {
		for precision, tol := range map[string]float64{"float32": 3e-6, "tf32": 2e-3, "bfloat16": 2e-2} {
			n, err := New(withHead(d.Hidden, d.Weight), 1)
			if err != nil {
				t.Fatal(err)
			}
			copy(n.params, d.Params)
			g, p, err := deviceGradient(n, Plan{Optimiser: "momentum", Rate: 1e-12, Precision: precision}, Data{X: all.X, N: 9, Class: all.Classes})
			if err != nil {
				t.Fatal(err)
			}
			same(t, precision+" gradient", g, d.Grads, tol)
			if math.Abs(p.Train-d.MSE) > tol || math.Abs(p.Entropy-d.Entropy) > tol {
				t.Errorf("%s: errors %v, %v; JAX has %v, %v", precision, p.Train, p.Entropy, d.MSE, d.Entropy)
			}
		}
	}
}

// A network with a classifier has JAX's losses, scores, gradients and steps: float64
// there, float32 here.
func TestClassifierIsJAXs(t *testing.T) {
	all := readJAXHeads(t)
	for _, d := range all.Nets {
		t.Run(fmt.Sprintf("hidden %d, weight %g", d.Hidden, d.Weight), func(t *testing.T) {
			s := withHead(d.Hidden, d.Weight)
			n, err := New(s, 1)
			if err != nil {
				t.Fatal(err)
			}
			if len(n.params) != len(d.Params) {
				t.Fatalf("%d parameters, JAX has %d", len(n.params), len(d.Params))
			}
			copy(n.params, d.Params)
			z, err := n.Encode(all.X, 9)
			if err != nil {
				t.Fatal(err)
			}
			scores, err := n.Scores(z, 9)
			if err != nil {
				t.Fatal(err)
			}
			same(t, "score", scores, d.Scores, 2e-6)
			data := Data{X: all.X, N: 9, Class: all.Classes}
			p, err := Measure(n, data)
			if err != nil || math.Abs(p.Valid-d.MSE) > 1e-6 || math.Abs(p.ValidEntropy-d.Entropy) > 1e-6 {
				t.Errorf("errors %v, %v; JAX has %v, %v", p, err, d.MSE, d.Entropy)
			}
			grads := make([]float32, len(n.params))
			g, err := newGraph(n, 9, false, cpu.NewPool(2), into(grads), 1)
			if err != nil {
				t.Fatal(err)
			}
			defer g.close()
			copy(g.in, all.X)
			copy(g.class, all.Classes)
			if _, err := g.run(0); err != nil {
				t.Fatal(err)
			}
			same(t, "gradient", grads, d.Grads, 3e-6)
			curve, err := Train(ctx, n, Plan{Batch: 9, Epochs: 3, Optimiser: "sgd", Rate: 0.05, Seed: 1}, data, Hooks{})
			if err != nil {
				t.Fatal(err)
			}
			same(t, "weight", n.params, d.Steps, 1e-5)
			if math.Abs(curve[0].Entropy-d.Entropy) > 1e-6 {
				t.Errorf("the curve's first cross-entropy is %v, JAX has %v", curve[0].Entropy, d.Entropy)
			}
		})
	}
}

func withHead(hidden int, weight float64) Spec {
	s := Spec{In: 6, Loss: MSE, Init: "torch", Code: 2, Weight: weight, Layers: []Layer{
		{Kind: Dense, Width: 5, Act: cpu.Tanh}, {Kind: Dense, Width: 2}, {Kind: Dense, Width: 5, Act: cpu.Tanh}, {Kind: Dense, Width: 6},
	}}
	if hidden > 0 {
		s.Head = append(s.Head, Layer{Kind: Dense, Width: hidden, Act: cpu.LeakyReLU})
	}
	s.Head = append(s.Head, Layer{Kind: Dense, Width: 3})
	return s
}

// A network with a classifier that was stopped goes on to the same bits; it learns
// classes, and tells them of samples that it watches.
func TestClassifierLearnsAndGoesOn(t *testing.T) {
	const n = 60
	x, class := random(n*6, 4), make([]int, n)
	for i := range class {
		class[i] = i % 3
		x[i*6+class[i]] += 3
	}
	d := Data{X: x, N: n, Class: class, Watch: x[:20*6], WatchN: 20, WatchClass: class[:20]}
	p := Plan{Batch: 7, Epochs: 40, Optimiser: "adam", Rate: 5e-3, Seed: 3, Patience: 40, Device: "auto"}
	whole, curve := trained(t, withHead(4, 1), p, d, Hooks{})
	if last := curve[len(curve)-1]; last.ValidWrong > 0.05 || last.Entropy > 0.5*curve[0].Entropy {
		t.Errorf("it has not learned: %+v, then %+v", curve[0], last)
	}
	var kept bytes.Buffer
	stop, cancel := context.WithCancel(ctx)
	defer cancel()
	half, err := New(withHead(4, 1), p.Seed)
	if err != nil {
		t.Fatal(err)
	}
	_, err = Train(stop, half, p, d, Hooks{
		Save: func(write func(io.Writer) error) error {
			kept.Reset()
			return write(&kept)
		},
		Epoch: func(q Point) {
			if q.Epoch == 17 {
				cancel()
			}
		},
	})
	if !errors.Is(err, context.Canceled) {
		t.Fatal(err)
	}
	again, other := trained(t, withHead(4, 1), p, d, Hooks{Resume: &kept})
	if !slices.Equal(whole.params, again.params) || !slices.Equal(curve, other) {
		t.Error("another network or curve after a stop")
	}
	for _, bad := range []Data{
		{X: x, N: n}, {X: x, N: n, Class: class[1:]}, {X: x, N: n, Class: append([]int{3}, class[1:]...)},
		{X: x, N: n, Class: class, Watch: x[:6], WatchN: 1},
	} {
		if _, err := newTrainer(whole, p, bad, Hooks{}); err == nil {
			t.Errorf("%d classes were taken for %d samples", len(bad.Class), n)
		}
	}
	s := withHead(0, 1)
	s.Head[0].Width = 1
	if _, err := New(s, 1); err == nil {
		t.Error("a classifier of one class was built")
	}
}
