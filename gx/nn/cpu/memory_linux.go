package cpu

import (
	"unsafe"

	"golang.org/x/sys/unix"
)

// hugePages asks for pages of 2 MB under x, where the system gives them on
// request: large arrays that are gone through in strides miss the translation
// cache less. It is advice; without it everything works, slower.
func hugePages(x []float32) {
	const page = 1 << 21
	if len(x) < page {
		return
	}
	b := unsafe.Slice((*byte)(unsafe.Pointer(&x[0])), 4*len(x))
	skip := int(-uintptr(unsafe.Pointer(&b[0])) & (page - 1))
	_ = unix.Madvise(b[skip:skip+(len(b)-skip)&^(page-1)], unix.MADV_HUGEPAGE)
}
