package hdf

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"slices"
	"strconv"
	"unicode/utf8"
	"unsafe"

	"github.com/gxlab/gxlab/gx/fault"
)

// Numbers says whether the values are numbers.
func (d *Dataset) Numbers() bool { return d.Kind <= Unsigned && d.width() }

func (d *Dataset) width() bool {
	switch d.Size {
	case 1, 2:
		return d.Kind != Float || d.Size == 2
	case 4, 8:
		return true
	}
	return false
}

// Runs hands on the numbers of a dataset of two dimensions as float32, runs within
// a row: n values of row r from column c. Several are handed on at once; x is only
// lent. Float64s and large integers are rounded.
func (d *Dataset) Runs(ctx context.Context, tell func(done, total int), f func(r, c int, x []float32)) error {
	if len(d.Dims) != 2 {
		return fault.New(fmt.Sprintf("an array of %d dimensions is no matrix", len(d.Dims)), d.where(), "one of two")
	}
	if !d.Numbers() {
		return fault.New("the matrix does not hold numbers", d.where(), "numbers of up to 8 bytes")
	}
	return d.each(ctx, tell, func(p piece) error {
		n := min(p.dims[1], d.Dims[1]-p.from[1])
		room := p.room.float32s(n)
		for i := range min(p.dims[0], d.Dims[0]-p.from[0]) {
			row := p.data[i*p.dims[1]*d.Size:][:n*d.Size]
			f(p.from[0]+i, p.from[1], d.floats(row, room))
		}
		return nil
	})
}

// Matrix reads a dataset of two dimensions into x, row by row.
func (d *Dataset) Matrix(ctx context.Context, tell func(done, total int), x []float32) error {
	if len(d.Dims) == 2 && len(x) != d.Len() {
		return fault.New(fmt.Sprintf("room for %d values of %d", len(x), d.Len()), d.where(), "")
	}
	d.to = x
	defer func() { d.to = nil }()
	return d.Runs(ctx, tell, func(r, c int, v []float32) {
		if to := x[r*d.Dims[1]+c:]; &to[0] != &v[0] {
			copy(to, v)
		}
	})
}

// asRead says whether values lie in the file as they do in memory.
func (d *Dataset) asRead() bool { return d.Kind == Float && d.Size == 4 && !d.big && native }

// List hands on the numbers of a dataset of one dimension, as float64: runs from i.
func (d *Dataset) List(ctx context.Context, tell func(done, total int), f func(i int, x []float64)) error {
	if len(d.Dims) != 1 {
		return fault.New(fmt.Sprintf("an array of %d dimensions is no list", len(d.Dims)), d.where(), "one of one")
	}
	if !d.Numbers() {
		return fault.New("the list does not hold numbers", d.where(), "numbers of up to 8 bytes")
	}
	return d.each(ctx, tell, func(p piece) error {
		n := min(p.dims[0], d.Dims[0]-p.from[0])
		x := p.room.float64s(n)
		d.numbers(p.data, x)
		f(p.from[0], x)
		return nil
	})
}

// Floats are all numbers of a list.
func (d *Dataset) Floats(ctx context.Context) ([]float64, error) {
	if err := d.plausible(8); err != nil {
		return nil, err
	}
	out := make([]float64, d.Len())
	return out, d.List(ctx, nil, func(i int, x []float64) { copy(out[i:], x) })
}

// Float32s are all numbers of a list.
func (d *Dataset) Float32s(ctx context.Context, tell func(done, total int)) ([]float32, error) {
	if err := d.plausible(4); err != nil {
		return nil, err
	}
	out := make([]float32, d.Len())
	return out, d.List(ctx, tell, func(i int, x []float64) {
		for k, v := range x {
			out[i+k] = float32(v)
		}
	})
}

// Ints are all numbers of a list of integers.
func (d *Dataset) Ints(ctx context.Context) ([]int, error) {
	if err := d.plausible(8); err != nil {
		return nil, err
	}
	if d.Kind == Float || d.Kind > Unsigned {
		return nil, fault.New("the list does not hold integers", d.where(), "integers")
	}
	out := make([]int, d.Len())
	return out, d.List(ctx, nil, func(i int, x []float64) {
		for k, v := range x {
			out[i+k] = int(v)
		}
	})
}

// Ints32 are all numbers of a list of integers below 2³¹, in half the room.
func (d *Dataset) Ints32(ctx context.Context) ([]int32, error) {
	if err := d.plausible(4); err != nil {
		return nil, err
	}
	if d.Kind == Float || d.Kind > Unsigned {
		return nil, fault.New("the list does not hold integers", d.where(), "integers")
	}
	out := make([]int32, d.Len())
	return out, d.List(ctx, nil, func(i int, x []float64) {
		for k, v := range x {
			if v < 0 || v > math.MaxInt32 {
				v = -1
			}
			out[i+k] = int32(v)
		}
	})
}

// densest is how many bytes one byte of a file may hold at most: deflate's limit.
const densest = 1100

// plausible refuses a list whose numbers, of so many bytes each, the file cannot
// hold: a hostile header then costs no memory.
func (d *Dataset) plausible(bytes int) error {
	if float64(d.Len())*float64(d.Size) > densest*float64(d.f.size) || d.Len() > math.MaxInt64/bytes {
		return fault.New(fmt.Sprintf("it says that it holds %d values, which the file of %d bytes cannot", d.Len(), d.f.size), d.where(), "fetching or copying it again: it is damaged")
	}
	return nil
}

// numbers are the values of b; the usual kinds without asking for each.
func (d *Dataset) numbers(b []byte, x []float64) {
	kind := [2]int{int(d.Kind), d.Size}
	if d.big {
		kind[1] = 0
	}
	switch kind {
	case [2]int{int(Float), 4}:
		for i := range x {
			x[i] = float64(math.Float32frombits(le.Uint32(b[4*i:])))
		}
	case [2]int{int(Float), 8}:
		for i := range x {
			x[i] = math.Float64frombits(le.Uint64(b[8*i:]))
		}
	case [2]int{int(Signed), 4}:
		for i := range x {
			x[i] = float64(int32(le.Uint32(b[4*i:])))
		}
	case [2]int{int(Signed), 8}:
		for i := range x {
			x[i] = float64(int64(le.Uint64(b[8*i:])))
		}
	default:
		for i := range x {
			x[i] = d.number(b[i*d.Size:])
		}
	}
}

// number is the value at the beginning of b.
func (d *Dataset) number(b []byte) float64 {
	order := binary.ByteOrder(le)
	if d.big {
		order = binary.BigEndian
	}
	var v uint64
	switch d.Size {
	case 1:
		v = uint64(b[0])
	case 2:
		v = uint64(order.Uint16(b))
	case 4:
		v = uint64(order.Uint32(b))
	case 8:
		v = order.Uint64(b)
	}
	switch {
	case d.Kind == Float && d.Size == 2:
		return float64(half(uint16(v)))
	case d.Kind == Float && d.Size == 4:
		return float64(math.Float32frombits(uint32(v)))
	case d.Kind == Float:
		return math.Float64frombits(v)
	case d.Kind == Signed:
		shift := 64 - 8*d.Size
		return float64(int64(v<<shift) >> shift)
	}
	return float64(v)
}

// half is a float of 16 bits.
func half(b uint16) float32 {
	sign, exp, frac := uint32(b>>15)<<31, uint32(b>>10&31), uint32(b&1023)
	switch {
	case exp == 31:
		return math.Float32frombits(sign | 0x7f800000 | frac<<13)
	case exp == 0:
		v := float32(frac) / (1 << 24)
		if sign != 0 {
			v = -v
		}
		return v
	}
	return math.Float32frombits(sign | (exp+112)<<23 | frac<<13)
}

// floats are the values of b; a view of b where they lie there as float32.
func (d *Dataset) floats(b []byte, room []float32) []float32 {
	if d.asRead() && uintptr(unsafe.Pointer(&b[0]))%4 == 0 {
		return unsafe.Slice((*float32)(unsafe.Pointer(&b[0])), len(b)/4)
	}
	for i := range room {
		room[i] = float32(d.number(b[i*d.Size:]))
	}
	return room
}

// native says whether this processor's numbers begin with their low byte.
var native = func() bool { v := uint16(1); return *(*byte)(unsafe.Pointer(&v)) == 1 }()

// Strings are the values of a list as text: numbers in their shortest form.
func (d *Dataset) Strings(ctx context.Context) (out []string, err error) {
	defer guard(d.where(), &err)
	if len(d.Dims) > 1 {
		return nil, fault.New(fmt.Sprintf("an array of %d dimensions is no list", len(d.Dims)), d.where(), "one of one")
	}
	if err := d.plausible(16); err != nil {
		return nil, err
	}
	if d.Kind <= Unsigned {
		x, err := d.Floats(ctx)
		if err != nil {
			return nil, err
		}
		for _, v := range x {
			text := ""
			switch {
			case v != v: // missing
			case d.Kind == Float && d.Size == 4:
				text = strconv.FormatFloat(v, 'g', -1, 32)
			case v == math.Trunc(v) && math.Abs(v) < 1e15:
				text = strconv.FormatInt(int64(v), 10)
			default:
				text = strconv.FormatFloat(v, 'g', -1, 64)
			}
			out = append(out, text)
		}
		return out, nil
	}
	if d.Kind == Other {
		return nil, fault.New("its values are no texts", d.where(), "a list of texts or numbers")
	}
	out = make([]string, d.Len())
	raw := make([][]byte, d.Len())
	err = d.each(ctx, nil, func(p piece) error {
		from, n := 0, 1
		if len(p.dims) == 1 {
			from, n = p.from[0], min(p.dims[0], d.Dims[0]-p.from[0])
		}
		for i := range n {
			raw[from+i] = append([]byte(nil), p.data[i*d.Size:(i+1)*d.Size]...)
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	for i, b := range raw {
		if b == nil {
			continue
		}
		if d.Kind == Variable {
			if b, err = d.f.text(b); err != nil {
				return nil, damaged(fmt.Errorf("text %d: %w", i+1, err), d.where())
			}
		} else if end := bytes.IndexByte(b, 0); end >= 0 {
			b = b[:end]
		}
		if !utf8.Valid(b) {
			return nil, fault.New(fmt.Sprintf("text %d, %q, is not UTF-8", i+1, b), d.where(), "writing it anew with text in UTF-8")
		}
		out[i] = string(b)
	}
	return out, nil
}

// text is a text of variable length, which lies in a heap: 4 bytes of length, 8 of
// the heap's address, 4 of the text's number there.
func (f *File) text(ref []byte) ([]byte, error) {
	if len(ref) < 16 {
		return nil, errors.New("a short reference")
	}
	n, at, number := le.Uint32(ref), le.Uint64(ref[4:]), le.Uint32(ref[12:])
	if n == 0 || at == 0 || at == undefined {
		return nil, nil
	}
	heap, ok := f.heaps[at]
	if !ok {
		var err error
		if heap, err = f.heap(at); err != nil {
			return nil, err
		}
		f.heaps[at] = heap
	}
	b, ok := heap[number]
	if !ok || len(b) < int(n) {
		return nil, fmt.Errorf("no text %d of %d bytes in the heap at %d", number, n, at)
	}
	return b[:n], nil
}

// heap reads a global heap.
func (f *File) heap(at uint64) (map[uint32][]byte, error) {
	head, err := f.read(at, 16)
	if err != nil {
		return nil, err
	}
	if string(head[:4]) != "GCOL" {
		return nil, fmt.Errorf("no heap at %d", at)
	}
	size := le.Uint64(head[8:])
	if size < 16 {
		return nil, fmt.Errorf("a heap of %d bytes", size)
	}
	b, err := f.read(at+16, size-16)
	if err != nil {
		return nil, err
	}
	out := map[uint32][]byte{}
	for len(b) >= 16 {
		number, n := uint32(le.Uint16(b)), le.Uint64(b[8:])
		if number == 0 {
			break // what is free
		}
		padded := (n + 7) &^ 7
		if n > uint64(len(b)) || padded > uint64(len(b)-16) {
			return nil, fmt.Errorf("a heap's text of %d bytes", n)
		}
		out[number] = b[16 : 16+n]
		b = b[16+padded:]
	}
	return out, nil
}

// Columns hands on the values of some columns of a matrix, which are sorted: value v
// of row r in the k-th of them. Chunks without any are not read.
func (d *Dataset) Columns(ctx context.Context, columns []int, tell func(done, total int), f func(r, k int, v float32)) error {
	if len(d.Dims) != 2 || !d.Numbers() {
		return fault.New("this is no matrix of numbers", d.where(), "one of two dimensions")
	}
	d.wanted = columns
	defer func() { d.wanted = nil }()
	return d.each(ctx, tell, func(p piece) error {
		width := p.dims[1]
		lo, _ := slices.BinarySearch(columns, p.from[1])
		for i := range min(p.dims[0], d.Dims[0]-p.from[0]) {
			for k := lo; k < len(columns) && columns[k] < p.from[1]+width; k++ {
				f(p.from[0]+i, k, float32(d.number(p.data[(i*width+columns[k]-p.from[1])*d.Size:])))
			}
		}
		return nil
	})
}

// skips says whether no column of a chunk is wanted.
func (d *Dataset) skips(from []int) bool {
	if d.wanted == nil {
		return false
	}
	at, _ := slices.BinarySearch(d.wanted, from[1])
	return at == len(d.wanted) || d.wanted[at] >= from[1]+d.layout.chunk[1]
}
