package learn

import (
	"context"
	"math"

	"github.com/gxlab/gxlab/gx/cores"
	"github.com/gxlab/gxlab/gx/fault"
	"github.com/gxlab/gxlab/gx/prep"
	"gonum.org/v1/gonum/blas"
	"gonum.org/v1/gonum/mat"
)

// LinearModel is a fitted [LinearRegression], [Ridge] or [Lasso]: targets = x · Coef +
// Intercept.
type LinearModel struct {
	Features, Targets int
	Coef              []float64 // features × targets, row by row
	Intercept         []float64 // one a target
	Alpha             []float64 // of ridge and lasso: the penalty of each target

	// LOO is, of ridge, each target's mean squared error when every sample is left out
	// in turn, at its Alpha.
	LOO []float64

	name         string
	meanX, meanY []float64
}

// At is the coefficient of a feature for a target.
func (m *LinearModel) At(feature, target int) float64 { return m.Coef[feature*m.Targets+target] }

// Predict is samples × targets.
func (m *LinearModel) Predict(x prep.Matrix) (prep.Matrix, error) {
	if err := checkNew(m.name, x, m.Features); err != nil {
		return prep.Matrix{}, err
	}
	out := prep.NewMatrix(x.Rows, m.Targets)
	if x.Rows == 0 {
		return out, nil
	}
	const high = 256 // samples at a time
	y := make([]float64, min(high, x.Rows)*m.Targets)
	for lo := 0; lo < x.Rows; lo += high {
		hi := min(lo+high, x.Rows)
		in := wide(x, lo, hi)
		less(in, m.meanX)
		product(false, false, hi-lo, m.Targets, m.Features, in, m.Features, m.Coef, m.Targets, 0, y, m.Targets)
		cores.Each(hi-lo, func(i int) {
			to := out.Row(lo + i)
			for t, v := range y[i*m.Targets : (i+1)*m.Targets] {
				to[t] = float32(v + m.meanY[t])
			}
		})
	}
	return out, nil
}

// regression is what the linear methods start from: centred features and targets.
type regression struct {
	n, p, targets int
	x             []float64 // n × p, less the mean
	y             prep.Matrix
	meanX, meanY  []float64
}

// centre checks and centres the data.
func centre(who string, x, y prep.Matrix) (*regression, error) {
	if err := checkTargets(who, x, y, 2); err != nil {
		return nil, err
	}
	r := &regression{n: x.Rows, p: x.Cols, targets: y.Cols, x: wide(x, 0, x.Rows), y: y, meanX: means(x), meanY: means(y)}
	less(r.x, r.meanX)
	return r, nil
}

func means(x prep.Matrix) []float64 {
	out := make([]float64, x.Cols)
	for i := range x.Rows {
		for j, v := range x.Row(i) {
			out[j] += float64(v)
		}
	}
	for j := range out {
		out[j] /= float64(x.Rows)
	}
	return out
}

// less takes a value off each column.
func less(x, mean []float64) {
	p := len(mean)
	cores.Each(len(x)/p, func(i int) {
		r := x[i*p : (i+1)*p]
		for j, m := range mean {
			r[j] -= m
		}
	})
}

// span is how many targets are widened to float64 at a time.
const span = 1024

// block is targets lo to lo+w less their means, n × w.
func (r *regression) block(lo, w int) []float64 {
	out := make([]float64, r.n*w)
	cores.Each(r.n, func(i int) {
		for j, v := range r.y.Row(i)[lo : lo+w] {
			out[i*w+j] = float64(v) - r.meanY[lo+j]
		}
	})
	return out
}

// eachBlock goes over all targets.
func (r *regression) eachBlock(ctx context.Context, p *progress, f func(lo, w int, y []float64) error) error {
	for lo := 0; lo < r.targets; lo += span {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		w := min(span, r.targets-lo)
		if err := f(lo, w, r.block(lo, w)); err != nil {
			return err
		}
		p.step()
	}
	return ctx.Err()
}

// model is the fitted model of coefficients, features × targets.
func (r *regression) model(who string, coef []float64) *LinearModel {
	m := &LinearModel{Features: r.p, Targets: r.targets, Coef: coef, Intercept: append([]float64(nil), r.meanY...),
		name: who, meanX: r.meanX, meanY: r.meanY}
	for j, mean := range r.meanX {
		lib.Daxpy(r.targets, -mean, coef[j*r.targets:], 1, m.Intercept, 1)
	}
	return m
}

// product is C = beta·C + op(A)·op(B), row by row: op(A) is m × k and op(B) k × n.
func product(ta, tb bool, m, n, k int, a []float64, lda int, b []float64, ldb int, beta float64, c []float64, ldc int) {
	lib.Dgemm(flip(ta), flip(tb), m, n, k, 1, a, lda, b, ldb, beta, c, ldc)
}

func flip(t bool) blas.Transpose {
	if t {
		return blas.Trans
	}
	return blas.NoTrans
}

// LinearRegression is ordinary least squares with an intercept, for all targets at once.
// Where features outnumber samples, or depend on each other, it is the solution of
// smallest coefficients; those follow the noise, and [Ridge] is the better baseline.
type LinearRegression struct {
	Tell func(what string, done, total int)
}

// Name is "linear regression".
func (LinearRegression) Name() string { return "linear regression" }

// Train is Fit.
func (l LinearRegression) Train(ctx context.Context, x, targets prep.Matrix) (Estimator, error) {
	return estimated(l.Fit(ctx, x, targets))
}

// Fit learns from samples × features and samples × targets. It fails on missing values,
// matrices of different samples and fewer than two samples, and when ctx ends.
func (l LinearRegression) Fit(ctx context.Context, x, targets prep.Matrix) (*LinearModel, error) {
	r, err := centre(l.Name(), x, targets)
	if err != nil {
		return nil, err
	}
	inverse, err := r.inverse(l.Name())
	if err != nil {
		return nil, err
	}
	coef := make([]float64, r.p*r.targets)
	p := &progress{tell: l.Tell, what: "blocks of targets", total: blocks(r.targets, span)}
	err = r.eachBlock(ctx, p, func(lo, w int, y []float64) error {
		product(false, false, r.p, w, r.n, inverse, r.n, y, w, 0, coef[lo:], r.targets)
		return nil
	})
	if err != nil {
		return nil, err
	}
	return r.model(l.Name(), coef), nil
}

// inverse is the pseudoinverse of the centred features, p × n: by QR where they are
// independent, else by singular values, of which those within rounding of 0 are 0.
func (r *regression) inverse(who string) ([]float64, error) {
	n, p := r.n, r.p
	out := mat.NewDense(p, n, nil)
	a := mat.NewDense(n, p, r.x)
	if n > p {
		var qr mat.QR
		qr.Factorize(a)
		if qr.Cond() < 1e12 {
			one := mat.NewDense(n, n, nil)
			for i := range n {
				one.Set(i, i, 1)
			}
			if err := qr.SolveTo(out, false, one); err == nil {
				return out.RawMatrix().Data, nil
			}
		}
	}
	var svd mat.SVD
	if !svd.Factorize(a, mat.SVDThin) {
		return nil, fault.New(who+": the singular values did not converge", "", "looking for values of wildly different size among the features")
	}
	var u, v mat.Dense
	svd.UTo(&u)
	svd.VTo(&v)
	values := svd.Values(nil)
	floor := values[0] * float64(max(n, p)) * 0x1p-52
	for k, s := range values {
		w := 0.0
		if s > floor {
			w = 1 / s
		}
		for j := range p {
			v.Set(j, k, v.At(j, k)*w)
		}
	}
	out.Mul(&v, u.T())
	return out.RawMatrix().Data, nil
}

// eigen is the eigenvalues of a symmetric m × m matrix, none below 0, and its
// eigenvectors in columns.
func eigen(who string, a []float64, m int) (values, vectors []float64, err error) {
	for _, v := range a {
		if math.IsNaN(v) || math.IsInf(v, 0) {
			return nil, nil, fault.New(who+": the products of the features overflow", "", "smaller values: log2 them first")
		}
	}
	var e mat.EigenSym
	if !e.Factorize(mat.NewSymDense(m, a), true) {
		return nil, nil, fault.New(who+": the eigenvalues did not converge", "", "looking for values of wildly different size among the features")
	}
	var v mat.Dense
	e.VectorsTo(&v)
	values = e.Values(nil)
	for i := range values {
		values[i] = max(0, values[i])
	}
	return values, v.RawMatrix().Data, nil
}
