package front

import (
	"fmt"
	"strings"
	"testing"
)

func TestIsComplete(t *testing.T) {
	for code, want := range map[string]string{
		"":                               complete,
		"// a comment":                   complete,
		"%%\nfmt.Println(1)":             complete,
		"%%\nx := []int{\n\t1,\n\t2,\n}": complete,
		"func f() int { return 1 }":      complete,
		"import \"fmt\"\n\ntype T int":   complete,
		"%%\nfor {\n\tbreak\n}":          complete,
		"%%\nx := `a\nb`":                complete,
		"%env A=1":                       complete,
		"%args --x\n%%\nfmt.Println(1)":  complete,
		"!ls (":                          complete,
		"//gonb:%%\nfmt.Println(1)":      complete,
		"%%bash\nls\n":                   complete,
		"%%\nswitch x {\ncase 1:\n}":     complete,
		"%%\nx++":                        complete,
		"%%\nreturn":                     complete,
		"%%":                             incomplete,
		"%%\nfmt.Println(":               incomplete,
		"%%\nfmt.Println(1,\n":           incomplete,
		"%%\nx := []int{\n\t1,":          incomplete,
		"func f() int {":                 incomplete,
		"func f() int {\n\tif true {":    incomplete,
		"type T struct":                  incomplete,
		"import (":                       incomplete,
		"%%\nx := 1 +":                   incomplete,
		"%%\nx :=":                       incomplete,
		"%%\nfmt.":                       incomplete,
		"%%\nfor i := range 3 {":         incomplete,
		"var s = `raw":                   incomplete,
		"/* a comment":                   incomplete,
		"!ls \\":                         incomplete,
		"%%bash\nls":                     incomplete,
		"%%\nif x {\n} else":             incomplete,
		"%%\nvar":                        incomplete,
		"func 1f() { }":                  invalid,
		"func f() { }}":                  invalid,
		"%%\n}":                          invalid,
		"%%\nx := := 2":                  invalid,
		"%%\nx := := f(":                 invalid,
		"%%\nf(]":                        invalid,
		"var s = \"open":                 invalid,
		"x := 1":                         invalid,
		"%%\nimport \"fmt\"":             invalid,
		"%%\nf(a\nb":                     invalid,
		"%%\nx := 'ab'":                  invalid,
	} {
		if got, _ := isComplete(code); got != want {
			t.Errorf("%q is %s, want %s", code, got, want)
		}
	}
	if _, indent := isComplete("%%\nif x {\n\tf(func() {"); indent != "\t\t\t" {
		t.Errorf("indent %q", indent)
	}
}

// A cell becomes the program that GoNB makes of it, and each line is found again.
func TestSplitCell(t *testing.T) {
	c := splitCell("import \"fmt\"\n%env A=1 \\\n  B\nfunc f() {}\n%%\nf()\n!ls\nfmt.Println()")
	want := "package main\n\nimport \"fmt\"\nfunc f() {}\nfunc main() {\n\tflag.Parse()\nf()\nfmt.Println()\n\n}\n"
	if c.program != want {
		t.Errorf("%q", c.program)
	}
	var at []int
	for i := range strings.Split(strings.TrimSuffix(want, "\n"), "\n") {
		at = append(at, c.line(i+1))
	}
	if fmt.Sprint(at) != "[0 0 1 4 5 5 6 8 0 0]" {
		t.Error(at)
	}
}

func TestLastExpression(t *testing.T) {
	for code, want := range map[string]bool{
		"%%\n6 * 7": true, "%%\nf(x)": true, "%%\nx": true, "%%\nx := 1": false, "%%": false, "func f() {}": false,
		"%%\nif x {\n\ty\n}": false, "%%\ngo f()": false, "%%\nx // why": true, "%%\n<-c": true, "x": false,
	} {
		if got := endsInExpression(splitCell(code)); got != want {
			t.Errorf("%q: %v", code, got)
		}
	}
}

// What is declared anew takes the place of what was; the rest remains.
func TestSession(t *testing.T) {
	s := newSession()
	s.add(1, splitCell("import (\n\t\"fmt\"\n\tm \"math\"\n)\n\nconst (\n\ta = iota\n\tb\n)\n\n// f is.\nfunc f() {}\n\nfunc (t *T[X]) g() {}\n%env A=1"))
	s.add(2, splitCell("func f() int { return 1 }\n\nvar a, c = 1, 2\n%%\nf()"))
	s.use([]string{"github.com/x/y"})
	want := "%env A=1\nimport \"fmt\"\nimport m \"math\"\nimport \"github.com/x/y\"\nconst (\n\ta = iota\n\tb\n)\nfunc (t *T[X]) g() {}\nfunc f() int { return 1 }\nvar a, c = 1, 2\n"
	if got := s.replay(); got != want {
		t.Errorf("%s", got)
	}
	if at := s.declared[0]; fmt.Sprint(at.names, at.lines, at.at) != "[b] [8] Cell In[1], line 6" {
		t.Errorf("%v %v %v", at.names, at.lines, at.at)
	}
	s.add(3, splitCell("%rm f"))
	if strings.Contains(s.replay(), "func f") {
		t.Error(s.replay())
	}
	s.add(4, splitCell("%reset"))
	if got := s.replay(); got != "%env A=1\n" {
		t.Error(got)
	}
}

// What a program prints when it dies is told apart from what only looks like it,
// also when it comes in pieces.
func TestCrash(t *testing.T) {
	for text, want := range map[string]int{"panic: x": 0, "a\npanic: x": 2, "a panic: x": -1, "fatal error: all": 0, "": -1, "no\nfatal": -1} {
		if got := crashAt(text); got != want {
			t.Errorf("%q: %d, want %d", text, got, want)
		}
	}
	for text, want := range map[string]int{"a\npan": 3, "a": 0, "fatal err": 9, "panic": 5, "x p": 0, "": 0} {
		if got := partial(text); got != want {
			t.Errorf("%q: %d, want %d", text, got, want)
		}
	}
	for text, want := range map[string]bool{"exit status 2\n": true, "^C\nsignal: interrupt\n": true, "signal: segmentation fault (core dumped)\n": true, "exit status 2": false, "x exit status 2\n": false} {
		if got := exited.MatchString(text); got != want {
			t.Errorf("%q: %v", text, got)
		}
	}
}

func TestMessages(t *testing.T) {
	got := messages("# gonb_1\n./main.go:12:5: undefined: x\n./main.go:13:2: cannot use y\n\thave (int)\n\twant ()\n./main.go:12:5: undefined: x\n/tmp/gonb_1/main_test.go:3:1: expected declaration\ntoo many errors\n")
	want := "[{12 5 undefined: x} {13 2 cannot use y\n\thave (int)\n\twant ()} {3 1 expected declaration}]"
	if fmt.Sprint(got) != want {
		t.Errorf("%v", got)
	}
	if got := firstMessage("nothing of the kind \n"); got != "nothing of the kind" {
		t.Error(got)
	}
}
