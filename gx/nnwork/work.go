package nnwork

import (
	"context"

	"github.com/gxlab/gxlab/gx/cores"
)

// each calls f for 0 … n-1 on all cores; every worker makes its own room first.
func each[R any](ctx context.Context, n int, room func() R, f func(i int, r R)) error {
	rooms := make([]*R, cores.Workers(n))
	return cores.Do(ctx, n, func(w, i int) error {
		if rooms[w] == nil {
			r := room()
			rooms[w] = &r
		}
		f(i, *rooms[w])
		return nil
	})
}
