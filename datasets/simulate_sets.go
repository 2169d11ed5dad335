package datasets

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"

	"github.com/gxlab/gxlab/gx/stats"
)

// GeneSetSimulation is the settings of a simulated library of gene sets over the genes
// of SimulatedAt. SimulatedGeneSets fills them in; any may be changed before Sets or
// Truth.
//
// Planted: a set for every module ("MODULE07"), for every regulator's upstream genes as
// SimulatedDiseases has them ("REG03 upstream"), and pathways, each of which is a part
// of one module ("pathway 012 of MODULE07").
//
// Noise: a module's or regulator's set names each of its genes with the chance Recall,
// and in every set but the random ones the share False is other genes. Random sets
// ("random 005"), of sizes as the pathways', have nothing in common but chance.
//
// Sizes of pathways are spread as those of gene ontology terms of 5 to 500 genes
// roughly are, many small and few large; sets do not form a hierarchy, and two share
// genes only where they are drawn from one module or by chance. Sets of modules and
// regulators that would be smaller than Least are left out: at size tiny many a
// regulator's.
type GeneSetSimulation struct {
	Of Simulation // whose genes and modules these are

	Pathways int // 40, 120 and 400 at sizes tiny, small and paper
	Random   int // as many
	// Recall is the chance that a gene of a module or regulator is in its set: 0.6.
	Recall float64
	// False is the share of a set that does not belong to what it is named for: 0.2.
	False float64
	// Least and Most are the sizes that a set may have: 5 and 500. A pathway is no larger
	// than its module allows.
	Least, Most int
	// Median is of the sizes of pathways before Least and Most cut them: 20.
	Median float64

	err error
}

// SimulatedGeneSets is the library that belongs to SimulatedAt and SimulatedDiseases of
// a size and seed.
//
//	sets := gx.Must(datasets.SimulatedGeneSets("small", 1).Sets())
func SimulatedGeneSets(scale string, seed uint64) GeneSetSimulation {
	of, err := sizeAt(scale, seed)
	n := map[string]int{"tiny": 40, "small": 120, "paper": 400}[scale]
	return GeneSetSimulation{Of: of, Pathways: n, Random: n, Recall: 0.6, False: 0.2, Least: 5, Most: 500, Median: 20, err: err}
}

// GeneSetTruth is what a library has planted.
type GeneSetTruth struct {
	Modules  []Module            `json:"modules"`
	Upstream map[string][]string `json:"upstream"` // regulator → genes
	Sets     []PlantedSet        `json:"sets"`     // in the library's order
}

// PlantedSet is how one set came about.
type PlantedSet struct {
	Name  string   `json:"name"`
	Kind  string   `json:"kind"`  // "module", "upstream", "pathway" or "random"
	Of    string   `json:"of"`    // the module or regulator; "" of random sets
	Right []string `json:"right"` // genes that belong to it
	Wrong []string `json:"wrong"` // others; all of a random set
}

const (
	useSets    = 0x5e7
	sizeSpread = 1.0 // of the logarithm of pathways' sizes
)

func (s GeneSetSimulation) check() error {
	if s.err != nil {
		return s.err
	}
	return within("simulated gene-set library", append(s.Of.limits(), count("Pathways", s.Pathways, 0), count("Random", s.Random, 0),
		share("Recall", s.Recall), limit{"False", s.False, 0, 0.99}, count("Least", s.Least, 1),
		count("Most", s.Most, s.Least), limit{"Median", s.Median, 1, 1e9})...)
}

// Sets is the library.
func (s GeneSetSimulation) Sets() (stats.GeneSets, error) {
	t, err := s.Truth()
	if err != nil {
		return stats.GeneSets{}, err
	}
	var sets []stats.GeneSet
	for _, p := range t.Sets {
		genes := slices.Concat(p.Right, p.Wrong)
		slices.Sort(genes)
		sets = append(sets, stats.GeneSet{Name: p.Name, Description: "simulated " + p.Kind + " set", Genes: genes})
	}
	return stats.NewGeneSets(sets...)
}

// Truth is what is planted.
func (s GeneSetSimulation) Truth() (GeneSetTruth, error) {
	if err := s.check(); err != nil {
		return GeneSetTruth{}, err
	}
	net, genes := s.Of.structure()
	names := geneNames(s.Of.Genes)
	t := GeneSetTruth{Modules: net.modules(genes, names), Upstream: map[string][]string{}}
	for _, u := range s.Of.upstream() {
		r := regulatorName(u.regulator)
		t.Upstream[r] = append(t.Upstream[r], names[u.gene])
	}
	for m, mod := range t.Modules {
		t.add(s.covering(s.Of.stream(useSets, m), "module", mod.Name, mod.Name, mod.Genes, names), s.Least)
	}
	for r := range regulators {
		of := regulatorName(r)
		t.add(s.covering(s.Of.stream(useSets, modules+r), "upstream", of+" upstream", of, t.Upstream[of], names), s.Least)
	}
	var large []Module // enough for the least pathway
	for _, m := range t.Modules {
		if len(m.Genes) >= s.right(s.Least) {
			large = append(large, m)
		}
	}
	for k := range s.Pathways {
		rng := s.Of.stream(useSets, 1<<20+k)
		n := s.size(rng)
		if len(large) == 0 {
			break
		}
		mod := large[rng.IntN(len(large))]
		for s.right(n) > len(mod.Genes) {
			n--
		}
		right := namesOf(mod.Genes, choose(rng, s.right(n), len(mod.Genes)))
		name := fmt.Sprintf("pathway %03d of %s", k+1, mod.Name)
		t.add(PlantedSet{name, "pathway", mod.Name, right, others(rng, names, mod.Genes, n-len(right))}, s.Least)
	}
	for k := range s.Random {
		rng := s.Of.stream(useSets, 1<<21+k)
		t.add(PlantedSet{fmt.Sprintf("random %03d", k+1), "random", "", nil, others(rng, names, nil, s.size(rng))}, s.Least)
	}
	return t, nil
}

// add takes a set that is not too small.
func (t *GeneSetTruth) add(p PlantedSet, least int) {
	if len(p.Right)+len(p.Wrong) >= least {
		t.Sets = append(t.Sets, p)
	}
}

// right is how many of n genes belong to a pathway.
func (s GeneSetSimulation) right(n int) int { return int(math.Round(float64(n) * (1 - s.False))) }

// size is that of a pathway or random set, before its module limits it.
func (s GeneSetSimulation) size(rng *rand.Rand) int {
	n := int(math.Min(math.Round(logNormal(rng, s.Median, sizeSpread)), float64(s.Most)))
	return min(max(n, s.Least), s.Of.Genes)
}

// covering is the set named for what these genes belong to.
func (s GeneSetSimulation) covering(rng *rand.Rand, kind, name, of string, genes, names []string) PlantedSet {
	p := PlantedSet{Name: name, Kind: kind, Of: of}
	for _, g := range genes {
		if rng.Float64() < s.Recall {
			p.Right = append(p.Right, g)
		}
	}
	if most := s.right(s.Most); len(p.Right) > most {
		p.Right = namesOf(p.Right, choose(rng, most, len(p.Right)))
	}
	p.Wrong = others(rng, names, genes, falseAmong(len(p.Right), s.False))
	return p
}
