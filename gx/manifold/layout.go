package manifold

import "math"

const (
	repellers = 5 // random samples that repel, for each attraction
	most      = 4 // a step's greatest length along an axis
)

// layout takes UMAP's steps. Of an edge of weight w every 1/w epochs (the greatest weight
// is 1) both ends are drawn together, and one is pushed away from random samples; every
// edge stands there from both its ends. What is near on the map is 1/(1+a·d²ᵇ).
//
// Steps are taken one after the other: what pulls one end pulls the other back as much,
// else groups are torn.
type layout struct {
	g      *graph
	a, b   float64
	power  power
	y      []float64
	every  []float64 // of each edge: how many epochs apart it is used; 0 for never
	next   []float64 // and when next
	chance uint64
}

func newLayout(g *graph, y []float64, epochs int, minDistance float64, seed uint64) *layout {
	l := &layout{g: g, y: y, every: make([]float64, len(g.weight)), chance: mix(seed)}
	l.a, l.b = curve(minDistance)
	l.power = newPower(l.b)
	greatest := float32(0)
	for _, w := range g.weight {
		greatest = max(greatest, w)
	}
	for e, w := range g.weight {
		if times := float64(w) / float64(greatest); times*float64(epochs) >= 1 {
			l.every[e] = 1 / times
		}
	}
	l.next = append([]float64(nil), l.every...)
	return l
}

// epoch goes through the edges that are due.
func (l *layout) epoch(e int, rate float64) {
	n := uint64(len(l.g.start) - 1)
	for i := range int(n) {
		x, y := l.y[2*i], l.y[2*i+1]
		for at := l.g.start[i]; at < l.g.start[i+1]; at++ {
			if l.every[at] == 0 || l.next[at] > float64(e) {
				continue
			}
			l.next[at] += l.every[at]
			j := l.g.to[at]
			dx, dy := x-l.y[2*j], y-l.y[2*j+1]
			if d := float64(dx*dx) + float64(dy*dy); d > 0 {
				p := l.power.of(d)
				f := -2 * l.a * l.b * p / (d * (1 + float64(l.a*p)))
				dx, dy = float64(rate*clip(f*dx)), float64(rate*clip(f*dy))
				x, y = x+dx, y+dy
				l.y[2*j] -= dx
				l.y[2*j+1] -= dy
			}
			for range repellers {
				l.chance += 0x9e3779b97f4a7c15
				o := (mix(l.chance) >> 32) * n >> 32
				dx, dy := x-l.y[2*o], y-l.y[2*o+1]
				if d := float64(dx*dx) + float64(dy*dy); d > 0 && int(o) != i {
					f := 2 * l.b / ((0.001 + d) * (1 + float64(l.a*l.power.of(d))))
					x += float64(rate * clip(f*dx))
					y += float64(rate * clip(f*dy))
				}
			}
		}
		l.y[2*i], l.y[2*i+1] = x, y
	}
}

func clip(v float64) float64 { return max(-most, min(most, v)) }

// mix makes a number of evenly likely bits from a counter (Steele 2014, SplitMix).
func mix(v uint64) uint64 {
	v = (v ^ v>>30) * 0xbf58476d1ce4e5b9
	v = (v ^ v>>27) * 0x94d049bb133111eb
	return v ^ v>>31
}

// power is a table for vᵇ, good to 1e-7.
type power struct {
	exponent [2048]float64
	mantissa [1025]float64
}

func newPower(b float64) (p power) {
	for e := range p.exponent {
		p.exponent[e] = math.Exp2(float64(e-1023) * b)
	}
	for m := range p.mantissa {
		p.mantissa[m] = math.Pow(1+float64(m)/1024, b)
	}
	return p
}

func (p *power) of(v float64) float64 {
	bits := math.Float64bits(v)
	m := bits >> 42 & 1023
	rest := float64(bits&(1<<42-1)) * 0x1p-42
	lo, hi := p.mantissa[m], p.mantissa[m+1]
	return p.exponent[bits>>52&2047] * (lo + float64(rest*(hi-lo)))
}

// curve are the a and b with which 1/(1+a·d²ᵇ) comes nearest to 1 up to the least distance
// and exp(least−d) from there on, over 300 d from 0 to 3: least squares, by Gauss and
// Newton's steps with Marquardt's damping.
func curve(least float64) (a, b float64) {
	a, b = 1, 1
	errors := func(a, b float64) (sum float64) {
		for i := range 300 {
			d := curveAt(i, a, b, least)
			sum += d * d
		}
		return sum
	}
	now := errors(a, b)
	for damp, turn := 1e-3, 0; turn < 200 && damp < 1e12; turn++ {
		var aa, ab, bb, ga, gb float64
		for i := range 300 {
			x := 3 * float64(i) / 299
			if x == 0 {
				continue
			}
			p := math.Pow(x, 2*b)
			f := 1 / (1 + a*p)
			da, db := -p*f*f, -2*a*p*math.Log(x)*f*f
			r := curveAt(i, a, b, least)
			aa, ab, bb = aa+da*da, ab+da*db, bb+db*db
			ga, gb = ga+da*r, gb+db*r
		}
		aa, bb = aa*(1+damp), bb*(1+damp)
		det := aa*bb - ab*ab
		na, nb := a-(bb*ga-ab*gb)/det, b-(aa*gb-ab*ga)/det
		if then := errors(na, nb); na > 0 && nb > 0 && then < now {
			if now-then < 1e-14*now {
				return na, nb
			}
			a, b, now, damp = na, nb, then, damp/10
		} else {
			damp *= 10
		}
	}
	return a, b
}

// curveAt is by how much the curve is off at the i-th of 300 distances.
func curveAt(i int, a, b, least float64) float64 {
	x := 3 * float64(i) / 299
	want := 1.0
	if x >= least {
		want = math.Exp(least - x)
	}
	return 1/(1+a*math.Pow(x, 2*b)) - want
}
