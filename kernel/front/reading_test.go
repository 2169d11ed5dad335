package front

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/gxlab/gxlab/kernel/runner"
)

// runBook runs a notebook of code cells as gxlab run does.
func runBook(t *testing.T, cells ...string) *runner.Result {
	t.Helper()
	if testing.Short() {
		t.Skip("-short leaves the real kernel out")
	}
	e, err := found()
	if err != nil {
		t.Fatal(err)
	}
	mine := *e
	Complete(&mine, func(_ context.Context, args []string, out io.Writer) error {
		if len(args) == 0 {
			return errors.New("which command?")
		}
		_, err := fmt.Fprintln(out, args)
		return err
	})
	var list []map[string]any
	for _, c := range cells {
		list = append(list, map[string]any{"metadata": map[string]any{}, "source": c, "cell_type": "code", "outputs": []any{}, "execution_count": nil})
	}
	b, err := json.Marshal(map[string]any{"nbformat": 4, "nbformat_minor": 4, "metadata": map[string]any{}, "cells": list})
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "book.ipynb")
	if err := os.WriteFile(path, b, 0o666); err != nil {
		t.Fatal(err)
	}
	r, err := mine.Run(context.Background(), path, runner.Options{Out: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// A notebook runs by gxlab run as it runs in Jupyter: the last expression is the
// cell's result, and our packages need no import.
func TestRunCompletesCells(t *testing.T) {
	r := runBook(t,
		"%%\n1+1",
		"func layers() gx.Training { return gx.Autoencoder().Hidden(5, gx.ReLU).Code(2) }",
		"%%\nlayers().String() != \"\"",
		"%%\nkernel.Glue(\"seven\", 7)",
		"%%\nfmt.Println(\"gone\")\nkernel.Clear(false)\nstrings.Repeat(\"ab\", 2)",
	)
	if r.Failed != nil {
		t.Fatalf("%v\n%s", r.Failed, r.Failed.Traceback)
	}
	for i, want := range map[int]string{0: "2", 2: "true", 4: "abab"} {
		o := r.Notebook.Cells[i].Outputs
		if len(o) != 1 || o[0].Type != "execute_result" {
			t.Errorf("cell %d gives %+v", i+1, o)
			continue
		}
		var text string
		if err := json.Unmarshal(o[0].Data["text/plain"], &text); err != nil || text != want || len(o[0].Metadata) > 0 {
			t.Errorf("cell %d gives %q with %v, not %q: %v", i+1, text, o[0].Metadata, want, err)
		}
	}
	if r.Metrics.Number("seven") != 7 {
		t.Errorf("metrics %+v", r.Metrics)
	}
}

// Commands of ours are answered as the kernel answers them.
func TestRunAnswersCommands(t *testing.T) {
	r := runBook(t, "%gxlab device", "%gxlab kept\n%%\n2+1", "%gxlab")
	for i, want := range []string{"[device]\n", "[kept]\n"} {
		if o := r.Notebook.Cells[i].Outputs; len(o) != i+1 || string(o[0].Text) != want {
			t.Errorf("cell %d gives %+v", i+1, o)
		}
	}
	if f := r.Failed; f == nil || f.Cell != 3 || !strings.Contains(f.Message, "which command?") {
		t.Errorf("%+v", f)
	}
}

// What is put into a cell moves no line of what it says when it fails.
func TestRunCompletedCellsFailWhereTheyAreTyped(t *testing.T) {
	for name, c := range map[string]struct {
		cells      []string
		cell, line int
		source     string
	}{
		"compile":       {[]string{"%%\nx := gx.Autoencoder()\nnever(x)"}, 1, 3, "never(x)"},
		"compile in it": {[]string{"%%\nx := gx.Autoencoder()\n\nx == nowhere"}, 1, 4, "x == nowhere"},
		"panic":         {[]string{"func f(x any) int {\n\tpanic(x)\n}", "%%\nx := gx.Autoencoder()\n\nf(x)"}, 1, 2, "\tpanic(x)"},
		"panic in it":   {[]string{"%%\nx := []gx.Cohort{}\n\nx[3]"}, 1, 4, "x[3]"},
	} {
		f := runBook(t, c.cells...).Failed
		if f == nil {
			t.Errorf("%s: it did not fail", name)
		} else if f.Cell != c.cell || f.Line != c.line || f.Source != c.source || strings.Contains(f.Traceback+f.Message, "gxlab_kernel.Result(") {
			t.Errorf("%s: %v\n%s", name, f, f.Traceback)
		}
	}
}
