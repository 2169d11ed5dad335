package learn

import (
	"context"
	"math"

	"github.com/gxlab/gxlab/gx/cores"
	"github.com/gxlab/gxlab/gx/prep"
)

// RandomForest classifies samples by many trees (Breiman, 2001): each is grown in full
// on as many samples as there are, drawn with replacement, and splits by the Gini
// impurity among a few features drawn anew at every split. A sample's probabilities are
// the mean of the classes' shares in its leaves, as scikit-learn has them; it is
// predicted to be the class of highest probability, the first of equals. Features need
// no scaling.
type RandomForest struct {
	Trees    int    // the default is 500
	Features int    // drawn at each split; the default is √features, rounded down
	Leaf     int    // training samples in a leaf, at least; the default is 1
	Depth    int    // splits from root to leaf, at most; the default is no limit
	Seed     uint64 // the same seed gives the same forest
	Tell     func(what string, done, total int)
}

// Name is "random forest".
func (RandomForest) Name() string { return "random forest" }

// Train is Fit.
func (r RandomForest) Train(ctx context.Context, x prep.Matrix, labels []string) (Predictor, error) {
	return trained(r.Fit(ctx, x, labels))
}

// Fit grows the forest from samples × features and a label for each sample. It fails on
// missing values, missing labels, fewer than two classes and settings out of range, and
// when ctx ends.
func (r RandomForest) Fit(ctx context.Context, x prep.Matrix, labels []string) (*Forest, error) {
	classes, class, err := encode(r.Name(), x, labels)
	if err != nil {
		return nil, err
	}
	l, trees, err := forestLimits(r.Name(), r.Trees, r.Features, r.Leaf, r.Depth, x.Cols, int(math.Sqrt(float64(x.Cols))))
	if err != nil {
		return nil, err
	}
	o, err := presort(ctx, x)
	if err != nil {
		return nil, err
	}
	grown, err := grow(ctx, plant{ordered: o, limits: l, trees: trees, bootstrap: true, seed: r.Seed, class: class, k: len(classes), skip: -1,
		progress: &progress{tell: r.Tell, what: "trees", total: trees}})
	if err != nil {
		return nil, err
	}
	f := &Forest{classes: classes, features: x.Cols, trees: grown.trees, importances: importances(grown.trees, x.Cols)}
	if err := f.outOfBag(ctx, x, class, grown.bags); err != nil {
		return nil, err
	}
	return f, nil
}

// Forest is a fitted [RandomForest].
type Forest struct {
	classes     []string
	features    int
	trees       []*tree
	importances []float64
	oob         [][]float64
	accuracy    float64
}

// Classes are the classes it learned, sorted.
func (f *Forest) Classes() []string { return f.classes }

// Importances are the features' mean decreases in Gini impurity, in sum 1 (0 if no tree
// splits). Features of many different values gain a little from that alone.
func (f *Forest) Importances() []float64 { return f.importances }

// OOB is the share of training samples that the trees grown without them classify
// rightly, an estimate of the accuracy on new samples. Samples that are in every bag do
// not count; NaN if all are.
func (f *Forest) OOB() float64 { return f.accuracy }

// OOBProbabilities are the training samples' probabilities from the trees grown without
// them, samples × classes; a row is NaN where there is no such tree.
func (f *Forest) OOBProbabilities() [][]float64 { return f.oob }

func (f *Forest) outOfBag(ctx context.Context, x prep.Matrix, class []int32, bags [][]uint64) error {
	f.oob = make([][]float64, x.Rows)
	err := each(ctx, x.Rows, nil, func(_, i int) error {
		sum, n := make([]float64, len(f.classes)), 0.0
		for t, bag := range bags {
			if !has(bag, i) {
				f.trees[t].vote(x.Row(i), sum)
				n++
			}
		}
		for k := range sum {
			sum[k] /= n // NaN without a tree
		}
		f.oob[i] = sum
		return nil
	})
	right, n := 0.0, 0.0
	for i, p := range f.oob {
		if err == nil && !math.IsNaN(p[0]) {
			n++
			if int32(greatest(p)) == class[i] {
				right++
			}
		}
	}
	f.accuracy = right / n
	return err
}

// Probabilities are samples × classes, in the order of Classes, each row in sum 1.
func (f *Forest) Probabilities(x prep.Matrix) ([][]float64, error) {
	if err := checkNew("random forest", x, f.features); err != nil {
		return nil, err
	}
	out := make([][]float64, x.Rows)
	cores.Each(x.Rows, func(i int) {
		out[i] = make([]float64, len(f.classes))
		for _, t := range f.trees {
			t.vote(x.Row(i), out[i])
		}
		for k := range out[i] {
			out[i][k] /= float64(len(f.trees))
		}
	})
	return out, nil
}

// Predict is each sample's most probable class.
func (f *Forest) Predict(x prep.Matrix) ([]string, error) {
	p, err := f.Probabilities(x)
	if err != nil {
		return nil, err
	}
	return named(f.classes, p), nil
}

// named is the class of the greatest of each row, the first of equals.
func named(classes []string, rows [][]float64) []string {
	out := make([]string, len(rows))
	for i, r := range rows {
		out[i] = classes[greatest(r)]
	}
	return out
}

func greatest(x []float64) int {
	best := 0
	for k, v := range x {
		if v > x[best] {
			best = k
		}
	}
	return best
}
