package cpu

import (
	"math"
	"math/rand/v2"
	"testing"

	"gonum.org/v1/gonum/blas"
	"gonum.org/v1/gonum/blas/blas64"
)

// The kernels against float64 (gonum for products, math for the rest). The bounds
// are those of the arithmetic: u = 2⁻²⁴ for each rounding, and what counting
// numbers below the least normal one as zero can lose.
const (
	u    = 1.0 / (1 << 24)
	tiny = 1.1754944e-38
)

// special values come into a fuzzed array now and then, of the one kind or the
// other: a number that counts as zero times infinity is no number.
var (
	special = []float32{0, float32(math.Copysign(0, -1)), 1e15, float32(math.NaN()), float32(math.Inf(1)), float32(math.Inf(-1))}
	small   = []float32{1e-42, -3e-39, 1e-30, 1e15, 0}
)

// guarded is an array of n values that begins off places into a larger one, whose
// other values are a guard.
type guarded struct {
	all []float32
	off int
	x   []float32
}

const guardValue = 12345.678

func newGuarded(n, off int, rng *rand.Rand, odd bool) guarded {
	g := guarded{all: make([]float32, off+n+40), off: off}
	for i := range g.all {
		g.all[i] = guardValue
	}
	g.x = g.all[off : off+n : off+n]
	kind := special
	if off%2 == 0 {
		kind = small
	}
	for i := range g.x {
		g.x[i] = float32(rng.NormFloat64())
		if odd && rng.IntN(40) == 0 {
			g.x[i] = kind[rng.IntN(len(kind))]
		}
	}
	return g
}

func (g guarded) whole(t *testing.T, what string) {
	t.Helper()
	for i, v := range g.all {
		if (i < g.off || i >= g.off+len(g.x)) && v != guardValue {
			t.Fatalf("%s: a value %d places from the array of %d was written", what, i-g.off, len(g.x))
		}
	}
}

// same says whether got is want up to err; NaN and infinities must be the same.
func same(got float32, want, err float64) bool {
	g := float64(got)
	switch {
	case math.IsNaN(want) || math.IsInf(want, 0):
		return math.IsNaN(g) && math.IsNaN(want) || g == want
	}
	return math.Abs(g-want) <= err
}

func wide64(x []float32) []float64 {
	out := make([]float64, len(x))
	for i, v := range x {
		out[i] = float64(v)
	}
	return out
}

func checkGemm(t *testing.T, seed uint64, m, n, k, extra, off int, ta, tb bool, beta float32, odd bool) {
	rng := rand.New(rand.NewPCG(seed, 1))
	ar, ac, br, bc := m, k, k, n
	if ta {
		ar, ac = k, m
	}
	if tb {
		br, bc = n, k
	}
	lda, ldb, ldc := ac+extra, bc+extra, n+extra
	size := func(rows, cols, ld int) int {
		if rows == 0 {
			return 0
		}
		return (rows-1)*ld + cols // the last row ends with its last value
	}
	a, b := newGuarded(size(ar, ac, lda), off, rng, odd), newGuarded(size(br, bc, ldb), off, rng, odd)
	c := newGuarded(size(m, n, ldc), off, rng, odd && beta != 0)
	if m > 0 && n > 0 && k > 0 && odd {
		c.x[0] = float32(math.NaN()) // which beta 0 overwrites
	}
	was := wide64(c.x)
	pad := func(x []float64, rows, cols, ld int) blas64.General { // gonum wants whole rows
		return blas64.General{Rows: rows, Cols: cols, Stride: max(1, ld), Data: append(append([]float64(nil), x...), make([]float64, ld+1)...)}
	}
	trans := map[bool]blas.Transpose{false: blas.NoTrans, true: blas.Trans}
	want, sum := pad(was, m, n, ldc), pad(make([]float64, len(was)), m, n, ldc)
	if beta == 0 {
		clear(want.Data)
	}
	lost := make([]float64, m*n)
	if m > 0 && n > 0 {
		x, y := pad(wide64(a.x), ar, ac, lda), pad(wide64(b.x), br, bc, ldb)
		if k > 0 {
			plainGemm(trans[ta], trans[tb], x, y, float64(beta), want)
		} else {
			for i := range want.Data {
				want.Data[i] *= float64(beta)
			}
		}
		for i, v := range x.Data {
			x.Data[i] = math.Abs(v)
		}
		for i, v := range y.Data {
			y.Data[i] = math.Abs(v)
		}
		if k > 0 {
			plainGemm(trans[ta], trans[tb], x, y, 0, sum)
			// what a value that counts as zero loses: |a|·tiny + tiny·|b|
			for i := range m {
				for j := range n {
					for p := range k {
						at, bt := i*lda+p, p*ldb+j
						if ta {
							at = p*lda + i
						}
						if tb {
							bt = j*ldb + p
						}
						lost[i*n+j] += tiny * (x.Data[at] + y.Data[bt])
					}
				}
			}
		}
	}
	for _, path := range paths(t) {
		t.Setenv("GXLAB_CPU", path)
		got := newGuarded(len(c.x), off, rng, false)
		copy(got.x, c.x)
		p := NewPool(2)
		p.GiveBack(poison(1 << 12)) // buffers are not clean
		p.GiveBack(poison(1 << 20))
		p.Gemm(ta, tb, m, n, k, a.x, lda, b.x, ldb, beta, got.x, ldc)
		got.whole(t, path)
		for i := range m {
			for j := range n {
				at := i*ldc + j
				err := float64(k+2)*(u*1.01*sum.Data[at]+tiny) + lost[i*n+j]
				if beta != 0 {
					err += float64(k+2) * u * 1.01 * math.Abs(float64(beta)*was[at])
				}
				if math.IsInf(sum.Data[at], 0) {
					err = 0
				}
				if !same(got.x[at], want.Data[at], err) {
					t.Fatalf("%s: m %d n %d k %d ta %v tb %v beta %v, c[%d][%d] = %v, want %v ± %.2g", path, m, n, k, ta, tb, beta, i, j, got.x[at], want.Data[at], err)
				}
			}
			for j := n; j < ldc && i < m-1; j++ {
				if got.x[i*ldc+j] != c.x[i*ldc+j] && !(c.x[i*ldc+j] != c.x[i*ldc+j]) {
					t.Fatalf("%s: a value between the rows of C was written", path)
				}
			}
		}
	}
}

// plainGemm is C = beta·C + op(A)·op(B) in float64, NaN and infinities as IEEE has
// them: gonum's own passes zeros of A over, so values that are no numbers go by
// plain sums.
func plainGemm(ta, tb blas.Transpose, a, b blas64.General, beta float64, c blas64.General) {
	odd := false
	for _, x := range [][]float64{a.Data, b.Data} {
		for _, v := range x {
			odd = odd || v-v != 0
		}
	}
	if !odd {
		blas64.Gemm(ta, tb, 1, a, b, beta, c)
		return
	}
	k := a.Cols
	if ta == blas.Trans {
		k = a.Rows
	}
	for i := range c.Rows {
		for j := range c.Cols {
			s := 0.0
			for p := range k {
				x, y := i*a.Stride+p, p*b.Stride+j
				if ta == blas.Trans {
					x = p*a.Stride + i
				}
				if tb == blas.Trans {
					y = j*b.Stride + p
				}
				s += a.Data[x] * b.Data[y]
			}
			if beta != 0 {
				s += beta * c.Data[i*c.Stride+j]
			}
			c.Data[i*c.Stride+j] = s
		}
	}
}

func poison(n int) []float32 {
	x := make([]float32, n)
	for i := range x {
		x[i] = float32(math.NaN())
	}
	return x
}

// Sizes about every block's edge, strips and chunks of the depth included.
func TestGemmAtTheEdges(t *testing.T) {
	for i, s := range [][3]int{
		{1, 1, 1}, {1, 1, 700}, {1, 97, 1}, {97, 1, 1}, {2, 3, 0}, {13, 31, 15}, {14, 32, 16}, {15, 33, 17}, {6, 16, 8}, {7, 17, 9},
		{83, 89, 97}, {335, 3, 336}, {337, 5, 337}, {1, 511, 335}, {2, 513, 673}, {513, 2, 64}, {1021, 3, 5}, {3, 1021, 5}, {40, 45, 1009},
	} {
		for mode := range 8 {
			checkGemm(t, uint64(i), s[0], s[1], s[2], mode%3*7, mode*3%17, mode&1 == 1, mode&2 == 2, []float32{0, 1, 0.5}[mode%3], mode > 3)
		}
	}
}

func FuzzGemm(f *testing.F) {
	f.Add(uint64(1), uint16(13), uint16(31), uint16(17), uint8(0), uint8(0), uint8(0))
	f.Add(uint64(2), uint16(15), uint16(64), uint16(700), uint8(3), uint8(5), uint8(0xff))
	f.Add(uint64(3), uint16(400), uint16(2), uint16(3), uint8(1), uint8(1), uint8(0x5a))
	f.Fuzz(func(t *testing.T, seed uint64, m, n, k uint16, extra, off, mode uint8) {
		checkGemm(t, seed, int(m%430), int(n%600), int(k%760), int(extra%9), int(off%17), mode&1 != 0, mode&2 != 0, []float32{0, 1, -0.5}[mode>>2%3], mode&16 != 0)
	})
}

// activation and derivative in float64, from the input x and, as the kernels do,
// from the value where that suffices.
func reference(act Act, x float64) (y, d float64) {
	sig := func(x float64) float64 {
		if x < 0 {
			e := math.Exp(x)
			return e / (1 + e)
		}
		return 1 / (1 + math.Exp(-x))
	}
	switch act {
	case ReLU:
		switch {
		case x > 0:
			return x, 1
		case x <= 0:
			return 0, 0
		}
		return x, 0
	case LeakyReLU:
		if x < 0 {
			return float64(float32(0.2)) * x, float64(float32(0.2))
		}
		return x, 1
	case Swish:
		return x * sig(x), sig(x) * (1 + x*(1-sig(x)))
	case Sigmoid:
		return sig(x), sig(x) * sig(-x)
	case LogSigmoid:
		return math.Min(x, 0) - math.Log1p(math.Exp(-math.Abs(x))), sig(-x)
	case Tanh:
		return math.Tanh(x), 1 - math.Tanh(x)*math.Tanh(x)
	case SoftPlus:
		return math.Max(x, 0) + math.Log1p(math.Exp(-math.Abs(x))), sig(x)
	case SoftShrink:
		switch {
		case x > 0.5:
			return x - 0.5, 1
		case x < -0.5:
			return x + 0.5, 1
		}
		return x * 0, 0
	}
	return x, 1
}

// checkActivation holds every path's activation of x, at any place, to math, and
// reports the largest error in units of the last place.
func checkActivation(t *testing.T, act Act, x []float32, off int) (ulps float64) {
	rng := rand.New(rand.NewPCG(1, 1))
	for _, path := range paths(t) {
		t.Setenv("GXLAB_CPU", path)
		p := NewPool(2)
		z, y, d := newGuarded(len(x), off, rng, false), newGuarded(len(x), off, rng, false), newGuarded(len(x), off, rng, false)
		copy(z.x, x)
		for i := range d.x {
			d.x[i] = 1
		}
		p.BiasAct(act, 1, len(x), z.x, nil, y.x)
		p.ActGrad(act, 1, len(x), z.x, y.x, d.x)
		y.whole(t, path)
		d.whole(t, path)
		for i, v := range x {
			want, slope := reference(act, float64(v))
			if math.IsNaN(want) || math.IsInf(want, 0) {
				if !same(y.x[i], want, 0) && !(math.IsInf(float64(v), -1) && act == Swish) { // −∞·0
					t.Fatalf("%s %v(%v) = %v, want %v", path, act, v, y.x[i], want)
				}
				continue
			}
			// eight units in the last place; and what is lost where e⁻ˣ is cut at 88
			err := 8*2*u*math.Abs(want) + 2*tiny
			if math.Abs(float64(v)) > 86 {
				err += math.Abs(want)*1e-4 + 1e-36*math.Max(1, math.Abs(float64(v)))
			}
			if !same(y.x[i], want, err) {
				t.Fatalf("%s %v(%v) = %v, want %v", path, act, v, y.x[i], want)
			}
			if math.Abs(want) > 1e-30 && math.Abs(float64(v)) <= 86 {
				ulps = math.Max(ulps, math.Abs(float64(y.x[i])-want)/(2*u*math.Abs(want)))
			}
			// the derivative may come from the rounded value, so its error is of the
			// order of 1
			if !same(d.x[i], slope, 2e-6) && math.Abs(math.Abs(float64(v))-0.5) > 1e-6 && math.Abs(float64(v)) > 6*tiny {
				t.Fatalf("%s %v′(%v) = %v, want %v", path, act, v, d.x[i], slope)
			}
		}
	}
	return ulps
}

// Every 5003rd float32 there is, both signs, NaN and infinities.
func TestActivationsOverAllMagnitudes(t *testing.T) {
	var x []float32
	for bits := uint64(0); bits < 1<<32; bits += 5003 {
		x = append(x, math.Float32frombits(uint32(bits)))
	}
	x = append(append(x, special...), small...)
	for act := Linear; act < SoftMax; act++ {
		ulps := checkActivation(t, act, x, 0)
		t.Logf("%-10v %.1f units in the last place at most", act, ulps)
	}
}

func FuzzActivations(f *testing.F) {
	f.Add(uint8(1), uint8(0), []byte{0, 0, 128, 63})
	f.Add(uint8(6), uint8(3), []byte{0, 0, 192, 127, 1, 2, 3, 4})
	f.Fuzz(func(t *testing.T, act, off uint8, bits []byte) {
		var x []float32
		for ; len(bits) >= 4; bits = bits[4:] {
			x = append(x, math.Float32frombits(uint32(bits[0])|uint32(bits[1])<<8|uint32(bits[2])<<16|uint32(bits[3])<<24))
		}
		if len(x) > 0 {
			checkActivation(t, Act(act)%SoftMax, x, int(off%17))
		}
	})
}

// checkLosses holds losses and their gradients to float64 sums.
func checkLosses(t *testing.T, seed uint64, n, off int, odd bool) {
	rng := rand.New(rand.NewPCG(seed, 2))
	y, x := newGuarded(n, off, rng, odd), newGuarded(n, off, rng, odd)
	const scale = 0.25
	for _, path := range paths(t) {
		t.Setenv("GXLAB_CPU", path)
		p := NewPool(3)
		var squares, sizes float64
		for i := range y.x {
			e := float64(y.x[i] - x.x[i])
			squares += e * e
			sizes += math.Abs(e)
		}
		for name, run := range map[string]func(d []float32) (float64, float64){
			"mse": func(d []float32) (float64, float64) { return p.MSE(y.x, x.x, d, scale), squares },
			"mae": func(d []float32) (float64, float64) { return p.MAE(y.x, x.x, d, scale), sizes },
		} {
			d := newGuarded(n, off, rng, false)
			got, want := run(d.x)
			d.whole(t, path)
			bare, _ := run(nil)
			if got != bare && got == got {
				t.Fatalf("%s %s: %v with a gradient, %v without", path, name, got, bare)
			}
			if !(math.Abs(got-want) <= 2*u*want+float64(n)*tiny) && !(math.IsNaN(got) && math.IsNaN(want)) && got != want {
				t.Fatalf("%s %s of %d: %v, want %v", path, name, n, got, want)
			}
			for i := range d.x {
				e := float64(y.x[i] - x.x[i])
				w := 2 * scale * e
				if name == "mae" {
					w = scale * math.Copysign(1, e)
					if e != e || e == 0 {
						w = e
					}
				}
				if !same(d.x[i], w, 2*u*math.Abs(w)+2*tiny) && math.Abs(e) > 2*tiny {
					t.Fatalf("%s %s: gradient of %v is %v, want %v", path, name, e, d.x[i], w)
				}
			}
		}
	}
}

// checkSteps holds the optimisers to their formulas in float64.
func checkSteps(t *testing.T, seed uint64, n, off int, rate, l1, l2 float32) {
	for _, path := range paths(t) {
		t.Setenv("GXLAB_CPU", path)
		p := NewPool(2)
		for _, name := range []string{"sgd", "momentum", "adam"} {
			rng := rand.New(rand.NewPCG(seed, 3))
			w, g, m, v := newGuarded(n, off, rng, false), newGuarded(n, off, rng, false), newGuarded(n, off, rng, false), newGuarded(n, off, rng, false)
			for i := range v.x {
				v.x[i] *= v.x[i]
			}
			w0, g0, m0, v0 := wide64(w.x), wide64(g.x), wide64(m.x), wide64(v.x)
			s := AdamStep{Rate: rate, Beta1: 0.9, Beta2: 0.999, Eps: 1e-8, C1: 0.5, C2: 0.25, L1: l1, L2: l2}
			switch name {
			case "sgd":
				p.SGD(w.x, g.x, rate, l1, l2)
			case "momentum":
				p.Momentum(w.x, g.x, m.x, rate, 0.5, l1, l2)
			case "adam":
				p.Adam(w.x, g.x, m.x, v.x, s)
			}
			for _, a := range []guarded{w, g, m, v} {
				a.whole(t, path+" "+name)
			}
			for i := range w0 {
				pen := float64(l2) * w0[i]
				if w0[i] != 0 {
					pen += float64(l1) * math.Copysign(1, w0[i])
				}
				grad := g0[i] + pen
				size := math.Abs(g0[i]) + math.Abs(float64(l2)*w0[i]) + math.Abs(float64(l1))
				var step, err float64
				switch name {
				case "sgd":
					step, err = float64(rate)*grad, float64(rate)*size
				case "momentum":
					step, err = float64(rate)*(0.5*m0[i]+grad), float64(rate)*(size+math.Abs(m0[i]))
				case "adam":
					b1, b2 := float64(float32(0.9)), float64(float32(0.999))
					mm, vv := b1*m0[i]+float64(1-float32(0.9))*grad, b2*v0[i]+float64(1-float32(0.999))*grad*grad
					down := math.Sqrt(vv/0.25) + 1e-8
					step = float64(rate) / 0.5 * mm / down
					// of the gradient's rounding above and below the line
					err = float64(rate) / 0.5 * (math.Abs(m0[i]) + size + math.Abs(mm)*size*size/(vv+1e-30)) / down
				}
				if want := w0[i] - step; !same(w.x[i], want, 12*u*(math.Abs(w0[i])+err)+4*tiny) {
					t.Fatalf("%s %s of %d at %d: %v, want %v", path, name, n, i, w.x[i], want)
				}
			}
		}
	}
}

// Tails of every length, every alignment.
func TestLossesAndStepsOfEveryLength(t *testing.T) {
	for n := 1; n <= 70; n++ {
		checkLosses(t, uint64(n), n, n%17, n%2 == 0)
		checkSteps(t, uint64(n), n, n%17, 0.01, 0.01*float32(n%2), 0.1*float32(n%3))
	}
	for _, n := range []int{1 << 14, 1<<14 + 1, 1<<15 - 1, 100003} {
		checkLosses(t, uint64(n), n, 3, false)
		checkSteps(t, uint64(n), n, 3, 0.01, 0, 0.1)
	}
}

func FuzzSteps(f *testing.F) {
	f.Add(uint64(1), uint16(33), uint8(1), float32(0.01), float32(0), float32(0.1))
	f.Add(uint64(2), uint16(16400), uint8(5), float32(1), float32(0.5), float32(0))
	f.Fuzz(func(t *testing.T, seed uint64, n uint16, off uint8, rate, l1, l2 float32) {
		in := func(x float32) bool { return x >= 0 && x <= 2 }
		if !in(rate) || !in(l1) || !in(l2) || n == 0 {
			t.Skip("settings out of use")
		}
		checkLosses(t, seed, int(n), int(off%17), off > 127)
		checkSteps(t, seed, int(n), int(off%17), rate, l1, l2)
	})
}

// Any number of threads and every rerun give the same bits.
func TestSameBits(t *testing.T) {
	const m, n, k = 61, 2113, 700
	a, b, x := random(m*k, 1), random(k*n, 2), random(m*n, 3)
	for _, path := range paths(t) {
		t.Setenv("GXLAB_CPU", path)
		var first [][]float32
		for _, threads := range []int{1, 2, 3, 7, 1} {
			p := NewPool(threads)
			var got [][]float32
			keep := func(y []float32) { got = append(got, y) }
			whole, tiles := make([]float32, m*n), make([]float32, m*n)
			p.Gemm(false, false, m, n, k, a, k, b, n, 0, whole, n)
			keep(whole)
			p.GemmEach(false, false, m, n, k, a, k, b, n, func(i0, i1, j0, j1 int, tile []float32, ld int) {
				for i := i0; i < i1; i++ {
					copy(tiles[i*n+j0:i*n+j1], tile[(i-i0)*ld:])
				}
			})
			for i := range whole {
				if whole[i] != tiles[i] {
					t.Fatalf("%s: by tiles element %d is %v, not %v", path, i, tiles[i], whole[i])
				}
			}
			y, d := make([]float32, m*n), make([]float32, m*n)
			p.BiasAct(Tanh, m, n, append([]float32(nil), whole...), b[:n], y)
			keep(y)
			keep([]float32{float32(p.MSEDelta(Tanh, y, x, d, 0.1)), float32(p.MAE(y, x, nil, 1))})
			keep(d)
			g := make([]float32, n)
			p.ColSums(m, n, d, g)
			keep(g)
			v := make([]float32, m)
			p.GemvT(n, m, x[:n], whole, v)
			keep(v)
			big := make([]float32, 90)
			p.GemvT(len(b)/90, 90, b[:len(b)/90], b, big)
			keep(big)
			w := append([]float32(nil), whole...)
			p.Adam(w, append([]float32(nil), d...), make([]float32, m*n), make([]float32, m*n), AdamStep{Rate: 0.1, Beta1: 0.9, Beta2: 0.999, Eps: 1e-8, C1: 1, C2: 1})
			keep(w)
			noise := make([]float32, m*n)
			p.Noise(1, 5, 9, x, noise)
			keep(noise)
			if first == nil {
				first = got
				continue
			}
			for i := range got {
				for j := range got[i] {
					if got[i][j] != first[i][j] {
						t.Fatalf("%s: result %d differs at %d between 1 and %d threads", path, i, j, threads)
					}
				}
			}
		}
	}
}
