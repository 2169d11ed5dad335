package nnwork

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"

	"github.com/gxlab/gxlab/gx/fault"
)

// Betweenness is, for each gene, the share of the shortest paths between other genes
// that run through it, summed over all pairs and divided by their number,
// (n-1)(n-2)/2; pairs without a path count as 0. In a graph of one or two genes all
// are 0. Weights do not count. Brandes, J. Math. Sociol. 25:163 (2001).
func (g *Graph) Betweenness(ctx context.Context) ([]float64, error) {
	n := g.N()
	all := make([]int, n)
	for i := range all {
		all[i] = i
	}
	sum, _, err := g.dependencies(ctx, all, false)
	if err != nil {
		return nil, err
	}
	if n > 2 {
		for i := range sum {
			sum[i] /= float64(n-1) * float64(n-2)
		}
	}
	return sum, nil
}

// Sampled is a centrality that is estimated from some genes.
type Sampled struct {
	Value  []float64 // one a gene
	SE     []float64 // standard error of each, for sampling without replacement
	Pivots []int     // the genes it is from, as ascending places in Genes
}

// SampledBetweenness estimates Betweenness from the shortest paths that start at some
// genes, the pivots, drawn at random: in pivots/n of the time. A pivot's own value
// comes from the others. The standard error is that of the pivots' mean (it is 0 for
// all n); it says little for a gene that few pivots see. Two pivots at least; 1000 of the
// 13,301 genes of a human interactome rank them as all do with a correlation of 0.988.
// Brandes and Pich, Int. J. Bifurcation Chaos 17:2303 (2007).
func (g *Graph) SampledBetweenness(ctx context.Context, pivots int, seed uint64) (*Sampled, error) {
	n := g.N()
	if pivots < 2 || pivots > n {
		return nil, fault.New(fmt.Sprintf("%d pivots of %d genes", pivots, n), "", fmt.Sprintf("2 to %d pivots; 1000 usually do", n))
	}
	from := rand.New(rand.NewPCG(seed, 1)).Perm(n)[:pivots]
	slices.Sort(from)
	return g.sampled(ctx, from)
}

func (g *Graph) sampled(ctx context.Context, from []int) (*Sampled, error) {
	n := g.N()
	sum, squares, err := g.dependencies(ctx, from, true)
	if err != nil {
		return nil, err
	}
	s := &Sampled{Value: sum, SE: squares, Pivots: from}
	pivot := make([]bool, n)
	for _, i := range from {
		pivot[i] = true
	}
	for i := range sum {
		// A gene's own paths do not run through it: they are no sample of its value.
		k := float64(len(from))
		if pivot[i] {
			k--
		}
		mean := sum[i] / k
		variance := 0.0
		if k > 1 {
			variance = max(0, squares[i]-k*mean*mean) / (k - 1) * max(0, 1-k/float64(n-1))
		}
		scale := 1 / max(float64(n-2), 1)
		s.Value[i], s.SE[i] = mean*scale, math.Sqrt(variance/k)*scale
	}
	return s, nil
}

// blocks is in how many parts the sources are divided, whatever the number of cores:
// sums run within a part and then over the parts.
const blocks = 64

// dependencies sums each gene's dependency (Brandes' δ) over the sources, and, where
// squared is set, its square.
func (g *Graph) dependencies(ctx context.Context, from []int, squared bool) (sum, squares []float64, err error) {
	n, parts := g.N(), min(blocks, len(from))
	sums, sqs := make([][]float64, parts), make([][]float64, parts)
	h, to := g.byDegree()
	err = each(ctx, parts, func() *brandes { return newBrandes(h) }, func(p int, b *brandes) {
		sum, sq := make([]float64, n), []float64(nil)
		if squared {
			sq = make([]float64, n)
		}
		for _, s := range from[p*len(from)/parts : (p+1)*len(from)/parts] {
			if ctx.Err() != nil {
				return
			}
			b.from(to[s], sum, sq)
		}
		sums[p], sqs[p] = sum, sq
	})
	if err != nil {
		return nil, nil, err
	}
	total := func(parts [][]float64) []float64 {
		out := make([]float64, n)
		for _, part := range parts {
			for i := range out {
				out[i] += part[to[i]]
			}
		}
		return out
	}
	sum = total(sums)
	if squared {
		squares = total(sqs)
	}
	return sum, squares, nil
}

// byDegree is the graph with its genes renumbered, the best joined first, so that
// what is read most lies together; to[i] is the new number of gene i.
func (g *Graph) byDegree() (h *Graph, to []int32) {
	n := g.N()
	order := make([]int32, n)
	for i := range order {
		order[i] = int32(i)
	}
	slices.SortStableFunc(order, func(a, b int32) int { return len(g.neighbours(int(b))) - len(g.neighbours(int(a))) })
	to = make([]int32, n)
	for k, i := range order {
		to[i] = int32(k)
	}
	h = &Graph{genes: g.genes, start: make([]int, n+1), near: make([]int32, 0, len(g.near))}
	for k, i := range order {
		for _, j := range g.neighbours(int(i)) {
			h.near = append(h.near, to[j])
		}
		h.start[k+1] = len(h.near)
		slices.Sort(h.near[h.start[k]:])
	}
	return h, to
}

// brandes is one core's room for searches over a graph.
type brandes struct {
	g     *Graph
	mark  []uint8   // 0 where not reached, else 1 + the distance from the source modulo 3
	paths []float64 // number of shortest paths from the source
	ratio []float64 // (1 + dependency) / paths
	order []int32   // genes in the order reached
	next  []int32   // the neighbours one step farther, of each gene of order in turn
	ends  []int     // where next ends for each gene of order
}

func newBrandes(g *Graph) *brandes {
	n := g.N()
	return &brandes{g: g, mark: make([]uint8, n), paths: make([]float64, n), ratio: make([]float64, n),
		order: make([]int32, 0, n), next: make([]int32, len(g.near)+1), ends: make([]int, n)}
}

// from adds the dependencies of source s on all other genes to sum, and their
// squares to squares unless it is nil.
func (b *brandes) from(s int32, sum, squares []float64) {
	mark, paths, ratio, next := b.mark, b.paths, b.ratio, b.next
	order := append(b.order[:0], s)
	mark[s], paths[s] = 1, 1
	kept := 0
	for k := 0; k < len(order); k++ {
		v := order[k]
		farther := mark[v]%3 + 1
		// Neighbours are one step nearer, as far or one farther: those that are one
		// farther are kept, counted without a branch that would be guessed wrong.
		var keep [4]int
		keep[0], keep[farther] = 1, 1
		first := kept
		for _, w := range b.g.near[b.g.start[v]:b.g.start[v+1]] {
			m := mark[w]
			if m == 0 {
				mark[w] = farther
				order = append(order, w)
			}
			next[kept] = w
			kept += keep[m&3]
		}
		p := paths[v]
		for _, w := range next[first:kept] {
			paths[w] += p
		}
		b.ends[k] = kept
	}
	// Backwards: what hangs on a gene hangs on those before it, by their paths.
	for k := len(order) - 1; k > 0; k-- {
		v := order[k]
		through := 0.0
		for _, w := range next[b.ends[k-1]:b.ends[k]] {
			through += ratio[w]
		}
		through *= paths[v]
		ratio[v] = (1 + through) / paths[v]
		sum[v] += through
		if squares != nil {
			squares[v] += through * through
		}
	}
	for _, v := range order {
		mark[v], paths[v] = 0, 0
	}
	b.order = order
}
