package stats

import (
	"math"
	"slices"
	"strings"
	"testing"
)

func TestRankOfPerfectReproductionsIsFirst(t *testing.T) {
	geps := profiles(8, 20, 100)
	for _, m := range []Measure{BySpearman, ByPearson, ByMSE} {
		r, err := Rank(geps, geps, m)
		if ok(t, r, err).Forward.Share(1) != 1 || r.Reverse.Share(1) != 1 {
			t.Errorf("%v: forward %v, reverse %v", m, r.Forward, r.Reverse)
		}
	}
}

// A hand-made case over four genes, by MSE: REP 1 lies nearer GEP 2 than its own.
func TestRankCountsTheStrictlyCloser(t *testing.T) {
	geps := [][]float32{{0, 0, 0, 0}, {4, 4, 4, 4}, {5, 5, 5, 5}, {5, 5, 5, 5}}
	reps := [][]float32{{4, 4, 4, 4}, {4, 4, 4, 3}, {6, 6, 6, 6}, {5, 5, 5, 5}}
	r, err := Rank(geps, reps, ByMSE)
	ok(t, r, err)
	for _, c := range []struct {
		what string
		got  []int
		want []int
	}{
		// Sample 1: its REP is 16 away, GEP 2 also: a tie is no one's loss. Sample 3: its
		// REP is 1 away, as is GEP 2; GEP 4 is 0 away and pushes it to second.
		{"forward", r.Forward, []int{1, 1, 2, 1}},
		{"reverse", r.Reverse, []int{4, 1, 1, 1}},
		{"closest other", r.Other, []int{1, 2, 3, 2}},
	} {
		if !slices.Equal(c.got, c.want) {
			t.Errorf("%s: got %v, want %v", c.what, c.got, c.want)
		}
	}
	if r.Forward.Share(1) != 0.75 || r.Forward.Share(2) != 0.25 || r.Forward.Within(2) != 1 || r.Forward.Share(3) != 0 {
		t.Errorf("shares of %v", r.Forward)
	}
	if want := []float64{16, 0.25, 1, 0}; !slices.Equal(r.Own, want) {
		t.Errorf("own: got %v, want %v", r.Own, want)
	}
	if want := []float64{16, 1, 0, 0}; !slices.Equal(r.Closest, want) {
		t.Errorf("closest: got %v, want %v", r.Closest, want)
	}
}

// A decoder that answers one constant profile has no correlation with anything: its
// sample comes last, and nothing fails.
func TestConstantReproductionComesLast(t *testing.T) {
	geps := profiles(9, 5, 50)
	reps := slices.Clone(geps)
	reps[2] = make([]float32, 50)
	r, err := Rank(geps, reps, BySpearman)
	if ok(t, r, err).Forward[2] != 5 || !math.IsNaN(r.Own[2]) {
		t.Errorf("forward %v, own %v", r.Forward, r.Own)
	}
}

func TestOneSampleAloneComesFirst(t *testing.T) {
	one := profiles(10, 1, 30)
	r, err := Rank(one, one, BySpearman)
	if ok(t, r, err).Forward[0] != 1 || r.Reverse[0] != 1 || r.Other[0] != -1 || !math.IsNaN(r.Closest[0]) {
		t.Errorf("%+v", r)
	}
}

func TestBadInputIsRefusedWithItsPlace(t *testing.T) {
	good := profiles(11, 3, 10)
	nan := profiles(12, 3, 10)
	nan[1][4] = float32(math.NaN())
	short := [][]float32{good[0], good[1][:9]}
	x, n := []float64{1, 2, 3}, []float64{1, math.NaN(), 3}
	inf := []float64{1, 2, math.Inf(1)}
	for name, c := range map[string]struct {
		run  func() error
		want string
	}{
		"NaN":            {func() error { _, err := SpearmanMatrix(good, nan); return err }, "sample 2, gene 5"},
		"MSE NaN":        {func() error { _, err := MSEMatrix(nan, good); return err }, "sample 2, gene 5"},
		"lengths":        {func() error { _, err := PearsonMatrix(good, short); return err }, "profiles of 10 and of 9 genes"},
		"none":           {func() error { _, err := MSEMatrix(nil, good); return err }, "no samples"},
		"one gene":       {func() error { _, err := MSEMatrix([][]float32{{1}}, [][]float32{{1}}); return err }, "profiles of 1 genes"},
		"counts":         {func() error { _, err := Rank(good, good[:2], ByMSE); return err }, "3 profiles against 2"},
		"measure":        {func() error { _, err := Measure(9).Matrix(good, good); return err }, "BySpearman, ByPearson or ByMSE"},
		"pearson":        {func() error { _, err := Pearson(x, x[:2]); return err }, "3 values against 2"},
		"one value":      {func() error { _, err := Spearman(x[:1], x[:1]); return err }, "at least 2"},
		"wilcoxon NaN":   {func() error { _, err := Wilcoxon(x, n); return err }, "value 2 is NaN"},
		"wilcoxon Inf":   {func() error { _, err := Wilcoxon(x, inf); return err }, "value 3 is +Inf"},
		"wilcoxon none":  {func() error { _, err := Wilcoxon(nil, nil); return err }, "at least 1"},
		"mann-whitney":   {func() error { _, err := MannWhitney(x, nil); return err }, "groups of 3 and 0"},
		"exact and ties": {func() error { _, err := RankSum{Method: Exact}.Test(x, x); return err }, "ties true"},
	} {
		err := c.run()
		if err == nil || !strings.Contains(err.Error(), c.want) || !strings.Contains(err.Error(), "\n  try ") {
			t.Errorf("%s: got %v, want %q and what to try", name, err, c.want)
		}
	}
}

func TestNothingToTellApart(t *testing.T) {
	r, err := Wilcoxon([]float64{1, 2}, []float64{1, 2})
	if ok(t, r, err).P != 1 || r.N != 0 || r.Zeros != 2 {
		t.Errorf("equal pairs: %+v", r)
	}
	m, err := MannWhitney([]float64{1, 1}, []float64{1})
	if ok(t, m, err).P != 1 {
		t.Errorf("equal groups: %+v", m)
	}
	c, err := Pearson([]float64{1, 1, 1}, []float64{1, 2, 3})
	if !math.IsNaN(ok(t, c, err)) {
		t.Errorf("correlation with a constant: %g", c)
	}
	for name, v := range map[string]float64{"mean": Mean[float64](nil), "sd": SD([]float64{1}), "median": Median[float32](nil),
		"NaN": Quantile([]float64{1, math.NaN()}, 0.5), "q": Quantile([]float64{1}, 1.5), "box": Box[float64](nil).High} {
		if !math.IsNaN(v) {
			t.Errorf("%s: got %g, want NaN", name, v)
		}
	}
}
