package kernel

import (
	"context"
	"os"
	"os/signal"
	"syscall"
	"time"
)

// Keep makes what the recipe describes, or reads it where it is kept already. A
// cohort gives its set, a training its fitted network, and so on.
//
//	fit, err := kernel.Keep(gx.Autoencoder().On(cohort()))
//
// Progress is shown while it works. An interrupt (the notebook's stop button)
// ends it at the next step; training then goes on from there the next time.
func Keep[T any](recipe interface {
	Keep(ctx context.Context, tell func(what string, done, total int)) (T, error)
}) (T, error) {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	ctx, cancel := orphaned(ctx)
	defer cancel()
	p := NewProgress()
	v, err := recipe.Keep(ctx, p.Tell)
	p.End()
	return v, err
}

// orphaned is a context that also ends when the process that started this one is
// gone: a cell whose kernel was killed saves its work and ends too.
func orphaned(ctx context.Context) (context.Context, context.CancelFunc) {
	ctx, cancel := context.WithCancel(ctx)
	if !inNotebook() {
		return ctx, cancel
	}
	parent := os.Getppid()
	go func() {
		t := time.NewTicker(500 * time.Millisecond)
		defer t.Stop()
		for {
			select {
			case <-ctx.Done():
				return
			case <-t.C:
				if os.Getppid() != parent {
					cancel()
				}
			}
		}
	}()
	return ctx, cancel
}
