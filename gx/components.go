package gx

import (
	"fmt"
	"math"
	"sort"

	"gonum.org/v1/gonum/mat"

	"github.com/gxlab/gxlab/gx/prep"
)

// Components says what each number of a code stands for: how the reproduced profile
// changes when that number alone is raised (the first paper's section 2.4).
type Components struct {
	Model  string
	Genes  []string
	By     float64     // how many standard deviations a component was raised
	Mean   []float32   // of every component over the samples
	Sigma  []float32   // its standard deviation there (divisor n)
	Axes   [][]float64 // what one standard deviation of each adds to the code
	Change Matrix      // components × genes: profile with the component raised less profile at the mean, data units
}

// Components raises each component of the code by so many of its standard deviations
// over s's samples, the others at their means, and decodes: the paper decodes the mean
// code C̄ and C̄ + 2σᵢ, over all samples.
func (m *Model) Components(s *Set, by float64) (*Components, error) {
	c, codes, err := m.components(s, by)
	if err != nil {
		return nil, err
	}
	k := codes.Cols
	c.Axes = make([][]float64, k)
	for i := range k {
		c.Axes[i] = make([]float64, k)
		c.Axes[i][i] = float64(c.Sigma[i])
	}
	return c, m.raise(c, codes)
}

// VarimaxComponents is Components along other axes of the same code. The axes of an
// autoencoder's code are a matter of chance: any invertible linear change of the code,
// undone in the decoder's first layer, is the same network. These axes are uncorrelated
// over s's samples and each has variance 1; among those, the changes of genes are the
// most concentrated on few (varimax, Kaiser 1958, on the change by one standard
// deviation), and the axis that changes genes most comes first.
func (m *Model) VarimaxComponents(s *Set, by float64) (*Components, error) {
	c, codes, err := m.components(s, by)
	if err != nil {
		return nil, err
	}
	if c.Axes, err = whitened(codes.Matrix); err != nil {
		return nil, err
	}
	c.By = 1
	if err := m.raise(c, codes); err != nil {
		return nil, err
	}
	c.By = by
	c.Axes = rotated(c.Axes, varimax(c.Change))
	for i := range c.Sigma {
		c.Sigma[i] = 1
	}
	return c, m.raise(c, codes)
}

// components are the codes of the samples and what is common to all ways to raise them.
func (m *Model) components(s *Set, by float64) (*Components, *Codes, error) {
	if !(by != 0) || math.IsInf(by, 0) {
		return nil, nil, bad(fmt.Sprintf("Components(%v)", by), "no change", "a number of standard deviations, such as 2")
	}
	codes, err := m.Encode(s)
	if err != nil {
		return nil, nil, err
	}
	k := codes.Cols
	c := &Components{Model: m.name, Genes: m.genes, By: by, Mean: make([]float32, k), Sigma: make([]float32, k)}
	mean, sd := prep.Moments(codes.Matrix, every(codes.Rows))
	for i := range k {
		c.Mean[i], c.Sigma[i] = float32(mean[i]), float32(sd[i])
	}
	return c, codes, nil
}

// raise decodes the mean code with each axis raised, and fills in the changes.
func (m *Model) raise(c *Components, codes *Codes) error {
	k, n := len(c.Mean), len(c.Axes)
	at := prep.NewMatrix(n+1, k)
	for i := range n + 1 {
		copy(at.Row(i), c.Mean)
		if i < n {
			for j, v := range c.Axes[i] {
				at.Row(i)[j] += float32(c.By * v)
			}
		}
	}
	reps, err := m.Decode(&Codes{Matrix: at, Samples: codes.Samples.Rows(make([]int, n+1)), Model: m.name})
	if err != nil {
		return err
	}
	c.Change = prep.NewMatrix(n, len(c.Genes))
	for i := range n {
		for j, v := range reps.Row(i) {
			c.Change.Row(i)[j] = v - reps.Row(n)[j]
		}
	}
	return nil
}

// whitened are axes of the codes along which they are uncorrelated, each as long as
// its standard deviation; directions in which they do not vary are left out.
func whitened(codes Matrix) ([][]float64, error) {
	k := codes.Cols
	mean, _ := prep.Moments(codes, every(codes.Rows))
	cov := mat.NewSymDense(k, nil)
	for r := range codes.Rows {
		for i, v := range codes.Row(r) {
			for j := i; j < k; j++ {
				cov.SetSym(i, j, cov.At(i, j)+(float64(v)-mean[i])*(float64(codes.Row(r)[j])-mean[j])/float64(codes.Rows))
			}
		}
	}
	var e mat.EigenSym
	if !e.Factorize(cov, true) {
		return nil, bad("VarimaxComponents", "the codes' covariance cannot be taken apart", "codes without missing values")
	}
	var v mat.Dense
	e.VectorsTo(&v)
	values := e.Values(nil)
	var axes [][]float64
	for i := k - 1; i >= 0; i-- {
		if values[i] <= 1e-10*values[k-1] {
			continue
		}
		axis := make([]float64, k)
		for j := range axis {
			axis[j] = math.Sqrt(values[i]) * v.At(j, i)
		}
		axes = append(axes, axis)
	}
	return axes, nil
}

// varimax is the rotation, axis by axis, after which the changes, axes × genes, are most
// concentrated: the sum over axes of the variance of their squares is greatest. Axes
// stand by the size of their changes, and point to where these are in sum positive.
func varimax(change Matrix) [][]float64 {
	k, p := change.Rows, change.Cols
	a := mat.NewDense(p, k, nil)
	for i := range k {
		for j, v := range change.Row(i) {
			a.Set(j, i, float64(v))
		}
	}
	r := mat.NewDense(k, k, nil)
	for i := range k {
		r.Set(i, i, 1)
	}
	var l, g mat.Dense
	for last, turn := 0.0, 0; turn < 1000; turn++ {
		l.Mul(a, r)
		cubes := mat.NewDense(p, k, nil)
		for i := range k {
			squares := 0.0
			for j := range p {
				squares += l.At(j, i) * l.At(j, i)
			}
			for j := range p {
				v := l.At(j, i)
				cubes.Set(j, i, v*v*v-v*squares/float64(p))
			}
		}
		g.Mul(a.T(), cubes)
		var svd mat.SVD
		if !svd.Factorize(&g, mat.SVDFull) {
			break
		}
		var u, v mat.Dense
		svd.UTo(&u)
		svd.VTo(&v)
		r.Mul(&u, v.T())
		sum := 0.0
		for _, s := range svd.Values(nil) {
			sum += s
		}
		if sum <= last*(1+1e-9) {
			break
		}
		last = sum
	}
	l.Mul(a, r)
	size, sign := make([]float64, k), make([]float64, k)
	for i := range k {
		for j := range p {
			v := l.At(j, i)
			size[i] += v * v
			sign[i] += v * v * v
		}
	}
	order := every(k)
	sort.SliceStable(order, func(x, y int) bool { return size[order[x]] > size[order[y]] })
	out := make([][]float64, k)
	for n, i := range order {
		out[n] = make([]float64, k)
		for j := range k {
			out[n][j] = r.At(j, i)
			if sign[i] < 0 {
				out[n][j] = -out[n][j]
			}
		}
	}
	return out
}

// rotated are combinations of axes.
func rotated(axes, by [][]float64) [][]float64 {
	out := make([][]float64, len(by))
	for i, row := range by {
		out[i] = make([]float64, len(axes[0]))
		for n, f := range row {
			for j, v := range axes[n] {
				out[i][j] += f * v
			}
		}
	}
	return out
}

// Top is the n genes that change most with component i (from 0), up or down, most
// first; of equal changes the gene that stands first.
func (c *Components) Top(i, n int) []string {
	row := c.Change.Row(i)
	order := every(len(row))
	sort.SliceStable(order, func(a, b int) bool { return math.Abs(float64(row[order[a]])) > math.Abs(float64(row[order[b]])) })
	out := make([]string, min(n, len(order)))
	for k := range out {
		out[k] = c.Genes[order[k]]
	}
	return out
}

// String is the components in one line.
func (c *Components) String() string {
	return fmt.Sprintf("%d components of %s, each raised by %g σ: the change of %d genes", c.Change.Rows, c.Model, c.By, len(c.Genes))
}
