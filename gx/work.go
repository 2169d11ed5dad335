package gx

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/gxlab/gxlab/gx/cores"
	"github.com/gxlab/gxlab/gx/fault"
	"github.com/gxlab/gxlab/gx/frame"
	"github.com/gxlab/gxlab/gx/prep"
)

// verb is what a step does. Raise rev when its numbers change.
type verb struct {
	rev    int
	learns bool // from the samples it is given, so it must stand after Split
	random bool
	run    func(w *work, s step) error
}

var verbs = map[string]verb{
	"Log2":              {rev: 1, run: func(w *work, s step) error { return w.log(0, "log2") }},
	"Log1p":             {rev: 1, run: func(w *work, s step) error { return w.log(1, "log2(1+x)") }},
	"Floor":             {rev: 1, run: func(w *work, s step) error { return w.floor(s.Args.X) }},
	"EnsureLog2":        {rev: 2, run: (*work).ensureLog2},
	"QuantileNormalise": {rev: 1, run: (*work).quantile},
	"MinMaxPerSample":   {rev: 1, run: (*work).minMaxRows},
	"DropMissing":       {rev: 1, run: (*work).dropMissing},
	"Where":             {rev: 1, run: (*work).where},
	"MapGenes":          {rev: 1, run: (*work).mapGenes},
	"MapGenesChosen":    {rev: 1, learns: true, run: (*work).mapGenes},
	"GenesBy":           {rev: 1, run: (*work).genesBy},
	"GenesByChosen":     {rev: 1, learns: true, run: (*work).genesBy},
	"UpperQuartile": {rev: 1, run: func(w *work, s step) error {
		return w.perSample("counts, upper quartile 1000", func() int { return prep.UpperQuartile(w.x, 1000) })
	}},
	"NormaliseTotal": {rev: 1, run: func(w *work, s step) error {
		return w.perSample(fmt.Sprintf("counts per %g", s.Args.X), func() int { return prep.Total(w.x, s.Args.X) })
	}},
	"DropNearDuplicates": {rev: 1, run: (*work).dropNear},
	"Split":              {rev: 2, random: true, run: (*work).split},
	"Fold":               {rev: 1, random: true, run: (*work).fold},
	"HoldOut":            {rev: 1, run: (*work).holdOut},
	"DropConstant":       {rev: 1, learns: true, run: (*work).dropConstant},
	"TopVariance":        {rev: 1, learns: true, run: func(w *work, s step) error { return w.keep(prep.TopVariance(w.x, w.train(), s.Args.N)) }},
	"TopMAD":             {rev: 1, learns: true, run: func(w *work, s step) error { return w.keep(prep.TopMAD(w.x, w.train(), s.Args.N)) }},
	"KeepGenes":          {rev: 1, run: (*work).keepGenes},
	"HighlyVariable":     {rev: 1, learns: true, run: (*work).highlyVariable},
	"Scale":              {rev: 1, learns: true, run: (*work).scaleClipped},
	"Ln1p":               {rev: 1, run: (*work).ln1p},
	"Standardise":        {rev: 1, learns: true, run: (*work).standardise},
	"Centre":             {rev: 1, learns: true, run: (*work).centre},
	"MinMax":             {rev: 1, learns: true, run: (*work).minMax},
	"MinMaxWhole":        {rev: 1, learns: true, run: (*work).minMaxWhole},
}

// work is a set in the making.
type work struct {
	x            prep.Matrix // data units
	genes        []string
	samples      *frame.Table
	geneTable    *frame.Table // or nil
	parts        []Part
	shift, scale []float32
	units        string
	target       []float32
	notes        []string
	truth        json.RawMessage
	tell         Tell
}

func newWork(raw *Raw, tell Tell) (*work, error) {
	w := &work{x: raw.X, genes: raw.Genes, samples: raw.Samples, geneTable: raw.GeneTable, units: raw.Scale, notes: raw.Notes, truth: raw.Truth, tell: tell}
	if w.units == "" {
		w.units = "signal"
		if prep.LooksUnlogged(w.x) == "" {
			w.units = "log2"
		}
	}
	if w.samples == nil || w.samples.Len() != w.x.Rows || len(w.genes) != w.x.Cols || w.geneTable != nil && w.geneTable.Len() != w.x.Cols {
		return nil, fault.New("a source gave labels or genes that do not fit its matrix", "", "mending the source: one row of labels a sample, one gene a column")
	}
	if w.x.Rows < 2 {
		return nil, fault.New(fmt.Sprintf("%d sample: there is nothing to compare", w.x.Rows), "", "a table of several samples; if it has them, its labels may name its genes instead")
	}
	w.parts = make([]Part, w.x.Rows)
	return w, nil
}

func (w *work) note(s string) {
	w.notes = append(w.notes[:len(w.notes):len(w.notes)], s)
	if w.tell != nil {
		w.tell(s, 0, 0)
	}
}

// base is the finished set.
func (w *work) base(name string, steps []step) *base {
	return &base{
		name: name, x: w.x, genes: w.genes, samples: w.samples, geneTable: w.geneTable, parts: w.parts, shift: w.shift, scale: w.scale,
		units: w.units, target: w.target, steps: steps, notes: w.notes, truth: w.truth,
	}
}

// train are the rows that learned steps learn from.
func (w *work) train() []int {
	var rows []int
	for i, p := range w.parts {
		if p == TrainingPart {
			rows = append(rows, i)
		}
	}
	return rows
}

// at names a value's place.
func (w *work) at(row, col int) string {
	return fmt.Sprintf("sample %s, gene %s", w.samples.IDs()[row], w.genes[col])
}

// plain refuses a step that changes values after one that has scaled them.
func (w *work) plain() error {
	if w.shift != nil {
		return fault.New("the values have been scaled already", "", "this step before Standardise, Centre and MinMax")
	}
	return nil
}

func (w *work) log(plus float64, units string) error {
	if err := w.plain(); err != nil {
		return err
	}
	if strings.HasPrefix(w.units, "log2") {
		why := prep.LooksUnlogged(w.x)
		if why == "" {
			w.note("the values looked logged before this logarithm; if they were, leave it out (EnsureLog2 looks first)")
		}
	}
	err := prep.Log2(w.x, plus)
	var b *prep.BadValue
	if errors.As(err, &b) {
		what := fmt.Sprintf("%d values are negative or zero", b.Count)
		try := "Floor(16) before it to lift values below the background, or Log1p() for counts"
		if math.IsNaN(b.Value) || math.IsInf(b.Value, 0) {
			what, try = fmt.Sprintf("%d values are missing or infinite", b.Count), "DropMissing() before it"
		} else if plus == 1 {
			try = "Floor(0) before it"
		}
		return fault.New(fmt.Sprintf("%s, the first is %g in %s", what, b.Value, w.at(b.Row, b.Col)), "", try)
	}
	if err == nil {
		w.units = units
	}
	return err
}

func (w *work) floor(lo float64) error {
	if err := w.plain(); err != nil {
		return err
	}
	if n := prep.Floor(w.x, float32(lo)); n > 0 {
		w.note(fmt.Sprintf("%d of %d values lay below %g and were lifted to it", n, len(w.x.Data), lo))
	}
	return nil
}

func (w *work) ensureLog2(step) error {
	why := prep.LooksUnlogged(w.x)
	if why == "" {
		w.units = "log2"
		return nil
	}
	lo := math.Min(16, prep.Percentile(w.x, 0.99)/100)
	least := float32(math.Inf(1))
	negative := 0
	for i := range w.x.Rows {
		for _, v := range w.x.Row(i) {
			least = min(least, v)
			if v < 0 {
				negative++
			}
		}
	}
	w.units = "signal"
	w.note(fmt.Sprintf("the values were not logged (%s); log2 was taken", why))
	if negative > 0 {
		w.note(fmt.Sprintf("%d of %d values were negative, down to %g", negative, len(w.x.Data), least))
	}
	if float64(least) < lo {
		if err := w.floor(lo); err != nil {
			return err
		}
	}
	return w.log(0, "log2")
}

// finite refuses missing values by name, before steps that they would spoil.
func (w *work) finite() error {
	if b := prep.CheckFinite(w.x); b != nil {
		return fault.New(fmt.Sprintf("%d values are missing or infinite, the first in %s", b.Count, w.at(b.Row, b.Col)), "", "DropMissing() before it")
	}
	return nil
}

func (w *work) quantile(step) error {
	if err := w.plain(); err != nil {
		return err
	}
	if err := w.finite(); err != nil {
		return err
	}
	if w.target == nil {
		w.target = prep.QuantileTarget(w.x, w.train())
	}
	cores.Each(w.x.Rows, func(i int) { prep.QuantileNormalise(w.x.Row(i), w.target) })
	return nil
}

func (w *work) minMaxRows(step) error {
	if err := w.plain(); err != nil {
		return err
	}
	if err := w.finite(); err != nil {
		return err
	}
	cores.Each(w.x.Rows, func(i int) { prep.MinMaxRow(w.x.Row(i)) })
	w.units = "0–1 per sample"
	return nil
}

func (w *work) dropMissing(step) error {
	bad := map[int]bool{}
	for i := range w.x.Rows {
		for j, v := range w.x.Row(i) {
			if prep.NotFinite(v) {
				bad[j] = true
			}
		}
	}
	return w.drop(bad, "missing values")
}

func (w *work) dropConstant(step) error {
	bad := map[int]bool{}
	for _, j := range prep.Constant(w.x, w.train()) {
		bad[j] = true
	}
	return w.drop(bad, "one value throughout")
}

func (w *work) drop(bad map[int]bool, why string) error {
	if len(bad) == 0 {
		return nil
	}
	var keep []int
	var names []string
	for j := range w.x.Cols {
		if bad[j] {
			names = append(names, w.genes[j])
		} else {
			keep = append(keep, j)
		}
	}
	if len(keep) == 0 {
		return fault.New("every gene has "+why, "", "looking at the data: no gene would be left")
	}
	w.note(fmt.Sprintf("%d genes with %s left out: %s", len(names), why, legal(names)))
	return w.keep(keep)
}

// keep leaves those columns.
func (w *work) keep(index []int) error {
	if len(index) == w.x.Cols {
		return nil
	}
	w.x = w.x.Columns(index)
	genes := make([]string, len(index))
	for j, k := range index {
		genes[j] = w.genes[k]
	}
	w.genes = genes
	if w.geneTable != nil {
		w.geneTable = w.geneTable.Rows(index)
	}
	if w.shift != nil {
		shift, scale := make([]float32, len(index)), make([]float32, len(index))
		for j, k := range index {
			shift[j], scale[j] = w.shift[k], w.scale[k]
		}
		w.shift, w.scale = shift, scale
	}
	return nil
}

func (w *work) where(s step) error {
	col, err := w.samples.Column(s.Args.Label)
	if err != nil {
		return err
	}
	for _, v := range s.Args.Values {
		if !slices.Contains(col, v) {
			return w.noLevel(s.Args.Label, v)
		}
	}
	var rows []int
	for i, v := range col {
		if slices.Contains(s.Args.Values, v) {
			rows = append(rows, i)
		}
	}
	w.x, w.samples = w.x.Pick(rows), w.samples.Rows(rows)
	parts := make([]Part, len(rows))
	for i, r := range rows {
		parts[i] = w.parts[r]
	}
	w.parts = parts
	return nil
}

func (w *work) noLevel(label, value string) error {
	levels, err := w.samples.Levels(label)
	if err != nil {
		return err
	}
	var names []string
	for _, l := range levels {
		names = append(names, l.Value)
	}
	return fault.New(fmt.Sprintf("no sample has %s %q", label, value), "", "one of "+legal(names))
}

// stratum is the label that a division keeps in proportion; nil for none.
func (w *work) stratum(label string) ([]string, error) {
	if label == "" {
		return nil, nil
	}
	col, err := w.samples.Column(label)
	if err != nil {
		return nil, err
	}
	levels, err := w.samples.Levels(label)
	if err != nil {
		return nil, err
	}
	if len(levels) < 2 {
		return nil, fault.New(fmt.Sprintf("every sample has the same %s, %q", label, levels[0].Value), "", `another label, or "" to divide without regard to labels`)
	}
	if len(levels) == w.x.Rows && w.x.Rows > 2 {
		return nil, fault.New(fmt.Sprintf("every sample has a %s of its own", label), "", "a label that several samples share, or \"\" to divide without regard to labels")
	}
	return col, nil
}

func (w *work) split(s step) error {
	labels, err := w.stratum(s.Args.Label)
	if err != nil {
		return err
	}
	to := []Part{TrainingPart, TestPart}
	if len(s.Args.Parts) == 3 {
		to = []Part{TrainingPart, ValidationPart, TestPart}
	}
	count := make([]int, len(to))
	for i, p := range prep.Split(w.x.Rows, labels, s.Args.Parts, s.Args.Seed) {
		w.parts[i] = to[p]
		count[p]++
	}
	if i := slices.Index(count, 0); i >= 0 {
		return fault.New(fmt.Sprintf("part %d of %v per cent would have none of the %d samples", i+1, s.Args.Parts[i], w.x.Rows), "", "larger parts or more samples")
	}
	w.saySmall(s.Args.Label, labels)
	return nil
}

// saySmall notes classes that have no sample in some part.
func (w *work) saySmall(label string, labels []string) {
	if labels == nil {
		return
	}
	has := map[string]map[Part]bool{}
	all := map[Part]bool{}
	for i, l := range labels {
		if has[l] == nil {
			has[l] = map[Part]bool{}
		}
		has[l][w.parts[i]], all[w.parts[i]] = true, true
	}
	var small []string
	for l, h := range has {
		if len(h) < len(all) {
			small = append(small, l)
		}
	}
	if len(small) > 0 {
		w.note(fmt.Sprintf("too few samples to be in every part: %s %s", label, legal(small)))
	}
}

func (w *work) fold(s step) error {
	labels, err := w.stratum(s.Args.Label)
	if err != nil {
		return err
	}
	if s.Args.N > w.x.Rows {
		return fault.New(fmt.Sprintf("%d folds of %d samples", s.Args.N, w.x.Rows), "", "fewer folds")
	}
	for i, f := range prep.Folds(w.x.Rows, labels, s.Args.N, s.Args.Seed) {
		if f == s.Args.I {
			w.parts[i] = TestPart
		}
	}
	return nil
}

func (w *work) holdOut(s step) error {
	col, err := w.samples.Column(s.Args.Label)
	if err != nil {
		return err
	}
	value, n := s.Args.Values[0], 0
	for i, v := range col {
		if v == value {
			w.parts[i] = TestPart
			n++
		}
	}
	if n == 0 {
		return w.noLevel(s.Args.Label, value)
	}
	if n == w.x.Rows {
		return fault.New(fmt.Sprintf("every sample has %s %q: none is left to learn from", s.Args.Label, value), "", "a label with several values")
	}
	return nil
}
