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

// openBLAS opens the library that want asks for, once: "openblas" looks in the
// usual places, anything else is the library's path. Without one it returns nil
// and, where one was asked for, a note that says why.
func openBLAS(want string) (*library, string) {
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
		lib, err := purego.Dlopen(p, purego.RTLD_NOW|purego.RTLD_LOCAL)
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

// blasPlaces are where OpenBLAS is found: by the loader, in the folders of
// distributions and Homebrew, in a conda environment, beside Python's numpy.
func blasPlaces() []string {
	out := []string{"libopenblas.so.0", "libopenblas.so"}
	if runtime.GOOS == "darwin" {
		out = []string{"libopenblas.dylib"}
	}
	glob := func(patterns ...string) {
		for _, p := range patterns {
			found, _ := filepath.Glob(p) // the patterns are well formed
			out = append(out, found...)
		}
	}
	glob("/usr/lib/*/openblas*-*/libopenblas*.so.0", "/usr/lib64/libopenblas*.so.0")
	glob("/opt/homebrew/opt/openblas/lib/libopenblas.dylib", "/usr/local/opt/openblas/lib/libopenblas.dylib")
	if conda := os.Getenv("CONDA_PREFIX"); conda != "" {
		glob(conda + "/lib/libopenblas.*")
	}
	home, _ := os.UserHomeDir() // without one its pattern finds nothing
	for _, dir := range []string{os.Getenv("VIRTUAL_ENV"), os.Getenv("CONDA_PREFIX"), filepath.Join(home, ".local"), "/usr/local"} {
		if dir != "" {
			glob(dir+"/lib/python3*/site-packages/scipy_openblas*/lib/libscipy_openblas*", dir+"/lib/python3*/site-packages/numpy.libs/*openblas*", dir+"/lib/python3*/site-packages/numpy/.dylibs/*openblas*")
		}
	}
	return out
}

// bindBLAS finds the library's functions: plain ones take 32-bit sizes, those
// whose names end in 64_ take 64-bit ones; scipy's builds prefix theirs.
func bindBLAS(lib uintptr, path string) (*library, error) {
	for _, prefix := range []string{"", "scipy_"} {
		for _, suffix := range []string{"", "64_"} {
			at, err := purego.Dlsym(lib, prefix+"cblas_sgemm"+suffix)
			if err != nil {
				continue
			}
			b := newLibrary(path)
			b.sgemm = sgemm32(at)
			if suffix != "" {
				b.sgemm = sgemm64(at)
			}
			set, err := purego.Dlsym(lib, prefix+"openblas_set_num_threads"+suffix)
			if err != nil {
				return nil, fmt.Errorf("%s has products but no openblas_set_num_threads: another BLAS", path)
			}
			purego.RegisterFunc(&b.threads, set)
			if kind, err := purego.Dlsym(lib, prefix+"openblas_get_parallel"+suffix); err == nil {
				var parallel func() int32
				purego.RegisterFunc(&parallel, kind)
				b.openMP = parallel() == 2
			}
			// One thread a call: its own threads would wait for work on our cores.
			b.threads(1)
			return b, nil
		}
	}
	return nil, fmt.Errorf("%s has no cblas_sgemm", path)
}

const rowMajor = 101

func sgemm32(at uintptr) sgemm {
	var f func(order, ta, tb, m, n, k int32, alpha float32, a *float32, lda int32, b *float32, ldb int32, beta float32, c *float32, ldc int32)
	purego.RegisterFunc(&f, at)
	return func(ta, tb int32, m, n, k int, a *float32, lda int, b *float32, ldb int, beta float32, c *float32, ldc int) {
		f(rowMajor, ta, tb, int32(m), int32(n), int32(k), 1, a, int32(lda), b, int32(ldb), beta, c, int32(ldc))
	}
}

func sgemm64(at uintptr) sgemm {
	var f func(order, ta, tb int32, m, n, k int64, alpha float32, a *float32, lda int64, b *float32, ldb int64, beta float32, c *float32, ldc int64)
	purego.RegisterFunc(&f, at)
	return func(ta, tb int32, m, n, k int, a *float32, lda int, b *float32, ldb int, beta float32, c *float32, ldc int) {
		f(rowMajor, ta, tb, int64(m), int64(n), int64(k), 1, a, int64(lda), b, int64(ldb), beta, c, int64(ldc))
	}
}
