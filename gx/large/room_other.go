//go:build !linux

package large

import (
	"errors"
	"os"
)

func nameless(dir string) (*os.File, error) {
	f, err := os.CreateTemp(dir, ".array-*")
	if err == nil {
		err = os.Remove(f.Name())
	}
	return f, err
}

func reserve(f *os.File, size int64) error { return f.Truncate(size) }

func link(*os.File, string) error { return errors.ErrUnsupported }

// Other systems keep their own count of mapped files, and give them back themselves.
func mapped() int64 { return 0 }

func forget([]byte) error { return nil }

func willNeed([]byte) {}

func writeSoon(*os.File) {}
