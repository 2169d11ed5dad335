//go:build !(linux && (amd64 || arm64))

package gpu

import "runtime"

// Open opens the first NVIDIA GPU of this machine: on Linux alone.
func Open() (Driver, error) {
	return nil, none(nil, "a GPU is used on Linux only", runtime.GOOS+"/"+runtime.GOARCH, "device=cpu")
}
