package gx_test

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/gxlab/gxlab/gx"
	"github.com/gxlab/gxlab/gx/frame"
	"github.com/gxlab/gxlab/gx/gxtest"
	"gonum.org/v1/gonum/mat"
	"gonum.org/v1/gonum/stat"
)

var landmarks = []string{"G3", "G0", "G11", "G20", "G7"}

func infer(c gx.Cohort) gx.Inference {
	return gx.Infer(landmarks).On(c).Hidden(12, gx.Tanh).Epochs(5)
}

func inferredDigest(f *gx.Inferred) (string, error) {
	set, err := split().Keep(ctx, nil)
	if err != nil {
		return "", err
	}
	y, err := f.Predict(set.Test())
	if err != nil {
		return "", err
	}
	curves := ""
	for b := range f.Blocks() {
		curves += fmt.Sprint(f.Curve(b))
	}
	return fmt.Sprint(gxtest.Digest32(y.Data().Data), y.Genes(), f.Landmarks(), f.Notes(), curves), nil
}

func TestInferenceContract(t *testing.T) {
	for name, r := range map[string]func() gx.Inference{
		"default": func() gx.Inference { return gx.Infer(landmarks).On(split()).Epochs(3) },
		"blocks":  func() gx.Inference { return infer(split()).Hidden(9, gx.Tanh).Blocks(3) },
		"adam": func() gx.Inference {
			return infer(cohort().Split("tissue", 60, 20, 20).Standardise()).Adam(0).Targets("G1", "G2", "G3").Loss(gx.MAE)
		},
	} {
		t.Run(name, func(t *testing.T) {
			gxtest.Check(t, gxtest.Case[*gx.Inferred]{
				Make:   func() gx.Recipe[*gx.Inferred] { return r() },
				Other:  func() gx.Recipe[*gx.Inferred] { return r().Seed(99) },
				Digest: inferredDigest,
			})
		})
	}
}

// The targets are predicted far better than by their means, in the data's own units,
// by networks of one block and of several, whatever scaling the cohort has.
func TestInferenceLearns(t *testing.T) {
	gxtest.Store(t)
	set, err := split().Keep(ctx, nil)
	if err != nil {
		t.Fatal(err)
	}
	for name, r := range map[string]gx.Inference{
		"one block":    infer(split()).Epochs(150).Dropout(0).Adam(0.01),
		"three blocks": infer(split()).Epochs(150).Dropout(0).Adam(0.01).Blocks(3),
		"momentum":     infer(split().MinMax()).Epochs(300).Dropout(0).Momentum(5e-3, 0.5),
	} {
		f, err := r.Keep(ctx, nil)
		if err != nil {
			t.Fatal(err)
		}
		e, err := f.GeneErrors(set.Test())
		if err != nil {
			t.Fatal(err)
		}
		if len(e.Genes) != 25 || slices.Contains(e.Genes, "G11") {
			t.Fatalf("%s: %v", name, e.Genes)
		}
		if by := means(set); !(e.MeanMAE() < 0.75*by) || !(e.MeanPCC() > 0.7) {
			t.Errorf("%s: %s; the training means err by %.4g", name, e, by)
		}
		c := f.Curve(f.Blocks() - 1)
		if last := c[len(c)-1]; !(last.Train < 0.25*c[0].Train) {
			t.Errorf("%s: from %+v to %+v", name, c[0], last)
		}
		h, err := e.HTML()
		if err != nil || !strings.Contains(h, "mean PCC") {
			t.Error(h, err)
		}
	}
}

// means is the mean absolute error of the training means for the test part.
func means(set *gx.Set) float64 {
	sum, n := 0.0, 0
	train := set.Train().Dense()
	for j, g := range set.Genes() {
		if slices.Contains(landmarks, g) {
			continue
		}
		m := stat.Mean(mat.Col(nil, j, train), nil)
		for i := range set.Test().N() {
			sum += math.Abs(float64(set.Test().Row(i)[j]) - m)
			n++
		}
	}
	return sum / float64(n)
}

// With a validation part the weights of the best epoch are kept.
func TestInferenceKeepsTheBestEpoch(t *testing.T) {
	gxtest.Store(t)
	c := cohort().Split("tissue", 60, 20, 20)
	set, err := c.Keep(ctx, nil)
	if err != nil {
		t.Fatal(err)
	}
	f, err := infer(c).Epochs(40).Momentum(0.05, 0.5).Keep(ctx, nil)
	if err != nil {
		t.Fatal(err)
	}
	best := math.Inf(1)
	for _, p := range f.Curve(0) {
		best = min(best, p.Valid)
	}
	y, err := f.Predict(set.Validation())
	if err != nil {
		t.Fatal(err)
	}
	sum, n := 0.0, 0
	for i := range y.N() {
		for j, g := range y.Genes() {
			d := float64(y.Row(i)[j] - set.Validation().Row(i)[slices.Index(set.Genes(), g)])
			sum += d * d
			n++
		}
	}
	if got := sum / float64(n); math.Abs(got-best) > 1e-4*best || len(f.Curve(0)) != 40 {
		t.Errorf("validation error %g, the best of %d epochs was %g", got, len(f.Curve(0)), best)
	}
}

// New samples need the landmarks alone, in any order; lists may name genes that are
// not there.
func TestInferenceFindsGenesByName(t *testing.T) {
	gxtest.Store(t)
	r := gx.Infer(append([]string{"NAT2"}, landmarks...)).On(split()).Epochs(3).Targets("G1", "G7", "KRT5", "G2")
	f, err := r.Keep(ctx, nil)
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(f.Landmarks(), landmarks) || !slices.Equal(f.Targets(), []string{"G1", "G2"}) {
		t.Error(f.Landmarks(), f.Targets())
	}
	if n := fmt.Sprint(f.Notes()); !strings.Contains(n, "NAT2") || !strings.Contains(n, "KRT5") {
		t.Error(n)
	}
	set, err := split().Keep(ctx, nil)
	if err != nil {
		t.Fatal(err)
	}
	want, err := f.Predict(set.Test())
	if err != nil {
		t.Fatal(err)
	}
	names := slices.Clone(landmarks)
	slices.Sort(names)
	few := mat.NewDense(set.Test().N(), len(names), nil)
	for k, g := range names {
		for i := range set.Test().N() {
			few.Set(i, k, float64(set.Test().Row(i)[slices.Index(set.Genes(), g)]))
		}
	}
	s, err := gx.FromMatrix("few", few, names, set.Test().Samples(), set.Units()).Keep(ctx, nil)
	if err != nil {
		t.Fatal(err)
	}
	got, err := f.Predict(s)
	if err != nil || !slices.Equal(got.Data().Data, want.Data().Data) {
		t.Error("other predictions from the landmarks alone", err)
	}
	s, err = gx.FromMatrix("fewer", few.Slice(0, few.RawMatrix().Rows, 0, 3), names[:3], set.Test().Samples(), set.Units()).Keep(ctx, nil)
	if err != nil {
		t.Fatal(err)
	}
	if got, err = f.Predict(s); err != nil || !strings.Contains(fmt.Sprint(got.Notes()), "missing") {
		t.Error(got, err)
	}
}

// A sweep of lists that is interrupted in the second block goes on with it: the first
// is not trained again, and the weights are those of a training that was not stopped.
func TestInferenceGoesOnAfterFinishedBlocks(t *testing.T) {
	gxtest.Store(t)
	recipe := func() gx.Inference { return infer(split()).Epochs(30).Blocks(2) }
	f, err := recipe().Keep(ctx, nil)
	if err != nil {
		t.Fatal(err)
	}
	want, err := inferredDigest(f)
	if err != nil {
		t.Fatal(err)
	}
	gxtest.Store(t)
	c, cancel := context.WithCancel(ctx)
	heard := 0
	if _, err := recipe().Watch(watcher(func(p gx.Point) {
		if heard++; heard == 40 {
			cancel()
		}
	})).Keep(c, nil); err == nil {
		t.Fatal("it was not stopped")
	}
	var epochs []int
	f, err = recipe().Watch(watcher(func(p gx.Point) { epochs = append(epochs, p.Epoch) })).Keep(ctx, nil)
	if err != nil {
		t.Fatal(err)
	}
	if got, err := inferredDigest(f); err != nil || got != want {
		t.Errorf("%s\nshould be\n%s (%v)", got, want, err)
	}
	if len(epochs) != 30 {
		t.Errorf("heard of %d epochs, should be the second block's 30", len(epochs))
	}
}

type watcher func(gx.Point)

func (w watcher) Watch(_ string, p gx.Point, _ int) { w(p) }

func TestBadInferencesSayWhatWhereTry(t *testing.T) {
	gxtest.Store(t)
	for what, r := range map[string]gx.Inference{
		"no landmarks":        gx.Infer(nil).On(split()),
		"stands there twice":  gx.Infer([]string{"G1", "G2", "G1"}).On(split()),
		"no data":             gx.Infer(landmarks),
		"none of the landmar": gx.Infer([]string{"TP53"}).On(split()),
		"no genes are left":   gx.Infer(landmarks).Targets("G0", "G3").On(split()),
		"Blocks(0)":           gx.Infer(landmarks).Blocks(0).On(split()),
		"26 blocks of 25":     gx.Infer(landmarks).Blocks(26).On(split()),
		"Targets()":           gx.Infer(landmarks).Targets().On(split()),
		"Hidden(0)":           gx.Infer(landmarks).Hidden(0, gx.Tanh).On(split()),
	} {
		if _, err := r.Keep(ctx, nil); err == nil || !strings.Contains(err.Error(), what) || !strings.Contains(err.Error(), "try") {
			t.Errorf("%s: %v", what, err)
		}
	}
}

// Errors by gene are gonum's.
func TestCompareGenes(t *testing.T) {
	gxtest.Store(t)
	r := rand.New(rand.NewPCG(3, 4))
	const rows, cols = 17, 600
	x, y := mat.NewDense(rows, cols, nil), mat.NewDense(rows, cols-1, nil)
	var genes, some, ids []string
	for j := range cols {
		genes = append(genes, fmt.Sprintf("G%d", j))
	}
	for j := cols - 1; j > 0; j-- {
		some = append(some, genes[j])
	}
	for i := range rows {
		ids = append(ids, fmt.Sprint("s", i))
		for j := range cols {
			x.Set(i, j, float64(float32(r.NormFloat64()+9)))
			if j > 0 {
				y.Set(i, j-1, float64(float32(x.At(i, j)/2+r.NormFloat64())))
			}
		}
	}
	back := mat.NewDense(rows, cols-1, nil) // in the order of some
	for i := range rows {
		for j := range cols - 1 {
			back.Set(i, j, y.At(i, cols-2-j))
		}
		x.Set(i, 5, 8)
	}
	set := func(m mat.Matrix, g []string) *gx.Set {
		s, err := gx.FromMatrix("set", m, g, frame.New(ids), "log2").Keep(ctx, nil)
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	e, err := gx.CompareGenes(set(x, genes), set(back, some))
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(e.Genes, some) {
		t.Fatal(e.Genes)
	}
	for k, g := range e.Genes {
		j := slices.Index(genes, g)
		a, b := mat.Col(nil, j, x), mat.Col(nil, k, back)
		mae := 0.0
		for i := range a {
			mae += math.Abs(a[i]-b[i]) / rows
		}
		pcc, sd := stat.Correlation(a, b, nil), stat.PopStdDev(a, nil)
		if j == 5 {
			if e.PCC[k] == e.PCC[k] || e.SD[k] != 0 || e.Standardised()[k] == e.Standardised()[k] {
				t.Errorf("a constant gene: %g, %g", e.PCC[k], e.SD[k])
			}
			pcc = e.PCC[k]
		} else if math.Abs(e.PCC[k]-pcc) > 1e-12 {
			t.Errorf("%s: PCC %g, should be %g", g, e.PCC[k], pcc)
		}
		if math.Abs(e.MAE[k]-mae) > 1e-12 || math.Abs(e.SD[k]-sd) > 1e-12 {
			t.Errorf("%s: MAE %g, SD %g, should be %g, %g", g, e.MAE[k], e.SD[k], mae, sd)
		}
	}
	only := e.Only([]string{"G7", "none", "G3"})
	if !slices.Equal(only.Genes, []string{"G7", "G3"}) || only.MAE[0] != e.MAE[slices.Index(e.Genes, "G7")] {
		t.Error(only)
	}
	if _, err := gx.CompareGenes(set(x, genes), set(back, some).Select(1, 2)); err == nil {
		t.Error("17 samples against 2")
	}
}
