package main

import (
	"os/exec"
	"strings"
	"testing"
)

// All that cells import is linked into the command: a user's module that asks for
// the command alone knows the sums of all of it.
func TestTheCommandBringsWhatCellsImport(t *testing.T) {
	deps := func(paths ...string) map[string]bool {
		args := append([]string{"list", "-deps", "-f", "{{with .Module}}{{.Path}}{{end}}"}, paths...)
		out, err := exec.Command("go", args...).Output()
		if err != nil {
			t.Fatal(err)
		}
		m := map[string]bool{}
		for _, l := range strings.Fields(string(out)) {
			m[l] = true
		}
		return m
	}
	const module = "github.com/gxlab/gxlab/"
	have := deps(module + "kernel/cmd/gxlab")
	for m := range deps(module+"gx/...", module+"datasets", module+"plotting", module+"kernel") {
		if !have[m] {
			t.Errorf("module %s is used by cells and not by the command", m)
		}
	}
}
