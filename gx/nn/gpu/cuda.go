//go:build linux && (amd64 || arm64) && !cu

package gpu

import (
	"errors"
	"fmt"
	"iter"
	"reflect"
	"runtime"
	"slices"
	"strings"
	"sync"
	"unsafe"

	"github.com/ebitengine/purego"
)

// device is CUDA's Driver. A context belongs to a thread, and goroutines wander:
// every call binds it anew.
type device struct {
	api     *driverAPI
	lt      *library
	ordinal int32
	context uintptr
	module  uintptr
	info    Info

	mu      sync.Mutex
	kernels map[string]uintptr
	pinned  map[uintptr]int // what AllocHost gave, and its bytes
	memory  map[Ptr]bool    // what Alloc gave
	streams map[Stream]bool
	events  map[Event]bool
	graphs  map[Graph]bool
	lost    error // the first error after which nothing works
}

// Open opens the first NVIDIA GPU of this machine (CUDA_VISIBLE_DEVICES chooses
// which that is) and the libraries it needs: the driver's libcuda, and cublasLt of
// CUDA 13 or 12, found by GXLAB_CUDA (a folder), the loader's path, /usr/local/cuda,
// conda's and pip's folders. Where that cannot be it says why, what was looked for
// and what to try: an ErrNoDevice. Several Drivers of one process share one context.
func Open() (Driver, error) {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	api, err := openDriver()
	if err != nil {
		return nil, err
	}
	d := &device{
		api: api, kernels: map[string]uintptr{}, pinned: map[uintptr]int{}, memory: map[Ptr]bool{},
		streams: map[Stream]bool{}, events: map[Event]bool{}, graphs: map[Graph]bool{},
	}
	if err := d.start(); err != nil {
		return nil, err
	}
	if err := SelfTest(d); err != nil {
		d.Close()
		return nil, err
	}
	return d, nil
}

// start takes the device's context and loads the kernels and the library.
func (d *device) start() error {
	if err := d.describe(); err != nil {
		return err
	}
	if r := d.api.PrimaryRetain(&d.context, d.ordinal); r != success {
		return d.unusable(r, "a context cannot be made")
	}
	if err := d.load(); err != nil {
		d.api.PrimaryRelease(d.ordinal)
		return err
	}
	lt, err := openLibrary(d.info.Driver)
	if err != nil {
		d.Close()
		return err
	}
	d.lt = lt
	d.info.Library, d.info.Path, d.info.DeviceScale = lt.version, lt.path, true
	return nil
}

// openDriver opens libcuda and begins with it.
func openDriver() (*driverAPI, error) {
	api := new(driverAPI)
	if _, err := open(api, slices.Values(driverPlaces())); err != nil {
		return nil, none(ofKind(ErrNoDriver, err), "there is no NVIDIA driver on this machine", "libcuda.so.1", "device=cpu, or NVIDIA's driver 525 or newer; in a container, running it with --gpus all")
	}
	r := api.Init(0)
	if r != success {
		try := "nvidia-smi, which should list the GPU; device=cpu"
		if r == stubLibrary {
			try = "a loader path (LD_LIBRARY_PATH) without CUDA's stubs folder"
		}
		return nil, none(errors.New(api.text(r)), "the NVIDIA driver finds no usable GPU", "cuInit", try)
	}
	return api, nil
}

// open opens the first of the places that can be, and binds the functions that
// api's fields name.
func open(api any, places iter.Seq[string]) (string, error) {
	var why []string
	for p := range places {
		lib, err := purego.Dlopen(p, purego.RTLD_NOW|purego.RTLD_LOCAL)
		if err == nil {
			if err = bind(api, lib); err == nil {
				return p, nil
			}
			err = fmt.Errorf("%s: %w", p, err)
		}
		why = append(why, err.Error())
	}
	return "", errors.New(strings.Join(why, "; "))
}

func bind(api any, lib uintptr) error {
	v := reflect.ValueOf(api).Elem()
	for i := range v.NumField() {
		symbol := v.Type().Field(i).Tag.Get("symbol")
		at, err := purego.Dlsym(lib, symbol)
		if err != nil {
			return fmt.Errorf("it has no %s: it is too old", symbol)
		}
		purego.RegisterFunc(v.Field(i).Addr().Interface(), at)
	}
	return nil
}

func (d *device) describe() error {
	var version, count, major, minor, processors int32
	if r := d.api.DriverGetVersion(&version); r != success {
		return d.unusable(r, "the NVIDIA driver tells no version")
	}
	if version < oldest {
		return none(nil, fmt.Sprintf("the NVIDIA driver is too old: it knows CUDA up to %s", cudaVersion(int(version))), "libcuda.so.1", "driver 525 or newer (CUDA 12), or device=cpu")
	}
	if r := d.api.DeviceGetCount(&count); r != success || count == 0 {
		return none(nil, "the NVIDIA driver sees no GPU", "CUDA_VISIBLE_DEVICES, nvidia-smi", "device=cpu")
	}
	if r := d.api.DeviceGet(&d.ordinal, 0); r != success {
		return d.unusable(r, "the GPU cannot be opened")
	}
	name := make([]byte, 256)
	var total uint64
	for _, r := range []result{
		d.api.DeviceGetName(&name[0], int32(len(name)), d.ordinal),
		d.api.DeviceAttribute(&major, attrMajor, d.ordinal),
		d.api.DeviceAttribute(&minor, attrMinor, d.ordinal),
		d.api.DeviceAttribute(&processors, attrProcessors, d.ordinal),
		d.api.DeviceTotalMem(&total, d.ordinal),
	} {
		if r != success {
			return d.unusable(r, "the GPU cannot be described")
		}
	}
	d.info = Info{Name: text(unsafe.Pointer(&name[0])), Major: int(major), Minor: int(minor), Processors: int(processors), Total: int64(total), Driver: int(version)}
	if 10*major+minor < 75 {
		return none(nil, fmt.Sprintf("%s is too old: its compute capability is %d.%d", d.info.Name, major, minor), "the first GPU", "a GPU of 7.5 or newer (Turing), or device=cpu")
	}
	return nil
}

// load has the driver compile the kernels; it keeps the result for later processes.
func (d *device) load() error {
	if r := d.api.CtxSetCurrent(d.context); r != success {
		return d.unusable(r, "the GPU's context cannot be used")
	}
	image := append([]byte(ptx), 0)
	log := make([]byte, 4096)
	var pins runtime.Pinner
	defer pins.Unpin()
	pins.Pin(&log[0])
	options := []int32{jitErrorLog, jitErrorLogSize}
	values := []uintptr{uintptr(unsafe.Pointer(&log[0])), uintptr(len(log))}
	if r := d.api.ModuleLoad(&d.module, &image[0], 2, &options[0], &values[0]); r != success {
		return d.unusable(r, "the kernels cannot be compiled: "+text(unsafe.Pointer(&log[0])))
	}
	for _, k := range Kernels() {
		var f uintptr
		name := append([]byte(k.Name), 0)
		if r := d.api.ModuleFunction(&f, d.module, &name[0]); r != success {
			return d.unusable(r, "there is no kernel "+k.Name)
		}
		d.kernels[k.Name] = f
	}
	return nil
}

// unusable is the error of a device that cannot be begun with.
func (d *device) unusable(r result, what string) error {
	if r == outOfMemory {
		return noMemory(errors.New(d.api.text(r)), what, d.info.Name)
	}
	return none(errors.New(d.api.text(r)), what, d.info.Name, "nvidia-smi, which should show the GPU idle and well; device=cpu")
}

// text is the C string at p.
func text(p unsafe.Pointer) string {
	if p == nil {
		return ""
	}
	n := 0
	for *(*byte)(unsafe.Add(p, n)) != 0 {
		n++
	}
	return string(unsafe.Slice((*byte)(p), n))
}

// text is what the driver says of a result.
func (a *driverAPI) text(r result) string {
	var name, words unsafe.Pointer
	a.GetErrorName(r, &name)
	a.GetErrorString(r, &words)
	if name == nil {
		return fmt.Sprintf("CUDA error %d", r)
	}
	return fmt.Sprintf("%s (%s)", text(words), text(name))
}

// Info describes the device.
func (d *device) Info() Info {
	var free, total uint64
	i := d.info
	if d.do("memory", func() result { return d.api.MemGetInfo(&free, &total) }) == nil {
		i.Free = int64(free)
	}
	return i
}

// do calls the driver with the context bound, and tells what went wrong.
func (d *device) do(what string, f func() result) error {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	r := d.api.CtxSetCurrent(d.context)
	if r == success {
		r = f()
	}
	if r == success {
		return nil
	}
	return d.wrong(r, what)
}

// wrong is the error of a call; from the first that says the device is lost, all
// errors are that one.
func (d *device) wrong(r result, what string) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.lost != nil {
		return d.lost
	}
	switch {
	case r == outOfMemory:
		return noMemory(errors.New(d.api.text(r)), what, d.info.Name)
	case r.lost():
		d.lost = lostDevice(errors.New(d.api.text(r)), what, d.info.Name)
		return d.lost
	}
	return unexpected(errors.New(d.api.text(r)), what, d.info.Name)
}

// Close gives back everything.
func (d *device) Close() error {
	d.mu.Lock()
	graphs, events, streams, memory, pinned := d.graphs, d.events, d.streams, d.memory, d.pinned
	d.graphs, d.events, d.streams, d.memory, d.pinned = nil, nil, nil, nil, nil
	lost := d.lost != nil
	d.mu.Unlock()
	if d.context == 0 {
		return nil
	}
	if lost { // nothing can be given back but by the end of the process
		d.context = 0
		return nil
	}
	err := d.do("closing the GPU", func() result {
		for s := range streams {
			d.api.StreamSync(s)
		}
		for g := range graphs {
			d.api.GraphExecDestroy(g)
		}
		for e := range events {
			d.api.EventDestroy(e)
		}
		if d.lt != nil {
			d.lt.close(d)
		}
		for s := range streams {
			d.api.StreamDestroy(s)
		}
		for p := range memory {
			d.api.MemFree(p)
		}
		for p := range pinned {
			d.api.MemFreeHost(pointer(p))
		}
		d.api.ModuleUnload(d.module)
		return d.api.PrimaryRelease(d.ordinal)
	})
	d.context = 0
	return err
}

// pointer is the address as a pointer: it is not Go's memory.
func pointer(address uintptr) unsafe.Pointer { return *(*unsafe.Pointer)(unsafe.Pointer(&address)) }
