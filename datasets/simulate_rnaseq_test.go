package datasets

import (
	"context"
	"encoding/json"
	"math"
	"reflect"
	"slices"
	"testing"

	"github.com/gxlab/gxlab/gx"
	"github.com/gxlab/gxlab/gx/stats"
)

func TestRNASeqIsTheSameOnAnyThreads(t *testing.T) {
	sameOnThreads(t, func(seed uint64) (*SimulatedRNASeqData, error) {
		return SimulatedRNASeq("tiny", seed).Run(context.Background())
	})
}

// everyRow are the indices of all samples.
func everyRow(n int) []int { return indices(n, func(int) bool { return true }) }

func TestRNASeqHasTheSamplesOfTheArrays(t *testing.T) {
	s := SimulatedRNASeq("tiny", 2)
	s.Of.NoStudies = true // whose shifts differ between the platforms
	d := ran[*SimulatedRNASeqData](t)(s.Run(context.Background()))
	a := ran[*SimulatedData](t)(s.Of.Run(context.Background()))
	if !slices.Equal(d.IDs, a.IDs) || !slices.Equal(d.Tissue, a.Tissue) || !slices.Equal(d.Study, a.Study) || !slices.Equal(d.Condition, a.Condition) || d.Disease != nil {
		t.Fatal("the samples are others")
	}
	if !reflect.DeepEqual(d.Truth.Truth, a.Truth) {
		t.Error("other things are planted")
	}
	roughly(t, "missing genes", float64(len(d.Truth.Missing))/float64(len(a.Genes)), s.Missing, 0.04)
	if slices.IsSorted(d.Genes) || len(d.Genes)+len(d.Truth.Missing) != len(a.Genes) {
		t.Error("genes are in order, or some are neither there nor missing")
	}
	sorted := slices.Sorted(slices.Values(slices.Concat(d.Genes, d.Truth.Missing)))
	if !slices.Equal(sorted, a.Genes) {
		t.Error("genes have other names")
	}

	// Genes follow what they follow on arrays: within a gene over samples, and within a
	// sample over genes, where the genes' levels and lengths distort.
	x, y, of := log2Of(a.Signal), logShares(d.Counts, len(d.Genes), 1e6), at(a.Genes)
	rows := everyRow(len(d.IDs))
	var own, other []float64
	for k, g := range d.Genes {
		v := geneValues(y, len(d.Genes), k, rows)
		own = append(own, correlation(t, v, geneValues(x, len(a.Genes), of[g], rows)))
		other = append(other, math.Abs(correlation(t, v, geneValues(x, len(a.Genes), (of[g]+1)%len(a.Genes), rows))))
	}
	first := 0
	var same []float64
	gene := make([]float64, len(d.Genes)) // mean difference of platforms, which aligning takes away
	for k, g := range d.Genes {
		gene[k] = stats.Mean(geneValues(y, len(d.Genes), k, rows)) - stats.Mean(geneValues(x, len(a.Genes), of[g], rows))
	}
	for _, i := range rows {
		reads, centred := make([]float64, len(d.Genes)), make([]float64, len(d.Genes))
		for k := range d.Genes {
			reads[k] = float64(y[i*len(d.Genes)+k])
			centred[k] = reads[k] - gene[k]
		}
		best, at := -1.0, -1
		for _, j := range rows {
			array := make([]float64, len(d.Genes))
			for k, g := range d.Genes {
				array[k] = float64(x[j*len(a.Genes)+of[g]])
			}
			if i == j {
				same = append(same, correlation(t, reads, array))
			}
			if r := correlation(t, centred, array); r > best {
				best, at = r, j
			}
		}
		if at == i {
			first++
		}
	}
	t.Logf("a gene's r between platforms: median %.2f (other genes |r| %.2f); a sample's %.2f; nearest is the same sample in %d of %d",
		stats.Median(own), stats.Median(other), stats.Median(same), first, len(rows))
	if stats.Median(own) < 0.6 || stats.Median(other) > 0.3 {
		t.Error("genes do not follow what they follow on arrays")
	}
	if r := stats.Median(same); r < 0.6 || r > 0.95 {
		t.Errorf("a sample's two profiles have r %.2f: too far or too near", r)
	}
	if float64(first) < 0.8*float64(len(rows)) {
		t.Errorf("the nearest array is the same sample's in %d of %d alone", first, len(rows))
	}
}

// With all else at 0, a gene's counts vary over samples of one expected value as the
// negative binomial says, and not at all more than Poisson where dispersion is 0.
func TestReadsAreNegativeBinomial(t *testing.T) {
	for _, dispersion := range []float64{0, 0.05, 0.5} {
		s := SimulatedRNASeq("tiny", 3)
		s.Of.Samples, s.Of.NoStudies = 40, true
		s.Response, s.GC, s.Library, s.Dispersion, s.Depth = 0, 0, 0, dispersion, 100
		d := ran[*SimulatedRNASeqData](t)(s.Run(context.Background()))
		rows := everyRow(len(d.IDs))
		var ratio []float64
		for k := range d.Genes {
			v := geneValues(d.Counts, len(d.Genes), k, rows)
			m := stats.Mean(v)
			if m > 5 {
				ratio = append(ratio, math.Pow(stats.SD(v), 2)/(m+d.Truth.Dispersion[k]*m*m))
			}
		}
		roughly(t, "variance over what is expected", stats.Mean(ratio), 1, 0.03)
		roughly(t, "median dispersion", stats.Median(d.Truth.Dispersion), dispersion, 0.1*dispersion)
	}
}

// Each distortion does what it says and goes away at 0.
func TestReadDistortions(t *testing.T) {
	base := SimulatedRNASeq("tiny", 4)
	base.Of.NoStudies = true
	base.Affinity, base.Length, base.GC, base.Library, base.Dispersion, base.Missing, base.Depth = 0, 0, 0, 0, 0, 0, 1e5
	// measure is the slope of mean logged reads on log2 length, the standard deviation
	// over samples of the slope on GC, and that of the logged library size.
	measure := func(change func(*RNASeqSimulation)) (length, gc, library, level float64) {
		s := base
		change(&s)
		d := ran[*SimulatedRNASeqData](t)(s.Run(context.Background()))
		y, rows := logShares(d.Counts, len(d.Genes), 1e9), everyRow(len(d.IDs))
		genes := s.Of.newGenes(s.Of.Genes)
		of := at(geneNames(s.Of.Genes))
		var base, mean, lengths, gcs, totals, slopes []float64
		for k, g := range d.Genes {
			mean = append(mean, stats.Mean(geneValues(y, len(d.Genes), k, rows)))
			base = append(base, mean[k]-genes[of[g]].base)
			lengths = append(lengths, math.Log2(d.Truth.Length[k]))
			gcs = append(gcs, (d.Truth.GC[k]-gcMean)/gcSD)
		}
		for i := range rows {
			v, sum := make([]float64, len(d.Genes)), 0.0
			for k := range v {
				v[k] = float64(y[i*len(v)+k]) - mean[k]
				sum += float64(d.Counts[i*len(v)+k])
			}
			slopes, totals = append(slopes, correlation(t, v, gcs)*stats.SD(v)/stats.SD(gcs)), append(totals, math.Log(sum))
		}
		if stats.SD(lengths) > 0 {
			length = correlation(t, base, lengths) * stats.SD(base) / stats.SD(lengths)
		}
		return length, stats.SD(slopes), stats.SD(totals), stats.SD(base)
	}
	_, gc0, library0, level0 := measure(func(*RNASeqSimulation) {})
	length, _, _, _ := measure(func(s *RNASeqSimulation) { s.Length = 0.7 })
	_, gc, _, _ := measure(func(s *RNASeqSimulation) { s.GC = 0.5 })
	_, _, library, _ := measure(func(s *RNASeqSimulation) { s.Library = 0.5 })
	_, _, _, level := measure(func(s *RNASeqSimulation) { s.Affinity = 2 })
	t.Logf("slope on length %.2f; slope on GC varies by %.3f, without %.3f; library %.3f, without %.3f; level %.2f, without %.2f", length, gc, gc0, library, library0, level, level0)
	roughly(t, "slope on length", length, 1, 0.1)
	roughly(t, "spread of the slope on GC", gc, 0.5, 0.1)
	roughly(t, "spread of the library", library, 0.5, 0.1)
	roughly(t, "spread of levels", math.Sqrt(level*level-level0*level0), 2, 0.2)
	if gc0 > 0.1 || library0 > 0.01 {
		t.Error("distortions are there at 0")
	}
	// Reads keep to 2^response: no ceiling and no background.
	s := base
	s.Response = 0
	d := ran[*SimulatedRNASeqData](t)(s.Run(context.Background()))
	genes, of, y := s.Of.newGenes(s.Of.Genes), at(geneNames(s.Of.Genes)), logShares(d.Counts, len(d.Genes), 1e9)
	offset := math.NaN()
	for k, g := range d.Genes {
		v := stats.Mean(geneValues(y, len(d.Genes), k, everyRow(len(d.IDs)))) - genes[of[g]].base
		if math.IsNaN(offset) {
			offset = v
		}
		roughly(t, "reads of "+g+" against its level", v, offset, 0.05)
	}
}

func TestRNASeqOfDiseases(t *testing.T) {
	sick := SimulatedDiseases("tiny", 5)
	s := SimulatedRNASeq("tiny", 5)
	s.Diseases = &sick
	d := ran[*SimulatedRNASeqData](t)(s.Run(context.Background()))
	a := ran[*SimulatedDiseaseData](t)(sick.Run(context.Background()))
	if !slices.Equal(d.IDs, a.IDs) || !slices.Equal(d.Disease, a.Disease) || !reflect.DeepEqual(d.Truth.DiseaseTruth, a.Truth) {
		t.Error("the samples or their truth are not the compendium's")
	}
	// Upstream genes follow their regulator here too, others do not.
	y, of, rows := logShares(d.Counts, len(d.Genes), 1e6), at(d.Genes), everyRow(len(d.IDs))
	var follow, others []float64
	for r, name := range d.Truth.Regulators {
		level := make([]float64, len(rows))
		for i := range rows {
			level[i] = saturate(d.Truth.Regulation[i][r])
		}
		for _, g := range d.Truth.Upstream[name] {
			if k, ok := of[g]; ok {
				follow = append(follow, math.Abs(correlation(t, level, geneValues(y, len(d.Genes), k, rows))))
				others = append(others, math.Abs(correlation(t, level, geneValues(y, len(d.Genes), (k+1)%len(d.Genes), rows))))
			}
		}
	}
	t.Logf("upstream genes follow their regulator by |r| %.2f, others by %.2f", stats.Mean(follow), stats.Mean(others))
	if stats.Mean(follow) < 1.5*stats.Mean(others) {
		t.Error("upstream genes do not follow their regulator")
	}

	key, _ := s.Cohort().Key()
	again := sick
	s.Diseases = &again
	if other, _ := s.Cohort().Key(); other != key {
		t.Error("the same settings have two keys")
	}
	again.Effect = 2
	if other, _ := s.Cohort().Key(); other == key {
		t.Error("other diseases have the same key")
	}
	again.Effect = -1
	complains(t, "Effect", s.Cohort().Err())
}

// Both platforms go through a pipeline and come out with the same genes.
func TestRNASeqAsACohort(t *testing.T) {
	t.Setenv("GXLAB_STORE", t.TempDir())
	s := SimulatedRNASeq("tiny", 1)
	keep := func(c gx.Cohort) *gx.Set { return ran[*gx.Set](t)(c.Keep(context.Background(), nil)) }
	set := keep(s.Cohort().UpperQuartile().Log1p().Split("tissue", 75, 25).TopVariance(100))
	if set.P() != 100 || set.N() != 160 {
		t.Error(set)
	}
	var truth RNASeqTruth
	if err := json.Unmarshal(set.Truth(), &truth); err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(truth, ran[RNASeqTruth](t)(s.Truth())) {
		t.Error("the set's truth is another")
	}
	if table := set.GeneTable(); table == nil || !table.Has("length") || !table.Has("gc") {
		t.Error("the set tells nothing of its genes")
	}
	array, reads := gx.Align(SimulatedAt("tiny", 1).Log2(), s.Cohort().NormaliseTotal(1e6).Log1p())
	a, r := keep(array), keep(reads)
	if !slices.Equal(a.Genes(), r.Genes()) || a.P() != 500-len(truth.Missing) {
		t.Errorf("%d and %d genes are common", a.P(), r.P())
	}
	s.Missing = 1
	complains(t, "Missing", s.Cohort().Err())
	complains(t, "huge", SimulatedRNASeq("huge", 1).Cohort().Err())
}
