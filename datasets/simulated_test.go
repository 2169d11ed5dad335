package datasets

import (
	"context"
	"encoding/json"
	"fmt"
	"math"
	"os"
	"runtime"
	"sort"
	"testing"

	"gonum.org/v1/gonum/mat"

	"github.com/gxlab/gxlab/gx/prep"
	"github.com/gxlab/gxlab/gx/stats"
)

// targets are the statistics of two real cohorts, made by
// testdata/simulator_targets.py before any network was scored on simulated data.
type targets struct {
	GeneMean     []float64          `json:"gene_mean"`     // quantiles 0.05, 0.25, 0.5, 0.75, 0.95
	GeneVariance []float64          `json:"gene_variance"` // the same
	Spectrum     map[string]float64 `json:"spectrum"`      // share of variance of the first k components
	Replicates   *pairStats         `json:"replicates"`
	OtherStudy   *pairStats         `json:"same_tissue_other_study"`
	OtherTissue  *pairStats         `json:"other_tissue"`
	Within       float64            `json:"mean_within_group_variance"`
	Left         float64            `json:"left_by_30"`
}

type pairStats struct {
	R   []float64 `json:"r"` // quantiles 0.1, 0.5, 0.9 over pairs
	MSE []float64 `json:"mse"`
}

func readTargets(t *testing.T) (a, b targets) {
	t.Helper()
	raw, err := os.ReadFile("testdata/simulator_targets.json")
	if err != nil {
		t.Fatal(err)
	}
	var v struct {
		A targets `json:"affy_compendium"`
		B targets `json:"tissue7"`
	}
	if err := json.Unmarshal(raw, &v); err != nil {
		t.Fatal(err)
	}
	return v.A, v.B
}

// measured are the same statistics of a simulated cohort, over as many samples
// as the larger real one has: 15 of each tissue.
func measured(t *testing.T, c Simulation) targets {
	t.Helper()
	d, err := c.Run(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	all := prep.Matrix{Rows: len(d.IDs), Cols: c.Genes, Data: d.Signal}
	var pick []int
	for i := range all.Rows {
		if i%c.Samples < 15 {
			pick = append(pick, i)
		}
	}
	x := all.Pick(pick)
	if err := prep.Log2(x, 0); err != nil {
		t.Fatal(err)
	}
	rows := make([]int, x.Rows)
	for i := range rows {
		rows[i] = i
	}
	target := prep.QuantileTarget(x, rows)
	for i := range rows {
		prep.QuantileNormalise(x.Row(i), target)
	}
	mean, sd := prep.Moments(x, rows)
	variance := make([]float64, len(sd))
	total := 0.0
	for j, s := range sd {
		variance[j] = s * s
		total += s * s
	}
	qs := func(v []float64, ps ...float64) (out []float64) {
		for _, p := range ps {
			out = append(out, stats.Quantile(v, p))
		}
		return out
	}
	m := targets{GeneMean: qs(mean, .05, .25, .5, .75, .95), GeneVariance: qs(variance, .05, .25, .5, .75, .95), Spectrum: map[string]float64{}}
	g := mat.NewSymDense(x.Rows, nil)
	for i := range x.Rows {
		for k := range i + 1 {
			s := 0.0
			for j := range x.Cols {
				s += (float64(x.Row(i)[j]) - mean[j]) * (float64(x.Row(k)[j]) - mean[j])
			}
			g.SetSym(i, k, s)
		}
	}
	var e mat.EigenSym
	if !e.Factorize(g, false) {
		t.Fatal("no eigenvalues")
	}
	ev := e.Values(nil)
	sort.Sort(sort.Reverse(sort.Float64Slice(ev)))
	sum, whole := 0.0, total*float64(x.Rows)
	for i, v := range ev {
		sum += v
		m.Spectrum[fmt.Sprint(i+1)] = sum / whole
	}
	m.Left = (1 - m.Spectrum["30"]) * total / float64(x.Cols)
	list := make([][]float32, x.Rows)
	for i := range list {
		list[i] = x.Row(i)
	}
	r, err := stats.PearsonMatrix(list, list)
	if err != nil {
		t.Fatal(err)
	}
	mse, err := stats.MSEMatrix(list, list)
	if err != nil {
		t.Fatal(err)
	}
	pairs := func(is func(i, k int) bool) *pairStats {
		var rs, es []float64
		for i := range list {
			for k := range i {
				if is(pick[i], pick[k]) {
					rs, es = append(rs, r[i][k]), append(es, mse[i][k])
				}
			}
		}
		return &pairStats{qs(rs, .1, .5, .9), qs(es, .1, .5, .9)}
	}
	m.Replicates = pairs(func(i, k int) bool { return d.Study[i] == d.Study[k] && d.Condition[i] == d.Condition[k] })
	m.OtherStudy = pairs(func(i, k int) bool { return d.Tissue[i] == d.Tissue[k] && d.Study[i] != d.Study[k] })
	m.OtherTissue = pairs(func(i, k int) bool { return d.Tissue[i] != d.Tissue[k] })
	m.Within = m.Replicates.MSE[1] / 2
	return m
}

// misfits are the statistics that lie outside what the two real cohorts span,
// widened by a tolerance: 0.5 log2 units for gene means, a factor of 1.5 for
// variances, 0.05 for shares of variance, 0.03 for correlations.
func misfits(m, a, b targets) (out []string) {
	check := func(name string, v, x, y, add, times float64) {
		lo, hi := math.Min(x, y), math.Max(x, y)
		if v < lo/times-add || v > hi*times+add {
			out = append(out, fmt.Sprintf("%s is %.3f, real cohorts have %.3f and %.3f", name, v, x, y))
		}
	}
	for i, p := range []string{"5", "25", "50", "75", "95"} {
		check("gene mean, percentile "+p, m.GeneMean[i], a.GeneMean[i], b.GeneMean[i], 0.5, 1)
		check("gene variance, percentile "+p, m.GeneVariance[i], a.GeneVariance[i], b.GeneVariance[i], 0, 1.5)
	}
	for _, k := range []string{"1", "2", "5", "10", "20", "30"} {
		check("variance of "+k+" components", m.Spectrum[k], a.Spectrum[k], b.Spectrum[k], 0.05, 1)
	}
	check("replicates' r", m.Replicates.R[1], a.Replicates.R[1], b.Replicates.R[1], 0.03, 1)
	check("replicates' MSE", m.Replicates.MSE[1], a.Replicates.MSE[1], b.Replicates.MSE[1], 0, 1.5)
	// Only one real cohort has a tissue in several studies, some on other platforms.
	check("r across studies", m.OtherStudy.R[1], a.OtherStudy.R[1], a.Replicates.R[1], 0.03, 1)
	check("other tissues' r", m.OtherTissue.R[1], a.OtherTissue.R[1], b.OtherTissue.R[1], 0.03, 1)
	check("other tissues' MSE", m.OtherTissue.MSE[1], a.OtherTissue.MSE[1], b.OtherTissue.MSE[1], 0, 1.5)
	check("left by 30 components", m.Left, a.Left, b.Left, 0, 1.5)
	return out
}

func TestSimulatorIsHeldToRealCohorts(t *testing.T) {
	a, b := readTargets(t)
	for seed := uint64(1); seed <= 5; seed++ {
		c := sizes["small"]
		c.Seed = seed
		m := measured(t, c)
		t.Logf("seed %d: means %.2f, variances %.2f, components 1 %.2f 2 %.2f 5 %.2f 10 %.2f 20 %.2f 30 %.2f, r replicates %.3f studies %.3f tissues %.3f, mse %.2f %.2f %.2f, left %.3f",
			seed, m.GeneMean, m.GeneVariance, m.Spectrum["1"], m.Spectrum["2"], m.Spectrum["5"], m.Spectrum["10"], m.Spectrum["20"], m.Spectrum["30"],
			m.Replicates.R[1], m.OtherStudy.R[1], m.OtherTissue.R[1], m.Replicates.MSE[1], m.OtherStudy.MSE[1], m.OtherTissue.MSE[1], m.Left)
		for _, w := range misfits(m, a, b) {
			t.Errorf("seed %d: %s", seed, w)
		}
	}
}

// The check above must be able to fail: it does for a simulator with four times
// the noise, and for one with hardly any noise and no studies.
func TestTheHoldCanFail(t *testing.T) {
	a, b := readTargets(t)
	for name, c := range map[string]Simulation{
		"noise": {Samples: 65, Genes: 1000, Studies: 5, Seed: 1, NoiseTimes: 4},
		"none":  {Samples: 65, Genes: 1000, Studies: 5, Seed: 1, NoiseTimes: 0.01, NoStudies: true},
	} {
		if len(misfits(measured(t, c), a, b)) == 0 {
			t.Errorf("%s: a simulator that is wrong passes", name)
		}
	}
}

func TestSameSeedSameBytes(t *testing.T) {
	c := sizes["tiny"]
	c.Seed = 5
	one, err := c.Run(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(3))
	two, err := c.Run(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	c.Seed = 6
	other, err := c.Run(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	same := 0
	for i := range one.Signal {
		if one.Signal[i] != two.Signal[i] {
			t.Fatal("the same seed gave other values")
		}
		if one.Signal[i] == other.Signal[i] {
			same++
		}
		if !(one.Signal[i] > 0) {
			t.Fatal("a signal that is not above 0")
		}
	}
	if same > len(one.Signal)/100 {
		t.Errorf("another seed gave %d of %d same values", same, len(one.Signal))
	}
}

func TestSimulatedCohort(t *testing.T) {
	t.Setenv("GXLAB_STORE", t.TempDir())
	s, err := SimulatedAt("tiny", 3).EnsureLog2().QuantileNormalise().Split("tissue", 75, 25).Keep(context.Background(), nil)
	if err != nil {
		t.Fatal(err)
	}
	if s.N() != 160 || s.P() != 500 || s.Units() != "log2" || len(s.Notes()) == 0 {
		t.Error(s, s.Notes())
	}
	var truth Truth
	if err := json.Unmarshal(s.Truth(), &truth); err != nil {
		t.Fatal(err)
	}
	n := 0
	for _, m := range truth.Modules {
		n += len(m.Genes)
	}
	if n != 500 || len(truth.Activity) != 160 {
		t.Errorf("modules hold %d genes, activity of %d samples", n, len(truth.Activity))
	}
	if _, err := SimulatedAt("huge", 1).Keep(context.Background(), nil); err == nil {
		t.Error("a size that is none was taken")
	}
}
