package reduce

import (
	"gonum.org/v1/gonum/blas"
	"gonum.org/v1/gonum/blas/gonum"

	"github.com/gxlab/gxlab/gx/cores"
)

// lib is gonum's own arithmetic by name, whatever blas64 has been told to use: the
// order of its sums is what makes results repeat bit for bit.
var lib gonum.Implementation

// width is how many genes (or samples) are widened to float64 at a time: a block of
// some hundred rows then stays in the cache.
const width = 512

// block writes columns lo to lo+w of a matrix, row by row without gaps.
type block func(lo, w int, to []float64)

// narrow is the block of a float32 matrix of length columns, less a value per column
// where mean is not nil.
func narrow(x []float32, rows, cols int, mean []float64) block {
	return func(lo, w int, to []float64) {
		cores.Each(rows, func(i int) {
			r := to[i*w : (i+1)*w]
			for j, v := range x[i*cols+lo : i*cols+lo+w] {
				r[j] = float64(v)
			}
			if mean != nil {
				for j, m := range mean[lo : lo+w] {
					r[j] -= m
				}
			}
		})
	}
}

// upright is narrow's transpose: its rows are x's columns.
func upright(x []float32, cols int, mean []float64) block {
	return func(lo, w int, to []float64) {
		for i := range w {
			for j, v := range x[(lo+i)*cols : (lo+i+1)*cols] {
				d := float64(v)
				if mean != nil {
					d -= mean[j]
				}
				to[j*w+i] = d
			}
		}
	}
}

func wide(x []float64, rows, cols int) block {
	return func(lo, w int, to []float64) {
		for i := range rows {
			copy(to[i*w:(i+1)*w], x[i*cols+lo:i*cols+lo+w])
		}
	}
}

// dots is a·bᵀ over length columns, na × nb; with b nil it is a·aᵀ. Each element is
// summed in the same order wherever its rows stand.
func dots(a block, na int, b block, nb int, length int) []float64 {
	twin := b == nil
	if twin {
		nb = na
	}
	out := make([]float64, na*nb)
	wa := make([]float64, na*min(width, length))
	wb := wa
	if !twin {
		wb = make([]float64, nb*min(width, length))
	}
	const tile = 32
	ta, tb := (na+tile-1)/tile, (nb+tile-1)/tile
	for lo := 0; lo < length; lo += width {
		w := min(width, length-lo)
		a(lo, w, wa)
		if !twin {
			b(lo, w, wb)
		}
		cores.Each(ta*tb, func(t int) {
			i0, j0 := t/tb*tile, t%tb*tile
			for i := i0; i < min(i0+tile, na); i++ {
				for j := j0; j < min(j0+tile, nb); j++ {
					if !twin || j >= i {
						out[i*nb+j] += lib.Ddot(w, wa[i*w:], 1, wb[j*w:], 1)
					}
				}
			}
		})
	}
	if twin {
		for i := range na {
			for j := range i {
				out[i*na+j] = out[j*na+i]
			}
		}
	}
	return out
}

// combine is z·b, rows × length, one block of columns at a time, each handed to put.
// z is rows × inner and b's blocks are inner × w.
func combine(z []float64, rows, inner int, b block, length int, put func(lo, w int, y []float64)) {
	wb, y := make([]float64, inner*min(width, length)), make([]float64, rows*min(width, length))
	for lo := 0; lo < length; lo += width {
		w := min(width, length-lo)
		b(lo, w, wb)
		if rows > 0 {
			lib.Dgemm(blas.NoTrans, blas.NoTrans, rows, w, inner, 1, z, inner, wb, w, 0, y, w)
		}
		put(lo, w, y[:rows*w])
	}
}

// profiles is combine into float32 rows, plus a value per column where mean is not nil.
func profiles(z []float64, rows, inner int, b block, length int, mean []float64) []float32 {
	out := make([]float32, rows*length)
	combine(z, rows, inner, b, length, func(lo, w int, y []float64) {
		cores.Each(rows, func(i int) {
			r := out[i*length+lo : i*length+lo+w]
			for j, v := range y[i*w : (i+1)*w] {
				if mean != nil {
					v += mean[lo+j]
				}
				r[j] = float32(v)
			}
		})
	})
	return out
}
