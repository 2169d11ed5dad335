package reduce

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"gonum.org/v1/gonum/blas"
	"gonum.org/v1/gonum/mat"
)

// turned is a symmetric matrix with those eigenvalues and random perpendicular vectors.
func turned(values []float64, seed uint64) []float64 {
	m := len(values)
	rng := rand.New(rand.NewPCG(seed, 0))
	a := mat.NewDense(m, m, nil)
	for i := range m {
		for j := range m {
			a.Set(i, j, rng.NormFloat64())
		}
	}
	var qr mat.QR
	qr.Factorize(a)
	var q mat.Dense
	qr.QTo(&q)
	u := q.RawMatrix()
	scaled := make([]float64, m*m)
	for i := range m {
		for j, v := range values {
			scaled[i*m+j] = v * u.Data[i*u.Stride+j]
		}
	}
	g := make([]float64, m*m)
	lib.Dgemm(blas.NoTrans, blas.Trans, m, m, m, 1, scaled, m, u.Data, u.Stride, 0, g, m)
	for i := range m {
		for j := range i {
			g[i*m+j] = g[j*m+i]
		}
	}
	return g
}

// The eigenvalues are those that the matrix was made of, also where they are repeated,
// as good as equal, or nothing; the vectors are perpendicular and g only scales them.
func TestLanczos(t *testing.T) {
	const m, k = 420, 12
	noise := func(i int) float64 { return rand.New(rand.NewPCG(uint64(i), 0)).Float64() }
	spectra := map[string]func(i int) float64{
		"falling":        func(i int) float64 { return 1000 / float64(i+1) },
		"flat noise":     func(i int) float64 { return 1 + noise(i) },
		"factors":        func(i int) float64 { return map[bool]float64{true: 100 - float64(i), false: 1}[i < 5] + noise(i) },
		"three times":    func(i int) float64 { return float64(50 - i/3) },
		"of rank 7":      func(i int) float64 { return max(0, 7-float64(i)) },
		"some below 0":   func(i int) float64 { return 60 - float64(i) },
		"far apart":      func(i int) float64 { return math.Pow(10, -float64(i)/2) },
		"nearly equal":   func(i int) float64 { return 10 - 1e-9*float64(i) },
		"all of a value": func(int) float64 { return 3 },
	}
	for name, f := range spectra {
		t.Run(name, func(t *testing.T) {
			want := make([]float64, m)
			for i := range want {
				want[i] = f(i)
			}
			g := turned(want, 1)
			var e mat.EigenSym
			e.Factorize(mat.NewSymDense(m, append([]float64(nil), g...)), false)
			all := e.Values(nil)
			values, vectors, ok := lanczos(g, m, k)
			if !ok {
				t.Fatal("not found")
			}
			for i, v := range values {
				if d := math.Abs(v - all[m-1-i]); d > 1e-9*values[0] {
					t.Errorf("eigenvalue %d is %v, should be %v", i, v, all[m-1-i])
				}
				y := make([]float64, m)
				times(g, m, vectors[i*m:(i+1)*m], y)
				lib.Daxpy(m, -v, vectors[i*m:], 1, y, 1)
				if r := lib.Dnrm2(m, y, 1); r > 1e-10*values[0] {
					t.Errorf("vector %d: g·v is %g from λ·v", i, r)
				}
				for j := range i + 1 {
					one := 0.0
					if i == j {
						one = 1
					}
					if d := lib.Ddot(m, vectors[i*m:], 1, vectors[j*m:], 1); math.Abs(d-one) > 1e-11 {
						t.Errorf("vectors %d and %d: product %g", i, j, d)
					}
				}
			}
		})
	}
}

// What is passed over is noticed.
func TestGreatest(t *testing.T) {
	const m = 60
	want := make([]float64, m)
	for i := range want {
		want[i] = float64(m - i)
	}
	g := turned(want, 2)
	var e mat.EigenSym
	e.Factorize(mat.NewSymDense(m, append([]float64(nil), g...)), true)
	var u mat.Dense
	e.VectorsTo(&u)
	pick := func(of ...int) (values, vectors []float64) {
		for _, i := range of {
			values = append(values, want[i])
			vectors = append(vectors, mat.Col(nil, m-1-i, &u)...)
		}
		return
	}
	for _, c := range []struct {
		of   []int
		want bool
	}{{[]int{0, 1, 2}, true}, {[]int{0, 2, 3}, false}, {[]int{1, 2}, false}, {[]int{0}, true}} {
		values, vectors := pick(c.of...)
		if got := greatest(g, m, values, vectors); got != c.want {
			t.Errorf("%v: %v", c.of, got)
		}
	}
}

func BenchmarkLeading(b *testing.B) {
	for _, m := range []int{1000, 2000, 3000} {
		x := made(m, 2*m, 40, 2, 1)
		g := dots(narrow(x, m, 2*m, means(x, m, 2*m)), m, nil, 0, 2*m)
		for _, k := range []int{30, 50} {
			b.Run(fmt.Sprintf("%d of %d", k, m), func(b *testing.B) {
				for b.Loop() {
					if _, _, ok := lanczos(g, m, k); !ok {
						b.Fatal("not found")
					}
				}
			})
		}
	}
}
