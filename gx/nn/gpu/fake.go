package gpu

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"unsafe"
)

// Recorder is a Driver without a device, for tests: it runs nothing, writes down
// every call and refuses those that a device would not survive or that would give
// chance numbers:
//
//   - memory beyond what Alloc gave, freed memory, and memory that nothing has
//     written where a kernel or product only reads it;
//   - arguments that are not those of kernels.cu, and results that overlap other
//     arguments in part;
//   - what the Driver says must not happen during a capture;
//   - work of two streams on the same memory that no event and no Sync orders,
//     in a graph or outside.
//
// A refused call returns an error, and Faults keeps it. Downloads give zeros.
type Recorder struct {
	// Device is what Info tells. Free is kept up to date; Total limits Alloc.
	Device Info
	// Fail is asked before every call and may return an error in its place.
	Fail func(Call) error

	mu      sync.Mutex
	calls   []Call
	faults  []error
	memory  []*allocation
	next    Ptr
	pinned  map[*byte]int64
	handles uint64
	streams map[Stream]*recordedStream
	events  map[Event]*recordedEvent
	graphs  map[Graph][]Call
	shapes  map[planKey]bool
	host    clock
}

// Call is one call of a Driver.
type Call struct {
	Op       string // the method: "Alloc", "Kernel", ...
	Kernel   string // the kernel's name
	Args     []Arg
	MatMul   MatMul
	Prepared bool // a product whose shape was prepared
	Dst, Src Ptr  // of copies; Dst also of Alloc, Free and Zero
	Bytes    int64
	Stream   Stream
	Event    Event
	Graph    Graph // launched, made or freed
	Captured bool  // it went into a graph
	reads    []span
	writes   []span
}

// String is the call in one line, without addresses.
func (c Call) String() string {
	switch c.Op {
	case "Kernel":
		var sizes []string
		k, _ := KernelNamed(c.Kernel)
		for i, a := range c.Args {
			if a.Kind == Int32 {
				sizes = append(sizes, fmt.Sprintf("%s=%d", k.Params[i].Name, a.whole()))
			}
		}
		return strings.TrimSpace(c.Kernel + " " + strings.Join(sizes, " "))
	case "MatMul", "Prepare":
		return c.Op + " " + c.MatMul.String()
	}
	if c.Bytes > 0 {
		return fmt.Sprintf("%s %d", c.Op, c.Bytes)
	}
	return c.Op
}

// NewRecorder is a Recorder of a device of that much memory.
func NewRecorder(memory int64) *Recorder {
	return &Recorder{
		Device: Info{Name: "a recorder", Major: 9, Minor: 0, Processors: 132, Total: memory, Free: memory, Driver: oldest, Library: 120000, DeviceScale: true},
		next:   1 << 32, pinned: map[*byte]int64{}, streams: map[Stream]*recordedStream{}, events: map[Event]*recordedEvent{},
		graphs: map[Graph][]Call{}, shapes: map[planKey]bool{}, host: clock{},
	}
}

// recordedStream is a stream with what it comes after.
type recordedStream struct {
	after   clock
	capture *[]Call // of the graph that it is part of
	origin  bool    // it began that capture
	last    int     // the place in the graph of its last call, from 1
	joined  int     // up to where the origin waits for it
	inside  clock   // how much of the graph, by stream, is done before its next call
}

// recordedEvent is the last mark of an event.
type recordedEvent struct {
	after    clock
	from     Stream
	capture  *[]Call
	last     int
	inside   clock
	recorded bool
}

// Calls are all calls so far.
func (r *Recorder) Calls() []Call {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.Clone(r.calls)
}

// Captured are the calls that a graph is made of.
func (r *Recorder) Captured(g Graph) []Call {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.Clone(r.graphs[g])
}

// Faults are the errors of all refused calls.
func (r *Recorder) Faults() error {
	r.mu.Lock()
	defer r.mu.Unlock()
	return errors.Join(r.faults...)
}

// Left is what was taken and not given back, one line each.
func (r *Recorder) Left() []string {
	r.mu.Lock()
	defer r.mu.Unlock()
	var out []string
	for _, m := range r.memory {
		if !m.freed {
			out = append(out, fmt.Sprintf("%d bytes", m.bytes))
		}
	}
	for _, n := range r.pinned {
		out = append(out, fmt.Sprintf("%d bytes of pinned memory", n))
	}
	for _, n := range []struct {
		count int
		what  string
	}{{len(r.streams), "stream"}, {len(r.events), "event"}, {len(r.graphs), "graph"}} {
		for range n.count {
			out = append(out, n.what)
		}
	}
	return out
}

// call asks Fail, lets check look at the call, and writes it down. A stream that is
// capturing takes it into its graph; other work happens now.
func (r *Recorder) call(c Call, check func() error) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.Fail != nil {
		if err := r.Fail(c); err != nil {
			return err
		}
	}
	s := r.streams[c.Stream]
	c.Captured = s != nil && s.capture != nil
	err := r.checkStream(c)
	if err == nil && check != nil {
		err = check()
	}
	if err == nil && c.works() {
		if c.Captured {
			if err = r.alive(c); err == nil {
				err = s.alone(c)
			}
			*s.capture = append(*s.capture, c)
			s.last = len(*s.capture)
			s.inside[c.Stream] = s.last
		} else {
			err = r.happens(c)
		}
	}
	if err != nil {
		err = fmt.Errorf("%s: %w", c, err)
		r.faults = append(r.faults, err)
		return err
	}
	r.calls = append(r.calls, c)
	return nil
}

// works says whether the call puts work into a stream.
func (c Call) works() bool { return len(c.reads)+len(c.writes) > 0 }

// checkStream says whether the call has a stream where it needs one, and is allowed
// during a capture.
func (r *Recorder) checkStream(c Call) error {
	switch c.Op {
	case "Alloc", "Free", "AllocHost", "FreeHost", "Sync", "Prepare", "Launch", "FreeGraph", "FreeStream", "FreeEvent":
		for _, s := range r.streams {
			if s.capture != nil {
				return errors.New("during a capture")
			}
		}
	}
	switch c.Op {
	case "Alloc", "Free", "AllocHost", "FreeHost", "FreeGraph", "FreeEvent", "NewStream", "NewEvent":
		return nil
	}
	if r.streams[c.Stream] == nil {
		return fmt.Errorf("there is no stream %d", c.Stream)
	}
	return nil
}

// Info describes the device.
func (r *Recorder) Info() Info {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.Device
}

// Kernel records a kernel.
func (r *Recorder) Kernel(name string, s Stream, args ...Arg) error {
	c := Call{Op: "Kernel", Kernel: name, Args: slices.Clone(args), Stream: s}
	k, ok := KernelNamed(name)
	if !ok {
		return r.refuse(fmt.Errorf("there is no kernel %s", name))
	}
	if err := k.Check(args); err != nil {
		return r.refuse(err)
	}
	for i, p := range k.Params {
		if p.Kind != Pointer || args[i].Bits == 0 {
			continue
		}
		at := span{Ptr(args[i].Bits), Ptr(args[i].Bits) + Ptr(k.Bytes(i, args))}
		if at.lo%Ptr(min(8, sizes[p.Type])) != 0 {
			return r.refuse(fmt.Errorf("kernel %s: %s is not aligned to its values", name, p.Name))
		}
		if p.ReadOnly {
			c.reads = append(c.reads, at)
		} else {
			c.writes = append(c.writes, at)
		}
	}
	if err := apart(c.writes, c.reads, true); err != nil {
		return r.refuse(fmt.Errorf("kernel %s: %w", name, err))
	}
	return r.call(c, nil)
}

// refuse keeps a fault.
func (r *Recorder) refuse(err error) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.faults = append(r.faults, err)
	return err
}

// Prepare records that a shape was prepared.
func (r *Recorder) Prepare(m MatMul, s Stream) error { return r.product("Prepare", m, s) }

// MatMul records a product.
func (r *Recorder) MatMul(m MatMul, s Stream) error { return r.product("MatMul", m, s) }

func (r *Recorder) product(op string, m MatMul, s Stream) error {
	if err := m.check(r.Info()); err != nil {
		return r.refuse(err)
	}
	a, b, c := m.bytes()
	call := Call{Op: op, MatMul: m, Stream: s, reads: []span{{m.A, m.A + Ptr(a)}, {m.B, m.B + Ptr(b)}}}
	result := span{m.C, m.C + Ptr(c)}
	if err := apart([]span{result}, call.reads, false); err != nil {
		return r.refuse(fmt.Errorf("%s: %w", m, err))
	}
	if m.A%Ptr(m.Precision.Size()) != 0 || m.B%Ptr(m.Precision.Size()) != 0 || m.C%4 != 0 {
		return r.refuse(fmt.Errorf("%s: a matrix is not aligned to its values", m))
	}
	if op == "MatMul" {
		call.writes = []span{result}
		if m.Beta != 0 || m.Scale != 0 {
			call.reads = append(call.reads, result)
		}
		if m.Scale != 0 {
			call.reads = append(call.reads, span{m.Scale, m.Scale + 8})
		}
	}
	r.mu.Lock()
	call.Prepared = r.shapes[keyOf(m)]
	r.mu.Unlock()
	return r.call(call, func() error {
		if op == "Prepare" {
			r.shapes[keyOf(m)] = true
		}
		return nil
	})
}

// Upload records a copy to the device.
func (r *Recorder) Upload(dst Ptr, src []byte, s Stream) error {
	c := Call{Op: "Upload", Dst: dst, Bytes: int64(len(src)), Stream: s, writes: []span{{dst, dst + Ptr(len(src))}}}
	return r.call(c, func() error { return r.copyable(src, s) })
}

// Download records a copy from the device, and gives zeros.
func (r *Recorder) Download(dst []byte, src Ptr, s Stream) error {
	c := Call{Op: "Download", Src: src, Bytes: int64(len(dst)), Stream: s, reads: []span{{src, src + Ptr(len(dst))}}}
	err := r.call(c, func() error { return r.copyable(dst, s) })
	if err == nil {
		clear(dst)
	}
	return err
}

// copyable says whether host memory may be copied from or to now.
func (r *Recorder) copyable(b []byte, s Stream) error {
	if r.streams[s].capture == nil || len(b) == 0 {
		return nil
	}
	at := uintptr(unsafe.Pointer(&b[0]))
	for p, n := range r.pinned {
		if lo := uintptr(unsafe.Pointer(p)); at >= lo && at+uintptr(len(b)) <= lo+uintptr(n) {
			return nil
		}
	}
	return errors.New("of memory that is not pinned, during a capture")
}

// Copy records a copy within the device.
func (r *Recorder) Copy(dst, src Ptr, bytes int64, s Stream) error {
	c := Call{Op: "Copy", Dst: dst, Src: src, Bytes: bytes, Stream: s, reads: []span{{src, src + Ptr(bytes)}}, writes: []span{{dst, dst + Ptr(bytes)}}}
	return r.call(c, func() error { return apart(c.writes, c.reads, false) })
}

// Zero records that memory is set to 0.
func (r *Recorder) Zero(dst Ptr, bytes int64, s Stream) error {
	return r.call(Call{Op: "Zero", Dst: dst, Bytes: bytes, Stream: s, writes: []span{{dst, dst + Ptr(bytes)}}}, nil)
}

// Close gives everything back.
func (r *Recorder) Close() error {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, m := range r.memory {
		m.freed = true
	}
	clear(r.pinned)
	clear(r.streams)
	clear(r.events)
	clear(r.graphs)
	r.Device.Free = r.Device.Total
	return nil
}
