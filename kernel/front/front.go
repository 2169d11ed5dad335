package front

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/gxlab/gxlab/kernel/jupyter"
	"github.com/gxlab/gxlab/kernel/runner"
)

// Options are what a kernel needs.
type Options struct {
	Engine  *runner.Engine
	Dir     string   // the cells' working folder; default the current one
	Env     []string // more of the cells' environment
	History string   // file that keeps the history over restarts; "": none
	Version string   // of gxlab
	Log     io.Writer
	Alone   bool  // this process is the kernel and nothing else: all its descendants are its own to end
	Magic   Magic // answers %gxlab; nil: nobody
}

// Front is a kernel.
type Front struct {
	reading
	o          Options
	id         string // by which pages know the kernel
	server     *jupyter.Server
	cancel     context.CancelFunc
	over       chan struct{} // closed when the kernel has been asked to end
	ending     sync.Once
	engineDone chan struct{}
	asks       chan func()

	engine    *engine
	engineErr error
	changed   chan struct{} // closed when engine or engineErr is set
	restarted bool          // the next cell says so
	unplayed  string        // why the declarations could not be replayed
	history   *history
	count     int
	uncounted int // below zero: tells cells apart that are not counted
	queue     []*job
	queued    chan struct{}
	running   *job
	comms     map[string]string // id → target
	asked     time.Time         // when the user was last asked for input
	logged    sync.Mutex
}

// HistoryFile is where the history of a user's kernels is kept.
func HistoryFile() string {
	dir := os.Getenv("XDG_STATE_HOME")
	if dir == "" {
		home, err := os.UserHomeDir()
		if err != nil {
			return ""
		}
		dir = filepath.Join(home, ".local", "state")
	}
	return filepath.Join(dir, "gxlab", "history.jsonl")
}

// Start binds the connection's sockets and starts the engine in the background.
func Start(conn jupyter.Connection, o Options) (*Front, error) {
	if o.Dir == "" {
		wd, err := os.Getwd()
		if err != nil {
			return nil, err
		}
		o.Dir = wd
	}
	f := &Front{
		o: o, id: conn.ID, over: make(chan struct{}), engineDone: make(chan struct{}), changed: make(chan struct{}), queued: make(chan struct{}, 1),
		history: openHistory(o.History), comms: map[string]string{}, asks: make(chan func(), 256),
	}
	ctx, cancel := context.WithCancel(context.Background())
	f.reading, f.cancel = newReading(ctx, newNames(o.Engine), 10*time.Second), cancel
	bound := make(chan struct{})
	server, err := jupyter.Listen(conn, func(c jupyter.Channel, m jupyter.Message) {
		<-bound
		f.take(c, m)
	})
	if err != nil {
		f.cancel()
		return nil, err
	}
	f.server = server
	f.publish(jupyter.Header{}, "status", map[string]string{"execution_state": "starting"})
	close(bound)
	go f.keepEngine()
	go f.work()
	go func() {
		for {
			select {
			case ask := <-f.asks:
				ask()
			case <-f.ctx.Done():
				return
			}
		}
	}()
	return f, nil
}

// Done is closed once the kernel has been asked to end.
func (f *Front) Done() <-chan struct{} { return f.over }

// saveFor is the time that a running cell has to save its work when the kernel
// ends. Jupyter waits five seconds for all of it.
const saveFor = 2500 * time.Millisecond

// Close ends the kernel, the engine and all that its cells have started.
func (f *Front) Close() {
	f.ending.Do(func() { close(f.over) })
	f.mu.Lock()
	dropped, j := f.queue, f.running
	f.queue = nil
	f.mu.Unlock()
	f.drop(dropped)
	if j != nil {
		f.signalCell(j, syscall.SIGINT)
		select {
		case <-j.ctx.Done():
		case <-time.After(saveFor):
		}
	}
	f.cancel()
	<-f.engineDone
	f.sweep()
	f.server.Close()
}

func (f *Front) log(format string, args ...any) {
	if f.o.Log == nil {
		return
	}
	f.logged.Lock()
	defer f.logged.Unlock()
	fmt.Fprintf(f.o.Log, "%s gxlab: "+format+"\n", append([]any{time.Now().Format("15:04:05.000")}, args...)...)
}

func (f *Front) publish(parent jupyter.Header, typ string, content any) {
	if err := f.server.Publish(parent, typ, content); err != nil && f.ctx.Err() == nil {
		f.log("%s could not be published: %v", typ, err)
	}
}

func (f *Front) reply(c jupyter.Channel, to jupyter.Message, content any) {
	if err := f.server.Reply(c, to, jupyter.ReplyType(to.Header.Type), content); err != nil && f.ctx.Err() == nil {
		f.log("%s could not be answered: %v", to.Header.Type, err)
	}
}

// during answers a request between busy and idle. Where a cell is running, the
// kernel is said to be busy with that again.
func (f *Front) during(c jupyter.Channel, m jupyter.Message, answer func() any) {
	f.status(m, "busy")
	content := func() (content any) {
		defer func() {
			if r := recover(); r != nil {
				f.log("%s: %v\n%s", m.Header.Type, r, debug.Stack())
				content = refusal("InternalError", fmt.Sprint(r))
			}
		}()
		return answer()
	}()
	if content != nil {
		f.reply(c, m, content)
	}
	f.status(m, "idle")
	f.mu.Lock() // a cell that ends meanwhile says idle after this
	defer f.mu.Unlock()
	if f.running != nil && f.ctx.Err() == nil {
		f.status(f.running.m, "busy")
	}
}

func (f *Front) status(m jupyter.Message, state string) {
	f.publish(m.Header, "status", map[string]string{"execution_state": state})
}

// take answers one request, or puts it where it is answered. It never waits for
// a cell.
func (f *Front) take(c jupyter.Channel, m jupyter.Message) {
	switch t := m.Header.Type; t {
	case "execute_request":
		f.enqueue(c, m)
	case "complete_request", "inspect_request":
		ask := func() { f.during(c, m, func() any { return f.lookUp(m) }) }
		select {
		case f.asks <- ask:
		default:
			f.during(c, m, func() any { return refusal("Busy", "too many questions at once") })
		}
	case "kernel_info_request":
		f.during(c, m, func() any { return f.info() })
	case "is_complete_request":
		f.during(c, m, func() any {
			code, _ := jupyter.Field[string](m, "code")
			status, indent := isComplete(code)
			r := map[string]any{"status": status}
			if status == incomplete {
				r["indent"] = indent
			}
			return r
		})
	case "history_request":
		f.during(c, m, func() any {
			var q historyRequest
			if err := json.Unmarshal(m.Content, &q); err != nil {
				return refusal("BadRequest", err.Error())
			}
			f.mu.Lock()
			defer f.mu.Unlock()
			return map[string]any{"status": "ok", "history": f.history.answer(q)}
		})
	case "comm_info_request":
		f.during(c, m, func() any { return f.commInfo(m) })
	case "comm_open", "comm_msg", "comm_close":
		f.during(c, m, func() any { f.comm(m); return nil })
	case "interrupt_request":
		f.during(c, m, func() any { f.Interrupt(); return map[string]any{"status": "ok"} })
	case "shutdown_request":
		restart, _ := jupyter.Field[bool](m, "restart")
		f.during(c, m, func() any { return map[string]any{"status": "ok", "restart": restart} })
		f.ending.Do(func() { close(f.over) })
	case "input_reply":
		f.answerQuestion(m)
	default:
		if strings.HasSuffix(t, "_request") {
			f.during(c, m, func() any { return refusal("UnknownRequest", "this kernel does not know "+t) })
			return
		}
		f.during(c, m, func() any { f.log("a message of type %q is of no use here", t); return nil })
	}
}

// refusal is the content of a reply that says no.
func refusal(name, value string) map[string]any {
	return map[string]any{"status": "error", "ename": name, "evalue": value, "traceback": []string{}}
}

func (f *Front) info() any {
	return map[string]any{
		"status": "ok", "protocol_version": jupyter.Version, "implementation": "gxlab", "implementation_version": f.o.Version,
		"language_info": map[string]any{
			"name": "go", "version": strings.TrimPrefix(runtime.Version(), "go"), "mimetype": "text/x-go", "file_extension": ".go",
			"pygments_lexer": "go", "codemirror_mode": "go",
		},
		"banner": "gxlab " + f.o.Version + ": Go for gene expression. A cell's statements follow a line %%; ?name shows what name is; %gxlab lists our commands.",
		"help_links": []map[string]string{
			{"text": "gxlab", "url": "https://pkg.go.dev/" + runner.Module}, {"text": "Go", "url": "https://go.dev/doc/"},
			{"text": "GoNB", "url": "https://github.com/janpfeifer/gonb"},
		},
		"debugger": false, "supported_features": []string{},
	}
}

// commInfo lists the open comms.
func (f *Front) commInfo(m jupyter.Message) any {
	target, _ := jupyter.Field[string](m, "target_name")
	list := map[string]any{}
	f.mu.Lock()
	defer f.mu.Unlock()
	for id, t := range f.comms {
		if target == "" || t == target {
			list[id] = map[string]string{"target_name": t}
		}
	}
	return map[string]any{"status": "ok", "comms": list}
}

// gonbTarget is the comm by which GoNB's widgets speak with the page.
const gonbTarget = "gonb_comm"

// comm passes a comm's message on to the engine, which does not answer it. A comm
// that nobody here knows is closed at once.
func (f *Front) comm(m jupyter.Message) {
	id, _ := jupyter.Field[string](m, "comm_id")
	f.mu.Lock()
	e := f.engine
	switch m.Header.Type {
	case "comm_open":
		target, _ := jupyter.Field[string](m, "target_name")
		if target != gonbTarget || e == nil {
			f.mu.Unlock()
			f.publish(m.Header, "comm_close", map[string]any{"comm_id": id, "data": map[string]any{}})
			return
		}
		f.comms[id] = target
	case "comm_close":
		delete(f.comms, id)
	}
	f.mu.Unlock()
	if e == nil {
		return
	}
	m.Identities, m.Parent = nil, jupyter.Header{}
	if err := e.client.Send(jupyter.Shell, m); err != nil {
		f.log("%s could not be passed on: %v", m.Header.Type, err)
	}
}

// stray is what the engine publishes outside of a request: comms, and displays
// that come late.
func (f *Front) stray(m jupyter.Message) {
	switch m.Header.Type {
	case "status", "execute_input", "error", "stream":
		return
	case "comm_open", "comm_close":
		f.engineComm(m)
	}
	f.mu.Lock()
	own := f.engine != nil && m.Parent.Session == f.engine.client.Session()
	f.mu.Unlock()
	if !own {
		m.Header.Session = f.server.Session()
		_ = f.server.Send(jupyter.IOPub, m) // it is late already
	}
}

// engineComm notes a comm that the engine opens or closes.
func (f *Front) engineComm(m jupyter.Message) {
	id, _ := jupyter.Field[string](m, "comm_id")
	f.mu.Lock()
	defer f.mu.Unlock()
	if m.Header.Type == "comm_close" {
		delete(f.comms, id)
		return
	}
	f.comms[id], _ = jupyter.Field[string](m, "target_name")
}

// question passes the engine's question on to the client whose cell is running.
func (f *Front) question(m jupyter.Message) {
	f.mu.Lock()
	j := f.running
	f.asked = time.Now()
	f.mu.Unlock()
	if j == nil || !j.Stdin {
		return
	}
	m.Identities, m.Parent, m.Header.Session = j.m.Identities, j.m.Header, f.server.Session()
	if err := f.server.Send(jupyter.Stdin, m); err != nil {
		f.log("a question could not be asked: %v", err)
	}
}

// answerQuestion passes the user's answer on.
func (f *Front) answerQuestion(m jupyter.Message) {
	f.mu.Lock()
	e, asked := f.engine, f.asked
	f.mu.Unlock()
	if e == nil {
		return
	}
	// The engine asks first and listens a moment later.
	if wait := 100*time.Millisecond - time.Since(asked); wait > 0 {
		time.Sleep(wait)
	}
	m.Identities, m.Parent = nil, jupyter.Header{}
	if err := e.client.Send(jupyter.Stdin, m); err != nil {
		f.log("an answer could not be passed on: %v", err)
	}
}
