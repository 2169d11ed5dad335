package nn

import (
	"encoding/json"
	"fmt"
	"math"
	"os"
	"testing"

	"github.com/gxlab/gxlab/gx/nn/cpu"
)

// dumped is a network of testdata/torch_dump.py, which has its versions.
type dumped struct {
	Act        string               `json:"act"`
	LossKind   string               `json:"loss_kind"`
	BatchNorm  bool                 `json:"batchnorm"`
	L2         float64              `json:"l2"`
	Params     []float32            `json:"params"`
	Output     []float32            `json:"output"`
	Loss       float64              `json:"loss"`
	Grads      []float32            `json:"grads"`
	Steps      map[string][]float32 `json:"steps"`
	EvalOutput []float32            `json:"eval_output"`
	Moments    []float32            `json:"moments"`
}

func (d dumped) net(t *testing.T) *Net {
	t.Helper()
	act, ok := cpu.ParseAct(d.Act)
	if !ok {
		t.Fatal(d.Act)
	}
	first := []Layer{{Kind: Dense, Width: 5, Act: act}}
	if d.BatchNorm {
		first = []Layer{{Kind: Dense, Width: 5}, {Kind: BatchNorm, Act: act}}
	}
	s := Spec{In: 6, Loss: Loss(d.LossKind), L2: d.L2, Init: "torch", Code: len(first) + 1}
	s.Layers = append(first, Layer{Kind: Dense, Width: 2}, Layer{Kind: Dense, Width: 5, Act: act}, Layer{Kind: Dense, Width: 6})
	n, err := New(s, 1)
	if err != nil {
		t.Fatal(err)
	}
	if len(n.params) != len(d.Params) {
		t.Fatalf("%d parameters, PyTorch has %d", len(n.params), len(d.Params))
	}
	copy(n.params, d.Params)
	return n
}

// PyTorch's numbers are float64, ours float32: a few units in the seventh figure,
// more after steps of Adam, whose first step is the sign of the gradient.
func same(t *testing.T, what string, got, want []float32, tol float64) {
	t.Helper()
	if len(got) != len(want) {
		t.Fatalf("%s: %d values, PyTorch has %d", what, len(got), len(want))
	}
	for i := range want {
		if d := math.Abs(float64(got[i]) - float64(want[i])); d > tol {
			t.Errorf("%s %d: %v, PyTorch has %v", what, i, got[i], want[i])
			return
		}
	}
}

func TestNetworksArePyTorchs(t *testing.T) {
	b, err := os.ReadFile("testdata/torch.json")
	if err != nil {
		t.Fatal(err)
	}
	var all struct {
		X    []float32
		Nets []dumped
	}
	if err := json.Unmarshal(b, &all); err != nil || len(all.Nets) < 13 {
		t.Fatal(len(all.Nets), err)
	}
	for _, d := range all.Nets {
		t.Run(fmt.Sprintf("%s %s bn %v l2 %v", d.Act, d.LossKind, d.BatchNorm, d.L2), func(t *testing.T) {
			n := d.net(t)
			grads := make([]float32, len(n.params))
			g, err := newGraph(n, 7, false, cpu.NewPool(2), into(grads), 1)
			if err != nil {
				t.Fatal(err)
			}
			defer g.close()
			copy(g.in, all.X)
			copy(g.want, all.X)
			if loss := lossOf(t, g); math.Abs(loss-d.Loss) > 2e-6 {
				t.Errorf("loss %v, PyTorch has %v", loss, d.Loss)
			}
			same(t, "output", g.y, d.Output, 2e-6)
			same(t, "gradient", grads, d.Grads, 3e-6)
			if !d.BatchNorm {
				y, err := n.Reconstruct(all.X, 7)
				if err != nil {
					t.Fatal(err)
				}
				same(t, "reconstruction", y, d.Output, 2e-6)
			}
			for _, name := range []string{"sgd", "momentum", "adam"} {
				m := d.net(t)
				p := Plan{Batch: 7, Epochs: 3, Optimiser: name, Rate: 0.05, Momentum: 0.9, Seed: 1}
				if name == "adam" {
					p.Rate = 0.01
				}
				if _, err := Train(ctx, m, p, Data{X: all.X, N: 7}, Hooks{}); err != nil {
					t.Fatal(err)
				}
				if d.BatchNorm && name == "adam" {
					// The gradient of a bias before BatchNorm is 0 but for rounding, and
					// Adam's first steps have the size of its sign: those five may differ.
					copy(m.params[30:35], d.Steps[name][30:35])
				}
				same(t, "weight after "+name, m.params, d.Steps[name], 2e-5)
				if d.BatchNorm && name == "sgd" {
					same(t, "moment", m.moments, d.Moments, 2e-5)
					y, err := m.Reconstruct(all.X, 7)
					if err != nil {
						t.Fatal(err)
					}
					same(t, "output outside training", y, d.EvalOutput, 2e-5)
				}
			}
		})
	}
}
