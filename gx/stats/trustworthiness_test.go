package stats

import (
	"encoding/json"
	"math"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// The numbers of testdata/trustworthiness.json come from scikit-learn 1.9.1 by
// testdata/trustworthiness.py.
func TestTrustworthinessIsScikitLearns(t *testing.T) {
	b, err := os.ReadFile("testdata/trustworthiness.json")
	if err != nil {
		t.Fatal(err)
	}
	var want struct{ Maps map[string]map[string]float64 }
	if err := json.Unmarshal(b, &want); err != nil {
		t.Fatal(err)
	}
	seed := uint32(3)
	x, two, products := make([][]float64, 120), make([][]float64, 120), make([][]float32, 120)
	for i := range x {
		for range 6 {
			seed = seed*1664525 + 1013904223
			x[i] = append(x[i], float64(seed>>8)/(1<<24))
		}
		two[i], products[i] = x[i][:2], []float32{float32(x[i][0] * x[i][1]), float32(x[i][2] * x[i][3])}
	}
	turned := slices.Clone(x)
	slices.Reverse(turned)
	for name, values := range want.Maps {
		for number, v := range values {
			k, _ := strconv.Atoi(number)
			var got float64
			switch name {
			case "two columns":
				got, err = Trustworthiness(x, two, k)
			case "products":
				got, err = Trustworthiness(x, products, k)
			case "itself":
				got, err = Trustworthiness(x, x, k)
			case "reversed":
				got, err = Trustworthiness(x, turned, k)
			}
			if err != nil || math.Abs(got-v) > 1e-12 {
				t.Errorf("%s, %d neighbours: %v (%v), want %v", name, k, got, err, v)
			}
		}
	}
}

func TestTrustworthinessMistakes(t *testing.T) {
	x := [][]float64{{1}, {2}, {4}, {8}, {16}}
	for name, c := range map[string]struct {
		points, chart [][]float64
		k             int
		want          string
	}{
		"none":      {nil, nil, 1, "1 neighbours of 0 points"},
		"half":      {x, x, 3, "from 1 to 2 neighbours"},
		"no k":      {x, x, 0, "0 neighbours of 5 points"},
		"lengths":   {x, x[:4], 1, "5 points and a map of 4"},
		"NaN":       {x, [][]float64{{1}, {2}, {math.NaN()}, {8}, {16}}, 2, "is NaN"},
		"ragged":    {[][]float64{{1}, {2, 3}, {4}, {8}, {16}}, x, 2, "points of 1 and of 2 values"},
		"no values": {make([][]float64, 5), x, 2, "point 1 has no values"},
	} {
		if _, err := Trustworthiness(c.points, c.chart, c.k); err == nil || !strings.Contains(err.Error(), c.want) || !strings.Contains(err.Error(), "try ") {
			t.Errorf("%s: %v, want %q", name, err, c.want)
		}
	}
	// All in one place: the earlier is the nearer, on the map and in truth.
	same := make([][]float64, 5)
	for i := range same {
		same[i] = []float64{7}
	}
	if v, err := Trustworthiness(same, same, 2); v != 1 || err != nil {
		t.Error(v, err)
	}
}
