package columns

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"
	"sync"
)

var nan = math.NaN()

// numberPage and textPage are a page's values that are there.
type (
	numberPage interface{ numbers(to []float64) error }
	textPage   interface{ texts(to []string) error }
)

// Parquet's encodings.
const (
	inPlain       = 0
	inDictionary2 = 2
	inRuns        = 3
	inDeltas      = 5
	inDeltaLength = 6
	inDeltaBytes  = 7
	inDictionary  = 8
	inSplit       = 9
)

// decoder begins a page's values.
func (g *pages) decoder(encoding int, b []byte) error {
	if encoding == inDictionary || encoding == inDictionary2 {
		if len(b) == 0 { // all values are missing
			b = []byte{0}
		}
		if b[0] > 32 {
			return fmt.Errorf("a dictionary's numbers of %d bits", b[0])
		}
		d := &g.coded
		d.hybrid, d.numbered, d.named = hybrid{b: b[1:], width: uint(b[0])}, g.numbered, g.named
		g.begin(d, d)
		return nil
	}
	if g.kind() == Text {
		switch encoding {
		case inPlain:
			g.begin(nil, &plainTexts{append([]byte(nil), b...)})
			return nil
		case inDeltaLength:
			d, err := newLengths(b, g.n)
			g.begin(nil, d)
			return err
		case inDeltaBytes:
			d, err := newPrefixes(b, g.n)
			g.begin(nil, d)
			return err
		}
		return fmt.Errorf("texts in encoding %d", encoding)
	}
	switch {
	case encoding == inPlain:
		g.bare = plainNumbers{g.element, b, 0}
		g.begin(&g.bare, nil)
	case encoding == inRuns && g.typ == pBool:
		if len(b) < 4 || int(le32(b)) > len(b)-4 {
			return io.ErrUnexpectedEOF
		}
		g.begin(&flags{hybrid{b: b[4 : 4+le32(b)], width: 1}}, nil)
	case encoding == inDeltas && (g.typ == pInt32 || g.typ == pInt64):
		d, err := newDeltas(b, g.n)
		g.begin(&deltaNumbers{g.element, d}, nil)
		return err
	case encoding == inSplit && g.width() > 0:
		g.begin(&splitNumbers{element: g.element, b: b, n: len(b) / g.width()}, nil)
	default:
		return fmt.Errorf("numbers of type %d in encoding %d", g.typ, encoding)
	}
	return nil
}

// begin takes a page's values.
func (g *pages) begin(n numberPage, t textPage) { g.numbers, g.texts = n, t }

// width is how many bytes a number has; 0 of flags.
func (e element) width() int {
	return [...]int{0, 4, 8, 12, 4, 8, 0, e.length}[e.typ]
}

// number is the number in b.
func (e element) number(b []byte) float64 {
	switch e.typ {
	case pFloat:
		return float64(math.Float32frombits(le32(b)))
	case pDouble:
		return math.Float64frombits(le64(b))
	case pInt32:
		return e.integer(int64(int32(le32(b))))
	case pInt64:
		return e.integer(int64(le64(b)))
	}
	if e.logical == 15 {
		return Half(binary.LittleEndian.Uint16(b))
	}
	v := float64(int8(b[0])) // a decimal, the highest byte first
	for _, c := range b[1:] {
		v = v*256 + float64(c)
	}
	return v / math.Pow10(e.scale)
}

func (e element) integer(v int64) float64 {
	switch {
	case e.converted == 5 || e.logical == 5:
		return float64(v) / math.Pow10(e.scale)
	case (e.unsigned && e.logical == 10 || e.converted >= 11 && e.converted <= 14) && e.typ == pInt32:
		return float64(uint32(v))
	case e.unsigned && e.logical == 10 || e.converted >= 11 && e.converted <= 14:
		return float64(uint64(v))
	}
	return float64(v)
}

// Half is a number of 16 bits: IEEE 754's binary16.
func Half(b uint16) float64 { return float64(halves()[b]) }

var halves = sync.OnceValue(func() *[1 << 16]float32 {
	all := new([1 << 16]float32)
	for b := range all {
		exponent, fraction := b>>10&31, float64(b&1023)
		v := math.Ldexp(1+fraction/1024, exponent-15)
		switch {
		case exponent == 0:
			v = math.Ldexp(fraction, -24)
		case exponent == 31 && fraction == 0:
			v = math.Inf(1)
		case exponent == 31:
			v = nan
		}
		all[b] = float32(math.Copysign(v, 0.5-float64(b>>15)))
	}
	return all
})

// plainNumbers lie one after the other.
type plainNumbers struct {
	element
	b   []byte
	bit int // of flags
}

func (p *plainNumbers) numbers(to []float64) error {
	if p.typ == pBool {
		for i := range to {
			if p.bit/8 >= len(p.b) {
				return io.ErrUnexpectedEOF
			}
			to[i] = float64(p.b[p.bit/8] >> (p.bit % 8) & 1)
			p.bit++
		}
		return nil
	}
	w := p.width()
	if w == 0 || len(p.b) < w*len(to) {
		return io.ErrUnexpectedEOF
	}
	switch p.typ {
	case pFloat:
		for i := range to {
			to[i] = float64(math.Float32frombits(le32(p.b[4*i:])))
		}
	case pDouble:
		for i := range to {
			to[i] = math.Float64frombits(le64(p.b[8*i:]))
		}
	default:
		for i := range to {
			to[i] = p.number(p.b[w*i : w*i+w])
		}
	}
	p.b = p.b[w*len(to):]
	return nil
}

// splitNumbers have their first bytes together, then their second, and so on.
type splitNumbers struct {
	element
	b     []byte
	n, at int
}

func (p *splitNumbers) numbers(to []float64) error {
	w := p.width()
	if w > 32 || p.n-p.at < len(to) {
		return io.ErrUnexpectedEOF
	}
	var one [32]byte
	for i := range to {
		for k := range w {
			one[k] = p.b[k*p.n+p.at]
		}
		to[i] = p.number(one[:w])
		p.at++
	}
	return nil
}

// flags are runs of false and true.
type flags struct{ hybrid }

func (f *flags) numbers(to []float64) error {
	var buf [256]uint32
	for len(to) > 0 {
		n := min(len(to), len(buf))
		if err := f.take(buf[:n]); err != nil {
			return err
		}
		for i, v := range buf[:n] {
			to[i] = float64(v)
		}
		to = to[n:]
	}
	return nil
}

// fromDictionary are numbers of a dictionary's values.
type fromDictionary struct {
	hybrid
	numbered []float64
	named    []string
	buf      [256]uint32
}

var errDictionary = errors.New("a value that its dictionary lacks")

func (d *fromDictionary) numbers(to []float64) error {
	for len(to) > 0 {
		n := min(len(to), len(d.buf))
		if err := d.take(d.buf[:n]); err != nil {
			return err
		}
		for i, v := range d.buf[:n] {
			if uint(v) >= uint(len(d.numbered)) {
				return errDictionary
			}
			to[i] = d.numbered[v]
		}
		to = to[n:]
	}
	return nil
}

func (d *fromDictionary) texts(to []string) error {
	for len(to) > 0 {
		n := min(len(to), len(d.buf))
		if err := d.take(d.buf[:n]); err != nil {
			return err
		}
		for i, v := range d.buf[:n] {
			if uint(v) >= uint(len(d.named)) {
				return errDictionary
			}
			to[i] = d.named[v]
		}
		to = to[n:]
	}
	return nil
}

// hybrid are small numbers in runs and packed by eights.
type hybrid struct {
	b      []byte
	width  uint
	run    int
	value  uint32
	packed []byte // nil in a run
	bit    int
}

func (h *hybrid) take(to []uint32) error {
	for len(to) > 0 {
		if h.run == 0 {
			if err := h.begin(); err != nil {
				return err
			}
			continue
		}
		n := min(len(to), h.run)
		if h.packed == nil {
			for i := range to[:n] {
				to[i] = h.value
			}
		} else {
			for i := range to[:n] {
				to[i] = uint32(bits(h.packed, h.bit, h.width))
				h.bit += int(h.width)
			}
		}
		h.run -= n
		to = to[n:]
	}
	return nil
}

func (h *hybrid) begin() error {
	v, n := binary.Uvarint(h.b)
	if n <= 0 || v>>1 > 1<<40 {
		return io.ErrUnexpectedEOF
	}
	h.b = h.b[n:]
	if v&1 == 0 {
		w := int(h.width+7) / 8
		if len(h.b) < w {
			return io.ErrUnexpectedEOF
		}
		h.packed, h.value, h.run = nil, 0, int(v>>1)
		for i := range w {
			h.value |= uint32(h.b[i]) << (8 * i)
		}
		h.b = h.b[w:]
		return nil
	}
	size := int(v>>1) * int(h.width)
	if h.run = int(v>>1) * 8; size > len(h.b) { // the last may be cut short
		if size = len(h.b); h.width > 0 {
			h.run = size * 8 / int(h.width)
		}
	}
	h.packed, h.bit = h.b[:size:size], 0
	if h.width == 0 {
		h.packed, h.value = nil, 0
	}
	h.b = h.b[size:]
	if h.run == 0 && len(h.b) == 0 {
		return io.ErrUnexpectedEOF
	}
	return nil
}

// bits is the number of that width that begins at a bit, lowest first.
func bits(b []byte, at int, width uint) uint64 {
	i, shift := at>>3, uint(at&7)
	if len(b) >= i+8 {
		v := le64(b[i:]) >> shift
		if width+shift > 64 && i+8 < len(b) {
			v |= uint64(b[i+8]) << (64 - shift)
		}
		return v & (1<<width - 1)
	}
	var v uint64
	for k := 0; i+k < len(b) && k < 8; k++ {
		v |= uint64(b[i+k]) << (8 * k)
	}
	return v >> shift & (1<<width - 1)
}

// deltas are integers by their differences, in blocks of small blocks of a width each.
type deltas struct {
	b      []byte
	per    int // of a small block
	small  int // blocks in a block
	left   int
	value  int64
	first  bool
	least  int64
	widths []byte
	here   []byte // the small block
	width  uint
	at, of int
}

func newDeltas(b []byte, most int) (*deltas, error) {
	d := &deltas{b: b, first: true}
	block, small, total, value := d.uvarint(), d.uvarint(), d.uvarint(), d.varint()
	if d.b == nil || small == 0 || small > 1<<12 || block > 1<<24 || block%small != 0 || block/small%8 != 0 || block == 0 || total > uint64(most) {
		return d, errors.New("a block of differences is damaged")
	}
	d.per, d.small, d.left, d.value = int(block/small), int(small), int(total), value
	return d, nil
}

func (d *deltas) uvarint() uint64 {
	v, n := binary.Uvarint(d.b)
	if n <= 0 {
		d.b = nil
		return 0
	}
	d.b = d.b[n:]
	return v
}

func (d *deltas) varint() int64 {
	v := d.uvarint()
	return int64(v>>1) ^ -int64(v&1)
}

func (d *deltas) next() (int64, error) {
	if d.left <= 0 {
		return 0, io.ErrUnexpectedEOF
	}
	d.left--
	if d.first {
		d.first = false
		return d.value, nil
	}
	if d.at == d.of {
		if len(d.widths) == 0 {
			d.least = d.varint()
			if len(d.b) < d.small {
				return 0, io.ErrUnexpectedEOF
			}
			d.widths, d.b = d.b[:d.small], d.b[d.small:]
		}
		d.width = uint(d.widths[0])
		d.widths = d.widths[1:]
		size := d.per / 8 * int(d.width)
		if d.width > 64 || size > len(d.b) {
			return 0, io.ErrUnexpectedEOF
		}
		d.here, d.b, d.at, d.of = d.b[:size:size], d.b[size:], 0, d.per
	}
	d.value += d.least + int64(bits(d.here, d.at*int(d.width), d.width))
	d.at++
	return d.value, nil
}

type deltaNumbers struct {
	element
	*deltas
}

func (d *deltaNumbers) numbers(to []float64) error {
	for i := range to {
		v, err := d.next()
		if err != nil {
			return err
		}
		if d.typ == pInt32 {
			v = int64(int32(v))
		}
		to[i] = d.integer(v)
	}
	return nil
}

// plainTexts lie one after the other, each after its length.
type plainTexts struct{ b []byte }

func (p *plainTexts) texts(to []string) error {
	for i := range to {
		if len(p.b) < 4 || uint64(le32(p.b)) > uint64(len(p.b)-4) {
			return io.ErrUnexpectedEOF
		}
		n := int(le32(p.b))
		to[i], p.b = string(p.b[4:4+n]), p.b[4+n:]
	}
	return nil
}

// lengths are texts after all their lengths.
type lengths struct {
	n []int
	b []byte
}

func newLengths(b []byte, most int) (*lengths, error) {
	l := &lengths{}
	var err error
	l.n, l.b, err = sizes(b, most)
	return l, err
}

// sizes are lengths at the beginning of b, and what follows them.
func sizes(b []byte, most int) (n []int, rest []byte, err error) {
	d, err := newDeltas(b, most)
	if err != nil {
		return nil, nil, err
	}
	for d.left > 0 {
		v, err := d.next()
		if err != nil {
			return nil, nil, err
		}
		if v < 0 || v > math.MaxInt32 {
			return nil, nil, fmt.Errorf("a text of %d bytes", v)
		}
		n = append(n, int(v))
	}
	return n, d.b, nil
}

func (l *lengths) texts(to []string) error {
	for i := range to {
		if len(l.n) == 0 || l.n[0] > len(l.b) {
			return io.ErrUnexpectedEOF
		}
		to[i], l.b = string(l.b[:l.n[0]]), l.b[l.n[0]:]
		l.n = l.n[1:]
	}
	return nil
}

// prefixes are texts that each begin as the one before.
type prefixes struct {
	same []int
	lengths
	last []byte
	room int // bytes that the texts may have together
}

func newPrefixes(b []byte, most int) (*prefixes, error) {
	p := &prefixes{}
	same, rest, err := sizes(b, most)
	if err != nil {
		return p, err
	}
	l, err := newLengths(rest, most)
	p.same, p.lengths, p.room = same, *l, 1<<22+1000*len(b)
	return p, err
}

func (p *prefixes) texts(to []string) error {
	one := make([]string, 1)
	for i := range to {
		if len(p.same) == 0 || p.same[0] > len(p.last) {
			return io.ErrUnexpectedEOF
		}
		if err := p.lengths.texts(one); err != nil {
			return err
		}
		p.last = append(p.last[:p.same[0]], one[0]...)
		p.same = p.same[1:]
		if p.room -= len(p.last); p.room < 0 {
			return errors.New("its texts are far longer than the file")
		}
		to[i] = string(p.last)
	}
	return nil
}
