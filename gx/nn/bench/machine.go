package bench

import (
	"os"
	"sort"
	"time"

	"github.com/gxlab/gxlab/gx/nn"
	"github.com/gxlab/gxlab/gx/nn/cpu"
)

// machine measures what the machine can do on a case: the time of its products
// alone by OpenBLAS and by our own kernels, and the memory's bandwidth.
type machine struct {
	own, blas *cpu.Pool // blas is nil where there is no OpenBLAS
	list      []product
	a, b, c   []float32
	x, y      []float32
}

const triad = 1 << 26 // floats of each array, far beyond any cache

func newMachine(s nn.Spec, batch, threads int) *machine {
	was, set := os.LookupEnv("GXLAB_BLAS")
	os.Unsetenv("GXLAB_BLAS")
	m := &machine{own: cpu.NewPool(threads), x: ones(triad), y: ones(triad)}
	os.Setenv("GXLAB_BLAS", "openblas")
	if p := cpu.NewPool(threads); p.Path() != m.own.Path() {
		m.blas = p
	}
	os.Unsetenv("GXLAB_BLAS")
	if set {
		os.Setenv("GXLAB_BLAS", was)
	}
	all := flops(s, batch)
	var most [3]int
	for _, p := range products(s, batch) {
		if p.flops() < 0.005*all {
			continue // too small to tell
		}
		m.list = append(m.list, p)
		for i, n := range [3]int{p.m * p.k, p.k * p.n, p.m * p.n} {
			most[i] = max(most[i], n)
		}
	}
	m.a, m.b, m.c = ones(most[0]), ones(most[1]), ones(most[2])
	return m
}

func ones(n int) []float32 {
	x := cpu.Make(n)
	for i := range x {
		x[i] = 1
	}
	return x
}

// rate is the speed of the case's products by a pool, in GFLOP/s; 0 without one.
func (m *machine) rate(p *cpu.Pool) float64 {
	if p == nil {
		return 0
	}
	seconds, n := 0.0, 0.0
	for _, q := range m.list {
		lda, ldb := q.k, q.n
		if q.ta {
			lda = q.m
		}
		if q.tb {
			ldb = q.k
		}
		began := time.Now()
		p.Gemm(q.ta, q.tb, q.m, q.n, q.k, m.a, lda, m.b, ldb, 0, m.c, q.n)
		seconds += time.Since(began).Seconds()
		n += q.flops()
	}
	return n / seconds / 1e9
}

// bandwidth is that of y += a·x, in GB/s: two arrays read and one written, the
// pattern of an optimiser's step.
func (m *machine) bandwidth() float64 {
	began := time.Now()
	m.own.Axpy(1e-3, m.x, m.y)
	return 12 * triad / time.Since(began).Seconds() / 1e9
}

// middle is the median, and the least and greatest.
func middle(x []float64) (mid, least, most float64) {
	if len(x) == 0 {
		return 0, 0, 0
	}
	s := append([]float64(nil), x...)
	sort.Float64s(s)
	n := len(s)
	return (s[(n-1)/2] + s[n/2]) / 2, s[0], s[n-1]
}
