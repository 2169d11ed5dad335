package main

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"syscall"
	"time"

	"github.com/gxlab/gxlab/gx/nn/cpu"
	"github.com/gxlab/gxlab/gx/nn/gpu"
	"github.com/gxlab/gxlab/gx/store"
	"github.com/gxlab/gxlab/kernel/runner"
)

// doctor looks at everything that running a notebook needs, says what mends what
// is missing, and measures how long cells take.
func doctor(ctx context.Context, args []string) error {
	_, given, err := flags{switches: []string{"fast"}}.parse("doctor", args)
	if err != nil {
		return err
	}
	bad := 0
	check := func(name string, err error, found, mend string) {
		if err != nil {
			bad++
			fmt.Printf("✗ %-16s %s\n  %-16s → %s\n", name, strings.ReplaceAll(err.Error(), "\n", "\n                     "), "", mend)
			return
		}
		fmt.Printf("✓ %-16s %s\n", name, found)
	}
	hint := func(name, found, mend string) { fmt.Printf("· %-16s %s\n  %-16s → %s\n", name, found, "", mend) }

	out, err := exec.CommandContext(ctx, "go", "env", "GOVERSION").Output()
	check("Go", err, strings.TrimSpace(string(out)), "install Go 1.26 or newer from https://go.dev/dl/")
	wd, err := os.Getwd()
	if err != nil {
		return err
	}
	e, err := runner.FindEngine(ctx, wd, logLine)
	if err != nil {
		check("engine", err, "", "run in a clone of gxlab or in a module with: go get -tool "+runner.Module+"/kernel/cmd/gxlab")
		return errFailed
	}
	check("module", nil, e.Root, "")
	check("engine", nil, e.Bin, "")
	check("build cache", nil, "warm: what cells use is compiled", "")
	s, err := store.Open()
	if err != nil {
		check("store", err, "", "set GXLAB_STORE to a folder that can be written")
		return errFailed
	}
	err = writable(s.Dir())
	check("store", err, describe(s), "set GXLAB_STORE to a folder that can be written")
	free, err := diskFree(s.Dir())
	if err == nil && free < 1<<30 {
		err = fmt.Errorf("%s free for the store", bytes(free))
	}
	check("disk", err, bytes(free)+" free for the store", "go tool gxlab kept rm all, or GXLAB_STORE on a larger disk")
	path, note := cpu.Path()
	check("processor", nil, fmt.Sprintf("%s, %d cores, kernels %s", runtime.GOARCH, runtime.NumCPU(), path), "")
	if note != "" {
		hint("kernels", note, "unset GXLAB_CPU and GXLAB_BLAS, or what the note says")
	}
	if d, err := gpu.Open(); err == nil {
		i := d.Info()
		check("GPU", d.Close(), fmt.Sprintf("%s, %s of %s free, %s", i.Name, bytes(i.Free), bytes(i.Total), i.Path), "")
	} else if errors.Is(err, gpu.ErrNoDriver) {
		hint("GPU", "no NVIDIA driver; training runs on the CPU", "nothing, unless this machine has an NVIDIA GPU")
	} else {
		check("GPU", err, "", "what it says, or device=cpu")
	}
	dir, err := specDir(nil)
	if err != nil {
		return err
	}
	if _, err := os.Stat(filepath.Join(dir, "kernel.json")); err != nil {
		hint("kernelspec", "not installed; only JupyterLab needs it", "go tool gxlab install")
	} else {
		err := current(dir)
		check("kernelspec", err, dir, "go tool gxlab install")
	}
	if p, err := exec.LookPath("gopls"); err == nil {
		check("gopls", nil, p, "")
	} else {
		hint("gopls", "not found; completion and help know your session and the packages without it", "nothing")
	}
	if p, err := exec.LookPath("jupyter-lab"); err != nil {
		hint("JupyterLab", "not found; gxlab run does without it", "pip install jupyterlab")
	} else {
		check("JupyterLab", nil, p, "")
	}
	if _, fast := given["fast"]; !fast {
		check("cells", latency(ctx, e), "timed beside the bare go build of the same program", "look at the load of the machine; go tool gxlab doctor again")
	}
	if bad > 0 {
		return errFailed
	}
	return nil
}

// current says what is wrong with an installed kernelspec: its program is missing,
// or another than this one.
func current(dir string) error {
	b, err := os.ReadFile(filepath.Join(dir, "kernel.json"))
	if err != nil {
		return err
	}
	var spec struct{ Argv []string }
	if err := json.Unmarshal(b, &spec); err != nil {
		return err
	}
	self, err := os.Executable()
	if err != nil || len(spec.Argv) == 0 {
		return errors.Join(err, errors.New("it names no program"))
	}
	is, err := fingerprint(spec.Argv[0])
	if err != nil {
		return err
	}
	want, err := fingerprint(self)
	if err == nil && is != want {
		err = errors.New("it runs another build than this one")
	}
	return err
}

func fingerprint(file string) (sum [sha256.Size]byte, err error) {
	f, err := os.Open(file)
	if err != nil {
		return sum, err
	}
	defer f.Close()
	h := sha256.New()
	_, err = io.Copy(h, f)
	return [sha256.Size]byte(h.Sum(nil)), err
}

func describe(s *store.Store) string {
	all, err := s.List()
	if err != nil {
		return s.Dir()
	}
	return fmt.Sprintf("%s, %d kept", s.Dir(), len(all))
}

// diskFree is the room, in bytes, that dir's file system has for us.
func diskFree(dir string) (int64, error) {
	var fs syscall.Statfs_t
	if err := syscall.Statfs(dir, &fs); err != nil {
		return 0, err
	}
	return int64(fs.Bavail) * int64(fs.Bsize), nil
}

func writable(dir string) error {
	if err := os.MkdirAll(dir, 0o777); err != nil {
		return err
	}
	f, err := os.CreateTemp(dir, ".probe-*")
	if err != nil {
		return err
	}
	return errors.Join(f.Close(), os.Remove(f.Name()))
}

// latency measures cells in the running kernel, median of five, beside a bare go
// build of the same program, in turn.
func latency(ctx context.Context, e *runner.Engine) error {
	dir, err := os.MkdirTemp("", "gxlab-doctor-*")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	s, err := e.Start(ctx, dir)
	if err != nil {
		return err
	}
	defer s.Close()
	body := strings.TrimSuffix(runner.WarmProgram[strings.Index(runner.WarmProgram, "import"):], "\n")
	cells := []struct{ name, cell, program string }{
		{"fmt only", "import \"fmt\"\n\n%%\nfmt.Println(%d)", "package main\n\nimport \"fmt\"\n\nfunc main() { fmt.Println(%d) }\n"},
		{"gx and all", strings.Replace(body, "func main() {", "%%", 1), runner.WarmProgram},
	}
	cells[1].cell = strings.TrimSuffix(strings.TrimSpace(cells[1].cell), "}") + "fmt.Println(%d)"
	cells[1].program = strings.Replace(cells[1].program, "kernel.Show(\"warm\")", "kernel.Show(\"warm\")\n\tfmt.Println(%d)", 1)
	for _, c := range cells {
		var cell, build []time.Duration
		for i := range 6 {
			number := fmt.Sprint(time.Now().UnixMicro()) // a new program each time
			t := time.Now()
			if err := s.Cell(ctx, strings.Replace(c.cell, "%d", number, 1)); err != nil {
				return err
			}
			took := time.Since(t)
			file := filepath.Join(dir, "main.go")
			if err := os.WriteFile(file, []byte(strings.Replace(c.program, "%d", number+"1", 1)), 0o666); err != nil {
				return err
			}
			t = time.Now()
			cmd := exec.CommandContext(ctx, "go", "build", runner.CellFlags, "-o", filepath.Join(dir, "main"), file)
			cmd.Dir, cmd.Env = e.Root, e.Env()
			if out, err := cmd.CombinedOutput(); err != nil {
				return fmt.Errorf("go build: %w\n%s", err, out)
			}
			if i > 0 { // the first warms up
				cell, build = append(cell, took), append(build, time.Since(t))
			}
		}
		slices.Sort(cell)
		slices.Sort(build)
		fmt.Printf("  %-16s cell %.2f s, bare go build %.2f s, ratio %.2f (medians of %d)\n", c.name,
			cell[len(cell)/2].Seconds(), build[len(build)/2].Seconds(), cell[len(cell)/2].Seconds()/build[len(build)/2].Seconds(), len(cell))
	}
	return nil
}
