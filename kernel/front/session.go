package front

import (
	"fmt"
	"go/ast"
	"go/token"
	"strconv"
	"strings"
)

// place is a line of a cell that was executed, both from 1.
type place struct{ cell, line int }

// A declaration is one that later cells know: its text, the names it declares
// that still count, and where it stands.
type declaration struct {
	names []string
	lines []int // of each name: the cell's line
	text  string
	at    place
}

// session is what the engine knows after the cells so far.
type session struct {
	imports  []declaration // one each, text is [alias] "path"
	declared []declaration
	commands []string // %-commands that set something, in their order
	sources  map[int][]string
}

func newSession() *session { return &session{sources: map[int][]string{}} }

// add takes in what a cell has declared, which was compiled.
func (s *session) add(count int, c *cell) {
	s.sources[count] = c.lines
	if c.script {
		return
	}
	for i, l := range c.lines {
		if c.command[i] {
			s.command(trimComment(l))
		}
	}
	fset, f, _ := c.parse() // it has been compiled: what is not read is no Go
	if f == nil {
		return
	}
	for _, d := range declarations(fset, f, c) {
		d.at.cell = count
		if strings.HasPrefix(d.text, "import ") {
			d.text = strings.TrimPrefix(d.text, "import ")
			s.imports = append(without(s.imports, d.names), d)
			continue
		}
		s.declared = append(without(s.declared, d.names), d)
	}
}

// use takes in imports that were added to a cell.
func (s *session) use(paths []string) {
	for _, p := range paths {
		name := baseName(p)
		s.imports = append(without(s.imports, []string{name}), declaration{names: []string{name}, lines: []int{0}, text: strconv.Quote(p)})
	}
}

// command takes in one %-command.
func (s *session) command(l string) {
	f := strings.Fields(strings.TrimPrefix(l, "%"))
	if len(f) == 0 || l[0] != '%' {
		return
	}
	switch f[0] {
	case "reset":
		s.imports, s.declared = nil, nil
	case "rm", "remove":
		s.declared = without(s.declared, f[1:])
		s.imports = without(s.imports, f[1:])
	case "env", "cd", "goflags", "autoget", "noautoget", "track", "untrack", "goworkfix":
		s.commands = append(s.commands, l)
	}
}

// without is list with names taken away; a declaration that has none left goes.
func without(list []declaration, names []string) []declaration {
	var out []declaration
	for _, d := range list {
		var keep []string
		var lines []int
		for i, n := range d.names {
			gone := false
			for _, m := range names {
				gone = gone || n == m
			}
			if !gone {
				keep, lines = append(keep, n), append(lines, d.lines[i])
			}
		}
		if len(keep) > 0 {
			d.names, d.lines = keep, lines
			out = append(out, d)
		}
	}
	return out
}

// declarations lists what a program declares, main left out, with the cell's
// lines.
func declarations(fset *token.FileSet, f *ast.File, c *cell) []declaration {
	var out []declaration
	text := func(n ast.Node, doc *ast.CommentGroup) (string, place) {
		from, to := fset.Position(n.Pos()), fset.Position(n.End())
		begin := from.Offset
		if doc != nil {
			begin = fset.Position(doc.Pos()).Offset
		}
		end := to.Offset
		if end < begin || end > len(c.program) { // cut off by a mistake in it
			end = len(c.program)
		}
		return c.program[begin:end], place{line: c.line(from.Line)}
	}
	for _, d := range f.Decls {
		switch d := d.(type) {
		case *ast.FuncDecl:
			if d.Recv == nil && d.Name.Name == "main" {
				continue
			}
			t, at := text(d, d.Doc)
			out = append(out, declaration{[]string{funcKey(d)}, []int{at.line}, t, at})
		case *ast.GenDecl:
			if d.Tok == token.IMPORT {
				for _, sp := range d.Specs {
					i := sp.(*ast.ImportSpec)
					t, at := text(i, nil)
					out = append(out, declaration{[]string{importName(i)}, []int{at.line}, "import " + t, at})
				}
				continue
			}
			var names []string
			var lines []int
			for _, sp := range d.Specs {
				switch sp := sp.(type) {
				case *ast.TypeSpec:
					names, lines = append(names, sp.Name.Name), append(lines, c.line(fset.Position(sp.Pos()).Line))
				case *ast.ValueSpec:
					for i, n := range sp.Names {
						name := n.Name
						if name == "_" {
							name = fmt.Sprintf("_%d_%d", fset.Position(n.Pos()).Line, i)
						}
						names, lines = append(names, name), append(lines, c.line(fset.Position(sp.Pos()).Line))
					}
				}
			}
			if len(names) > 0 {
				t, at := text(d, d.Doc)
				out = append(out, declaration{names, lines, t, at})
			}
		}
	}
	return out
}

// funcKey names a function, or a method by its type as GoNB does.
func funcKey(d *ast.FuncDecl) string {
	if d.Recv == nil || len(d.Recv.List) == 0 {
		return d.Name.Name
	}
	t := d.Recv.List[0].Type
	if p, ok := t.(*ast.StarExpr); ok {
		t = p.X
	}
	switch x := t.(type) {
	case *ast.IndexExpr:
		t = x.X
	case *ast.IndexListExpr:
		t = x.X
	}
	if id, ok := t.(*ast.Ident); ok {
		return id.Name + "~" + d.Name.Name
	}
	return "?~" + d.Name.Name
}

// importName is the name by which an import is used: its alias, or what its path
// ends in.
func importName(i *ast.ImportSpec) string {
	p, _ := strconv.Unquote(i.Path.Value)
	if i.Name != nil {
		if i.Name.Name == "." || i.Name.Name == "_" {
			return i.Name.Name + p
		}
		return i.Name.Name
	}
	return baseName(p)
}

// baseName is the name that a package of a path most likely has.
func baseName(p string) string {
	parts := strings.Split(p, "/")
	n := parts[len(parts)-1]
	if len(parts) > 1 && len(n) > 1 && n[0] == 'v' && strings.Trim(n[1:], "0123456789") == "" {
		n = parts[len(parts)-2]
	}
	n = strings.TrimPrefix(n, "go-")
	n, _, _ = strings.Cut(n, ".")
	return n
}

// replay is a cell that declares all there is again, and before it the commands.
func (s *session) replay() string {
	var b strings.Builder
	for _, c := range s.commands {
		b.WriteString(c + "\n")
	}
	for _, i := range s.imports {
		b.WriteString("import " + i.text + "\n")
	}
	for _, d := range s.declared {
		b.WriteString(d.text + "\n")
	}
	return b.String()
}

// known is the session's declarations as a Go file, without those that a cell
// declares anew, for the type checker.
func (s *session) known(anew []declaration) string {
	imports, declared := s.imports, s.declared
	for _, d := range anew {
		imports, declared = without(imports, d.names), without(declared, d.names)
	}
	var b strings.Builder
	b.WriteString("package main\n")
	for _, i := range imports {
		b.WriteString("import " + i.text + "\n")
	}
	for _, d := range declared {
		b.WriteString(d.text + "\n")
	}
	return b.String()
}
