package gx

import (
	"context"
	"runtime"
	"sync"

	"golang.org/x/sync/semaphore"

	"github.com/gxlab/gxlab/gx/large"
)

// room shares the machine's memory out among trainings side by side: one that
// does not fit beside the others waits for them, so that a sweep of large networks
// runs slower rather than being killed.
var room = sync.OnceValue(func() *sharedRoom {
	most, err := large.Memory()
	if err != nil {
		most = 1 << 30 // what reads GXLAB_MEMORY otherwise says what is wrong with it
	}
	most = most / 4 * 3
	return &sharedRoom{most: most, s: semaphore.NewWeighted(most)}
})

type sharedRoom struct {
	most int64
	s    *semaphore.Weighted
}

// take waits until need bytes are free and returns what gives them back, and how
// many threads a training of that need should use where each of a sweep would get
// share: so large that few fit side by side, they use the cores that the others
// cannot.
func (r *sharedRoom) take(ctx context.Context, need int64, share int) (giveBack func(), threads int, err error) {
	need = min(need, r.most)
	if err := r.s.Acquire(ctx, need); err != nil {
		return nil, 0, err
	}
	threads = share
	if fit := r.most / max(1, need); share > 0 {
		threads = max(share, runtime.GOMAXPROCS(0)/int(max(1, min(fit, 1<<20))))
	}
	return func() {
		if need > 1<<28 {
			runtime.GC() // what it held is free before the next one takes as much
		}
		r.s.Release(need)
	}, threads, nil
}
