package cpu

import (
	"os"
	"unsafe"

	"golang.org/x/sys/cpu"
)

var avx512 = kernels{
	name: "avx512", mr: 14, nr: 32, lanes: 16,
	micro: micro512, lines: lines512, transpose: transpose512, dot: dot512, axpy: axpy512, dotAxpy: dotAxpy512, adam: adam512,
	sigmoid: sigmoid512, logSigmoid: logSigmoid512, lessExp: lessExp512,
}

var avx2 = kernels{
	name: "avx2", mr: 6, nr: 16, lanes: 8,
	micro: micro256, lines: lines256, transpose: transpose256, dot: dot256, axpy: axpy256, dotAxpy: dotAxpy256, adam: adam256,
	sigmoid: sigmoid256, logSigmoid: logSigmoid256, lessExp: lessExp256,
}

// choose is the best instruction set the processor has, or the one that
// GXLAB_CPU names where the processor has it.
func choose() kernels {
	has512 := cpu.X86.HasAVX512F && cpu.X86.HasAVX512VL && cpu.X86.HasAVX512DQ && cpu.X86.HasFMA
	has256 := cpu.X86.HasAVX2 && cpu.X86.HasFMA
	want := os.Getenv("GXLAB_CPU")
	switch {
	case want == "generic":
		return generic
	case has512 && want != "avx2":
		return avx512
	case has256:
		return avx2
	}
	return generic
}

//go:noescape
func micro512(k int64, a, b, c *float32, ldc, add int64)

//go:noescape
func lines512(k, panels int64, src *float32, stride int64, dst *float32, across, down int64)

//go:noescape
func transpose512(k int64, rows *unsafe.Pointer, dst *float32, down int64)

//go:noescape
func dot512(n int64, x, y *float32) float32

//go:noescape
func axpy512(n int64, alpha float32, x, y *float32)

//go:noescape
func dotAxpy512(n int64, alpha float32, x, y *float32) float32

//go:noescape
func adam512(n int64, w, gr, m, v, c *float32)

//go:noescape
func micro256(k int64, a, b, c *float32, ldc, add int64)

//go:noescape
func lines256(k, panels int64, src *float32, stride int64, dst *float32, across, down int64)

//go:noescape
func transpose256(k int64, rows *unsafe.Pointer, dst *float32, down int64)

//go:noescape
func dot256(n int64, x, y *float32) float32

//go:noescape
func axpy256(n int64, alpha float32, x, y *float32)

//go:noescape
func dotAxpy256(n int64, alpha float32, x, y *float32) float32

//go:noescape
func adam256(n int64, w, gr, m, v, c *float32)

//go:noescape
func sigmoid512(n int64, x, y, c *float32)

//go:noescape
func logSigmoid512(n int64, x, y, c *float32)

//go:noescape
func lessExp512(n int64, x, y, c *float32)

//go:noescape
func sigmoid256(n int64, x, y, c *float32)

//go:noescape
func logSigmoid256(n int64, x, y, c *float32)

//go:noescape
func lessExp256(n int64, x, y, c *float32)
