package front

import (
	"go/ast"
	"go/parser"
	"go/scanner"
	"go/token"
	"strings"
)

// A cell is its source as GoNB reads it: lines of Go at the top level, lines of
// Go in main, and lines that are commands.
type cell struct {
	lines   []string
	command []bool // of each line: a % or ! command
	script  bool   // the first line makes the whole cell something else than Go
	main    int    // the line that begins main, or -1
	program string // the Go program that the cell is, without its imports of earlier cells
	at      []int  // of each line of program: the cell's line, or -1
}

// scripts are the commands that take a whole cell.
var scripts = map[string]bool{"%%writefile": true, "%%script": true, "%%bash": true, "%%sh": true, "%%gx": true}

func splitCell(src string) *cell {
	c := &cell{lines: strings.Split(src, "\n"), main: -1}
	c.command = make([]bool, len(c.lines))
	c.script = scripts[strings.Split(trimComment(c.lines[0]), " ")[0]]
	if c.script {
		for i := range c.command {
			c.command[i] = true
		}
		return c
	}
	for i := 0; i < len(c.lines); i++ {
		l := trimComment(c.lines[i])
		if len(l) < 2 || l[0] != '%' && l[0] != '!' {
			continue
		}
		c.command[i] = true
		for strings.HasSuffix(c.lines[i], `\`) && i+1 < len(c.lines) {
			i++
			c.command[i] = true
		}
	}
	var b strings.Builder
	put := func(text string, at int) {
		b.WriteString(text)
		b.WriteByte('\n')
		c.at = append(c.at, at)
	}
	put("package main", -1)
	put("", -1)
	for i, l := range c.lines {
		switch t := trimComment(l); {
		case isMain(t):
			c.main = i
			put("func main() {", i)
			put("\tflag.Parse()", i)
		case strings.HasPrefix(t, "%exec"):
			f := strings.Fields(t)
			if len(f) > 1 {
				put("func main() {", i)
				put("\tflag.Parse()", i)
				put("\t"+f[1]+"()", i)
				put("}", i)
			}
		case c.command[i], strings.HasPrefix(l, "package"):
		default:
			put(l, i)
		}
	}
	if c.main >= 0 {
		put("", -1)
		put("}", -1)
	}
	c.program = b.String()
	return c
}

func isMain(l string) bool {
	return strings.HasPrefix(l, "%main") || strings.HasPrefix(l, "%%") && (len(l) == 2 || l[2] == ' ' || l[2] == '\t')
}

// trimComment takes away the prefix behind which commands hide from gofmt.
func trimComment(l string) string { return strings.TrimPrefix(l, "//gonb:") }

// goOnly is the Go of the cell as it was typed, other lines empty.
func (c *cell) goOnly() string {
	lines := make([]string, len(c.lines))
	for i, l := range c.lines {
		if !c.command[i] && !strings.HasPrefix(l, "package") {
			lines[i] = l
		}
	}
	return strings.Join(lines, "\n")
}

// line is the cell's line, from 1, of a line of the program, from 1; 0: none.
func (c *cell) line(program int) int {
	if program < 1 || program > len(c.at) || c.at[program-1] < 0 {
		return 0
	}
	return c.at[program-1] + 1
}

// parse reads the program. What could be read is returned beside an error.
func (c *cell) parse() (*token.FileSet, *ast.File, error) {
	fset := token.NewFileSet()
	f, err := parser.ParseFile(fset, "main.go", c.program, parser.ParseComments|parser.AllErrors)
	return fset, f, err
}

// hasGo says whether the cell holds Go at all.
func (c *cell) hasGo() bool { return c.main >= 0 || strings.TrimSpace(c.goOnly()) != "" }

// What isComplete answers.
const (
	complete   = "complete"
	incomplete = "incomplete"
	invalid    = "invalid"
)

// isComplete says whether code can be run as it is, or waits for more lines, and
// then how the next is indented.
func isComplete(code string) (status, indent string) {
	c := splitCell(code)
	last := c.lines[len(c.lines)-1]
	if c.script {
		// A script ends where its author says so: by an empty line.
		if len(c.lines) > 1 && strings.TrimSpace(last) == "" {
			return complete, ""
		}
		return incomplete, ""
	}
	if c.command[len(c.lines)-1] && strings.HasSuffix(last, `\`) {
		return incomplete, ""
	}
	var open []token.Token
	var tok token.Token
	var end token.Pos // of the last token that was typed
	unended, wrong := false, false
	src := []byte(c.goOnly())
	fset := token.NewFileSet()
	file := fset.AddFile("", -1, len(src))
	var s scanner.Scanner
	s.Init(file, src, func(_ token.Position, msg string) {
		if strings.Contains(msg, "comment not terminated") || strings.Contains(msg, "raw string literal not terminated") {
			unended = true
		} else {
			wrong = true
		}
	}, 0)
	pair := map[token.Token]token.Token{token.RPAREN: token.LPAREN, token.RBRACK: token.LBRACK, token.RBRACE: token.LBRACE}
	for {
		pos, t, lit := s.Scan()
		if t == token.EOF {
			break
		}
		if t == token.SEMICOLON && lit == "\n" {
			continue
		}
		tok, end = t, pos
		switch t {
		case token.LPAREN, token.LBRACK, token.LBRACE:
			open = append(open, t)
		case token.RPAREN, token.RBRACK, token.RBRACE:
			if len(open) == 0 || open[len(open)-1] != pair[t] {
				return invalid, ""
			}
			open = open[:len(open)-1]
		}
	}
	if unended {
		return incomplete, ""
	}
	if wrong {
		return invalid, ""
	}
	more := len(open) > 0 || waits(tok)
	_, _, err := c.parse()
	if list, ok := err.(scanner.ErrorList); ok && len(list) > 0 {
		if !more || early(c, list[0], file.Position(end)) {
			return invalid, ""
		}
		return incomplete, strings.Repeat("\t", len(open))
	}
	if more {
		return incomplete, strings.Repeat("\t", len(open))
	}
	if c.main >= 0 && strings.TrimSpace(last) != "" && len(c.lines)-1 == c.main {
		return incomplete, "" // main begins, nothing is in it yet
	}
	return complete, ""
}

// early says whether an error stands before the last token that was typed.
func early(c *cell, e *scanner.Error, end token.Position) bool {
	l := c.line(e.Pos.Line)
	return l > 0 && (l < end.Line || l == end.Line && e.Pos.Column < end.Column)
}

// waits says whether something must follow a last token.
func waits(t token.Token) bool {
	switch t {
	case token.INC, token.DEC, token.RPAREN, token.RBRACK, token.RBRACE, token.SEMICOLON, token.ELLIPSIS:
		return false
	case token.COLON: // a case or a label
		return false
	case token.BREAK, token.CONTINUE, token.FALLTHROUGH, token.RETURN:
		return false
	case token.STRUCT, token.INTERFACE:
		return true
	}
	return t.IsOperator() || t.IsKeyword()
}
