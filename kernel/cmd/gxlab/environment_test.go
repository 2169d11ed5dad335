package main

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// environment is a conda environment file.
type environment struct {
	name                   string
	channels, dependencies []string
}

var (
	yamlKey  = regexp.MustCompile(`^([a-z]+):(?: ([A-Za-z0-9_-]+))?$`)
	yamlItem = regexp.MustCompile(`^  - (\S+)$`)
	pin      = regexp.MustCompile(`^([a-z][a-z0-9_-]*)((?:[<>=]=?\d+(?:\.\d+)*)(?:,(?:[<>=]=?\d+(?:\.\d+)*))*)?$`)
)

// readEnvironment reads the YAML that these files are kept to: keys with a word or
// a list of words.
func readEnvironment(path string) (e environment, err error) {
	b, err := os.ReadFile(path)
	if err != nil {
		return e, err
	}
	lists := map[string]*[]string{"channels": &e.channels, "dependencies": &e.dependencies}
	var list *[]string
	seen := map[string]bool{}
	for i, l := range strings.Split(strings.TrimSuffix(string(b), "\n"), "\n") {
		if strings.HasPrefix(l, "#") {
			continue
		}
		if m := yamlItem.FindStringSubmatch(l); m != nil && list != nil {
			*list = append(*list, m[1])
			continue
		}
		m := yamlKey.FindStringSubmatch(l)
		switch {
		case m == nil || seen[m[1]]:
			return e, fmt.Errorf("%s:%d: %q", path, i+1, l)
		case m[1] == "name" && m[2] != "":
			e.name, list = m[2], nil
		case lists[m[1]] != nil && m[2] == "":
			list = lists[m[1]]
		default:
			return e, fmt.Errorf("%s:%d: %q", path, i+1, l)
		}
		seen[m[1]] = true
	}
	return e, nil
}

var root = filepath.Join("..", "..", "..")

// The conda environment says what conda can read, and asks for the Go that the
// module asks for. Binder's is the same.
func TestEnvironment(t *testing.T) {
	e, err := readEnvironment(filepath.Join(root, "environment.yml"))
	if err != nil {
		t.Fatal(err)
	}
	if e.name != "gxlab" || !slices.Equal(e.channels, []string{"conda-forge"}) {
		t.Errorf("name %q, channels %q", e.name, e.channels)
	}
	pins := map[string]string{}
	for _, d := range e.dependencies {
		m := pin.FindStringSubmatch(d)
		if m == nil {
			t.Errorf("%q is no conda dependency", d)
			continue
		}
		pins[m[1]] = m[2]
	}
	mod, err := os.ReadFile(filepath.Join(root, "go.mod"))
	if err != nil {
		t.Fatal(err)
	}
	version := regexp.MustCompile(`(?m)^go (\d+\.\d+)`).FindStringSubmatch(string(mod))
	if len(pins) != 3 || pins["go"] != ">="+version[1] || pins["python"] == "" || !strings.Contains(pins["jupyterlab"], ",<") {
		t.Errorf("pins %q for a module of Go %s", pins, version[1])
	}
	binder, err := readEnvironment(filepath.Join(root, ".binder", "environment.yml"))
	if err != nil {
		t.Fatal(err)
	}
	if binder.name != e.name || !slices.Equal(binder.channels, e.channels) || !slices.Equal(binder.dependencies, e.dependencies) {
		t.Errorf("Binder's environment is %+v, ours %+v", binder, e)
	}
}

func TestEnvironmentRefused(t *testing.T) {
	for _, text := range []string{"name gxlab\n", "name: a\nname: b\n", "channels:\n- x\n", "channels: x\n", "other:\n  - x\n", "dependencies:\n  - pip:\n    - x\n", "\tname: a\n"} {
		path := filepath.Join(t.TempDir(), "e.yml")
		if err := os.WriteFile(path, []byte(text), 0o666); err != nil {
			t.Fatal(err)
		}
		if e, err := readEnvironment(path); err == nil {
			t.Errorf("%q was read as %+v", text, e)
		}
	}
}

// Every command that the environment files, Binder's script and the README name is
// one of ours, with flags that it takes.
func TestCommandsNamedElsewhere(t *testing.T) {
	called := regexp.MustCompile(`go tool gxlab ([a-z]+)((?: --?[a-z-]+)*)`)
	n := 0
	for _, file := range []string{"environment.yml", filepath.Join(".binder", "postBuild"), filepath.Join(".binder", "environment.yml"), "README.md"} {
		b, err := os.ReadFile(filepath.Join(root, file))
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range called.FindAllStringSubmatch(string(b), -1) {
			n++
			i := slices.IndexFunc(commands(), func(c command) bool { return c.name == m[1] })
			if i < 0 {
				if m[1] != "help" {
					t.Errorf("%s calls %q, which is no command", file, m[0])
				}
				continue
			}
			for _, f := range strings.Fields(m[2]) {
				if !slices.Contains(regexp.MustCompile(`--?[a-z-]+`).FindAllString(commands()[i].args, -1), f) {
					t.Errorf("%s calls %q; %s takes %s", file, m[0], m[1], commands()[i].args)
				}
			}
		}
	}
	if n < 4 {
		t.Errorf("%d commands found", n)
	}
	info, err := os.Stat(filepath.Join(root, ".binder", "postBuild"))
	if err != nil || info.Mode()&0o111 == 0 {
		t.Errorf("Binder's script cannot be run: %v, %v", info.Mode(), err)
	}
}
