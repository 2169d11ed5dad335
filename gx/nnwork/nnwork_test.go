package nnwork

import (
	"context"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"runtime"
	"slices"
	"strings"
	"testing"
)

func TestNew(t *testing.T) {
	type edge struct { // such as datasets.Edge
		A, B   string
		Weight float64
	}
	g := must[*Graph](t)(New([]edge{{"TP53", "MDM2", 2}, {"MDM2", "TP53", 5}, {"MDM2", "MDM4", 1}, {"TP53", "TP53", 1}, {"TP53", "MDM2", 3}}, "ACTB", "TP53"))
	if want := []string{"ACTB", "MDM2", "MDM4", "TP53"}; !slices.Equal(g.Genes(), want) {
		t.Errorf("genes %v", g.Genes())
	}
	if g.Edges() != 2 || g.Loops() != 1 || g.Repeats() != 2 || !g.Weighted() {
		t.Errorf("%v, %d loops, %d repeats", g, g.Loops(), g.Repeats())
	}
	if !slices.Equal(g.Strength(), []float64{0, 6, 1, 5}) || !slices.Equal(g.Near(1), []int{2, 3}) {
		t.Errorf("strength %v, MDM2 beside %v", g.Strength(), g.Near(1))
	}
	if s := g.Sub([]string{"TP53", "MDM2", "ACTB", "none"}); s.String() != "3 genes, 1 edges" || !slices.Equal(s.Strength(), []float64{0, 5, 5}) {
		t.Errorf("%v, %v", s, s.Strength())
	}
	if l := g.Largest(); !slices.Equal(l.Genes(), []string{"MDM2", "MDM4", "TP53"}) {
		t.Errorf("%v", l.Genes())
	}
	if p, missing := g.Places([]string{"TP53", "none", "ACTB", "TP53"}); !slices.Equal(p, []int{3, 0}) || missing != 1 {
		t.Errorf("%v, %d", p, missing)
	}
	for says, edges := range map[string][]edge{
		"weight -1":   {{"a", "b", -1}},
		"weight 0":    {{"a", "b", 1}, {"a", "c", 0}},
		"weight NaN":  {{"a", "b", math.NaN()}},
		"weight +Inf": {{"a", "b", math.Inf(1)}},
		"no name":     {{"a", "", 1}},
	} {
		if _, err := New(edges); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%s: %v", says, err)
		}
	}
}

func TestEmpty(t *testing.T) {
	for _, g := range []*Graph{must[*Graph](t)(New([]Edge{})), must[*Graph](t)(New([]Edge{}, "TP53"))} {
		for name, f := range map[string]func(context.Context) ([]float64, error){"betweenness": g.Betweenness, "harmonic": g.Harmonic, "closeness": g.Closeness, "clustering": g.Clustering} {
			if v, err := f(ctx); err != nil || len(v) != g.N() || g.N() == 1 && v[0] != 0 {
				t.Errorf("%s of %v: %v, %v", name, g, v, err)
			}
		}
		must[*Distances](t)(g.Distances(ctx))
		must[*Graph](t)(g.Rewired(10, 1))
		if _, err := g.Within(ctx, []string{"TP53"}); err == nil || !strings.Contains(err.Error(), "no pair") {
			t.Error(err)
		}
		if _, err := g.SampledBetweenness(ctx, 2, 1); err == nil {
			t.Error("two pivots of no genes")
		}
		g.Largest()
		g.Layout(Layout{})
	}
}

func TestCancelled(t *testing.T) {
	done, cancel := context.WithCancel(ctx)
	cancel()
	g := scaleFree(50, 2, 1)
	_, a := g.Betweenness(done)
	_, b := g.Distances(done)
	_, c := g.SampledBetweenness(done, 5, 1)
	_, d := g.Harmonic(done)
	for i, err := range []error{a, b, c, d} {
		if !errors.Is(err, context.Canceled) {
			t.Errorf("%d: %v", i, err)
		}
	}
}

// Results are the same bits for any number of cores and any order of the edges.
func TestDeterministic(t *testing.T) {
	g := scaleFree(700, 3, 2)
	var edges []Edge
	for _, e := range g.edges() {
		edges = append(edges, Edge{A: g.genes[e.b], B: g.genes[e.a]})
	}
	rand.New(rand.NewPCG(1, 1)).Shuffle(len(edges), func(i, j int) { edges[i], edges[j] = edges[j], edges[i] })
	shuffled := must[*Graph](t)(New(edges))
	results := func(g *Graph) string {
		d := must[*Distances](t)(g.Distances(ctx))
		null := must[*RandomSets](t)(g.Random(ctx, d.Harmonic(), []int{10, 20}, Null{Sets: 20, Seed: 3}))
		rewired := must[*Graph](t)(g.Rewired(3, 4))
		x, y := g.Layout(Layout{Seed: 5, Steps: 10})
		return fmt.Sprint(must[[]float64](t)(g.Betweenness(ctx)), must[*Sampled](t)(g.SampledBetweenness(ctx, 100, 1)),
			must[[]float64](t)(g.Closeness(ctx)), must[[]SetResult](t)(null.Compare(ctx, g.Genes())), rewired.near, g.Matched(g.Genes()[:50], 1), x, y)
	}
	many := results(g)
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	if results(shuffled) != many {
		t.Error("one core and another order of the edges give other results")
	}
}

// A sample of all genes is the exact value, without error; samples of some have it as
// their mean, and spread as their standard errors say.
func TestSampledBetweenness(t *testing.T) {
	g := scaleFree(200, 3, 3)
	exact := must[[]float64](t)(g.Betweenness(ctx))
	all := must[*Sampled](t)(g.SampledBetweenness(ctx, 200, 1))
	same(t, "all pivots", all.Value, exact)
	same(t, "their error", all.SE, make([]float64, 200))
	const rounds = 1000
	var mean, spread, claimed [200]float64
	for seed := range uint64(rounds) {
		s := must[*Sampled](t)(g.SampledBetweenness(ctx, 60, seed))
		for i, v := range s.Value {
			mean[i] += v / rounds
			spread[i] += (v - exact[i]) * (v - exact[i]) / rounds
			claimed[i] += s.SE[i] * s.SE[i] / rounds
		}
	}
	var off, spreads, claims float64
	for i := range mean {
		off = max(off, math.Abs(mean[i]-exact[i])/math.Sqrt(spread[i]/rounds))
		spreads, claims = spreads+spread[i], claims+claimed[i]
	}
	if off > 4.5 { // the largest of 200 normal ones
		t.Errorf("a mean is %.2g standard errors off", off)
	}
	if r := claims / spreads; r < 0.95 || r > 1.05 {
		t.Errorf("claimed over real variance: %.3g", r)
	}
}

func TestRewired(t *testing.T) {
	g := scaleFree(300, 4, 4)
	r := must[*Graph](t)(g.Rewired(10, 1))
	if !slices.Equal(g.Degree(), r.Degree()) {
		t.Error("degrees changed")
	}
	kept := 0
	for _, e := range r.Linked() {
		if e[0] == e[1] || slices.Contains(g.Near(e[0]), e[1]) {
			kept++
		}
	}
	if kept > g.Edges()/3 {
		t.Errorf("%d of %d edges are as before", kept, g.Edges())
	}
	for i := range r.N() {
		if near := r.Near(i); !slices.IsSorted(near) || len(slices.Compact(slices.Clone(near))) != len(near) || slices.Contains(near, i) {
			t.Fatalf("neighbours %v", near)
		}
	}
	if _, err := g.Rewired(0, 1); err == nil {
		t.Error("no swaps")
	}
}

func TestMatched(t *testing.T) {
	g := scaleFree(3000, 3, 5)
	degree := g.Degree()
	mean := func(genes []string) float64 {
		sum := 0.0
		for _, name := range genes {
			sum += float64(degree[g.At(name)])
		}
		return sum / float64(len(genes))
	}
	var set []string
	for i := 0; i < 3000; i += 2 {
		if degree[i] > 4 {
			set = append(set, g.genes[i])
		}
	}
	m := g.Matched(set, 1)
	if again := slices.Clone(m); len(m) != len(set) {
		t.Errorf("%d genes for %d", len(m), len(set))
	} else if slices.Sort(again); len(slices.Compact(again)) != len(m) {
		t.Error("a gene was drawn twice")
	}
	if a, b := mean(set), mean(m); math.Abs(a-b) > 0.1*a {
		t.Errorf("mean degree %.3g, matched %.3g", a, b)
	}
}

// A planted module is near, and a random ranking is not; measures of the whole graph
// have no spread.
func TestCompare(t *testing.T) {
	g := scaleFree(1500, 2, 6)
	d := must[*Distances](t)(g.Distances(ctx))
	ball := []int{900}
	for k := 0; len(ball) < 60; k++ {
		for _, j := range g.Near(ball[k]) {
			if !slices.Contains(ball, j) {
				ball = append(ball, j)
			}
		}
	}
	var ranked []string
	for _, i := range ball {
		ranked = append(ranked, g.genes[i])
	}
	ranked = append(ranked, "not in the network")
	ranked = append(ranked, g.genes...)
	sizes := Doubling(20, 80)
	null := must[*RandomSets](t)(g.Random(ctx, d.Harmonic(), sizes, Null{Sets: 99, Seed: 1}))
	rows := must[[]SetResult](t)(null.Compare(ctx, ranked))
	for _, r := range rows[:2] {
		if r.Z > -3 || r.P > 0.021 || r.Lower != 0.01 || r.Upper != 1 {
			t.Errorf("a module: %+v", r)
		}
		within := must[Distance](t)(g.Within(ctx, ranked[:r.Size]))
		if within.Harmonic() != r.Value {
			t.Errorf("%v, alone %v", r.Value, within.Harmonic())
		}
	}
	matched := must[*RandomSets](t)(g.Random(ctx, d.Harmonic(), sizes, Null{Sets: 99, Seed: 1, MatchDegree: true}))
	if m := must[[]SetResult](t)(matched.Compare(ctx, ranked)); !(m[0].Mean < rows[0].Mean) || m[0].Value != rows[0].Value {
		t.Errorf("hubs held against hubs: mean %v, against all %v", m[0].Mean, rows[0].Mean)
	}
	degree := make([]float64, g.N())
	for i, k := range g.Degree() {
		degree[i] = float64(k)
	}
	whole := must[*RandomSets](t)(g.Random(ctx, Mean(degree), []int{100, g.N()}, Null{Sets: 50}))
	for _, r := range must[[]SetResult](t)(whole.Compare(ctx, g.Genes())) {
		if r.Size == g.N() && (math.Abs(r.Value-r.Mean) > 1e-9 || r.SD > 1e-9) {
			t.Errorf("all genes: %+v", r)
		}
	}
	for says, f := range map[string]func() error{
		"ascending sizes": func() error { _, err := g.Random(ctx, Mean(degree), nil, Null{}); return err },
		"set of 9000":     func() error { _, err := g.Random(ctx, Mean(degree), []int{9000}, Null{}); return err },
		"1 random sets":   func() error { _, err := g.Random(ctx, Mean(degree), []int{10}, Null{Sets: 1}); return err },
		"3 of the 4":      func() error { _, err := null.Compare(ctx, append([]string{"none"}, g.genes[:3]...)); return err },
	} {
		if err := f(); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%s: %v", says, err)
		}
	}
}

// Empirical p values of random rankings are as often below a level as it says.
func TestNullKeepsItsLevel(t *testing.T) {
	g := scaleFree(600, 3, 7)
	b := must[[]float64](t)(g.Betweenness(ctx))
	null := must[*RandomSets](t)(g.Random(ctx, Mean(b), []int{50}, Null{Sets: 199, Seed: 1}))
	rng, low := rand.New(rand.NewPCG(9, 9)), 0
	const rounds = 1000
	for range rounds {
		ranked := slices.Clone(g.Genes())
		rng.Shuffle(len(ranked), func(i, j int) { ranked[i], ranked[j] = ranked[j], ranked[i] })
		if must[[]SetResult](t)(null.Compare(ctx, ranked))[0].P <= 0.1 {
			low++
		}
	}
	// 100 are expected; one null for all rounds adds to the binomial's spread of 9.5.
	if low < 50 || low > 150 {
		t.Errorf("%d of %d at 0.1", low, rounds)
	}
}

// The distances kept are those of single searches whatever is dense, rare or most
// common: long paths, several components, sets of one gene in each.
func TestDistancesOfManyShapes(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 3))
	for round := range 20 {
		n := 20 + rng.IntN(900)
		var edges []Edge
		for range n/2 + rng.IntN(2*n) {
			a := rng.IntN(n)
			b := (a + 1 + rng.IntN(1+rng.IntN(n))) % n
			edges = append(edges, Edge{A: fmt.Sprint(a), B: fmt.Sprint(b)})
		}
		g := must[*Graph](t)(New(edges))
		d := must[*Distances](t)(g.Distances(ctx))
		set := slices.Clone(g.genes)
		rng.Shuffle(len(set), func(i, j int) { set[i], set[j] = set[j], set[i] })
		set = set[:2+rng.IntN(len(set)-2)]
		one, kept := must[Distance](t)(g.Within(ctx, set)), must[Distance](t)(d.Within(set))
		if fmt.Sprint(one) != fmt.Sprint(kept) {
			t.Fatalf("round %d: %v, kept %v", round, one, kept)
		}
	}
}

// A layout keeps neighbours near, genes apart and components off each other.
func TestLayout(t *testing.T) {
	var edges []Edge
	name := func(part, i int) string { return fmt.Sprintf("%d.%02d", part, i) }
	for part, n := range []int{30, 20, 12, 5, 2, 2} { // rings
		for i := range n {
			edges = append(edges, Edge{A: name(part, i), B: name(part, (i+1)%n)})
		}
	}
	g := must[*Graph](t)(New(edges, "alone", "alone too"))
	x, y := g.Layout(Layout{Seed: 1})
	apart := func(i, j int) float64 { return math.Hypot(x[i]-x[j], y[i]-y[j]) }
	of, _ := g.components()
	for i := range g.N() {
		for j := range i {
			if d := apart(i, j); of[i] != of[j] && d < 0.9 || d < 0.2 || math.IsNaN(d) {
				t.Errorf("%s and %s lie %.2f apart", g.genes[i], g.genes[j], d)
			}
		}
	}
	for _, e := range g.Linked() {
		if d := apart(e[0], e[1]); d > 3 {
			t.Errorf("neighbours %s and %s lie %.2f apart", g.genes[e[0]], g.genes[e[1]], d)
		}
	}
	// The opposite sides of the largest ring lie well apart: it is not folded.
	if a, b := apart(g.At("0.00"), g.At("0.15")), apart(g.At("0.00"), g.At("0.01")); a < 4*b {
		t.Errorf("the ring is folded: %.2f across, %.2f along", a, b)
	}
	u, v := g.Layout(Layout{Seed: 1, Middle: []string{"0.00", "1.00"}})
	r := func(i int) float64 { return math.Hypot(u[i], v[i]) }
	mean := 0.0
	for i := range u {
		mean += r(i) / float64(len(u))
	}
	if a := (r(g.At("0.00")) + r(g.At("1.00"))) / 2; a > mean/2 {
		t.Errorf("genes of the middle lie %.2f from it, all %.2f", a, mean)
	}
}

// Repulsion by cells is that of the single points, nearly.
func TestRepulsion(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 1))
	at := make([]point, 300)
	for i := range at {
		at[i] = point{rng.NormFloat64(), rng.NormFloat64()}
	}
	at[7] = at[8]
	var tr tree
	tr.build(at)
	for _, i := range []int{0, 7, 50, 299} {
		var want point
		for j, q := range at {
			if dx, dy := at[i].x-q.x, at[i].y-q.y; j != i && q != at[i] {
				want.x += dx / (dx*dx + dy*dy)
				want.y += dy / (dx*dx + dy*dy)
			}
		}
		got := tr.repel(0, i, at[i])
		if d := math.Hypot(got.x-want.x, got.y-want.y); !(d < 2+0.05*math.Hypot(want.x, want.y)) {
			t.Errorf("point %d: %v, want %v", i, got, want)
		}
	}
}
