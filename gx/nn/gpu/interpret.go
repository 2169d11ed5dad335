package gpu

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"sort"
	"sync"
	"unsafe"

	"github.com/gxlab/gxlab/gx/nn/cpu"
)

// Interpreter is a Driver that runs a launch list on the processor, with gx/nn/cpu's
// kernels: what a list computes can so be held to what the CPU's executor computes,
// to the bit where precision is Float32 and only the order of one sum apart
// otherwise. TF32 rounds factors to 10 bits of fraction, as the tensor cores do.
//
// Everything happens when it is called, whatever the stream: work beside other work
// runs in the order in which it was put. Graphs keep their calls. It checks less
// than a Recorder does.
type Interpreter struct {
	// Fail is asked before every kernel, product, copy and Alloc, and may return an
	// error in its place.
	Fail func(what string) error

	pool   *cpu.Pool
	total  int64
	mu     sync.Mutex
	free   int64
	next   Ptr
	blocks []block // by address
	graphs map[Graph]*recording
	open   *recording
	last   uint64
}

// block is what Alloc gave; values of 8 bytes, for alignment.
type block struct {
	at   Ptr
	data []uint64
}

// recording is what a capture collects.
type recording struct{ calls []func() error }

// NewInterpreter is an Interpreter with that much memory.
func NewInterpreter(pool *cpu.Pool, memory int64) *Interpreter {
	return &Interpreter{pool: pool, total: memory, free: memory, next: 1 << 32, graphs: map[Graph]*recording{}}
}

// Info describes the device.
func (t *Interpreter) Info() Info {
	t.mu.Lock()
	defer t.mu.Unlock()
	return Info{Name: "an interpreter on the CPU", Major: 9, Processors: t.pool.Threads(), Total: t.total, Free: t.free, Driver: oldest, Library: 120000, DeviceScale: true}
}

func (t *Interpreter) fails(what string) error {
	if t.Fail == nil {
		return nil
	}
	return t.Fail(what)
}

// Alloc takes memory.
func (t *Interpreter) Alloc(bytes int64) (Ptr, error) {
	if err := t.fails("Alloc"); err != nil {
		return 0, err
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	if bytes > t.free {
		return 0, noMemory(nil, fmt.Sprintf("%s of the GPU's memory are wanted, %s of %s are free", gigabytes(bytes), gigabytes(t.free), gigabytes(t.total)), "an interpreter")
	}
	data := make([]uint64, (bytes+7)/8)
	p := t.next
	t.next += (Ptr(bytes)+511)&^255 + 256
	t.free -= bytes
	t.blocks = append(t.blocks, block{p, data})
	return p, nil
}

// Free gives memory back.
func (t *Interpreter) Free(p Ptr) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	i := slices.IndexFunc(t.blocks, func(b block) bool { return b.at == p })
	if i < 0 {
		return errors.New("memory that was not taken")
	}
	t.free += int64(8 * len(t.blocks[i].data))
	t.blocks = slices.Delete(t.blocks, i, i+1)
	return nil
}

// AllocHost takes memory of the host.
func (t *Interpreter) AllocHost(bytes int64) ([]byte, error) {
	return asBytes(make([]uint64, (bytes+7)/8))[:bytes], nil
}

// FreeHost gives it back.
func (t *Interpreter) FreeHost([]byte) error { return nil }

// bytes are n bytes at an address.
func (t *Interpreter) bytes(p Ptr, n int64) ([]byte, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	i := sort.Search(len(t.blocks), func(i int) bool { return t.blocks[i].at > p }) - 1
	if i >= 0 {
		if b := asBytes(t.blocks[i].data); int64(p-t.blocks[i].at)+n <= int64(len(b)) {
			return b[p-t.blocks[i].at:][:n], nil
		}
	}
	return nil, fmt.Errorf("%d bytes that were not taken", n)
}

// do does something now, or in a capture keeps it for the graph's launches.
func (t *Interpreter) do(what string, f func() error) error {
	if err := t.fails(what); err != nil {
		return err
	}
	named := func() error {
		if err := f(); err != nil {
			return fmt.Errorf("%s: %w", what, err)
		}
		return nil
	}
	if t.open != nil {
		t.open.calls = append(t.open.calls, named)
		return nil
	}
	return named()
}

// Upload copies to the device.
func (t *Interpreter) Upload(dst Ptr, src []byte, _ Stream) error {
	return t.do("a copy to the GPU", func() error {
		to, err := t.bytes(dst, int64(len(src)))
		copy(to, src)
		return err
	})
}

// Download copies from the device.
func (t *Interpreter) Download(dst []byte, src Ptr, _ Stream) error {
	return t.do("a copy from the GPU", func() error {
		from, err := t.bytes(src, int64(len(dst)))
		copy(dst, from)
		return err
	})
}

// Copy copies within the device.
func (t *Interpreter) Copy(dst, src Ptr, n int64, _ Stream) error {
	return t.do("a copy on the GPU", func() error {
		from, err := t.bytes(src, n)
		if err != nil {
			return err
		}
		to, err := t.bytes(dst, n)
		copy(to, from)
		return err
	})
}

// Zero sets memory to 0.
func (t *Interpreter) Zero(dst Ptr, n int64, _ Stream) error {
	return t.do("setting memory to 0", func() error {
		to, err := t.bytes(dst, n)
		clear(to)
		return err
	})
}

func (t *Interpreter) handle() uint64 {
	t.last++
	return t.last
}

// NewStream makes a stream.
func (t *Interpreter) NewStream() (Stream, error) { return Stream(t.handle()), nil }

// FreeStream ends it.
func (t *Interpreter) FreeStream(Stream) error { return nil }

// Sync returns: everything is done.
func (t *Interpreter) Sync(Stream) error { return t.fails("Sync") }

// NewEvent makes an event.
func (t *Interpreter) NewEvent() (Event, error) { return Event(t.handle()), nil }

// FreeEvent ends it.
func (t *Interpreter) FreeEvent(Event) error { return nil }

// Record marks nothing.
func (t *Interpreter) Record(Event, Stream) error { return nil }

// Wait waits for nothing.
func (t *Interpreter) Wait(Stream, Event) error { return nil }

// BeginCapture begins a graph.
func (t *Interpreter) BeginCapture(Stream) error {
	t.open = new(recording)
	return nil
}

// EndCapture ends it.
func (t *Interpreter) EndCapture(Stream) (Graph, error) {
	g := Graph(t.handle())
	t.graphs[g], t.open = t.open, nil
	return g, nil
}

// Launch runs a graph.
func (t *Interpreter) Launch(g Graph, _ Stream) error {
	if err := t.fails("Launch"); err != nil {
		return err
	}
	for _, f := range t.graphs[g].calls {
		if err := f(); err != nil {
			return err
		}
	}
	return nil
}

// FreeGraph ends a graph.
func (t *Interpreter) FreeGraph(g Graph) error {
	delete(t.graphs, g)
	return nil
}

// Close gives everything back.
func (t *Interpreter) Close() error {
	t.blocks, t.free = nil, t.total
	return nil
}

// Prepare does nothing.
func (t *Interpreter) Prepare(m MatMul, _ Stream) error { return m.check(t.Info()) }

// MatMul computes a product.
func (t *Interpreter) MatMul(m MatMul, _ Stream) error {
	if err := m.check(t.Info()); err != nil {
		return err
	}
	return t.do(m.String(), func() error {
		na, nb, nc := m.bytes()
		a, err := t.factor(m.A, na, m.Precision)
		if err != nil {
			return err
		}
		b, err := t.factor(m.B, nb, m.Precision)
		if err != nil {
			return err
		}
		c, err := t.bytes(m.C, nc)
		if err != nil {
			return err
		}
		alpha, beta := m.Alpha, m.Beta
		if m.Scale != 0 {
			s, err := t.bytes(m.Scale, 8)
			if err != nil {
				return err
			}
			alpha, beta = floats(s)[0], floats(s)[1]
		}
		lda, ldb := m.K, m.N
		if m.TransA {
			lda = m.M
		}
		if m.TransB {
			ldb = m.K
		}
		if alpha == 1 && beta == 0 {
			t.pool.Gemm(m.TransA, m.TransB, m.M, m.N, m.K, a, lda, b, ldb, 0, floats(c), m.N)
			return nil
		}
		out := make([]float32, m.M*m.N)
		t.pool.Gemm(m.TransA, m.TransB, m.M, m.N, m.K, a, lda, b, ldb, 0, out, m.N)
		for i, v := range floats(c) {
			if beta == 0 {
				v = 0 // whatever lay there
			}
			floats(c)[i] = beta * v
		}
		t.pool.Axpy(alpha, out, floats(c))
		return nil
	})
}

// factor are a matrix's values as a product of that precision takes them.
func (t *Interpreter) factor(p Ptr, n int64, as Precision) ([]float32, error) {
	b, err := t.bytes(p, n)
	if err != nil || as == Float32 {
		return floats(b), err
	}
	if as == BFloat16 {
		out := make([]float32, n/2)
		for i, v := range of[uint16](b) {
			out[i] = math.Float32frombits(uint32(v) << 16)
		}
		return out, nil
	}
	out := slices.Clone(floats(b))
	for i, v := range out { // to the nearest, halves away from 0
		out[i] = math.Float32frombits((math.Float32bits(v) + 1<<12) &^ (1<<13 - 1))
	}
	return out, nil
}

// of are bytes as values of another type.
func of[T any](b []byte) []T {
	var v T
	if len(b) == 0 {
		return nil
	}
	return unsafe.Slice((*T)(unsafe.Pointer(&b[0])), len(b)/int(unsafe.Sizeof(v)))
}

func floats(b []byte) []float32 { return of[float32](b) }

// asBytes are values as they lie in memory.
func asBytes[T any](x []T) []byte {
	if len(x) == 0 {
		return nil
	}
	return unsafe.Slice((*byte)(unsafe.Pointer(&x[0])), len(x)*int(unsafe.Sizeof(x[0])))
}
