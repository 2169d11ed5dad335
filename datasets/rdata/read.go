package rdata

import (
	"bufio"
	"bytes"
	"compress/bzip2"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"
	"os"

	"github.com/klauspost/compress/gzip"
	"github.com/ulikunitz/xz"

	"github.com/gxlab/gxlab/gx/fault"
)

// Is says whether a file begins, unpacked, as one of R's.
func Is(head []byte) bool {
	for _, magic := range []string{"RDX2\nX\n", "RDX3\nX\n", "RDA2\nA\n", "RDA3\nA\n", "RDB2\nB\n", "RDB3\nB\n", "X\n\x00\x00\x00\x02", "X\n\x00\x00\x00\x03", "A\n2\n", "A\n3\n", "B\n\x02\x00\x00\x00", "B\n\x03\x00\x00\x00"} {
		if bytes.HasPrefix(head, []byte(magic)) {
			return true
		}
	}
	return false
}

// Packed says whether a file is packed in a way that R uses and few others do.
func Packed(head []byte) bool {
	return bytes.HasPrefix(head, []byte("BZh")) || bytes.HasPrefix(head, []byte("\xfd7zXZ\x00"))
}

// Unpack is what a packed file holds, or r itself.
func Unpack(r *bufio.Reader) (io.Reader, error) {
	head, _ := r.Peek(6)
	switch {
	case bytes.HasPrefix(head, []byte{0x1f, 0x8b}):
		return gzip.NewReader(r)
	case bytes.HasPrefix(head, []byte("BZh")):
		return bzip2.NewReader(r), nil
	case bytes.HasPrefix(head, []byte("\xfd7zXZ\x00")):
		return xz.ReaderConfig{DictCap: 8 << 20}.NewReader(r)
	}
	return r, nil
}

// Object is a named object of a file.
type Object struct {
	Name  string
	Value *Value
}

// Read reads a file: the objects of save, or saveRDS's one, which has no name.
func Read(ctx context.Context, path string, tell func(done, total int)) (all []Object, err error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, fault.Wrap(err, "the file cannot be opened", path, "its right name")
	}
	defer f.Close()
	size := int64(0)
	if fi, err := f.Stat(); err == nil {
		size = fi.Size()
	}
	count := &counted{r: f, ctx: ctx, tell: tell, total: size}
	all, err = read(bufio.NewReaderSize(count, 1<<16))
	if err != nil {
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		var known *fault.Error
		if errors.As(err, &known) {
			return nil, fault.At(err, path)
		}
		if errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, io.EOF) {
			err = errors.New("it ends too soon")
		}
		return nil, fault.Wrap(err, "the R file is cut off or damaged", path, "fetching or copying it again, or saveRDS anew")
	}
	return all, nil
}

// counted tells of progress.
type counted struct {
	r     io.Reader
	ctx   context.Context
	tell  func(done, total int)
	n     int64
	total int64
}

func (c *counted) Read(b []byte) (int, error) {
	if err := c.ctx.Err(); err != nil {
		return 0, err
	}
	n, err := c.r.Read(b)
	c.n += int64(n)
	if c.tell != nil && c.total > 0 {
		c.tell(int(c.n*1000/c.total), 1000)
	}
	return n, err
}

func read(file *bufio.Reader) ([]Object, error) {
	plain, err := Unpack(file)
	if err != nil {
		return nil, err
	}
	r := &reader{r: bufio.NewReaderSize(plain, 1<<18)}
	head, err := r.r.Peek(7)
	if err != nil {
		return nil, err
	}
	saved := bytes.HasPrefix(head, []byte("RD"))
	if saved {
		if _, err := r.r.Discard(5); err != nil {
			return nil, err
		}
		head = head[5:]
	}
	if head[0] != 'X' || head[1] != '\n' {
		return nil, fault.New("the R file was not written in R's usual binary form", "", "save or saveRDS without ascii = TRUE")
	}
	if _, err := r.r.Discard(2); err != nil {
		return nil, err
	}
	version := r.int()
	r.int()
	r.int()
	if version == 3 {
		r.bytes(r.length())
	} else if version != 2 {
		return nil, fmt.Errorf("a serialisation of version %d", version)
	}
	v := r.item(0)
	if r.err != nil {
		return nil, r.err
	}
	if !saved {
		return []Object{{"", v}}, nil
	}
	var all []Object
	for i, n := range v.Names() {
		if i < len(v.List) {
			all = append(all, Object{n, v.List[i]})
		}
	}
	return all, nil
}

// reader reads a serialisation. After its first error it reads no more.
type reader struct {
	r    *bufio.Reader
	refs []*Value // symbols by their names, environments
	err  error
	four [8]byte
	buf  []byte
	side *side // of the list that is being read; nil where it is short
}

func (r *reader) fail(format string, args ...any) {
	if r.err == nil {
		r.err = fmt.Errorf(format, args...)
	}
}

func (r *reader) fill(b []byte) bool {
	if r.err != nil {
		return false
	}
	if _, err := io.ReadFull(r.r, b); err != nil {
		r.err = err
		return false
	}
	return true
}

func (r *reader) int() int32 {
	if !r.fill(r.four[:4]) {
		return 0
	}
	return int32(binary.BigEndian.Uint32(r.four[:4]))
}

// length is that of a vector.
func (r *reader) length() int {
	n := int64(r.int())
	if n == -1 {
		hi, lo := int64(uint32(r.int())), int64(uint32(r.int()))
		n = hi<<32 | lo
	}
	if n < 0 || n > 1<<44 {
		r.fail("a vector of %d elements", n)
		return 0
	}
	return int(n)
}

// piece is how much is read at once of what says that it is long: memory is taken
// as bytes come.
const piece = 1 << 16

func (r *reader) bytes(n int) []byte {
	var out []byte
	for len(out) < n && r.err == nil {
		k := min(n-len(out), piece)
		out = append(out, make([]byte, k)...)
		r.fill(out[len(out)-k:])
	}
	if out == nil {
		out = []byte{}
	}
	return out
}

// The types of items (R's SEXPTYPE, and those of the serialisation alone).
const (
	symbolType      = 1
	pairsType       = 2
	closureType     = 3
	environmentType = 4
	promiseType     = 5
	callType        = 6
	specialType     = 7
	builtinType     = 8
	charType        = 9
	logicalType     = 10
	intType         = 13
	doubleType      = 14
	complexType     = 15
	textType        = 16
	dotsType        = 17
	listType        = 19
	expressionType  = 20
	bytecodeType    = 21
	pointerType     = 22
	weakType        = 23
	rawType         = 24
	s4Type          = 25

	altrepType     = 238
	attrPairsType  = 239
	attrCallType   = 240
	baseEnvType    = 241
	emptyEnvType   = 242
	namespaceType  = 249
	packageType    = 248
	persistType    = 247
	baseNamespace  = 250
	missingArgType = 251
	unboundType    = 252
	globalEnvType  = 253
	nilType        = 254
	referenceType  = 255
)

// deepest is how deep items may lie in each other.
const deepest = 500

// item reads one.
func (r *reader) item(depth int) *Value {
	if depth > deepest {
		r.fail("items in items without end")
	}
	flags := r.int()
	if r.err != nil {
		return nil
	}
	return r.typed(flags, depth)
}

func (r *reader) typed(flags int32, depth int) *Value {
	kind, attributes := flags&0xff, flags&0x200 != 0
	v := &Value{}
	switch kind {
	case nilType, emptyEnvType, baseEnvType, globalEnvType, missingArgType, unboundType, baseNamespace:
		return nil
	case referenceType:
		i := int(flags >> 8)
		if i == 0 {
			i = int(r.int())
		}
		if i < 1 || i > len(r.refs) {
			r.fail("a reference to item %d of %d", i, len(r.refs))
			return nil
		}
		return r.refs[i-1]
	case symbolType:
		name := r.item(depth + 1)
		r.refs = append(r.refs, name)
		return name
	case namespaceType, packageType, persistType:
		r.int()
		for range r.limited(r.length()) {
			r.item(depth + 1)
		}
		r.refs = append(r.refs, v)
		return v
	case environmentType:
		return r.environment(depth)
	case pairsType, callType, closureType, promiseType, dotsType, attrPairsType, attrCallType:
		return r.pairs(flags, depth)
	case charType:
		n := r.int()
		if n == -1 {
			return &Value{Texts: []string{Missing}}
		}
		if n < 0 {
			r.fail("a text of %d bytes", n)
			return nil
		}
		return &Value{Texts: []string{text(r.bytes(int(n)), flags>>12)}}
	case logicalType, intType:
		v.Ints, v.Logical = r.ints(), kind == logicalType
	case doubleType:
		r.doubles(v, r.length())
	case complexType:
		r.skip(16 * int64(r.length()))
	case textType:
		v.Texts = []string{}
		for range r.limited(r.length()) {
			if t := r.item(depth + 1); t != nil && len(t.Texts) == 1 {
				v.Texts = append(v.Texts, t.Texts[0])
			} else {
				r.fail("a text that is none")
			}
		}
	case listType, expressionType:
		v.List = []*Value{}
		n, outer := r.length(), r.side
		if r.side = nil; n > wide && n < 1<<24 {
			r.side = &side{columns: n}
		}
		for range r.limited(n) {
			v.List = append(v.List, r.item(depth+1))
		}
		r.side = outer
	case rawType:
		v.Bytes = r.bytes(r.length())
	case s4Type:
		v.S4 = true
	case specialType, builtinType:
		r.skip(int64(r.int()))
	case pointerType:
		r.refs = append(r.refs, v)
		r.item(depth + 1)
		r.item(depth + 1)
	case weakType:
		r.refs = append(r.refs, v)
	case altrepType:
		return r.altrep(depth)
	case bytecodeType:
		r.int() // how many of its parts stand there again
		r.code(depth)
	default:
		r.fail("an item of unknown type %d", kind)
	}
	if attributes {
		r.attributes(v, r.item(depth+1))
	}
	return v
}

// Calls within compiled code that stand there again, and those they repeat.
const (
	againType = 243
	firstType = 244
)

// code passes over compiled code and its constants (R Internals, 1.8; serialize.c's
// ReadBC1).
func (r *reader) code(depth int) {
	if depth > deepest {
		r.fail("items in items without end")
		return
	}
	r.item(depth + 1)
	for range r.limited(int(max(0, r.int()))) {
		switch kind := r.int(); kind {
		case bytecodeType:
			r.code(depth + 1)
		default:
			r.codeItem(kind, depth+1)
		}
	}
}

// codeItem passes over a constant of compiled code: calls and pairs lie there in a form
// of their own.
func (r *reader) codeItem(kind int32, depth int) {
	if depth > deepest {
		r.fail("items in items without end")
	}
	for r.err == nil {
		switch kind {
		case againType:
			r.int()
			return
		case firstType:
			r.int()
			kind = r.int()
		}
		switch kind {
		case callType, pairsType:
		case attrCallType, attrPairsType:
			r.item(depth + 1)
		default:
			r.item(depth + 1)
			return
		}
		r.item(depth + 1) // its tag
		r.codeItem(r.int(), depth+1)
		kind = r.int() // what follows
	}
}

// limited yields n times as long as there is no error.
func (r *reader) limited(n int) func(func(int) bool) {
	return func(yield func(int) bool) {
		for i := 0; i < n && r.err == nil; i++ {
			if !yield(i) {
				return
			}
		}
	}
}

func (r *reader) skip(n int64) {
	if r.err == nil && n > 0 {
		_, r.err = io.CopyN(io.Discard, r.r, n)
	}
}

// attributes takes the pairs of a list as attributes.
func (r *reader) attributes(v *Value, pairs *Value) {
	if pairs == nil || r.err != nil {
		return
	}
	v.Attributes = make(map[string]*Value, len(pairs.List))
	names := pairs.Names()
	for i, a := range pairs.List {
		if i < len(names) {
			v.Attributes[names[i]] = a
		}
	}
	// Row names 1 to n are kept as NA and −n.
	if rn := v.Attributes["row.names"]; rn != nil && len(rn.Ints) == 2 && rn.Ints[0] == NA {
		n := int(rn.Ints[1])
		v.Attributes["row.names"] = &Value{Attributes: map[string]*Value{"rows": {Ints: []int32{int32(max(n, -n))}}}}
	}
}

// pairs reads a list of pairs without going deeper for every pair; its values become
// a list with names.
func (r *reader) pairs(flags int32, depth int) *Value {
	out := &Value{List: []*Value{}}
	var names []string
	for {
		kind := flags & 0xff
		if kind != pairsType && kind != callType && kind != closureType && kind != promiseType && kind != dotsType && kind != attrPairsType && kind != attrCallType {
			if kind != nilType {
				r.typed(flags, depth+1) // what a closure or promise ends with
			}
			break
		}
		if flags&0x200 != 0 {
			r.item(depth + 1)
		}
		name := ""
		if flags&0x400 != 0 {
			if tag := r.item(depth + 1); tag != nil && len(tag.Texts) == 1 {
				name = tag.Texts[0]
			}
		}
		names = append(names, name)
		out.List = append(out.List, r.item(depth+1))
		flags = r.int()
		if r.err != nil {
			return nil
		}
	}
	out.Attributes = map[string]*Value{"names": {Texts: names}}
	return out
}

// environment reads one; its variables become attributes.
func (r *reader) environment(depth int) *Value {
	v := &Value{Attributes: map[string]*Value{}}
	r.refs = append(r.refs, v)
	r.int() // whether it is locked
	r.item(depth + 1)
	take := func(frame *Value) {
		if frame == nil {
			return
		}
		for i, n := range frame.Names() {
			if i < len(frame.List) && n != "" {
				v.Attributes[n] = frame.List[i]
			}
		}
	}
	take(r.item(depth + 1))
	if table := r.item(depth + 1); table != nil {
		for _, chain := range table.List {
			take(chain)
		}
	}
	r.item(depth + 1)
	return v
}

func (r *reader) ints() []int32 {
	n := r.length()
	out := []int32{}
	buf := make([]byte, 4*min(n, piece))
	for len(out) < n && r.err == nil {
		k := min(n-len(out), piece)
		if !r.fill(buf[:4*k]) {
			break
		}
		for i := range k {
			out = append(out, int32(binary.BigEndian.Uint32(buf[4*i:])))
		}
	}
	return out
}

// long is the length from which a vector of doubles is kept as float32: no column of
// labels is as long.
const long = 1 << 20

func (r *reader) doubles(v *Value, n int) {
	side := r.side
	if side != nil && !side.takes(n) {
		side = nil
	}
	at := 0
	switch {
	case side != nil:
		at = len(side.values)
		v.Floats = side.values
	case n < long:
		v.Doubles = []float64{}
	default:
		v.Floats = []float32{}
	}
	if size := 8 * min(n, piece); cap(r.buf) < size {
		r.buf = make([]byte, size)
	}
	for done := 0; done < n && r.err == nil; {
		k := min(n-done, piece)
		buf := r.buf[:8*k]
		if !r.fill(buf) {
			return
		}
		if done == piece && n >= long && side == nil { // what was read bears the length out a little
			v.Floats = append(make([]float32, 0, min(n, 1<<28)), v.Floats...)
		}
		for i := range k {
			x := math.Float64frombits(binary.BigEndian.Uint64(buf[8*i:]))
			if v.Floats == nil {
				v.Doubles = append(v.Doubles, x)
			} else {
				v.Floats = append(v.Floats, float32(x))
			}
		}
		done += k
	}
	if side != nil {
		side.values = v.Floats
		if v.Floats = v.Floats[at:]; at == 0 {
			side.first = v
		}
	}
}

// side is where columns of a wide list of numbers lie one after the other, as float32: a
// data frame of so many columns is a matrix.
type side struct {
	columns, rows int
	values        []float32
	first         *Value // the first column
}

// wide is the number of columns from which they are kept so.
const wide = 100

// takes says whether a column of n numbers has room.
func (s *side) takes(n int) bool {
	if n*s.columns < long || s.rows != 0 && n != s.rows || len(s.values)+n > 1<<28 {
		return false
	}
	if s.rows == 0 {
		s.rows, s.values = n, []float32{}
		return true
	}
	if len(s.values) == n { // one column has been read and bears the length out
		s.values = append(make([]float32, 0, min(n*s.columns, 1<<28)), s.values...)
		s.first.Floats = s.values
	}
	return cap(s.values)-len(s.values) >= n
}

// altrep reads a vector in another representation: a run of numbers, a wrapped
// vector, or numbers that will be text.
func (r *reader) altrep(depth int) *Value {
	info, state, attributes := r.item(depth+1), r.item(depth+1), r.item(depth+1)
	if r.err != nil {
		return nil
	}
	class := ""
	if info != nil && len(info.List) > 0 && len(info.List[0].texts()) == 1 {
		class = info.List[0].Texts[0]
	}
	v := &Value{}
	switch class {
	case "compact_intseq", "compact_realseq":
		if state.Len() != 3 {
			r.fail("a run of numbers of %d parts", state.Len())
			return nil
		}
		n, from, by := state.Number(0), state.Number(1), state.Number(2)
		if !(n >= 0 && n <= 1<<24) {
			r.fail("a run of %v numbers", n)
			return nil
		}
		for i := range int(n) {
			x := from + float64(i)*by
			if class == "compact_intseq" {
				v.Ints = append(v.Ints, int32(x))
			} else {
				v.Doubles = append(v.Doubles, x)
			}
		}
	case "deferred_string":
		if state != nil && len(state.List) > 0 {
			v.Texts = state.List[0].Labels()
		}
	case "mmap_real", "mmap_integer":
		r.fail("it refers to numbers in another file")
	default: // wrap_real and its like: the vector and what is known of it
		if state != nil && len(state.List) > 0 && state.List[0] != nil {
			*v = *state.List[0]
		}
	}
	if attributes != nil {
		r.attributes(v, attributes)
	}
	return v
}

// text is a text of R in its encoding: Latin-1 where its flag says so.
func text(b []byte, flags int32) string {
	const latin1 = 1 << 2
	if flags&latin1 == 0 {
		return string(b)
	}
	out := make([]rune, len(b))
	for i, c := range b {
		out[i] = rune(c)
	}
	return string(out)
}
