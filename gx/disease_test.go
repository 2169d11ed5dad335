package gx_test

import (
	"fmt"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/gxlab/gxlab/gx"
	"github.com/gxlab/gxlab/gx/gxtest"
	"github.com/gxlab/gxlab/gx/stats"
)

func deep(c gx.Cohort, width int, act gx.Activation) gx.Training {
	return gx.Autoencoder().Hidden(width, act).Code(width).CodeActivation(act).Output(act).On(c.MinMaxWhole()).
		Start(gx.Xavier).Adam(0.01).Constant().Warmup(0).Batch(8).Epochs(30)
}

func fitted(t *testing.T, r gx.Training) *gx.Fitted {
	t.Helper()
	f, err := r.Keep(ctx, nil)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// units is how many data units one network unit is, after MinMaxWhole of split.
func units(t *testing.T) float64 {
	t.Helper()
	set, err := split().Keep(ctx, nil)
	if err != nil {
		t.Fatal(err)
	}
	lo, hi := math.Inf(1), math.Inf(-1)
	for _, v := range set.Train().Data().Data {
		lo, hi = math.Min(lo, float64(v)), math.Max(hi, float64(v))
	}
	return hi - lo
}

// With linear units what a node of the last hidden layer changes are its weights, and
// with sigmoid ones the output has them before the activation.
func TestLightUpOfTheLastLayerIsItsWeights(t *testing.T) {
	gxtest.Store(t)
	for _, act := range []gx.Activation{gx.Linear, gx.Sigmoid} {
		f := fitted(t, deep(split(), 6, act))
		l, err := f.LightUp(3)
		if err != nil {
			t.Fatal(err)
		}
		scale := units(t)
		w, b := f.Net().Weights(3)
		p := len(f.Genes())
		for node := range l.Nodes() {
			change := l.Change(node)
			for j := range p {
				want := float64(w[node*p+j])
				if act == gx.Sigmoid {
					z := float64(b[j])
					want = 1/(1+math.Exp(-z-want)) - 1/(1+math.Exp(-z))
				}
				if want *= scale; math.Abs(float64(change[j])-want) > 1e-5*scale {
					t.Fatalf("%s: node %d, gene %d: change %v, want %v", act, node, j, change[j], want)
				}
			}
		}
	}
}

// Whatever the layer, lighting up a node of a linear network adds the product of the
// weights behind it.
func TestLightUpOfALinearNetworkIsTheProductOfItsWeights(t *testing.T) {
	gxtest.Store(t)
	f := fitted(t, deep(split(), 5, gx.Linear))
	p, scale := len(f.Genes()), units(t)
	for layer := 1; layer <= f.HiddenLayers(); layer++ {
		l, err := f.LightUp(layer)
		if err != nil {
			t.Fatal(err)
		}
		for node := range l.Nodes() {
			at := make([]float64, l.Nodes())
			at[node] = 1
			for k := layer; k < 4; k++ {
				w, b := f.Net().Weights(k)
				next := make([]float64, len(b))
				for i, v := range at {
					for j := range next {
						next[j] += v * float64(w[i*len(b)+j])
					}
				}
				at = next
			}
			for j, v := range l.Change(node) {
				if want := at[j] * scale; math.Abs(float64(v)-want) > 1e-5*scale {
					t.Fatalf("layer %d, node %d, gene %d: %v, want %v", layer, node, j, v, want)
				}
			}
		}
		if top := l.TopChange(0, 3); len(top) != 3 || l.RankedChange(0)[0] != top[0] {
			t.Errorf("first genes %v", top)
		}
	}
	if h, err := must(t, f, 2).HTML(); err != nil || !strings.Contains(h, "node 1") {
		t.Error("HTML:", err)
	}
	if p != 30 {
		t.Fatal(p)
	}
}

func must(t *testing.T, f *gx.Fitted, layer int) *gx.LightUp {
	t.Helper()
	l, err := f.LightUp(layer)
	if err != nil {
		t.Fatal(err)
	}
	return l
}

func TestLayersThatThereAreNot(t *testing.T) {
	gxtest.Store(t)
	f := fitted(t, net(split().Centre()).Epochs(1))
	for _, layer := range []int{0, 4} {
		if _, err := f.LightUp(layer); err == nil {
			t.Errorf("layer %d lights up", layer)
		}
	}
	if _, err := f.LightUp(1); err == nil || !strings.Contains(err.Error(), "LightUpOver") {
		t.Errorf("LogSigmoid units light up: %v", err)
	}
	set, err := split().Centre().Keep(ctx, nil)
	if err != nil {
		t.Fatal(err)
	}
	a, err := f.Activations(set, 1)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := f.Decode(a); err == nil {
		t.Error("activations of layer 1 are decoded as codes")
	}
	z, err := f.Encode(set)
	if err != nil {
		t.Fatal(err)
	}
	b, err := f.Activations(set, 2)
	if err != nil {
		t.Fatal(err)
	}
	if gxtest.Digest32(z.Data) != gxtest.Digest32(b.Data) {
		t.Error("the code layer's activations are not the codes")
	}
	if _, err := f.Decode(b); err != nil {
		t.Error(err)
	}
	l, err := f.LightUpOver(set, 1)
	if err != nil {
		t.Fatal(err)
	}
	for node, v := range l.At {
		most := a.Row(0)[node]
		for i := range a.Rows {
			most = max(most, a.Row(i)[node])
		}
		if v != most {
			t.Errorf("node %d at %v, its greatest is %v", node, v, most)
		}
	}
}

// All nodes of a network of the paper's size in one pass.
func BenchmarkLightUp(b *testing.B) {
	b.Setenv("GXLAB_STORE", b.TempDir())
	f, err := gx.Autoencoder().Hidden(512, gx.Sigmoid).Code(512).CodeActivation(gx.Sigmoid).Output(gx.Sigmoid).
		On(gx.From(made{n: 12, p: 20000}).Log2().MinMaxWhole()).Start(gx.Xavier).Adam(1e-4).Epochs(1).Keep(ctx, nil)
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		start := time.Now()
		for layer := 1; layer <= 3; layer++ {
			if _, err := f.LightUp(layer); err != nil {
				b.Fatal(err)
			}
		}
		b.ReportMetric(time.Since(start).Seconds(), "s/net")
	}
}

func TestExplained(t *testing.T) {
	gxtest.Store(t)
	f := fitted(t, deep(split(), 6, gx.Sigmoid))
	set, err := split().MinMaxWhole().Keep(ctx, nil)
	if err != nil {
		t.Fatal(err)
	}
	test := set.Test()
	rep, err := f.Reconstruct(test)
	if err != nil {
		t.Fatal(err)
	}
	e, err := f.Explained(test)
	if err != nil {
		t.Fatal(err)
	}
	var all, left, grand float64
	for i := range test.N() {
		grand += stats.Mean(test.Row(i)) / float64(test.N())
	}
	for j := range test.P() {
		var col []float64
		res := 0.0
		for i := range test.N() {
			v, r := float64(test.Row(i)[j]), float64(rep.Row(i)[j])
			col = append(col, v)
			res += (v - r) * (v - r)
			all += (v - grand) * (v - grand)
		}
		sd := stats.SD(col)
		own := sd * sd * float64(len(col)-1)
		if want := 1 - res/own; math.Abs(e.Gene[j]-want) > 1e-9*(1+math.Abs(want)) {
			t.Errorf("gene %d: %v, want %v", j, e.Gene[j], want)
		}
		left += res
	}
	if want := 1 - left/all; math.Abs(e.Global-want) > 1e-9 {
		t.Errorf("global %v, want %v", e.Global, want)
	}
	if !(e.MeanOnly > 0 && e.MeanOnly < 1) {
		t.Errorf("means alone explain %v", e.MeanOnly)
	}
	self, err := gx.Explain(test, test)
	if err != nil || self.Global != 1 || self.MedianGene() != 1 || self.Pooled != 1 {
		t.Errorf("a copy explains %v (%v)", self, err)
	}
}

// One smallest and one largest value of all genes of the training part.
func TestMinMaxWhole(t *testing.T) {
	gxtest.Store(t)
	set, err := split().MinMaxWhole().Keep(ctx, nil)
	if err != nil {
		t.Fatal(err)
	}
	lo, hi := math.Inf(1), math.Inf(-1)
	for _, v := range set.Train().Data().Data {
		lo, hi = math.Min(lo, float64(v)), math.Max(hi, float64(v))
	}
	data, values := set.Data(), set.Values()
	for i, v := range data.Data {
		if want := (float64(v) - lo) / (hi - lo); math.Abs(float64(values.Data[i])-want) > 1e-6 {
			t.Fatalf("value %d: %v, want %v", i, values.Data[i], want)
		}
	}
}

func reversedDigest(r *gx.Reversed) (string, error) {
	a, err := r.Scores("heart")
	if err != nil {
		return "", err
	}
	b, err := r.Contrast([2]string{"liver", "lung"}, [2]string{"heart", "lung"})
	return fmt.Sprint(a.Mean, a.SD, b.Signed, r.Phenotypes(), r.Errors(), r.Notes(), b.Top(4)), err
}

func TestReverseContract(t *testing.T) {
	for name, r := range map[string]func() gx.Reverse{
		"last layer": func() gx.Reverse { return gx.ReverseTraining(deep(split(), 6, gx.Sigmoid)) },
		"first, direct": func() gx.Reverse {
			return gx.ReverseTraining(deep(split(), 6, gx.Sigmoid)).Layer(1).Direct().Repeats(1)
		},
		"supervised": func() gx.Reverse { return gx.SupervisedTraining(split().MinMaxWhole(), 7) },
	} {
		t.Run(name, func(t *testing.T) {
			gxtest.Check(t, gxtest.Case[*gx.Reversed]{
				Make:   func() gx.Recipe[*gx.Reversed] { return r().Phenotype("tissue").Epochs(4) },
				Other:  func() gx.Recipe[*gx.Reversed] { return r().Phenotype("tissue").Epochs(4).Seed(9) },
				Digest: reversedDigest,
			})
		})
	}
}

// The reverse training of a linear network gives, for two phenotypes, the difference of
// their mean reproductions; and so does the supervised network with that of their mean
// profiles.
func TestReverseTrainingFindsTheDirectionOfThePhenotypes(t *testing.T) {
	gxtest.Store(t)
	f := fitted(t, deep(split(), 6, gx.Linear).Epochs(100))
	set, err := split().MinMaxWhole().Keep(ctx, nil)
	if err != nil {
		t.Fatal(err)
	}
	rep, err := f.Reconstruct(set)
	if err != nil {
		t.Fatal(err)
	}
	tissue, err := set.Labels("tissue")
	if err != nil {
		t.Fatal(err)
	}
	direction := func(s *gx.Set) []float64 {
		d, n := make([]float64, s.P()), map[string]float64{}
		for _, l := range tissue {
			n[l]++
		}
		for i, l := range tissue {
			for j, v := range s.Row(i) {
				switch l {
				case "heart":
					d[j] += float64(v) / n[l]
				case "lung":
					d[j] -= float64(v) / n[l]
				}
			}
		}
		return d
	}
	for name, c := range map[string]struct {
		r    gx.Reverse
		want []float64
		most float64
	}{
		"layer 1":    {gx.ReverseTraining(gx.Kept(f)).On(split().MinMaxWhole()).Layer(1).Direct(), direction(rep), 0.999},
		"layer 2":    {gx.ReverseTraining(gx.Kept(f)).On(split().MinMaxWhole()).Layer(2).Direct(), direction(rep), 0.999},
		"layer 3":    {gx.ReverseTraining(gx.Kept(f)).On(split().MinMaxWhole()).Direct(), direction(rep), 0.999},
		"supervised": {gx.SupervisedTraining(split().MinMaxWhole(), 12), direction(set), 0.999},
	} {
		r, err := c.r.Phenotype("tissue").Adam(0.02).Batch(40).Epochs(1500).Repeats(2).Keep(ctx, nil)
		if err != nil {
			t.Fatal(err)
		}
		got, err := r.Contrast([2]string{"heart", "lung"})
		if err != nil {
			t.Fatal(err)
		}
		cor, err := stats.Pearson(got.Signed, c.want)
		if err != nil || cor < c.most {
			t.Errorf("%s: the contrast correlates with the mean direction by %v (%v)", name, cor, err)
		}
		for j, sd := range got.SD {
			if sd < 0 || got.Mean[j] < math.Abs(got.Signed[j])-1e-12 {
				t.Fatalf("%s: gene %d has score %v ± %v, signed %v", name, j, got.Mean[j], sd, got.Signed[j])
			}
		}
	}
}

func TestReverseRefuses(t *testing.T) {
	gxtest.Store(t)
	for name, r := range map[string]gx.Reverse{
		"no phenotype":  gx.ReverseTraining(deep(split(), 6, gx.Sigmoid)),
		"no samples":    gx.ReverseTraining(gx.Kept(fitted(t, deep(split(), 6, gx.Sigmoid).Epochs(1)))).Phenotype("tissue"),
		"unknown label": gx.ReverseTraining(deep(split(), 6, gx.Sigmoid).Epochs(1)).Phenotype("disease"),
		"no such layer": gx.ReverseTraining(deep(split(), 6, gx.Sigmoid).Epochs(1)).Phenotype("tissue").Layer(4),
		"no units":      gx.SupervisedTraining(split(), 0).Phenotype("tissue"),
	} {
		if _, err := r.Keep(ctx, nil); err == nil {
			t.Errorf("%s is no error", name)
		}
	}
}

// A shallow network's code is its only hidden layer; hidden layers make it deep again.
func TestShallow(t *testing.T) {
	gxtest.Store(t)
	r := net(split().Centre()).Shallow().Epochs(1)
	f := fitted(t, r)
	if n := f.HiddenLayers(); n != 1 || f.CodeSize() != 3 || f.Net().Spec().Parameters() != 30*3+3+3*30+30 {
		t.Errorf("%d hidden layers, %d parameters", n, f.Net().Spec().Parameters())
	}
	if n := fitted(t, r.Hidden(5, gx.Sigmoid)).HiddenLayers(); n != 3 {
		t.Errorf("%d hidden layers", n)
	}
}

// Noise that is cut off is another recipe, and a range that is none is an error.
func TestClip(t *testing.T) {
	base := gx.Autoencoder().Shallow().Code(4).On(split().MinMaxWhole()).Noise(0.5)
	a, err := base.Key()
	if err != nil {
		t.Fatal(err)
	}
	b, err := base.Clip(0, 1).Key()
	if err != nil || a == b {
		t.Errorf("keys %s and %s, %v", a, b, err)
	}
	if _, err := base.Clip(1, 0).Key(); err == nil {
		t.Error("a range from 1 to 0 is taken")
	}
}
