package gx_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/gxlab/gxlab/datasets"
	"github.com/gxlab/gxlab/gx"
)

// A grid tries every combination once, a random search different ones; the table has
// the best first, and what is kept is not trained again.
func TestSearch(t *testing.T) {
	t.Setenv("GXLAB_STORE", t.TempDir())
	ctx := context.Background()
	whole := datasets.SimulatedAt("tiny", 2).Log2().TopVariance(60)
	base := gx.Autoencoder().Hidden(20, gx.Tanh).Start(gx.Torch).On(whole).Epochs(2).Device(gx.CPU)
	folds := datasets.SimulatedAt("tiny", 2).Log2().KFold("tissue", 2, 1)
	settings := []gx.Setting{
		gx.Try("code", gx.Training.Code, 2, 8),
		gx.Try("activation", func(t gx.Training, a gx.Activation) gx.Training { return t.Hidden(10, a) }, gx.ReLU, gx.Tanh, gx.Sigmoid),
	}
	found, err := gx.Grid(base, settings...).On(folds...).Keep(ctx, nil)
	if err != nil {
		t.Fatal(err)
	}
	if len(found.Fits) != 6 || len(found.Fits[0]) != 2 || found.Value(0, "code") != "2" || found.Value(5, "activation") != fmt.Sprint(gx.Sigmoid) {
		t.Fatalf("%d trials of %d, %v", len(found.Fits), len(found.Fits[0]), found.Value(0, "code"))
	}
	for i := range found.Fits {
		if want := found.Value(i, "code"); fmt.Sprint(found.Fits[i][0].CodeSize()) != want {
			t.Errorf("trial %d has a code of %d, not %s", i, found.Fits[i][0].CodeSize(), want)
		}
	}
	table, err := found.Table()
	if err != nil {
		t.Fatal(err)
	}
	if best := fmt.Sprintf("trial %d", found.Best()+1); table.IDs()[0] != best || !slices.Equal(table.Names(), []string{"code", "activation", "error", "se", "parameters"}) {
		t.Errorf("%v %v, best %s", table.IDs(), table.Names(), best)
	}
	began := 0
	if _, err := gx.Grid(base, settings...).On(folds...).Keep(ctx, func(what string, done, total int) {
		if strings.Contains(what, "epoch") {
			began++
		}
	}); err != nil || began > 0 {
		t.Errorf("%d epochs were trained again: %v", began, err)
	}
	for _, n := range []int{4, 99} {
		r, err := gx.RandomSearch(base, n, 7, settings...).Keep(ctx, nil)
		if err != nil {
			t.Fatal(err)
		}
		seen := map[string]bool{}
		for i := range r.Fits {
			seen[r.Value(i, "code")+r.Value(i, "activation")] = true
		}
		if len(seen) != min(n, 6) || len(r.Fits) != len(seen) {
			t.Errorf("%d trials, %d different, of %d", len(r.Fits), len(seen), n)
		}
	}
	for _, bad := range []gx.Search{gx.RandomSearch(base, 0, 1, settings...), gx.Grid(base, gx.Try("code", gx.Training.Code)), gx.Grid(base, gx.Try("code", gx.Training.Code, 0))} {
		if _, err := bad.Keep(ctx, nil); err == nil || !strings.Contains(err.Error(), "try") {
			t.Error(err)
		}
	}
}
