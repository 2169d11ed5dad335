package cpu

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"
)

// paths are the instruction sets this processor has.
func paths(t testing.TB) []string {
	var out []string
	for _, n := range []string{"generic", "avx2", "avx512"} {
		t.Setenv("GXLAB_CPU", n)
		if got := NewPool(1).Path(); got == n {
			out = append(out, n)
		} else {
			t.Logf("path %s is not tried: this processor lacks it", n)
		}
	}
	return out
}

func random(n int, seed uint64) []float32 {
	r := rand.New(rand.NewPCG(seed, 1))
	x := make([]float32, n)
	for i := range x {
		x[i] = float32(r.NormFloat64())
	}
	return x
}

// Each path against float64 sums, on sizes with tails of every kind, unaligned.
func TestGemm(t *testing.T) {
	sizes := [][3]int{{1, 1, 1}, {14, 32, 4}, {13, 31, 7}, {15, 33, 385}, {3, 200, 17}, {200, 3, 50}, {64, 2000, 30}, {337, 61, 13}, {29, 2100, 5}, {1700, 3, 2}, {5, 7, 0}}
	for _, path := range paths(t) {
		t.Setenv("GXLAB_CPU", path)
		one, three := NewPool(1), NewPool(3)
		for _, s := range sizes {
			m, n, k := s[0], s[1], s[2]
			for tt := range 4 {
				ta, tb := tt&1 == 1, tt&2 == 2
				lda, ldb := k, n
				if ta {
					lda = m
				}
				if tb {
					ldb = k
				}
				a, b, c0 := random(m*k+1, 1)[1:], random(k*n+1, 2)[1:], random(m*n+1, 3)[1:]
				c, c3 := append([]float32(nil), c0...), append([]float32(nil), c0...)
				one.Gemm(ta, tb, m, n, k, a, lda, b, ldb, 0.5, c, n)
				three.Gemm(ta, tb, m, n, k, a, lda, b, ldb, 0.5, c3, n)
				for i := range m {
					for j := range n {
						want, size := 0.5*float64(c0[i*n+j]), math.Abs(float64(c0[i*n+j]))
						for q := range k {
							x, y := a[min(i*lda+q, len(a)-1)], b[min(q*ldb+j, len(b)-1)]
							if ta {
								x = a[q*lda+i]
							}
							if tb {
								y = b[j*ldb+q]
							}
							want += float64(x) * float64(y)
							size += math.Abs(float64(x) * float64(y))
						}
						if got := float64(c[i*n+j]); math.Abs(got-want) > 1e-6*(size+1e-3) {
							t.Fatalf("%s %v ta %v tb %v: c[%d][%d] = %v, want %v", path, s, ta, tb, i, j, got, want)
						}
						if c3[i*n+j] != c[i*n+j] {
							t.Fatalf("%s %v: 1 and 3 threads differ", path, s)
						}
					}
				}
			}
		}
	}
}

func TestVectorKernels(t *testing.T) {
	for _, path := range paths(t) {
		t.Setenv("GXLAB_CPU", path)
		k := NewPool(1).k
		for n := 1; n < 200; n++ {
			x, y := random(n+1, 4)[1:], random(n+1, 5)[1:]
			want, size := 0.0, 0.0
			for i := range x {
				want += float64(x[i]) * float64(y[i])
				size += math.Abs(float64(x[i]) * float64(y[i]))
			}
			if got := k.dot(int64(n), &x[0], &y[0]); math.Abs(float64(got)-want) > 1e-6*size {
				t.Fatalf("%s dot of %d: %v, want %v", path, n, got, want)
			}
			z := append([]float32(nil), y...)
			if got := k.dotAxpy(int64(n), 0.3, &x[0], &z[0]); math.Abs(float64(got)-want) > 1e-6*size {
				t.Fatalf("%s dotAxpy of %d: %v, want %v", path, n, got, want)
			}
			for i := range x {
				if w := float64(y[i]) + 0.3*float64(x[i]); math.Abs(float64(z[i])-w) > 1e-6*(1+math.Abs(w)) {
					t.Fatalf("%s dotAxpy of %d at %d: %v, want %v", path, n, i, z[i], w)
				}
			}
			z = append(z[:0], y...)
			k.axpy(int64(n), 0.3, &x[0], &z[0])
			for i := range x {
				if w := float64(y[i]) + 0.3*float64(x[i]); math.Abs(float64(z[i])-w) > 1e-6*(1+math.Abs(w)) {
					t.Fatalf("%s axpy of %d at %d: %v, want %v", path, n, i, z[i], w)
				}
			}
		}
	}
}

func TestAdam(t *testing.T) {
	for _, path := range paths(t) {
		t.Setenv("GXLAB_CPU", path)
		p := NewPool(2)
		for _, n := range []int{1, 15, 16, 17, 63, 70001} {
			w, g, m, v := random(n, 1), random(n, 2), random(n, 3), random(n, 4)
			for i := range v {
				v[i] = v[i] * v[i]
			}
			w0, m0, v0 := append([]float32(nil), w...), append([]float32(nil), m...), append([]float32(nil), v...)
			s := AdamStep{Rate: 0.01, Beta1: 0.9, Beta2: 0.999, Eps: 1e-8, C1: 0.5, C2: 0.25, L2: 0.1}
			p.Adam(w, g, m, v, s)
			for i := range w {
				gg := float64(g[i]) + 0.1*float64(w0[i])
				mm := 0.9*float64(m0[i]) + 0.1*gg
				vv := 0.999*float64(v0[i]) + 0.001*gg*gg
				want := float64(w0[i]) - 0.01*(mm/0.5)/(math.Sqrt(vv/0.25)+1e-8)
				if math.Abs(float64(w[i])-want) > 1e-5*(1+math.Abs(want)) {
					t.Fatalf("%s n %d at %d: %v, want %v", path, n, i, w[i], want)
				}
			}
		}
	}
}

func TestBackRank1(t *testing.T) {
	for _, path := range paths(t) {
		t.Setenv("GXLAB_CPU", path)
		p := NewPool(3)
		k, n := 37, 4111
		x, w, d := random(k, 1), random(k*n, 2), random(n, 3)
		w0 := append([]float32(nil), w...)
		dx := make([]float32, k)
		p.BackRank1(k, n, x, w, d, dx, 0.01, 0, 0)
		for i := range k {
			want := 0.0
			for j := range n {
				want += float64(w0[i*n+j]) * float64(d[j])
				if u := float64(w0[i*n+j]) - 0.01*float64(x[i])*float64(d[j]); math.Abs(float64(w[i*n+j])-u) > 1e-6*(1+math.Abs(u)) {
					t.Fatalf("%s weight %d,%d: %v, want %v", path, i, j, w[i*n+j], u)
				}
			}
			if math.Abs(float64(dx[i])-want) > 1e-3 {
				t.Fatalf("%s dx %d: %v, want %v", path, i, dx[i], want)
			}
		}
		y := make([]float32, n)
		p.GemvT(k, n, x, w0, y)
		for j := range n {
			want := 0.0
			for i := range k {
				want += float64(x[i]) * float64(w0[i*n+j])
			}
			if math.Abs(float64(y[j])-want) > 1e-4 {
				t.Fatalf("%s y %d: %v, want %v", path, j, y[j], want)
			}
		}
	}
}

// Activations against math in float64, over their whole range.
func TestActivations(t *testing.T) {
	sig := func(x float64) float64 { return 1 / (1 + math.Exp(-x)) }
	want := map[Act]func(float64) float64{
		Linear: func(x float64) float64 { return x }, ReLU: func(x float64) float64 { return math.Max(0, x) },
		LeakyReLU: func(x float64) float64 { return math.Max(0.2*x, x) }, Swish: func(x float64) float64 { return x * sig(x) },
		Sigmoid: sig, LogSigmoid: func(x float64) float64 { return math.Min(x, 0) - math.Log1p(math.Exp(-math.Abs(x))) },
		Tanh: math.Tanh, SoftPlus: func(x float64) float64 { return math.Max(x, 0) + math.Log1p(math.Exp(-math.Abs(x))) },
		SoftShrink: func(x float64) float64 { return math.Max(x-0.5, 0) + math.Min(x+0.5, 0) },
	}
	for _, path := range paths(t) {
		t.Setenv("GXLAB_CPU", path)
		p := NewPool(2)
		for act, f := range want {
			var z []float32
			for x := -100.0; x <= 100; x += 0.0137 {
				z = append(z, float32(x), float32(x/1000))
			}
			y := make([]float32, len(z))
			p.BiasAct(act, 1, len(z), z, nil, y)
			d := make([]float32, len(z))
			for i := range d {
				d[i] = 1
			}
			p.ActGrad(act, 1, len(z), z, y, d)
			for i, x := range z {
				w := f(float64(x))
				if math.Abs(float64(y[i])-w) > 4e-7*math.Abs(w)+1e-12 && !(math.Abs(w) < 1e-37) {
					t.Fatalf("%s %v(%v) = %v, want %v", path, act, x, y[i], w)
				}
				h := 1e-6 * math.Max(1, math.Abs(float64(x)))
				if g := (f(float64(x)+h) - f(float64(x)-h)) / (2 * h); math.Abs(float64(d[i])-g) > 1e-5 && math.Abs(math.Abs(float64(x))-0.5) > 1e-3 && math.Abs(float64(x)) > 1e-4 {
					t.Fatalf("%s %v'(%v) = %v, want %v", path, act, x, d[i], g)
				}
			}
		}
		nan := []float32{float32(math.NaN())}
		for act := range want {
			if act == ReLU { // max(NaN, 0) is NaN in Go
				continue
			}
			y := make([]float32, 1)
			p.BiasAct(act, 1, 1, append([]float32(nil), nan...), nil, y)
			if y[0] == y[0] {
				t.Errorf("%s %v(NaN) = %v", path, act, y[0])
			}
		}
	}
}

func TestRandomMoments(t *testing.T) {
	p := NewPool(2)
	x, y, mask := make([]float32, 1<<17), make([]float32, 1<<17), make([]float32, 1<<17)
	p.Noise(2, 7, 0, x, y)
	s, q := 0.0, 0.0
	for _, v := range y {
		s += float64(v)
		q += float64(v) * float64(v)
	}
	n := float64(len(y))
	// six standard errors of the mean and of the variance of 2¹⁷ normal values
	if math.Abs(s/n) > 6*2/math.Sqrt(n) || math.Abs(q/n-4) > 6*4*math.Sqrt(2/n) {
		t.Errorf("noise: mean %v, variance %v", s/n, q/n)
	}
	for i := range x {
		x[i] = 1
	}
	p.Dropout(0.9, 7, 0, x, y, mask)
	kept := 0.0
	for _, v := range y {
		if v != 0 {
			kept++
		}
	}
	if math.Abs(kept/n-0.9) > 6*math.Sqrt(0.09/n) {
		t.Errorf("kept %v", kept/n)
	}
	z := make([]float32, len(y))
	NewPool(1).Dropout(0.9, 7, 0, x, z, mask)
	for i := range z {
		if z[i] != y[i] {
			t.Fatal("dropout depends on the threads")
		}
	}
}

func BenchmarkGemm(b *testing.B) {
	for _, s := range [][3]int{{64, 200, 2000}, {64, 2000, 200}, {780, 2000, 20184}, {780, 20184, 2000}, {256, 512, 20000}} {
		m, n, k := s[0], s[1], s[2]
		p := NewPool(0)
		x, y, c := random(m*k, 1), random(k*n, 2), make([]float32, m*n)
		b.Run(fmt.Sprintf("%dx%dx%d", m, n, k), func(b *testing.B) {
			for b.Loop() {
				p.Gemm(false, false, m, n, k, x, k, y, n, 0, c, n)
			}
			b.ReportMetric(2*float64(m)*float64(n)*float64(k)*float64(b.N)/b.Elapsed().Seconds()/1e9, "GFLOP/s")
		})
	}
}

func BenchmarkLogSigmoid(b *testing.B) {
	const rows, n = 64, 2000
	for _, path := range paths(b) {
		b.Setenv("GXLAB_CPU", path)
		p := NewPool(1)
		z, y := random(rows*n, 1), make([]float32, rows*n)
		b.Run(path, func(b *testing.B) {
			b.SetBytes(8 * rows * n)
			for b.Loop() {
				p.BiasAct(LogSigmoid, rows, n, z, nil, y)
			}
		})
	}
}

// A value's activation and derivative do not depend on its place in the row, on
// the threads or on y being z.
func TestExponentialsByPlace(t *testing.T) {
	inf := float32(math.Inf(1))
	for _, path := range paths(t) {
		t.Setenv("GXLAB_CPU", path)
		one, three := NewPool(1), NewPool(3)
		for _, act := range []Act{Sigmoid, LogSigmoid} {
			for n := 1; n < 70; n++ {
				z := random(501*n+1, uint64(n))[1:]
				y, y3 := make([]float32, len(z)), append([]float32(nil), z...)
				one.BiasAct(act, 501, n, z, nil, y)
				three.BiasAct(act, 501, n, y3, nil, y3)
				d, d3 := random(len(z), 2), random(len(z), 2)
				one.ActGrad(act, 501, n, nil, y, d)
				three.ActGrad(act, 501, n, nil, y3, d3)
				for i := range z {
					alone := []float32{z[i]}
					one.BiasAct(act, 1, 1, alone, nil, alone)
					if y[i] != alone[0] || y[i] != y3[i] || d[i] != d3[i] {
						t.Fatalf("%s %v, rows of %d, value %d: %v alone %v, 3 threads %v; derivative %v, %v", path, act, n, i, y[i], alone[0], y3[i], d[i], d3[i])
					}
				}
			}
			far := []float32{inf, -inf}
			one.BiasAct(act, 1, 2, far, nil, far)
			want := []float32{1, 0}
			if act == LogSigmoid {
				want = []float32{0, -inf}
			}
			for i, w := range want {
				if far[i] != w && math.Abs(float64(far[i]-w)) > 1e-37 {
					t.Errorf("%s %v of %v infinity: %v, want %v", path, act, 1-2*i, far[i], w)
				}
			}
		}
	}
}
