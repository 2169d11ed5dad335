package gx_test

import (
	"strings"
	"testing"

	"github.com/gxlab/gxlab/datasets"
	"github.com/gxlab/gxlab/gx"
	"github.com/gxlab/gxlab/gx/gxtest"
)

// Counts are prepared step by step, learned steps from the training part alone.
func TestCountsArePrepared(t *testing.T) {
	gxtest.Store(t)
	cells := datasets.SimulatedCells("tiny", 1).Cohort().Split("type", 80, 20)
	for _, c := range []gx.Cohort{
		cells.NormaliseTotal(1e4).Ln1p().HighlyVariable(60, gx.Seurat).Scale(10),
		cells.HighlyVariable(60, gx.SeuratV3).NormaliseTotal(1e4).Ln1p(),
	} {
		s, err := c.Keep(t.Context(), nil)
		if err != nil || s.P() != 60 || s.Units() != "ln(1+x)" {
			t.Fatal(s, err)
		}
	}
	for _, c := range []gx.Cohort{cells.HighlyVariable(60, gx.Seurat), cells.NormaliseTotal(1e4).Ln1p().HighlyVariable(60, gx.SeuratV3)} {
		if _, err := c.Keep(t.Context(), nil); err == nil || !strings.Contains(err.Error(), "SeuratV3") {
			t.Error(err)
		}
	}
}

// KeepGenes keeps those named, in the data's order, and says which are missing.
func TestKeepGenes(t *testing.T) {
	gxtest.Store(t)
	c := datasets.SimulatedCells("tiny", 1).Cohort()
	all, err := c.Keep(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	g := all.Genes()
	s, err := c.KeepGenes(g[9], g[3], "no such gene").Keep(t.Context(), nil)
	if err != nil || s.P() != 2 || s.Genes()[0] != g[3] || s.Row(1)[1] != all.Row(1)[9] {
		t.Fatal(s, err)
	}
	if n := strings.Join(s.Notes(), "\n"); !strings.Contains(n, "not in the data: no such gene") {
		t.Error(n)
	}
	if _, err := c.KeepGenes("no such gene").Keep(t.Context(), nil); err == nil {
		t.Error("a set without genes")
	}
}
