package cpu

import (
	"math"
	"unsafe"
)

// The portable kernels. Sums run in sixteen lanes, as the vector kernels' do.

var generic = kernels{
	name: "generic", mr: 4, nr: 8,
	micro: microGeneric, dot: dotGeneric, axpy: axpyGeneric, dotAxpy: dotAxpyGeneric, adam: adamGeneric, momentum: momentumGeneric,
}

func slice(p *float32, n int64) []float32 { return unsafe.Slice(p, n) }

func microGeneric(k int64, a, b, c *float32, ldc, add int64) {
	as, bs, cs := slice(a, 4*k), slice(b, 8*k), slice(c, 3*ldc+8)
	for i := range int64(4) {
		var s [8]float32
		for p := range k {
			x := as[4*p+i]
			r := bs[8*p : 8*p+8 : 8*p+8]
			s[0] += x * r[0]
			s[1] += x * r[1]
			s[2] += x * r[2]
			s[3] += x * r[3]
			s[4] += x * r[4]
			s[5] += x * r[5]
			s[6] += x * r[6]
			s[7] += x * r[7]
		}
		row := cs[i*ldc : i*ldc+8]
		if add == 0 {
			copy(row, s[:])
			continue
		}
		for j := range row {
			row[j] += s[j]
		}
	}
}

func dotGeneric(n int64, x, y *float32) float32 {
	xs, ys := slice(x, n), slice(y, n)
	var s [8]float32
	for len(xs) >= 8 {
		a, b := xs[:8:8], ys[:8:8]
		for j := range 8 {
			s[j] += a[j] * b[j]
		}
		xs, ys = xs[8:], ys[8:]
	}
	for j, v := range xs {
		s[j] += v * ys[j]
	}
	return ((s[0] + s[4]) + (s[2] + s[6])) + ((s[1] + s[5]) + (s[3] + s[7]))
}

func axpyGeneric(n int64, alpha float32, x, y *float32) {
	xs, ys := slice(x, n), slice(y, n)
	for i, v := range xs {
		ys[i] += alpha * v
	}
}

func dotAxpyGeneric(n int64, alpha float32, x, y *float32) float32 {
	d := dotGeneric(n, x, y)
	axpyGeneric(n, alpha, x, y)
	return d
}

func adamGeneric(n int64, w, g, m, v, c *float32) {
	ws, gs, ms, vs, k := slice(w, n), slice(g, n), slice(m, n), slice(v, n), slice(c, 8)
	for i := range ws {
		gg := gs[i] + k[7]*ws[i]
		mm := k[0]*ms[i] + k[1]*gg
		vv := k[2]*vs[i] + k[3]*gg*gg
		ms[i], vs[i] = mm, vv
		ws[i] -= k[4] * mm / (float32(math.Sqrt(float64(vv)))*k[5] + k[6])
	}
}

func momentumGeneric(n int64, w, g, m, c *float32) {
	ws, gs, ms, k := slice(w, n), slice(g, n), slice(m, n), slice(c, 3)
	for i := range ws {
		mm := k[0]*ms[i] + (gs[i] + k[1]*ws[i])
		ms[i] = mm
		ws[i] += k[2] * mm
	}
}
