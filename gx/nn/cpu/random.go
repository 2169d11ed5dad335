package cpu

import "math"

// mix is a counter-based generator: 64 random bits for (seed, counter), the
// finaliser of SplitMix64 (Steele 2014) applied twice.
func mix(seed, counter uint64) uint64 {
	x := seed*mixStep + counter
	for range 2 {
		x += mixStep
		x = (x ^ x>>30) * mixFirst
		x = (x ^ x>>27) * mixSecond
		x ^= x >> 31
	}
	return x
}

const mixStep, mixFirst, mixSecond = 0x9e3779b97f4a7c15, 0xbf58476d1ce4e5b9, 0x94d049bb133111eb

// Dropout sets y = x·mask, where mask is 1/keep with probability keep and 0
// otherwise; mask may be nil. Value i takes its bit from (seed, counter + i).
func (p *Pool) Dropout(keep float32, seed, counter uint64, x, y, mask []float32) {
	limit := uint64(float64(keep) * (1 << 53))
	inv := 1 / keep
	p.Run(len(x), 1<<13, func(lo, hi int) {
		var m []float32
		if mask != nil {
			m = mask[lo:hi]
		}
		n := 0
		if p.k.dropout != nil && hi-lo >= 16 {
			n = (hi - lo) &^ 15
			var mp *float32
			if m != nil {
				mp = &m[0]
			}
			c := [6]uint64{seed*mixStep + counter + uint64(lo), mixStep, mixFirst, mixSecond, limit, uint64(math.Float32bits(inv))}
			p.k.dropout(int64(n), &x[lo], &y[lo], mp, &c)
		}
		for i := n; i < hi-lo; i++ {
			f := float32(0)
			if mix(seed, counter+uint64(lo+i))>>11 < limit {
				f = inv
			}
			if m != nil {
				m[i] = f
			}
			y[lo+i] = x[lo+i] * f
		}
	})
}

// Noise sets y = x + N(0, sd), by Box and Muller's method from two random numbers
// for each pair of values.
func (p *Pool) Noise(sd float32, seed, counter uint64, x, y []float32) {
	p.Run(len(x), 1<<12, func(lo, hi int) {
		for i := lo; i < hi; i += 2 {
			a := (float64(mix(seed, counter+uint64(i))>>11) + 0.5) / (1 << 53)
			b := float64(mix(seed, counter+uint64(i)+1)>>11) / (1 << 53)
			r := math.Sqrt(-2 * math.Log(a))
			s, c := math.Sincos(2 * math.Pi * b)
			y[i] = x[i] + sd*float32(r*c)
			if i+1 < hi {
				y[i+1] = x[i+1] + sd*float32(r*s)
			}
		}
	})
}

// Clip cuts values of x off at low and high, in place.
func (p *Pool) Clip(low, high float32, x []float32) {
	p.Run(len(x), 1<<13, func(lo, hi int) {
		for i, v := range x[lo:hi] {
			if v < low {
				x[lo+i] = low
			} else if v > high {
				x[lo+i] = high
			}
		}
	})
}

// Mask sets values of x to 0 with probability 1 − keep, in place.
func (p *Pool) Mask(keep float32, seed, counter uint64, x []float32) {
	limit := uint64(float64(keep) * (1 << 53))
	p.Run(len(x), 1<<13, func(lo, hi int) {
		for i := lo; i < hi; i++ {
			if mix(seed, counter+uint64(i))>>11 >= limit {
				x[i] = 0
			}
		}
	})
}
