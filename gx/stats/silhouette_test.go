package stats

import (
	"encoding/json"
	"math"
	"os"
	"testing"
)

// The numbers of testdata/silhouette.json come from scikit-learn 1.9.1 by
// testdata/silhouette.py.
func TestSilhouettesMatchScikitLearn(t *testing.T) {
	b, err := os.ReadFile("testdata/silhouette.json")
	if err != nil {
		t.Fatal(err)
	}
	var r struct {
		Cases []struct {
			X      [][]float64
			Groups []string
			Point  []float64
		}
	}
	if err := json.Unmarshal(b, &r); err != nil {
		t.Fatal(err)
	}
	if len(r.Cases) == 0 {
		t.Fatal("no cases")
	}
	for c, k := range r.Cases {
		s, err := Silhouette(k.X, k.Groups)
		if err != nil {
			t.Fatal(err)
		}
		for i, v := range s.Point {
			if math.Abs(v-k.Point[i]) > 1e-12 {
				t.Errorf("case %d, point %d: %v, want %v", c, i, v, k.Point[i])
			}
		}
		near(t, "mean", s.Mean, Mean(k.Point), 1e-12)
		for _, g := range s.Groups {
			var own []float64
			for i, h := range k.Groups {
				if h == g {
					own = append(own, k.Point[i])
				}
			}
			if math.Abs(s.Of(g)-Mean(own)) > 1e-12 {
				t.Errorf("case %d, group %s: %v, want %v", c, g, s.Of(g), Mean(own))
			}
		}
		if !math.IsNaN(s.Of("none")) {
			t.Error("a group that there is not has a silhouette")
		}
	}
	if _, err := Silhouette([][]float64{{1}, {2}}, []string{"a", "a"}); err == nil {
		t.Error("one group is no error")
	}
	if _, err := Silhouette([][]float64{{1}, {2, 3}}, []string{"a", "b"}); err == nil {
		t.Error("points of different lengths are no error")
	}
}

func TestPowerLawsAreFound(t *testing.T) {
	x := []float64{64, 128, 256, 512}
	y := make([]float64, len(x))
	for i, v := range x {
		y[i] = 0.89 * math.Pow(v/64, 0.028)
	}
	p, err := FitPowerLaw(x, y, 64)
	if err != nil {
		t.Fatal(err)
	}
	near(t, "A", p.A, 0.89, 1e-12)
	near(t, "B", p.B, 0.028, 1e-10)
	near(t, "at 512", p.At(512), y[3], 1e-12)
	near(t, "R²", p.R2, 1, 1e-10)
	for _, bad := range [][2][]float64{{{1, 1}, {2, 3}}, {{1, 2}, {0, 3}}, {{1}, {1}}} {
		if _, err := FitPowerLaw(bad[0], bad[1], 1); err == nil {
			t.Errorf("%v is no error", bad)
		}
	}
}
