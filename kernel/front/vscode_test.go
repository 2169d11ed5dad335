package front

import (
	"strings"
	"testing"
	"time"

	"github.com/gxlab/gxlab/kernel/jupyter"
)

// The messages of VS Code's Jupyter extension when it opens a notebook and runs it, in
// its order. They are put together from the extension's source and the logs in its
// issues (it speaks to the kernel itself, with no server between): kernel_info is sent
// again every half second without waiting for an answer, cells carry their address as
// metadata and no user_expressions, run with stop_on_error off, and an interrupt by
// message came on shell up to November 2025 (its issue 17143), on control since. Both
// must get through while a cell runs.
func TestMessagesOfVSCode(t *testing.T) {
	d := warm(t)
	next := func(to jupyter.Channel, typ string, content any) string {
		t.Helper()
		m, err := jupyter.NewMessage(d.client.Session(), typ, content)
		if err != nil {
			t.Fatal(err)
		}
		m.Metadata = []byte(`{"cellId": "vscode-notebook-cell:/home/user/a%20b.ipynb#W0sZmlsZQ%3D%3D", "trusted": true}`)
		if err := d.client.Send(to, m); err != nil {
			t.Fatal(err)
		}
		return m.Header.ID
	}
	run := func(code string, quiet, store bool) map[string]any {
		return map[string]any{"code": code, "silent": quiet, "store_history": store, "allow_stdin": true, "stop_on_error": false}
	}

	// The start, without waiting for anything.
	var infos []string
	for _, c := range []jupyter.Channel{jupyter.Shell, jupyter.Shell, jupyter.Control, jupyter.Shell} {
		infos = append(infos, next(c, "kernel_info_request", map[string]any{}))
	}
	comms := next(jupyter.Shell, "comm_info_request", map[string]any{"target_name": "jupyter.widget"})
	silent := next(jupyter.Shell, "execute_request", run("%%\nfmt.Println(6 * 7)", true, false))
	unkept := next(jupyter.Shell, "execute_request", run("%%\nfmt.Println(6 * 7)", false, false))
	complete := next(jupyter.Shell, "complete_request", map[string]any{"code": "%%\ngx.Autoenc", "cursor_pos": 13})
	for _, id := range infos {
		if a := d.wait(id); a.status() != "ok" || field[map[string]any](a.reply, "language_info")["name"] != "go" {
			t.Errorf("kernel_info: %s", a.reply.Content)
		}
	}
	if a := d.wait(comms); a.status() != "ok" || len(field[map[string]any](a.reply, "comms")) != 0 {
		t.Errorf("comm_info: %s", a.reply.Content)
	}
	a := d.wait(silent)
	count := field[int](a.reply, "execution_count")
	if a.status() != "ok" || len(a.published) != 0 {
		t.Errorf("silent: %s %s", a.reply.Content, kinds(a.published))
	}
	if a := d.wait(unkept); a.status() != "ok" || a.text("stdout") != "42\n" || field[int](a.reply, "execution_count") != count {
		t.Errorf("not kept: %s %q", a.reply.Content, a.text("stdout"))
	}
	if a := d.wait(complete); !strings.Contains(string(a.reply.Content), "Autoencoder") {
		t.Errorf("completion: %s", a.reply.Content)
	}

	// Cells: the next one is sent when the one before has its reply.
	a = d.wait(next(jupyter.Shell, "execute_request", run("%%\nfmt.Println(\"one\")\n6*7", false, true)))
	if a.status() != "ok" || a.text("stdout") != "one\n" || a.result() != "42" || field[int](a.reply, "execution_count") != count+1 {
		t.Errorf("a cell: %s %s", a.reply.Content, kinds(a.published))
	}
	// A failing cell does not drop the one behind it.
	failing := next(jupyter.Shell, "execute_request", run("%%\npanic(\"no\")", false, true))
	behind := next(jupyter.Shell, "execute_request", run("%%\nfmt.Println(\"two\")", false, true))
	d.wait(failing).failed(t, "Panic")
	if a := d.wait(behind); a.status() != "ok" || a.text("stdout") != "two\n" {
		t.Errorf("the cell behind: %s", a.reply.Content)
	}

	// While a cell runs: completion and kernel_info are answered, an interrupt ends it.
	for _, c := range []jupyter.Channel{jupyter.Shell, jupyter.Control} {
		endless := next(jupyter.Shell, "execute_request", run("%%\nfmt.Println(\"on its way\")\nfor {\n\ttime.Sleep(time.Millisecond)\n}", false, true))
		d.until(endless, func(m jupyter.Message) bool { return field[string](m, "text") == "on its way\n" })
		if a := d.wait(next(jupyter.Shell, "complete_request", map[string]any{"code": "%%\nstrings.Fie", "cursor_pos": 14})); !strings.Contains(string(a.reply.Content), "FieldsFunc") {
			t.Errorf("completion while a cell runs: %s", a.reply.Content)
		}
		if a := d.wait(next(jupyter.Shell, "kernel_info_request", map[string]any{})); a.status() != "ok" {
			t.Errorf("kernel_info while a cell runs: %s", a.reply.Content)
		}
		began := time.Now()
		if a := d.wait(next(c, "interrupt_request", map[string]any{})); a.status() != "ok" || a.reply.Header.Type != "interrupt_reply" {
			t.Errorf("interrupt on %v: %s", c, a.reply.Content)
		}
		d.wait(endless).failed(t, "Interrupted")
		if took := time.Since(began); took > 6*time.Second {
			t.Errorf("an interrupt on %v took %v", c, took)
		}
	}
	if a := d.wait(next(jupyter.Shell, "execute_request", run("%%\nfmt.Println(\"on\")", false, true))); a.status() != "ok" || a.text("stdout") != "on\n" {
		t.Errorf("after the interrupts: %s", a.reply.Content)
	}
}
