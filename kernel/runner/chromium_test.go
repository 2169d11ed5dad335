package runner_test

import (
	"bufio"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"
)

// browser is a headless Chromium, spoken to over two pipes by its DevTools protocol
// (--remote-debugging-pipe: messages end in a zero byte). It has no network
// but this machine.
type browser struct {
	t       *testing.T
	cmd     *exec.Cmd
	to      io.WriteCloser
	mu      sync.Mutex
	next    int
	waiting map[int]chan reply
	session string

	problems []string // console errors, exceptions and failed loads since open
	requests []string // of anything but the page itself
}

type reply struct {
	Result json.RawMessage
	Error  *struct{ Message string }
}

// start opens the browser that GXLAB_BROWSER names, or skips the test.
func start(t *testing.T) *browser {
	t.Helper()
	path := os.Getenv("GXLAB_BROWSER")
	if path == "" {
		t.Skip("GXLAB_BROWSER names no Chromium")
	}
	inR, inW, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	outR, outW, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	b := &browser{t: t, to: inW, waiting: map[int]chan reply{}}
	b.cmd = exec.Command(path, "--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update", "--disable-sync",
		"--disable-dev-shm-usage", "--disable-extensions", "--disable-default-apps", "--no-first-run", "--no-default-browser-check", "--disable-client-side-phishing-detection",
		"--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1", "--proxy-server=127.0.0.1:9", "--remote-debugging-pipe", "--user-data-dir="+t.TempDir(), "about:blank")
	b.cmd.ExtraFiles = []*os.File{inR, outW} // its files 3 and 4
	if err := b.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	inR.Close()
	outW.Close()
	done := make(chan struct{})
	go func() { defer close(done); b.read(outR) }()
	t.Cleanup(func() {
		b.call("", "Browser.close", nil)
		inW.Close()
		ended := make(chan struct{})
		go func() { b.cmd.Wait(); close(ended) }()
		select {
		case <-ended:
		case <-time.After(10 * time.Second):
			b.cmd.Process.Kill()
			<-ended
		}
		outR.Close()
		<-done
	})
	b.tab()
	return b
}

// tab opens an empty tab and speaks to that from now on.
func (b *browser) tab() {
	b.t.Helper()
	var target struct{ TargetID string }
	b.must("", "Target.createTarget", map[string]any{"url": "about:blank"}, &target)
	var s struct{ SessionID string }
	b.must("", "Target.attachToTarget", map[string]any{"targetId": target.TargetID, "flatten": true}, &s)
	b.session = s.SessionID
	for _, d := range []string{"Page", "Runtime", "Network", "Log"} {
		b.do(d+".enable", nil)
	}
}

func (b *browser) read(r io.Reader) {
	in := bufio.NewReaderSize(r, 1<<20)
	for {
		m, err := in.ReadBytes(0)
		if err != nil {
			return
		}
		var v struct {
			ID     int
			Method string
			Params json.RawMessage
			reply
		}
		if json.Unmarshal(m[:len(m)-1], &v) != nil {
			continue
		}
		b.mu.Lock()
		if c := b.waiting[v.ID]; v.ID > 0 && c != nil {
			delete(b.waiting, v.ID)
			c <- v.reply
		}
		b.note(v.Method, v.Params)
		b.mu.Unlock()
	}
}

// note keeps what a page should not do.
func (b *browser) note(method string, params json.RawMessage) {
	var p struct {
		Type             string
		Args             []struct{ Value, Description any }
		Entry            struct{ Level, Text string }
		ExceptionDetails struct {
			Text      string
			Exception struct{ Description string }
		}
		Request   struct{ URL string }
		ErrorText string
	}
	if json.Unmarshal(params, &p) != nil {
		return
	}
	switch method {
	case "Runtime.consoleAPICalled":
		if p.Type == "error" || p.Type == "warning" {
			b.problems = append(b.problems, fmt.Sprint("console: ", p.Args))
		}
	case "Runtime.exceptionThrown":
		b.problems = append(b.problems, p.ExceptionDetails.Text+" "+p.ExceptionDetails.Exception.Description)
	case "Log.entryAdded":
		if p.Entry.Level == "error" || p.Entry.Level == "warning" {
			b.problems = append(b.problems, p.Entry.Text)
		}
	case "Network.requestWillBeSent":
		if !strings.HasPrefix(p.Request.URL, "data:") && !strings.HasPrefix(p.Request.URL, "file:") && p.Request.URL != "about:blank" {
			b.requests = append(b.requests, p.Request.URL)
		}
	}
}

func (b *browser) call(session, method string, params any) (json.RawMessage, error) {
	c := make(chan reply, 1)
	b.mu.Lock()
	b.next++
	id := b.next
	b.waiting[id] = c
	b.mu.Unlock()
	m := map[string]any{"id": id, "method": method}
	if params != nil {
		m["params"] = params
	}
	if session != "" {
		m["sessionId"] = session
	}
	j, err := json.Marshal(m)
	if err != nil {
		return nil, err
	}
	if _, err := b.to.Write(append(j, 0)); err != nil {
		return nil, err
	}
	select {
	case r := <-c:
		if r.Error != nil {
			return nil, errors.New(method + ": " + r.Error.Message)
		}
		return r.Result, nil
	case <-time.After(30 * time.Second):
		return nil, errors.New(method + ": no answer in 30 s")
	}
}

func (b *browser) must(session, method string, params, into any) {
	b.t.Helper()
	r, err := b.call(session, method, params)
	if err == nil && into != nil {
		err = json.Unmarshal(r, into)
	}
	if err != nil {
		b.t.Fatal(err)
	}
}

func (b *browser) do(method string, params any) { b.t.Helper(); b.must(b.session, method, params, nil) }

// view is how a page is looked at.
type view struct {
	name          string
	width, height int
	phone, dark   bool
	noScript      bool
	media         string
}

// open shows a page of that HTML and waits until it stands.
func (b *browser) open(v view, page []byte) {
	b.t.Helper()
	path := filepath.Join(b.t.TempDir(), "page.html")
	if err := os.WriteFile(path, page, 0o644); err != nil {
		b.t.Fatal(err)
	}
	scale := 1
	if v.phone {
		scale = 2
	}
	b.do("Emulation.setDeviceMetricsOverride", map[string]any{"width": v.width, "height": v.height, "deviceScaleFactor": scale, "mobile": v.phone})
	b.do("Emulation.setTouchEmulationEnabled", map[string]any{"enabled": v.phone, "maxTouchPoints": 2})
	scheme := "light"
	if v.dark {
		scheme = "dark"
	}
	b.do("Emulation.setEmulatedMedia", map[string]any{"media": v.media, "features": []map[string]string{{"name": "prefers-color-scheme", "value": scheme}}})
	b.do("Emulation.setScriptExecutionDisabled", map[string]any{"value": v.noScript})
	b.mu.Lock()
	b.problems, b.requests = nil, nil
	b.mu.Unlock()
	b.do("Page.navigate", map[string]any{"url": "file://" + path})
	b.wait("the page", "document.readyState === 'complete' && location.protocol === 'file:'")
	time.Sleep(300 * time.Millisecond) // the first drawing
}

// eval is the value of an expression on the page, as JSON.
func (b *browser) eval(into any, js string) {
	b.t.Helper()
	var r struct {
		Result           struct{ Value json.RawMessage }
		ExceptionDetails *struct {
			Text      string
			Exception struct{ Description string }
		}
	}
	b.must(b.session, "Runtime.evaluate", map[string]any{"expression": js, "returnByValue": true, "awaitPromise": true}, &r)
	if r.ExceptionDetails != nil {
		b.t.Fatalf("%s: %s %s", js, r.ExceptionDetails.Text, r.ExceptionDetails.Exception.Description)
	}
	if into != nil && r.Result.Value != nil {
		if err := json.Unmarshal(r.Result.Value, into); err != nil {
			b.t.Fatal(err)
		}
	}
}

// wait waits until an expression is true, at most five seconds.
func (b *browser) wait(what, js string) {
	b.t.Helper()
	if !b.soon(5*time.Second, js) {
		b.t.Errorf("%s: not so after 5 s: %s", what, js)
	}
}

// until waits for something that may take long; without it the test ends.
func (b *browser) until(what string, patience time.Duration, js string) {
	b.t.Helper()
	if !b.soon(patience, js) {
		b.shoot("failed", false)
		b.t.Fatalf("%s: not so after %v: %s", what, patience, js)
	}
}

// soon tells whether an expression is true within a time.
func (b *browser) soon(patience time.Duration, js string) bool {
	b.t.Helper()
	for end := time.Now().Add(patience); ; time.Sleep(50 * time.Millisecond) {
		ok := false
		if b.eval(&ok, "!!("+js+")"); ok {
			return true
		}
		if time.Now().After(end) {
			return false
		}
	}
}

func (b *browser) mouse(kind string, x, y float64, buttons int) {
	b.t.Helper()
	p := map[string]any{"type": kind, "x": x, "y": y, "buttons": buttons}
	if kind != "mouseMoved" {
		p["button"], p["clickCount"] = "left", 1
	}
	b.do("Input.dispatchMouseEvent", p)
}

// key presses a key that has a name, such as ArrowRight.
func (b *browser) key(name string, code int) { b.t.Helper(); b.press(name, code, 0) }

// Modifiers of press.
const control, shift = 2, 8

// press presses a key that has a name while modifiers are held.
func (b *browser) press(name string, code, modifiers int) {
	b.t.Helper()
	for _, kind := range []string{"rawKeyDown", "keyUp"} {
		b.do("Input.dispatchKeyEvent", map[string]any{"type": kind, "key": name, "code": name, "windowsVirtualKeyCode": code, "modifiers": modifiers})
	}
}

// click clicks in the middle of an element.
func (b *browser) click(js string) {
	b.t.Helper()
	var r [2]float64
	b.eval(&r, "(e => { e.scrollIntoView({block: 'nearest'}); const r = e.getBoundingClientRect(); return [r.left + r.width / 2, r.top + r.height / 2]; })("+js+")")
	b.mouse("mouseMoved", r[0], r[1], 0)
	b.mouse("mousePressed", r[0], r[1], 1)
	b.mouse("mouseReleased", r[0], r[1], 0)
}

// write types text into what has the focus.
func (b *browser) write(text string) {
	b.t.Helper()
	b.do("Input.insertText", map[string]any{"text": text})
}

// shoot keeps a picture of the page, of its whole length where full is set, in the
// folder that GXLAB_SHOTS names.
func (b *browser) shoot(name string, full bool) {
	b.t.Helper()
	dir := os.Getenv("GXLAB_SHOTS")
	if dir == "" {
		return
	}
	var r struct{ Data string }
	b.must(b.session, "Page.captureScreenshot", map[string]any{"format": "png", "captureBeyondViewport": full}, &r)
	p, err := base64.StdEncoding.DecodeString(r.Data)
	if err == nil {
		err = os.MkdirAll(dir, 0o777)
	}
	if err == nil {
		err = os.WriteFile(filepath.Join(dir, name+".png"), p, 0o644)
	}
	if err != nil {
		b.t.Error(err)
	}
}

// clean says what the page did that it should not.
func (b *browser) clean() {
	b.t.Helper()
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, p := range b.problems {
		b.t.Errorf("the page complains: %s", p)
	}
	for _, r := range b.requests {
		b.t.Errorf("the page asked the network for %s", r)
	}
}
