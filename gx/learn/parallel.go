package learn

import (
	"context"
	"runtime"
	"sync"
	"sync/atomic"
)

// progress counts finished parts and tells of them one at a time, in rising order.
type progress struct {
	mu    sync.Mutex
	tell  func(what string, done, total int)
	what  string
	done  int
	total int
}

func (p *progress) step() {
	if p == nil || p.tell == nil {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.done++
	p.tell(p.what, p.done, p.total)
}

// each calls f(worker, i) for i from 0 to n−1 over the cores. No two calls at one time
// have the same worker, so that workers can keep room to work in. It stops early when
// ctx ends or a call fails, and returns the error of the lowest i among those seen.
func each(ctx context.Context, n int, p *progress, f func(worker, i int) error) error {
	workers := max(1, min(runtime.GOMAXPROCS(0), n))
	var next atomic.Int64
	var stop atomic.Bool
	var mu sync.Mutex
	var failed error
	at := n
	var wg sync.WaitGroup
	for w := range workers {
		wg.Go(func() {
			for !stop.Load() && ctx.Err() == nil {
				i := int(next.Add(1)) - 1
				if i >= n {
					return
				}
				if err := f(w, i); err != nil {
					mu.Lock()
					if i < at {
						at, failed = i, err
					}
					mu.Unlock()
					stop.Store(true)
					return
				}
				p.step()
			}
		})
	}
	wg.Wait()
	if err := ctx.Err(); err != nil {
		return err
	}
	return failed
}

// workers is how many different workers each has at most.
func workers(n int) int { return max(1, min(runtime.GOMAXPROCS(0), n)) }

// blocks cuts 0 … n−1 into parts of at most size.
func blocks(n, size int) int { return (n + size - 1) / size }
