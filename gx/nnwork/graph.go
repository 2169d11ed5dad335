package nnwork

import (
	"cmp"
	"fmt"
	"math"
	"slices"

	"github.com/gxlab/gxlab/gx/fault"
)

// An Edge joins two genes. Weight is how strong it is, above 0; where no edge has
// one, all weigh 1.
type Edge struct {
	A, B   string
	Weight float64
}

// Graph is an undirected graph over named genes, in compressed adjacency form. It
// does not change; methods that change something return another.
type Graph struct {
	genes          []string
	start          []int     // the neighbours of i are near[start[i]:start[i+1]]
	near           []int32   // ascending for each gene
	weight         []float64 // one a neighbour; nil where all weigh 1
	loops, repeats int
}

// New makes a graph of pairs of genes, such as those that datasets.Edges reads.
// genes are named besides, joined or not. A pair that stands there twice, either
// way round, counts once with its largest weight; an edge of a gene with itself is
// dropped (its gene stays). Both are counted: Repeats, Loops.
func New[E ~struct {
	A, B   string
	Weight float64
}](edges []E, genes ...string) (*Graph, error) {
	g := &Graph{}
	names := make([]string, 0, 2*len(edges)+len(genes))
	weighted := false
	for _, e := range edges {
		e := Edge(e)
		names = append(names, e.A, e.B)
		weighted = weighted || e.Weight != 0
	}
	names = append(names, genes...)
	slices.Sort(names)
	g.genes = slices.Clip(slices.Compact(names))
	if len(g.genes) > math.MaxInt32 {
		return nil, fault.New(fmt.Sprintf("%d genes are too many for a graph", len(g.genes)), "", "genes, not positions")
	}
	if len(g.genes) > 0 && g.genes[0] == "" {
		return nil, fault.New("a gene of the network has no name", "", "two names for each edge")
	}
	at := make(map[string]int32, len(g.genes))
	for i, n := range g.genes {
		at[n] = int32(i)
	}
	arcs := make([]arc, 0, len(edges))
	for i, e := range edges {
		e := Edge(e)
		w := e.Weight
		if !weighted {
			w = 1
		}
		if !(w > 0) || math.IsInf(w, 1) {
			return nil, fault.New(fmt.Sprintf("edge %d, %s–%s, has weight %v", i+1, e.A, e.B, w), "", "finite weights above 0")
		}
		if e.A == e.B {
			g.loops++
			continue
		}
		a, b := at[e.A], at[e.B]
		arcs = append(arcs, arc{min(a, b), max(a, b), w})
	}
	slices.SortFunc(arcs, func(x, y arc) int {
		return cmp.Or(cmp.Compare(x.a, y.a), cmp.Compare(x.b, y.b), cmp.Compare(y.w, x.w))
	})
	once := slices.CompactFunc(arcs, func(x, y arc) bool { return x.a == y.a && x.b == y.b })
	g.repeats = len(arcs) - len(once)
	g.fill(once)
	return g, nil
}

// arc is an edge between numbered genes, a below b.
type arc struct {
	a, b int32
	w    float64
}

// fill sets the adjacency from edges that are sorted by a and b and stand there once.
func (g *Graph) fill(edges []arc) {
	n := len(g.genes)
	g.start = make([]int, n+1)
	g.near = make([]int32, 2*len(edges))
	weighted := slices.ContainsFunc(edges, func(e arc) bool { return e.w != 1 })
	if weighted {
		g.weight = make([]float64, 2*len(edges))
	}
	for _, e := range edges {
		g.start[e.a+1]++
		g.start[e.b+1]++
	}
	for i := range n {
		g.start[i+1] += g.start[i]
	}
	next := slices.Clone(g.start)
	put := func(from, to int32, w float64) {
		g.near[next[from]] = to
		if weighted {
			g.weight[next[from]] = w
		}
		next[from]++
	}
	// The lower neighbours of a gene come first: both rounds keep their order.
	for _, e := range edges {
		put(e.b, e.a, e.w)
	}
	for _, e := range edges {
		put(e.a, e.b, e.w)
	}
}

// edges are the graph's edges in the order of fill.
func (g *Graph) edges() []arc {
	out := make([]arc, 0, g.Edges())
	for i := range g.genes {
		for k := g.start[i]; k < g.start[i+1]; k++ {
			if j := g.near[k]; int(j) > i {
				out = append(out, arc{int32(i), j, g.weightAt(k)})
			}
		}
	}
	return out
}

func (g *Graph) weightAt(k int) float64 {
	if g.weight == nil {
		return 1
	}
	return g.weight[k]
}

func (g *Graph) neighbours(i int) []int32 { return g.near[g.start[i]:g.start[i+1]] }

// N is the number of genes.
func (g *Graph) N() int { return len(g.genes) }

// Edges is the number of edges.
func (g *Graph) Edges() int { return len(g.near) / 2 }

// Loops is how many edges of a gene with itself were dropped.
func (g *Graph) Loops() int { return g.loops }

// Repeats is how many edges were dropped because the same pair stood there before.
func (g *Graph) Repeats() int { return g.repeats }

// Weighted tells whether an edge weighs other than 1.
func (g *Graph) Weighted() bool { return g.weight != nil }

// Genes are the genes' names, in alphabetical order. The slice is the graph's own:
// do not change it.
func (g *Graph) Genes() []string { return g.genes }

// At is the place of a gene in Genes, -1 if the graph has none of that name.
func (g *Graph) At(gene string) int {
	if i, ok := slices.BinarySearch(g.genes, gene); ok {
		return i
	}
	return -1
}

// Places are those of the given genes that the graph has, as places in Genes, in
// their order, each once. Genes that the graph lacks are left out: their number is
// missing.
func (g *Graph) Places(genes []string) (places []int, missing int) {
	seen := make([]bool, g.N())
	for _, name := range genes {
		i := g.At(name)
		if i < 0 {
			missing++
		} else if !seen[i] {
			seen[i] = true
			places = append(places, i)
		}
	}
	return places, missing
}

// Linked are the edges as pairs of places in Genes, the lower one first, in order.
func (g *Graph) Linked() [][2]int {
	out := make([][2]int, 0, g.Edges())
	for _, e := range g.edges() {
		out = append(out, [2]int{int(e.a), int(e.b)})
	}
	return out
}

// Near are the neighbours of the gene at place i, as ascending places.
func (g *Graph) Near(i int) []int {
	out := make([]int, 0, g.start[i+1]-g.start[i])
	for _, j := range g.neighbours(i) {
		out = append(out, int(j))
	}
	return out
}

// Sub is the graph of those of the given genes that the graph has, and the edges
// between them.
func (g *Graph) Sub(genes []string) *Graph {
	places, _ := g.Places(genes)
	return g.sub(places)
}

func (g *Graph) sub(places []int) *Graph {
	slices.Sort(places)
	s := &Graph{genes: make([]string, len(places))}
	to := make([]int32, g.N())
	for i := range to {
		to[i] = -1
	}
	for k, i := range places {
		s.genes[k], to[i] = g.genes[i], int32(k)
	}
	var kept []arc
	for _, i := range places {
		for k := g.start[i]; k < g.start[i+1]; k++ {
			if j := g.near[k]; int(j) > i && to[j] >= 0 {
				kept = append(kept, arc{to[i], to[j], g.weightAt(k)})
			}
		}
	}
	s.fill(kept)
	return s
}

// Components are the connected parts of the graph as ascending places in Genes, the
// largest first, and of equal ones the one with the first gene.
func (g *Graph) Components() [][]int {
	of, sizes := g.components()
	out := make([][]int, len(sizes))
	for i, c := range of {
		out[c] = append(out[c], i)
	}
	slices.SortStableFunc(out, func(a, b []int) int { return len(b) - len(a) })
	return out
}

// components numbers the component of each gene, by its first gene, and counts
// their genes.
func (g *Graph) components() (of []int32, sizes []int) {
	of = make([]int32, g.N())
	for i := range of {
		of[i] = -1
	}
	var queue []int32
	for i := range of {
		if of[i] >= 0 {
			continue
		}
		c := int32(len(sizes))
		of[i] = c
		queue = append(queue[:0], int32(i))
		for k := 0; k < len(queue); k++ {
			for _, j := range g.neighbours(int(queue[k])) {
				if of[j] < 0 {
					of[j] = c
					queue = append(queue, j)
				}
			}
		}
		sizes = append(sizes, len(queue))
	}
	return of, sizes
}

// Largest is the graph's largest component.
func (g *Graph) Largest() *Graph {
	if g.N() == 0 {
		return g
	}
	return g.sub(g.Components()[0])
}

// String says how large the graph is.
func (g *Graph) String() string {
	return fmt.Sprintf("%d genes, %d edges", g.N(), g.Edges())
}
