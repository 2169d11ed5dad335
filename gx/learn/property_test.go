package learn

import (
	"context"
	"errors"
	"math"
	"reflect"
	"runtime"
	"strings"
	"testing"

	"github.com/gxlab/gxlab/gx/fault"
	"github.com/gxlab/gxlab/gx/prep"
)

// atThreads runs f with one, two and five threads.
func atThreads[T any](t *testing.T, what string, f func() T) {
	t.Helper()
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	want := f()
	for _, n := range []int{2, 5} {
		runtime.GOMAXPROCS(n)
		if got := f(); !reflect.DeepEqual(got, want) {
			t.Errorf("%s differs between 1 thread and %d", what, n)
		}
	}
}

func TestForestsDoNotDependOnThreads(t *testing.T) {
	x, y := classed(150, 20, 4, 1.5, 7)
	atThreads(t, "a forest", func() *Forest {
		return must(RandomForest{Trees: 30, Seed: 3}.Fit(context.Background(), x, y))(t)
	})
	f := must(RandomForest{Trees: 30, Seed: 3}.Fit(context.Background(), x, y))(t)
	g := must(RandomForest{Trees: 30, Seed: 4}.Fit(context.Background(), x, y))(t)
	if reflect.DeepEqual(f.trees, g.trees) {
		t.Error("another seed gives the same trees")
	}
	atThreads(t, "its probabilities", func() [][]float64 { return must(f.Probabilities(x))(t) })
}

func TestSupportVectorsDoNotDependOnThreads(t *testing.T) {
	x, y := classed(150, 20, 4, 1.5, 7)
	m := must(SVM{}.Fit(context.Background(), x, y))(t)
	atThreads(t, "an SVM", func() *SupportVectors { return must(SVM{}.Fit(context.Background(), x, y))(t) })
	atThreads(t, "its decisions", func() [][]float64 { return must(m.Decisions(x))(t) })
}

// Every split of a tree must be the best of all, found here by trying each one.
func TestSplitsAreTheBest(t *testing.T) {
	x, y := classed(60, 5, 3, 1, 8)
	f := must(RandomForest{Trees: 1, Features: 5, Seed: 1}.Fit(context.Background(), x, y))(t)
	g := newGrower(must(presort(context.Background(), x))(t), limits{features: 5, leaf: 1, depth: 99})
	_, class, _ := index("", y)
	g.classify(class, 3)
	g.one(plant{ordered: g.ordered, bootstrap: true, seed: 1, skip: -1}, 0)
	tree := f.trees[0]
	gini := func(in []int) float64 {
		var n [3]float64
		w := 0.0
		for _, i := range in {
			n[class[i]] += float64(g.weight[i])
			w += float64(g.weight[i])
		}
		return w - (n[0]*n[0]+n[1]*n[1]+n[2]*n[2])/w
	}
	var walk func(at int, in []int) int
	walk = func(at int, in []int) int {
		n := tree.nodes[at]
		if n.feature < 0 {
			if gini(in) > 1e-9 {
				t.Errorf("leaf %d is not pure", at)
			}
			return at + 1
		}
		part := func(j int, threshold float64) (l, r []int) {
			for _, i := range in {
				if float64(x.Row(i)[j]) <= threshold {
					l = append(l, i)
				} else {
					r = append(r, i)
				}
			}
			return l, r
		}
		l, r := part(int(n.feature), n.threshold)
		own := gini(l) + gini(r)
		for j := range x.Cols {
			for _, i := range in {
				if a, b := part(j, float64(x.Row(i)[j])); len(b) > 0 && gini(a)+gini(b) < own-1e-9 {
					t.Fatalf("node %d: impurity %v, and feature %d has %v", at, own, j, gini(a)+gini(b))
				}
			}
		}
		if right := walk(at+1, l); right != int(n.to) {
			t.Fatalf("node %d: its right child is %d, not %d", at, n.to, right)
		}
		return walk(int(n.to), r)
	}
	var bag []int
	for i, w := range g.weight {
		if w > 0 {
			bag = append(bag, i)
		}
	}
	if end := walk(0, bag); end != len(tree.nodes) {
		t.Errorf("%d of %d nodes are reached", end, len(tree.nodes))
	}
}

// Large nodes are picked out of the whole order and small ones sorted: the lists are one.
func TestBothWaysToSortANodeAgree(t *testing.T) {
	x, _ := classed(200, 4, 3, 1, 9)
	g := newGrower(must(presort(context.Background(), x))(t), limits{})
	var in []uint32
	for i := range uint32(100) {
		in = append(in, 199-2*i)
	}
	for f := range 4 {
		large := append([]uint32(nil), g.sorted(in, f, int32(f+1))...)
		g.ordered.n *= 100 // now 100 samples are few
		order, rank := g.order, g.rank
		g.order, g.rank = make([]uint32, g.n*(f+1)), make([]uint32, g.n*(f+1))
		copy(g.rank[f*g.n:], rank[f*200:(f+1)*200])
		small := g.sorted(in, f, -5)
		g.ordered.n /= 100
		g.order, g.rank = order, rank
		if !reflect.DeepEqual(large, small) {
			t.Errorf("feature %d: %v and %v", f, large, small)
		}
	}
}

func TestForestMemorisesWhatCanBeToldApart(t *testing.T) {
	x, y := classed(80, 10, 3, 1, 10)
	f := must(RandomForest{Trees: 200, Seed: 1}.Fit(context.Background(), x, y))(t)
	for i, l := range must(f.Predict(x))(t) {
		if l != y[i] {
			t.Errorf("training sample %d is %s, not %s", i, l, y[i])
		}
	}
	sum := 0.0
	for _, v := range f.Importances() {
		sum += v
	}
	if math.Abs(sum-1) > 1e-12 {
		t.Errorf("importances sum to %v", sum)
	}
	// Features in which nothing varies can split nothing.
	f = must(RandomForest{Trees: 5}.Fit(context.Background(), prep.NewMatrix(80, 10), y))(t)
	for _, p := range must(f.Probabilities(prep.NewMatrix(1, 10)))(t)[0] {
		if math.Abs(p-1./3) > 0.2 {
			t.Errorf("a probability of %v without any information", p)
		}
	}
	if f.Importances()[0] != 0 {
		t.Errorf("importance %v of a constant feature", f.Importances()[0])
	}
}

// The margins of the solution must obey the Karush–Kuhn–Tucker conditions.
func TestSVMIsOptimal(t *testing.T) {
	x, y := classed(120, 8, 2, 1, 11)
	for _, s := range []SVM{{Kernel: Linear, C: 0.5}, {C: 3}, {C: 1e4}} {
		s.Tolerance = 1e-5
		m := must(s.Fit(context.Background(), x, y))(t)
		alpha, balance := make([]float64, 120), 0.0
		for k, at := range m.pairs[0].at {
			alpha[m.index[at]] = math.Abs(m.pairs[0].coef[k])
			balance += m.pairs[0].coef[k]
		}
		c := or(s.C, 1)
		if math.Abs(balance) > 1e-9*c*120 {
			t.Errorf("%v: Σ y α is %v", s, balance)
		}
		for i, d := range must(m.Decisions(x))(t) {
			margin := d[0]
			if y[i] == "b" {
				margin = -margin
			}
			a := alpha[i]
			off := 1e-4 * max(1, c)
			switch {
			case a < 0 || a > c*(1+1e-12):
				t.Errorf("%v: α is %v", s, a)
			case a == 0 && margin < 1-off, a == c && margin > 1+off, a > 0 && a < c && math.Abs(margin-1) > off:
				t.Errorf("%v, sample %d: α %v of %v and margin %v", s, i, a, c, margin)
			}
		}
	}
}

func TestLinearWeightsMakeTheDecisions(t *testing.T) {
	x, y := classed(60, 8, 3, 2, 12)
	m := must(SVM{Kernel: Linear}.Fit(context.Background(), x, y))(t)
	decisions := must(m.Decisions(x))(t)
	for pair := range m.Pairs() {
		w, b, err := m.Weights(pair)
		if err != nil {
			t.Fatal(err)
		}
		for i, d := range decisions {
			got := b
			for j, v := range x.Row(i) {
				got += w[j] * float64(v)
			}
			if math.Abs(got-d[pair]) > 1e-9 {
				t.Errorf("sample %d, pair %d: %v by the weights, %v by the kernel", i, pair, got, d[pair])
			}
		}
	}
	_, _, err := m.Weights(3)
	refused(t, err, "pair 3 of 3")
	_, _, err = must(SVM{}.Fit(context.Background(), x, y))(t).Weights(0)
	refused(t, err, "no weights")
}

// Two samples, and limits that leave no room to split, still make a model.
func TestTheSmallestData(t *testing.T) {
	ctx := context.Background()
	x := prep.Matrix{Rows: 2, Cols: 1, Data: []float32{-1, 1}}
	y := []string{"a", "b"}
	for _, c := range []Classifier{RandomForest{Trees: 50, Seed: 1}, SVM{}, SVM{Kernel: Linear}, KNN{K: 1}} {
		if got := must(must(c.Train(ctx, x, y))(t).Predict(x))(t); !reflect.DeepEqual(got, y) {
			t.Errorf("%s predicts %v", c.Name(), got)
		}
	}
	f := must(RandomForest{Trees: 5, Leaf: 10}.Fit(ctx, x, y))(t)
	if p := must(f.Probabilities(x))(t); !reflect.DeepEqual(p[0], p[1]) {
		t.Errorf("leaves of 10 samples part two: %v", p)
	}
	two := prep.Matrix{Rows: 2, Cols: 1, Data: []float32{5, 7}}
	for _, r := range []Regressor{LinearRegression{}, Ridge{Alphas: []float64{1e-6}}, Lasso{Alpha: 1e-7}, KNNRegression{K: 1}, RegressionForest{Extra: true, Trees: 3}} {
		got := must(must(r.Train(ctx, x, two))(t).Predict(x))(t)
		near(t, r.Name(), ladder(got), ladder(two), 1e-5)
	}
	// Signed zeros are one value, and neighbouring floats are two.
	next := math.Nextafter32(1, 2)
	x = prep.Matrix{Rows: 4, Cols: 1, Data: []float32{0, float32(math.Copysign(0, -1)), 1, next}}
	o := must(presort(ctx, x))(t)
	if !reflect.DeepEqual(o.rank, []uint32{0, 0, 1, 2}) {
		t.Errorf("ranks %v", o.rank)
	}
	f = must(RandomForest{Trees: 200, Seed: 1}.Fit(ctx, rows(x, 2, 4), y))(t)
	if got := must(f.Predict(rows(x, 2, 4)))(t); !reflect.DeepEqual(got, y) {
		t.Errorf("neighbouring floats are predicted %v", got)
	}
}

func TestBadInputIsRefused(t *testing.T) {
	ctx := context.Background()
	x, y := classed(30, 6, 3, 1, 1)
	nan := prep.Matrix{Rows: 30, Cols: 6, Data: append([]float32(nil), x.Data...)}
	nan.Data[6*4+2] = float32(math.NaN())
	one := make([]string, 30)
	for i := range one {
		one[i] = "brain"
	}
	missing := append([]string(nil), y...)
	missing[7] = ""
	for _, c := range []Classifier{RandomForest{Trees: 3}, SVM{}, SVM{Kernel: Linear}, KNN{}} {
		for _, bad := range []struct {
			x      prep.Matrix
			labels []string
			says   string
		}{
			{nan, y, "a value is NaN\n  at sample 5, column 3 of the features"},
			{x, y[:29], "29 labels for 30 samples"},
			{x, one, `all 30 samples are "brain"`},
			{x, missing, "a label is missing\n  at sample 8"},
			{prep.Matrix{}, nil, "0 samples × 0 features"},
			{prep.Matrix{Rows: 30, Cols: 7, Data: x.Data}, y, "180 values for 30 samples × 7 features"},
		} {
			_, err := c.Train(ctx, bad.x, bad.labels)
			refused(t, err, bad.says)
		}
		m, err := c.Train(ctx, x, y)
		if err != nil {
			t.Fatal(err)
		}
		_, err = m.Predict(prep.NewMatrix(2, 5))
		refused(t, err, "samples of 5 features, and it learned from 6")
		_, err = m.Predict(nan)
		refused(t, err, "a value is NaN")
		if got := must(m.Predict(prep.Matrix{}))(t); len(got) != 0 {
			t.Errorf("%s predicts %v of no samples", c.Name(), got)
		}
		ended, cancel := context.WithCancel(ctx)
		cancel()
		if m, err := c.Train(ended, x, y); !errors.Is(err, context.Canceled) || m != nil {
			t.Errorf("%s: an ended context gives %v, %v", c.Name(), m, err)
		}
	}
	_, err := RandomForest{Trees: -1}.Fit(ctx, x, y)
	refused(t, err, "Trees is -1")
	_, err = RandomForest{Features: 7}.Fit(ctx, x, y)
	refused(t, err, "Features is 7, of 6")
	_, err = SVM{C: -1}.Fit(ctx, x, y)
	refused(t, err, "C is -1")
	_, err = SVM{Kernel: 9}.Fit(ctx, x, y)
	refused(t, err, "no kernel 9")
}

func refused(t *testing.T, err error, says string) {
	t.Helper()
	var f *fault.Error
	switch {
	case err == nil:
		t.Errorf("it was taken; wanted %q", says)
	case !errors.As(err, &f) || f.Try == "":
		t.Errorf("%v has no advice", err)
	case !strings.Contains(err.Error(), says):
		t.Errorf("it says\n%v\nwanted %q", err, says)
	}
}

func TestProgressIsTold(t *testing.T) {
	x, y := classed(60, 6, 3, 1, 1)
	last, calls := 0, 0
	tell := func(what string, done, total int) {
		if done != last+1 || done > total || what == "" {
			t.Errorf("%s: %d of %d after %d", what, done, total, last)
		}
		last = done
		calls++
	}
	must(RandomForest{Trees: 20, Tell: tell}.Fit(context.Background(), x, y))(t)
	if calls != 20 {
		t.Errorf("told %d times of 20 trees", calls)
	}
	last = 0
	must(SVM{Tell: tell}.Fit(context.Background(), x, y))(t)
	if last != 3 {
		t.Errorf("told of %d of 3 pairs", last)
	}
}
