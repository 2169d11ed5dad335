package plotting_test

import (
	"fmt"
	"math"
	"strings"
	"testing"

	"github.com/gxlab/gxlab/gx/stats"
	"github.com/gxlab/gxlab/plotting"
)

// terms are gene sets of 2000 genes; the first ones gather where the score is high or low.
func terms() (genes []string, scores []float64, sets stats.GeneSets) {
	r := random()
	for i := range 2000 {
		genes, scores = append(genes, fmt.Sprintf("g%04d", i)), append(scores, 3-6*float64(i)/2000+0.2*r.NormFloat64())
	}
	var all []stats.GeneSet
	for i, name := range []string{"B cell receptor signaling pathway", "GO_IMMUNOGLOBULIN_PRODUCTION", "antigen processing and presentation of exogenous peptide antigen via MHC class II",
		"Cytokine–cytokine receptor interaction", "Muscle contraction", "Sarcomere organization", "Ribosome", "Proteasome", "Steroid biosynthesis", "Spliceosome"} {
		s := stats.GeneSet{Name: name}
		for range 20 + 12*i {
			u := r.Float64()
			switch {
			case i < 4:
				u = math.Pow(u, 4.5-float64(i))
			case i < 6:
				u = 1 - math.Pow(u, 3)
			}
			s.Genes = append(s.Genes, genes[int(u*2000)])
		}
		all = append(all, s)
	}
	sets, _ = stats.NewGeneSets(all...)
	return genes, scores, sets
}

// Which pathways do the hundred genes at the top belong to?
func ExampleOverRepresented() {
	genes, _, sets := terms()
	e, _ := stats.OverRepresented(genes[:100], sets, genes)
	show(plotting.OverRepresented(e, 8))
}

func TestOverRepresented(t *testing.T) { check(t, ExampleOverRepresented, "overrepresented.svg") }

// Which pathways gather at either end of a ranking?
func ExampleEnriched() {
	genes, scores, sets := terms()
	r, _ := stats.Prerank(genes, scores, sets, 1)
	show(plotting.Enriched(r, 10))
}

func TestEnriched(t *testing.T) { check(t, ExampleEnriched, "enriched.svg") }

func TestTermDotsRefused(t *testing.T) {
	for what, f := range map[string]plotting.Figure{
		"has no terms": plotting.OverRepresented(&stats.Enrichment{}, 10),
		"value NaN":    plotting.TermDots("NES", plotting.TermDot{Name: "x", Value: math.NaN()}),
		"p NaN":        plotting.TermDots("NES", plotting.TermDot{Name: "x", Adjusted: math.NaN()}),
	} {
		if _, err := f.SVG(); err == nil || !strings.Contains(err.Error(), what) {
			t.Errorf("%s: %v", what, err)
		}
	}
}
