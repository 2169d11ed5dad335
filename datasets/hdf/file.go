// Package hdf reads matrices and labels out of HDF5 files. github.com/scigolib/hdf5
// finds its way through groups and attributes; values are read here, chunk by chunk
// as they lie in the file, for it has them as float64 alone, all at once, and does
// not unpack LZF.
package hdf

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"

	"github.com/scigolib/hdf5"

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
	lib   *hdf5.File
	tree  map[string]hdf5.Object // by path, without slashes at the ends
	order map[string][]string    // a group's children, by path
	heaps map[uint64]map[uint32][]byte
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
	lib, err := hdf5.Open(path)
	if err != nil {
		return nil, damaged(err, path)
	}
	sb := lib.Superblock()
	if sb.OffsetSize != 8 || sb.LengthSize != 8 {
		lib.Close()
		return nil, fault.New(fmt.Sprintf("an HDF5 file with addresses of %d bytes is not read", sb.OffsetSize), path, "h5repack, or writing it anew with h5py")
	}
	f = &File{path: path, raw: raw, size: fi.Size(), base: sb.BaseAddress, lib: lib, tree: map[string]hdf5.Object{}, order: map[string][]string{}, heaps: map[uint64]map[uint32][]byte{}}
	f.list("", lib.Root(), 0)
	return f, nil
}

// list fills tree and order.
func (f *File) list(at string, o hdf5.Object, depth int) {
	f.tree[at] = o
	g, ok := o.(*hdf5.Group)
	if !ok || depth > 32 || len(f.tree) > 1<<20 {
		return
	}
	for _, c := range g.Children() {
		name := strings.Trim(c.Name(), "/")
		if i := strings.LastIndex(name, "/"); i >= 0 {
			name = name[i+1:]
		}
		path := strings.TrimPrefix(at+"/"+name, "/")
		f.order[at] = append(f.order[at], name)
		f.list(path, c, depth+1)
	}
}

// Close closes the file.
func (f *File) Close() error { return errors.Join(f.raw.Close(), f.lib.Close()) }

// Path is the file's own.
func (f *File) Path() string { return f.path }

// Children are the names in a group, "" for the root; nil where there is none.
func (f *File) Children(group string) []string { return f.order[group] }

// IsGroup says whether there is a group of that path.
func (f *File) IsGroup(path string) bool {
	_, ok := f.tree[path].(*hdf5.Group)
	return ok
}

// Has says whether there is a dataset of that path.
func (f *File) Has(path string) bool {
	_, ok := f.tree[path].(*hdf5.Dataset)
	return ok
}

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
	switch o := f.tree[path].(type) {
	case *hdf5.Group:
		all, err := o.Attributes()
		if err != nil {
			return nil
		}
		for _, a := range all {
			if a.Name == name {
				v, err := a.ReadValue()
				if err != nil {
					return nil
				}
				return texts(v)
			}
		}
	case *hdf5.Dataset:
		v, err := o.ReadAttribute(name)
		if err != nil {
			return nil
		}
		return texts(v)
	}
	return nil
}

func texts(v any) []string {
	switch v := v.(type) {
	case string:
		return []string{v}
	case []string:
		return v
	case []any:
		var out []string
		for _, x := range v {
			out = append(out, fmt.Sprint(x))
		}
		return out
	case nil:
		return nil
	}
	s := strings.Trim(fmt.Sprint(v), "[]")
	if s == "" {
		return nil
	}
	return strings.Fields(s)
}

// Dataset is the dataset of that path.
func (f *File) Dataset(path string) (d *Dataset, err error) {
	where := f.path + ", /" + path
	defer guard(where, &err)
	o, ok := f.tree[path].(*hdf5.Dataset)
	if !ok {
		return nil, fault.New("there is no dataset /"+path, f.path, "a file of the kind it is taken for; it holds "+strings.Join(f.order[""], ", "))
	}
	d = &Dataset{f: f, path: path}
	if err := d.describe(o.Address()); err != nil {
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

// guard makes an error of a panic: a damaged file may lead the library anywhere.
func guard(where string, err *error) {
	if r := recover(); r != nil {
		*err = damaged(fmt.Errorf("%v", r), where)
	}
}
