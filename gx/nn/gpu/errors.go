package gpu

import (
	"errors"
	"fmt"

	"github.com/gxlab/gxlab/gx/fault"
)

// because is an error of a kind that errors.Is finds, with a cause that says it
// better.
type because struct{ kind, cause error }

func (b because) Error() string { return b.cause.Error() }

func (b because) Unwrap() []error { return []error{b.kind, b.cause} }

// ofKind is the cause, if any, as an error of that kind.
func ofKind(kind, cause error) error {
	if cause == nil {
		return kind
	}
	return because{kind, cause}
}

// none is an ErrNoDevice with its reason.
func none(err error, what, where, try string) error {
	return fault.Wrap(ofKind(ErrNoDevice, err), what, where, try)
}

// noMemory is an ErrNoMemory with its reason.
func noMemory(err error, what, where string) error {
	return fault.Wrap(ofKind(ErrNoMemory, err), what, where, "a smaller batch or network, ending other programs that use the GPU, or device=cpu")
}

// lostDevice is an ErrLost with its reason.
func lostDevice(err error, what, where string) error {
	return fault.Wrap(ofKind(ErrLost, err), what, where, "running again: training goes on from its last checkpoint; device=cpu if it happens again (nvidia-smi and dmesg say why)")
}

// unexpected is an error that a program without mistakes does not meet.
func unexpected(err error, what, where string) error {
	return fault.Wrap(err, what, where, "device=cpu, and telling us: this should not happen")
}

// lost says whether nothing of this process can use the device after r.
func (r result) lost() bool {
	switch r {
	case deinitialised, unavailable, noDevice, invalidContext, uncorrectable, linkLost, illegalAddress, launchTimeout, contextDestroyed, assertFailed,
		stackError, illegalCode, misaligned, addressSpace, invalidPC, launchFailed, unknownError:
		return true
	}
	return false
}

// Why a device cannot be used, for errors.Is.
var (
	// ErrNoDevice: there is no NVIDIA driver, no device, or no library for it.
	ErrNoDevice = errors.New("no usable GPU")
	// ErrNoDriver, which is an ErrNoDevice: this machine has no NVIDIA driver at all.
	ErrNoDriver = fmt.Errorf("%w: no NVIDIA driver", ErrNoDevice)
	// ErrNoMemory: the device, or the host for pinned memory, has too little left.
	ErrNoMemory = errors.New("too little memory")
	// ErrLost: the device stopped working; nothing of this process can use it again.
	ErrLost = errors.New("the GPU was lost")
)

// cudaVersion is a version as CUDA counts it, in words: 12040 is 12.4.
func cudaVersion(v int) string { return fmt.Sprintf("%d.%d", v/1000, v%1000/10) }

// gigabytes is a size in words.
func gigabytes(bytes int64) string { return fmt.Sprintf("%.2f GB", float64(bytes)/1e9) }
