package stats

import (
	"encoding/json"
	"math"
	"os"
	"testing"
)

// The numbers of testdata/reference.json come from scipy 1.17.1 by
// testdata/reference.py.
type reference struct {
	A, B                   [][]float64
	Ranks                  [][]float64
	Spearman, Pearson, MSE [][]float64
	Describe               struct {
		X, Q, Quantiles []float64
		Mean, SD, SE    float64
	}
	Logsf    struct{ Z, Value []float64 }
	Paired   map[string][]float64
	Wilcoxon []struct {
		Name, Zero, Side, Method string
		Correct                  bool
		P                        float64
	}
	Groups      map[string][2][]float64
	MannWhitney []struct {
		Name, Side, Method string
		Correct            bool
		U, P               float64
	}
}

func load(t *testing.T) *reference {
	t.Helper()
	b, err := os.ReadFile("testdata/reference.json")
	if err != nil {
		t.Fatal(err)
	}
	var r reference
	if err := json.Unmarshal(b, &r); err != nil {
		t.Fatal(err)
	}
	return &r
}

// near fails unless got is within a relative tol of want.
func near(t *testing.T, what string, got, want, tol float64) {
	t.Helper()
	if got == want || math.IsNaN(got) && math.IsNaN(want) {
		return
	}
	if d := math.Abs(got - want); !(d <= tol*math.Max(math.Abs(want), math.Abs(got))) {
		t.Errorf("%s: got %.17g, want %.17g", what, got, want)
	}
}

func rows32(rows [][]float64) [][]float32 {
	out := make([][]float32, len(rows))
	for i, r := range rows {
		out[i] = make([]float32, len(r))
		for j, v := range r {
			out[i][j] = float32(v)
		}
	}
	return out
}

func ok[T any](t *testing.T, v T, err error) T {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func TestSimilaritiesMatchScipy(t *testing.T) {
	r := load(t)
	a, b := rows32(r.A), rows32(r.B)
	for _, m := range []struct {
		by   Measure
		one  func(x, y []float32) (float64, error)
		want [][]float64
	}{
		{BySpearman, Spearman[float32], r.Spearman},
		{ByPearson, Pearson[float32], r.Pearson},
		{ByMSE, MSE[float32], r.MSE},
	} {
		all, err := m.by.Matrix(a, b)
		if err != nil {
			t.Fatal(err)
		}
		for i := range a {
			for j := range b {
				near(t, m.by.String()+" matrix", all[i][j], m.want[i][j], 1e-12)
				one, err := m.one(a[i], b[j])
				near(t, m.by.String(), ok(t, one, err), m.want[i][j], 1e-12)
			}
		}
	}
	for i := range a {
		got, wide := Ranks(a[i]), Ranks(r.A[i])
		for j := range got {
			near(t, "rank", got[j], r.Ranks[i][j], 0)
			near(t, "rank of float64", wide[j], r.Ranks[i][j], 0)
		}
	}
}

func TestDescriptionsMatchNumpy(t *testing.T) {
	d := load(t).Describe
	near(t, "mean", Mean(d.X), d.Mean, 1e-14)
	near(t, "sd", SD(d.X), d.SD, 1e-14)
	near(t, "se", SE(d.X), d.SE, 1e-14)
	for i, q := range d.Q {
		near(t, "quantile", Quantile(d.X, q), d.Quantiles[i], 1e-14)
	}
}

func side(name string) Side {
	return map[string]Side{"two-sided": TwoSided, "greater": Greater, "less": Less}[name]
}

func method(name string) Method {
	if name == "exact" {
		return Exact
	}
	return Normal
}

func TestWilcoxonMatchesScipy(t *testing.T) {
	r := load(t)
	for _, c := range r.Wilcoxon {
		s := SignedRank{Side: side(c.Side), Method: method(c.Method), Correct: c.Correct}
		if c.Zero == "pratt" {
			s.Zeros = Pratt
		}
		d := r.Paired[c.Name]
		got, err := s.Test(d, make([]float64, len(d)))
		what := c.Name + " " + c.Zero + " " + c.Side + " " + c.Method
		near(t, what, ok(t, got, err).P, c.P, 1e-11)
		if c.P < 0.5 { // near 1 the logarithm of a float64 p has no digits left
			near(t, what+" log", got.LogP, math.Log(c.P), 1e-11)
		}
	}
}

func TestMannWhitneyMatchesScipy(t *testing.T) {
	r := load(t)
	for _, c := range r.MannWhitney {
		g := r.Groups[c.Name]
		got, err := RankSum{Side: side(c.Side), Method: method(c.Method), Correct: c.Correct}.Test(g[0], g[1])
		what := c.Name + " " + c.Side + " " + c.Method
		near(t, what, ok(t, got, err).P, c.P, 1e-11)
		near(t, what+" U", got.U, c.U, 0)
	}
}

func TestLogUpperMatchesScipy(t *testing.T) {
	r := load(t).Logsf
	for i, z := range r.Z {
		near(t, "log of the normal tail", logUpper(z), r.Value[i], 1e-13)
	}
}
