package nn

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/gxlab/gxlab/gx/nn/cpu"
)

// four is a network of three sigmoid layers of that width.
func four(in, width int, init string) Spec {
	l := Layer{Kind: Dense, Width: width, Act: cpu.Sigmoid}
	return Spec{In: in, Loss: MSE, Init: init, Code: 2, Layers: []Layer{l, l, l, {Kind: Dense, Width: in}}}
}

// Adam's first step is the rate whatever the gradient, but for one next to ε, and with
// FanIn so much less in the weights of layers with more inputs.
func TestFanIn(t *testing.T) {
	spec := four(40, 10, "xavier")
	before, err := New(spec, 3)
	if err != nil {
		t.Fatal(err)
	}
	after, _ := trained(t, spec, Plan{Batch: 16, Epochs: 1, Optimiser: "adam", Rate: 0.01, FanIn: 20, Seed: 3}, data(16, 40), Hooks{})
	for l := range spec.Layers {
		w, b := before.Weights(l)
		v, c := after.Weights(l)
		want := 0.01
		if l == 0 {
			want = 0.005
		}
		moved := func(what string, a, b []float32, want float64) {
			most, sum := 0.0, 0.0
			for i := range a {
				step := math.Abs(float64(b[i] - a[i]))
				most, sum = max(most, step), sum+step
			}
			if mean := sum / float64(len(a)); math.Abs(most/want-1) > 1e-3 || math.Abs(mean/want-1) > 0.01 {
				t.Errorf("%s of layer %d moved by %g, at most %g, not %g", what, l+1, mean, most, want)
			}
		}
		moved("weights", w, v, want)
		moved("biases", b, c, 0.01)
	}
	if _, err := Train(ctx, before, Plan{Batch: 16, Epochs: 1, Optimiser: "sgd", Rate: 0.01, FanIn: 20}, data(16, 40), Hooks{}); err == nil {
		t.Error("sgd took rates by inputs")
	}
}

// saturated is the share of a hidden layer's values that are within 0.01 of 0 or 1.
func saturated(t *testing.T, n *Net, d Data, layer int) float64 {
	t.Helper()
	y, err := n.Forward(d.X, d.N, 0, layer)
	if err != nil {
		t.Fatal(err)
	}
	k := 0
	for _, v := range y {
		if v < 0.01 || v > 0.99 {
			k++
		}
	}
	return float64(k) / float64(len(y))
}

// With a thousand inputs one rate for all layers drives the first layer's sigmoids to
// their ends; rates by inputs do not, and learn more.
func TestSigmoidsStayAlive(t *testing.T) {
	d := data(64, 1000)
	p := Plan{Batch: 16, Epochs: 40, Optimiser: "adam", Rate: 0.01, Schedule: "cosine", Seed: 1}
	plain, a := trained(t, four(1000, 16, "xavier"), p, d, Hooks{})
	p.FanIn = 50
	alive, b := trained(t, four(1000, 16, "orthogonal"), p, d, Hooks{})
	if x, y := saturated(t, plain, d, 1), saturated(t, alive, d, 1); x < 0.5 || y > 0.1 {
		t.Errorf("%.2f of the first layer is saturated at one rate, %.2f at rates by inputs", x, y)
	}
	if x, y := a[39].Train, b[39].Train; y > 0.8*x {
		t.Errorf("training error %.4g at one rate, %.4g at rates by inputs", x, y)
	}
}

// An orthogonal start passes differences on: as long in the last hidden layer as in the
// first, and its sums are around 0.
func TestOrthogonal(t *testing.T) {
	for _, act := range []cpu.Act{cpu.Linear, cpu.Sigmoid, cpu.Tanh, cpu.SoftPlus} {
		spec := four(60, 20, "orthogonal")
		for l := range 3 {
			spec.Layers[l].Act = act
		}
		n, err := New(spec, 2)
		if err != nil {
			t.Fatal(err)
		}
		_, slope := f64(act, 0)
		for l, size := range []float64{firstSums, 1 / slope, 1 / slope, 1 / slope} {
			w, b := n.Weights(l)
			k, in := len(b), len(w)/len(b)
			for i := range min(in, k) {
				for j := range i + 1 {
					dot := 0.0
					for q := range max(in, k) {
						if in < k {
							dot += float64(w[i*k+q]) * float64(w[j*k+q])
						} else {
							dot += float64(w[q*k+i]) * float64(w[q*k+j])
						}
					}
					want := 0.0
					if i == j {
						want = size * size
					}
					if math.Abs(dot-want) > 1e-5*size*size {
						t.Fatalf("%v: vectors %d and %d of layer %d have the product %g, not %g", act, i, j, l+1, dot, want)
					}
				}
			}
		}
		// no input gives no output, and a small one passes on undiminished
		x := make([]float32, 2*60)
		for j := range 60 {
			x[60+j] = 0.01 * float32(math.Sin(float64(j)))
		}
		lengths := map[int]float64{}
		for l := 1; l <= 4; l++ {
			y, err := n.Forward(x, 2, 0, l)
			if err != nil {
				t.Fatal(err)
			}
			k := len(y) / 2
			for i := range k {
				d := float64(y[k+i]) - float64(y[i])
				lengths[l] += d * d
				if l == 4 && math.Abs(float64(y[i])) > 1e-5 {
					t.Fatalf("%v: no input gives %g", act, y[i])
				}
			}
		}
		for l, v := range map[int]float64{2: lengths[2], 3: lengths[3], 4: lengths[4] * slope * slope} {
			if math.Abs(v/lengths[1]-1) > 0.01 {
				t.Errorf("%v: a difference is %g times as long after layer %d", act, math.Sqrt(v/lengths[1]), l)
			}
		}
	}
	// the same on any number of threads
	pools := []*cpu.Pool{cpu.NewPool(1), cpu.NewPool(3)}
	a := fmt.Sprint(orthonormals(30, 50, rand.New(rand.NewPCG(4, 4)), pools[0]))
	if b := fmt.Sprint(orthonormals(30, 50, rand.New(rand.NewPCG(4, 4)), pools[1])); a != b {
		t.Error("threads change the start")
	}
}
