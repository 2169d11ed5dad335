//go:build (linux || darwin) && (amd64 || arm64)

package cpu

import (
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"

	"github.com/ebitengine/purego"
)

// openBLAS opens the library that GXLAB_BLAS asks for, once: "openblas" looks in
// the usual places, anything else is the library's path. Without one it returns
// nil and, where one was asked for, a note that says why.
func openBLAS() (*library, string) {
	want := os.Getenv("GXLAB_BLAS")
	if want == "" {
		return nil, ""
	}
	opened.Lock()
	defer opened.Unlock()
	if opened.want != want {
		opened.want = want
		opened.blas, opened.note = findBLAS(want)
	}
	return opened.blas, opened.note
}

var opened struct {
	sync.Mutex
	want string
	blas *library
	note string
}

func findBLAS(want string) (*library, string) {
	places := []string{want}
	if want == "openblas" {
		places = blasPlaces()
	}
	why := "it is in none of the usual places"
	for _, p := range places {
		if strings.ContainsRune(p, filepath.Separator) {
			if _, err := os.Stat(p); err != nil && want == "openblas" {
				continue
			}
		}
		lib, err := purego.Dlopen(p, purego.RTLD_NOW|purego.RTLD_GLOBAL)
		if err != nil {
			if want != "openblas" {
				why = err.Error()
			}
			continue
		}
		b, err := bindBLAS(lib, p)
		if err == nil {
			return b, ""
		}
		why = err.Error()
	}
	return nil, fmt.Sprintf("GXLAB_BLAS=%s: OpenBLAS cannot be opened (%s); our own products are used. Try: apt install libopenblas0, brew install openblas, or GXLAB_BLAS=/path/to/libopenblas.so.0", want, why)
}

// blasPlaces are where OpenBLAS is found: by the loader, in a conda environment,
// in the folders of Debian and Homebrew, beside numpy and scipy.
func blasPlaces() []string {
	var out []string
	glob := func(patterns ...string) {
		for _, p := range patterns {
			found, _ := filepath.Glob(p) // the patterns are well formed
			out = append(out, found...)
		}
	}
	if runtime.GOOS == "darwin" {
		out = append(out, "libopenblas.dylib")
		glob("/opt/homebrew/opt/openblas/lib/libopenblas.dylib", "/usr/local/opt/openblas/lib/libopenblas.dylib")
	} else {
		out = append(out, "libopenblas.so.0", "libopenblas.so")
	}
	for _, env := range []string{"CONDA_PREFIX", "VIRTUAL_ENV"} {
		if dir := os.Getenv(env); dir != "" {
			glob(dir+"/lib/libopenblas.*", dir+"/lib/python3*/site-packages/scipy_openblas*/lib/libscipy_openblas*.*", dir+"/lib/python3*/site-packages/numpy.libs/*openblas*")
		}
	}
	glob("/usr/lib/*/openblas-*/libopenblas.so.0", "/usr/lib64/libopenblas*.so.0")
	return out
}

// bindBLAS finds the library's functions: plain ones take 32-bit sizes, those
// whose names end in 64 take 64-bit ones; scipy's builds prefix theirs.
func bindBLAS(lib uintptr, path string) (*library, error) {
	for _, prefix := range []string{"", "scipy_"} {
		for _, suffix := range []string{"", "64_"} {
			at, err := purego.Dlsym(lib, prefix+"cblas_sgemm"+suffix)
			if err != nil {
				continue
			}
			b := &library{path: path}
			if suffix == "" {
				var f func(order, ta, tb, m, n, k int32, alpha float32, a *float32, lda int32, b *float32, ldb int32, beta float32, c *float32, ldc int32)
				purego.RegisterFunc(&f, at)
				b.sgemm = func(ta, tb int32, m, n, k int, a *float32, lda int, bb *float32, ldb int, beta float32, c *float32, ldc int) {
					f(101, ta, tb, int32(m), int32(n), int32(k), 1, a, int32(lda), bb, int32(ldb), beta, c, int32(ldc))
				}
			} else {
				var f func(order, ta, tb int32, m, n, k int64, alpha float32, a *float32, lda int64, b *float32, ldb int64, beta float32, c *float32, ldc int64)
				purego.RegisterFunc(&f, at)
				b.sgemm = func(ta, tb int32, m, n, k int, a *float32, lda int, bb *float32, ldb int, beta float32, c *float32, ldc int) {
					f(101, ta, tb, int64(m), int64(n), int64(k), 1, a, int64(lda), bb, int64(ldb), beta, c, int64(ldc))
				}
			}
			// One thread a call: its own threads would wait for work on our cores.
			set, err := purego.Dlsym(lib, prefix+"openblas_set_num_threads"+suffix)
			if err != nil {
				return nil, fmt.Errorf("%s has products but no openblas_set_num_threads: another BLAS", path)
			}
			var threads func(int32)
			purego.RegisterFunc(&threads, set)
			threads(1)
			return b, nil
		}
	}
	return nil, fmt.Errorf("%s has no cblas_sgemm", path)
}
