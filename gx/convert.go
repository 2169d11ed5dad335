package gx

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"gonum.org/v1/gonum/mat"

	"github.com/gxlab/gxlab/gx/fault"
	"github.com/gxlab/gxlab/gx/frame"
	"github.com/gxlab/gxlab/gx/prep"
)

// Dense is a copy of the values, in the data's own units, as a matrix of gonum,
// samples × genes. It takes twice the set's room: gonum's values are float64.
func (s *Set) Dense() *mat.Dense {
	d := mat.NewDense(max(1, s.N()), max(1, s.P()), nil)
	for i := range s.N() {
		for j, v := range s.Row(i) {
			d.Set(i, j, float64(v))
		}
	}
	return d
}

// Table is the labels with the values of some genes beside them, for gota
// (Table.DataFrame), for GroupBy and for Join. A gene that is not there is an error.
func (s *Set) Table(genes ...string) (*frame.Table, error) {
	t := s.Samples()
	for _, g := range genes {
		j := slices.Index(s.Genes(), g)
		if j < 0 {
			return nil, fault.New("there is no gene "+g, "", "one of "+legal(s.Genes()))
		}
		v := make([]string, s.N())
		for i := range v {
			if x := s.Row(i)[j]; x == x {
				v[i] = strconv.FormatFloat(float64(x), 'g', -1, 32)
			}
		}
		var err error
		if t, err = t.With(g, v); err != nil {
			return nil, err
		}
	}
	return t, nil
}

// FromMatrix is a cohort of values that are in memory, such as gonum's: samples ×
// genes, with the genes' names and the samples' labels. Its key is a sum of them all.
// scale is "log2", "signal" (not logged), or "" where that is to be guessed.
func FromMatrix(name string, x mat.Matrix, genes []string, samples *frame.Table, scale string) Cohort {
	rows, cols := x.Dims()
	if samples == nil || samples.Len() != rows || len(genes) != cols {
		n := 0
		if samples != nil {
			n = samples.Len()
		}
		return Failed(fault.New(fmt.Sprintf("%d × %d values with %d samples and %d genes", rows, cols, n, len(genes)), Caller(), "a row of labels for every sample, a name for every gene"))
	}
	m := prep.NewMatrix(rows, cols)
	h := sha256.New()
	for i := range rows {
		for j := range cols {
			m.Row(i)[j] = float32(x.At(i, j))
		}
	}
	for i := range rows {
		wide := make([]float64, cols)
		for j, v := range m.Row(i) {
			wide[j] = float64(v)
		}
		if err := prep.WriteFloat64s(h, wide); err != nil {
			return Failed(err)
		}
	}
	fmt.Fprintf(h, "%q %s", genes, scale)
	if err := samples.WriteTSV(h); err != nil {
		return Failed(err)
	}
	c := From(inMemory{name: name, raw: Raw{X: m, Genes: slices.Clone(genes), Samples: samples, Scale: scale}, key: hex.EncodeToString(h.Sum(nil))})
	c.where = Caller()
	return c
}

// inMemory is values as a source.
type inMemory struct {
	name string
	raw  Raw
	key  string
}

func (s inMemory) Name() string         { return s.name }
func (s inMemory) Key() (string, error) { return "memory " + s.key, nil }

func (s inMemory) Read(context.Context, Tell) (*Raw, error) {
	raw := s.raw
	raw.X = prep.Matrix{Rows: raw.X.Rows, Cols: raw.X.Cols, Data: slices.Clone(raw.X.Data)}
	for what, names := range map[string][]string{"sample": raw.Samples.IDs(), "gene": raw.Genes} {
		seen := map[string]bool{}
		for _, n := range names {
			if n == "" || seen[n] || strings.ContainsAny(n, "\n\r") {
				return nil, fault.New(fmt.Sprintf("a %s is called %q, which is empty, stands there twice or holds line ends", what, n), s.name, "a name of its own for every "+what)
			}
			seen[n] = true
		}
	}
	return &raw, nil
}
