package nnwork

import (
	"context"
	"runtime"
	"sync"
	"sync/atomic"
)

// each calls f for 0 … n-1 on all cores; every worker makes its own room first. What
// f writes must belong to its i alone, so that the number of cores does not matter.
func each[R any](ctx context.Context, n int, room func() R, f func(i int, r R)) error {
	workers := min(runtime.GOMAXPROCS(0), n)
	var next atomic.Int64
	var wg sync.WaitGroup
	for range workers {
		wg.Go(func() {
			r := room()
			for ctx.Err() == nil {
				i := int(next.Add(1)) - 1
				if i >= n {
					return
				}
				f(i, r)
			}
		})
	}
	wg.Wait()
	return ctx.Err()
}
