package columns

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"slices"
)

// where is where buffer k of a batch lies in the file.
func (b *batch) where(k int) (at, n int64, err error) {
	list, count := b.vector(b.header, 2, 16)
	if k >= count {
		return 0, 0, io.ErrUnexpectedEOF
	}
	at, n = int64(le64(b.flat.at(list+16*k, 8))), int64(le64(b.flat.at(list+16*k+8, 8)))
	if at < 0 || n < 0 || at > b.length || n > b.length-at {
		return 0, 0, fmt.Errorf("a buffer from byte %d to %d of %d", at, at+n, b.length)
	}
	return b.body + at, n, nil
}

// buffer is buffer k of a batch, unpacked, in to's room where it is enough; nil where it
// is empty.
func (a *arrow) buffer(b *batch, k int, s *scratch, to []byte) ([]byte, error) {
	at, n, err := b.where(k)
	if err != nil || n == 0 {
		return nil, err
	}
	if b.how == plain {
		out := slices.Grow(to[:0], int(n))[:n]
		_, err := a.t.file.ReadAt(out, at)
		return out, err
	}
	if n < 8 {
		return nil, io.ErrUnexpectedEOF
	}
	if int64(cap(s.packed)) < n {
		s.packed = make([]byte, n)
	}
	packed := s.packed[:n]
	if _, err := a.t.file.ReadAt(packed, at); err != nil {
		return nil, err
	}
	size := int64(le64(packed))
	if size == -1 { // it is not packed
		return append(to[:0], packed[8:]...), nil
	}
	if size < 0 || size > math.MaxInt32 && size > 1<<15*n {
		return nil, errSize
	}
	if size == 0 {
		return nil, nil
	}
	return unpack(b.how, packed[8:], int(size), to)
}

// node says how many values a column of a batch has and how many are missing.
func (b *batch) node(column int) (length, missing int64) {
	at, _ := b.vector(b.header, 1, 16)
	at += 16 * b.nodes[column]
	return int64(le64(b.flat.at(at, 8))), int64(le64(b.flat.at(at+8, 8)))
}

// validity are the bits of the values that are there; nil where all are.
func (a *arrow) validity(b *batch, column int, s *scratch, to []byte) ([]byte, error) {
	length, missing := b.node(column)
	if length != int64(b.rows) {
		return nil, fmt.Errorf("%d values for %d rows", length, b.rows)
	}
	if missing == 0 {
		return nil, nil
	}
	v, err := a.buffer(b, b.buffers[column], s, to)
	if err == nil && len(v) < (b.rows+7)/8 {
		err = io.ErrUnexpectedEOF
	}
	return v, err
}

func there(validity []byte, i int) bool { return validity == nil || validity[i/8]>>(i%8)&1 == 1 }

// arrowNumbers are a column of a batch.
type arrowNumbers struct {
	vectorType
	validity []byte
	mem      []byte // the values; nil: in the file
	file     *os.File
	from     int64
	buf      []byte
	at, rows int

	room, validRoom []byte // to unpack to
}

func (a *arrow) numbers(part, column int, s *scratch) (stream, error) {
	b, x := a.batches[part], a.fields[column]
	out := again(&s.vectors, &s.used)
	v, err := a.validity(b, column, s, out.validRoom)
	if err != nil {
		return nil, err
	}
	*out = arrowNumbers{vectorType: x.vectorType, validity: v, rows: b.rows, file: a.t.file, buf: out.buf, room: out.room, validRoom: out.validRoom}
	if v != nil {
		out.validRoom = v
	}
	at, n, err := b.where(b.buffers[column] + 1)
	if err != nil {
		return nil, err
	}
	need := int64(out.size(b.rows))
	if b.how == plain && x.typ != aBool {
		if out.from = at; n < need {
			return nil, io.ErrUnexpectedEOF
		}
		return out, nil
	}
	if out.mem, err = a.buffer(b, b.buffers[column]+1, s, out.room); err == nil && int64(len(out.mem)) < need {
		err = io.ErrUnexpectedEOF
	}
	if out.mem != nil {
		out.room = out.mem
	}
	return out, err
}

// size is how many bytes n values have.
func (v vectorType) size(n int) int {
	if v.typ == aBool {
		return (n + 7) / 8
	}
	return n * v.bits / 8
}

func (a *arrowNumbers) next(to []float64) error {
	if len(to) > a.rows-a.at {
		return io.ErrUnexpectedEOF
	}
	b := a.mem
	switch {
	case a.typ == aBool:
	case b != nil:
		b = b[a.size(a.at):]
	default:
		n := a.size(len(to))
		if len(a.buf) < n {
			a.buf = make([]byte, n)
		}
		if _, err := a.file.ReadAt(a.buf[:n], a.from+int64(a.size(a.at))); err != nil {
			return err
		}
		b = a.buf
	}
	switch {
	case a.typ == aBool:
		for i := range to {
			to[i] = float64(b[(a.at+i)/8] >> ((a.at + i) % 8) & 1)
		}
	case a.typ == aFloat && a.bits == 64:
		for i := range to {
			to[i] = math.Float64frombits(le64(b[8*i:]))
		}
	case a.typ == aFloat && a.bits == 32:
		for i := range to {
			to[i] = float64(math.Float32frombits(le32(b[4*i:])))
		}
	case a.typ == aFloat:
		for i := range to {
			to[i] = Half(binary.LittleEndian.Uint16(b[2*i:]))
		}
	case a.typ == aDecimal:
		for i := range to {
			to[i] = a.decimal(b[a.size(i):a.size(i+1)])
		}
	default:
		for i := range to {
			to[i] = a.integer(b, i)
		}
	}
	if a.validity != nil {
		for i := range to {
			if !there(a.validity, a.at+i) {
				to[i] = nan
			}
		}
	}
	a.at += len(to)
	return nil
}

// decimal is a decimal, its lowest byte first.
func (v vectorType) decimal(b []byte) float64 {
	last := len(b) - 1
	x := float64(int8(b[last]))
	for last--; last >= 0; last-- {
		x = x*256 + float64(b[last])
	}
	return x / math.Pow10(v.scale)
}

// integer is number i of b.
func (v vectorType) integer(b []byte, i int) float64 {
	var u uint64
	switch v.bits {
	case 8:
		u = uint64(b[i])
	case 16:
		u = uint64(binary.LittleEndian.Uint16(b[2*i:]))
	case 32:
		u = uint64(le32(b[4*i:]))
	default:
		u = le64(b[8*i:])
	}
	if !v.signed {
		return float64(u)
	}
	shift := 64 - v.bits
	return float64(int64(u<<shift) >> shift)
}

func (a *arrow) texts(part, column int, take func(s string, ok bool)) error {
	b, x := a.batches[part], a.fields[column]
	if x.dictionary < 0 {
		return a.plainTexts(b, column, x.vectorType, take)
	}
	named, err := a.dictionaryOf(x.dictionary, x.of)
	if err != nil {
		return err
	}
	s := &scratch{}
	n, err := a.numbers(part, column, s)
	if err != nil {
		return err
	}
	buf := make([]float64, stretch)
	for lo := 0; lo < b.rows; lo += stretch {
		k := min(stretch, b.rows-lo)
		if err := n.next(buf[:k]); err != nil {
			return err
		}
		for _, v := range buf[:k] {
			switch {
			case v != v:
				take("", false)
			case v >= 0 && v < float64(len(named)):
				take(named[int(v)], true)
			default:
				return errDictionary
			}
		}
	}
	return nil
}

// dictionaryOf are the texts of a dictionary.
func (a *arrow) dictionaryOf(id int64, of vectorType) ([]string, error) {
	if named, ok := a.named[id]; ok {
		return named, nil
	}
	var named []string
	for _, b := range a.dictionaries[id] {
		if err := a.plainTexts(b, 0, of, func(s string, ok bool) {
			named = append(named, s)
		}); err != nil {
			return nil, err
		}
	}
	a.named[id] = named
	return named, nil
}

// plainTexts are the texts of a column of a batch.
func (a *arrow) plainTexts(b *batch, column int, of vectorType, take func(s string, ok bool)) error {
	s := &scratch{}
	valid, err := a.validity(b, column, s, nil)
	if err != nil {
		return err
	}
	first := b.buffers[column]
	places, err := a.buffer(b, first+1, s, nil)
	if err != nil {
		return err
	}
	if of.typ == aUtf8View {
		return a.views(b, first+2, b.views[column], places, valid, take)
	}
	text, err := a.buffer(b, first+2, s, nil)
	if err != nil {
		return err
	}
	width := 4
	if of.typ == aLargeUtf8 {
		width = 8
	}
	if b.rows == 0 {
		return nil
	}
	if len(places) < width*(b.rows+1) {
		return io.ErrUnexpectedEOF
	}
	place := func(i int) uint64 {
		if width == 4 {
			return uint64(le32(places[4*i:]))
		}
		return le64(places[8*i:])
	}
	for i := range b.rows {
		if !there(valid, i) {
			take("", false)
			continue
		}
		lo, hi := place(i), place(i+1)
		if lo > hi || hi > uint64(len(text)) {
			return fmt.Errorf("a text from byte %d to %d of %d", lo, hi, len(text))
		}
		take(string(text[lo:hi]), true)
	}
	return nil
}

// views are texts of 16 bytes each: up to 12 letters, or where they are.
func (a *arrow) views(b *batch, first, more int, places, valid []byte, take func(s string, ok bool)) error {
	if len(places) < 16*b.rows {
		return io.ErrUnexpectedEOF
	}
	texts := make([][]byte, more)
	s := &scratch{}
	for k := range texts {
		var err error
		if texts[k], err = a.buffer(b, first+k, s, nil); err != nil {
			return err
		}
	}
	room := 1<<22 + 1000*len(places)
	for i := range b.rows {
		if !there(valid, i) {
			take("", false)
			continue
		}
		v := places[16*i : 16*i+16]
		n := int(le32(v))
		if n <= 12 {
			take(string(v[4:4+n]), true)
			continue
		}
		k, at := int(le32(v[8:])), int(le32(v[12:]))
		if k >= more || at > len(texts[k]) || n > len(texts[k])-at {
			return errors.New("a text is beyond the others")
		}
		if room -= n; room < 0 {
			return errors.New("its texts are far longer than the file")
		}
		take(string(texts[k][at:at+n]), true)
	}
	return nil
}
