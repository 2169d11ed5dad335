package front

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/gxlab/gxlab/kernel/jupyter"
	"github.com/gxlab/gxlab/kernel/runner"
)

// An engine is a running GoNB and the requests that it has not answered yet.
type engine struct {
	process *runner.Process
	client  *jupyter.Client
	stray   func(jupyter.Message) // hears what belongs to no request
	input   func(jupyter.Message) // hears questions to the user
	mu      sync.Mutex
	asked   map[string]*call
	dead    bool
}

// call is a request on its way.
type call struct {
	on      func(jupyter.Message) // hears what is published, in its order
	reply   jupyter.Message
	begun   bool
	replied bool
	idle    bool
	err     error
	done    chan struct{}
}

// errDied says that the engine ended while it was needed, errUntaken that it had
// not begun with what it was asked.
var (
	errDied    = errors.New("the engine ended")
	errUntaken = errors.New("the engine ended before it began")
)

// launch starts an engine and waits until it takes cells.
func (f *Front) launch(ctx context.Context) (*engine, error) {
	p, err := f.o.Engine.Spawn(f.o.Dir, f.id, f.o.Env...)
	if err != nil {
		return nil, err
	}
	c, err := p.Dial(ctx)
	if err != nil {
		p.End(0)
		return nil, err
	}
	e := &engine{process: p, client: c, stray: f.stray, input: f.question, asked: map[string]*call{}}
	go e.route()
	code := runner.Settings
	f.mu.Lock()
	again := f.session.replay()
	f.mu.Unlock()
	if again != "" {
		code += "\n" + again
	}
	failed := ""
	reply, err := e.execute(ctx, code, func(m jupyter.Message) {
		if m.Header.Type == "error" {
			failed, _ = jupyter.Field[string](m, "evalue")
		}
	})
	if err == nil {
		if s, _ := jupyter.Field[string](reply, "status"); s != "ok" && again == "" {
			err = fmt.Errorf("the engine refuses its settings: %s", failed)
		} else if s != "ok" {
			f.log("the declarations could not be replayed: %s", failed)
			f.mu.Lock()
			f.unplayed = failed
			f.mu.Unlock()
		}
	}
	if err != nil {
		e.end(0)
		return nil, err
	}
	return e, nil
}

// route hands on what the engine says until it ends.
func (e *engine) route() {
	take := func(m jupyter.Message, published bool) {
		e.mu.Lock()
		c := e.asked[m.Parent.ID]
		if c != nil {
			c.begun = true
		}
		e.mu.Unlock()
		if published && m.Header.Type == "status" {
			if s, _ := jupyter.Field[string](m, "execution_state"); c == nil || s != "idle" {
				return
			}
			c.idle = true
		} else if !published {
			if c == nil || c.replied {
				return
			}
			c.reply, c.replied = m, true
		} else if c == nil {
			e.stray(m)
			return
		} else if c.on != nil {
			c.on(m)
		}
		if c.idle && c.replied {
			e.mu.Lock()
			if e.asked[m.Parent.ID] != nil {
				delete(e.asked, m.Parent.ID)
				close(c.done)
			}
			e.mu.Unlock()
		}
	}
	for {
		select {
		case m := <-e.client.Published():
			take(m, true)
		case m := <-e.client.Replies():
			take(m, false)
		case m := <-e.client.Inputs():
			e.input(m)
		case <-e.process.Died():
			time.Sleep(20 * time.Millisecond)
			for more := true; more; { // what it had said by then
				select {
				case m := <-e.client.Published():
					take(m, true)
				case m := <-e.client.Replies():
					take(m, false)
				default:
					more = false
				}
			}
			e.mu.Lock()
			e.dead = true
			for id, c := range e.asked {
				if c.err = errDied; !c.begun {
					c.err = errUntaken
				}
				delete(e.asked, id)
				close(c.done)
			}
			e.mu.Unlock()
			_ = e.client.Close()
			return
		}
	}
}

// ask sends a request and waits for its answer and for all that is published
// before the engine is idle again.
func (e *engine) ask(ctx context.Context, m jupyter.Message, on func(jupyter.Message)) (jupyter.Message, error) {
	c := &call{on: on, done: make(chan struct{})}
	e.mu.Lock()
	if e.dead {
		e.mu.Unlock()
		return jupyter.Message{}, errUntaken
	}
	e.asked[m.Header.ID] = c
	e.mu.Unlock()
	m.Identities, m.Parent = nil, jupyter.Header{}
	if err := e.client.Send(jupyter.Shell, m); err != nil {
		select {
		case <-e.process.Died():
			err = errUntaken
		default:
		}
		e.forget(m.Header.ID)
		return jupyter.Message{}, err
	}
	select {
	case <-c.done:
		return c.reply, c.err
	case <-ctx.Done():
		e.forget(m.Header.ID)
		return jupyter.Message{}, ctx.Err()
	}
}

func (e *engine) forget(id string) {
	e.mu.Lock()
	delete(e.asked, id)
	e.mu.Unlock()
}

// execute runs code of our own.
func (e *engine) execute(ctx context.Context, code string, on func(jupyter.Message)) (jupyter.Message, error) {
	m, err := executeRequest(e.client.Session(), code, false)
	if err != nil {
		return m, err
	}
	return e.ask(ctx, m, on)
}

func executeRequest(session, code string, stdin bool) (jupyter.Message, error) {
	return jupyter.NewMessage(session, "execute_request", map[string]any{
		"code": code, "silent": false, "store_history": true, "user_expressions": map[string]any{},
		"allow_stdin": stdin, "stop_on_error": true,
	})
}

// end asks the engine to end, kills what is left after grace, and waits for it.
func (e *engine) end(grace time.Duration) {
	if grace > 0 {
		_ = e.client.Shutdown()
	}
	e.process.End(grace)
}

// keepEngine starts the engine, and again whenever it dies, until the front ends.
func (f *Front) keepEngine() {
	defer close(f.engineDone)
	for first, short := true, 0; ; {
		began := time.Now()
		e, err := f.launch(f.ctx)
		if f.ctx.Err() != nil {
			if e != nil {
				e.end(0)
			}
			return
		}
		if err != nil {
			f.log("the engine does not start: %v", err)
			if short++; short >= 3 {
				f.setEngine(nil, err)
				return
			}
			time.Sleep(time.Duration(short) * 200 * time.Millisecond)
			continue
		}
		f.setEngine(e, nil)
		if first {
			first = false
			go f.names.load(f.ctx, e.process.Dir)
		}
		select {
		case <-f.ctx.Done():
			f.setEngine(nil, errDied)
			e.end(time.Second)
			return
		case <-e.process.Died():
		}
		f.setEngine(nil, nil)
		f.log("the engine ended: %s", e.process.Said())
		e.end(0)
		f.sweep()
		if time.Since(began) > 10*time.Second {
			short = 0
		}
		if short++; short > 5 {
			f.setEngine(nil, fmt.Errorf("the engine keeps ending; it said: %s", e.process.Said()))
			return
		}
		f.mu.Lock()
		f.restarted = true
		f.mu.Unlock()
	}
}

func (f *Front) setEngine(e *engine, err error) {
	f.mu.Lock()
	f.engine, f.engineErr = e, err
	close(f.changed)
	f.changed = make(chan struct{})
	f.mu.Unlock()
}

// ready waits for an engine that takes requests.
func (f *Front) ready(ctx context.Context) (*engine, error) {
	for {
		f.mu.Lock()
		e, err, changed := f.engine, f.engineErr, f.changed
		f.mu.Unlock()
		if e != nil {
			e.mu.Lock()
			if e.dead { // another is about to come
				e = nil
			}
			e.mu.Unlock()
		}
		if e != nil || err != nil {
			return e, err
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return nil, context.Cause(ctx)
		case <-f.ctx.Done():
			return nil, errDied
		}
	}
}
