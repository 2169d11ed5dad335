package prep

import (
	"math"
	"sort"

	"github.com/gxlab/gxlab/gx/cores"
)

// Loess smooths y over x by local polynomials of degree 2 with tricube weights of the
// share span of nearest points (Cleveland and Devlin 1988), and gives the smooth curve at
// every x. As in R and scikit-misc the local fits are made at the corners of cells that
// hold at most a fifth of span of the points, and cubics that have their values and slopes
// run between.
func Loess(x, y []float64, span float64) []float64 {
	n := len(x)
	if n == 0 {
		return nil
	}
	order := make([]int, n)
	for i := range order {
		order[i] = i
	}
	sort.SliceStable(order, func(a, b int) bool { return x[order[a]] < x[order[b]] })
	sx, sy := make([]float64, n), make([]float64, n)
	for k, i := range order {
		sx[k], sy[k] = x[i], y[i]
	}
	q := min(n, max(1, int(float64(n)*span+1e-5)))
	at := corners(sx, int(float64(n)*span*0.2))
	value, slope := make([]float64, len(at)), make([]float64, len(at))
	cores.Each(len(at), func(k int) { value[k], slope[k] = localFit(sx, sy, at[k], q) })
	out := make([]float64, n)
	c := 0
	for k, i := range order {
		for c < len(at)-2 && sx[k] > at[c+1] {
			c++
		}
		h := at[c+1] - at[c]
		u := (sx[k] - at[c]) / h
		v := 1 - u
		out[i] = float64(value[c]*v*v*(1+2*u)) + float64(value[c+1]*u*u*(1+2*v)) +
			float64(h*u*v*(float64(slope[c]*v)-float64(slope[c+1]*u)))
	}
	return out
}

// corners are the bounds of cells, halved until they hold no more than most of the
// sorted points.
func corners(x []float64, most int) []float64 {
	lo, hi := x[0], x[len(x)-1]
	wide := math.Max(hi-lo, 1e-10*math.Max(math.Abs(lo), math.Abs(hi))+1e-30)
	lo, hi = lo-0.005*wide, hi+0.005*wide
	at := []float64{lo, hi}
	var part func(l, u int, lo, hi float64)
	part = func(l, u int, lo, hi float64) { // points l to u, both included
		if u-l+1 <= most || u <= l {
			return
		}
		m := (l+u+2)/2 - 1                       // as counted from 1
		for off := 0; m+off < u && m+off >= l; { // the nearest place where neighbours differ
			if x[m+off] != x[m+off+1] {
				m += off
				break
			}
			if off = -off; off >= 0 {
				off++
			}
		}
		cut := x[m]
		if cut == lo || cut == hi {
			return
		}
		at = append(at, cut)
		part(l, m, lo, cut)
		part(m+1, u, cut, hi)
	}
	part(0, len(x)-1, lo, hi)
	sort.Float64s(at)
	return at
}

// localFit is the value and slope at z of the parabola through the q points nearest to it.
func localFit(x, y []float64, z float64, q int) (value, slope float64) {
	lo := sort.SearchFloat64s(x, z)
	hi := lo // the nearest are lo ≤ i < hi
	for hi-lo < q {
		if hi == len(x) || lo > 0 && z-x[lo-1] <= x[hi]-z {
			lo--
		} else {
			hi++
		}
	}
	h := math.Max(math.Abs(z-x[lo]), math.Abs(x[hi-1]-z))
	for lo > 0 && z-x[lo-1] < h {
		lo--
	}
	if h == 0 {
		h = 1
	}
	var s [5]float64 // Σ w uᵏ
	var t [3]float64 // Σ w y uᵏ
	for i := lo; i < hi; i++ {
		u := (x[i] - z) / h
		a := math.Abs(u)
		if a >= 0.999 {
			continue
		}
		w := 1.0
		if a > 0.001 {
			c := 1 - a*a*a
			w = c * c * c
		}
		for k, p := 0, w; k < 5; k++ {
			s[k] += p
			if k < 3 {
				t[k] += p * y[i]
			}
			p *= u
		}
	}
	c := solve3([3][4]float64{{s[0], s[1], s[2], t[0]}, {s[1], s[2], s[3], t[1]}, {s[2], s[3], s[4], t[2]}})
	return c[0], c[1] / h
}

// solve3 solves three equations by elimination with pivots; unknowns that nothing
// decides are 0.
func solve3(a [3][4]float64) (c [3]float64) {
	top := 0.0
	for i := range a {
		top = math.Max(top, math.Abs(a[i][i]))
	}
	var used [3]bool
	for i := range 3 {
		p := i
		for k := i; k < 3; k++ {
			if math.Abs(a[k][i]) > math.Abs(a[p][i]) {
				p = k
			}
		}
		a[i], a[p] = a[p], a[i]
		if math.Abs(a[i][i]) <= 1e-14*top {
			continue
		}
		used[i] = true
		for k := range 3 {
			if k == i {
				continue
			}
			f := a[k][i] / a[i][i]
			for j := i; j < 4; j++ {
				a[k][j] -= f * a[i][j]
			}
		}
	}
	for i := range 3 {
		if used[i] {
			c[i] = a[i][3] / a[i][i]
		}
	}
	return c
}
