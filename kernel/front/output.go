package front

import (
	"encoding/json"
	"fmt"
	"os"
	"regexp"
	"strings"
	"sync"
	"time"

	"github.com/gxlab/gxlab/kernel/jupyter"
)

// MIME types and metadata by which package kernel speaks to the front.
const (
	clearType  = "application/vnd.gxlab.clear+json"
	resultMark = "gxlab_result"
)

// outputs is what a running cell publishes.
type outputs struct {
	f       *Front
	j       *job
	count   int
	program *program

	mu     sync.Mutex
	stderr string // not passed on yet
	held   bool   // stderr begins with what looks like a panic
	crash  string // what came since, also where it was passed on meanwhile
	exit   string // how a command ended that failed
	text   string // of the result
	pages  []any
	ended  bool
	shown  int      // bytes that streams have printed
	rest   *os.File // takes what is too much to show
}

// showBytes is how much a cell may print into the notebook. What is more goes to a
// file, which is named.
const showBytes = 10 << 20

// exited is what the engine prints after a program that failed.
var exited = regexp.MustCompile(`^(?:\^C\n)?(exit status \d+|signal: [a-z ]+(?: \(core dumped\))?)\n$`)

// crashes begin what a Go program prints when it dies.
var crashes = []string{"panic: ", "fatal error: ", "unexpected fault address ", "runtime: goroutine stack exceeds ", "SIGQUIT: quit"}

// take hears one message of the engine.
func (o *outputs) take(m jupyter.Message) {
	switch m.Header.Type {
	case "execute_input", "error":
		return // we tell both ourselves
	case "comm_open", "comm_close":
		o.f.engineComm(m)
	case "stream":
		name, _ := jupyter.Field[string](m, "name")
		text, _ := jupyter.Field[string](m, "text")
		if name == "stderr" {
			o.takeStderr(text)
			return
		}
		o.flush(false)
		o.mu.Lock()
		o.print(name, text)
		o.mu.Unlock()
		return
	case "display_data":
		o.flush(false)
		if o.display(m) {
			return
		}
	}
	if o.j.Silent && !strings.HasPrefix(m.Header.Type, "comm_") {
		return
	}
	m.Parent, m.Header.Session = o.j.m.Header, o.f.server.Session()
	if err := o.f.server.Send(jupyter.IOPub, m); err != nil && o.f.ctx.Err() == nil {
		o.f.log("%s could not be published: %v", m.Header.Type, err)
	}
}

// display turns displays that package kernel has marked into what they stand for,
// and says whether it did.
func (o *outputs) display(m jupyter.Message) bool {
	data, _ := jupyter.Field[map[string]json.RawMessage](m, "data")
	if wait, ok := data[clearType]; ok {
		o.publish("clear_output", map[string]bool{"wait": strings.Contains(string(wait), "true")})
		return true
	}
	meta, _ := jupyter.Field[map[string]json.RawMessage](m, "metadata")
	if _, ok := meta[resultMark]; !ok {
		return false
	}
	delete(meta, resultMark)
	var text string
	_ = json.Unmarshal(data["text/plain"], &text)
	o.text = text
	o.publish("execute_result", map[string]any{"execution_count": o.count, "data": data, "metadata": meta})
	return true
}

func (o *outputs) publish(typ string, content any) {
	if !o.j.Silent {
		o.f.publish(o.j.m.Header, typ, content)
	}
}

// print prints to the notebook, or where that has had enough, to a file. The
// caller holds o.mu.
func (o *outputs) print(stream, text string) {
	if text == "" || o.j.Silent {
		return
	}
	tell := func(stream, text string) {
		o.publish("stream", map[string]string{"name": stream, "text": text})
	}
	if o.rest == nil && o.shown+len(text) > showBytes {
		f, err := os.CreateTemp("", fmt.Sprintf("gxlab-In%d-*.txt", o.count))
		if err != nil {
			o.f.log("too much output has no file: %v", err)
			o.shown = 0 // shown then, for want of a better place
		} else {
			o.rest = f
			tell("stderr", fmt.Sprintf("\nThe cell has printed %d MB; what follows is in %s\n", o.shown>>20, f.Name()))
		}
	}
	o.shown += len(text)
	if o.rest != nil {
		if _, err := o.rest.WriteString(text); err != nil {
			tell("stderr", fmt.Sprintf("\n%v: output is lost\n", err))
		}
		return
	}
	tell(stream, text)
}

// takeStderr passes text on and holds back what looks like a panic: that becomes
// the cell's error.
func (o *outputs) takeStderr(text string) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if m := exited.FindStringSubmatch(text); m != nil {
		o.exit = m[1]
		return
	}
	o.stderr += text
	if o.crash != "" && len(o.crash) < 1<<20 {
		o.crash += text
	}
	if o.held {
		return
	}
	at := crashAt(o.stderr)
	if at < 0 {
		keep := partial(o.stderr)
		o.emit(o.stderr[:len(o.stderr)-keep])
		o.stderr = o.stderr[len(o.stderr)-keep:]
		return
	}
	o.emit(o.stderr[:at])
	o.stderr, o.held = o.stderr[at:], true
	o.crash = o.stderr
	time.AfterFunc(1500*time.Millisecond, func() { o.flush(true) }) // the program lives on: it was no crash
}

// emit prints stderr with the notebook's places.
func (o *outputs) emit(text string) {
	if o.program != nil {
		text = o.program.places(text, false)
	}
	o.print("stderr", text)
}

// flush passes on what is held; a crash only where it is none.
func (o *outputs) flush(crash bool) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.ended || o.held && !crash {
		return
	}
	o.emit(o.stderr)
	o.stderr, o.held = "", false
}

// end passes on what is left.
func (o *outputs) end() {
	o.flush(true)
	o.mu.Lock()
	defer o.mu.Unlock()
	o.ended = true
	if o.rest == nil {
		return
	}
	if err := o.rest.Close(); err != nil {
		o.f.log("%v", err)
	}
	o.publish("stream", map[string]string{"name": "stderr", "text": fmt.Sprintf("The cell has printed %d MB; what is not shown is in %s\n", o.shown>>20, o.rest.Name())})
}

// crashAt is where a line begins that begins a crash, or -1.
func crashAt(s string) int {
	best := -1
	for _, c := range crashes {
		for from := 0; ; {
			i := strings.Index(s[from:], c)
			if i < 0 {
				break
			}
			i += from
			if i == 0 || s[i-1] == '\n' {
				if best < 0 || i < best {
					best = i
				}
				break
			}
			from = i + 1
		}
	}
	return best
}

// partial is how much of the end of s may be the beginning of a crash.
func partial(s string) int {
	last := s[strings.LastIndexByte(s, '\n')+1:]
	for _, c := range crashes {
		if last != "" && len(last) < len(c) && strings.HasPrefix(c, last) {
			return len(last)
		}
	}
	return 0
}

// failure is how the cell failed, if it did.
func (o *outputs) failure(reply jupyter.Message) *failure {
	o.mu.Lock()
	defer o.mu.Unlock()
	status, _ := jupyter.Field[string](reply, "status")
	if status == "ok" && o.exit == "" {
		return nil
	}
	if died := o.exit == "exit status 2"; o.crash != "" && (died || o.held && strings.Contains(o.crash, "\ngoroutine ")) {
		if o.held {
			o.stderr, o.held = "", false
		}
		return o.program.crash(o.crash)
	}
	if o.exit != "" {
		return o.program.exited(o.exit)
	}
	value, _ := jupyter.Field[string](reply, "evalue")
	return o.program.refused(value)
}

// page hands text to the client's pager.
func (o *outputs) page(data map[string]any, fail *failure) *failure {
	if fail == nil {
		o.pages = append(o.pages, map[string]any{"source": "page", "data": data, "start": 0})
	}
	return fail
}

func (o *outputs) payload() []any {
	if o.pages == nil {
		return []any{}
	}
	return o.pages
}

// strip takes our mark off an output's metadata.
func strip(meta json.RawMessage) map[string]json.RawMessage {
	m := map[string]json.RawMessage{}
	_ = json.Unmarshal(meta, &m) // what is no object has no mark
	delete(m, resultMark)
	return m
}
