package gx

import (
	"fmt"
	"io"
	"math"
	"sort"
	"strconv"
	"strings"

	"github.com/gxlab/gxlab/gx/fault"
	"github.com/gxlab/gxlab/gx/frame"
	"github.com/gxlab/gxlab/gx/nn"
	"github.com/gxlab/gxlab/gx/prep"
	"github.com/gxlab/gxlab/gx/store"
)

// Attributed are contributions of genes to a network's units, summarised over
// samples. C is a gene's contribution to a unit in a sample, in the unit's own units;
// it does not depend on the unit in which the gene is measured.
type Attributed struct {
	of    *nn.Attributed
	name  string
	genes []string
	units []string
	set   attributionChain
	sums  bool
	notes []string
	rec   Record
}

// Name is what figures and tables call it.
func (a *Attributed) Name() string { return a.name }

// Genes are the network's genes, in its order.
func (a *Attributed) Genes() []string { return a.genes }

// Units are the names of the units that were attributed: "code 1" and so on, or the
// genes of the outputs.
func (a *Attributed) Units() []string { return a.units }

// Samples is how many samples were looked at.
func (a *Attributed) Samples() int { return a.of.Samples }

// Notes are what making it had to say.
func (a *Attributed) Notes() []string { return a.notes }

// Record says where the contributions come from.
func (a *Attributed) Record() Record { return a.rec }

// CompletenessError is the largest difference, over samples and units, between the sum
// of the contributions and the change of the unit that the network itself computes,
// relative to that change or, where it is larger, to the root mean square of the
// unit's changes. In float32 it is some 1e-5 or less with DeepLIFT; a large one tells
// of SoftMax units, of too few Steps, or of GradientInput.
func (a *Attributed) CompletenessError() float64 { return a.of.Error }

// StrictCompletenessError is the same relative to each change alone. Of changes that
// happen to be nearly 0 little is left but rounding, so it is larger.
func (a *Attributed) StrictCompletenessError() float64 { return a.of.StrictError }

// Mean is the mean of C over samples for one unit, by gene: the direction of a gene's
// effect. An error where sums over units alone were kept.
func (a *Attributed) Mean(unit int) ([]float32, error) { return a.row(a.of.Mean, unit) }

// MeanAbs is the mean of |C| over samples for one unit, by gene.
func (a *Attributed) MeanAbs(unit int) ([]float32, error) { return a.row(a.of.MeanAbs, unit) }

func (a *Attributed) row(x []float32, unit int) ([]float32, error) {
	if unit < 0 || unit >= len(a.units) {
		return nil, fault.New(fmt.Sprintf("there is no unit %d", unit), a.name, fmt.Sprintf("a unit from 0 to %d", len(a.units)-1))
	}
	if x == nil {
		return nil, fault.New("of so many units only the sums over units were kept", a.name, "Importance, or the contributions to the code")
	}
	p := len(a.genes)
	return x[unit*p : (unit+1)*p : (unit+1)*p], nil
}

// Importance is the mean of |C| over samples and units, by gene: the importance that
// ranks genes.
func (a *Attributed) Importance() []float64 { return a.of.TotalAbs }

// MeanImportance is the mean over units of |mean of C over samples|, by gene: effects
// that have opposite signs in different samples cancel.
func (a *Attributed) MeanImportance() []float64 { return a.of.Total }

// Top are the n genes of greatest Importance, the most important first: the landmark
// genes. Equals stand in the genes' order.
func (a *Attributed) Top(n int) []string { return a.top(a.of.TotalAbs, n) }

// TopByMean are the n genes of greatest MeanImportance.
func (a *Attributed) TopByMean(n int) []string { return a.top(a.of.Total, n) }

// TopOf are the n genes of greatest MeanAbs for one unit.
func (a *Attributed) TopOf(unit, n int) ([]string, error) {
	row, err := a.MeanAbs(unit)
	if err != nil {
		return nil, err
	}
	score := make([]float64, len(row))
	for j, v := range row {
		score[j] = float64(v)
	}
	return a.top(score, n), nil
}

func (a *Attributed) top(score []float64, n int) []string {
	order := ranked(score)
	out := make([]string, max(0, min(n, len(order))))
	for i := range out {
		out[i] = a.genes[order[i]]
	}
	return out
}

// ranked are indices by falling score.
func ranked(score []float64) []int {
	order := every(len(score))
	sort.SliceStable(order, func(a, b int) bool { return score[order[a]] > score[order[b]] })
	return order
}

// Table is the genes by falling Importance: the importance, its share of all, the
// MeanImportance, and the unit to which the gene contributes most with the mean of C
// there.
func (a *Attributed) Table() (*frame.Table, error) {
	order := ranked(a.of.TotalAbs)
	sum := 0.0
	for _, v := range a.of.TotalAbs {
		sum += v
	}
	n := len(order)
	ids := make([]string, n)
	columns := map[string][]string{}
	names := []string{"rank", "importance", "share", "mean importance"}
	if a.of.MeanAbs != nil {
		names = append(names, "most for", "mean there")
	}
	for _, c := range names {
		columns[c] = make([]string, n)
	}
	text := func(v float64) string { return strconv.FormatFloat(v, 'g', 6, 64) }
	for i, j := range order {
		ids[i] = a.genes[j]
		columns["rank"][i] = strconv.Itoa(i + 1)
		columns["importance"][i] = text(a.of.TotalAbs[j])
		columns["share"][i] = text(a.of.TotalAbs[j] / math.Max(sum, math.SmallestNonzeroFloat64))
		columns["mean importance"][i] = text(a.of.Total[j])
		if a.of.MeanAbs == nil {
			continue
		}
		best := 0
		for u := range a.units {
			if a.of.MeanAbs[u*n+j] > a.of.MeanAbs[best*n+j] {
				best = u
			}
		}
		columns["most for"][i], columns["mean there"][i] = a.units[best], text(float64(a.of.Mean[best*n+j]))
	}
	t := frame.New(ids)
	for _, c := range names {
		var err error
		if t, err = t.With(c, columns[c]); err != nil {
			return nil, err
		}
	}
	return t, nil
}

// String is the result in a line.
func (a *Attributed) String() string {
	what := "values"
	if a.sums {
		what = "weighted sums"
	}
	return fmt.Sprintf("%s of %d genes to %d units (%s), against %s, in %d samples; completeness error %.2g",
		a.name, len(a.genes), len(a.units), what, a.set.Ref, a.of.Samples, a.of.Error)
}

// HTML is a summary for a notebook with the first genes of the ranking.
func (a *Attributed) HTML() (string, error) {
	t, err := a.Table()
	if err != nil {
		return "", err
	}
	h, err := t.HTML()
	if err != nil {
		return "", err
	}
	s := "<p><b>" + escape(a.String()) + "</b>"
	for _, n := range a.notes {
		s += "<br>" + escape(n)
	}
	return s + "</p>" + h, nil
}

// SaveTSV writes the contributions' mean absolute values as a table of tab-separated
// values, a line a unit, with its name first, a column a gene.
func (a *Attributed) SaveTSV(path string) error {
	if _, err := a.MeanAbs(0); err != nil {
		return err
	}
	p := len(a.genes)
	return saveTSV(path, a.units, a.genes, func(i int) []float32 { return a.of.MeanAbs[i*p : (i+1)*p] })
}

// attributedJSON is what attributed.json holds.
type attributedJSON struct {
	Units   []string         `json:"units"`
	Set     attributionChain `json:"set"`
	Sums    bool             `json:"sums"`
	Samples int              `json:"samples"`
	Notes   []string         `json:"notes"`
	Record  Record           `json:"record"`
}

func (a *Attributed) write(d *store.Draft) error {
	if err := d.WriteBytes("genes.txt", []byte(strings.Join(a.genes, "\n")+"\n")); err != nil {
		return err
	}
	totals := append(append([]float64(nil), a.of.TotalAbs...), a.of.Total...)
	totals = append(totals, a.of.Error, a.of.StrictError)
	if err := d.Write("totals.f64", func(w io.Writer) error { return prep.WriteFloat64s(w, totals) }); err != nil {
		return err
	}
	if a.of.Mean != nil {
		if err := d.WriteFloat32s("mean.f32", a.of.Mean); err != nil {
			return err
		}
		if err := d.WriteFloat32s("abs.f32", a.of.MeanAbs); err != nil {
			return err
		}
	}
	if err := d.WriteJSON("attributed.json", attributedJSON{Units: a.units, Set: a.set, Sums: a.sums, Samples: a.of.Samples, Notes: a.notes, Record: a.rec}); err != nil {
		return err
	}
	return d.Describe("attribution", a.rec.What, a.rec)
}

func loadAttributed(e files, name string) (*Attributed, error) {
	var j attributedJSON
	if err := e.JSON("attributed.json", &j); err != nil {
		return nil, err
	}
	g, err := e.Bytes("genes.txt")
	if err != nil {
		return nil, err
	}
	a := &Attributed{name: name, units: j.Units, set: j.Set, sums: j.Sums, notes: j.Notes, rec: j.Record}
	a.genes = strings.Split(strings.TrimSuffix(string(g), "\n"), "\n")
	p := len(a.genes)
	b, err := e.Bytes("totals.f64")
	if err != nil {
		return nil, err
	}
	t := prep.Float64s(b)
	if len(t) != 2*p+2 {
		return nil, fault.New(fmt.Sprintf("%d sums of %d genes", len(t), p), "totals.f64", "")
	}
	a.of = &nn.Attributed{Inputs: p, Units: len(j.Units), Samples: j.Samples, TotalAbs: t[:p], Total: t[p : 2*p], Error: t[2*p], StrictError: t[2*p+1]}
	if e.Has("mean.f32") {
		if a.of.Mean, err = e.Float32s("mean.f32"); err != nil {
			return nil, err
		}
		if a.of.MeanAbs, err = e.Float32s("abs.f32"); err != nil {
			return nil, err
		}
	}
	return a, nil
}
