package gx_test

import (
	"fmt"
	"math"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/gxlab/gxlab/gx"
	"github.com/gxlab/gxlab/gx/frame"
	"github.com/gxlab/gxlab/gx/gxtest"
)

func attributedDigest(a *gx.Attributed) (string, error) {
	m, err := a.Mean(1)
	if err != nil {
		return "", err
	}
	b, err := a.MeanAbs(0)
	return fmt.Sprint(gxtest.Digest32(m), gxtest.Digest32(b), a.Importance(), a.MeanImportance(), a.Units(), a.Top(5), a.CompletenessError(), a.Notes()), err
}

func TestAttributionContract(t *testing.T) {
	of := func() gx.Training { return net(split().Centre()) }
	for name, r := range map[string]func() gx.Attribution{
		"deeplift":   func() gx.Attribution { return gx.DeepLIFT(gx.MeanReference()).Of(of()) },
		"samples":    func() gx.Attribution { return gx.DeepLIFT(gx.SampleReference(3)).Of(of()).Samples(8) },
		"integrated": func() gx.Attribution { return gx.IntegratedGradients(gx.ZeroReference()).Steps(5).Outputs().Of(of()) },
		"gradient":   func() gx.Attribution { return gx.GradientInput(gx.GroupReference("tissue", "heart")).Layer(1).Of(of()) },
	} {
		t.Run(name, func(t *testing.T) {
			gxtest.Check(t, gxtest.Case[*gx.Attributed]{
				Make:   func() gx.Recipe[*gx.Attributed] { return r() },
				Other:  func() gx.Recipe[*gx.Attributed] { return r().Seed(99) },
				Digest: attributedDigest,
			})
		})
	}
}

// The contributions to a linear code add up to the code of the sample less that of the
// reference, as Encode gives them from the data's own units.
func TestContributionsAddUpToTheCode(t *testing.T) {
	gxtest.Store(t)
	for name, c := range map[string]gx.Cohort{"log2": split(), "standardised": split().Standardise(), "minmax": split().MinMax()} {
		set, err := c.Keep(ctx, nil)
		if err != nil {
			t.Fatal(err)
		}
		fit, err := net(c).Keep(ctx, nil)
		if err != nil {
			t.Fatal(err)
		}
		liver, err := set.Train().Labels("tissue")
		if err != nil {
			t.Fatal(err)
		}
		var group []int
		for i, l := range liver {
			if l == "liver" {
				group = append(group, i)
			}
		}
		one := set.Test().Select(0)
		code := func(s *gx.Set) []float32 {
			z, err := fit.Encode(s)
			if err != nil {
				t.Fatal(err)
			}
			return z.Data
		}
		at := code(one)
		for what, ref := range map[string]struct {
			gx.Reference
			code []float32
		}{
			"mean":  {gx.MeanReference(), code(profile(t, set, every(set.Train()), set.Train()))},
			"group": {gx.GroupReference("tissue", "liver"), code(profile(t, set, group, set.Train()))},
		} {
			a, err := fit.Attribute(ctx, gx.DeepLIFT(ref.Reference), one, nil)
			if err != nil {
				t.Fatal(err)
			}
			if !(a.CompletenessError() < 1e-4) {
				t.Errorf("%s, %s: completeness error %g", name, what, a.CompletenessError())
			}
			for u := range a.Units() {
				row, err := a.Mean(u)
				if err != nil {
					t.Fatal(err)
				}
				sum := 0.0
				for _, v := range row {
					sum += float64(v)
				}
				if want := float64(at[u]) - float64(ref.code[u]); math.Abs(sum-want) > 1e-4*math.Max(1, math.Abs(want)) {
					t.Errorf("%s, %s, unit %d: contributions add up to %g, the code changes by %g", name, what, u, sum, want)
				}
			}
		}
	}
}

func every(s *gx.Set) []int {
	var out []int
	for i := range s.N() {
		out = append(out, i)
	}
	return out
}

// profile is the mean of some samples as a set of one.
func profile(t *testing.T, set *gx.Set, index []int, of *gx.Set) *gx.Set {
	t.Helper()
	d := of.Select(index...).Dense()
	rows, cols := d.Dims()
	for j := range cols {
		sum := 0.0
		for i := range rows {
			sum += d.At(i, j)
		}
		d.Set(0, j, sum/float64(rows))
		d.Set(1, j, sum/float64(rows))
	}
	s, err := gx.FromMatrix("profile", d.Slice(0, 2, 0, cols), set.Genes(), frame.New([]string{"a", "b"}), set.Units()).Keep(ctx, nil)
	if err != nil {
		t.Fatal(err)
	}
	return s.Select(0)
}

// What the recipe attributes, and with it the landmark genes, is learned from training
// samples: others in the test part change no number.
func TestLandmarksComeFromTheTrainingPart(t *testing.T) {
	gxtest.Store(t)
	recipe := func(edit func(*gx.Raw), key string) gx.Attribution {
		c := gx.From(made{n: 40, p: 30, edit: edit, key: key}).Log2().Split("tissue", 75, 25).Standardise()
		return gx.DeepLIFT(gx.SampleReference(4)).Of(net(c)).Samples(20)
	}
	a, err := recipe(nil, "").Keep(ctx, nil)
	if err != nil {
		t.Fatal(err)
	}
	plain, err := gx.From(made{n: 40, p: 30}).Log2().Split("tissue", 75, 25).Keep(ctx, nil)
	if err != nil {
		t.Fatal(err)
	}
	test := map[string]bool{}
	for _, id := range plain.Test().Samples().IDs() {
		test[id] = true
	}
	b, err := recipe(func(r *gx.Raw) {
		for i, id := range r.Samples.IDs() {
			for j := range r.X.Row(i) {
				if test[id] {
					r.X.Row(i)[j] = 1 + float32((i*31+j*17)%97)
				}
			}
		}
	}, "other test").Keep(ctx, nil)
	if err != nil {
		t.Fatal(err)
	}
	x, err := attributedDigest(a)
	if err != nil {
		t.Fatal(err)
	}
	if y, err := attributedDigest(b); err != nil || x != y {
		t.Errorf("other test samples gave\n%s\nwas\n%s (%v)", y, x, err)
	}
	if a.Samples() != 20 {
		t.Errorf("%d samples", a.Samples())
	}
}

// Genes that the planted factors do not reach rank last.
func TestRankingFindsWhatMatters(t *testing.T) {
	gxtest.Store(t)
	c := gx.From(made{n: 60, p: 30, key: "quiet", edit: func(r *gx.Raw) {
		for i := range r.X.Rows {
			for j := range 10 {
				r.X.Row(i)[3*j] = 100 + float32((i*7+j*3)%5)/10
			}
		}
	}}).Log2().Split("tissue", 75, 25)
	a, err := gx.DeepLIFT(gx.MeanReference()).Of(net(c).Epochs(30)).Keep(ctx, nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, g := range a.Top(20) {
		var j int
		if _, err := fmt.Sscanf(g, "G%d", &j); err != nil || j%3 == 0 {
			t.Errorf("%s, which hardly varies, is among the first 20 of 30", g)
		}
	}
	table, err := a.Table()
	if err != nil || table.Len() != 30 || table.IDs()[0] != a.Top(1)[0] {
		t.Fatal(table, err)
	}
	imp, err := table.Column("importance")
	if err != nil {
		t.Fatal(err)
	}
	if v, ok := frame.Numbers(imp); !ok || !slices.IsSortedFunc(v, func(a, b float64) int { return -cmpFloat(a, b) }) {
		t.Error(imp)
	}
	if one, err := a.TopOf(2, 4); err != nil || len(one) != 4 {
		t.Error(one, err)
	}
	if got := a.TopByMean(99); len(got) != 30 {
		t.Error(got)
	}
	h, err := a.HTML()
	if err != nil || !strings.Contains(h, "completeness error") || !strings.Contains(h, a.Top(1)[0]) {
		t.Error(h, err)
	}
	if err := a.SaveTSV(filepath.Join(t.TempDir(), "c.tsv")); err != nil {
		t.Error(err)
	}
}

func cmpFloat(a, b float64) int {
	if a < b {
		return -1
	}
	if a > b {
		return 1
	}
	return 0
}

// The target of a sigmoid code is its sum before the activation unless the recipe says
// otherwise.
func TestSigmoidTargetsAreSums(t *testing.T) {
	gxtest.Store(t)
	r := net(split().Standardise()).CodeActivation(gx.Sigmoid)
	sums, err := gx.DeepLIFT(gx.ZeroReference()).Of(r).Keep(ctx, nil)
	if err != nil {
		t.Fatal(err)
	}
	values, err := gx.DeepLIFT(gx.ZeroReference()).AfterActivation().Of(r).Keep(ctx, nil)
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(sums.String(), "weighted sums") || strings.Contains(values.String(), "weighted sums") {
		t.Error(sums, values)
	}
	if sums.Importance()[0] < 2*values.Importance()[0] { // σ′ is at most a quarter
		t.Errorf("%g of sums, %g of values", sums.Importance()[0], values.Importance()[0])
	}
}

func TestBadAttributionsSayWhatWhereTry(t *testing.T) {
	gxtest.Store(t)
	of := net(split())
	for what, r := range map[string]gx.Attribution{
		"no network":           gx.DeepLIFT(gx.ZeroReference()),
		"no reference":         gx.DeepLIFT(gx.Reference{}).Of(of),
		"no method":            gx.Attribution{}.Of(of),
		"0 samples":            gx.DeepLIFT(gx.SampleReference(0)).Of(of),
		"a label and a value":  gx.DeepLIFT(gx.GroupReference("tissue", "")).Of(of),
		"heart, liver, lung":   gx.DeepLIFT(gx.GroupReference("tissue", "brain")).Of(of),
		"no label":             gx.DeepLIFT(gx.GroupReference("organ", "brain")).Of(of),
		"99 of 30":             gx.DeepLIFT(gx.SampleReference(99)).Of(of),
		"no such hidden layer": gx.DeepLIFT(gx.ZeroReference()).Layer(0).Of(of),
		"1 hidden layers, not": gx.DeepLIFT(gx.ZeroReference()).Layer(2).Of(of),
		"Steps(3)":             gx.DeepLIFT(gx.ZeroReference()).Steps(3).Of(of),
		"Samples(-1)":          gx.DeepLIFT(gx.ZeroReference()).Samples(-1).Of(of),
		"a layer needs units":  gx.DeepLIFT(gx.ZeroReference()).Of(of.Hidden(0, gx.ReLU)),
	} {
		_, err := r.Keep(ctx, nil)
		if err == nil || !strings.Contains(err.Error(), what) || !strings.Contains(err.Error(), "try") {
			t.Errorf("%s: %v", what, err)
		}
	}
}
