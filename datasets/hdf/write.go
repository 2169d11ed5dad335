package hdf

import (
	"bufio"
	"fmt"
	"io"
	"math"
	"os"
	"slices"
	"unsafe"
)

// Writer writes an HDF5 file in the oldest format, which every library reads: groups
// by symbol tables, values one after the other, text in heaps. A dataset is written
// when it is made; groups and the file's beginning when it is closed. After the first
// error all is passed over, and Close tells it.
type Writer struct {
	f    *os.File
	w    *bufio.Writer
	at   uint64
	root *Group
	err  error
}

// Group is a group in the making.
type Group struct {
	w          *Writer
	names      []string
	children   []any // *Group, or the address of a dataset's header
	attributes []message
}

// superblockBytes is the file's beginning.
const superblockBytes = 96

// Create begins a file.
func Create(path string) (*Writer, error) {
	f, err := os.Create(path)
	if err != nil {
		return nil, err
	}
	w := &Writer{f: f, w: bufio.NewWriterSize(f, 1<<20)}
	w.root = &Group{w: w}
	w.put(make([]byte, superblockBytes))
	return w, nil
}

// Root is the root group.
func (w *Writer) Root() *Group { return w.root }

func (w *Writer) put(b []byte) (at uint64) {
	at = w.at
	if w.err == nil {
		_, w.err = w.w.Write(b)
	}
	w.at += uint64(len(b))
	return at
}

// align brings the end to a multiple of 8.
func (w *Writer) align() {
	if n := w.at % 8; n != 0 {
		w.put(make([]byte, 8-n))
	}
}

// Group is a new group.
func (g *Group) Group(name string) *Group {
	c := &Group{w: g.w}
	g.names, g.children = append(g.names, name), append(g.children, c)
	return c
}

// Attribute gives the group a text.
func (g *Group) Attribute(name, text string) {
	g.attributes = append(g.attributes, g.w.attribute(name, []string{text}, true))
}

// Attributes gives the group a list of texts.
func (g *Group) Attributes(name string, texts []string) {
	g.attributes = append(g.attributes, g.w.attribute(name, texts, false))
}

// Labels are attributes of a dataset: names and texts.
type Labels [][2]string

// Rows writes a matrix of float32, row by row.
func (g *Group) Rows(name string, rows, cols int, row func(i int) []float32, labels Labels) {
	at := g.w.at
	for i := range rows {
		x := row(i)
		if len(x) != cols {
			g.w.err = fmt.Errorf("row %d has %d values, not %d", i+1, len(x), cols)
			return
		}
		g.w.put(float32Bytes(x))
	}
	g.dataset(name, []int{rows, cols}, float32Type, at, uint64(rows)*uint64(cols)*4, labels)
}

// Floats writes a list of float64.
func (g *Group) Floats(name string, x []float64, labels Labels) {
	b := make([]byte, 0, 8*len(x))
	for _, v := range x {
		b = le.AppendUint64(b, math.Float64bits(v))
	}
	g.dataset(name, []int{len(x)}, float64Type, g.w.put(b), uint64(len(b)), labels)
}

// Texts writes a list of texts.
func (g *Group) Texts(name string, x []string, labels Labels) {
	refs := g.w.texts(x)
	g.dataset(name, []int{len(x)}, textType, g.w.put(refs), uint64(len(refs)), labels)
}

// float32Bytes are values as the file has them.
func float32Bytes(x []float32) []byte {
	if native && len(x) > 0 {
		return unsafe.Slice((*byte)(unsafe.Pointer(&x[0])), 4*len(x))
	}
	b := make([]byte, 0, 4*len(x))
	for _, v := range x {
		b = le.AppendUint32(b, math.Float32bits(v))
	}
	return b
}

// The types of values as headers have them: float32, float64, UTF-8 of any length.
var (
	float32Type = []byte{0x11, 0x20, 31, 0, 4, 0, 0, 0, 0, 0, 32, 0, 23, 8, 0, 23, 127, 0, 0, 0}
	float64Type = []byte{0x11, 0x20, 63, 0, 8, 0, 0, 0, 0, 0, 64, 0, 52, 11, 0, 52, 255, 3, 0, 0}
	textType    = []byte{0x19, 1, 1, 0, 16, 0, 0, 0, 0x10, 0, 0, 0, 1, 0, 0, 0, 0, 0, 8, 0}
)

// dataspace is an array's extent, version 1; none for a single value.
func dataspace(dims []int) []byte {
	b := []byte{1, byte(len(dims)), 0, 0, 0, 0, 0, 0}
	for _, n := range dims {
		b = le.AppendUint64(b, uint64(n))
	}
	return b
}

// dataset writes the header of values that lie at an address.
func (g *Group) dataset(name string, dims []int, kind []byte, at, size uint64, labels Labels) {
	if size == 0 {
		at = undefined
	}
	layout := le.AppendUint64(le.AppendUint64([]byte{3, 1}, at), size)
	messages := []message{
		{kind: msgDataspace, data: dataspace(dims)}, {kind: msgDatatype, flags: 1, data: kind},
		{kind: 5, flags: 1, data: []byte{2, 2, 2, 0}}, // nothing fills what is not written
		{kind: msgLayout, data: layout},
	}
	for _, l := range labels {
		messages = append(messages, g.w.attribute(l[0], []string{l[1]}, true))
	}
	g.names, g.children = append(g.names, name), append(g.children, g.w.header(messages))
}

// header writes an object's, version 1.
func (w *Writer) header(messages []message) uint64 {
	var body []byte
	for _, m := range messages {
		for len(m.data)%8 != 0 {
			m.data = append(slices.Clip(m.data), 0)
		}
		if len(m.data) > 1<<16-8 {
			w.err = fmt.Errorf("an attribute of %d bytes, more than HDF5 has room for", len(m.data))
			return 0
		}
		body = le.AppendUint16(le.AppendUint16(body, m.kind), uint16(len(m.data)))
		body = append(append(body, m.flags, 0, 0, 0), m.data...)
	}
	w.align()
	head := le.AppendUint16([]byte{1, 0}, uint16(len(messages)))
	head = le.AppendUint32(le.AppendUint32(head, 1), uint32(len(body)))
	return w.put(append(append(head, 0, 0, 0, 0), body...))
}

// attribute is a message, version 3, of texts: a list, or a single one.
func (w *Writer) attribute(name string, texts []string, single bool) message {
	dims := []int{len(texts)}
	if single {
		dims = nil
	}
	space := dataspace(dims)
	b := []byte{3, 0}
	for _, n := range []int{len(name) + 1, len(textType), len(space)} {
		b = le.AppendUint16(b, uint16(n))
	}
	b = append(append(b, 1), name...) // in UTF-8
	b = append(append(append(append(b, 0), textType...), space...), w.texts(texts)...)
	return message{kind: msgAttribute, data: b}
}

// heapTexts is how many texts a heap holds; their numbers have 16 bits.
const heapTexts = 4096

// texts writes texts into heaps and returns the references to them.
func (w *Writer) texts(x []string) (refs []byte) {
	for len(x) > 0 {
		part := x[:min(heapTexts, len(x))]
		x = x[len(part):]
		body := make([]byte, 16)
		w.align()
		at := w.at
		for i, s := range part {
			if s == "" {
				refs = append(refs, make([]byte, 16)...)
				continue
			}
			body = le.AppendUint16(le.AppendUint16(body, uint16(i+1)), 1)
			body = le.AppendUint64(append(body, 0, 0, 0, 0), uint64(len(s)))
			body = append(body, s...)
			for len(body)%8 != 0 {
				body = append(body, 0)
			}
			refs = le.AppendUint32(le.AppendUint64(le.AppendUint32(refs, uint32(len(s))), at), uint32(i+1))
		}
		free := max(4096, len(body)+16) - len(body) // what is left is one free object
		rest := make([]byte, free)
		le.PutUint64(rest[8:], uint64(free))
		body = append(body, rest...)
		copy(body, "GCOL\x01")
		le.PutUint64(body[8:], uint64(len(body)))
		w.put(body)
	}
	return refs
}

// Close writes groups and the file's beginning, and closes the file.
func (w *Writer) Close() error {
	leaf := w.root.most()
	root := w.root.write(max(4, (leaf+1)/2))
	err := w.err
	if err == nil {
		err = w.w.Flush()
	}
	if err == nil {
		err = w.begin(root, max(4, (leaf+1)/2))
	}
	if err == nil {
		err = w.f.Sync()
	}
	if cerr := w.f.Close(); err == nil {
		err = cerr
	}
	return err
}

// begin writes the superblock, version 0.
func (w *Writer) begin(root uint64, leaf int) error {
	if _, err := w.f.Seek(0, io.SeekStart); err != nil {
		return err
	}
	b := append([]byte(Signature), 0, 0, 0, 0, 0, 8, 8, 0)
	b = le.AppendUint16(le.AppendUint16(b, uint16(leaf)), internalK)
	b = le.AppendUint32(b, 0)
	for _, v := range []uint64{0, undefined, w.at, undefined, 0, root} {
		b = le.AppendUint64(b, v)
	}
	b = append(b, make([]byte, superblockBytes-len(b))...)
	_, err := w.f.Write(b)
	return err
}

// internalK is half of how many children a node of a group's tree has room for.
const internalK = 16

// most is the largest number of children of a group.
func (g *Group) most() int {
	n := len(g.names)
	for _, c := range g.children {
		if c, ok := c.(*Group); ok {
			n = max(n, c.most())
		}
	}
	return n
}

// write writes a group after its children, and returns where its header lies. Its
// children lie in one leaf, with room for twice leaf.
func (g *Group) write(leaf int) uint64 {
	w := g.w
	order := make([]int, len(g.names))
	for i := range order {
		order[i] = i
	}
	slices.SortFunc(order, func(a, b int) int {
		if g.names[a] < g.names[b] {
			return -1
		}
		return 1
	})
	if 2*leaf > 1<<15 {
		w.err = fmt.Errorf("a group of %d members", len(g.names))
		return 0
	}
	names, entries := make([]byte, 8), []byte(nil)
	last := uint64(0) // the keys of a tree are names: before the first child, and its last
	for _, i := range order {
		at, ok := g.children[i].(uint64)
		if !ok {
			at = g.children[i].(*Group).write(leaf)
		}
		last = uint64(len(names))
		entries = le.AppendUint64(le.AppendUint64(entries, last), at)
		entries = append(entries, make([]byte, 24)...)
		names = append(append(names, g.names[i]...), 0)
		for len(names)%8 != 0 {
			names = append(names, 0)
		}
	}
	entries = append(entries, make([]byte, 40*2*leaf-len(entries))...)
	w.align()
	node := w.put(append(le.AppendUint16([]byte("SNOD\x01\x00"), uint16(len(order))), entries...))
	tree := le.AppendUint16([]byte("TREE\x00\x00"), uint16(min(1, len(order))))
	for _, v := range []uint64{undefined, undefined, 0, node, last} {
		tree = le.AppendUint64(tree, v)
	}
	tree = append(tree, make([]byte, 24+8*(4*internalK+1)-len(tree))...)
	treeAt := w.put(tree)
	heap := append([]byte("HEAP\x00\x00\x00\x00"), make([]byte, 0, 24+len(names))...)
	for _, v := range []uint64{uint64(len(names)), 1, w.at + 32} {
		heap = le.AppendUint64(heap, v)
	}
	heapAt := w.put(append(heap, names...))
	table := le.AppendUint64(le.AppendUint64(nil, treeAt), heapAt)
	return w.header(append([]message{{kind: msgTable, data: table}}, g.attributes...))
}
