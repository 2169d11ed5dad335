package stats

import (
	"fmt"
	"slices"
	"sort"
	"strings"

	"github.com/gxlab/gxlab/gx/fault"
)

// A GeneSet is genes that belong together: a pathway, the genes of a disease.
type GeneSet struct {
	Name        string
	Description string
	Genes       []string // each once, in the order of their source
}

// GeneSets is a collection of gene sets, each of another name. It is immutable; the
// zero value is empty.
type GeneSets struct {
	sets []GeneSet
	at   map[string]int
}

// NewGeneSets is the collection of those sets. Genes that a set names twice and
// genes without a name are left out; a set without a name and two of one name are
// errors.
func NewGeneSets(sets ...GeneSet) (GeneSets, error) {
	out := GeneSets{at: make(map[string]int, len(sets))}
	for i, s := range sets {
		if s.Name == "" {
			return GeneSets{}, fault.New(fmt.Sprintf("gene set %d has no name", i+1), "", "a name for each")
		}
		if _, twice := out.at[s.Name]; twice {
			return GeneSets{}, fault.New(fmt.Sprintf("two gene sets are called %q", s.Name), "", "a name for each")
		}
		seen := make(map[string]bool, len(s.Genes))
		own := s
		own.Genes = nil
		for _, g := range s.Genes {
			if g != "" && !seen[g] {
				seen[g] = true
				own.Genes = append(own.Genes, g)
			}
		}
		out.at[s.Name] = len(out.sets)
		out.sets = append(out.sets, own)
	}
	return out, nil
}

// Len is the number of sets.
func (s GeneSets) Len() int { return len(s.sets) }

// All are the sets, in order. They must not be changed.
func (s GeneSets) All() []GeneSet { return s.sets }

// Names are the sets' names, in order.
func (s GeneSets) Names() []string {
	out := make([]string, len(s.sets))
	for i, g := range s.sets {
		out[i] = g.Name
	}
	return out
}

// Set is the set of that name, or an error that lists names like it.
func (s GeneSets) Set(name string) (GeneSet, error) {
	if i, ok := s.at[name]; ok {
		return s.sets[i], nil
	}
	var like []string
	for _, g := range s.sets {
		if strings.Contains(strings.ToLower(g.Name), strings.ToLower(name)) && len(like) < 5 {
			like = append(like, g.Name)
		}
	}
	if len(s.sets) == 0 {
		return GeneSet{}, fault.New(fmt.Sprintf("there is no gene set %q: the collection is empty", name), "", "sets that are not too small or large, and genes by the names that the sets use")
	}
	if like == nil {
		like = s.Names()[:min(5, len(s.sets))]
	}
	return GeneSet{}, fault.New(fmt.Sprintf("there is no gene set %q", name), "", "one such as "+strings.Join(like, ", "))
}

// Genes are all genes of all sets, each once, sorted.
func (s GeneSets) Genes() []string {
	seen := map[string]bool{}
	for _, g := range s.sets {
		for _, name := range g.Genes {
			seen[name] = true
		}
	}
	out := make([]string, 0, len(seen))
	for name := range seen {
		out = append(out, name)
	}
	sort.Strings(out)
	return out
}

// Sized are the sets of at least least and at most most genes; most 0 is no limit.
func (s GeneSets) Sized(least, most int) GeneSets {
	return s.keep(func(g GeneSet) bool { return len(g.Genes) >= least && (most == 0 || len(g.Genes) <= most) })
}

// Named are the sets whose name holds one of the texts, whatever the case.
func (s GeneSets) Named(texts ...string) GeneSets {
	return s.keep(func(g GeneSet) bool {
		return slices.ContainsFunc(texts, func(t string) bool { return strings.Contains(strings.ToLower(g.Name), strings.ToLower(t)) })
	})
}

func (s GeneSets) keep(f func(GeneSet) bool) GeneSets {
	out := GeneSets{at: map[string]int{}}
	for _, g := range s.sets {
		if f(g) {
			out.at[g.Name] = len(out.sets)
			out.sets = append(out.sets, g)
		}
	}
	return out
}

// Within are the sets with only the genes of universe, such as those that were
// measured; sets that keep none are left out.
func (s GeneSets) Within(universe []string) GeneSets {
	in := make(map[string]bool, len(universe))
	for _, g := range universe {
		in[g] = true
	}
	out := GeneSets{at: map[string]int{}}
	for _, g := range s.sets {
		own := g
		own.Genes = nil
		for _, name := range g.Genes {
			if in[name] {
				own.Genes = append(own.Genes, name)
			}
		}
		if len(own.Genes) > 0 {
			out.at[g.Name] = len(out.sets)
			out.sets = append(out.sets, own)
		}
	}
	return out
}

// With are the sets of both collections; of a name that both have it is an error.
func (s GeneSets) With(other GeneSets) (GeneSets, error) {
	return NewGeneSets(append(slices.Clone(s.sets), other.sets...)...)
}

// Add is the collection and one more set, such as genes of your own; a name that is
// there already is an error.
func (s GeneSets) Add(name string, genes ...string) (GeneSets, error) {
	return NewGeneSets(append(slices.Clone(s.sets), GeneSet{Name: name, Genes: genes})...)
}

// String is the collection in one line.
func (s GeneSets) String() string {
	return fmt.Sprintf("%d gene sets of %d genes", s.Len(), len(s.Genes()))
}
