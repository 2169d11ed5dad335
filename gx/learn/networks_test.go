package learn

import (
	"context"
	"encoding/json"
	"math"
	"os"
	"reflect"
	"testing"

	"github.com/gxlab/gxlab/gx/prep"
)

// Partial correlations and mutual information are scikit-learn's (testdata/networks.py).
func TestNetworksAreScikitLearns(t *testing.T) {
	b, err := os.ReadFile("testdata/networks.json")
	if err != nil {
		t.Fatal(err)
	}
	var f struct {
		X               []float32
		Rows, Cols      int
		Partial, Mutual []float64
		Bins            int
	}
	if err := json.Unmarshal(b, &f); err != nil {
		t.Fatal(err)
	}
	x := prep.Matrix{Rows: f.Rows, Cols: f.Cols, Data: f.X}
	check := func(what string, got, want []float64) {
		t.Helper()
		for i := range want {
			if !(math.Abs(got[i]-want[i]) < 1e-9) {
				t.Errorf("%s %d: %v, scikit-learn has %v", what, i, got[i], want[i])
			}
		}
	}
	partial, err := PartialCorrelation{}.Fit(context.Background(), x)
	if err != nil {
		t.Fatal(err)
	}
	check("partial correlation", partial.Weight, f.Partial)
	mutual, err := MutualInformation{Bins: f.Bins, Keep: true}.Fit(context.Background(), x)
	if err != nil {
		t.Fatal(err)
	}
	check("mutual information", mutual.Weight, f.Mutual)
	dropped, err := MutualInformation{Bins: f.Bins}.Fit(context.Background(), x)
	if err != nil {
		t.Fatal(err)
	}
	for i := range f.Cols {
		for j := range f.Cols {
			w, least := mutual.At(i, j), false
			for k := range f.Cols {
				least = least || k != i && k != j && w < min(mutual.At(i, k), mutual.At(j, k))
			}
			if least == (dropped.At(i, j) > 0) && w > 0 {
				t.Errorf("edge %d–%d of %g: dropped %v", i, j, w, !least)
			}
		}
	}
}

func TestNetworkDegreesAndNear(t *testing.T) {
	n := &Network{Genes: 3, Weight: []float64{0, 0.5, 0.1, 0.2, 0, 0, 0.3, 0, 0}}
	if d := n.Degrees(); math.Abs(d[0]-1.1) > 1e-12 || math.Abs(d[1]-0.7) > 1e-12 {
		t.Error(d)
	}
	if near := n.Near(2); !reflect.DeepEqual(near, [][]int{{1, 2}, {0}, {0}}) {
		t.Error(near)
	}
}
