package runner_test

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/gxlab/gxlab/kernel/runner"
)

// slow is the patience with what trains, compiles or starts: the machine may be busy
// with other things.
const slow = 4 * time.Minute

// What a user does, in JupyterLab with the installed kernel: opens the first notebook
// at tiny, with a training to watch and a widget behind it; runs all cells; sees figures, and the curve while it moves; completes a name and asks for its
// documentation; interrupts a cell that does not end; restarts and runs all again.
func TestSessionInJupyterLab(t *testing.T) {
	j := newLab(t)
	b := start(t)
	j.install()
	codeCells := j.firstNotebook("session.ipynb")
	j.serve()
	j.open(b, "session.ipynb")
	b.until("the notebook", slow, "window.jupyterapp && document.querySelectorAll('.jp-CodeCell').length === "+fmt.Sprint(codeCells))
	b.until("the kernel is ready", slow, "jupyterapp.shell.currentWidget.sessionContext?.session?.kernel?.status === 'idle'")
	var name string
	if b.eval(&name, "document.querySelector('.jp-KernelName').textContent"); !strings.Contains(name, "Go (gxlab)") {
		t.Errorf("the kernel is %q", name)
	}
	b.eval(nil, helpers)
	b.shoot("session-1-opened", false)

	b.menu("Run", "Run All Cells")
	b.until("the training shows a curve", slow, "lab.pictures.size >= 1")
	b.until("the curve moves", slow, "lab.pictures.size >= 3")
	b.eval(nil, "lab.live().scrollIntoView({block: 'center'})")
	b.shoot("session-2-training", false)
	b.until("all cells have run", slow, "lab.done()")
	b.finished("run all", codeCells)
	b.eval(nil, "document.querySelectorAll('.jp-RenderedSVG img')[0].scrollIntoView({block: 'center'})")
	b.shoot("session-3-figures", false)

	// The widget tells of the sample under the pointer, and a click on a class changes it.
	n := 0
	b.until("the widgets live", time.Minute, "document.querySelectorAll('.gxw').length >= 2 && document.querySelectorAll('.gxw:not([data-live])').length === 0")
	b.eval(&n, "document.querySelectorAll('.gxw').length")
	k := n - 1
	text, _, _ := b.hover("the map of codes", k)
	if !strings.Contains(text, "tissue: ") {
		t.Errorf("the map of codes tells %q", text)
	}
	b.shoot("session-4-widget", false)
	before := b.pixels(k)
	b.click(widget(k) + ".querySelector('.gxw-legend button')")
	if b.pixels(k) == before {
		t.Error("a click on a class changes nothing")
	}
	b.shoot("session-5-widget-clicked", false)

	// A cell of the user's: names, documentation, an end by interrupt.
	b.click("lab.cells().at(-1).querySelector('.jp-InputPrompt')")
	b.eval(nil, "jupyterapp.commands.execute('notebook:insert-cell-below')")
	b.until("a new cell", time.Minute, fmt.Sprintf("lab.cells().length === %d", codeCells+1))
	// JupyterLab waits a second for an answer: on a busy machine a user presses the key again.
	b.again("completion after gx.", func() bool {
		b.source("%%\n")
		b.write("gx.")
		b.key("Tab", 9)
		return b.soon(5*time.Second, "lab.completions().some(e => e.includes('Autoencoder')) && lab.completions().some(e => e.includes('PCA'))")
	})
	b.shoot("session-6-completion", false)
	b.key("Escape", 27)
	b.again("documentation of gx.PCA", func() bool {
		b.source("%%\n")
		b.write("gx.PCA")
		b.press("Tab", 9, shift)
		return b.soon(5*time.Second, "[...document.querySelectorAll('.jp-Tooltip')].some(e => e.innerText.includes('func gx.PCA('))")
	})
	b.shoot("session-7-tooltip", false)
	b.eval(&text, "document.querySelector('.jp-Tooltip').innerText")
	t.Logf("Shift-Tab on gx.PCA: %q", text)
	if !strings.Contains(text, "func gx.PCA(") {
		t.Errorf("the tooltip says %q", text)
	}
	b.key("Escape", 27)

	last := "lab.cells().at(-1)"
	b.source("%%\nfmt.Println(\"on its way\")\nfor {\n\ttime.Sleep(time.Millisecond)\n}")
	b.press("Enter", 13, control)
	b.until("an endless cell runs", slow, last+".innerText.includes('[*]') && "+last+".innerText.includes('on its way')")
	b.shoot("session-8-endless", false)
	began := time.Now()
	b.click("lab.tool('interrupt')")
	b.until("the interrupt ends it", slow, "lab.done() && "+last+".querySelector('.jp-OutputArea').innerText.includes('Interrupted')")
	t.Logf("an interrupt took %v", time.Since(began).Round(10*time.Millisecond))
	b.shoot("session-9-interrupted", false)
	b.source("%%\nfmt.Println(\"on\", 6*7)")
	b.press("Enter", 13, control)
	b.until("the kernel works on", slow, "lab.done() && "+last+".querySelector('.jp-OutputArea').innerText.trim() === 'on 42'")
	var prompts []int
	if b.eval(&prompts, "lab.prompts()"); prompts[codeCells] != codeCells+2 {
		t.Errorf("prompts before the restart: %v", prompts)
	}

	b.click("lab.tool('restart-and-run')")
	b.until("a question before the restart", time.Minute, "document.querySelector('.jp-Dialog button.jp-mod-accept')")
	b.shoot("session-10-restart", false)
	b.click("document.querySelector('.jp-Dialog button.jp-mod-accept')")
	b.until("all cells have run anew", slow, fmt.Sprintf("lab.done() && lab.prompts().every((p, i) => p === i + 1) && lab.prompts().length === %d", codeCells+1))
	b.finished("restart and run all", codeCells+1)
	b.eval(nil, "lab.live().scrollIntoView({block: 'start'})")
	b.shoot("session-11-run-anew", false)
}

// helpers look at the notebook on the page. Pictures of the live curve are told
// apart by what is drawn.
const helpers = `window.lab = {
	cells: () => [...document.querySelectorAll('.jp-CodeCell')],
	prompts: () => lab.cells().map(e => parseInt((e.querySelector('.jp-InputPrompt').textContent.match(/\d+/) || ['0'])[0])),
	done: () => lab.cells().every(e => /\[\d+\]/.test(e.querySelector('.jp-InputPrompt').textContent)) && jupyterapp.shell.currentWidget.sessionContext.session?.kernel?.status === 'idle',
	tool: name => document.querySelector('.jp-NotebookPanel-toolbar [data-jp-item-name="' + name + '"]'),
	completions: () => [...document.querySelectorAll('.jp-Completer .jp-Completer-item')].map(e => e.textContent),
	live: () => lab.cells().find(e => e.querySelector('.cm-content').textContent.includes('a training to watch')),
	pictures: new Set(),
};
new MutationObserver(() => {
	for (const e of lab.live().querySelectorAll('.jp-OutputArea-output svg'))
		lab.pictures.add([...e.querySelectorAll('path,polyline')].map(p => p.getAttribute('d') || p.getAttribute('points')).join(' '));
}).observe(lab.live(), {childList: true, subtree: true})`

// menu chooses from the menu bar.
func (b *browser) menu(menu, item string) {
	b.t.Helper()
	b.click("[...document.querySelectorAll('.lm-MenuBar-item')].find(e => e.innerText.trim() === '" + menu + "')")
	at := "[...document.querySelectorAll('.lm-Menu-item')].find(e => e.querySelector('.lm-Menu-itemLabel')?.innerText.trim() === '" + item + "' && !e.classList.contains('lm-mod-disabled'))"
	b.until("the menu "+menu, time.Minute, at)
	b.click(at)
}

// again tries what may need several tries on a busy machine.
func (b *browser) again(what string, try func() bool) {
	b.t.Helper()
	for end := time.Now().Add(2 * time.Minute); !try(); b.key("Escape", 27) {
		if time.Now().After(end) {
			b.shoot("session-failed", false)
			b.t.Errorf("%s: it does not come", what)
			return
		}
	}
}

// source replaces the text of the last cell and puts the cursor at its end.
func (b *browser) source(code string) {
	b.t.Helper()
	j, _ := json.Marshal(code)
	b.eval(nil, `(n => {
		n.activeCellIndex = n.widgets.length - 1;
		n.mode = 'edit';
		const c = n.activeCell;
		c.model.sharedModel.setSource(`+string(j)+`);
		const e = c.editor, line = e.lineCount - 1;
		e.focus();
		e.setCursorPosition({line, column: e.getLine(line).length});
	})(jupyterapp.shell.currentWidget.content)`)
}

// finished checks that all cells have run without an error, and that figures are seen.
func (b *browser) finished(what string, cells int) {
	b.t.Helper()
	var errs []string
	b.eval(&errs, "[...document.querySelectorAll('[data-mime-type=\"application/vnd.jupyter.error\"], [data-mime-type=\"application/vnd.jupyter.stderr\"]')].map(e => e.innerText)")
	if len(errs) > 0 {
		b.t.Errorf("%s: %q", what, errs)
	}
	var prompts []int
	b.eval(&prompts, "lab.prompts()")
	for i, p := range prompts {
		if p != i+1 || len(prompts) != cells {
			b.t.Errorf("%s: prompts %v", what, prompts)
			break
		}
	}
	figures := "[...document.querySelectorAll('.jp-RenderedSVG img')].filter(e => e.naturalWidth > 100 && e.offsetHeight > 50).length"
	if !b.soon(time.Minute, figures+" >= 4") {
		n := 0
		b.eval(&n, figures)
		b.t.Errorf("%s: %d figures are seen", what, n)
	}
}

// install installs our kernel for this JupyterLab, and settings that keep all cells on
// the page.
func (j *jupyterLab) install() {
	t := j.t
	t.Helper()
	j.env = append(j.env, "GXLAB_STORE="+filepath.Join(j.home, "store"), "XDG_STATE_HOME="+filepath.Join(j.home, "state"), "JUPYTER_PATH="+filepath.Join(j.home, "prefix", "share", "jupyter"))
	for _, e := range []string{"GOCACHE", "GOMODCACHE"} { // the home folder is another
		out, err := exec.Command("go", "env", e).Output()
		if err != nil {
			t.Fatal(err)
		}
		j.env = append(j.env, e+"="+strings.TrimSpace(string(out)))
	}
	program := filepath.Join(j.home, "gxlab")
	for _, args := range [][]string{{"go", "build", "-o", program, "github.com/gxlab/gxlab/kernel/cmd/gxlab"}, {program, "install", "--prefix", filepath.Join(j.home, "prefix")}} {
		c := exec.Command(args[0], args[1:]...)
		c.Env = append(os.Environ(), j.env...)
		if out, err := c.CombinedOutput(); err != nil {
			t.Fatalf("%v: %v\n%s", args, err, out)
		}
	}
	for path, text := range map[string]string{
		"lab/user-settings/@jupyterlab/notebook-extension/tracker.jupyterlab-settings":      `{"windowingMode": "none"}`,
		"lab/user-settings/@jupyterlab/apputils-extension/notification.jupyterlab-settings": `{"fetchNews": "false", "checkForUpdates": false}`,
		"jupyter_server_config.json": `{"LabApp": {"expose_app_in_browser": true}}`,
	} {
		path = filepath.Join(j.home, path)
		err := os.MkdirAll(filepath.Dir(path), 0o777)
		if err == nil {
			err = os.WriteFile(path, []byte(text), 0o644)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
}

// firstNotebook writes the first notebook at scale tiny, with a training to watch
// and a widget behind it. It returns its number of code cells.
func (j *jupyterLab) firstNotebook(name string) (codeCells int) {
	t := j.t
	t.Helper()
	paths, err := filepath.Glob("../../notebooks/01_*.ipynb")
	if err != nil || len(paths) != 1 {
		t.Fatal(paths, err)
	}
	n, err := runner.Read(paths[0])
	if err != nil {
		t.Fatal(err)
	}
	for i, source := range []string{
		"%%\n// a training to watch\nkernel.Show(gx.Must(kernel.Keep(paper(split()).Epochs(600).Named(\"watched\").Watch(plotting.Live()))))",
		"%%\nkernel.Show(plotting.CodeMapWidget(gx.Must(fit().Encode(test()))))",
	} {
		n.Cells = append(n.Cells, &runner.Cell{Type: "code", ID: fmt.Sprint("ours", i), Source: source})
	}
	text, err := n.JSON()
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range n.Cells {
		if c.Type == "code" {
			codeCells++
		}
	}
	out := strings.Replace(string(text), `scale  = \"small\"`, `scale  = \"tiny\" `, 1) // as a user would
	if out == string(text) {
		t.Fatal("the notebook has no scale small")
	}
	if err := os.WriteFile(filepath.Join(j.dir, name), []byte(out), 0o644); err != nil {
		t.Fatal(err)
	}
	return codeCells
}
