package store

import (
	"bufio"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"errors"
	"hash"
	"io"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"syscall"
	"unsafe"

	"github.com/gxlab/gxlab/gx/fault"
	"github.com/gxlab/gxlab/gx/large"
)

// A Draft is a result in the making.
type Draft struct {
	dir, scratch string
	m            manifest
}

// Describe sets what the result is, in a word (kind) and in a line (title), and
// the record that travels with it, which is written as JSON.
func (d *Draft) Describe(kind, title string, record any) error {
	b, err := json.Marshal(record)
	if err != nil {
		return fault.Wrap(err, "a record cannot be written", title, "")
	}
	d.m.Kind, d.m.Title, d.m.Record = kind, title, b
	return nil
}

// Scratch is a folder that outlives a killed process: the next making of the
// same key finds it as it was. It goes when the result is kept.
func (d *Draft) Scratch() (string, error) {
	if err := os.MkdirAll(d.scratch, 0o777); err != nil {
		return "", cannotWrite(err, d.scratch)
	}
	return d.scratch, nil
}

// Write makes the file name from what fill writes.
func (d *Draft) Write(name string, fill func(io.Writer) error) error {
	path := filepath.Join(d.dir, name)
	f, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o666)
	if err != nil {
		return cannotWrite(err, path)
	}
	defer f.Close()
	w := &summed{h: sha256.New(), w: f}
	buf := bufio.NewWriterSize(w, 1<<18)
	if err := fill(buf); err != nil {
		return fault.At(err, path)
	}
	for _, step := range []func() error{buf.Flush, f.Sync, f.Close} {
		if err := step(); err != nil {
			return cannotWrite(err, path)
		}
	}
	d.m.Files[name] = fileInfo{Size: w.n, SHA256: hex.EncodeToString(w.h.Sum(nil))}
	return nil
}

// WriteBytes makes the file name with content b.
func (d *Draft) WriteBytes(name string, b []byte) error {
	return d.Write(name, func(w io.Writer) error { _, err := w.Write(b); return err })
}

// WriteJSON makes the file name with v as indented JSON.
func (d *Draft) WriteJSON(name string, v any) error {
	b, err := json.MarshalIndent(v, "", " ")
	if err != nil {
		return fault.Wrap(err, "cannot be written as JSON", name, "")
	}
	return d.WriteBytes(name, append(b, '\n'))
}

// WriteFloat32s makes the file name from x, little-endian, without a header. What
// large.Make made is not copied; nobody must write to it afterwards.
func (d *Draft) WriteFloat32s(name string, x []float32) error {
	if bigEndian {
		return fault.New("matrices are kept little-endian, this machine is not", name, "an amd64 or arm64 machine")
	}
	if len(x) == 0 {
		return d.WriteBytes(name, nil)
	}
	path := filepath.Join(d.dir, name)
	if laid, err := large.Lay(x, path); err != nil {
		return cannotWrite(err, path)
	} else if laid {
		sum, err := sumFile(path)
		if err != nil {
			return cannotWrite(err, path)
		}
		d.m.Files[name] = fileInfo{Size: 4 * int64(len(x)), SHA256: sum}
		return nil
	}
	return d.WriteBytes(name, unsafe.Slice((*byte)(unsafe.Pointer(&x[0])), 4*len(x)))
}

// Float32s is a file of float32 as a slice: a private memory map, of which a
// reader pays only for the pages it touches.
func (e *Entry) Float32s(name string) ([]float32, error) {
	if bigEndian {
		return nil, fault.New("matrices are kept little-endian, this machine is not", name, "an amd64 or arm64 machine")
	}
	x, err := mapFloat32s(filepath.Join(e.dir, name))
	if err != nil {
		return nil, fault.Wrap(err, "a kept matrix cannot be opened", filepath.Join(e.dir, name), "")
	}
	return x, nil
}

// Matrix is Float32s of values that nobody changes: of a large file only what there is
// room for stays in memory.
func (e *Entry) Matrix(name string) ([]float32, error) {
	x, err := e.Float32s(name)
	if err == nil && len(x) > 0 {
		large.Given(unsafe.Slice((*byte)(unsafe.Pointer(&x[0])), 4*len(x)))
	}
	return x, err
}

var bigEndian = func() bool { x := uint16(1); return *(*byte)(unsafe.Pointer(&x)) == 0 }()

// finish writes the manifest, syncs and renames the draft to its final place.
func (d *Draft) finish(final string) error {
	b, err := json.MarshalIndent(d.m, "", " ")
	if err != nil {
		return fault.Wrap(err, "a manifest cannot be written", d.dir, "")
	}
	path := filepath.Join(d.dir, manifestName)
	if err := ReplaceFile(path, append(b, '\n')); err != nil {
		return err
	}
	stamps := map[string]stamp{}
	for name := range d.m.Files {
		st, err := stampOf(filepath.Join(d.dir, name))
		if err != nil {
			return cannotWrite(err, d.dir)
		}
		stamps[name] = st
	}
	writeStamps(d.dir, stamps)
	if err := os.Rename(d.dir, final); err != nil {
		return cannotWrite(err, final)
	}
	syncDir(filepath.Dir(final))
	return nil
}

// ReplaceFile writes b to path so that a reader, and a reader after a crash,
// finds the old content or the new, never a part.
func ReplaceFile(path string, b []byte) error {
	return ReplaceFileBy(path, func(w io.Writer) error {
		_, err := w.Write(b)
		return err
	})
}

// ReplaceFileBy is ReplaceFile of what write writes.
func ReplaceFileBy(path string, write func(io.Writer) error) error {
	if err := replaceFile(path, write); err != nil {
		return cannotWrite(err, path)
	}
	return nil
}

func replaceFile(path string, write func(io.Writer) error) error {
	f, err := os.CreateTemp(filepath.Dir(path), ".new-*")
	if err != nil {
		return err
	}
	defer os.Remove(f.Name())
	err = write(f)
	if err == nil {
		err = f.Chmod(0o644)
	}
	if err == nil {
		err = f.Sync()
	}
	if cerr := f.Close(); err == nil {
		err = cerr
	}
	if err != nil {
		return err
	}
	if err := os.Rename(f.Name(), path); err != nil {
		return err
	}
	syncDir(filepath.Dir(path))
	return nil
}

// syncDir makes a rename last through a power cut, where the system can.
func syncDir(dir string) {
	if f, err := os.Open(dir); err == nil {
		_ = f.Sync()
		f.Close()
	}
}

func isFull(err error) bool {
	return errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EDQUOT)
}

// IsReadOnly says whether err comes of a place that cannot be written.
func IsReadOnly(err error) bool {
	return errors.Is(err, fs.ErrPermission) || errors.Is(err, syscall.EROFS)
}

type summed struct {
	h hash.Hash
	w io.Writer
	n int64
}

func (s *summed) Write(b []byte) (int, error) {
	n, err := s.w.Write(b)
	s.h.Write(b[:n])
	s.n += int64(n)
	return n, err
}

// Float32s decodes little-endian float32 values from b.
func Float32s(b []byte) ([]float32, error) {
	if len(b)%4 != 0 {
		return nil, fault.New("values of 4 bytes in a file whose length is no multiple of 4", "", "")
	}
	out := make([]float32, len(b)/4)
	for i := range out {
		out[i] = math.Float32frombits(binary.LittleEndian.Uint32(b[4*i:]))
	}
	return out, nil
}
