package stats

import (
	"fmt"
	"math"
	"slices"
	"sort"

	"github.com/gxlab/gxlab/gx/cores"
	"github.com/gxlab/gxlab/gx/fault"
)

// A Library is a named collection of gene sets; p values are adjusted within it.
type Library struct {
	Name string
	Sets GeneSets
}

// OverRepresentation asks of every set of a library whether a list of genes holds
// more of the set than as many genes drawn from the universe at random: the
// hypergeometric upper tail, which is Fisher's one-sided exact test.
//
// The universe are the genes that could have come into the list, such as all that
// were measured. It must be told, for the answer hangs on it. Genes are compared by
// name as they are written. In the list, the sets and the universe a gene counts
// once and a gene without a name not at all; genes outside the universe are left out
// of list and sets.
type OverRepresentation struct {
	Universe []string
	MinSize  int  // least size of a set within the universe; 0: 1
	MaxSize  int  // greatest size of a set within the universe; 0: no limit
	MidP     bool // count half of the chance of the overlap itself (Lancaster 1961): less strict
	TwoSided bool // ask for depletion too: Fisher's two-sided test
}

// Term is one gene set of an enrichment.
type Term struct {
	Library, Name, Description string

	Size    int      // of the set within the universe
	Overlap int      // genes of the list in the set
	Genes   []string // those genes, in the list's order

	Expected float64 // overlap of a random list: list · size / universe
	Fold     float64 // Overlap / Expected; NaN of an empty list
	Odds     float64 // sample odds ratio; +Inf without misses, NaN where it has no value
	Estimate float64 // conditional maximum-likelihood odds ratio, R's; NaN as Odds

	P          float64 // 0 only where it is below the least float64: LogP then still holds it
	LogP       float64 // natural logarithm of P
	BH         float64 // P adjusted within the library for the false discovery rate
	Bonferroni float64 // P adjusted within the library for the chance of any false call
}

// Enrichment is what OverRepresentation found.
type Enrichment struct {
	Terms []Term // all sets that were tested, by p, then overlap (more first), library and name

	List       int      // genes of the list that count
	Universe   int      // genes of the universe
	Outside    []string // genes of the list that the universe lacks, which do not count
	Duplicates int      // genes of the list that were there already
	TooSmall   int      // sets left out below MinSize, those with no gene in the universe too
	TooLarge   int      // sets left out above MaxSize
}

// OverRepresented is the OverRepresentation test with its usual settings: is a set
// over-represented, whatever its size?
func OverRepresented(genes []string, library GeneSets, universe []string) (*Enrichment, error) {
	return OverRepresentation{Universe: universe}.Test(genes, Library{Sets: library})
}

// Test asks every set of the libraries. Sets that share no gene with the list are
// tests too and count in the adjustment. An empty list finds nothing: p is 1
// throughout. So does a set that is the whole universe. Errors: no universe, no sets,
// limits that no size meets, and a list of which no gene is in the universe, as when
// it has another kind of names.
func (o OverRepresentation) Test(genes []string, libraries ...Library) (*Enrichment, error) {
	const who = "over-representation"
	universe := distinct(o.Universe)
	if len(universe) == 0 {
		return nil, fault.New(who+": the universe is empty", "", "the genes that were measured")
	}
	if o.MinSize < 0 || o.MaxSize < 0 || o.MaxSize > 0 && o.MaxSize < o.MinSize {
		return nil, fault.New(fmt.Sprintf("%s: no set has %d genes or more and %d or fewer", who, o.MinSize, o.MaxSize), "", "MinSize: 5, MaxSize: 500")
	}
	in := make(map[string]bool, len(universe))
	for _, g := range universe {
		in[g] = true
	}
	e := &Enrichment{Universe: len(universe)}
	place := map[string]int{} // of the list's genes
	seen := map[string]bool{}
	var list []string
	for _, g := range genes {
		switch {
		case g == "":
		case seen[g]:
			e.Duplicates++
		case !in[g]:
			e.Outside = append(e.Outside, g)
		default:
			place[g] = len(list)
			list = append(list, g)
		}
		seen[g] = true
	}
	e.List = len(list)
	if len(list) == 0 && len(e.Outside) > 0 {
		return nil, fault.New(fmt.Sprintf("%s: none of the %d genes (%s …) is in the universe (%s …)", who, len(e.Outside), e.Outside[0], universe[0]), "",
			"genes and universe by the same kind of names, such as symbols")
	}
	sets := 0
	for _, l := range libraries {
		sets += l.Sets.Len()
		for _, s := range l.Sets.All() {
			t := Term{Library: l.Name, Name: s.Name, Description: s.Description}
			var at []int
			for _, g := range s.Genes {
				if in[g] {
					t.Size++
				}
				if i, ok := place[g]; ok {
					at = append(at, i)
				}
			}
			if t.Size < max(1, o.MinSize) {
				e.TooSmall++
				continue
			}
			if o.MaxSize > 0 && t.Size > o.MaxSize {
				e.TooLarge++
				continue
			}
			slices.Sort(at)
			for _, i := range at {
				t.Genes = append(t.Genes, list[i])
			}
			t.Overlap = len(at)
			e.Terms = append(e.Terms, t)
		}
	}
	if sets == 0 {
		return nil, fault.New(who+": there are no gene sets", "", "a library, as datasets.GeneSets reads it")
	}
	weight := 1.0
	if o.MidP {
		weight = 0.5
	}
	side := Greater
	if o.TwoSided {
		side = TwoSided
	}
	cores.Each(len(e.Terms), func(i int) { e.Terms[i].test(e.List, e.Universe, side, weight) })
	e.adjust()
	sort.SliceStable(e.Terms, func(i, j int) bool { return e.Terms[i].before(e.Terms[j]) })
	return e, nil
}

func (t *Term) test(list, universe int, side Side, weight float64) {
	f := FourFold{t.Overlap, list - t.Overlap, t.Size - t.Overlap, universe - list - t.Size + t.Overlap}
	c := f.counts()
	t.Expected = float64(list) * float64(t.Size) / float64(universe)
	t.Fold = float64(t.Overlap) / t.Expected
	t.Odds = f.odds()
	t.Estimate = newNoncentral(c).estimate(t.Overlap)
	t.LogP = c.p(t.Overlap, side, weight)
	t.P = math.Exp(t.LogP)
}

func (e *Enrichment) adjust() {
	p, group := make([]float64, len(e.Terms)), make([]string, len(e.Terms))
	for i, t := range e.Terms {
		p[i], group[i] = t.P, t.Library
	}
	bh, bonferroni := AdjustWithin(p, group, BH), AdjustWithin(p, group, Bonferroni)
	for i := range e.Terms {
		e.Terms[i].BH, e.Terms[i].Bonferroni = bh[i], bonferroni[i]
	}
}

func (t Term) before(u Term) bool {
	switch {
	case t.LogP != u.LogP:
		return t.LogP < u.LogP
	case t.Overlap != u.Overlap:
		return t.Overlap > u.Overlap
	case t.Library != u.Library:
		return t.Library < u.Library
	}
	return t.Name < u.Name
}

// Top is the enrichment with its first n terms only, adjusted as they were.
func (e *Enrichment) Top(n int) *Enrichment {
	out := *e
	out.Terms = e.Terms[:max(0, min(n, len(e.Terms)))]
	return &out
}

// Within is the enrichment with only the terms whose p, adjusted by Benjamini and
// Hochberg, is at most level, such as 0.05.
func (e *Enrichment) Within(level float64) *Enrichment {
	out := *e
	out.Terms = slices.DeleteFunc(slices.Clone(e.Terms), func(t Term) bool { return !(t.BH <= level) })
	return &out
}

// Term is the term of that name, the first if several libraries have it.
func (e *Enrichment) Term(name string) (Term, error) {
	return termOf(e.Terms, name, func(t Term) string { return t.Name })
}

// distinct are the names, each once, in order, without empty ones.
func distinct(names []string) []string {
	seen := make(map[string]bool, len(names))
	var out []string
	for _, g := range names {
		if g != "" && !seen[g] {
			seen[g] = true
			out = append(out, g)
		}
	}
	return out
}
