// Package hdf reads matrices and labels out of HDF5 files as they are written unless
// a writer is told to use a newer format: groups by symbol tables or compact links,
// chunks listed in B-trees (HDF5 File Format Specification 3.0). What a header says
// is believed as far as the file's size bears it out.
//
// There is a library for it, github.com/scigolib/hdf5. Its version 0.14.0 has values
// as float64 alone and all at once, does not unpack LZF, loses members of large
// groups, and takes what memory a damaged header asks for.
package hdf

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"

	"github.com/gxlab/gxlab/gx/fault"
)

// Signature is what an HDF5 file begins with.
const Signature = "\x89HDF\r\n\x1a\n"

// File is an open file.
type File struct {
	path  string
	raw   *os.File
	size  int64
	base  uint64
	tree  map[string]*object  // by path, without slashes at the ends
	order map[string][]string // a group's children, by path
	heaps map[uint64]map[uint32][]byte
}

// object is a group or dataset.
type object struct {
	at       uint64
	group    bool
	messages []message // with its attributes
}

// Open opens a file and lists what it holds.
func Open(path string) (f *File, err error) {
	defer guard(path, &err)
	raw, err := os.Open(path)
	if err != nil {
		return nil, fault.Wrap(err, "the file cannot be opened", path, "its right name")
	}
	defer func() {
		if err != nil {
			raw.Close()
		}
	}()
	fi, err := raw.Stat()
	if err != nil {
		return nil, err
	}
	f = &File{path: path, raw: raw, size: fi.Size(), tree: map[string]*object{}, order: map[string][]string{}, heaps: map[uint64]map[uint32][]byte{}}
	root, err := f.superblock()
	if err == nil {
		err = f.list("", root, 0)
	}
	if err != nil {
		return nil, damaged(err, path)
	}
	return f, nil
}

// superblock reads the beginning of the file and returns where the root lies.
func (f *File) superblock() (root uint64, err error) {
	b, err := f.read(0, min(96, uint64(f.size)))
	if err != nil {
		return 0, err
	}
	if len(b) < 48 || string(b[:8]) != Signature {
		return 0, errors.New("it does not begin as an HDF5 file")
	}
	sizes, base, at := b[13:15], 24, 64
	switch b[8] {
	case 0:
	case 1:
		base, at = 28, 68
	case 2, 3:
		sizes, base, at = b[9:11], 12, 36
	default:
		return 0, fmt.Errorf("a superblock of version %d", b[8])
	}
	if sizes[0] != 8 || sizes[1] != 8 {
		return 0, fmt.Errorf("addresses of %d bytes", sizes[0])
	}
	if len(b) < at+8 {
		return 0, errors.New("it is cut off")
	}
	f.base = le.Uint64(b[base:])
	return le.Uint64(b[at:]), nil
}

// The messages of an object's header that belong to groups.
const (
	msgLinkInfo  = 0x02
	msgLink      = 0x06
	msgAttribute = 0x0c
	msgTable     = 0x11
)

// list fills tree and order with an object and what is in it.
func (f *File) list(path string, at uint64, depth int) error {
	if depth > 32 || len(f.tree) > 1<<18 {
		return errors.New("groups within groups without end")
	}
	messages, err := f.messages(at)
	if err != nil {
		return err
	}
	o := &object{at: at, group: true, messages: messages}
	f.tree[path] = o
	child := func(name string, at uint64) error {
		if name == "" || strings.Contains(name, "/") || slices.Contains(f.order[path], name) {
			return fmt.Errorf("%q in a group", name)
		}
		f.order[path] = append(f.order[path], name)
		return f.list(strings.TrimPrefix(path+"/"+name, "/"), at, depth+1)
	}
	for _, m := range messages {
		err := error(nil)
		switch {
		case m.kind == msgLayout:
			o.group = false
		case m.kind == msgTable && len(m.data) >= 16:
			err = f.table(le.Uint64(m.data), le.Uint64(m.data[8:]), child)
		case m.kind == msgLink:
			err = link(m.data, child)
		case m.kind == msgLinkInfo && len(m.data) >= 2:
			heap := m.data[2:]
			if m.data[1]&1 != 0 && len(heap) >= 8 {
				heap = heap[8:]
			}
			if len(heap) >= 8 && le.Uint64(heap) != undefined {
				err = fmt.Errorf("/%s has more than 8 members in the format of HDF5 1.8 and later: writing it with libver='earliest', as is usual, helps", path)
			}
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// link reads a link message; soft and external ones are passed over.
func link(b []byte, child func(string, uint64) error) error {
	short := errors.New("a short link")
	if len(b) < 3 {
		return short
	}
	flags := b[1]
	b = b[2:]
	if flags&8 != 0 {
		if b[0] != 0 {
			return nil
		}
		b = b[1:]
	}
	if flags&4 != 0 {
		b = b[min(8, len(b)):]
	}
	if flags&16 != 0 {
		b = b[min(1, len(b)):]
	}
	width, n := 1<<(flags&3), uint64(0)
	if len(b) < width {
		return short
	}
	for i := range width {
		n |= uint64(b[i]) << (8 * i)
	}
	if b = b[width:]; uint64(len(b)) < 8 || n > uint64(len(b))-8 {
		return short
	}
	return child(string(b[:n]), le.Uint64(b[n:]))
}

// table lists a group by its symbol table: a B-tree and a heap of names.
func (f *File) table(tree, heap uint64, child func(string, uint64) error) error {
	head, err := f.read(heap, 32)
	if err != nil {
		return err
	}
	if string(head[:4]) != "HEAP" {
		return errors.New("a group without names")
	}
	names, err := f.read(le.Uint64(head[24:]), le.Uint64(head[8:]))
	if err != nil {
		return err
	}
	nodes := 0
	var walk func(at uint64, depth int) error
	walk = func(at uint64, depth int) error {
		head, err := f.read(at, 24)
		if nodes++; err == nil && (nodes > 1<<16 || depth > 16) {
			err = errors.New("a group without end")
		}
		if err != nil {
			return err
		}
		if string(head[:4]) == "SNOD" {
			return f.symbols(at, names, child)
		}
		if string(head[:4]) != "TREE" || head[4] != 0 {
			return errors.New("no list of a group where there should be one")
		}
		n := int(le.Uint16(head[6:]))
		b, err := f.read(at+24, uint64(16*n))
		if err != nil {
			return err
		}
		for i := range n {
			if err := walk(le.Uint64(b[16*i+8:]), depth+1); err != nil {
				return err
			}
		}
		return nil
	}
	return walk(tree, 0)
}

// symbols lists a leaf of a symbol table.
func (f *File) symbols(at uint64, names []byte, child func(string, uint64) error) error {
	head, err := f.read(at, 8)
	if err != nil {
		return err
	}
	n := int(le.Uint16(head[6:]))
	b, err := f.read(at+8, uint64(40*n))
	if err != nil {
		return err
	}
	for i := range n {
		e := b[40*i:]
		if le.Uint32(e[16:]) == 2 {
			continue // a soft link
		}
		name := le.Uint64(e)
		if name >= uint64(len(names)) {
			return errors.New("a name beyond its heap")
		}
		text, _, ok := bytes.Cut(names[name:], []byte{0})
		if !ok {
			return errors.New("a name without end")
		}
		if err := child(string(text), le.Uint64(e[8:])); err != nil {
			return err
		}
	}
	return nil
}

// Close closes the file.
func (f *File) Close() error { return f.raw.Close() }

// Path is the file's own.
func (f *File) Path() string { return f.path }

// Children are the names in a group, "" for the root; nil where there is none.
func (f *File) Children(group string) []string { return f.order[group] }

// IsGroup says whether there is a group of that path.
func (f *File) IsGroup(path string) bool { o := f.tree[path]; return o != nil && o.group }

// Has says whether there is a dataset of that path.
func (f *File) Has(path string) bool { o := f.tree[path]; return o != nil && !o.group }

// Attribute is the text of an attribute of a group or dataset, or "".
func (f *File) Attribute(path, name string) string {
	all := f.Texts(path, name)
	if len(all) == 0 {
		return ""
	}
	return all[0]
}

// Texts are the values of an attribute as text; nil where there is none or it
// cannot be read.
func (f *File) Texts(path, name string) (out []string) {
	defer func() {
		if recover() != nil {
			out = nil
		}
	}()
	o := f.tree[path]
	if o == nil {
		return nil
	}
	for _, m := range o.messages {
		if m.kind != msgAttribute {
			continue
		}
		if d := f.attribute(m.data, name); d != nil {
			out, err := d.Strings(context.Background())
			if err != nil {
				return nil
			}
			return out
		}
	}
	return nil
}

// attribute is an attribute of that name as a dataset; nil for another.
func (f *File) attribute(b []byte, name string) *Dataset {
	if len(b) < 8 || b[0] < 1 || b[0] > 3 {
		return nil
	}
	version, flags := b[0], b[1]
	sizes := [3]int{int(le.Uint16(b[2:])), int(le.Uint16(b[4:])), int(le.Uint16(b[6:]))}
	b = b[8:]
	if version == 3 {
		b = b[1:]
	}
	if version > 1 && flags != 0 {
		return nil // a named type
	}
	var parts [3][]byte
	for i, n := range sizes {
		padded := n
		if version == 1 {
			padded = (n + 7) &^ 7
		}
		if len(b) < padded {
			return nil
		}
		parts[i], b = b[:n], b[padded:]
	}
	if string(bytes.TrimRight(parts[0], "\x00")) != name {
		return nil
	}
	d := &Dataset{f: f, path: "@" + name, layout: layout{data: b}}
	if d.datatype(parts[1]) != nil || d.space(parts[2]) != nil {
		return nil
	}
	return d
}

// Dataset is the dataset of that path.
func (f *File) Dataset(path string) (d *Dataset, err error) {
	where := f.path + ", /" + path
	defer guard(where, &err)
	if !f.Has(path) {
		return nil, fault.New("there is no dataset /"+path, f.path, "a file of the kind it is taken for; it holds "+strings.Join(f.order[""], ", "))
	}
	d = &Dataset{f: f, path: path}
	if err := d.describe(f.tree[path].messages); err != nil {
		return nil, damaged(err, where)
	}
	return d, nil
}

// damaged is the error of a file that does not hold what it should.
func damaged(err error, where string) error {
	var known *fault.Error
	if errors.As(err, &known) || errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		return err
	}
	return fault.Wrap(err, "the HDF5 file is damaged, or of a kind that is not read", where, "fetching or copying it again, or writing it anew with h5py or anndata")
}

// guard makes an error of a panic: a damaged file may lead anywhere.
func guard(where string, err *error) {
	if r := recover(); r != nil {
		*err = damaged(fmt.Errorf("%v", r), where)
	}
}
