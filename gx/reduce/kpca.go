package reduce

import (
	"fmt"
	"math"

	"github.com/gxlab/gxlab/gx/fault"
)

// KernelModel holds kernel principal components, and the ridge that leads from codes
// back to profiles. Its fields are for reading.
type KernelModel struct {
	Kernel      Kernel
	Eigenvalues []float64 // of the centred kernel, descending; 0 below 1e-12 of the first

	n, p   int
	x      []float32 // n × p training samples
	own    []float64 // their products with themselves
	column []float64 // per training sample, its mean kernel value
	all    float64   // the mean kernel value
	scaled []float64 // K × n, eigenvectors over the roots of their eigenvalues; 0 with them

	codes []float64 // n × K training codes
	size  []float64 // their products with themselves
	ridge *ridge    // their kernel plus alpha on the diagonal
}

// alpha is the ridge on the way back, scikit-learn's default.
const alpha = 1.0

// KernelPCA finds k principal components of n training samples of p genes in the
// kernel's space, and learns the way back by kernel ridge regression of the samples on
// their codes, with the same kernel and γ and a ridge of 1. k is at most n−1. A copy of
// x is kept. As scikit-learn's KernelPCA with fit_inverse_transform, whose way back
// does not restore the mean exactly: zero codes do not decode to the mean profile.
func KernelPCA(kernel Kernel, x []float32, n, p, k int) (*KernelModel, error) {
	if kernel > RBF {
		return nil, fault.New(fmt.Sprintf("there is no kernel %d", uint8(kernel)), "", "Polynomial, Cosine or RBF")
	}
	if err := checkFit("kernel PCA", x, n, p, k, n-1, "fewer than there are samples"); err != nil {
		return nil, err
	}
	m := &KernelModel{Kernel: kernel, n: n, p: p, x: append([]float32(nil), x...), column: make([]float64, n)}
	values, own := kernel.among(narrow(x, n, p, nil), n, p, m.gamma())
	m.own = own
	for i := range n {
		for j, v := range values[i*n : (i+1)*n] {
			m.column[j] += v / float64(n)
		}
	}
	for _, v := range m.column {
		m.all += v / float64(n)
	}
	m.centre(values, n)
	var err error
	var vectors []float64
	m.Eigenvalues, vectors, err = leading(values, n, k)
	if err != nil {
		return nil, err
	}
	m.codes, m.scaled = make([]float64, n*k), make([]float64, k*n)
	floor := max(m.Eigenvalues[0]*1e-12, 0)
	for t, v := range m.Eigenvalues {
		if v <= floor {
			m.Eigenvalues[t] = 0
			continue
		}
		u := vectors[t*n : (t+1)*n]
		upward(u)
		for i, e := range u {
			m.codes[i*k+t] = e * math.Sqrt(v)
			m.scaled[t*n+i] = e / math.Sqrt(v)
		}
	}
	return m, m.open()
}

// open prepares the way back from the training codes.
func (m *KernelModel) open() (err error) {
	values, own := m.Kernel.among(wide(m.codes, m.n, m.K()), m.n, m.K(), m.gamma())
	m.size = own
	m.ridge, err = newRidge(values, m.n, alpha)
	return err
}

func (m *KernelModel) gamma() float64 { return 1 / float64(m.p) }

// centre takes the training samples' mean, in the kernel's space, from kernel values of
// rows samples with the training ones.
func (m *KernelModel) centre(values []float64, rows int) {
	for i := range rows {
		r := values[i*m.n : (i+1)*m.n]
		mean := 0.0
		for _, v := range r {
			mean += v / float64(m.n)
		}
		for j := range r {
			r[j] += m.all - m.column[j] - mean
		}
	}
}

// Encode projects profiles, rows × P, onto the components: rows × K.
func (m *KernelModel) Encode(x []float32, rows int) ([]float32, error) { return encode(m, x, rows) }

// Decode predicts profiles, rows × P, from codes, rows × K, by the ridge.
func (m *KernelModel) Decode(z []float32, rows int) ([]float32, error) { return decode(m, z, rows) }

// K is the number of components.
func (m *KernelModel) K() int { return len(m.Eigenvalues) }

// P is the number of genes.
func (m *KernelModel) P() int { return m.p }

// Kind is "kernel-pca-" and the kernel in small letters.
func (m *KernelModel) Kind() string { return m.Kernel.kind() }

func (m *KernelModel) encode(x []float32, rows int) []float64 {
	values := m.Kernel.between(narrow(x, rows, m.p, nil), rows, narrow(m.x, m.n, m.p, nil), m.own, m.p, m.gamma())
	m.centre(values, rows)
	return dots(wide(values, rows, m.n), rows, wide(m.scaled, m.K(), m.n), m.K(), m.n)
}

func (m *KernelModel) decode(z []float64, rows int) []float32 {
	k := m.K()
	values := m.Kernel.between(wide(z, rows, k), rows, wide(m.codes, m.n, k), m.size, k, m.gamma())
	m.ridge.solve(values, rows)
	return profiles(values, rows, m.n, narrow(m.x, m.n, m.p, nil), m.p, nil)
}

// Arrays is the model as plain arrays, for Restore; the training samples are among them.
func (m *KernelModel) Arrays() map[string]Array {
	return map[string]Array{
		"samples":     {Shape: []int{m.n, m.p}, Single: m.x},
		"own":         vector(m.own),
		"column":      vector(m.column),
		"all":         vector([]float64{m.all}),
		"eigenvalues": vector(m.Eigenvalues),
		"scaled":      matrix(m.scaled, m.K()),
		"codes":       matrix(m.codes, m.n),
	}
}

func restoreKernel(kernel Kernel, a arrays) (Model, error) {
	m := &KernelModel{Kernel: kernel, x: a.singles("samples", -1, -1), Eigenvalues: a.doubles("eigenvalues", -1)}
	if err := a.err(); err != nil {
		return nil, err
	}
	m.n, m.p = a.from["samples"].Shape[0], a.from["samples"].Shape[1]
	m.own, m.column = a.doubles("own", m.n), a.doubles("column", m.n)
	m.scaled, m.codes = a.doubles("scaled", m.K(), m.n), a.doubles("codes", m.n, m.K())
	all := a.doubles("all", 1)
	if err := a.err(); err != nil {
		return nil, err
	}
	m.all = all[0]
	return m, m.open()
}
