package hdf

import (
	"encoding/binary"
	"errors"
	"fmt"
	"strings"
)

// The messages of an object's header that say how a dataset lies in the file (HDF5
// File Format Specification 3.0, IV.A).
const (
	msgDataspace    = 0x01
	msgDatatype     = 0x03
	msgLayout       = 0x08
	msgFilters      = 0x0b
	msgContinuation = 0x10
)

// Dataset is an array of numbers or texts in a file.
type Dataset struct {
	f       *File
	path    string
	Dims    []int
	Kind    Kind
	Size    int  // bytes of a value
	Bool    bool // integers that stand for h5py's booleans
	big     bool
	layout  layout
	filters []filter
	to      []float32 // where Matrix wants the values
	wanted  []int     // the columns that Columns wants
}

// Kind is what values are.
type Kind uint8

// The kinds of values. An Enum has the integers that stand for its names (h5py's
// booleans are one).
const (
	Float Kind = iota
	Signed
	Unsigned
	Fixed    // text of Size bytes
	Variable // text of any length
	Other
)

type layout struct {
	class   uint8 // 0 compact, 1 contiguous, 2 chunked
	data    []byte
	address uint64
	size    uint64
	chunk   []int
	single  bool // the one chunk lies at address, size bytes, mask
	mask    uint32
}

type filter struct {
	id     uint16
	values []uint32
}

var le = binary.LittleEndian

// most is how much of a header is read: what hostile ones may cost.
const most = 1 << 20

// read is n bytes of the file at an address.
func (f *File) read(at, n uint64) ([]byte, error) {
	if n > uint64(f.size) {
		return nil, fmt.Errorf("%d bytes at %d of a file of %d", n, at, f.size)
	}
	b := make([]byte, n)
	return b, f.readInto(at, b)
}

// readInto reads so many bytes at an address.
func (f *File) readInto(at uint64, b []byte) error {
	at += f.base
	if at > uint64(f.size) || uint64(len(b)) > uint64(f.size)-at {
		return fmt.Errorf("%d bytes at %d of a file of %d", len(b), at, f.size)
	}
	_, err := f.raw.ReadAt(b, int64(at))
	return err
}

// describe takes what a dataset's header says.
func (d *Dataset) describe(messages []message) error {
	seen := 0
	for _, m := range messages {
		var err error
		switch m.kind {
		case msgDataspace:
			seen |= 1
			err = d.space(m.data)
		case msgDatatype:
			seen |= 2
			if m.flags&2 != 0 {
				return errors.New("its datatype is a named one")
			}
			err = d.datatype(m.data)
		case msgLayout:
			seen |= 4
			err = d.place(m.data)
		case msgFilters:
			err = d.pipeline(m.data)
		}
		if err != nil {
			return err
		}
	}
	if seen != 7 {
		return errors.New("it does not say how its values lie")
	}
	if d.layout.class == 2 && len(d.layout.chunk) != len(d.Dims) {
		return fmt.Errorf("chunks of %d dimensions in an array of %d", len(d.layout.chunk), len(d.Dims))
	}
	return nil
}

type message struct {
	kind  uint16
	flags uint8
	data  []byte
}

// messages are an object's, with those of its continuations.
func (f *File) messages(at uint64) ([]message, error) {
	head, err := f.read(at, 16)
	if err != nil {
		return nil, err
	}
	if string(head[:4]) == "OHDR" {
		return f.messages2(at)
	}
	if head[0] != 1 {
		return nil, fmt.Errorf("a header of version %d", head[0])
	}
	return f.collect(at+16, uint64(le.Uint32(head[8:])), func(b []byte) (m message, n int, ok bool) {
		if len(b) < 8 {
			return m, 0, false
		}
		size := int(le.Uint16(b[2:]))
		if len(b) < 8+size {
			return m, 0, false
		}
		return message{kind: le.Uint16(b), flags: b[4], data: b[8 : 8+size]}, 8 + size, true
	}, 0)
}

// messages2 reads a header of version 2.
func (f *File) messages2(at uint64) ([]message, error) {
	head, err := f.read(at, min(64, uint64(f.size)-min(uint64(f.size), at+f.base)))
	if err != nil {
		return nil, err
	}
	if len(head) < 40 || head[4] != 2 {
		return nil, errors.New("a header of an unknown version")
	}
	flags, pos := head[5], 6
	if flags&0x20 != 0 {
		pos += 16
	}
	if flags&0x10 != 0 {
		pos += 4
	}
	var size uint64
	width := 1 << (flags & 3)
	for i := range width {
		size |= uint64(head[pos+i]) << (8 * i)
	}
	pos += width
	extra := 0
	if flags&4 != 0 {
		extra = 2
	}
	return f.collect(at+uint64(pos), size, func(b []byte) (m message, n int, ok bool) {
		if len(b) < 4+extra {
			return m, 0, false
		}
		size := int(le.Uint16(b[1:]))
		n = 4 + extra + size
		if len(b) < n {
			return m, 0, false
		}
		return message{kind: uint16(b[0]), flags: b[3], data: b[4+extra : n]}, n, true
	}, 4)
}

// collect reads the messages of a block and of those it goes on in, which begin with
// so many bytes of signature, and end with as many of a sum.
func (f *File) collect(at, size uint64, next func([]byte) (message, int, bool), frame uint64) (all []message, err error) {
	type block struct{ at, size uint64 }
	blocks := []block{{at, size}}
	total := uint64(0)
	for i := 0; i < len(blocks); i++ {
		if total += blocks[i].size; total > most || i > 1000 {
			return nil, errors.New("a header without end")
		}
		b, err := f.read(blocks[i].at, blocks[i].size)
		if err != nil {
			return nil, err
		}
		for {
			m, n, ok := next(b)
			if !ok {
				break
			}
			if m.kind == msgContinuation && len(m.data) >= 16 {
				c := block{le.Uint64(m.data), le.Uint64(m.data[8:])}
				if c.size < 2*frame {
					return nil, errors.New("a header goes on nowhere")
				}
				blocks = append(blocks, block{c.at + frame, c.size - 2*frame})
			} else {
				all = append(all, m)
			}
			b = b[n:]
		}
	}
	return all, nil
}

func (d *Dataset) space(b []byte) error {
	if len(b) < 4 {
		return errors.New("a short dataspace")
	}
	rank, at := int(b[1]), 4
	if b[0] == 1 {
		at = 8
	} else if b[0] != 2 {
		return fmt.Errorf("a dataspace of version %d", b[0])
	} else if b[3] == 2 { // empty
		d.Dims = []int{0}
		return nil
	}
	if rank > 32 || len(b) < at+8*rank {
		return errors.New("a short dataspace")
	}
	d.Dims = make([]int, rank)
	all := uint64(1)
	for i := range rank {
		n := le.Uint64(b[at+8*i:])
		if n > 1<<40 || all*max(1, n) > 1<<44 {
			return fmt.Errorf("a dimension of %d", n)
		}
		all *= max(1, n)
		d.Dims[i] = int(n)
	}
	return nil
}

func (d *Dataset) datatype(b []byte) error {
	if len(b) < 8 {
		return errors.New("a short datatype")
	}
	class, bits := b[0]&15, b[1]
	d.Size = int(le.Uint32(b[4:]))
	if d.Size < 1 || d.Size > 1<<16 {
		return fmt.Errorf("values of %d bytes", d.Size)
	}
	switch class {
	case 0:
		d.Kind, d.big = Unsigned, bits&1 != 0
		if bits&8 != 0 {
			d.Kind = Signed
		}
	case 1:
		d.Kind, d.big = Float, bits&1 != 0
	case 3:
		d.Kind = Fixed
	case 8: // the type of its integers follows, then their names
		members := int(le.Uint16(b[1:]))
		names := string(b[8:])
		err := d.datatype(b[8:])
		d.Bool = members == 2 && d.Size == 1 && strings.Contains(names, "FALSE\x00") && strings.Contains(names, "TRUE\x00")
		return err
	case 9:
		d.Kind = Other
		if bits&15 == 1 {
			d.Kind = Variable
		}
	default:
		d.Kind = Other
	}
	return nil
}

func (d *Dataset) place(b []byte) error {
	if len(b) < 2 {
		return errors.New("a short layout")
	}
	l := &d.layout
	version := b[0]
	if version > 4 {
		return fmt.Errorf("a layout of version %d, which only the newest libraries write: libver='earliest' helps", version)
	}
	if version < 3 {
		return fmt.Errorf("a layout of version %d: its writer was older than HDF5 1.6", version)
	}
	l.class = b[1]
	b = b[2:]
	short := errors.New("a short layout")
	switch {
	case l.class == 0:
		if len(b) < 2 || len(b) < 2+int(le.Uint16(b)) {
			return short
		}
		l.data = b[2 : 2+int(le.Uint16(b))]
	case l.class == 1:
		if len(b) < 16 {
			return short
		}
		l.address, l.size = le.Uint64(b), le.Uint64(b[8:])
	case l.class == 2 && version == 3:
		if len(b) < 1 {
			return short
		}
		rank := int(b[0]) - 1 // the last is the size of a value
		if rank < 1 || len(b) < 9+4*rank+4 {
			return short
		}
		l.address = le.Uint64(b[1:])
		for i := range rank {
			l.chunk = append(l.chunk, int(le.Uint32(b[9+4*i:])))
		}
	case l.class == 2:
		return d.place4(b)
	default:
		return fmt.Errorf("a layout of class %d", l.class)
	}
	return d.layout.checkChunk()
}

// place4 reads the layout of chunks that libraries write who are told to use the
// latest format; of its indices a single chunk is read.
func (d *Dataset) place4(b []byte) error {
	l := &d.layout
	if len(b) < 4 {
		return errors.New("a short layout")
	}
	flags, rank, width := b[0], int(b[1])-1, int(b[2])
	at := 3 + (rank+1)*width
	if rank < 1 || width < 1 || width > 8 || len(b) < at+9 {
		return errors.New("a short layout")
	}
	for i := range rank {
		n := uint64(0)
		for k := range width {
			n |= uint64(b[3+i*width+k]) << (8 * k)
		}
		l.chunk = append(l.chunk, int(min(n, 1<<40)))
	}
	if b[at] != 1 {
		return errors.New("its chunks are listed as only the latest format does: writing it with libver='earliest' helps")
	}
	b = b[at+1:]
	l.single = true
	if flags&2 != 0 {
		if len(b) < 20 {
			return errors.New("a short layout")
		}
		l.size, l.mask = le.Uint64(b), le.Uint32(b[8:])
		b = b[12:]
	}
	l.address = le.Uint64(b)
	return l.checkChunk()
}

func (l *layout) checkChunk() error {
	all := 1
	for _, n := range l.chunk {
		if n < 1 || all > 1<<31/n {
			return fmt.Errorf("chunks of %v values", l.chunk)
		}
		all *= n
	}
	return nil
}

func (d *Dataset) pipeline(b []byte) error {
	short := errors.New("a short list of filters")
	if len(b) < 2 {
		return short
	}
	version, n := b[0], int(b[1])
	b = b[2:]
	if version == 1 {
		if len(b) < 6 {
			return short
		}
		b = b[6:]
	}
	for range n {
		if len(b) < 6 {
			return short
		}
		f := filter{id: le.Uint16(b)}
		name, values := 0, 0
		if version == 1 || f.id >= 256 {
			if len(b) < 8 {
				return short
			}
			name, values = int(le.Uint16(b[2:])), int(le.Uint16(b[6:]))
			b = b[8:]
		} else {
			values = int(le.Uint16(b[4:]))
			b = b[6:]
		}
		if version == 1 {
			name = (name + 7) &^ 7
		}
		if len(b) < name+4*values {
			return short
		}
		b = b[name:]
		for i := range values {
			f.values = append(f.values, le.Uint32(b[4*i:]))
		}
		b = b[4*values:]
		if version == 1 && values%2 == 1 && len(b) >= 4 {
			b = b[4:]
		}
		d.filters = append(d.filters, f)
	}
	return nil
}
