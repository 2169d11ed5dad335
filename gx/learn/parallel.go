package learn

import (
	"context"
	"sync"

	"github.com/gxlab/gxlab/gx/cores"
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

// each is cores.Do that tells p, where there is one, of every call that is done.
func each(ctx context.Context, n int, p *progress, f func(worker, i int) error) error {
	return cores.Do(ctx, n, func(w, i int) error {
		if err := f(w, i); err != nil {
			return err
		}
		p.step()
		return nil
	})
}

// blocks cuts 0 … n−1 into parts of at most size.
func blocks(n, size int) int { return (n + size - 1) / size }
