package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"strings"

	"github.com/gxlab/gxlab/gx/fault"
	"github.com/gxlab/gxlab/kernel/jupyter"
	"github.com/gxlab/gxlab/kernel/runner"
)

// kernelName is what Jupyter calls the kernel.
const kernelName = "gxlab"

// install writes the kernelspec. It names copies of this program and of the engine
// that stay where they are, and this module's workspace, so that a notebook needs
// no set-up cell and no network.
func install(ctx context.Context, args []string) error {
	_, given, err := flags{values: []string{"prefix"}, switches: []string{"user", "sys-prefix"}}.parse("install", args)
	if err != nil {
		return err
	}
	dir, err := specDir(given)
	if err != nil {
		return err
	}
	wd, err := os.Getwd()
	if err != nil {
		return err
	}
	e, err := runner.FindEngine(ctx, wd, logLine)
	if err != nil {
		return err
	}
	if err := writeSpec(dir, e); err != nil {
		return fault.Wrap(err, "the kernelspec cannot be written", dir, "--prefix with a folder that can be written")
	}
	fmt.Printf("installed the kernel %q in %s\n", kernelName, dir)
	fmt.Println("open it with: go tool gxlab lab")
	return nil
}

// specDir is the folder of our kernelspec.
func specDir(given map[string][]string) (string, error) {
	share := func(prefix string) string { return filepath.Join(prefix, "share", "jupyter", "kernels", kernelName) }
	if p := last(given["prefix"], ""); p != "" {
		return share(p), nil
	}
	if _, ok := given["sys-prefix"]; ok {
		out, err := exec.Command("python3", "-c", "import sys; print(sys.prefix)").Output()
		if err != nil {
			return "", fault.Wrap(err, "Python's prefix cannot be found", "gxlab install --sys-prefix", "--prefix with the folder of your environment")
		}
		return share(strings.TrimSpace(string(out))), nil
	}
	if d := os.Getenv("JUPYTER_DATA_DIR"); d != "" {
		return filepath.Join(d, "kernels", kernelName), nil
	}
	home, err := os.UserHomeDir()
	if err != nil {
		return "", fault.Wrap(err, "no home folder", "gxlab install --user", "--prefix with a folder")
	}
	if runtime.GOOS == "darwin" {
		return filepath.Join(home, "Library", "Jupyter", "kernels", kernelName), nil
	}
	if d := os.Getenv("XDG_DATA_HOME"); d != "" {
		return filepath.Join(d, "jupyter", "kernels", kernelName), nil
	}
	return filepath.Join(home, ".local", "share", "jupyter", "kernels", kernelName), nil
}

func writeSpec(dir string, e *runner.Engine) error {
	if err := os.MkdirAll(dir, 0o777); err != nil {
		return err
	}
	bin := filepath.Join(dir, "bin")
	if err := os.MkdirAll(bin, 0o777); err != nil {
		return err
	}
	for _, n := range []string{"gonb", "goimports"} {
		if err := copyFile(filepath.Join(e.Bin, n), filepath.Join(bin, n)); err != nil {
			return err
		}
	}
	self, err := os.Executable()
	if err != nil {
		return err
	}
	if err := copyFile(self, filepath.Join(bin, "gxlab")); err != nil {
		return err
	}
	env := map[string]string{"GOPROXY": "off", "GOSUMDB": "off", "GOTOOLCHAIN": "local", "GOWORK": "", "GXLAB_STORE": filepath.Join(e.Root, ".gx")}
	if s := os.Getenv("GXLAB_STORE"); s != "" {
		env["GXLAB_STORE"] = s
	}
	// Who else uses the kernel, as behind JupyterHub, has no module cache to build from.
	if out, err := exec.Command("go", "env", "GOMODCACHE").Output(); err == nil {
		env["GOMODCACHE"] = strings.TrimSpace(string(out))
	}
	argv := []string{filepath.Join(bin, "gxlab"), "kernel", "-f", "{connection_file}", "-root", e.Root, "-source", e.Source, "-bin", bin}
	if p, err := exec.LookPath("go"); err == nil { // it may not be on the PATH of whoever starts Jupyter
		argv = append(argv, "-go", filepath.Dir(p))
	}
	spec := map[string]any{
		"argv":                    argv,
		"display_name":            "Go (gxlab)",
		"language":                "go",
		"interrupt_mode":          "message",
		"kernel_protocol_version": jupyter.Version,
		"env":                     env,
		"metadata":                map[string]any{"debugger": false},
	}
	b, err := json.MarshalIndent(spec, "", " ")
	if err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(dir, "logo-svg.svg"), []byte(logo), 0o644); err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(dir, "kernel.json"), append(b, '\n'), 0o644)
}

// logo is what JupyterLab's launcher shows: an autoencoder, wide, narrow, wide.
const logo = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 64 64">
<rect width="64" height="64" rx="12" fill="#0072b2"/>
<path d="M12 12 L28 26 V38 L12 52 Z" fill="#fff"/>
<path d="M52 12 L36 26 V38 L52 52 Z" fill="#fff"/>
<rect x="30" y="26" width="4" height="12" fill="#e69f00"/>
</svg>
`

// copyFile copies a program so that it appears whole or not at all, also over a
// copy that is running.
func copyFile(from, to string) error {
	in, err := os.Open(from)
	if err != nil {
		return err
	}
	defer in.Close()
	out, err := os.CreateTemp(filepath.Dir(to), ".new-*")
	if err != nil {
		return err
	}
	defer os.Remove(out.Name())
	_, err = io.Copy(out, in)
	if err == nil {
		err = out.Chmod(0o755)
	}
	if err = errors.Join(err, out.Close()); err != nil {
		return err
	}
	return os.Rename(out.Name(), to)
}

// lab opens JupyterLab.
func lab(ctx context.Context, args []string) error {
	path, err := exec.LookPath("jupyter-lab")
	if err != nil {
		if path, err = exec.LookPath("jupyter"); err != nil {
			return fault.New("JupyterLab is not on the PATH", "gxlab lab", "pip install jupyterlab, or conda env create -f environment.yml && conda activate gxlab")
		}
		args = append([]string{"lab"}, args...)
	}
	dir, err := specDir(nil)
	if err != nil {
		return err
	}
	if _, err := os.Stat(filepath.Join(dir, "kernel.json")); err != nil {
		if err := install(ctx, nil); err != nil {
			return err
		}
	}
	cmd := exec.CommandContext(ctx, path, args...)
	cmd.Stdin, cmd.Stdout, cmd.Stderr = os.Stdin, os.Stdout, os.Stderr
	return cmd.Run()
}

// version prints the versions of gxlab, its engine and Go.
func version(context.Context, []string) error {
	bi, ok := debug.ReadBuildInfo()
	if !ok {
		return fault.New("this program does not know its versions", "", "building it with go build")
	}
	fmt.Println("gxlab", bi.Main.Version)
	fmt.Println("go", bi.GoVersion)
	for _, d := range bi.Deps {
		switch d.Path {
		case "gorgonia.org/gorgonia", "gonum.org/v1/gonum", "gonum.org/v1/plot":
			fmt.Println(d.Path, d.Version)
		}
	}
	return nil
}
