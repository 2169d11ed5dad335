package gpu

import (
	"encoding/binary"
	"errors"
	"math"
	"math/rand/v2"
	"testing"
	"unsafe"

	"github.com/gxlab/gxlab/gx/nn/cpu"
	"github.com/gxlab/gxlab/gx/nn/gpu/gputest"
)

// rig is a device with a stream: this machine's GPU, or else an emulated one.
type rig struct {
	Driver
	t testing.TB
	s Stream
}

func newRig(t testing.TB) rig {
	t.Helper()
	if interpret {
		d := NewInterpreter(cpu.NewPool(1), 4<<30)
		s, _ := d.NewStream()
		return rig{Driver: d, t: t, s: s}
	}
	d, err := Open()
	if errors.Is(err, ErrNoDevice) {
		gputest.Open(t)
		d, err = Open()
	}
	if err != nil {
		t.Fatal(err)
	}
	r := rig{Driver: d, t: t}
	if r.s, err = d.NewStream(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := d.Close(); err != nil {
			t.Error(err)
		}
	})
	return r
}

// interpret has newRig give an Interpreter.
var interpret bool

func TestInterpreter(t *testing.T) {
	interpret = true
	defer func() { interpret = false }()
	for name, test := range map[string]func(*testing.T){
		"BiasAct": TestBiasAct, "Back": TestBack, "Loss": TestLoss, "Entropy": TestEntropy, "Sample": TestSample, "Likelihoods": TestLikelihoods, "Pairs": TestPairs, "LostStopsSteps": TestLostStopsSteps, "SoftMax": TestSoftMax,
		"Random": TestRandom, "Gather": TestGather, "Begin": TestBegin, "Optimisers": TestOptimisers, "Norm": TestNorm,
		"BFloat16": TestBFloat16, "MatMul": TestMatMul, "Graph": TestGraph,
	} {
		t.Run(name, test)
	}
}

func (r rig) ok(err error) {
	r.t.Helper()
	if err != nil {
		r.t.Fatal(err)
	}
}

// room is memory for n values of 4 bytes, set to 0.
func (r rig) room(n int) Ptr {
	r.t.Helper()
	p, err := r.Alloc(int64(4 * n))
	r.ok(err)
	r.ok(r.Zero(p, int64(4*n), r.s))
	return p
}

// up brings values to the device.
func up[T any](r rig, x []T) Ptr {
	r.t.Helper()
	b := asBytes(x)
	p, err := r.Alloc(int64(len(b)))
	r.ok(err)
	r.ok(r.Upload(p, b, r.s))
	return p
}

// down brings n values back.
func down[T any](r rig, p Ptr, n int) []T {
	r.t.Helper()
	x := make([]T, n)
	r.ok(r.Download(asBytes(x), p, r.s))
	r.ok(r.Sync(r.s))
	return x
}

// run runs a kernel.
func (r rig) run(name string, args ...Arg) {
	r.t.Helper()
	r.ok(r.Kernel(name, r.s, args...))
}

// normal are n values from N(0, 1).
func normal(seed uint64, n int) []float32 {
	rng := rand.New(rand.NewPCG(seed, 1))
	x := make([]float32, n)
	for i := range x {
		x[i] = float32(rng.NormFloat64())
	}
	return x
}

// agree compares with values that were computed otherwise: within tol, absolute for
// small values and relative for large ones. NaN is near NaN.
func agree(t testing.TB, what string, got, want []float32, tol float64) {
	t.Helper()
	for i, w := range want {
		g := got[i]
		if g == w || g != g && w != w {
			continue
		}
		if !(math.Abs(float64(g)-float64(w)) <= tol*math.Max(1, math.Abs(float64(w)))) {
			t.Errorf("%s: value %d is %g, not %g", what, i, g, w)
			return
		}
	}
}

// toBF16 rounds to bfloat16, half to even.
func toBF16(x []float32) []uint16 {
	out := make([]uint16, len(x))
	for i, v := range x {
		b := math.Float32bits(v)
		if v != v {
			out[i] = uint16(b>>16) | 0x40
			continue
		}
		out[i] = uint16((b + 0x7fff + b>>16&1) >> 16)
	}
	return out
}

func fromBF16(x []uint16) []float32 {
	out := make([]float32, len(x))
	for i, v := range x {
		out[i] = math.Float32frombits(uint32(v) << 16)
	}
	return out
}

// Go's structures lie as C++'s do.
func TestLayout(t *testing.T) {
	var p Schedule
	var s State
	want := [17]int64{
		int64(unsafe.Sizeof(p)), int64(unsafe.Offsetof(p.Beta2)), int64(unsafe.Offsetof(p.Samples)), int64(unsafe.Offsetof(p.Total)), int64(unsafe.Offsetof(p.Weight)), int64(unsafe.Offsetof(p.KLSteps)),
		int64(unsafe.Sizeof(s)), int64(unsafe.Offsetof(s.Start)), int64(unsafe.Offsetof(s.Sum)), int64(unsafe.Offsetof(s.Rate)), int64(unsafe.Offsetof(s.Root)), int64(unsafe.Offsetof(s.Lost)), int64(Descent), int64(unsafe.Offsetof(s.Entropy)), int64(unsafe.Offsetof(s.Wrong)), int64(unsafe.Offsetof(s.KL)),
	}
	g := gputest.Open(t)
	d, err := Open()
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	if got := g.Layout(); got != want {
		t.Errorf("C++ %v, Go %v", got, want)
	}
}

// Products of all kinds, of odd sizes and at odd places, are those of float64.
func TestMatMul(t *testing.T) {
	r := newRig(t)
	for i, c := range []struct{ m, n, k, shift int }{{1, 1, 1, 0}, {3, 5, 7, 1}, {33, 17, 65, 0}, {64, 96, 32, 64}, {5, 100, 1, 3}} {
		for _, p := range []Precision{Float32, TF32, BFloat16} {
			if p == BFloat16 && r.Info().Computes(p) != p {
				continue
			}
			for trans := range 4 {
				m := MatMul{M: c.m, N: c.n, K: c.k, TransA: trans&1 != 0, TransB: trans&2 != 0, Precision: p, Alpha: 0.5, Beta: float32(trans) - 1}
				a, b, before := normal(uint64(3*i), c.m*c.k), normal(uint64(3*i+1), c.k*c.n), normal(uint64(3*i+2), c.m*c.n)
				pad := make([]float32, c.shift)
				if p == BFloat16 {
					ha, hb := toBF16(a), toBF16(b)
					a, b = fromBF16(ha), fromBF16(hb)
					m.A = up(r, append(make([]uint16, c.shift), ha...)) + Ptr(2*c.shift)
					m.B = up(r, hb)
				} else {
					m.A = up(r, append(pad, a...)) + Ptr(4*c.shift)
					m.B = up(r, b)
				}
				m.C = up(r, append(pad, before...)) + Ptr(4*c.shift)
				r.ok(r.Prepare(m, r.s))
				agree(t, "C after Prepare", down[float32](r, m.C, len(before)), before, 0)
				r.ok(r.MatMul(m, r.s))
				tol := 1e-6 * float64(c.k+1)
				if p == TF32 {
					tol = 1e-3 * math.Sqrt(float64(c.k+1)) * 4
				}
				want := product(m, a, b, before)
				agree(t, m.String(), down[float32](r, m.C, len(before)), want, tol)
				if !r.Info().DeviceScale {
					continue
				}
				m.Scale = up(r, []float32{m.Alpha, m.Beta})
				m.Alpha, m.Beta = 7, 9 // not these
				r.ok(r.Upload(m.C, asBytes(before), r.s))
				r.ok(r.Prepare(m, r.s))
				r.ok(r.MatMul(m, r.s))
				agree(t, m.String(), down[float32](r, m.C, len(before)), want, tol)
			}
		}
	}
}

// product is a product in float64.
func product(m MatMul, a, b, c []float32) []float32 {
	out := make([]float32, m.M*m.N)
	for i := range m.M {
		for j := range m.N {
			s := 0.0
			for k := range m.K {
				ai, bi := i*m.K+k, k*m.N+j
				if m.TransA {
					ai = k*m.M + i
				}
				if m.TransB {
					bi = j*m.K + k
				}
				s += float64(a[ai]) * float64(b[bi])
			}
			out[i*m.N+j] = float32(float64(m.Alpha)*s + float64(m.Beta)*float64(c[i*m.N+j]))
		}
	}
	return out
}

// A captured graph does its work when it is launched, every time, over two streams
// and from pinned memory.
func TestGraph(t *testing.T) {
	r := newRig(t)
	host, err := r.AllocHost(4 * 64)
	r.ok(err)
	other, err := r.NewStream()
	r.ok(err)
	fork, err := r.NewEvent()
	r.ok(err)
	join, err := r.NewEvent()
	r.ok(err)
	x, half, sum := r.room(64), r.room(32), up(r, make([]float32, 64))
	ones := make([]float32, 64)
	for i := range ones {
		ones[i] = 1
	}
	one := up(r, ones)
	if err := r.BeginCapture(r.s); errors.Is(err, errors.ErrUnsupported) {
		t.Skip(err)
	} else {
		r.ok(err)
	}
	r.ok(r.Upload(x, host, r.s))
	r.ok(r.Record(fork, r.s))
	r.ok(r.Wait(other, fork))
	r.ok(r.Kernel("bfloat16", other, U64(64), P(x), P(half)))
	r.ok(r.Record(join, other))
	r.ok(r.MatMul(MatMul{M: 8, N: 8, K: 8, A: x, B: one, C: sum, Alpha: 1, Beta: 1}, r.s))
	r.ok(r.Wait(r.s, join))
	g, err := r.EndCapture(r.s)
	r.ok(err)
	agree(t, "before", down[float32](r, sum, 64), make([]float32, 64), 0)
	want := make([]float32, 64)
	for round := range 3 {
		v := float32(round + 1)
		for i := range 64 {
			binary.LittleEndian.PutUint32(host[4*i:], math.Float32bits(v))
			want[i] += 8 * v
		}
		r.ok(r.Launch(g, r.s))
		r.ok(r.Sync(r.s)) // before host changes
		agree(t, "sum", down[float32](r, sum, 64), want, 0)
		if h := down[uint16](r, half, 64); h[63] != toBF16([]float32{v})[0] {
			t.Errorf("half is %#x", h[63])
		}
	}
	r.ok(r.FreeGraph(g))
	r.ok(r.FreeEvent(fork))
	r.ok(r.FreeEvent(join))
	r.ok(r.FreeStream(other))
	r.ok(r.FreeHost(host))
	r.ok(r.Free(x))
	if r.Free(x) == nil {
		t.Error("memory was given back twice")
	}
}
