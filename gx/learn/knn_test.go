package learn

import (
	"context"
	"math"
	"math/rand/v2"
	"slices"
	"strconv"
	"testing"

	"github.com/gxlab/gxlab/gx/prep"
)

func TestNeighboursAreScikitLearns(t *testing.T) {
	ctx := context.Background()
	x, y := classed(150, 20, 5, 2, 1)
	train, test := rows(x, 0, 100), rows(x, 100, 150)
	u, v := targeted(100, 6, 3, 0.5, 5)
	for name, want := range reference(t).KNN {
		k, _ := strconv.Atoi(name)
		m := must(KNN{K: k}.Fit(ctx, train, y[:100]))(t)
		if got := must(m.Predict(test))(t); !slices.Equal(got, want.Predicted) {
			t.Errorf("%d neighbours predict %v, want %v", k, got, want.Predicted)
		}
		near(t, name+" probabilities", must(m.Probabilities(test))(t), want.Probabilities, 1e-12)
		w := must(KNN{K: k, Weighted: true}.Fit(ctx, train, y[:100]))(t)
		if got := must(w.Predict(test))(t); !slices.Equal(got, want.Weighted) {
			t.Errorf("%d weighted neighbours predict %v, want %v", k, got, want.Weighted)
		}
		for i, ns := range must(m.near(test))(t) {
			for at, n := range ns {
				if n.Index != want.Index[i][at] || math.Abs(n.Distance-want.Distances[i][at]) > 1e-10 {
					t.Fatalf("neighbour %d of sample %d is %v, want %d at %v", at, i, n, want.Index[i][at], want.Distances[i][at])
				}
			}
		}
		var own [][]float64
		for _, ns := range must(Nearest(ctx, train, k))(t) {
			own = append(own, nil)
			for _, n := range ns {
				own[len(own)-1] = append(own[len(own)-1], n.Distance)
			}
		}
		near(t, name+" of their own", own, want.Own, 1e-10) // kept with 12 digits
		for weighted, want := range map[bool][][]float64{false: want.Means, true: want.WeightedMeans} {
			r := must(KNNRegression{K: k, Weighted: weighted}.Fit(ctx, rows(u, 0, 70), rows(v, 0, 70)))(t)
			near(t, name+" means", ladder(must(r.Predict(rows(u, 70, 100)))(t)), want, 1e-6)
		}
	}
}

// ladder is a matrix row by row in float64.
func ladder(m prep.Matrix) [][]float64 {
	out := make([][]float64, m.Rows)
	for i := range out {
		for _, v := range m.Row(i) {
			out[i] = append(out[i], float64(v))
		}
	}
	return out
}

func TestLeaveOneOutLeavesOneOut(t *testing.T) {
	ctx := context.Background()
	x, y := classed(90, 9, 3, 2, 2)
	m := must(KNN{K: 7}.Fit(ctx, x, y))(t)
	got := must(m.LeaveOneOut(ctx))(t)
	for i := range y {
		var others []int
		for j := range y {
			if j != i {
				others = append(others, j)
			}
		}
		one := must(KNN{K: 7}.Fit(ctx, x.Pick(others), pick(y, others)))(t)
		if want := must(one.Predict(x.Pick([]int{i})))(t)[0]; got[i] != want {
			t.Errorf("sample %d: %s, without it %s", i, got[i], want)
		}
	}
}

func TestEqualNeighboursComeInOrder(t *testing.T) {
	x := prep.Matrix{Rows: 4, Cols: 1, Data: []float32{1, -1, 1, -1}}
	m := must(KNN{K: 2}.Fit(context.Background(), x, []string{"b", "a", "c", "d"}))(t)
	for i, n := range must(m.near(prep.NewMatrix(1, 1)))(t)[0] {
		if n.Index != i {
			t.Errorf("neighbour %d is sample %d", i, n.Index)
		}
	}
	if got := must(m.Predict(prep.NewMatrix(1, 1)))(t)[0]; got != "a" {
		t.Errorf("of equal votes %s is taken", got)
	}
	// At distance 0 nothing else counts.
	m = must(KNN{K: 3, Weighted: true}.Fit(context.Background(), x, []string{"b", "a", "c", "a"}))(t)
	if got := must(m.Probabilities(rows(x, 0, 1)))(t)[0]; !slices.Equal(got, []float64{0, 0.5, 0.5}) {
		t.Errorf("votes %v", got)
	}
	atThreads(t, "neighbours", func() [][]Neighbour { return must(Nearest(context.Background(), x, 3))(t) })
	_, err := Nearest(context.Background(), x, 4)
	refused(t, err, "K is 4, with 3 samples to choose from")
	_, err = KNNRegression{}.Fit(context.Background(), x, x)
	refused(t, err, "K is 5, with 4 samples to choose from")
}

func TestScoresMatchScikitLearn(t *testing.T) {
	want := reference(t).Scores
	_, y := classed(150, 20, 5, 2, 1)
	said := slices.Clone(y)
	for i := 0; i < len(said); i += 7 {
		said[i] = "a"
	}
	c := must(Confuse(y, said))(t)
	for k, row := range want.Confusion {
		if !slices.Equal(c.Counts[k], row) {
			t.Errorf("class %s: %v, want %v", c.Classes[k], c.Counts[k], row)
		}
	}
	wrong := 0
	for i := range y {
		if y[i] != said[i] {
			wrong++
		}
	}
	if c.Errors() != wrong || c.Total() != 150 || math.Abs(c.Accuracy()-(1-float64(wrong)/150)) > 1e-15 {
		t.Errorf("%d errors of %d, accuracy %v", c.Errors(), c.Total(), c.Accuracy())
	}
	if math.Abs(c.Balanced()-want.Balanced) > 1e-11 {
		t.Errorf("balanced accuracy %v, want %v", c.Balanced(), want.Balanced)
	}
	for _, w := range want.Wilson {
		i := must(Wilson(int(w[0]), int(w[1]), w[2]))(t)
		if math.Abs(i.Low-w[3]) > 1e-10 || math.Abs(i.High-w[4]) > 1e-10 {
			t.Errorf("Wilson of %v: %v", w, i)
		}
	}
	i := must(Resampled(want.Errors, 150, 50, 0.95))(t)
	if math.Abs(i.Low-want.Resampled[0]) > 1e-9 || math.Abs(i.High-want.Resampled[1]) > 1e-9 {
		t.Errorf("resampled %v, want %v", i, want.Resampled)
	}
	x, _ := targeted(60, 8, 3, 0.5, 6)
	s := must(Standardise(rows(x, 0, 40)))(t)
	near(t, "standardised", ladder(must(s.Apply(rows(x, 40, 45)))(t)), want.Scaled, 1e-6)
}

func TestConstantFeaturesAreOnlyCentred(t *testing.T) {
	x := prep.NewMatrix(3, 2)
	for i := range x.Data {
		x.Data[i] = 0.1
	}
	x.Data[1] = 4
	s := must(Standardise(x))(t)
	if got := must(s.Apply(x))(t); got.Data[0] != 0 || got.Data[2] != 0 {
		t.Errorf("a constant feature becomes %v", got.Data)
	}
}

// At the level of 0.95 the interval holds the true share in about 95 of 100 samples.
func TestWilsonKeepsItsLevel(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 1))
	const trials = 4000
	in := 0
	for range trials {
		wrong := 0
		for range 60 {
			if rng.Float64() < 0.12 {
				wrong++
			}
		}
		if i := must(Wilson(wrong, 60, 0.95))(t); i.Low <= 0.12 && 0.12 <= i.High {
			in++
		}
	}
	if share := float64(in) / trials; share < 0.93 || share > 0.98 {
		t.Errorf("it holds in %v", share)
	}
}

func TestSplitsKeepEveryClass(t *testing.T) {
	_, y := classed(101, 2, 4, 1, 1)
	train, test, err := TrainTest(y, 0.25, 9)
	if err != nil || len(train)+len(test) != 101 || len(test) < 24 || len(test) > 27 {
		t.Fatalf("%d and %d samples, %v", len(train), len(test), err)
	}
	count := map[string]int{}
	for _, i := range test {
		if slices.Contains(train, i) {
			t.Errorf("sample %d is in both parts", i)
		}
		count[y[i]]++
	}
	for c, n := range count {
		if n < 6 || n > 7 {
			t.Errorf("%d test samples of class %s", n, c)
		}
	}
	seen := make([]bool, 101)
	for _, fold := range must(Folds(y, 5, 1))(t) {
		for _, i := range fold {
			if seen[i] {
				t.Errorf("sample %d is in two folds", i)
			}
			seen[i] = true
		}
	}
	if slices.Contains(seen, false) {
		t.Error("a sample is in no fold")
	}
	_, _, err = TrainTest(append(y, "rare"), 0.25, 1)
	refused(t, err, `class "rare" has 1 of the 2 samples it needs`)
	_, err = Folds(append(y, "rare", "rare"), 3, 1)
	refused(t, err, `class "rare" has 2 of the 3 samples it needs`)
	_, _, err = TrainTest(y, 1, 1)
	refused(t, err, "a test part of 1 of the samples")
	_, _, err = TrainTest(nil, 0.5, 1)
	refused(t, err, "no samples")
	_, err = Folds(y, 1, 1)
	refused(t, err, "k is 1")
	_, err = Confuse(y, y[1:])
	refused(t, err, "101 labels and 100 predictions")
	_, err = Wilson(3, 2, 0.95)
	refused(t, err, "3 errors of 2 samples")
	_, err = Resampled([]float64{0.1}, 10, 10, 0.95)
	refused(t, err, "1 splits")
	_, err = Wilson(1, 2, 95)
	refused(t, err, "a level of 95")
}

func TestCrossValidationTestsOnOtherSamples(t *testing.T) {
	x, y := classed(120, 12, 3, 3, 3)
	for _, c := range []Classifier{RandomForest{Trees: 50}, SVM{}, SVM{Kernel: Linear}, KNN{}} {
		said := must(CrossValidate(context.Background(), c, x, y, 4, 1))(t)
		if a := must(Confuse(y, said))(t).Accuracy(); a < 0.6 {
			t.Errorf("%s: accuracy %v on classes that lie apart", c.Name(), a)
		}
		// Labels dealt at random teach nothing about the samples left out.
		lots := slices.Clone(y)
		rand.New(rand.NewPCG(2, 2)).Shuffle(len(lots), func(i, j int) { lots[i], lots[j] = lots[j], lots[i] })
		said = must(CrossValidate(context.Background(), c, x, lots, 4, 1))(t)
		if a := must(Confuse(lots, said))(t).Accuracy(); a > 0.5 {
			t.Errorf("%s: accuracy %v on shuffled labels", c.Name(), a)
		}
	}
}
