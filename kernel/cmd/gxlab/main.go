// Command gxlab runs, checks and keeps gene-expression notebooks.
//
//	go tool gxlab run notebooks/01_reconstruction.ipynb
//
// go tool gxlab help lists what it can do.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"strings"
	"syscall"

	"github.com/gxlab/gxlab/gx/fault"
)

// Exit codes: 0 done, 1 a notebook or a check failed, 2 the call was wrong or
// something is missing, 130 interrupted.
const (
	exitFailed      = 1
	exitUsage       = 2
	exitInterrupted = 130
)

type command struct {
	name, args, what string
	run              func(ctx context.Context, args []string) error
}

func commands() []command {
	return []command{
		{"run", "NOTEBOOK… [-p name=value] [--seeds 1..5] [-o DIR] [--timeout 10m]", "run notebooks and write their results; a time limit is each cell's", run},
		{"verify", "[NOTEBOOK…] [--quick] [-o DIR]", "check the papers' claims: five seeds, and real data where GXLAB_DATA names a folder", verify},
		{"install", "[--user | --prefix DIR | --sys-prefix]", "tell Jupyter about the kernel", install},
		{"kernel", "-f FILE", "be the kernel of a notebook; Jupyter starts it", kernel},
		{"lab", "[ARGUMENTS…]", "open JupyterLab", lab},
		{"data", "[list [NAME…] | fetch NAME… | path NAME…]", "public data sets: what there is, fetch it, where it lies", data},
		{"kept", "[list | path | rm KEY…]", "what is kept in the store", kept},
		{"doctor", "[--fast]", "say what is missing and what mends it; measure how long a cell takes", doctor},
		{"bench", "[-net A:780,V:128,G:1000] [-threads N] [-rounds 5] [-device gpu [-precision tf32]] [-peers PYTHON [-frameworks torch,jax]] [-papers] [-json]", "time steps of training beside the machine's limits, and beside PyTorch, JAX, Keras, scvi-tools and igraph", measure},
		{"version", "", "print versions", version},
	}
}

// errFailed is a failure that has been told already.
var errFailed = errors.New("failed")

func main() { os.Exit(realMain(os.Args[1:])) }

func realMain(args []string) int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if len(args) == 0 {
		fmt.Fprint(os.Stderr, usage())
		return exitUsage
	}
	switch args[0] {
	case "help", "-h", "-help", "--help":
		fmt.Print(usage())
		return 0
	}
	for _, c := range commands() {
		if c.name != args[0] {
			continue
		}
		err := c.run(ctx, args[1:])
		switch {
		case err == nil:
			return 0
		case ctx.Err() != nil:
			fmt.Fprintln(os.Stderr, "interrupted")
			return exitInterrupted
		case errors.Is(err, errFailed):
			return exitFailed
		}
		fmt.Fprintln(os.Stderr, err)
		return exitUsage
	}
	fmt.Fprintf(os.Stderr, "gxlab has no command %q\n\n%s", args[0], usage())
	return exitUsage
}

func usage() string {
	var b strings.Builder
	b.WriteString("gxlab: notebooks of deep autoencoders on gene expression\n\n")
	for _, c := range commands() {
		fmt.Fprintf(&b, "  gxlab %-9s%s\n  %-15s%s\n", c.name, c.args, "", c.what)
	}
	b.WriteString("\nFlags may stand anywhere. With --seeds every seed has its folder, and <notebook>.metrics.json\n" +
		"holds of every number NAME its mean, NAME_min, NAME_max and NAME_seed1, NAME_seed2, …\n")
	b.WriteString("\nExit codes: 0 done, 1 a notebook or a check failed, 2 a wrong call or something missing, 130 interrupted.\n")
	return b.String()
}

// flags are a command's own: names that take a value, and names that do not.
type flags struct{ values, switches []string }

// parse divides args into flags, which may stand anywhere, and the rest.
func (f flags) parse(cmd string, args []string) (rest []string, given map[string][]string, err error) {
	given = map[string][]string{}
	has := func(list []string, name string) bool {
		for _, l := range list {
			if l == name {
				return true
			}
		}
		return false
	}
	for i := 0; i < len(args); i++ {
		a := args[i]
		if a == "--" {
			return append(rest, args[i+1:]...), given, nil
		}
		if len(a) < 2 || a[0] != '-' {
			rest = append(rest, a)
			continue
		}
		name, value, with := strings.Cut(strings.TrimLeft(a, "-"), "=")
		switch {
		case has(f.switches, name) && !with:
			given[name] = append(given[name], "")
		case has(f.values, name) && with:
			given[name] = append(given[name], value)
		case has(f.values, name):
			if i++; i >= len(args) {
				return nil, nil, fault.New("flag -"+name+" needs a value", "gxlab "+cmd, "-"+name+" VALUE")
			}
			given[name] = append(given[name], args[i])
		default:
			var legal []string
			for _, l := range append(append([]string{}, f.values...), f.switches...) {
				legal = append(legal, "-"+l)
			}
			try := "no flags"
			if len(legal) > 0 {
				try = "one of " + strings.Join(legal, ", ")
			}
			return nil, nil, fault.New("there is no flag "+a, "gxlab "+cmd, try)
		}
	}
	return rest, given, nil
}

func last(v []string, or string) string {
	if len(v) == 0 {
		return or
	}
	return v[len(v)-1]
}
