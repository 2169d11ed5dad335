package reduce

import (
	"math"
	"math/rand/v2"

	"github.com/gxlab/gxlab/gx/cores"
	"gonum.org/v1/gonum/blas"
	"gonum.org/v1/gonum/mat"
)

// lanczos finds the k greatest eigenvalues of a symmetric m × m matrix, descending, and
// their unit vectors, k × m, by the Lanczos method with full orthogonalisation and thick
// restarts (Wu and Simon 2000). It wants products with g alone, where all eigenvalues want
// m³ steps: for a k far below m. It is false where they are not found, or where it cannot
// be shown that no greater one was passed over.
func lanczos(g []float64, m, k int) (values, vectors []float64, ok bool) {
	room := min(m, 4*k+60)
	keep := k + (room-k)/3
	v := make([]float64, (room+1)*m) // orthonormal rows
	t := make([]float64, room*room)  // g as they see it
	rng := rand.New(rand.NewPCG(1, 2))
	fresh := func(j int) {
		for i := range m {
			v[j*m+i] = rng.NormFloat64()
		}
		perpendicular(v, j, m, nil)
		lib.Dscal(m, 1/lib.Dnrm2(m, v[j*m:], 1), v[j*m:], 1)
	}
	fresh(0)
	const rounds, precise = 60, 1e-12
	from := 0
	for range rounds {
		beta := 0.0
		for j := from; j < room; j++ {
			next := v[(j+1)*m : (j+2)*m]
			times(g, m, v[j*m:(j+1)*m], next)
			along := make([]float64, j+1)
			perpendicular(v, j+1, m, along)
			for i, h := range along {
				t[i*room+j], t[j*room+i] = h, h
			}
			if beta = lib.Dnrm2(m, next, 1); beta > precise*math.Abs(t[0]) {
				lib.Dscal(m, 1/beta, next, 1)
			} else if beta = 0; j+1 < m { // what the rows span is g's own: go on elsewhere
				fresh(j + 1)
			}
		}
		var e mat.EigenSym
		if !e.Factorize(mat.NewSymDense(room, append([]float64(nil), t...)), true) {
			return nil, nil, false
		}
		var u mat.Dense
		e.VectorsTo(&u)
		all := e.Values(nil)
		turn := make([]float64, keep*room) // the greatest first
		left := 0.0
		for i := range keep {
			mat.Col(turn[i*room:(i+1)*room], room-1-i, &u)
			if i < k {
				left = max(left, beta*math.Abs(turn[(i+1)*room-1]))
			}
		}
		kept := make([]float64, keep*m)
		lib.Dgemm(blas.NoTrans, blas.NoTrans, keep, m, room, 1, turn, room, v, m, 0, kept, m)
		if left <= precise*math.Abs(all[room-1]) {
			values = make([]float64, k)
			for i := range k {
				values[i] = all[room-1-i]
			}
			return values, kept[:k*m], greatest(g, m, values, kept[:k*m])
		}
		copy(v[keep*m:(keep+1)*m], v[room*m:])
		copy(v, kept)
		clear(t)
		for i := range keep {
			t[i*room+i] = all[room-1-i]
		}
		from = keep
	}
	return nil, nil, false
}

// times is y = g·x.
func times(g []float64, m int, x, y []float64) {
	const rows = 64
	cores.Each((m+rows-1)/rows, func(b int) {
		for i := b * rows; i < min(m, b*rows+rows); i++ {
			y[i] = lib.Ddot(m, g[i*m:], 1, x, 1)
		}
	})
}

// perpendicular takes away from row n of v what it has along the n rows before it, twice,
// so that rounding leaves nothing; along takes how much that was, unless it is nil.
func perpendicular(v []float64, n, m int, along []float64) {
	r, h := v[n*m:(n+1)*m], make([]float64, n)
	for range 2 {
		lib.Dgemv(blas.NoTrans, n, m, 1, v, m, r, 1, 0, h, 1)
		lib.Dgemv(blas.Trans, n, m, -1, v, m, h, 1, 1, r, 1)
		for i := range along {
			along[i] += h[i]
		}
	}
}

// greatest says whether no eigenvalue of g but those given is above the least of them:
// without these, what g lacks to it has a Cholesky decomposition.
func greatest(g []float64, m int, values, vectors []float64) bool {
	k := len(values)
	rest := make([]float64, m*m)
	copy(rest, g)
	scaled := make([]float64, k*m)
	for i, v := range values {
		lib.Daxpy(m, v, vectors[i*m:], 1, scaled[i*m:], 1)
	}
	lib.Dgemm(blas.Trans, blas.NoTrans, m, m, k, 1, scaled, m, vectors, m, -1, rest, m) // Σ λ·v·vᵀ − g
	bound := values[k-1] + 1e-10*math.Abs(values[0])
	for i := range m {
		rest[i*m+i] += bound
	}
	var c mat.Cholesky
	return c.Factorize(mat.NewSymDense(m, rest))
}
