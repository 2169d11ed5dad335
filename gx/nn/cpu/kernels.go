package cpu

// kernels are the inner loops of one instruction set.
type kernels struct {
	name   string
	mr, nr int
	// micro adds A·B to c: A is k × mr packed by column, B is k × nr packed by row.
	micro func(k int64, a, b, c *float32, ldc int64)
	// dot is the scalar product of n values.
	dot func(n int64, x, y *float32) float32
	// axpy adds alpha·x to y.
	axpy func(n int64, alpha float32, x, y *float32)
	// dotAxpy returns the scalar product of x and y, and adds alpha·x to y.
	dotAxpy func(n int64, alpha float32, x, y *float32) float32
	// adam takes one step on n parameters; c holds β1, 1−β1, β2, 1−β2, rate/C1,
	// 1/√C2, ε, L2 factor.
	adam func(n int64, w, g, m, v, c *float32)
	// the exponentials of vecexp.go; nil where there is no vector kernel.
	// lessExp multiplies y by 1 − eˣ.
	sigmoid, logSigmoid, lessExp eachFunc
	table                        *exponents
}
