package gx

import (
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"

	"github.com/gxlab/gxlab/gx/fault"
)

// module is the import path under which all our packages lie.
const module = "github.com/gxlab/gxlab/"

// Caller is the first line above gxlab's own packages in the call stack, as
// file:line with the full path, which is what GoNB needs to name the cell.
func Caller() string {
	var pcs [32]uintptr
	n := runtime.Callers(2, pcs[:])
	frames := runtime.CallersFrames(pcs[:n])
	for {
		f, more := frames.Next()
		if f.File != "" && !ours(f) && !strings.HasPrefix(f.Function, "runtime.") {
			return fmt.Sprintf("%s:%d", f.File, f.Line)
		}
		if !more {
			return ""
		}
	}
}

func ours(f runtime.Frame) bool {
	return strings.HasPrefix(f.Function, module) && !strings.HasSuffix(f.File, "_test.go")
}

// bad is the error of a chain's step: what is wrong with the verb, at the line
// that wrote it.
func bad(verb, what, try string) error {
	return fault.New(verb+": "+what, Caller(), try)
}

// Must is v, or a panic with err's message and the line that called Must. It is
// the one deliberate panic of gxlab, meant for cells:
//
//	set := gx.Must(kernel.Keep(cohort()))
func Must[T any](v T, err error) T {
	if err != nil {
		panic(failure{fault.At(err, Caller())})
	}
	return v
}

// failure prints as its message alone: a panic value that is an error would
// print with its type and quotes.
type failure struct{ err error }

func (f failure) Error() string { return "\n" + f.err.Error() + "\n" }

func (f failure) Unwrap() error { return f.err }

// shortPath is a path as people would say it: relative to the working folder
// where it lies below it.
func shortPath(path string) string {
	wd, err := os.Getwd()
	if err != nil {
		return path
	}
	rel, err := filepath.Rel(wd, path)
	if err != nil || strings.HasPrefix(rel, "..") {
		return path
	}
	return rel
}
