package stats

import (
	"encoding/json"
	"math"
	"math/rand/v2"
	"os"
	"strings"
	"testing"
)

// Values of limma 3.54, by testdata/limma.R.
func TestModeratedTMatchesLimma(t *testing.T) {
	b, err := os.ReadFile("testdata/limma.json")
	if err != nil {
		t.Fatal(err)
	}
	var all map[string]struct {
		X            [][]*float32
		Design       [][]float64
		Contrast     []float64
		Effect, T, P []float64
		FDR          []float64
		Prior_df     float64
		Prior_var    float64
	}
	if err := json.Unmarshal(b, &all); err != nil || len(all) != 6 {
		t.Fatal(len(all), err)
	}
	for name, want := range all {
		x := make([][]float32, len(want.X))
		for i, row := range want.X {
			for _, v := range row {
				if v == nil {
					x[i] = append(x[i], float32(math.NaN()))
				} else {
					x[i] = append(x[i], *v)
				}
			}
		}
		m, err := ModeratedContrast(x, want.Design, want.Contrast)
		if err != nil {
			t.Fatal(name, err)
		}
		near := func(what string, got, want, tol float64) {
			if want == 1e308 && math.IsInf(got, 1) {
				return
			}
			if !(math.Abs(got-want) <= tol*math.Max(1e-3, math.Abs(want))) {
				t.Errorf("%s, %s: %v, limma has %v", name, what, got, want)
			}
		}
		near("prior df", m.PriorDF, want.Prior_df, 1e-5)
		near("prior variance", m.PriorVar, want.Prior_var, 1e-5)
		for j := range want.T {
			if math.Abs(m.Effect[j]-want.Effect[j]) > 2e-6 { // values near 8 as float32
				t.Errorf("%s, effect: %v, limma has %v", name, m.Effect[j], want.Effect[j])
			}
			near("t", m.T[j], want.T[j], 2e-5)
			near("p", m.P[j], want.P[j], 2e-4)
			near("fdr", m.FDR[j], want.FDR[j], 2e-4)
		}
	}
}

// Of genes without a difference a twentieth is below 0.05, and 20,000 of them take
// no time.
func TestModeratedTKeepsItsLevel(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	x, in := make([][]float32, 12), make([]bool, 12)
	for i := range x {
		x[i], in[i] = make([]float32, 20000), i < 6
	}
	for j := range x[0] {
		sd := math.Exp(0.5 * rng.NormFloat64())
		for i := range x {
			x[i][j] = float32(7 + sd*rng.NormFloat64())
		}
	}
	m, err := ModeratedT(x, in)
	if err != nil {
		t.Fatal(err)
	}
	below := 0
	for _, p := range m.P {
		if p < 0.05 {
			below++
		}
	}
	// The standard deviation of the share is 0.0015; the prior here is log-normal, not
	// limma's, so that the level is near 0.05, not at it.
	if share := float64(below) / 20000; math.Abs(share-0.05) > 0.006 {
		t.Errorf("%.3f of genes without a difference are below 0.05", share)
	}
}

func TestModeratedTRefuses(t *testing.T) {
	x := [][]float32{{1, 2}, {3, 4}, {5, 6}}
	for what, err := range map[string]error{
		"one group":   func() error { _, err := ModeratedT(x, []bool{true, true, true}); return err }(),
		"memberships": func() error { _, err := ModeratedT(x, []bool{true}); return err }(),
		"not determine": func() error {
			_, err := ModeratedContrast(x, [][]float64{{1, 1}, {1, 1}, {1, 1}}, []float64{1, 0})
			return err
		}(),
		"no gene has a resid":  func() error { _, err := ModeratedT(x[:2], []bool{true, false}); return err }(),
		"numbers in the desig": func() error { _, err := ModeratedContrast(x, [][]float64{{1}, {1, 2}, {1}}, []float64{1}); return err }(),
	} {
		if err == nil || !strings.Contains(err.Error(), what) {
			t.Errorf("%s: %v", what, err)
		}
	}
}
