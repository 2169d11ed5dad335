package datasets

import (
	"syscall"
	"unsafe"
)

// shelf is memory for n values outside Go's heap, and what gives it back to the
// system at once: a table's parts and the matrix made of them never take the room
// of two. Where the system has none to map it is of Go's heap.
func shelf(n int) (values []float32, giveBack func()) {
	if n == 0 {
		return nil, func() {}
	}
	b, err := syscall.Mmap(-1, 0, 4*n, syscall.PROT_READ|syscall.PROT_WRITE, syscall.MAP_ANON|syscall.MAP_PRIVATE)
	if err != nil {
		return make([]float32, n), func() {}
	}
	return unsafe.Slice((*float32)(unsafe.Pointer(&b[0])), n), func() { _ = syscall.Munmap(b) }
}
