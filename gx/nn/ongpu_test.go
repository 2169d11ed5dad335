package nn

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"strings"
	"testing"

	"github.com/gxlab/gxlab/gx/nn/cpu"
	"github.com/gxlab/gxlab/gx/nn/gpu"
	"github.com/gxlab/gxlab/gx/nn/gpu/gputest"
)

// on lets trainings of a test run on that driver.
func on(t *testing.T, d gpu.Driver) {
	t.Helper()
	was := openGPU
	openGPU = func() (gpu.Driver, error) { return d, nil }
	t.Cleanup(func() { openGPU = was })
}

// shapes are networks of every kind of layer, activation and place for dropout.
func netShapes() map[string]Spec {
	specs := map[string]Spec{}
	for a := cpu.Linear; a <= cpu.SoftMax; a++ {
		specs[a.String()] = small(a)
		out := small(a)
		out.Layers[3].Act = a
		specs[a.String()+" out"] = out
	}
	mae := small(cpu.Tanh)
	mae.Loss = MAE
	specs["mae"] = mae
	for _, a := range []cpu.Act{cpu.Tanh, cpu.Swish, cpu.SoftMax} {
		bn := small(cpu.Linear)
		bn.Layers = []Layer{{Kind: Dense, Width: 5}, {Kind: BatchNorm, Act: a}, {Kind: Dropout, Keep: 0.8}, {Kind: Dense, Width: 3}, {Kind: Dense, Width: 5}, {Kind: BatchNorm, Act: a}, {Kind: Dense, Width: 7}}
		bn.Code = 4
		specs["batchnorm "+a.String()] = bn
	}
	last := small(cpu.Tanh)
	last.Layers = append([]Layer{{Kind: BatchNorm}}, append(last.Layers, Layer{Kind: BatchNorm, Act: cpu.Sigmoid}, Layer{Kind: Dropout, Keep: 0.9})...)
	specs["batchnorm first and last"] = last
	for _, a := range []cpu.Act{cpu.Sigmoid, cpu.Swish, cpu.SoftMax} {
		drop := small(a)
		drop.Layers = []Layer{{Kind: Dropout, Keep: 0.7}, {Kind: Dense, Width: 5, Act: a}, {Kind: Dropout, Keep: 0.6}, {Kind: Dense, Width: 3}, {Kind: Dropout, Keep: 1}, {Kind: Dense, Width: 5, Act: a}, {Kind: Dropout, Keep: 0.9}, {Kind: Dropout, Keep: 0.9}, {Kind: Dense, Width: 7}}
		drop.Code = 4
		specs["dropout "+a.String()] = drop
	}
	noisy := small(cpu.LogSigmoid)
	noisy.Noise, noisy.Mask, noisy.L1, noisy.L2 = 0.2, 0.3, 1e-3, 2e-3
	specs["noise, mask, penalties"] = noisy
	clipped := small(cpu.Sigmoid)
	clipped.Noise, clipped.Clip = 0.5, []float64{0, 1}
	specs["noise cut off"] = clipped
	for _, more := range []map[string]Spec{headShapes(), likelyShapes(), pairShapes()} {
		for name, s := range more {
			specs[name] = s
		}
	}
	return specs
}

// likelyShapes are networks with a likelihood: with a drawn code and without, of even and
// odd size, with a linear decoder, BatchNorm, dropout, penalties, and a classifier.
func likelyShapes() map[string]Spec {
	specs := map[string]Spec{}
	for _, loss := range []Loss{Gaussian, NegativeBinomial, ZeroInflated} {
		out := 7
		if loss == ZeroInflated {
			out = 14
		}
		vae := Spec{In: 7, Loss: loss, Init: "torch", Code: 3, KL: 0.7, KLSteps: 9, Layers: []Layer{
			{Kind: Dense, Width: 5, Act: cpu.Tanh}, {Kind: Dense, Width: 6}, {Kind: Sample}, {Kind: Dense, Width: 5, Act: cpu.Swish}, {Kind: Dense, Width: out},
		}}
		specs[string(loss)+" vae"] = vae
		linear := vae
		linear.KLSteps, linear.L2 = 0, 1e-3
		linear.Layers = []Layer{{Kind: Dense, Width: 5}, {Kind: BatchNorm, Act: cpu.ReLU}, {Kind: Dropout, Keep: 0.8}, {Kind: Dense, Width: 4}, {Kind: Sample}, {Kind: Dense, Width: out}}
		linear.Code = 5
		specs[string(loss)+" vae with a linear decoder"] = linear
		sure := vae
		sure.Code, sure.KL, sure.Noise, sure.Mask = 2, 0, 0.1, 0.2
		sure.Layers = []Layer{{Kind: Dense, Width: 5, Act: cpu.Tanh}, {Kind: Dense, Width: 3}, {Kind: Dropout, Keep: 0.9}, {Kind: Dense, Width: out}}
		specs[string(loss)+" without a drawn code"] = sure
		sure.Head, sure.Weight = []Layer{{Kind: Dense, Width: 4, Act: cpu.Tanh}, {Kind: Dense, Width: 3}}, 0.6
		specs[string(loss)+" with a classifier"] = sure
	}
	return specs
}

// headShapes are networks with a classifier: of one layer and several, on a code of every
// kind of layer, with dropout on either side of it, and on the outputs.
func headShapes() map[string]Spec {
	scores := Layer{Kind: Dense, Width: 3}
	with := func(s Spec, code int, head ...Layer) Spec {
		s.Code, s.Head, s.Weight = code, append(head, scores), 0.7
		return s
	}
	noisy := small(cpu.Tanh)
	noisy.Noise, noisy.L1, noisy.L2, noisy.Loss = 0.2, 1e-3, 2e-3, MAE
	drop := small(cpu.Sigmoid)
	drop.Layers = append(append([]Layer(nil), drop.Layers[:2]...), append([]Layer{{Kind: Dropout, Keep: 0.7}}, drop.Layers[2:]...)...)
	bn := small(cpu.Linear)
	bn.Layers = []Layer{{Kind: Dense, Width: 5}, {Kind: BatchNorm, Act: cpu.Tanh}, {Kind: Dense, Width: 5}, {Kind: Dense, Width: 7}}
	return map[string]Spec{
		"classifier":                     with(small(cpu.Tanh), 2),
		"classifier of three layers":     with(noisy, 2, Layer{Kind: Dense, Width: 6, Act: cpu.Swish}, Layer{Kind: Dense, Width: 4, Act: cpu.LeakyReLU}),
		"classifier before dropout":      with(drop, 2, Layer{Kind: Dense, Width: 4, Act: cpu.Tanh}),
		"classifier after dropout":       with(drop, 3),
		"classifier on batchnorm":        with(bn, 2),
		"classifier on the outputs":      with(small(cpu.Sigmoid), 4),
		"classifier on a nonlinear code": with(small(cpu.Swish), 1),
	}
}

// pairShapes are pairs of halves, with all features a step and with some, with and without
// what the codes explain.
func pairShapes() map[string]Spec {
	pair := Spec{In: 7, Loss: Gaussian, Init: "torch", Code: 3, KL: 0.6, KLSteps: 7, Layers: []Layer{
		{Kind: Dense, Width: 5, Act: cpu.Tanh}, {Kind: Dense, Width: 6}, {Kind: Sample}, {Kind: Dense, Width: 4, Act: cpu.Tanh},
	}, Pair: &Pair{In: 9, Code: 3, Batch: 2, Gamma: 0.4, GammaSteps: 5, Layers: []Layer{
		{Kind: Dense, Width: 5, Act: cpu.Tanh}, {Kind: Dense, Width: 6}, {Kind: Sample}, {Kind: Dense, Width: 4},
	}}}
	whole := pair
	whole.KLSteps, whole.L1, whole.L2 = 0, 1e-3, 2e-3
	whole.Pair = &Pair{In: 9, Code: 3, Gamma: 0.4, Layers: pair.Pair.Layers}
	alone := pair
	alone.Layers = append(pair.Layers[:3:3], Layer{Kind: Dense, Width: 6, Act: cpu.Swish}, Layer{Kind: Dropout, Keep: 0.8}, Layer{Kind: Dense, Width: 4, Act: cpu.ReLU})
	alone.Pair = &Pair{In: 9, Code: 4, Batch: 3, Layers: append([]Layer{pair.Pair.Layers[0], {Kind: Dropout, Keep: 0.9}}, pair.Pair.Layers[1:]...)}
	return map[string]Spec{"pair": pair, "pair with all features": whole, "pair without gamma": alone}
}

// kinds are networks that keep different things of an epoch.
func kinds() map[string]Spec {
	all := netShapes()
	return map[string]Spec{"plain": small(cpu.Tanh), "classifier": all["classifier of three layers"], "gaussian": all["gaussian vae"], "zinb": all["zinb vae"], "pair": all["pair"]}
}

// dataFor are samples of seven inputs that a network can be trained on: with classes for a
// classifier, of which some are not known, and with counts where it takes those.
func dataFor(spec Spec, rows int) Data {
	d := data(rows, spec.In)
	if k := spec.Classes(); k > 0 {
		for i := range rows {
			d.Class = append(d.Class, i%(k+1)-1)
		}
		d.WatchClass = d.Class[:d.WatchN]
	}
	if spec.Pair != nil {
		d.Features = random(spec.In*spec.Pair.In, 12)
	}
	if spec.Loss == NegativeBinomial || spec.Loss == ZeroInflated {
		for i, v := range d.X {
			c := float32(math.Floor(math.Exp(float64(v))))
			if i%11 == 0 {
				c += 20
			}
			d.Target = append(d.Target, c)
		}
		d.WatchTarget = d.Target[:d.WatchN*spec.In]
	}
	return d
}

// What a launch list computes is what the CPU's executor computes: to the bit, but for
// sums of columns, which the two add in another order.
func TestListIsTheCPU(t *testing.T) {
	on(t, gpu.NewInterpreter(cpu.NewPool(1), 1<<30))
	for name, spec := range netShapes() {
		all := plans()
		sgd := all["sgd one sample"]
		sgd.Batch = 5
		delete(all, "sgd one sample") // the CPU has its own path
		all["sgd"] = sgd
		for plan, p := range all {
			t.Run(name+", "+plan, func(t *testing.T) {
				d := dataFor(spec, 23)
				p.Device = "cpu"
				a, ca := trained(t, spec, p, d, Hooks{})
				p.Device, p.Precision = "gpu", "float32"
				where := ""
				b, cb := trained(t, spec, p, d, Hooks{Where: func(w, _ string) { where = w }})
				if where == OnCPU {
					t.Fatal("it did not run on the device")
				}
				for i := range a.params {
					if a.params[i] != b.params[i] && !(a.params[i] != a.params[i] && b.params[i] != b.params[i]) {
						t.Fatalf("parameter %d is %v on the CPU, %v by the list", i, a.params[i], b.params[i])
					}
				}
				for i := range a.moments {
					if a.moments[i] != b.moments[i] {
						t.Fatalf("moment %d is %v on the CPU, %v by the list", i, a.moments[i], b.moments[i])
					}
				}
				if len(ca) != len(cb) {
					t.Fatalf("%d epochs, %d by the list", len(ca), len(cb))
				}
				for i := range ca {
					for _, q := range numbers(ca[i], cb[i]) {
						if math.Abs(q[0]-q[1]) > 1e-12*math.Abs(q[0]) {
							t.Fatalf("epoch %d: %v on the CPU, %v by the list", i+1, ca[i], cb[i])
						}
					}
				}
			})
		}
	}
}

// numbers are what two points of learning curves tell, side by side.
func numbers(a, b Point) [][2]float64 {
	return [][2]float64{{a.Train, b.Train}, {a.Valid, b.Valid}, {a.Entropy, b.Entropy}, {a.ValidEntropy, b.ValidEntropy}, {a.ValidWrong, b.ValidWrong}, {a.KL, b.KL}, {a.ValidKL, b.ValidKL}}
}

// The list of a step is legal on a device, in order, and what was taken is given back.
func TestListIsLegal(t *testing.T) {
	for name, spec := range netShapes() {
		for _, precision := range []string{"float32", "tf32", "bfloat16"} {
			for plan, p := range plans() {
				r := gpu.NewRecorder(1 << 30)
				on(t, r)
				p.Device, p.Precision = "gpu", precision
				trained(t, spec, p, dataFor(spec, 23), Hooks{})
				if err := r.Faults(); err != nil {
					t.Errorf("%s, %s, %s: %v", name, precision, plan, err)
				}
				if left := r.Left(); len(left) > 0 {
					t.Errorf("%s, %s, %s: not given back: %s", name, precision, plan, strings.Join(left, ", "))
				}
			}
		}
	}
}

// A step is what it should be: bias, activation and dropout in one kernel, the loss
// with its gradient, no gradient of the input, one optimiser for all parameters.
func TestListIsFused(t *testing.T) {
	r := gpu.NewRecorder(1 << 30)
	on(t, r)
	spec := Spec{In: 100, Loss: MSE, Init: "torch", Code: 3, Layers: []Layer{
		{Kind: Dense, Width: 50, Act: cpu.Tanh}, {Kind: Dropout, Keep: 0.9}, {Kind: Dense, Width: 10}, {Kind: Dense, Width: 50, Act: cpu.Tanh}, {Kind: Dense, Width: 100},
	}}
	n, err := New(spec, 1)
	if err != nil {
		t.Fatal(err)
	}
	tr, err := newTrainer(n, Plan{Batch: 8, Epochs: 1, Optimiser: "adam", Rate: 1e-3, Device: "gpu"}, data(16, 100), Hooks{})
	if err != nil {
		t.Fatal(err)
	}
	defer tr.close()
	if err := tr.open(); err != nil {
		t.Fatal(err)
	}
	m, err := newMachine(tr.on.(*onGPU), 8, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer m.Close()
	want := `begin
gather rows=8 n=100
MatMul product A·B in tf32, 8 × 50 × 100
bias_act act=6 rows=8 n=50
MatMul product A·B in tf32, 8 × 10 × 50
bias_act act=0 rows=8 n=10
MatMul product A·B in tf32, 8 × 50 × 10
bias_act act=6 rows=8 n=50
MatMul product A·B in tf32, 8 × 100 × 50
loss act=0 kind=0 rows=8 n=100
  MatMul product Aᵀ·B in tf32, 50 × 100 × 8
MatMul product A·Bᵀ in tf32, 8 × 50 × 100
back act=6 rows=8 n=50
  MatMul product Aᵀ·B in tf32, 10 × 50 × 8
MatMul product A·Bᵀ in tf32, 8 × 10 × 50
back act=0 rows=8 n=10
  MatMul product Aᵀ·B in tf32, 50 × 10 × 8
MatMul product A·Bᵀ in tf32, 8 × 50 × 10
back act=6 rows=8 n=50
  MatMul product Aᵀ·B in tf32, 100 × 50 × 8
join
adam penalties=1
`
	if got := m.list.String(); got != want {
		t.Errorf("the list is\n%s\nnot\n%s", got, want)
	}
}

// An epoch is waited for once, whatever it holds, and is nothing but launches of a
// graph in between.
func TestOneWaitAnEpoch(t *testing.T) {
	r := gpu.NewRecorder(1 << 30)
	on(t, r)
	var ops [][]string
	at := 0
	hear := func(Point) {
		var epoch []string
		calls := r.Calls()
		for _, c := range calls[at:] {
			if !c.Captured {
				epoch = append(epoch, c.Op)
			}
		}
		at = len(calls)
		ops = append(ops, epoch)
	}
	for kind, spec := range kinds() {
		d := dataFor(spec, 20)
		d.Watch, d.WatchN, d.WatchClass, d.WatchTarget = nil, 0, nil, nil
		ops, at = nil, len(r.Calls())
		trained(t, spec, Plan{Batch: 5, Epochs: 3, Optimiser: "adam", Rate: 0.01, Device: "gpu"}, d, Hooks{Epoch: hear})
		want := "[Upload Upload Launch Launch Launch Launch Download Sync]" // order, state; steps; state
		if spec.Classes() > 0 {
			want = "[Upload " + want[1:] // classes
		}
		if spec.Pair != nil {
			want = "[Upload " + want[1:] // features
		}
		if got := fmt.Sprint(ops[2]); got != want {
			t.Errorf("%s: an epoch is %s, not %s", kind, got, want)
		}
	}
}

// Samples that have no room on the device are streamed, and change nothing.
func TestStreamedSamples(t *testing.T) {
	spec := small(cpu.Tanh)
	spec.In, spec.Layers[3].Width = 3000, 3000
	d := data(900, 3000)
	d.Watch, d.WatchN = d.X[:600*3000], 600
	for _, width := range []int{0, 3000, 40} {
		t.Run(fmt.Sprint("targets of ", width), func(t *testing.T) {
			spec, d := spec, d
			if width > 0 {
				spec.Layers = append(append([]Layer(nil), spec.Layers[:3]...), Layer{Kind: Dense, Width: width})
				d.Target = random(900*width, 3)
				d.WatchTarget = d.Target[:600*width]
			}
			streamed(t, spec, d, 3, 125)
		})
	}
	t.Run("counts", func(t *testing.T) {
		spec := likelyShapes()["zinb vae"]
		spec.In, spec.Layers[4].Width = 2400, 4800
		d := data(600, spec.In)
		for _, v := range d.X {
			d.Target = append(d.Target, float32(math.Floor(math.Exp(float64(v)))))
		}
		d.Watch, d.WatchTarget, d.WatchN = d.X[:131*spec.In], d.Target[:131*spec.In], 131
		streamed(t, spec, d, 1, 125)
	})
	t.Run("a pair", func(t *testing.T) {
		spec := pairShapes()["pair"]
		spec.In, spec.Pair = 3000, &Pair{In: 9, Code: 3, Batch: 200, Gamma: 0.4, Layers: spec.Pair.Layers}
		d := dataFor(spec, 1500)
		d.Watch, d.WatchN = d.X[:20*spec.In], 20
		streamed(t, spec, d, 1, 136)
	})
	t.Run("classes", func(t *testing.T) {
		spec := headShapes()["classifier of three layers"]
		spec.In, spec.Layers = 3000, append(spec.Layers[:3:3], Layer{Kind: Dense, Width: 3000})
		d := dataFor(spec, 900)
		d.Watch, d.WatchClass, d.WatchN = d.X[:600*3000], d.Class[:600], 600
		streamed(t, spec, d, 3, 125)
	})
}

// streamed trains with room for all samples and with so few MiB that there is none, from
// samples as they are and from rows of another matrix.
func streamed(t *testing.T, spec Spec, d Data, epochs int, few int64) {
	p := Plan{Batch: 37, Epochs: epochs, Optimiser: "adam", Rate: 1e-3, Seed: 4, Device: "gpu", Precision: "float32"}
	var whole *Net
	var curve []Point
	for k, memory := range []int64{1 << 30, few << 20, 1 << 30, few << 20} {
		d := d
		if k > 1 { // the same samples, as rows of another matrix that are scaled
			d = upsideDown(d, spec.In)
		}
		on(t, gpu.NewInterpreter(cpu.NewPool(2), memory))
		where := ""
		n, c := trained(t, spec, p, d, Hooks{Where: func(w, _ string) { where = w }})
		if memory < 1<<30 != strings.Contains(where, "streamed") {
			t.Fatalf("%d bytes: %s", memory, where)
		}
		if whole == nil {
			whole, curve = n, c
			continue
		}
		for i := range n.params {
			if n.params[i] != whole.params[i] {
				t.Fatalf("parameter %d: %v streamed, %v whole", i, n.params[i], whole.params[i])
			}
		}
		for i := range c { // the watched samples are run in other blocks, which OpenBLAS rounds otherwise
			for _, q := range numbers(c[i], curve[i]) {
				if math.Abs(q[0]-q[1]) > 1e-7*math.Max(1, math.Abs(q[1])) {
					t.Fatalf("curve %v streamed, %v whole", c, curve)
				}
			}
			if c[i].Train != curve[i].Train {
				t.Fatalf("curve %v streamed, %v whole", c, curve)
			}
		}
		r := gpu.NewRecorder(memory)
		on(t, r)
		trained(t, spec, p, d, Hooks{})
		if err := r.Faults(); err != nil || len(r.Left()) > 0 {
			t.Errorf("%v, left %v", err, r.Left())
		}
	}
}

// upsideDown is the same data, whose matrix has its rows in reverse order.
func upsideDown(d Data, width int) Data {
	x := make([]float32, len(d.X))
	d.Rows, d.WatchRows, d.Watch = make([]int, d.N), make([]int, d.WatchN), nil
	d.Shift, d.Spread = make([]float32, width), make([]float32, width)
	for j := range width {
		d.Spread[j] = 1
	}
	for i := range d.N {
		r := d.N - 1 - i
		copy(x[r*width:(r+1)*width], d.X[i*width:(i+1)*width])
		d.Rows[i] = r
		if i < d.WatchN {
			d.WatchRows[i] = r
		}
	}
	d.X = x
	return d
}

// Through CUDA's interface, on this machine's GPU or an emulated one, losses and
// weights after 100 steps are the CPU's, within what the precision's rounding makes:
// products round factors to 24, 11 and 8 bits.
func TestDeviceIsTheCPU(t *testing.T) {
	real := device(t)
	specs := netShapes()
	for _, name := range []string{"logsigmoid", "swish", "softmax out", "mae", "batchnorm tanh", "batchnorm first and last", "dropout sigmoid", "noise, mask, penalties", "classifier of three layers",
		"gaussian vae", "nb vae with a linear decoder", "zinb vae", "pair", "pair with all features"} {
		spec := specs[name]
		for precision, tol := range map[string]float64{"float32": 2e-5, "tf32": 5e-3, "bfloat16": 4e-2} {
			if few := len(spec.Head) > 0 || spec.Loss.likely(); few && !real && precision != "float32" {
				continue // emulated it takes long, and their gradients are compared in all of them
			}
			p := Plan{Batch: 6, Epochs: 25, Optimiser: "momentum", Momentum: 0.9, Rate: 0.005, Seed: 3, Device: "cpu"}
			a, ca := trained(t, spec, p, dataFor(spec, 24), Hooks{})
			p.Device, p.Precision = "gpu", precision
			b, cb := trained(t, spec, p, dataFor(spec, 24), Hooks{})
			for i, v := range a.params {
				if math.Abs(float64(v-b.params[i])) > tol {
					t.Errorf("%s, %s: parameter %d is %v on the CPU, %v on the GPU", name, precision, i, v, b.params[i])
					break
				}
			}
			for i, c := range ca {
				c.ValidWrong, cb[i].ValidWrong = 0, 0 // a score may fall on either side
				for _, q := range numbers(c, cb[i]) {
					if !(math.Abs(q[0]-q[1]) <= tol*q[0]) {
						t.Fatalf("%s, %s: %v on the CPU, %v on the GPU", name, precision, c, cb[i])
					}
				}
			}
		}
	}
}

// device has trainings run on this machine's GPU, or else an emulated one, and says whether
// it is real.
func device(t *testing.T) (real bool) {
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
	t.Cleanup(func() {
		if err := d.Close(); err != nil {
			t.Error(err)
		}
	})
	on(t, d)
	return real
}

// A training that loses its device goes on from its last state, on the CPU or the
// device, and comes to the same weights.
func TestLostDevice(t *testing.T) {
	for kind, spec := range kinds() {
		t.Run(kind, func(t *testing.T) { lostDevice(t, spec) })
	}
}

func lostDevice(t *testing.T, spec Spec) {
	p := Plan{Batch: 5, Epochs: 8, Optimiser: "adam", Rate: 0.01, Seed: 2, Patience: 8, Precision: "float32"}
	d := dataFor(spec, 23)
	p.Device = "cpu"
	whole, curve := trained(t, spec, p, d, Hooks{})
	for _, next := range []string{"cpu", "gpu"} {
		in := gpu.NewInterpreter(cpu.NewPool(1), 1<<30)
		launches := 0
		in.Fail = func(what string) error {
			if what == "Launch" {
				launches++
			}
			if launches > 22 {
				return gpu.ErrLost
			}
			return nil
		}
		on(t, in)
		var kept []byte
		hooks := Hooks{Every: 1, Save: func(write func(io.Writer) error) error {
			var b bytes.Buffer
			err := write(&b)
			kept = b.Bytes()
			return err
		}}
		n, err := New(spec, p.Seed)
		if err != nil {
			t.Fatal(err)
		}
		p.Device = "gpu"
		if _, err := Train(ctx, n, p, d, hooks); !errors.Is(err, gpu.ErrLost) {
			t.Fatalf("a lost device gives %v", err)
		}
		if kept == nil {
			t.Fatal("no state was kept")
		}
		in.Fail = nil
		p.Device = next
		n, c := trained(t, spec, p, d, Hooks{Resume: bytes.NewReader(kept)})
		for i := range n.params {
			if n.params[i] != whole.params[i] {
				t.Fatalf("on the %s parameter %d is %v, without the loss %v", next, i, n.params[i], whole.params[i])
			}
		}
		sameCurve(t, c, curve)
	}
}

// A training stopped in the middle of an epoch keeps that step, and goes on on either
// device to the same weights.
func TestStoppedOnDevice(t *testing.T) {
	for kind, spec := range kinds() {
		for _, first := range []string{"gpu", "cpu"} {
			t.Run(kind+" on the "+first, func(t *testing.T) { stoppedOnDevice(t, spec, first) })
		}
	}
}

func stoppedOnDevice(t *testing.T, spec Spec, first string) {
	on(t, gpu.NewInterpreter(cpu.NewPool(1), 1<<30))
	p := Plan{Batch: 5, Epochs: 4, Iterations: 40, Optimiser: "adam", Rate: 0.01, Seed: 2, Device: first, Precision: "float32"}
	d := dataFor(spec, 23)
	whole, curve := trained(t, spec, p, d, Hooks{})
	var kept []byte
	stop, cancel := context.WithCancel(ctx)
	hooks := Hooks{Every: 1, Save: func(write func(io.Writer) error) error {
		var b bytes.Buffer
		err := write(&b)
		kept = b.Bytes()
		cancel()
		return err
	}}
	n, err := New(spec, p.Seed)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := Train(stop, n, p, d, hooks); !errors.Is(err, context.Canceled) {
		t.Fatal(err)
	}
	for _, next := range []string{"gpu", "cpu"} {
		p.Device = next
		n, c := trained(t, spec, p, d, Hooks{Resume: bytes.NewReader(kept)})
		for i := range n.params {
			if n.params[i] != whole.params[i] {
				t.Fatalf("on the %s parameter %d is %v, uninterrupted %v", next, i, n.params[i], whole.params[i])
			}
		}
		sameCurve(t, c, curve)
	}
}

// sameCurve compares learning curves, whose sums are in another order on the CPU.
func sameCurve(t *testing.T, got, want []Point) {
	t.Helper()
	if len(got) != len(want) {
		t.Fatalf("%d epochs, not %d", len(got), len(want))
	}
	for i := range got {
		for _, q := range numbers(got[i], want[i]) {
			if !(math.Abs(q[0]-q[1]) <= 1e-12*math.Max(1, math.Abs(q[1]))) {
				t.Fatalf("epoch %d: %v, not %v", i+1, got[i], want[i])
			}
		}
	}
}

// The first loss that is no number stops training and names the layer, as on the CPU.
func TestLostNumbersOnDevice(t *testing.T) {
	on(t, gpu.NewInterpreter(cpu.NewPool(1), 1<<30))
	all := kinds()
	all["relu"] = small(cpu.ReLU)
	for kind, spec := range all {
		t.Run(kind, func(t *testing.T) { lostNumbersOnDevice(t, spec, kind != "relu") })
	}
}

// lostNumbersOnDevice lets numbers be lost by a NaN in a weight, or by a rate that is too
// high.
func lostNumbersOnDevice(t *testing.T, spec Spec, planted bool) {
	for _, plan := range []string{"momentum", "sgd one sample"} {
		p := plans()[plan]
		p.Batch, p.Rate = 5, 1e18
		var texts []string
		for _, device := range []string{"cpu", "gpu"} {
			p.Device, p.Precision = device, "float32"
			n, err := New(spec, 1)
			if err != nil {
				t.Fatal(err)
			}
			if planted {
				n.params[n.spans[1].w] = float32(math.NaN())
			}
			_, err = Train(ctx, n, p, dataFor(spec, 23), Hooks{})
			if err == nil {
				t.Fatal("training went on")
			}
			texts = append(texts, err.Error())
		}
		if texts[0] != texts[1] || !strings.Contains(texts[0], "layer") {
			t.Errorf("on the CPU %q, on the device %q", texts[0], texts[1])
		}
	}
}

// Early stopping keeps the best epoch's weights.
func TestPatienceOnDevice(t *testing.T) {
	on(t, gpu.NewInterpreter(cpu.NewPool(1), 1<<30))
	all := kinds()
	all["batchnorm"] = netShapes()["batchnorm tanh"]
	for kind, spec := range all {
		t.Run(kind, func(t *testing.T) { patienceOnDevice(t, spec) })
	}
}

func patienceOnDevice(t *testing.T, spec Spec) {
	for _, p := range []Plan{
		{Batch: 5, Epochs: 60, Optimiser: "adam", Rate: 0.05, Seed: 2, Patience: 3},
		{Batch: 5, Epochs: 9, Optimiser: "adam", Rate: 0.05, Seed: 2, Keep: 4},
		{Batch: 5, Epochs: 9, Optimiser: "adam", Rate: 0.05, FanIn: 4, Seed: 2, Keep: 4},
		{Batch: 5, Epochs: 3, Optimiser: "adam", Rate: 0.05, Seed: 2, Keep: -1},
	} {
		p.Device = "cpu"
		a, ca := trained(t, spec, p, dataFor(spec, 23), Hooks{})
		p.Device, p.Precision = "gpu", "float32"
		b, cb := trained(t, spec, p, dataFor(spec, 23), Hooks{})
		sameCurve(t, cb, ca)
		for i := range a.params {
			if a.params[i] != b.params[i] {
				t.Fatalf("parameter %d is %v, %v on the device", i, a.params[i], b.params[i])
			}
		}
		for i := range a.moments {
			if a.moments[i] != b.moments[i] {
				t.Fatalf("moment %d is %v, %v on the device", i, a.moments[i], b.moments[i])
			}
		}
	}
}

// Where a training runs: auto takes the device that works and has room, and says why
// it rests where there is a driver; gpu explains itself.
func TestChoiceOfDevice(t *testing.T) {
	full := gpu.NewInterpreter(cpu.NewPool(1), 1<<20)
	broken := fmt.Errorf("%w: the driver is too old", gpu.ErrNoDevice)
	p := Plan{Batch: 5, Epochs: 1, Optimiser: "sgd", Rate: 0.01, Seed: 2}
	for _, c := range []struct {
		device     string
		d          gpu.Driver
		err        error
		where, why string
		fails      error
	}{
		{"auto", gpu.NewInterpreter(cpu.NewPool(1), 1<<30), nil, "an interpreter on the CPU, tf32", "", nil},
		{"", gpu.NewInterpreter(cpu.NewPool(1), 1<<30), nil, "an interpreter", "", nil},
		{"cpu", gpu.NewInterpreter(cpu.NewPool(1), 1<<30), nil, "the CPU", "", nil},
		{"auto", full, nil, "the CPU", "GPU's memory", nil},
		{"gpu", full, nil, "", "", gpu.ErrNoMemory},
		{"auto", nil, broken, "the CPU", "too old", nil},
		{"auto", nil, gpu.ErrNoDriver, "the CPU", "", nil},
		{"gpu", nil, gpu.ErrNoDriver, "", "", gpu.ErrNoDevice},
	} {
		on(t, nil)
		openGPU = func() (gpu.Driver, error) { return c.d, c.err }
		n, err := New(small(cpu.Tanh), 1)
		if err != nil {
			t.Fatal(err)
		}
		where, why := "", ""
		p.Device = c.device
		_, err = Train(ctx, n, p, data(23, 7), Hooks{Where: func(a, b string) { where, why = a, b }})
		if !errors.Is(err, c.fails) || !strings.Contains(where, c.where) || !strings.Contains(why, c.why) || c.why == "" && why != "" {
			t.Errorf("device %q: on %q because %q, error %v", c.device, where, why, err)
		}
	}
}
