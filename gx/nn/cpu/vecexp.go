package cpu

import "math"

// eachFunc runs over n values, a multiple of 16, from x to y with the table of
// constants c.
type eachFunc func(n int64, x, y, c *float32)

// exponents holds each constant of the vector activations sixteen times over, in
// the order of gen/exp.go.
type exponents [36][16]float32

func newExponents() *exponents {
	t := new(exponents)
	rows := [36]float32{
		-87.3, 88.3, math.Log2E, 3 << 22, 0.693359375, -2.12194440e-4,
		math.Float32frombits(127), // the exponent's bias, an integer
		1.0 / 5040, 1.0 / 720, 1.0 / 120, 1.0 / 24, 1.0 / 6, 1.0 / 2, 1, 1,
		0, 1, 2,
		1.0 / 13, 1.0 / 11, 1.0 / 9, 1.0 / 7, 1.0 / 5, 1.0 / 3, 1,
		math.Float32frombits(1<<31 - 1), math.Float32frombits(1 << 31), -2, tanhNear,
		-17.0 / 315, 2.0 / 15, -1.0 / 3, 1,
		leak, lambda, -lambda,
	}
	for i, v := range rows {
		for j := range t[i] {
			t[i][j] = v
		}
	}
	return t
}

// over runs f on all of x and y: the values beyond a multiple of sixteen go
// through a vector of their own, so that a value's result does not depend on its
// place.
func (t *exponents) over(f eachFunc, x, y []float32) {
	n := len(x) &^ 15
	if n > 0 {
		f(int64(n), &x[0], &y[0], &t[0][0])
	}
	if n < len(x) {
		room := scratches.Get().(*scratch)
		copy(room.from[:], x[n:])
		copy(room.to[:], y[n:len(x)])
		f(16, &room.from[0], &room.to[0], &t[0][0])
		copy(y[n:len(x)], room.to[:])
		scratches.Put(room)
	}
}

// activate computes act of z into y by the vector kernels where there is one.
func (k *kernels) activate(act Act, z, y []float32) {
	if f := k.acts[act]; f != nil {
		k.table.over(f, z, y)
		return
	}
	activate(act, z, y)
}

// derive multiplies d by the derivative, likewise.
func (k *kernels) derive(act Act, z, y, d []float32) {
	f := k.backs[act]
	switch {
	case f == nil:
		derive(act, z, y, d)
	case act.NeedsInput():
		k.table.over(f, z[:len(d)], d)
	default:
		k.table.over(f, y, d)
	}
}
