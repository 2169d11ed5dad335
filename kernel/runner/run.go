package runner

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"time"
	"unicode"

	"github.com/gxlab/gxlab/gx/fault"
	"github.com/gxlab/gxlab/kernel/jupyter"
)

// Options are how a notebook is run.
type Options struct {
	Parameters map[string]string
	Out        string        // folder for results; default "out"
	Timeout    time.Duration // of each cell; 0: none
	Progress   io.Writer     // hears a line per cell; nil: nobody
}

// Result is what came of a run.
type Result struct {
	Notebook *Notebook
	Metrics  *Metrics
	Failed   *Failure // the first failing cell, or nil
	Files    []string // that were written
}

// Failure is a cell that failed.
type Failure struct {
	Notebook  string
	Cell      int    // in the notebook, from 1, as its author counts
	Line      int    // in the cell, from 1; 0: not known
	Source    string // of that line
	Message   string
	Traceback string
}

// Error is the failure as the reader needs it: the notebook, cell, line and
// message.
func (f *Failure) Error() string {
	at := fmt.Sprintf("%s, cell %d", f.Notebook, f.Cell)
	if f.Line > 0 {
		at += fmt.Sprintf(", line %d: %s", f.Line, strings.TrimSpace(f.Source))
	}
	return at + "\n" + f.Message
}

// Run executes the notebook at path in a new session of the engine and writes
// the executed notebook, its page and its numbers into o.Out, also when a cell
// fails, which is in Result.Failed.
func (e *Engine) Run(ctx context.Context, path string, o Options) (*Result, error) {
	n, err := Read(path)
	if err != nil {
		return nil, err
	}
	if err := n.Set(o.Parameters); err != nil {
		return nil, err
	}
	if o.Out == "" {
		o.Out = "out"
	}
	out, err := filepath.Abs(o.Out)
	if err != nil {
		return nil, err
	}
	if err := os.MkdirAll(out, 0o777); err != nil {
		return nil, fault.Wrap(err, "the folder for results cannot be made", out, "-o with a folder that can be written")
	}
	abs, err := filepath.Abs(path)
	if err != nil {
		return nil, err
	}
	s, err := e.Start(ctx, filepath.Dir(abs), "GXLAB_OUT="+out)
	if err != nil {
		return nil, err
	}
	defer s.Close()
	return s.run(ctx, n, path, out, o)
}

// RunIn is Run in a session that is running already; nothing of what the
// session has seen before is hidden from the notebook.
func (s *Session) RunIn(ctx context.Context, path string, o Options) (*Result, error) {
	n, err := Read(path)
	if err != nil {
		return nil, err
	}
	if err := n.Set(o.Parameters); err != nil {
		return nil, err
	}
	if err := os.MkdirAll(o.Out, 0o777); err != nil {
		return nil, err
	}
	if _, err := s.execute(ctx, "%reset", nil); err != nil {
		return nil, err
	}
	return s.run(ctx, n, path, o.Out, o)
}

func (s *Session) run(ctx context.Context, n *Notebook, path, out string, o Options) (*Result, error) {
	r := &Result{Notebook: n, Metrics: &Metrics{}}
	x := &execution{s: s, o: o, n: n, r: r, path: path, at: map[int]int{}, before: map[int]int{}, noted: map[string]bool{}}
	if s.complete != nil {
		x.complete = s.complete(ctx)
	}
	runErr := x.all(ctx)
	name := strings.TrimSuffix(filepath.Base(path), ".ipynb")
	write := func(file string, b []byte, err error) error {
		if err == nil {
			err = replaceFile(filepath.Join(out, file), b)
		}
		if err == nil {
			r.Files = append(r.Files, filepath.Join(out, file))
		}
		return err
	}
	b, err := n.JSON()
	err = write(name+".ipynb", b, err)
	err = errors.Join(err, write(name+".html", Page(n, name), nil))
	b, jerr := r.Metrics.JSON()
	err = errors.Join(err, write(name+".metrics.json", b, jerr))
	if runErr != nil {
		return r, runErr
	}
	if err != nil {
		return r, fault.Wrap(err, "results cannot be written", out, "-o with a folder that can be written")
	}
	return r, nil
}

// execution is one run of a notebook.
type execution struct {
	s    *Session
	o    Options
	n    *Notebook
	r    *Result
	path string
	at   map[int]int // the engine's count of an executed cell → index of the cell

	noted    map[string]bool // what notes have been told
	complete Completer       // nil: cells are sent as they stand
	before   map[int]int     // index of a cell → lines that were sent before its own
}

func (x *execution) all(ctx context.Context) error {
	for _, c := range x.n.Cells {
		c.Outputs, c.Count = nil, 0
	}
	total, k := 0, 0
	for _, c := range x.n.Cells {
		if c.Type == "code" && strings.TrimSpace(c.Source) != "" {
			total++
		}
	}
	began := time.Now()
	for i, c := range x.n.Cells {
		if c.Type != "code" || strings.TrimSpace(c.Source) == "" {
			continue
		}
		k++
		c.Count = k
		start := time.Now()
		x.say("[%d/%d] %s", k, total, title(c.Source))
		reply, err := x.cell(ctx, i)
		if err != nil {
			c.Outputs = append(c.Outputs, Output{Type: "error", EName: "Stopped", EValue: err.Error(), Traceback: []string{err.Error()}})
			if ctx.Err() != nil {
				return ctx.Err()
			}
			x.r.Failed = x.failure(i, err.Error(), "")
			return nil
		}
		x.say("[%d/%d] %.1f s", k, total, time.Since(start).Seconds())
		if reply.Status != "ok" {
			x.fail(i, reply)
			return nil
		}
		if x.complete != nil {
			x.complete.Ran()
		}
	}
	x.say("done in %.0f s", time.Since(began).Seconds())
	return nil
}

func (x *execution) say(format string, args ...any) {
	if x.o.Progress != nil {
		fmt.Fprintf(x.o.Progress, format+"\n", args...)
	}
}

// note tells once what a reader should know of the data.
func (x *execution) note(plain json.RawMessage) {
	var text string
	if json.Unmarshal(plain, &text) == nil && !x.noted[text] {
		x.noted[text] = true
		x.say("      note: %s", text)
	}
}

// title is a cell's first line that says something.
func title(src string) string {
	for _, l := range strings.Split(src, "\n") {
		l = strings.TrimSpace(l)
		if strings.IndexFunc(l, unicode.IsLetter) >= 0 && !strings.HasPrefix(l, "%%") && !strings.HasPrefix(l, "import ") && l != "const (" && !strings.HasPrefix(l, "\"") {
			if r := []rune(l); len(r) > 72 {
				l = string(r[:71]) + "…"
			}
			return l
		}
	}
	return "…"
}

// cell executes the cell at index i.
func (x *execution) cell(ctx context.Context, i int) (jupyter.Reply, error) {
	c := x.n.Cells[i]
	if x.o.Timeout > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeoutCause(ctx, x.o.Timeout, fmt.Errorf("the cell took longer than %v", x.o.Timeout))
		defer cancel()
	}
	done := make(chan struct{})
	defer close(done)
	go func() { // stop the cell when the run is stopped, so that it can save its work
		select {
		case <-ctx.Done():
			x.s.Interrupt()
		case <-done:
		}
	}()
	// The engine gets a few seconds to stop a cell after the run is stopped.
	grace, cancel := context.WithCancelCause(context.WithoutCancel(ctx))
	defer cancel(nil)
	go func() {
		select {
		case <-ctx.Done():
			select {
			case <-time.After(8 * time.Second):
				cancel(context.Cause(ctx))
			case <-done:
			}
		case <-done:
		}
	}()
	last, sent := time.Now(), c.Source
	if x.complete != nil {
		var err error
		var out strings.Builder
		sent, x.before[i], err = x.complete.Complete(ctx, c.Source, &out)
		if out.Len() > 0 {
			c.Outputs = append(c.Outputs, Output{Type: "stream", Name: "stdout", Text: multiline(out.String())})
		}
		if err != nil || strings.TrimSpace(sent) == "" {
			return jupyter.Reply{Status: "ok"}, err
		}
	}
	reply, err := x.s.execute(grace, sent, func(m jupyter.Message) {
		if line := x.take(c, m); line != "" && time.Since(last) > 5*time.Second {
			x.say("      %s", line)
			last = time.Now()
		}
	})
	if reply.Count > 0 {
		x.at[reply.Count] = i
	}
	if err == nil && ctx.Err() != nil {
		err = context.Cause(ctx)
	}
	return reply, err
}

// What package kernel marks its displays with.
const (
	clearType  = "application/vnd.gxlab.clear+json"
	resultMark = "gxlab_result"
	noteMark   = "gxlab_note"
)

// take adds a published message to the cell's outputs and returns the line of
// progress that it may hold.
func (x *execution) take(c *Cell, m jupyter.Message) (progress string) {
	var v struct {
		Name      string                     `json:"name"`
		Text      string                     `json:"text"`
		Data      map[string]json.RawMessage `json:"data"`
		Metadata  map[string]json.RawMessage `json:"metadata"`
		Transient struct {
			DisplayID string `json:"display_id"`
		} `json:"transient"`
		EName     string   `json:"ename"`
		EValue    string   `json:"evalue"`
		Traceback []string `json:"traceback"`
		Wait      bool     `json:"wait"`
	}
	if json.Unmarshal(m.Content, &v) != nil {
		return ""
	}
	switch m.Header.Type {
	case "stream":
		if k := len(c.Outputs) - 1; k >= 0 && c.Outputs[k].Type == "stream" && c.Outputs[k].Name == v.Name {
			c.Outputs[k].Text += multiline(v.Text)
		} else {
			c.Outputs = append(c.Outputs, Output{Type: "stream", Name: v.Name, Text: multiline(v.Text)})
		}
	case "display_data", "execute_result", "update_display_data":
		if _, ok := v.Data[clearType]; ok {
			c.Outputs = nil
			return ""
		}
		x.r.Metrics.take(v.Data) // also puts JSON in the place of the engine's text
		if v.Transient.DisplayID != "" {
			var text string
			_ = json.Unmarshal(v.Data["text/plain"], &text)
			progress = text
			for k := range c.Outputs {
				if c.Outputs[k].displayID == v.Transient.DisplayID {
					c.Outputs[k].Data = v.Data
					return progress
				}
			}
		}
		o := Output{Type: "display_data", Data: v.Data, Metadata: v.Metadata, displayID: v.Transient.DisplayID}
		_, result := v.Metadata[resultMark]
		delete(v.Metadata, resultMark)
		if _, ok := v.Metadata[noteMark]; ok {
			delete(v.Metadata, noteMark)
			x.note(v.Data["text/plain"])
		}
		if result || m.Header.Type == "execute_result" {
			o.Type, o.Count = "execute_result", &c.Count
		}
		c.Outputs = append(c.Outputs, o)
	case "error":
		c.Outputs = append(c.Outputs, Output{Type: "error", EName: v.EName, EValue: v.EValue, Traceback: v.Traceback})
	case "clear_output":
		c.Outputs = nil
	}
	return progress
}

// where finds the place that the engine names in a traceback, with the path of its
// own file after it, or that path alone: the engine names places in what a program
// prints as it reads it, and misses a path that reaches it in two parts. compiled finds
// the place in a compiler's message.
var (
	where    = regexp.MustCompile(`\[\[ Cell \[(\d+)\] Line (\d+) \]\](?: +/\S+?\.go:\d+)?|(/\S*gonb_[0-9a-f]+/main\.go):(\d+)`)
	compiled = regexp.MustCompile(`(?m)^Cell\[(\d+)\]: Line (\d+)$`)
)

// place is a line of a cell: the cell's index and the line, from 1.
type place struct{ cell, line int }

// places puts the notebook's cells and lines in the place of the engine's, and
// returns the first of them, where there is one. The cell at index i has failed.
func (x *execution) places(text string, i int) (string, *place) {
	var first *place
	text = where.ReplaceAllStringFunc(text, func(s string) string {
		p, ok := x.place(where.FindStringSubmatch(s), i)
		if !ok {
			return s
		}
		if first == nil {
			first = &p
		}
		return fmt.Sprintf("cell %d, line %d", x.number(p.cell), p.line)
	})
	return text, first
}

func (x *execution) place(m []string, i int) (place, bool) {
	if m[1] != "" {
		count, _ := strconv.Atoi(m[1])
		line, _ := strconv.Atoi(m[2])
		k, ok := x.at[count]
		return place{k, line - x.before[k]}, ok
	}
	src, err := os.ReadFile(m[3])
	line, _ := strconv.Atoi(m[4])
	lines := strings.Split(string(src), "\n")
	if err != nil || line < 1 || line > len(lines) {
		return place{}, false
	}
	code := lines[line-1]
	if x.complete != nil {
		code = x.complete.Typed(code)
	}
	return x.written(strings.TrimSpace(code), i)
}

// written is where a line of code stands, in the cell at i or before it.
func (x *execution) written(code string, i int) (place, bool) {
	for k := i; k >= 0 && code != ""; k-- {
		if x.n.Cells[k].Type != "code" {
			continue
		}
		for n, l := range strings.Split(x.n.Cells[k].Source, "\n") {
			if strings.TrimSpace(l) == code {
				return place{k, n + 1}, true
			}
		}
	}
	return place{}, false
}

// fail notes that the cell at index i failed and makes sure that the notebook
// holds the error.
func (x *execution) fail(i int, reply jupyter.Reply) {
	c := x.n.Cells[i]
	var text strings.Builder
	has := false
	for _, o := range c.Outputs {
		switch {
		case o.Type == "stream" && o.Name == "stderr":
			text.WriteString(string(o.Text))
		case o.Type == "error":
			has = true
			text.WriteString(strings.Join(o.Traceback, "\n") + "\n")
		}
	}
	if text.Len() == 0 {
		text.WriteString(strings.Join(reply.Traceback, "\n"))
	}
	all := text.String()
	all = x.typed(ansi.ReplaceAllString(all, ""), i)
	trace, at := x.places(all, i)
	f := x.failure(i, "", trace)
	f.Message = message(f.Traceback, reply)
	if m := compiled.FindStringSubmatch(all); at == nil && m != nil {
		count, _ := strconv.Atoi(m[1])
		line, _ := strconv.Atoi(m[2])
		k, ok := x.at[count]
		if !ok {
			k = i
		}
		at = &place{k, line}
	}
	if at != nil {
		if lines := strings.Split(x.n.Cells[at.cell].Source, "\n"); at.line >= 1 && at.line <= len(lines) {
			f.Cell, f.Line, f.Source = x.number(at.cell), at.line, lines[at.line-1]
		}
	}
	if !has {
		c.Outputs = append(c.Outputs, Output{Type: "error"})
	}
	for k := range c.Outputs {
		if o := &c.Outputs[k]; o.Type == "error" {
			o.EName, o.EValue = or(reply.Name, "Error"), f.Message
			o.Traceback = strings.Split(strings.TrimRight(f.Traceback, "\n"), "\n")
		}
	}
	x.r.Failed = f
}

// typed puts what was typed in the place of what was sent for it, in what the compiler
// says of the cell at index i.
func (x *execution) typed(text string, i int) string {
	if x.complete == nil {
		return text
	}
	return compiled.ReplaceAllStringFunc(x.complete.Typed(text), func(s string) string {
		m := compiled.FindStringSubmatch(s)
		count, _ := strconv.Atoi(m[1])
		line, _ := strconv.Atoi(m[2])
		k, ok := x.at[count]
		if !ok {
			k = i
		}
		return fmt.Sprintf("Cell[%s]: Line %d", m[1], line-x.before[k])
	})
}

func (x *execution) failure(i int, message, trace string) *Failure {
	return &Failure{Notebook: x.path, Cell: x.number(i), Message: message, Traceback: trace}
}

// number is the cell's number as the notebook's author counts, from 1.
func (x *execution) number(i int) int {
	n := 0
	for _, c := range x.n.Cells[:i+1] {
		if !c.injected {
			n++
		}
	}
	return n
}

// atPlace is a place after one of our errors' "at".
var atPlace = regexp.MustCompile(`\b(at) +(cell \d+, line \d+)`)

var ansi = regexp.MustCompile("\x1b\\[[0-9;]*[A-Za-z]")

// message is what the program or the compiler had to say, without the stack.
func message(all string, reply jupyter.Reply) string {
	if _, after, ok := strings.Cut(all, "panic: "); ok {
		head, _, _ := strings.Cut(after, "\ngoroutine ")
		head = strings.TrimSpace(strings.TrimSuffix(strings.TrimSpace(head), "[recovered]"))
		if head != "" {
			return atPlace.ReplaceAllString(strings.ReplaceAll(head, "\n\t", "\n"), "$1 $2")
		}
	}
	if compiled.MatchString(all) { // place, source, blank lines, what the compiler says
		parts := strings.Split(strings.TrimSpace(all), "\n\n")
		return strings.TrimSpace(parts[len(parts)-1])
	}
	var keep []string
	for _, l := range strings.Split(all, "\n") {
		l = strings.TrimSpace(l)
		if l == "" || strings.HasPrefix(l, "exit status") || strings.HasPrefix(l, "#") {
			continue
		}
		keep = append(keep, l)
	}
	if len(keep) > 12 {
		keep = append(keep[:12], "…")
	}
	if len(keep) == 0 {
		return or(strings.TrimSpace(reply.Name+" "+reply.Value), "the cell failed and did not say why")
	}
	return strings.Join(keep, "\n")
}

func or(a, b string) string {
	if a != "" {
		return a
	}
	return b
}

// replaceFile writes a file so that it appears whole or not at all.
func replaceFile(path string, b []byte) error {
	f, err := os.CreateTemp(filepath.Dir(path), ".new-*")
	if err != nil {
		return err
	}
	defer os.Remove(f.Name())
	_, err = f.Write(b)
	if err == nil {
		err = f.Chmod(0o644)
	}
	if cerr := f.Close(); err == nil {
		err = cerr
	}
	if err != nil {
		return err
	}
	return os.Rename(f.Name(), path)
}
