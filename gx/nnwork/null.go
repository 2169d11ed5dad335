package nnwork

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"

	"github.com/gxlab/gxlab/gx/fault"
)

// Measure is a number of gene sets on a graph. It is given genes, as places in
// Genes, and ascending sizes, and returns the number of the set of the first size
// genes for each.
type Measure func(genes, sizes []int) []float64

// Mean measures a set by the mean of values of its genes, one a gene of the graph,
// such as its betweenness.
func Mean(values []float64) Measure {
	return func(genes, sizes []int) []float64 {
		out := make([]float64, 0, len(sizes))
		sum, k := 0.0, 0
		for _, size := range sizes {
			for ; k < size; k++ {
				sum += values[genes[k]]
			}
			out = append(out, sum/float64(size))
		}
		return out
	}
}

// Harmonic measures a set by its harmonic mean distance (see Distance.Harmonic).
func (d *Distances) Harmonic() Measure {
	return func(genes, sizes []int) []float64 {
		out := make([]float64, 0, len(sizes))
		c, k := d.counter(), 0
		for _, size := range sizes {
			for ; k < size; k++ {
				c.add(genes[k])
			}
			out = append(out, c.distance().Harmonic())
		}
		return out
	}
}

// Doubling are the sizes first, 2·first, 4·first … up to last.
func Doubling(first, last int) []int {
	var out []int
	for s := first; s > 0 && s <= last; s *= 2 {
		out = append(out, s)
	}
	return out
}

// Null says what random sets the sets of ranked genes are held against. Its zero
// value takes 1000 of them from all genes of the graph.
type Null struct {
	// Sets is how many random sets there are. The default is 1000.
	Sets int
	// Among are the genes that could have been ranked, such as those measured; the
	// others of the graph are in no set. The default is all.
	Among []string
	// MatchDegree draws random genes with about as many neighbours as the ranked ones
	// (see Graph.Matched), so that hubs are held against hubs.
	MatchDegree bool
	Seed        uint64
}

// SetResult is what a set of ranked genes measures beside random sets of its size.
type SetResult struct {
	Size     int
	Value    float64
	Mean, SD float64 // of the random sets
	Z        float64 // (Value - Mean) / SD: below 0 for nearer, or less central; NaN where SD is 0 or not finite
	// Lower and Upper are the shares of random sets as low, and as high, as Value,
	// itself counted with them so that neither is 0; P is twice the smaller one, at
	// most 1.
	Lower, Upper, P float64
}

// RandomSets are the measures of random gene sets of some sizes.
type RandomSets struct {
	g       *Graph
	null    Null
	measure Measure
	sizes   []int
	in      []bool      // genes that may be in a set
	values  [][]float64 // a row a size, a value a random set; nil where degrees are matched
	bins    []int       // of each gene; nil where they are not
}

// Random measures random gene sets of the given sizes. The smaller ones are part of
// the larger, as with ranked genes. It is done once for all rankings over the same
// genes (with MatchDegree, at each comparison: the sets depend on the ranking).
func (g *Graph) Random(ctx context.Context, measure Measure, sizes []int, null Null) (*RandomSets, error) {
	r := &RandomSets{g: g, null: null, measure: measure, sizes: sizes, in: make([]bool, g.N())}
	if r.null.Sets == 0 {
		r.null.Sets = 1000
	}
	among := g.genes
	if null.Among != nil {
		among = null.Among
	}
	places, _ := g.Places(among)
	for _, i := range places {
		r.in[i] = true
	}
	slices.Sort(places)
	switch {
	case r.null.Sets < 2:
		return nil, fault.New(fmt.Sprintf("%d random sets", r.null.Sets), "", "1000 random sets, or 100 for a quick look")
	case len(sizes) == 0 || sizes[0] < 2 || !slices.IsSorted(sizes):
		return nil, fault.New(fmt.Sprintf("sets of sizes %v", sizes), "", "ascending sizes from 2, such as nnwork.Doubling(100, 10_000)")
	case sizes[len(sizes)-1] > len(places):
		return nil, fault.New(fmt.Sprintf("a set of %d genes, but %d are in the network and could be ranked", sizes[len(sizes)-1], len(places)), "", fmt.Sprintf("sizes up to %d", len(places)))
	}
	if null.MatchDegree {
		r.bins = g.degreeBins(places, binGenes)
		return r, nil
	}
	var err error
	r.values, err = r.draw(ctx, func(rng *rand.Rand, _ []int) []int {
		order := slices.Clone(places)
		last := sizes[len(sizes)-1]
		for k := range last {
			j := k + rng.IntN(len(order)-k)
			order[k], order[j] = order[j], order[k]
		}
		return order[:last]
	}, nil)
	return r, err
}

// draw measures the random sets that pick makes.
func (r *RandomSets) draw(ctx context.Context, pick func(*rand.Rand, []int) []int, ranked []int) ([][]float64, error) {
	values := make([][]float64, len(r.sizes))
	for k := range values {
		values[k] = make([]float64, r.null.Sets)
	}
	err := each(ctx, r.null.Sets, func() struct{} { return struct{}{} }, func(i int, _ struct{}) {
		genes := pick(rand.New(rand.NewPCG(r.null.Seed, uint64(i))), ranked)
		for k, v := range r.measure(genes, r.sizes) {
			values[k][i] = v
		}
	})
	if err != nil {
		return nil, err
	}
	return values, nil
}

// Compare measures the first genes of a ranking, for each size, beside the random
// sets. Genes that the graph lacks, or that could not be drawn, are passed over: a
// set of size k is the first k of the others.
func (r *RandomSets) Compare(ctx context.Context, ranked []string) ([]SetResult, error) {
	all, _ := r.g.Places(ranked)
	places := slices.DeleteFunc(all, func(i int) bool { return !r.in[i] })
	last := r.sizes[len(r.sizes)-1]
	if len(places) < last {
		return nil, fault.New(fmt.Sprintf("%d of the %d ranked genes are in the network; the largest set has %d", len(places), len(ranked), last), "", "smaller sizes, or all genes ranked, named as in the network")
	}
	places = places[:last]
	values := r.values
	if r.bins != nil {
		var err error
		if values, err = r.draw(ctx, r.matched, places); err != nil {
			return nil, err
		}
	}
	out := make([]SetResult, len(r.sizes))
	for k, v := range r.measure(places, r.sizes) {
		out[k] = beside(r.sizes[k], v, values[k])
	}
	return out, nil
}

func beside(size int, v float64, random []float64) SetResult {
	s := SetResult{Size: size, Value: v}
	n := float64(len(random))
	low, high := 1.0, 1.0
	for _, x := range random {
		s.Mean += x / n
		if x <= v {
			low++
		}
		if x >= v {
			high++
		}
	}
	for _, x := range random {
		s.SD += (x - s.Mean) * (x - s.Mean)
	}
	s.SD = math.Sqrt(s.SD / (n - 1))
	s.Z = math.NaN()
	if s.SD > 0 && !math.IsInf(s.SD, 0) {
		s.Z = (v - s.Mean) / s.SD
	}
	s.Lower, s.Upper = low/(n+1), high/(n+1)
	s.P = min(1, 2*min(s.Lower, s.Upper))
	return s
}
