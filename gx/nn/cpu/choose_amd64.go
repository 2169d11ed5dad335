package cpu

import (
	"os"
	"unsafe"

	"golang.org/x/sys/cpu"
)

var avx512 = kernels{
	name: "avx512", mr: 14, nr: 32, lanes: 16,
	micro: micro512, lines: lines512, transpose: transpose512, dot: dot512, axpy: axpy512, dotAxpy: dotAxpy512, adam: adam512, momentum: momentum512,
	acts: [SoftMax + 1]eachFunc{
		ReLU: relu512, LeakyReLU: leaky512, Swish: swish512, Sigmoid: sigmoid512, LogSigmoid: logSigmoid512, Tanh: tanh512, SoftPlus: softplus512, SoftShrink: shrink512,
	},
	backs: [SoftMax + 1]eachFunc{
		ReLU: reluBack512, LeakyReLU: leakyBack512, Swish: swishBack512, Sigmoid: sigmoidBack512, LogSigmoid: logSigmoidBack512, Tanh: tanhBack512, SoftPlus: softplusBack512, SoftShrink: shrinkBack512,
	},
	mul: mul512, mse: mse512, mae: mae512, dropout: dropout512,
}

var avx2 = kernels{
	name: "avx2", mr: 6, nr: 16, lanes: 8,
	micro: micro256, lines: lines256, transpose: transpose256, dot: dot256, axpy: axpy256, dotAxpy: dotAxpy256, adam: adam256, momentum: momentum256,
	acts: [SoftMax + 1]eachFunc{
		ReLU: relu256, LeakyReLU: leaky256, Swish: swish256, Sigmoid: sigmoid256, LogSigmoid: logSigmoid256, Tanh: tanh256, SoftPlus: softplus256, SoftShrink: shrink256,
	},
	backs: [SoftMax + 1]eachFunc{
		ReLU: reluBack256, LeakyReLU: leakyBack256, Swish: swishBack256, Sigmoid: sigmoidBack256, LogSigmoid: logSigmoidBack256, Tanh: tanhBack256, SoftPlus: softplusBack256, SoftShrink: shrinkBack256,
	},
	mul: mul256, mse: mse256, mae: mae256,
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
func relu512(n int64, x, y, c *float32)

//go:noescape
func reluBack512(n int64, x, y, c *float32)

//go:noescape
func leaky512(n int64, x, y, c *float32)

//go:noescape
func leakyBack512(n int64, x, y, c *float32)

//go:noescape
func swish512(n int64, x, y, c *float32)

//go:noescape
func swishBack512(n int64, x, y, c *float32)

//go:noescape
func sigmoid512(n int64, x, y, c *float32)

//go:noescape
func sigmoidBack512(n int64, x, y, c *float32)

//go:noescape
func logSigmoid512(n int64, x, y, c *float32)

//go:noescape
func logSigmoidBack512(n int64, x, y, c *float32)

//go:noescape
func tanh512(n int64, x, y, c *float32)

//go:noescape
func tanhBack512(n int64, x, y, c *float32)

//go:noescape
func softplus512(n int64, x, y, c *float32)

//go:noescape
func softplusBack512(n int64, x, y, c *float32)

//go:noescape
func shrink512(n int64, x, y, c *float32)

//go:noescape
func shrinkBack512(n int64, x, y, c *float32)

//go:noescape
func mse512(n int64, y, x, d, c *float32) float64

//go:noescape
func mae512(n int64, y, x, d, c *float32) float64

//go:noescape
func relu256(n int64, x, y, c *float32)

//go:noescape
func reluBack256(n int64, x, y, c *float32)

//go:noescape
func leaky256(n int64, x, y, c *float32)

//go:noescape
func leakyBack256(n int64, x, y, c *float32)

//go:noescape
func swish256(n int64, x, y, c *float32)

//go:noescape
func swishBack256(n int64, x, y, c *float32)

//go:noescape
func sigmoid256(n int64, x, y, c *float32)

//go:noescape
func sigmoidBack256(n int64, x, y, c *float32)

//go:noescape
func logSigmoid256(n int64, x, y, c *float32)

//go:noescape
func logSigmoidBack256(n int64, x, y, c *float32)

//go:noescape
func tanh256(n int64, x, y, c *float32)

//go:noescape
func tanhBack256(n int64, x, y, c *float32)

//go:noescape
func softplus256(n int64, x, y, c *float32)

//go:noescape
func softplusBack256(n int64, x, y, c *float32)

//go:noescape
func shrink256(n int64, x, y, c *float32)

//go:noescape
func shrinkBack256(n int64, x, y, c *float32)

//go:noescape
func mse256(n int64, y, x, d, c *float32) float64

//go:noescape
func mae256(n int64, y, x, d, c *float32) float64

//go:noescape
func momentum512(n int64, w, gr, m, c *float32)

//go:noescape
func momentum256(n int64, w, gr, m, c *float32)

//go:noescape
func mul512(n int64, x, y, c *float32)

//go:noescape
func mul256(n int64, x, y, c *float32)

//go:noescape
func dropout512(n int64, x, y, mask *float32, c *[6]uint64)
