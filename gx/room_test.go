package gx

import (
	"context"
	"runtime"
	"testing"
	"time"

	"golang.org/x/sync/semaphore"
)

// Two that fit run side by side, a third waits; one that is larger than all runs
// alone, with all cores.
func TestRoom(t *testing.T) {
	r := &sharedRoom{most: 100, s: semaphore.NewWeighted(100)}
	ctx := context.Background()
	a, threads, err := r.take(ctx, 40, 1)
	if want := max(1, runtime.GOMAXPROCS(0)/2); err != nil || threads != want {
		t.Fatal(threads, want, err)
	}
	b, _, err := r.take(ctx, 40, 1)
	if err != nil {
		t.Fatal(err)
	}
	short, cancel := context.WithTimeout(ctx, 20*time.Millisecond)
	defer cancel()
	if _, _, err := r.take(short, 40, 1); err == nil {
		t.Error("a third of 40 fits into 100")
	}
	a()
	b()
	all, threads, err := r.take(ctx, 1000, 1)
	if err != nil || threads != runtime.GOMAXPROCS(0) {
		t.Error(threads, err)
	}
	all()
	if _, threads, _ := r.take(ctx, 10, 0); threads != 0 {
		t.Errorf("a training alone is told to use %d threads", threads)
	}
}
