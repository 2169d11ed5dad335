package front

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
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
	"github.com/gxlab/gxlab/kernel/runner"
)

var found = sync.OnceValues(func() (*runner.Engine, error) {
	wd, err := os.Getwd()
	if err != nil {
		return nil, err
	}
	return runner.FindEngine(context.Background(), wd, nil)
})

// A desk is a kernel and a client of it, as Jupyter is one.
type desk struct {
	*testing.T
	front  *Front
	client *jupyter.Client
	log    *bytes.Buffer
	early  []jupyter.Message // published, and not asked for yet
	late   []jupyter.Message // replies
}

var shared struct {
	sync.Once
	front  *Front
	client *jupyter.Client
	log    bytes.Buffer
	err    error
}

func TestMain(m *testing.M) {
	if file := os.Getenv("GXLAB_TEST_KERNEL"); file != "" {
		os.Exit(standIn(file))
	}
	code := m.Run()
	if shared.front != nil {
		_ = shared.client.Close()
		shared.front.Close()
	}
	os.Exit(code)
}

// warm is the kernel that tests share.
func warm(t *testing.T) *desk {
	t.Helper()
	if testing.Short() {
		t.Skip("-short leaves the real kernel out")
	}
	shared.Do(func() {
		shared.front, shared.client, shared.err = begin(Options{Magic: nil, Log: &shared.log})
	})
	if shared.err != nil {
		t.Fatal(shared.err)
	}
	return &desk{T: t, front: shared.front, client: shared.client, log: &shared.log}
}

func begin(o Options) (*Front, *jupyter.Client, error) {
	e, err := found()
	if err != nil {
		return nil, nil, err
	}
	o.Engine = e
	conn, err := jupyter.NewConnection()
	if err != nil {
		return nil, nil, err
	}
	conn.ID = "0a1b-2c"
	f, err := Start(conn, o)
	if err != nil {
		return nil, nil, err
	}
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	c, err := jupyter.Dial(ctx, conn)
	return f, c, err
}

// send sends a request and returns its id.
func (d *desk) send(to jupyter.Channel, typ string, content any) string {
	d.Helper()
	m, err := jupyter.NewMessage(d.client.Session(), typ, content)
	if err != nil {
		d.Fatal(err)
	}
	if err := d.client.Send(to, m); err != nil {
		d.Fatal(err)
	}
	return m.Header.ID
}

// An answer is all that a request brings: what is published between busy and
// idle, and the reply.
type answer struct {
	reply     jupyter.Message
	published []jupyter.Message
}

// wait gathers a request's answer.
func (d *desk) wait(id string) answer {
	d.Helper()
	var a answer
	busy, idle, replied := false, false, false
	take := func(m jupyter.Message) {
		if m.Header.Type != "status" {
			a.published = append(a.published, m)
			return
		}
		switch state(m) {
		case "busy":
			busy = true
		case "idle":
			if !busy {
				d.Errorf("%s is idle before it was busy", m.Parent.Type)
			}
			idle = true
		}
	}
	mine := func(list []jupyter.Message) (rest []jupyter.Message, own []jupyter.Message) {
		for _, m := range list {
			if m.Parent.ID == id {
				own = append(own, m)
			} else {
				rest = append(rest, m)
			}
		}
		return rest, own
	}
	var own []jupyter.Message
	d.early, own = mine(d.early)
	for _, m := range own {
		take(m)
	}
	if d.late, own = mine(d.late); len(own) > 0 {
		a.reply, replied = own[0], true
	}
	deadline := time.After(30 * time.Second)
	for !(idle && replied) {
		select {
		case m := <-d.client.Published():
			if m.Parent.ID == id {
				take(m)
			} else {
				d.early = append(d.early, m)
			}
		case m := <-d.client.Replies():
			if m.Parent.ID == id {
				a.reply, replied = m, true
			} else {
				d.late = append(d.late, m)
			}
		case <-deadline:
			d.Fatalf("no answer: busy %v, idle %v, reply %v, published %s; log:\n%s", busy, idle, replied, kinds(a.published), d.log)
		}
	}
	return a
}

func (d *desk) ask(to jupyter.Channel, typ string, content any) answer {
	d.Helper()
	return d.wait(d.send(to, typ, content))
}

func cellRequest(code string) map[string]any {
	return map[string]any{"code": code, "silent": false, "store_history": true, "user_expressions": map[string]any{}, "allow_stdin": false, "stop_on_error": true}
}

func (d *desk) cell(code string) answer {
	d.Helper()
	return d.ask(jupyter.Shell, "execute_request", cellRequest(code))
}

func state(m jupyter.Message) string { return field[string](m, "execution_state") }

func field[T any](m jupyter.Message, name string) T {
	v, _ := jupyter.Field[T](m, name)
	return v
}

func kinds(list []jupyter.Message) string {
	var out []string
	for _, m := range list {
		out = append(out, m.Header.Type)
	}
	return strings.Join(out, " ")
}

func (a answer) status() string { return field[string](a.reply, "status") }

// text is what streams of a name hold.
func (a answer) text(name string) string {
	var b strings.Builder
	for _, m := range a.published {
		if m.Header.Type == "stream" && field[string](m, "name") == name {
			b.WriteString(field[string](m, "text"))
		}
	}
	return b.String()
}

// result is the plain text of the cell's result.
func (a answer) result() string {
	for _, m := range a.published {
		if m.Header.Type == "execute_result" {
			return field[map[string]any](m, "data")["text/plain"].(string)
		}
	}
	return ""
}

// failed checks that a cell failed with one error message, the same as its reply.
func (a answer) failed(t *testing.T, name string) (value, traceback string) {
	t.Helper()
	var errs []jupyter.Message
	for _, m := range a.published {
		switch m.Header.Type {
		case "error":
			errs = append(errs, m)
		case "display_data":
			t.Errorf("a second copy: %s", m.Content)
		}
	}
	if a.status() != "error" || len(errs) != 1 {
		t.Fatalf("reply %s, published %s: %s", a.reply.Content, kinds(a.published), a.text("stderr"))
	}
	for _, m := range []jupyter.Message{errs[0], a.reply} {
		if field[string](m, "ename") != name {
			t.Errorf("ename %q, want %q: %s", field[string](m, "ename"), name, m.Content)
		}
	}
	if field[string](errs[0], "evalue") != field[string](a.reply, "evalue") {
		t.Errorf("%s in the message, %s in the reply", errs[0].Content, a.reply.Content)
	}
	return field[string](errs[0], "evalue"), ansi.ReplaceAllString(strings.Join(field[[]string](errs[0], "traceback"), "\n"), "")
}

// Every request is answered between busy and idle, on the channel it came from.
func TestEveryRequestIsAnswered(t *testing.T) {
	d := warm(t)
	for typ, content := range map[string]any{
		"kernel_info_request": nil, "comm_info_request": map[string]any{}, "history_request": map[string]any{"hist_access_type": "tail", "n": 1, "output": false, "raw": true},
		"is_complete_request": map[string]any{"code": "func f() {"}, "complete_request": map[string]any{"code": "%%\nfmt.Pri", "cursor_pos": 10},
		"inspect_request": map[string]any{"code": "%%\nfmt.Print", "cursor_pos": 12, "detail_level": 0}, "debug_request": map[string]any{"command": "x"}, "usage_request": map[string]any{},
		"nonsense_request": map[string]any{}, "execute_request": cellRequest(""),
	} {
		if content == nil {
			content = struct{}{}
		}
		for _, c := range []jupyter.Channel{jupyter.Shell, jupyter.Control} {
			a := d.ask(c, typ, content)
			if a.reply.Header.Type != jupyter.ReplyType(typ) {
				t.Errorf("%s on %v got %s", typ, c, a.reply.Header.Type)
			}
			want := "ok"
			switch typ {
			case "is_complete_request":
				want = "incomplete"
			case "debug_request", "usage_request", "nonsense_request":
				want = "error"
			}
			if a.status() != want {
				t.Errorf("%s: %s", typ, a.reply.Content)
			}
		}
	}
	info := d.ask(jupyter.Control, "kernel_info_request", struct{}{}).reply
	lang := field[map[string]any](info, "language_info")
	if lang["name"] != "go" || lang["file_extension"] != ".go" || lang["pygments_lexer"] != "go" || lang["mimetype"] != "text/x-go" {
		t.Errorf("%s", info.Content)
	}
}

// Output, results and counts go under the request that they belong to.
func TestCells(t *testing.T) {
	d := warm(t)
	a := d.cell("%%\nfmt.Println(\"out\")\nfmt.Fprintln(os.Stderr, \"err\")")
	if a.status() != "ok" || a.text("stdout") != "out\n" || a.text("stderr") != "err\n" || a.published[0].Header.Type != "execute_input" {
		t.Errorf("%s %s %s", a.reply.Content, kinds(a.published), a.text("stderr"))
	}
	n := field[int](a.reply, "execution_count")
	quiet := cellRequest("%%\nfmt.Println(1)\n6*7")
	quiet["silent"] = true
	if a := d.ask(jupyter.Shell, "execute_request", quiet); a.status() != "ok" || len(a.published) != 0 || field[int](a.reply, "execution_count") != n {
		t.Errorf("silent: %s %s", a.reply.Content, kinds(a.published))
	}
	unkept := cellRequest("%%\nfmt.Println(1)")
	unkept["store_history"] = false
	if a := d.ask(jupyter.Shell, "execute_request", unkept); field[int](a.reply, "execution_count") != n || a.text("stdout") != "1\n" {
		t.Errorf("not kept: %s", a.reply.Content)
	}
	told := cellRequest("func twice(x int) int { return 2 * x }")
	told["user_expressions"] = map[string]any{"a": "twice(21)", "b": "nowhere", "c": "x :="}
	a = d.ask(jupyter.Shell, "execute_request", told)
	x := field[map[string]map[string]any](a.reply, "user_expressions")
	if field[int](a.reply, "execution_count") != n+1 || x["a"]["status"] != "ok" || fmt.Sprint(x["a"]["data"]) != "map[text/plain:42]" || x["b"]["status"] != "error" || x["b"]["evalue"] != "undefined: nowhere" || x["c"]["status"] != "error" {
		t.Errorf("%s", a.reply.Content)
	}
}

// What is too much to show is in a file, all of it.
func TestMuchOutput(t *testing.T) {
	d := warm(t)
	t.Setenv("TMPDIR", t.TempDir())
	a := d.cell("%%\nline := strings.Repeat(\"x\", 1023)\nfor range 15 << 10 {\n\tfmt.Println(line)\n}")
	shown := len(a.text("stdout"))
	list, err := filepath.Glob(filepath.Join(os.TempDir(), "gxlab-In*.txt"))
	if err != nil || len(list) != 1 {
		t.Fatal(list, err, a.text("stderr"))
	}
	fi, err := os.Stat(list[0])
	if err != nil || shown > showBytes || shown+int(fi.Size()) != 15<<20 {
		t.Errorf("%d bytes shown, %d in the file, %v", shown, fi.Size(), err)
	}
	if text := a.text("stderr"); strings.Count(text, list[0]) != 2 || !strings.Contains(text, "15 MB") {
		t.Errorf("%q", text)
	}
}

// A last expression's value is the cell's result; calls that give none, or an
// error beside, are left alone.
func TestResults(t *testing.T) {
	d := warm(t)
	d.cell("type pair struct{ A, B int }\n\nfunc (p pair) Sum() int { return p.A + p.B }\n\nfunc nothing() { fmt.Println(\"ran\") }\n\nfunc both() (int, error) { fmt.Println(\"ran\"); return 1, nil }\n\ntype drawn struct{}\n\nfunc (drawn) HTML() (string, error) { return \"<b>x</b>\", nil }")
	for code, want := range map[string]string{
		"%%\n6 * 7 // the answer":                               "42",
		"%%\np := pair{1, 2}\np.Sum()":                          "3",
		"%%\npair{1, 2}":                                        "{1 2}",
		"%%\nstrings.Repeat(\n\t\"ab\",\n\t2,\n)":               "abab",
		"import \"go/version\"\n%%\nversion.Lang(\"go1.26.1\")": "go1.26",
		"%%\nnothing()":                                         "",
		"%%\nboth()":                                            "",
		"%%\nfmt.Println(\"ran\")":                              "",
		"%%\nerr := error(nil)\nerr":                            "",
	} {
		a := d.cell(code)
		if a.status() != "ok" || a.result() != want {
			t.Errorf("%q gives %q: %s %s", code, a.result(), kinds(a.published), a.reply.Content)
		}
	}
	a := d.cell("%%\ndrawn{}")
	if !strings.Contains(kinds(a.published), "execute_result") || !strings.Contains(string(a.published[len(a.published)-1].Content), "text/html") {
		t.Errorf("%s %s", kinds(a.published), a.reply.Content)
	}
	a = d.cell("import \"github.com/gxlab/gxlab/kernel\"\n%%\nkernel.Clear(true)")
	if kinds(a.published) != "execute_input clear_output" || !field[bool](a.published[1], "wait") {
		t.Errorf("%s %s", kinds(a.published), a.reply.Content)
	}
}

// Failures are one error that names the cell and its line.
func TestFailures(t *testing.T) {
	d := warm(t)
	def := d.cell("// One more line.\nfunc boom(i int) int {\n\tvar a []int\n\treturn a[i]\n}")
	at := field[int](def.reply, "execution_count")
	next := func() int { at++; return at }

	unkept := cellRequest("func whoops() {\n\tpanic(\"whoops\")\n}")
	unkept["store_history"] = false
	d.ask(jupyter.Shell, "execute_request", unkept)
	n := next()
	if _, tb := d.cell("%%\nwhoops()").failed(t, "Panic"); !strings.Contains(tb, "Cell In[ ], line 2, in whoops") || !strings.Contains(tb, fmt.Sprintf("Cell In[%d], line 2", n)) {
		t.Error(tb)
	}
	n = next()
	v, tb := d.cell("%%\nx := 1\npanic(fmt.Sprint(\"bang \", x))").failed(t, "Panic")
	if v != "bang 1" || !strings.Contains(tb, fmt.Sprintf("Cell In[%d], line 3", n)) || !strings.Contains(tb, "----> 3 panic(") {
		t.Errorf("%s\n%s", v, tb)
	}
	n = next()
	a := d.cell("%%\nfmt.Println(\"before\")\nfmt.Fprintln(os.Stderr, \"warned\")\nboom(3)")
	v, tb = a.failed(t, "RuntimeError")
	if v != "index out of range [3] with length 0" || !strings.Contains(tb, fmt.Sprintf("Cell In[%d], line 4, in boom", field[int](def.reply, "execution_count"))) || !strings.Contains(tb, fmt.Sprintf("Cell In[%d], line 4", n)) {
		t.Errorf("%s\n%s", v, tb)
	}
	if a.text("stdout") != "before\n" || a.text("stderr") != "warned\n" {
		t.Errorf("stdout %q, stderr %q", a.text("stdout"), a.text("stderr"))
	}
	n = next()
	v, tb = d.cell("import \"fmt\"\n%%\nfmt.Println(1)\nfmt.Println(nowhere)\nvar y int = \"a\"").failed(t, "CompileError")
	if v != fmt.Sprintf("undefined: nowhere (Cell In[%d], line 4)", n) || !strings.Contains(tb, fmt.Sprintf("Cell In[%d], line 5", n)) || !strings.Contains(tb, "            ^") {
		t.Errorf("%s\n%s", v, tb)
	}
	n = next()
	v, tb = d.cell("%%\nx := 2\nx + nowhere").failed(t, "CompileError")
	if v != fmt.Sprintf("undefined: nowhere (Cell In[%d], line 3)", n) || !strings.Contains(tb, "----> 3 x + nowhere\n            ^") {
		t.Errorf("%s\n%s", v, tb)
	}
	n = next()
	if v, _ := d.cell("%%\nx := := 1").failed(t, "CompileError"); !strings.Contains(v, fmt.Sprintf("(Cell In[%d], line 2)", n)) {
		t.Error(v)
	}
	if v, _ := d.cell("6*7").failed(t, "CompileError"); !strings.Contains(v, "statements follow a line %%") {
		t.Error(v)
	}
	if v, _ := d.cell("!echo said; exit 3").failed(t, "ExitError"); v != "exit status 3" {
		t.Error(v)
	}
	if v, _ := d.cell("%%bash\nexit 4").failed(t, "ExitError"); v != "exit status 4" {
		t.Error(v)
	}
	if v, _ := d.cell("%%\nos.Exit(5)").failed(t, "ExitError"); v != "exit status 5" {
		t.Error(v)
	}
	if a := d.cell("%%\nfmt.Fprint(os.Stderr, \"panic: not at all\\n\")"); a.status() != "ok" || a.text("stderr") != "panic: not at all\n" {
		t.Errorf("%s %q", a.reply.Content, a.text("stderr"))
	}
	// A program that takes long to die.
	if v, _ := d.cell("%%\nfmt.Fprint(os.Stderr, \"panic: slow\\n\\n\")\ntime.Sleep(2 * time.Second)\nfmt.Fprint(os.Stderr, \"goroutine 1 [running]:\\n\")\nos.Exit(2)").failed(t, "Panic"); v != "slow" {
		t.Error(v)
	}
	for _, code := range []string{"% ", "!  ", "%exec", "%%script", "%%script \nx"} {
		if v, _ := d.cell(code).failed(t, "CommandError"); !strings.Contains(v, "needs to say what") {
			t.Error(v)
		}
	}
	if v, _ := d.cell("%cd /nowhere/at/all").failed(t, "CommandError"); !strings.Contains(v, "nowhere") {
		t.Error(v)
	}
	if v, _ := d.cell("%with_inputs\n!read x; echo $x").failed(t, "NoInput"); v == "" {
		t.Error("no reason")
	}
}

// A cell that fails drops those behind it, unless it is told not to.
func TestStopOnError(t *testing.T) {
	d := warm(t)
	first := d.send(jupyter.Shell, "execute_request", cellRequest("%%\npanic(1)"))
	second := d.send(jupyter.Shell, "execute_request", cellRequest("%%\nfmt.Println(2)"))
	d.wait(first).failed(t, "Panic")
	if a := d.wait(second); a.status() != "aborted" || len(a.published) > 0 {
		t.Errorf("%s %s", a.reply.Content, kinds(a.published))
	}
	on := cellRequest("%%\npanic(1)")
	on["stop_on_error"] = false
	first = d.send(jupyter.Shell, "execute_request", on)
	second = d.send(jupyter.Shell, "execute_request", cellRequest("%%\nfmt.Println(2)"))
	d.wait(first).failed(t, "Panic")
	if a := d.wait(second); a.status() != "ok" || a.text("stdout") != "2\n" {
		t.Errorf("%s %s", a.reply.Content, kinds(a.published))
	}
}

// alive waits for a process to end and says whether it lives on.
func alive(pid int, patience time.Duration) bool {
	for end := time.Now().Add(patience); time.Now().Before(end); time.Sleep(20 * time.Millisecond) {
		if syscall.Kill(pid, 0) != nil {
			return false
		}
		if b, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/stat"); err == nil {
			if _, rest, _ := strings.Cut(string(b), ") "); strings.HasPrefix(rest, "Z") {
				return false
			}
		}
	}
	return true
}

// pids reads the numbers that a cell wrote, once there are as many as n.
func pids(t *testing.T, file string, n int) []int {
	t.Helper()
	for range 600 {
		b, _ := os.ReadFile(file)
		if f := strings.Fields(string(b)); len(f) >= n && strings.HasSuffix(string(b), "\n") {
			var out []int
			for _, w := range f {
				p, err := strconv.Atoi(w)
				if err != nil {
					t.Fatal(err)
				}
				out = append(out, p)
			}
			return out
		}
		time.Sleep(20 * time.Millisecond)
	}
	t.Fatal("the cell never ran")
	return nil
}

// An interrupt ends the cell and what it has started within six seconds, also
// what does not want to end, and drops the queue; the kernel works on.
func TestInterrupt(t *testing.T) {
	d := warm(t)
	mark := filepath.Join(t.TempDir(), "pids")
	// The shell and its grandchild both turn a deaf ear.
	cell := d.send(jupyter.Shell, "execute_request", cellRequest("!trap '' INT; (trap '' INT; sleep 300 & echo $! $BASHPID >> "+mark+"; wait); sleep 300"))
	queued := d.send(jupyter.Shell, "execute_request", cellRequest("%%\nfmt.Println(\"never\")"))
	list := pids(t, mark, 2)
	began := time.Now()
	if a := d.ask(jupyter.Control, "interrupt_request", struct{}{}); a.status() != "ok" {
		t.Errorf("%s", a.reply.Content)
	}
	d.wait(cell).failed(t, "Interrupted")
	if took := time.Since(began); took > 6*time.Second {
		t.Errorf("it took %v", took)
	}
	if a := d.wait(queued); a.status() != "aborted" || len(a.published) > 0 {
		t.Errorf("%s", a.reply.Content)
	}
	for _, p := range list {
		if alive(p, time.Second) {
			t.Errorf("process %d lives on", p)
			_ = syscall.Kill(p, syscall.SIGKILL)
		}
	}
	// A cell that listens ends at once.
	cell = d.send(jupyter.Shell, "execute_request", cellRequest("%%\nos.WriteFile(\""+mark+"2\", []byte(fmt.Sprintln(os.Getpid())), 0o600)\nselect {\ncase <-time.After(time.Hour):\n}"))
	list = pids(t, mark+"2", 1)
	began = time.Now()
	d.front.Interrupt()
	a := d.wait(cell)
	a.failed(t, "Interrupted")
	if took := time.Since(began); took > 2*time.Second || alive(list[0], time.Second) {
		t.Errorf("it took %v", took)
	}
	if a.text("stderr") != "" {
		t.Errorf("stderr %q", a.text("stderr"))
	}
	if a := d.cell("%%\nfmt.Println(\"on\")"); a.text("stdout") != "on\n" {
		t.Errorf("%s", a.reply.Content)
	}
}

// An engine that dies is started again and knows the declarations.
func TestEngineDies(t *testing.T) {
	d := warm(t)
	d.cell("import str \"strings\"\n\nconst (\n\tzero = iota\n\tone\n)\n\ntype box[T any] struct{ v T }\n\nfunc (b box[T]) get() T { return b.v }\n\nvar word = str.ToUpper(\"abc\")")
	d.cell("func unbox() int { return box[int]{one + 1}.get() }\n\nfunc unbox2() string { return word }")
	d.cell("func unbox() int { return box[int]{one + 2}.get() }")
	d.front.mu.Lock()
	pid := d.front.engine.process.PID()
	d.front.mu.Unlock()
	cell := d.send(jupyter.Shell, "execute_request", cellRequest("%%\ntime.Sleep(time.Hour)"))
	time.Sleep(500 * time.Millisecond)
	_ = syscall.Kill(pid, syscall.SIGKILL)
	if v, _ := d.wait(cell).failed(t, "EngineDied"); !strings.Contains(v, "started again") {
		t.Error(v)
	}
	a := d.cell("%%\nfmt.Println(unbox(), unbox2())")
	if a.status() != "ok" || a.text("stdout") != "3 ABC\n" {
		t.Fatalf("%s %s %s", a.reply.Content, a.text("stderr"), d.log)
	}
	d.front.mu.Lock()
	pid = d.front.engine.process.PID()
	d.front.mu.Unlock()
	_ = syscall.Kill(pid, syscall.SIGKILL)
	alive(pid, 2*time.Second)
	if a := d.cell("%%\nfmt.Println(unbox())"); a.text("stdout") != "3\n" || !strings.Contains(a.text("stderr"), "started again") {
		t.Errorf("%s %q", a.reply.Content, a.text("stderr"))
	}
}

// Names are known without gopls: ours without an import, the session's, and what
// follows a dot.
func TestNames(t *testing.T) {
	d := warm(t)
	d.cell("type shelf struct{ Books int; owner string }\n\n// Tidy puts the books in order.\nfunc (s *shelf) Tidy(hard bool) error { return nil }\n\nfunc myShelf() *shelf { return &shelf{} }")
	complete := func(code string) []string {
		t.Helper()
		before, after, _ := strings.Cut(code, "|")
		a := d.ask(jupyter.Shell, "complete_request", map[string]any{"code": before + after, "cursor_pos": len([]rune(before))})
		return field[[]string](a.reply, "matches")
	}
	for code, want := range map[string]string{
		"%%\nfmt.Prin|":                        "Print Printf Println",
		"%%\nfmt.Println(myShelf().|":          "Books Tidy owner",
		"%%\ns := myShelf()\nif s.Ti| {\n}":    "Tidy",
		"%%\n// für π\nmySh|":                  "myShelf",
		"%%\nfor _, x := range strings.Fie|":   "Fields FieldsFunc FieldsFuncSeq FieldsSeq",
		"%%\ntabwriter.NewW|":                  "NewWriter",
		"import \"go/build\"\n%%\nbuild.Defa|": "Default",
		"%gxlab d|":                            "device doctor",
		"%noauto|":                             "%noautoget",
		"%%\ntotal := 1\nfmt.Println(tot|)":    "total",
	} {
		if got := strings.Join(complete(code), " "); got != want {
			t.Errorf("%q: %s, want %s", code, got, want)
		}
	}
	if got := complete("%%\ngx.Autoenc|"); !slices.Contains(got, "Autoencoder") {
		t.Errorf("gx.Autoenc: %v", got)
	}
	if got := complete("%%\ngx.Autoencoder().|"); !slices.Contains(got, "Hidden") || !slices.Contains(got, "Code") {
		t.Errorf("gx.Autoencoder(): %v", got)
	}
	inspect := func(code string) string {
		t.Helper()
		before, after, _ := strings.Cut(code, "|")
		a := d.ask(jupyter.Shell, "inspect_request", map[string]any{"code": before + after, "cursor_pos": len([]rune(before)), "detail_level": 0})
		if !field[bool](a.reply, "found") {
			return ""
		}
		return fmt.Sprint(field[map[string]any](a.reply, "data")["text/plain"])
	}
	for code, want := range map[string][]string{
		"%%\ngx.Autoenc|oder().Hidden(2)":  {"func gx.Autoencoder()", "Autoencoder "},
		"%%\nfmt.Println(1, |2)":           {"func fmt.Println(a ...any)", "Spaces are always added"},
		"%%\nmyShelf().Tidy|":              {"Tidy(hard bool) error", "puts the books in order"},
		"%%\ngx|":                          {"package gx"},
		"%%\nx := gx.Autoencoder().Code(|": {"Code("},
	} {
		got := inspect(code)
		for _, w := range want {
			if !strings.Contains(got, w) {
				t.Errorf("%q: %q lacks %q", code, got, w)
			}
		}
	}
	if got := inspect("%%\nnowhere|"); got != "" {
		t.Error(got)
	}
	if a := d.cell("%%\nfmt.Println(gx.Autoencoder() != gx.Training{})"); a.status() != "ok" && !strings.Contains(string(a.reply.Content), "cannot be compared") && !strings.Contains(string(a.reply.Content), "cannot compare") {
		t.Errorf("gx without an import: %s", a.reply.Content)
	}
	a := d.cell("?gx.Autoencoder")
	if p := field[[]map[string]any](a.reply, "payload"); len(p) != 1 || p[0]["source"] != "page" {
		t.Errorf("%s", a.reply.Content)
	}
}

// What was typed is found again.
func TestHistoryRequests(t *testing.T) {
	d := warm(t)
	d.cell("%%\n1 + 1")
	a := d.ask(jupyter.Shell, "history_request", map[string]any{"hist_access_type": "tail", "n": 1, "output": true, "raw": true})
	var h struct{ History [][3]json.RawMessage }
	if err := json.Unmarshal(a.reply.Content, &h); err != nil || len(h.History) != 1 || string(h.History[0][2]) != `["%%\n1 + 1","2"]` {
		t.Errorf("%s %v", a.reply.Content, err)
	}
}

// A cell reads what the user types.
func TestInput(t *testing.T) {
	d := warm(t)
	c := cellRequest("%with_inputs\n!read x; echo got $x")
	c["allow_stdin"] = true
	id := d.send(jupyter.Shell, "execute_request", c)
	select {
	case m := <-d.client.Inputs():
		if m.Header.Type != "input_request" || m.Parent.ID != id {
			t.Errorf("%+v", m.Header)
		}
		d.send(jupyter.Stdin, "input_reply", map[string]string{"value": "a word"})
	case <-time.After(10 * time.Second):
		t.Fatal("nobody asked")
	}
	if a := d.wait(id); a.status() != "ok" || a.text("stdout") != "got a word\n" {
		t.Errorf("%s %q", a.reply.Content, a.text("stdout"))
	}
}

// GoNB's comm is passed on and known; any other is closed at once.
func TestComms(t *testing.T) {
	d := warm(t)
	d.cell("!true") // the engine is there
	id := d.send(jupyter.Shell, "comm_open", map[string]any{"comm_id": "c1", "target_name": "nobody", "data": map[string]any{}})
	closed := false
	for end := time.After(5 * time.Second); !closed; {
		select {
		case m := <-d.client.Published():
			closed = m.Parent.ID == id && m.Header.Type == "comm_close" && field[string](m, "comm_id") == "c1"
		case <-end:
			t.Fatal("the comm is not closed")
		}
	}
	d.send(jupyter.Shell, "comm_open", map[string]any{"comm_id": "c2", "target_name": gonbTarget, "data": map[string]any{}})
	a := d.ask(jupyter.Shell, "comm_info_request", map[string]any{"target_name": gonbTarget})
	if fmt.Sprint(field[map[string]any](a.reply, "comms")) != "map[c2:map[target_name:gonb_comm]]" {
		t.Errorf("%s", a.reply.Content)
	}
	d.send(jupyter.Shell, "comm_close", map[string]any{"comm_id": "c2", "data": map[string]any{}})
}

// until waits for a published message of a request that fits.
func (d *desk) until(id string, fits func(jupyter.Message) bool) {
	d.Helper()
	for i := range d.early {
		if d.early[i].Parent.ID == id && fits(d.early[i]) {
			return
		}
	}
	for end := time.After(20 * time.Second); ; {
		select {
		case m := <-d.client.Published():
			d.early = append(d.early, m)
			if m.Parent.ID == id && fits(m) {
				return
			}
		case m := <-d.client.Replies():
			d.late = append(d.late, m)
		case <-end:
			d.Fatalf("it never comes: %s", kinds(d.early))
		}
	}
}

// GoNB's widgets speak with the page while their cell runs.
func TestWidgets(t *testing.T) {
	d := warm(t)
	cell := d.send(jupyter.Shell, "execute_request", cellRequest("import \"github.com/janpfeifer/gonb/gonbui/comms\"\n%%\nin := comms.Listen[int](\"/x\")\nfmt.Println(\"ready\")\nfmt.Println(<-in.C)"))
	d.until(cell, func(m jupyter.Message) bool {
		return m.Header.Type == "display_data" && strings.Contains(string(m.Content), "0a1b-2c") // the page's way back
	})
	open := d.send(jupyter.Shell, "comm_open", map[string]any{"comm_id": "w", "target_name": gonbTarget, "kernel_id": "0a1b-2c", "data": map[string]any{}})
	d.until(open, func(m jupyter.Message) bool { return m.Header.Type == "comm_msg" })
	d.until(cell, func(m jupyter.Message) bool { return field[string](m, "text") == "ready\n" })
	d.send(jupyter.Shell, "comm_msg", map[string]any{"comm_id": "w", "data": map[string]any{"address": "/x", "value": 7}})
	if a := d.wait(cell); a.status() != "ok" || a.text("stdout") != "ready\n7\n" {
		t.Errorf("%s %q", a.reply.Content, a.text("stdout"))
	}
}

// standIn is a kernel's process for TestParentDies and TestShutdown.
func standIn(file string) int {
	conn, err := jupyter.ReadConnection(file)
	if err != nil {
		return 1
	}
	parent := os.Getppid()
	Adopt()
	root, bin, _ := strings.Cut(os.Getenv("GXLAB_TEST_ENGINE"), "\n")
	f, err := Start(conn, Options{Engine: &runner.Engine{Root: root, Bin: bin}, Alone: true, Log: os.Stderr})
	if err != nil {
		return 1
	}
	for os.Getppid() == parent {
		select {
		case <-f.Done():
			f.Close()
			return 0
		case <-time.After(50 * time.Millisecond):
		}
	}
	f.Close()
	return 0
}
