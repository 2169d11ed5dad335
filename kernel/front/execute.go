package front

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"runtime/debug"
	"strings"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/gxlab/gxlab/kernel/jupyter"
)

// A job is a request to execute a cell.
type job struct {
	m           jupyter.Message
	c           jupyter.Channel
	Code        string            `json:"code"`
	Silent      bool              `json:"silent"`
	Store       *bool             `json:"store_history"`
	Expressions map[string]string `json:"user_expressions"`
	Stdin       bool              `json:"allow_stdin"`
	Stop        *bool             `json:"stop_on_error"`

	ctx         context.Context
	cancel      context.CancelCauseFunc
	began       time.Time
	interrupted atomic.Bool
}

var errInterrupted = errors.New("the cell was interrupted")

// enqueue puts a request to execute behind those before it.
func (f *Front) enqueue(c jupyter.Channel, m jupyter.Message) {
	j := &job{m: m, c: c}
	if err := json.Unmarshal(m.Content, j); err != nil {
		f.during(c, m, func() any { return refusal("BadRequest", err.Error()) })
		return
	}
	j.ctx, j.cancel = context.WithCancelCause(f.ctx)
	f.mu.Lock()
	f.queue = append(f.queue, j)
	f.mu.Unlock()
	select {
	case f.queued <- struct{}{}:
	default:
	}
}

// work executes what is queued, one after the other.
func (f *Front) work() {
	for {
		f.mu.Lock()
		var j *job
		if len(f.queue) > 0 {
			j, f.queue = f.queue[0], f.queue[1:]
			j.began = time.Now()
			f.running = j
		}
		f.mu.Unlock()
		if j == nil {
			select {
			case <-f.queued:
				continue
			case <-f.ctx.Done():
				return
			}
		}
		f.execute(j)
		j.cancel(nil)
	}
}

// execute runs one cell and tells how it ended.
func (f *Front) execute(j *job) {
	f.status(j.m, "busy")
	store := !j.Silent && (j.Store == nil || *j.Store)
	f.mu.Lock()
	if store {
		f.count++
	}
	n := f.count
	id := n
	if !store { // nobody counts it, yet it may declare what others use
		f.uncounted--
		id = f.uncounted
	}
	f.mu.Unlock()
	if !j.Silent {
		f.publish(j.m.Header, "execute_input", map[string]any{"code": j.Code, "execution_count": n})
	}
	out := &outputs{f: f, j: j, count: n}
	fail := f.run(j, id, out)
	out.end()
	if j.interrupted.Load() {
		fail = interruption(fail)
	}
	if store {
		f.mu.Lock()
		f.history.add(n, j.Code, out.text)
		f.mu.Unlock()
	}
	reply := map[string]any{"execution_count": n, "user_expressions": map[string]any{}, "payload": out.payload()}
	stop := false
	if fail != nil {
		reply["status"] = "error"
		for k, v := range fail.content() {
			reply[k] = v
		}
		if !j.Silent {
			f.publish(j.m.Header, "error", fail.content())
		}
		stop = j.Stop == nil || *j.Stop
	} else {
		reply["status"] = "ok"
		reply["user_expressions"] = f.expressions(j)
	}
	f.mu.Lock()
	f.running = nil
	var dropped []*job
	if stop {
		dropped, f.queue = f.queue, nil
	}
	f.mu.Unlock()
	f.reply(j.c, j.m, reply)
	f.status(j.m, "idle")
	f.drop(dropped)
}

// drop answers cells that will not be executed.
func (f *Front) drop(list []*job) {
	for _, j := range list {
		f.during(j.c, j.m, func() any {
			f.mu.Lock()
			defer f.mu.Unlock()
			r := refusal("Aborted", "a cell before this one failed or was interrupted")
			r["status"], r["execution_count"], r["user_expressions"], r["payload"] = "aborted", f.count, map[string]any{}, []any{}
			return r
		})
		j.cancel(nil)
	}
}

// run passes a cell on to the engine. n tells the cells of a session apart.
func (f *Front) run(j *job, n int, out *outputs) (fail *failure) {
	defer func() {
		if r := recover(); r != nil {
			f.log("%v\n%s", r, debug.Stack())
			fail = &failure{name: "InternalError", value: fmt.Sprint(r)}
		}
	}()
	if what, ok := asksFor(j.Code); ok {
		return out.page(f.describe(what))
	}
	code, fail := f.magic(j.ctx, j.Code, out)
	if fail != nil || strings.TrimSpace(code) == "" {
		return fail
	}
	c := splitCell(code)
	if !j.Stdin && asksInput(c) {
		return &failure{name: "NoInput", value: "the cell asks for input, and this client gives none"}
	}
	if fail := unfinished(c); fail != nil {
		return fail
	}
	if c.hasGo() && !c.script {
		if fset, _, err := c.parse(); err != nil {
			return syntaxFailure(fset, c, err, n)
		}
	}
	reply, p, err := f.pass(j, n, c, out)
	if errors.Is(err, errUntaken) {
		reply, p, err = f.pass(j, n, c, out) // on the next engine
	}
	switch {
	case errors.Is(err, errInterrupted), err != nil && j.interrupted.Load():
		return interruption(nil)
	case errors.Is(err, errDied):
		f.mu.Lock()
		f.restarted = false // this failure says it
		f.mu.Unlock()
		return &failure{name: "EngineDied", value: "the engine ended while the cell ran; it is started again with the declarations of the cells before"}
	case err != nil:
		return &failure{name: "NoEngine", value: err.Error()}
	}
	fail = out.failure(reply)
	if fail == nil || !fail.compile {
		f.mu.Lock()
		f.session.add(n, c)
		f.session.use(p.imports)
		f.mu.Unlock()
	}
	return fail
}

// pass sends a cell to the engine, once there is one, and waits for its answer.
func (f *Front) pass(j *job, n int, c *cell, out *outputs) (jupyter.Message, prepared, error) {
	e, err := f.ready(j.ctx)
	if err != nil {
		return jupyter.Message{}, prepared{}, err
	}
	f.mu.Lock()
	again, unplayed := f.restarted, f.unplayed
	f.restarted, f.unplayed = false, ""
	f.mu.Unlock()
	out.mu.Lock()
	switch {
	case unplayed != "":
		out.print("stderr", "The engine had ended and was started again; the declarations of the cells before could not be replayed: "+firstMessage(unplayed)+"\n")
	case again:
		out.print("stderr", "The engine had ended and was started again; the declarations of the cells before are there again.\n")
	}
	out.mu.Unlock()
	p := f.prepare(c)
	out.program = &program{front: f, engine: e, sent: splitCell(p.code), p: p, count: n, cell: c}
	m, err := executeRequest(j.m.Header.Session, p.code, j.Stdin)
	if err != nil {
		return m, p, err
	}
	m.Header.ID, m.Header.Username = j.m.Header.ID, j.m.Header.Username
	reply, err := e.ask(j.ctx, m, out.take)
	if err != nil && context.Cause(j.ctx) != nil {
		err = context.Cause(j.ctx)
	}
	return reply, p, err
}

// unfinished refuses commands that say too little: the engine would die of them.
func unfinished(c *cell) *failure {
	for i, l := range c.lines {
		words := strings.Fields(trimComment(l))
		if !c.command[i] || len(words) != 1 || c.script && i > 0 {
			continue
		}
		switch words[0] {
		case "%", "!", "!*", "%exec", "%%script":
			return &failure{name: "CommandError", value: fmt.Sprintf("line %d: %s needs to say what", i+1, words[0]), compile: true}
		}
	}
	return nil
}

// asksInput says whether a cell reads what the user types.
func asksInput(c *cell) bool {
	for i, l := range c.lines {
		t := trimComment(l)
		if c.command[i] && (strings.HasPrefix(t, "%with_inputs") || strings.HasPrefix(t, "%with_password")) {
			return true
		}
	}
	return false
}

// Interrupt stops the running cell and drops those that are queued.
func (f *Front) Interrupt() {
	f.mu.Lock()
	j := f.running
	dropped := f.queue
	f.queue = nil
	f.mu.Unlock()
	f.drop(dropped)
	if j == nil || j.interrupted.Swap(true) {
		return
	}
	go f.stop(j)
}

// Times that an interrupted cell has.
const (
	politeFor = 4 * time.Second         // between the signal and the end
	deadFor   = 1500 * time.Millisecond // between the end and that of the engine
)

// stop ends all that a cell has started: it asks, then kills, and where the engine
// itself does not come back, ends that.
func (f *Front) stop(j *job) {
	f.mu.Lock()
	e := f.engine
	f.mu.Unlock()
	if e == nil { // the cell waits for an engine
		j.cancel(errInterrupted)
		return
	}
	asked := map[int]bool{}
	began := time.Now()
	for {
		kill := time.Since(began) > politeFor
		for _, p := range f.started(j.began) {
			if kill {
				signal(p.pid, syscall.SIGKILL)
			} else if !asked[p.pid] {
				asked[p.pid] = true
				signal(p.pid, syscall.SIGINT)
			}
		}
		if time.Since(began) > politeFor+deadFor {
			f.log("the engine does not come back from an interrupt")
			signal(e.process.PID(), syscall.SIGKILL)
			return
		}
		select {
		case <-j.ctx.Done(): // the cell has ended; what it left behind goes too
			for _, p := range f.started(j.began) {
				if asked[p.pid] {
					go f.finish(p, began)
				}
			}
			reap(map[int]bool{e.process.PID(): true})
			return
		case <-time.After(50 * time.Millisecond):
		}
	}
}

// finish kills a process that has been asked to end, once its time is over.
func (f *Front) finish(p process, began time.Time) {
	for time.Since(began) < politeFor {
		time.Sleep(50 * time.Millisecond)
		if syscall.Kill(p.pid, 0) != nil {
			return
		}
	}
	for _, q := range processes() {
		if q.pid == p.pid && q.age >= p.age {
			signal(p.pid, syscall.SIGKILL)
		}
	}
}

// started lists the processes below the engine and below us that began after a
// time: those of the cell that began then.
func (f *Front) started(since time.Time) []process {
	f.mu.Lock()
	e := f.engine
	f.mu.Unlock()
	if e == nil {
		return nil
	}
	all := processes()
	seen := map[int]bool{e.process.PID(): true, os.Getpid(): true}
	var out []process
	for _, root := range []int{e.process.PID(), f.root()} {
		if root == 0 {
			continue
		}
		for _, p := range below(all, root) {
			if !seen[p.pid] && p.age <= time.Since(since)+20*time.Millisecond {
				seen[p.pid] = true
				out = append(out, p)
			}
		}
	}
	return out
}

// root is our own process where it is a kernel's alone, whose descendants are all
// the cells'; 0 otherwise.
func (f *Front) root() int {
	if f.o.Alone {
		return os.Getpid()
	}
	return 0
}

// signalCell sends a signal to all that a cell has started.
func (f *Front) signalCell(j *job, sig syscall.Signal) {
	for _, p := range f.started(j.began) {
		signal(p.pid, sig)
	}
}

// sweep ends whatever an engine that has ended has left behind.
func (f *Front) sweep() {
	if !f.o.Alone {
		return
	}
	for range 3 { // what is ended may leave its own behind
		list := below(processes(), os.Getpid())
		for _, p := range list {
			signal(p.pid, syscall.SIGKILL)
		}
		if len(list) == 0 {
			break
		}
		time.Sleep(20 * time.Millisecond)
	}
	reap(nil)
}

// expressions evaluates a request's user expressions.
func (f *Front) expressions(j *job) map[string]any {
	all := map[string]any{}
	for name, x := range j.Expressions {
		all[name] = f.evaluate(j, x)
	}
	return all
}

// evaluate gives an expression's value as the protocol wants it.
func (f *Front) evaluate(j *job, x string) any {
	e, err := f.ready(j.ctx)
	if err != nil {
		return refusal("NoEngine", err.Error())
	}
	if c := splitCell("%%\n" + x); strings.ContainsAny(x, "\n") || !endsInExpression(c) {
		return refusal("CompileError", fmt.Sprintf("%q is no expression", x))
	}
	var data, meta json.RawMessage
	failed := refusal("Error", "the expression has no value")
	reply, err := e.execute(j.ctx, importKernel+"\n%%\n"+resultName+"("+x+")", func(m jupyter.Message) {
		switch m.Header.Type {
		case "display_data":
			data, _ = jupyter.Field[json.RawMessage](m, "data")
			meta, _ = jupyter.Field[json.RawMessage](m, "metadata")
		case "error":
			v, _ := jupyter.Field[string](m, "evalue")
			failed = refusal("CompileError", firstMessage(v))
		}
	})
	if err != nil {
		return refusal("Error", err.Error())
	}
	if s, _ := jupyter.Field[string](reply, "status"); s != "ok" {
		return failed
	}
	if data == nil {
		data = json.RawMessage(`{"text/plain":"<nil>"}`)
	}
	return map[string]any{"status": "ok", "data": data, "metadata": strip(meta)}
}
