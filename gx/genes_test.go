package gx_test

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/gxlab/gxlab/gx"
	"github.com/gxlab/gxlab/gx/frame"
	"github.com/gxlab/gxlab/gx/gxtest"
)

// keptSet is a cohort's set in a store of the test's own.
func keptSet(t *testing.T, c gx.Cohort) *gx.Set {
	t.Helper()
	s, err := c.Keep(ctx, nil)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// plain is 6 samples of 5 probes with values that are easy to follow.
func plain() gx.Cohort {
	return gx.From(made{n: 6, p: 5, key: "plain", edit: func(r *gx.Raw) {
		r.Scale = "log2"
		for i := range 6 {
			copy(r.X.Row(i), []float32{float32(i), 10, float32(10 * i), 3, float32(7 - i)})
		}
		var err error
		if r.GeneTable, err = frame.New(r.Genes).With("symbol", []string{"A", "B", "A", "---", "C /// D"}); err != nil {
			panic(err)
		}
	}})
}

func TestMapGenes(t *testing.T) {
	gxtest.Store(t)
	names := map[string]string{"G0": "A", "G2": "A", "G4": "A", "G1": "NA", "G9": "Z"}
	s := keptSet(t, plain().MapGenes(names))
	if got := fmt.Sprint(s.Genes(), s.Row(3), s.Row(1)); got != "[A NA] [4 10] [6 10]" { // the medians of 3, 30, 4 and 1, 10, 6
		t.Error(got)
	}
	if was, _ := s.GeneTable().Column("was"); !slices.Equal(was, []string{"G0 G2 G4", "G1"}) || !strings.Contains(strings.Join(s.Notes(), ""), "4 of 5 genes") {
		t.Errorf("%q %q", was, s.Notes())
	}
	s = keptSet(t, plain().Split("", 50, 50).MapGenes(names, gx.MaxVariance))
	if got := fmt.Sprint(s.Genes(), s.Row(3)); got != "[A NA] [30 10]" {
		t.Error(got)
	}
	s = keptSet(t, plain().GenesBy("symbol", gx.MaxMean))
	if got := fmt.Sprint(s.Genes(), s.Row(3)); got != "[A B] [30 10]" {
		t.Error(got)
	}
	for what, c := range map[string]gx.Cohort{
		"would learn from the test samples": plain().MapGenes(names, gx.MaxVariance).Split("", 50, 50),
		"no names":                          plain().MapGenes(nil),
		"max-variance":                      plain().MapGenes(names, "best"),
		"no gene has a new name":            plain().MapGenes(map[string]string{"X": "Y"}),
		"there is no label \"entrez\"":      plain().GenesBy("entrez"),
	} {
		if _, err := c.Keep(ctx, nil); err == nil || !strings.Contains(err.Error(), what) || !strings.Contains(err.Error(), "genes_test.go") {
			t.Errorf("%s: %v", what, err)
		}
	}
}

func TestCounts(t *testing.T) {
	gxtest.Store(t)
	counts := gx.From(made{n: 6, p: 6, key: "counts", edit: func(r *gx.Raw) {
		for i := range 6 {
			copy(r.X.Row(i), []float32{0, 1, 2, 3, 4, 0})
			r.X.Row(i)[4] = float32(4 + i)
		}
	}})
	// R: quantile(c(1, 2, 3, 4), 0.75) is 3.25, quantile(c(1, 2, 3, 9), 0.75) is 4.5
	s := keptSet(t, counts.UpperQuartile())
	if a, b := s.Row(0)[4], s.Row(5)[1]; math.Abs(float64(a)-4000/3.25) > 1e-3 || math.Abs(float64(b)-1000/4.5) > 1e-3 {
		t.Error(a, b)
	}
	s = keptSet(t, counts.NormaliseTotal(1e4))
	if a := s.Row(0)[4]; math.Abs(float64(a)-4000) > 1e-3 {
		t.Error(a)
	}
	empty := gx.From(made{n: 6, p: 6, key: "empty", edit: func(r *gx.Raw) { clear(r.X.Row(2)) }})
	if _, err := empty.NormaliseTotal(1e4).Keep(ctx, nil); err == nil || !strings.Contains(err.Error(), "s2") {
		t.Error(err)
	}
	if _, err := plain().Centre().UpperQuartile().Keep(ctx, nil); err == nil || !strings.Contains(err.Error(), "before Standardise") {
		t.Error(err)
	}
}

// Planted copies go, and nothing else does.
func TestDropNearDuplicates(t *testing.T) {
	gxtest.Store(t)
	c := gx.From(made{n: 60, p: 200, key: "copies", edit: func(r *gx.Raw) {
		for i, of := range map[int]int{20: 3, 41: 3, 59: 17} {
			copy(r.X.Row(i), r.X.Row(of))
			r.X.Row(i)[7] *= 1.0001
		}
	}}).Log2()
	s := keptSet(t, c.DropNearDuplicates(0.5))
	if s.N() != 57 || slices.Contains(s.Samples().IDs(), "s20") || slices.Contains(s.Samples().IDs(), "s41") || slices.Contains(s.Samples().IDs(), "s59") {
		t.Error(s.N(), s.Notes())
	}
	if _, err := c.Split("tissue", 75, 25).DropNearDuplicates(1).Keep(ctx, nil); err == nil || !strings.Contains(err.Error(), "before Split") {
		t.Error(err)
	}
}

// Two platforms come to the same genes in the same order, and to one distribution.
func TestAlign(t *testing.T) {
	gxtest.Store(t)
	one := gx.From(made{n: 12, p: 30, key: "one"}).Log2()
	two := gx.From(made{n: 9, p: 20, key: "two", edit: func(r *gx.Raw) {
		slices.Reverse(r.Genes)
		r.Genes[4] = "other"
		for i, v := range r.X.Data {
			r.X.Data[i] = v * v
		}
	}}).Log2()
	a, b := gx.Align(one, two)
	sa, sb := keptSet(t, a), keptSet(t, b)
	if !slices.Equal(sa.Genes(), sb.Genes()) || sa.P() != 19 || slices.Contains(sa.Genes(), "other") {
		t.Fatal(sa.Genes(), sb.Genes())
	}
	whole := keptSet(t, one)
	for k, g := range sa.Genes() {
		if sa.Row(2)[k] != whole.Row(2)[slices.Index(whole.Genes(), g)] {
			t.Fatalf("gene %s has another's values", g)
		}
	}
	joint := keptSet(t, b.QuantileNormaliseTo(a.QuantileNormalise()))
	x, y := slices.Sorted(slices.Values(joint.Row(3))), slices.Sorted(slices.Values(keptSet(t, a.QuantileNormalise()).Row(5)))
	for k := range x {
		if math.Abs(float64(x[k]-y[k])) > 1e-5 {
			t.Fatalf("rank %d is %v, in the reference %v", k, x[k], y[k])
		}
	}
	if _, err := one.Split("tissue", 75, 25).QuantileNormaliseTo(two).Keep(ctx, nil); err == nil || !strings.Contains(err.Error(), "before Split") {
		t.Error(err)
	}
	other, _ := gx.Align(one, gx.From(made{n: 5, p: 3, key: "none", edit: func(r *gx.Raw) { r.Genes = []string{"x", "y", "z"} }}))
	if _, err := other.Keep(ctx, nil); err == nil || !strings.Contains(err.Error(), "MapGenes") {
		t.Error(err)
	}
}
