package front

import (
	"go/ast"
	"go/token"
	"go/types"
	"strconv"
	"strings"
	"time"

	"github.com/gxlab/gxlab/kernel/runner"
)

// Package kernel under a name of our own, and its function that shows a cell's
// result.
const (
	importKernel = `import gxlab_kernel "` + runner.Module + `/kernel"`
	resultName   = "gxlab_kernel.Result"
)

// prepared is a cell as it is sent.
type prepared struct {
	code       string
	offset     int // lines put before it
	wrapLine   int // the line, from 1, and column, from 1, where the last expression is wrapped; 0: it is not
	wrapColumn int
	imports    []string // paths of ours that were added
}

// prepare adds the imports that a cell leaves out and wraps its last expression,
// if its value is to be shown.
func (f *reading) prepare(c *cell) prepared {
	p := prepared{code: strings.Join(c.lines, "\n")}
	if c.script || !c.hasGo() {
		return p
	}
	fset, file, err := c.parse()
	if err != nil || file == nil {
		return p
	}
	var head []string
	p.imports = f.missing(file)
	known := f.known(fset, file, c)
	for _, i := range p.imports {
		head = append(head, "import "+strconv.Quote(i))
	}
	if x := lastExpression(file); x != nil && f.shows(known, c, x) {
		from, to := fset.Position(x.Pos()), fset.Position(x.End())
		first, last := c.line(from.Line)-1, c.line(to.Line)-1
		if first >= 0 && last >= first {
			lines := append([]string{}, c.lines...)
			lines[last] = lines[last][:to.Column-1] + ")" + lines[last][to.Column-1:]
			lines[first] = lines[first][:from.Column-1] + resultName + "(" + lines[first][from.Column-1:]
			p.code = strings.Join(lines, "\n")
			p.wrapLine, p.wrapColumn = first+1, from.Column
			head = append(head, importKernel)
		}
	}
	if len(head) > 0 {
		p.code = strings.Join(head, "; ") + "\n" + p.code
		p.offset = 1
	}
	return p
}

// missing lists the packages of ours that a cell uses and nobody imports.
func (f *reading) missing(file *ast.File) []string {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.names.missing(f.session, file)
}

// known is what the cells before have declared and this one does not.
func (f *reading) known(fset *token.FileSet, file *ast.File, c *cell) string {
	anew := declarations(fset, file, c)
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.session.known(anew)
}

// lastExpression is the expression in which main ends, or nil.
func lastExpression(f *ast.File) ast.Expr {
	for _, d := range f.Decls {
		m, ok := d.(*ast.FuncDecl)
		if !ok || m.Recv != nil || m.Name.Name != "main" || m.Body == nil || len(m.Body.List) < 2 { // the first parses flags
			continue
		}
		if s, ok := m.Body.List[len(m.Body.List)-1].(*ast.ExprStmt); ok {
			return s.X
		}
	}
	return nil
}

func endsInExpression(c *cell) bool {
	_, f, err := c.parse()
	return err == nil && lastExpression(f) != nil
}

// shows says whether the value of a cell's last expression is its result. A call
// is left alone unless it is known to give one value; what is no call could not
// stand there otherwise.
func (f *reading) shows(known string, c *cell, x ast.Expr) bool {
	inner := ast.Unparen(x)
	if u, ok := inner.(*ast.UnaryExpr); ok && u.Op.String() == "<-" {
		return false
	}
	call, isCall := inner.(*ast.CallExpr)
	if isCall && silent(call) {
		return false
	}
	if !isCall {
		return true
	}
	select { // the first cell of a kernel may come before what it needs
	case <-f.names.loaded:
	case <-time.After(f.patience):
	case <-f.ctx.Done():
	}
	single, sure := f.gives(known, c)
	if !sure && f.names.settle(f.patience/3) {
		single, _ = f.gives(known, c)
	}
	return single
}

// gives says whether the call in which a cell ends gives one value, and whether
// that is known.
func (f *reading) gives(known string, c *cell) (single, sure bool) {
	f.names.mu.Lock()
	defer f.names.mu.Unlock()
	v := f.names.look(known, c.program)
	defer v.done()
	x := lastExpression(v.file)
	if x == nil {
		return false, false
	}
	t, ok := v.info.Types[x]
	switch {
	case ok && t.IsVoid():
		return false, true
	case !ok || !t.IsValue() || t.Type == nil || t.Type == types.Typ[types.Invalid]:
		return false, false
	}
	_, tuple := t.Type.(*types.Tuple)
	return !tuple, true
}

// silent says of common calls, without a look at types, that their value is not
// meant to be seen.
func silent(call *ast.CallExpr) bool {
	switch f := call.Fun.(type) {
	case *ast.Ident:
		switch f.Name {
		case "panic", "print", "println", "close", "delete", "clear", "copy", "recover":
			return true
		}
	case *ast.SelectorExpr:
		x, ok := f.X.(*ast.Ident)
		if !ok {
			return false
		}
		switch x.Name + "." + f.Sel.Name {
		case "kernel.Show", "kernel.Glue", "kernel.Result", "kernel.Clear", "kernel.Say", "os.Exit", "time.Sleep", "flag.Parse":
			return true
		}
		return x.Name == "fmt" && strings.Contains(f.Sel.Name, "rint") && !strings.HasPrefix(f.Sel.Name, "S") || x.Name == "log"
	}
	return false
}
