package kernel

import (
	"context"
	"os"
	"os/signal"
	"syscall"
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
	p := NewProgress()
	v, err := recipe.Keep(ctx, p.Tell)
	p.End()
	return v, err
}
