package runner_test

import (
	"context"
	"encoding/json"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/gxlab/gxlab/gx"
	"github.com/gxlab/gxlab/gx/frame"
	"github.com/gxlab/gxlab/gx/gxtest"
	"github.com/gxlab/gxlab/gx/prep"
	"github.com/gxlab/gxlab/kernel/runner"
	"github.com/gxlab/gxlab/plotting"
)

// hostile are names that would end a script, an attribute or a page.
var hostile = []string{`</script><script>window.hacked=1</script>`, `"><img src=x onerror="window.hacked=2">`, `it's "so" & <b>so</b>`, `$x^2$ ` + "`${window.hacked=3}`", "日本 ρ≤σ \\u2028 \u2028"}

// tissues is a source of 6 tissues × 60 samples × 50 genes.
type tissues struct{}

func (tissues) Name() string         { return "six tissues" }
func (tissues) Key() (string, error) { return "runner-widgets-1", nil }

func (tissues) Read(context.Context, gx.Tell) (*gx.Raw, error) {
	r := rand.New(rand.NewPCG(7, 0))
	raw := &gx.Raw{X: prep.NewMatrix(360, 50), Scale: "log2"}
	var ids, tissue, batch, age []string
	for i := range raw.X.Rows {
		k := i / 60
		id := fmt.Sprintf("sample %d", i)
		if i < len(hostile) {
			id = hostile[i]
		}
		ids, tissue = append(ids, id), append(tissue, []string{"colon", "heart", "liver", "neuron", "skin <&>", "T cell"}[k])
		batch, age = append(batch, fmt.Sprint("batch ", r.IntN(3))), append(age, fmt.Sprint(20+r.IntN(60)))
		a := r.NormFloat64()
		for j := range raw.X.Cols {
			raw.X.Row(i)[j] = float32(8 + 2*math.Sin(float64(j*(k+1))) + 0.6*a*math.Cos(float64(j)) + 0.3*r.NormFloat64())
		}
	}
	for j := range raw.X.Cols {
		g := fmt.Sprintf("GENE%d", j)
		if j < len(hostile) {
			g = hostile[j]
		}
		raw.Genes = append(raw.Genes, g)
	}
	t := frame.New(ids)
	for _, c := range []struct {
		name   string
		values []string
	}{{"tissue", tissue}, {"batch", batch}, {"age", age}} {
		var err error
		if t, err = t.With(c.name, c.values); err != nil {
			return nil, err
		}
	}
	raw.Samples = t
	return raw, nil
}

// shown is one of every widget, with what they were made of.
type shown struct {
	fit, normed *gx.Fitted
	set         *gx.Set
	widgets     map[string]plotting.Widget
}

// order is that of the widgets on the page.
var order = []string{"embedding", "codes", "batchnorm", "curves", "volcano", "network", "maps"}

func widgets(t *testing.T) shown {
	t.Helper()
	gxtest.Store(t)
	ctx := context.Background()
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	cohort := gx.From(tissues{}).Split("tissue", 75, 25).Seed(7).Standardise()
	set, err := cohort.Keep(ctx, nil)
	must(err)
	live := plotting.LiveTo(func(plotting.Figure) {})
	recipe := gx.Autoencoder().Hidden(24, gx.LogSigmoid).Code(6).On(cohort).Epochs(40).Seed(1)
	fit, err := recipe.Named("recommended").Watch(live).Keep(ctx, nil)
	must(err)
	normed, err := recipe.BatchNorm().Hidden(12, gx.Swish).Hidden(24, gx.ReLU).Named("with batch norm").Keep(ctx, nil)
	must(err)
	codes, err := fit.Encode(set)
	must(err)
	var maps []*gx.Embedded
	for _, m := range []gx.Embedding{gx.TSNE(), gx.UMAP(), gx.PCAMap()} {
		e, err := m.Of(codes).Keep(ctx, nil)
		must(err)
		maps = append(maps, e)
	}
	r := rand.New(rand.NewPCG(3, 0))
	e := plotting.Effects{}
	for i := range 3000 {
		z := r.NormFloat64()
		if i%10 == 0 {
			z *= 4
		}
		g := fmt.Sprintf("GENE%d", i)
		if i < len(hostile) {
			g = hostile[i]
		}
		e.Genes, e.Log2Fold, e.P = append(e.Genes, g), append(e.Log2Fold, z/2), append(e.P, math.Erfc(math.Abs(z)/math.Sqrt2))
	}
	var nodes []plotting.Node
	var edges []plotting.Link
	for i := range 60 {
		name := fmt.Sprintf("N%d", i)
		if i < len(hostile) {
			name = hostile[i]
		}
		a := float64(i) * 2.39996
		nodes = append(nodes, plotting.Node{Name: name, Group: []string{"kinase", "receptor", "other"}[i%3], X: math.Sqrt(float64(i)) * math.Cos(a), Y: math.Sqrt(float64(i)) * math.Sin(a)})
		if i > 0 {
			edges = append(edges, plotting.Link{A: r.IntN(i), B: i, Weight: r.Float64()})
		}
	}
	for range 30 {
		a, b := r.IntN(60), r.IntN(60)
		if a != b {
			edges = append(edges, plotting.Link{A: a, B: b, Weight: r.Float64()})
		}
	}
	return shown{fit, normed, set, map[string]plotting.Widget{
		"embedding": plotting.CodeMapWidget(codes).Expression(set),
		"codes":     plotting.CodeExplorer(fit, set),
		"batchnorm": plotting.CodeExplorer(normed, set),
		"curves":    live.Widget(),
		"volcano":   plotting.VolcanoWidget(e),
		"network":   plotting.NetworkWidget(nodes, edges),
		"maps":      plotting.MapsWidget(maps...).Colour("tissue"),
	}}
}

// page is a notebook that shows the widgets, as gxlab run writes it.
func page(t *testing.T, s shown) []byte {
	t.Helper()
	n := &runner.Notebook{}
	add := func(kind, source string, outputs ...runner.Output) {
		n.Cells = append(n.Cells, &runner.Cell{Type: kind, Source: source, Count: len(n.Cells), Outputs: outputs})
	}
	data := func(mime, text string) runner.Output {
		b, err := json.Marshal(text)
		if err != nil {
			t.Fatal(err)
		}
		return runner.Output{Type: "display_data", Data: map[string]json.RawMessage{mime: b}}
	}
	add("markdown", "# A page of widgets\n\nEvery widget of *plotting*, with the loss $L = \\frac{1}{n}\\sum_i (x_i - \\hat x_i)^2$ in its text and prices of $5 and $10 beside it.\n\n$$\nz = f(Wx + b)\n$$\n\n## A table\n\n| method | MSE | share | a long column that must not break the page | another one | and one more |\n|---|--:|:-:|---|---|---|\n| recommended | 0.08 | 93 % | a cell with `code | and a pipe` | x | y |\n| paper | 0.11 | 86 % | another \\| pipe | x | y |\n\n- first\n- second\n  - nested\n\n1. one\n2. two\n")
	for _, name := range order {
		h, err := s.widgets[name].HTML()
		if err != nil {
			t.Fatal(name, err)
		}
		add("markdown", "## "+name+"\n\nText about it.\n\n### More of "+name)
		fig := data("image/svg+xml", string(must(s.widgets[name].Figure().SVG())))
		add("code", "// Show the "+name+"\n%%\nkernel.Show(widget) // "+strings.Repeat("a long line ", 20), data("text/html", h))
		if name == "volcano" || name == "network" {
			add("code", "// The still figure\n%%\nkernel.Show(widget.Figure())", fig, runner.Output{Type: "stream", Name: "stdout", Text: "some printed text\n"})
		}
	}
	return runner.Page(n, "widgets")
}

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

// Every widget of an exported page answers, on a desk and on a phone, with no
// request and no complaint.
func TestWidgetsInBrowser(t *testing.T) {
	b := start(t)
	s := widgets(t)
	p := page(t, s)
	for _, v := range []view{{name: "desk", width: 1200, height: 900}, {name: "phone", width: 390, height: 844, phone: true}, {name: "dark", width: 1200, height: 900, dark: true}} {
		b.open(v, p)
		n := 0
		if b.eval(&n, "document.querySelectorAll('.gxw[data-live]').length"); n != len(order) {
			t.Errorf("%s: %d of %d widgets are live", v.name, n, len(order))
		}
		if b.eval(&n, "[...document.querySelectorAll('.gxw-still')].filter(e => e.offsetHeight > 0).length"); n != 0 {
			t.Errorf("%s: %d still pictures beside live widgets", v.name, n)
		}
		wide := 0
		if b.eval(&wide, "document.documentElement.scrollWidth - innerWidth"); wide > 0 {
			t.Errorf("%s: the page is %d pixels wider than the screen", v.name, wide)
		}
		twice := ""
		if b.eval(&twice, "(() => { const s = new Set(); for (const e of document.querySelectorAll('[id]')) { if (s.has(e.id)) return e.id; s.add(e.id); } return ''; })()"); twice != "" {
			t.Errorf("%s: the id %q stands there twice", v.name, twice)
		}
		hacked := false
		if b.eval(&hacked, "'hacked' in window || document.querySelector('img[src=x]') !== null"); hacked {
			t.Errorf("%s: a name became a script or an element", v.name)
		}
		b.points(v, 0, s)
		b.codes(v, 1, s.fit, s.set)
		b.codes(v, 2, s.normed, s.set)
		b.curves(v, 3)
		b.volcano(v, 4)
		b.network(v, 5)
		b.maps(v, 6)
		b.eval(nil, "scrollTo(0, 0)")
		b.shoot(v.name+"-page", true)
		b.clean()
	}
}

// widget is JavaScript for the k-th widget of the page.
func widget(k int) string { return fmt.Sprintf("document.querySelectorAll('.gxw')[%d]", k) }

// spot scrolls a part of a widget into view and returns its place on the screen.
func (b *browser) spot(js string) (x, y, w, h float64) {
	b.t.Helper()
	var r [4]float64
	b.eval(&r, "(e => { e.scrollIntoView({block: 'center'}); const r = e.getBoundingClientRect(); return [r.left, r.top, r.width, r.height]; })("+js+")")
	return r[0], r[1], r[2], r[3]
}

// hover moves the pointer over a canvas until its box tells of something.
func (b *browser) hover(what string, k int) (text string, x, y float64) {
	b.t.Helper()
	x0, y0, w, h := b.spot(widget(k) + ".querySelector('.gxw-stage canvas')")
	for _, fy := range []float64{.5, .45, .55, .4, .6, .35, .65, .3, .7, .75, .8, .2} {
		for _, fx := range []float64{.5, .52, .48, .55, .45, .6, .4, .65, .35, .7, .3, .25, .75} {
			x, y = x0+fx*w, y0+fy*h
			b.mouse("mouseMoved", x, y, 0)
			if b.eval(&text, "(e => e.hidden ? '' : e.innerText)("+widget(k)+".querySelector('.gxw-tip'))"); text != "" {
				return text, x, y
			}
		}
	}
	b.t.Errorf("%s: nothing is told under the pointer", what)
	return "", x, y
}

// keyed puts the focus on a canvas and presses an arrow key.
func (b *browser) keyed(what string, k int) {
	b.t.Helper()
	b.mouse("mouseMoved", 1, 1, 0)
	b.eval(nil, widget(k)+".querySelector('.gxw-stage canvas').focus({preventScroll: true})")
	b.key("ArrowRight", 39)
	b.wait(what+": an arrow key tells of a point", "!"+widget(k)+".querySelector('.gxw-tip').hidden && "+widget(k)+".querySelector('.gxw-say').textContent")
	b.key("Escape", 27)
	b.wait(what+": Escape ends it", widget(k)+".querySelector('.gxw-tip').hidden")
}

// pixels changes when the drawing does.
func (b *browser) pixels(k int) (sum string) {
	b.t.Helper()
	b.eval(nil, "new Promise(r => requestAnimationFrame(() => requestAnimationFrame(r)))")
	b.eval(&sum, "(s => { let h = 0; for (let i = 0; i < s.length; i++) h = (h * 31 + s.charCodeAt(i)) | 0; return String(h); })("+widget(k)+".querySelector('.gxw-stage canvas').toDataURL())")
	return sum
}

func (b *browser) points(v view, k int, s shown) {
	t := b.t
	text, _, _ := b.hover(v.name+" embedding", k)
	if !strings.Contains(text, "tissue: ") || !strings.Contains(text, "age: ") {
		t.Errorf("%s embedding: the tip says %q", v.name, text)
	}
	b.shoot(v.name+"-embedding", false)
	b.keyed(v.name+" embedding", k)
	before := b.pixels(k)
	b.eval(nil, "(e => { e.value = [...e.options].find(o => o.text === 'age').value; e.dispatchEvent(new Event('change')); })("+widget(k)+".querySelector('select'))")
	if after := b.pixels(k); after == before {
		t.Errorf("%s embedding: another label changes nothing", v.name)
	}
	b.wait("a scale of ages", widget(k)+".querySelector('.gxw-scale')")
	b.eval(nil, widget(k)+".querySelector('input[aria-label=Gene]').focus()")
	b.write("gene7")
	b.wait("coloured by a gene", widget(k)+".querySelector('.gxw-say').textContent.includes('coloured by GENE7')")
	b.wait("a scale in log₂", widget(k)+".querySelector('.gxw-scale').textContent.includes('GENE7 (log₂)')")
	if text, _, _ = b.hover(v.name+" embedding", k); !strings.Contains(text, "GENE7: ") {
		t.Errorf("%s embedding: the tip says %q", v.name, text)
	}
	b.shoot(v.name+"-embedding-gene", false)
	b.eval(nil, "(e => { e.value = 'sample 33'; e.dispatchEvent(new Event('input')); })("+widget(k)+".querySelector('input[aria-label=\"Find a sample\"]'))")
	b.wait("found samples", widget(k)+".querySelector('.gxw-say').textContent === '11 found'")
	// A press on a class shows it alone; zoom moves the picture.
	b.eval(nil, "(e => { e.value = 0; e.dispatchEvent(new Event('change')); })("+widget(k)+".querySelector('select'))")
	before = b.pixels(k)
	b.eval(nil, widget(k)+".querySelector('.gxw-legend button').click()")
	alone := b.pixels(k)
	b.eval(nil, widget(k)+".querySelector('[aria-label=\"Zoom in\"]').click()")
	if zoomed := b.pixels(k); before == alone || alone == zoomed {
		t.Errorf("%s embedding: the legend or the zoom changes nothing", v.name)
	}
}

// maps chooses each map; what was told and drawn by class stays.
func (b *browser) maps(v view, k int) {
	t := b.t
	before := b.pixels(k)
	for i, name := range []string{"t-SNE", "UMAP", "PCA"} {
		b.eval(nil, fmt.Sprintf("(e => { e.value = %d; e.dispatchEvent(new Event('change')); })(%s.querySelector('select[aria-label=Map]'))", i, widget(k)))
		b.wait(name+" is shown", widget(k)+".querySelector('.gxw-say').textContent.startsWith('"+name+"')")
		if now := b.pixels(k); (now == before) != (i == 0) {
			t.Errorf("%s maps: %s changes nothing, or the first is not t-SNE", v.name, name)
		}
		if text, _, _ := b.hover(v.name+" "+name, k); !strings.Contains(text, "tissue: ") {
			t.Errorf("%s maps: the tip says %q", v.name, text)
		}
		b.shoot(v.name+"-maps-"+name, false)
	}
	b.keyed(v.name+" maps", k)
}

// codes moves sliders and compares what the page computes with the model.
func (b *browser) codes(v view, k int, fit *gx.Fitted, set *gx.Set) {
	t := b.t
	t.Helper()
	codes, err := fit.Encode(set)
	if err != nil {
		t.Fatal(err)
	}
	mean, sd := make([]float64, codes.Cols), make([]float64, codes.Cols)
	for i := range codes.Rows {
		for j, c := range codes.Row(i) {
			mean[j] += float64(c) / float64(codes.Rows)
		}
	}
	for i := range codes.Rows {
		for j, c := range codes.Row(i) {
			sd[j] += (float64(c) - mean[j]) * (float64(c) - mean[j]) / float64(codes.Rows)
		}
	}
	b.eval(nil, "(e => { window.seen = null; e.addEventListener('gxlab-codes', d => window.seen = d.detail); })("+widget(k)+")")
	b.spot(widget(k) + ".querySelector('.gxw-codes')")
	at := []float64{1.5, -2, 0.3, 3, -0.7, 2.2}
	z := gx.Codes{Samples: frame.New([]string{"z"})}
	z.Rows, z.Cols = 1, codes.Cols
	for j, s := range at[:codes.Cols] {
		b.eval(nil, fmt.Sprintf("(e => { e.value = %g; e.dispatchEvent(new Event('input')); })(%s.querySelectorAll('input[type=range]')[%d])", s, widget(k), j))
		z.Data = append(z.Data, float32(mean[j]+s*math.Sqrt(sd[j])))
	}
	b.wait("genes answer", "window.seen && window.seen.values.length")
	want, err := fit.Decode(&z)
	if err != nil {
		t.Fatal(err)
	}
	b.eval(nil, "new Promise(r => setTimeout(r, 100))")
	var seen struct {
		Genes  []string
		Values []float64
	}
	b.eval(&seen, "window.seen")
	var order []float64
	for _, x := range want.Row(0) {
		order = append(order, float64(x))
	}
	// The genes carried are all of them here, in another order: compare sorted values.
	worst := compareSorted(seen.Values, order)
	if len(seen.Values) != len(order) || worst > 2e-3 {
		t.Errorf("%s codes: %d of %d genes, the page differs from the model by up to %g", v.name, len(seen.Values), len(order), worst)
	}
	t.Logf("%s: the page's decoder differs from the model's by at most %.2g", v.name, worst)
	var first string
	b.eval(&first, widget(k)+".querySelector('.gxw-bars span').textContent")
	if first != seen.Genes[0] {
		t.Errorf("%s codes: the first bar is %q, the gene that answers most %q", v.name, first, seen.Genes[0])
	}
	b.shoot(fmt.Sprintf("%s-codes-%d", v.name, k), false)
	// The keys move a slider.
	b.eval(nil, widget(k)+".querySelector('input[type=range]').focus()")
	b.key("ArrowRight", 39)
	b.wait("the slider's value", widget(k)+".querySelector('output').textContent === '+1.6 σ'")
	b.eval(nil, widget(k)+".querySelector('.gxw-bar button').click()")
	b.wait("the mean code", widget(k)+".querySelector('output').textContent === '0 σ'")
}

func (b *browser) curves(v view, k int) {
	text, _, _ := b.hover(v.name+" curves", k)
	if !strings.Contains(text, "Epoch ") || !strings.Contains(text, "recommended, test: ") {
		b.t.Errorf("%s curves: the tip says %q", v.name, text)
	}
	b.shoot(v.name+"-curves", false)
	b.keyed(v.name+" curves", k)
	before := b.pixels(k)
	b.eval(nil, widget(k)+".querySelector('input[type=checkbox]').click()")
	if b.pixels(k) == before {
		b.t.Errorf("%s curves: the logarithmic axis changes nothing", v.name)
	}
}

func (b *browser) volcano(v view, k int) {
	text, _, _ := b.hover(v.name+" volcano", k)
	if !strings.Contains(text, "log₂ fold change") || !strings.Contains(text, "p = ") {
		b.t.Errorf("%s volcano: the tip says %q", v.name, text)
	}
	b.keyed(v.name+" volcano", k)
	var legend, after string
	b.eval(&legend, widget(k)+".querySelector('.gxw-legend').textContent")
	b.eval(nil, "(e => { e.value = 2; e.dispatchEvent(new Event('input')); })("+widget(k)+".querySelector('input[type=number]'))")
	if b.eval(&after, widget(k)+".querySelector('.gxw-legend').textContent"); after == legend {
		b.t.Errorf("%s volcano: another threshold changes no count: %s", v.name, after)
	}
	b.eval(nil, "(e => { e.value = 'GENE10'; e.dispatchEvent(new Event('input')); })("+widget(k)+".querySelector('input[type=search]'))")
	b.wait("found genes", widget(k)+".querySelector('.gxw-say').textContent === '111 found'")
	b.shoot(v.name+"-volcano", false)
}

func (b *browser) network(v view, k int) {
	text, x, y := b.hover(v.name+" network", k)
	if !strings.Contains(text, "neighbour") {
		b.t.Errorf("%s network: the tip says %q", v.name, text)
	}
	b.shoot(v.name+"-network", false)
	before := b.pixels(k)
	dx, dy := 42.0, 35.0
	if v.phone { // a finger: upwards, which elsewhere would scroll the page
		touch := func(kind string, points ...map[string]float64) {
			b.do("Input.dispatchTouchEvent", map[string]any{"type": kind, "touchPoints": append([]map[string]float64{}, points...)})
		}
		dx, dy = 2, -70
		touch("touchStart", map[string]float64{"x": x, "y": y})
		for i := range 8 {
			touch("touchMove", map[string]float64{"x": x + dx*float64(i)/7, "y": y + dy*float64(i)/7})
		}
		touch("touchEnd")
	} else {
		b.mouse("mousePressed", x, y, 1)
		for i := range 8 {
			b.mouse("mouseMoved", x+dx*float64(i)/7, y+dy*float64(i)/7, 1)
		}
		b.mouse("mouseReleased", x+dx, y+dy, 0)
	}
	b.eval(nil, "new Promise(r => setTimeout(r, 400))")
	if b.pixels(k) == before {
		b.t.Errorf("%s network: dragging changes nothing", v.name)
	}
	var after string
	b.mouse("mouseMoved", x+dx, y+dy, 0)
	if b.eval(&after, "(e => e.hidden ? '' : e.innerText)("+widget(k)+".querySelector('.gxw-tip'))"); after != text {
		b.t.Errorf("%s network: %q was dragged, %q lies there", v.name, text, after)
	}
	b.shoot(v.name+"-network-dragged", false)
	b.keyed(v.name+" network", k)
	b.eval(nil, "(e => { e.value = 'N1'; e.dispatchEvent(new Event('input')); })("+widget(k)+".querySelector('input[type=search]'))")
	b.wait("found nodes", widget(k)+".querySelector('.gxw-say').textContent === '10 found'")
}

// compareSorted is the greatest difference of two lists of numbers, each sorted.
func compareSorted(a, b []float64) (worst float64) {
	if len(a) != len(b) {
		return math.Inf(1)
	}
	a, b = slices.Sorted(slices.Values(a)), slices.Sorted(slices.Values(b))
	for i := range a {
		worst = max(worst, math.Abs(a[i]-b[i]))
	}
	return worst
}

// Without scripts, and on paper, the page still shows pictures.
func TestPageWithoutScripts(t *testing.T) {
	b := start(t)
	p := page(t, widgets(t))
	b.open(view{name: "still", width: 1000, height: 900, noScript: true}, p)
	b.shoot("still-page", true)
	b.clean()
	b.open(view{name: "print", width: 800, height: 1000, media: "print"}, p)
	b.shoot("print-page", true)
	b.clean()
}
