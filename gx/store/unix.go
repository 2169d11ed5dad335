//go:build unix

package store

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"syscall"
	"time"
	"unsafe"

	"github.com/gxlab/gxlab/gx/fault"
)

// stamp is what changes when somebody writes to a file.
type stamp struct {
	Size       int64
	Mod, Inode int64
	Change     int64 // status change time: cannot be set back by ordinary means
}

func stampOf(path string) (stamp, error) {
	var st syscall.Stat_t
	if err := syscall.Stat(path, &st); err != nil {
		return stamp{}, &os.PathError{Op: "stat", Path: path, Err: err}
	}
	mod, change := fileTimes(&st)
	return stamp{Size: st.Size, Mod: mod, Inode: int64(st.Ino), Change: change}, nil
}

// lock waits for the exclusive lock of a key. The system drops the lock when
// its process ends, however it ends. The release function also removes the lock
// file, which is safe because lock looks whether the file it has locked is
// still the one at the path.
func (s *Store) lock(ctx context.Context, key string, tell Tell) (release func(), err error) {
	dir := filepath.Join(s.dir, ".locks")
	if err := os.MkdirAll(dir, 0o777); err != nil {
		return nil, cannotWrite(err, dir)
	}
	path := filepath.Join(dir, key)
	told := false
	for {
		f, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o666)
		if err != nil {
			return nil, cannotWrite(err, path)
		}
		err = syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
		if err == nil {
			mine, err1 := f.Stat()
			now, err2 := os.Stat(path)
			if err1 == nil && err2 == nil && os.SameFile(mine, now) {
				return func() { os.Remove(path); f.Close() }, nil
			}
			f.Close()
			continue
		}
		f.Close()
		if !errors.Is(err, syscall.EWOULDBLOCK) && !errors.Is(err, syscall.EINTR) {
			return nil, fault.Wrap(err, "the store's lock cannot be taken", path, "a store on a disk that has file locks (GXLAB_STORE)")
		}
		if !told && tell != nil {
			tell("another process is making this result; waiting for it", 0, 0)
			told = true
		}
		select {
		case <-ctx.Done():
			return nil, ctx.Err()
		case <-time.After(50 * time.Millisecond):
		}
	}
}

// mapFloat32s opens a file of little-endian float32 as a private memory map, for which the
// system sets no memory aside.
// The map lasts as long as the process.
func mapFloat32s(path string) ([]float32, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	fi, err := f.Stat()
	if err != nil {
		return nil, err
	}
	n := fi.Size()
	if n%4 != 0 {
		return nil, errors.New("its length is no multiple of 4 bytes")
	}
	if n == 0 {
		return nil, nil
	}
	b, err := syscall.Mmap(int(f.Fd()), 0, int(n), syscall.PROT_READ|syscall.PROT_WRITE, syscall.MAP_PRIVATE|syscall.MAP_NORESERVE)
	if err != nil {
		return nil, err
	}
	return unsafe.Slice((*float32)(unsafe.Pointer(&b[0])), n/4), nil
}
