package columns

import (
	"errors"
	"fmt"
	"io"

	"github.com/gxlab/gxlab/gx/fault"
)

// Arrow's kinds of messages and types.
const (
	aSchema     = 1
	aDictionary = 2
	aBatch      = 3

	aNull      = 1
	aInt       = 2
	aFloat     = 3
	aBinary    = 4
	aUtf8      = 5
	aBool      = 6
	aDecimal   = 7
	aList      = 12
	aStruct    = 13
	aUnion     = 14
	aFixedList = 16
	aMap       = 17
	aLargeBin  = 19
	aLargeUtf8 = 20
	aLargeList = 21
	aRunEnd    = 22
	aBinView   = 23
	aUtf8View  = 24
	aListView  = 25
	aLargeView = 26
)

// vectorType is how a vector of values is laid out.
type vectorType struct {
	typ, bits int
	signed    bool
	scale     int  // of a decimal
	dense     bool // of a union
}

// arrowField is a column as it is stored.
type arrowField struct {
	vectorType
	dictionary int64 // its number, −1 for none
	of         vectorType
	children   []*arrowField
}

// batch is a record batch, or the values of a dictionary.
type batch struct {
	*flat
	header  object
	body    int64 // where its buffers begin
	length  int64 // and how long they are
	rows    int
	how     packing
	nodes   []int // where each column's nodes and buffers begin
	buffers []int
	views   []int // and how many more its views have
}

// arrow is an open file or stream.
type arrow struct {
	t            *Table
	fields       []*arrowField
	batches      []*batch
	dictionaries map[int64][]*batch
	named        map[int64][]string
	read         int64 // bytes of metadata
}

// isStream knows a stream by its first message, a schema.
func isStream(head []byte) bool {
	if len(head) < 40 || le32(head) != 0xffffffff {
		return false
	}
	n := int(int32(le32(head[4:])))
	f := &flat{b: head[8:min(len(head), 8+max(n, 0))]}
	return n > 24 && n%8 == 0 && f.byte(f.root(), 1) == aSchema && !f.bad
}

func (t *Table) openArrow(head []byte) error {
	if string(head[:4]) == "FEA1" {
		return fault.New("the file is of Feather's first version", t.path, "pandas' to_feather, or write_feather without version=1")
	}
	a := &arrow{t: t, dictionaries: map[int64][]*batch{}, named: map[int64][]string{}}
	t.source = a
	var err error
	if string(head[:4]) == "ARRO" {
		err = a.footer()
	} else {
		for at, next := int64(0), int64(0); at < t.size; at = next {
			if next, err = a.message(at); err != nil || next == 0 { // 0: the end
				break
			}
		}
	}
	if err == nil && a.fields == nil {
		err = errors.New("it has no schema")
	}
	return err
}

// footer reads a file by what stands at its end.
func (a *arrow) footer() error {
	size, tail := a.t.size, make([]byte, 10)
	if size < 24 {
		return io.ErrUnexpectedEOF
	}
	if _, err := a.t.file.ReadAt(tail, size-10); err != nil {
		return err
	}
	n := int64(le32(tail))
	if string(tail[4:]) != "ARROW1" {
		return errors.New("it does not end as Arrow's do")
	}
	if n > size-18 {
		return fmt.Errorf("metadata of %d bytes", n)
	}
	f := &flat{b: make([]byte, n)}
	if _, err := a.t.file.ReadAt(f.b, size-10-n); err != nil {
		return err
	}
	root := f.root()
	if err := a.schema(f, f.object(root, 1)); err != nil {
		return err
	}
	for _, blocks := range []int{2, 3} { // dictionaries, record batches
		at, n := f.vector(root, blocks, 24)
		for i := range n {
			block := int64(le64(f.at(at+24*i, 8)))
			if block < 8 || block > size-18 {
				return fmt.Errorf("a message at byte %d of %d", block, size)
			}
			if _, err := a.message(block); err != nil {
				return err
			}
		}
	}
	if f.bad {
		return errors.New("its metadata are damaged")
	}
	return nil
}

// message reads one and says where the next begins; 0 after the last.
func (a *arrow) message(at int64) (int64, error) {
	size := make([]byte, 8)
	if n, err := a.t.file.ReadAt(size, at); n < 8 && (n < 4 || le32(size) != 0) {
		return 0, err
	}
	n, skip := int64(int32(le32(size))), int64(4) // as before Arrow 0.15
	if le32(size) == 0xffffffff {
		n, skip = int64(int32(le32(size[4:]))), 8
	}
	if n == 0 {
		return 0, nil
	}
	if n < 0 || n > a.t.size-at-skip {
		return 0, fmt.Errorf("metadata of %d bytes", n)
	}
	if a.read += n; a.read > a.t.size { // blocks that lie in each other
		return 0, errors.New("its metadata are longer than the file")
	}
	f := &flat{b: make([]byte, n)}
	if _, err := a.t.file.ReadAt(f.b, at+skip); err != nil {
		return 0, err
	}
	m := f.root()
	b := &batch{flat: f, header: f.object(m, 2), body: at + skip + n, length: f.long(m, 3)}
	if f.bad || b.length < 0 || b.length > a.t.size-b.body {
		return 0, fmt.Errorf("a message of %d bytes", b.length)
	}
	var err error
	switch f.byte(m, 1) {
	case aSchema:
		if a.fields != nil {
			return 0, errors.New("it has two schemas")
		}
		err = a.schema(f, b.header)
	case aDictionary:
		err = a.dictionary(b)
	case aBatch:
		if err = b.begin(a.fields); err == nil {
			a.batches, a.t.parts = append(a.batches, b), append(a.t.parts, b.rows)
			a.t.Rows += b.rows
		}
	}
	if err == nil && f.bad {
		err = errors.New("its metadata are damaged")
	}
	return b.body + b.length, err
}

func (a *arrow) schema(f *flat, o object) error {
	if f.short(o, 0) != 0 {
		return fault.New("the Arrow file is big-endian", a.t.path, "writing it on a usual machine")
	}
	left := len(f.b) / 8
	a.fields = []*arrowField{}
	for _, c := range f.objects(o, 1) {
		x := a.field(f, c, 0, &left)
		if f.bad || left < 0 {
			return errors.New("its schema is damaged")
		}
		a.fields = append(a.fields, x)
		kind := x.kind()
		if x.dictionary >= 0 && (kind == Number || kind == Flag) {
			kind = Other
			if x.of.kind() == Text && kindOf(x.typ, x.bits) == Number {
				kind = Text
			}
		}
		a.t.Columns = append(a.t.Columns, Column{Name: f.text(c, 0), Kind: kind, Whole: x.typ == aInt, bits: x.bits})
	}
	for _, kv := range f.objects(o, 2) {
		if f.text(kv, 0) == "pandas" {
			a.t.pandas(f.text(kv, 1))
		}
	}
	return nil
}

// field reads a column's type.
func (a *arrow) field(f *flat, o object, depth int, left *int) *arrowField {
	if *left--; *left < 0 || depth > 32 || f.bad {
		*left = -1
		return &arrowField{}
	}
	x := &arrowField{dictionary: -1, vectorType: f.vectorType(f.byte(o, 2), f.object(o, 3))}
	for _, c := range f.objects(o, 5) {
		x.children = append(x.children, a.field(f, c, depth+1, left))
	}
	if d := f.object(o, 4); d != 0 {
		x.dictionary, x.of = f.long(d, 0), x.vectorType
		x.children, x.vectorType = nil, vectorType{typ: aInt, bits: 32, signed: true}
		if i := f.object(d, 1); i != 0 {
			x.vectorType = f.vectorType(aInt, i)
		}
	}
	return x
}

func (f *flat) vectorType(typ int, o object) vectorType {
	v := vectorType{typ: typ}
	switch typ {
	case aInt:
		v.bits, v.signed = f.int(o, 0), f.byte(o, 1) != 0
	case aFloat:
		v.bits = 16 << min(2, f.short(o, 0))
	case aDecimal:
		v.scale = f.int(o, 1)
		if v.bits = f.int(o, 2); f.field(o, 2) == 0 {
			v.bits = 128
		}
	case aUnion:
		v.dense = f.short(o, 0) == 1
	}
	return v
}

func kindOf(typ, bits int) Kind {
	switch typ {
	case aInt:
		if bits == 8 || bits == 16 || bits == 32 || bits == 64 {
			return Number
		}
	case aDecimal:
		if bits == 32 || bits == 64 || bits == 128 || bits == 256 {
			return Number
		}
	case aFloat:
		return Number
	case aBool:
		return Flag
	case aUtf8, aLargeUtf8, aUtf8View:
		return Text
	}
	return Other
}

func (v vectorType) kind() Kind { return kindOf(v.typ, v.bits) }

// takes is how many nodes and buffers a column has, views apart, and how many views'
// vectors.
func (x *arrowField) takes() (nodes, buffers, views int) {
	nodes = 1
	switch x.typ {
	case aNull, aRunEnd:
	case aUtf8, aBinary, aLargeUtf8, aLargeBin, aListView, aLargeView:
		buffers = 3
	case aBinView, aUtf8View:
		buffers, views = 2, 1
	case aStruct, aFixedList:
		buffers = 1
	case aUnion:
		if buffers = 1; x.dense {
			buffers = 2
		}
	default:
		buffers = 2
	}
	for _, c := range x.children {
		n, b, v := c.takes()
		nodes, buffers, views = nodes+n, buffers+b, views+v
	}
	return nodes, buffers, views
}

// begin finds where each column's buffers are.
func (b *batch) begin(fields []*arrowField) error {
	rows := b.long(b.header, 0)
	if rows < 0 || rows > 1<<40 {
		return fmt.Errorf("a batch of %d rows", rows)
	}
	b.rows = int(rows)
	if c := b.object(b.header, 3); c != 0 {
		switch b.byte(c, 0) {
		case 0:
			b.how = lz4Frames
		case 1:
			b.how = zstdFrame
		default:
			return errors.New("it is packed in an unknown way")
		}
	}
	counts, n := b.vector(b.header, 4, 8)
	nodes, buffers, view := 0, 0, 0
	for _, x := range fields {
		b.nodes, b.buffers = append(b.nodes, nodes), append(b.buffers, buffers)
		nn, bb, vv := x.takes()
		more := 0
		for range vv {
			if view >= n {
				return errors.New("a batch does not say where its texts are")
			}
			k := le64(b.at(counts+8*view, 8))
			if view++; k > uint64(len(b.b)) {
				return errors.New("a batch's texts are damaged")
			}
			more += int(k)
		}
		b.views = append(b.views, more)
		nodes, buffers = nodes+nn, buffers+bb+more
	}
	if _, n := b.vector(b.header, 1, 16); n != nodes {
		return fmt.Errorf("a batch has %d columns where %d are expected", n, nodes)
	}
	if _, n := b.vector(b.header, 2, 16); n != buffers {
		return fmt.Errorf("a batch has %d buffers where %d are expected", n, buffers)
	}
	return nil
}

// dictionary keeps a dictionary's values for when they are asked for.
func (a *arrow) dictionary(b *batch) error {
	id := b.long(b.header, 0)
	more := b.byte(b.header, 2) != 0
	b.header = b.object(b.header, 1)
	if len(a.dictionaries[id]) > 0 && !more {
		return fault.New("the Arrow stream changes a dictionary on its way", a.t.path, "reading it whole and writing it as a file")
	}
	for _, x := range a.fields {
		if x.dictionary == id {
			if err := b.begin([]*arrowField{{vectorType: x.of, dictionary: -1}}); err != nil {
				return err
			}
			a.dictionaries[id] = append(a.dictionaries[id], b)
			break
		}
	}
	return nil
}
