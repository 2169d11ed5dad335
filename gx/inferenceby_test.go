package gx_test

import (
	"context"
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/gxlab/gxlab/gx"
	"github.com/gxlab/gxlab/gx/frame"
	"github.com/gxlab/gxlab/gx/gxtest"
	"github.com/gxlab/gxlab/gx/learn"
	"gonum.org/v1/gonum/mat"
	"gonum.org/v1/gonum/stat"
)

func TestInferenceByContract(t *testing.T) {
	for name, r := range map[string]learn.Regressor{
		"linear": learn.LinearRegression{}, "ridge": learn.Ridge{}, "lasso": learn.Lasso{Alpha: 0.05}, "neighbours": learn.KNNRegression{K: 3},
	} {
		t.Run(name, func(t *testing.T) {
			gxtest.Check(t, gxtest.Case[*gx.Inferred]{
				Make:   func() gx.Recipe[*gx.Inferred] { return gx.Infer(landmarks).On(split()).By(r) },
				Other:  func() gx.Recipe[*gx.Inferred] { return gx.Infer(landmarks[1:]).On(split()).By(r) },
				Digest: byDigest,
			})
		})
	}
}

func byDigest(f *gx.Inferred) (string, error) {
	set, err := split().Keep(ctx, nil)
	if err != nil {
		return "", err
	}
	y, err := f.Predict(set.Test())
	if err != nil {
		return "", err
	}
	return gxtest.Digest32(y.Data().Data) + strings.Join(y.Genes(), " ") + strings.Join(f.Notes(), " "), nil
}

// The classical methods predict what learn's own fits on standardised values do, in the
// data's units, and linear ones err less than the training means.
func TestInferenceBy(t *testing.T) {
	gxtest.Store(t)
	set, err := split().Keep(ctx, nil)
	if err != nil {
		t.Fatal(err)
	}
	scaled, err := split().Standardise().Keep(ctx, nil)
	if err != nil {
		t.Fatal(err)
	}
	keys := map[string]bool{}
	for _, r := range []learn.Regressor{learn.LinearRegression{}, learn.Ridge{}, learn.Ridge{Alphas: []float64{1}}, learn.Lasso{Alpha: 0.05}, learn.KNNRegression{}, learn.KNNRegression{K: 2}} {
		recipe := gx.Infer(landmarks).On(split()).By(r)
		key, err := recipe.Key()
		if err != nil || keys[key] {
			t.Error(key, err)
		}
		keys[key] = true
		f, err := recipe.Keep(ctx, nil)
		if err != nil {
			t.Fatal(err)
		}
		if f.Name() != r.Name() {
			t.Errorf("%s is called %s", r.Name(), f.Name())
		}
		got, err := f.Predict(set.Test())
		if err != nil {
			t.Fatal(err)
		}
		x := func(s *gx.Set, genes []string) gx.Matrix {
			out := gx.Matrix{Rows: s.N(), Cols: len(genes), Data: make([]float32, s.N()*len(genes))}
			v := s.Values()
			for k, g := range genes {
				j := slices.Index(s.Genes(), g)
				for i := range out.Rows {
					out.Data[i*out.Cols+k] = v.Row(i)[j]
				}
			}
			return out
		}
		est, err := r.Train(ctx, x(scaled.Train(), landmarks), x(scaled.Train(), f.Targets()))
		if err != nil {
			t.Fatal(err)
		}
		want, err := est.Predict(x(scaled.Test(), landmarks))
		if err != nil {
			t.Fatal(err)
		}
		for k, g := range f.Targets() {
			j := slices.Index(set.Genes(), g)
			column := make([]float64, set.Train().N())
			for i := range column {
				column[i] = float64(set.Train().Row(i)[j])
			}
			m, sd := stat.PopMeanStdDev(column, nil)
			for i := range got.N() {
				if a, b := float64(got.Row(i)[k]), float64(want.Row(i)[k])*sd+m; math.Abs(a-b) > 1e-4*(1+math.Abs(b)) {
					t.Fatalf("%s: %s of test sample %d is %v, want %v", r.Name(), g, i, a, b)
				}
			}
		}
		e, err := f.GeneErrors(set.Test())
		if err != nil {
			t.Fatal(err)
		}
		if !(e.MeanMAE() < means(set)) {
			t.Errorf("%s; the training means err by %v", e, means(set))
		}
	}
	if _, err := gx.Infer(landmarks).On(split()).By(learn.RegressionForest{}).Key(); err == nil || !strings.Contains(err.Error(), "learn.Ridge{}") {
		t.Error(err)
	}
}

// The share of other genes that are nearer, counted gene by gene.
func TestPermuteGenes(t *testing.T) {
	gxtest.Store(t)
	set, err := split().Keep(ctx, nil)
	if err != nil {
		t.Fatal(err)
	}
	f, err := gx.Infer(landmarks).On(split()).By(learn.Ridge{}).Keep(ctx, nil)
	if err != nil {
		t.Fatal(err)
	}
	test := set.Test()
	y, err := f.Predict(test)
	if err != nil {
		t.Fatal(err)
	}
	e, err := f.PermuteGenes(test)
	if err != nil {
		t.Fatal(err)
	}
	column := func(s *gx.Set, j int) (x []float64) {
		for i := range s.N() {
			x = append(x, float64(s.Row(i)[j]))
		}
		return x
	}
	passed := 0
	for j, g := range e.Genes {
		p, nearer := column(y, j), 0
		own := slices.Index(test.Genes(), g)
		r := stat.Correlation(p, column(test, own), nil)
		if math.Abs(r-e.PCC[j]) > 1e-6 {
			t.Errorf("%s: PCC %v, want %v", g, e.PCC[j], r)
		}
		for k := range test.P() {
			if k != own && stat.Correlation(p, column(test, k), nil) > r+1e-6 {
				nearer++
			}
		}
		if want := float64(nearer) / float64(test.P()-1); e.Nearer[j] != want {
			t.Errorf("%s: %v of the others are nearer, want %v", g, e.Nearer[j], want)
		}
		if nearer == 0 {
			passed++
		}
	}
	if got := e.Passed(0.01); got != float64(passed)/float64(len(e.Genes)) {
		t.Errorf("%v passed, want %d of %d", got, passed, len(e.Genes))
	}
	if plain, err := f.GeneErrors(test); err != nil || !math.IsNaN(plain.Passed(0.01)) || !slices.Equal(plain.MAE, e.MAE) || !slices.Equal(plain.SD, e.SD) {
		t.Error(plain, err)
	}
	if o := e.Only(e.Genes[3:5]); !slices.Equal(o.Nearer, e.Nearer[3:5]) {
		t.Error(o)
	}
}

// Of genes that follow one of three courses, one of each is central.
func TestCentralGenes(t *testing.T) {
	gxtest.Store(t)
	genes, x := make([]string, 0, 30), make([]float32, 20*30)
	for j := range 30 {
		genes = append(genes, string(rune('A'+j%3))+string(rune('a'+j/3)))
		for i := range 20 {
			course := []float64{math.Sin(float64(i)), math.Cos(float64(i)), float64(i%5) - 2}[j%3]
			x[i*30+j] = float32(8 + float64(1+j)*course + 0.02*math.Sin(float64(7*i*j)))
		}
	}
	c := gx.FromMatrix("courses", mat64(20, 30, x), genes, named(20), "log2")
	got, err := gx.CentralGenes(3).On(c).Keep(ctx, nil)
	if err != nil {
		t.Fatal(err)
	}
	first := ""
	for _, g := range got {
		first += g[:1]
	}
	if b := []byte(first); len(b) != 3 || b[0] == b[1] || b[0] == b[2] || b[1] == b[2] {
		t.Errorf("central are %v", got)
	}
	if _, err := gx.CentralGenes(31).On(c).Keep(ctx, nil); err == nil {
		t.Error("31 of 30 genes")
	}
	for _, r := range []gx.Central{gx.CentralGenes(0).On(c), gx.CentralGenes(3)} {
		if _, err := r.Key(); err == nil {
			t.Error(r)
		}
	}
}

func TestCentralGenesContract(t *testing.T) {
	gxtest.Check(t, gxtest.Case[[]string]{
		Make:   func() gx.Recipe[[]string] { return gx.CentralGenes(7).On(split()) },
		Other:  func() gx.Recipe[[]string] { return gx.CentralGenes(6).On(split()) },
		Digest: func(genes []string) (string, error) { return strings.Join(genes, " "), nil },
	})
}

func mat64(rows, cols int, x []float32) *mat.Dense {
	out := mat.NewDense(rows, cols, nil)
	for i, v := range x {
		out.Set(i/cols, i%cols, float64(v))
	}
	return out
}

func named(n int) *frame.Table {
	ids := make([]string, n)
	for i := range ids {
		ids[i] = fmt.Sprint("s", i)
	}
	return frame.New(ids)
}

// seen counts the epochs of every recipe, and may do something at one.
type seen struct {
	epochs map[string]int
	at     func(name string, epoch int)
}

func (s *seen) Watch(name string, p gx.Point, _ int) {
	s.epochs[name]++
	if s.at != nil {
		s.at(name, p.Epoch)
	}
}

// A sweep that ends in the middle has kept every finished list.
func TestAnEndedSweepKeepsFinishedLists(t *testing.T) {
	gxtest.Store(t)
	sweep := func(w gx.Watcher) gx.Sweep[*gx.Inferred] {
		var r []gx.Recipe[*gx.Inferred]
		for i := range 3 {
			r = append(r, gx.Infer(landmarks[i:]).On(split()).Hidden(8, gx.Tanh).Epochs(6).Named(fmt.Sprint("list ", i)).Watch(w))
		}
		return gx.NewSweep(r...).Workers(1)
	}
	c, stop := context.WithCancel(ctx)
	defer stop()
	first := &seen{epochs: map[string]int{}, at: func(name string, epoch int) {
		if name == "list 2" && epoch == 2 {
			stop()
		}
	}}
	if _, err := sweep(first).Keep(c, nil); err == nil {
		t.Fatal("the sweep did not end")
	}
	second := &seen{epochs: map[string]int{}}
	fits, err := sweep(second).Keep(ctx, nil)
	if err != nil || len(fits) != 3 {
		t.Fatal(fits, err)
	}
	if second.epochs["list 0"] != 0 || second.epochs["list 1"] != 0 || second.epochs["list 2"] == 0 {
		t.Errorf("first %v, then %v", first.epochs, second.epochs)
	}
}

// A gene that is predicted as one value has no correlation and does not pass.
func TestConstantPredictions(t *testing.T) {
	gxtest.Store(t)
	x, y := make([]float32, 58*4), make([]float32, 58*4)
	for i := range 58 {
		for j := range 4 {
			x[i*4+j] = float32(8 + math.Sin(float64(i*(j+1))))
			y[i*4+j] = []float32{8.1234, 7.77, x[i*4+2], 9.0001}[j]
		}
	}
	genes := []string{"a", "b", "c", "d"}
	measured, err := gx.FromMatrix("measured", mat64(58, 4, x), genes, named(58), "log2").Keep(ctx, nil)
	if err != nil {
		t.Fatal(err)
	}
	predicted, err := gx.FromMatrix("predicted", mat64(58, 4, y), genes, named(58), "log2").Keep(ctx, nil)
	if err != nil {
		t.Fatal(err)
	}
	e, err := gx.PermuteGenes(measured, predicted)
	if err != nil {
		t.Fatal(err)
	}
	for j, want := range []float64{1, 1, 0, 1} {
		if e.Nearer[j] != want || math.IsNaN(e.PCC[j]) != (want == 1) {
			t.Errorf("%s: PCC %v, %v of the others nearer, want %v", genes[j], e.PCC[j], e.Nearer[j], want)
		}
	}
}
