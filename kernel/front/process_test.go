package front

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/gxlab/gxlab/kernel/jupyter"
)

// own starts a kernel in a process of its own; with a shell between, which can
// be killed as Jupyter is.
func own(t *testing.T, between bool) (*desk, *exec.Cmd, string) {
	t.Helper()
	if testing.Short() {
		t.Skip("-short leaves the real kernel out")
	}
	e, err := found()
	if err != nil {
		t.Fatal(err)
	}
	conn, err := jupyter.NewConnection()
	if err != nil {
		t.Fatal(err)
	}
	tmp := t.TempDir()
	file, err := conn.Write(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(os.Args[0])
	if between {
		cmd = exec.Command("/bin/sh", "-c", `"$1" & wait`, "sh", os.Args[0])
	}
	cmd.Env = append(os.Environ(), "GXLAB_TEST_KERNEL="+file, "GXLAB_TEST_ENGINE="+e.Root+"\n"+e.Bin, "TMPDIR="+tmp)
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = cmd.Process.Kill() })
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	c, err := jupyter.Dial(ctx, conn)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close() })
	return &desk{T: t, client: c}, cmd, tmp
}

// A cell that starts a process that leaves its group and its session.
func strayCell(mark string) string {
	return "!setsid sleep 300 >/dev/null 2>&1 & echo $! $PPID >> " + mark + "; sleep 300"
}

// The end of whoever started the kernel ends it, the engine and the cell, and so
// does a shutdown, with or without a restart to follow.
func TestNothingIsLeft(t *testing.T) {
	for _, how := range []string{"shutdown", "restart", "parent", "kill"} {
		t.Run(how, func(t *testing.T) {
			t.Parallel()
			if how != "kill" {
				if _, err := exec.LookPath("setsid"); err != nil {
					t.Skip("no setsid here")
				}
			}
			d, cmd, tmp := own(t, how == "parent")
			if a := d.cell("%%\nstrings.ToUpper(\"first\")"); a.result() != "FIRST" {
				t.Errorf("the first cell: %s %s", kinds(a.published), a.reply.Content)
			}
			mark := filepath.Join(t.TempDir(), "pids")
			code := strayCell(mark)
			if how == "kill" {
				code = "!sleep 300 & echo $! $PPID >> " + mark + "; sleep 300"
			}
			d.send(jupyter.Shell, "execute_request", cellRequest(code))
			list := pids(t, mark, 2)
			patience := 5 * time.Second
			switch how {
			case "shutdown", "restart":
				a := d.ask(jupyter.Control, "shutdown_request", map[string]any{"restart": how == "restart"})
				if a.status() != "ok" || field[bool](a.reply, "restart") != (how == "restart") {
					t.Errorf("%s", a.reply.Content)
				}
				ended := make(chan error, 1)
				go func() { ended <- cmd.Wait() }()
				select {
				case err := <-ended:
					if err != nil {
						t.Error(err)
					}
				case <-time.After(5 * time.Second):
					t.Error("the kernel does not end")
				}
			default:
				_ = cmd.Process.Signal(syscall.SIGKILL)
				_ = cmd.Wait() // it was killed
				patience = 8 * time.Second
			}
			for _, p := range list {
				if alive(p, patience) {
					t.Errorf("process %d lives on", p)
					_ = syscall.Kill(p, syscall.SIGKILL)
				}
			}
			var left []os.DirEntry
			for range 200 {
				if left, _ = os.ReadDir(tmp); len(left) == 0 {
					return
				}
				time.Sleep(20 * time.Millisecond)
			}
			t.Errorf("temporary files are left: %v", left)
		})
	}
}

func TestBelow(t *testing.T) {
	all := []process{{pid: 1}, {pid: 2, parent: 1}, {pid: 3, parent: 2}, {pid: 4, parent: 1, group: 2}, {pid: 5, parent: 4}, {pid: 6, parent: 1}}
	var got []string
	for _, p := range below(all, 2) {
		got = append(got, string(rune('0'+p.pid)))
	}
	if strings.Join(got, "") != "345" {
		t.Error(got)
	}
}
