package columns

import (
	"encoding/binary"
	"errors"
	"io"
	"math"
)

// compact reads Thrift's compact protocol. After its first error all is zero.
type compact struct {
	r interface {
		io.ByteReader
		io.Reader
	}
	left int64 // bytes that there can be
	err  error
}

// Thrift's types.
const (
	tStop   = 0
	tTrue   = 1
	tFalse  = 2
	tByte   = 3
	tDouble = 7
	tBinary = 8
	tList   = 9
	tSet    = 10
	tMap    = 11
	tStruct = 12
)

var errThrift = errors.New("its metadata are damaged")

func (c *compact) byte() byte {
	if c.left--; c.left < 0 && c.err == nil {
		c.err = errThrift
	}
	if c.err != nil {
		return 0
	}
	b, err := c.r.ReadByte()
	if err != nil {
		c.err = err
	}
	return b
}

func (c *compact) uvarint() uint64 {
	var v uint64
	for shift := 0; shift < 70; shift += 7 {
		b := c.byte()
		v |= uint64(b&127) << shift
		if b < 128 {
			return v
		}
	}
	c.fail()
	return 0
}

func (c *compact) fail() {
	if c.err == nil {
		c.err = errThrift
	}
}

// int is an integer of any width.
func (c *compact) int() int64 {
	v := c.uvarint()
	return int64(v>>1) ^ -int64(v&1)
}

// count is a length.
func (c *compact) count() int {
	n := c.uvarint()
	if n > uint64(max(0, c.left)) {
		c.fail()
		return 0
	}
	return int(n)
}

func (c *compact) binary() []byte {
	n := c.count()
	if c.err != nil {
		return nil
	}
	b := make([]byte, n)
	c.left -= int64(n)
	if _, err := io.ReadFull(c.r, b); err != nil {
		c.err = err
		return nil
	}
	return b
}

// fields gives take every field of a struct; what take does not read (false) is
// skipped. Of a bool the value is its type.
func (c *compact) fields(take func(id int, kind byte) bool) {
	c.structure(0, take)
}

func (c *compact) structure(depth int, take func(id int, kind byte) bool) {
	id := 0
	for c.err == nil {
		h := c.byte()
		kind := h & 15
		if kind == tStop {
			return
		}
		if d := int(h >> 4); d > 0 {
			id += d
		} else {
			id = int(c.int() & math.MaxInt16)
		}
		if take == nil || !take(id, kind) {
			c.skip(kind, depth)
		}
	}
}

// list gives take every element of a list.
func (c *compact) list(take func(kind byte)) {
	h := c.byte()
	n := int(h >> 4)
	if n == 15 {
		n = c.count()
	}
	for range n {
		if c.err != nil {
			return
		}
		take(h & 15)
	}
}

func (c *compact) skip(kind byte, depth int) {
	if depth > 32 {
		c.fail()
		return
	}
	switch kind {
	case tTrue, tFalse:
	case tByte:
		c.byte()
	case 4, 5, 6:
		c.uvarint()
	case tDouble:
		for range 8 {
			c.byte()
		}
	case tBinary:
		for n := c.count(); n > 0 && c.err == nil; n-- {
			c.byte()
		}
	case tList, tSet:
		c.list(func(k byte) {
			if k == tTrue || k == tFalse { // in a list they take a byte
				k = tByte
			}
			c.skip(k, depth+1)
		})
	case tMap:
		n := c.count()
		if n == 0 {
			return
		}
		kinds := c.byte()
		for range n {
			c.skip(kinds>>4, depth+1)
			c.skip(kinds&15, depth+1)
			if c.err != nil {
				return
			}
		}
	case tStruct:
		c.structure(depth+1, nil)
	default:
		c.fail()
	}
}

func le32(b []byte) uint32 { return binary.LittleEndian.Uint32(b) }
func le64(b []byte) uint64 { return binary.LittleEndian.Uint64(b) }
