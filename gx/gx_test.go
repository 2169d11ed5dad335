package gx_test

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"path/filepath"
	"strings"
	"testing"

	"github.com/gxlab/gxlab/gx"
	"github.com/gxlab/gxlab/gx/frame"
	"github.com/gxlab/gxlab/gx/gxtest"
	"github.com/gxlab/gxlab/gx/prep"
)

var ctx = context.Background()

// made is a source that a test makes: n samples of p genes in three tissues.
type made struct {
	n, p int
	edit func(*gx.Raw)
	key  string
}

func (m made) Name() string         { return "made" }
func (m made) Key() (string, error) { return fmt.Sprintf("made %d %d %s", m.n, m.p, m.key), nil }

func (m made) Read(context.Context, gx.Tell) (*gx.Raw, error) {
	r := rand.New(rand.NewPCG(1, 2))
	raw := &gx.Raw{X: prep.NewMatrix(m.n, m.p), Scale: "signal"}
	var ids, tissue []string
	for i := range m.n {
		ids = append(ids, fmt.Sprintf("s%d", i))
		tissue = append(tissue, []string{"liver", "heart", "lung"}[i%3])
		f := []float64{r.NormFloat64(), r.NormFloat64()}
		for j := range raw.X.Row(i) {
			v := 8 + math.Sin(float64(j*(i%3+1))) + f[0]*math.Cos(float64(j)) + f[1]*math.Sin(float64(j*j)) + 0.2*r.NormFloat64()
			raw.X.Row(i)[j] = float32(math.Exp2(v))
		}
	}
	for j := range m.p {
		raw.Genes = append(raw.Genes, fmt.Sprintf("G%d", j))
	}
	var err error
	if raw.Samples, err = frame.New(ids).With("tissue", tissue); err != nil {
		return nil, err
	}
	if m.edit != nil {
		m.edit(raw)
	}
	return raw, nil
}

func cohort() gx.Cohort { return gx.From(made{n: 40, p: 30}).Log2().QuantileNormalise() }

func split() gx.Cohort { return cohort().Split("tissue", 75, 25).Seed(7) }

func net(c gx.Cohort) gx.Training {
	return gx.Autoencoder().Hidden(16, gx.LogSigmoid).Code(3).On(c).Adam(0.01).Batch(8).Epochs(5)
}

func setDigest(s *gx.Set) (string, error) {
	return fmt.Sprint(gxtest.Digest32(s.Values().Data), gxtest.Digest32(s.Data().Data), s.Genes(), s.Samples().IDs(), s.Train().N(), s.Units(), s.Notes()), nil
}

func modelDigest(m *gx.Model) (string, error) {
	set, err := split().Keep(ctx, nil)
	if err != nil {
		return "", err
	}
	z, err := m.Encode(set.Test())
	if err != nil {
		return "", err
	}
	y, err := m.Decode(z)
	if err != nil {
		return "", err
	}
	return fmt.Sprint(gxtest.Digest32(z.Data), gxtest.Digest32(y.Data().Data), m.CodeSize()), nil
}

func TestContract(t *testing.T) {
	cohorts := map[string]func() gx.Cohort{
		"log, quantile":      cohort,
		"split, standardise": func() gx.Cohort { return split().Standardise() },
		"split, centre":      func() gx.Cohort { return split().Centre() },
		"split, minmax":      func() gx.Cohort { return split().MinMax() },
		"three parts":        func() gx.Cohort { return cohort().Split("", 60, 20, 20) },
		"fold":               func() gx.Cohort { return cohort().Fold("tissue", 5, 2).Seed(3).TopVariance(9).Standardise() },
		"hold out":           func() gx.Cohort { return cohort().HoldOut("tissue", "heart").TopMAD(12).Centre() },
		"where":              func() gx.Cohort { return cohort().Where("tissue", "heart", "liver").MinMaxPerSample() },
		"counts":             func() gx.Cohort { return gx.From(made{n: 9, p: 7}).Floor(20).Log1p().DropMissing().DropConstant() },
		"ensure":             func() gx.Cohort { return gx.From(made{n: 9, p: 7}).EnsureLog2() },
	}
	for name, c := range cohorts {
		t.Run(name, func(t *testing.T) {
			gxtest.Check(t, gxtest.Case[*gx.Set]{
				Make:   func() gx.Recipe[*gx.Set] { return c() },
				Other:  func() gx.Recipe[*gx.Set] { return c().MinMaxPerSample().MinMaxPerSample() },
				Digest: setDigest,
			})
		})
	}
	trainings := map[string]func() gx.Training{
		"adam":  func() gx.Training { return net(split().Centre()) },
		"paper": func() gx.Training { return net(split()).SGD(1e-4).Decay(0.01).Batch(1).Iterations(10) },
		"momentum": func() gx.Training {
			return net(split().Standardise()).Momentum(0.01, 0.9).Noise(0.1).Mask(0.1).Dropout(0.1).BatchNorm()
		},
		"from pca": func() gx.Training { return net(split().Centre()).Start(gx.FromPCA).L2(1e-5).L1(1e-7) },
		"early": func() gx.Training {
			return net(cohort().Split("tissue", 60, 20, 20).MinMax()).Output(gx.Sigmoid).Loss(gx.MAE).EarlyStop(2)
		},
		"default": func() gx.Training { return gx.Autoencoder().On(split()).Epochs(2) },
		"by inputs": func() gx.Training {
			return net(split().Centre()).Hidden(6, gx.Sigmoid).Start(gx.Orthogonal).Adam(1e-2).FanIn(8)
		},
		"chosen": func() gx.Training { return net(split().Centre()).Adam(0).ChooseEpochs(0.2) },
	}
	for name, r := range trainings {
		t.Run("training "+name, func(t *testing.T) {
			gxtest.Check(t, gxtest.Case[*gx.Fitted]{
				Make:  func() gx.Recipe[*gx.Fitted] { return r() },
				Other: func() gx.Recipe[*gx.Fitted] { return r().Seed(99) },
				Digest: func(f *gx.Fitted) (string, error) {
					d, err := modelDigest(f.Model)
					return d + fmt.Sprint(f.Curve()), err
				},
			})
		})
	}
	reductions := map[string]func() gx.Reduction{
		"pca":        func() gx.Reduction { return gx.PCA(3).On(split()) },
		"nmf":        func() gx.Reduction { return gx.NMF(3).On(split()) },
		"polynomial": func() gx.Reduction { return gx.KernelPCA(3, gx.Polynomial).On(split()) },
		"cosine":     func() gx.Reduction { return gx.KernelPCA(3, gx.Cosine).On(split()) },
		"rbf":        func() gx.Reduction { return gx.KernelPCA(3, gx.RBF).On(split().Standardise()) },
	}
	for name, r := range reductions {
		t.Run("reduction "+name, func(t *testing.T) {
			gxtest.Check(t, gxtest.Case[*gx.Reduced]{
				Make:   func() gx.Recipe[*gx.Reduced] { return r() },
				Other:  func() gx.Recipe[*gx.Reduced] { return r().On(cohort()) },
				Digest: func(m *gx.Reduced) (string, error) { return modelDigest(m.Model) },
			})
		})
	}
}

// A chain never changes the chain it began from.
func TestChainsDoNotMeet(t *testing.T) {
	base := cohort()
	a, b := base.Split("tissue", 75, 25), base.Fold("tissue", 5, 1)
	if strings.Contains(base.String(), "Split") || strings.Contains(a.String(), "Fold") || strings.Contains(b.String(), "Split") {
		t.Error(base, a, b)
	}
	s := a.Seed(9)
	if a.String() == s.String() {
		t.Error("Seed changed its base")
	}
	h := gx.Autoencoder().Hidden(9, gx.Tanh)
	x, y := h.Hidden(7, gx.ReLU), h.Hidden(5, gx.Sigmoid)
	if strings.Contains(x.String(), "sigmoid") || strings.Contains(y.String(), "relu") {
		t.Error(x, y)
	}
}

func TestBadStepsSayWhatWhereTry(t *testing.T) {
	gxtest.Store(t)
	zero := func(r *gx.Raw) { r.X.Data[31] = 0 }
	negative := func(r *gx.Raw) { r.X.Data[31] = -3 }
	nan := func(r *gx.Raw) { r.X.Data[31] = float32(math.NaN()) }
	constant := func(r *gx.Raw) {
		for i := range r.X.Rows {
			r.X.Row(i)[4] = 5
		}
	}
	src := func(edit func(*gx.Raw), key string) gx.Cohort {
		return gx.From(made{n: 12, p: 30, edit: edit, key: key})
	}
	cases := map[string]struct {
		c    gx.Cohort
		what []string
	}{
		"parts":             {cohort().Split("tissue", 70, 15, 20), []string{"parts add to 105", "parts that add to 100"}},
		"standardise first": {cohort().Standardise().Split("tissue", 75, 25), []string{"Standardise stands before", "Standardise after Split"}},
		"two splits":        {split().Fold("tissue", 5, 0), []string{"divided already"}},
		"unknown column":    {cohort().Split("organ", 75, 25), []string{`no label "organ"`, "tissue"}},
		"unknown value":     {cohort().HoldOut("tissue", "kidney"), []string{"kidney", "heart, liver, lung"}},
		"zero":              {src(zero, "0").Log2(), []string{"sample s1, gene G1", "Floor"}},
		"negative":          {src(negative, "-").Log2(), []string{"Log2(): ", "-3 in sample s1, gene G1", "Floor"}},
		"nan":               {src(nan, "nan").Log2(), []string{"missing", "sample s1, gene G1", "DropMissing"}},
		"nan quantile":      {src(nan, "nan").QuantileNormalise(), []string{"sample s1, gene G1", "DropMissing"}},
		"constant":          {src(constant, "c").Log2().Split("tissue", 75, 25).Standardise(), []string{"constant", "G4", "DropConstant"}},
		"one class":         {cohort().Where("tissue", "heart").Split("tissue", 75, 25), []string{"same tissue"}},
		"one sample":        {gx.From(made{n: 1, p: 5}).Log2(), []string{"1 sample"}},
		"no seed":           {cohort().Seed(3), []string{"Seed after Split"}},
		"no genes":          {cohort().TopVariance(0), []string{"from 1 up"}},
		"no source":         {gx.Cohort{}, []string{"no source"}},
		"scaled then log":   {cohort().Centre().Log2(), []string{"scaled already"}},
		"fold":              {cohort().Fold("tissue", 5, 5), []string{"no fold 5", "0 to 4"}},
	}
	for name, c := range cases {
		_, err := c.c.Keep(ctx, nil)
		if err == nil {
			t.Errorf("%s: no error", name)
			continue
		}
		for _, w := range append(c.what, "gx_test.go:", "try ") {
			if !strings.Contains(err.Error(), w) {
				t.Errorf("%s: the error does not say %q:\n%v", name, w, err)
			}
		}
	}
	trainings := map[string]gx.Training{
		"no source": gx.Autoencoder(), "width": net(split()).Hidden(0, gx.ReLU), "activation": net(split()).Hidden(3, "cubic"),
		"rate": net(split()).Adam(-1), "early": net(split()).EarlyStop(3), "cohort": net(cohort().Split("tissue", 1)),
		"carry": net(split()).Start("magic"), "noise": net(split()).Noise(math.NaN()),
		"inputs": net(split()).SGD(0.01).FanIn(8), "below": net(split()).FanIn(-1),
	}
	for name, r := range trainings {
		if _, err := r.Keep(ctx, nil); err == nil || !strings.Contains(err.Error(), "gx_test.go:") || !strings.Contains(err.Error(), "try ") {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// Whatever happens to the test samples, what was learned stays the same.
func TestTestSamplesTeachNothing(t *testing.T) {
	chains := map[string]func(gx.Cohort) gx.Cohort{
		"standardise": func(c gx.Cohort) gx.Cohort { return c.Standardise() },
		"centre":      func(c gx.Cohort) gx.Cohort { return c.Centre() },
		"minmax":      func(c gx.Cohort) gx.Cohort { return c.MinMax() },
		"variance":    func(c gx.Cohort) gx.Cohort { return c.TopVariance(11).Standardise() },
		"mad":         func(c gx.Cohort) gx.Cohort { return c.TopMAD(11).MinMax() },
		"quantile":    func(c gx.Cohort) gx.Cohort { return c.QuantileNormalise() },
		"constant":    func(c gx.Cohort) gx.Cohort { return c.DropConstant() },
	}
	for name, chain := range chains {
		gxtest.Store(t)
		recipe := func(edit func(*gx.Raw), key string) gx.Cohort {
			return chain(gx.From(made{n: 40, p: 30, edit: edit, key: key}).Log2().Split("tissue", 75, 25).Seed(7))
		}
		a, err := recipe(nil, "").Keep(ctx, nil)
		if err != nil {
			t.Fatal(name, err)
		}
		test := map[string]bool{}
		for _, id := range a.Test().Samples().IDs() {
			test[id] = true
		}
		b, err := recipe(func(r *gx.Raw) {
			for i, id := range r.Samples.IDs() {
				if test[id] {
					for j := range r.X.Row(i) {
						r.X.Row(i)[j] *= float32(1 + j)
					}
				}
			}
		}, "changed").Keep(ctx, nil)
		if err != nil {
			t.Fatal(name, err)
		}
		if len(test) != 10 || fmt.Sprint(a.Genes()) != fmt.Sprint(b.Genes()) || gxtest.Digest32(a.Train().Values().Data) != gxtest.Digest32(b.Train().Values().Data) {
			t.Errorf("%s: the training part changed with the test part", name)
		}
		if gxtest.Digest32(a.Test().Values().Data) == gxtest.Digest32(b.Test().Values().Data) {
			t.Errorf("%s: the test part did not change: the test tests nothing", name)
		}
	}
}

func TestShareAndReopen(t *testing.T) {
	gxtest.Store(t)
	f, err := net(split().Centre()).Named("mine").Keep(ctx, nil)
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "mine.gx")
	if err := f.Save(path); err != nil {
		t.Fatal(err)
	}
	want, err := modelDigest(f.Model)
	if err != nil {
		t.Fatal(err)
	}
	gxtest.Store(t) // another machine
	g, err := gx.OpenFitted(path)
	if err != nil {
		t.Fatal(err)
	}
	if got, err := modelDigest(g.Model); err != nil || got != want || g.Name() != "mine" || fmt.Sprint(g.Curve()) != fmt.Sprint(f.Curve()) {
		t.Errorf("%v\n%s\n%s", err, got, want)
	}
	if _, err := gx.OpenFitted("gx_test.go"); err == nil || !strings.Contains(err.Error(), "Save wrote") {
		t.Error(err)
	}
}

// New samples may bring their genes in another order, more or fewer.
func TestNewSamplesAreAlignedByName(t *testing.T) {
	gxtest.Store(t)
	f, err := net(split().Centre()).Keep(ctx, nil)
	if err != nil {
		t.Fatal(err)
	}
	reversed := func(drop int) gx.Cohort {
		return gx.From(made{n: 6, p: 30, key: fmt.Sprint("reversed ", drop), edit: func(r *gx.Raw) {
			x, genes := prep.NewMatrix(6, 31-drop), []string{}
			for j := range 30 - drop {
				genes = append(genes, r.Genes[29-j])
				for i := range 6 {
					x.Row(i)[j] = r.X.Row(i)[29-j]
				}
			}
			genes = append(genes, "ANOTHER")
			for i := range 6 {
				x.Row(i)[30-drop] = 77
			}
			r.X, r.Genes = x, genes
		}}).Log2()
	}
	plain, err := gx.From(made{n: 6, p: 30}).Log2().Keep(ctx, nil)
	if err != nil {
		t.Fatal(err)
	}
	want, err := f.Encode(plain)
	if err != nil {
		t.Fatal(err)
	}
	other, err := reversed(0).Keep(ctx, nil)
	if err != nil {
		t.Fatal(err)
	}
	got, err := f.Encode(other)
	if err != nil || gxtest.Digest32(got.Data) != gxtest.Digest32(want.Data) || len(got.Missing) != 0 {
		t.Fatal(err, got, want)
	}
	fewer, err := reversed(3).Keep(ctx, nil)
	if err != nil {
		t.Fatal(err)
	}
	got, err = f.Encode(fewer)
	if err != nil || len(got.Missing) != 3 || !strings.Contains(got.String(), "G0, G1, G2") {
		t.Fatal(err, got)
	}
	few, err := reversed(20).Keep(ctx, nil)
	if err != nil {
		t.Fatal(err)
	}
	if _, err = f.Encode(few); err == nil || !strings.Contains(err.Error(), "20 of the model's 30 genes are missing") {
		t.Fatal(err)
	}
}

// New samples that are prepared like the training samples get the codes that they
// would have had among them.
func TestPrepare(t *testing.T) {
	gxtest.Store(t)
	f, err := net(split().Centre()).Keep(ctx, nil)
	if err != nil {
		t.Fatal(err)
	}
	old, err := split().Keep(ctx, nil)
	if err != nil {
		t.Fatal(err)
	}
	fresh, err := f.Prepare(gx.From(made{n: 40, p: 30})).Keep(ctx, nil)
	if err != nil {
		t.Fatal(err)
	}
	a, err := f.Encode(old)
	if err != nil {
		t.Fatal(err)
	}
	b, err := f.Encode(fresh)
	if err != nil || gxtest.Digest32(a.Data) != gxtest.Digest32(b.Data) {
		t.Error(err, "the codes differ")
	}
	if _, err := f.Prepare(cohort()).Keep(ctx, nil); err == nil || !strings.Contains(err.Error(), "steps of its own") {
		t.Error(err)
	}
	raw, err := gx.From(made{n: 40, p: 30}).Keep(ctx, nil)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := f.Encode(raw); err == nil || !strings.Contains(err.Error(), "Prepare") {
		t.Error(err)
	}
	path := filepath.Join(t.TempDir(), "codes.tsv")
	if err := b.SaveTSV(path); err != nil {
		t.Fatal(err)
	}
	if err := fresh.SaveTSV(path); err != nil {
		t.Fatal(err)
	}
}

// A sweep gives what its recipes give one by one, in their order.
func TestSweep(t *testing.T) {
	gxtest.Store(t)
	var folds []gx.Recipe[*gx.Fitted]
	for _, c := range cohort().KFold("tissue", 4, 1) {
		folds = append(folds, net(c.Centre()))
	}
	var said []string
	fits, err := gx.NewSweep(folds...).Keep(ctx, func(w string, done, total int) {
		if total > 0 && done > total {
			t.Errorf("%d of %d", done, total)
		}
		said = append(said, w)
	})
	if err != nil || len(fits) != 4 || len(said) == 0 {
		t.Fatal(err, len(fits))
	}
	gxtest.Store(t)
	for i, r := range folds {
		one, err := r.Keep(ctx, nil)
		if err != nil {
			t.Fatal(err)
		}
		if fmt.Sprint(one.Curve()) != fmt.Sprint(fits[i].Curve()) {
			t.Errorf("fold %d differs alone and in the sweep", i)
		}
	}
	folds[2] = net(cohort().Split("tissue", 1))
	if _, err := gx.NewSweep(folds...).Keep(ctx, nil); err == nil || !strings.Contains(err.Error(), "recipe 3 of 4") {
		t.Error(err)
	}
}

// Folds are disjoint, cover all samples and keep proportions.
func TestKFold(t *testing.T) {
	gxtest.Store(t)
	seen := map[string]int{}
	for _, c := range cohort().KFold("tissue", 5, 1) {
		s, err := c.Keep(ctx, nil)
		if err != nil {
			t.Fatal(err)
		}
		if s.Test().N() != 8 || s.Train().N() != 32 {
			t.Errorf("%d and %d samples", s.Train().N(), s.Test().N())
		}
		for _, id := range s.Test().Samples().IDs() {
			seen[id]++
		}
	}
	if len(seen) != 40 {
		t.Errorf("%d samples were in a test part", len(seen))
	}
	for id, n := range seen {
		if n != 1 {
			t.Errorf("%s was in %d test parts", id, n)
		}
	}
}

func TestMustPanicsWithTheLine(t *testing.T) {
	defer func() {
		if r := fmt.Sprint(recover()); !strings.Contains(r, "gx_test.go:") || !strings.Contains(r, "try ") {
			t.Errorf("panic %q", r)
		}
	}()
	gx.Must(cohort().Split("tissue", 1).Keep(ctx, nil))
}

func TestDiagram(t *testing.T) {
	gxtest.Store(t)
	svg, err := net(split()).SVG()
	// 30 × 16 + 16 weights and biases, 16 × 3 + 3, 3 × 16 + 16, 16 × 30 + 30
	if err != nil || !strings.Contains(string(svg), "logsigmoid") || !strings.Contains(string(svg), ">16<") || !strings.Contains(string(svg), "1,121 parameters") {
		t.Error(err, string(svg))
	}
}
