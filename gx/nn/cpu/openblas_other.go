//go:build !((linux || darwin) && (amd64 || arm64))

package cpu

func openBLAS(want string) (*library, string) {
	if want == "" {
		return nil, ""
	}
	return nil, "GXLAB_BLAS=" + want + ": OpenBLAS cannot be opened at run time on this system; our own products are used"
}
