//go:build linux && (amd64 || arm64) && !cu

package gpu

import (
	"errors"
	"fmt"
	"runtime"
	"slices"
	"sync"
	"unsafe"

	"github.com/gxlab/gxlab/gx/fault"
)

// library is cublasLt with what was found out about products.
type library struct {
	api     *libraryAPI
	handle  uintptr
	path    string
	version int

	mu        sync.Mutex
	plans     map[planKey]*matmulPlan
	workspace map[Stream]Ptr
}

// workspaceBytes is what a product may use beside its matrices, once per stream:
// NVIDIA's advice for the largest devices.
const workspaceBytes = 32 << 20

// matmulPlan is a product that was described to the library.
type matmulPlan struct {
	desc    uintptr
	a, b, c uintptr // the library's: a is our B
	algo    algorithm
	timed   bool
}

// openLibrary opens the newest cublasLt that runs on the driver.
func openLibrary(driver int) (*library, error) {
	l := &library{api: new(libraryAPI), plans: map[planKey]*matmulPlan{}, workspace: map[Stream]Ptr{}}
	var why error
	for _, file := range librarySonames(driver) {
		var err error
		if l.path, err = open(l.api, places(file)); err == nil {
			why = nil
			break
		}
		why = err
	}
	if why != nil {
		major := min(driver/1000, 13)
		pip := map[bool]string{true: "nvidia-cublas", false: "nvidia-cublas-cu12"}[major == 13]
		return nil, none(why, "there is no cublasLt for CUDA "+fmt.Sprint(major), "GXLAB_CUDA, the loader's path, /usr/local/cuda, conda's and pip's folders",
			fmt.Sprintf("pip install %s, conda install libcublas, or GXLAB_CUDA=/folder/of/libcublasLt.so.%d; device=cpu", pip, major))
	}
	l.version = int(l.api.GetVersion())
	if s := l.api.Create(&l.handle); s != statusSuccess {
		return nil, none(errors.New(l.text(s)), "cublasLt cannot begin", l.path, "a cublasLt that fits the driver, or device=cpu")
	}
	return l, nil
}

func (l *library) text(s status) string {
	if name := text(l.api.GetStatusName(s)); name != "" {
		return name
	}
	return fmt.Sprintf("cublasLt status %d", s)
}

// close gives back what the library holds; the context is bound.
func (l *library) close(d *device) {
	for _, p := range l.plans {
		l.drop(p)
	}
	for _, w := range l.workspace {
		d.api.MemFree(w)
	}
	l.api.Destroy(l.handle)
}

func (l *library) drop(p *matmulPlan) {
	for _, layout := range []uintptr{p.a, p.b, p.c} {
		if layout != 0 {
			l.api.LayoutDestroy(layout)
		}
	}
	if p.desc != 0 {
		l.api.DescDestroy(p.desc)
	}
}

// forget gives back a stream's workspace.
func (l *library) forget(d *device, s Stream) {
	l.mu.Lock()
	w := l.workspace[s]
	delete(l.workspace, s)
	l.mu.Unlock()
	if w != 0 {
		d.do("", func() result { return d.api.MemFree(w) })
	}
}

// compute are the types of a product's sums and factors.
func (d *device) compute(p Precision) (sums, factors int32) {
	switch {
	case d.info.Computes(p) == TF32:
		return computeTF32, real32
	case p == BFloat16:
		return compute32, realBF16
	}
	return compute32, real32
}

// describeMatMul tells the library of a product. What is row-major for us is column-major
// for it and so transposed: our C = A·B is its C = B·A.
func (d *device) describeMatMul(m MatMul) (*matmulPlan, error) {
	l := d.lt
	p := new(matmulPlan)
	sums, factors := d.compute(m.Precision)
	op := func(trans bool) int32 {
		if trans {
			return opT
		}
		return opN
	}
	layout := func(to *uintptr, kind int32, rows, cols int, trans bool) status {
		if trans {
			rows, cols = cols, rows
		}
		return l.api.LayoutCreate(to, kind, uint64(cols), uint64(rows), int64(cols))
	}
	first, second, pointers := op(m.TransB), op(m.TransA), pointersOnDevice
	for _, f := range []func() status{
		func() status { return l.api.DescCreate(&p.desc, sums, real32) },
		func() status { return l.api.DescSet(p.desc, descTransA, unsafe.Pointer(&first), 4) },
		func() status { return l.api.DescSet(p.desc, descTransB, unsafe.Pointer(&second), 4) },
		func() status {
			if m.Scale == 0 {
				return statusSuccess
			}
			return l.api.DescSet(p.desc, descPointerMode, unsafe.Pointer(&pointers), 4)
		},
		func() status { return layout(&p.a, factors, m.K, m.N, m.TransB) },
		func() status { return layout(&p.b, factors, m.M, m.K, m.TransA) },
		func() status { return layout(&p.c, real32, m.M, m.N, false) },
	} {
		if s := f(); s != statusSuccess {
			l.drop(p)
			return nil, d.failed(s, m)
		}
	}
	return p, nil
}

// candidates are the algorithms that the library proposes, best first.
func (d *device) candidates(p *matmulPlan, m MatMul, wanted int) ([]heuristic, error) {
	l := d.lt
	var preference uintptr
	if s := l.api.PreferCreate(&preference); s != statusSuccess {
		return nil, d.failed(s, m)
	}
	defer l.api.PreferDestroy(preference)
	room := uint64(workspaceBytes)
	a, b, c := alignment(m.A), alignment(m.B), alignment(m.C)
	for _, set := range []struct {
		attribute int32
		from      unsafe.Pointer
		bytes     uint64
	}{
		{prefWorkspace, unsafe.Pointer(&room), 8},
		{prefAlignmentA, unsafe.Pointer(&b), 4}, {prefAlignmentB, unsafe.Pointer(&a), 4},
		{prefAlignmentC, unsafe.Pointer(&c), 4}, {prefAlignmentD, unsafe.Pointer(&c), 4},
	} {
		if s := l.api.PreferSet(preference, set.attribute, set.from, set.bytes); s != statusSuccess {
			return nil, d.failed(s, m)
		}
	}
	found := make([]heuristic, wanted)
	var got int32
	if s := l.api.AlgoHeuristic(l.handle, p.desc, p.a, p.b, p.c, p.c, preference, int32(wanted), &found[0], &got); s != statusSuccess {
		return nil, d.failed(s, m)
	}
	found = slices.DeleteFunc(found[:got], func(h heuristic) bool { return h.state != statusSuccess })
	if len(found) == 0 {
		return nil, d.failed(statusNotSupported, m)
	}
	return found, nil
}

// workspace is that of a stream, or 0 where there is no memory for one.
func (d *device) workspace(s Stream) Ptr {
	l := d.lt
	w, known := l.workspace[s]
	if !known && d.api.MemAlloc(&w, workspaceBytes) != success {
		w = 0
	}
	l.workspace[s] = w
	return w
}

// multiply puts a product into the stream; the context is bound and the library
// locked.
func (d *device) multiply(p *matmulPlan, algo *algorithm, m MatMul, c Ptr, s Stream) status {
	w := d.workspace(s)
	room := uint64(workspaceBytes)
	if w == 0 {
		room = 0
	}
	alpha, beta := unsafe.Pointer(&m.Alpha), unsafe.Pointer(&m.Beta)
	if m.Scale != 0 {
		alpha, beta = pointer(uintptr(m.Scale)), pointer(uintptr(m.Scale+4))
	}
	return d.lt.api.Matmul(d.lt.handle, p.desc, alpha, m.B, p.a, m.A, p.b, beta, c, p.c, c, p.c, algo, w, room, s)
}

// Prepare tries algorithms.
func (d *device) Prepare(m MatMul, s Stream) error { return d.product(m, s, true) }

// MatMul computes a product.
func (d *device) MatMul(m MatMul, s Stream) error { return d.product(m, s, false) }

func (d *device) product(m MatMul, s Stream, prepare bool) error {
	if err := m.check(d.info); err != nil {
		return err
	}
	l := d.lt
	l.mu.Lock()
	defer l.mu.Unlock()
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	if r := d.api.CtxSetCurrent(d.context); r != success {
		return d.wrong(r, m.String())
	}
	key := keyOf(m)
	p := l.plans[key]
	if p == nil {
		var err error
		if p, err = d.describeMatMul(m); err != nil {
			return err
		}
		first, err := d.candidates(p, m, 1)
		if err != nil {
			l.drop(p)
			return err
		}
		p.algo = first[0].algo
		l.plans[key] = p
	}
	if prepare {
		return d.choose(p, m, s)
	}
	if st := d.multiply(p, &p.algo, m, m.C, s); st != statusSuccess {
		return d.failed(st, m)
	}
	return nil
}

// candidatesTried is how many algorithms are timed for a shape.
const candidatesTried = 8

// choose times the algorithms on a result of its own and keeps the fastest. Where
// there is no memory for one, the library's first choice stays.
func (d *device) choose(p *matmulPlan, m MatMul, s Stream) error {
	if p.timed {
		return nil
	}
	found, err := d.candidates(p, m, candidatesTried)
	if err != nil {
		return err
	}
	var room Ptr
	if len(found) < 2 || d.api.MemAlloc(&room, uint64(m.M)*uint64(m.N)*4) != success {
		p.timed = true
		return nil
	}
	defer d.api.MemFree(room)
	var from, to Event
	defer func() {
		if from != 0 {
			d.api.EventDestroy(from)
		}
		if to != 0 {
			d.api.EventDestroy(to)
		}
	}()
	if r := d.api.EventCreate(&from, eventDefault); r != success {
		return d.wrong(r, m.String())
	}
	if r := d.api.EventCreate(&to, eventDefault); r != success {
		return d.wrong(r, m.String())
	}
	if r := d.api.SetBytes(room, 0, uint64(m.M)*uint64(m.N)*4, s); r != success { // Beta reads it
		return d.wrong(r, m.String())
	}
	best := float32(-1)
	for _, h := range found {
		ms, r := d.time(p, &h.algo, m, room, s, from, to, best)
		if r != success {
			return d.wrong(r, m.String())
		}
		if ms >= 0 && (best < 0 || ms < best) {
			best, p.algo = ms, h.algo
		}
	}
	p.timed = true
	return nil
}

// time is how many milliseconds a product takes, the best of three after one that
// does not count; −1 where the algorithm does not run. It gives up one that takes
// twice as long as another.
func (d *device) time(p *matmulPlan, algo *algorithm, m MatMul, c Ptr, s Stream, from, to Event, other float32) (float32, result) {
	best := float32(-1)
	for round := range 4 {
		d.api.EventRecord(from, s)
		if d.multiply(p, algo, m, c, s) != statusSuccess {
			return -1, d.api.StreamSync(s)
		}
		d.api.EventRecord(to, s)
		if r := d.api.EventSync(to); r != success {
			return -1, r
		}
		var ms float32
		if r := d.api.EventElapsed(&ms, from, to); r != success {
			return -1, r
		}
		if round > 0 && (best < 0 || ms < best) {
			best = ms
		}
		if round > 0 && other > 0 && ms > 2*other {
			break
		}
	}
	return best, success
}

// failed is the error of a product.
func (d *device) failed(s status, m MatMul) error {
	switch s {
	case statusAllocFailed:
		return noMemory(errors.New(d.lt.text(s)), m.String(), d.info.Name)
	case statusExecutionFailed:
		return d.wrong(launchFailed, m.String())
	}
	return fault.Wrap(errors.New(d.lt.text(s)), m.String(), d.info.Name+", "+d.lt.path, "precision=float32, another cublasLt, or device=cpu")
}
