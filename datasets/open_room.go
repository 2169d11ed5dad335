package datasets

import (
	"fmt"
	"math"
	"syscall"

	"github.com/gxlab/gxlab/gx/fault"
	"github.com/gxlab/gxlab/gx/large"
	"github.com/gxlab/gxlab/gx/nn/cpu"
	"github.com/gxlab/gxlab/gx/prep"
)

// matrixOf is a matrix of zeros of a size that a file's names bear out, or an
// error where the system has no room for it.
func matrixOf(rows, cols int, path string) (prep.Matrix, error) {
	bytes := 4 * float64(rows) * float64(cols)
	full := fault.New(fmt.Sprintf("%d × %d values take %.1f GB of memory, more than there is", rows, cols, bytes/1e9), path, "fewer samples or genes, or a machine with more memory")
	if bytes > math.MaxInt64/2 {
		return prep.Matrix{}, full
	}
	x, err := large.Make(rows * cols)
	if x != nil || err != nil {
		return prep.Matrix{Rows: rows, Cols: cols, Data: x}, fault.At(err, path)
	}
	if n := int(bytes); n > 0 { // a slice that cannot be had would end the program
		b, err := syscall.Mmap(-1, 0, n, syscall.PROT_READ|syscall.PROT_WRITE, syscall.MAP_ANON|syscall.MAP_PRIVATE)
		if err != nil {
			return prep.Matrix{}, full
		}
		_ = syscall.Munmap(b)
	}
	return prep.Matrix{Rows: rows, Cols: cols, Data: cpu.Make(rows * cols)}, nil
}
