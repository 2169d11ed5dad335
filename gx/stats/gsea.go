package stats

import (
	"fmt"
	"math"
	"math/bits"
	"math/rand/v2"
	"slices"
	"sort"
	"strings"

	"github.com/gxlab/gxlab/gx/cores"
	"github.com/gxlab/gxlab/gx/fault"
)

// GSEA is gene set enrichment analysis of a ranking (Subramanian et al. 2005,
// "prerank"): do the genes of a set gather at the top or at the bottom of a list
// ranked by a score? Down the ranking a sum steps up at a gene of the set, by its
// score's share, and down at another gene; the enrichment score ES is its farthest
// value from 0. The zero value is the usual test: scores weigh by their size, both
// ends count, 1000 permutations.
//
// Chance is told by random sets of as many genes, the same for all sets of a size
// (Korotkevich et al. 2016), among those whose ES has the sign of the set's own: P is
// (n+1)/(N+1), n of N of them as extreme or more. So P is never below 1/(N+1), and its
// relative standard error is about 1/√(n+1): for smaller p take more permutations.
// NES is ES over the mean of those N.
//
// Genes are ranked by falling score, equal scores by rising name. Where the sum goes
// equally far to both sides ES is 0. A set all of whose scores are 0 steps up evenly.
type GSEA struct {
	Weight       float64 // exponent of the scores' sizes; 0: 1
	Unweighted   bool    // every gene of a set counts the same, the classic Kolmogorov-Smirnov sum
	Permutations int     // random sets of each size; 0: 1000
	Seed         uint64  // of the random sets; results do not depend on the number of threads
	Side         Side    // TwoSided: either end; Greater: the top only; Less: the bottom only
	MinSize      int     // least size of a set within the ranking; 0: 1
	MaxSize      int     // greatest size of a set within the ranking; 0: all genes but one
}

// GSEATerm is one gene set of a GSEA.
type GSEATerm struct {
	Library, Name, Description string

	Size    int      // of the set within the ranking
	ES      float64  // enrichment score, −1 to 1
	NES     float64  // normalised by the mean ES of random sets; NaN where none has its sign
	Leading []string // leading edge: the genes that make the ES, from their end of the ranking on

	P          float64
	BH         float64 // P adjusted within the library for the false discovery rate
	Bonferroni float64 // P adjusted within the library for the chance of any false call

	Extreme int // random sets as extreme or more
	Random  int // random sets with an ES of this sign
}

// GSEAResult is what GSEA found.
type GSEAResult struct {
	Terms []GSEATerm // all sets that were tested, by p, then |NES| (greater first), library and name

	Genes        int // of the ranking
	Tied         int // genes that share their score with another
	Permutations int
	TooSmall     int // sets left out below MinSize, those with no gene in the ranking too
	TooLarge     int // sets left out above MaxSize, those that are the whole ranking too
}

// Prerank is the GSEA with its usual settings.
func Prerank(genes []string, scores []float64, library GeneSets, seed uint64) (*GSEAResult, error) {
	return GSEA{Seed: seed}.Test(genes, scores, Library{Sets: library})
}

// Test ranks genes by their scores and asks every set of the libraries. Genes of a set
// that are not ranked do not count; a set with none, and one that is the whole
// ranking, cannot be tested and is left out. Errors: lists of two lengths, fewer than
// two genes, a gene without a name or twice, a score that is NaN or infinite (by the
// gene's name), no sets, and settings out of range.
func (g GSEA) Test(genes []string, scores []float64, libraries ...Library) (*GSEAResult, error) {
	r, err := g.rank(genes, scores)
	if err != nil {
		return nil, err
	}
	n := len(r.genes)
	if g.Permutations == 0 {
		g.Permutations = 1000
	}
	most := n - 1
	if g.MaxSize > 0 {
		most = min(most, g.MaxSize)
	}
	out := &GSEAResult{Genes: n, Tied: r.tied, Permutations: g.Permutations}
	var sets int
	var where [][]int32 // places of each term's genes
	for _, l := range libraries {
		sets += l.Sets.Len()
		for _, s := range l.Sets.All() {
			var at []int32
			for _, name := range s.Genes {
				if i, ok := r.place[name]; ok {
					at = append(at, int32(i))
				}
			}
			switch {
			case len(at) < max(1, g.MinSize):
				out.TooSmall++
				continue
			case len(at) > most:
				out.TooLarge++
				continue
			}
			slices.Sort(at)
			out.Terms = append(out.Terms, GSEATerm{Library: l.Name, Name: s.Name, Description: s.Description, Size: len(at)})
			where = append(where, at)
		}
	}
	if sets == 0 {
		return nil, fault.New("GSEA: there are no gene sets", "", "a library, as datasets.GeneSets reads it")
	}
	cores.Each(len(where), func(i int) {
		es, peak := r.score(where[i], g.Side)
		out.Terms[i].ES = es
		out.Terms[i].Leading = r.leading(where[i], es, peak)
	})
	g.chance(r, out.Terms)
	p, group := make([]float64, len(out.Terms)), make([]string, len(out.Terms))
	for i, t := range out.Terms {
		p[i], group[i] = t.P, t.Library
	}
	bh, bonferroni := AdjustWithin(p, group, BH), AdjustWithin(p, group, Bonferroni)
	for i := range out.Terms {
		out.Terms[i].BH, out.Terms[i].Bonferroni = bh[i], bonferroni[i]
	}
	sort.SliceStable(out.Terms, func(i, j int) bool { return out.Terms[i].before(out.Terms[j]) })
	return out, nil
}

func (t GSEATerm) before(u GSEATerm) bool {
	a, b := math.Abs(orZero(t.NES)), math.Abs(orZero(u.NES))
	switch {
	case t.P != u.P:
		return t.P < u.P
	case a != b:
		return a > b
	case t.Library != u.Library:
		return t.Library < u.Library
	}
	return t.Name < u.Name
}

// ranked are genes by falling score, and what each weighs.
type ranked struct {
	genes  []string
	place  map[string]int
	weight []float64
	tied   int
}

func (g GSEA) rank(genes []string, scores []float64) (*ranked, error) {
	const who = "GSEA"
	switch {
	case len(genes) != len(scores):
		return nil, fault.New(fmt.Sprintf("%s: %d genes and %d scores", who, len(genes), len(scores)), "", "a score for every gene")
	case len(genes) < 2:
		return nil, fault.New(fmt.Sprintf("%s: a ranking of %d genes", who, len(genes)), "", "all genes that were measured")
	case !(g.Weight >= 0) || math.IsInf(g.Weight, 0):
		return nil, fault.New(fmt.Sprintf("%s: a weight of %g", who, g.Weight), "", "Weight: 1, or Unweighted")
	case g.Permutations < 0:
		return nil, fault.New(fmt.Sprintf("%s: %d permutations", who, g.Permutations), "", "Permutations: 1000")
	case g.MinSize < 0 || g.MaxSize < 0 || g.MaxSize > 0 && g.MaxSize < g.MinSize:
		return nil, fault.New(fmt.Sprintf("%s: no set has %d genes or more and %d or fewer", who, g.MinSize, g.MaxSize), "", "MinSize: 15, MaxSize: 500")
	}
	r := &ranked{genes: make([]string, len(genes)), place: make(map[string]int, len(genes)), weight: make([]float64, len(genes))}
	order := make([]int, len(genes))
	for i, name := range genes {
		if name == "" {
			return nil, fault.New(fmt.Sprintf("%s: gene %d has no name", who, i+1), "", "a name for every gene")
		}
		if !finite(scores[i]) {
			return nil, fault.New(fmt.Sprintf("%s: the score of gene %s is %v", who, name, scores[i]), fmt.Sprintf("gene %d", i+1), "leaving out genes without a score")
		}
		if _, twice := r.place[name]; twice {
			return nil, fault.New(fmt.Sprintf("%s: gene %s is ranked twice", who, name), fmt.Sprintf("gene %d", i+1), "one score a gene, such as that of its best probe")
		}
		r.place[name], order[i] = i, i
	}
	slices.SortFunc(order, func(i, j int) int {
		switch {
		case scores[i] > scores[j]:
			return -1
		case scores[i] < scores[j]:
			return 1
		}
		return strings.Compare(genes[i], genes[j])
	})
	exponent := g.Weight
	if exponent == 0 {
		exponent = 1
	}
	for k, i := range order {
		r.genes[k], r.place[genes[i]] = genes[i], k
		switch {
		case g.Unweighted:
			r.weight[k] = 1
		case exponent == 1:
			r.weight[k] = math.Abs(scores[i])
		default:
			r.weight[k] = math.Pow(math.Abs(scores[i]), exponent)
		}
		if k > 0 && scores[i] == scores[order[k-1]] || k+1 < len(order) && scores[i] == scores[order[k+1]] {
			r.tied++
		}
	}
	return r, nil
}

// rounding is what a sum that ends at 0 may miss it by.
const rounding = 1e-12

// score is the enrichment score of genes at those places, rising, and which of them
// it peaks at: after it for the top, before it for the bottom.
func (r *ranked) score(at []int32, side Side) (es float64, peak int) {
	total := 0.0
	for _, p := range at {
		total += r.weight[p]
	}
	up, even := 1/total, 0.0
	if total == 0 {
		up, even = 0, 1/float64(len(at))
	}
	down := 1 / float64(len(r.weight)-len(at))
	high, low := math.Inf(-1), math.Inf(1)
	highAt, lowAt, sum := 0, 0, 0.0
	for i, p := range at {
		fallen := float64(int(p)-i) * down
		if v := sum*up + even*float64(i) - fallen; v < low {
			low, lowAt = v, i
		}
		sum += r.weight[p]
		if v := sum*up + even*float64(i+1) - fallen; v > high {
			high, highAt = v, i
		}
	}
	switch {
	case side == Greater && high > rounding:
		return high, highAt
	case side == Less && low < -rounding:
		return low, lowAt
	case side != TwoSided:
		return 0, -1
	case high > -low:
		return high, highAt
	case high < -low:
		return low, lowAt
	}
	return 0, -1
}

func (r *ranked) leading(at []int32, es float64, peak int) (names []string) {
	switch {
	case es > 0:
		for _, p := range at[:peak+1] {
			names = append(names, r.genes[p])
		}
	case es < 0:
		for i := len(at) - 1; i >= peak; i-- {
			names = append(names, r.genes[at[i]])
		}
	}
	return names
}

// null is what random sets of one size said so far, and of the sets of that size how
// many were as extreme.
type null struct {
	size     int
	terms    []int
	n        [2]int     // with ES at or above 0, at or below it
	sum      [2]float64 // of their ES
	es       []float64  // of one block of permutations
	extremes []int
}

// chance fills in what random sets tell. A random order of the genes serves all
// sizes: its first genes are a random set of any.
func (g GSEA) chance(r *ranked, terms []GSEATerm) {
	at := map[int]*null{}
	var sizes []*null
	for i, t := range terms {
		s := at[t.Size]
		if s == nil {
			s = &null{size: t.Size}
			at[t.Size] = s
			sizes = append(sizes, s)
		}
		s.terms = append(s.terms, i)
	}
	slices.SortFunc(sizes, func(a, b *null) int { return a.size - b.size })
	if len(sizes) == 0 {
		return
	}
	const block = 256
	for _, s := range sizes {
		s.es, s.extremes = make([]float64, block), make([]int, len(s.terms))
	}
	for first := 0; first < g.Permutations; first += block {
		n := min(block, g.Permutations-first)
		cores.Each(n, func(k int) { g.round(r, uint64(first+k), sizes, k) })
		cores.Each(len(sizes), func(i int) { sizes[i].take(n, terms) })
	}
	for _, s := range sizes {
		for k, i := range s.terms {
			t := &terms[i]
			way := 0
			if t.ES < 0 {
				way = 1
			}
			t.Extreme, t.Random = s.extremes[k], s.n[way]
			t.P = float64(t.Extreme+1) / float64(t.Random+1)
			t.NES = t.ES / math.Abs(s.sum[way]/float64(t.Random))
			if t.ES == 0 {
				t.P, t.NES = 1, 0
			}
		}
	}
}

// round scores the sets of one random order.
func (g GSEA) round(r *ranked, number uint64, sizes []*null, k int) {
	rng := rand.New(rand.NewPCG(g.Seed, 0x65ea<<32+number))
	n := len(r.genes)
	order := make([]int32, n)
	for i := range order {
		order[i] = int32(i)
	}
	in := make([]uint64, (n+63)/64)
	places := make([]int32, 0, sizes[len(sizes)-1].size)
	drawn := 0
	for _, s := range sizes {
		for ; drawn < s.size; drawn++ {
			j := drawn + rng.IntN(n-drawn)
			order[drawn], order[j] = order[j], order[drawn]
			in[order[drawn]>>6] |= 1 << (order[drawn] & 63)
		}
		places = places[:0]
		for w, word := range in {
			for ; word != 0; word &= word - 1 {
				places = append(places, int32(w<<6+bits.TrailingZeros64(word)))
			}
		}
		s.es[k], _ = r.score(places, g.Side)
	}
}

func (s *null) take(n int, terms []GSEATerm) {
	for _, v := range s.es[:n] {
		if v >= 0 {
			s.n[0]++
			s.sum[0] += v
		}
		if v <= 0 {
			s.n[1]++
			s.sum[1] += v
		}
		for k, i := range s.terms {
			if es := terms[i].ES; es >= 0 && v >= es || es < 0 && v <= es {
				s.extremes[k]++
			}
		}
	}
}
