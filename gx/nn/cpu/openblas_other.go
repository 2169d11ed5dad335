//go:build !((linux || darwin) && (amd64 || arm64))

package cpu

import "os"

func openBLAS() (*library, string) {
	if os.Getenv("GXLAB_BLAS") == "" {
		return nil, ""
	}
	return nil, "GXLAB_BLAS: OpenBLAS cannot be opened at run time on this system; our own products are used"
}
