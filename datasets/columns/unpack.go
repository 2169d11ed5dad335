package columns

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"sync"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/snappy"
	"github.com/klauspost/compress/zstd"

	"github.com/gxlab/gxlab/gx/fault"
)

// packing is how bytes are packed.
type packing int

const (
	plain packing = iota
	snappyBlock
	gzipped
	zstdFrame
	lz4Block
	lz4Frames  // Arrow's
	lz4Lengths // Hadoop's: blocks after their lengths
)

// unzstd unpacks to no more than the room that it is given.
var unzstd = sync.OnceValues(func() (*zstd.Decoder, error) {
	return zstd.NewReader(nil, zstd.WithDecoderConcurrency(0), zstd.WithDecodeAllCapLimit(true))
})

var errSize = errors.New("unpacked it is longer or shorter than it says")

// trusted is how much room is taken for packed bytes before any has been unpacked.
const trusted = 1 << 18

// unpack unpacks to exactly size bytes, in to's room where it is enough.
func unpack(how packing, packed []byte, size int, to []byte) ([]byte, error) {
	ratio := map[packing]int{plain: 1, snappyBlock: 32, gzipped: 1032, zstdFrame: 1 << 15, lz4Block: 256, lz4Frames: 256, lz4Lengths: 256}[how]
	if size < 0 || size > ratio*len(packed)+64 {
		return nil, fmt.Errorf("%d bytes cannot unpack to %d", len(packed), size)
	}
	if cap(to) < size {
		to = make([]byte, min(size, max(trusted, 64*len(packed))))
	}
	out, err := unpackTo(how, packed, to[:min(size, cap(to))])
	if err != nil && cap(to) < size { // it is borne out a little
		out, err = unpackTo(how, packed, make([]byte, size))
	}
	if err == nil && len(out) != size {
		err = errSize
	}
	if err == nil && cap(to) >= size { // with all its room
		return to[:size], nil
	}
	return out, err
}

// unpackTo unpacks to fill to.
func unpackTo(how packing, packed, to []byte) ([]byte, error) {
	switch how {
	case plain:
		return to[:copy(to, packed)], nil
	case snappyBlock:
		if n, err := snappy.DecodedLen(packed); err != nil || n != len(to) {
			return nil, errSize
		}
		return snappy.Decode(to, packed)
	case gzipped:
		z, err := gzip.NewReader(bytes.NewReader(packed))
		if err != nil {
			return nil, err
		}
		_, err = io.ReadFull(z, to)
		return to, err
	case zstdFrame:
		z, err := unzstd()
		if err != nil {
			return nil, err
		}
		return z.DecodeAll(packed, to[:0:len(to)])
	case lz4Block:
		return unLZ4(packed, to[:0:len(to)])
	case lz4Frames:
		return unLZ4Frame(packed, to[:0:len(to)])
	case lz4Lengths:
		out := to[:0:len(to)]
		for len(packed) > 8 && len(out) < len(to) {
			n := int(binary.BigEndian.Uint32(packed[4:]))
			if n > len(packed)-8 {
				return nil, errSize
			}
			var err error
			if out, err = unLZ4(packed[8:8+n], out); err != nil {
				return nil, err
			}
			packed = packed[8+n:]
		}
		return out, nil
	}
	return nil, fault.New("the file is packed in a way that is not read", "", `compression="zstd"`)
}

// unLZ4 unpacks a block after what to holds, which it may refer to, within to's room
// (LZ4 Block Format).
func unLZ4(b, to []byte) ([]byte, error) {
	length := func(n int) (int, bool) {
		if n != 15 {
			return n, true
		}
		for len(b) > 0 {
			c := b[0]
			b = b[1:]
			if n += int(c); c != 255 {
				return n, true
			}
		}
		return 0, false
	}
	for len(b) > 0 {
		token := b[0]
		b = b[1:]
		n, ok := length(int(token >> 4))
		if !ok || n > len(b) || n > cap(to)-len(to) {
			return nil, errSize
		}
		to = append(to, b[:n]...)
		if b = b[n:]; len(b) == 0 {
			break
		}
		if len(b) < 2 {
			return nil, errSize
		}
		back := int(b[0]) | int(b[1])<<8
		b = b[2:]
		n, ok = length(int(token & 15))
		if n += 4; !ok || back == 0 || back > len(to) || n > cap(to)-len(to) {
			return nil, errSize
		}
		for from := len(to) - back; n > 0; {
			k := min(n, len(to)-from)
			to = append(to, to[from:from+k]...)
			n -= k
		}
	}
	return to, nil
}

// unLZ4Frame unpacks frames (LZ4 Frame Format); their checksums are passed over.
func unLZ4Frame(b, to []byte) ([]byte, error) {
	for len(b) > 0 {
		if len(b) < 7 || binary.LittleEndian.Uint32(b) != 0x184D2204 {
			return nil, errors.New("an LZ4 frame begins with other bytes")
		}
		flags, skip := b[4], 7
		if flags&8 != 0 {
			skip += 8
		}
		if flags&1 != 0 {
			skip += 4
		}
		for {
			if len(b) < skip+4 {
				return nil, errSize
			}
			b = b[skip:]
			n := int(binary.LittleEndian.Uint32(b))
			b, skip = b[4:], 0
			if n == 0 {
				break
			}
			stored := n>>31 != 0
			if n &= 1<<31 - 1; n > len(b) {
				return nil, errSize
			}
			if stored {
				if n > cap(to)-len(to) {
					return nil, errSize
				}
				to = append(to, b[:n]...)
			} else {
				var err error
				if to, err = unLZ4(b[:n], to); err != nil {
					return nil, err
				}
			}
			b = b[n:]
			if flags&16 != 0 {
				skip = 4
			}
		}
		if flags&4 != 0 {
			if len(b) < 4 {
				return nil, errSize
			}
			b = b[4:]
		}
	}
	return to, nil
}
