package learn

import (
	"context"
	"math"
	"reflect"
	"testing"

	"github.com/gxlab/gxlab/gx/prep"
)

func TestRegressionForestIsOneOfScikitLearns(t *testing.T) {
	x, y := targeted(600, 12, 1, 0.5, 3)
	train, of, test := rows(x, 0, 300), rows(y, 0, 300), rows(x, 300, 600)
	mean := 0.0
	for _, v := range y.Data[300:] {
		mean += float64(v) / 300
	}
	for name, r := range map[string]RegressionForest{"random": {}, "extra": {Extra: true}} {
		want := reference(t).RegressionForest[name]
		var r2, oob []float64
		importances := make([]float64, x.Cols)
		r.Trees, r.Features = 100, 4
		for seed := range 20 {
			r.Seed = uint64(seed)
			g := must(r.Fit(context.Background(), train, of))(t)
			off, whole := 0.0, 0.0
			for i, v := range must(g.Predict(test))(t).Data {
				truth := float64(y.Data[300+i])
				off += (float64(v) - truth) * (float64(v) - truth)
				whole += (truth - mean) * (truth - mean)
			}
			r2, oob = append(r2, 1-off/whole), append(oob, g.OOB()[0])
			for j, v := range g.Importances(0) {
				importances[j] += v / 20
			}
		}
		alike(t, name+" R²", r2, want.R2)
		if name == "random" {
			alike(t, name+" OOB", oob, want.OOB)
		} else if !math.IsNaN(oob[0]) {
			t.Errorf("extra trees have an OOB of %v", oob[0])
		}
		near(t, name+" importances", [][]float64{importances}, [][]float64{want.Importances}, 0.03)
	}
}

// The best split of a regression tree, found by trying each one.
func TestRegressionSplitsAreTheBest(t *testing.T) {
	x, y := targeted(40, 5, 1, 1, 4)
	g := newGrower(must(presort(context.Background(), x))(t), limits{features: 5, leaf: 3, depth: 1})
	for _, v := range y.Data {
		g.y = append(g.y, float64(v))
	}
	tree := g.one(plant{skip: 2}, 0)
	part := func(j int, threshold float64) (within float64, small int) {
		var s, ss, n [2]float64
		for i := range 40 {
			k := 0
			if float64(x.Row(i)[j]) > threshold {
				k = 1
			}
			v := float64(y.Data[i])
			s[k] += v
			ss[k] += v * v
			n[k]++
		}
		return ss[0] - s[0]*s[0]/n[0] + ss[1] - s[1]*s[1]/n[1], int(min(n[0], n[1]))
	}
	root := tree.nodes[0]
	own, small := part(int(root.feature), root.threshold)
	if root.feature == 2 || small < 3 || len(tree.nodes) != 3 {
		t.Fatalf("it splits by feature %d, %d samples on the smaller side, %d nodes", root.feature, small, len(tree.nodes))
	}
	for j := range 5 {
		for i := range 40 {
			if w, n := part(j, float64(x.Row(i)[j])); j != 2 && n >= 3 && w < own-1e-9 {
				t.Errorf("feature %d leaves %v within, the tree's %v", j, w, own)
			}
		}
	}
	if whole, _ := part(0, 1e9); math.Abs(tree.gain[0]-(varianceOf(g.y)-own/40)) > 1e-9 && whole > 0 {
		t.Errorf("a gain of %v, want %v", tree.gain[0], varianceOf(g.y)-own/40)
	}
}

func varianceOf(y []float64) float64 {
	_, sd := meanSD(y)
	return sd * sd * float64(len(y)-1) / float64(len(y))
}

func TestRegressionForestsKeepTargetsApart(t *testing.T) {
	x, y := targeted(60, 6, 3, 0.5, 5)
	for _, r := range []RegressionForest{{Trees: 20, Seed: 1}, {Trees: 20, Seed: 1, Extra: true}} {
		atThreads(t, r.Name(), func() prep.Matrix { return must(must(r.Train(context.Background(), x, y))(t).Predict(x))(t) })
		all := must(must(r.Train(context.Background(), x, y))(t).Predict(x))(t)
		one := must(must(r.Train(context.Background(), x, y.Columns([]int{0})))(t).Predict(x))(t)
		if !reflect.DeepEqual(all.Columns([]int{0}), one) {
			t.Errorf("%s: the first target is another one alone", r.Name())
		}
		// A target far from 0 comes back there; a constant one as it is.
		far := prep.NewMatrix(60, 2)
		for i := range 60 {
			far.Row(i)[0], far.Row(i)[1] = 1e6+y.Row(i)[0], 7
		}
		g := must(r.Fit(context.Background(), x, far))(t)
		for i, v := range must(g.Predict(x))(t).Data {
			if i%2 == 0 && math.Abs(float64(v)-1e6) > 10 || i%2 == 1 && v != 7 {
				t.Fatalf("%s predicts %v", r.Name(), v)
			}
		}
	}
	_, err := RegressionForest{}.Fit(context.Background(), x, rows(y, 0, 10))
	refused(t, err, "features of 60 samples and targets of 10")
}

func TestGENIE3IsThatOfScikitLearn(t *testing.T) {
	x, edges := networked(120, 20, 1, 4)
	want := reference(t).Genie3
	const seeds = 10
	runs := make([][]float64, 400)
	for seed := range seeds {
		n := must(GENIE3{Trees: 50, Seed: uint64(seed)}.Fit(context.Background(), x))(t)
		for i, v := range n.Weight {
			runs[i] = append(runs[i], v)
		}
	}
	got := make([][]float64, 20)
	squares := 0.0
	for i, run := range runs {
		mean, sd := meanSD(run)
		got[i/20] = append(got[i/20], mean)
		if i/20 == i%20 {
			if mean != 0 {
				t.Errorf("gene %d regulates itself", i/20)
			}
			continue
		}
		// The difference of two means over seeds, in its standard errors.
		z := (mean - want.Weights[i/20][i%20]) / math.Sqrt((sd*sd+want.SD[i/20][i%20]*want.SD[i/20][i%20])/seeds)
		squares += z * z / 380
		if math.Abs(z) > 5 {
			t.Errorf("%d → %d weighs %v, scikit-learn %v: %v standard errors", i/20, i%20, mean, want.Weights[i/20][i%20], z)
		}
	}
	// Were they draws of one distribution, the mean square would be 18/16 and vary by 0.1.
	t.Logf("mean square of the differences in standard errors %.3f", squares)
	if squares > 1.6 {
		t.Errorf("mean square of the differences in standard errors %v", squares)
	}
	a, b := auc(got, edges), auc(want.Weights, edges)
	t.Logf("AUC of the true edges %.3f, by scikit-learn's weights %.3f", a, b)
	if math.Abs(a-b) > 0.02 {
		t.Errorf("AUC %v, by scikit-learn's weights %v", a, b)
	}
}

// auc is how often a true edge, in either direction, weighs more than another pair.
func auc(w [][]float64, edges [][2]int) float64 {
	is := map[[2]int]bool{}
	for _, e := range edges {
		is[e], is[[2]int{e[1], e[0]}] = true, true
	}
	wins, n := 0.0, 0.0
	for a := range w {
		for b := range w {
			if a == b || !is[[2]int{a, b}] {
				continue
			}
			for c := range w {
				for d := range w {
					if c == d || is[[2]int{c, d}] {
						continue
					}
					n++
					if w[a][b] > w[c][d] {
						wins++
					}
				}
			}
		}
	}
	return wins / n
}

func TestGENIE3(t *testing.T) {
	ctx := context.Background()
	x, _ := networked(50, 10, 1, 5)
	for i := range 50 {
		x.Row(i)[9] = 3 // a gene that is constant
	}
	for _, g := range []GENIE3{{Trees: 20, Seed: 1}, {Trees: 20, Extra: true}, {Trees: 20, Regulators: []int{7, 0, 1}}} {
		n := must(g.Fit(ctx, x))(t)
		atThreads(t, "GENIE3", func() *Network { return must(g.Fit(ctx, x))(t) })
		for j := range 10 {
			in := 0.0
			for i := range 10 {
				w := n.At(i, j)
				if i == j && w != 0 || w < 0 || g.Regulators != nil && w != 0 && i != 0 && i != 1 && i != 7 {
					t.Errorf("%d → %d weighs %v", i, j, w)
				}
				in += w
			}
			if j == 9 && in != 0 || j != 9 && (in < 0.5 || in > 1.5) {
				t.Errorf("all regulators of gene %d weigh %v", j, in)
			}
		}
		edges := n.Edges(5)
		if len(edges) != 5 {
			t.Fatalf("%d edges", len(edges))
		}
		for k, e := range edges[1:] {
			if e.Weight > edges[k].Weight {
				t.Error("edges are not in order")
			}
		}
	}
	if n := must(GENIE3{Trees: 1}.Fit(ctx, x))(t); len(n.Edges(-1)) != 0 {
		t.Error("fewer than no edges")
	}
	_, err := GENIE3{}.Fit(ctx, prep.NewMatrix(1, 5))
	refused(t, err, "1 samples × 5 genes")
	_, err = GENIE3{Regulators: []int{1, 1}}.Fit(ctx, x)
	refused(t, err, "regulator 1 of 10 genes\n  at Regulators[1]")
	_, err = GENIE3{Regulators: []int{1}}.Fit(ctx, x)
	refused(t, err, "1 regulators")
	_, err = GENIE3{Trees: -2}.Fit(ctx, x)
	refused(t, err, "Trees is -2")
	ended, cancel := context.WithCancel(ctx)
	cancel()
	if n, err := (GENIE3{}).Fit(ended, x); err == nil || n != nil {
		t.Error("an ended context still makes a network")
	}
}
