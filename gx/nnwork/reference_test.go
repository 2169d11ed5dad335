package nnwork

import (
	"context"
	"encoding/json"
	"math"
	"os"
	"slices"
	"testing"
)

// The reference values are those of networkx and igraph, by testdata/reference.py.
type reference struct {
	Versions map[string]string
	Graphs   map[string]struct {
		Genes                []string
		Edges                [][3]any
		Degree               []int
		Strength             []float64
		Clustering           []float64
		Components           []int
		Betweenness          []float64
		IgraphBetweenness    []float64 `json:"igraph_betweenness"`
		Closeness            []float64
		Harmonic             []float64
		IgraphHarmonic       []*float64 `json:"igraph_harmonic"`
		PageRank             []float64
		IgraphPageRank       []float64 `json:"igraph_pagerank"`
		Eigenvector          []float64
		Pivots               []string
		Sampled              []float64
		IgraphSampled        []float64 `json:"igraph_sampled"`
		Within, All, Between *pairsOf
	}
	WL struct {
		Graphs  [][][2]string
		Genes   []string
		Kernels []struct {
			Label string
			Depth int
			K     [][]float64
		}
	}
}

type pairsOf struct {
	Genes          []string
	Pairs, Joined  int
	Harmonic, Mean *float64
}

func readReference(t *testing.T) *reference {
	t.Helper()
	b, err := os.ReadFile("testdata/reference.json")
	if err != nil {
		t.Fatal(err)
	}
	var r reference
	if err := json.Unmarshal(b, &r); err != nil {
		t.Fatal(err)
	}
	return &r
}

var ctx = context.Background()

const tol = 1e-9

func same(t *testing.T, what string, got, want []float64) {
	t.Helper()
	if len(got) != len(want) {
		t.Errorf("%s: %d values, want %d", what, len(got), len(want))
		return
	}
	for i := range got {
		if !(math.Abs(got[i]-want[i]) <= tol*max(1, math.Abs(want[i]))) {
			t.Errorf("%s: value %d is %.15g, want %.15g", what, i, got[i], want[i])
			return
		}
	}
}

func must[T any](t *testing.T) func(T, error) T {
	return func(v T, err error) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

func sameDistance(t *testing.T, what string, d Distance, want *pairsOf) {
	t.Helper()
	if d.Pairs != want.Pairs || d.Joined != want.Joined {
		t.Errorf("%s: %d pairs, %d joined; want %d, %d", what, d.Pairs, d.Joined, want.Pairs, want.Joined)
	}
	if want.Harmonic == nil {
		if !math.IsInf(d.Harmonic(), 1) || !math.IsNaN(d.Mean()) || d.Efficiency() != 0 {
			t.Errorf("%s: nothing joined, but %v, %v", what, d.Harmonic(), d.Mean())
		}
		return
	}
	same(t, what, []float64{d.Harmonic(), d.Mean(), d.Efficiency()}, []float64{*want.Harmonic, *want.Mean, 1 / *want.Harmonic})
}

func TestAgainstNetworkxAndIgraph(t *testing.T) {
	floats, apart := must[[]float64](t), must[Distance](t)
	for name, ref := range readReference(t).Graphs {
		var edges []Edge
		for _, e := range ref.Edges {
			edges = append(edges, Edge{e[0].(string), e[1].(string), e[2].(float64)})
		}
		g := must[*Graph](t)(New(edges, ref.Genes...))
		if !slices.Equal(g.Genes(), ref.Genes) || !slices.Equal(g.Degree(), ref.Degree) || g.Edges() != len(edges) {
			t.Errorf("%s: another graph", name)
		}
		var sizes []int
		for _, c := range g.Components() {
			sizes = append(sizes, len(c))
		}
		if !slices.Equal(sizes, ref.Components) || g.Largest().N() != sizes[0] {
			t.Errorf("%s: components of %v genes, want %v", name, sizes, ref.Components)
		}
		same(t, name+" strength", g.Strength(), ref.Strength)
		same(t, name+" clustering", floats(g.Clustering(ctx)), ref.Clustering)
		b := floats(g.Betweenness(ctx))
		same(t, name+" betweenness", b, ref.Betweenness)
		same(t, name+" betweenness of igraph", b, ref.IgraphBetweenness)
		same(t, name+" closeness", floats(g.Closeness(ctx)), ref.Closeness)
		h := floats(g.Harmonic(ctx))
		for i := range h {
			if v := ref.IgraphHarmonic[i]; v != nil {
				same(t, name+" harmonic of igraph", h[i:i+1], []float64{*v})
			}
			h[i] *= float64(g.N() - 1)
		}
		same(t, name+" harmonic", h, ref.Harmonic)
		pr := floats(g.PageRank(0.85))
		same(t, name+" PageRank", pr, ref.PageRank)
		same(t, name+" PageRank of igraph", pr, ref.IgraphPageRank)
		if ref.Eigenvector != nil {
			same(t, name+" eigenvector", floats(g.Eigenvector()), ref.Eigenvector)
		}
		if ref.Pivots != nil {
			at, _ := g.Places(ref.Pivots)
			slices.Sort(at)
			same(t, name+" sampled", must[*Sampled](t)(g.sampled(ctx, at)).Value, ref.Sampled)
			sum, _, err := g.dependencies(ctx, at, false)
			if err != nil {
				t.Fatal(err)
			}
			for i := range sum {
				sum[i] /= 2 // igraph counts an undirected path once for both its ends
			}
			same(t, name+" sampled by igraph", sum, ref.IgraphSampled)
		}
		if ref.Within == nil {
			continue
		}
		sameDistance(t, name+" within", apart(g.Within(ctx, ref.Within.Genes)), ref.Within)
		sameDistance(t, name+" all", apart(g.Within(ctx, ref.Genes)), ref.All)
		sameDistance(t, name+" between", apart(g.Between(ctx, ref.Within.Genes, ref.Between.Genes)), ref.Between)
		d := must[*Distances](t)(g.Distances(ctx))
		sameDistance(t, name+" kept, within", apart(d.Within(ref.Within.Genes)), ref.Within)
		sameDistance(t, name+" kept, all", apart(d.Within(ref.Genes)), ref.All)
	}
}

func TestWeisfeilerLehmanAgainstNetworkx(t *testing.T) {
	ref := readReference(t).WL
	var graphs []*Graph
	for _, pairs := range ref.Graphs {
		var edges []Edge
		for _, p := range pairs {
			edges = append(edges, Edge{A: p[0], B: p[1]})
		}
		graphs = append(graphs, must[*Graph](t)(New(edges, ref.Genes...)))
	}
	label := map[string]func(string) string{
		"parity": func(g string) string { return string("01"[(g[2]-'0')%2]) },
		"none":   func(string) string { return "x" },
	}
	for _, k := range ref.Kernels {
		s := must[*Subtrees](t)(WeisfeilerLehman(k.Depth, label[k.Label], graphs...))
		d := s.Distance()
		for i := range graphs {
			same(t, "kernel by "+k.Label, s.K[i], k.K[i])
			if d[i][i] != 0 || i > 0 && !(d[0][i] > 0) {
				t.Errorf("%s: distances %v", k.Label, d[0])
			}
		}
		if k.Label == "name" && !(d[0][1] < d[0][2] && d[0][2] < d[0][3]) {
			t.Errorf("%s: 1, 5 and 20 edges moved lie %v away", k.Label, d[0])
		}
	}
}
