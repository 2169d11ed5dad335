package prep

import (
	"runtime"
	"sync"
)

// Rows calls f for every row, on all cores. f works on its own row alone, so
// that the result does not depend on their number.
func Rows(n int, f func(i int)) {
	workers := min(runtime.GOMAXPROCS(0), n)
	if workers <= 1 {
		for i := range n {
			f(i)
		}
		return
	}
	var wg sync.WaitGroup
	for w := range workers {
		wg.Go(func() {
			for i := w; i < n; i += workers {
				f(i)
			}
		})
	}
	wg.Wait()
}
