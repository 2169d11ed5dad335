package store

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

var ctx = context.Background()

func fill(x []float32, made *atomic.Int32) func(context.Context, *Draft) error {
	return func(_ context.Context, d *Draft) error {
		if made != nil {
			made.Add(1)
		}
		if err := d.Describe("test", "a test result", map[string]int{"n": len(x)}); err != nil {
			return err
		}
		return d.WriteFloat32s("x.f32", x)
	}
}

func TestMakeOnceReadAfter(t *testing.T) {
	s := At(filepath.Join(t.TempDir(), "store"))
	var made atomic.Int32
	x := []float32{1, 2.5, -3}
	for range 3 {
		e, err := s.Make(ctx, "k1", nil, fill(x, &made))
		if err != nil {
			t.Fatal(err)
		}
		got, err := e.Float32s("x.f32")
		if err != nil || fmt.Sprint(got) != fmt.Sprint(x) {
			t.Fatalf("read %v, %v; wrote %v", got, err, x)
		}
		got[0] = 99 // a private map: the file must not change
		var rec map[string]int
		if err := e.Record(&rec); err != nil || rec["n"] != 3 {
			t.Fatalf("record %v, %v", rec, err)
		}
	}
	if made.Load() != 1 {
		t.Fatalf("made %d times, want once", made.Load())
	}
	l, err := s.List()
	if err != nil || len(l) != 1 || l[0].Key != "k1" || l[0].Kind != "test" || l[0].Bytes == 0 {
		t.Fatalf("list %+v, %v", l, err)
	}
	if err := s.Remove("k1"); err != nil {
		t.Fatal(err)
	}
	if e, err := s.Find("k1"); e != nil || err != nil {
		t.Fatalf("after Remove: %v, %v", e, err)
	}
}

// Whatever happens to a kept file, it is noticed, said and made again.
func TestDamageIsNoticedSaidAndRemade(t *testing.T) {
	harm := map[string]func(dir string) error{
		"truncated": func(dir string) error { return os.Truncate(filepath.Join(dir, "x.f32"), 4) },
		"altered": func(dir string) error {
			p := filepath.Join(dir, "x.f32")
			fi, err := os.Stat(p)
			if err != nil {
				return err
			}
			b, err := os.ReadFile(p)
			if err != nil {
				return err
			}
			b[1] ^= 0xff
			if err := os.WriteFile(p, b, 0o666); err != nil {
				return err
			}
			return os.Chtimes(p, fi.ModTime(), fi.ModTime()) // hidden as well as one can
		},
		"deleted":            func(dir string) error { return os.Remove(filepath.Join(dir, "x.f32")) },
		"manifest truncated": func(dir string) error { return os.Truncate(filepath.Join(dir, manifestName), 10) },
		"manifest deleted":   func(dir string) error { return os.Remove(filepath.Join(dir, manifestName)) },
	}
	for name, do := range harm {
		t.Run(name, func(t *testing.T) {
			s := At(t.TempDir())
			var made atomic.Int32
			x := []float32{1, 2, 3, 4}
			e, err := s.Make(ctx, "k", nil, fill(x, &made))
			if err != nil {
				t.Fatal(err)
			}
			if err := do(e.Dir()); err != nil {
				t.Fatal(err)
			}
			if _, err := s.Find("k"); !errors.Is(err, ErrDamaged) {
				t.Fatalf("Find: %v, want ErrDamaged", err)
			}
			var said []string
			e, err = s.Make(ctx, "k", func(w string, _, _ int) { said = append(said, w) }, fill(x, &made))
			if err != nil {
				t.Fatal(err)
			}
			if made.Load() != 2 || len(said) != 1 || !strings.Contains(said[0], "damaged") {
				t.Fatalf("made %d times, said %q", made.Load(), said)
			}
			if got, err := e.Float32s("x.f32"); err != nil || fmt.Sprint(got) != fmt.Sprint(x) {
				t.Fatal(got, err)
			}
		})
	}
}

func TestFailedMakingKeepsNothingButScratch(t *testing.T) {
	s := At(t.TempDir())
	boom := errors.New("boom")
	_, err := s.Make(ctx, "k", nil, func(_ context.Context, d *Draft) error {
		dir, err := d.Scratch()
		if err != nil {
			return err
		}
		if err := ReplaceFile(filepath.Join(dir, "checkpoint"), []byte("half")); err != nil {
			return err
		}
		if err := d.WriteBytes("x", []byte("partial")); err != nil {
			return err
		}
		return boom
	})
	if !errors.Is(err, boom) {
		t.Fatal(err)
	}
	if l, _ := s.List(); len(l) != 1 || !l[0].Partial {
		t.Fatalf("list %+v", l)
	}
	_, err = s.Make(ctx, "k", nil, func(_ context.Context, d *Draft) error {
		dir, err := d.Scratch()
		if err != nil {
			return err
		}
		b, err := os.ReadFile(filepath.Join(dir, "checkpoint"))
		if err != nil || string(b) != "half" {
			t.Errorf("scratch: %q, %v", b, err)
		}
		return d.WriteBytes("x", []byte("whole"))
	})
	if err != nil {
		t.Fatal(err)
	}
	if l, _ := s.List(); len(l) != 1 || l[0].Partial {
		t.Fatalf("scratch stayed: %+v", l)
	}
}

func TestGoroutinesShareOneMaking(t *testing.T) {
	s := At(t.TempDir())
	var made atomic.Int32
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			_, err := s.Make(ctx, "k", nil, func(c context.Context, d *Draft) error {
				time.Sleep(30 * time.Millisecond)
				return fill([]float32{1}, &made)(c, d)
			})
			if err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if made.Load() != 1 {
		t.Fatalf("made %d times", made.Load())
	}
}

// A process killed while it makes a result leaves no half result and no lock;
// another one that waits goes on. The child is this test binary again.
func TestKilledProcess(t *testing.T) {
	if dir := os.Getenv("STORE_TEST_CHILD"); dir != "" {
		_, _ = At(dir).Make(ctx, "k", nil, func(_ context.Context, d *Draft) error {
			p, err := d.Scratch()
			if err != nil {
				return err
			}
			if err := d.WriteBytes("x", []byte("never finished")); err != nil {
				return err
			}
			if err := ReplaceFile(filepath.Join(p, "ready"), nil); err != nil {
				return err
			}
			time.Sleep(time.Minute) // until the kill
			return nil
		})
		return
	}
	dir := t.TempDir()
	s := At(dir)
	cmd := exec.Command(os.Args[0], "-test.run=^TestKilledProcess$")
	cmd.Env = append(os.Environ(), "STORE_TEST_CHILD="+dir)
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	for i := 0; ; i++ {
		if _, err := os.Stat(filepath.Join(dir, partPrefix+"k", "ready")); err == nil {
			break
		}
		if i > 500 {
			t.Fatal("the child never got to its work")
		}
		time.Sleep(20 * time.Millisecond)
	}
	waiting := make(chan string, 4)
	done := make(chan error, 1)
	go func() {
		_, err := s.Make(ctx, "k", func(w string, _, _ int) { waiting <- w }, fill([]float32{7}, nil))
		done <- err
	}()
	if w := <-waiting; !strings.Contains(w, "waiting") {
		t.Errorf("said %q", w)
	}
	if err := cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = cmd.Wait()
	if err := <-done; err != nil {
		t.Fatal(err)
	}
	left, _ := filepath.Glob(filepath.Join(dir, ".*-k*"))
	if len(left) != 0 {
		t.Errorf("left behind: %v", left)
	}
}

func TestWaitingEndsWithItsContext(t *testing.T) {
	s := At(t.TempDir())
	release, err := s.lock(ctx, "k", nil)
	if err != nil {
		t.Fatal(err)
	}
	defer release()
	c, cancel := context.WithTimeout(ctx, 20*time.Millisecond)
	defer cancel()
	if _, err := s.Make(c, "k", nil, fill(nil, nil)); !errors.Is(err, context.DeadlineExceeded) {
		t.Fatal(err)
	}
}

func TestSameKeySameBytes(t *testing.T) {
	a, b := At(t.TempDir()), At(t.TempDir())
	var sums [2]string
	for i, s := range []*Store{a, b} {
		e, err := s.Make(ctx, "k", nil, fill([]float32{1, 2}, nil))
		if err != nil {
			t.Fatal(err)
		}
		for _, n := range append(e.Files(), manifestName) {
			sum, err := sumFile(filepath.Join(e.Dir(), n))
			if err != nil {
				t.Fatal(err)
			}
			sums[i] += sum
		}
	}
	if sums[0] != sums[1] {
		t.Fatal("two makings of a key differ")
	}
}

func TestUnwritableStore(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o666); err != nil {
		t.Fatal(err)
	}
	_, err := At(filepath.Join(file, "store")).Make(ctx, "k", nil, fill(nil, nil))
	if err == nil || !strings.Contains(err.Error(), "GXLAB_STORE") {
		t.Fatalf("error %v does not say what to try", err)
	}
}

// The disk-full error is tried on a device that is always full.
func TestFullDisk(t *testing.T) {
	f, err := os.OpenFile("/dev/full", os.O_WRONLY, 0)
	if err != nil {
		t.Skip("no /dev/full here")
	}
	defer f.Close()
	_, werr := f.Write([]byte("x"))
	if !isFull(werr) {
		t.Fatalf("%v is not seen as a full disk", werr)
	}
	if msg := cannotWrite(werr, "d").Error(); !strings.Contains(msg, "freeing disk space") {
		t.Fatal(msg)
	}
}

func TestBadKeys(t *testing.T) {
	s := At(t.TempDir())
	for _, k := range []string{"", ".x", "a/b", "a b", strings.Repeat("x", 300)} {
		if _, err := s.Make(ctx, k, nil, fill(nil, nil)); err == nil {
			t.Errorf("key %q was taken", k)
		}
	}
}

func TestOpenFindsTheModule(t *testing.T) {
	t.Setenv("GXLAB_STORE", "")
	root := t.TempDir()
	if err := os.WriteFile(filepath.Join(root, "go.mod"), []byte("module m\n"), 0o666); err != nil {
		t.Fatal(err)
	}
	sub := filepath.Join(root, "a", "b")
	if err := os.MkdirAll(sub, 0o777); err != nil {
		t.Fatal(err)
	}
	t.Chdir(sub)
	s, err := Open()
	if err != nil {
		t.Fatal(err)
	}
	want, _ := filepath.EvalSymlinks(root)
	if got, _ := filepath.EvalSymlinks(filepath.Dir(s.Dir())); got != want || filepath.Base(s.Dir()) != ".gx" {
		t.Fatalf("store %s, want %s/.gx", s.Dir(), root)
	}
	t.Setenv("GXLAB_STORE", sub)
	if s, _ := Open(); s.Dir() != sub {
		t.Fatalf("store %s, want GXLAB_STORE", s.Dir())
	}
}
