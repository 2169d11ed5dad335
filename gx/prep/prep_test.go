package prep

import (
	"encoding/json"
	"errors"
	"math"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"testing"
)

func reference(t *testing.T, name string, v any) {
	t.Helper()
	b, err := os.ReadFile(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(b, v); err != nil {
		t.Fatal(err)
	}
}

// of is a matrix of values; R lists genes × samples by column, which is samples ×
// genes by row.
func of(rows, cols int, x []float64) Matrix {
	m := NewMatrix(rows, cols)
	for i, v := range x {
		m.Data[i] = float32(v)
	}
	return m
}

func near(t *testing.T, what string, got []float32, want []float64, tol float64) {
	t.Helper()
	if len(got) != len(want) {
		t.Fatalf("%s: %d values, want %d", what, len(got), len(want))
	}
	for i, w := range want {
		if math.Abs(float64(got[i])-w) > tol*(1+math.Abs(w)) {
			t.Fatalf("%s: value %d is %v, want %v", what, i, got[i], w)
		}
	}
}

func every(n int) []int {
	out := make([]int, n)
	for i := range out {
		out[i] = i
	}
	return out
}

func normalised(m Matrix) Matrix {
	target := QuantileTarget(m, every(m.Rows))
	for i := range m.Rows {
		QuantileNormalise(m.Row(i), target)
	}
	return m
}

// Values from testdata/reference.R (versions in reference_r.json): limma's
// normalizeQuantiles, with ties too, and preprocessCore's where nothing is tied.
func TestQuantileNormaliseIsLimmas(t *testing.T) {
	var r struct {
		Genes, Samples                             int
		X, Limma, PreprocessCore, Ties, Limma_ties []float64
	}
	reference(t, "reference_r.json", &r)
	near(t, "limma", normalised(of(r.Samples, r.Genes, r.X)).Data, r.Limma, 1e-6)
	near(t, "preprocessCore", normalised(of(r.Samples, r.Genes, r.X)).Data, r.PreprocessCore, 1e-6)
	near(t, "limma, ties", normalised(of(r.Samples, r.Genes, r.Ties)).Data, r.Limma_ties, 1e-6)
}

// Values from testdata/reference.R: mad(constant = 1) per gene.
func TestMADIsRs(t *testing.T) {
	var r struct {
		Genes, Samples int
		X, Mad         []float64
	}
	reference(t, "reference_r.json", &r)
	m := of(r.Samples, r.Genes, r.X)
	got := MAD(m, every(m.Rows))
	for j, w := range r.Mad {
		if math.Abs(got[j]-w) > 1e-6 {
			t.Fatalf("gene %d: %v, want %v", j, got[j], w)
		}
	}
	best := slices.Index(r.Mad, slices.Max(r.Mad))
	if top := TopMAD(m, every(m.Rows), 1); len(top) != 1 || top[0] != best {
		t.Errorf("top %v, want %d", top, best)
	}
}

// Values from testdata/reference.py: scikit-learn's StandardScaler and
// MinMaxScaler, learned from the first rows and applied to the others.
func TestScalingIsScikitLearns(t *testing.T) {
	var r struct {
		Rows, Cols, Train              int
		X, Mean, Sd, Min, Max          []float64
		Standardised_test, Minmax_test []float64
	}
	reference(t, "reference_py.json", &r)
	m := of(r.Rows, r.Cols, r.X)
	mean, sd := Moments(m, every(r.Train))
	lo, hi := Range(m, every(r.Train))
	var st, mm []float32
	for i := r.Train; i < r.Rows; i++ {
		for j, v := range m.Row(i) {
			st = append(st, float32((float64(v)-mean[j])/sd[j]))
			mm = append(mm, (v-lo[j])/(hi[j]-lo[j]))
		}
	}
	near(t, "standardised", st, r.Standardised_test, 1e-5)
	near(t, "min-max", mm, r.Minmax_test, 1e-5)
	near(t, "min", lo, r.Min, 1e-6)
	near(t, "max", hi, r.Max, 1e-6)
}

func TestNormalisedSamplesShareOneDistribution(t *testing.T) {
	m := NewMatrix(6, 50)
	for i := range m.Data {
		m.Data[i] = float32(math.Sin(float64(i*i))) * float32(1+i/50)
	}
	normalised(m)
	first := slices.Sorted(slices.Values(m.Row(0)))
	for i := range m.Rows {
		if got := slices.Sorted(slices.Values(m.Row(i))); !reflect.DeepEqual(got, first) {
			t.Fatalf("row %d has another distribution", i)
		}
	}
}

func TestSplitKeepsProportions(t *testing.T) {
	var labels []string
	for i := range 97 {
		labels = append(labels, []string{"a", "a", "a", "b", "c"}[i%5])
	}
	labels = append(labels, "rare")
	weights := []float64{70, 10, 20}
	parts := Split(len(labels), labels, weights, 3)
	n := map[string][]float64{}
	total := make([]float64, 3)
	for i, p := range parts {
		if n[labels[i]] == nil {
			n[labels[i]] = make([]float64, 4)
		}
		n[labels[i]][p]++
		n[labels[i]][3]++
		total[p]++
	}
	for l, c := range n {
		for p, w := range weights {
			if d := c[p] - c[3]*w/100; d <= -1 || d >= 2 {
				t.Errorf("%s: %v samples in part %d of %v", l, c[p], p, c[3])
			}
		}
	}
	for p, w := range weights {
		if math.Abs(total[p]-98*w/100) > 1.5 {
			t.Errorf("part %d has %v of 98", p, total[p])
		}
	}
	if !reflect.DeepEqual(parts, Split(98, labels, weights, 3)) || reflect.DeepEqual(parts, Split(98, labels, weights, 4)) {
		t.Error("a seed does not decide the split")
	}
}

func TestFoldsAreBalanced(t *testing.T) {
	var labels []string
	for i := range 103 {
		labels = append(labels, []string{"a", "a", "b"}[i%3])
	}
	folds := Folds(103, labels, 10, 1)
	all, of := make([]int, 10), map[string][]int{"a": make([]int, 10), "b": make([]int, 10)}
	for i, f := range folds {
		all[f]++
		of[labels[i]][f]++
	}
	for name, c := range map[string][]int{"all": all, "a": of["a"], "b": of["b"]} {
		if slices.Max(c)-slices.Min(c) > 1 {
			t.Errorf("%s: %v", name, c)
		}
	}
}

func TestLooksUnlogged(t *testing.T) {
	for name, c := range map[string]struct {
		f    func(i int) float64
		want bool
	}{
		"log2":     {func(i int) float64 { return 3 + float64(i%120)/10 }, false},
		"centred":  {func(i int) float64 { return float64(i%100)/20 - 2.5 }, false},
		"signal":   {func(i int) float64 { return math.Exp2(4 + float64(i%100)/10) }, true},
		"negative": {func(i int) float64 { return math.Exp2(4+float64(i%100)/10) - 60 }, true},
		"counts":   {func(i int) float64 { return float64(i % 200) }, true},
	} {
		m := NewMatrix(10, 100)
		for i := range m.Data {
			m.Data[i] = float32(c.f(i))
		}
		if why := LooksUnlogged(m); (why != "") != c.want {
			t.Errorf("%s: %q", name, why)
		}
	}
}

func TestLog2RefusesByPlace(t *testing.T) {
	for _, bad := range []float32{0, -3, float32(math.NaN()), float32(math.Inf(1))} {
		m := of(2, 3, []float64{1, 2, 4, 8, 16, 32})
		m.Data[4] = bad
		var b *BadValue
		if err := Log2(m, 0); !errors.As(err, &b) || b.Row != 1 || b.Col != 1 || b.Count != 1 {
			t.Errorf("%v: %v", bad, err)
		}
		if m.Data[0] != 1 || m.Data[5] != 32 {
			t.Error("a refused matrix was changed")
		}
	}
	m := of(1, 3, []float64{0, 1, 3})
	if err := Log2(m, 1); err != nil || !reflect.DeepEqual(m.Data, []float32{0, 1, 2}) {
		t.Error(m.Data, err)
	}
}

func TestSmallSteps(t *testing.T) {
	m := of(2, 3, []float64{1, 5, 2, 1, 7, 2})
	if c := Constant(m, every(2)); !reflect.DeepEqual(c, []int{0, 2}) {
		t.Error(c)
	}
	if v := TopVariance(m, every(2), 2); !reflect.DeepEqual(v, []int{0, 1}) {
		t.Error("ties are not taken in order:", v)
	}
	if n := Floor(m, 2); n != 2 || m.Data[0] != 2 {
		t.Error(n, m.Data)
	}
	if c := m.Columns([]int{2, 1}); !reflect.DeepEqual(c.Data, []float32{2, 5, 2, 7}) {
		t.Error(c)
	}
	row := []float32{3, 3}
	if MinMaxRow(row); row[0] != 0 {
		t.Error("a constant row:", row)
	}
}
