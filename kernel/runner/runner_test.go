package runner

import (
	"bytes"
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/gxlab/gxlab/kernel/jupyter"
)

// book is a notebook of the given cells; one that begins with "# " is text, one
// that begins with "//parameters" is tagged.
func book(t *testing.T, cells ...string) string {
	t.Helper()
	var list []map[string]any
	for _, c := range cells {
		m := map[string]any{"metadata": map[string]any{}, "source": c, "cell_type": "code", "outputs": []any{}, "execution_count": nil}
		switch {
		case strings.HasPrefix(c, "# "):
			m = map[string]any{"metadata": map[string]any{}, "source": c, "cell_type": "markdown"}
		case strings.HasPrefix(c, "//parameters"):
			m["metadata"] = map[string]any{"tags": []string{"parameters"}}
		}
		list = append(list, m)
	}
	b, err := json.Marshal(map[string]any{"nbformat": 4, "nbformat_minor": 4, "metadata": map[string]any{"kernelspec": map[string]any{"name": "gxlab"}}, "cells": list})
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "book.ipynb")
	if err := os.WriteFile(path, b, 0o666); err != nil {
		t.Fatal(err)
	}
	return path
}

var found = sync.OnceValues(func() (*Engine, error) {
	wd, err := os.Getwd()
	if err != nil {
		return nil, err
	}
	return FindEngine(context.Background(), wd, nil)
})

func engine(t *testing.T) *Engine {
	t.Helper()
	if testing.Short() {
		t.Skip("-short leaves the real kernel out")
	}
	e, err := found()
	if err != nil {
		t.Fatal(err)
	}
	return e
}

func TestRunWritesEverything(t *testing.T) {
	e := engine(t)
	out := t.TempDir()
	path := book(t, "# Title with *emphasis*",
		"//parameters\nconst (\n\tname = \"a\"\n\tn = 1\n\tx = 0.5\n)\n\nvar on = false",
		"import (\n\t\"fmt\"\n\t\"math\"\n\t\"github.com/gxlab/gxlab/kernel\"\n)\n\ntype drawing struct{}\n\nfunc (drawing) Name() string { return \"a figure\" }\nfunc (drawing) SVG() ([]byte, error) { return []byte(`<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 9 9\"><clipPath id=\"c\"/><g clip-path=\"url(#c)\"/></svg>`), nil }",
		"%%\nfmt.Println(name, n, x, on)\nkernel.Show(drawing{}, drawing{})\nkernel.Glue(\"twice\", 2*float64(n))\nkernel.Glue(\"none\", math.NaN())\nkernel.Glue(\"word\", name)",
	)
	var log bytes.Buffer
	r, err := e.Run(context.Background(), path, Options{Parameters: map[string]string{"n": "21", "name": "b \"c\"", "on": "true"}, Out: out, Progress: &log})
	if err != nil || r.Failed != nil {
		t.Fatal(err, r.Failed)
	}
	b, err := os.ReadFile(filepath.Join(out, "book.metrics.json"))
	if err != nil {
		t.Fatal(err)
	}
	var m map[string]any
	if err := json.Unmarshal(b, &m); err != nil || m["twice"] != 42.0 || m["word"] != "b \"c\"" {
		t.Errorf("%s, %v", b, err)
	}
	if v, ok := m["none"]; !ok || v != nil {
		t.Errorf("NaN became %v", v)
	}
	if _, err := os.Stat(filepath.Join(out, "figures", "a_figure.svg")); err != nil {
		t.Error(err)
	}
	n, err := Read(filepath.Join(out, "book.ipynb"))
	if err != nil {
		t.Fatal(err)
	}
	// Text and figures come by two pipes, so a busy machine may turn two around.
	c := n.Cells[len(n.Cells)-1]
	printed := slices.ContainsFunc(c.Outputs, func(o Output) bool { return string(o.Text) == "b \"c\" 21 0.5 true\n" })
	if c.Count != 4 || len(c.Outputs) != 6 || !printed {
		t.Errorf("outputs %+v", c.Outputs)
	}
	page, err := os.ReadFile(filepath.Join(out, "book.html"))
	if err != nil {
		t.Fatal(err)
	}
	for _, w := range []string{"Title with <i>emphasis</i>", `id="f1-c"`, `url(#f2-c)`, "b &#34;c&#34; 21"} {
		if !strings.Contains(string(page), w) {
			t.Errorf("the page lacks %s", w)
		}
	}
	if !strings.Contains(log.String(), "[4/4]") {
		t.Errorf("progress: %s", &log)
	}
}

// A failing cell names itself, its line and its message, and the notebook that is
// written holds the error.
func TestFailingCells(t *testing.T) {
	e := engine(t)
	cases := map[string]struct {
		cells []string
		cell  int
		line  int
		say   string
	}{
		"panic":        {[]string{"# text", "import \"fmt\"", "%%\nfmt.Println(1)\n\npanic(\"too many cooks\")"}, 3, 4, "too many cooks"},
		"in function":  {[]string{"func f() {\n\tpanic(\"from afar\")\n}", "%%\nf()"}, 1, 2, "from afar"},
		"compile":      {[]string{"%%\nx := 1\nvar s string = x\n_ = s"}, 1, 3, "cannot use x"},
		"exit":         {[]string{"import \"os\"", "%%\nos.Exit(3)"}, 2, 0, "exit status 3"},
		"index":        {[]string{"%%\nvar a []int\n_ = a[3]"}, 1, 3, "index out of range"},
		"second fails": {[]string{"%%\nprintln(1)", "%%\npanic(\"x\")", "%%\nprintln(\"never\")"}, 2, 2, "x"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			out := t.TempDir()
			r, err := e.Run(context.Background(), book(t, c.cells...), Options{Out: out})
			if err != nil {
				t.Fatal(err)
			}
			f := r.Failed
			if f == nil {
				t.Fatal("it did not fail")
			}
			if f.Cell != c.cell || f.Line != c.line || !strings.Contains(f.Message, c.say) {
				t.Errorf("failed at cell %d line %d: %q\n%s", f.Cell, f.Line, f.Message, f.Traceback)
			}
			n, err := Read(filepath.Join(out, "book.ipynb"))
			if err != nil {
				t.Fatal(err)
			}
			errs := 0
			for _, cell := range n.Cells {
				for _, o := range cell.Outputs {
					if o.Type == "error" {
						errs++
						if !strings.Contains(o.EValue, c.say) {
							t.Errorf("the notebook's error says %q", o.EValue)
						}
					}
					if strings.Contains(string(o.Text), "never") {
						t.Error("a cell after the failing one was run")
					}
				}
			}
			if errs != 1 {
				t.Errorf("%d errors in the notebook", errs)
			}
		})
	}
}

func TestKilledCellIsNamed(t *testing.T) {
	e := engine(t)
	r, err := e.Run(context.Background(), book(t, "import (\n\t\"os\"\n\t\"syscall\"\n)", "%%\nsyscall.Kill(os.Getpid(), syscall.SIGKILL)"), Options{Out: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	if r.Failed == nil || r.Failed.Cell != 2 || !strings.Contains(r.Failed.Message+r.Failed.Traceback, "kill") {
		t.Errorf("%+v", r.Failed)
	}
	r, err = e.Run(context.Background(), book(t, "import (\n\t\"os\"\n\t\"syscall\"\n\t\"time\"\n)", "%%\nsyscall.Kill(os.Getppid(), syscall.SIGKILL)\ntime.Sleep(time.Hour)"), Options{Out: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	if r.Failed == nil || !strings.Contains(r.Failed.Message, "the engine ended") {
		t.Errorf("%+v", r.Failed)
	}
}

// A run that is stopped interrupts its cell, which may save its work, and leaves
// no process behind.
func TestStoppedRun(t *testing.T) {
	e := engine(t)
	mark := filepath.Join(t.TempDir(), "mark")
	ctx, cancel := context.WithCancel(context.Background())
	go func() {
		for range 400 {
			if _, err := os.Stat(mark); err == nil {
				break
			}
			time.Sleep(50 * time.Millisecond)
		}
		cancel()
	}()
	path := book(t, "import (\n\t\"os\"\n\t\"os/signal\"\n\t\"strconv\"\n)", "%%\nc := make(chan os.Signal, 1)\nsignal.Notify(c, os.Interrupt)\nos.WriteFile("+quote(mark)+", []byte(strconv.Itoa(os.Getpid())), 0o666)\n<-c\nos.WriteFile("+quote(mark+"2")+", nil, 0o666)")
	_, err := e.Run(ctx, path, Options{Out: t.TempDir()})
	if err == nil {
		t.Error("a stopped run gave no error")
	}
	if _, err := os.Stat(mark + "2"); err != nil {
		t.Error("the cell was not interrupted:", err)
	}
	pid, err := os.ReadFile(mark)
	if err != nil {
		t.Fatal(err)
	}
	if n, err := strconv.Atoi(string(pid)); err != nil || syscall.Kill(n, 0) == nil {
		t.Errorf("process %s is left running (%v)", pid, err)
	}
}

func quote(s string) string { b, _ := json.Marshal(s); return string(b) }

func TestTimeout(t *testing.T) {
	e := engine(t)
	r, err := e.Run(context.Background(), book(t, "import \"time\"", "%%\ntime.Sleep(time.Hour)"), Options{Out: t.TempDir(), Timeout: 2 * time.Second})
	if err != nil {
		t.Fatal(err)
	}
	if r.Failed == nil || r.Failed.Cell != 2 || !strings.Contains(r.Failed.Message, "longer than 2s") {
		t.Errorf("%+v", r.Failed)
	}
}

// Types and signs of parameters stay, and values that are no literals are left
// alone.
func TestParametersOfAllForms(t *testing.T) {
	n, err := Read(book(t, "//parameters\nconst (\n\tseed uint64 = 1\n\tlow = -2.5\n\tsum = 1 + 1\n)\n\nvar on = true"))
	if err != nil {
		t.Fatal(err)
	}
	if err := n.Set(map[string]string{"seed": "7", "low": "-3"}); err != nil {
		t.Fatal(err)
	}
	want := "const seed uint64 = 7\nconst low = -3\nvar on = true"
	if got := n.Cells[1].Source; !strings.HasSuffix(got, want) {
		t.Errorf("got %s, want %s", got, want)
	}
	n, err = Read(book(t, "%%\n"))
	if err != nil {
		t.Fatal(err)
	}
	if err := n.Set(map[string]string{"seed": "7"}); err == nil || !strings.Contains(err.Error(), "takes no parameters") {
		t.Error(err)
	}
}

func TestParameters(t *testing.T) {
	read := func() *Notebook {
		n, err := Read(book(t, "//parameters\nconst (\n\tname = \"a\"\n\tn = 1\n\tx = 0.5\n\ton = false\n)"))
		if err != nil {
			t.Fatal(err)
		}
		return n
	}
	for _, c := range []struct{ name, value, say string }{
		{"m", "3", "one of name, n, x, on"}, {"n", "two", "whole number"}, {"x", "NaN", "a number"}, {"on", "yes", "true or false"},
	} {
		if err := read().Set(map[string]string{c.name: c.value}); err == nil || !strings.Contains(err.Error(), c.say) {
			t.Errorf("-p %s=%s: %v", c.name, c.value, err)
		}
	}
	n := read()
	if err := n.Set(map[string]string{"x": "1e-3"}); err != nil || len(n.Cells) != 2 || !strings.Contains(n.Cells[1].Source, "x = 0.001") || !strings.Contains(n.Cells[1].Source, `const name = "a"`) {
		t.Error(err, n.Cells)
	}
}

// A notebook that is read and written again is the same, fields we do not know
// included.
func TestNotebookRoundTrip(t *testing.T) {
	src := `{"cells":[{"cell_type":"code","id":"a","execution_count":3,"metadata":{"tags":["x"],"own":{"k":1}},"outputs":[{"output_type":"stream","name":"stdout","text":["a\n","<b>"]},{"output_type":"execute_result","execution_count":3,"data":{"text/plain":["1"]},"metadata":{}}],"source":["x\n","y"],"attachments":{"z":1}},{"cell_type":"raw","id":"b","metadata":{},"source":[]}],"metadata":{"own":true},"nbformat":4,"nbformat_minor":5,"extra":[1]}`
	n, err := Parse([]byte(src))
	if err != nil {
		t.Fatal(err)
	}
	b, err := n.JSON()
	if err != nil {
		t.Fatal(err)
	}
	var got, want any
	if json.Unmarshal(b, &got) != nil || json.Unmarshal([]byte(src), &want) != nil {
		t.Fatal("no JSON")
	}
	g, _ := json.Marshal(got)
	w, _ := json.Marshal(want)
	if string(g) != string(w) {
		t.Errorf("got  %s\nwant %s", g, w)
	}
}

func TestTogether(t *testing.T) {
	var a, b Metrics
	a.set("m", 1.0)
	b.set("m", 4.0)
	a.set("w", "x")
	b.set("w", "y")
	m := Together([]string{"1", "2"}, []*Metrics{&a, &b})
	got, err := m.JSON()
	if err != nil || m.Number("m") != 2.5 || m.Number("m_min") != 1 || m.Number("m_max") != 4 || m.Number("m_seed2") != 4 {
		t.Errorf("%s, %v", got, err)
	}
	if _, ok := m.Get("w"); ok {
		t.Error("the mean of words")
	}
}

// A place that the engine has not translated is found by the line's text.
func TestLocate(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "gonb_0a1b2c3d")
	if err := os.MkdirAll(dir, 0o777); err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(dir, "main.go")
	if err := os.WriteFile(file, []byte("package main\n\nfunc main() {\n\tflag.Parse()\n\tpanic(1)\n}\n"), 0o666); err != nil {
		t.Fatal(err)
	}
	x := &execution{n: &Notebook{Cells: []*Cell{{Type: "markdown", Source: "panic(1)"}, {Type: "code", Source: "%%\nx := 1\npanic(1)"}}}}
	trace := "panic: 1\n\ngoroutine 1 [running]:\nmain.main()\n\t" + file + ":5 +0xa5\nmain.more()\n\t" + file + ":5 +0xa5\n"
	if text, at := x.places(trace, 1); at == nil || *at != (place{1, 3}) || strings.Count(text, "cell 2, line 3 +0xa5") != 2 {
		t.Errorf("%v in %s", at, text)
	}
	if _, at := x.places(strings.ReplaceAll(trace, ":5", ":4"), 1); at != nil {
		t.Errorf("a line that is no cell's: %v", at)
	}
}

// What a reader should know of the data is printed, once however many cells show it,
// and stands in the notebook without our mark.
func TestNotesArePrinted(t *testing.T) {
	var log bytes.Buffer
	x := &execution{n: &Notebook{}, r: &Result{Metrics: &Metrics{}}, o: Options{Progress: &log}, noted: map[string]bool{}}
	c := &Cell{}
	for range 2 {
		m, err := jupyter.NewMessage("", "display_data", map[string]any{"data": map[string]any{"text/plain": "1 sample is left out"}, "metadata": map[string]any{noteMark: true}})
		if err != nil {
			t.Fatal(err)
		}
		x.take(c, m)
	}
	if strings.Count(log.String(), "note: 1 sample is left out") != 1 || len(c.Outputs) != 2 || len(c.Outputs[0].Metadata) > 0 {
		t.Errorf("%s, %+v", &log, c.Outputs)
	}
}
