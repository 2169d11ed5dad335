package learn

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"

	"github.com/gxlab/gxlab/gx/fault"
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

// forestLimits fills in the defaults of a forest's settings and refuses bad ones.
func forestLimits(who string, trees, features, leaf, depth, p, usual int) (limits, int, error) {
	l := limits{features: or(features, max(1, usual)), leaf: or(leaf, 1), depth: or(depth, math.MaxInt)}
	trees = or(trees, 500)
	for _, s := range []struct {
		name string
		v    int
	}{{"Trees", trees}, {"Features", l.features}, {"Leaf", l.leaf}, {"Depth", l.depth}} {
		if err := atLeast(who, s.name, s.v, 1); err != nil {
			return l, 0, err
		}
	}
	if l.features > p {
		return l, 0, fault.New(fmt.Sprintf("%s: Features is %d, of %d", who, l.features, p), "", fmt.Sprintf("1 to %d, or 0 for the default", p))
	}
	return l, trees, nil
}

// plant is what a forest grows from.
type plant struct {
	*ordered
	limits
	trees     int
	bootstrap bool
	seed      uint64
	stream    uint64  // keeps apart the forests of one seed
	class     []int32 // or y
	k         int
	y         []float64
	skip      int // a feature that is left out, −1 for none
	progress  *progress
}

type grownTrees struct {
	trees []*tree
	bags  [][]uint64 // a bit a sample that is in the tree's bag; nil without bootstrap
}

// grow grows a forest's trees over the cores, each from random numbers of its own.
func grow(ctx context.Context, f plant) (grownTrees, error) {
	out := grownTrees{trees: make([]*tree, f.trees)}
	if f.bootstrap {
		out.bags = make([][]uint64, f.trees)
	}
	growers := make([]*grower, workers(f.trees))
	err := each(ctx, f.trees, f.progress, func(w, t int) error {
		if growers[w] == nil {
			growers[w] = newGrower(f.ordered, f.limits)
			growers[w].y = f.y
			if f.class != nil {
				growers[w].classify(f.class, f.k)
			}
		}
		g := growers[w]
		out.trees[t] = g.one(f, t)
		if f.bootstrap {
			out.bags[t] = bitsOf(g.weight)
		}
		return nil
	})
	return out, err
}

// one grows tree t of a forest.
func (g *grower) one(f plant, t int) *tree {
	g.rng = rand.New(rand.NewPCG(f.seed, f.stream<<32|uint64(t)))
	g.bag(f.bootstrap)
	return g.grow(f.skip)
}

func bitsOf(weight []int32) []uint64 {
	out := make([]uint64, blocks(len(weight), 64))
	for i, w := range weight {
		if w > 0 {
			out[i/64] |= 1 << (i % 64)
		}
	}
	return out
}

func has(bits []uint64, i int) bool { return bits[i/64]>>(i%64)&1 != 0 }

// importances is the mean decrease in impurity: what each feature's splits take off the
// impurity, in shares of the tree's whole, over the trees that split at all, to sum 1.
func importances(trees []*tree, p int) []float64 {
	out, one := make([]float64, p), make([]float64, p)
	sum := 0.0
	for _, t := range trees {
		clear(one)
		whole := t.decrease(one)
		if whole <= 0 {
			continue
		}
		for j, v := range one {
			out[j] += v / whole
		}
		sum++
	}
	for j := range out {
		out[j] /= max(1, sum)
	}
	return out
}

// decrease adds to each feature what its splits take off the impurity and returns the
// sum over all.
func (t *tree) decrease(of []float64) float64 {
	whole := 0.0
	for i, n := range t.nodes {
		if n.feature >= 0 {
			of[n.feature] += t.gain[i]
			whole += t.gain[i]
		}
	}
	return whole
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
	prep.Rows(x.Rows, func(i int) {
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
