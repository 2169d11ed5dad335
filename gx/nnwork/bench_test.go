package nnwork

import (
	"context"
	"math/rand/v2"
	"strconv"
	"testing"

	"gonum.org/v1/gonum/graph/network"
	"gonum.org/v1/gonum/graph/simple"
)

// scaleFree is a graph of n genes in which every new gene joins m earlier ones, well
// joined ones more often (Barabási and Albert, Science 286:509, 1999).
func scaleFree(n, m int, seed uint64) *Graph {
	r := rand.New(rand.NewPCG(seed, 0))
	var edges []Edge
	var ends []int
	for i := range m + 1 {
		for j := range i {
			edges, ends = append(edges, Edge{A: strconv.Itoa(i), B: strconv.Itoa(j)}), append(ends, i, j)
		}
	}
	for i := m + 1; i < n; i++ {
		had := map[int]bool{}
		for len(had) < m {
			j := ends[r.IntN(len(ends))]
			if !had[j] {
				had[j] = true
				edges = append(edges, Edge{A: strconv.Itoa(i), B: strconv.Itoa(j)})
				ends = append(ends, i, j)
			}
		}
	}
	g, err := New(edges)
	if err != nil {
		panic(err)
	}
	return g
}

// Exact betweenness of 20,000 genes and 300,000 edges.
func BenchmarkBetweenness(b *testing.B) {
	g := scaleFree(20_000, 15, 1)
	for b.Loop() {
		if _, err := g.Betweenness(context.Background()); err != nil {
			b.Fatal(err)
		}
	}
}

// The same of a tenth of the genes, beside gonum's.
func BenchmarkGonum(b *testing.B) {
	g := scaleFree(2_000, 15, 1)
	h := simple.NewUndirectedGraph()
	for _, e := range g.edges() {
		h.SetEdge(simple.Edge{F: simple.Node(e.a), T: simple.Node(e.b)})
	}
	b.Run("nnwork", func(b *testing.B) {
		for b.Loop() {
			if _, err := g.Betweenness(context.Background()); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("gonum", func(b *testing.B) {
		for b.Loop() {
			network.Betweenness(h)
		}
	})
}

// A thousand pivots of 19,000 genes and 600,000 edges.
func BenchmarkSampled(b *testing.B) {
	g := scaleFree(19_000, 32, 1)
	for b.Loop() {
		if _, err := g.SampledBetweenness(context.Background(), 1000, 1); err != nil {
			b.Fatal(err)
		}
	}
}
