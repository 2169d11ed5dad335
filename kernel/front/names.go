package front

import (
	"context"
	"errors"
	"fmt"
	"go/ast"
	"go/importer"
	"go/parser"
	"go/token"
	"go/types"
	"io"
	"os"
	"os/exec"
	"path"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/gxlab/gxlab/kernel/runner"
)

// names knows the types of what a cell can use, from the compiler's export data
// in the build cache: what an expression's value is, what a name means, and what
// may follow a dot.
type names struct {
	engine *runner.Engine
	loaded chan struct{}

	mu       sync.Mutex
	fset     *token.FileSet
	export   map[string]string // import path → file
	byName   map[string]string // package name → import path, where there is one or one of ours
	imp      types.Importer
	asked    map[string]bool // paths outside of what was loaded
	fetching chan struct{}   // closed once the last of them has been looked for
	files    map[string]*ast.File
	goroot   string
	tmp      string // folder for what the go command leaves
}

// ours are the packages whose names come before any other's, known before the
// rest is loaded.
var ours = map[string]string{
	"gx": runner.Module + "/gx", "datasets": runner.Module + "/datasets", "plotting": runner.Module + "/plotting", "kernel": runner.Module + "/kernel",
}

func newNames(e *runner.Engine) *names {
	n := &names{engine: e, loaded: make(chan struct{}), fset: token.NewFileSet(), export: map[string]string{}, byName: map[string]string{}, asked: map[string]bool{}, files: map[string]*ast.File{}}
	for k, v := range ours {
		n.byName[k] = v
	}
	n.imp = importer.ForCompiler(n.fset, "gc", func(p string) (io.ReadCloser, error) {
		if n.export[p] == "" {
			return nil, fmt.Errorf("no export data of %s", p)
		}
		return os.Open(n.export[p])
	})
	return n
}

// load finds the export data of our packages and all that they use.
func (n *names) load(ctx context.Context, tmp string) {
	defer close(n.loaded)
	m := runner.Module
	n.mu.Lock()
	n.tmp = tmp
	n.mu.Unlock()
	if n.list(ctx, m+"/datasets", m+"/gx/...", m+"/kernel", m+"/plotting") != nil {
		return // cells run all the same
	}
	ask := func(args ...string) string {
		cmd := exec.CommandContext(ctx, "go", args...)
		cmd.Dir, cmd.Env = n.engine.Root, n.engine.Env("TMPDIR="+tmp)
		out, _ := cmd.Output() // without it the standard library shows less
		return strings.TrimSpace(string(out))
	}
	root, std := ask("env", "GOROOT"), ask("list", "std")
	n.mu.Lock()
	defer n.mu.Unlock()
	n.goroot = root
	for _, p := range strings.Fields(std) {
		n.name(baseName(p), p)
	}
	for _, p := range ours {
		_, _ = n.imp.Import(p) // read once, kept
	}
}

// list asks the go command where the export data of packages lies.
func (n *names) list(ctx context.Context, packages ...string) error {
	if n.engine == nil {
		return errors.New("there is no engine to ask for")
	}
	n.mu.Lock()
	tmp := n.tmp
	n.mu.Unlock()
	if _, err := os.Stat(tmp); err != nil { // the engine that it belonged to has ended
		tmp = os.TempDir()
	}
	cmd := exec.CommandContext(ctx, "go", append([]string{"list", "-e", "-export", "-deps", "-f", "{{.ImportPath}}\t{{.Name}}\t{{.Export}}"}, packages...)...)
	cmd.Dir, cmd.Env = n.engine.Root, n.engine.Env("TMPDIR="+tmp)
	out, err := cmd.Output()
	if err != nil {
		return err
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	for l := range strings.Lines(string(out)) {
		f := strings.Split(strings.TrimSuffix(l, "\n"), "\t")
		if len(f) != 3 || f[2] == "" {
			continue
		}
		n.export[f[0]] = f[2]
		n.name(f[1], f[0])
	}
	return nil
}

// name notes that a package has a name.
func (n *names) name(name, p string) {
	if strings.Contains(p, "internal") || strings.Contains(p, "vendor/") || name == "main" {
		return
	}
	before, known := n.byName[name]
	if !known || rank(p) > rank(before) {
		n.byName[name] = p
	}
}

// rank says which of two packages of a name is meant: ours, then the standard
// library's, of which the one that is used most.
func rank(p string) int {
	switch {
	case strings.HasPrefix(p, runner.Module+"/"):
		return 4
	case p == "math/rand/v2" || p == "text/template" || p == "crypto/rand":
		return 1
	case !strings.Contains(strings.Split(p, "/")[0], "."):
		return 2
	}
	return 0
}

// Import gives a package to the type checker. One that was not loaded is looked
// for in the background: the next cell knows it.
func (n *names) Import(p string) (*types.Package, error) {
	if p == "unsafe" {
		return types.Unsafe, nil
	}
	if n.export[p] == "" {
		if !n.asked[p] {
			n.asked[p] = true
			done := make(chan struct{})
			n.fetching = done
			go func() {
				_ = n.list(context.Background(), p) // what is not found stays unknown
				close(done)
			}()
		}
		return nil, fmt.Errorf("no export data of %s", p)
	}
	return n.imp.Import(p)
}

// settle waits for a package that is being looked for, and says whether there was
// one.
func (n *names) settle(patience time.Duration) bool {
	n.mu.Lock()
	done := n.fetching
	n.fetching = nil
	n.mu.Unlock()
	if done == nil {
		return false
	}
	select {
	case <-done:
		return true
	case <-time.After(patience):
		return false
	}
}

// A view is a cell as the type checker sees it.
type view struct {
	n     *names
	known *ast.File // of the cells before
	file  *ast.File
	info  *types.Info
	pkg   *types.Package
}

// look checks a program beside the declarations of the session so far. What is
// wrong in either is left out of what is known. The caller holds n.mu for as
// long as it uses the view, and then calls done.
func (n *names) look(known, program string) *view {
	var files []*ast.File
	declared := map[string]bool{}
	sources := []string{known, program}
	unresolved := make([]map[string]bool, 2)
	earlier := map[string]string{} // imports of earlier cells
	for i, src := range sources {
		f, _ := parser.ParseFile(token.NewFileSet(), "", src, 0)
		unresolved[i] = map[string]bool{}
		if f == nil {
			continue
		}
		for _, d := range f.Decls {
			switch d := d.(type) {
			case *ast.FuncDecl:
				if d.Recv == nil {
					declared[d.Name.Name] = true
				}
			case *ast.GenDecl:
				for _, s := range d.Specs {
					switch s := s.(type) {
					case *ast.TypeSpec:
						declared[s.Name.Name] = true
					case *ast.ValueSpec:
						for _, id := range s.Names {
							declared[id.Name] = true
						}
					}
				}
			}
		}
		imported := map[string]bool{}
		for _, s := range f.Imports {
			imported[importName(s)] = true
			if i == 0 {
				earlier[importName(s)] = specText(s)
			}
		}
		for _, id := range f.Unresolved {
			if !imported[id.Name] {
				unresolved[i][id.Name] = true
			}
		}
	}
	for i, src := range sources {
		var add []string
		for name := range unresolved[i] {
			if declared[name] {
				continue
			}
			if spec := earlier[name]; spec != "" && i == 1 {
				add = append(add, "import "+spec)
			} else if p := n.byName[name]; p != "" {
				add = append(add, "import "+name+" \""+p+"\"")
			}
		}
		slices.Sort(add)
		if len(add) > 0 {
			src = strings.Replace(src, "package main", "package main;"+strings.Join(add, ";"), 1)
		}
		if f, _ := parser.ParseFile(n.fset, [...]string{"session", "cell"}[i], src, parser.ParseComments); f != nil {
			files = append(files, f)
		} else {
			files = append(files, &ast.File{Name: ast.NewIdent("main")})
		}
	}
	v := &view{n: n, known: files[0], file: files[1], info: &types.Info{
		Types: map[ast.Expr]types.TypeAndValue{}, Defs: map[*ast.Ident]types.Object{}, Uses: map[*ast.Ident]types.Object{},
		Selections: map[*ast.SelectorExpr]*types.Selection{}, Scopes: map[ast.Node]*types.Scope{},
	}}
	conf := types.Config{Importer: n, Error: func(error) {}, DisableUnusedImportCheck: true}
	v.pkg, _ = conf.Check("main", n.fset, files, v.info) // errors are the compiler's to tell
	return v
}

// done lets go of the view's files.
func (v *view) done() {
	for _, f := range []*ast.File{v.known, v.file} {
		if at := v.n.fset.File(f.FileStart); at != nil {
			v.n.fset.RemoveFile(at)
		}
	}
}

func specText(s *ast.ImportSpec) string {
	if s.Name != nil {
		return s.Name.Name + " " + s.Path.Value
	}
	return s.Path.Value
}

// missing lists the packages of ours that a program uses and nobody imports.
func (n *names) missing(s *session, f *ast.File) []string {
	has := map[string]bool{}
	for _, list := range [][]declaration{s.imports, s.declared} {
		for _, d := range list {
			for _, name := range d.names {
				has[name] = true
			}
		}
	}
	for _, i := range f.Imports {
		has[importName(i)] = true
	}
	unresolved := map[*ast.Ident]bool{}
	for _, id := range f.Unresolved {
		unresolved[id] = true
	}
	found := map[string]bool{}
	n.mu.Lock()
	defer n.mu.Unlock()
	ast.Inspect(f, func(node ast.Node) bool {
		s, ok := node.(*ast.SelectorExpr)
		if !ok {
			return true
		}
		id, ok := s.X.(*ast.Ident)
		if ok && unresolved[id] && !has[id.Name] && ast.IsExported(s.Sel.Name) && strings.HasPrefix(n.byName[id.Name], runner.Module+"/") {
			found[n.byName[id.Name]] = true
		}
		return true
	})
	var out []string
	for p := range found {
		out = append(out, p)
	}
	slices.Sort(out)
	return out
}

// place is where an object is declared; the standard library's files begin with a
// word for their folder.
func (n *names) place(o types.Object) token.Position {
	pos := n.fset.Position(o.Pos())
	if n.goroot != "" {
		pos.Filename = strings.Replace(pos.Filename, "$GOROOT", n.goroot, 1)
	}
	return pos
}

// comment finds the declaration of an object in the source of its package, with
// its comment.
func (v *view) comment(o types.Object) string {
	n := v.n
	pos := n.place(o)
	if o.Pkg() == v.pkg {
		for _, f := range []*ast.File{v.known, v.file} {
			if f.FileStart <= o.Pos() && o.Pos() <= f.FileEnd {
				return commentAt(n.fset, f, pos.Line, o.Name())
			}
		}
	}
	if !path.IsAbs(pos.Filename) {
		return ""
	}
	f := n.files[pos.Filename]
	if f == nil {
		src, err := os.ReadFile(pos.Filename)
		if err != nil {
			return ""
		}
		if f, err = parser.ParseFile(n.fset, pos.Filename, src, parser.ParseComments|parser.SkipObjectResolution); f == nil || err != nil {
			return ""
		}
		n.files[pos.Filename] = f
	}
	return commentAt(n.fset, f, pos.Line, o.Name())
}

// commentAt is the doc comment of a name that is declared on a line.
func commentAt(fset *token.FileSet, f *ast.File, line int, name string) string {
	text := ""
	at := func(id *ast.Ident, docs ...*ast.CommentGroup) {
		if id == nil || id.Name != name || fset.Position(id.Pos()).Line != line {
			return
		}
		for _, d := range docs {
			if t := d.Text(); t != "" && text == "" {
				text = t
			}
		}
	}
	ast.Inspect(f, func(node ast.Node) bool {
		switch d := node.(type) {
		case *ast.FuncDecl:
			at(d.Name, d.Doc)
		case *ast.GenDecl:
			for _, s := range d.Specs {
				switch s := s.(type) {
				case *ast.TypeSpec:
					at(s.Name, s.Doc, d.Doc, s.Comment)
				case *ast.ValueSpec:
					for _, id := range s.Names {
						at(id, s.Doc, s.Comment, d.Doc)
					}
				}
			}
		case *ast.Field:
			for _, id := range d.Names {
				at(id, d.Doc, d.Comment)
			}
		}
		return text == ""
	})
	return text
}

// packageComment is what a package says of itself.
func (n *names) packageComment(p *types.Package) string {
	scope := p.Scope()
	for _, name := range scope.Names() {
		file := n.place(scope.Lookup(name)).Filename
		if !path.IsAbs(file) {
			continue
		}
		entries, err := os.ReadDir(path.Dir(file))
		if err != nil {
			return ""
		}
		for _, e := range entries {
			if !strings.HasSuffix(e.Name(), ".go") || strings.HasSuffix(e.Name(), "_test.go") {
				continue
			}
			f, _ := parser.ParseFile(token.NewFileSet(), path.Join(path.Dir(file), e.Name()), nil, parser.PackageClauseOnly|parser.ParseComments)
			if f != nil && f.Doc.Text() != "" {
				return f.Doc.Text()
			}
		}
		return ""
	}
	return ""
}
