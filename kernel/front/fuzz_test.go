package front

import (
	"context"
	"testing"
	"time"
	"unicode/utf8"
)

// No text that somebody types brings the kernel down.
func FuzzCell(f *testing.F) {
	for _, s := range []string{"", "%%\nfmt.Println(", "% ", "!ls \\\n", "//gonb:%%\nx", "%exec", "func (x T[", "%%bash\n", "?x", "`", "/*", "%%\nif x.", "é.ü(", "\x00", "%%\nfunc(){}()"} {
		f.Add(s, 3)
	}
	n := newNames(nil)
	close(n.loaded)
	k := &Front{reading: newReading(context.Background(), n, time.Second)}
	f.Fuzz(func(t *testing.T, code string, at int) {
		if len(code) > 2000 {
			return
		}
		status, _ := isComplete(code)
		if status != complete && status != incomplete && status != invalid {
			t.Errorf("%q is %q", code, status)
		}
		offset := byteOffset(code, at)
		if offset < 0 || offset > len(code) {
			t.Fatalf("%d in %q", offset, code)
		}
		if end := nameAt(code, offset); end < 0 || end > len(code) {
			t.Errorf("%d in %q", end, code)
		}
		if from, _ := k.complete(code, offset); from < 0 || from > offset || utf8.ValidString(code) && !utf8.ValidString(code[from:offset]) {
			t.Errorf("%d of %d in %q", from, offset, code)
		}
		k.inspect(code, offset)
		c := splitCell(code)
		k.prepare(c)
		unfinished(c)
		newSession().add(1, c)
	})
}
