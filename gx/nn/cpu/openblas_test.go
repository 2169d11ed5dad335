//go:build (linux || darwin) && (amd64 || arm64)

package cpu

import (
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"testing"
)

// withBLAS is a pool that multiplies by OpenBLAS; the test is skipped where there
// is none.
func withBLAS(t *testing.T, threads int) *Pool {
	t.Helper()
	t.Setenv("GXLAB_BLAS", "openblas")
	p := NewPool(threads)
	if p.blas == nil {
		_, note := Path()
		t.Skip(note)
	}
	return p
}

// Through OpenBLAS products are those of our kernels, to rounding, in all four
// transpositions, added or not, whole or by tiles; the bits are the same on any
// number of threads.
func TestOpenBLAS(t *testing.T) {
	p := withBLAS(t, 2)
	t.Setenv("GXLAB_BLAS", "")
	own := NewPool(1)
	if own.blas != nil {
		t.Fatal("a pool uses OpenBLAS unasked")
	}
	rng := rand.New(rand.NewPCG(1, 2))
	fill := func(n int) []float32 {
		x := make([]float32, n)
		for i := range x {
			x[i] = float32(rng.NormFloat64())
		}
		return x
	}
	threads := [2]int{1, 3}
	for _, s := range [][3]int{{1, 1, 1}, {1, 5, 3}, {5, 1, 3}, {4, 6, 1}, {7, 1300, 33}, {1300, 7, 33}, {65, 66, 67}, {513, 40, 12}} {
		m, n, k := s[0], s[1], s[2]
		a, b := fill(m*k), fill(k*n)
		for _, ta := range []bool{false, true} {
			for _, tb := range []bool{false, true} {
				lda, ldb := k, n
				if ta {
					lda = m
				}
				if tb {
					ldb = k
				}
				for _, beta := range []float32{0, 1, 0.5} {
					start := fill(m * n)
					want, got, again := clone(start), clone(start), clone(start)
					own.Gemm(ta, tb, m, n, k, a, lda, b, ldb, beta, want, n)
					p.Gemm(ta, tb, m, n, k, a, lda, b, ldb, beta, got, n)
					withBLAS(t, threads[0]).Gemm(ta, tb, m, n, k, a, lda, b, ldb, beta, again, n)
					threads[0], threads[1] = threads[1], threads[0]
					tol := float64(k+2) * 6e-8 * 12 // k terms of size about 1, rounded to 2⁻²⁴, some a few deviations large
					for i := range want {
						if d := math.Abs(float64(got[i] - want[i])); !(d <= tol) {
							t.Fatalf("%v %v %v beta %v, element %d: %v, ours %v", s, ta, tb, beta, i, got[i], want[i])
						}
						if got[i] != again[i] {
							t.Fatalf("%v: 2 and %d threads differ at %d", s, threads[1], i)
						}
					}
				}
				whole, tiles := make([]float32, m*n), make([]float32, m*n)
				p.Gemm(ta, tb, m, n, k, a, lda, b, ldb, 0, whole, n)
				p.GemmEach(ta, tb, m, n, k, a, lda, b, ldb, func(i0, i1, j0, j1 int, tile []float32, ld int) {
					for i := i0; i < i1; i++ {
						copy(tiles[i*n+j0:i*n+j1], tile[(i-i0)*ld:])
					}
				})
				for i := range whole {
					if math.Abs(float64(whole[i]-tiles[i])) > float64(k+2)*6e-8*12 {
						t.Fatalf("%v %v %v: tile element %d is %v, not %v", s, ta, tb, i, tiles[i], whole[i])
					}
				}
			}
		}
	}
}

// Every OpenBLAS there is, whether it runs threads of its own, OpenMP's or none,
// serves many callers at once and gives each the same bits.
func TestOpenBLASAtOnce(t *testing.T) {
	const m, n, k = 300, 400, 500
	a, b, want := make([]float32, m*k), make([]float32, k*n), make([]float32, m*n)
	rng := rand.New(rand.NewPCG(1, 2))
	for _, x := range [][]float32{a, b} {
		for i := range x {
			x[i] = float32(rng.NormFloat64())
		}
	}
	found := 0
	for _, place := range blasPlaces() {
		one, note := NewPoolBLAS(1, place)
		if note != "" {
			continue
		}
		found++
		one.Gemm(false, false, m, n, k, a, k, b, n, 0, want, n)
		var wg sync.WaitGroup
		for range 20 {
			wg.Go(func() {
				p, _ := NewPoolBLAS(2, place)
				got := make([]float32, m*n)
				p.Gemm(false, false, m, n, k, a, k, b, n, 0, got, n)
				if !slices.Equal(got, want) {
					t.Errorf("%s: two callers differ", place)
				}
			})
		}
		wg.Wait()
		whole := make([]float32, m*n)
		if !one.GemmWhole(false, false, m, n, k, a, k, b, n, whole, n) || math.Abs(float64(whole[7]-want[7])) > (k+2)*6e-8*12 {
			t.Errorf("%s: one call gives %v, tiles %v", place, whole[7], want[7])
		}
	}
	if found == 0 {
		t.Skip("there is no OpenBLAS here")
	}
}

func TestOpenBLASNotFound(t *testing.T) {
	t.Setenv("GXLAB_BLAS", "/nowhere/libopenblas.so")
	name, note := Path()
	if strings.Contains(name, "openblas") || !strings.Contains(note, "Try: apt install") {
		t.Errorf("path %s, note %q", name, note)
	}
	if NewPool(1).blas != nil {
		t.Error("a library that is not there was opened")
	}
}

func clone(x []float32) []float32 { return append([]float32(nil), x...) }
