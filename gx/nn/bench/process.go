package bench

import (
	"bufio"
	"bytes"
	"context"
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

func itoa(n int) string { return strconv.Itoa(n) }

// worker is a process that trains a case when told to. Between its turns it is
// stopped, so that threads that wait spinning take nothing from the others.
type worker struct {
	cmd   *exec.Cmd
	in    io.WriteCloser
	out   *bufio.Scanner
	said  *bytes.Buffer // on its error output
	ready Ready
	ended bool
}

// startLimit is how long a worker may take to build and compile its network.
const startLimit = 10 * time.Minute

func start(ctx context.Context, argv []string) (*worker, error) {
	cmd := exec.CommandContext(ctx, argv[0], argv[1:]...)
	w := &worker{cmd: cmd, said: new(bytes.Buffer)}
	cmd.Stderr = w.said
	ownGroup(cmd)
	var err error
	if w.in, err = cmd.StdinPipe(); err != nil {
		return nil, err
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	w.out = bufio.NewScanner(out)
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	late := time.AfterFunc(startLimit, func() { kill(cmd) })
	defer late.Stop()
	if err := w.line(&w.ready); err != nil || !w.ready.Ready {
		w.end()
		return nil, fmt.Errorf("%s does not come up: %v\n%s", strings.Join(argv, " "), err, tail(w.said.String()))
	}
	pause(cmd)
	return w, nil
}

// run has the worker train so many steps. A worker that fails is ended.
func (w *worker) run(ctx context.Context, steps int) (Ran, error) {
	var r Ran
	resume(w.cmd)
	_, err := fmt.Fprintf(w.in, "run %d\n", steps)
	if err == nil {
		err = w.line(&r)
	}
	if err == nil && (r.Steps != steps || r.Seconds <= 0) {
		err = fmt.Errorf("%d steps in %g s, of %d", r.Steps, r.Seconds, steps)
	}
	if err != nil {
		w.end() // what it said is complete then
		return r, errors.Join(ctx.Err(), fmt.Errorf("%s: %w\n%s", w.ready.Name, err, tail(w.said.String())))
	}
	pause(w.cmd)
	return r, nil
}

func (w *worker) line(v any) error {
	if !w.out.Scan() {
		return errors.Join(w.out.Err(), io.ErrUnexpectedEOF)
	}
	return json.Unmarshal(w.out.Bytes(), v)
}

// end lets the worker go, by force if it stays.
func (w *worker) end() {
	if w.ended {
		return
	}
	w.ended = true
	resume(w.cmd)
	_ = w.in.Close()
	late := time.AfterFunc(5*time.Second, func() { kill(w.cmd) })
	_ = w.cmd.Wait()
	late.Stop()
	kill(w.cmd) // and what it started
}

// tail is the end of what a process said.
func tail(s string) string {
	s = strings.TrimSpace(s)
	if len(s) > 1500 {
		s = "…" + s[len(s)-1500:]
	}
	return s
}

//go:embed peers.py
var peers []byte

// WritePeers writes peers.py, the other frameworks' side, into a folder and returns
// its path.
func WritePeers(dir string) (string, error) {
	path := filepath.Join(dir, "peers.py")
	return path, os.WriteFile(path, peers, 0o644)
}
