package kernel

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

type recipe struct {
	n   int
	err error
}

func (r recipe) Keep(ctx context.Context, tell func(what string, done, total int)) (int, error) {
	tell("halfway", 1, 2)
	tell("a notice", 0, 0)
	tell("a notice", 0, 0)
	return r.n, errors.Join(r.err, ctx.Err())
}

// Keep gives what the recipe gives, its type inferred from the method.
func TestKeep(t *testing.T) {
	if n, err := Keep(recipe{n: 7}); n != 7 || err != nil {
		t.Error(n, err)
	}
	boom := errors.New("boom")
	if _, err := Keep(recipe{err: boom}); !errors.Is(err, boom) {
		t.Error(err)
	}
}

func TestProgressSaysANoticeOnce(t *testing.T) {
	p := NewProgress()
	now := p.began
	p.now = func() time.Time { return now }
	p.Tell("n", 0, 0)
	p.Tell("n", 0, 0)
	if len(p.notices) != 1 {
		t.Error(p.notices)
	}
	p.Tell("x", 1, 10)
	if p.shown {
		t.Error("progress of less than a second is shown")
	}
	now = now.Add(2 * time.Second)
	p.Tell("x", 2, 10)
	if !p.shown {
		t.Error("progress of two seconds is not shown")
	}
	last := p.last
	now = now.Add(100 * time.Millisecond)
	p.Tell("x", 3, 10)
	if p.last != last {
		t.Error("progress is drawn more than twice a second")
	}
}

type figure struct{ err error }

func (figure) Name() string           { return "a/b c" }
func (f figure) SVG() ([]byte, error) { return []byte("<svg/>"), f.err }
func (figure) PDF() ([]byte, error)   { return []byte("%PDF"), nil }

// Figures are written under a safe name where a run has an output folder, and a
// figure that cannot be drawn panics with its reason and the line that showed it.
func TestShowWritesFigures(t *testing.T) {
	dir := t.TempDir()
	t.Setenv("GXLAB_OUT", dir)
	Show(figure{}, []figure{{}}, nil, "text")
	for _, n := range []string{"a_b_c.svg", "a_b_c.pdf"} {
		if _, err := os.Stat(filepath.Join(dir, "figures", n)); err != nil {
			t.Error(err)
		}
	}
	defer func() {
		if r, _ := recover().(string); !strings.Contains(r, "no ink") || !strings.Contains(r, "kernel_test.go:") {
			t.Errorf("panic %q", r)
		}
	}()
	Show(figure{err: errors.New("no ink")})
}

type widget struct{ figure }

func (widget) SVG()                  {} // a widget is no picture
func (widget) HTML() (string, error) { return "<b></b>", nil }
func (w widget) Still() Picture      { return w.figure }

// A widget's still picture is written as a figure.
func TestShowWritesStillPictures(t *testing.T) {
	dir := t.TempDir()
	Show(widget{}) // nowhere to write to
	t.Setenv("GXLAB_OUT", dir)
	Show(widget{})
	for _, n := range []string{"a_b_c.svg", "a_b_c.pdf"} {
		if _, err := os.Stat(filepath.Join(dir, "figures", n)); err != nil {
			t.Error(err)
		}
	}
	defer func() {
		if r, _ := recover().(string); !strings.Contains(r, "no ink") {
			t.Errorf("panic %q", r)
		}
	}()
	Show(widget{figure{errors.New("no ink")}})
}

// A result that is a picture is written as Show writes it; nil shows nothing.
func TestResult(t *testing.T) {
	dir := t.TempDir()
	t.Setenv("GXLAB_OUT", dir)
	Result(figure{})
	Result(nil)
	Result([]figure{{}})
	Result(6 * 7)
	Clear(true)
	if _, err := os.Stat(filepath.Join(dir, "figures", "a_b_c.svg")); err != nil {
		t.Error(err)
	}
	defer func() {
		if r, _ := recover().(string); !strings.Contains(r, "no ink") {
			t.Errorf("panic %q", r)
		}
	}()
	Result(figure{err: errors.New("no ink")})
}

func TestClock(t *testing.T) {
	for d, want := range map[time.Duration]string{900 * time.Millisecond: "1 s", 59 * time.Second: "59 s", 61 * time.Second: "1:01 min"} {
		if got := clock(d); got != want {
			t.Errorf("%v: %s", d, got)
		}
	}
}

// What was printed is waited for until the reader has taken it.
func TestDrain(t *testing.T) {
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	defer w.Close()
	if _, err := w.WriteString("text"); err != nil {
		t.Fatal(err)
	}
	var taken atomic.Bool
	go func() {
		time.Sleep(50 * time.Millisecond)
		taken.Store(true)
		_, _ = r.Read(make([]byte, 10))
	}()
	drain(w)
	if !taken.Load() {
		t.Error("the figure overtakes the text")
	}
	f, err := os.Open(os.DevNull)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	began := time.Now()
	drain(f)
	if d := time.Since(began); d > 500*time.Millisecond {
		t.Errorf("it waited %v for what is no pipe", d)
	}
}
