// Package cores gives independent work out to the processor's cores.
package cores

import (
	"context"
	"runtime"
	"sync"
	"sync/atomic"
)

// Workers is how many of n pieces of work are done at one time: as many as GOMAXPROCS
// says, at most n, at least one.
func Workers(n int) int { return max(1, min(runtime.GOMAXPROCS(0), n)) }

// Each calls f(0) … f(n−1) over the cores, in no order, and returns when all are done.
// What f writes must belong to its i alone, so that the number of cores does not matter.
func Each(n int, f func(i int)) {
	if Workers(n) == 1 {
		for i := range n {
			f(i)
		}
		return
	}
	Do(context.Background(), n, func(_, i int) error { f(i); return nil })
}

// Do calls f(worker, i) for i from 0 to n−1 over the cores, in no order. No two calls at
// one time have the same worker, a number below Workers(n), so that a worker can keep
// room to work in. It stops early when ctx ends or a call fails: the error is ctx's, else
// that of the lowest i among the calls that failed.
func Do(ctx context.Context, n int, f func(worker, i int) error) error {
	var next atomic.Int64
	var stop atomic.Bool
	var mu sync.Mutex
	var failed error
	at := n
	var wg sync.WaitGroup
	for w := range Workers(n) {
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
			}
		})
	}
	wg.Wait()
	if err := ctx.Err(); err != nil {
		return err
	}
	return failed
}
