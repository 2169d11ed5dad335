package reduce

import (
	"gonum.org/v1/gonum/blas"
	"gonum.org/v1/gonum/mat"
)

// ridge solves against a positive n × n kernel matrix plus alpha on its diagonal.
type ridge struct {
	n      int
	chol   mat.Cholesky
	values []float64 // by eigenvalues instead, where the kernel is too steep: their inverses
	turn   []float64 // n × n, an eigenvector a row
}

func newRidge(kernel []float64, n int, alpha float64) (*ridge, error) {
	r := &ridge{n: n}
	whole := append([]float64(nil), kernel...)
	for i := range n {
		whole[i*n+i] += alpha
	}
	// Beyond this condition the answer is rounding. Then the directions whose eigenvalues
	// stand out of the greatest one's rounding still give one.
	if r.chol.Factorize(mat.NewSymDense(n, whole)) && r.chol.Cond() < 1e14 {
		return r, nil
	}
	var err error
	r.values, r.turn, err = leading(kernel, n, n)
	if err != nil {
		return nil, err
	}
	r.invert(alpha)
	return r, nil
}

func (r *ridge) invert(alpha float64) {
	floor := r.values[0] * float64(r.n) * 0x1p-52
	for i, v := range r.values {
		r.values[i] = 0
		if v > floor {
			r.values[i] = 1 / (v + alpha)
		}
	}
}

// solve replaces each of the rows b of length n by (kernel + alpha)⁻¹ b.
func (r *ridge) solve(b []float64, rows int) {
	if rows == 0 {
		return
	}
	if r.values == nil {
		var x mat.Dense
		// The condition was looked at when the factor was made.
		_ = r.chol.SolveTo(&x, mat.NewDense(rows, r.n, b).T())
		for i := range rows {
			mat.Col(b[i*r.n:(i+1)*r.n], i, &x)
		}
		return
	}
	t := make([]float64, rows*r.n)
	lib.Dgemm(blas.NoTrans, blas.Trans, rows, r.n, r.n, 1, b, r.n, r.turn, r.n, 0, t, r.n)
	for i := range rows {
		for j, v := range r.values {
			t[i*r.n+j] *= v
		}
	}
	lib.Dgemm(blas.NoTrans, blas.NoTrans, rows, r.n, r.n, 1, t, r.n, r.turn, r.n, 0, b, r.n)
}
