package nnwork

import (
	"context"
	"fmt"
	"math"
	"math/bits"

	"github.com/gxlab/gxlab/gx/fault"
)

// Distance is how far apart the genes of many pairs lie, in edges of the shortest
// path.
type Distance struct {
	Pairs   int   // of two different genes
	Joined  int   // pairs that a path joins
	Counts  []int // how many pairs are 0 (always none), 1, 2 … edges apart
	Missing int   // genes asked for that the graph lacks; they are in no pair
}

// Harmonic is the harmonic mean distance of all pairs: their number over the sum of
// 1/distance, in which a pair without a path counts 1/∞ = 0. It is infinite where no
// path joins any pair, and NaN without pairs.
func (d Distance) Harmonic() float64 { return float64(d.Pairs) / d.inverse() }

// Efficiency is the mean of 1/distance over all pairs, 0 for those without a path:
// Harmonic's inverse, which stays finite.
func (d Distance) Efficiency() float64 { return d.inverse() / float64(d.Pairs) }

// Mean is the mean distance of the pairs that a path joins, NaN if there are none.
func (d Distance) Mean() float64 {
	sum := 0.0
	for l, c := range d.Counts {
		sum += float64(l) * float64(c)
	}
	return sum / float64(d.Joined)
}

func (d Distance) inverse() float64 {
	sum := 0.0
	for l, c := range d.Counts {
		if c > 0 {
			sum += float64(c) / float64(l)
		}
	}
	return sum
}

func (d *Distance) add(l, pairs int) {
	if pairs == 0 {
		return
	}
	for len(d.Counts) <= l {
		d.Counts = append(d.Counts, 0)
	}
	d.Counts[l] += pairs
	d.Joined += pairs
}

// Within are the distances of all pairs of the genes of a set. Paths may run through
// any gene. The genes that the graph has count, each once.
func (g *Graph) Within(ctx context.Context, genes []string) (Distance, error) {
	places, missing := g.Places(genes)
	if len(places) < 2 {
		return Distance{}, tooFew(len(places), missing)
	}
	counts, err := g.reached(ctx, places, places)
	if err != nil {
		return Distance{}, err
	}
	d := Distance{Pairs: len(places) * (len(places) - 1) / 2, Missing: missing}
	for l, c := range counts {
		d.add(l, c/2)
	}
	return d, nil
}

// Between are the distances of all pairs of a gene of the one set and a gene of the
// other. A gene of both sets makes no pair with itself, and a pair of genes that are
// both in both sets counts twice, once from each side.
func (g *Graph) Between(ctx context.Context, a, b []string) (Distance, error) {
	from, m := g.Places(a)
	to, k := g.Places(b)
	pairs := len(from) * len(to)
	in := make([]bool, g.N())
	for _, i := range from {
		in[i] = true
	}
	for _, i := range to {
		if in[i] {
			pairs--
		}
	}
	if pairs == 0 {
		return Distance{}, tooFew(len(from)+len(to), m+k)
	}
	counts, err := g.reached(ctx, from, to)
	if err != nil {
		return Distance{}, err
	}
	d := Distance{Pairs: pairs, Missing: m + k}
	for l, c := range counts {
		d.add(l, c)
	}
	return d, nil
}

func tooFew(has, missing int) error {
	return fault.New(fmt.Sprintf("no pair of genes to measure: the network has %d of the %d genes", has, has+missing), "", "sets of at least two genes of the network, named as it names them")
}

// reached counts the pairs from × to at every distance.
func (g *Graph) reached(ctx context.Context, from, to []int) ([]int, error) {
	target := make([]bool, g.N())
	for _, i := range to {
		target[i] = true
	}
	sources := small(from)
	parts := make([][]int, (len(from)+lanes-1)/lanes)
	err := g.searches(ctx, sources, func(batch, d int, reached []int32, new []wide) {
		for len(parts[batch]) <= d {
			parts[batch] = append(parts[batch], 0)
		}
		for _, v := range reached {
			if target[v] {
				parts[batch][d] += new[v].count()
			}
		}
	})
	if err != nil {
		return nil, err
	}
	var counts []int
	for _, part := range parts {
		for d, c := range part {
			if len(counts) <= d {
				counts = append(counts, 0)
			}
			counts[d] += c
		}
	}
	return counts, nil
}

func small(places []int) []int32 {
	out := make([]int32, len(places))
	for k, i := range places {
		out[k] = int32(i)
	}
	return out
}

// Distances are the distances of all pairs of a graph's genes, kept so that those of
// many sets are soon counted. They take about n²/8 bytes for each distance that more
// than one pair in 64 has, and 4 bytes for each other pair: 50 to 200 MB for 20,000
// genes.
type Distances struct {
	g     *Graph
	of    []int32 // component of each gene
	row   int     // words of a row
	most  int     // the distance that most pairs have: it is what the others leave
	dense []plane
	rare  struct { // pairs at other distances above 1
		start []int
		near  []int32
		level []uint16
	}
	comps int
	far   int // largest distance
}

// plane holds the pairs at one distance: a row of bits for each gene.
type plane struct {
	distance int
	bits     []uint64
}

// mostRare pairs at rare distances are kept at most: 2.4 GB while they are sought.
const mostRare = 2e8

// Distances searches from every gene. It fails where the paths are so long, as in a
// chain, that the distances would not fit the memory.
func (g *Graph) Distances(ctx context.Context) (*Distances, error) {
	n := g.N()
	of, sizes := g.components()
	d := &Distances{g: g, of: of, comps: len(sizes), row: (n + lanes - 1) / lanes * words}
	all := make([]int32, n)
	for i := range all {
		all[i] = int32(i)
	}
	// How common each distance is, from genes spread over the graph.
	var some []int
	for k := range min(n, lanes) {
		some = append(some, k*n/min(n, lanes))
	}
	counts, err := g.reached(ctx, some, ints(all))
	if err != nil {
		return nil, err
	}
	at := map[int]int{}
	for l, c := range counts {
		if d.most == 0 && c > 0 || d.most > 0 && c > counts[d.most] {
			d.most = l
		}
	}
	few := 0.0 // pairs at rare distances
	for l, c := range counts {
		switch {
		case l < 2 || l == d.most:
		case c*64 > len(some)*n:
			at[l] = len(d.dense)
			d.dense = append(d.dense, plane{l, make([]uint64, n*d.row)})
		default:
			few += float64(c) / float64(len(some)) * float64(n)
		}
	}
	if few > mostRare {
		return nil, fault.New(fmt.Sprintf("the network's paths are too long to keep all distances: about %.2g pairs lie at rare ones", few), "", "Within and Between of the graph itself, or its Largest component")
	}
	type found struct {
		v, source int32
		level     uint16
	}
	rare := make([][]found, d.row/words)
	farthest := make([]int, d.row/words)
	err = g.searches(ctx, all, func(batch, l int, reached []int32, new []wide) {
		farthest[batch] = l
		if l == 1 || l == d.most {
			return
		}
		if k, ok := at[l]; ok {
			for _, v := range reached {
				copy(d.dense[k].bits[int(v)*d.row+batch*words:], new[v][:])
			}
			return
		}
		if l > math.MaxUint16 {
			return // refused below
		}
		for _, v := range reached {
			for k, x := range new[v] {
				for ; x != 0; x &= x - 1 {
					rare[batch] = append(rare[batch], found{v, int32(batch*lanes + k*64 + bits.TrailingZeros64(x)), uint16(l)})
				}
			}
		}
	})
	if err != nil {
		return nil, err
	}
	total := 0
	d.rare.start = make([]int, n+1)
	for b, part := range rare {
		total += len(part)
		d.far = max(d.far, farthest[b])
		for _, f := range part {
			d.rare.start[f.v+1]++
		}
	}
	if d.far > math.MaxUint16 {
		return nil, fault.New(fmt.Sprintf("a path of %d edges is too long to keep all distances", d.far), "", "Within and Between of the graph itself")
	}
	for i := range n {
		d.rare.start[i+1] += d.rare.start[i]
	}
	next := append([]int(nil), d.rare.start...)
	d.rare.near, d.rare.level = make([]int32, total), make([]uint16, total)
	for b, part := range rare {
		for _, f := range part {
			d.rare.near[next[f.v]], d.rare.level[next[f.v]] = f.source, f.level
			next[f.v]++
		}
		rare[b] = nil
	}
	return d, nil
}

func ints(places []int32) []int {
	out := make([]int, len(places))
	for k, i := range places {
		out[k] = int(i)
	}
	return out
}

// counter counts the distances of a growing set of genes.
type counter struct {
	d      *Distances
	mask   []uint64 // the genes so far
	comp   []int    // their number in each component
	counts []int    // pairs at each distance
	pairs  int
	size   int
}

func (d *Distances) counter() *counter {
	return &counter{d: d, mask: make([]uint64, d.row), comp: make([]int, d.comps), counts: make([]int, d.far+1)}
}

func (c *counter) reset() {
	clear(c.mask)
	clear(c.comp)
	clear(c.counts)
	c.pairs, c.size = 0, 0
}

func (c *counter) has(i int32) bool { return c.mask[i/64]>>(i%64)&1 == 1 }

// add counts gene i's pairs with those so far, of which it is none, and adds it.
func (c *counter) add(i int) {
	d := c.d
	left := c.comp[d.of[i]]
	if d.most != 1 { // where neighbours are what the others leave, nothing to count
		for _, j := range d.g.neighbours(i) {
			if c.has(j) {
				c.counts[1]++
				left--
			}
		}
	}
	for _, p := range d.dense {
		n := 0
		for k, x := range p.bits[i*d.row : (i+1)*d.row] {
			n += bits.OnesCount64(x & c.mask[k])
		}
		c.counts[p.distance] += n
		left -= n
	}
	for k := d.rare.start[i]; k < d.rare.start[i+1]; k++ {
		if c.has(d.rare.near[k]) {
			c.counts[d.rare.level[k]]++
			left--
		}
	}
	if left > 0 {
		c.counts[d.most] += left
	}
	c.pairs += c.size
	c.size++
	c.comp[d.of[i]]++
	c.mask[i/64] |= 1 << (i % 64)
}

func (c *counter) distance() Distance {
	out := Distance{Pairs: c.pairs}
	for l, n := range c.counts {
		out.add(l, n)
	}
	return out
}

// Within are the distances of all pairs of the genes of a set, as Graph.Within.
func (d *Distances) Within(genes []string) (Distance, error) {
	places, missing := d.g.Places(genes)
	if len(places) < 2 {
		return Distance{}, tooFew(len(places), missing)
	}
	c := d.counter()
	for _, i := range places {
		c.add(i)
	}
	out := c.distance()
	out.Missing = missing
	return out, nil
}
