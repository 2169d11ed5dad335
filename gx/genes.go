package gx

import (
	"context"
	"encoding/json"
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/gxlab/gxlab/gx/fault"
	"github.com/gxlab/gxlab/gx/frame"
	"github.com/gxlab/gxlab/gx/prep"
)

// A Collapse is how several probes of one gene become one value.
type Collapse = prep.Collapse

// Median takes the probes' median in every sample, which is the default. MaxVariance
// and MaxMean take the probe whose variance or mean over the training part is the
// largest: learned, so after Split.
const (
	Median      = prep.Median
	MaxVariance = prep.MaxVariance
	MaxMean     = prep.MaxMean
)

// MapGenes calls genes by other names, such as probes by symbols: names says which
// name stands for which (datasets.GeneMap reads it). Genes without one are left out
// and counted; of several with the same new name one value is made. The gene table
// then says which they were.
func (c Cohort) MapGenes(names map[string]string, how ...Collapse) Cohort {
	if len(names) == 0 {
		return c.failed("MapGenes", "no names", `a map, such as datasets.GeneMap("HG_U133A.chip")`)
	}
	return c.collapse("MapGenes", args{Map: names}, how)
}

// GenesBy calls genes by a column of the gene table that the source gave (see
// Set.GeneTable), such as "symbol" of GEO's datasets; else it is MapGenes.
func (c Cohort) GenesBy(column string, how ...Collapse) Cohort {
	if column == "" {
		return c.failed("GenesBy", "no column", `one of the gene table, such as GenesBy("symbol")`)
	}
	return c.collapse("GenesBy", args{Label: column}, how)
}

func (c Cohort) collapse(verb string, a args, how []Collapse) Cohort {
	by := Median
	if len(how) > 0 {
		by = how[0]
	}
	if !slices.Contains([]Collapse{Median, MaxVariance, MaxMean}, by) {
		return c.failed(fmt.Sprintf("%s(%s)", verb, by), "no such way", "median, max-variance or max-mean")
	}
	a.Values = []string{string(by)}
	if by != Median {
		verb += "Chosen"
	}
	return c.with(verb, a)
}

// UpperQuartile divides every sample by the 75th percentile of its values above 0 and
// multiplies by 1000, as TCGA's RNA-seq counts are normalised (Bullard 2010). Not
// learned. Log1p usually follows.
func (c Cohort) UpperQuartile() Cohort { return c.with("UpperQuartile", args{}) }

// NormaliseTotal divides every sample by its sum and multiplies by to: counts per
// 10,000 is usual for single cells (scanpy's normalize_total), per million for bulk.
// Not learned. Log1p usually follows.
func (c Cohort) NormaliseTotal(to float64) Cohort {
	if !(to > 0) || math.IsInf(to, 0) {
		return c.failed(fmt.Sprintf("NormaliseTotal(%v)", to), "no total", "a number above 0, such as 1e4")
	}
	return c.with("NormaliseTotal", args{X: to})
}

// DropNearDuplicates leaves out samples that are nearly another one: of two nearer
// than distance (Euclidean, in the values' units) the later goes. Samples are compared
// within 100 clusters of k-means, as D-GEX does with a distance of 1 on quantile
// normalised log2 values, so that a few pairs may be missed. It must stand before
// Split: a copy in the test part would be known from training.
func (c Cohort) DropNearDuplicates(distance float64) Cohort {
	if !(distance > 0) || math.IsInf(distance, 0) {
		return c.failed(fmt.Sprintf("DropNearDuplicates(%v)", distance), "no distance", "a number above 0, such as 1")
	}
	if s, ok := c.has("Split", "Fold", "HoldOut"); ok {
		return c.failed("DropNearDuplicates", "it stands after "+s.Verb, "DropNearDuplicates before "+s.Verb)
	}
	return c.with("DropNearDuplicates", args{X: distance, N: 100, Seed: 1})
}

// Align brings two cohorts, such as two platforms, to the genes that both have, in
// the same order (sorted). It must stand before Split and what learns.
func Align(a, b Cohort) (Cohort, Cohort) {
	return a.toward(b, alignGenes, "Align"), b.toward(a, alignGenes, "Align")
}

// QuantileNormaliseTo gives every sample the distribution of another cohort's
// values: joint quantile normalisation of two platforms, as D-GEX does it. The other
// cohort's distribution is that of its QuantileNormalise where it has one, else of its
// training part. It must stand before Split.
func (c Cohort) QuantileNormaliseTo(reference Cohort) Cohort {
	return c.toward(reference, alignDistribution, "QuantileNormaliseTo")
}

const (
	alignGenes        = "genes"
	alignDistribution = "distribution"
)

func (c Cohort) toward(other Cohort, how, verb string) Cohort {
	if c.err != nil {
		return c
	}
	if err := other.Err(); err != nil {
		return Failed(err)
	}
	if s, ok := c.has("Split", "Fold", "HoldOut"); ok {
		return c.failed(verb, s.Verb+" stands before it", verb+" before "+s.Verb)
	}
	if s, ok := c.learned(); ok {
		return c.failed(verb, s.Verb+" stands before it", verb+" before "+s.Verb)
	}
	out := From(aligned{of: c, to: other, how: how})
	out.where = Caller()
	return out
}

// aligned is a cohort brought towards another.
type aligned struct {
	of, to Cohort
	how    string
}

func (a aligned) Name() string { return a.of.Name() }

func (a aligned) Key() (string, error) {
	of, err := a.of.Key()
	if err != nil {
		return "", err
	}
	to, err := a.to.Key()
	if err != nil {
		return "", err
	}
	return keyOf("aligned", 1, of, to, a.how), nil
}

func (a aligned) Read(ctx context.Context, tell Tell) (*Raw, error) {
	other, err := a.to.Keep(ctx, tell)
	if err != nil {
		return nil, err
	}
	w, err := a.of.prepare(ctx, tell)
	if err != nil {
		return nil, err
	}
	if a.how == alignGenes {
		err = w.common(other.Genes())
	} else {
		w.target = other.b.target
		if w.target == nil {
			rows := other.Train()
			w.target = prep.QuantileTarget(rows.Data(), every(rows.N()))
		}
		err = w.quantile(step{})
	}
	if err != nil {
		return nil, err
	}
	raw := &Raw{X: w.x, Genes: w.genes, Samples: w.samples, GeneTable: w.geneTable, Scale: w.units, Truth: json.RawMessage(w.truth), Notes: w.notes}
	return raw, nil
}

func every(n int) []int {
	out := make([]int, n)
	for i := range out {
		out[i] = i
	}
	return out
}

// common keeps the genes that others has too, sorted.
func (w *work) common(others []string) error {
	at := make(map[string]int, len(w.genes))
	for j, g := range w.genes {
		at[g] = j
	}
	var both []string
	for _, g := range others {
		if _, ok := at[g]; ok {
			both = append(both, g)
		}
	}
	if len(both) == 0 {
		return fault.New(fmt.Sprintf("no gene of the one (%s) is in the other (%s)", legal(w.genes), legal(others)), "", "MapGenes or GenesBy first, so that both are called alike")
	}
	slices.Sort(both)
	index := make([]int, len(both))
	for k, g := range both {
		index[k] = at[g]
	}
	if n := len(w.genes) - len(both); n > 0 {
		w.note(fmt.Sprintf("%d of %d genes are not in the other cohort and are left out", n, len(w.genes)))
	}
	w.choose(index)
	return nil
}

// choose takes those columns in that order.
func (w *work) choose(index []int) {
	x, genes := w.x.Columns(index), make([]string, len(index))
	for k, j := range index {
		genes[k] = w.genes[j]
	}
	w.x, w.genes = x, genes
	if w.geneTable != nil {
		w.geneTable = w.geneTable.Rows(index)
	}
}

func (w *work) mapGenes(s step) error { return w.rename(s, s.Args.Map) }

func (w *work) genesBy(s step) error {
	if w.geneTable == nil {
		return fault.New("the data tell nothing of their genes but their names", "", "MapGenes with a map of your own")
	}
	column, err := w.geneTable.Column(s.Args.Label)
	if err != nil {
		return err
	}
	names := make(map[string]string, len(column))
	for j, v := range column {
		if v != "" && v != "---" && !strings.Contains(v, "///") && !strings.HasPrefix(v, "--") {
			names[w.genes[j]] = v
		}
	}
	return w.rename(s, names)
}

// rename calls genes by their new names and collapses those of one.
func (w *work) rename(s step, names map[string]string) error {
	if err := w.plain(); err != nil {
		return err
	}
	var genes []string
	var groups [][]int
	at, lost := map[string]int{}, 0
	for j, g := range w.genes {
		n := names[g]
		if n == "" {
			lost++
			continue
		}
		k, ok := at[n]
		if !ok {
			k = len(genes)
			at[n] = k
			genes, groups = append(genes, n), append(groups, nil)
		}
		groups[k] = append(groups[k], j)
	}
	if len(genes) == 0 {
		return fault.New("no gene has a new name", "", fmt.Sprintf("a map from names such as %s", legal(w.genes)))
	}
	how := prep.Collapse(s.Args.Values[0])
	was := make([]string, len(genes))
	several := 0
	for k, g := range groups {
		var old []string
		for _, j := range g {
			old = append(old, w.genes[j])
		}
		was[k] = strings.Join(old, " ")
		if len(g) > 1 {
			several++
		}
	}
	w.note(fmt.Sprintf("%d of %d genes have a new name, %d of them the same as another: %d genes, of %d the %s", len(w.genes)-lost, len(w.genes), len(w.genes)-lost-len(genes), len(genes), several, how))
	x := how.Columns(w.x, groups, w.train())
	table, err := frame.New(genes).With("was", was)
	if err != nil {
		return err
	}
	w.x, w.genes, w.geneTable = x, genes, table
	return nil
}

func (w *work) perSample(what string, f func() int) error {
	if err := w.plain(); err != nil {
		return err
	}
	if err := w.finite(); err != nil {
		return err
	}
	if b := prep.Check(w.x, func(v float32) bool { return v < 0 }); b != nil {
		return fault.New(fmt.Sprintf("%d values are negative, the first is %g in %s", b.Count, b.Value, w.at(b.Row, b.Col)), "", "counts, before any logarithm")
	}
	if i := f(); i >= 0 {
		return fault.New(fmt.Sprintf("sample %s has no value above 0", w.samples.IDs()[i]), "", "leaving it out by Where")
	}
	w.units = what
	return nil
}

func (w *work) dropNear(s step) error {
	if err := w.finite(); err != nil {
		return err
	}
	keep := prep.NearDuplicates(w.x, s.Args.X, s.Args.N, s.Args.Seed)
	n := w.x.Rows - len(keep)
	if n == 0 {
		return nil
	}
	if len(keep) < 2 {
		return fault.New("all samples are near duplicates of each other", "", fmt.Sprintf("a smaller distance than %g", s.Args.X))
	}
	w.note(fmt.Sprintf("%d of %d samples are nearer than %g to another and are left out", n, w.x.Rows, s.Args.X))
	parts := make([]Part, len(keep))
	for i, r := range keep {
		parts[i] = w.parts[r]
	}
	w.x, w.samples, w.parts = w.x.Pick(keep), w.samples.Rows(keep), parts
	return nil
}
