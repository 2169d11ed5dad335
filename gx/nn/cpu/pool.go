package cpu

import (
	"os"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
	"unsafe"
)

// A Pool runs kernels on a number of threads. It holds no goroutines between
// calls; an idle Pool costs nothing.
type Pool struct {
	threads int
	k       kernels
	blas    *library // of GXLAB_BLAS, or nil
	mu      sync.Mutex
	free    [][]float32 // buffers not in use
}

// NewPool is a pool of that many threads; 0 means one per core.
func NewPool(threads int) *Pool {
	p, _ := NewPoolBLAS(threads, os.Getenv("GXLAB_BLAS"))
	return p
}

// NewPoolBLAS is NewPool with blas in place of what GXLAB_BLAS says, and a note
// where that cannot be had.
func NewPoolBLAS(threads int, blas string) (*Pool, string) {
	if threads < 1 {
		threads = runtime.GOMAXPROCS(0)
	}
	k := choose()
	k.table = newExponents()
	lib, note := openBLAS(blas)
	return &Pool{threads: threads, k: k, blas: lib}, note
}

// Threads is how many threads the pool uses.
func (p *Pool) Threads() int { return p.threads }

// Path is the instruction set the pool's kernels use: "avx512", "avx2" or
// "generic"; with "+openblas" where that makes the products.
func (p *Pool) Path() string {
	if p.blas != nil {
		return p.k.name + "+openblas"
	}
	return p.k.name
}

// Run calls f on pieces of [0, n) of grain elements, the last one shorter. The
// pieces depend on n and grain alone; which thread takes which does not matter
// to f.
func (p *Pool) Run(n, grain int, f func(lo, hi int)) {
	if n <= 0 {
		return
	}
	pieces := (n + grain - 1) / grain
	workers := min(p.threads, pieces)
	if workers <= 1 {
		for lo := 0; lo < n; lo += grain {
			f(lo, min(n, lo+grain))
		}
		return
	}
	var next atomic.Int64
	work := func() {
		for {
			i := int(next.Add(1)) - 1
			if i >= pieces {
				return
			}
			f(i*grain, min(n, (i+1)*grain))
		}
	}
	var wg sync.WaitGroup
	for range workers - 1 {
		wg.Go(work)
	}
	work()
	wg.Wait()
}

// Borrow is a buffer of n values that hold anything: the smallest of those given
// back that is large enough, or a new one.
func (p *Pool) Borrow(n int) []float32 {
	p.mu.Lock()
	defer p.mu.Unlock()
	best := -1
	for i, b := range p.free {
		if cap(b) >= n && (best < 0 || cap(b) < cap(p.free[best])) {
			best = i
		}
	}
	if best < 0 {
		return make([]float32, n)
	}
	b := p.free[best]
	p.free = slices.Delete(p.free, best, best+1)
	return b[:n]
}

// GiveBack lets others borrow the buffer.
func (p *Pool) GiveBack(b []float32) {
	p.mu.Lock()
	p.free = append(p.free, b)
	p.mu.Unlock()
}

// scratch are the small arrays that kernels are handed. A kernel is called through
// a pointer, so that arrays of the caller's would be allocated anew each time.
type scratch struct {
	edge     [14 * 32]float32   // a tile at the edge of C
	rows     [16]unsafe.Pointer // beginnings of rows
	from, to [16]float32        // the rest of a vector
	c        [8]float32         // constants
}

var scratches = sync.Pool{New: func() any { return new(scratch) }}
