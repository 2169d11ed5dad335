package gpu

import (
	"errors"
	"fmt"

	"github.com/gxlab/gxlab/gx/fault"
)

// none is an ErrNoDevice with its reason.
func none(err error, what, where, try string) error {
	if err == nil {
		return fault.Wrap(ErrNoDevice, what, where, try)
	}
	return fault.Wrap(fmt.Errorf("%w: %w", ErrNoDevice, err), what, where, try)
}

// Why a device cannot be used, for errors.Is.
var (
	// ErrNoDevice: there is no NVIDIA driver, no device, or no library for it.
	ErrNoDevice = errors.New("no usable GPU")
	// ErrNoMemory: the device, or the host for pinned memory, has too little left.
	ErrNoMemory = errors.New("too little memory")
	// ErrLost: the device stopped working; nothing of this process can use it again.
	ErrLost = errors.New("the GPU was lost")
)

// cudaVersion is a version as CUDA counts it, in words: 12040 is 12.4.
func cudaVersion(v int) string { return fmt.Sprintf("%d.%d", v/1000, v%1000/10) }
