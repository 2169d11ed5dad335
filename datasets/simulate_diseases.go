package datasets

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"

	"github.com/gxlab/gxlab/gx"
	"github.com/gxlab/gxlab/gx/cores"
	"github.com/gxlab/gxlab/gx/stats"
)

// DiseaseSimulation is the settings of a simulated compendium with diseases, for the
// question which genes lie upstream of a disease. SimulatedDiseases fills them in;
// any may be changed before Cohort, GWAS, Truth or Run.
//
// Planted: one gene in about seven is upstream of a regulator: its expression follows
// the regulator's level, besides its own module. A disease disturbs a few regulators
// in its cases, and through them the modules that follow them. Upstream genes do
// their work through other means than their amount: of the disturbance their own
// expression shows only the share OwnChange, though in health it follows the
// regulator. Diseases disturb none of the regulators that tell tissues apart most, so
// that a case stays a sample of its tissue.
//
// Noise: how hard a case is hit, donors, study effects (cases and controls of one
// study share them), arrays; and genome-wide association finds an upstream gene with
// the chance Recall and names others besides.
//
// Whether differential expression or a network's codes find the upstream genes
// depends on OwnChange, which is a choice, not a measurement, as are Effect, Recall and
// False. A comparison of methods should be shown at several: at size small a moderated
// t finds upstream genes with an AUC of about 0.5, 0.63 and 0.89 at OwnChange 0, 0.2
// and 1.
type DiseaseSimulation struct {
	Of Simulation // the healthy compendium, and the arrays

	Diseases        int // default 8 as in the second paper; 3 at size tiny
	Studies         int // of each disease, so that one can be kept for validation: 2
	Cases, Controls int // of each study: 30 and 30; 6 and 6 at size tiny
	Regulators      int // that a disease disturbs: 3 of the 18 that it may

	// Effect is the usual size of the disturbance in units of a regulator's level, of
	// which donors differ by 0.36 and tissues by about 1 (standard deviations): 1.
	Effect float64
	// Severity is how much cases differ in it, the standard deviation of its
	// logarithm: 0.3.
	Severity float64
	// OwnChange is the share of the disturbance that upstream genes show in their own
	// expression: 0.2. At 1 they change as the regulator does.
	OwnChange float64
	// Recall is the chance that an upstream gene is in the disease's GWAS set: 0.5.
	Recall float64
	// False is the share of a GWAS set that is not upstream: 0.5, as a variant's
	// nearest gene is often not the one through which it works.
	False float64

	scale string
	err   error
}

// SimulatedDiseases is the simulated compendium with diseases of a size and seed:
// "tiny" (160 healthy samples and 3 diseases × 24, 500 genes), "small" (1040 and
// 8 × 120, 2000 genes) or "paper" (the same samples, 20184 genes). Its healthy samples
// are those of SimulatedAt but for the upstream genes.
//
//	sick := datasets.SimulatedDiseases("small", 1)
//	set := gx.Must(kernel.Keep(sick.Cohort().Log2().QuantileNormalise()))
//	gwas := gx.Must(sick.GWAS())
func SimulatedDiseases(scale string, seed uint64) DiseaseSimulation {
	of, err := sizeAt(scale, seed)
	s := DiseaseSimulation{
		Of: of, Diseases: 8, Studies: 2, Cases: 30, Controls: 30, Regulators: 3, Effect: 1, Severity: 0.3,
		OwnChange: 0.2, Recall: 0.5, False: 0.5, scale: scale, err: err,
	}
	if scale == "tiny" {
		s.Diseases, s.Cases, s.Controls = 3, 6, 6
	}
	return s
}

// SimulatedDiseaseData is the compendium as plain data: Signal is samples × genes, not
// logged. Disease is "healthy" or a disease's name; Condition is "case" or "control" in
// the diseases' studies.
type SimulatedDiseaseData struct {
	IDs, Genes                                   []string
	Tissue, Study, Condition, Disease, Replicate []string
	Signal                                       []float32
	Truth                                        DiseaseTruth
}

// DiseaseTruth is what a compendium with diseases has planted. Activity and Regulation
// are those of the samples as they are, cases with their disease.
type DiseaseTruth struct {
	Truth
	Upstream map[string][]string `json:"upstream"` // regulator → genes
	Diseases []Disease           `json:"diseases"`
	Severity []float64           `json:"severity"` // of every sample; 0 in health
}

// Disease is what one disease does.
type Disease struct {
	Name       string    `json:"name"`
	Tissue     string    `json:"tissue"`     // where it is studied
	Regulators []string  `json:"regulators"` // that it disturbs
	Effects    []float64 `json:"effects"`    // by how much at severity 1
	Upstream   []string  `json:"upstream"`   // genes of those regulators: a perfect GWAS's
	Modules    []string  `json:"modules"`    // that follow one of them
	Downstream []string  `json:"downstream"` // genes of those modules
	// Change is by how much the disease moves each module's activity: the mean over its
	// cases, each against the same donor without it.
	Change []float64 `json:"change"`
}

const (
	upstreamBlock  = 160 // genes, of which one is upstream of each regulator
	diseaseStudies = 1 << 20

	useDisease, useUpstream, useGWAS = 0xd15, 0x095, 0x96a5
)

// disturbed are the regulators that diseases may disturb.
const disturbed = regulators - leaders

func (s DiseaseSimulation) check() error {
	if s.err != nil {
		return s.err
	}
	return within("simulation with diseases", append(s.Of.limits(),
		count("Diseases", s.Diseases, 1), count("Studies", s.Studies, 1), count("Cases", s.Cases, 1), count("Controls", s.Controls, 1),
		limit{"Regulators", float64(s.Regulators), 1, disturbed}, amount("Effect", s.Effect), amount("Severity", s.Severity),
		share("OwnChange", s.OwnChange), share("Recall", s.Recall), limit{"False", s.False, 0, 0.99})...)
}

// upstreamGene is how a gene follows the regulator that it is upstream of.
type upstreamGene struct {
	gene, regulator int
	load            float64 // log2 units
}

// upstream are the upstream genes, in the order of genes: in every block of genes one
// of each regulator.
func (c Simulation) upstream() (all []upstreamGene) {
	for block := 0; block < c.Genes; block += upstreamBlock {
		rng := c.stream(useUpstream, block)
		for r, j := range rng.Perm(upstreamBlock)[:regulators] {
			u := upstreamGene{block + j, r, logNormal(rng, loadMedian, loadSpread)}
			if rng.IntN(3) == 0 {
				u.load = -u.load // as of modules' genes
			}
			if u.gene < c.Genes {
				all = append(all, u)
			}
		}
	}
	slices.SortFunc(all, func(a, b upstreamGene) int { return a.gene - b.gene })
	return all
}

// sickness is one disease's plan.
type sickness struct {
	tissue     int
	regulators []int
	effects    []float64
}

func (s DiseaseSimulation) sickness(d int) sickness {
	where := s.Of.stream(useDisease, 1<<30).Perm(len(tissues))
	rng := s.Of.stream(useDisease, d)
	out := sickness{tissue: where[d%len(where)], regulators: choose(rng, s.Regulators, disturbed)}
	for i := range out.regulators {
		out.regulators[i] += leaders
		out.effects = append(out.effects, s.Effect*(0.7+0.6*rng.Float64())*float64(1-2*rng.IntN(2)))
	}
	return out
}

// diseasePlan is a plan with the diseases' samples.
type diseasePlan struct {
	*plan
	data     *SimulatedDiseaseData // without values
	upstream []upstreamGene
	// own are the regulators' levels that upstream genes follow.
	own [][]float64
}

func (s DiseaseSimulation) plan() *diseasePlan {
	base := s.Of.plan()
	b := base.data
	d := &SimulatedDiseaseData{
		IDs: b.IDs, Genes: b.Genes, Tissue: b.Tissue, Study: b.Study, Condition: b.Condition, Replicate: b.Replicate,
		Disease: slices.Repeat([]string{"healthy"}, len(b.IDs)),
		Truth:   DiseaseTruth{Truth: b.Truth, Upstream: map[string][]string{}, Severity: make([]float64, len(b.IDs))},
	}
	p := &diseasePlan{plan: base, data: d, upstream: s.Of.upstream(), own: slices.Clone(b.Truth.Regulation)}
	for _, u := range p.upstream {
		r := regulatorName(u.regulator)
		d.Truth.Upstream[r] = append(d.Truth.Upstream[r], d.Genes[u.gene])
	}
	for k := range s.Diseases {
		s.add(p, k)
	}
	return p
}

// add lays out the studies of disease k.
func (s DiseaseSimulation) add(p *diseasePlan, k int) {
	sick := s.sickness(k)
	d, t := p.data, p.truthOf(k, sick)
	rng := s.Of.stream(useDisease, 1<<20+k)
	for study := range s.Studies {
		shift := normals(rng, regulators, 0.1)
		for i := range s.Cases + s.Controls {
			level := normals(rng, regulators, donorSD)
			severity := logNormal(rng, 1, s.Severity)
			for r := range level {
				level[r] += p.tissues[sick.tissue][r] + shift[r]
			}
			own := slices.Clone(level)
			disease, condition, replicate := "healthy", "control", i-s.Cases+1
			if i < s.Cases {
				disease, condition, replicate = t.Name, "case", i+1
				before := p.net.respond(level)
				for n, r := range sick.regulators {
					level[r] += severity * sick.effects[n]
					own[r] += s.OwnChange * severity * sick.effects[n]
				}
				for m, a := range p.net.respond(level) {
					t.Change[m] += (a - before[m]) / float64(s.Studies*s.Cases)
				}
			} else {
				severity = 0
			}
			p.own = append(p.own, own)
			p.studies = append(p.studies, diseaseStudies+k*s.Studies+study)
			d.IDs = append(d.IDs, fmt.Sprintf("SIM%05d", len(d.IDs)+1))
			d.Tissue = append(d.Tissue, t.Tissue)
			d.Study = append(d.Study, fmt.Sprintf("%s study %d", t.Name, study+1))
			d.Condition = append(d.Condition, condition)
			d.Disease = append(d.Disease, disease)
			d.Replicate = append(d.Replicate, fmt.Sprint(replicate))
			d.Truth.Severity = append(d.Truth.Severity, severity)
			d.Truth.Regulation = append(d.Truth.Regulation, level)
			d.Truth.Activity = append(d.Truth.Activity, p.net.respond(level))
		}
	}
	d.Truth.Diseases = append(d.Truth.Diseases, t)
}

// truthOf is what disease k does, but for its changes.
func (p *diseasePlan) truthOf(k int, sick sickness) Disease {
	t := Disease{Name: fmt.Sprintf("disease %02d", k+1), Tissue: tissues[sick.tissue], Effects: sick.effects, Change: make([]float64, modules)}
	for _, r := range sick.regulators {
		t.Regulators = append(t.Regulators, regulatorName(r))
	}
	for _, u := range p.upstream {
		if slices.Contains(sick.regulators, u.regulator) {
			t.Upstream = append(t.Upstream, p.data.Genes[u.gene])
		}
	}
	follows := func(m int) bool {
		return slices.ContainsFunc(p.net.of[m][:], func(r int) bool { return slices.Contains(sick.regulators, r) })
	}
	for m, mod := range p.data.Truth.Modules {
		if follows(m) {
			t.Modules = append(t.Modules, mod.Name)
		}
	}
	for j, g := range p.genes {
		if follows(g.module) {
			t.Downstream = append(t.Downstream, p.data.Genes[j])
		}
	}
	return t
}

// Run simulates. The same settings give the same bytes on any number of threads.
func (s DiseaseSimulation) Run(ctx context.Context) (*SimulatedDiseaseData, error) {
	if err := s.check(); err != nil {
		return nil, err
	}
	p := s.plan()
	shifts := s.Of.shifts(p.studies, p.genes)
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	d, n := p.data, s.Of.Genes
	d.Signal = make([]float32, len(d.IDs)*n)
	cores.Each(len(d.IDs), func(i int) {
		own := make([]float64, n)
		for _, u := range p.upstream {
			own[u.gene] = u.load * saturate(p.own[i][u.regulator])
		}
		s.Of.array(i, d.Signal[i*n:(i+1)*n], p.genes, d.Truth.Activity[i], shifts[p.studies[i]], own)
	})
	return d, nil
}

// Cohort is the compendium: array signals, not logged, with the labels tissue, study,
// condition, disease and replicate.
func (s DiseaseSimulation) Cohort() gx.Cohort {
	if err := s.check(); err != nil {
		return gx.Failed(err)
	}
	k := s
	k.scale, k.Recall, k.False = "", 0, 0 // which change no values
	return gx.From(made{simulatedName("diseases", s.scale, s.Of.Seed), fmt.Sprintf("simulated diseases %+v revision %d", k, diseaseRevision), func(ctx context.Context, _ gx.Tell) (*gx.Raw, error) {
		d, err := s.Run(ctx)
		if err != nil {
			return nil, err
		}
		return rawSignal(d.Signal, d.Genes, d.Truth, d.IDs, column{"tissue", d.Tissue}, column{"study", d.Study},
			column{"condition", d.Condition}, column{"disease", d.Disease}, column{"replicate", d.Replicate})
	}})
}

// diseaseRevision is raised when the same settings give other values.
const diseaseRevision = 1

// Truth is what is planted; the cohort's Set.Truth holds the same as JSON.
func (s DiseaseSimulation) Truth() (DiseaseTruth, error) {
	if err := s.check(); err != nil {
		return DiseaseTruth{}, err
	}
	return s.plan().data.Truth, nil
}

// GWAS is a gene set for each disease, by its name, as genome-wide association would
// find it: some of the upstream genes, and others. A higher Recall adds to a set and
// takes nothing away.
func (s DiseaseSimulation) GWAS() (stats.GeneSets, error) {
	t, err := s.Truth()
	if err != nil {
		return stats.GeneSets{}, err
	}
	var sets []stats.GeneSet
	for k, d := range t.Diseases {
		genes := s.associated(s.Of.stream(useGWAS, k), d.Upstream)
		sets = append(sets, stats.GeneSet{Name: d.Name, Description: "simulated genome-wide association", Genes: genes})
	}
	return stats.NewGeneSets(sets...)
}

// associated are the genes that association finds where upstream are the right ones, in
// the order of genes.
func (s DiseaseSimulation) associated(rng *rand.Rand, upstream []string) []string {
	var found []string
	for _, g := range upstream {
		if rng.Float64() < s.Recall {
			found = append(found, g)
		}
	}
	found = append(found, others(rng, geneNames(s.Of.Genes), upstream, falseAmong(len(found), s.False))...)
	slices.Sort(found)
	return found
}
