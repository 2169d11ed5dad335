package learn

import (
	"context"
	"fmt"
	"math"

	"github.com/gxlab/gxlab/gx/fault"
	"github.com/gxlab/gxlab/gx/prep"
	"gonum.org/v1/gonum/mat"
)

// PartialCorrelation infers which genes vary together when all others are held fixed: the
// absolute partial correlations, from the inverse of the correlation matrix, which is
// shrunk towards the identity by as much as Ledoit and Wolf (2004) find best. An edge has
// no direction, and its weight here no sign.
type PartialCorrelation struct {
	// Shrink is how much, from 0 to below 1; 0 stands for Ledoit and Wolf's choice.
	Shrink float64
}

// Fit infers the network from samples × genes. Constant genes have no edges. It fails on
// missing values and fewer than three samples.
func (c PartialCorrelation) Fit(ctx context.Context, x prep.Matrix) (*Network, error) {
	const who = "partial correlation"
	if err := checkMatrix(who, "genes", x); err != nil {
		return nil, err
	}
	if x.Rows < 3 || x.Cols < 2 || !(c.Shrink >= 0 && c.Shrink < 1) {
		return nil, fault.New(fmt.Sprintf("%s: %d samples × %d genes, shrunk by %g", who, x.Rows, x.Cols, c.Shrink), "", "three samples of two genes or more, and 0 to below 1")
	}
	n, p := x.Rows, x.Cols
	z := mat.NewDense(n, p, nil)
	flat := make([]bool, p)
	for j := range p {
		y := unit(x, j)
		flat[j] = y == nil
		for i, v := range y {
			z.Set(i, j, v)
		}
	}
	r := mat.NewSymDense(p, nil)
	r.SymOuterK(1/float64(n), z.T())
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	shrink := c.Shrink
	if shrink == 0 {
		shrink = ledoitWolf(z, r)
	}
	trace := 0.0
	for j := range p {
		trace += r.At(j, j) / float64(p)
	}
	for i := range p {
		for j := i; j < p; j++ {
			v := (1 - shrink) * r.At(i, j)
			if i == j {
				v += shrink * trace
				if flat[i] {
					v = 1
				}
			}
			r.SetSym(i, j, v)
		}
	}
	var chol mat.Cholesky
	if !chol.Factorize(r) {
		return nil, fault.New(who+": the correlation matrix cannot be inverted", "", "more shrinkage (Shrink)")
	}
	var inv mat.SymDense
	if err := chol.InverseTo(&inv); err != nil && math.IsInf(chol.Cond(), 1) {
		return nil, fault.Wrap(err, who+": the correlation matrix cannot be inverted", "", "more shrinkage (Shrink)")
	}
	out := &Network{Genes: p, Weight: make([]float64, p*p)}
	for i := range p {
		for j := range i {
			w := math.Abs(inv.At(i, j)) / math.Sqrt(inv.At(i, i)*inv.At(j, j))
			out.Weight[i*p+j], out.Weight[j*p+i] = w, w
		}
	}
	return out, nil
}

// ledoitWolf is how much to shrink the covariance of centred samples.
func ledoitWolf(z *mat.Dense, r *mat.SymDense) float64 {
	n, p := z.Dims()
	square, fourth, mean := 0.0, 0.0, 0.0
	for i := range p {
		mean += r.At(i, i) / float64(p)
		for j := range p {
			square += r.At(i, j) * r.At(i, j)
		}
	}
	for i := range n {
		s := 0.0
		for _, v := range z.RawRowView(i) {
			s += v * v
		}
		fourth += s * s
	}
	beta := (fourth/float64(n) - square) / float64(p*n)
	delta := square/float64(p) - mean*mean
	if delta <= 0 {
		return 0
	}
	return math.Max(0, math.Min(beta, delta)) / delta
}
