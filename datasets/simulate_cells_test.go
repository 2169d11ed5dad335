package datasets

import (
	"context"
	"encoding/json"
	"math"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/gxlab/gxlab/gx"
	"github.com/gxlab/gxlab/gx/stats"
)

func TestCellsAreTheSameOnAnyThreads(t *testing.T) {
	sameOnThreads(t, func(seed uint64) (*SimulatedCellData, error) {
		return SimulatedCells("tiny", seed).Run(context.Background())
	})
}

// auc is the chance that a value of a is above one of b.
func auc(a, b []float64) float64 {
	n := 0.0
	for _, x := range a {
		for _, y := range b {
			if x > y {
				n++
			} else if x == y {
				n += 0.5
			}
		}
	}
	return n / float64(len(a)*len(b))
}

// absolute correlations of all genes over these cells, after taking away the mean of
// every group of cells.
func correlations(t *testing.T, x []float32, genes int, rows []int, group func(i int) string) [][]float64 {
	t.Helper()
	sums, n := map[string][]float64{}, map[string]float64{}
	for _, i := range rows {
		g := group(i)
		if sums[g] == nil {
			sums[g] = make([]float64, genes)
		}
		for j := range genes {
			sums[g][j] += float64(x[i*genes+j])
		}
		n[g]++
	}
	cols := make([][]float32, genes)
	for j := range cols {
		for _, i := range rows {
			cols[j] = append(cols[j], x[i*genes+j]-float32(sums[group(i)][j]/n[group(i)]))
		}
	}
	r := ran[[][]float64](t)(stats.PearsonMatrix(cols, cols))
	for i := range r {
		for j := range r {
			r[i][j] = math.Abs(r[i][j])
		}
	}
	return r
}

// Genes of a module, hubs, types and edges are found by plain correlation of logged
// counts.
func TestCellsPlantWhatTheySay(t *testing.T) {
	s := SimulatedCells("small", 2)
	s.Genes = 500
	d := ran[*SimulatedCellData](t)(s.Run(context.Background()))
	x, of, p := logShares(d.Counts, s.Genes, 1e4), at(d.Genes), s.plan()
	rows := everyRow(s.Cells)
	r := correlations(t, x, s.Genes, rows, func(i int) string { return d.Type[i] + d.Line[i] })
	edge, degree := map[[2]int]bool{}, make([]float64, s.Genes)
	for _, e := range d.Truth.Network {
		degree[of[e.A]]++
		degree[of[e.B]]++
		edge[[2]int{of[e.A], of[e.B]}], edge[[2]int{of[e.B], of[e.A]}] = true, true
	}
	var within, between, joined, apart, hubs, rest, hubMean, restMean, hubSD, restSD, hubDegree, restDegree []float64
	for _, m := range p.genes {
		inside := map[int]bool{}
		for _, j := range m {
			inside[j] = true
		}
		for g, j := range m {
			var own []float64
			for _, k := range m {
				if j == k {
					continue
				}
				own = append(own, r[j][k])
				if edge[[2]int{j, k}] {
					joined = append(joined, r[j][k])
				} else {
					apart = append(apart, r[j][k])
				}
			}
			for k := range s.Genes {
				if !inside[k] {
					between = append(between, r[j][k])
				}
			}
			within = append(within, own...)
			v := geneValues(x, s.Genes, j, rows)
			if g < s.Hubs {
				hubs, hubMean, hubSD, hubDegree = append(hubs, stats.Mean(own)), append(hubMean, stats.Mean(v)), append(hubSD, stats.SD(v)), append(hubDegree, degree[j])
			} else {
				rest, restMean, restSD, restDegree = append(rest, stats.Mean(own)), append(restMean, stats.Mean(v)), append(restSD, stats.SD(v)), append(restDegree, degree[j])
			}
		}
	}
	t.Logf("|r| within modules %.3f, between %.3f; of edges %.3f, other pairs of a module %.3f; hubs' mean %.3f, others' %.3f, AUC %.2f; AUC of hubs' mean expression %.2f, spread %.2f",
		stats.Mean(within), stats.Mean(between), stats.Mean(joined), stats.Mean(apart), stats.Mean(hubs), stats.Mean(rest), auc(hubs, rest), auc(hubMean, restMean), auc(hubSD, restSD))
	if stats.Mean(within) < 3*stats.Mean(between) {
		t.Error("genes of a module do not go together")
	}
	if stats.Mean(joined) < 1.3*stats.Mean(apart) {
		t.Error("edges are no closer than other pairs")
	}
	if auc(hubDegree, restDegree) < 0.99 {
		t.Errorf("hubs have the most edges with an AUC of %.2f", auc(hubDegree, restDegree))
	}
	// A gene's counts blur its correlations, of genes with few counts most.
	if auc(hubs, rest) < 0.75 {
		t.Error("hubs are not the most connected")
	}
	for what, v := range map[string]float64{"mean expression": auc(hubMean, restMean), "spread": auc(hubSD, restSD)} {
		if math.Abs(v-0.5) > 0.2 {
			t.Errorf("the %s alone tells hubs with an AUC of %.2f", what, v)
		}
	}

	// Nearest type by the mean of other cells, on all genes.
	centre := map[string][]float64{}
	for _, kind := range slices.Compact(slices.Sorted(slices.Values(d.Type))) {
		half := indices(s.Cells, func(i int) bool { return i%2 == 0 && d.Type[i] == kind })
		for j := range s.Genes {
			centre[kind] = append(centre[kind], stats.Mean(geneValues(x, s.Genes, j, half)))
		}
	}
	right, n := 0.0, 0.0
	for i := 1; i < s.Cells; i += 2 {
		best, kind := math.Inf(1), ""
		for k, c := range centre {
			e := 0.0
			for j := range c {
				e += (float64(x[i*s.Genes+j]) - c[j]) * (float64(x[i*s.Genes+j]) - c[j])
			}
			if e < best {
				best, kind = e, k
			}
		}
		n++
		if kind == d.Type[i] {
			right++
		}
	}
	t.Logf("type by nearest mean: %.3f right", right/n)
	if len(centre) != s.Types || right/n < 0.7 {
		t.Error("types are not told apart")
	}
}

// lineEdges are the genes that may follow the line gene, the share that does in every
// line, and the lines' phenotypes.
func lineEdges(s CellSimulation, truth CellTruth) (genes []string, share, phenotype []float64) {
	for _, m := range truth.Modules {
		if m.Hubs[0] == truth.LineGene {
			genes = m.Genes[s.Hubs:]
		}
	}
	for _, l := range truth.Lines {
		n := 0.0
		for _, e := range l.Edges {
			if e.A == truth.LineGene {
				n++
			}
		}
		share, phenotype = append(share, n/float64(len(genes))), append(phenotype, l.Phenotype)
	}
	return genes, share, phenotype
}

func TestLineGeneFollowsThePhenotype(t *testing.T) {
	s := SimulatedCells("small", 3)
	s.Genes, s.Modules = 400, 6
	d := ran[*SimulatedCellData](t)(s.Run(context.Background()))
	genes, share, phenotype := lineEdges(s, d.Truth)
	for l := range share {
		roughly(t, "share of the line gene's edges", share[l], 0.5+s.LineEffect*(phenotype[l]-0.5), 0.03)
	}
	x, of := logShares(d.Counts, s.Genes, 1e4), at(d.Genes)
	var seen []float64 // mean |r| of the line gene with those genes
	for _, l := range d.Truth.Lines {
		rows := indices(s.Cells, func(i int) bool { return d.Line[i] == l.Name })
		v, sum := geneValues(x, s.Genes, of[d.Truth.LineGene], rows), 0.0
		for _, g := range genes {
			sum += math.Abs(correlation(t, v, geneValues(x, s.Genes, of[g], rows)))
		}
		seen = append(seen, sum/float64(len(genes)))
	}
	r := ran[float64](t)(stats.Spearman(seen, phenotype))
	t.Logf("planted %.2f, mean |r| %.2f, phenotype %.2f: Spearman %.2f", share, seen, phenotype, r)
	if r < 0.8 {
		t.Errorf("the line gene's connectivity follows the phenotype by %.2f", r)
	}
	s.LineEffect = 0
	_, share, _ = lineEdges(s, ran[CellTruth](t)(s.Truth()))
	if slices.Max(share) != slices.Min(share) {
		t.Errorf("without effect the line gene has shares %.2f of its edges", share)
	}
}

func TestLinesHaveTheirOwnNetworks(t *testing.T) {
	s := SimulatedCells("small", 3)
	truth := ran[CellTruth](t)(s.Truth())
	usual := map[[2]string]bool{}
	for _, e := range truth.Network {
		usual[[2]string{e.A, e.B}] = true
	}
	for _, l := range truth.Lines {
		same, n := 0.0, 0.0
		for _, e := range l.Edges {
			if e.A == truth.LineGene {
				continue
			}
			n++
			if usual[[2]string{e.A, e.B}] {
				same++
			}
		}
		roughly(t, "share of edges as usual", same/n, 1-s.Rewired, 0.04)
	}
	s.Rewired = 0
	for _, l := range ran[CellTruth](t)(s.Truth()).Lines {
		for _, e := range l.Edges {
			if !usual[[2]string{e.A, e.B}] {
				t.Fatalf("edge %v of a line is new", e)
			}
		}
	}
}

// Every gene varies as Spread says on the logarithmic scale, whatever it follows and has
// lost; and its means over cells as planted.
func TestCellsVaryAsTheyShould(t *testing.T) {
	s := SimulatedCells("small", 4)
	p := s.plan()
	sum, square := make([]float64, s.Genes), make([]float64, s.Genes)
	for i := range s.Cells {
		for j, v := range s.expression(p, i, s.stream(useCells, i)) {
			sum[j] += v
			square[j] += v * v
		}
	}
	for j := range sum {
		n := float64(s.Cells)
		m := sum[j] / n
		// Six standard errors of a variance, and what unequal types move.
		roughly(t, "variance of "+p.data.Genes[j], square[j]/n-m*m, 1, 6*math.Sqrt(2/n)+0.2)
	}
}

func TestCellCountsAreNegativeBinomial(t *testing.T) {
	for _, dispersion := range []float64{0, 0.1, 1} {
		s := SimulatedCells("tiny", 5)
		s.Cells, s.Spread, s.LineShift, s.Library, s.Dispersion = 1500, 0, 0, 0, dispersion
		d := ran[*SimulatedCellData](t)(s.Run(context.Background()))
		rows := everyRow(s.Cells)
		var ratio, mean []float64
		zeros, expected := 0.0, 0.0
		for j := range s.Genes {
			v := geneValues(d.Counts, s.Genes, j, rows)
			m, phi := stats.Mean(v), d.Truth.Dispersion[j]
			ratio = append(ratio, math.Pow(stats.SD(v), 2)/(m+phi*m*m))
			mean = append(mean, m/d.Truth.Mean[j])
			for _, c := range v {
				if c == 0 {
					zeros++
				}
			}
			if phi > 0 {
				expected += float64(s.Cells) * math.Pow(1+phi*m, -1/phi)
			} else {
				expected += float64(s.Cells) * math.Exp(-m)
			}
		}
		t.Logf("dispersion %.1f: variance over expected %.3f, zeros %.3f of values, expected %.3f", dispersion, stats.Mean(ratio), zeros/float64(s.Cells*s.Genes), expected/float64(s.Cells*s.Genes))
		roughly(t, "variance over what is expected", stats.Mean(ratio), 1, 0.03)
		roughly(t, "zeros over what is expected", zeros/expected, 1, 0.02)
		roughly(t, "spread of mean over planted mean", stats.SD(mean)/stats.Mean(mean), 0, 0.1)
	}
}

// Library sizes, lines' shifts and the signs of edges, each with little other noise.
func TestCellNoise(t *testing.T) {
	s := SimulatedCells("tiny", 7)
	d := ran[*SimulatedCellData](t)(s.Run(context.Background()))
	var size, ratio []float64
	for i := range s.Cells {
		sum := 0.0
		for _, v := range d.Counts[i*s.Genes : (i+1)*s.Genes] {
			sum += float64(v)
		}
		size, ratio = append(size, math.Log(sum)), append(ratio, sum/d.Truth.Library[i])
	}
	roughly(t, "spread of library sizes", stats.SD(size), s.Library, 0.05)
	roughly(t, "counts over the planted library", stats.Mean(ratio), 1, 0.02)

	s.Spread, s.LineShift, s.Dispersion, s.Depth = 0, 0.5, 0, 1000
	d = ran[*SimulatedCellData](t)(s.Run(context.Background()))
	x := logShares(d.Counts, s.Genes, 1e6)
	var shift []float64
	for j := range s.Genes {
		var of []float64
		for _, l := range d.Truth.Lines {
			of = append(of, math.Ln2*stats.Mean(geneValues(x, s.Genes, j, indices(s.Cells, func(i int) bool { return d.Line[i] == l.Name }))))
		}
		shift = append(shift, math.Pow(stats.SD(of), 2))
	}
	roughly(t, "spread of lines' shifts", math.Sqrt(stats.Mean(shift)), s.LineShift, 0.05)

	s.Spread, s.LineShift, s.Rewired, s.LineEffect = 0.3, 0, 0, 0
	d = ran[*SimulatedCellData](t)(s.Run(context.Background()))
	x = logShares(d.Counts, s.Genes, 1e6)
	of, right, negative := at(d.Genes), 0.0, 0.0
	for _, e := range d.Truth.Network {
		r := correlation(t, geneValues(x, s.Genes, of[e.A], everyRow(s.Cells)), geneValues(x, s.Genes, of[e.B], everyRow(s.Cells)))
		if (r > 0) == (e.Weight > 0) {
			right++
		}
		if e.Weight < 0 {
			negative++
		}
	}
	n := float64(len(d.Truth.Network))
	roughly(t, "share of edges whose sign is seen", right/n, 1, 0.02)
	roughly(t, "share of negative edges", negative/n, 2*0.3*0.7, 0.15)
}

func TestCellExtremes(t *testing.T) {
	// Nothing but Poisson noise at one value.
	s := SimulatedCells("tiny", 6)
	s.Cells, s.Explained, s.Spread, s.LineShift = 600, 0, 0, 0
	d := ran[*SimulatedCellData](t)(s.Run(context.Background()))
	x := logShares(d.Counts, s.Genes, 1e4)
	r := correlations(t, x, s.Genes, everyRow(s.Cells), func(int) string { return "" })
	var all []float64
	for i := range r {
		all = append(all, r[i][:i]...)
	}
	if m := stats.Mean(all); m > 1.2*math.Sqrt(2/math.Pi/600) {
		t.Errorf("without any spread genes correlate by %.3f", m)
	}
	// Types share nothing at TypeShare 0 and are all that moves activity at 1.
	for _, share := range []float64{0, 1} {
		s := SimulatedCells("tiny", 6)
		s.TypeShare = share
		truth := ran[CellTruth](t)(s.Truth())
		for m, mod := range truth.Modules {
			if mod.Hubs[0] == truth.LineGene {
				continue
			}
			of := map[string][]float64{}
			for i, a := range truth.Activity {
				of[truth.Types[i]] = append(of[truth.Types[i]], a[m])
			}
			for _, v := range of {
				if sd := stats.SD(v); share == 1 && sd > 1e-9 || share == 0 && sd < 0.7 {
					t.Errorf("activity within a type varies by %.2f at TypeShare %.0f", sd, share)
				}
				if share == 0 && math.Abs(stats.Mean(v)) > 0.5 {
					t.Errorf("a type's mean activity is %.2f at TypeShare 0", stats.Mean(v))
				}
			}
		}
	}
	for name, change := range map[string]func(*CellSimulation){
		"Genes":     func(s *CellSimulation) { s.Genes = 20 },
		"Hubs":      func(s *CellSimulation) { s.Hubs = 0 },
		"Cells":     func(s *CellSimulation) { s.Cells = -1 },
		"Explained": func(s *CellSimulation) { s.Explained = 1.2 },
		"Depth":     func(s *CellSimulation) { s.Depth = math.Inf(1) },
	} {
		s := SimulatedCells("tiny", 1)
		change(&s)
		_, err := s.Run(context.Background())
		complains(t, name, err)
		complains(t, name, s.Cohort().Err())
	}
	complains(t, "huge", SimulatedCells("huge", 1).Cohort().Err())
	// One of each is a simulation too.
	s = SimulatedCells("tiny", 1)
	s.Types, s.Lines, s.Modules, s.Hubs, s.Cells, s.Genes, s.Alone = 1, 1, 1, 1, 3, 3, 0
	if d := ran[*SimulatedCellData](t)(s.Run(context.Background())); len(d.Counts) != 9 || len(d.Truth.Network) == 0 {
		t.Error(d)
	}
}

func TestCellsAsACohort(t *testing.T) {
	t.Setenv("GXLAB_STORE", t.TempDir())
	s := SimulatedCells("tiny", 1)
	set := ran[*gx.Set](t)(s.Cohort().NormaliseTotal(1e4).Log1p().Split("type", 75, 25).TopVariance(100).Keep(context.Background(), nil))
	if set.P() != 100 || set.N() != 300 {
		t.Error(set)
	}
	var truth CellTruth
	if err := json.Unmarshal(set.Truth(), &truth); err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(truth, ran[CellTruth](t)(s.Truth())) {
		t.Error("the set's truth is another")
	}
	kinds := ran[[]string](t)(set.Labels("type"))
	if !slices.Equal(kinds, truth.Types) || !strings.HasPrefix(ran[[]string](t)(set.Labels("line"))[0], "line") {
		t.Error("labels are not the truth's")
	}
}
