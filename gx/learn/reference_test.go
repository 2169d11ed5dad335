package learn

import (
	"context"
	"encoding/json"
	"math"
	"os"
	"slices"
	"testing"

	"github.com/gxlab/gxlab/gx/prep"
)

// reference is testdata/sklearn.json: scikit-learn 1.9.1, numpy 2.4.6 and scipy 1.17.1
// by testdata/sklearn.py, over the data that classes, targets and network make alike in
// both languages.
var reference = func() func(t *testing.T) sklearn {
	var r *sklearn
	return func(t *testing.T) sklearn {
		t.Helper()
		if r == nil {
			b, err := os.ReadFile("testdata/sklearn.json")
			if err != nil {
				t.Fatal(err)
			}
			r = new(sklearn)
			if err := json.Unmarshal(b, r); err != nil {
				t.Fatal(err)
			}
		}
		return *r
	}
}()

type sklearn struct {
	Sums []float64
	SVC  map[string]struct {
		Decisions, Loose, Scores [][]float64
		Support                  []int
		Predicted                []string
		Gamma                    float64
	}
	Forest           map[string]forestReference
	RegressionForest map[string]struct{ R2, OOB, Importances []float64 } `json:"regression_forest"`
	Genie3           struct {
		Edges       [][2]int
		Weights, SD [][]float64
	}
	KNN map[string]struct {
		Predicted, Weighted             []string
		Probabilities, Distances, Means [][]float64
		Own                             [][]float64
		WeightedMeans                   [][]float64 `json:"weighted_means"`
		Index                           [][]int
	}
	Linear map[string]json.RawMessage
	Scores struct {
		Confusion [][]int
		Balanced  float64
		Scaled    [][]float64
		Wilson    [][5]float64
		Errors    []float64
		Resampled [2]float64
	}
}

type forestReference struct {
	Accuracy, OOB, Importances []float64
	Probabilities              [][]float64
}

// uniform is Numerical Recipes' 32-bit generator; the upper 24 bits as 0 to 1.
func uniform(seed uint32) func() float64 {
	return func() float64 {
		seed = seed*1664525 + 1013904223
		return float64(seed>>8) / (1 << 24)
	}
}

// classed has class i mod k; a third of the features tell it; every fourth is rounded.
func classed(n, p, k int, shift float64, seed uint32) (prep.Matrix, []string) {
	u := uniform(seed)
	centre := make([]float64, k*p)
	for c := range k {
		for j := 0; j < p; j += 3 {
			centre[c*p+j] = shift * (u() - 0.5)
		}
	}
	x, y := prep.NewMatrix(n, p), make([]string, n)
	for i := range n {
		c := i % k
		y[i] = "abcdefgh"[c : c+1]
		for j := range p {
			v := centre[c*p+j] + (u() + u() + u() - 1.5)
			if j%4 == 3 {
				v = math.Floor(2 * v)
			}
			x.Row(i)[j] = float32(v)
		}
	}
	return x, y
}

// targeted has q sums of a few of p features, a step and noise.
func targeted(n, p, q int, noise float64, seed uint32) (x, y prep.Matrix) {
	u := uniform(seed)
	w := make([]float64, q*p)
	for k := range w {
		if u() < 0.3 {
			w[k] = u() - 0.5
		}
	}
	x, y = prep.NewMatrix(n, p), prep.NewMatrix(n, q)
	for i := range n {
		common := u()
		for j := range p {
			x.Row(i)[j] = float32(3 + 2*u() + common)
		}
		for k := range q {
			v := 0.0
			if x.Row(i)[k] > 4.5 {
				v = 1
			}
			for j, f := range x.Row(i) {
				v += float64(w[k*p+j] * float64(f)) // converted: never fused into one rounding
			}
			y.Row(i)[k] = float32(v + float64(noise*(u()-0.5)))
		}
	}
	return x, y
}

// networked are genes of which each from the fifth on follows two of those before it.
func networked(n, p int, noise float64, seed uint32) (prep.Matrix, [][2]int) {
	u := uniform(seed)
	var edges [][2]int
	parents := make([][]int, p)
	for j := 5; j < p; j++ {
		parents[j] = []int{int(u() * 5), int(u() * float64(j))}
		for _, i := range parents[j] {
			edges = append(edges, [2]int{i, j})
		}
	}
	x := prep.NewMatrix(n, p)
	for i := range n {
		row := x.Row(i)
		for j := range p {
			v := 2 * u()
			if j >= 5 {
				v = noise * v / 2
			}
			for _, k := range parents[j] {
				v += float64(row[k])
			}
			row[j] = float32(v)
		}
	}
	return x, edges
}

func rows(m prep.Matrix, lo, hi int) prep.Matrix {
	return prep.Matrix{Rows: hi - lo, Cols: m.Cols, Data: m.Data[lo*m.Cols : hi*m.Cols]}
}

func total(m prep.Matrix) float64 {
	s := 0.0
	for _, v := range m.Data {
		s += float64(v)
	}
	return s
}

// near compares every number of two tables; off is what they may differ by, relative to
// the greatest of the wanted.
func near(t *testing.T, what string, got, want [][]float64, off float64) {
	t.Helper()
	if len(got) != len(want) {
		t.Fatalf("%s: %d rows, want %d", what, len(got), len(want))
	}
	size := 0.0
	for _, r := range want {
		for _, v := range r {
			size = max(size, math.Abs(v))
		}
	}
	for i, r := range want {
		if len(got[i]) != len(r) {
			t.Fatalf("%s, row %d: %d numbers, want %d", what, i, len(got[i]), len(r))
		}
		for j, v := range r {
			if !(math.Abs(got[i][j]-v) <= off*size) {
				t.Fatalf("%s, row %d, column %d: %v, scikit-learn has %v", what, i, j, got[i][j], v)
			}
		}
	}
}

func must[T any](v T, err error) func(t *testing.T) T {
	return func(t *testing.T) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

func TestDataAreThoseOfTheReference(t *testing.T) {
	a, _ := classed(150, 20, 5, 2, 1)
	x, y := targeted(600, 12, 1, 0.5, 3)
	g, edges := networked(120, 20, 1, 4)
	for i, m := range []prep.Matrix{a, x, y, g} {
		if want := reference(t).Sums[i]; math.Abs(total(m)-want) > 1e-9*math.Abs(want) {
			t.Errorf("data set %d sums to %v, in Python to %v", i, total(m), want)
		}
	}
	if !slices.Equal(edges, reference(t).Genie3.Edges) {
		t.Error("the network has other edges")
	}
}

func TestSVMMatchesScikitLearn(t *testing.T) {
	x, y := classed(150, 20, 5, 2, 1)
	test := rows(x, 100, 150)
	var two []int
	for i := range 100 {
		if y[i] == "a" || y[i] == "b" {
			two = append(two, i)
		}
	}
	for name, s := range map[string]SVM{"linear": {Kernel: Linear}, "rbf": {}, "linear2": {Kernel: Linear}, "rbf2": {}, "set": {Gamma: 0.3, C: 10}} {
		want := reference(t).SVC[name]
		train, labels := rows(x, 0, 100), y[:100]
		if name == "linear2" || name == "rbf2" {
			train, labels = x.Pick(two), pick(y, two)
		}
		s.Tolerance = 1e-8
		m := must(s.Fit(context.Background(), train, labels))(t)
		if name != "linear" && name != "linear2" && math.Abs(m.Gamma()-want.Gamma) > 1e-12*want.Gamma {
			t.Errorf("%s: gamma %v, want %v", name, m.Gamma(), want.Gamma)
		}
		if !slices.Equal(m.Index(), want.Support) {
			t.Errorf("%s: support vectors %v, want %v", name, m.Index(), want.Support)
		}
		near(t, name, must(m.Decisions(test))(t), want.Decisions, 1e-6)
		if want.Scores != nil {
			near(t, name+" scores", must(m.Scores(test))(t), want.Scores, 1e-6)
		}
		if got := must(m.Predict(test))(t); !slices.Equal(got, want.Predicted) {
			t.Errorf("%s predicts %v, want %v", name, got, want.Predicted)
		}
		if want.Loose != nil {
			// Two solutions, each within 0.001 of the optimality conditions.
			s.Tolerance = 0
			m := must(s.Fit(context.Background(), train, labels))(t)
			near(t, name+" by default", must(m.Decisions(test))(t), want.Loose, 2e-3)
		}
	}
}

func pick(y []string, index []int) []string {
	out := make([]string, len(index))
	for k, i := range index {
		out[k] = y[i]
	}
	return out
}

func meanSD(x []float64) (mean, sd float64) {
	for _, v := range x {
		mean += v / float64(len(x))
	}
	for _, v := range x {
		sd += (v - mean) * (v - mean) / float64(len(x)-1)
	}
	return mean, math.Sqrt(sd)
}

// alike wants two lists, one number a seed, whose means differ by less than four
// standard errors: 1 in 16,000 would fail by chance, and the seeds are fixed.
func alike(t *testing.T, what string, got, want []float64) {
	t.Helper()
	a, sa := meanSD(got)
	b, sb := meanSD(want)
	se := math.Sqrt(sa*sa/float64(len(got)) + sb*sb/float64(len(want)))
	t.Logf("%s: %.4f ± %.4f, scikit-learn %.4f ± %.4f", what, a, sa, b, sb)
	if math.Abs(a-b) > 4*se {
		t.Errorf("%s: the mean over seeds is %v, scikit-learn's %v, standard error of the difference %v", what, a, b, se)
	}
}

func TestRandomForestIsOneOfScikitLearns(t *testing.T) {
	x, y := classed(900, 30, 4, 1.5, 2)
	train, test := rows(x, 0, 300), rows(x, 300, 900)
	for name, r := range map[string]RandomForest{"plain": {}, "shallow": {Depth: 4, Leaf: 5, Features: 12}} {
		want := reference(t).Forest[name]
		var accuracy, oob []float64
		importances, probabilities := make([]float64, x.Cols), [][]float64{}
		for range 20 {
			probabilities = append(probabilities, make([]float64, 4))
		}
		r.Trees = 100
		for seed := range 20 {
			r.Seed = uint64(seed)
			f := must(r.Fit(context.Background(), train, y[:300]))(t)
			right := 0.0
			for i, l := range must(f.Predict(test))(t) {
				if l == y[300+i] {
					right++
				}
			}
			accuracy, oob = append(accuracy, right/600), append(oob, f.OOB())
			for j, v := range f.Importances() {
				importances[j] += v / 20
			}
			for i, p := range must(f.Probabilities(rows(test, 0, 20)))(t) {
				for k, v := range p {
					probabilities[i][k] += v / 20
				}
			}
		}
		alike(t, name+" accuracy", accuracy, want.Accuracy)
		alike(t, name+" OOB", oob, want.OOB)
		// Means of 2000 trees: a probability's standard error is 0.011 at most, an
		// importance's some percent of it.
		near(t, name+" importances", [][]float64{importances}, [][]float64{want.Importances}, 0.05)
		near(t, name+" probabilities", probabilities, want.Probabilities, 0.06)
	}
}
