package datasets

import (
	"context"
	"os"
	"path/filepath"
	"runtime"
	"testing"
)

// fuzzFormat reads whatever comes as a file of that format: no panic, a matrix that
// fits its names, and no more memory than the input's length explains.
func fuzzFormat(f *testing.F, fm format, seeds ...string) {
	fuzzAt(f, fm, filepath.Join(f.TempDir(), "x"), seeds...)
}

func fuzzAt(f *testing.F, fm format, path string, seeds ...string) {
	for _, s := range seeds {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, in []byte) {
		if os.WriteFile(path, in, 0o666) != nil {
			t.Skip()
		}
		bounded(t, len(in), func() {
			c, err := fm.read(context.Background(), path, nil)
			if err == nil && (len(c.x.Data) != c.x.Rows*c.x.Cols || c.samples.Len() != c.x.Rows || c.genes.Len() != c.x.Cols) {
				t.Errorf("%d values, %d × %d, %d samples, %d genes", len(c.x.Data), c.x.Rows, c.x.Cols, c.samples.Len(), c.genes.Len())
			}
		})
	})
}

// bounded fails where f takes more memory than 16 MiB, for buffers, and 4 KiB a
// byte of its input, for packed files.
func bounded(t *testing.T, input int, f func()) {
	t.Helper()
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	f()
	runtime.ReadMemStats(&after)
	if took, most := after.TotalAlloc-before.TotalAlloc, uint64(16<<20+input<<12); took > most {
		t.Errorf("%d bytes of input took %d MiB", input, took>>20)
	}
}
