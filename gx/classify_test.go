package gx_test

import (
	"context"
	"math"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/gxlab/gxlab/datasets"
	"github.com/gxlab/gxlab/gx"
	"github.com/gxlab/gxlab/gx/stats"
)

// A network with a classifier tells tissues of samples it has not seen, and still
// does when it was written to a file.
func TestClassify(t *testing.T) {
	t.Setenv("GXLAB_STORE", t.TempDir())
	ctx := context.Background()
	cohort := datasets.SimulatedAt("tiny", 2).Log2().QuantileNormalise().Split("tissue", 75, 25).MinMax()
	recipe := gx.Autoencoder().Hidden(64, gx.LeakyReLU).Code(12).On(cohort).Adam(1e-3).Epochs(100).Device(gx.CPU)
	set, err := cohort.Keep(ctx, nil)
	if err != nil {
		t.Fatal(err)
	}
	truth, err := set.Test().Labels("tissue")
	if err != nil {
		t.Fatal(err)
	}
	for _, width := range [][]int{nil, {20}} {
		fit, err := recipe.Classify("tissue", 1, width...).Keep(ctx, nil)
		if err != nil {
			t.Fatal(err)
		}
		if fit.Label() != "tissue" || len(fit.Classes()) != 16 || !slices.IsSorted(fit.Classes()) {
			t.Fatalf("%q: %v", fit.Label(), fit.Classes())
		}
		p, err := fit.Classify(set.Test())
		if err != nil {
			t.Fatal(err)
		}
		wrong := 0
		for i, l := range p.Labels() {
			if l != truth[i] {
				wrong++
			}
			sum := 0.0
			for _, v := range p.Row(i) {
				sum += float64(v)
			}
			if math.Abs(sum-1) > 1e-5 {
				t.Fatalf("probabilities of sample %d add to %v", i, sum)
			}
		}
		c := fit.Curve()
		if share := float64(wrong) / float64(len(truth)); share > 0.2 || math.Abs(share-c[len(c)-1].ValidWrong) > 1e-9 {
			t.Errorf("%d of %d wrong; the curve says %v", wrong, len(truth), c[len(c)-1].ValidWrong)
		}
		path := filepath.Join(t.TempDir(), "net")
		if err := fit.Save(path); err != nil {
			t.Fatal(err)
		}
		again, err := gx.OpenFitted(path)
		if err != nil {
			t.Fatal(err)
		}
		q, err := again.Classify(set.Test())
		if err != nil || !slices.Equal(p.Data, q.Data) {
			t.Errorf("a file of it classifies otherwise: %v", err)
		}
	}
	plain, err := recipe.Keep(ctx, nil)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := plain.Classify(set); err == nil || !strings.Contains(err.Error(), "Classify(") {
		t.Error(err)
	}
}

func TestClassifyRefuses(t *testing.T) {
	t.Setenv("GXLAB_STORE", t.TempDir())
	r := gx.Autoencoder().On(datasets.SimulatedAt("tiny", 2).Log2().Split("tissue", 75, 25)).Epochs(1).Device(gx.CPU)
	for what, r := range map[string]gx.Training{
		"no label": r.Classify("", 1), "the weight": r.Classify("tissue", 0), "hidden layer": r.Classify("tissue", 1, 3, 3),
		"0 units": r.Classify("tissue", 1, 0), "organ": r.Classify("organ", 1),
	} {
		if _, err := r.Keep(context.Background(), nil); err == nil || !strings.Contains(err.Error(), what) || !strings.Contains(err.Error(), "try") {
			t.Errorf("%s: %v", what, err)
		}
	}
}

// Noise has its size in the units of the last step, and its seed.
func TestNoisy(t *testing.T) {
	t.Setenv("GXLAB_STORE", t.TempDir())
	set, err := datasets.SimulatedAt("tiny", 2).Log2().QuantileNormalise().Split("tissue", 75, 25).MinMax().Keep(context.Background(), nil)
	if err != nil {
		t.Fatal(err)
	}
	a, b := set.Test().Noisy(0.1, 1), set.Test().Noisy(0.1, 1)
	clean, noisy := set.Test().Values(), a.Values()
	var by []float64
	for i := range clean.Data {
		by = append(by, float64(noisy.Data[i]-clean.Data[i]))
	}
	if sd := stats.SD(by); math.Abs(sd-0.1) > 0.002 || math.Abs(stats.Mean(by)) > 0.002 {
		t.Errorf("noise of %v ± %v", stats.Mean(by), sd)
	}
	if !slices.Equal(a.Data().Data, b.Data().Data) || slices.Equal(a.Data().Data, set.Test().Noisy(0.1, 2).Data().Data) {
		t.Error("noise does not depend on the seed alone")
	}
}
