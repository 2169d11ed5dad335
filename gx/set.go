package gx

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"sort"
	"strings"

	"github.com/gxlab/gxlab/gx/cores"
	"github.com/gxlab/gxlab/gx/frame"
	"github.com/gxlab/gxlab/gx/prep"
)

// Part is the part of a divided cohort that a sample belongs to.
type Part uint8

// The parts of a divided cohort. Without a Split, Fold or HoldOut every sample
// is in TrainingPart.
const (
	TrainingPart Part = iota
	ValidationPart
	TestPart
)

// A Set is expression profiles in memory, samples × genes, with their labels.
//
// Its values are in the data's own units (log2, after Log2): steps that scale
// genes (Standardise, Centre, MinMax) are kept beside them as one shift and one
// scale per gene, so that errors of models can be told in the data's units.
// Values gives them as the last step leaves them. A Set is read-only and may be
// shared; Train, Validation, Test and Select are views of it.
type Set struct {
	b    *base
	rows []int  // of b, in order; nil for all
	name string // of a view: "test"
}

// base is what all views of a set share.
type base struct {
	name, key string
	x         prep.Matrix // data units
	genes     []string
	samples   *frame.Table
	geneTable *frame.Table // or nil
	parts     []Part
	shift     []float32 // model units = (data units − shift) / scale; nil: the same
	scale     []float32
	units     string
	target    []float32 // QuantileNormalise's distribution, or nil
	steps     []step
	notes     []string
	truth     json.RawMessage
}

// N is the number of samples.
func (s *Set) N() int {
	if s.rows == nil {
		return s.b.x.Rows
	}
	return len(s.rows)
}

// P is the number of genes.
func (s *Set) P() int { return s.b.x.Cols }

// Row is sample i's profile in the data's own units. It must not be changed.
func (s *Set) Row(i int) []float32 {
	if s.rows != nil {
		i = s.rows[i]
	}
	return s.b.x.Row(i)
}

// Genes are the names of the columns.
func (s *Set) Genes() []string { return s.b.genes }

// GeneTable is what the source told of the genes, one row a gene: symbols, titles,
// other names. It has no columns where the source told nothing.
func (s *Set) GeneTable() *frame.Table {
	if s.b.geneTable == nil {
		return frame.New(s.b.genes)
	}
	return s.b.geneTable
}

// Samples are the labels, one row a sample.
func (s *Set) Samples() *frame.Table {
	if s.rows == nil {
		return s.b.samples
	}
	return s.b.samples.Rows(s.rows)
}

// Labels is one label of every sample. An unknown label is an error that lists
// those there are.
func (s *Set) Labels(name string) ([]string, error) {
	all, err := s.b.samples.Column(name)
	if err != nil {
		return nil, err
	}
	if s.rows == nil {
		return all, nil
	}
	out := make([]string, len(s.rows))
	for i, r := range s.rows {
		out[i] = all[r]
	}
	return out, nil
}

// Name is what people call the cohort, and the part.
func (s *Set) Name() string {
	if s.name == "" {
		return s.b.name
	}
	return s.b.name + ", " + s.name
}

// Units is the unit of the values: "log2", "signal", or what a step made it.
func (s *Set) Units() string { return s.b.units }

// Notes are what reading and preparing the data had to say.
func (s *Set) Notes() []string { return s.b.notes }

// Truth is what a simulation planted, as JSON; nil for real data.
func (s *Set) Truth() json.RawMessage { return s.b.truth }

// Key is the key the set is kept under.
func (s *Set) Key() string { return s.b.key }

// Train is the training part; all samples where the cohort is not divided.
func (s *Set) Train() *Set { return s.part(TrainingPart, "training") }

// Validation is the validation part: empty unless Split has three parts.
func (s *Set) Validation() *Set { return s.part(ValidationPart, "validation") }

// Test is the test part: empty where the cohort is not divided.
func (s *Set) Test() *Set { return s.part(TestPart, "test") }

func (s *Set) part(p Part, name string) *Set {
	rows := []int{}
	for i := range s.N() {
		r := i
		if s.rows != nil {
			r = s.rows[i]
		}
		if s.b.parts[r] == p {
			rows = append(rows, r)
		}
	}
	return &Set{b: s.b, rows: rows, name: name}
}

// Select is the samples with those indices, in that order.
func (s *Set) Select(index ...int) *Set {
	rows := make([]int, len(index))
	for i, k := range index {
		rows[i] = k
		if s.rows != nil {
			rows[i] = s.rows[k]
		}
	}
	return &Set{b: s.b, rows: rows, name: s.name}
}

// Data is a copy of the values in the data's own units, samples × genes.
func (s *Set) Data() Matrix {
	m := prep.NewMatrix(s.N(), s.P())
	for i := range s.N() {
		copy(m.Row(i), s.Row(i))
	}
	return m
}

// Noisy is the samples with Gaussian noise on every value, of standard deviation sd in
// the units of the last step: of 0–1 after MinMax, of standard deviations after
// Standardise, else of the data's own. The same seed gives the same noise.
func (s *Set) Noisy(sd float64, seed uint64) *Set {
	m := s.Data()
	cores.Each(m.Rows, func(i int) {
		rng := rand.New(rand.NewPCG(seed, uint64(i)))
		row := m.Row(i)
		for j := range row {
			by := sd * rng.NormFloat64()
			if s.b.scale != nil {
				by *= float64(s.b.scale[j])
			}
			row[j] += float32(by)
		}
	})
	return s.profiles(s.Name()+", noisy", m)
}

// Values is a copy of the values as the recipe's last step leaves them:
// standardised, centred or mapped to 0–1 where a step says so.
func (s *Set) Values() Matrix {
	m := s.Data()
	for i := range m.Rows {
		s.b.scaled(m.Row(i))
	}
	return m
}

// scaled brings a row from the data's units to the units of the last step.
func (b *base) scaled(row []float32) {
	if b.shift == nil {
		return
	}
	for j := range row {
		row[j] = (row[j] - b.shift[j]) / b.scale[j]
	}
}

// String is the set in one line.
func (s *Set) String() string {
	return fmt.Sprintf("%s: %d samples × %d genes, %s", s.Name(), s.N(), s.P(), s.b.units)
}

// HTML is a summary for a notebook: the shape, the parts, the notes, a heat map with
// the samples in the order of a label, and the first labels.
func (s *Set) HTML() (string, error) {
	t, err := s.Samples().HTML()
	if err != nil {
		return "", err
	}
	h := "<p><b>" + escape(s.String()) + "</b>"
	if tr, va, te := s.Train().N(), s.Validation().N(), s.Test().N(); va+te > 0 {
		h += fmt.Sprintf("<br>training %d, validation %d, test %d", tr, va, te)
	}
	for _, n := range s.b.notes {
		h += "<br>" + escape(n)
	}
	rows, order, err := s.byLabel()
	if err != nil {
		return "", err
	}
	p, err := s.b.x.Drawn(rows, order)
	if err != nil {
		return "", err
	}
	return h + "</p>" + p + t, nil
}

// byLabel is the set's rows in the order of the first label that several samples
// share, and that order in words.
func (s *Set) byLabel() (rows []int, order string, err error) {
	labels := s.Samples()
	rows = make([]int, s.N())
	for i := range rows {
		if rows[i] = i; s.rows != nil {
			rows[i] = s.rows[i]
		}
	}
	for _, n := range labels.Names() {
		levels, err := labels.Levels(n)
		if err != nil {
			return nil, "", err
		}
		if len(levels) < 2 || len(levels) > max(2, s.N()/2) {
			continue
		}
		v, err := labels.Column(n)
		if err != nil {
			return nil, "", err
		}
		at := every(s.N())
		sort.SliceStable(at, func(a, b int) bool { return v[at[a]] < v[at[b]] })
		out := make([]int, len(rows))
		for k, i := range at {
			out[k] = rows[i]
		}
		return out, fmt.Sprintf("by %s (%s)", escape(n), escape(legalLevels(levels))), nil
	}
	return rows, "in their order", nil
}

// legalLevels are a label's values in order, the first and the last of many.
func legalLevels(levels []frame.Level) string {
	var names []string
	for _, l := range levels {
		names = append(names, l.Value)
	}
	if len(names) > 8 {
		names = append(append(names[:4:4], "…"), names[len(names)-3:]...)
	}
	return strings.Join(names, ", ")
}

// profiles is a set of the same genes and of s's samples with other values, such
// as a model's reproductions.
func (s *Set) profiles(name string, x Matrix) *Set {
	b := *s.b
	b.x, b.samples, b.name, b.key = x, s.Samples(), name, ""
	b.parts = make([]Part, x.Rows)
	for i := range b.parts {
		b.parts[i] = TestPart
		if s.rows != nil {
			b.parts[i] = s.b.parts[s.rows[i]]
		} else if len(s.b.parts) > i {
			b.parts[i] = s.b.parts[i]
		}
	}
	return &Set{b: &b}
}
