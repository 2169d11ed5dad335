package learn

import (
	"context"
	"math"

	"github.com/gxlab/gxlab/gx/cores"
	"github.com/gxlab/gxlab/gx/prep"
)

// RegressionForest predicts numbers by many trees, for each target on its own: each tree
// splits by the variance of the target among a few features drawn anew at every split,
// and a prediction is the mean of the means in its leaves (Breiman, 2001). Features and
// targets need no scaling.
type RegressionForest struct {
	Trees    int    // for each target; the default is 500
	Features int    // drawn at each split; the default is a third of them
	Leaf     int    // training samples in a leaf, at least; the default is 1
	Depth    int    // splits from root to leaf, at most; the default is no limit
	Extra    bool   // extremely randomised trees: each threshold is drawn, and each tree sees every sample (Geurts, Ernst and Wehenkel, 2006)
	Seed     uint64 // the same seed gives the same forest
	Tell     func(what string, done, total int)
}

// Name is "regression forest" or "extra trees".
func (r RegressionForest) Name() string {
	if r.Extra {
		return "extra trees"
	}
	return "regression forest"
}

// Train is Fit.
func (r RegressionForest) Train(ctx context.Context, x, targets prep.Matrix) (Estimator, error) {
	return estimated(r.Fit(ctx, x, targets))
}

// Fit grows the forests from samples × features and samples × targets. It fails on
// missing values, matrices of different samples, fewer than two samples and settings out
// of range, and when ctx ends.
func (r RegressionForest) Fit(ctx context.Context, x, targets prep.Matrix) (*Grove, error) {
	if err := checkTargets(r.Name(), x, targets, 2); err != nil {
		return nil, err
	}
	l, trees, err := forestLimits(r.Name(), r.Trees, r.Features, r.Leaf, r.Depth, x.Cols, x.Cols/3)
	if err != nil {
		return nil, err
	}
	l.chance = r.Extra
	o, err := prepare(ctx, x, l)
	if err != nil {
		return nil, err
	}
	g := &Grove{name: r.Name(), features: x.Cols, mean: means(targets)}
	p := &progress{tell: r.Tell, what: "trees", total: trees * targets.Cols}
	for t, mean := range g.mean {
		y := make([]float64, x.Rows)
		for i := range y {
			y[i] = float64(targets.Row(i)[t]) - mean // small numbers sum more exactly
		}
		grown, err := grow(ctx, plant{ordered: o, limits: l, trees: trees, bootstrap: !r.Extra, seed: r.Seed, stream: uint64(t), y: y, skip: -1, progress: p})
		if err != nil {
			return nil, err
		}
		g.trees = append(g.trees, grown.trees)
		g.importances = append(g.importances, importances(grown.trees, x.Cols))
		g.oob = append(g.oob, outOfBag(x, y, grown))
	}
	return g, nil
}

// Grove is a fitted [RegressionForest]: a forest for each target.
type Grove struct {
	name        string
	features    int
	trees       [][]*tree
	mean        []float64
	importances [][]float64
	oob         []float64
}

// Importances are how much of a target's variance the splits of each feature take away,
// in sum 1 (0 if no tree splits).
func (g *Grove) Importances(target int) []float64 { return g.importances[target] }

// OOB is each target's R² when a training sample is predicted by the trees grown without
// it alone; NaN with extra trees, which see every sample.
func (g *Grove) OOB() []float64 { return g.oob }

// Predict is samples × targets.
func (g *Grove) Predict(x prep.Matrix) (prep.Matrix, error) {
	if err := checkNew(g.name, x, g.features); err != nil {
		return prep.Matrix{}, err
	}
	out := prep.NewMatrix(x.Rows, len(g.trees))
	cores.Each(x.Rows, func(i int) {
		for t, trees := range g.trees {
			sum := 0.0
			for _, tree := range trees {
				sum += tree.leaf(x.Row(i)).threshold
			}
			out.Row(i)[t] = float32(g.mean[t] + sum/float64(len(trees)))
		}
	})
	return out, nil
}

// outOfBag is R² over the samples that are out of some tree's bag.
func outOfBag(x prep.Matrix, y []float64, grown grownTrees) float64 {
	said := make([]float64, x.Rows)
	cores.Each(x.Rows, func(i int) {
		sum, n := 0.0, 0.0
		for t, bag := range grown.bags {
			if !has(bag, i) {
				sum += grown.trees[t].leaf(x.Row(i)).threshold
				n++
			}
		}
		said[i] = sum / n
	})
	mean, n := 0.0, 0.0
	for i, v := range said {
		if !math.IsNaN(v) {
			mean += y[i]
			n++
		}
	}
	mean /= n
	off, whole := 0.0, 0.0
	for i, v := range said {
		if !math.IsNaN(v) {
			off += (y[i] - v) * (y[i] - v)
			whole += (y[i] - mean) * (y[i] - mean)
		}
	}
	return 1 - off/whole
}
