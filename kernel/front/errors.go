package front

import (
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/scanner"
	"go/token"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
)

// A failure is how a cell failed, as Jupyter wants to know it.
type failure struct {
	name, value string
	traceback   []string
	compile     bool // the cell never ran
}

func (f *failure) content() map[string]any {
	t := f.traceback
	if len(t) == 0 {
		t = []string{red(f.name) + ": " + f.value}
	}
	return map[string]any{"ename": f.name, "evalue": f.value, "traceback": t}
}

func (f *failure) Error() string { return f.name + ": " + f.value }

func red(s string) string   { return "\x1b[31m" + s + "\x1b[0m" }
func green(s string) string { return "\x1b[32m" + s + "\x1b[0m" }
func dim(s string) string   { return "\x1b[2m" + s + "\x1b[0m" }

// interruption is the failure of a cell that was interrupted, with what it had to
// say to that.
func interruption(f *failure) *failure {
	out := &failure{name: "Interrupted", value: errInterrupted.Error(), traceback: []string{red("Interrupted") + ": " + errInterrupted.Error()}}
	if f != nil && f.name == "Panic" {
		out.traceback = append(out.traceback, dim(f.value))
	}
	return out
}

// A program is what a cell was made into, and where its lines stand.
type program struct {
	front  *Front
	engine *engine
	cell   *cell // as it was typed, commands of ours left out
	sent   *cell // as it was sent
	p      prepared
	count  int
}

var (
	mark     = regexp.MustCompile(`(?: \x1b\[7m)?\[\[ Cell (?:\[-?\d+\] )?Line \d+ \]\](?:\x1b\[0m )?`)
	ourFile  = regexp.MustCompile(`(?:/\S*?/gonb_[0-9a-f]+|\./?|)/?main(?:_test)?\.go:(\d+)(?::(\d+))?`)
	ansi     = regexp.MustCompile("\x1b\\[[0-9;]*[A-Za-z]")
	compiled = regexp.MustCompile(`^(?:\S*/)?main(?:_test)?\.go:(\d+)(?::(\d+))?: (.*)$`)
)

// main reads the program that the engine has built.
func (p *program) main() string {
	for _, name := range []string{"main.go", "main_test.go"} {
		found, _ := filepath.Glob(filepath.Join(p.engine.process.Dir, "gonb_*", name)) // the pattern is good
		for _, f := range found {
			if b, err := os.ReadFile(f); err == nil {
				return string(b)
			}
		}
	}
	return ""
}

// index finds the place of each line of the program that the engine has built.
func (p *program) index() func(line int) (place, bool) {
	text := p.main()
	if strings.TrimSpace(text) == strings.TrimSpace(p.sent.program) {
		return func(line int) (place, bool) { return p.typed(p.sent.line(line)) }
	}
	// What stands where: main, and every declaration by its name.
	starts := map[string]place{}
	p.front.mu.Lock()
	for _, d := range p.front.session.declared {
		for i, n := range d.names {
			starts[n] = place{d.at.cell, d.lines[i]}
		}
	}
	for _, d := range p.front.session.imports {
		starts["import "+d.names[0]] = d.at
	}
	p.front.mu.Unlock()
	if fset, f, _ := p.sent.parse(); f != nil {
		for _, d := range declarations(fset, f, p.sent) {
			for i, n := range d.names {
				if strings.HasPrefix(d.text, "import ") {
					n = "import " + n
				}
				if at, ok := p.typed(d.lines[i]); ok {
					starts[n] = at
				}
			}
		}
	}
	fset := token.NewFileSet()
	f, _ := parser.ParseFile(fset, "", text, parser.SkipObjectResolution)
	if f == nil {
		return func(int) (place, bool) { return place{}, false }
	}
	type span struct {
		from, to int
		name     string
	}
	var spans []span
	add := func(n ast.Node, name string) {
		spans = append(spans, span{fset.Position(n.Pos()).Line, fset.Position(n.End()).Line, name})
	}
	for _, d := range f.Decls {
		switch d := d.(type) {
		case *ast.FuncDecl:
			add(d, funcKey(d))
		case *ast.GenDecl:
			for _, s := range d.Specs {
				switch s := s.(type) {
				case *ast.ImportSpec:
					add(s, "import "+importName(s))
				case *ast.TypeSpec:
					add(s, s.Name.Name)
				case *ast.ValueSpec:
					add(s, s.Names[0].Name)
				}
			}
		}
	}
	var body []int // lines of the cell that was sent in main, in their order
	for i := p.sent.main + 1; p.sent.main >= 0 && i < len(p.sent.lines); i++ {
		if !p.sent.command[i] && !strings.HasPrefix(p.sent.lines[i], "package") {
			body = append(body, i+1)
		}
	}
	return func(line int) (place, bool) {
		for _, s := range spans {
			if line < s.from || line > s.to {
				continue
			}
			if s.name == "main" {
				k := line - s.from - 2
				switch {
				case p.sent.main < 0:
					return place{}, false
				case k < 0:
					return p.typed(p.sent.main + 1)
				case k < len(body):
					return p.typed(body[k])
				}
				return place{}, false
			}
			at, ok := starts[s.name]
			return place{at.cell, at.line + line - s.from}, ok
		}
		return place{}, false
	}
}

// typed is the place of a line of the cell that was sent.
func (p *program) typed(line int) (place, bool) {
	line -= p.p.offset
	return place{p.count, line}, line > 0 && line <= len(p.cell.lines)
}

// source is the text of a place.
func (p *program) source(at place) string {
	lines := p.cell.lines
	if at.cell != p.count {
		p.front.mu.Lock()
		lines = p.front.session.sources[at.cell]
		p.front.mu.Unlock()
	}
	if at.line < 1 || at.line > len(lines) {
		return ""
	}
	return lines[at.line-1]
}

func (at place) String() string {
	if at.cell <= 0 {
		return fmt.Sprintf("Cell In[ ], line %d", at.line)
	}
	return fmt.Sprintf("Cell In[%d], line %d", at.cell, at.line)
}

// places puts the notebook's places where text names the engine's file, and takes
// the engine's own marks away.
func (p *program) places(text string, always bool) string {
	text = mark.ReplaceAllString(text, "")
	if !always && !strings.Contains(text, "main.go:") && !strings.Contains(text, "main_test.go:") {
		return text
	}
	var index func(int) (place, bool)
	return ourFile.ReplaceAllStringFunc(text, func(s string) string {
		if !strings.Contains(s, "gonb_") && !strings.HasPrefix(s, "./") {
			return s
		}
		if index == nil {
			index = p.index()
		}
		n, _ := strconv.Atoi(ourFile.FindStringSubmatch(s)[1])
		if at, ok := index(n); ok {
			return at.String()
		}
		return s
	})
}

// frame is the lines of a traceback that show a place.
func (p *program) frame(at place, in string) string {
	head := green(at.String())
	if in != "" {
		head += ", in " + in
	}
	var b strings.Builder
	b.WriteString(head)
	for l := at.line - 1; l <= at.line+1; l++ {
		src := p.source(place{at.cell, l})
		switch {
		case l == at.line:
			fmt.Fprintf(&b, "\n----> %d %s", l, src)
		case strings.TrimSpace(src) != "":
			fmt.Fprintf(&b, "\n      %d %s", l, src)
		}
	}
	return b.String()
}

// crash is the failure of a program that has panicked.
func (p *program) crash(text string) *failure {
	text = ansi.ReplaceAllString(mark.ReplaceAllString(text, ""), "")
	head, stack, _ := strings.Cut(text, "\ngoroutine ")
	f := &failure{name: "Panic"}
	head = strings.TrimSpace(p.places(head, true))
	switch {
	case strings.HasPrefix(head, "panic: runtime error: "):
		f.name, f.value = "RuntimeError", strings.TrimPrefix(head, "panic: runtime error: ")
	case strings.HasPrefix(head, "panic: "):
		f.value = strings.TrimPrefix(head, "panic: ")
	case strings.HasPrefix(head, "fatal error: "):
		f.name, f.value = "FatalError", strings.TrimPrefix(head, "fatal error: ")
	default:
		f.name, f.value = "FatalError", head
	}
	var lines []string
	for _, l := range strings.Split(f.value, "\n") {
		if l = strings.TrimSuffix(strings.TrimSuffix(l, " [recovered]"), " [recovered, repanicked]"); !strings.HasPrefix(l, "[signal ") {
			lines = append(lines, strings.TrimPrefix(l, "\t"))
		}
	}
	f.value = strings.TrimSpace(strings.Join(lines, "\n"))
	f.traceback = []string{red(f.name) + ": " + f.value}
	index := p.index()
	first, _, _ := strings.Cut(stack, "\n\n") // the goroutine that panicked
	frames := strings.Split(first, "\n")
	for i := 1; i+1 < len(frames); i++ {
		m := ourFile.FindStringSubmatch(frames[i+1])
		if m == nil || !strings.Contains(frames[i+1], "gonb_") {
			continue
		}
		n, _ := strconv.Atoi(m[1])
		if at, ok := index(n); ok {
			in := strings.TrimPrefix(frames[i], "main.")
			if k := strings.LastIndexByte(in, '('); k > 0 {
				in = in[:k]
			}
			f.traceback = append(f.traceback, p.frame(at, in))
		}
		i++
	}
	if len(frames) > 60 {
		frames = append(frames[:60], "…")
	}
	if stack != "" {
		f.traceback = append(f.traceback, dim("goroutine "+p.places(strings.Join(frames, "\n"), true)))
	}
	return f
}

// exited is the failure of a program or a command that ended with a status.
func (p *program) exited(how string) *failure {
	f := &failure{name: "ExitError", value: how, traceback: []string{red("ExitError") + ": " + how}}
	var shell []int
	for i, l := range p.cell.lines {
		if p.cell.command[i] && strings.HasPrefix(trimComment(l), "!") {
			shell = append(shell, i+1)
		}
	}
	if len(shell) == 1 && !p.cell.hasGo() {
		f.traceback = append(f.traceback, p.frame(place{p.count, shell[0]}, ""))
	}
	return f
}

// refused is the failure of a cell that the compiler or the engine refuses.
func (p *program) refused(text string) *failure {
	text = ansi.ReplaceAllString(text, "")
	list := messages(text)
	if len(list) == 0 {
		return &failure{name: "CommandError", value: strings.TrimSpace(text), compile: true}
	}
	index := p.index()
	f := &failure{name: "CompileError", compile: true}
	for i, m := range list {
		at, ok := index(m.line)
		where := ""
		if ok {
			where = " (" + at.String() + ")"
		}
		if i == 0 {
			f.value = m.text + where
			f.traceback = []string{red(f.name) + ": " + m.text}
		} else {
			f.traceback = append(f.traceback, red("and")+": "+m.text)
		}
		if ok {
			col := m.column
			if at.cell == p.count && at.line == p.p.wrapLine && col > p.p.wrapColumn {
				col = max(p.p.wrapColumn, col-len(resultName)-1)
			}
			f.traceback = append(f.traceback, p.point(at, col))
		}
	}
	return f
}

// message is one of the compiler's.
type message struct {
	line, column int
	text         string
}

// messages reads what the compiler says about the engine's file.
func messages(text string) []message {
	var out []message
	seen := map[string]bool{}
	for l := range strings.Lines(text) {
		l = strings.TrimRight(l, "\n")
		m := compiled.FindStringSubmatch(l)
		if m == nil {
			if strings.HasPrefix(l, "\t") && len(out) > 0 && !ourFile.MatchString(l) {
				out[len(out)-1].text += "\n" + l
			}
			continue
		}
		if seen[l] {
			continue
		}
		seen[l] = true
		line, _ := strconv.Atoi(m[1])
		col, _ := strconv.Atoi(m[2])
		out = append(out, message{line, col, m[3]})
	}
	return out
}

// firstMessage is the compiler's first message, or the text where it is none.
func firstMessage(text string) string {
	if m := messages(ansi.ReplaceAllString(text, "")); len(m) > 0 {
		return m[0].text
	}
	return strings.TrimSpace(text)
}

// syntaxFailure is the failure of a cell that cannot be parsed.
func syntaxFailure(_ *token.FileSet, c *cell, err error, count int) *failure {
	f := &failure{name: "CompileError", compile: true}
	p := &program{cell: c, count: count}
	var list scanner.ErrorList
	if !errors.As(err, &list) {
		f.value = err.Error()
		return f
	}
	for i, e := range list {
		l := c.line(e.Pos.Line)
		text := "syntax error: " + e.Msg
		if i == 0 {
			f.value = text
			if l > 0 {
				f.value += " (" + place{count, l}.String() + ")"
			}
			f.traceback = []string{red(f.name) + ": " + text}
		}
		if i > 0 && i < 5 {
			f.traceback = append(f.traceback, red("and")+": "+text)
		}
		if l > 0 && i < 5 {
			f.traceback = append(f.traceback, p.frame(place{count, l}, ""))
		}
	}
	if c.main < 0 && isStatements(c) {
		f.value += "; statements follow a line %%"
		f.traceback = append(f.traceback, "Statements stand after a line that holds %% alone.")
	}
	return f
}

// isStatements says whether a cell would be good in main.
func isStatements(c *cell) bool {
	_, err := parser.ParseFile(token.NewFileSet(), "", "package p\nfunc f() {\n"+c.goOnly()+"\n}", parser.SkipObjectResolution)
	return err == nil
}

// point is a frame with a caret under a column of its line.
func (p *program) point(at place, column int) string {
	frame := p.frame(at, "")
	src := p.source(at)
	if column < 1 || column > len(src)+1 {
		return frame
	}
	head := fmt.Sprintf("----> %d ", at.line)
	lead := strings.Map(func(r rune) rune {
		if r == '\t' {
			return r
		}
		return ' '
	}, src[:column-1])
	line := head + src
	return strings.Replace(frame, line, line+"\n"+strings.Repeat(" ", len(head))+lead+"^", 1)
}
