package gx_test

import (
	"context"
	"fmt"
	"math"
	"strings"
	"testing"

	"github.com/gxlab/gxlab/datasets"
	"github.com/gxlab/gxlab/gx"
	"github.com/gxlab/gxlab/gx/gxtest"
)

// cells are simulated counts, logged and scaled.
func cells(seed uint64) gx.Cohort {
	return counts(seed).NormaliseTotal(1e4).Ln1p().Scale(10)
}

func counts(seed uint64) gx.Cohort {
	return datasets.SimulatedCells("tiny", seed).Cohort().Split("type", 80, 20).Seed(seed)
}

func vae(l gx.Likelihood, c gx.Cohort) gx.Training {
	return gx.VAE().Hidden(16, gx.ReLU).Code(4).Likelihood(l).On(c).Batch(32).Epochs(8).Device(gx.CPU)
}

func digest(f *gx.Fitted) (string, error) {
	return fmt.Sprint(f.Curve(), f.Net().Params()[:50]), nil
}

// Each likelihood trains to a better ELBO on held-out cells, and passes the contract.
func TestVAE(t *testing.T) {
	for l, c := range map[gx.Likelihood]gx.Cohort{gx.Normal: cells(1), gx.NegativeBinomial: counts(1), gx.ZeroInflated: counts(1)} {
		t.Run(string(l), func(t *testing.T) {
			gxtest.Store(t)
			set, err := c.Keep(t.Context(), nil)
			if err != nil {
				t.Fatal(err)
			}
			var bound [2]float64
			for i, epochs := range []int{1, 40} {
				f, err := vae(l, c).Epochs(epochs).Keep(t.Context(), nil)
				if err != nil {
					t.Fatal(err)
				}
				e, err := f.ELBO(set.Test(), 4, 1)
				if err != nil {
					t.Fatal(err)
				}
				if bound[i] = e.Mean(); !(e.Divergence() > 0) {
					t.Error(e.Divergence())
				}
				z, err := f.Encode(set.Test())
				if err != nil || z.Cols != 4 {
					t.Fatal(z, err)
				}
				rep, err := f.Reconstruct(set.Test())
				if err != nil {
					t.Fatal(err)
				}
				if l != gx.Normal { // counts at the mean library
					sum, all := 0.0, 0.0
					for _, v := range rep.Row(0) {
						sum += float64(v)
					}
					for i := range set.Train().N() {
						for _, v := range set.Train().Row(i) {
							all += float64(v)
						}
					}
					if math.Abs(sum*float64(set.Train().N())/all-1) > 1e-3 {
						t.Errorf("%g counts in a cell, %g in mean", sum, all/float64(set.Train().N()))
					}
				}
			}
			if bound[1] < bound[0] {
				t.Errorf("ELBO falls from %g to %g", bound[0], bound[1])
			}
		})
	}
	gxtest.Check(t, gxtest.Case[*gx.Fitted]{
		Make:   func() gx.Recipe[*gx.Fitted] { return vae(gx.NegativeBinomial, counts(1)) },
		Other:  func() gx.Recipe[*gx.Fitted] { return vae(gx.NegativeBinomial, counts(1)).LinearDecoder() },
		Digest: digest,
	})
}

// What does not go with a VAE is said where it is written.
func TestVAERefuses(t *testing.T) {
	gxtest.Store(t)
	for want, r := range map[string]gx.Training{
		"classifier":   vae(gx.Normal, cells(1)).Classify("type", 1),
		"likelihood's": vae(gx.Normal, cells(1)).Loss(gx.MAE),
		"linear":       vae(gx.Normal, cells(1)).Output(gx.Sigmoid),
		"no counts":    vae(gx.NegativeBinomial, counts(1).NormaliseTotal(1e4).Ln1p()),
		"scaled":       vae(gx.ZeroInflated, counts(1).Scale(0)),
		"gx.VAE()":     gx.Autoencoder().On(cells(1)).Likelihood(gx.Normal),
		"nb":           vae("poisson", counts(1)),
	} {
		if _, err := r.Keep(t.Context(), nil); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", want, err)
		}
	}
}

// A linear decoder has loadings; another has none.
func TestLinearDecoder(t *testing.T) {
	gxtest.Store(t)
	f, err := vae(gx.Normal, cells(1)).LinearDecoder().Keep(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	m, err := f.Loadings()
	if err != nil || m.Rows != len(f.Genes()) || m.Cols != 4 {
		t.Fatal(m, err)
	}
	w, _ := f.Net().Weights(len(f.Net().Spec().Layers) - 1)
	if m.Row(3)[2] != w[2*len(f.Genes())+3] {
		t.Error("loadings are not the decoder's weights")
	}
	g, err := vae(gx.Normal, cells(1)).Keep(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := g.Loadings(); err == nil {
		t.Error("a decoder with a hidden layer has loadings")
	}
}

func sivae(seed uint64) gx.SiVAETraining {
	return gx.SiVAE().Hidden(32, gx.ReLU).Code(4).On(cells(seed)).Batch(32).FeatureBatch(50).Epochs(40).Seed(seed).Device(gx.CPU)
}

func sivaeDigest(f *gx.SiVAEFitted) (string, error) {
	return fmt.Sprint(f.Stage(1), f.Stage(2), f.Stage(3), f.GeneEmbedding().Data[:20], f.Net().Params()[:20]), nil
}

func TestSiVAEContract(t *testing.T) {
	short := func() gx.SiVAETraining { return sivae(1).Epochs(4) }
	gxtest.Check(t, gxtest.Case[*gx.SiVAEFitted]{
		Make:   func() gx.Recipe[*gx.SiVAEFitted] { return short() },
		Other:  func() gx.Recipe[*gx.SiVAEFitted] { return short().Gamma(0.06) },
		Digest: sivaeDigest,
	})
}

// A training that is ended in any stage goes on to the same bits.
func TestSiVAEGoesOn(t *testing.T) {
	gxtest.Store(t)
	recipe := sivae(2).Epochs(6)
	whole, err := recipe.Keep(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	want, _ := sivaeDigest(whole)
	for stage := 1; stage <= 3; stage++ {
		gxtest.Store(t)
		ctx, stop := context.WithCancel(t.Context())
		_, err := recipe.Keep(ctx, func(what string, done, total int) {
			if strings.Contains(what, fmt.Sprintf("stage %d: epoch 2", stage)) {
				stop()
			}
		})
		stop()
		if err == nil {
			t.Fatalf("stage %d was not ended", stage)
		}
		resumed, anew := false, false
		f, err := recipe.Keep(t.Context(), func(what string, done, total int) {
			resumed = resumed || strings.Contains(what, fmt.Sprintf("stage %d: going on", stage))
			anew = anew || stage > 1 && strings.Contains(what, "stage 1: epoch")
		})
		if err != nil {
			t.Fatal(err)
		}
		if got, _ := sivaeDigest(f); got != want {
			t.Errorf("ended in stage %d: other weights", stage)
		}
		if !resumed || anew {
			t.Errorf("stage %d: gone on %v, stage 1 anew %v", stage, resumed, anew)
		}
	}
}

// With γ the products of embeddings explain the values; without it they do not. This
// would catch a γ that does not reach the loss.
func TestGammaReachesTheLoss(t *testing.T) {
	gxtest.Store(t)
	set, err := cells(3).Keep(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	var left [2]float64
	for i, g := range []float64{0, 1} {
		f, err := sivae(3).Gamma(g).Epochs(200).Keep(t.Context(), nil)
		if err != nil {
			t.Fatal(err)
		}
		train := set.Train()
		z, err := f.Encode(train)
		if err != nil {
			t.Fatal(err)
		}
		x, v, c := train.Values(), f.GeneEmbedding(), f.Pair().CodeBias()
		for r := range x.Rows {
			for j, want := range x.Row(r) {
				e := float64(want) - float64(c[j])
				for k, a := range z.Row(r) {
					e -= float64(a) * float64(v.Row(j)[k])
				}
				left[i] += e * e / float64(len(x.Data))
			}
		}
	}
	t.Logf("mean squared error of z·v: %.3f without γ, %.3f with", left[0], left[1])
	if !(left[1] < 0.95 && left[1] < 0.9*left[0]) {
		t.Errorf("mean squared error of z·v: %g without γ, %g with", left[0], left[1])
	}
}

// Stage three begins where the first two ended: held-out cells are about as likely after
// its first epoch as before it, and their codes hold about as much.
func TestStageThreeBeginsWithoutAShock(t *testing.T) {
	gxtest.Store(t)
	f, err := gx.SiVAE().Hidden(32, gx.ReLU).Code(16).Divergence(0.2, 100).On(cells(1)).Batch(32).FeatureBatch(50).Epochs(200).Seed(1).Device(gx.CPU).Keep(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	one, three := f.Stage(1), f.Stage(3)
	before, after := one[len(one)-1], three[0]
	t.Logf("−ELBO a value %.3f before, %.3f after the first epoch, %.3f at last; KL %.1f, %.1f, %.1f", before.Valid, after.Valid, three[len(three)-1].Valid, before.ValidKL, after.ValidKL, three[len(three)-1].ValidKL)
	if !(after.Valid < before.Valid+0.02) || !(math.Abs(after.ValidKL-before.ValidKL) < 0.03*before.ValidKL) {
		t.Errorf("−ELBO a value %.3f before stage three, %.3f after its first epoch; KL %.1f and %.1f", before.Valid, after.Valid, before.ValidKL, after.ValidKL)
	}
}

// Stage three trains with the divergence and γ that the recipe says: the divergence in
// full from the first step, γ rising.
func TestSiVAEPairHasItsSettings(t *testing.T) {
	gxtest.Store(t)
	f, err := sivae(1).Epochs(4).Gamma(0.3).Divergence(0.7, 5).L1(1e-6).Keep(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	if s := f.Pair().Spec(); s.KL != 0.7 || s.KLSteps != 0 || s.Pair.Gamma != 0.3 || s.Pair.GammaSteps != 5 || s.Pair.Batch != 50 || s.L1 != 1e-6 {
		t.Errorf("%+v", s)
	}
	if len(f.Stage(1)) != 2 || len(f.Stage(3)) != 2 || len(f.Stage(2)) < 1 || f.Stage(4) != nil {
		t.Error("stages of other lengths")
	}
}

// Centrality is the share of a gene's variance that is reproduced; a gene that does not
// vary is not central.
func TestDegreeCentrality(t *testing.T) {
	gxtest.Store(t)
	rare := datasets.SimulatedCells("tiny", 1)
	rare.Depth = 0.02
	c := rare.Cohort().Ln1p().Scale(10)
	set, err := c.Keep(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	f, err := vae(gx.Normal, c).Keep(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	got, err := f.DegreeCentrality(set)
	if err != nil {
		t.Fatal(err)
	}
	rep, err := f.Reconstruct(set)
	if err != nil {
		t.Fatal(err)
	}
	x, y, constant := set.Data(), rep.Data(), 0
	for j := range x.Cols {
		sum, squares, left := 0.0, 0.0, 0.0
		for i := range x.Rows {
			v := float64(x.Row(i)[j])
			sum += v
			squares += v * v
			left += (v - float64(y.Row(i)[j])) * (v - float64(y.Row(i)[j]))
		}
		want := 0.0
		if all := squares - sum*sum/float64(x.Rows); all > 1e-9 {
			want = 1 - left/all
		} else {
			constant++
		}
		if math.Abs(got[j]-want) > 1e-4 {
			t.Errorf("gene %d: %g, not %g", j, got[j], want)
		}
	}
	if constant == 0 || constant == x.Cols {
		t.Errorf("%d of %d genes do not vary", constant, x.Cols)
	}
}
