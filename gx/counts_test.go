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
