package plotting_test

import (
	"math"
	"testing"

	"github.com/gxlab/gxlab/gx/stats"
	"github.com/gxlab/gxlab/plotting"
)

func ExampleByWidth() {
	w := []int{64, 128, 256, 512, 1024}
	law := stats.PowerLaw{A: 0.89, B: 0.028, Unit: 64}
	show(plotting.ByWidth("R² of test samples",
		plotting.Widths{Name: "deep", Width: w, Value: []float64{0.888, 0.91, 0.925, 0.944, 0.951}, Law: &law},
		plotting.Widths{Name: "shallow", Width: w, Value: []float64{0.81, 0.82, 0.835, 0.845, 0.95}},
	))
}

func TestByWidth(t *testing.T) { check(t, ExampleByWidth, "bywidth.svg") }

func ExamplePaired() {
	r := random()
	pairs := func(n int, up float64) (ps []plotting.Pair) {
		for range n {
			x := 1.4*r.Float64() - 0.8
			ps = append(ps, plotting.Pair{X: x, Y: math.Min(1, x+up*r.Float64()-0.1)})
		}
		return ps
	}
	show(plotting.Paired("Silhouette, PCA", "Silhouette, deepAE-PCA", 0.1, []string{"tissues", "diseases"}, pairs(16, 0.5), pairs(8, 0.3)))
}

func TestPaired(t *testing.T) { check(t, ExamplePaired, "paired.svg") }

func ExampleSignificance() {
	show(plotting.Significance([]string{"asthma", "colon carcinoma", "Crohn's disease", "obesity", "ulcerative colitis"}, 0.05,
		plotting.Tested{Name: "layer 1", P: []float64{0.2, 1e-3, 0.01, 0.5, 2e-4}},
		plotting.Tested{Name: "layer 2", P: []float64{0.1, 1e-4, 4e-4, 0.2, 1e-5}},
		plotting.Tested{Name: "layer 3", P: []float64{0.01, 1e-6, 1e-5, math.NaN(), 1e-8}},
	))
}

func TestSignificance(t *testing.T) { check(t, ExampleSignificance, "significance.svg") }

func ExampleByTopGenes() {
	r := random()
	layer := func(name string, z float64) plotting.Gradient {
		g := plotting.Gradient{Name: name, Sizes: []int{100, 200, 400, 800, 1600}}
		for range 30 {
			var row []float64
			for k := range g.Sizes {
				row = append(row, z*math.Pow(0.8, float64(k))+r.NormFloat64())
			}
			g.Z = append(g.Z, row)
		}
		return g
	}
	show(plotting.ByTopGenes("z of harmonic distance", layer("layer 1", -6), layer("layer 2", -3), layer("layer 3", -0.5)))
}

func TestByTopGenes(t *testing.T) { check(t, ExampleByTopGenes, "bytopgenes.svg") }
