package hdf

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"runtime"
	"sync"
	"unsafe"

	"github.com/klauspost/compress/zlib"
	"github.com/klauspost/compress/zstd"
)

// piece is a part of a dataset: values from a place, of some extent, one row after
// the other.
type piece struct {
	from, dims []int
	data       []byte
	room       *scratch // what the caller may use, or nil
}

// undefined is an address that is none.
const undefined = math.MaxUint64

// blockBytes is about how much of a dataset without chunks is read at once.
const blockBytes = 4 << 20

// each hands on the parts of a dataset, unpacked, several at once and in no order;
// tell hears how many values were. What a file leaves out is not handed on: zeros.
func (d *Dataset) each(ctx context.Context, tell func(done, total int), f func(piece) error) error {
	total := d.Len()
	if total == 0 {
		return nil
	}
	jobs := make(chan func(*scratch) (piece, error))
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	var wg sync.WaitGroup
	var mu sync.Mutex
	done := 0
	for range min(4, runtime.GOMAXPROCS(0)) {
		wg.Add(1)
		go func() {
			defer wg.Done()
			room := &scratch{}
			for job := range jobs {
				err := func() (err error) {
					defer guard(d.where(), &err)
					p, err := job(room)
					p.room = room
					if err == nil {
						err = f(p)
					}
					n := 1
					for _, v := range p.dims {
						n *= v
					}
					if tell != nil {
						mu.Lock()
						done += n
						tell(min(done, total), total)
						mu.Unlock()
					}
					return err
				}()
				if err != nil {
					cancel(damaged(err, d.where()))
				}
			}
		}()
	}
	err := d.jobs(func(job func(*scratch) (piece, error)) error {
		select {
		case jobs <- job:
			return nil
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	})
	close(jobs)
	wg.Wait()
	if cause := context.Cause(ctx); cause != nil {
		return cause
	}
	if err != nil {
		return damaged(err, d.where())
	}
	return nil
}

func (d *Dataset) where() string { return d.f.path + ", /" + d.path }

// Len is how many values there are.
func (d *Dataset) Len() int {
	n := 1
	for _, v := range d.Dims {
		n *= v
	}
	return n
}

// jobs yields what reads each part.
func (d *Dataset) jobs(yield func(func(*scratch) (piece, error)) error) error {
	l := &d.layout
	switch {
	case l.class == 0:
		return yield(func(s *scratch) (piece, error) { return d.whole(l.data) })
	case l.class == 1:
		return d.blocks(yield)
	case l.single:
		if l.address == undefined {
			return nil
		}
		size := l.size
		if size == 0 {
			size = uint64(product(l.chunk) * d.Size)
		}
		return yield(func(s *scratch) (piece, error) { return d.chunk(s, make([]int, len(d.Dims)), l.address, size, l.mask) })
	case l.address == undefined:
		return nil
	}
	count := 0
	return d.f.tree1(l.address, len(d.Dims), 0, &count, func(from []int, at, size uint64, mask uint32) error {
		for i, v := range from {
			if v >= d.Dims[i] {
				return nil // beyond an array that was made smaller
			}
		}
		if d.skips(from) {
			return nil
		}
		return yield(func(s *scratch) (piece, error) { return d.chunk(s, from, at, size, mask) })
	})
}

func product(dims []int) int {
	n := 1
	for _, v := range dims {
		n *= v
	}
	return n
}

// whole is all of a dataset.
func (d *Dataset) whole(b []byte) (piece, error) {
	if len(b) < d.Len()*d.Size {
		return piece{}, fmt.Errorf("%d bytes for %d values of %d", len(b), d.Len(), d.Size)
	}
	return piece{from: make([]int, len(d.Dims)), dims: d.Dims, data: b[:d.Len()*d.Size]}, nil
}

// blocks are rows of a dataset without chunks, some MB at once.
func (d *Dataset) blocks(yield func(func(*scratch) (piece, error)) error) error {
	l := &d.layout
	if l.address == undefined {
		return nil
	}
	if l.size < uint64(d.Len())*uint64(d.Size) {
		return fmt.Errorf("%d bytes for %d values of %d", l.size, d.Len(), d.Size)
	}
	if len(d.Dims) == 0 {
		return yield(func(s *scratch) (piece, error) {
			b, err := d.f.read(l.address, uint64(d.Size))
			return piece{data: b}, err
		})
	}
	row := d.Len() / d.Dims[0] * d.Size
	step := max(1, blockBytes/max(1, row))
	for lo := 0; lo < d.Dims[0]; lo += step {
		n := min(step, d.Dims[0]-lo)
		if err := yield(func(s *scratch) (piece, error) {
			at, bytes := l.address+uint64(lo)*uint64(row), uint64(n)*uint64(row)
			var b []byte
			var err error
			if d.to != nil && d.asRead() {
				b = unsafe.Slice((*byte)(unsafe.Pointer(&d.to[lo*row/4])), bytes)
				err = d.f.readInto(at, b)
			} else {
				if bytes > uint64(d.f.size) {
					return piece{}, fmt.Errorf("%d bytes at %d of a file of %d", bytes, at, d.f.size)
				}
				b = s.bytes(int(bytes))
				err = d.f.readInto(at, b)
			}
			from, dims := make([]int, len(d.Dims)), append([]int{n}, d.Dims[1:]...)
			from[0] = lo
			return piece{from: from, dims: dims, data: b}, err
		}); err != nil {
			return err
		}
	}
	return nil
}

// chunk reads and unpacks one.
func (d *Dataset) chunk(s *scratch, from []int, at, size uint64, mask uint32) (piece, error) {
	if size > uint64(d.f.size) {
		return piece{}, fmt.Errorf("%d bytes at %d of a file of %d", size, at, d.f.size)
	}
	b := s.bytes(int(size))
	err := d.f.readInto(at, b)
	if err != nil {
		return piece{}, err
	}
	want := product(d.layout.chunk) * d.Size
	for i := len(d.filters) - 1; i >= 0; i-- {
		if mask&(1<<i) != 0 {
			continue
		}
		if b, err = d.filters[i].undo(s, b, want, d.Size); err != nil {
			return piece{}, err
		}
	}
	if len(b) < want {
		return piece{}, fmt.Errorf("a chunk holds %d bytes, not %d", len(b), want)
	}
	return piece{from: from, dims: d.layout.chunk, data: b[:want]}, nil
}

// tree1 walks a B-tree of chunks (version 1).
func (f *File) tree1(at uint64, rank, depth int, count *int, each func(from []int, at, size uint64, mask uint32) error) error {
	if depth > 16 {
		return errors.New("a tree of chunks without end")
	}
	head, err := f.read(at, 24)
	if err != nil {
		return err
	}
	if string(head[:4]) != "TREE" || head[4] != 1 {
		return errors.New("no tree of chunks where there should be one")
	}
	level, n := int(head[5]), int(le.Uint16(head[6:]))
	key := 8 + 8*(rank+1)
	b, err := f.read(at+24, uint64(n*(key+8)+key))
	if err != nil {
		// the last key may be left out at the end of a file
		if b, err = f.read(at+24, uint64(n*(key+8))); err != nil {
			return err
		}
	}
	if level > 0 && depth > 0 && level >= 17-depth {
		return errors.New("a tree of chunks of odd levels")
	}
	for i := range n {
		k := b[i*(key+8):]
		child := le.Uint64(k[key:])
		if *count++; *count > 1<<26 {
			return errors.New("a tree of chunks without end")
		}
		if level > 0 {
			if err := f.tree1(child, rank, depth+1, count, each); err != nil {
				return err
			}
			continue
		}
		from := make([]int, rank)
		for r := range from {
			v := le.Uint64(k[8+8*r:])
			if v > 1<<40 {
				return errors.New("a chunk beyond its array")
			}
			from[r] = int(v)
		}
		if err := each(from, child, uint64(le.Uint32(k)), le.Uint32(k[4:])); err != nil {
			return err
		}
	}
	return nil
}

// The filters, as the HDF Group numbers them.
const (
	deflate   = 1
	shuffle   = 2
	fletcher  = 3
	lzf       = 32000
	zstandard = 32015
)

var filterNames = map[uint16]string{4: "szip", 5: "nbit", 6: "scaleoffset", 307: "bzip2", 32001: "Blosc", 32004: "LZ4", 32008: "bitshuffle", 32026: "Blosc2"}

// undo unpacks a chunk that holds want bytes of values of some size.
func (f filter) undo(s *scratch, b []byte, want, size int) ([]byte, error) {
	switch f.id {
	case deflate:
		if err := s.inflate(b); err != nil {
			return nil, err
		}
		return s.upTo(s.zlib, want)
	case shuffle:
		if len(f.values) > 0 && f.values[0] > 0 && f.values[0] < 1<<16 {
			size = int(f.values[0])
		}
		return unshuffle(s, b, size), nil
	case fletcher:
		if len(b) < 4 {
			return nil, errors.New("a chunk without its sum")
		}
		return b[:len(b)-4], nil
	case lzf:
		return unLZF(b, want)
	case zstandard:
		z, err := zstd.NewReader(bytes.NewReader(b), zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxMemory(uint64(want)+1<<20))
		if err != nil {
			return nil, err
		}
		defer z.Close()
		return s.upTo(z, want)
	}
	name := filterNames[f.id]
	if name == "" {
		name = fmt.Sprintf("filter %d", f.id)
	}
	return nil, errors.New("its values are packed by " + name + ", which is not read: writing it with compression='gzip' helps")
}

// scratch is the room in which one worker unpacks part after part: three buffers in
// turn, as a part is in one while the next filter writes to another.
type scratch struct {
	room    [3][]byte
	turn    int
	zlib    io.ReadCloser
	doubles []float64
	singles []float32
}

// bytes is room for n, whatever was in it.
func (s *scratch) bytes(n int) []byte {
	s.turn = (s.turn + 1) % len(s.room)
	r := &s.room[s.turn]
	if cap(*r) < n {
		*r = make([]byte, n)
	}
	return (*r)[:n]
}

// inflate begins to unpack b.
func (s *scratch) inflate(b []byte) (err error) {
	if s.zlib == nil {
		s.zlib, err = zlib.NewReader(bytes.NewReader(b))
		return err
	}
	return s.zlib.(zlib.Resetter).Reset(bytes.NewReader(b), nil)
}

// upTo reads no more than want bytes, and a few for a sum.
func (s *scratch) upTo(r io.Reader, want int) ([]byte, error) {
	b := bytes.NewBuffer(s.bytes(min(want+bytes.MinRead+8, 1<<26))[:0])
	_, err := b.ReadFrom(io.LimitReader(r, int64(want)+8))
	return b.Bytes(), err
}

// unshuffle puts the bytes of each value together again.
func unshuffle(s *scratch, b []byte, size int) []byte {
	n := len(b) / size
	if size < 2 || n < 2 {
		return b
	}
	out := s.bytes(len(b))
	for k := range size {
		for i, v := range b[k*n : (k+1)*n] {
			out[i*size+k] = v
		}
	}
	copy(out[n*size:], b[n*size:])
	return out
}

// unLZF unpacks LibLZF's format: runs of up to 32 bytes as they are, and repeats of
// 3 to 264 bytes from up to 8192 bytes back.
func unLZF(b []byte, want int) ([]byte, error) {
	bad := errors.New("a damaged LZF chunk")
	out := make([]byte, 0, want)
	for i := 0; i < len(b); {
		c := int(b[i])
		i++
		if c < 32 {
			if i+c+1 > len(b) || len(out)+c+1 > want {
				return nil, bad
			}
			out = append(out, b[i:i+c+1]...)
			i += c + 1
			continue
		}
		n := c >> 5
		if n == 7 {
			if i >= len(b) {
				return nil, bad
			}
			n += int(b[i])
			i++
		}
		if i >= len(b) {
			return nil, bad
		}
		from := len(out) - (c&31)<<8 - int(b[i]) - 1
		i++
		if from < 0 || len(out)+n+2 > want {
			return nil, bad
		}
		for k := range n + 2 {
			out = append(out, out[from+k])
		}
	}
	return out, nil
}

func (s *scratch) float32s(n int) []float32 {
	if cap(s.singles) < n {
		s.singles = make([]float32, n)
	}
	return s.singles[:n]
}

func (s *scratch) float64s(n int) []float64 {
	if cap(s.doubles) < n {
		s.doubles = make([]float64, n)
	}
	return s.doubles[:n]
}
