package large

import (
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
	"unsafe"
)

func TestSizes(t *testing.T) {
	for s, want := range map[string]int64{"2GiB": 2 << 30, "500 MB": 500e6, "1.5g": 3 << 29, "4096": 4096, "1k": 1024} {
		if got, err := parseSize(s); err != nil || got != want {
			t.Errorf("%q: %d, %v", s, got, err)
		}
	}
	for _, s := range []string{"many", "-1GB", "0", "NaN", "1e40TB"} {
		t.Setenv("GXLAB_MEMORY", s)
		if _, err := Make(10); err == nil || !strings.Contains(err.Error(), "2GiB") {
			t.Errorf("%q: %v", s, err)
		}
	}
}

// Arrays that do not fit lie in a file of the folder, keep what is written while
// their pages come and go, and can be given a name without being copied.
func TestMake(t *testing.T) {
	dir := t.TempDir()
	before := Folder
	Folder = func() (string, error) { return dir, nil }
	defer func() { Folder = before }()
	t.Setenv("GXLAB_MEMORY", "64MiB")
	if x, err := Make(1 << 22); x != nil || err != nil {
		t.Fatalf("16 MiB of 64 do not fit: %v", err)
	}
	const n = 12 << 20 // 48 MiB
	x, err := Make(n)
	if err != nil || len(x) != n {
		t.Fatal(len(x), err)
	}
	for i := range x {
		if x[i] != 0 {
			t.Fatal("not zeros")
		}
		x[i] = float32(i)
	}
	if most := int64(64 << 20 / 4); mapped() > most {
		for end := time.Now().Add(5 * time.Second); mapped() > most+8<<20 && time.Now().Before(end); {
			time.Sleep(5 * time.Millisecond)
		}
		if m := mapped(); m > most+8<<20 { // the program's own files count as well
			t.Errorf("%d MiB are in memory", m>>20)
		}
	}
	for i := 0; i < n; i += 997 {
		if x[i] != float32(i) {
			t.Fatalf("value %d is %v", i, x[i])
		}
	}
	path := filepath.Join(dir, "matrix")
	if part, err := Lay(x[1:], path); part || err != nil {
		t.Error("a part was given a name", err)
	}
	laid, err := Lay(x, path)
	if err != nil {
		t.Fatal(err)
	}
	if !laid {
		t.Skip("this system or disk gives no name to a file without one")
	}
	b, err := os.ReadFile(path)
	if err != nil || len(b) != 4*n {
		t.Fatal(len(b), err)
	}
	if v := *(*float32)(unsafe.Pointer(&b[4*(n-1)])); v != n-1 {
		t.Errorf("the last value is %v", v)
	}
}

func TestDiskWithoutRoom(t *testing.T) {
	dir := t.TempDir()
	before := Folder
	Folder = func() (string, error) { return dir, nil }
	defer func() { Folder = before }()
	if _, err := Make(math.MaxInt64 / 64); err == nil || !strings.Contains(err.Error(), "GXLAB_STORE") {
		t.Error(err)
	}
}
