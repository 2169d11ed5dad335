package gx

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"runtime"
	"strings"
	"sync"

	"golang.org/x/sync/semaphore"
)

// room shares the machine's memory out among trainings side by side: one that
// does not fit beside the others waits for them, so that a sweep of large networks
// runs slower rather than being killed.
var room = sync.OnceValue(func() *sharedRoom {
	most := freeMemory() / 4 * 3
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

// freeMemory is what the system can still give, or a large number where it does
// not say.
func freeMemory() int64 {
	const unknown = 1 << 60
	f, err := os.Open("/proc/meminfo")
	if err != nil {
		return unknown
	}
	defer f.Close()
	for s := bufio.NewScanner(f); s.Scan(); {
		var kb int64
		if rest, ok := strings.CutPrefix(s.Text(), "MemAvailable:"); ok {
			if _, err := fmt.Sscan(rest, &kb); err == nil && kb > 0 {
				return kb << 10
			}
		}
	}
	return unknown
}
