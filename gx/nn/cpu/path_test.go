package cpu

import (
	"strings"
	"testing"
)

func TestPath(t *testing.T) {
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
