package manifold

import (
	"fmt"
	"math"
	"math/rand/v2"

	"github.com/gxlab/gxlab/gx/fault"
	"github.com/gxlab/gxlab/gx/prep"
	"github.com/gxlab/gxlab/gx/reduce"
)

// components are the samples' first two principal components, x and y by turns; zeros
// where the samples do not vary in so many directions.
func components(x prep.Matrix) ([]float64, error) {
	k := min(2, x.Cols, x.Rows-1)
	m, err := reduce.PCA(x.Data, x.Rows, x.Cols, k)
	if err != nil {
		return nil, err
	}
	z, err := m.Encode(x.Data, x.Rows)
	if err != nil {
		return nil, err
	}
	y := make([]float64, 2*x.Rows)
	for i := range x.Rows {
		for c := range k {
			y[2*i+c] = float64(z[i*k+c])
		}
	}
	return y, nil
}

// Components are the first two principal components of samples × values, samples × 2:
// where t-SNE and UMAP begin, to compare them with. The second is 0 throughout where the
// samples vary in one direction alone. It fails on missing values and on one sample alone.
func Components(x prep.Matrix) (prep.Matrix, error) {
	if err := check("principal components", x, 2, "more samples"); err != nil {
		return prep.Matrix{}, err
	}
	y, err := components(x)
	return narrowed(y), err
}

// jitter adds Gaussian noise, so that samples that are alike are not in one place and
// samples of one value each do not stay on a line.
func jitter(y []float64, sd float64, seed uint64) {
	rng := rand.New(rand.NewPCG(seed, 0x6d616e69666f6c64))
	for i := range y {
		y[i] += float64(sd * rng.NormFloat64())
	}
}

// check wants a whole matrix of finite values and at least least samples.
func check(who string, x prep.Matrix, least int, try string) error {
	if x.Rows < 0 || x.Cols < 1 || len(x.Data) != x.Rows*x.Cols {
		return fault.New(fmt.Sprintf("%s: %d values for %d samples × %d", who, len(x.Data), x.Rows, x.Cols), "", "samples × values, row by row")
	}
	for i, v := range x.Data {
		if f := float64(v); math.IsNaN(f) || math.IsInf(f, 0) {
			return fault.New(fmt.Sprintf("%s: a value is %v", who, v), fmt.Sprintf("sample %d, column %d", i/x.Cols+1, i%x.Cols+1),
				"leaving out or filling in missing values first")
		}
	}
	if x.Rows < least {
		return fault.New(fmt.Sprintf("%s: %d samples, and it needs at least %d", who, x.Rows, least), "", try)
	}
	return nil
}

// narrowed is places as float32, samples × 2.
func narrowed(y []float64) prep.Matrix {
	m := prep.NewMatrix(len(y)/2, 2)
	for i, v := range y {
		m.Data[i] = float32(v)
	}
	return m
}
