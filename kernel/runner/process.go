package runner

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"sync"
	"time"

	"github.com/gxlab/gxlab/gx/fault"
	"github.com/gxlab/gxlab/kernel/jupyter"
)

// Process is a running engine, which ends when this process does, however that
// ends.
type Process struct {
	Conn jupyter.Connection
	Dir  string // of the connection file and of all that is temporary
	cmd  *exec.Cmd
	died chan struct{}
	errs tail
	once sync.Once
	free func() error // lets the guard go
}

// Settings is the cell that an engine runs first: cells find all they need on the
// module's workspace, offline.
const Settings = "%noautoget\n%goflags \"" + CellFlags + "\""

// Spawn starts the engine with its cells' working folder in dir. id is the
// kernel's that widgets in a page ask for; "" is any.
func (e *Engine) Spawn(dir, id string, env ...string) (*Process, error) {
	conn, err := jupyter.NewConnection()
	if err != nil {
		return nil, err
	}
	conn.ID = id
	p := &Process{Conn: conn, died: make(chan struct{})}
	if p.Dir, err = os.MkdirTemp("", "gxlab-*"); err != nil {
		return nil, err
	}
	file, err := conn.Write(p.Dir)
	if err != nil {
		os.RemoveAll(p.Dir)
		return nil, err
	}
	p.cmd = exec.Command(filepath.Join(e.Bin, "gonb"), e.Args(file)...)
	p.cmd.Dir, p.cmd.Env = dir, e.Env(append(env, "TMPDIR="+p.Dir)...)
	p.cmd.Stdout, p.cmd.Stderr = &p.errs, &p.errs
	p.cmd.WaitDelay = time.Second
	dieWithParent(p.cmd)
	started := make(chan error, 1)
	go func() {
		// A process that is to die with its parent dies with the parent's thread:
		// this one stays until the engine has ended.
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
		err := p.cmd.Start()
		started <- err
		if err == nil {
			_ = p.cmd.Wait() // how it ended is told by what it printed
			close(p.died)
		}
	}()
	if err := <-started; err != nil {
		os.RemoveAll(p.Dir)
		return nil, fault.Wrap(err, "the engine does not start", p.cmd.Path, "go tool gxlab doctor")
	}
	if p.free, err = guard(p.cmd.Process.Pid, p.Dir); err != nil {
		p.End(0)
		return nil, fault.Wrap(err, "the engine cannot be guarded", "/bin/sh", "a system with a shell")
	}
	return p, nil
}

// Dial connects to the engine and waits until it answers.
func (p *Process) Dial(ctx context.Context) (*jupyter.Client, error) {
	ctx, cancel := context.WithTimeout(ctx, 60*time.Second)
	defer cancel()
	go func() {
		select {
		case <-p.died:
			cancel()
		case <-ctx.Done():
		}
	}()
	c, err := jupyter.Dial(ctx, p.Conn)
	if err != nil {
		return nil, fault.Wrap(err, "the engine does not answer", p.cmd.Path, "go tool gxlab doctor. It said: "+p.Said())
	}
	return c, nil
}

// Died is closed once the engine has ended.
func (p *Process) Died() <-chan struct{} { return p.died }

// Said is the end of what the engine printed.
func (p *Process) Said() string { return p.errs.String() }

// PID is the engine's process and also its group.
func (p *Process) PID() int { return p.cmd.Process.Pid }

// End waits as long as grace for the engine to end by itself, then kills it with
// all that is left of its group, and removes its folder.
func (p *Process) End(grace time.Duration) {
	p.once.Do(func() {
		select {
		case <-p.died:
		case <-time.After(grace):
			killGroup(p.cmd)
			<-p.died
		}
		killGroup(p.cmd)
		if p.free != nil {
			_ = p.free() // the group is gone either way
		}
		os.RemoveAll(p.Dir)
	})
}
