//go:build linux && (amd64 || arm64) && !cu

package gpu

import (
	"testing"
	"unsafe"

	"github.com/ebitengine/purego"
)

// getAPI are functions of cublasLt that only this test needs.
type getAPI struct {
	Desc   func(desc uintptr, attribute int32, to unsafe.Pointer, bytes uint64, written *uint64) status   `symbol:"cublasLtMatmulDescGetAttribute"`
	Layout func(layout uintptr, attribute int32, to unsafe.Pointer, bytes uint64, written *uint64) status `symbol:"cublasLtMatrixLayoutGetAttribute"`
}

// NVIDIA's own cublasLt, which describes products without a GPU, understands what
// we tell it of one: pip install nvidia-cublas-cu12, or nvidia-cublas.
func TestLibraryUnderstands(t *testing.T) {
	tested := 0
	for _, file := range librarySonames(13000) {
		d := &device{lt: &library{api: new(libraryAPI)}, info: Info{Major: 9}}
		path, err := open(d.lt.api, places(file))
		if err != nil {
			continue
		}
		tested++
		lib, err := purego.Dlopen(path, purego.RTLD_NOW|purego.RTLD_LOCAL)
		if err != nil {
			t.Fatal(err)
		}
		var get getAPI
		if err := bind(&get, lib); err != nil {
			t.Fatal(err)
		}
		t.Logf("%s, %d", path, d.lt.api.GetVersion())
		p, err := d.describeMatMul(MatMul{M: 3, N: 5, K: 7, TransA: true, Precision: BFloat16})
		if err != nil {
			t.Fatal(err)
		}
		read := func(what string, f func(uintptr, int32, unsafe.Pointer, uint64, *uint64) status, of uintptr, attribute int32, bytes uint64, want int64) {
			t.Helper()
			var v int64
			var n uint64
			if s := f(of, attribute, unsafe.Pointer(&v), bytes, &n); s != statusSuccess || v != want || n != bytes {
				t.Errorf("%s: status %d, %d of %d bytes, not %d", what, s, v, n, want)
			}
		}
		// Attributes 0 of a layout is its type, 2 rows, 3 columns, 4 the leading
		// dimension; 0 of a product is how it computes, 1 the type of its factors.
		read("compute", get.Desc, p.desc, 0, 4, int64(compute32))
		read("scale", get.Desc, p.desc, 1, 4, int64(real32))
		read("op of the library's A, our B", get.Desc, p.desc, descTransA, 4, int64(opN))
		read("op of the library's B, our A", get.Desc, p.desc, descTransB, 4, int64(opT))
		for _, l := range []struct {
			name       string
			at         uintptr
			kind       int32
			rows, cols int64
		}{{"B", p.a, realBF16, 5, 7}, {"A", p.b, realBF16, 3, 7}, {"C", p.c, real32, 5, 3}} {
			read(l.name+"'s type", get.Layout, l.at, 0, 4, int64(l.kind))
			read(l.name+"'s rows", get.Layout, l.at, 2, 8, l.rows)
			read(l.name+"'s columns", get.Layout, l.at, 3, 8, l.cols)
			read(l.name+"'s leading dimension", get.Layout, l.at, 4, 8, l.rows)
		}
		d.lt.drop(p)
		if name := text(d.lt.api.GetStatusName(statusNotSupported)); name != "CUBLAS_STATUS_NOT_SUPPORTED" {
			t.Error(name)
		}
	}
	if tested == 0 {
		t.Skip("no cublasLt; try pip install nvidia-cublas-cu12, or GXLAB_CUDA=/folder/of/libcublasLt.so.12")
	}
}
