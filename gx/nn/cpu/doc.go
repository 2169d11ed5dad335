// Package cpu holds the float32 kernels that networks run on: matrix products,
// activations with their bias, losses with their gradient, optimisers.
//
// On amd64 the inner loops are Go assembly for AVX-512 or AVX2 with FMA, chosen
// when a Pool is made; elsewhere, and with GXLAB_CPU=generic, they are plain Go.
// Results do not depend on the number of threads: work is cut at places that
// depend on sizes alone, and every sum has a fixed order. They may differ in the
// last bits between instruction sets.
package cpu

//go:generate go run ./gen
