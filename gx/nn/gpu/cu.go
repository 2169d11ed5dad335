//go:build cu && cgo && linux && (amd64 || arm64)

package gpu

import (
	"errors"
	"fmt"
	"reflect"
	"runtime"
	"sync"
	"unsafe"

	"gonum.org/v1/gonum/blas"
	"gorgonia.org/cu"
	cublas "gorgonia.org/cu/blas"

	"github.com/gxlab/gxlab/gx/fault"
)

// Open opens the first NVIDIA GPU of this machine through gorgonia.org/cu, which
// the build tag cu asks for. That takes cgo and the headers of CUDA up to 12, and
// the program does not start without NVIDIA's driver and cuBLAS. It has no graphs
// (BeginCapture is errors.ErrUnsupported), no pinned memory (copies wait), no choice
// of algorithms, and products in float32 alone: without the tag all of these are
// there.
func Open() (Driver, error) {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	d := &cuDevice{kernels: map[string]cu.Function{}, memory: map[Ptr]bool{}, streams: map[Stream]cu.Stream{}, events: map[Event]cu.Event{}}
	if err := d.start(); err != nil {
		return nil, err
	}
	if err := SelfTest(d); err != nil {
		d.Close()
		return nil, err
	}
	return d, nil
}

// cuDevice is a Driver through gorgonia.org/cu.
type cuDevice struct {
	device  cu.Device
	context cu.CUContext
	module  cu.Module
	kernels map[string]cu.Function
	info    Info
	blas    *cublas.Standard

	mu      sync.Mutex
	memory  map[Ptr]bool
	streams map[Stream]cu.Stream
	events  map[Event]cu.Event
	lost    error
}

func (d *cuDevice) start() error {
	count, err := cu.NumDevices()
	if err != nil || count == 0 {
		return none(err, "the NVIDIA driver sees no GPU", "gorgonia.org/cu", "nvidia-smi, which should list it; device=cpu")
	}
	d.info.Driver, d.info.Path = cu.Version(), "gorgonia.org/cu"
	if err := errors.Join(d.describe(), d.load()); err != nil {
		return none(err, "the GPU cannot be opened", "gorgonia.org/cu", "a build without the tag cu, or device=cpu")
	}
	d.blas = new(cublas.Standard)
	if err := d.blas.Init(); err != nil {
		return none(err, "cuBLAS cannot begin", d.info.Name, "a build without the tag cu, or device=cpu")
	}
	return nil
}

func (d *cuDevice) describe() (err error) {
	try := func(f func() error) {
		if err == nil {
			err = f()
		}
	}
	try(func() error { d.device, err = cu.GetDevice(0); return err })
	try(func() error { d.info.Name, err = d.device.Name(); return err })
	try(func() error { d.info.Major, d.info.Minor, err = d.device.ComputeCapability(); return err })
	try(func() error { d.info.Processors, err = d.device.Attribute(cu.MultiprocessorCount); return err })
	try(func() error { d.info.Total, err = d.device.TotalMem(); return err })
	try(func() error { d.context, err = d.device.RetainPrimaryCtx(); return err })
	return err
}

func (d *cuDevice) load() error {
	err := cu.SetCurrentContext(d.context)
	if err == nil {
		d.module, err = cu.LoadData(ptx)
	}
	for _, k := range Kernels() {
		if err == nil {
			d.kernels[k.Name], err = d.module.Function(k.Name)
		}
	}
	return err
}

// do calls the driver with the context bound, and tells what went wrong.
func (d *cuDevice) do(what string, f func() error) error {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	err := cu.SetCurrentContext(d.context)
	if err == nil {
		err = f()
	}
	if err == nil {
		return nil
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.lost != nil {
		return d.lost
	}
	r := success
	if v := reflect.ValueOf(err); v.CanInt() { // cu's errors are CUDA's numbers
		r = result(v.Int())
	}
	switch {
	case r == outOfMemory:
		return noMemory(err, what, d.info.Name)
	case r.lost():
		d.lost = lostDevice(err, what, d.info.Name)
		return d.lost
	}
	return unexpected(err, what, d.info.Name)
}

// Info describes the device.
func (d *cuDevice) Info() Info {
	i := d.info
	d.do("memory", func() (err error) {
		i.Free, i.Total, err = cu.MemInfo()
		return err
	})
	return i
}

// Alloc takes memory of the device.
func (d *cuDevice) Alloc(bytes int64) (Ptr, error) {
	if bytes < 1 {
		return 0, fault.New(fmt.Sprintf("%d bytes of the GPU's memory", bytes), d.info.Name, "a size above 0")
	}
	var p cu.DevicePtr
	if err := d.do(gigabytes(bytes)+" of the GPU's memory", func() (err error) { p, err = cu.MemAlloc(bytes); return err }); err != nil {
		return 0, err
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	d.memory[Ptr(p)] = true
	return Ptr(p), nil
}

// Free gives memory of the device back.
func (d *cuDevice) Free(p Ptr) error {
	d.mu.Lock()
	known := d.memory[p]
	delete(d.memory, p)
	d.mu.Unlock()
	if !known {
		return fault.New("memory that is given back was not taken", d.info.Name, "")
	}
	return d.do("memory cannot be given back", func() error { return cu.MemFree(cu.DevicePtr(p)) })
}

// AllocHost takes memory of the host: not pinned.
func (d *cuDevice) AllocHost(bytes int64) ([]byte, error) {
	if bytes < 1 {
		return nil, fault.New(fmt.Sprintf("%d bytes of the host's memory", bytes), d.info.Name, "a size above 0")
	}
	return make([]byte, bytes), nil
}

// FreeHost does nothing.
func (d *cuDevice) FreeHost([]byte) error { return nil }

// Upload copies to the device.
func (d *cuDevice) Upload(dst Ptr, src []byte, s Stream) error {
	if len(src) == 0 {
		return nil
	}
	return d.do("a copy to the GPU", func() error {
		return cu.MemcpyHtoDAsync(cu.DevicePtr(dst), unsafe.Pointer(&src[0]), int64(len(src)), d.stream(s))
	})
}

// Download copies from the device.
func (d *cuDevice) Download(dst []byte, src Ptr, s Stream) error {
	if len(dst) == 0 {
		return nil
	}
	return d.do("a copy from the GPU", func() error {
		return cu.MemcpyDtoHAsync(unsafe.Pointer(&dst[0]), cu.DevicePtr(src), int64(len(dst)), d.stream(s))
	})
}

// Copy copies within the device.
func (d *cuDevice) Copy(dst, src Ptr, bytes int64, s Stream) error {
	return d.do("a copy on the GPU", func() error {
		return cu.MemcpyDtoDAsync(cu.DevicePtr(dst), cu.DevicePtr(src), bytes, d.stream(s))
	})
}

// Zero sets memory to 0.
func (d *cuDevice) Zero(dst Ptr, bytes int64, s Stream) error {
	return d.do("setting memory of the GPU to 0", func() error { return cu.MemsetD8Async(cu.DevicePtr(dst), 0, bytes, d.stream(s)) })
}

func (d *cuDevice) stream(s Stream) cu.Stream {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.streams[s]
}

func (d *cuDevice) event(e Event) cu.Event {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.events[e]
}

// NewStream makes a stream. It takes turns with cu's products, which go into the
// device's default stream.
func (d *cuDevice) NewStream() (Stream, error) {
	var made cu.Stream
	if err := d.do("a stream", func() (err error) { made, err = cu.MakeStream(cu.DefaultStream); return err }); err != nil {
		return 0, err
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	s := *(*Stream)(unsafe.Pointer(&made))
	d.streams[s] = made
	return s, nil
}

// FreeStream ends a stream.
func (d *cuDevice) FreeStream(s Stream) error {
	made := d.stream(s)
	d.mu.Lock()
	delete(d.streams, s)
	d.mu.Unlock()
	return d.do("ending a stream", made.Destroy)
}

// Sync waits for a stream.
func (d *cuDevice) Sync(s Stream) error {
	return d.do("waiting for the GPU", d.stream(s).Synchronize)
}

// NewEvent makes an event.
func (d *cuDevice) NewEvent() (Event, error) {
	var made cu.Event
	if err := d.do("an event", func() (err error) { made, err = cu.MakeEvent(cu.DisableTiming); return err }); err != nil {
		return 0, err
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	e := *(*Event)(unsafe.Pointer(&made))
	d.events[e] = made
	return e, nil
}

// FreeEvent ends an event.
func (d *cuDevice) FreeEvent(e Event) error {
	made := d.event(e)
	d.mu.Lock()
	delete(d.events, e)
	d.mu.Unlock()
	return d.do("ending an event", func() error { return cu.DestroyEvent(&made) })
}

// Record marks a place in a stream.
func (d *cuDevice) Record(e Event, s Stream) error {
	return d.do("marking a stream", func() error { return d.event(e).Record(d.stream(s)) })
}

// Wait lets a stream wait for a mark.
func (d *cuDevice) Wait(s Stream, e Event) error {
	return d.do("waiting for a mark", func() error { return d.stream(s).Wait(d.event(e), 0) })
}

// noGraphs is why nothing is captured.
func (d *cuDevice) noGraphs() error {
	return fault.Wrap(errors.ErrUnsupported, "gorgonia.org/cu has no graphs", d.info.Name, "a build without the tag cu")
}

// BeginCapture is not supported.
func (d *cuDevice) BeginCapture(Stream) error { return d.noGraphs() }

// EndCapture is not supported.
func (d *cuDevice) EndCapture(Stream) (Graph, error) { return 0, d.noGraphs() }

// Launch is not supported.
func (d *cuDevice) Launch(Graph, Stream) error { return d.noGraphs() }

// FreeGraph is not supported.
func (d *cuDevice) FreeGraph(Graph) error { return d.noGraphs() }

// Kernel runs a kernel.
func (d *cuDevice) Kernel(name string, s Stream, args ...Arg) error {
	k, ok := KernelNamed(name)
	if !ok {
		return fault.New("there is no kernel "+name, d.info.Name, "")
	}
	if err := k.Check(args); err != nil {
		return err
	}
	values := make([]uint64, len(args))
	params := make([]unsafe.Pointer, len(args))
	for i, a := range args {
		values[i] = a.Bits
		params[i] = unsafe.Pointer(&values[i])
	}
	g, b := k.Shape(args)
	return d.do("kernel "+name, func() error {
		return d.kernels[name].Launch(int(g[0]), int(g[1]), int(g[2]), int(b[0]), int(b[1]), int(b[2]), 0, d.stream(s), params)
	})
}

// Prepare does nothing: there is one algorithm.
func (d *cuDevice) Prepare(m MatMul, _ Stream) error { return m.check(d.info) }

// MatMul computes a product by cuBLAS's Sgemm, in float32. What is row-major for us
// is column-major for it and so transposed: our C = A·B is its C = B·A.
func (d *cuDevice) MatMul(m MatMul, _ Stream) error {
	if err := m.check(d.info); err != nil {
		return err
	}
	op := map[bool]blas.Transpose{false: blas.NoTrans, true: blas.Trans}
	lda, ldb := m.K, m.N
	if m.TransA {
		lda = m.M
	}
	if m.TransB {
		ldb = m.K
	}
	// Sgemm takes the first value's address and reads no length.
	at := func(p Ptr) []float32 { return unsafe.Slice(*(**float32)(unsafe.Pointer(&p)), 1) }
	d.mu.Lock()
	b := d.blas
	d.mu.Unlock()
	return d.do(m.String(), func() error {
		b.Lock()
		defer b.Unlock()
		b.Sgemm(op[m.TransB], op[m.TransA], m.N, m.M, m.K, m.Alpha, at(m.B), ldb, at(m.A), lda, m.Beta, at(m.C), m.N)
		return b.Err()
	})
}

// Close gives back everything.
func (d *cuDevice) Close() error {
	if d.lost != nil { // nothing can be given back but by the end of the process
		return nil
	}
	return d.do("closing the GPU", func() error {
		err := cu.Synchronize()
		if d.blas != nil {
			err = errors.Join(err, d.blas.Close())
		}
		for _, e := range d.events {
			err = errors.Join(err, cu.DestroyEvent(&e))
		}
		for _, s := range d.streams {
			err = errors.Join(err, s.Destroy())
		}
		for p := range d.memory {
			err = errors.Join(err, cu.MemFree(cu.DevicePtr(p)))
		}
		return errors.Join(err, d.device.ReleasePrimaryCtx())
	})
}
