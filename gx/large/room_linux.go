package large

import (
	"fmt"
	"os"
	"path/filepath"

	"golang.org/x/sys/unix"
)

// nameless is a new file of dir that has no name.
func nameless(dir string) (*os.File, error) {
	fd, err := unix.Open(dir, unix.O_TMPFILE|unix.O_RDWR|unix.O_CLOEXEC, 0o644)
	if err == nil {
		return os.NewFile(uintptr(fd), filepath.Join(dir, "array")), nil
	}
	f, err := os.CreateTemp(dir, ".array-*") // a disk that has no such files
	if err == nil {
		err = os.Remove(f.Name())
	}
	return f, err
}

// reserve gives f its size and the disk's room for it.
func reserve(f *os.File, size int64) error {
	err := unix.Fallocate(int(f.Fd()), 0, 0, size)
	if err == unix.EOPNOTSUPP {
		return f.Truncate(size)
	}
	return err
}

// link gives f a name.
func link(f *os.File, path string) error {
	return unix.Linkat(unix.AT_FDCWD, fmt.Sprintf("/proc/self/fd/%d", f.Fd()), unix.AT_FDCWD, path, unix.AT_SYMLINK_FOLLOW)
}

// mapped is how many bytes of mapped files this process has in memory.
func mapped() int64 {
	b, err := os.ReadFile("/proc/self/statm")
	var size, resident, shared int64
	if err == nil {
		_, err = fmt.Sscan(string(b), &size, &resident, &shared)
	}
	if err != nil {
		return 0
	}
	return shared * int64(os.Getpagesize())
}

func forget(b []byte) error { return unix.Madvise(b, unix.MADV_DONTNEED) }

func willNeed(b []byte) { _ = unix.Madvise(b, unix.MADV_WILLNEED) }

// writeSoon begins to write what has changed.
func writeSoon(f *os.File) {
	_ = unix.SyncFileRange(int(f.Fd()), 0, 0, unix.SYNC_FILE_RANGE_WRITE)
}
