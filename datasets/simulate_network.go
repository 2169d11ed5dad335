package datasets

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"

	"github.com/gxlab/gxlab/gx"
	"github.com/gxlab/gxlab/gx/fault"
)

// NetworkSimulation is the settings of a simulated protein-interaction network of the
// genes of SimulatedAt. SimulatedNetwork fills them in; any may be changed before Edges
// or Truth.
//
// Planted: every gene belongs to one community of the network, which is its expression
// module with the chance Overlap. A share Within of the true edges joins genes of one
// community. A gene's expected number of edges is drawn from a power law, so that few
// genes have many: with Within below 1 the communities hang together through them.
//
// Noise: the network lacks a share of the true edges, and a share of those it has is
// spurious: any two genes. An edge's weight is a confidence in the range of STRING's
// combined scores, 150 to 999, which is higher for true edges than for spurious ones in
// four of five comparisons.
//
// How a gene's edges depend on its expression, and where upstream genes of
// SimulatedDiseases lie, is not planted. The network is not held to a real one: edges
// among the neighbours of a gene come from communities alone, and all settings are
// choices.
type NetworkSimulation struct {
	Of Simulation // whose genes and modules these are

	// Degree is the mean number of true edges of a gene: 6, 12 and 30 at sizes tiny,
	// small and paper.
	Degree float64
	// Exponent is that of the power law of degrees, at least 2.1: 2.5. It holds up to
	// degrees of about the square root of the number of possible partners.
	Exponent float64
	// Within is the share of true edges that join genes of one community: 0.5.
	Within float64
	// Overlap is the chance that a gene's community is its expression module: 0.7.
	// Other genes belong to any community, that one included.
	Overlap float64
	// Missing is the share of true edges that the network lacks: 0.3.
	Missing float64
	// Spurious is the share of the network's edges that are not true: 0.2.
	Spurious float64

	err error
}

// SimulatedNetwork is the network that belongs to SimulatedAt of a size and seed:
// "tiny", "small" or "paper", with 500, 2000 and 20184 genes.
//
//	edges := gx.Must(datasets.SimulatedNetwork("small", 1).Edges())
func SimulatedNetwork(scale string, seed uint64) NetworkSimulation {
	of, err := sizeAt(scale, seed)
	return NetworkSimulation{
		Of: of, Degree: map[string]float64{"tiny": 6, "small": 12, "paper": 30}[scale], Exponent: 2.5,
		Within: 0.5, Overlap: 0.7, Missing: 0.3, Spurious: 0.2, err: err,
	}
}

// NetworkTruth is what a network has planted.
type NetworkTruth struct {
	Modules     []Module `json:"modules"`     // of expression
	Communities []Module `json:"communities"` // of the network: the i-th overlaps the i-th module
	True        []Edge   `json:"true"`        // with their weights, missing ones too
	Missing     []Edge   `json:"missing"`     // true ones that the network lacks
	Spurious    []Edge   `json:"spurious"`    // edges of the network that are not true
}

const useNetwork = 0x2e7

func (s NetworkSimulation) check() error {
	if s.err != nil {
		return s.err
	}
	return within("simulated network", append(s.Of.limits(), count("Genes", s.Of.Genes, 8),
		limit{"Degree", s.Degree, 0, float64(s.Of.Genes-1) / 4}, limit{"Exponent", s.Exponent, 2.1, 100},
		share("Within", s.Within), share("Overlap", s.Overlap), share("Missing", s.Missing), limit{"Spurious", s.Spurious, 0, 0.9})...)
}

// Edges is the network as a database would have it, each pair once, sorted by genes.
func (s NetworkSimulation) Edges() ([]Edge, error) {
	t, err := s.Truth()
	if err != nil {
		return nil, err
	}
	lost := map[[2]string]bool{}
	for _, e := range t.Missing {
		lost[[2]string{e.A, e.B}] = true
	}
	out := slices.DeleteFunc(t.True, func(e Edge) bool { return lost[[2]string{e.A, e.B}] })
	out = append(out, t.Spurious...)
	sortEdges(out)
	return out, nil
}

func sortEdges(edges []Edge) {
	slices.SortFunc(edges, func(a, b Edge) int {
		return slices.Compare([]string{a.A, a.B}, []string{b.A, b.B})
	})
}

// Truth is what is planted.
func (s NetworkSimulation) Truth() (NetworkTruth, error) {
	if err := s.check(); err != nil {
		return NetworkTruth{}, err
	}
	net, genes := s.Of.structure()
	names := geneNames(s.Of.Genes)
	t := NetworkTruth{Modules: net.modules(genes, names), Communities: make([]Module, modules)}
	community, weight := make([]int, len(genes)), make([]float64, len(genes))
	all, members := make([]int, len(genes)), make([][]int, modules)
	for j, g := range genes {
		rng := s.Of.stream(useNetwork, j)
		// At most the weight at which two such genes are joined about once.
		weight[j] = math.Min(math.Pow(1-rng.Float64(), -1/(s.Exponent-1)), math.Sqrt(float64(len(genes))))
		own, other := rng.Float64() < s.Overlap, rng.IntN(modules)
		if community[j] = other; own {
			community[j] = g.module
		}
		all[j], members[community[j]] = j, append(members[community[j]], j)
	}
	for m := range t.Communities {
		t.Communities[m] = Module{Name: fmt.Sprintf("COMMUNITY%02d", m+1), Genes: namesOf(names, members[m])}
	}

	rng := s.Of.stream(useNetwork, 1<<30)
	p := pairs{rng: rng, seen: map[[2]int]bool{}}
	whole := newWheel(all, weight)
	parts := make([]*wheel, modules)
	for m := range parts {
		parts[m] = newWheel(members[m], weight)
	}
	total := int(math.Round(float64(len(genes)) * s.Degree / 2))
	inside := int(math.Round(float64(total) * s.Within))
	add := func(n int, confidence func() float64, draw func() (int, int)) (out []Edge, err error) {
		for range n {
			a, b, ok := p.next(draw)
			if !ok {
				return nil, fault.New(fmt.Sprintf("a simulated network of %d genes has no room for its edges", len(genes)),
					gx.Caller(), "a lower Degree, Within or Spurious")
			}
			out = append(out, Edge{names[a], names[b], 999 - math.Round(849*confidence())})
		}
		return out, nil
	}
	high := func() float64 { u := rng.Float64(); return u * u }
	var err error
	if t.True, err = add(inside, high, func() (int, int) {
		a := whole.draw(rng)
		return a, parts[community[a]].draw(rng)
	}); err != nil {
		return NetworkTruth{}, err
	}
	outside, err := add(total-inside, high, func() (int, int) {
		a, b := whole.draw(rng), whole.draw(rng)
		if community[a] == community[b] {
			return a, a // which is none
		}
		return a, b
	})
	if err != nil {
		return NetworkTruth{}, err
	}
	t.True = append(t.True, outside...)
	for _, i := range choose(rng, int(math.Round(s.Missing*float64(total))), total) {
		t.Missing = append(t.Missing, t.True[i])
	}
	wrong := int(math.Round(float64(total-len(t.Missing)) * s.Spurious / (1 - s.Spurious)))
	if t.Spurious, err = add(wrong, func() float64 { return math.Sqrt(rng.Float64()) }, func() (int, int) { return rng.IntN(len(genes)), rng.IntN(len(genes)) }); err != nil {
		return NetworkTruth{}, err
	}
	sortEdges(t.True)
	sortEdges(t.Missing)
	sortEdges(t.Spurious)
	return t, nil
}

// pairs are pairs of genes, each once.
type pairs struct {
	rng  *rand.Rand
	seen map[[2]int]bool
}

// next is a pair that was not there yet, the lower gene first; false where none is
// found.
func (p pairs) next(draw func() (int, int)) (a, b int, ok bool) {
	for range 20000 {
		a, b = draw()
		if a > b {
			a, b = b, a
		}
		if a != b && !p.seen[[2]int{a, b}] {
			p.seen[[2]int{a, b}] = true
			return a, b, true
		}
	}
	return 0, 0, false
}

// wheel draws genes by their weights.
type wheel struct {
	genes []int
	upTo  []float64
}

func newWheel(genes []int, weight []float64) *wheel {
	w, sum := &wheel{genes: genes}, 0.0
	for _, j := range genes {
		sum += weight[j]
		w.upTo = append(w.upTo, sum)
	}
	return w
}

func (w *wheel) draw(rng *rand.Rand) int {
	i, _ := slices.BinarySearch(w.upTo, rng.Float64()*w.upTo[len(w.upTo)-1])
	return w.genes[i]
}
