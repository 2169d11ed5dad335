package datasets

import (
	"math"
	"slices"
	"testing"

	"github.com/gxlab/gxlab/gx/stats"
)

func TestNetworkIsTheSameOnAnyThreads(t *testing.T) {
	sameOnThreads(t, func(seed uint64) ([]Edge, error) { return SimulatedNetwork("tiny", seed).Edges() })
	sameOnThreads(t, func(seed uint64) (NetworkTruth, error) { return SimulatedNetwork("tiny", seed).Truth() })
}

// belongs is the name of every gene's module.
func belongs(m []Module) map[string]string {
	out := map[string]string{}
	for _, x := range m {
		for _, g := range x.Genes {
			out[g] = x.Name
		}
	}
	return out
}

func insideShare(edges []Edge, of map[string]string) float64 {
	n := 0
	for _, e := range edges {
		if of[e.A] == of[e.B] {
			n++
		}
	}
	return float64(n) / float64(len(edges))
}

func TestNetworkPlantsWhatItSays(t *testing.T) {
	s := SimulatedNetwork("small", 2)
	truth := ran[NetworkTruth](t)(s.Truth())
	edges := ran[[]Edge](t)(s.Edges())

	total := float64(s.Of.Genes) * s.Degree / 2
	roughly(t, "number of true edges", float64(len(truth.True)), total, 1)
	roughly(t, "number of edges", float64(len(edges)), total*(1-s.Missing)/(1-s.Spurious), 2)
	community, module := belongs(truth.Communities), belongs(truth.Modules)
	roughly(t, "true edges within communities", insideShare(truth.True, community), s.Within, 0.001)
	same := 0.0
	for g, c := range community {
		if c[len("COMMUNITY"):] == module[g][len("MODULE"):] {
			same++
		}
	}
	roughly(t, "overlap", same/float64(len(community)), s.Overlap+(1-s.Overlap)/modules, 0.03)
	// Edges within expression modules: those within communities whose two genes are
	// both of their module, and few besides.
	if in := insideShare(edges, module); in < 0.15 || in > 0.3 {
		t.Errorf("%.3f of the edges are within expression modules", in)
	}
	is := map[[2]string]bool{}
	for _, e := range truth.True {
		is[[2]string{e.A, e.B}] = true
	}
	var right, wrong []float64
	seen := map[[2]string]bool{}
	for _, e := range edges {
		key := [2]string{min(e.A, e.B), max(e.A, e.B)}
		if e.A == e.B || seen[key] || e.Weight < 150 || e.Weight > 999 {
			t.Fatalf("edge %v stands there twice, joins a gene with itself, or has a wrong weight", e)
		}
		seen[key] = true
		if is[key] {
			right = append(right, e.Weight)
		} else {
			wrong = append(wrong, e.Weight)
		}
	}
	roughly(t, "spurious share", float64(len(wrong))/float64(len(edges)), s.Spurious, 0.001)
	more := 0.0
	for i := range wrong {
		if right[i] > wrong[i] {
			more++
		}
	}
	roughly(t, "chance that a true edge has the higher weight", more/float64(len(wrong)), 0.8, 0.03)
}

// A power law's few genes with many edges, and the other end of its exponent: all about
// the same (a Poisson number).
func TestNetworkDegrees(t *testing.T) {
	spread := func(exponent float64) (most, ratio float64) {
		s := SimulatedNetwork("small", 3)
		s.Exponent, s.Spurious, s.Missing = exponent, 0, 0
		degree := map[string]float64{}
		for _, e := range ran[[]Edge](t)(s.Edges()) {
			degree[e.A]++
			degree[e.B]++
		}
		v := make([]float64, 0, s.Of.Genes)
		for _, n := range geneNames(s.Of.Genes) {
			v = append(v, degree[n])
		}
		roughly(t, "mean degree", stats.Mean(v), s.Degree, 0.01)
		return slices.Max(v) / stats.Mean(v), math.Pow(stats.SD(v), 2) / stats.Mean(v)
	}
	most, ratio := spread(2.5)
	even, evenRatio := spread(50)
	t.Logf("most/mean %.1f and %.1f, variance/mean %.1f and %.1f", most, even, ratio, evenRatio)
	if most < 8 || ratio < 5 {
		t.Errorf("the tail is not heavy: the largest degree is %.1f times the mean, variance %.1f times", most, ratio)
	}
	if even > 3 || evenRatio > 1.5 {
		t.Errorf("with a steep law the largest degree is %.1f times the mean, variance %.1f times", even, evenRatio)
	}
}

func TestNetworkExtremes(t *testing.T) {
	module := func(change func(*NetworkSimulation)) (within float64, edges, missing, spurious int) {
		s := SimulatedNetwork("small", 4)
		s.Missing, s.Spurious = 0, 0
		change(&s)
		truth := ran[NetworkTruth](t)(s.Truth())
		e := ran[[]Edge](t)(s.Edges())
		if len(e) > 0 {
			within = insideShare(e, belongs(truth.Modules))
		}
		return within, len(e), len(truth.Missing), len(truth.Spurious)
	}
	if in, n, missing, spurious := module(func(s *NetworkSimulation) { s.Overlap, s.Within = 1, 1 }); in != 1 || missing+spurious != 0 || n != 12000 {
		t.Errorf("of edges within modules alone %.3f are, %d of %d missing, %d spurious", in, missing, n, spurious)
	}
	in, _, _, _ := module(func(s *NetworkSimulation) { s.Overlap = 0 })
	roughly(t, "edges within modules that do not overlap", in, 1.0/modules, 0.01)
	in, _, _, _ = module(func(s *NetworkSimulation) { s.Overlap, s.Within = 1, 0 })
	roughly(t, "edges within communities that have none", in, 0, 0)
	if _, n, _, _ := module(func(s *NetworkSimulation) { s.Missing = 1 }); n != 0 {
		t.Errorf("%d edges, all missing", n)
	}
	if _, n, _, _ := module(func(s *NetworkSimulation) { s.Degree = 0 }); n != 0 {
		t.Errorf("%d edges at degree 0", n)
	}
	for name, change := range map[string]func(*NetworkSimulation){
		"Overlap":  func(s *NetworkSimulation) { s.Overlap = 1.1 },
		"Missing":  func(s *NetworkSimulation) { s.Missing = math.NaN() },
		"Exponent": func(s *NetworkSimulation) { s.Exponent = 2 },
		"Degree":   func(s *NetworkSimulation) { s.Degree = -1 },
		"room":     func(s *NetworkSimulation) { s.Of.Genes, s.Degree, s.Within = 500, 60, 1 },
	} {
		s := SimulatedNetwork("small", 1)
		change(&s)
		_, err := s.Edges()
		complains(t, name, err)
	}
	_, err := SimulatedNetwork("huge", 1).Edges()
	complains(t, "huge", err)
}

func TestGeneSetsAreTheSameOnAnyThreads(t *testing.T) {
	sameOnThreads(t, func(seed uint64) (GeneSetTruth, error) { return SimulatedGeneSets("tiny", seed).Truth() })
}

func TestGeneSetsPlantWhatTheySay(t *testing.T) {
	s := SimulatedGeneSets("small", 2)
	s.Of.Genes = 6000
	truth := ran[GeneSetTruth](t)(s.Truth())
	sets := ran[stats.GeneSets](t)(s.Sets())
	if sets.Len() != len(truth.Sets) {
		t.Fatalf("%d sets, %d planted", sets.Len(), len(truth.Sets))
	}
	members := map[string][]string{}
	for _, m := range truth.Modules {
		members[m.Name] = m.Genes
	}
	for r, genes := range truth.Upstream {
		members[r] = genes
	}
	kinds, right, size, all := map[string]int{}, map[string]float64{}, map[string]float64{}, map[string]float64{}
	var pathways []float64
	for _, p := range truth.Sets {
		set := ran[stats.GeneSet](t)(sets.Set(p.Name))
		in, n := at(members[p.Of]), 0.0
		for _, g := range set.Genes {
			if _, ok := in[g]; ok {
				n++
			}
		}
		if len(set.Genes) < s.Least || len(set.Genes) > s.Most || len(set.Genes) != len(p.Right)+len(p.Wrong) || n != float64(len(p.Right)) {
			t.Fatalf("set %s has %d genes, %v right ones; planted are %d and %d", p.Name, len(set.Genes), n, len(p.Right), len(p.Wrong))
		}
		kinds[p.Kind]++
		right[p.Kind] += n
		size[p.Kind] += float64(len(set.Genes))
		all[p.Kind] += float64(len(in))
		if p.Kind == "pathway" {
			pathways = append(pathways, float64(len(set.Genes)))
		}
	}
	if kinds["module"] != modules || kinds["upstream"] != regulators || kinds["pathway"] != s.Pathways || kinds["random"] != s.Random {
		t.Error(kinds)
	}
	for _, kind := range []string{"module", "upstream"} {
		roughly(t, "recall of "+kind+" sets", right[kind]/all[kind], s.Recall, 0.05)
	}
	for _, kind := range []string{"module", "upstream", "pathway"} {
		roughly(t, "false share of "+kind+" sets", 1-right[kind]/size[kind], s.False, 0.02)
	}
	roughly(t, "right genes of random sets", right["random"], 0, 0)
	roughly(t, "median size of pathways", stats.Median(pathways), s.Median, 5)
}

func TestGeneSetExtremes(t *testing.T) {
	s := SimulatedGeneSets("small", 3)
	s.Recall, s.False, s.Pathways, s.Random = 1, 0, 0, 0
	truth := ran[GeneSetTruth](t)(s.Truth())
	for k, p := range truth.Sets[:modules] {
		if !slices.Equal(p.Right, truth.Modules[k].Genes) || len(p.Wrong) > 0 {
			t.Fatalf("set %s is not its module", p.Name)
		}
	}
	s.Recall, s.Random = 0, 3
	if got := ran[stats.GeneSets](t)(s.Sets()).Names(); !slices.Equal(got, []string{"random 001", "random 002", "random 003"}) {
		t.Errorf("without recall and pathways there are %v", got)
	}
	s = SimulatedGeneSets("small", 3)
	s.Most = 10
	for _, p := range ran[stats.GeneSets](t)(s.Sets()).All() {
		if len(p.Genes) > 10 {
			t.Errorf("set %s has %d genes", p.Name, len(p.Genes))
		}
	}
	s.Most = 4
	_, err := s.Sets()
	complains(t, "Most", err)
	s = SimulatedGeneSets("tiny", 3)
	s.Recall = -0.1
	_, err = s.Sets()
	complains(t, "Recall", err)
	_, err = SimulatedGeneSets("huge", 1).Sets()
	complains(t, "huge", err)
}
