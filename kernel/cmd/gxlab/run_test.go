package main

import (
	"encoding/json"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/gxlab/gxlab/kernel/runner"
)

// said runs the command and returns its exit code and what it wrote to the
// terminal's error output.
func said(t *testing.T, args ...string) (code int, stderr string) {
	t.Helper()
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	was := os.Stderr
	os.Stderr = w
	text := make(chan string)
	go func() {
		b, _ := io.ReadAll(r) // what could be read is what is checked
		text <- string(b)
	}()
	code = realMain(args)
	os.Stderr = was
	w.Close()
	return code, <-text
}

func book(t *testing.T, cells ...string) string {
	t.Helper()
	var list []map[string]any
	for i, c := range cells {
		meta := map[string]any{}
		if i == 0 {
			meta["tags"] = []string{"parameters"}
		}
		list = append(list, map[string]any{"cell_type": "code", "metadata": meta, "source": c, "outputs": []any{}, "execution_count": nil})
	}
	b, err := json.Marshal(map[string]any{"nbformat": 4, "nbformat_minor": 4, "metadata": map[string]any{}, "cells": list})
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "book.ipynb")
	if err := os.WriteFile(path, b, 0o666); err != nil {
		t.Fatal(err)
	}
	return path
}

// The command says where a notebook failed and ends with exit code 1.
func TestRunTellsOfAFailure(t *testing.T) {
	if testing.Short() {
		t.Skip("-short leaves the engine out")
	}
	path := book(t, "const seed = 1", "func f() {\n\tpanic(\"no such luck\")\n}", "%%\nf()")
	code, text := said(t, "run", path, "-o", t.TempDir())
	if code != exitFailed {
		t.Errorf("exit code %d", code)
	}
	for _, w := range []string{"book.ipynb, cell 2, line 2: panic(", "no such luck", "cell 3, line 2"} {
		if !strings.Contains(text, w) {
			t.Errorf("it does not say %q:\n%s", w, text)
		}
	}
	if strings.Contains(text, "main.go") {
		t.Errorf("it names a file that nobody wrote:\n%s", text)
	}
	if code, text := said(t, "run", path, "-p", "sed=3", "-o", t.TempDir()); code != exitUsage || !strings.Contains(text, "one of seed") {
		t.Errorf("exit code %d: %s", code, text)
	}
}

// With several seeds every run has its folder, and the numbers are summed up.
func TestRunOverSeeds(t *testing.T) {
	if testing.Short() {
		t.Skip("-short leaves the engine out")
	}
	out := t.TempDir()
	path := book(t, "const seed = 1", "import \"github.com/gxlab/gxlab/kernel\"\n\n%%\nkernel.Glue(\"ten\", 10*seed)")
	if code, text := said(t, "run", path, "--seeds", "1,3", "-o", out); code != 0 {
		t.Fatalf("exit code %d: %s", code, text)
	}
	for file, want := range map[string]map[string]float64{
		"book.metrics.json":        {"ten": 20, "ten_min": 10, "ten_max": 30, "ten_seed1": 10, "ten_seed3": 30},
		"seed-3/book.metrics.json": {"ten": 30},
	} {
		b, err := os.ReadFile(filepath.Join(out, file))
		if err != nil {
			t.Fatal(err)
		}
		var got map[string]float64
		if err := json.Unmarshal(b, &got); err != nil || len(got) != len(want) {
			t.Errorf("%s: %s, %v", file, b, err)
		}
		for n, v := range want {
			if got[n] != v {
				t.Errorf("%s: %s is %v, want %v", file, n, got[n], v)
			}
		}
	}
}

// An error that says what to try is printed without the stack that led to it.
func TestStackOfAFailure(t *testing.T) {
	trace := "panic: x\n\ngoroutine 1 [running]:\nmain.main()\n\t cell 7, line 5 +0x23b\nexit status 2\nexit status 2\n"
	if got := stack(&runner.Failure{Message: "no such file\n  at x.csv\n  try y.csv", Traceback: trace}); got != "" {
		t.Errorf("%q", got)
	}
	if got, want := stack(&runner.Failure{Message: "x", Traceback: trace}), "\ngoroutine 1 [running]:\nmain.main()\n\t cell 7, line 5 +0x23b\n"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
}
