package cpu

import (
	"os"
	"strings"
	"testing"
)

func TestPath(t *testing.T) {
	t.Setenv("GXLAB_BLAS", "")
	for _, want := range []string{"", "avx512", "avx2", "generic"} {
		t.Setenv("GXLAB_CPU", want)
		name, note := Path()
		if got := NewPool(1).Path(); got != name {
			t.Errorf("GXLAB_CPU=%q: Path says %s, a pool uses %s", want, name, got)
		}
		if (want == "" || want == name) != (note == "") {
			t.Errorf("GXLAB_CPU=%q: path %s, note %q", want, name, note)
		}
	}
	t.Setenv("GXLAB_CPU", "sse9")
	if _, note := Path(); !strings.Contains(note, "none of avx512, avx2, generic") {
		t.Errorf("an unknown path's note: %q", note)
	}
}

// Where GXLAB_CPU or GXLAB_BLAS force a path, the package's other tests go over it.
// Skipped, with the reason, where this machine lacks it.
func TestForcedPath(t *testing.T) {
	if os.Getenv("GXLAB_CPU")+os.Getenv("GXLAB_BLAS") == "" {
		t.Skip("no path is forced")
	}
	name, note := Path()
	if note != "" {
		t.Skip(note)
	}
	t.Log("kernels by " + name)
}
