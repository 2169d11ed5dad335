package reduce

import (
	"context"
	"fmt"
	"math"
	"slices"

	"github.com/gxlab/gxlab/gx/cores"
	"github.com/gxlab/gxlab/gx/fault"
)

// NMFModel holds non-negative parts whose sums, with weights that are never negative,
// come near the profiles. Its fields are for reading.
type NMFModel struct {
	Parts      []float64 // K × P, none negative
	Error      float64   // root of the summed squared errors over the training samples
	Iterations int
	Converged  bool    // false: the last of 200 iterations came first
	Shift      float64 // taken from values before, given back after; 0 from NMF

	genes int
	gram  []float64 // K × K products of the parts
}

// The settings of scikit-learn's NMF.
const (
	nmfIterations = 200
	nmfTolerance  = 1e-4 // of the first iteration's total slope
)

// NMF finds k non-negative parts of n training samples of p genes and the samples'
// non-negative weights of them, by coordinate descent from the non-negative double SVD
// with zeros raised to the mean (Boutsidis and Gallopoulos 2008; Cichocki and Phan
// 2009), as scikit-learn's NMF by default. k is at most n and p; no value of x may be
// negative, and x is not kept. It ends where the slopes have fallen to 1e-4 of the first
// iteration's, which on wide data can be after some ten iterations, or after 200. It
// tells its iterations, and stops with ctx's error.
func NMF(ctx context.Context, x []float32, n, p, k int, tell func(what string, done, total int)) (*NMFModel, error) {
	if err := checkFit("NMF", x, n, p, k, min(n, p), "no more than samples or genes"); err != nil {
		return nil, err
	}
	for i, v := range x {
		if v < 0 {
			return nil, fault.New(fmt.Sprintf("NMF: a value is %v, and parts that are never negative cannot sum to it", v),
				fmt.Sprintf("sample %d, gene %d", i/p+1, i%p+1), "log2 values without Standardise, or ShiftedNMF")
		}
	}
	return fitNMF(ctx, x, n, p, k, 0, tell)
}

// ShiftedNMF is NMF of data that fall below zero: with a negative value in x, all values
// are counted from the least one, here and in every profile encoded or decoded. Data
// that never fall below zero it leaves as they are.
func ShiftedNMF(ctx context.Context, x []float32, n, p, k int, tell func(what string, done, total int)) (*NMFModel, error) {
	if err := checkFit("NMF", x, n, p, k, min(n, p), "no more than samples or genes"); err != nil {
		return nil, err
	}
	return fitNMF(ctx, x, n, p, k, float64(min(0, slices.Min(x))), tell)
}

func fitNMF(ctx context.Context, x []float32, n, p, k int, shift float64, tell func(string, int, int)) (*NMFModel, error) {
	m := &NMFModel{Shift: shift, genes: p}
	s, err := decompose(x, n, p, k, m.level())
	if err != nil {
		return nil, err
	}
	sum := 0.0
	for _, v := range x {
		sum += float64(v) - shift
	}
	var w []float64
	w, m.Parts = s.start(k, n, p, sum/float64(n*p))
	if err := m.fit(ctx, x, n, k, w, tell); err != nil {
		return nil, err
	}
	m.gram = dots(wide(m.Parts, k, p), k, nil, 0, p)
	m.Error = m.distance(x, n, w)
	return m, nil
}

// level is the shift for each gene, nil for none.
func (m *NMFModel) level() []float64 {
	if m.Shift == 0 {
		return nil
	}
	return slices.Repeat([]float64{m.Shift}, m.genes)
}

// fit descends in weights w (k × n) and parts (k × p) by turns.
func (m *NMFModel) fit(ctx context.Context, x []float32, n, k int, w []float64, tell func(string, int, int)) error {
	p, h := m.genes, m.Parts
	data := narrow(x, n, p, m.level())
	ahead := make([]float64, k*p)
	first := 0.0
	for m.Iterations < nmfIterations && !m.Converged {
		if err := ctx.Err(); err != nil {
			return err
		}
		m.Iterations++
		slope := sweep(w, dots(wide(h, k, p), k, nil, 0, p), dots(wide(h, k, p), k, data, n, p), k, n)
		combine(w, k, n, data, p, func(lo, wd int, y []float64) {
			for t := range k {
				copy(ahead[t*p+lo:], y[t*wd:(t+1)*wd])
			}
		})
		slope += sweep(h, dots(wide(w, k, n), k, nil, 0, n), ahead, k, p)
		if m.Iterations == 1 {
			first = slope
		}
		m.Converged = slope <= nmfTolerance*first
		if tell != nil {
			tell("NMF", m.Iterations, nmfIterations)
		}
	}
	if tell != nil && m.Converged {
		tell("NMF", nmfIterations, nmfIterations)
	}
	return nil
}

// sweep moves each of f's k × m values once to its best place, others held: f minimises
// ½ Σ fᵀ·g·f − r·f, none negative. It returns the sum of the slopes it found.
func sweep(f, g, r []float64, k, m int) float64 {
	const part = 256
	sums := make([]float64, (m+part-1)/part)
	cores.Each(len(sums), func(c int) {
		lo, hi := c*part, min(m, (c+1)*part)
		slope := make([]float64, hi-lo)
		for t := range k {
			for j, v := range r[t*m+lo : t*m+hi] {
				slope[j] = -v
			}
			for q := range k {
				lib.Daxpy(len(slope), g[t*k+q], f[q*m+lo:], 1, slope, 1)
			}
			bend := g[t*k+t]
			for j, v := range f[t*m+lo : t*m+hi] {
				s := slope[j]
				if v > 0 || s < 0 {
					sums[c] += math.Abs(s)
				}
				if bend != 0 {
					f[t*m+lo+j] = max(v-s/bend, 0)
				}
			}
		}
	})
	total := 0.0
	for _, s := range sums {
		total += s
	}
	return total
}

// distance is the root of the summed squared errors of weights w, k × n.
func (m *NMFModel) distance(x []float32, n int, w []float64) float64 {
	k, p := m.K(), m.genes
	rows := make([]float64, n*k)
	for t := range k {
		for i := range n {
			rows[i*k+t] = w[t*n+i]
		}
	}
	sums := make([]float64, n)
	combine(rows, n, k, wide(m.Parts, k, p), p, func(lo, wd int, y []float64) {
		cores.Each(n, func(i int) {
			for j, v := range y[i*wd : (i+1)*wd] {
				d := float64(x[i*p+lo+j]) - m.Shift - v
				sums[i] += d * d
			}
		})
	})
	total := 0.0
	for _, s := range sums {
		total += s
	}
	return math.Sqrt(total)
}

// Encode finds the non-negative weights, rows × K, whose sum of parts is nearest to
// each profile. Profiles may hold negative values: they are met as nearly as can be.
func (m *NMFModel) Encode(x []float32, rows int) ([]float32, error) { return encode(m, x, rows) }

// Decode sums the parts by their weights, rows × K, to profiles, rows × P.
func (m *NMFModel) Decode(z []float32, rows int) ([]float32, error) { return decode(m, z, rows) }

// K is the number of parts.
func (m *NMFModel) K() int { return len(m.Parts) / max(m.genes, 1) }

// P is the number of genes.
func (m *NMFModel) P() int { return m.genes }

// Kind is "nmf".
func (m *NMFModel) Kind() string { return "nmf" }

func (m *NMFModel) encode(x []float32, rows int) []float64 {
	k := m.K()
	z := dots(narrow(x, rows, m.genes, m.level()), rows, wide(m.Parts, k, m.genes), k, m.genes)
	cores.Each(rows, func(i int) { nonNegative(m.gram, z[i*k:(i+1)*k]) })
	return z
}

func (m *NMFModel) decode(z []float64, rows int) []float32 {
	return profiles(z, rows, m.K(), wide(m.Parts, m.K(), m.genes), m.genes, m.level())
}

// Arrays is the model as plain arrays, for Restore.
func (m *NMFModel) Arrays() map[string]Array {
	fit := []float64{m.Error, float64(m.Iterations), 0, m.Shift}
	if m.Converged {
		fit[2] = 1
	}
	return map[string]Array{"parts": matrix(m.Parts, m.K()), "fit": vector(fit)}
}

func restoreNMF(a arrays) (Model, error) {
	m := &NMFModel{Parts: a.doubles("parts", -1, -1)}
	fit := a.doubles("fit", 4)
	if err := a.err(); err != nil {
		return nil, err
	}
	m.genes = a.from["parts"].Shape[1]
	m.Error, m.Iterations, m.Converged, m.Shift = fit[0], int(fit[1]), fit[2] != 0, fit[3]
	m.gram = dots(wide(m.Parts, m.K(), m.genes), m.K(), nil, 0, m.genes)
	return m, nil
}
