package datasets

import (
	"context"
	"encoding/json"
	"fmt"
	"hash/fnv"
	"math"
	"reflect"
	"runtime"
	"strings"
	"testing"

	"github.com/gxlab/gxlab/gx"
	"github.com/gxlab/gxlab/gx/stats"
)

// The sum over the bytes of the values was made by the simulator as it was before other
// cohorts were built on it (revision 1), on amd64.
func TestSimulatedValuesStay(t *testing.T) {
	c := sizes["tiny"]
	c.Seed = 1
	d := ran[*SimulatedData](t)(c.Run(context.Background()))
	h := fnv.New64a()
	for _, v := range d.Signal {
		fmt.Fprintf(h, "%x ", math.Float32bits(v))
	}
	if sum := h.Sum64(); sum != 0x4f0adfbef864771a && runtime.GOARCH == "amd64" {
		t.Errorf("values have the sum %#x: raise simulatorRevision", sum)
	}
}

func TestDiseasesAreTheSameOnAnyThreads(t *testing.T) {
	sameOnThreads(t, func(seed uint64) (*SimulatedDiseaseData, error) {
		return SimulatedDiseases("tiny", seed).Run(context.Background())
	})
}

func TestDiseasesLeaveTheHealthyAsTheyAre(t *testing.T) {
	s := SimulatedDiseases("tiny", 2)
	d := ran[*SimulatedDiseaseData](t)(s.Run(context.Background()))
	h := ran[*SimulatedData](t)(s.Of.Run(context.Background()))
	up := map[string]bool{}
	for _, genes := range d.Truth.Upstream {
		for _, g := range genes {
			up[g] = true
		}
	}
	for i, v := range h.Signal {
		if v != d.Signal[i] && !up[d.Genes[i%len(d.Genes)]] {
			t.Fatalf("the value of %s, which is not upstream, changed", d.Genes[i%len(d.Genes)])
		}
	}
	roughly(t, "share of upstream genes", float64(len(up))/float64(len(d.Genes)), 24.0/160, 0.02)
}

// Upstream genes follow their regulator in health, and cases differ from controls in the
// genes of disturbed modules; in upstream genes as far as OwnChange says.
func TestDiseasesPlantWhatTheySay(t *testing.T) {
	for _, own := range []float64{0, 0.2, 1} {
		s := SimulatedDiseases("tiny", 3)
		s.Of.Samples, s.Of.NoStudies = 20, true
		s.Cases, s.Controls, s.OwnChange = 40, 40, own
		d := ran[*SimulatedDiseaseData](t)(s.Run(context.Background()))
		x, of := log2Of(d.Signal), at(d.Genes)
		healthy := indices(len(d.IDs), func(i int) bool { return d.Disease[i] == "healthy" })
		follow, others := 0.0, 0.0
		n := 0.0
		for r, name := range d.Truth.Regulators {
			level := make([]float64, len(healthy))
			for k, i := range healthy {
				level[k] = saturate(d.Truth.Regulation[i][r])
			}
			for _, g := range d.Truth.Upstream[name] {
				follow += math.Abs(correlation(t, level, geneValues(x, len(d.Genes), of[g], healthy)))
				others += math.Abs(correlation(t, level, geneValues(x, len(d.Genes), (of[g]+1)%len(d.Genes), healthy)))
				n++
			}
		}
		if follow/n < 0.3 || follow/n < 1.5*others/n {
			t.Errorf("upstream genes follow their regulator by |r| %.2f, others by %.2f", follow/n, others/n)
		}
		// Mean absolute change between cases and controls, of upstream and of other genes
		// of modules that the disease leaves alone, and of downstream ones.
		var up, down, rest []float64
		for _, k := range d.Truth.Diseases {
			cases := indices(len(d.IDs), func(i int) bool { return d.Disease[i] == k.Name })
			controls := indices(len(d.IDs), func(i int) bool { return d.Condition[i] == "control" && strings.HasPrefix(d.Study[i], k.Name) })
			isUp, isDown := at(k.Upstream), at(k.Downstream)
			for j, g := range d.Genes {
				c := math.Abs(stats.Mean(geneValues(x, len(d.Genes), j, cases)) - stats.Mean(geneValues(x, len(d.Genes), j, controls)))
				_, u := isUp[g]
				_, w := isDown[g]
				switch {
				case u && !w:
					up = append(up, c)
				case w && !u:
					down = append(down, c)
				case !u:
					rest = append(rest, c)
				}
			}
		}
		t.Logf("own change %.1f: change of upstream %.3f, downstream %.3f, other genes %.3f", own, stats.Mean(up), stats.Mean(down), stats.Mean(rest))
		if stats.Mean(down) < 1.5*stats.Mean(rest) {
			t.Error("downstream genes do not change more than others")
		}
		if own == 0 && stats.Mean(up) > 1.5*stats.Mean(rest) {
			t.Error("upstream genes change where they should not")
		}
		if own == 1 && stats.Mean(up) < 1.5*stats.Mean(rest) {
			t.Error("upstream genes do not change with their regulator")
		}
	}
}

func TestGWASHasItsRecallAndFalseShare(t *testing.T) {
	s := SimulatedDiseases("small", 4)
	s.Of.Genes = 8000
	truth := ran[DiseaseTruth](t)(s.Truth())
	for _, want := range []struct{ recall, wrong float64 }{{0.5, 0.5}, {1, 0}, {0.8, 0.2}, {0, 0.5}} {
		s.Recall, s.False = want.recall, want.wrong
		sets := ran[stats.GeneSets](t)(s.GWAS())
		found, size, upstream := 0.0, 0.0, 0.0
		for _, k := range truth.Diseases {
			set := ran[stats.GeneSet](t)(sets.Set(k.Name))
			in := at(k.Upstream)
			for _, g := range set.Genes {
				if _, ok := in[g]; ok {
					found++
				}
			}
			size += float64(len(set.Genes))
			upstream += float64(len(k.Upstream))
		}
		roughly(t, "recall", found/upstream, want.recall, 0.05)
		if size > 0 {
			roughly(t, "false share", 1-found/size, want.wrong, 0.01)
		}
	}
}

func TestDiseasesAsACohort(t *testing.T) {
	t.Setenv("GXLAB_STORE", t.TempDir())
	s := SimulatedDiseases("tiny", 1)
	set := ran[*gx.Set](t)(s.Cohort().Log2().QuantileNormalise().Keep(context.Background(), nil))
	var truth DiseaseTruth
	if err := json.Unmarshal(set.Truth(), &truth); err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(truth, ran[DiseaseTruth](t)(s.Truth())) {
		t.Error("the set's truth is another")
	}
	if set.N() != 160+3*2*12 || set.P() != 500 {
		t.Error(set)
	}
	s.Regulators = 19
	complains(t, "Regulators", s.Cohort().Err())
	complains(t, "huge", SimulatedDiseases("huge", 1).Cohort().Err())
}
