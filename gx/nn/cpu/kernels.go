package cpu

import "unsafe"

// kernels are the inner loops of one instruction set.
type kernels struct {
	name   string
	mr, nr int
	lanes  int // float32 in a vector
	// micro sets c to A·B, or adds it where add is not 0: A is k × mr packed by
	// column, B is k × nr packed by row.
	micro func(k int64, a, b, c *float32, ldc, add int64)
	// lines and transpose move values into panels; nil where Go does it. The last
	// vector of a panel may be written beyond it, into the padding.
	lines     func(k, panels int64, src *float32, stride int64, dst *float32, across, down int64)
	transpose func(k int64, rows *unsafe.Pointer, dst *float32, down int64)
	// dot is the scalar product of n values.
	dot func(n int64, x, y *float32) float32
	// axpy adds alpha·x to y.
	axpy func(n int64, alpha float32, x, y *float32)
	// dotAxpy returns the scalar product of x and y, and adds alpha·x to y.
	dotAxpy func(n int64, alpha float32, x, y *float32) float32
	// adam takes one step on n parameters; c holds β1, 1−β1, β2, 1−β2, rate/C1,
	// 1/√C2, ε, L2 factor.
	adam func(n int64, w, g, m, v, c *float32)
	// momentum takes one step on n parameters; c holds µ, L2 factor, −rate.
	momentum func(n int64, w, g, m, c *float32)
	// acts and backs are the activations and what multiplies by their derivatives;
	// nil where Go does it.
	acts, backs [SoftMax + 1]eachFunc
	mul         eachFunc // multiplies y by x
	table       *exponents
	// dropout hides a share of n values, a multiple of 16; nil where Go does it.
	dropout func(n int64, x, y, mask *float32, c *[6]uint64)
	// mse and mae sum a loss and write its gradient; nil where Go does it.
	mse, mae func(n int64, y, x, d, c *float32) float64
}
