package datasets

import (
	"bytes"
	"errors"
	"io"
	"os"
	"sync/atomic"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"

	"github.com/gxlab/gxlab/gx"
	"github.com/gxlab/gxlab/gx/fault"
)

// unpacked reads a file as it was before gzip or zstd, some blocks ahead of its
// reader. How it is packed is told by its first bytes, whatever its name.
type unpacked struct {
	path    string
	packing string // "gzip", "zstd" or ""
	r       io.Reader
	file    *os.File
	ahead   *ahead
	zstd    *zstd.Decoder
	total   int64
	count   *counted
}

// counted counts what is read of a file.
type counted struct {
	r io.Reader
	n atomic.Int64
}

func (c *counted) Read(b []byte) (int, error) {
	n, err := c.r.Read(b)
	c.n.Add(int64(n))
	return n, err
}

// widest is the most that zstd may look back: what its program allows unasked.
const widest = 128 << 20

func openUnpacked(path string) (*unpacked, error) {
	f, err := openFile(path)
	if err != nil {
		return nil, err
	}
	u := &unpacked{path: path, file: f, count: &counted{r: f}}
	if err := u.start(); err != nil {
		u.close()
		return nil, u.broken(err, path)
	}
	return u, nil
}

func (u *unpacked) start() error {
	if fi, err := u.file.Stat(); err == nil {
		u.total = fi.Size()
	}
	magic := make([]byte, 4)
	n, err := io.ReadFull(u.count, magic)
	if err != nil && !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) {
		return err
	}
	u.r = io.MultiReader(bytes.NewReader(magic[:n]), u.count)
	switch u.packing = packing(magic[:n]); u.packing {
	case "gzip":
		z, err := gzip.NewReader(u.r)
		if err != nil {
			return err
		}
		u.ahead = readAhead(z)
		u.r = u.ahead
	case "zstd":
		u.zstd, err = zstd.NewReader(u.r, zstd.WithDecoderConcurrency(1), zstd.WithDecoderLowmem(true), zstd.WithDecoderMaxWindow(widest))
		if err != nil {
			return err
		}
		u.ahead = readAhead(u.zstd)
		u.r = u.ahead
	}
	return nil
}

func (u *unpacked) Read(b []byte) (int, error) { return u.r.Read(b) }

func (u *unpacked) close() {
	if u.ahead != nil {
		u.ahead.stop()
	}
	if u.zstd != nil {
		u.zstd.Close()
	}
	u.file.Close()
}

// broken is an error of reading: a packed file that ends too soon, most often.
func (u *unpacked) broken(err error, where string) error {
	if u.packing != "" {
		return fault.Wrap(err, "the "+u.packing+" file is cut off or damaged", where, "fetching or copying it again")
	}
	return fault.Wrap(err, "the file cannot be read", where, "fetching or copying it again")
}

// progress tells how much of the file has been read.
func (u *unpacked) progress(tell gx.Tell) {
	if tell != nil && u.total > 0 {
		tell("reading "+u.path, int(u.count.n.Load()*1000/u.total), 1000)
	}
}
