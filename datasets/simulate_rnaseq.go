package datasets

import (
	"context"
	"fmt"
	"math"
	"slices"
	"strconv"

	"github.com/gxlab/gxlab/gx"
	"github.com/gxlab/gxlab/gx/cores"
	"github.com/gxlab/gxlab/gx/fault"
	"github.com/gxlab/gxlab/gx/frame"
)

// RNASeqSimulation is the settings of a second platform: RNA-seq read counts of the very
// samples of a simulated array cohort. SimulatedRNASeq fills them in; any may be changed
// before Cohort, Truth or Run.
//
// Planted: every sample's regulators and modules (and, with Diseases, its disease) act on
// the genes as they do in the array cohort. Samples have the same IDs and labels, genes
// the same names, but stand in another order, and some are not on this platform. Reads
// do not saturate and have no background.
//
// Noise: a gene's level differs between the platforms by Affinity, and gets reads by its
// length and, differently in each sample, by its GC content; libraries differ in size;
// studies have shifts of their own, of the same size as the arrays' and independent of
// them; and counts are negative binomial: variance = mean + dispersion · mean².
//
// A gene's logged reads and array signals correlate over samples by about 0.6 in the
// median, and by 0.8 without the studies' shifts.
//
// Not in it: transcripts, mapping errors, reads that stand there twice, bias by position,
// and noise that two platforms share. It is not held to real RNA-seq; all settings are
// choices.
type RNASeqSimulation struct {
	Of Simulation // the array cohort
	// Diseases, where not nil, is the compendium whose samples these are, in the place of
	// Of.
	Diseases *DiseaseSimulation

	Missing float64 // share of genes that the platform lacks: 0.1
	// Depth is the usual number of reads of a sample per gene: 1000, which is 20 million
	// at size paper.
	Depth float64
	// Library is how much samples differ in it, the standard deviation of its logarithm:
	// 0.35.
	Library float64
	// Length is the standard deviation of the logarithm of genes' lengths, around 2,500
	// bases: 0.7.
	Length float64
	// Affinity is the standard deviation of genes' levels between the platforms in log2
	// units: 1.
	Affinity float64
	// GC is the standard deviation over samples of the log2 fold change that comes with
	// one standard deviation of GC content: 0.2.
	GC float64
	// Dispersion is the median of genes' dispersions: 0.05, of which genes differ by a
	// standard deviation of the logarithm of 0.4. At 0 counts are Poisson.
	Dispersion float64
	// Response is how many times the log2 changes of the arrays those of reads are: 1.2.
	Response float64

	scale string
	err   error
}

// SimulatedRNASeq is the second platform of SimulatedAt of a size and seed.
//
//	array, reads := gx.Align(datasets.SimulatedAt("small", 1), datasets.SimulatedRNASeq("small", 1).Cohort())
func SimulatedRNASeq(scale string, seed uint64) RNASeqSimulation {
	of, err := sizeAt(scale, seed)
	return RNASeqSimulation{
		Of: of, Missing: 0.1, Depth: 1000, Library: 0.35, Length: 0.7, Affinity: 1, GC: 0.2, Dispersion: 0.05, Response: 1.2,
		scale: scale, err: err,
	}
}

// SimulatedRNASeqData is the second platform's data: Counts is samples × genes. Disease
// is empty without diseases.
type SimulatedRNASeqData struct {
	IDs, Genes                                   []string
	Tissue, Study, Condition, Disease, Replicate []string
	Counts                                       []float32
	Truth                                        RNASeqTruth
}

// RNASeqTruth is what was planted in the samples, as of the array cohort (the fields of
// diseases are empty without any), and how the platform distorts it. Modules name all
// genes, missing ones too.
type RNASeqTruth struct {
	DiseaseTruth
	Missing    []string  `json:"missing"`    // genes that are not on the platform
	Length     []float64 `json:"length"`     // of every gene of the platform, bases
	GC         []float64 `json:"gc"`         // its share of G and C
	Dispersion []float64 `json:"dispersion"` // of its counts
	Library    []float64 `json:"library"`    // expected reads of every sample
}

const (
	useRNASeq    = 0x5e9
	rnaStudies   = 1 << 24 // studies have other shifts than the arrays'
	lengthMedian = 2500
	gcMean, gcSD = 0.46, 0.08
)

func (s RNASeqSimulation) check() error {
	if s.err != nil {
		return s.err
	}
	if s.Diseases != nil {
		if err := s.Diseases.check(); err != nil {
			return err
		}
	}
	return within("simulated RNA-seq cohort", append(s.of().limits(), limit{"Missing", s.Missing, 0, 0.99},
		limit{"Depth", s.Depth, 1e-3, 1e6}, limit{"Library", s.Library, 0, 5}, limit{"Length", s.Length, 0, 5}, limit{"Affinity", s.Affinity, 0, 10},
		limit{"GC", s.GC, 0, 5}, limit{"Dispersion", s.Dispersion, 0, 100}, limit{"Response", s.Response, 0, 10})...)
}

func (s RNASeqSimulation) of() Simulation {
	if s.Diseases != nil {
		return s.Diseases.Of
	}
	return s.Of
}

// readGene is how one gene of the platform gets its reads.
type readGene struct {
	gene       int
	level      float64 // log2 of its reads, but for what samples do
	gc         float64 // standard deviations from the mean
	dispersion float64
}

// platform are the genes that this platform has, in its order, and those that it has
// not.
func (s RNASeqSimulation) platform(t *RNASeqTruth, names []string) (have []readGene, has []string) {
	of := s.of()
	for _, j := range of.stream(useRNASeq, 1<<30).Perm(of.Genes) {
		rng := of.stream(useRNASeq, 1<<25+j)
		gone := rng.Float64() < s.Missing
		length, gc := logNormal(rng, lengthMedian, s.Length), rng.NormFloat64()
		own, dispersion := s.Affinity*rng.NormFloat64(), logNormal(rng, s.Dispersion, 0.4)
		if gone {
			t.Missing = append(t.Missing, names[j])
			continue
		}
		have = append(have, readGene{j, own + math.Log2(length/lengthMedian), gc, dispersion})
		has = append(has, names[j])
		t.Length = append(t.Length, math.Round(length))
		t.GC = append(t.GC, math.Min(math.Max(gcMean+float64(gcSD*gc), 0.2), 0.8))
		t.Dispersion = append(t.Dispersion, dispersion)
	}
	slices.Sort(t.Missing)
	return have, has
}

// samplePlan is the array cohort's plan, with diseases or without.
func (s RNASeqSimulation) samplePlan() *diseasePlan {
	if s.Diseases != nil {
		return s.Diseases.plan()
	}
	base := s.Of.plan()
	b := base.data
	return &diseasePlan{plan: base, data: &SimulatedDiseaseData{
		IDs: b.IDs, Genes: b.Genes, Tissue: b.Tissue, Study: b.Study, Condition: b.Condition, Replicate: b.Replicate,
		Truth: DiseaseTruth{Truth: b.Truth},
	}}
}

// planned is everything but the counts.
func (s RNASeqSimulation) planned() (d *SimulatedRNASeqData, p *diseasePlan, have []readGene) {
	p = s.samplePlan()
	a := p.data
	d = &SimulatedRNASeqData{
		IDs: a.IDs, Tissue: a.Tissue, Study: a.Study, Condition: a.Condition, Disease: a.Disease, Replicate: a.Replicate,
		Truth: RNASeqTruth{DiseaseTruth: a.Truth},
	}
	have, d.Genes = s.platform(&d.Truth, a.Genes)
	for i := range d.IDs {
		d.Truth.Library = append(d.Truth.Library, logNormal(s.of().stream(useRNASeq, 1<<26+i), s.Depth*float64(len(have)), s.Library))
	}
	return d, p, have
}

// Run simulates. The same settings give the same bytes on any number of threads.
func (s RNASeqSimulation) Run(ctx context.Context) (*SimulatedRNASeqData, error) {
	if err := s.check(); err != nil {
		return nil, err
	}
	d, p, have := s.planned()
	if len(have) == 0 {
		return nil, fault.New("a simulated RNA-seq platform has none of the genes", gx.Caller(), "more genes, or a lower Missing")
	}
	of := s.of()
	for i := range p.studies {
		p.studies[i] += rnaStudies
	}
	shifts := of.shifts(p.studies, p.genes)
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	d.Counts = make([]float32, len(d.IDs)*len(have))
	cores.Each(len(d.IDs), func(i int) {
		rng := of.stream(useRNASeq, i)
		slope := s.GC * rng.NormFloat64()
		act, shift := d.Truth.Activity[i], shifts[p.studies[i]]
		own := make([]float64, of.Genes)
		for _, u := range p.upstream {
			own[u.gene] = u.load * saturate(p.own[i][u.regulator])
		}
		mean, sum := make([]float64, len(have)), 0.0
		for k, h := range have {
			g := p.genes[h.gene]
			x := g.base + h.level + float64(slope*h.gc)
			x += float64(s.Response * (float64(g.load*act[g.module]) + float64(g.load2*act[g.module2]) + own[h.gene] + shift[h.gene]))
			mean[k] = math.Exp2(x)
			sum += mean[k]
		}
		row := d.Counts[i*len(have) : (i+1)*len(have)]
		for k, h := range have {
			row[k] = float32(negativeBinomial(rng, mean[k]/sum*d.Truth.Library[i], h.dispersion))
		}
	})
	return d, nil
}

// Cohort is the second platform: read counts, with the labels tissue, study, condition,
// replicate and, with diseases, disease. Its table of genes has the columns length and
// gc.
func (s RNASeqSimulation) Cohort() gx.Cohort {
	if err := s.check(); err != nil {
		return gx.Failed(err)
	}
	k := s
	k.scale, k.Diseases = "", nil
	key := fmt.Sprintf("simulated RNA-seq %+v", k)
	if s.Diseases != nil {
		sick := *s.Diseases // which may be changed afterwards
		s.Diseases = &sick
		of, err := sick.Cohort().Key()
		if err != nil {
			return gx.Failed(err)
		}
		k.Of = Simulation{}
		key = fmt.Sprintf("simulated RNA-seq %+v of %s", k, of)
	}
	return gx.From(made{simulatedName("RNA-seq", s.scale, s.of().Seed), fmt.Sprintf("%s revision %d", key, rnaseqRevision), func(ctx context.Context, _ gx.Tell) (*gx.Raw, error) {
		d, err := s.Run(ctx)
		if err != nil {
			return nil, err
		}
		cols := []column{{"tissue", d.Tissue}, {"study", d.Study}, {"condition", d.Condition}, {"replicate", d.Replicate}}
		if s.Diseases != nil {
			cols = append(cols, column{"disease", d.Disease})
		}
		raw, err := rawSignal(d.Counts, d.Genes, d.Truth, d.IDs, cols...)
		if err != nil {
			return nil, err
		}
		raw.GeneTable, err = geneColumns(d)
		return raw, err
	}})
}

// geneColumns is what the platform tells of its genes.
func geneColumns(d *SimulatedRNASeqData) (*frame.Table, error) {
	length, gc := make([]string, len(d.Genes)), make([]string, len(d.Genes))
	for k := range d.Genes {
		length[k] = strconv.FormatFloat(d.Truth.Length[k], 'f', 0, 64)
		gc[k] = strconv.FormatFloat(d.Truth.GC[k], 'f', 3, 64)
	}
	t, err := frame.New(d.Genes).With("length", length)
	if err != nil {
		return nil, err
	}
	return t.With("gc", gc)
}

// rnaseqRevision is raised when the same settings give other values.
const rnaseqRevision = 1

// Truth is what is planted; the cohort's Set.Truth holds the same as JSON.
func (s RNASeqSimulation) Truth() (RNASeqTruth, error) {
	if err := s.check(); err != nil {
		return RNASeqTruth{}, err
	}
	d, _, _ := s.planned()
	return d.Truth, nil
}
