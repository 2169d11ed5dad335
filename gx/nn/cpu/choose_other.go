//go:build !amd64

package cpu

func choose() kernels { return generic }
