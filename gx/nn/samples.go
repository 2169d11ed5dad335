package nn

import (
	"fmt"

	"github.com/gxlab/gxlab/gx/fault"
	"github.com/gxlab/gxlab/gx/large"
)

// samples are rows of values in the network's units: a matrix's as they lie, or some
// of its rows, scaled as they are read.
type samples struct {
	x             []float32
	width, n      int
	rows          []int // nil: the first n
	shift, spread []float32
}

// newSamples are n samples of that width.
func newSamples(x []float32, n, width int, rows []int, shift, spread []float32) (samples, error) {
	s := samples{x: x, width: width, n: n, rows: rows, shift: shift, spread: spread}
	if rows == nil && len(x) != n*width || rows != nil && len(rows) != n || len(x)%width != 0 {
		return s, fault.New(fmt.Sprintf("%d values for %d samples of %d", len(x), n, width), "", "samples that fit the network")
	}
	for _, r := range rows {
		if r < 0 || (r+1)*width > len(x) {
			return s, fault.New(fmt.Sprintf("row %d of %d", r, len(x)/width), "", "rows that the samples have")
		}
	}
	if (shift == nil) != (spread == nil) || shift != nil && (len(shift) != width || len(spread) != width) {
		return s, fault.New(fmt.Sprintf("%d shifts and %d spreads for %d inputs", len(shift), len(spread), width), "", "one of each an input")
	}
	return s, nil
}

// row is where sample i lies, before it is scaled.
func (s *samples) row(i int) []float32 {
	if s.rows != nil {
		i = s.rows[i]
	}
	return s.x[i*s.width : (i+1)*s.width]
}

// copy writes sample i to a row.
func (s *samples) copy(to []float32, i int) {
	if s.rows != nil {
		large.Breathe()
	}
	from := s.row(i)
	if s.shift == nil {
		copy(to, from)
		return
	}
	shift, spread, to := s.shift[:len(from)], s.spread[:len(from)], to[:len(from)]
	for j, v := range from {
		to[j] = (v - shift[j]) / spread[j]
	}
}

// look is samples lo to hi: as they lie where they can be used so, else in room.
func (s *samples) look(run func(n, chunk int, f func(lo, hi int)), lo, hi int, room []float32) []float32 {
	if s.rows == nil && s.shift == nil {
		return s.x[lo*s.width : hi*s.width]
	}
	s.fill(run, room, lo, hi)
	return room[:(hi-lo)*s.width]
}

// fill copies samples lo to hi to rows.
func (s *samples) fill(run func(n, chunk int, f func(lo, hi int)), to []float32, lo, hi int) {
	run(hi-lo, 8, func(a, b int) {
		for i := a; i < b; i++ {
			s.copy(to[i*s.width:(i+1)*s.width], lo+i)
		}
	})
}

// apart says whether look needs room.
func (s *samples) apart() bool { return s.rows != nil || s.shift != nil }

// ahead has those samples on their way from the disk, where they lie there.
func (s *samples) ahead(index []int) {
	if s.rows == nil {
		return
	}
	for _, i := range index {
		large.Ahead(s.row(i))
	}
}
