package runner

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"go/types"
	"os"
	"path/filepath"
	"sort"
	"strconv"
	"strings"

	"github.com/gxlab/gxlab/gx/fault"
)

// Parameter is one of a notebook's parameters: a constant or variable in the cell
// tagged "parameters" whose value is one literal (a text, a number with or without
// a sign, true or false), with or without a type.
type Parameter struct {
	Name  string
	Type  string      // as Go source; "" where the declaration names none
	Kind  token.Token // token.STRING, token.INT, token.FLOAT, or token.IDENT for true and false
	Value string      // as Go source
	Var   bool        // declared as a variable
}

// Parameters are those that the notebook declares, in order.
func (n *Notebook) Parameters() ([]Parameter, error) {
	i := n.tagged("parameters")
	if i < 0 {
		return nil, nil
	}
	f, err := parser.ParseFile(token.NewFileSet(), "parameters", "package p\n"+n.Cells[i].Source, 0)
	if err != nil {
		return nil, fault.Wrap(err, "the cell tagged parameters cannot be read", fmt.Sprintf("cell %d", i+1), "constants alone in that cell: const ( seed = 1; … )")
	}
	var out []Parameter
	for _, d := range f.Decls {
		g, ok := d.(*ast.GenDecl)
		if !ok || g.Tok != token.CONST && g.Tok != token.VAR {
			continue
		}
		for _, s := range g.Specs {
			v := s.(*ast.ValueSpec)
			for k, name := range v.Names {
				if k >= len(v.Values) {
					continue
				}
				p := Parameter{Name: name.Name, Var: g.Tok == token.VAR}
				if v.Type != nil {
					p.Type = types.ExprString(v.Type)
				}
				switch x := v.Values[k].(type) {
				case *ast.BasicLit:
					p.Kind, p.Value = x.Kind, x.Value
				case *ast.UnaryExpr:
					if l, ok := x.X.(*ast.BasicLit); ok && (x.Op == token.SUB || x.Op == token.ADD) {
						p.Kind, p.Value = l.Kind, x.Op.String()+l.Value
					}
				case *ast.Ident:
					if x.Name == "true" || x.Name == "false" {
						p.Kind, p.Value = token.IDENT, x.Name
					}
				}
				if p.Value != "" {
					out = append(out, p)
				}
			}
		}
	}
	return out, nil
}

// Set replaces parameters by given values: a cell that declares all of them anew
// is put after the one tagged "parameters" and tagged "injected-parameters". A
// text with a dot or a slash in it that names an existing file becomes its
// absolute path, since cells work in the notebook's folder.
func (n *Notebook) Set(values map[string]string) error {
	if len(values) == 0 {
		return nil
	}
	ps, err := n.Parameters()
	if err != nil {
		return err
	}
	var names []string
	for _, p := range ps {
		names = append(names, p.Name)
	}
	have := map[string]bool{}
	for _, name := range names {
		have[name] = true
	}
	for _, name := range sortedNames(values) {
		if len(ps) == 0 {
			return fault.New("the notebook takes no parameters", "-p "+name+"="+values[name], "a cell tagged parameters with constants: const ( "+name+" = … )")
		}
		if !have[name] {
			return fault.New(fmt.Sprintf("the notebook has no parameter %q", name), "-p "+name+"="+values[name], "one of "+strings.Join(names, ", "))
		}
	}
	var b strings.Builder
	b.WriteString("// Parameters as given on the command line.\n")
	for _, p := range ps {
		v, given := values[p.Name]
		src := p.Value
		if given {
			if src, err = p.literal(v); err != nil {
				return err
			}
		}
		keyword := "const"
		if p.Var {
			keyword = "var"
		}
		fmt.Fprintf(&b, "%s %s = %s\n", keyword, strings.TrimSpace(p.Name+" "+p.Type), src)
	}
	i := n.tagged("parameters")
	cell := &Cell{Type: "code", Source: strings.TrimSpace(b.String()), Tags: []string{"injected-parameters"}, injected: true}
	if n.Cells[i].ID != "" {
		cell.ID = "injected-parameters"
	}
	n.Cells = append(n.Cells[:i+1:i+1], append([]*Cell{cell}, n.Cells[i+1:]...)...)
	return nil
}

// literal is v as Go source of the parameter's kind.
func (p Parameter) literal(v string) (string, error) {
	refuse := func(what string) (string, error) {
		return "", fault.New(fmt.Sprintf("parameter %s is %s, %q is none", p.Name, what, v), "-p "+p.Name+"="+v, "a value like "+p.Value)
	}
	switch p.Kind {
	case token.INT:
		if _, err := strconv.ParseInt(v, 0, 64); err != nil {
			return refuse("a whole number")
		}
		return v, nil
	case token.FLOAT:
		f, err := strconv.ParseFloat(v, 64)
		if err != nil || f-f != 0 {
			return refuse("a number")
		}
		return strconv.FormatFloat(f, 'g', -1, 64), nil
	case token.IDENT:
		if v != "true" && v != "false" {
			return refuse("true or false")
		}
		return v, nil
	}
	if _, err := os.Stat(v); err == nil && strings.ContainsAny(v, "./") {
		if abs, err := filepath.Abs(v); err == nil {
			v = abs
		}
	}
	return strconv.Quote(v), nil
}

func sortedNames(m map[string]string) []string {
	var out []string
	for k := range m {
		out = append(out, k)
	}
	sort.Strings(out)
	return out
}
