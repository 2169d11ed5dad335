package gpu

import "math"

// Ptr is an address in the device's memory; 0 is none. Arithmetic in bytes is
// allowed inside what one Alloc gave.
type Ptr uint64

// Stream is a queue of work on the device: what is put in it runs in order,
// beside what other streams run. There is no default one.
type Stream uintptr

// Event is a mark in a stream that other streams can wait for.
type Event uintptr

// Graph is work that was captured once and is launched as a whole.
type Graph uintptr

// Driver is what a launch list needs of a device: CUDA's, or a Recorder's.
//
// Work that takes a Stream is put there and runs later; an error of it may be
// told by a later call. All methods may be called from several goroutines. Errors
// that errors.Is finds: ErrNoMemory, ErrLost.
//
// Between BeginCapture and EndCapture nothing runs: what is put into that stream,
// and into streams that wait for its events, becomes the graph. Alloc, AllocHost,
// Free, FreeHost, Sync and Prepare are not allowed then, nor is an Upload or
// Download of memory that AllocHost did not give.
type Driver interface {
	// Info describes the device; the free memory is that of the moment.
	Info() Info

	// Alloc takes bytes of the device's memory, aligned to 256. Its content is
	// whatever was there.
	Alloc(bytes int64) (Ptr, error)
	// Free gives back what Alloc gave; the device need not be done with it.
	Free(Ptr) error
	// AllocHost takes bytes of pinned memory of the host, which the device copies
	// from and to while other work goes on.
	AllocHost(bytes int64) ([]byte, error)
	// FreeHost gives back what AllocHost gave.
	FreeHost([]byte) error

	// Upload copies from the host to the device. Of pinned memory, the copy is made
	// later, and src must stay as it is until then; other memory has been read when
	// Upload returns.
	Upload(dst Ptr, src []byte, s Stream) error
	// Download copies from the device to the host. Into pinned memory, the copy is
	// made later; other memory has been filled when Download returns.
	Download(dst []byte, src Ptr, s Stream) error
	// Copy copies within the device.
	Copy(dst, src Ptr, bytes int64, s Stream) error
	// Zero sets bytes to 0.
	Zero(dst Ptr, bytes int64, s Stream) error

	NewStream() (Stream, error)
	FreeStream(Stream) error
	// Sync returns when all work of the stream is done, with its error if any.
	Sync(Stream) error
	NewEvent() (Event, error)
	FreeEvent(Event) error
	// Record marks the place in s that has been reached.
	Record(Event, Stream) error
	// Wait lets what s is given from now on wait for the event's last mark.
	Wait(Stream, Event) error

	// BeginCapture lets s be captured. A driver without graphs returns
	// errors.ErrUnsupported: the work is then put into the stream every time.
	BeginCapture(Stream) error
	EndCapture(Stream) (Graph, error)
	// Launch puts all of a graph's work into s.
	Launch(Graph, Stream) error
	FreeGraph(Graph) error

	// Kernel runs one of the kernels of kernels.cu with the arguments that it is
	// declared with there, in order. Its grid follows from them.
	Kernel(name string, s Stream, args ...Arg) error
	// Prepare finds the fastest algorithm for products of m's shape by trying them
	// on m.A and m.B, whatever lies there; m.C stays as it is. It is kept for MatMul:
	// once per shape, precision and alignment. Products are fastest where matrices
	// begin at multiples of 256 bytes and rows are multiples of 16 bytes long.
	Prepare(m MatMul, s Stream) error
	// MatMul computes a product. Where its shape was not prepared it takes the
	// library's first choice.
	MatMul(m MatMul, s Stream) error

	// Close gives back everything, also what was not freed.
	Close() error
}

// Info describes a device.
type Info struct {
	Name         string
	Major, Minor int    // compute capability
	Processors   int    // streaming multiprocessors
	Total, Free  int64  // bytes of memory
	Driver       int    // the newest CUDA the driver knows: 12040 is 12.4
	Library      int    // cublasLt's version: 120402 is 12.4.2; 0: without one
	Path         string // where cublasLt was found
	DeviceScale  bool   // MatMul.Scale can be used
}

// Precision is how products are computed. Sums are float32 in all of them.
type Precision uint8

// The precisions. TF32 rounds the factors to 10 bits of fraction inside the
// product. BFloat16 takes factors that lie in memory as bfloat16 (8 bits of
// fraction); the result is float32.
const (
	Float32 Precision = iota
	TF32
	BFloat16
)

var precisionNames = [...]string{"float32", "tf32", "bfloat16"}

// String is the precision's name.
func (p Precision) String() string { return precisionNames[p] }

// ParsePrecision is the precision of that name.
func ParsePrecision(name string) (Precision, bool) {
	for i, n := range precisionNames {
		if n == name {
			return Precision(i), true
		}
	}
	return 0, false
}

// Size is the bytes of one factor's value.
func (p Precision) Size() int64 {
	if p == BFloat16 {
		return 2
	}
	return 4
}

// MatMul is the product C = Alpha·op(A)·op(B) + Beta·C of row-major matrices:
// op(A) is M × K, op(B) K × N, C M × N. With TransA, A lies as K × M; with TransB,
// B lies as N × K. C is float32, A and B as Precision says. C overlaps neither.
type MatMul struct {
	M, N, K        int
	TransA, TransB bool
	A, B, C        Ptr
	Alpha, Beta    float32
	// Scale is where on the device Alpha and Beta lie, one after the other; 0: they are
	// those above. A product that has it reads C, and needs Info.DeviceScale.
	Scale     Ptr
	Precision Precision
}

// Kind is the type of a kernel's argument.
type Kind uint8

// The kinds of arguments.
const (
	Pointer Kind = iota
	Int32
	Uint64
	Real32
)

// Arg is one argument of a kernel.
type Arg struct {
	Kind Kind
	Bits uint64
}

var kindNames = [...]string{"a pointer", "a 32-bit integer", "a 64-bit integer", "a float32"}

// String is the kind in words.
func (k Kind) String() string { return kindNames[k] }

// P is a pointer argument; 0 where the kernel allows none.
func P(p Ptr) Arg { return Arg{Pointer, uint64(p)} }

// I32 is a 32-bit integer argument: sizes, choices.
func I32(v int) Arg { return Arg{Int32, uint64(uint32(int32(v)))} }

// U64 is a 64-bit integer argument: lengths, seeds, counters.
func U64(v uint64) Arg { return Arg{Uint64, v} }

// F32 is a float32 argument.
func F32(v float32) Arg { return Arg{Real32, uint64(math.Float32bits(v))} }

// whole is the value of an integer argument.
func (a Arg) whole() int64 {
	if a.Kind == Int32 {
		return int64(int32(a.Bits))
	}
	return int64(a.Bits)
}
