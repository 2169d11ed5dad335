package nnwork

import (
	"fmt"
	"math/rand/v2"
	"slices"

	"github.com/gxlab/gxlab/gx/fault"
)

// binGenes is how many genes a bin of about equal degree has at least, as in Guney
// et al., Nat. Commun. 7:10331 (2016).
const binGenes = 100

// degreeBins numbers, for each of the places, its bin of genes of about equal degree:
// whole degrees, joined upwards until a bin has least genes; -1 for other genes. The
// last bin takes what is left.
func (g *Graph) degreeBins(places []int, least int) []int {
	order := slices.Clone(places)
	slices.SortFunc(order, func(a, b int) int {
		if d := len(g.neighbours(a)) - len(g.neighbours(b)); d != 0 {
			return d
		}
		return a - b
	})
	bins := make([]int, g.N())
	for i := range bins {
		bins[i] = -1
	}
	bin, size := 0, 0
	for k, i := range order {
		if size >= least && len(order)-k >= least && len(g.neighbours(i)) != len(g.neighbours(order[k-1])) {
			bin, size = bin+1, 0
		}
		bins[i] = bin
		size++
	}
	return bins
}

// matched draws a random gene for each ranked one from its bin, none twice.
func (r *RandomSets) matched(rng *rand.Rand, ranked []int) []int {
	return matched(rng, r.bins, ranked)
}

func matched(rng *rand.Rand, bins, ranked []int) []int {
	pools := make([][]int, slices.Max(bins)+1)
	for i, b := range bins {
		if b >= 0 {
			pools[b] = append(pools[b], i)
		}
	}
	out := make([]int, len(ranked))
	for k, i := range ranked {
		pool := pools[bins[i]]
		j := rng.IntN(len(pool))
		out[k] = pool[j]
		pool[j] = pool[len(pool)-1]
		pools[bins[i]] = pool[:len(pool)-1]
	}
	return out
}

// Matched is a random set of genes with about as many neighbours as the given ones:
// each is replaced by a gene, perhaps itself, of a bin of at least 100 genes of like
// degree, none taken twice. Genes that the graph lacks are left out.
func (g *Graph) Matched(genes []string, seed uint64) []string {
	places, _ := g.Places(genes)
	all := make([]int, g.N())
	for i := range all {
		all[i] = i
	}
	out := make([]string, len(places))
	if len(places) > 0 {
		for k, i := range matched(rand.New(rand.NewPCG(seed, 2)), g.degreeBins(all, binGenes), places) {
			out[k] = g.genes[i]
		}
	}
	return out
}

// Rewired is a random graph in which every gene keeps its number of neighbours:
// pairs of edges a–b, c–d are drawn and become a–d, c–b where neither is there yet
// nor a gene's edge with itself. swaps is how many pairs are drawn for each edge; 10
// make the graph as good as random. A weight goes with its edge's first gene. Maslov
// and Sneppen, Science 296:910 (2002).
func (g *Graph) Rewired(swaps int, seed uint64) (*Graph, error) {
	if swaps < 1 {
		return nil, fault.New(fmt.Sprintf("Rewired with %d swaps for each edge", swaps), "", "10 swaps for each edge")
	}
	edges := g.edges()
	out := &Graph{genes: g.genes}
	if len(edges) < 2 {
		out.fill(edges)
		return out, nil
	}
	rng := rand.New(rand.NewPCG(seed, 3))
	there := make(map[uint64]struct{}, len(edges))
	key := func(a, b int32) uint64 { return uint64(min(a, b))<<32 | uint64(max(a, b)) }
	for _, e := range edges {
		there[key(e.a, e.b)] = struct{}{}
	}
	for range swaps * len(edges) {
		i, j, turn := rng.IntN(len(edges)), rng.IntN(len(edges)), rng.IntN(2) == 1
		e, f := edges[i], edges[j]
		if turn {
			f.a, f.b = f.b, f.a
		}
		if e.a == f.b || f.a == e.b {
			continue
		}
		k, l := key(e.a, f.b), key(f.a, e.b)
		if _, ok := there[k]; ok || k == l {
			continue
		}
		if _, ok := there[l]; ok {
			continue
		}
		delete(there, key(e.a, e.b))
		delete(there, key(f.a, f.b))
		there[k], there[l] = struct{}{}, struct{}{}
		edges[i], edges[j] = arc{e.a, f.b, e.w}, arc{f.a, e.b, f.w}
	}
	for i, e := range edges {
		edges[i].a, edges[i].b = min(e.a, e.b), max(e.a, e.b)
	}
	slices.SortFunc(edges, func(x, y arc) int {
		if x.a != y.a {
			return int(x.a) - int(y.a)
		}
		return int(x.b) - int(y.b)
	})
	out.fill(edges)
	return out, nil
}
