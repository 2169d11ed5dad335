package front

import (
	"context"
	"encoding/json"
	"fmt"
	"go/ast"
	"go/doc/comment"
	"go/scanner"
	"go/token"
	"go/types"
	"os/exec"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/gxlab/gxlab/kernel/jupyter"
)

// lookUp answers complete_request and inspect_request, from the session's types
// and, where it is there, from gopls.
func (f *Front) lookUp(m jupyter.Message) any {
	code, _ := jupyter.Field[string](m, "code")
	at, ok := jupyter.Field[int](m, "cursor_pos")
	if !ok {
		at = utf8.RuneCountInString(code)
	}
	offset := byteOffset(code, at)
	select {
	case <-f.names.loaded:
	case <-time.After(5 * time.Second):
	case <-f.ctx.Done():
	}
	if m.Header.Type == "inspect_request" {
		data, found := f.inspect(code, offset)
		if !found && f.names.settle(3*time.Second) {
			data, found = f.inspect(code, offset)
		}
		if !found {
			data, found = f.askInspect(m)
		}
		return map[string]any{"status": "ok", "found": found, "data": data, "metadata": map[string]any{}}
	}
	from, list := f.complete(code, offset)
	if len(list) == 0 && f.names.settle(3*time.Second) {
		from, list = f.complete(code, offset)
	}
	if len(list) == 0 {
		from, list = f.askComplete(m, code, offset)
	}
	start := utf8.RuneCountInString(code[:from])
	matches, kinds := []string{}, []any{}
	for _, l := range list {
		matches = append(matches, l.text)
		kinds = append(kinds, map[string]any{"text": l.text, "type": l.kind, "start": start, "end": at, "signature": l.signature})
	}
	meta := map[string]any{}
	if len(kinds) > 0 {
		meta["_jupyter_types_experimental"] = kinds
	}
	return map[string]any{"status": "ok", "matches": matches, "cursor_start": start, "cursor_end": at, "metadata": meta}
}

// byteOffset is where the at-th character of s begins.
func byteOffset(s string, at int) int {
	for i := range s {
		if at == 0 {
			return i
		}
		at--
	}
	return len(s)
}

// A match is one way to go on.
type match struct{ text, kind, signature string }

const cursorName = "gxlab_cursor"

var magics = []string{"%gxlab", "%%", "%main", "%test", "%exec", "%args", "%env", "%cd", "%goflags", "%autoget", "%noautoget", "%help", "%version", "%reset", "%list", "%rm",
	"%with_inputs", "%with_password", "%widgets", "%track", "%untrack", "%capture", "%wasm", "%%writefile", "%%script", "%%bash", "%%sh", "%%gx"}

// complete lists what may stand at offset, and where what is typed of it begins.
func (f *Front) complete(code string, offset int) (from int, list []match) {
	from = offset
	for from > 0 {
		r, w := utf8.DecodeLastRuneInString(code[:from])
		if !isLetter(r) {
			break
		}
		from -= w
	}
	prefix := code[from:offset]
	lineStart := strings.LastIndexByte(code[:offset], '\n') + 1
	if line := code[lineStart:offset]; strings.HasPrefix(line, "%") || strings.HasPrefix(line, "!") {
		if strings.HasPrefix(line, "%gxlab ") {
			return from, keep([]match{{"device", "magic", ""}, {"doctor", "magic", ""}, {"help", "magic", ""}, {"kept", "magic", ""}}, prefix)
		}
		var all []match
		for _, w := range magics {
			all = append(all, match{w, "magic", ""})
		}
		return lineStart, keep(all, line)
	}
	dot := from > 0 && code[from-1] == '.'
	if !dot && prefix == "" {
		return from, nil
	}
	v, done := f.viewAt(code[:from] + cursorName)
	defer done()
	if v == nil {
		return from, nil
	}
	var all []match
	ast.Inspect(v.file, func(n ast.Node) bool {
		switch x := n.(type) {
		case *ast.SelectorExpr:
			if dot && x.Sel.Name == cursorName {
				all = v.after(x.X)
			}
		case *ast.Ident:
			if !dot && x.Name == cursorName {
				all = v.inScope(x.Pos())
			}
		}
		return true
	})
	return from, keep(all, prefix)
}

func isLetter(r rune) bool { return r == '_' || unicode.IsLetter(r) || unicode.IsDigit(r) }

// keep sorts what begins with prefix; where nothing does, letter case is left out.
func keep(all []match, prefix string) []match {
	pick := func(fits func(string) bool) []match {
		seen := map[string]bool{}
		var out []match
		for _, m := range all {
			if fits(m.text) && !seen[m.text] && !strings.HasPrefix(m.text, "gxlab_") {
				seen[m.text] = true
				out = append(out, m)
			}
		}
		slices.SortFunc(out, func(a, b match) int { return strings.Compare(a.text, b.text) })
		return out
	}
	if out := pick(func(s string) bool { return strings.HasPrefix(s, prefix) }); len(out) > 0 {
		return out
	}
	return pick(func(s string) bool { return strings.HasPrefix(strings.ToLower(s), strings.ToLower(prefix)) })
}

// viewAt checks a cell that ends where the cursor is, what is open closed. The
// view is used until done is called.
func (f *Front) viewAt(code string) (v *view, done func()) {
	c := splitCell(closed(code))
	if c.script {
		return nil, func() {}
	}
	fset, file, _ := c.parse()
	if file == nil {
		return nil, func() {}
	}
	known := f.known(fset, file, c)
	f.names.mu.Lock()
	v = f.names.look(known, c.program)
	return v, func() {
		v.done()
		f.names.mu.Unlock()
	}
}

// closed is code with its open brackets closed, and with a block where the last
// line waits for one.
func closed(code string) string {
	src := []byte(splitCell(code).goOnly())
	var s scanner.Scanner
	s.Init(token.NewFileSet().AddFile("", -1, len(src)), src, nil, 0)
	var open []string
	for {
		_, t, _ := s.Scan()
		if t == token.EOF {
			break
		}
		switch t {
		case token.LPAREN:
			open = append(open, ")")
		case token.LBRACK:
			open = append(open, "]")
		case token.LBRACE:
			open = append(open, "}")
		case token.RPAREN, token.RBRACK, token.RBRACE:
			if len(open) > 0 {
				open = open[:len(open)-1]
			}
		}
	}
	last := strings.TrimSpace(code[strings.LastIndexByte(code, '\n')+1:])
	block := false
	for _, w := range []string{"if ", "for ", "switch ", "func "} {
		block = block || strings.HasPrefix(last, w) && !strings.Contains(last, "{")
	}
	var b strings.Builder
	b.WriteString(code)
	for i := len(open) - 1; i >= 0; i-- {
		if open[i] == "}" {
			if block {
				b.WriteString(" {}")
				block = false
			}
			b.WriteString("\n")
		}
		b.WriteString(open[i])
	}
	if block {
		b.WriteString(" {}")
	}
	return b.String()
}

// after lists what may follow a dot after x.
func (v *view) after(x ast.Expr) []match {
	if id, ok := x.(*ast.Ident); ok {
		if p, ok := v.info.Uses[id].(*types.PkgName); ok {
			var out []match
			scope := p.Imported().Scope()
			for _, name := range scope.Names() {
				if ast.IsExported(name) {
					out = append(out, v.match(scope.Lookup(name)))
				}
			}
			return out
		}
	}
	t := v.info.Types[x].Type
	if t == nil {
		return nil
	}
	return v.members(t)
}

// members lists the fields and methods of a type.
func (v *view) members(t types.Type) []match {
	var out []match
	visible := func(o types.Object) bool { return o.Exported() || o.Pkg() == v.pkg }
	base := t
	if p, ok := t.Underlying().(*types.Pointer); ok {
		base = p.Elem()
	} else if _, ok := t.Underlying().(*types.Interface); !ok {
		t = types.NewPointer(t)
	}
	set := types.NewMethodSet(t)
	for m := range set.Methods() {
		if visible(m.Obj()) {
			out = append(out, v.match(m.Obj()))
		}
	}
	seen := map[types.Type]bool{}
	var fields func(types.Type)
	fields = func(t types.Type) {
		if p, ok := t.Underlying().(*types.Pointer); ok {
			t = p.Elem()
		}
		s, ok := t.Underlying().(*types.Struct)
		if !ok || seen[t] {
			return
		}
		seen[t] = true
		for i := range s.NumFields() {
			if visible(s.Field(i)) {
				out = append(out, v.match(s.Field(i)))
			}
			if s.Field(i).Embedded() {
				fields(s.Field(i).Type())
			}
		}
	}
	fields(base)
	return out
}

// inScope lists the names that are known at a place.
func (v *view) inScope(pos token.Pos) []match {
	var out []match
	if v.pkg == nil {
		return nil
	}
	inner := v.pkg.Scope().Innermost(pos)
	if inner == nil {
		inner = v.pkg.Scope()
	}
	for s := inner; s != nil; s = s.Parent() {
		for _, name := range s.Names() {
			o := s.Lookup(name)
			if name == "main" || name == "_" || s != v.pkg.Scope() && s.Parent() != types.Universe && o.Pos() > pos {
				continue
			}
			out = append(out, v.match(o))
		}
	}
	for name, p := range v.n.byName {
		if !strings.Contains(strings.Split(p, "/")[0], ".") || ours[name] != "" {
			out = append(out, match{name, "module", "package " + p})
		}
	}
	for t := token.BREAK; t <= token.VAR; t++ {
		out = append(out, match{t.String(), "keyword", ""})
	}
	return out
}

func (v *view) match(o types.Object) match {
	m := match{text: o.Name()}
	switch x := o.(type) {
	case *types.Func:
		m.kind, m.signature = "function", strings.TrimPrefix(types.TypeString(x.Type(), v.short), "func")
	case *types.TypeName:
		m.kind = "class"
	case *types.Const:
		m.kind = "constant"
	case *types.PkgName:
		m.kind = "module"
	case *types.Builtin:
		m.kind = "function"
	case *types.Var:
		m.kind = "instance"
		if x.IsField() {
			m.kind = "property"
		}
	}
	return m
}

// short names a package as a cell does.
func (v *view) short(p *types.Package) string {
	if p == v.pkg {
		return ""
	}
	return p.Name()
}

// inspect tells what the name at offset means.
func (f *Front) inspect(code string, offset int) (map[string]any, bool) {
	empty := map[string]any{}
	end := nameAt(code, offset)
	if end <= 0 {
		return empty, false
	}
	start := end
	for start > 0 {
		r, w := utf8.DecodeLastRuneInString(code[:start])
		if !isLetter(r) {
			break
		}
		start -= w
	}
	name := code[start:end]
	v, done := f.viewAt(code[:end])
	defer done()
	if v == nil {
		return empty, false
	}
	var o types.Object
	var last token.Pos
	ast.Inspect(v.file, func(n ast.Node) bool {
		if id, ok := n.(*ast.Ident); ok && id.Name == name && id.Pos() > last { // the cell ends there
			if x := v.info.Uses[id]; x != nil {
				o, last = x, id.Pos()
			} else if x := v.info.Defs[id]; x != nil {
				o, last = x, id.Pos()
			}
		}
		return true
	})
	if o == nil {
		return empty, false
	}
	head, text := v.tell(o)
	return page(head, text), true
}

// nameAt is where the name ends that the cursor is on, behind, or in the
// arguments of.
func nameAt(code string, offset int) int {
	end := offset
	for end < len(code) {
		r, w := utf8.DecodeRuneInString(code[end:])
		if !isLetter(r) {
			break
		}
		end += w
	}
	start := end
	for start > 0 {
		r, w := utf8.DecodeLastRuneInString(code[:start])
		if !isLetter(r) {
			break
		}
		start -= w
	}
	if r, _ := utf8.DecodeRuneInString(code[start:end]); start < end && !unicode.IsDigit(r) {
		return end
	}
	depth := 0
	for i := offset - 1; i >= 0; i-- {
		switch code[i] {
		case ')', ']', '}':
			depth++
		case '[', '{':
			depth--
		case '(':
			if depth--; depth < 0 {
				j := i
				for j > 0 && (code[j-1] == ' ' || code[j-1] == '\t') {
					j--
				}
				return j
			}
		}
	}
	return 0
}

// tell is an object's declaration and what its author says of it.
func (v *view) tell(o types.Object) (head, text string) {
	if p, ok := o.(*types.PkgName); ok {
		return fmt.Sprintf("package %s // import %q", p.Imported().Name(), p.Imported().Path()), v.n.packageComment(p.Imported())
	}
	head = types.ObjectString(o, v.short)
	if t, ok := o.(*types.TypeName); ok {
		if _, basic := t.Type().(*types.Basic); !basic {
			var methods []string
			for _, m := range v.members(t.Type()) {
				if m.kind == "function" && ast.IsExported(m.text) {
					methods = append(methods, "  "+m.text+m.signature)
				}
			}
			slices.Sort(methods)
			if len(head) > 400 {
				head = "type " + t.Name()
			}
			if len(methods) > 0 {
				text = "\nMethods:\n\n" + strings.Join(methods, "\n") + "\n"
			}
		}
	}
	return head, v.comment(o) + text
}

// page is a declaration and its comment as plain text and as Markdown.
func page(head, text string) map[string]any {
	var p comment.Parser
	var pr comment.Printer
	d := p.Parse(text)
	plain := green(head)
	if text != "" {
		plain += "\n\n" + strings.TrimRight(string(pr.Text(d)), "\n")
	}
	return map[string]any{"text/plain": plain, "text/markdown": "```go\n" + head + "\n```\n\n" + string(pr.Markdown(d))}
}

// asksFor is the name that a cell asks about: ?name or name?.
func asksFor(code string) (string, bool) {
	t := strings.TrimSpace(code)
	if strings.ContainsAny(t, "\n ") || len(t) < 2 {
		return "", false
	}
	if strings.HasPrefix(t, "?") {
		return strings.TrimLeft(t, "?"), true
	}
	if strings.HasSuffix(t, "?") {
		return strings.TrimRight(t, "?"), true
	}
	return "", false
}

// describe answers ?name.
func (f *Front) describe(name string) (map[string]any, *failure) {
	select {
	case <-f.names.loaded:
	case <-time.After(5 * time.Second):
	}
	code := "%%\n" + name
	if data, ok := f.inspect(code, len(code)); ok {
		return data, nil
	}
	return nil, &failure{name: "NotFound", value: "nothing is known of " + name}
}

// gopls says whether the engine can ask gopls and is free to.
func (f *Front) gopls() *engine {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.running != nil || len(f.queue) > 0 || f.engine == nil {
		return nil
	}
	if _, err := exec.LookPath("gopls"); err != nil {
		return nil
	}
	return f.engine
}

// askEngine passes a question on, for as long as an author waits.
func (f *Front) askEngine(m jupyter.Message) (jupyter.Message, bool) {
	e := f.gopls()
	if e == nil {
		return m, false
	}
	ctx, cancel := context.WithTimeout(f.ctx, 3*time.Second)
	defer cancel()
	own, err := jupyter.NewMessage(e.client.Session(), m.Header.Type, m.Content)
	if err != nil {
		return m, false
	}
	r, err := e.ask(ctx, own, nil)
	return r, err == nil
}

func (f *Front) askInspect(m jupyter.Message) (map[string]any, bool) {
	r, ok := f.askEngine(m)
	if !ok {
		return map[string]any{}, false
	}
	data, _ := jupyter.Field[map[string]any](r, "data")
	found, _ := jupyter.Field[bool](r, "found")
	if data == nil {
		data = map[string]any{}
	}
	if _, plain := data["text/plain"]; !plain {
		if md, ok := data["text/markdown"].(string); ok {
			data["text/plain"] = md
		}
	}
	return data, found && len(data) > 0
}

func (f *Front) askComplete(m jupyter.Message, code string, offset int) (int, []match) {
	r, ok := f.askEngine(m)
	if !ok {
		return offset, nil
	}
	var a struct {
		Matches []string `json:"matches"`
		Start   int      `json:"cursor_start"`
	}
	if json.Unmarshal(r.Content, &a) != nil {
		return offset, nil
	}
	from := min(byteOffset(code, a.Start), offset)
	var all []match
	for _, t := range a.Matches {
		all = append(all, match{text: t})
	}
	return from, keep(all, code[from:offset])
}
