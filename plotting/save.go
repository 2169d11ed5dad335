package plotting

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"

	"github.com/gxlab/gxlab/gx/fault"
)

// Save writes the figure to a file: .svg, .png (300 dots an inch) or .pdf. The file
// is whole or not there at all. Missing folders are made.
func (f Figure) Save(path string) error {
	var data []byte
	var err error
	switch ext := strings.ToLower(filepath.Ext(path)); ext {
	case ".svg":
		data, err = f.SVG()
	case ".png":
		data, err = f.PNG()
	case ".pdf":
		data, err = f.PDF()
	default:
		return fault.New(fmt.Sprintf("a figure cannot be saved as %q", ext), path, "a name that ends in .svg, .png or .pdf")
	}
	if err != nil {
		return err
	}
	if err := write(path, data); err != nil {
		return fault.Wrap(err, "the figure was not saved", path, "a folder that can be written to and has room")
	}
	return nil
}

// write puts data into a new file and then gives it its name.
func write(path string, data []byte) (err error) {
	dir := filepath.Dir(path)
	if err := os.MkdirAll(dir, 0o777); err != nil {
		return err
	}
	t, err := os.CreateTemp(dir, "."+filepath.Base(path)+".*")
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			os.Remove(t.Name())
		}
	}()
	_, err = t.Write(data)
	err = errors.Join(err, t.Chmod(0o644), t.Sync(), t.Close())
	if err != nil {
		return err
	}
	return os.Rename(t.Name(), path)
}

// bad is a mistake in what a figure was given, at the caller's line.
func bad(what, try string) error { return fault.New(what, caller(), try) }

// caller is the first line outside this package on the way here, its file in full
// so that a notebook can name the cell.
func caller() string {
	pcs := make([]uintptr, 32)
	frames := runtime.CallersFrames(pcs[:runtime.Callers(2, pcs)])
	for {
		fr, more := frames.Next()
		inside := strings.Contains(fr.Function, "gxlab/plotting.") && !strings.HasSuffix(fr.File, "_test.go")
		if !inside && fr.File != "" {
			return fmt.Sprintf("%s:%d", fr.File, fr.Line)
		}
		if !more {
			return ""
		}
	}
}
