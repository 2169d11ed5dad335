package prep

import (
	"encoding/json"
	"fmt"
	"math"
	"os"
	"reflect"
	"slices"
	"testing"
)

// The numbers come from R 4.2.2 with limma 3.54.1 and preprocessCore 1.60.2 by
// testdata/reference.R, and from scikit-learn 1.9.1 and scipy 1.17.1 by
// testdata/reference.py.
type reference struct {
	Plain               [][]float64 `json:"plain"`
	PlainLimma          [][]float64 `json:"plain_limma"`
	PlainPreprocessCore [][]float64 `json:"plain_preprocess_core"`
	Tied                [][]float64 `json:"tied"`
	TiedLimma           [][]float64 `json:"tied_limma"`
	TiedPreprocessCore  [][]float64 `json:"tied_preprocess_core"`
	Train               int         `json:"train"`
	Target              []float64   `json:"target"`
	New                 []float64   `json:"new"`
	NewLimmaRule        []float64   `json:"new_limma_rule"`
	MADEven             []float64   `json:"mad_even"`
	TopMAD              []int       `json:"top_mad"`
	TopVar              []int       `json:"top_var"`

	Mean            []float64   `json:"mean"`
	SD              []float64   `json:"sd"`
	Lo              []float64   `json:"lo"`
	Hi              []float64   `json:"hi"`
	MinMaxPerSample [][]float64 `json:"minmax_per_sample"`
	MAD             []float64   `json:"mad"`
	WithConstant    [][]float64 `json:"with_constant"`
	Constant        []int       `json:"constant"`
	Log2            [][]float64 `json:"log2"`
	Log21P          [][]float64 `json:"log2_1p"`
}

func load(t *testing.T) *reference {
	t.Helper()
	var r reference
	for _, name := range []string{"testdata/reference_r.json", "testdata/reference_py.json"} {
		b, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		if err := json.Unmarshal(b, &r); err != nil {
			t.Fatal(name, err)
		}
	}
	return &r
}

func matrix(rows [][]float64) Matrix {
	m := NewMatrix(len(rows), len(rows[0]))
	for i, r := range rows {
		for j, v := range r {
			m.Row(i)[j] = float32(v)
		}
	}
	return m
}

func upTo(n int) []int {
	out := make([]int, n)
	for i := range out {
		out[i] = i
	}
	return out
}

// float32 rounds to 6e-8 of a value; two roundings meet here.
const tolerance = 2e-7

func same(t *testing.T, what string, got Matrix, want [][]float64) {
	t.Helper()
	for i, r := range want {
		equal(t, fmt.Sprintf("%s, sample %d", what, i), got.Row(i), r, tolerance)
	}
}

func equal[F float32 | float64](t *testing.T, what string, got []F, want []float64, tol float64) {
	t.Helper()
	if len(got) != len(want) {
		t.Errorf("%s: %d values, want %d", what, len(got), len(want))
		return
	}
	for j, w := range want {
		if d := math.Abs(float64(got[j]) - w); !(d <= tol*math.Max(1, math.Abs(w))) {
			t.Errorf("%s: value %d is %v, want %v", what, j, got[j], w)
			return
		}
	}
}

func TestQuantileNormaliseIsLimmas(t *testing.T) {
	r := load(t)
	for name, c := range map[string]struct{ x, want [][]float64 }{
		"limma": {r.Plain, r.PlainLimma}, "preprocessCore": {r.Plain, r.PlainPreprocessCore},
		"limma, ties": {r.Tied, r.TiedLimma}, "preprocessCore, ties": {r.Tied, r.TiedPreprocessCore},
	} {
		m := matrix(c.x)
		target := QuantileTarget(m, upTo(m.Rows))
		for i := range m.Rows {
			QuantileNormalise(m.Row(i), target)
		}
		same(t, name, m, c.want)
	}
}

// A target learned from some samples is preprocessCore's, and a new sample takes
// it by limma's rule.
func TestQuantileTargetOfTheTrainingPart(t *testing.T) {
	r := load(t)
	target := QuantileTarget(matrix(r.Tied), upTo(r.Train))
	equal(t, "target", target, r.Target, tolerance)
	fresh := matrix([][]float64{r.New})
	QuantileNormalise(fresh.Row(0), target)
	same(t, "new sample", fresh, [][]float64{r.NewLimmaRule})
}

func TestScalesAreScikitLearns(t *testing.T) {
	r := load(t)
	m, train := matrix(r.Plain), upTo(r.Train)
	mean, sd := Moments(m, train)
	equal(t, "mean", mean, r.Mean, 1e-14)
	equal(t, "sd", sd, r.SD, 1e-14)
	lo, hi := Range(m, train)
	equal(t, "lowest", lo, r.Lo, 0)
	equal(t, "highest", hi, r.Hi, 0)
	for i := range m.Rows {
		MinMaxRow(m.Row(i))
	}
	same(t, "per sample", m, r.MinMaxPerSample)
	if got := Constant(matrix(r.WithConstant), train); !reflect.DeepEqual(got, r.Constant) {
		t.Errorf("constant genes %v, want %v", got, r.Constant)
	}
}

func TestGenesAreRankedAsInR(t *testing.T) {
	r := load(t)
	m := matrix(r.Plain)
	all := upTo(m.Rows)
	equal(t, "MAD, 7 samples", MAD(m, all), r.MAD, 0)
	equal(t, "MAD, 6 samples", MAD(m, upTo(6)), r.MADEven, 0)
	if got := TopMAD(m, all, len(r.TopMAD)); !slices.Equal(got, r.TopMAD) {
		t.Errorf("TopMAD %v, want %v", got, r.TopMAD)
	}
	if got := TopVariance(m, all, len(r.TopVar)); !slices.Equal(got, r.TopVar) {
		t.Errorf("TopVariance %v, want %v", got, r.TopVar)
	}
}

func TestLog2IsNumpys(t *testing.T) {
	r := load(t)
	for plus, want := range map[float64][][]float64{0: r.Log2, 1: r.Log21P} {
		m := matrix(r.Plain)
		if err := Log2(m, plus); err != nil {
			t.Fatal(err)
		}
		same(t, fmt.Sprint("log2 of x + ", plus), m, want)
	}
}
