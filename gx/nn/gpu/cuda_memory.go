//go:build linux && (amd64 || arm64) && !cu

package gpu

import (
	"fmt"
	"runtime"
	"unsafe"

	"github.com/gxlab/gxlab/gx/fault"
)

// Alloc takes memory of the device.
func (d *device) Alloc(bytes int64) (Ptr, error) {
	if bytes < 1 {
		return 0, fault.New(fmt.Sprintf("%d bytes of the GPU's memory", bytes), d.info.Name, "a size above 0")
	}
	var p Ptr
	err := d.do("", func() result { return d.api.MemAlloc(&p, uint64(bytes)) })
	if err != nil {
		return 0, d.tooMuch(err, bytes)
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	d.memory[p] = true
	return p, nil
}

// tooMuch says how much was wanted and how much there is.
func (d *device) tooMuch(err error, bytes int64) error {
	return fault.Wrap(err, fmt.Sprintf("%s of the GPU's memory are wanted, %s of %s are free", gigabytes(bytes), gigabytes(d.Info().Free), gigabytes(d.info.Total)), "", "")
}

// Free gives memory of the device back.
func (d *device) Free(p Ptr) error {
	d.mu.Lock()
	known := d.memory[p]
	delete(d.memory, p)
	d.mu.Unlock()
	if !known {
		return fault.New("memory that is given back was not taken", d.info.Name, "")
	}
	return d.do("memory cannot be given back", func() result { return d.api.MemFree(p) })
}

// AllocHost takes pinned memory.
func (d *device) AllocHost(bytes int64) ([]byte, error) {
	if bytes < 1 {
		return nil, fault.New(fmt.Sprintf("%d bytes of pinned memory", bytes), d.info.Name, "a size above 0")
	}
	var p unsafe.Pointer
	if err := d.do(gigabytes(bytes)+" of pinned memory", func() result { return d.api.MemHostAlloc(&p, uint64(bytes), hostPortable) }); err != nil {
		return nil, err
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	d.pinned[uintptr(p)] = int(bytes)
	return unsafe.Slice((*byte)(p), bytes), nil
}

// FreeHost gives pinned memory back.
func (d *device) FreeHost(b []byte) error {
	p := unsafe.Pointer(unsafe.SliceData(b))
	d.mu.Lock()
	known := d.pinned[uintptr(p)] > 0
	delete(d.pinned, uintptr(p))
	d.mu.Unlock()
	if !known {
		return fault.New("pinned memory that is given back was not taken", d.info.Name, "")
	}
	return d.do("pinned memory cannot be given back", func() result { return d.api.MemFreeHost(p) })
}

// Upload copies to the device.
func (d *device) Upload(dst Ptr, src []byte, s Stream) error {
	if len(src) == 0 {
		return nil
	}
	defer runtime.KeepAlive(src)
	return d.do("a copy to the GPU", func() result {
		r := d.api.CopyToDevice(dst, unsafe.Pointer(&src[0]), uint64(len(src)), s)
		return d.settled(r, src, s)
	})
}

// Download copies from the device.
func (d *device) Download(dst []byte, src Ptr, s Stream) error {
	if len(dst) == 0 {
		return nil
	}
	defer runtime.KeepAlive(dst)
	return d.do("a copy from the GPU", func() result {
		r := d.api.CopyToHost(unsafe.Pointer(&dst[0]), src, uint64(len(dst)), s)
		return d.settled(r, dst, s)
	})
}

// settled waits for a copy of memory that is not pinned. CUDA mostly waits by
// itself, but not on machines whose GPU reads the host's memory directly, and Go's
// memory is ours only during the call.
func (d *device) settled(r result, host []byte, s Stream) result {
	if r != success || d.isPinned(host) {
		return r
	}
	return d.api.StreamSync(s)
}

func (d *device) isPinned(b []byte) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	at := uintptr(unsafe.Pointer(&b[0]))
	for p, n := range d.pinned {
		if at >= p && at+uintptr(len(b)) <= p+uintptr(n) {
			return true
		}
	}
	return false
}

// Copy copies within the device.
func (d *device) Copy(dst, src Ptr, bytes int64, s Stream) error {
	return d.do("a copy on the GPU", func() result { return d.api.CopyOnDevice(dst, src, uint64(bytes), s) })
}

// Zero sets memory to 0.
func (d *device) Zero(dst Ptr, bytes int64, s Stream) error {
	return d.do("setting memory of the GPU to 0", func() result { return d.api.SetBytes(dst, 0, uint64(bytes), s) })
}
