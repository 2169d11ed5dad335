package cpu

import (
	"runtime"
	"sync"
)

// A Pool runs kernels on a number of threads. It holds no goroutines between
// calls; an idle Pool costs nothing.
type Pool struct {
	threads int
	k       kernels
	mu      sync.Mutex
	free    []*packed // packing buffers not in use
}

// NewPool is a pool of that many threads; 0 means one per core.
func NewPool(threads int) *Pool {
	if threads < 1 {
		threads = runtime.GOMAXPROCS(0)
	}
	k := choose()
	k.table = newExponents()
	return &Pool{threads: threads, k: k}
}

// Threads is how many threads the pool uses.
func (p *Pool) Threads() int { return p.threads }

// Path is the instruction set the pool's kernels use: "avx512", "avx2" or
// "generic".
func (p *Pool) Path() string { return p.k.name }

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
	var wg sync.WaitGroup
	for w := 1; w < workers; w++ {
		wg.Add(1)
		go func() {
			defer wg.Done()
			for i := w * pieces / workers; i < (w+1)*pieces/workers; i++ {
				f(i*grain, min(n, (i+1)*grain))
			}
		}()
	}
	for i := range pieces / workers {
		f(i*grain, min(n, (i+1)*grain))
	}
	wg.Wait()
}
