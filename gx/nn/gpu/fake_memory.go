package gpu

import (
	"errors"
	"fmt"
	"maps"
	"slices"
)

// span is a piece of the device's memory, from lo up to hi.
type span struct{ lo, hi Ptr }

func (s span) overlaps(t span) bool { return s.lo < t.hi && t.lo < s.hi }

// apart says whether results overlap each other or what is read; the same place as
// a whole is allowed where inPlace says so.
func apart(writes, reads []span, inPlace bool) error {
	for i, w := range writes {
		for _, other := range append(slices.Clone(writes[i+1:]), reads...) {
			if w.overlaps(other) && !(inPlace && w.lo == other.lo) {
				return errors.New("a result overlaps another argument")
			}
		}
	}
	return nil
}

// clock is how far each stream's work is known to be done.
type clock map[Stream]int

func (c clock) join(d clock) {
	for s, n := range d {
		c[s] = max(c[s], n)
	}
}

// allocation is memory that Alloc gave.
type allocation struct {
	at      Ptr
	bytes   int64
	freed   bool
	written []span
	used    []access
}

// access is one use of memory.
type access struct {
	span
	stream Stream
	at     int // the stream's work, counted
	write  bool
}

// cover adds a span to those written.
func (a *allocation) cover(s span) {
	kept := a.written[:0]
	for _, w := range a.written {
		if w.lo > s.hi || s.lo > w.hi {
			kept = append(kept, w)
			continue
		}
		s = span{min(s.lo, w.lo), max(s.hi, w.hi)}
	}
	a.written = append(kept, s)
}

func (a *allocation) covered(s span) bool {
	return slices.ContainsFunc(a.written, func(w span) bool { return w.lo <= s.lo && s.hi <= w.hi })
}

// find is the allocation that a span lies in.
func (r *Recorder) find(s span) (*allocation, error) {
	for _, m := range r.memory {
		if s.lo < m.at || s.lo >= m.at+Ptr(m.bytes) {
			continue
		}
		switch {
		case m.freed:
			return nil, errors.New("memory that was freed")
		case s.hi > m.at+Ptr(m.bytes) || s.hi < s.lo:
			return nil, fmt.Errorf("%d bytes at %d of %d that were taken", s.hi-s.lo, s.lo-m.at, m.bytes)
		}
		return m, nil
	}
	return nil, errors.New("memory that was never taken")
}

// alive says whether the memory of a call is there.
func (r *Recorder) alive(c Call) error {
	for _, s := range slices.Concat(c.reads, c.writes) {
		if _, err := r.find(s); err != nil {
			return err
		}
	}
	return nil
}

// alone says whether what a graph does by now in other streams leaves the memory of a call
// alone, or is done before it.
func (s *recordedStream) alone(c Call) error {
	for i, u := range *s.capture {
		if u.Stream == c.Stream || i < s.inside[u.Stream] {
			continue
		}
		for _, pair := range [][2][]span{{c.writes, u.reads}, {c.writes, u.writes}, {c.reads, u.writes}} {
			for _, a := range pair[0] {
				if slices.ContainsFunc(pair[1], a.overlaps) {
					return fmt.Errorf("another stream works on the same memory in this graph, and nothing orders the two: %s", u)
				}
			}
		}
	}
	return nil
}

// happens lets a call's work happen in its stream: it checks that what is read was
// written, and that other streams' work on the same memory is done.
func (r *Recorder) happens(c Call) error {
	if err := r.alive(c); err != nil {
		return err
	}
	s := r.streams[c.Stream]
	s.after.join(r.host)
	s.after[c.Stream]++
	for i, at := range slices.Concat(c.reads, c.writes) {
		m, _ := r.find(at)
		write := i >= len(c.reads)
		if !write && c.Op != "Prepare" && !m.covered(at) {
			return fmt.Errorf("reads %d bytes at %d of %d, which nothing has written", at.hi-at.lo, at.lo-m.at, m.bytes)
		}
		for _, u := range m.used {
			if u.overlaps(at) && (u.write || write) && u.stream != c.Stream && u.at > s.after[u.stream] {
				return errors.New("another stream works on the same memory, and nothing orders the two")
			}
		}
	}
	for i, at := range slices.Concat(c.reads, c.writes) {
		m, _ := r.find(at)
		now := access{span: at, stream: c.Stream, at: s.after[c.Stream], write: i >= len(c.reads)}
		m.used = slices.DeleteFunc(m.used, func(u access) bool {
			return u.stream == now.stream && u.write == now.write && now.lo <= u.lo && u.hi <= now.hi
		})
		m.used = append(m.used, now)
		if now.write {
			m.cover(at)
		}
	}
	return nil
}

// Alloc takes memory.
func (r *Recorder) Alloc(bytes int64) (Ptr, error) {
	var p Ptr
	err := r.call(Call{Op: "Alloc", Bytes: bytes}, func() error {
		if bytes < 1 {
			return errors.New("a size below 1")
		}
		if bytes > r.Device.Free {
			return ErrNoMemory
		}
		p = r.next
		r.next += (Ptr(bytes)+4095)&^4095 + 4096 // never side by side
		r.memory = append(r.memory, &allocation{at: p, bytes: bytes})
		r.Device.Free -= bytes
		return nil
	})
	return p, err
}

// Free gives memory back.
func (r *Recorder) Free(p Ptr) error {
	return r.call(Call{Op: "Free", Dst: p}, func() error {
		for _, m := range r.memory {
			if m.at == p && !m.freed {
				m.freed = true
				m.used, m.written = nil, nil
				r.Device.Free += m.bytes
				return nil
			}
		}
		return errors.New("memory that was not taken, or was freed")
	})
}

// AllocHost takes pinned memory.
func (r *Recorder) AllocHost(bytes int64) ([]byte, error) {
	var b []byte
	err := r.call(Call{Op: "AllocHost", Bytes: bytes}, func() error {
		if bytes < 1 {
			return errors.New("a size below 1")
		}
		b = make([]byte, bytes)
		r.pinned[&b[0]] = bytes
		return nil
	})
	return b, err
}

// FreeHost gives pinned memory back.
func (r *Recorder) FreeHost(b []byte) error {
	return r.call(Call{Op: "FreeHost"}, func() error {
		if len(b) == 0 || r.pinned[&b[0]] == 0 {
			return errors.New("memory that was not taken, or was freed")
		}
		delete(r.pinned, &b[0])
		return nil
	})
}

// handle is a number that no stream, event or graph has had.
func (r *Recorder) handle() uint64 {
	r.handles++
	return r.handles
}

// NewStream makes a stream.
func (r *Recorder) NewStream() (Stream, error) {
	var s Stream
	err := r.call(Call{Op: "NewStream"}, func() error {
		s = Stream(r.handle())
		r.streams[s] = &recordedStream{after: maps.Clone(r.host)}
		return nil
	})
	return s, err
}

// FreeStream ends a stream.
func (r *Recorder) FreeStream(s Stream) error {
	return r.call(Call{Op: "FreeStream", Stream: s}, func() error {
		r.host.join(r.streams[s].after) // a test need not wait for what it ends
		delete(r.streams, s)
		return nil
	})
}

// Sync waits for a stream.
func (r *Recorder) Sync(s Stream) error {
	return r.call(Call{Op: "Sync", Stream: s}, func() error {
		r.host.join(r.streams[s].after)
		return nil
	})
}

// NewEvent makes an event.
func (r *Recorder) NewEvent() (Event, error) {
	var e Event
	err := r.call(Call{Op: "NewEvent"}, func() error {
		e = Event(r.handle())
		r.events[e] = &recordedEvent{}
		return nil
	})
	return e, err
}

// FreeEvent ends an event.
func (r *Recorder) FreeEvent(e Event) error {
	return r.call(Call{Op: "FreeEvent", Event: e}, func() error {
		if r.events[e] == nil {
			return errors.New("no such event")
		}
		delete(r.events, e)
		return nil
	})
}

// Record marks a place in a stream.
func (r *Recorder) Record(e Event, s Stream) error {
	return r.call(Call{Op: "Record", Event: e, Stream: s}, func() error {
		if r.events[e] == nil {
			return errors.New("no such event")
		}
		stream := r.streams[s]
		r.events[e] = &recordedEvent{after: maps.Clone(stream.after), from: s, capture: stream.capture, last: stream.last, inside: maps.Clone(stream.inside), recorded: true}
		return nil
	})
}

// Wait lets a stream wait for a mark. One of a capture takes the stream into it.
func (r *Recorder) Wait(s Stream, e Event) error {
	return r.call(Call{Op: "Wait", Event: e, Stream: s}, func() error {
		mark, stream := r.events[e], r.streams[s]
		switch {
		case mark == nil:
			return errors.New("no such event")
		case !mark.recorded:
			return errors.New("an event that was never recorded")
		case mark.capture == nil && stream.capture != nil:
			return errors.New("a capture waits for work outside it")
		}
		stream.after.join(mark.after)
		if mark.capture == nil {
			return nil
		}
		if stream.capture == nil {
			stream.capture, stream.last, stream.joined, stream.inside = mark.capture, 0, -1, clock{}
		}
		stream.inside.join(mark.inside)
		if stream.origin && r.streams[mark.from] != nil {
			r.streams[mark.from].joined = mark.last
		}
		return nil
	})
}

// BeginCapture begins a graph.
func (r *Recorder) BeginCapture(s Stream) error {
	return r.call(Call{Op: "BeginCapture", Stream: s}, func() error {
		for _, t := range r.streams {
			if t.capture != nil {
				return errors.New("during another capture")
			}
		}
		r.streams[s].capture, r.streams[s].origin, r.streams[s].last, r.streams[s].inside = new([]Call), true, 0, clock{}
		return nil
	})
}

// EndCapture ends it.
func (r *Recorder) EndCapture(s Stream) (Graph, error) {
	var g Graph
	err := r.call(Call{Op: "EndCapture", Stream: s}, func() error {
		stream := r.streams[s]
		if stream.capture == nil || !stream.origin {
			return errors.New("no capture was begun")
		}
		work, joined := stream.capture, true
		for _, t := range r.streams {
			if t.capture == work {
				joined = joined && (t.origin || t.joined == t.last)
				t.capture, t.origin = nil, false
			}
		}
		for _, e := range r.events {
			if e.capture == work {
				e.recorded = false
			}
		}
		if !joined {
			return errors.New("the stream does not wait for all that others do in its capture")
		}
		g = Graph(r.handle())
		r.graphs[g] = *work
		return nil
	})
	return g, err
}

// Launch lets a graph's work happen.
func (r *Recorder) Launch(g Graph, s Stream) error {
	return r.call(Call{Op: "Launch", Graph: g, Stream: s}, func() error {
		work, ok := r.graphs[g]
		if !ok {
			return errors.New("no such graph")
		}
		for _, c := range work {
			c.Stream = s
			if err := r.happens(c); err != nil {
				return fmt.Errorf("%s: %w", c, err)
			}
		}
		return nil
	})
}

// FreeGraph ends a graph.
func (r *Recorder) FreeGraph(g Graph) error {
	return r.call(Call{Op: "FreeGraph", Graph: g}, func() error {
		if _, ok := r.graphs[g]; !ok {
			return errors.New("no such graph")
		}
		delete(r.graphs, g)
		return nil
	})
}
