package reduce

import (
	"fmt"
	"math"

	"github.com/gxlab/gxlab/gx/cores"
)

// Kernel is a similarity between two profiles that stands for a product in a larger
// space. Its scale γ is 1/genes everywhere, for codes too.
type Kernel uint8

// The kernels of the cell identity code paper.
const (
	Polynomial Kernel = iota // (γ a·b + 1)³
	Cosine                   // a·b / (|a| |b|), 0 with a profile of zeros
	RBF                      // exp(−γ |a−b|²)
)

// String is "polynomial", "cosine" or "RBF".
func (k Kernel) String() string {
	switch k {
	case Polynomial:
		return "polynomial"
	case Cosine:
		return "cosine"
	case RBF:
		return "RBF"
	}
	return fmt.Sprintf("Kernel(%d)", uint8(k))
}

func (k Kernel) kind() string {
	return [...]string{"kernel-pca-polynomial", "kernel-pca-cosine", "kernel-pca-rbf"}[k]
}

// from turns products a·b, rows × n, into kernel values, in place; aa and bb are the
// rows' products with themselves.
func (k Kernel) from(ab, aa, bb []float64, gamma float64) {
	n := len(bb)
	cores.Each(len(aa), func(i int) {
		for j, v := range ab[i*n : (i+1)*n] {
			switch k {
			case Polynomial:
				v = gamma*v + 1
				v *= v * v
			case Cosine:
				if size := math.Sqrt(aa[i]) * math.Sqrt(bb[j]); size > 0 {
					v /= size
				}
			case RBF:
				v = math.Exp(-gamma * max(aa[i]+bb[j]-2*v, 0))
			}
			ab[i*n+j] = v
		}
	})
}

// squaresOf is each row's product with itself, in the order in which dots sums it.
func squaresOf(a block, rows, length int) []float64 {
	out := make([]float64, rows)
	wa := make([]float64, rows*min(width, length))
	for lo := 0; lo < length; lo += width {
		w := min(width, length-lo)
		a(lo, w, wa)
		for i := range rows {
			out[i] += lib.Ddot(w, wa[i*w:], 1, wa[i*w:], 1)
		}
	}
	return out
}

// among is the kernel of every row with every row, and the rows' own products.
func (k Kernel) among(a block, rows, length int, gamma float64) (values, own []float64) {
	values = dots(a, rows, nil, 0, length)
	own = make([]float64, rows)
	for i := range own {
		own[i] = values[i*rows+i]
	}
	k.from(values, own, own, gamma)
	return values, own
}

// between is the kernel of every row of a with every row of b, whose own products are bb.
func (k Kernel) between(a block, rows int, b block, bb []float64, length int, gamma float64) []float64 {
	values := dots(a, rows, b, len(bb), length)
	k.from(values, squaresOf(a, rows, length), bb, gamma)
	return values
}
