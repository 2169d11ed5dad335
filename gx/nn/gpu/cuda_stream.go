//go:build linux && (amd64 || arm64) && !cu

package gpu

import (
	"fmt"
	"runtime"
	"unsafe"

	"github.com/gxlab/gxlab/gx/fault"
)

// NewStream makes a stream that waits for no other.
func (d *device) NewStream() (Stream, error) {
	var s Stream
	if err := d.do("a stream", func() result { return d.api.StreamCreate(&s, streamNonBlocking) }); err != nil {
		return 0, err
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	d.streams[s] = true
	return s, nil
}

// FreeStream ends a stream.
func (d *device) FreeStream(s Stream) error {
	d.mu.Lock()
	delete(d.streams, s)
	d.mu.Unlock()
	d.lt.forget(d, s)
	return d.do("ending a stream", func() result { return d.api.StreamDestroy(s) })
}

// Sync waits for a stream.
func (d *device) Sync(s Stream) error {
	return d.do("waiting for the GPU", func() result { return d.api.StreamSync(s) })
}

// NewEvent makes an event.
func (d *device) NewEvent() (Event, error) {
	var e Event
	if err := d.do("an event", func() result { return d.api.EventCreate(&e, eventDisableTiming) }); err != nil {
		return 0, err
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	d.events[e] = true
	return e, nil
}

// FreeEvent ends an event.
func (d *device) FreeEvent(e Event) error {
	d.mu.Lock()
	delete(d.events, e)
	d.mu.Unlock()
	return d.do("ending an event", func() result { return d.api.EventDestroy(e) })
}

// Record marks a place in a stream.
func (d *device) Record(e Event, s Stream) error {
	return d.do("marking a stream", func() result { return d.api.EventRecord(e, s) })
}

// Wait lets a stream wait for a mark.
func (d *device) Wait(s Stream, e Event) error {
	return d.do("waiting for a mark", func() result { return d.api.StreamWaitEvent(s, e, 0) })
}

// BeginCapture begins a graph. Goroutines change threads, so that no mode but the
// relaxed one can be used; a Recorder checks what may be captured.
func (d *device) BeginCapture(s Stream) error {
	return d.do("beginning a graph", func() result { return d.api.BeginCapture(s, captureRelaxed) })
}

// EndCapture ends it.
func (d *device) EndCapture(s Stream) (Graph, error) {
	var g Graph
	err := d.do("ending a graph", func() result {
		var made uintptr
		if r := d.api.EndCapture(s, &made); r != success {
			return r
		}
		defer d.api.GraphDestroy(made)
		return d.api.GraphInstantiate(&g, made, 0)
	})
	if err != nil {
		return 0, err
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	d.graphs[g] = true
	return g, nil
}

// Launch runs a graph.
func (d *device) Launch(g Graph, s Stream) error {
	return d.do("launching a graph", func() result { return d.api.GraphLaunch(g, s) })
}

// FreeGraph ends a graph.
func (d *device) FreeGraph(g Graph) error {
	d.mu.Lock()
	delete(d.graphs, g)
	d.mu.Unlock()
	return d.do("ending a graph", func() result { return d.api.GraphExecDestroy(g) })
}

// Kernel runs a kernel.
func (d *device) Kernel(name string, s Stream, args ...Arg) error {
	k, ok := KernelNamed(name)
	if !ok {
		return fault.New("there is no kernel "+name, d.info.Name, "")
	}
	if err := k.Check(args); err != nil {
		return err
	}
	// Each parameter is read from its own address: 4 or 8 bytes, the lower first.
	values := make([]uint64, len(args))
	params := make([]unsafe.Pointer, len(args))
	var pins runtime.Pinner
	defer pins.Unpin()
	pins.Pin(&values[0])
	for i, a := range args {
		values[i] = a.Bits
		params[i] = unsafe.Pointer(&values[i])
	}
	grid, block := k.Shape(args)
	return d.do(fmt.Sprintf("kernel %s", name), func() result {
		return d.api.LaunchKernel(d.kernels[name], grid[0], grid[1], grid[2], block[0], block[1], block[2], 0, s, &params[0], nil)
	})
}
