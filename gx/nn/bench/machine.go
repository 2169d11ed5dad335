package bench

import (
	"cmp"
	"os"
	"path/filepath"
	"sort"
	"strconv"
	"strings"
	"time"

	"github.com/gxlab/gxlab/gx/nn"
	"github.com/gxlab/gxlab/gx/nn/cpu"
)

// machine measures what the machine can do: a case's products alone by OpenBLAS and
// by our own kernels, and the memory's bandwidth.
type machine struct {
	own, blas *cpu.Pool // blas is nil where there is no OpenBLAS
	note      string    // why not
	x, y      []float32
	clock     func() float64 // of products, in seconds
}

// newMachine's bandwidth goes through arrays of so many floats; 0 makes each twice
// the largest cache, and at least 256 MB.
func newMachine(threads, floats int) *machine {
	m := &machine{clock: clock(threads)}
	m.own, _ = cpu.NewPoolBLAS(threads, "")
	m.blas, m.note = cpu.NewPoolBLAS(threads, cmp.Or(os.Getenv("GXLAB_BLAS"), "openblas"))
	if m.note != "" {
		m.blas = nil
	}
	if floats == 0 {
		floats = min(1<<28, max(1<<26, lastCache()/2))
	}
	m.x, m.y = ones(floats), ones(floats)
	return m
}

// clock tells the seconds that work on so many threads takes: those on the wall, and of
// one thread those of the processor, which other work on the machine does not stretch.
func clock(threads int) func() float64 {
	if threads == 1 && processor() > 0 {
		return processor
	}
	began := time.Now()
	return func() float64 { return time.Since(began).Seconds() }
}

func ones(n int) []float32 {
	x := cpu.Make(n)
	for i := range x {
		x[i] = 1
	}
	return x
}

// lastCache is the size in bytes of the first core's largest cache, 0 where the
// system does not tell.
func lastCache() (most int) {
	files, _ := filepath.Glob("/sys/devices/system/cpu/cpu0/cache/index*/size") // the pattern is well formed
	for _, f := range files {
		b, err := os.ReadFile(f)
		if err != nil {
			continue
		}
		if kb, err := strconv.Atoi(strings.TrimSuffix(strings.TrimSpace(string(b)), "K")); err == nil {
			most = max(most, kb<<10)
		}
	}
	return most
}

// bandwidth is that of y += a·x, in GB/s: two arrays read and one written, the
// pattern of an optimiser's step.
func (m *machine) bandwidth() (float64, error) {
	began := time.Now()
	m.own.Axpy(1e-3, m.x, m.y)
	return 12 * float64(len(m.x)) / time.Since(began).Seconds() / 1e9, nil
}

func (m *machine) close() {}

// rates measures a step's products alone.
type rates struct {
	*machine
	list    []product
	a, b, c []float32
}

func (m *machine) rates(s nn.Spec, batch int) (alone, error) {
	r := &rates{machine: m}
	var most [3]int
	r.list, most = telling(s, batch)
	r.a, r.b, r.c = ones(most[0]), ones(most[1]), ones(most[2])
	return r, nil
}

// telling are a step's products but those too small to tell, and the most values of
// their three matrices.
func telling(s nn.Spec, batch int) (list []product, most [3]int) {
	all := flops(s, batch)
	for _, p := range products(s, batch) {
		if p.flops() < 0.005*all {
			continue
		}
		list = append(list, p)
		for i, n := range [3]int{p.m * p.k, p.k * p.n, p.m * p.n} {
			most[i] = max(most[i], n)
		}
	}
	return list, most
}

func (r *rates) speeds() (own, blas float64, err error) {
	own = r.ofOwn()
	if r.machine.blas != nil {
		blas = r.ofBLAS()
	}
	return own, blas, nil
}

func (r *rates) close() {}

// times are the seconds of each product by f.
func (r *rates) times(f func(q product, lda, ldb int)) (out []float64) {
	for _, q := range r.list {
		lda, ldb := q.k, q.n
		if q.ta {
			lda = q.m
		}
		if q.tb {
			ldb = q.k
		}
		began := r.clock()
		f(q, lda, ldb)
		out = append(out, r.clock()-began)
	}
	return out
}

func (r *rates) gemm(p *cpu.Pool) []float64 {
	return r.times(func(q product, lda, ldb int) {
		p.Gemm(q.ta, q.tb, q.m, q.n, q.k, r.a, lda, r.b, ldb, 0, r.c, q.n)
	})
}

// speed is that of products that take so many seconds, in GFLOP/s.
func (r *rates) speed(seconds []float64) float64 {
	n, t := 0.0, 0.0
	for i, q := range r.list {
		n += q.flops()
		t += seconds[i]
	}
	return n / t / 1e9
}

func (r *rates) ofOwn() float64 { return r.speed(r.gemm(r.own)) }

// ofBLAS is OpenBLAS's speed: of each product the faster of two ways, tiles on
// threads of ours and one call on threads of its own.
func (r *rates) ofBLAS() float64 {
	best := r.gemm(r.blas)
	whole := r.times(func(q product, lda, ldb int) {
		r.blas.GemmWhole(q.ta, q.tb, q.m, q.n, q.k, r.a, lda, r.b, ldb, r.c, q.n)
	})
	time.Sleep(200 * time.Millisecond) // its threads spin for a while
	for i, t := range whole {
		best[i] = min(best[i], t)
	}
	return r.speed(best)
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
