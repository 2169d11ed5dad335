package runner

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"

	"github.com/gxlab/gxlab/gx/fault"
)

// Module is the import path of gxlab.
const Module = "github.com/gxlab/gxlab"

// gonbModule is the engine behind our kernel.
const gonbModule = "github.com/janpfeifer/gonb"

// Engine is what runs cells: GoNB and goimports, built at the versions that our
// go.mod pins, on a module.
type Engine struct {
	Root   string // of the module that cells belong to
	Source string // of gxlab: Root itself, or where the module cache has it
	Bin    string // folder of gonb and goimports

	// Complete makes what completes the cells of one notebook; nil: cells are sent as
	// they stand. front.Complete sets it.
	Complete func(ctx context.Context) Completer
}

// A Completer completes cells that leave something out, as the kernel of notebooks
// does, so that a notebook runs here as it runs there.
type Completer interface {
	// Complete returns a cell as the engine takes it, and how many lines stand before
	// those that were typed. Commands of ours in the cell print to out.
	Complete(ctx context.Context, code string, out io.Writer) (sent string, before int, err error)
	// Ran says that the last cell ran.
	Ran()
	// Typed puts the lines of the last cell as they were typed for those that were sent.
	Typed(text string) string
}

// Log hears what takes its time.
type Log func(format string, args ...any)

// FindEngine looks for the module around dir, builds the engine where it is not
// built yet, and warms the build cache for cells.
func FindEngine(ctx context.Context, dir string, log Log) (*Engine, error) {
	e, err := locate(ctx, dir)
	if err != nil {
		return nil, err
	}
	if err := e.build(ctx, log); err != nil {
		return nil, err
	}
	return e, e.warm(ctx, log)
}

// locate finds the module of dir, or of the working folder, and gxlab's source.
func locate(ctx context.Context, dir string) (*Engine, error) {
	if _, err := exec.LookPath("go"); err != nil {
		return nil, fault.New("the go command is not on the PATH", "", "installing Go 1.26 or newer from https://go.dev/dl/")
	}
	wd, err := os.Getwd()
	if err != nil {
		return nil, err
	}
	for _, d := range []string{dir, wd} {
		mod, err := goOutput(ctx, d, "env", "GOMOD")
		if err != nil || mod == "" || mod == os.DevNull {
			continue
		}
		out, err := goOutput(ctx, d, "list", "-m", "-json", Module)
		if err != nil {
			continue
		}
		var m struct{ Dir string }
		if err := json.Unmarshal([]byte(out), &m); err != nil || m.Dir == "" {
			continue
		}
		return &Engine{Root: filepath.Dir(mod), Source: m.Dir}, nil
	}
	return nil, fault.New("no module that knows gxlab", dir,
		"running in a clone of gxlab, or: go mod init mystudy && go get -tool "+Module+"/kernel/cmd/gxlab")
}

// goOutput runs the go command in dir and returns what it printed.
func goOutput(ctx context.Context, dir string, args ...string) (string, error) {
	cmd := exec.CommandContext(ctx, "go", args...)
	cmd.Dir = dir
	var out, errs bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errs
	if err := cmd.Run(); err != nil {
		return "", fmt.Errorf("go %s: %w\n%s", strings.Join(args, " "), err, strings.TrimSpace(errs.String()))
	}
	return strings.TrimSpace(out.String()), nil
}

// build makes gonb and goimports in a folder of the user's cache that their
// versions name, so that a new version is built beside the old one.
func (e *Engine) build(ctx context.Context, log Log) error {
	versions, err := goOutput(ctx, e.Source, "list", "-m", "-f", "{{.Version}}", gonbModule, "golang.org/x/tools")
	if err != nil {
		return fault.Wrap(err, "the engine's version cannot be found", e.Source, "")
	}
	v := strings.Fields(versions)
	if len(v) != 2 {
		return fault.New(fmt.Sprintf("gxlab's go.mod names %q for its engine", versions), e.Source, "")
	}
	name := "gonb-" + v[0] + "-goimports-" + v[1] + "-" + runtime.Version()
	cache, err := os.UserCacheDir()
	if err != nil {
		cache = filepath.Join(e.Root, ".gx")
	}
	e.Bin = filepath.Join(cache, "gxlab", "engine", strings.ReplaceAll(name, " ", "_"))
	if e.built() {
		return nil
	}
	if log != nil {
		log("building the engine: GoNB %s (once)", v[0])
	}
	parent := filepath.Dir(e.Bin)
	if err := os.MkdirAll(parent, 0o777); err != nil {
		return fault.Wrap(err, "the engine has no place", parent, "a HOME that can be written")
	}
	tmp, err := os.MkdirTemp(parent, ".new-*")
	if err != nil {
		return fault.Wrap(err, "the engine has no place", parent, "a HOME that can be written")
	}
	defer os.RemoveAll(tmp)
	if _, err := goOutput(ctx, e.Source, "build", "-trimpath", "-o", tmp+string(filepath.Separator), gonbModule, "golang.org/x/tools/cmd/goimports"); err != nil {
		return fault.Wrap(err, "the engine cannot be built", e.Source, "go tool gxlab doctor")
	}
	if err := os.Chmod(tmp, 0o755); err != nil {
		return err
	}
	err = os.Rename(tmp, e.Bin)
	if err != nil && !e.built() { // else another run has built it meanwhile
		err = errors.Join(os.RemoveAll(e.Bin), os.Rename(tmp, e.Bin)) // what lies there is damaged
	}
	if err != nil && !e.built() {
		return fault.Wrap(err, "the engine cannot be put in its place", e.Bin, "")
	}
	return nil
}

func (e *Engine) built() bool {
	for _, n := range []string{"gonb", "goimports"} {
		if fi, err := os.Stat(filepath.Join(e.Bin, n)); err != nil || fi.Mode()&0o111 == 0 {
			return false
		}
	}
	return true
}

// WarmProgram is a program that uses all that a cell does: building it fetches
// and compiles what the first cell would otherwise wait for.
const WarmProgram = `package main

import (
	"fmt"

	"github.com/gxlab/gxlab/datasets"
	"github.com/gxlab/gxlab/gx"
	"github.com/gxlab/gxlab/kernel"
	"github.com/gxlab/gxlab/plotting"
)

func main() {
	fmt.Println(datasets.Simulated(), gx.Autoencoder(), plotting.Curves())
	kernel.Show("warm")
}
`

// CellFlags are the go build flags of a cell: symbol tables, which panics do not
// need, cost a third of the link.
const CellFlags = "-ldflags=-s -w"

// warm builds WarmProgram as the engine builds cells: in a workspace of a module
// of its own and the user's. A workspace looks at more of the modules' go.mod files
// than a module by itself, and cells have no network to fetch them by.
func (e *Engine) warm(ctx context.Context, log Log) error {
	dir, err := os.MkdirTemp("", "gxlab-warm-*")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	version := strings.TrimPrefix(runtime.Version(), "go")
	if v, err := goOutput(ctx, e.Root, "env", "GOVERSION"); err == nil {
		version = strings.TrimPrefix(v, "go")
	}
	for name, text := range map[string]string{
		"go.mod":  "module gxlab_warm\n\ngo " + version + "\n",
		"go.work": "go " + version + "\n\nuse (\n\t.\n\t" + strconv.Quote(e.Root) + "\n)\n",
		"main.go": WarmProgram,
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o666); err != nil {
			return err
		}
	}
	build := func(network bool) error {
		cmd := exec.CommandContext(ctx, "go", "build", CellFlags, "-o", os.DevNull, ".")
		cmd.Dir = dir
		cmd.Env = append(os.Environ(), "GOFLAGS="+workspaceFlags(os.Getenv("GOFLAGS")), "GOWORK=", "GOSUMDB=off", cgo()) // what is built has its sums in go.sum
		if !network {
			cmd.Env = append(cmd.Env, "GOPROXY=off")
		}
		out, err := cmd.CombinedOutput()
		if err != nil {
			return fmt.Errorf("go build: %w\n%s", err, bytes.TrimSpace(out))
		}
		return nil
	}
	if log != nil && !e.warmed() {
		log("fetching and compiling what cells use (once)")
	}
	if err := build(false); err != nil {
		if err := build(true); err != nil {
			return fault.Wrap(err, "what cells use cannot be compiled", e.Root, "go get "+Module+"/...; go tool gxlab doctor")
		}
	}
	_ = os.WriteFile(e.mark(), nil, 0o666) // without it the line above is said again
	return nil
}

// mark is a file that says that cells of this module have been warmed once.
func (e *Engine) mark() string {
	sum := sha256.Sum256([]byte(e.Root))
	return filepath.Join(e.Bin, "warm-"+hex.EncodeToString(sum[:6]))
}

func (e *Engine) warmed() bool { _, err := os.Stat(e.mark()); return err == nil }

// Env is the environment of the engine: ours, without a network, with its own
// tools first on the PATH and the module's store.
func (e *Engine) Env(extra ...string) []string {
	env := append(os.Environ(), "GOFLAGS="+workspaceFlags(os.Getenv("GOFLAGS")), "GOPROXY=off", "GOSUMDB=off", "GOWORK=", "GOTOOLCHAIN=local", cgo(),
		"PATH="+e.Bin+string(os.PathListSeparator)+os.Getenv("PATH"))
	if os.Getenv("GXLAB_STORE") == "" {
		env = append(env, "GXLAB_STORE="+filepath.Join(e.Root, ".gx"))
	}
	return append(env, extra...)
}

// cgo keeps the C compiler out of cells, which need none: its linker makes each wait
// half as long again. Who wants C in a cell sets CGO_ENABLED=1.
func cgo() string {
	if v := os.Getenv("CGO_ENABLED"); v != "" {
		return "CGO_ENABLED=" + v
	}
	return "CGO_ENABLED=0"
}

// workspaceFlags are go flags without -mod, which a workspace refuses.
func workspaceFlags(flags string) string {
	var keep []string
	for _, f := range strings.Fields(flags) {
		if !strings.HasPrefix(strings.TrimLeft(f, "-"), "mod=") {
			keep = append(keep, f)
		}
	}
	return strings.Join(keep, " ")
}

// Args are the engine's arguments for a connection file, beside which it logs.
func (e *Engine) Args(connection string) []string {
	return []string{"-kernel", connection, "-raw_error=true", "-go_work=" + e.Root,
		"-logtostderr=false", "-stderrthreshold=FATAL", "-log_dir=" + filepath.Dir(connection)}
}

// errDied says that the engine ended while it was needed.
var errDied = errors.New("the engine ended")
