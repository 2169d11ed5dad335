package nn

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"math/rand/v2"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/gxlab/gxlab/gx/nn/cpu"
)

var ctx = context.Background()

func random(n int, seed uint64) []float32 {
	r := rand.New(rand.NewPCG(seed, 9))
	x := make([]float32, n)
	for i := range x {
		x[i] = float32(r.NormFloat64())
	}
	return x
}

func small(act cpu.Act) Spec {
	return Spec{In: 7, Loss: MSE, Init: "torch", Code: 2, Layers: []Layer{
		{Kind: Dense, Width: 5, Act: act}, {Kind: Dense, Width: 3}, {Kind: Dense, Width: 5, Act: act}, {Kind: Dense, Width: 7},
	}}
}

// into has a graph's gradients copied to buf.
func into(buf []float32) func(int, []float32, bool) {
	return func(at int, grad []float32, _ bool) { copy(buf[at:], grad) }
}

// lossOf is the training loss of a graph's net on the batch that lies in it.
func lossOf(t *testing.T, g *graph) float64 {
	t.Helper()
	sum, err := g.run(0)
	if err != nil {
		t.Fatal(err)
	}
	return sum / float64(g.rows*g.net.spec.Out())
}

// Gradients against central differences of the loss. Kernels work in float32, so
// a difference of 2h in a weight is measured to about ε·loss/h; the tolerance is
// ten times that.
func TestGradients(t *testing.T) {
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
	bn := small(cpu.Linear)
	bn.Layers = []Layer{{Kind: Dense, Width: 5}, {Kind: BatchNorm, Act: cpu.Tanh}, {Kind: Dense, Width: 3}, {Kind: Dense, Width: 5}, {Kind: BatchNorm, Act: cpu.Swish}, {Kind: Dense, Width: 7}}
	bn.Code = 3
	specs["batchnorm"] = bn
	drop := small(cpu.Sigmoid)
	drop.Layers = append([]Layer{{Kind: Dropout, Keep: 0.7}}, drop.Layers...)
	drop.Layers = append(drop.Layers[:2:2], append([]Layer{{Kind: Dropout, Keep: 0.6}}, drop.Layers[2:]...)...)
	drop.Code = 4
	specs["dropout"] = drop
	for name, spec := range specs {
		t.Run(name, func(t *testing.T) {
			n, err := New(spec, 3)
			if err != nil {
				t.Fatal(err)
			}
			rows := 6
			x := random(rows*spec.In, 4)
			buf := make([]float32, len(n.params))
			g, err := newGraph(n, rows, false, cpu.NewPool(1), into(buf), 1)
			if err != nil {
				t.Fatal(err)
			}
			defer g.close()
			copy(g.in, x)
			copy(g.want, x)
			loss := lossOf(t, g)
			grads := append([]float32(nil), buf...)
			h := float32(2e-2)
			switch strings.TrimSuffix(name, " out") {
			case "relu", "leakyrelu", "softshrink", "mae":
				h = 5e-4 // so that hardly a kink lies between the points
			case "batchnorm":
				h = 5e-3
			}
			for i := range n.params {
				was := n.params[i]
				at := func(d float32) float64 {
					n.params[i] = was + d
					l := lossOf(t, g)
					n.params[i] = was
					return l
				}
				// fourth-order central difference
				want := (8*(at(h)-at(-h)) - (at(2*h) - at(-2*h))) / (12 * float64(h))
				tol := 10*1.2e-7*loss/float64(h) + 2e-4
				if got := float64(grads[i]); math.Abs(got-want) > tol {
					t.Errorf("parameter %d: %v, by differences %v (± %.2g)", i, got, want, tol)
				}
			}
		})
	}
}

func data(rows, in int) Data {
	x := random(rows*in, 5)
	z := random(rows*2, 6)
	for i := range rows {
		for j := range in {
			x[i*in+j] = 0.2*x[i*in+j] + z[2*i]*float32(math.Sin(float64(j))) + z[2*i+1]*float32(math.Cos(float64(j)))
		}
	}
	return Data{X: x, N: rows, Watch: x[:4*in], WatchN: 4}
}

func trained(t *testing.T, spec Spec, plan Plan, d Data, h Hooks) (*Net, []Point) {
	t.Helper()
	n, err := New(spec, plan.Seed)
	if err != nil {
		t.Fatal(err)
	}
	c, err := Train(ctx, n, plan, d, h)
	if err != nil {
		t.Fatal(err)
	}
	return n, c
}

func plans() map[string]Plan {
	p := Plan{Batch: 5, Epochs: 6, Optimiser: "adam", Rate: 0.01, Seed: 2, Schedule: "cosine"}
	m, s := p, p
	m.Optimiser, m.Momentum = "momentum", 0.9
	s.Optimiser, s.Batch, s.Iterations, s.Decay, s.Schedule = "sgd", 1, 40, 0.01, ""
	f := m
	f.Schedule, f.Fall, f.Floor, f.Iterations = "falling", 0.8, 5e-3, 4
	return map[string]Plan{"adam": p, "momentum": m, "sgd one sample": s, "falling": f}
}

// The rate falls after every epoch with more training error than the one before, down
// to its floor.
func TestRateFalls(t *testing.T) {
	p := plans()["falling"]
	p.Epochs, p.Fall, p.Floor = 30, 0.5, 2e-3
	_, c := trained(t, small(cpu.LogSigmoid), p, data(23, 7), Hooks{})
	rate, falls := p.Rate, 0
	for i := range c {
		if i > 1 && c[i-1].Train > c[i-2].Train {
			rate = max(p.Floor, rate*p.Fall)
			falls++
		}
		if c[i].Rate != rate {
			t.Fatalf("epoch %d: rate %g, should be %g", i+1, c[i].Rate, rate)
		}
	}
	if falls < 4 || rate != p.Floor {
		t.Errorf("it fell %d times to %g", falls, rate)
	}
	p.Fall = 0
	n, _ := New(small(cpu.ReLU), 1)
	if _, err := Train(ctx, n, p, data(23, 7), Hooks{}); err == nil || !strings.Contains(err.Error(), "falls") {
		t.Error(err)
	}
}

func TestTrainingLearns(t *testing.T) {
	for name, p := range plans() {
		p.Epochs, p.Rate = 60, 0.02
		_, c := trained(t, small(cpu.LogSigmoid), p, data(23, 7), Hooks{})
		if len(c) != 60 || !(c[59].Train < 0.5*c[0].Train) || !(c[59].Valid < 0.6*c[0].Valid) {
			t.Errorf("%s: from %+v to %+v", name, c[0], c[59])
		}
	}
}

// One sample a step through its own path is the graph's step, up to rounding.
func TestSinglePathIsTheGraphs(t *testing.T) {
	for _, act := range []cpu.Act{cpu.LogSigmoid, cpu.Swish, cpu.Tanh} {
		spec := small(act)
		spec.L2 = 1e-3
		p := plans()["sgd one sample"]
		a, ca := trained(t, spec, p, data(23, 7), Hooks{})
		b, err := New(spec, p.Seed)
		if err != nil {
			t.Fatal(err)
		}
		tr, err := newTrainer(b, p, data(23, 7), Hooks{})
		if err != nil {
			t.Fatal(err)
		}
		tr.one = nil
		for tr.epoch < p.Epochs {
			if err := tr.oneEpoch(ctx); err != nil {
				t.Fatal(err)
			}
		}
		tr.close()
		for i := range a.params {
			if math.Abs(float64(a.params[i]-b.params[i])) > 2e-5 {
				t.Fatalf("%v: parameter %d is %v by the single path, %v by the graph", act, i, a.params[i], b.params[i])
			}
		}
		if math.Abs(ca[5].Train-tr.curve[5].Train) > 1e-5 {
			t.Errorf("%v: curves %v and %v", act, ca[5], tr.curve[5])
		}
	}
}

func TestThreadsChangeNoBit(t *testing.T) {
	spec := Spec{In: 300, Loss: MSE, Init: "torch", Code: 2, Noise: 0.1, Layers: []Layer{
		{Kind: Dense, Width: 150, Act: cpu.LogSigmoid}, {Kind: Dense, Width: 20}, {Kind: Dropout, Keep: 0.9}, {Kind: Dense, Width: 150, Act: cpu.Swish}, {Kind: Dense, Width: 300},
	}}
	p := Plan{Batch: 16, Epochs: 3, Optimiser: "adam", Rate: 1e-3, Seed: 2}
	var first *Net
	for _, threads := range []int{1, 2, 3, 7, 1} {
		p.Threads = threads
		n, _ := trained(t, spec, p, data(70, 300), Hooks{})
		if first == nil {
			first = n
		}
		for i := range n.params {
			if n.params[i] != first.params[i] {
				t.Fatalf("%d threads: parameter %d is %v, with one thread %v", threads, i, n.params[i], first.params[i])
			}
		}
	}
}

// Noise that is cut off far away is noise; cut off near it is not, and input that is
// cut off at one value tells samples no longer apart.
func TestNoiseIsCutOff(t *testing.T) {
	p := Plan{Batch: 8, Epochs: 4, Optimiser: "adam", Rate: 1e-2, Seed: 3}
	curve := func(noise float64, clip ...float64) string {
		spec := small(cpu.Sigmoid)
		spec.Noise, spec.Clip = noise, clip
		_, c := trained(t, spec, p, data(40, 7), Hooks{})
		return fmt.Sprint(c)
	}
	plain := curve(0.5)
	if far := curve(0.5, -1e6, 1e6); far != plain {
		t.Errorf("cut at ±1e6: %s, not cut %s", far, plain)
	}
	if near := curve(0.5, 0, 1); near == plain {
		t.Error("noise cut at 0 and 1 is as if it were not cut")
	}
	if clean := curve(0); curve(0, 0, 1) != clean {
		t.Error("input without noise is cut")
	}
	if a, b := curve(0.5, 0, 1e-30), curve(2, 0, 1e-30); a != b {
		t.Errorf("nothing is left of noise that is cut at 0, but %s and %s", a, b)
	}
}

// Stopped at any step and gone on with, training gives the same bits.
func TestResumeBitForBit(t *testing.T) {
	bn := small(cpu.Linear)
	bn.Layers = []Layer{{Kind: Dense, Width: 5}, {Kind: BatchNorm, Act: cpu.Tanh}, {Kind: Dropout, Keep: 0.8}, {Kind: Dense, Width: 3}, {Kind: Dense, Width: 7}}
	bn.Code, bn.Noise, bn.Mask = 4, 0.1, 0.1
	for name, p := range plans() {
		spec := small(cpu.LogSigmoid)
		if name == "adam" {
			spec, p.Patience = bn, 50
		}
		want, curve := trained(t, spec, p, data(23, 7), Hooks{})
		for stop := 1; stop < 40; stop += 3 {
			var kept []byte
			c := &countdown{Context: ctx, n: stop}
			n, err := New(spec, p.Seed)
			if err != nil {
				t.Fatal(err)
			}
			_, err = Train(c, n, p, data(23, 7), Hooks{Save: func(write func(io.Writer) error) error {
				var b bytes.Buffer
				err := write(&b)
				kept = b.Bytes()
				return err
			}})
			if err == nil {
				continue // it was through before
			}
			if !errors.Is(err, context.Canceled) || kept == nil {
				t.Fatalf("%s: %v, %d bytes kept", name, err, len(kept))
			}
			n, _ = New(spec, 12345) // other weights: all must come from the state
			var heard []Point
			got, err := Train(ctx, n, p, data(23, 7), Hooks{Resume: bytes.NewReader(kept), Epoch: func(q Point) { heard = append(heard, q) }})
			if err != nil {
				t.Fatal(err)
			}
			if fmt.Sprint(got) != fmt.Sprint(curve) || fmt.Sprint(heard) != fmt.Sprint(curve) {
				t.Fatalf("%s stopped at %d: curve %v, want %v", name, stop, got, curve)
			}
			for i := range n.params {
				if n.params[i] != want.params[i] {
					t.Fatalf("%s stopped at %d: parameter %d is %v, want %v", name, stop, i, n.params[i], want.params[i])
				}
			}
			for i := range n.moments {
				if n.moments[i] != want.moments[i] {
					t.Fatalf("%s stopped at %d: moment %d differs", name, stop, i)
				}
			}
			for _, cut := range []int{0, 3, 20, len(kept) / 2, len(kept) - 1} {
				m, _ := New(spec, 1)
				if _, err := Train(ctx, m, p, data(23, 7), Hooks{Resume: bytes.NewReader(kept[:cut])}); err == nil || !strings.Contains(err.Error(), "checkpoint") {
					t.Fatalf("a checkpoint cut to %d bytes: %v", cut, err)
				}
			}
		}
	}
}

// countdown is a context that ends when it has been asked n times.
type countdown struct {
	context.Context
	n int
}

func (c *countdown) Err() error {
	if c.n--; c.n < 0 {
		return context.Canceled
	}
	return nil
}

func TestNaNNamesTheLayer(t *testing.T) {
	p := plans()["adam"]
	n, err := New(small(cpu.Tanh), 1)
	if err != nil {
		t.Fatal(err)
	}
	w, _ := n.Weights(2)
	w[3] = float32(math.NaN())
	if _, err := Train(ctx, n, p, data(23, 7), Hooks{}); err == nil || !strings.Contains(err.Error(), "layer 3 (dense 5 tanh)") || !strings.Contains(err.Error(), "epoch 1") {
		t.Errorf("error %v does not name layer 3 and epoch 1", err)
	}
	p.Optimiser, p.Rate, p.Batch = "sgd", 1e6, 1
	n, _ = New(small(cpu.ReLU), 1)
	if _, err := Train(ctx, n, p, data(23, 7), Hooks{}); err == nil || !strings.Contains(err.Error(), "no numbers any more") {
		t.Errorf("a rate of a million: %v", err)
	}
	d := data(23, 7)
	d.X = append([]float32(nil), d.X...)
	d.X[5] = float32(math.NaN())
	n, _ = New(small(cpu.ReLU), 1)
	if _, err := Train(ctx, n, plans()["adam"], d, Hooks{}); err == nil || !strings.Contains(err.Error(), "the input") {
		t.Errorf("NaN in the input: %v", err)
	}
}

func TestEarlyStopKeepsTheBest(t *testing.T) {
	p := plans()["adam"]
	p.Epochs, p.Patience, p.Rate = 400, 5, 0.05
	d := data(12, 7)
	d.Watch, d.WatchN = data(40, 7).X[20*7:], 20
	n, c := trained(t, small(cpu.Tanh), p, d, Hooks{})
	best := c[0]
	for _, q := range c {
		if q.Valid < best.Valid {
			best = q
		}
	}
	if len(c) >= 400 || c[len(c)-1].Epoch-best.Epoch != 5 {
		t.Fatalf("stopped after epoch %d, best %d", len(c), best.Epoch)
	}
	tr, err := newTrainer(n, p, d, Hooks{})
	if err != nil {
		t.Fatal(err)
	}
	if v, _ := tr.measure(&tr.watch, &tr.watchWant); v != best.Valid {
		t.Fatalf("the net's error is %v, the best epoch's was %v", v, best.Valid)
	}
}

// Errors are told in data units: training on x/s with scale s gives s² times the
// error, whether s is one number or one per gene.
func TestErrorsInDataUnits(t *testing.T) {
	p := plans()["adam"]
	d := data(23, 7)
	_, c := trained(t, small(cpu.Tanh), p, d, Hooks{})
	d.Scale = []float32{3, 3, 3, 3, 3, 3, 3}
	_, c3 := trained(t, small(cpu.Tanh), p, d, Hooks{})
	d.Scale = []float32{3, 3, 3, 3, 3, 3, 3.000001}
	_, cg := trained(t, small(cpu.Tanh), p, d, Hooks{})
	for i := range c {
		for _, q := range [][2]float64{{c3[i].Train, c[i].Train}, {c3[i].Valid, c[i].Valid}, {cg[i].Train, c[i].Train}, {cg[i].Valid, c[i].Valid}} {
			if math.Abs(q[0]-9*q[1]) > 1e-5*q[0] {
				t.Fatalf("epoch %d: %v, want nine times %v", i, q[0], q[1])
			}
		}
	}
}

// A network that carries a linear map is that map, for every activation that can.
func TestCarryLinear(t *testing.T) {
	in, k, h := 40, 4, 11
	basis := random(in*k, 8)
	orthonormal(basis, in, k)
	mean := random(in, 9)
	x := random(25*in, 10)
	for a := cpu.Linear; a <= cpu.SoftMax; a++ {
		spec := Spec{In: in, Loss: MSE, Init: "torch", Code: 2, Layers: []Layer{
			{Kind: Dense, Width: h, Act: a}, {Kind: Dense, Width: k}, {Kind: Dense, Width: h, Act: a}, {Kind: Dense, Width: in},
		}}
		n, err := New(spec, 1)
		if err != nil {
			t.Fatal(err)
		}
		err = CarryLinear(n, mean, basis, []float32{1, 2, 0.5, 1})
		if carries(a) == 0 {
			if err == nil || !strings.Contains(err.Error(), a.String()) {
				t.Errorf("%v: %v", a, err)
			}
			continue
		}
		if err != nil {
			t.Fatal(err)
		}
		y, err := n.Reconstruct(x, 25)
		if err != nil {
			t.Fatal(err)
		}
		for r := range 25 {
			for i := range in {
				want := float64(mean[i])
				for j := range k {
					c := 0.0
					for q := range in {
						c += float64(x[r*in+q]-mean[q]) * float64(basis[q*k+j])
					}
					want += c * float64(basis[i*k+j])
				}
				if math.Abs(float64(y[r*in+i])-want) > 2e-5 {
					t.Fatalf("%v: value %d of sample %d is %v, want %v", a, i, r, y[r*in+i], want)
				}
			}
		}
	}
}

func orthonormal(b []float32, n, k int) {
	for j := range k {
		for q := range j {
			s := float32(0)
			for i := range n {
				s += b[i*k+j] * b[i*k+q]
			}
			for i := range n {
				b[i*k+j] -= s * b[i*k+q]
			}
		}
		s := 0.0
		for i := range n {
			s += float64(b[i*k+j]) * float64(b[i*k+j])
		}
		for i := range n {
			b[i*k+j] /= float32(math.Sqrt(s))
		}
	}
}

// A step allocates nothing that grows with the network.
func TestStepAllocatesLittle(t *testing.T) {
	t.Setenv("GXLAB_BLAS", "") // a call of a library allocates its arguments
	perStep := func(width int) float64 {
		spec := small(cpu.LogSigmoid)
		spec.Layers[0].Width, spec.Layers[2].Width = width, width
		n, err := New(spec, 1)
		if err != nil {
			t.Fatal(err)
		}
		p := plans()["adam"]
		p.Threads = 1
		tr, err := newTrainer(n, p, data(23, 7), Hooks{})
		if err != nil {
			t.Fatal(err)
		}
		defer tr.close()
		batch := []int{0, 1, 2, 3, 4}
		run := func(k int) {
			for range k {
				if _, err := tr.step(batch, 1e-3); err != nil {
					t.Fatal(err)
				}
			}
		}
		run(3)
		var a, b runtime.MemStats
		runtime.GC()
		runtime.ReadMemStats(&a)
		run(20)
		runtime.ReadMemStats(&b)
		return float64(b.TotalAlloc-a.TotalAlloc) / 20
	}
	a, b := perStep(50), perStep(5000)
	t.Logf("%.0f bytes a step at width 50, %.0f at 5000", a, b)
	if b > 1.5*a+4096 {
		t.Errorf("a step allocates %.0f bytes at width 50 and %.0f at 5000", a, b)
	}
}

// A network that was trained and is needed no more is freed, with all that training
// made.
func TestTrainingIsFreed(t *testing.T) {
	gone := make(chan struct{})
	func() {
		n, err := New(small(cpu.Tanh), 1)
		if err != nil {
			t.Fatal(err)
		}
		runtime.AddCleanup(n, func(c chan struct{}) { close(c) }, gone)
		if _, err := Train(ctx, n, plans()["adam"], data(23, 7), Hooks{}); err != nil {
			t.Fatal(err)
		}
	}()
	for range 100 {
		runtime.GC()
		select {
		case <-gone:
			return
		case <-time.After(20 * time.Millisecond):
		}
	}
	t.Error("the network is still held")
}

func BenchmarkSingleSmall(b *testing.B) {
	spec := Spec{In: 2000, Loss: MSE, Init: "torch", Code: 2, Layers: []Layer{
		{Kind: Dense, Width: 200, Act: cpu.LogSigmoid}, {Kind: Dense, Width: 30}, {Kind: Dense, Width: 200, Act: cpu.LogSigmoid}, {Kind: Dense, Width: 2000},
	}}
	n, _ := New(spec, 1)
	tr, err := newTrainer(n, Plan{Batch: 1, Epochs: 1, Optimiser: "sgd", Rate: 1e-4, Threads: 1}, Data{X: random(100*2000, 1), N: 100}, Hooks{})
	if err != nil {
		b.Fatal(err)
	}
	i := 0
	for b.Loop() {
		if _, err := tr.one.step(tr, i%100, 1e-4); err != nil {
			b.Fatal(err)
		}
		i++
	}
}

func BenchmarkBatchSmall(b *testing.B) {
	spec := Spec{In: 2000, Loss: MSE, Init: "torch", Code: 2, Layers: []Layer{
		{Kind: Dense, Width: 200, Act: cpu.LogSigmoid}, {Kind: Dense, Width: 30}, {Kind: Dense, Width: 200, Act: cpu.LogSigmoid}, {Kind: Dense, Width: 2000},
	}}
	n, _ := New(spec, 1)
	tr, err := newTrainer(n, Plan{Batch: 64, Epochs: 1, Optimiser: "adam", Rate: 1e-4, Threads: 1}, Data{X: random(100*2000, 1), N: 100}, Hooks{})
	if err != nil {
		b.Fatal(err)
	}
	batch := make([]int, 64)
	for i := range batch {
		batch[i] = i
	}
	for b.Loop() {
		if _, err := tr.step(batch, 1e-4); err != nil {
			b.Fatal(err)
		}
	}
}

// Rows of a matrix that are scaled as they are read train a network to the same bits
// as a copy of them.
func TestRowsScaledAsTheyAreRead(t *testing.T) {
	rng := rand.New(rand.NewPCG(5, 5))
	const n, p = 40, 12
	x, shift, spread := make([]float32, n*p), make([]float32, p), make([]float32, p)
	for i := range x {
		x[i] = rng.Float32()
	}
	for j := range p {
		shift[j], spread[j] = rng.Float32(), 0.5+rng.Float32()
	}
	rows, watch := rng.Perm(n)[:25], rng.Perm(n)[:9]
	scaled := func(index []int) (out []float32) {
		for _, i := range index {
			for j, v := range x[i*p : (i+1)*p] {
				out = append(out, (v-shift[j])/spread[j])
			}
		}
		return out
	}
	for _, batch := range []int{1, 8} {
		plan := Plan{Batch: batch, Epochs: 3, Optimiser: "sgd", Rate: 0.01, Seed: 2}
		spec := Spec{In: p, Loss: MSE, Code: 1, Init: "torch", Layers: []Layer{{Kind: Dense, Width: 4, Act: cpu.Tanh}, {Kind: Dense, Width: p, Act: cpu.Linear}}}
		a, ca := trained(t, spec, plan, Data{X: scaled(rows), N: len(rows), Watch: scaled(watch), WatchN: len(watch), Scale: spread}, Hooks{})
		b, cb := trained(t, spec, plan, Data{X: x, N: len(rows), Rows: rows, WatchRows: watch, WatchN: len(watch), Shift: shift, Spread: spread, Scale: spread}, Hooks{})
		if !slices.Equal(a.Params(), b.Params()) || !slices.Equal(ca, cb) {
			t.Errorf("batch %d: other weights or another curve", batch)
		}
	}
	for _, d := range []Data{
		{X: x, N: 2, Rows: []int{0, n}}, {X: x, N: 3, Rows: []int{0, 1}}, {X: x[1:], N: n},
		{X: x, N: n, Shift: shift}, {X: x, N: n, WatchN: 1, WatchRows: []int{-1}},
	} {
		if _, err := newTrainer(a0(t, p), Plan{Batch: 1, Epochs: 1, Optimiser: "sgd", Rate: 1}, d, Hooks{}); err == nil {
			t.Errorf("%d rows %v were taken", d.N, d.Rows)
		}
	}
}

func a0(t *testing.T, p int) *Net {
	n, err := New(Spec{In: p, Loss: MSE, Code: 1, Init: "torch", Layers: []Layer{{Kind: Dense, Width: p, Act: cpu.Linear}}}, 1)
	if err != nil {
		t.Fatal(err)
	}
	return n
}
