package cores

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"sync/atomic"
	"testing"
)

func threads(t *testing.T, n int) {
	was := runtime.GOMAXPROCS(n)
	t.Cleanup(func() { runtime.GOMAXPROCS(was) })
}

func TestEach(t *testing.T) {
	for _, p := range []int{1, 3, 8} {
		threads(t, p)
		for _, n := range []int{0, 1, 2, 1000} {
			calls := make([]int32, n)
			Each(n, func(i int) { atomic.AddInt32(&calls[i], 1) })
			for i, c := range calls {
				if c != 1 {
					t.Fatalf("%d threads: %d of %d was called %d times", p, i, n, c)
				}
			}
		}
	}
}

func TestDoKeepsWorkersApart(t *testing.T) {
	threads(t, 8)
	busy := make([]atomic.Bool, Workers(500))
	err := Do(context.Background(), 500, func(w, i int) error {
		if !busy[w].CompareAndSwap(false, true) {
			return fmt.Errorf("worker %d is in two calls", w)
		}
		runtime.Gosched()
		busy[w].Store(false)
		return nil
	})
	if err != nil {
		t.Error(err)
	}
}

func TestDoStops(t *testing.T) {
	threads(t, 4)
	var calls atomic.Int64
	bad := errors.New("bad")
	err := Do(context.Background(), 1_000_000, func(_, i int) error {
		calls.Add(1)
		if i == 10 {
			return bad
		}
		return nil
	})
	if err != bad || calls.Load() == 1_000_000 {
		t.Errorf("error %v after %d calls", err, calls.Load())
	}
	ctx, end := context.WithCancel(context.Background())
	err = Do(ctx, 1_000_000, func(_, i int) error { end(); return bad })
	if !errors.Is(err, context.Canceled) {
		t.Errorf("a stopped context gives %v", err)
	}
}
