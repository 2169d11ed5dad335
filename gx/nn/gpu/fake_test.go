package gpu

import (
	"errors"
	"fmt"
	"strings"
	"testing"
)

// must gives a value, or fails the test.
func must[T any](t *testing.T) func(T, error) T {
	return func(v T, err error) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

// bench is a Recorder with two streams, an event and two written matrices of 64
// values.
type bench struct {
	*Recorder
	s, other Stream
	e        Event
	x, y     Ptr
}

func newBench(t *testing.T) bench {
	r := NewRecorder(1 << 20)
	b := bench{Recorder: r, s: must[Stream](t)(r.NewStream()), other: must[Stream](t)(r.NewStream()), e: must[Event](t)(r.NewEvent())}
	b.x, b.y = must[Ptr](t)(r.Alloc(256)), must[Ptr](t)(r.Alloc(256))
	for _, p := range []Ptr{b.x, b.y} {
		if err := r.Zero(p, 256, b.s); err != nil {
			t.Fatal(err)
		}
	}
	if err := r.Sync(b.s); err != nil {
		t.Fatal(err)
	}
	return b
}

// act calls bias_act in place on 8 × n values.
func (b bench) act(p Ptr, n int, s Stream) error {
	return b.Kernel("bias_act", s, P(0), I32(1), I32(8), I32(n), P(p), P(0), P(p), F32(1), U64(0), P(0), P(0))
}

// What a device would not survive, or answer by chance, is refused and says why.
func TestRecorderRefuses(t *testing.T) {
	matmul := func(b bench, a, c Ptr) error {
		return b.MatMul(MatMul{M: 8, N: 8, K: 8, A: a, B: b.y, C: c, Alpha: 1}, b.s)
	}
	for want, do := range map[string]func(b bench) error{
		"288 bytes at 0 of 256":     func(b bench) error { return b.act(b.x, 9, b.s) },
		"256 bytes at 4 of 256":     func(b bench) error { return b.act(b.x+4, 8, b.s) },
		"not aligned":               func(b bench) error { return b.act(b.x+2, 4, b.s) },
		"never taken":               func(b bench) error { return b.act(b.y+8192, 8, b.s) },
		"memory that was freed":     func(b bench) error { b.Free(b.x); return b.act(b.x, 8, b.s) },
		"or was freed":              func(b bench) error { b.Free(b.x); return b.Free(b.x) },
		"no kernel bias":            func(b bench) error { return b.Kernel("bias", b.s) },
		"takes 11 arguments":        func(b bench) error { return b.Kernel("bias_act", b.s, P(0)) },
		"no stream 99":              func(b bench) error { return b.act(b.x, 8, 99) },
		"too little memory":         func(b bench) error { _, err := b.Alloc(1 << 20); return err },
		"overlaps another":          func(b bench) error { return matmul(b, b.x, b.y) },
		"nothing has written":       func(b bench) error { p, _ := b.Alloc(256); return matmul(b, p, b.x) },
		"nothing orders the two":    func(b bench) error { b.act(b.x, 8, b.s); return b.act(b.x, 8, b.other) },
		"no such graph":             func(b bench) error { return b.Launch(99, b.s) },
		"no capture was begun":      func(b bench) error { _, err := b.EndCapture(b.s); return err },
		"never recorded":            func(b bench) error { return b.Wait(b.s, b.e) },
		"Alloc 8: during a capture": func(b bench) error { b.BeginCapture(b.s); _, err := b.Alloc(8); return err },
		"Free: during a capture":    func(b bench) error { b.BeginCapture(b.s); return b.Free(b.x) },
		"Sync: during a capture":    func(b bench) error { b.BeginCapture(b.s); return b.Sync(b.other) },
		"during another capture":    func(b bench) error { b.BeginCapture(b.s); return b.BeginCapture(b.other) },
		"not pinned, during":        func(b bench) error { b.BeginCapture(b.s); return b.Upload(b.x, make([]byte, 8), b.s) },
		"waits for work outside it": func(b bench) error { b.Record(b.e, b.other); b.BeginCapture(b.s); return b.Wait(b.s, b.e) },
		"does not wait for all that": func(b bench) error {
			b.BeginCapture(b.s)
			b.Record(b.e, b.s)
			b.Wait(b.other, b.e)
			b.act(b.x, 8, b.other)
			_, err := b.EndCapture(b.s)
			return err
		},
		"in this graph, and nothing orders": func(b bench) error { // written after the fork, read beside it
			b.BeginCapture(b.s)
			b.Record(b.e, b.s)
			b.act(b.x, 8, b.s)
			b.Wait(b.other, b.e)
			return b.MatMul(MatMul{M: 8, N: 8, K: 8, A: b.x, B: b.x, C: b.y, Alpha: 1}, b.other)
		},
		"the two: MatMul": func(b bench) error { // read beside, and then written
			b.BeginCapture(b.s)
			b.Record(b.e, b.s)
			b.Wait(b.other, b.e)
			b.MatMul(MatMul{M: 8, N: 8, K: 8, A: b.x, B: b.x, C: b.y, Alpha: 1}, b.other)
			return b.act(b.x, 8, b.s)
		},
		"bias_act act=1 rows=8 n=8: memory that was freed": func(b bench) error {
			b.BeginCapture(b.s)
			b.act(b.x, 8, b.s)
			g, _ := b.EndCapture(b.s)
			b.Free(b.x)
			return b.Launch(g, b.s)
		},
	} {
		b := newBench(t)
		err := do(b)
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", want, err)
		}
		if kept := b.Faults(); kept == nil || !strings.Contains(kept.Error(), want) {
			t.Errorf("%s is not kept: %v", want, kept)
		}
	}
}

// What is right passes: ordered streams, captures of two streams, pinned copies.
func TestRecorderAccepts(t *testing.T) {
	b := newBench(t)
	b.act(b.x, 8, b.s)
	b.Record(b.e, b.s)
	b.Wait(b.other, b.e)
	b.act(b.x, 8, b.other)
	b.Sync(b.other)
	b.act(b.x, 8, b.s) // the host has waited

	host := must[[]byte](t)(b.AllocHost(256))
	m := MatMul{M: 8, N: 8, K: 8, A: b.x, B: b.x, C: b.y, Alpha: 1}
	b.Prepare(m, b.s)
	b.BeginCapture(b.s)
	b.Upload(b.x, host, b.s)
	b.Record(b.e, b.s)
	b.Wait(b.other, b.e)
	b.MatMul(m, b.other)
	b.Record(b.e, b.other)
	b.Wait(b.s, b.e)
	b.act(b.y, 8, b.s) // the product beside is waited for
	g := must[Graph](t)(b.EndCapture(b.s))
	b.Launch(g, b.s)
	b.Launch(g, b.s)
	if err := b.Faults(); err != nil {
		t.Fatal(err)
	}
	if got := fmt.Sprint(b.Captured(g)); got != "[Upload 256 MatMul product A·B in float32, 8 × 8 × 8 bias_act act=1 rows=8 n=8]" || !b.Captured(g)[1].Prepared {
		t.Error(got)
	}
	for _, err := range []error{b.FreeGraph(g), b.FreeHost(host), b.FreeEvent(b.e), b.FreeStream(b.s), b.FreeStream(b.other), b.Free(b.x)} {
		if err != nil {
			t.Error(err)
		}
	}
	if left := b.Left(); len(left) != 1 || left[0] != "256 bytes" {
		t.Error(left)
	}
	if free := b.Info().Free; free != 1<<20-256 {
		t.Error(free)
	}
}

// A test can have the device lost at any call.
func TestRecorderFails(t *testing.T) {
	b := newBench(t)
	b.Fail = func(c Call) error {
		if c.Kernel == "bias_act" {
			return ErrLost
		}
		return nil
	}
	if err := b.act(b.x, 8, b.s); !errors.Is(err, ErrLost) {
		t.Error(err)
	}
	if err := b.Sync(b.s); err != nil {
		t.Error(err)
	}
}
