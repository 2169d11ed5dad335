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

// In JupyterLab (GXLAB_JUPYTER names its jupyter program) a notebook that is trusted
// shows live widgets, whose keys do not reach the notebook; one that is not shows
// their still pictures.
func TestWidgetsInJupyterLab(t *testing.T) {
	jupyter := os.Getenv("GXLAB_JUPYTER")
	if jupyter == "" {
		t.Skip("GXLAB_JUPYTER names no jupyter program")
	}
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
	dir, home := t.TempDir(), t.TempDir()
	for _, name := range []string{"trusted", "untrusted"} { // they differ: Jupyter trusts contents, not files
		book, err := json.Marshal(map[string]any{"nbformat": 4, "nbformat_minor": 5, "metadata": map[string]any{"title": name}, "cells": cells})
		if err == nil {
			err = os.WriteFile(filepath.Join(dir, name+".ipynb"), book, 0o644)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	command := func(args ...string) *exec.Cmd {
		c := exec.Command(jupyter, args...)
		c.Dir = dir
		c.Env = append(os.Environ(), "HOME="+home, "JUPYTER_CONFIG_DIR="+home, "JUPYTER_DATA_DIR="+home, "JUPYTER_RUNTIME_DIR="+filepath.Join(home, "runtime"))
		c.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
		return c
	}
	if out, err := command("trust", "trusted.ipynb").CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := l.Addr().(*net.TCPAddr)
	l.Close()
	lab := command("lab", "--allow-root", "--no-browser", "--ip=127.0.0.1", fmt.Sprintf("--port=%d", address.Port), "--IdentityProvider.token=none", "--ServerApp.root_dir="+dir, "--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate")
	log, err := os.Create(filepath.Join(home, "log"))
	if err != nil {
		t.Fatal(err)
	}
	defer log.Close()
	lab.Stdout, lab.Stderr = log, log
	if err := lab.Start(); err != nil {
		t.Fatal(err)
	}
	defer func() {
		syscall.Kill(-lab.Process.Pid, syscall.SIGKILL) // its process group: kernels too
		lab.Wait()
	}()
	url := fmt.Sprintf("http://%s/", address)
	up := false
	for range 120 {
		if r, err := http.Get(url + "api"); err == nil {
			r.Body.Close()
			up = true
			break
		}
		time.Sleep(250 * time.Millisecond)
	}
	if !up {
		text, _ := os.ReadFile(log.Name())
		t.Fatalf("JupyterLab does not answer\n%s", text)
	}
	show := func(name string) {
		b.tab()
		b.do("Emulation.setDeviceMetricsOverride", map[string]any{"width": 1300, "height": 950, "deviceScaleFactor": 1, "mobile": false})
		b.do("Page.navigate", map[string]any{"url": url + "lab/tree/" + name + ".ipynb?token=none&reset"})
		for range 60 { // a cold JupyterLab takes a while
			n := 0
			if b.eval(&n, "document.querySelectorAll('.jp-OutputArea-output').length"); n >= 2 {
				break
			}
			time.Sleep(500 * time.Millisecond)
		}
		// The kernel's dialog, which has nothing to do with this, stands before the page.
		b.eval(nil, "document.querySelectorAll('.jp-Dialog button.jp-mod-reject, .jp-Dialog button.jp-mod-accept').forEach(e => e.click())")
		time.Sleep(time.Second)
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
	b.eval(&before, "document.querySelectorAll('.jp-Cell').length")
	for _, part := range []string{"canvas[tabindex]", "select", "button"} {
		b.eval(nil, "document.querySelector('.gxw[data-live] "+part+"').focus()")
		for _, k := range "bbddx" {
			for _, kind := range []string{"keyDown", "keyUp"} {
				b.do("Input.dispatchKeyEvent", map[string]any{"type": kind, "key": string(k), "text": string(k), "windowsVirtualKeyCode": int(k) - 32})
			}
		}
	}
	b.eval(nil, "document.querySelector('.gxw[data-live] canvas[tabindex]').focus()")
	b.key("ArrowRight", 39)
	b.wait("an arrow key tells of a point", "document.querySelector('.gxw[data-live] .gxw-say').textContent")
	if b.eval(&after, "document.querySelectorAll('.jp-Cell').length"); before != after {
		t.Errorf("keys pressed in a widget took %d cells to %d", before, after)
	}
	text, _, _ := b.hover("embedding in JupyterLab", 0)
	t.Log(text)
	b.shoot("lab-trusted", false)
}
