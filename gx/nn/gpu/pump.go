package gpu

import "errors"

// Pump copies from the host to the device through two pieces of pinned memory, so
// that one is filled while the other is copied, and both while the device computes.
type Pump struct {
	d     Driver
	main  Stream
	bytes int
	side  [2]pumped
	turn  int
}

// pumped is one of the two pieces.
type pumped struct {
	host  []byte
	s     Stream
	up    Event // its copy is made
	begun bool
}

// NewPump is a pump whose copies the work put into main afterwards sees.
func NewPump(d Driver, main Stream, bytes int) (*Pump, error) {
	p := &Pump{d: d, main: main, bytes: bytes}
	for i := range p.side {
		var err error
		h := &p.side[i]
		if h.s, err = d.NewStream(); err == nil {
			h.up, err = d.NewEvent()
		}
		if err == nil {
			h.host, err = d.AllocHost(int64(bytes))
		}
		if err != nil {
			return nil, errors.Join(err, p.Close())
		}
	}
	return p, nil
}

// Turn says which of the two pieces, 0 or 1, the next Put goes through.
func (p *Pump) Turn() int { return p.turn & 1 }

// Put copies n bytes that fill writes to dst, not before what is in main until now
// or, if that is given, until the event. It returns before the copy is made.
func (p *Pump) Put(dst Ptr, n int, after Event, fill func(to []byte)) error {
	h := &p.side[p.turn&1]
	p.turn++
	if h.begun {
		if err := p.d.Sync(h.s); err != nil { // its last copy has read the memory
			return err
		}
	}
	fill(h.host[:n])
	if after == 0 {
		if err := p.d.Record(h.up, p.main); err != nil {
			return err
		}
		after = h.up
	}
	if err := p.d.Wait(h.s, after); err != nil {
		return err
	}
	h.begun = true
	if err := p.d.Upload(dst, h.host[:n], h.s); err != nil {
		return err
	}
	if err := p.d.Record(h.up, h.s); err != nil {
		return err
	}
	return p.d.Wait(p.main, h.up)
}

// Floats copies values to dst.
func (p *Pump) Floats(dst Ptr, x []float32) error {
	b := asBytes(x)
	for len(b) > 0 {
		n := min(len(b), p.bytes)
		if err := p.Put(dst, n, 0, func(to []byte) { copy(to, b) }); err != nil {
			return err
		}
		b, dst = b[n:], dst+Ptr(n)
	}
	return nil
}

// Close gives the memory back.
func (p *Pump) Close() error {
	var errs []error
	for _, h := range p.side {
		if h.s != 0 {
			errs = append(errs, p.d.Sync(h.s), p.d.FreeStream(h.s))
		}
		if h.up != 0 {
			errs = append(errs, p.d.FreeEvent(h.up))
		}
		if h.host != nil {
			errs = append(errs, p.d.FreeHost(h.host))
		}
	}
	p.side = [2]pumped{}
	return errors.Join(errs...)
}
