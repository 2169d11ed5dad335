package learn

import (
	"context"
	"encoding/json"
	"math"
	"os"
	"slices"
	"strconv"
	"testing"

	"github.com/gxlab/gxlab/gx/prep"
)

// trees is testdata/hierarchical.json: scipy 1.17.1 and scikit-learn 1.9.1 by
// testdata/hierarchical.py.
func trees(t *testing.T) map[string]struct {
	Merges [][4]float64
	Order  []int
	Cuts   map[string][]int
	Rand   map[string]float64
} {
	b, err := os.ReadFile("testdata/hierarchical.json")
	if err != nil {
		t.Fatal(err)
	}
	var r struct {
		Trees map[string]struct {
			Merges [][4]float64
			Order  []int
			Cuts   map[string][]int
			Rand   map[string]float64
		}
	}
	if err := json.Unmarshal(b, &r); err != nil {
		t.Fatal(err)
	}
	return r.Trees
}

func forTrees(n, p int) prep.Matrix {
	u, x := uniform(5), prep.NewMatrix(n, p)
	for i := range n {
		for j := range p {
			v := u()
			if j%4 == 0 {
				v += float64(i % 3)
			}
			x.Row(i)[j] = float32(v)
		}
	}
	return x
}

func TestHierarchicalMatchesScipy(t *testing.T) {
	x := forTrees(40, 12)
	want := trees(t)
	for name, h := range map[string]Hierarchical{
		"average": {}, "complete": {Linkage: Complete}, "single": {Linkage: Single}, "Ward": {Linkage: Ward},
		"average correlation": {Correlation: true}, "complete correlation": {Linkage: Complete, Correlation: true},
	} {
		t.Run(name, func(t *testing.T) {
			w, ok := want[name]
			if !ok {
				t.Fatal("no reference")
			}
			got, err := h.Fit(context.Background(), x)
			if err != nil {
				t.Fatal(err)
			}
			for i, m := range got.Merges {
				z := w.Merges[i]
				if float64(m.A) != z[0] || float64(m.B) != z[1] || math.Abs(m.Height-z[2]) > 1e-6*z[2] || float64(m.Size) != z[3] {
					t.Fatalf("merge %d is %+v, want %v", i, m, z)
				}
			}
			if !slices.Equal(got.Order(), w.Order) {
				t.Errorf("order %v, want %v", got.Order(), w.Order)
			}
			for k, c := range w.Cuts {
				n, _ := strconv.Atoi(k)
				cut, err := got.Cut(n)
				if err != nil || !slices.Equal(cut, c) {
					t.Errorf("cut into %s: %v %v, want %v", k, cut, err, c)
				}
				classes := make([]string, len(c))
				for i := range classes {
					classes[i] = strconv.Itoa(i % 3)
				}
				if r, err := AdjustedRand(cut, classes); err != nil || math.Abs(r-w.Rand[k]) > 1e-12 {
					t.Errorf("cut into %s: adjusted Rand %v %v, want %v", k, r, err, w.Rand[k])
				}
			}
		})
	}
}

// Equal samples merge first, at height 0, and every sample is a leaf once.
func TestHierarchicalOfEqualSamples(t *testing.T) {
	x := prep.NewMatrix(6, 2)
	copy(x.Data, []float32{1, 1, 5, 5, 1, 1, 5, 5, 1, 1, 9, 0})
	for _, l := range []Linkage{Average, Complete, Single, Ward} {
		h, err := Hierarchical{Linkage: l}.Fit(context.Background(), x)
		if err != nil {
			t.Fatal(err)
		}
		if h.Merges[2].Height != 0 || !(h.Merges[3].Height > 0) {
			t.Errorf("%v: %+v", l, h.Merges)
		}
		order := h.Order()
		slices.Sort(order)
		if !slices.Equal(order, []int{0, 1, 2, 3, 4, 5}) {
			t.Errorf("%v: leaves %v", l, order)
		}
		if cut, err := h.Cut(3); err != nil || !slices.Equal(cut, []int{0, 1, 0, 1, 0, 2}) {
			t.Errorf("%v: %v %v", l, cut, err)
		}
	}
}

func TestHierarchicalRefuses(t *testing.T) {
	x := forTrees(4, 3)
	for name, h := range map[string]Hierarchical{"Ward by correlation": {Linkage: Ward, Correlation: true}, "linkage": {Linkage: 9}} {
		if _, err := h.Fit(context.Background(), x); err == nil {
			t.Error(name)
		}
	}
	if _, err := (Hierarchical{}).Fit(context.Background(), forTrees(1, 3)); err == nil {
		t.Error("one sample")
	}
	if _, err := (Hierarchical{Correlation: true}).Fit(context.Background(), prep.NewMatrix(3, 3)); err == nil {
		t.Error("constant samples by correlation")
	}
	h, err := Hierarchical{}.Fit(context.Background(), x)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := h.Cut(5); err == nil {
		t.Error("5 clusters of 4")
	}
	if _, err := AdjustedRand([]int{1}, nil); err == nil {
		t.Error("no classes")
	}
}
