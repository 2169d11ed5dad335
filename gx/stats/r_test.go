package stats

import (
	"math"
	"testing"
)

// Expected values from R 4.2.2 by testdata/reference.R.
var (
	depression = []float64{1.83, 0.50, 1.62, 2.48, 1.68, 1.88, 1.55, 3.06, 1.30}
	after      = []float64{0.878, 0.647, 0.598, 2.05, 1.06, 1.29, 1.06, 3.14, 1.29}
)

func TestWilcoxonMatchesR(t *testing.T) {
	var tied, strong, quarter []float64
	for i, v := range depression {
		tied = append(tied, math.RoundToEven((v-after[i])*2))
	}
	for i := 1.0; i <= 260; i++ {
		strong = append(strong, math.Sin(i)+i/150)
	}
	for i := 1.0; i <= 40; i++ {
		quarter = append(quarter, i+0.25)
	}
	for _, c := range []struct {
		name string
		test SignedRank
		x, y []float64
		v, p float64
	}{
		{"two-sided", SignedRank{}, depression, after, 40, 0.0390625},
		{"greater", SignedRank{Side: Greater}, depression, after, 40, 0.01953125},
		{"less", SignedRank{Side: Less}, depression, after, 40, 0.986328125},
		{"ties corrected", SignedRank{Method: Normal, Correct: true}, tied, nil, 21, 0.030544849976475236},
		{"ties", SignedRank{Method: Normal}, tied, nil, 21, 0.023140931308743739},
		{"260 exact", SignedRank{Method: Exact}, strong, nil, 31181, 3.4367980804929611e-39},
		{"260 corrected", SignedRank{Correct: true}, strong, nil, 31181, 1.1025533943774817e-31},
		{"260", SignedRank{}, strong, nil, 31181, 1.0972083129728433e-31},
		{"40", SignedRank{}, quarter, nil, 820, 1.8189894035458565e-12},
	} {
		if c.y == nil {
			c.y = make([]float64, len(c.x))
		}
		r, err := c.test.Test(c.x, c.y)
		near(t, c.name+" V", ok(t, r, err).Plus, c.v, 0)
		near(t, c.name+" p", r.P, c.p, 1e-10)
	}
}

func TestMannWhitneyMatchesR(t *testing.T) {
	var shifted, d, e []float64
	for i, v := range after {
		shifted = append(shifted, v+float64(i+1)/1000)
		d = append(d, math.RoundToEven(depression[i]*10)/10)
		e = append(e, math.RoundToEven(v*10)/10)
	}
	for _, c := range []struct {
		name string
		test RankSum
		x, y []float64
		w, p float64
	}{
		{"two-sided", RankSum{}, depression, shifted, 58, 0.13591114767585355},
		{"greater", RankSum{Side: Greater}, depression, shifted, 58, 0.067955573837926775},
		{"less", RankSum{Side: Less}, depression, shifted, 58, 0.94325380501851086},
		{"ties", RankSum{Correct: true}, d, e, 57.5, 0.14345712353503962},
	} {
		r, err := c.test.Test(c.x, c.y)
		near(t, c.name+" W", ok(t, r, err).U, c.w, 0)
		near(t, c.name+" p", r.P, c.p, 1e-10)
	}
}

func TestAdjustmentsMatchR(t *testing.T) {
	nan := math.NaN()
	p := []float64{0.01, 0.02, nan, 0.03, 0.04, 0.05, 1e-9, 0.9, 0.02}
	for _, c := range []struct {
		name string
		f    func([]float64) []float64
		want []float64
	}{
		{"BH", BH, []float64{0.04, 0.04, nan, 0.048, 0.05333333333333333, 0.057142857142857141, 8e-9, 0.9, 0.04}},
		{"Bonferroni", Bonferroni, []float64{0.08, 0.16, nan, 0.24, 0.32, 0.4, 8e-9, 1, 0.16}},
		{"Holm", Holm, []float64{0.07, 0.12, nan, 0.12, 0.12, 0.12, 8e-9, 0.9, 0.12}},
	} {
		got := c.f(p)
		for i, w := range c.want {
			near(t, c.name, got[i], w, 1e-14)
		}
	}
	if len(BH(nil)) != 0 {
		t.Error("BH of nothing is not nothing")
	}
}

func TestQuantilesMatchR(t *testing.T) {
	want := []float64{0.5, 1.14, 1.55, 1.68, 1.88, 2.596, 3.06}
	for i, q := range []float64{0, 0.1, 0.25, 0.5, 0.75, 0.9, 1} {
		near(t, "quantile", Quantile(depression, q), want[i], 1e-14)
	}
	b := Box(append([]float64{-9, 40}, depression...)) // the box is 1.4 to 2.18
	if b.Low != 0.5 || b.High != 3.06 || len(b.Outliers) != 2 || b.Outliers[0] != -9 || b.Outliers[1] != 40 {
		t.Errorf("box of two far values and nine near ones: %+v", b)
	}
}

func TestSpearmanWithTiesMatchesR(t *testing.T) {
	var d, e []float64
	for i, v := range after {
		d, e = append(d, math.RoundToEven(depression[i])), append(e, math.RoundToEven(v))
	}
	r, err := Spearman(d, e)
	near(t, "Spearman", ok(t, r, err), 0.59655875900130451, 1e-14)
}
