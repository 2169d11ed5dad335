package reduce

import (
	"context"
	"errors"
	"math"
	"strings"
	"testing"
)

func TestBadInputIsRefusedWithWhatToTry(t *testing.T) {
	ctx := context.Background()
	x := made(6, 8, 2, 1, 1)
	nan, minus := made(6, 8, 2, 1, 1), made(6, 8, 2, 1, 1)
	nan[2*8+4], minus[3*8+1] = float32(math.NaN()), -0.5
	m := must[*PCAModel](t)(PCA(x, 6, 8, 2))
	broken := m.Arrays()
	broken["components"] = Array{Shape: []int{3, 8}, Data: m.Components}
	delete(broken, "total")
	for name, c := range map[string]struct {
		run  func() error
		want string
	}{
		"empty":          {func() error { _, err := PCA(nil, 0, 0, 1); return err }, "0 samples × 0 genes"},
		"one sample":     {func() error { _, err := PCA(x[:8], 1, 8, 1); return err }, "1 samples × 8 genes"},
		"too many":       {func() error { _, err := PCA(x, 6, 8, 6); return err }, "1 to 5 components"},
		"none":           {func() error { _, err := KernelPCA(RBF, x, 6, 8, 0); return err }, "1 to 5 components"},
		"more than p":    {func() error { _, err := PCA(x, 16, 3, 4); return err }, "1 to 3 components"},
		"too many parts": {func() error { _, err := NMF(ctx, x, 6, 8, 7, nil); return err }, "1 to 6 components"},
		"size":           {func() error { _, err := KernelPCA(Cosine, x[:40], 6, 8, 2); return err }, "40 values for 6 profiles of 8"},
		"NaN":            {func() error { _, err := PCA(nan, 6, 8, 2); return err }, "sample 3, column 5"},
		"kernel NaN":     {func() error { _, err := KernelPCA(Cosine, nan, 6, 8, 2); return err }, "sample 3, column 5"},
		"negative":       {func() error { _, err := NMF(ctx, minus, 6, 8, 2, nil); return err }, "sample 4, gene 2"},
		"kernel":         {func() error { _, err := KernelPCA(7, x, 6, 8, 2); return err }, "Polynomial, Cosine or RBF"},
		"new genes":      {func() error { _, err := m.Encode(x[:7], 1); return err }, "7 values for 1 profiles of 8"},
		"new NaN":        {func() error { _, err := m.Encode(nan[16:24], 1); return err }, "sample 1, column 5"},
		"codes":          {func() error { _, err := m.Decode(x[:3], 1); return err }, "3 values for 1 codes of 2"},
		"reconstruct":    {func() error { _, err := Reconstruct(m, x[:7], 1); return err }, "7 values for 1 profiles of 8"},
		"kind":           {func() error { _, err := Restore("tsne", nil); return err }, "pca, nmf, kernel-pca-polynomial"},
		"arrays":         {func() error { _, err := Restore("pca", broken); return err }, "total has shape [] and 0 values"},
		"no arrays":      {func() error { _, err := Restore("kernel-pca-rbf", nil); return err }, "samples has shape []"},
		"no parts":       {func() error { _, err := Restore("nmf", nil); return err }, "parts has shape []"},
	} {
		err := c.run()
		if err == nil || !strings.Contains(err.Error(), c.want) || !strings.Contains(err.Error(), "\n  try ") {
			t.Errorf("%s: got %v, want %q and what to try", name, err, c.want)
		}
	}
}

func TestNMFStopsAndTells(t *testing.T) {
	x := made(12, 30, 3, 1, 1)
	ctx, stop := context.WithCancel(context.Background())
	told := 0
	_, err := NMF(ctx, x, 12, 30, 3, func(what string, done, total int) {
		told++
		if what != "NMF" || done != told || total != 200 {
			t.Errorf("told %q, %d of %d", what, done, total)
		}
		if done == 2 {
			stop()
		}
	})
	if !errors.Is(err, context.Canceled) || told != 2 {
		t.Errorf("after %d iterations: %v", told, err)
	}
}

func TestNoRowsAreNoCodes(t *testing.T) {
	for kind, m := range every(t, made(10, 6, 2, 1, 3), 10, 6, 2) {
		if z := must[[]float32](t)(m.Encode(nil, 0)); len(z) != 0 {
			t.Errorf("%s: %d numbers", kind, len(z))
		}
		if y := must[[]float32](t)(m.Decode(nil, 0)); len(y) != 0 {
			t.Errorf("%s: %d values", kind, len(y))
		}
	}
}

// Samples that are all alike vary in no direction: codes of 0, and no failure.
func TestConstantDataHaveNoDirections(t *testing.T) {
	for _, level := range []float32{0, 3} {
		x := make([]float32, 5*7)
		for i := range x {
			x[i] = level
		}
		for kind, m := range every(t, x, 5, 7, 3) {
			z := must[[]float32](t)(m.Encode(x[:7], 1))
			y := must[[]float32](t)(m.Decode(z, 1))
			for _, v := range z {
				if kind != "nmf" && v != 0 || v != v {
					t.Errorf("%s at %g: code %v", kind, level, z)
					break
				}
			}
			if kind == "pca" || kind == "nmf" {
				near(t, kind+" profile", float64(y[3]), float64(level), 1e-6, 1)
			}
		}
	}
}
