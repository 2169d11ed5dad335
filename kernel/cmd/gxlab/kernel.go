package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"syscall"
	"time"

	"github.com/gxlab/gxlab/gx/fault"
	"github.com/gxlab/gxlab/gx/nn/cpu"
	"github.com/gxlab/gxlab/gx/nn/gpu"
	"github.com/gxlab/gxlab/gx/store"
	"github.com/gxlab/gxlab/kernel/front"
	"github.com/gxlab/gxlab/kernel/jupyter"
	"github.com/gxlab/gxlab/kernel/runner"
)

// kernel is the process that Jupyter starts. It lives until Jupyter says so, or
// until whoever started it is gone; GXLAB_INDEPENDENT=1 lets it outlive that.
func kernel(ctx context.Context, args []string) error {
	rest, given, err := flags{values: []string{"f", "root", "bin", "source", "go", "log"}}.parse("kernel", args)
	if err != nil {
		return err
	}
	file := last(given["f"], last(rest, ""))
	if file == "" {
		return fault.New("no connection file", "gxlab kernel", "gxlab kernel -f FILE, which Jupyter gives; gxlab lab opens JupyterLab")
	}
	parent := os.Getppid()
	signals := make(chan os.Signal, 16)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
	conn, err := jupyter.ReadConnection(file)
	if err != nil {
		return fault.Wrap(err, "the connection file cannot be read", file, "starting the kernel from Jupyter")
	}
	if dir := last(given["go"], ""); dir != "" {
		if _, err := exec.LookPath("go"); err != nil {
			os.Setenv("PATH", os.Getenv("PATH")+string(os.PathListSeparator)+dir)
		}
	}
	e := &runner.Engine{Root: last(given["root"], ""), Source: last(given["source"], ""), Bin: last(given["bin"], "")}
	if e.Root == "" || e.Bin == "" {
		wd, err := os.Getwd()
		if err != nil {
			return err
		}
		if e, err = runner.FindEngine(context.WithoutCancel(ctx), wd, logLine); err != nil {
			return err
		}
	}
	var log io.Writer = os.Stderr
	if name := last(given["log"], os.Getenv("GXLAB_KERNEL_LOG")); name != "" {
		f, err := os.OpenFile(name, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
		if err != nil {
			return fault.Wrap(err, "the log cannot be written", name, "-log with a file that can be written")
		}
		defer f.Close()
		log = f
	}
	if dir := os.Getenv("GXLAB_STORE"); dir != "" && writable(dir) != nil { // another user has installed the kernel
		if cache, err := os.UserCacheDir(); err == nil {
			os.Setenv("GXLAB_STORE", filepath.Join(cache, "gxlab", "store"))
		}
	}
	front.Adopt()
	version := "unknown"
	if bi, ok := debug.ReadBuildInfo(); ok {
		version = bi.Main.Version
	}
	k, err := front.Start(conn, front.Options{Engine: e, History: front.HistoryFile(), Version: version, Log: log, Alone: true, Magic: magic(e.Root)})
	if err != nil {
		return fault.Wrap(err, "the kernel does not start", file, "restarting the kernel")
	}
	defer k.Close()
	tick := time.NewTicker(500 * time.Millisecond)
	defer tick.Stop()
	for {
		select {
		case <-k.Done():
			return nil
		case s := <-signals:
			if s != os.Interrupt {
				return nil
			}
			k.Interrupt()
		case <-tick.C:
			if os.Getppid() != parent && os.Getenv("GXLAB_INDEPENDENT") == "" {
				return nil
			}
		}
	}
}

// magic answers %gxlab in a kernel of the module at root.
func magic(root string) func(context.Context, []string, io.Writer) error {
	return func(ctx context.Context, args []string, out io.Writer) error {
		what := "help"
		if len(args) > 0 {
			what = args[0]
		}
		switch what {
		case "help":
			_, err := io.WriteString(out, "%gxlab kept     what is kept in the store\n%gxlab device   the processor and the GPU that training would use\n%gxlab doctor   what is missing and what mends it\n?name           what a name is, as Shift-Tab shows it\n%help           GoNB's commands\n")
			return err
		case "kept":
			s, err := store.Open()
			if err != nil {
				return err
			}
			return listKept(out, s)
		case "device":
			describeDevice(out)
			return nil
		case "doctor":
			self, err := os.Executable()
			if err != nil {
				return err
			}
			cmd := exec.CommandContext(ctx, self, "doctor", "--fast")
			cmd.Dir, cmd.Stdout, cmd.Stderr = root, out, out
			if err := cmd.Run(); err != nil {
				return fault.New("something is missing", "gxlab doctor", "what stands above beside →")
			}
			return nil
		}
		return fault.New("%gxlab has no "+what, "", "one of device, doctor, help, kept")
	}
}

// describeDevice says what training would run on.
func describeDevice(out io.Writer) {
	path, note := cpu.Path()
	fmt.Fprintf(out, "CPU: %s, %d cores, kernels %s\n", runtime.GOARCH, runtime.NumCPU(), path)
	if note != "" {
		fmt.Fprintln(out, note)
	}
	d, err := gpu.Open()
	switch {
	case errors.Is(err, gpu.ErrNoDriver):
		fmt.Fprintln(out, "GPU: no NVIDIA driver; training runs on the CPU")
	case err != nil:
		fmt.Fprintf(out, "GPU: %v\n", err)
	default:
		i := d.Info()
		fmt.Fprintf(out, "GPU: %s, %s of %s free, %s\n", i.Name, bytes(i.Free), bytes(i.Total), i.Path)
		_ = d.Close() // it was only asked
	}
}
