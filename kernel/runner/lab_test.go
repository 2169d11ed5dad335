package runner_test

import (
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"
	"time"
)

// A jupyterLab is a JupyterLab with settings and files of its own.
type jupyterLab struct {
	t         *testing.T
	jupyter   string
	dir, home string   // of notebooks, of all else
	env       []string // beside the test's own
	url       string
}

// newLab is a JupyterLab that does not run yet, of the jupyter program that
// GXLAB_JUPYTER names; without one the test is skipped.
func newLab(t *testing.T) *jupyterLab {
	t.Helper()
	j := &jupyterLab{t: t, jupyter: os.Getenv("GXLAB_JUPYTER"), dir: t.TempDir(), home: t.TempDir()}
	if j.jupyter == "" {
		t.Skip("GXLAB_JUPYTER names no jupyter program")
	}
	j.env = []string{"HOME=" + j.home, "JUPYTER_CONFIG_DIR=" + j.home, "JUPYTER_DATA_DIR=" + j.home, "JUPYTER_RUNTIME_DIR=" + filepath.Join(j.home, "runtime")}
	return j
}

func (j *jupyterLab) command(args ...string) *exec.Cmd {
	c := exec.Command(j.jupyter, args...)
	c.Dir = j.dir
	c.Env = append(os.Environ(), j.env...)
	c.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	return c
}

// serve starts it and waits until it answers. The test's end ends it.
func (j *jupyterLab) serve() {
	t := j.t
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := l.Addr().(*net.TCPAddr)
	l.Close()
	lab := j.command("lab", "--allow-root", "--no-browser", "--ip=127.0.0.1", fmt.Sprintf("--port=%d", address.Port), "--IdentityProvider.token=none", "--ServerApp.root_dir="+j.dir,
		"--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate")
	log, err := os.Create(filepath.Join(j.home, "log"))
	if err != nil {
		t.Fatal(err)
	}
	lab.Stdout, lab.Stderr = log, log
	if err := lab.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan struct{})
	go func() { lab.Wait(); close(ended) }()
	t.Cleanup(func() {
		syscall.Kill(lab.Process.Pid, syscall.SIGTERM) // it ends its kernels
		select {
		case <-ended:
		case <-time.After(15 * time.Second):
		}
		syscall.Kill(-lab.Process.Pid, syscall.SIGKILL) // its process group
		<-ended
		log.Close()
	})
	j.url = fmt.Sprintf("http://%s/", address)
	for end := time.Now().Add(3 * time.Minute); ; time.Sleep(100 * time.Millisecond) {
		if r, err := http.Get(j.url + "api"); err == nil {
			r.Body.Close()
			return
		}
		if time.Now().After(end) {
			text, _ := os.ReadFile(log.Name())
			t.Fatalf("JupyterLab does not answer\n%s", text)
		}
	}
}

// open shows a notebook in a new tab of the browser.
func (j *jupyterLab) open(b *browser, name string) {
	j.t.Helper()
	b.tab()
	b.do("Emulation.setDeviceMetricsOverride", map[string]any{"width": 1300, "height": 950, "deviceScaleFactor": 1, "mobile": false})
	b.do("Page.navigate", map[string]any{"url": j.url + "lab/tree/" + name + "?token=none&reset"})
}

// In JupyterLab a notebook that is trusted
// shows live widgets, whose keys do not reach the notebook; one that is not shows
// their still pictures.
func TestWidgetsInJupyterLab(t *testing.T) {
	j := newLab(t)
	b := start(t)
	s := widgets(t)
	var cells []map[string]any
	for i, name := range order {
		h, err := s.widgets[name].HTML()
		if err != nil {
			t.Fatal(name, err)
		}
		cells = append(cells, map[string]any{
			"cell_type": "code", "id": fmt.Sprint("c", i), "execution_count": 1, "metadata": map[string]any{}, "source": "kernel.Show(widget)",
			"outputs": []any{map[string]any{"output_type": "display_data", "metadata": map[string]any{}, "data": map[string]any{"text/html": h, "text/plain": name}}},
		})
	}
	for _, name := range []string{"trusted", "untrusted"} { // they differ: Jupyter trusts contents, not files
		book, err := json.Marshal(map[string]any{"nbformat": 4, "nbformat_minor": 5, "metadata": map[string]any{"title": name}, "cells": cells})
		if err == nil {
			err = os.WriteFile(filepath.Join(j.dir, name+".ipynb"), book, 0o644)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if out, err := j.command("trust", "trusted.ipynb").CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	j.serve()
	show := func(name string) {
		j.open(b, name+".ipynb")
		b.until("outputs", time.Minute, "document.querySelectorAll('.jp-OutputArea-output').length >= 2")
		// JupyterLab asks which kernel to take, in its own time; it stands before the page.
		b.soon(20*time.Second, "document.querySelector('.jp-Dialog button.jp-mod-reject')")
		b.until("the question for a kernel is answered", time.Minute, "(document.querySelectorAll('.jp-Dialog button.jp-mod-reject').forEach(e => e.click()), !document.querySelector('.jp-Dialog'))")
	}
	const live, still = "document.querySelectorAll('.gxw[data-live]').length", "[...document.querySelectorAll('.jp-OutputArea-output img')].filter(e => e.naturalWidth > 0 && e.offsetHeight > 0).length"

	show("untrusted")
	b.wait("still pictures", still+" >= 2")
	n := 0
	if b.eval(&n, live); n != 0 {
		t.Errorf("%d widgets are live in a notebook that is not trusted", n)
	}
	b.shoot("lab-untrusted", false)

	show("trusted")
	b.wait("live widgets", live+" >= 2 && "+still+" === 0")
	before, after := 0, 0
	const counted = "+(document.body.innerText.match(/Cell \\d+\\/(\\d+)/) || [0, 0])[1]" // as the status bar counts them: the page draws them one by one
	b.until("the number of cells", time.Minute, counted)
	b.eval(&before, counted)
	for _, part := range []string{"canvas[tabindex]", "select", "button"} {
		b.eval(nil, "document.querySelector('.gxw[data-live] "+part+"').focus()")
		for _, k := range "bba" {
			for _, kind := range []string{"keyDown", "keyUp"} {
				b.do("Input.dispatchKeyEvent", map[string]any{"type": kind, "key": string(k), "text": string(k), "windowsVirtualKeyCode": int(k) - 32})
			}
		}
	}
	b.eval(nil, "document.querySelector('.gxw[data-live] canvas[tabindex]').focus()")
	b.key("ArrowRight", 39)
	b.wait("an arrow key tells of a point", "document.querySelector('.gxw[data-live] .gxw-say').textContent")
	if b.eval(&after, counted); before != after {
		t.Errorf("keys pressed in a widget took %d cells to %d", before, after)
	}
	text, _, _ := b.hover("embedding in JupyterLab", 0)
	t.Log(text)
	b.shoot("lab-trusted", false)
}
