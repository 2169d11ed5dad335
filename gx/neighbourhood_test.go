package gx_test

import (
	"encoding/json"
	"reflect"
	"testing"

	"github.com/gxlab/gxlab/datasets"
	"github.com/gxlab/gxlab/gx"
	"github.com/gxlab/gxlab/gx/gxtest"
	"github.com/gxlab/gxlab/gx/prep"
)

// Neighbours are the nearest genes, not the farthest, and the nearest comes first.
func TestNeighboursAreTheNearest(t *testing.T) {
	genes := []string{"A", "B", "C", "D", "E"}
	n, err := gx.NearestGenes(t.Context(), genes, prep.Matrix{Rows: 5, Cols: 1, Data: []float32{0, 1, 3, 7, 20}}, 2)
	if err != nil {
		t.Fatal(err)
	}
	for g, want := range map[string][]string{"A": {"B", "C"}, "B": {"A", "C"}, "C": {"B", "A"}, "E": {"D", "C"}} {
		if got, err := n.Of(g); err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("%s: %v, %v", g, got, err)
		}
	}
	if share, chance := n.Share(map[string]string{"A": "m", "B": "m", "E": "o"}); share != (0.5+0.5+0)/3 || chance != 0.5/3 {
		t.Error(share, chance)
	}
	o := &gx.GeneNeighbours{Genes: genes, Near: [][]int{{1}, {4}, {}, {}, {}}}
	if got := n.Overlap(o); !reflect.DeepEqual(got, []float64{0.5, 0, 0, 0, 0}) {
		t.Error(got)
	}
}

// A gene that follows its neighbours is predicted from them, one that does not is not.
func TestNeighboursPredict(t *testing.T) {
	x := prep.NewMatrix(60, 3)
	for i := range x.Rows {
		a := float32(i*37%23) - 11
		copy(x.Row(i), []float32{a, 2*a + 1, float32(i * i % 17)})
	}
	n := &gx.GeneNeighbours{Genes: []string{"A", "B", "C"}, Near: [][]int{{1}, {0}, {0}}}
	r2, err := n.Predicted(t.Context(), x.Pick([]int{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19}), x)
	if err != nil || r2[0] < 0.99 || r2[1] < 0.99 || r2[2] > 0.5 {
		t.Error(r2, err)
	}
}

// Genes of a planted module are near each other in siVAE's embedding of genes.
func TestModulesAreNeighbourhoods(t *testing.T) {
	gxtest.Store(t)
	f, err := sivae(3).Gamma(1).Epochs(200).Keep(t.Context(), nil) // as TestGammaReachesTheLoss trains
	if err != nil {
		t.Fatal(err)
	}
	set, err := cells(3).Keep(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	var of datasets.CellTruth
	if err := json.Unmarshal(set.Truth(), &of); err != nil {
		t.Fatal(err)
	}
	module := map[string]string{}
	for _, m := range of.Modules {
		for _, g := range m.Genes {
			module[g] = m.Name
		}
	}
	n, err := f.Neighbours(t.Context(), 5)
	if err != nil {
		t.Fatal(err)
	}
	share, chance := n.Share(module)
	all, err := f.Neighbours(t.Context(), set.P()-1)
	if err != nil {
		t.Fatal(err)
	}
	far := &gx.GeneNeighbours{Genes: all.Genes}
	for _, near := range all.Near {
		far.Near = append(far.Near, near[len(near)-5:])
	}
	farthest, _ := far.Share(module)
	t.Logf("of the nearest 5 %.2f are of the module, of the farthest %.2f, by chance %.2f", share, farthest, chance)
	if !(share > 1.5*chance && share > farthest) {
		t.Errorf("of the nearest 5 %.2f are of the module, of the farthest %.2f, by chance %.2f", share, farthest, chance)
	}
}
