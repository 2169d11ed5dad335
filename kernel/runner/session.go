package runner

import (
	"bytes"
	"context"
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/gxlab/gxlab/gx/fault"
	"github.com/gxlab/gxlab/kernel/jupyter"
)

// Session is a running engine and a client of it.
type Session struct {
	process *Process
	client  *jupyter.Client
	once    sync.Once

	complete func(context.Context) Completer
}

// Start starts the engine with its cells' working folder in dir. The engine ends
// when this process does, however that ends.
func (e *Engine) Start(ctx context.Context, dir string, env ...string) (*Session, error) {
	p, err := e.Spawn(dir, "", env...)
	if err != nil {
		return nil, err
	}
	s := &Session{process: p, complete: e.Complete}
	if s.client, err = p.Dial(ctx); err != nil {
		s.Close()
		return nil, err
	}
	ctx, cancel := context.WithTimeout(ctx, 60*time.Second)
	defer cancel()
	if _, err := s.execute(ctx, Settings, nil); err != nil {
		s.Close()
		return nil, fault.Wrap(err, "the engine refuses its settings", e.Bin, "go tool gxlab doctor")
	}
	return s, nil
}

// execute runs code until the engine is idle, or ended, or ctx ends.
func (s *Session) execute(ctx context.Context, code string, on func(jupyter.Message)) (jupyter.Reply, error) {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	go func() {
		select {
		case <-s.process.Died():
			cancel(fmt.Errorf("%w; it said: %s", errDied, s.process.Said()))
		case <-ctx.Done():
		}
	}()
	r, err := s.client.Execute(ctx, code, on)
	if err != nil && context.Cause(ctx) != nil {
		err = context.Cause(ctx)
	}
	return r, err
}

// Interrupt stops the running cell as the notebook's stop button does.
func (s *Session) Interrupt() { _ = s.client.Interrupt() }

// Close ends the engine and everything it has started.
func (s *Session) Close() {
	s.once.Do(func() {
		grace := time.Duration(0)
		if s.client != nil {
			_ = s.client.Shutdown()
			grace = 3 * time.Second
		}
		s.process.End(grace)
		if s.client != nil {
			_ = s.client.Close()
		}
	})
}

// tail keeps the end of what is written to it.
type tail struct {
	mu sync.Mutex
	b  []byte
}

func (t *tail) Write(p []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.b = append(t.b, p...)
	if len(t.b) > 4096 {
		t.b = bytes.Clone(t.b[len(t.b)-2048:])
	}
	return len(p), nil
}

func (t *tail) String() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return strings.TrimSpace(string(t.b))
}

// Cell executes code and gives an error where it fails.
func (s *Session) Cell(ctx context.Context, code string) error {
	var out strings.Builder
	r, err := s.execute(ctx, code, func(m jupyter.Message) {
		if m.Header.Type == "stream" || m.Header.Type == "error" {
			out.Write(m.Content)
		}
	})
	if err != nil {
		return err
	}
	if r.Status != "ok" {
		return fmt.Errorf("the cell failed: %s %s\n%s", r.Name, r.Value, out.String())
	}
	return nil
}
