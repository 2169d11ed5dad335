package gx_test

import (
	"context"
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/gxlab/gxlab/datasets"
	"github.com/gxlab/gxlab/gx"
	"github.com/gxlab/gxlab/gx/large"
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

// A matrix of GXLAB_LARGE gigabytes is made, kept, opened and trained on within what
// GXLAB_MEMORY says, by the process's own peak. It takes as much room on the disk, and
// at 30 GB some twenty minutes:
//
//	GXLAB_LARGE=30 GXLAB_MEMORY=2GiB GXLAB_STORE=/a/large/disk go test -run TestGigabytes -timeout 2h -v ./gx
func TestGigabytes(t *testing.T) {
	gb, err := strconv.ParseFloat(os.Getenv("GXLAB_LARGE"), 64)
	if err != nil {
		t.Skip("GXLAB_LARGE names no number of gigabytes")
	}
	const genes = 20000
	samples := int(gb * 1e9 / 4 / genes)
	began, last := time.Now(), time.Now()
	tell := func(what string, done, total int) {
		if time.Since(last) > 20*time.Second {
			last = time.Now()
			t.Logf("%4.0f s, peak %4d MB: %s %d/%d", time.Since(began).Seconds(), peak(t)>>20, what, done, total)
		}
	}
	ctx := context.Background()
	cohort := datasets.Simulation{Samples: samples / 16, Genes: genes, Studies: 5, Seed: 1}.Cohort().Log2().Split("tissue", 75, 25).Standardise()
	set, err := cohort.Keep(ctx, tell)
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("%.0f s: %s, %.1f GB, peak %d MB", time.Since(began).Seconds(), set, 4e-9*float64(set.N())*float64(set.P()), peak(t)>>20)
	fit, err := gx.Autoencoder().Hidden(500, gx.LeakyReLU).Code(30).On(cohort).Batch(256).Epochs(1).Device(gx.CPU).Keep(ctx, tell)
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("%.0f s: %s, peak %d MB", time.Since(began).Seconds(), fit, peak(t)>>20)
	e, err := fit.Errors(set.Test())
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("%.0f s: %d test samples, MSE %.4g, peak %d MB", time.Since(began).Seconds(), len(e), e.Mean(), peak(t)>>20)
	memory, err := large.Memory()
	if err != nil {
		t.Fatal(err)
	}
	if p := peak(t); p > memory {
		t.Errorf("the peak was %d MB, %d MB were allowed", p>>20, memory>>20)
	}
}

// peak is the most memory that this process had, mapped files included.
func peak(t *testing.T) int64 {
	b, err := os.ReadFile("/proc/self/status")
	if err != nil {
		t.Skip("this system does not say")
	}
	var kb int64
	_, after, _ := strings.Cut(string(b), "VmHWM:")
	if _, err := fmt.Sscan(after, &kb); err != nil {
		t.Fatal(err)
	}
	return kb << 10
}
