package nn

import (
	"context"
	"math"
)

// The room of an attribution: rows of multipliers (a unit and a pair of sample and
// reference each) taken to the inputs at once, units whose sums over samples are
// under way, and inputs of a tile. They change no number but by the order of sums,
// and do not depend on the number of threads.
const (
	shareRows  = 1024
	shareUnits = 256
	shareTile  = 512
)

// all goes through groups of units, and for each through all samples.
func (s *share) all(ctx context.Context) (*Attributed, error) {
	in := s.in
	s.z, s.z0 = s.sums(s.x, s.rows), s.sums(s.ref, s.refs)
	a := &Attributed{
		Inputs: in, Units: len(s.units), Samples: s.rows, Change: s.changes(),
		TotalAbs: make([]float64, in), Total: make([]float64, in),
	}
	if !s.Totals {
		a.Mean, a.MeanAbs = make([]float32, len(s.units)*in), make([]float32, len(s.units)*in)
	}
	if s.Each {
		a.Each = make([]float32, s.rows*len(s.units)*in)
	}
	group := min(len(s.units), shareUnits, max(1, shareRows/s.refs))
	samples := max(1, shareRows/(group*s.refs))
	done, total := 0, (len(s.units)+group-1)/group*s.rows
	sums := make([]float64, s.rows*len(s.units))
	signed, absolute := make([]float64, group*in), make([]float64, group*in)
	for u0 := 0; u0 < len(s.units); u0 += group {
		units := s.units[u0:min(u0+group, len(s.units))]
		clear(signed)
		clear(absolute)
		for k0 := 0; k0 < s.rows; k0 += samples {
			if err := ctx.Err(); err != nil {
				return nil, err
			}
			k1 := min(k0+samples, s.rows)
			s.block(a, units, u0, k0, k1, signed, absolute, sums)
			done += k1 - k0
			if s.Tell != nil {
				s.Tell(done, total)
			}
		}
		s.fold(a, u0, len(units), signed, absolute)
	}
	a.check(sums)
	return a, nil
}

// fold takes a group's sums into the summary.
func (s *share) fold(a *Attributed, u0, units int, signed, absolute []float64) {
	in, rows, all := a.Inputs, float64(s.rows), float64(a.Units)
	s.pool.Run(in, 512, func(lo, hi int) {
		for u := range units {
			for j := lo; j < hi; j++ {
				m, b := signed[u*in+j]/rows, absolute[u*in+j]/rows
				a.Total[j] += math.Abs(m) / all
				a.TotalAbs[j] += b / all
				if !s.Totals {
					a.Mean[(u0+u)*in+j], a.MeanAbs[(u0+u)*in+j] = float32(m), float32(b)
				}
			}
		}
	})
}

// block adds the contributions of samples [k0, k1) to a group of units: the first
// layer's weights times the multipliers of its sums, tile by tile, each times the
// inputs' change and summed while it is in the cache.
func (s *share) block(a *Attributed, units []int, u0, k0, k1 int, signed, absolute, sums []float64) {
	in, first := s.in, s.layers[0]
	w, _ := s.net.Weights(first)
	h := s.width(0)
	p0, pairs := k0*s.refs, (k1-k0)*s.refs
	m := s.multipliers(units, p0, p0+pairs)
	rows := len(units) * pairs
	// change is x − reference, pairs × inputs.
	change := s.pool.Borrow(pairs * in)
	s.pool.Run(pairs, 1, func(lo, hi int) {
		for p := lo; p < hi; p++ {
			k, r := (p0+p)/s.refs, (p0+p)%s.refs
			d, x, ref := change[p*in:(p+1)*in], s.x[k*in:(k+1)*in], s.ref[r*in:(r+1)*in]
			for j := range d {
				d[j] = x[j] - ref[j]
			}
		}
	})
	tile := min(shareTile, max(64, (in/16+31)/32*32))
	tiles := (in + tile - 1) / tile
	partial := make([]float64, tiles*len(units)*(k1-k0)) // each tile's Σ C
	s.pool.Run(tiles, 1, func(t, _ int) {
		j0, j1 := t*tile, min((t+1)*tile, in)
		n := j1 - j0
		c := s.pool.Borrow(rows * n)
		s.one.Gemm(false, true, rows, n, h, m, h, w[j0*h:], h, 0, c, n)
		part := partial[t*len(units)*(k1-k0):]
		for u := range units {
			sum, abs := signed[u*in+j0:u*in+j1], absolute[u*in+j0:u*in+j1]
			mine := part[u*(k1-k0) : (u+1)*(k1-k0)]
			from := c[u*pairs*n : (u+1)*pairs*n]
			if s.refs > 1 {
				s.average(from, change, j0, n, k1-k0)
			}
			k := 0
			for ; k+4 <= k1-k0 && s.refs == 1 && a.Each == nil; k += 4 {
				d := func(i int) []float32 { return change[(k+i)*in+j0 : (k+i)*in+j1] }
				c4(sum, abs, from[k*n:], n, d(0), d(1), d(2), d(3), mine[k:k+4])
			}
			for ; k < k1-k0; k++ {
				row := from[k*n : (k+1)*n]
				if s.refs == 1 {
					for j, d := range change[k*in+j0 : k*in+j1] {
						row[j] *= d
					}
				}
				mine[k] = c1(sum, abs, row)
				if a.Each != nil {
					copy(a.Each[((k0+k)*a.Units+u0+u)*in+j0:], row)
				}
			}
		}
		s.pool.GiveBack(c)
	})
	for t := range tiles {
		for u := range units {
			for k := range k1 - k0 {
				sums[(k0+k)*a.Units+u0+u] += partial[(t*len(units)+u)*(k1-k0)+k]
			}
		}
	}
	s.pool.GiveBack(change)
	s.pool.GiveBack(m)
}

// average turns multipliers c, samples × references × n, into contributions averaged
// over references, samples × n, at its beginning.
func (s *share) average(c, change []float32, j0, n, samples int) {
	f := 1 / float64(s.refs)
	for k := range samples {
		for j := range n {
			v := 0.0
			for r := range s.refs {
				p := k*s.refs + r
				v += float64(c[p*n+j]) * float64(change[p*s.in+j0+j])
			}
			c[k*n+j] = float32(v * f)
		}
	}
}

// c1 adds a row of contributions and its absolute values, and returns its sum.
func c1(sum, abs []float64, row []float32) float64 {
	sum, abs = sum[:len(row)], abs[:len(row)]
	total := 0.0
	for j, v := range row {
		c := float64(v)
		sum[j] += c
		abs[j] += math.Abs(c)
		total += c
	}
	return total
}

// c4 is c1 for four samples at once, whose contributions are the multipliers m, rows
// of n, times the changes d0 to d3.
func c4(sum, abs []float64, m []float32, n int, d0, d1, d2, d3 []float32, totals []float64) {
	m0, m1, m2, m3 := m[:n], m[n:2*n], m[2*n:3*n], m[3*n:4*n]
	sum, abs = sum[:n], abs[:n]
	d0, d1, d2, d3 = d0[:n], d1[:n], d2[:n], d3[:n]
	var t0, t1, t2, t3 float64
	for j := range sum {
		a, b, c, d := float64(m0[j]*d0[j]), float64(m1[j]*d1[j]), float64(m2[j]*d2[j]), float64(m3[j]*d3[j])
		t0 += a
		t1 += b
		t2 += c
		t3 += d
		sum[j] += (a + b) + (c + d)
		abs[j] += (math.Abs(a) + math.Abs(b)) + (math.Abs(c) + math.Abs(d))
	}
	totals[0], totals[1], totals[2], totals[3] = t0, t1, t2, t3
}
