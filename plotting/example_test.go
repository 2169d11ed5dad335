package plotting_test

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/gxlab/gxlab/plotting"
)

// curve is an error that falls from start to end over n epochs, with noise.
func curve(r *rand.Rand, n int, start, end, rate float64) []float64 {
	ys := make([]float64, n)
	for i := range ys {
		ys[i] = end + (start-end)*math.Exp(-rate*float64(i)) + 0.002*r.NormFloat64()
	}
	return ys
}

func random() *rand.Rand { return rand.New(rand.NewPCG(7, 0)) }

// The test error of ten folds of cross-validation, mean ± SE, by two recipes.
func ExampleCurves() {
	r := random()
	var paper, ours [][]float64
	for range 10 {
		paper = append(paper, curve(r, 100, 0.31+0.02*r.NormFloat64(), 0.11+0.01*r.NormFloat64(), 0.06))
		ours = append(ours, curve(r, 100, 0.24+0.02*r.NormFloat64(), 0.085+0.005*r.NormFloat64(), 0.15))
	}
	show(plotting.Curves(
		plotting.MeanSE("recommended", ours),
		plotting.MeanSE("paper's recipe", paper),
	).Y("Test MSE (log₂ units²)"))
}

func TestCurves(t *testing.T) { check(t, ExampleCurves, "curves.svg") }

func ExampleTrainTest() {
	r := random()
	show(plotting.TrainTest(
		plotting.Learning{Name: "recommended", Train: curve(r, 60, 0.3, 0.06, 0.12), Test: curve(r, 60, 0.31, 0.09, 0.12)},
		plotting.Learning{Name: "paper's recipe", Train: curve(r, 60, 0.4, 0.10, 0.06), Test: curve(r, 60, 0.41, 0.12, 0.06)},
	).Y("MSE (log₂ units²)").LogY())
}

func TestTrainTest(t *testing.T) { check(t, ExampleTrainTest, "traintest.svg") }

func overfitted(r *rand.Rand, n int) plotting.Learning {
	l := plotting.Learning{Name: "recommended", Train: curve(r, n, 0.3, 0.05, 0.05), Test: curve(r, n, 0.31, 0.09, 0.06)}
	for i := range l.Test {
		l.Test[i] += 0.0002 * float64(i)
	}
	return l
}

// Twice the epochs: does the test error rise again?
func ExampleLeastTest() {
	show(plotting.LeastTest(overfitted(random(), 200)).Y("MSE (log₂ units²)"))
}

func TestLeastTest(t *testing.T) { check(t, ExampleLeastTest, "leasttest.svg") }

func ranks(r *rand.Rand, n int, first float64) []int {
	out := make([]int, n)
	for i := range out {
		for out[i] = 1; r.Float64() > first; {
			out[i]++
		}
	}
	return out
}

// Of 260 test samples, how many have a reproduced profile that is nearer than any
// other sample's profile?
func ExampleRankCounts() {
	r := random()
	show(plotting.RankCounts(
		plotting.Ranks{Name: "recommended", Ranks: ranks(r, 260, 0.93)},
		plotting.Ranks{Name: "paper's recipe", Ranks: ranks(r, 260, 0.86)},
	).X("Rank of own profile by Spearman correlation"))
}

func TestRankCounts(t *testing.T) { check(t, ExampleRankCounts, "rankcounts.svg") }

func logNormal(r *rand.Rand, n int, median, spread float64) []float64 {
	vs := make([]float64, n)
	for i := range vs {
		vs[i] = median * math.Exp(spread*r.NormFloat64())
	}
	return vs
}

// Profiles against their closest other profile, and against their reproductions.
func ExampleBoxes() {
	r := random()
	show(plotting.Boxes("MSE (log₂ units²)", []plotting.Group{
		{Name: "GEP–GEP closest", Values: logNormal(r, 260, 0.25, 0.5)},
		{Name: "GEP–REP recommended", Values: logNormal(r, 260, 0.08, 0.3)},
		{Name: "GEP–REP paper's recipe", Values: logNormal(r, 260, 0.11, 0.35)},
	}, plotting.Comparison{A: 0, B: 1, P: 1e-43}, plotting.Comparison{A: 0, B: 2, P: 3.2e-9}).LogY())
}

func TestBoxes(t *testing.T) { check(t, ExampleBoxes, "boxes.svg") }

// Many groups: names that do not fit lean.
func ExampleBoxes_reductions() {
	r := random()
	names := []string{"autoencoder, recommended", "autoencoder, paper's recipe", "PCA", "NMF", "kernel PCA, polynomial", "kernel PCA, cosine", "kernel PCA, RBF"}
	var groups []plotting.Group
	for i, n := range names {
		groups = append(groups, plotting.Group{Name: n, Values: logNormal(r, 65, 0.08+0.03*float64(i), 0.3)})
	}
	show(plotting.Boxes("MSE (log₂ units²)", groups).LogY().Height(80))
}

func TestReductions(t *testing.T) { check(t, ExampleBoxes_reductions, "boxes_reductions.svg") }

// profiles makes a profile of n genes, a sibling's and a reproduction of it.
func profiles(r *rand.Rand, n int) (gep, sibling, rep []float32) {
	for range n {
		g := 4 + 9*math.Pow(r.Float64(), 2.2)
		gep = append(gep, float32(g))
		sibling = append(sibling, float32(g+0.5*r.NormFloat64()))
		rep = append(rep, float32(g+0.3*r.NormFloat64()))
	}
	return gep, sibling, rep
}

// Three test samples: a sibling from the same study above, the reproduction below.
func ExampleExamples() {
	r := random()
	var es []plotting.Example
	for _, tissue := range []string{"Colon", "Neuron", "ESC"} {
		gep, sibling, rep := profiles(r, 4000)
		es = append(es, plotting.Example{Name: tissue, GEP: gep, Sibling: sibling, Reproduced: []plotting.Profile{{Values: rep}}})
	}
	show(plotting.Examples("log₂", es...))
}

func TestExamples(t *testing.T) { check(t, ExampleExamples, "examples.svg") }

// Two recipes make two rows. Few points are drawn as shapes.
func ExampleExamples_twoRecipes() {
	r := random()
	var es []plotting.Example
	for _, tissue := range []string{"B-cell", "Heart", "Liver"} {
		gep, sibling, rep := profiles(r, 200)
		es = append(es, plotting.Example{Name: tissue, GEP: gep, Sibling: sibling, Reproduced: []plotting.Profile{
			{Name: "recommended", Values: rep}, {Name: "paper's recipe", Values: sibling}}})
	}
	es[2].Sibling = nil
	show(plotting.Examples("log₂", es...).Titled("Three tissues"))
}

func TestExamplesTwoRecipes(t *testing.T) {
	check(t, ExampleExamples_twoRecipes, "examples_two_recipes.svg")
}

func ExampleEmbedding() {
	r := random()
	var xs, ys []float64
	var tissues []string
	for i, tissue := range []string{"B-cell", "colon", "ESC", "endothelial cell", "fibroblast", "heart", "HSPC", "kidney", "liver", "lung", "macrophage", "neuron"} {
		for range 20 {
			xs = append(xs, 9*math.Cos(float64(i))+r.NormFloat64())
			ys = append(ys, 6*math.Sin(1.7*float64(i))+r.NormFloat64())
			tissues = append(tissues, tissue)
		}
	}
	show(plotting.Embedding(xs, ys, tissues).X("PC1 of the codes (42%)").Y("PC2 of the codes (17%)"))
}

func TestEmbedding(t *testing.T) { check(t, ExampleEmbedding, "embedding.svg") }

func ExampleHeat() {
	var m [][]float64
	var tissues []string
	for i := range 24 {
		row := make([]float64, 24)
		for j := range row {
			row[j] = 0.86 + 0.02*math.Cos(float64(i*j))
			if i/6 == j/6 {
				row[j] = 0.95 + 0.02*math.Cos(float64(i*j))
			}
			if i == j {
				row[j] = 1
			}
		}
		m = append(m, row)
		tissues = append(tissues, []string{"B-cell", "colon", "heart", "neuron"}[i/6])
	}
	show(plotting.Heat(m, tissues, "Spearman correlation"))
}

func TestHeat(t *testing.T) { check(t, ExampleHeat, "heat.svg") }

// Is it logged? These values are.
func ExampleHistogram() {
	r := random()
	gep, _, _ := profiles(r, 20000)
	show(plotting.Histogram("Expression (log₂)", gep))
}

func TestHistogram(t *testing.T) { check(t, ExampleHistogram, "histogram.svg") }

// The first paper's Fig. 2 as a page: two recipes side by side.
func ExamplePanels() {
	r := random()
	const mse = "MSE (log₂ units²)"
	var ours, paper [][]float64
	for range 10 {
		ours = append(ours, curve(r, 50, 0.24, 0.085, 0.15))
		paper = append(paper, curve(r, 50, 0.31, 0.11, 0.06))
	}
	two := func(a, b float64) []plotting.Ranks {
		return []plotting.Ranks{{Name: "recommended", Ranks: ranks(r, 260, a)}, {Name: "paper's recipe", Ranks: ranks(r, 260, b)}}
	}
	closest := func(label string, a, b, c, spread float64) plotting.Figure {
		return plotting.Boxes(label, []plotting.Group{
			{Name: "GEP–GEP (closest)", Values: logNormal(r, 260, a, spread)},
			{Name: "GEP–REP recommended", Values: logNormal(r, 260, b, spread)},
			{Name: "GEP–REP paper's recipe", Values: logNormal(r, 260, c, spread)},
		}, plotting.Comparison{A: 0, B: 1, P: 1e-43}, plotting.Comparison{A: 0, B: 2, P: 3.2e-9})
	}
	var examples []plotting.Example
	for _, tissue := range []string{"Colon", "Neuron", "ESC"} {
		gep, sibling, rep := profiles(r, 1000)
		examples = append(examples, plotting.Example{Name: tissue, GEP: gep, Sibling: sibling, Reproduced: []plotting.Profile{
			{Name: "recommended", Values: rep}, {Name: "paper's recipe", Values: rep}}})
	}
	var reductions []plotting.Group
	for i, n := range []string{"autoencoder, recommended", "autoencoder, paper's recipe", "PCA", "NMF", "kernel PCA, polynomial", "kernel PCA, cosine", "kernel PCA, RBF"} {
		reductions = append(reductions, plotting.Group{Name: n, Values: logNormal(r, 260, 0.08+0.03*float64(i), 0.3)})
	}
	show(plotting.Panels(3,
		plotting.Curves(plotting.MeanSE("recommended", ours), plotting.MeanSE("paper's recipe", paper)).Y("Test "+mse),
		plotting.RankCounts(two(0.93, 0.86)...).X("Rank of the REP by Spearman correlation"),
		plotting.RankCounts(two(0.95, 0.88)...).X("Rank of the REP by MSE"),
		plotting.Examples("log₂", examples...).Span(2).Height(110),
		closest("Spearman correlation", 0.92, 0.97, 0.96, 0.008),
		closest(mse, 0.25, 0.08, 0.11, 0.3).LogY().Height(80),
		plotting.Boxes(mse, reductions).LogY().Height(80).Span(2),
	))
}

func TestPanels(t *testing.T) { check(t, ExamplePanels, "panels.svg") }

// Every held-out tissue's errors by two models.
func ExampleGroupedBoxes() {
	r := random()
	tissues := []string{"B-cell", "T-cell", "endothelial", "fibroblast", "skeletal muscle", "heart", "kidney", "liver"}
	of := []plotting.Grouped{{Name: "autoencoder"}, {Name: "PCA"}}
	for i := range of {
		for range tissues {
			at := 0.2 + 0.1*r.Float64() + 0.05*float64(i)
			var v []float64
			for range 65 {
				v = append(v, at*math.Exp(0.2*r.NormFloat64()))
			}
			of[i].Values = append(of[i].Values, v)
		}
	}
	show(plotting.GroupedBoxes("MSE (log₂ units²)", tissues, of...).LogY())
}

func TestGroupedBoxes(t *testing.T) { check(t, ExampleGroupedBoxes, "groupedboxes.svg") }

func ExampleConfusionMatrix() {
	r := random()
	classes := []string{"B-cell", "T-cell", "macrophage", "endothelial", "fibroblast", "skeletal muscle", "heart", "kidney"}
	counts := make([][]int, len(classes))
	for i := range counts {
		counts[i] = make([]int, len(classes))
		for range 16 {
			j := i
			if r.Float64() < 0.1 {
				j = r.IntN(len(classes))
			}
			counts[i][j]++
		}
	}
	show(plotting.ConfusionMatrix(classes, counts))
}

func TestConfusionMatrix(t *testing.T) { check(t, ExampleConfusionMatrix, "confusion.svg") }

// Errors of two classifiers on three kinds of codes, with their 95 % intervals.
func ExampleEstimates() {
	show(plotting.Estimates("Errors (%)", []string{"PCA", "CIC", "classifier's CIC"},
		plotting.Estimated{Name: "random forest", Value: []float64{9.6, 6.2, 3.8}, Low: []float64{6.6, 3.8, 2.1}, High: []float64{13.8, 9.7, 6.9}},
		plotting.Estimated{Name: "SVM", Value: []float64{10.4, 6.2, 3.8}, Low: []float64{7.2, 3.8, 2.1}, High: []float64{14.7, 9.7, 6.9}},
	))
}

func TestEstimates(t *testing.T) { check(t, ExampleEstimates, "estimates.svg") }
