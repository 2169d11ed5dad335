package runner

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"time"

	"github.com/gxlab/gxlab/gx/fault"
	"github.com/gxlab/gxlab/kernel/jupyter"
)

// Session is a running engine and a client of it.
type Session struct {
	engine *Engine
	client *jupyter.Client
	cmd    *exec.Cmd
	dir    string // of the connection file and of all that is temporary
	died   chan struct{}
	errs   tail
	once   sync.Once
	free   func() error // lets the guard go
}

// Start starts the engine with its cells' working folder in dir. The engine ends
// when this process does, however that ends.
func (e *Engine) Start(ctx context.Context, dir string, env ...string) (*Session, error) {
	conn, err := jupyter.NewConnection()
	if err != nil {
		return nil, err
	}
	s := &Session{engine: e, died: make(chan struct{})}
	if s.dir, err = os.MkdirTemp("", "gxlab-*"); err != nil {
		return nil, err
	}
	file, err := conn.Write(s.dir)
	if err != nil {
		os.RemoveAll(s.dir)
		return nil, err
	}
	s.cmd = exec.Command(filepath.Join(e.Bin, "gonb"), e.Args(file)...)
	s.cmd.Dir, s.cmd.Env = dir, e.Env(append(env, "TMPDIR="+s.dir)...)
	s.cmd.Stdout, s.cmd.Stderr = &s.errs, &s.errs
	s.cmd.WaitDelay = time.Second
	dieWithParent(s.cmd)
	started := make(chan error, 1)
	go func() {
		// A process that is to die with its parent dies with the parent's thread:
		// this one stays until the engine has ended.
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
		err := s.cmd.Start()
		started <- err
		if err == nil {
			_ = s.cmd.Wait() // how it ended is told by what it printed
			close(s.died)
		}
	}()
	if err := <-started; err != nil {
		os.RemoveAll(s.dir)
		return nil, fault.Wrap(err, "the engine does not start", s.cmd.Path, "go tool gxlab doctor")
	}
	if s.free, err = guard(s.cmd.Process.Pid, s.dir); err != nil {
		s.Close()
		return nil, fault.Wrap(err, "the engine cannot be guarded", "/bin/sh", "a system with a shell")
	}
	dctx, cancel := context.WithTimeout(ctx, 60*time.Second)
	defer cancel()
	go func() {
		select {
		case <-s.died:
			cancel()
		case <-dctx.Done():
		}
	}()
	if s.client, err = jupyter.Dial(dctx, conn); err != nil {
		s.Close()
		return nil, fault.Wrap(err, "the engine does not answer", s.cmd.Path, "go tool gxlab doctor. It said: "+s.errs.String())
	}
	// Cells find all they need on the module's workspace, offline.
	if _, err := s.execute(dctx, "%noautoget\n%goflags \""+CellFlags+"\"", nil); err != nil {
		s.Close()
		return nil, fault.Wrap(err, "the engine refuses its settings", s.cmd.Path, "go tool gxlab doctor")
	}
	return s, nil
}

// execute runs code until the engine is idle, or ended, or ctx ends.
func (s *Session) execute(ctx context.Context, code string, on func(jupyter.Message)) (jupyter.Reply, error) {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	go func() {
		select {
		case <-s.died:
			cancel(fmt.Errorf("%w; it said: %s", errDied, s.errs.String()))
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
		if s.client != nil {
			_ = s.client.Shutdown()
		}
		select {
		case <-s.died:
		case <-time.After(3 * time.Second):
			killGroup(s.cmd)
			<-s.died
		}
		killGroup(s.cmd)
		if s.free != nil {
			_ = s.free() // the group is gone either way
		}
		if s.client != nil {
			_ = s.client.Close()
		}
		os.RemoveAll(s.dir)
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
