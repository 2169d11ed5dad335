package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/gxlab/gxlab/gx/fault"
	"github.com/gxlab/gxlab/kernel/front"
	"github.com/gxlab/gxlab/kernel/runner"
)

func logLine(format string, args ...any) { fmt.Fprintf(os.Stderr, format+"\n", args...) }

// run executes notebooks.
func run(ctx context.Context, args []string) error {
	rest, given, err := flags{values: []string{"p", "o", "seeds", "timeout"}}.parse("run", args)
	if err != nil {
		return err
	}
	if len(rest) == 0 {
		return fault.New("no notebook to run", "gxlab run", "gxlab run notebooks/01_reconstruction.ipynb")
	}
	o := runner.Options{Parameters: map[string]string{}, Out: last(given["o"], "out"), Progress: os.Stderr}
	for _, p := range given["p"] {
		name, value, ok := strings.Cut(p, "=")
		if !ok || name == "" {
			return fault.New("a parameter without a value: "+p, "gxlab run -p", "-p name=value")
		}
		o.Parameters[name] = value
	}
	if t := last(given["timeout"], ""); t != "" {
		if o.Timeout, err = time.ParseDuration(t); err != nil {
			return fault.Wrap(err, "a time limit that cannot be read", "gxlab run -timeout", "-timeout 10m")
		}
	}
	seeds, err := parseSeeds(last(given["seeds"], ""))
	if err != nil {
		return err
	}
	if _, both := o.Parameters["seed"]; both && seeds != nil {
		return fault.New("a seed twice: -p seed and --seeds", "gxlab run", "one of the two")
	}
	for _, path := range rest {
		if _, err := runner.Read(path); err != nil {
			return err
		}
	}
	for _, path := range rest {
		e, err := findEngine(ctx, path)
		if err != nil {
			return err
		}
		if _, err := runSeeds(ctx, e, path, seeds, o); err != nil {
			return err
		}
	}
	return nil
}

// findEngine finds the engine that runs a notebook as the kernel does.
func findEngine(ctx context.Context, path string) (*runner.Engine, error) {
	e, err := runner.FindEngine(ctx, filepath.Dir(path), logLine)
	if err == nil {
		front.Complete(e, magic(e.Root))
	}
	return e, err
}

// runSeeds runs a notebook once, or once a seed, and tells its numbers.
func runSeeds(ctx context.Context, e *runner.Engine, path string, seeds []string, o runner.Options) (*runner.Metrics, error) {
	if seeds == nil {
		logLine("== %s", path)
		r, err := runOne(ctx, e, path, o)
		if err != nil {
			return nil, err
		}
		fmt.Print(r.Metrics.Table())
		logLine("results in %s", o.Out)
		return r.Metrics, nil
	}
	var all []*runner.Metrics
	for _, s := range seeds {
		one := o
		one.Out = filepath.Join(o.Out, "seed-"+s)
		one.Parameters = map[string]string{"seed": s}
		for k, v := range o.Parameters {
			one.Parameters[k] = v
		}
		logLine("== %s, seed %s", path, s)
		r, err := runOne(ctx, e, path, one)
		if err != nil {
			return nil, err
		}
		all = append(all, r.Metrics)
	}
	m := runner.Together(seeds, all)
	file := filepath.Join(o.Out, strings.TrimSuffix(filepath.Base(path), ".ipynb")+".metrics.json")
	if err := m.Write(file); err != nil {
		return nil, fault.Wrap(err, "the numbers cannot be written", file, "-o with a folder that can be written")
	}
	fmt.Printf("mean and range over seeds %s\n%s", strings.Join(seeds, ", "), m.Table())
	logLine("numbers in %s", file)
	return m, nil
}

// runOne runs a notebook and tells of a failing cell.
func runOne(ctx context.Context, e *runner.Engine, path string, o runner.Options) (*runner.Result, error) {
	r, err := e.Run(ctx, path, o)
	if err != nil {
		return nil, err
	}
	if r.Failed != nil {
		fmt.Fprintf(os.Stderr, "\n%v\n", r.Failed)
		fmt.Fprint(os.Stderr, stack(r.Failed))
		return r, errFailed
	}
	return r, nil
}

// stack is a failing cell's stack, whose message has been told. An error that says what
// to try needs none.
func stack(f *runner.Failure) string {
	_, text, ok := strings.Cut(f.Traceback, "\ngoroutine ")
	if !ok || strings.Contains(f.Message, "\n  try ") {
		return ""
	}
	for {
		text = strings.TrimSpace(text)
		at := strings.LastIndexByte(text, '\n')
		if at < 0 || !strings.HasPrefix(text[at+1:], "exit status ") {
			return "\ngoroutine " + text + "\n"
		}
		text = text[:at]
	}
}

// parseSeeds reads "1..5" or "1,2,9".
func parseSeeds(s string) ([]string, error) {
	if s == "" {
		return nil, nil
	}
	wrong := fault.New("seeds that cannot be read: "+s, "gxlab run --seeds", "--seeds 1..5 or --seeds 1,2,9")
	if a, b, ok := strings.Cut(s, ".."); ok {
		lo, err1 := strconv.Atoi(a)
		hi, err2 := strconv.Atoi(b)
		if errors.Join(err1, err2) != nil || lo < 0 || hi < lo || hi-lo > 1000 {
			return nil, wrong
		}
		var out []string
		for i := lo; i <= hi; i++ {
			out = append(out, strconv.Itoa(i))
		}
		return out, nil
	}
	out := strings.Split(s, ",")
	for _, v := range out {
		if _, err := strconv.ParseUint(v, 10, 63); err != nil {
			return nil, wrong
		}
	}
	return out, nil
}
