package gx_test

import (
	"context"
	"slices"
	"testing"

	"github.com/gxlab/gxlab/datasets"
	"github.com/gxlab/gxlab/gx"
)

// Data larger than memory is made, kept and learned from through the disk, with the
// same numbers to the last bit.
func TestLargerThanMemory(t *testing.T) {
	type found struct {
		values, weights, codes []float32
		errors                 []float64
	}
	run := func(memory string, batch int) (f found) {
		t.Setenv("GXLAB_STORE", t.TempDir())
		t.Setenv("GXLAB_MEMORY", memory)
		ctx := context.Background()
		cohort := datasets.SimulatedAt("tiny", 3).Log2().QuantileNormalise().Split("tissue", 75, 25).TopVariance(200).Standardise()
		set, err := cohort.Keep(ctx, nil)
		if err != nil {
			t.Fatal(err)
		}
		a := gx.Autoencoder().Hidden(20, gx.Tanh).Code(6).Start(gx.Torch).On(cohort).Batch(batch).Epochs(3).Device("cpu")
		if batch > 1 {
			a = a.ChooseEpochs(0.2)
		}
		fit, err := a.Keep(ctx, nil)
		if err != nil {
			t.Fatal(err)
		}
		codes, err := fit.Encode(set.Test())
		if err != nil {
			t.Fatal(err)
		}
		errors, err := fit.Errors(set.Test())
		if err != nil {
			t.Fatal(err)
		}
		return found{set.Data().Data, fit.Net().Params(), codes.Data, errors}
	}
	for _, batch := range []int{16, 1} {
		with, without := run("8GiB", batch), run("100kB", batch)
		if !slices.Equal(with.values, without.values) || !slices.Equal(with.weights, without.weights) ||
			!slices.Equal(with.codes, without.codes) || !slices.Equal(with.errors, without.errors) {
			t.Errorf("batch %d: other numbers through the disk", batch)
		}
	}
}
