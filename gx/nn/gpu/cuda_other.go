//go:build !(linux && (amd64 || arm64)) || (cu && !cgo)

package gpu

import "runtime"

// Open opens the first NVIDIA GPU of this machine: on Linux alone, and with the
// build tag cu with cgo alone.
func Open() (Driver, error) {
	return nil, none(nil, "this program was built without a GPU's driver", runtime.GOOS+"/"+runtime.GOARCH, "device=cpu, or Linux on amd64 or arm64; with the build tag cu, CGO_ENABLED=1")
}
