package datasets

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"

	"github.com/gxlab/gxlab/gx/cores"
)

// Simulation is the settings of a simulated cohort. The zero of each switch is the
// calibrated simulator; they exist so that a test can show what each part does.
//
// A test holds its means, variances, spectrum and correlations to two real cohorts
// (testdata/simulator_targets.json), loosely: it tells twice the noise, not half of
// it, and a cohort without study effects passes too. So the size of study effects,
// the least noise and how far modules bend are choices, not measurements. The bend
// is small: 24 linear components hold 98 % of the variance of the modules'
// activity. No gene is silent throughout, and noise does not depend on intensity
// but through background and saturation.
type Simulation struct {
	Samples int // per tissue
	Genes   int
	Studies int // per tissue, each with a control and a treated condition
	Seed    uint64

	NoStudies  bool    // no batch effects
	Linear     bool    // modules follow their regulators linearly
	NoiseTimes float64 // technical noise times this; 0 stands for 1
}

// Simulated cohort as plain data: Signal is samples × genes, not logged.
type SimulatedData struct {
	IDs, Genes                          []string
	Tissue, Study, Condition, Replicate []string
	Signal                              []float32
	Truth                               Truth
}

// Truth is what a simulation has planted.
//
// Tissues differ in the activity of regulators; a condition shifts some of them,
// every donor all of them a little. Modules of genes follow their regulators
// through a saturating, interacting response, and genes follow one module, some
// of them a second. Study effects, array noise and saturation are noise: they are
// in the values and not in the truth.
type Truth struct {
	Modules    []Module    `json:"modules"`
	Regulators []string    `json:"regulators"`
	Activity   [][]float64 `json:"activity"`   // samples × modules
	Regulation [][]float64 `json:"regulation"` // samples × regulators
}

// Module is a set of genes that move together.
type Module struct {
	Name       string   `json:"name"`
	Genes      []string `json:"genes"`      // whose first module it is
	Regulators []string `json:"regulators"` // that it follows
}

var tissues = []string{
	"ESC", "ovary", "skin", "neuron", "HSPC", "macrophage", "B-cell", "T-cell",
	"endothelial", "fibroblast", "skeletal muscle", "heart", "kidney", "lung", "liver", "colon",
}

// The scales of the simulator, set from testdata/simulator_targets.json alone.
const (
	regulators = 24
	modules    = 36
	followed   = 3    // regulators of a module
	leaders    = 6    // regulators of which every module follows one
	tissueSD   = 0.95 // of regulators between tissues
	treatedSD  = 0.5  // of the regulators that a treatment shifts
	donorSD    = 0.36 // of every regulator between donors
	loadMedian = 0.62 // log2 units by which a gene follows its module
	loadSpread = 0.55 // of the logarithm of that
	second     = 0.35 // share of genes with a second module
	studySD    = 0.30 // of a study's own shift of each gene
	factorSD   = 0.28 // of a study's common factors
	factors    = 3
	noiseSD    = 0.26 // of the log2 signal between arrays
	background = 9.0  // signal of an empty spot
	backNoise  = 2.2
	ceiling    = 15.6 // log2 signal at which spots saturate
)

// Run simulates. The same settings give the same bytes on any number of threads.
// Gene-level structure depends on the seed and the gene's index, sample-level
// structure on the seed alone, so that sizes differ in genes and not in samples.
func (c Simulation) Run(ctx context.Context) (*SimulatedData, error) {
	return c.run(ctx, func(int, int) {})
}

func (c Simulation) run(ctx context.Context, tell func(done, total int)) (*SimulatedData, error) {
	p := c.plan()
	shifts := c.shifts(p.studies, p.genes)
	d := p.data
	x, err := matrixOf(len(d.IDs), c.Genes, "the simulation")
	if err != nil {
		return nil, err
	}
	d.Signal = x.Data
	const block = 256
	for lo := 0; lo < len(d.IDs); lo += block {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		tell(lo, len(d.IDs))
		cores.Each(min(block, len(d.IDs)-lo), func(i int) {
			i += lo
			c.array(i, x.Row(i), p.genes, d.Truth.Activity[i], shifts[p.studies[i]], nil)
		})
	}
	return d, nil
}

// plan is what a simulation plants, before any value is made.
type plan struct {
	data    *SimulatedData // without values
	net     *network
	genes   []gene
	studies []int       // of every sample
	tissues [][]float64 // regulators' levels in each tissue
}

func (c Simulation) plan() *plan {
	rng := rand.New(rand.NewPCG(c.Seed, 0x51a))
	p := &plan{net: newNetwork(rng, c.Linear), genes: c.newGenes(c.Genes), data: &SimulatedData{Genes: geneNames(c.Genes)}}
	d := p.data
	d.Truth.Regulation, p.studies, p.tissues = c.samples(rng, d)
	for r := range regulators {
		d.Truth.Regulators = append(d.Truth.Regulators, regulatorName(r))
	}
	for _, l := range d.Truth.Regulation {
		d.Truth.Activity = append(d.Truth.Activity, p.net.respond(l))
	}
	d.Truth.Modules = p.net.modules(p.genes, d.Genes)
	return p
}

// structure is the modules and genes alone, the same as plan's.
func (c Simulation) structure() (net *network, genes []gene) {
	return newNetwork(rand.New(rand.NewPCG(c.Seed, 0x51a)), c.Linear), c.newGenes(c.Genes)
}

func (c Simulation) newGenes(n int) []gene {
	genes := make([]gene, n)
	for j := range genes {
		genes[j] = newGene(rand.New(rand.NewPCG(c.Seed, 0x6e0000000000+uint64(j))))
	}
	return genes
}

// array fills the row of sample i: what its array reads of genes at an activity of
// modules, with a study's shift and, where there is one, a change of each gene's own.
func (c Simulation) array(i int, row []float32, genes []gene, act, shift, own []float64) {
	noise := noiseSD
	if c.NoiseTimes != 0 {
		noise *= c.NoiseTimes
	}
	rng := rand.New(rand.NewPCG(c.Seed, 0xa44a70000000+uint64(i)))
	gain := rng.NormFloat64() * 0.15 // of the whole array, which normalising takes away
	for j, g := range genes {
		x := g.base + g.load*act[g.module] + g.load2*act[g.module2] + shift[j] + gain
		if own != nil {
			x += own[j]
		}
		s := math.Exp2(math.Min(x, ceiling) + noise*g.noise*rng.NormFloat64())
		row[j] = float32(math.Max(4, s+background+backNoise*rng.NormFloat64()))
	}
}

// samples lays out tissues, studies, conditions and donors and returns every
// sample's regulator levels and study, and the tissues' levels.
func (c Simulation) samples(rng *rand.Rand, d *SimulatedData) (levels [][]float64, studies []int, means [][]float64) {
	normal := func(sd float64) []float64 { return normals(rng, regulators, sd) }
	study := 0
	for _, tissue := range tissues {
		own := normal(tissueSD)
		for r := range own {
			own[r] *= leading(r)
		}
		means = append(means, own)
		type group struct {
			study           int
			name, condition string
			shift           []float64
			next            int
		}
		var groups []group
		for s := range c.Studies {
			for k, cond := range []string{"control", "treated"} {
				g := group{study: study, name: fmt.Sprintf("%s study %d", tissue, s+1), condition: cond, shift: normal(0.1)}
				if k == 1 { // a treatment shifts a third of the regulators
					g.condition = fmt.Sprintf("treatment %d", s+1)
					for r := range g.shift {
						if rng.IntN(3) == 0 {
							g.shift[r] += treatedSD * rng.NormFloat64()
						}
					}
				}
				groups = append(groups, g)
			}
			study++
		}
		for i := range c.Samples {
			g := &groups[i%len(groups)]
			g.next++
			donor := normal(donorSD)
			for r := range donor {
				donor[r] += own[r] + g.shift[r]
			}
			levels = append(levels, donor)
			studies = append(studies, g.study)
			d.IDs = append(d.IDs, fmt.Sprintf("SIM%05d", len(d.IDs)+1))
			d.Tissue = append(d.Tissue, tissue)
			d.Study = append(d.Study, g.name)
			d.Condition = append(d.Condition, g.condition)
			d.Replicate = append(d.Replicate, fmt.Sprint(g.next))
		}
	}
	return levels, studies, means
}

// normals are n numbers of a normal distribution around 0.
func normals(rng *rand.Rand, n int, sd float64) []float64 {
	v := make([]float64, n)
	for i := range v {
		v[i] = sd * rng.NormFloat64()
	}
	return v
}

// leading is how much more a regulator differs between tissues than the usual
// one: a few tell most of them apart.
func leading(r int) float64 { return 0.35 + 2.1*math.Exp(-float64(r)/4) }

// network is how modules respond to regulators.
type network struct {
	of     [modules][followed]int
	weight [modules][followed]float64
	pair   [modules]float64 // of the product of the first two
	base   [modules]float64
	linear bool
}

func newNetwork(rng *rand.Rand, linear bool) *network {
	n := &network{linear: linear}
	for m := range modules {
		perm := rng.Perm(regulators)
		first := rng.IntN(leaders) // one of those that lead
		for i := range perm {
			if perm[i] == first {
				perm[0], perm[i] = perm[i], perm[0]
			}
		}
		for i, r := range perm[:followed] {
			n.of[m][i] = r
			n.weight[m][i] = (0.6 + 0.5*rng.Float64()) * float64(1-2*rng.IntN(2))
		}
		n.pair[m] = 0.6 * rng.NormFloat64()
		n.base[m] = 0.4 * rng.NormFloat64()
	}
	return n
}

// modules are the sets of genes that follow the network.
func (n *network) modules(genes []gene, names []string) []Module {
	out := make([]Module, modules)
	for m := range out {
		out[m].Name = moduleName(m)
		for _, r := range n.of[m] {
			out[m].Regulators = append(out[m].Regulators, regulatorName(r))
		}
	}
	for j, g := range genes {
		out[g.module].Genes = append(out[g.module].Genes, names[j])
	}
	return out
}

func regulatorName(r int) string { return fmt.Sprintf("REG%02d", r+1) }

func moduleName(m int) string { return fmt.Sprintf("MODULE%02d", m+1) }

// respond is every module's activity, between about −2 and 2.
func (n *network) respond(level []float64) []float64 {
	out := make([]float64, modules)
	for m := range out {
		s := n.base[m]
		for i, r := range n.of[m] {
			s += float64(n.weight[m][i] * level[r])
		}
		if n.linear {
			out[m] = s
			continue
		}
		s += float64(n.pair[m] * level[n.of[m][0]] * level[n.of[m][1]])
		out[m] = saturate(s)
	}
	return out
}

// saturate bends a response so that it stays between −2 and 2.
func saturate(s float64) float64 { return 2 * math.Tanh(s/1.5) }

// gene is how one gene's log2 signal comes about.
type gene struct {
	base            float64
	module, module2 int
	load, load2     float64
	noise           float64   // of its spots, times the common one
	factor          []float64 // how it follows the studies' common factors
}

// baseQuantiles are log2 means of genes at shares 0, 0.05, 0.25, 0.5, 0.75, 0.95
// and 1: between the two sets of testdata/simulator_targets.json.
var baseQuantiles = [...]struct{ share, value float64 }{
	{0, 2.2}, {0.05, 4.3}, {0.25, 5.95}, {0.5, 7.3}, {0.75, 8.55}, {0.95, 10.35}, {1, 13.2},
}

func newGene(rng *rand.Rand) gene {
	var g gene
	u := rng.Float64()
	for i := 1; i < len(baseQuantiles); i++ {
		if a, b := baseQuantiles[i-1], baseQuantiles[i]; u <= b.share {
			g.base = a.value + (b.value-a.value)*(u-a.share)/(b.share-a.share)
			break
		}
	}
	g.module, g.module2 = rng.IntN(modules), rng.IntN(modules)
	size := func() float64 {
		v := loadMedian * math.Exp(loadSpread*rng.NormFloat64())
		if rng.IntN(3) == 0 {
			return -v // a third of a module's genes fall where it rises
		}
		return v
	}
	g.load = size()
	if rng.Float64() < second {
		g.load2 = 0.7 * size()
	}
	g.noise = 0.75 + 0.5*rng.Float64()
	for range factors {
		g.factor = append(g.factor, rng.NormFloat64())
	}
	return g
}

// shifts are the batch effects: study × gene.
func (c Simulation) shifts(studies []int, genes []gene) map[int][]float64 {
	out := map[int][]float64{}
	for _, s := range studies {
		if out[s] != nil {
			continue
		}
		v := make([]float64, len(genes))
		out[s] = v
		if c.NoStudies {
			continue
		}
		rng := rand.New(rand.NewPCG(c.Seed, 0x57d0000000+uint64(s)))
		var f [factors]float64
		for k := range f {
			f[k] = factorSD * rng.NormFloat64()
		}
		for j, g := range genes {
			v[j] = studySD * rng.NormFloat64()
			for k := range f {
				v[j] += float64(f[k] * g.factor[k])
			}
		}
	}
	return out
}

// geneNames are made-up symbols, none of which is a gene's.
func geneNames(n int) []string {
	out := make([]string, n)
	for j := range out {
		out[j] = fmt.Sprintf("SG%05d", j+1)
	}
	return out
}
