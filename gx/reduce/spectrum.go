package reduce

import (
	"math"

	"github.com/gxlab/gxlab/gx/fault"
	"gonum.org/v1/gonum/mat"
)

// spectrum is the leading part of a singular value decomposition.
type spectrum struct {
	squares []float64 // k squared singular values, descending; 0 beyond the rank
	left    []float64 // k × n, unit rows over samples; 0 beyond the rank
	right   []float64 // k × p, unit rows over genes; 0 beyond the rank
	total   float64   // the sum of all squared singular values
}

// decompose finds the k leading singular values and vectors of n × p values less the
// mean per gene (nil: none), from the smaller of the two matrices of products. Its
// squares carry the rounding of the largest, so what is below n·2⁻⁵² of it is called 0.
func decompose(x []float32, n, p, k int, mean []float64) (*spectrum, error) {
	s := &spectrum{}
	small, m := narrow(x, n, p, mean), n
	length := p
	if p < n {
		small, m, length = upright(x, p, mean), p, n
	}
	g := dots(small, m, nil, 0, length)
	for i := range m {
		s.total += g[i*m+i]
	}
	values, vectors, err := leading(g, m, k)
	if err != nil {
		return nil, err
	}
	floor := values[0] * float64(m) * 0x1p-52
	for i, v := range values {
		if v <= floor || v <= 0 {
			values[i] = 0
			clear(vectors[i*m : (i+1)*m])
		}
	}
	s.squares = values
	other := make([]float64, k*length)
	combine(vectors, k, m, small, length, func(lo, w int, y []float64) {
		for i := range k {
			copy(other[i*length+lo:], y[i*w:(i+1)*w])
		}
	})
	orthonormal(other, k, length, values)
	s.left, s.right = vectors, other
	if p < n {
		s.left, s.right = other, vectors
	}
	return s, nil
}

// leading finds the k greatest eigenvalues of a symmetric m × m matrix, descending,
// and their unit vectors, k × m.
func leading(g []float64, m, k int) (values, vectors []float64, err error) {
	for _, v := range g {
		if math.IsNaN(v) || math.IsInf(v, 0) {
			return nil, nil, fault.New("the products between samples overflow", "", "smaller values: log2 them first")
		}
	}
	if m > 400 && 10*k < m {
		if values, vectors, ok := lanczos(g, m, k); ok {
			return values, vectors, nil
		}
	}
	var e mat.EigenSym
	if !e.Factorize(mat.NewSymDense(m, g), true) {
		return nil, nil, fault.New("the eigenvalues did not converge", "", "looking for values of wildly different size among the genes")
	}
	all := e.Values(nil)
	var u mat.Dense
	e.VectorsTo(&u)
	values, vectors = make([]float64, k), make([]float64, k*m)
	for i := range k {
		values[i] = all[m-1-i]
		mat.Col(vectors[i*m:(i+1)*m], m-1-i, &u)
	}
	return values, vectors, nil
}

// orthonormal makes the rows of v unit and perpendicular, the first first. They nearly
// are: the products' rounding has bent the later ones towards the earlier.
func orthonormal(v []float64, k, length int, values []float64) {
	for i := range k {
		r := v[i*length : (i+1)*length]
		if values[i] == 0 {
			clear(r)
			continue
		}
		for j := range i {
			q := v[j*length : (j+1)*length]
			lib.Daxpy(length, -lib.Ddot(length, q, 1, r, 1), q, 1, r, 1)
		}
		lib.Dscal(length, 1/lib.Dnrm2(length, r, 1), r, 1)
	}
}

// upward turns v around if its element farthest from zero is negative, and says so.
func upward(v []float64) bool {
	top := 0.0
	for _, e := range v {
		if math.Abs(e) > math.Abs(top) {
			top = e
		}
	}
	if top >= 0 {
		return false
	}
	for i := range v {
		v[i] = -v[i]
	}
	return true
}
