package nn_test

import (
	"context"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"testing"

	"gonum.org/v1/gonum/mat"

	"github.com/gxlab/gxlab/gx/nn"
	"github.com/gxlab/gxlab/gx/nn/bench"
	"github.com/gxlab/gxlab/gx/nn/cpu"
	"github.com/gxlab/gxlab/gx/nn/gpu"
	"github.com/gxlab/gxlab/gx/nn/gpu/gputest"
)

// float64 activations and their derivatives by the sum.
func activation(a cpu.Act) (f, df func(float64) float64) {
	sigmoid := func(z float64) float64 { return 1 / (1 + math.Exp(-z)) }
	switch a {
	case cpu.LogSigmoid:
		return func(z float64) float64 { return -math.Log1p(math.Exp(-z)) }, func(z float64) float64 { return sigmoid(-z) }
	case cpu.Sigmoid:
		return sigmoid, func(z float64) float64 { return sigmoid(z) * sigmoid(-z) }
	case cpu.Tanh:
		return math.Tanh, func(z float64) float64 { return 1 - math.Tanh(z)*math.Tanh(z) }
	case cpu.Swish:
		return func(z float64) float64 { return z * sigmoid(z) }, func(z float64) float64 { return sigmoid(z) + z*sigmoid(z)*sigmoid(-z) }
	case cpu.Linear:
		return func(z float64) float64 { return z }, func(float64) float64 { return 1 }
	}
	panic("no float64 reference for " + a.String())
}

// gradient64 is the gradient of the loss of samples x in float64, by gonum's
// products, for dense layers alone.
func gradient64(net *nn.Net, x []float32, rows int) (g []float64, loss float64) {
	s := net.Spec()
	type layer struct{ w, z, y *mat.Dense }
	var layers []layer
	cur := dense64(rows, s.In, x)
	first := cur
	for i, l := range s.Layers {
		w32, b := net.Weights(i)
		in := len(w32) / l.Width
		w := dense64(in, l.Width, w32)
		z := mat.NewDense(rows, l.Width, nil)
		z.Mul(cur, w)
		f, _ := activation(l.Act)
		z.Apply(func(_, j int, v float64) float64 { return v + float64(b[j]) }, z)
		y := mat.NewDense(rows, l.Width, nil)
		y.Apply(func(_, _ int, v float64) float64 { return f(v) }, z)
		layers = append(layers, layer{w, z, y})
		cur = y
	}
	n := float64(rows * s.Out())
	d := mat.NewDense(rows, s.Out(), nil)
	d.Apply(func(r, j int, v float64) float64 {
		e := v - first.At(r, j)
		if s.Loss == nn.MAE {
			loss += math.Abs(e) / n
			return math.Copysign(1, e) / n
		}
		loss += e * e / n
		return 2 * e / n
	}, cur)
	parts := make([][]float64, len(layers))
	for i := len(layers) - 1; i >= 0; i-- {
		_, df := activation(s.Layers[i].Act)
		d.Apply(func(r, j int, v float64) float64 { return v * df(layers[i].z.At(r, j)) }, d)
		from := first
		if i > 0 {
			from = layers[i-1].y
		}
		in, out := layers[i].w.Dims()
		dw := mat.NewDense(in, out, nil)
		dw.Mul(from.T(), d)
		db := make([]float64, out)
		for r := range rows {
			for j := range out {
				db[j] += d.At(r, j)
			}
		}
		parts[i] = append(dw.RawMatrix().Data, db...)
		if i > 0 {
			dx := mat.NewDense(rows, in, nil)
			dx.Mul(d, layers[i].w.T())
			d = dx
		}
	}
	for _, p := range parts {
		g = append(g, p...)
	}
	return g, loss
}

func dense64(r, c int, x []float32) *mat.Dense {
	d := make([]float64, len(x))
	for i, v := range x {
		d[i] = float64(v)
	}
	return mat.NewDense(r, c, d)
}

// onDevice has trainings run on this machine's GPU, or else an emulated one, and says
// whether it is real.
func onDevice(t *testing.T) (real bool) {
	t.Helper()
	d, err := gpu.Open()
	real = err == nil
	if errors.Is(err, gpu.ErrNoDevice) {
		gputest.Open(t)
		d, err = gpu.Open()
	}
	if err != nil {
		t.Fatal(err)
	}
	undo := nn.OpenGPU(func() (gpu.Driver, error) { return d, nil })
	t.Cleanup(func() {
		undo()
		if err := d.Close(); err != nil {
			t.Error(err)
		}
	})
	return real
}

// papers says whether the papers' own networks are to be tried, which takes a GPU.
func papers(t *testing.T) bool { return os.Getenv("GXLAB_VERIFY") != "" && onDevice(t) }

func uniform(n int) []float32 {
	rng := rand.New(rand.NewPCG(1, 2))
	x := make([]float32, n)
	for i := range x {
		x[i] = rng.Float32()
	}
	return x
}

// Gradients on a GPU are within 1e-5 of float64's, relative to the largest, in
// float32; products that round their factors to 11 and 8 bits come as near as that
// allows. With GXLAB_VERIFY and a GPU the networks are the papers' own.
func TestDeviceGradients(t *testing.T) {
	nets := map[string]nn.Spec{}
	rows := 13
	if papers(t) {
		rows = 64
		for _, name := range []string{"A", "B", "C"} {
			s, _, err := bench.Net(name)
			if err != nil {
				t.Fatal(err)
			}
			var dense []nn.Layer // dropout's mask has no float64
			for _, l := range s.Layers {
				if l.Kind == nn.Dense {
					dense = append(dense, l)
				}
			}
			s.Layers, s.Loss = dense, nn.MSE // of a million residuals some are so near 0 that MAE's sign is chance
			nets[name] = s
		}
	} else {
		onDevice(t)
		for _, a := range []cpu.Act{cpu.LogSigmoid, cpu.Sigmoid, cpu.Tanh, cpu.Swish} {
			for _, loss := range []nn.Loss{nn.MSE, nn.MAE} {
				nets[fmt.Sprint(a, " ", loss)] = nn.Spec{In: 90, Loss: loss, Init: "torch", Code: 2, Layers: []nn.Layer{
					{Kind: nn.Dense, Width: 40, Act: a}, {Kind: nn.Dense, Width: 6}, {Kind: nn.Dense, Width: 40, Act: a}, {Kind: nn.Dense, Width: 90, Act: a},
				}}
			}
		}
	}
	for name, s := range nets {
		x := uniform(rows * s.In)
		for precision, tol := range map[string]float64{"float32": 1e-5, "tf32": 5e-3, "bfloat16": 3e-2} {
			net, err := nn.New(s, 3)
			if err != nil {
				t.Fatal(err)
			}
			want, loss := gradient64(net, x, rows)
			got, told, err := nn.DeviceGradient(net, nn.Plan{Optimiser: "momentum", Rate: 1e-12, Precision: precision}, nn.Data{X: x, N: rows})
			if err != nil {
				t.Fatal(err)
			}
			most, off := 0.0, 0.0
			for i, w := range want {
				most = math.Max(most, math.Abs(w))
				off = math.Max(off, math.Abs(float64(got[i])-w))
			}
			t.Logf("%s, %s: gradients within %.2g of the largest, loss within %.2g", name, precision, off/most, math.Abs(told-loss)/loss)
			if !(off <= tol*most) || !(math.Abs(told-loss) <= tol*loss) {
				t.Errorf("%s, %s: gradients are off by %.2g of the largest, the loss by %.2g", name, precision, off/most, math.Abs(told-loss)/loss)
			}
		}
	}
}

// variational are autoencoders with a likelihood and a pair, of the sizes that they are
// used in: 2000 genes, 128 hidden units, codes of 10, and 256 of the genes a step.
func variational() map[string]nn.Spec {
	const genes, hidden, code = 2000, 128, 10
	tower := func(ends ...int) []nn.Layer {
		layers := []nn.Layer{{Kind: nn.Dense, Width: hidden, Act: cpu.ReLU}, {Kind: nn.Dense, Width: 2 * code}, {Kind: nn.Sample}, {Kind: nn.Dense, Width: hidden, Act: cpu.ReLU}}
		for _, w := range ends {
			layers = append(layers, nn.Layer{Kind: nn.Dense, Width: w})
		}
		return layers
	}
	vae := func(loss nn.Loss, out int) nn.Spec {
		return nn.Spec{In: genes, Loss: loss, Init: "torch", Code: 3, KL: 1, KLSteps: 50, Layers: tower(out)}
	}
	pair := vae(nn.Gaussian, genes)
	pair.Layers = tower()
	pair.Pair = &nn.Pair{In: 512, Code: 3, Batch: 256, Gamma: 0.05, Layers: tower(hidden)}
	return map[string]nn.Spec{"gaussian": vae(nn.Gaussian, genes), "nb": vae(nn.NegativeBinomial, genes), "zinb": vae(nn.ZeroInflated, 2*genes), "pair": pair}
}

// The papers' networks, and variational ones, after 100 steps on the CPU and on a GPU.
// Only with GXLAB_VERIFY: it takes a GPU and minutes of the CPU.
func TestDevicePapers(t *testing.T) {
	if !papers(t) {
		t.Skip("GXLAB_VERIFY is not set, or there is no GPU")
	}
	for _, c := range []bench.Case{{Net: "A", Batch: 64}, {Net: "B", Batch: 256}, {Net: "C", Batch: 256}} {
		s, plan, err := bench.Net(c.Net)
		if err != nil {
			t.Fatal(err)
		}
		plan.Batch = c.Batch
		hundredSteps(t, c.String(), s, plan, true)
	}
	for name, s := range variational() {
		hundredSteps(t, name, s, nn.Plan{Batch: 128, Optimiser: "adam", Rate: 1e-3}, false)
	}
}

// hundredSteps trains a network on the CPU and the device and compares losses and weights.
// Weights are compared in float32 alone where not all are to: of what a variational
// network does not use the gradient is next to nothing, rounding decides its sign, and
// Adam steps as far as for any other.
func hundredSteps(t *testing.T, name string, s nn.Spec, plan nn.Plan, all bool) {
	plan.Epochs, plan.Iterations, plan.Seed = 2, 50, 1
	data := nn.Data{X: uniform(512 * s.In), N: 512}
	if s.Loss == nn.NegativeBinomial || s.Loss == nn.ZeroInflated {
		for _, v := range data.X {
			data.Target = append(data.Target, float32(math.Floor(math.Exp(6*float64(v)-4))))
		}
	}
	if s.Pair != nil {
		data.Features = uniform(s.In * s.Pair.In)
	}
	train := func(device, precision string) (*nn.Net, float64) {
		net, err := nn.New(s, 1)
		if err != nil {
			t.Fatal(err)
		}
		plan.Device, plan.Precision = device, precision
		curve, err := nn.Train(context.Background(), net, plan, data, nn.Hooks{})
		if err != nil {
			t.Fatal(err)
		}
		return net, curve[1].Train
	}
	a, la := train("cpu", "")
	for precision, tol := range map[string]float64{"float32": 1e-4, "tf32": 5e-3, "bfloat16": 3e-2} {
		b, lb := train("gpu", precision)
		dist, size := 0.0, 0.0
		for i, v := range a.Params() {
			e := float64(v - b.Params()[i])
			dist += e * e
			size += float64(v) * float64(v)
		}
		off := math.Sqrt(dist / size)
		t.Logf("%s, %s: loss %.6g on the CPU, %.6g on the GPU; weights apart by %.2g of their norm", name, precision, la, lb, off)
		if !(math.Abs(la-lb) <= tol*la) || !(off <= tol) && (all || precision == "float32") {
			t.Errorf("%s, %s: losses %v and %v, weights apart by %v", name, precision, la, lb, off)
		}
	}
}
