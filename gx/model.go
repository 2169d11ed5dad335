package gx

import (
	"fmt"
	"math"

	"github.com/gxlab/gxlab/gx/cores"
	"github.com/gxlab/gxlab/gx/fault"
	"github.com/gxlab/gxlab/gx/prep"
	"github.com/gxlab/gxlab/gx/stats"
)

// A Model packs profiles into codes and reproduces profiles from codes: what a
// trained autoencoder (*Fitted) and a classical reduction (*Reduced) have in
// common. It takes and gives profiles in the data's own units (log2) and knows
// its genes by name, so that new samples may have more, fewer or other genes in
// any order.
type Model struct {
	name  string
	k     int
	genes []string
	units string
	shift []float32 // of the cohort's learned steps; nil where it has none
	scale []float32
	mean  []float32 // training mean of every gene, data units: stands in for missing genes
	coder coder
	notes []string
	rec   Record

	steps  []step    // of the training cohort
	target []float32 // of its quantile normalisation, or nil
}

// coder is the part of a model that works on plain numbers in model units.
type coder interface {
	Encode(x []float32, rows int) ([]float32, error)
	Decode(z []float32, rows int) ([]float32, error)
}

// Name is what figures and tables call the model.
func (m *Model) Name() string { return m.name }

// CodeSize is how many numbers a profile is packed into.
func (m *Model) CodeSize() int { return m.k }

// Genes are the genes the model knows, in its order.
func (m *Model) Genes() []string { return m.genes }

// Units are those of the profiles it was fitted on, such as "log2".
func (m *Model) Units() string { return m.units }

// Notes are what fitting the model had to say.
func (m *Model) Notes() []string { return m.notes }

// Record says where the model comes from: data, steps, settings, seed, versions.
func (m *Model) Record() Record { return m.rec }

// blockSamples is how many samples are worked on at once, beside the whole of them.
const blockSamples = 4096

// Encode packs the profiles of s into codes. Genes are found by name; genes the
// model knows and s lacks take their training mean and are named in the codes'
// Missing. With fewer than half of its genes it is an error.
func (m *Model) Encode(s *Set) (*Codes, error) {
	index, missing, err := m.shared(s)
	if err != nil {
		return nil, err
	}
	all := prep.NewMatrix(s.N(), m.k)
	x := prep.NewMatrix(min(blockSamples, s.N()), len(m.genes))
	for lo := 0; lo < s.N(); lo += blockSamples {
		x.Rows = min(blockSamples, s.N()-lo)
		x.Data = x.Data[:x.Rows*x.Cols]
		m.align(x, s, lo, index)
		z, err := m.coder.Encode(x.Data, x.Rows)
		if err != nil {
			return nil, err
		}
		copy(all.Data[lo*m.k:], z)
	}
	return &Codes{
		Matrix:  all,
		Samples: s.Samples(), Model: m.name, Missing: missing,
		from: s,
	}, nil
}

// Decode reproduces profiles from codes, in the data's own units.
func (m *Model) Decode(c *Codes) (*Set, error) {
	if c.layer != 0 {
		return nil, fault.New(fmt.Sprintf("these are activations of layer %d, not codes", c.layer), m.name, "codes of the same model's Encode")
	}
	if c.Cols != m.k {
		return nil, fault.New(fmt.Sprintf("codes of %d numbers for a model of %d", c.Cols, m.k), m.name, "codes of the same model's Encode")
	}
	y, err := m.coder.Decode(c.Data, c.Rows)
	if err != nil {
		return nil, err
	}
	x := prep.Matrix{Rows: c.Rows, Cols: len(m.genes), Data: y}
	if m.shift != nil {
		for i := range x.Rows {
			row := x.Row(i)
			for j := range row {
				row[j] = row[j]*m.scale[j] + m.shift[j]
			}
		}
	}
	b := &base{name: "reproduced by " + m.name, x: x, genes: m.genes, samples: c.Samples, parts: make([]Part, x.Rows), units: m.units}
	return &Set{b: b}, nil
}

// Reconstruct packs and reproduces: the reproduced profiles (REPs) of s, in the
// data's own units, one for every sample in its order.
func (m *Model) Reconstruct(s *Set) (*Set, error) {
	c, err := m.Encode(s)
	if err != nil {
		return nil, err
	}
	return m.Decode(c)
}

// shared finds the model's genes in s: where each lies, nil where they are the same,
// and those that s lacks.
func (m *Model) shared(s *Set) (index []int, missing []string, err error) {
	if s.N() == 0 {
		return nil, nil, fault.New("no samples to encode", s.Name(), "a part that has samples: Split, Fold or HoldOut make a test part")
	}
	if s.Units() != m.units {
		return nil, nil, fault.New(fmt.Sprintf("the samples are in %s, %s was fitted on %s", s.Units(), m.name, m.units), s.Name(),
			"the same steps as the training cohort's: Prepare(cohort) takes them over")
	}
	index, missing = align(m.genes, s.Genes())
	if 2*len(missing) > len(m.genes) {
		return nil, nil, fault.New(fmt.Sprintf("%d of the model's %d genes are missing, such as %s", len(missing), len(m.genes), legal(missing[:min(len(missing), 5)])),
			s.Name(), "gene names of the same kind as the training data's, such as "+legal(m.genes[:min(len(m.genes), 5)]))
	}
	return index, missing, nil
}

// aligned is s's profiles in the model's genes and units, all at once.
func (m *Model) aligned(s *Set) (x Matrix, missing []string, err error) {
	index, missing, err := m.shared(s)
	if err != nil {
		return x, nil, err
	}
	x = prep.NewMatrix(s.N(), len(m.genes))
	m.align(x, s, 0, index)
	return x, missing, nil
}

// align fills x with s's profiles from sample lo, in the model's genes and units.
func (m *Model) align(x Matrix, s *Set, lo int, index []int) {
	cores.Each(x.Rows, func(i int) {
		from, to := s.Row(lo+i), x.Row(i)
		if index == nil {
			copy(to, from)
		} else {
			for j, k := range index {
				if k < 0 {
					to[j] = m.mean[j]
				} else {
					to[j] = from[k]
				}
			}
		}
		if m.shift != nil {
			for j := range to {
				to[j] = (to[j] - m.shift[j]) / m.scale[j]
			}
		}
	})
}

// align finds each gene of want in have: nil where the lists are the same, else
// an index per gene, −1 for those missing.
func align(want, have []string) (index []int, missing []string) {
	if len(want) == len(have) {
		same := len(want) == 0 || &want[0] == &have[0]
		for i := 0; !same && i < len(want) && want[i] == have[i]; i++ {
			same = i == len(want)-1
		}
		if same {
			return nil, nil
		}
	}
	at := make(map[string]int, len(have))
	for i, g := range have {
		at[g] = i
	}
	index = make([]int, len(want))
	for i, g := range want {
		k, ok := at[g]
		if !ok {
			k = -1
			missing = append(missing, g)
		}
		index[i] = k
	}
	return index, missing
}

// Errors are the mean squared errors of reproduced profiles, one a sample, in
// squared data units (log2²).
type Errors []float64

// Mean is their mean.
func (e Errors) Mean() float64 { return stats.Mean(e) }

// SE is the standard error of their mean.
func (e Errors) SE() float64 { return stats.SE(e) }

// Errors are each sample's mean squared error over the genes that s and the
// model share, in squared data units.
func (m *Model) Errors(s *Set) (Errors, error) {
	var all Errors
	for lo := 0; lo < max(1, s.N()); lo += blockSamples {
		part := s
		if s.N() > blockSamples {
			part = s.Select(every(s.N())[lo:min(s.N(), lo+blockSamples)]...)
		}
		rep, err := m.Reconstruct(part)
		if err != nil {
			return nil, err
		}
		all = append(all, sampleErrors(part, rep)...)
	}
	return all, nil
}

// sampleErrors compares profiles gene by gene, by name.
func sampleErrors(gep, rep *Set) Errors {
	index, _ := align(rep.Genes(), gep.Genes())
	out := make(Errors, gep.N())
	for i := range out {
		a, b := gep.Row(i), rep.Row(i)
		sum, n := 0.0, 0
		for j, y := range b {
			k := j
			if index != nil {
				if k = index[j]; k < 0 {
					continue
				}
			}
			d := float64(y) - float64(a[k])
			sum += d * d
			n++
		}
		out[i] = sum / float64(n)
		if n == 0 {
			out[i] = math.NaN()
		}
	}
	return out
}
