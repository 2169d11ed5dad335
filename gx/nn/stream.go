package nn

import "github.com/gxlab/gxlab/gx/nn/gpu"

// streaming brings the samples of an epoch to the GPU block by block, in the order
// in which they are learned from, where they have no room there: while one half of
// the room is computed on the other is filled.
type streaming struct {
	o     *onGPU
	rows  int // of a half
	half  int // that is in use
	done  [2]gpu.Event
	busy  [2]bool // an event says when the half is free
	order []int
	fed   int // samples of the epoch that were brought
}

// take takes the room.
func (s *streaming) take() (err error) {
	o, spec := s.o, s.o.t.net.spec
	row := 4 * spec.In
	if o.t.data.Target != nil {
		row += 4 * spec.Targets()
	}
	s.rows = o.pumpBytes() / row
	s.half = 1
	for i := range s.done {
		if s.done[i], err = o.d.NewEvent(); err != nil {
			return err
		}
	}
	o.stored = s.rows
	n := 8 * int64(s.rows) * int64(spec.In)
	if o.x, err = o.room(n); err != nil {
		return err
	}
	if err := o.d.Zero(o.x, n, o.main); err != nil {
		return err
	}
	if o.target = o.x; o.t.data.Target != nil {
		n = 8 * int64(s.rows) * int64(spec.Targets())
		if o.target, err = o.room(n); err != nil {
			return err
		}
		return o.d.Zero(o.target, n, o.main)
	}
	return nil
}

// begin begins or goes on with an epoch: at[i] becomes the row of its half in which
// sample i of the order will lie.
func (s *streaming) begin(order []int, at []int32) {
	t := s.o.t
	s.order = order
	s.fed = t.at * len(order) / t.batches()
	for i := range s.fed {
		at[i] = 0
	}
	for lo := s.fed; lo < len(order); {
		hi := s.blockEnd(lo)
		for i := lo; i < hi; i++ {
			at[i] = int32(i - lo)
		}
		lo = hi
	}
}

// blockEnd is where the block that begins with sample lo ends: with the last step
// that has room.
func (s *streaming) blockEnd(lo int) int {
	n := s.o.t.batches()
	hi := lo
	for b := lo * n / len(s.order); b <= n; b++ {
		if end := b * len(s.order) / n; end > hi && end-lo <= s.rows {
			hi = end
		}
		if b*len(s.order)/n-lo > s.rows {
			break
		}
	}
	return hi
}

// need brings the samples up to hi, the end of a step that begins with lo.
func (s *streaming) need(lo, hi int) error {
	if hi <= s.fed {
		return nil
	}
	block := s.order[lo:s.blockEnd(lo)]
	t := s.o.t
	if err := s.bring(len(block), func(i int) int { return block[i] }, &t.in, &t.want); err != nil {
		return err
	}
	s.fed = lo + len(block)
	return nil
}

// bring brings n samples, of which i is number at(i), and their targets to the other half.
func (s *streaming) bring(n int, at func(i int) int, x, target *samples) error {
	if err := s.rest(); err != nil {
		return err
	}
	s.half = 1 - s.half
	for _, v := range []struct {
		from *samples
		to   gpu.Ptr
	}{{x, s.o.x}, {target, s.o.target}} {
		if v.to == s.o.x && v.from != x {
			continue // the targets are the samples
		}
		var after gpu.Event
		if s.busy[s.half] {
			after = s.done[s.half]
		}
		w := v.from.width
		err := s.o.pump.Put(v.to+gpu.Ptr(4*s.half*s.rows*w), 4*n*w, after, func(b []byte) {
			to := valuesOf[float32](b)
			s.o.t.pool.Run(n, 4, func(lo, hi int) {
				for i := lo; i < hi; i++ {
					v.from.copy(to[i*w:(i+1)*w], at(i))
				}
			})
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// rest marks that what is in the queue is the last to use the half.
func (s *streaming) rest() error {
	s.busy[s.half] = true
	return s.o.d.Record(s.done[s.half], s.o.main)
}

func (s *streaming) close() (err error) {
	for _, e := range s.done {
		if e != 0 {
			err = s.o.d.FreeEvent(e)
		}
	}
	return err
}
