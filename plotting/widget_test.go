package plotting_test

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"gonum.org/v1/gonum/mat"

	"github.com/gxlab/gxlab/gx"
	gxframe "github.com/gxlab/gxlab/gx/frame"
	"github.com/gxlab/gxlab/gx/gxtest"
	"github.com/gxlab/gxlab/gx/stats"
	"github.com/gxlab/gxlab/kernel"
	"github.com/gxlab/gxlab/plotting"
)

// hostile are names that would end a script, an attribute or a page.
var hostile = []string{"</script><script>alert(1)</script>", `"><img src=x onerror=alert(1)>`, "it's \"so\" & <b>so</b>", "<!--", "]]>", "\u2028 \x00 \xff", "`${alert(1)}` \\"}

// samples is a table of n samples, the first with hostile names and labels.
func samples(t *testing.T, n int) *gxframe.Table {
	t.Helper()
	r := random()
	ids, tissue, batch, age, free := make([]string, n), make([]string, n), make([]string, n), make([]string, n), make([]string, n)
	for i := range n {
		ids[i], tissue[i], batch[i], age[i], free[i] = fmt.Sprintf("GSM%d", 100000+i), fmt.Sprintf("tissue %d", r.IntN(24)), fmt.Sprint(r.IntN(4)), fmt.Sprintf("%.1f", 90*r.Float64()), fmt.Sprintf("a title of sample %d", i)
		if i < len(hostile) {
			ids[i], tissue[i], free[i] = hostile[i], hostile[i], hostile[i]
		}
	}
	age[3], free[2] = "NA", ""
	table := gxframe.New(ids)
	for _, c := range []struct {
		name string
		vs   []string
	}{{"title", free}, {"tissue", tissue}, {`batch "<b>"`, batch}, {"age", age}} {
		var err error
		if table, err = table.With(c.name, c.vs); err != nil {
			t.Fatal(err)
		}
	}
	return table
}

func plane(n int) (xs, ys []float64) {
	r := random()
	for range n {
		xs, ys = append(xs, 5*r.NormFloat64()), append(ys, r.NormFloat64())
	}
	return xs, ys
}

func effects(n int) plotting.Effects {
	r := random()
	e := plotting.Effects{}
	for i := range n {
		z := r.NormFloat64()
		if i%8 == 0 {
			z = 3 * z
		}
		g := fmt.Sprintf("GENE%d", i)
		if i < len(hostile) {
			g = hostile[i]
		}
		e.Genes, e.Log2Fold, e.P = append(e.Genes, g), append(e.Log2Fold, z*0.7*(0.5+r.Float64())), append(e.P, math.Erfc(math.Abs(z)/math.Sqrt2))
	}
	return e
}

// tree is a network whose edges join each node to an earlier one.
func web(n int) (nodes []plotting.Node, edges []plotting.Link) {
	r := random()
	for i := range n {
		a := 2.39996 * float64(i)
		name := fmt.Sprintf("N%d", i)
		if i < len(hostile) {
			name = hostile[i]
		}
		nodes = append(nodes, plotting.Node{Name: name, Group: []string{"kinase", "receptor", ""}[i%3], X: math.Sqrt(float64(i)) * math.Cos(a), Y: math.Sqrt(float64(i)) * math.Sin(a), Size: float64(n - i)})
		if i > 0 {
			edges = append(edges, plotting.Link{A: r.IntN(i), B: i, Weight: r.Float64()})
		}
	}
	return nodes, edges
}

func monitor() *plotting.Monitor {
	m := plotting.LiveTo(nil)
	for e := 1; e <= 20; e++ {
		for k := range 3 {
			m.Watch("net </script>", gx.Point{Epoch: e, Train: 1/float64(e) + 0.01*float64(k), Valid: 1.2 / float64(e)}, 20)
		}
	}
	return m
}

// Nothing in a widget comes from the network, no name becomes an element, it has no
// ids that could meet another's, and the same numbers give the same bytes.
func TestWidgetsAreSelfContained(t *testing.T) {
	xs, ys := plane(40)
	nodes, edges := web(40)
	for name, make := range map[string]func() plotting.Widget{
		"embedding": func() plotting.Widget { return plotting.EmbeddingWidget(xs, ys, samples(t, 40)) },
		"volcano":   func() plotting.Widget { return plotting.VolcanoWidget(effects(400)) },
		"network":   func() plotting.Widget { return plotting.NetworkWidget(nodes, edges) },
		"curves":    func() plotting.Widget { return monitor().Widget() },
		"caption":   func() plotting.Widget { return monitor().Widget().Captioned(hostile[0] + hostile[1]) },
	} {
		h, err := make().HTML()
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		checkFragment(t, name, h)
		if again, _ := make().HTML(); again != h {
			t.Errorf("%s: other bytes the second time", name)
		}
		if svg, err := make().Figure().SVG(); err != nil || len(svg) == 0 {
			t.Errorf("%s: no still picture: %v", name, err)
		}
		if s := make().String(); !strings.Contains(s, "interactive") || strings.Contains(s, "<div") {
			t.Errorf("%s as text: %s", name, s)
		}
	}
}

// In a run a widget's still picture is written as SVG, PNG and PDF.
func TestShownWidgetsAreFigures(t *testing.T) {
	dir := t.TempDir()
	t.Setenv("GXLAB_OUT", dir)
	xs, ys := plane(40)
	w := plotting.EmbeddingWidget(xs, ys, samples(t, 40)).Named("a map")
	kernel.Show(w)
	want, err := w.Figure().SVG()
	if err != nil {
		t.Fatal(err)
	}
	for _, ext := range []string{".svg", ".png", ".pdf"} {
		b, err := os.ReadFile(filepath.Join(dir, "figures", "a_map"+ext))
		if err != nil || len(b) == 0 || ext == ".svg" && !bytes.Equal(b, want) {
			t.Errorf("%s of %d bytes: %v", ext, len(b), err)
		}
	}
}

func checkFragment(t *testing.T, name, h string) {
	t.Helper()
	if strings.Count(h, "<script") != 1 || strings.Count(h, "</script>") != 1 || strings.Count(h, "<style>") != 1 {
		t.Errorf("%s: %d scripts begin, %d end", name, strings.Count(h, "<script"), strings.Count(h, "</script>"))
	}
	if m := regexp.MustCompile(`(?i)https?://|//[a-z]+\.[a-z]|@import|url\(|<link|<iframe|\bfetch\(|XMLHttpRequest|import\(|\sid=|\son[a-z]+="`).FindString(withoutData(h)); m != "" {
		t.Errorf("%s has %q", name, m)
	}
	if m := regexp.MustCompile(`src="([^"]{5})`).FindAllStringSubmatch(h, -1); len(m) != 1 || m[0][1] != "data:" {
		t.Errorf("%s: pictures %v", name, m)
	}
	if strings.Contains(h, "<img src=x") || strings.Contains(h, "<b>so") || strings.Contains(h, "<!--") {
		t.Errorf("%s: a name became an element", name)
	}
	if strings.Count(h, "<div") != strings.Count(h, "</div>") {
		t.Errorf("%s: elements are left open", name)
	}
}

var dataOf = regexp.MustCompile(`(?m)^const DATA = (.*);$`)

func withoutData(h string) string { return dataOf.ReplaceAllString(h, "") }

// dataIn is the widget's data as the page reads them.
func dataIn(t *testing.T, w plotting.Widget) map[string]any {
	t.Helper()
	h, err := w.HTML()
	if err != nil {
		t.Fatal(err)
	}
	m := dataOf.FindStringSubmatch(h)
	if m == nil {
		t.Fatal("no data")
	}
	var data map[string]any
	if err := json.Unmarshal([]byte(m[1]), &data); err != nil {
		t.Fatal(err)
	}
	return data
}

func unpack[T any](t *testing.T, v any) []T {
	t.Helper()
	b, err := base64.StdEncoding.DecodeString(v.(string))
	if err != nil {
		t.Fatal(err)
	}
	out := make([]T, len(b)/binary.Size(*new(T)))
	if _, err := binary.Decode(b, binary.LittleEndian, out); err != nil {
		t.Fatal(err)
	}
	return out
}

// 5,000 points take less than a megabyte, and so do 20,000 genes.
func TestWidgetsAreLight(t *testing.T) {
	xs, ys := plane(5000)
	nodes, edges := web(2000)
	table := samples(t, 5000)
	x, names := mat.NewDense(5000, 60, nil), make([]string, 60)
	r := random()
	for i := range names {
		names[i] = fmt.Sprintf("GENE%d", i)
		for j := range 5000 {
			x.Set(j, i, 8+r.NormFloat64())
		}
	}
	gxtest.Store(t)
	set, err := gx.FromMatrix("many", x, names, table, "log2").Keep(context.Background(), nil)
	if err != nil {
		t.Fatal(err)
	}
	for name, w := range map[string]plotting.Widget{
		"embedding": plotting.EmbeddingWidget(xs, ys, table).Expression(set),
		"volcano":   plotting.VolcanoWidget(effects(5000)),
		"genes":     plotting.VolcanoWidget(effects(20000)),
		"network":   plotting.NetworkWidget(nodes, edges),
	} {
		h, err := w.HTML()
		if err != nil {
			t.Fatal(name, err)
		}
		t.Logf("%s: %d kB", name, len(h)/1000)
		if len(h) > 1_000_000 {
			t.Errorf("%s takes %d bytes", name, len(h))
		}
	}
}

// Places, labels and expression reach the page as they are, within the rounding that
// is promised.
func TestEmbeddingData(t *testing.T) {
	gxtest.Store(t)
	set, err := gx.From(tissues{}).Keep(context.Background(), nil)
	if err != nil {
		t.Fatal(err)
	}
	n := set.N()
	xs, ys := plane(n)
	w := plotting.EmbeddingWidget(xs, ys, set.Samples())
	d := dataIn(t, w.Expression(set, "g7", "g3"))
	x := d["x"].(map[string]any)
	for i, q := range unpack[uint16](t, x["b"]) {
		if v := x["lo"].(float64) + float64(q)*(x["hi"].(float64)-x["lo"].(float64))/65534; math.Abs(v-xs[i]) > (slices.Max(xs)-slices.Min(xs))/131068+1e-12 {
			t.Fatalf("x of sample %d is %g, not %g", i, v, xs[i])
		}
	}
	label := d["labels"].([]any)[0].(map[string]any)
	want, _ := set.Labels("tissue")
	for i, k := range unpack[uint16](t, label["codes"]) {
		if got := label["levels"].([]any)[k]; got != want[i] {
			t.Fatalf("sample %d is %v, not %s", i, got, want[i])
		}
	}
	genes := d["genes"].(map[string]any)
	if fmt.Sprint(genes["names"]) != "[g7 g3]" || genes["units"] != "log₂" {
		t.Error(genes["names"], genes["units"])
	}
	q := unpack[uint8](t, genes["q"])
	lo, hi := genes["lo"].([]any)[1].(float64), genes["hi"].([]any)[1].(float64)
	for i := range n {
		got, v := lo+float64(q[n+i])*(hi-lo)/254, float64(set.Row(i)[3])
		if math.Abs(got-v) > (hi-lo)/508+1e-5 {
			t.Fatalf("g3 of sample %d is %g, not %g", i, got, v)
		}
	}
	// Without names: the most variable ones; all, where there is room.
	if names := dataIn(t, w.Expression(set))["genes"].(map[string]any)["names"].([]any); len(names) != set.P() {
		t.Errorf("%d genes", len(names))
	}
	if first := dataIn(t, w.Colour("tissue"))["first"]; first != 0.0 {
		t.Error(first)
	}
	// Colour keeps what was set before, and changes no other value.
	again := dataIn(t, w.Expression(set, "g1").Axes("a", "b").Colour("tissue").Captioned("so"))
	if again["genes"] == nil || again["xlabel"] != "a" || again["title"] != "so" || dataIn(t, w)["genes"] != nil {
		t.Error("Colour lost what was set, or a verb changed its base")
	}
	svg, err := w.Axes("first axis", "b").Colour("tissue").Figure().SVG()
	if err != nil || !strings.Contains(string(svg), "first axis") || !strings.Contains(string(svg), "neuron") {
		t.Error("the still picture lacks its axis or its classes", err)
	}
}

// Numbers are numbers, texts of many values are classes, missing values stay missing.
func TestEmbeddingLabels(t *testing.T) {
	xs, ys := plane(200)
	d := dataIn(t, plotting.EmbeddingWidget(xs, ys, samples(t, 200)))
	var kinds []string
	for _, l := range d["labels"].([]any) {
		m := l.(map[string]any)
		kind := "classes"
		if m["values"] != nil {
			kind = "numbers"
			if q := unpack[uint16](t, m["values"].(map[string]any)["b"]); q[3] != 65535 {
				t.Error("a missing age became a number")
			}
		}
		kinds = append(kinds, kind)
	}
	if fmt.Sprint(kinds) != "[classes classes classes numbers]" {
		t.Error(kinds)
	}
	if d["first"] != 1.0 { // titles group nothing
		t.Errorf("coloured by column %v at first", d["first"])
	}
}

// What a volcano counts is what its thresholds say, ties on a threshold included; a p
// of zero lies below the least other one, and NaN is left out.
func TestVolcano(t *testing.T) {
	e := plotting.Effects{
		Genes:    []string{"up", "down", "tie", "weak", "sure", "zero", "none"},
		Log2Fold: []float64{2, -2, 1, 0.5, 0.99, 3, 2},
		P:        []float64{0.01, 0.001, 0.05, 1e-9, 0.04, 0, nan},
	}
	f := plotting.Volcano(e)
	svg, err := f.SVG()
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"neither (2)", "down (1)", "up (3)", ">zero<", "−log"} {
		if !strings.Contains(string(svg), want) {
			t.Errorf("no %q in the figure", want)
		}
	}
	if c := f.Caption(); c != "6 genes: 3 up and 1 down by |log₂ fold change| ≥ 1 and p ≤ 0.05" {
		t.Error(c)
	}
	d := dataIn(t, plotting.VolcanoWidget(e))
	y := unpack[float32](t, d["y"].(map[string]any)["f"])
	if len(y) != 6 || math.Abs(float64(y[5])-10) > 1e-6 || math.Abs(float64(y[0])-2) > 1e-6 || fmt.Sprint(d["capped"]) != "[5]" {
		t.Error(y, d["capped"])
	}
	m, err := stats.ModeratedT([][]float32{{1, 2, 5}, {1.1, 2.2, 5}, {4, 2, 5.1}, {4.2, 2.1, 5.2}}, []bool{true, true, false, false})
	if err != nil {
		t.Fatal(err)
	}
	if e := plotting.EffectsOf([]string{"a", "b", "c"}, m); e.Name != "FDR" || plotting.Volcano(e).Err() != nil {
		t.Error(plotting.Volcano(e).Err())
	}
}

// decode runs a code explorer's layers as its page does.
func decode(t *testing.T, layers []any, x []float64) []float64 {
	t.Helper()
	sigmoid := func(v float64) float64 { return 1 / (1 + math.Exp(-v)) }
	for _, l := range layers {
		m := l.(map[string]any)
		unit, b := unpack[float32](t, m["unit"]), unpack[float32](t, m["b"])
		y := make([]float64, int(m["out"].(float64)))
		if m["w"] == nil {
			for j := range y {
				y[j] = x[j] * float64(unit[j])
			}
		} else {
			w := unpack[int16](t, m["w"])
			for i, v := range x {
				for j := range y {
					y[j] += v * float64(w[i*len(y)+j]) * float64(unit[j])
				}
			}
		}
		for j := range y {
			v := y[j] + float64(b[j])
			switch m["act"] {
			case "linear":
			case "logsigmoid":
				v = math.Min(v, 0) - math.Log1p(math.Exp(-math.Abs(v)))
			case "relu":
				v = math.Max(v, 0)
			case "swish":
				v *= sigmoid(v)
			default:
				t.Fatalf("activation %v", m["act"])
			}
			y[j] = v
		}
		x = y
	}
	return x
}

// The decoder on the page is the network's, batch norm and scaled data included.
func TestCodeExplorerIsTheDecoder(t *testing.T) {
	gxtest.Store(t)
	ctx := context.Background()
	cohort := gx.From(tissues{}).Split("tissue", 75, 25).Seed(7).Standardise()
	set, err := cohort.Keep(ctx, nil)
	if err != nil {
		t.Fatal(err)
	}
	base := gx.Autoencoder().Code(4).On(cohort).Epochs(12).Seed(1)
	for name, recipe := range map[string]gx.Training{
		"one layer":  base.Hidden(16, gx.LogSigmoid),
		"batch norm": base.Hidden(8, gx.Swish).Hidden(12, gx.ReLU).BatchNorm(),
	} {
		fit, err := recipe.Keep(ctx, nil)
		if err != nil {
			t.Fatal(err)
		}
		w := plotting.CodeExplorer(fit, set, "g5")
		d := dataIn(t, w)
		if d["layers"] == nil || !strings.Contains(w.Caption(), "decoder itself") {
			t.Fatalf("%s: no layers; %s", name, w.Caption())
		}
		codes, err := fit.Encode(set)
		if err != nil {
			t.Fatal(err)
		}
		want, err := fit.Decode(codes)
		if err != nil {
			t.Fatal(err)
		}
		genes := d["genes"].([]any)
		if genes[0] != "g5" || len(genes) != 40 {
			t.Errorf("%s: genes %v", name, genes)
		}
		worst := 0.0
		for i := range codes.Rows {
			var z []float64
			for _, v := range codes.Row(i) {
				z = append(z, float64(v))
			}
			for k, v := range decode(t, d["layers"].([]any), z) {
				worst = max(worst, math.Abs(v-float64(want.Row(i)[slices.Index(want.Genes(), genes[k].(string))])))
			}
		}
		t.Logf("%s: worst difference %.2g log₂", name, worst)
		if worst > 2e-3 { // 16-bit weights; profiles span several log₂ units
			t.Errorf("%s: the page differs from the network by %g", name, worst)
		}
		h, _ := w.HTML()
		checkFragment(t, name, h)
	}
	// PCA is linear, so its responses add up exactly.
	pca, err := gx.PCA(4).On(cohort).Keep(ctx, nil)
	if err != nil {
		t.Fatal(err)
	}
	w := plotting.CodeExplorer(pca, set)
	d := dataIn(t, w)
	if d["layers"] != nil || d["table"] == nil || !strings.Contains(w.Caption(), "100.0 % of the model's variance") {
		t.Error(w.Caption())
	}
	if n := len(unpack[float32](t, d["table"])); n != 4*13*40 {
		t.Errorf("a table of %d", n)
	}
}

// The monitor's widget holds the means and standard errors of its curves.
func TestMonitorWidget(t *testing.T) {
	d := dataIn(t, monitor().Widget())
	s := d["series"].([]any)
	if len(s) != 2 {
		t.Fatal(s)
	}
	train := s[1].(map[string]any)
	if train["name"] != "net </script>, training" || math.Abs(train["y"].([]any)[1].(float64)-0.51) > 1e-6 || math.Abs(train["se"].([]any)[1].(float64)-0.01/math.Sqrt(3)) > 1e-6 {
		t.Error(train)
	}
	if test := s[0].(map[string]any); test["name"] != "net </script>, test" || d["x1"] != 20.0 {
		t.Error(test, d["x1"])
	}
}

func kept(t *testing.T, r gx.Embedding) *gx.Embedded {
	t.Helper()
	e, err := r.Keep(context.Background(), nil)
	if err != nil {
		t.Fatal(err)
	}
	return e
}

// Every map reaches the page with its name and axes, and the still picture shows them all.
func TestMapsWidget(t *testing.T) {
	gxtest.Store(t)
	set, err := gx.From(tissues{}).Keep(context.Background(), nil)
	if err != nil {
		t.Fatal(err)
	}
	pca, tsne := kept(t, gx.PCAMap().Of(set)), kept(t, gx.TSNE().Of(set).Named("t-SNE of </script>"))
	w := plotting.MapsWidget(pca, tsne)
	d := dataIn(t, w.Colour("tissue"))
	more := d["more"].([]any)
	if d["map"] != "PCA" || d["xlabel"] != "PC1" || len(more) != 1 {
		t.Fatal(d["map"], d["xlabel"], len(more))
	}
	m := more[0].(map[string]any)
	if m["map"] != "t-SNE of </script>" || m["xlabel"] != "t-SNE 1" || m["ylabel"] != "t-SNE 2" {
		t.Error(m["map"], m["xlabel"], m["ylabel"])
	}
	_, ys := tsne.XY()
	y := m["y"].(map[string]any)
	for i, q := range unpack[uint16](t, y["b"]) {
		if v := y["lo"].(float64) + float64(q)*(y["hi"].(float64)-y["lo"].(float64))/65534; math.Abs(v-ys[i]) > (slices.Max(ys)-slices.Min(ys))/131068+1e-9 {
			t.Fatalf("y of sample %d is %g, not %g", i, v, ys[i])
		}
	}
	if dataIn(t, plotting.MapsWidget(tsne))["more"] != nil {
		t.Error("one map has others")
	}
	h, _ := w.HTML()
	checkFragment(t, "maps", h)
	svg, err := w.Figure().SVG()
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"PC2", "t-SNE 2", "liver", "t-SNE of"} {
		if !strings.Contains(string(svg), want) {
			t.Errorf("no %q in the still picture", want)
		}
	}
	if !strings.Contains(w.Caption(), "48 samples") {
		t.Error(w.Caption())
	}
}

// A mistake comes out of HTML, says what, where and what to try, and names this file.
func TestWidgetMistakes(t *testing.T) {
	gxtest.Store(t)
	set, err := gx.From(tissues{}).Keep(context.Background(), nil)
	if err != nil {
		t.Fatal(err)
	}
	xs, ys := plane(set.N())
	w := plotting.EmbeddingWidget(xs, ys, set.Samples())
	drawn, umap := kept(t, gx.PCAMap().Of(set)), kept(t, gx.UMAP().Of(set))
	part := kept(t, gx.PCAMap().Of(set.Select(3, 1, 2)).Named("part"))
	nodes, edges := web(5)
	for name, c := range map[string]struct {
		w    plotting.Widget
		says string
	}{
		"empty":          {plotting.Widget{}, "empty Widget"},
		"lengths":        {plotting.EmbeddingWidget(xs[1:], ys, set.Samples()), "47 x, 48 y"},
		"no table":       {plotting.EmbeddingWidget(xs, ys, nil), "no table"},
		"NaN":            {plotting.EmbeddingWidget(append([]float64{nan}, xs[1:]...), ys, set.Samples()), "value 1 of x"},
		"label":          {w.Colour("colour"), "one of [tissue]"},
		"gene":           {w.Expression(set, "BRCA1"), `no gene "BRCA1"`},
		"other samples":  {w.Expression(set.Select(1, 2)), "is not in"},
		"too many genes": {w.Expression(set, make([]string, 501)...), "at most 500"},
		"colour a web":   {plotting.NetworkWidget(nodes, edges).Colour("x"), "for embeddings"},
		"genes of a web": {plotting.NetworkWidget(nodes, edges).Expression(set), "for embeddings"},
		"axes of a web":  {plotting.NetworkWidget(nodes, edges).Axes("x", "y"), "one embedding, and volcanoes"},
		"no effects":     {plotting.VolcanoWidget(plotting.Effects{}), "0 genes"},
		"p of 2":         {plotting.VolcanoWidget(plotting.Effects{Genes: []string{"a"}, Log2Fold: []float64{1}, P: []float64{2}}), "gene a"},
		"all NaN":        {plotting.VolcanoWidget(plotting.Effects{Genes: []string{"a"}, Log2Fold: []float64{1}, P: []float64{nan}}), "every gene is NaN"},
		"cut":            {plotting.VolcanoWidget(plotting.Effects{Genes: []string{"a"}, Log2Fold: []float64{1}, P: []float64{1}, Cut: 3}), "thresholds"},
		"no nodes":       {plotting.NetworkWidget(nil, nil), "no nodes"},
		"stranger":       {plotting.NetworkWidget(nodes, []plotting.Link{{A: 1, B: 9999}}), "joins nodes"},
		"twins":          {plotting.NetworkWidget(append(nodes, nodes[0]), edges), "both called"},
		"one place":      {plotting.NetworkWidget([]plotting.Node{{Name: "a"}, {Name: "b"}}, nil), "one place"},
		"no model":       {plotting.CodeExplorer(nil, set), "no model"},
		"no codes":       {plotting.CodeMapWidget(nil), "no codes"},
		"no maps":        {plotting.MapsWidget(), "no map"},
		"no such map":    {plotting.MapsWidget(nil), "no map"},
		"one name":       {plotting.MapsWidget(drawn, drawn), "two maps are called \"PCA\""},
		"others' map":    {plotting.MapsWidget(drawn, part), "PCA and part are of other samples"},
		"map's label":    {plotting.MapsWidget(drawn).Colour("colour"), "one of [tissue]"},
		"axes of maps":   {plotting.MapsWidget(drawn, umap).Axes("x", "y"), "one embedding, and volcanoes"},
		"no epochs":      {plotting.LiveTo(nil).Widget(), "no epoch"},
		"no fits":        {plotting.LearningCurveWidget(), "no "},
	} {
		_, err := c.w.HTML()
		if err == nil || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: %v, want %q", name, err, c.says)
			continue
		}
		if c.w.Named("x").Captioned("y").Figure().Err() == nil && c.w.Err() != nil {
			t.Errorf("%s: the still figure hides the mistake", name)
		}
	}
}

// The genes that two conditions express differently, with those beyond the thresholds
// told apart by colour and by marker.
func ExampleVolcano() {
	e := effects(1200)
	for i := range e.Genes {
		e.Genes[i] = fmt.Sprintf("GENE%d", i)
	}
	show(plotting.Volcano(e))
}

func TestVolcanoGolden(t *testing.T) { check(t, ExampleVolcano, "volcano.svg") }

// A small network as a layout has placed it.
func ExampleNetwork() {
	nodes, edges := web(36)
	for i := range nodes {
		nodes[i].Name = fmt.Sprintf("N%d", i)
	}
	show(plotting.Network(nodes, edges))
}

func TestNetworkGolden(t *testing.T) { check(t, ExampleNetwork, "network.svg") }
