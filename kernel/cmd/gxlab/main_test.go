package main

import (
	"encoding/json"
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/gxlab/gxlab/kernel/runner"
)

func TestFlagsMayStandAnywhere(t *testing.T) {
	f := flags{values: []string{"p", "o"}, switches: []string{"quick"}}
	rest, given, err := f.parse("x", []string{"a", "-p", "n=1", "b", "--p=m=2", "-quick", "--", "-c"})
	if err != nil || fmt.Sprint(rest) != "[a b -c]" || fmt.Sprint(given["p"]) != "[n=1 m=2]" || len(given["quick"]) != 1 {
		t.Error(rest, given, err)
	}
	for _, bad := range [][]string{{"-z"}, {"-p"}, {"-quick=3"}} {
		if _, _, err := f.parse("x", bad); err == nil || !strings.Contains(err.Error(), "try ") {
			t.Errorf("%v: %v", bad, err)
		}
	}
}

func TestSeeds(t *testing.T) {
	for s, want := range map[string]string{"": "[]", "1..3": "[1 2 3]", "4": "[4]", "1,2,9": "[1 2 9]"} {
		if got, err := parseSeeds(s); err != nil || fmt.Sprint(got) != want {
			t.Errorf("%q: %v, %v", s, got, err)
		}
	}
	for _, s := range []string{"a", "3..1", "1..", "1,,2", "-1", "1..9999"} {
		if got, err := parseSeeds(s); err == nil {
			t.Errorf("%q was read as %v", s, got)
		}
	}
}

func TestExitCodes(t *testing.T) {
	t.Setenv("GXLAB_STORE", t.TempDir())
	for want, args := range map[int][][]string{
		0:         {{"help"}, {"kept"}, {"kept", "path"}, {"version"}},
		exitUsage: {{}, {"dance"}, {"run"}, {"run", "nowhere.ipynb"}, {"run", "main_test.go"}, {"kept", "dance"}, {"run", "x.ipynb", "-z"}, {"kept", "rm"}},
	} {
		for _, a := range args {
			if got := realMain(a); got != want {
				t.Errorf("%v: exit code %d, want %d", a, got, want)
			}
		}
	}
}

// Every claim can fail, and none holds of numbers that are not there.
func TestClaimsCanFail(t *testing.T) {
	for _, s := range studies() {
		for _, c := range s.claims {
			if c.holds(&runner.Metrics{}) {
				t.Errorf("%s holds of nothing", c.text)
			}
			if len(c.found) == 0 {
				t.Errorf("%s shows no numbers", c.text)
			}
		}
	}
	if v := (&runner.Metrics{}).Number("x"); !math.IsNaN(v) {
		t.Error(v)
	}
}

func TestKernelspec(t *testing.T) {
	if testing.Short() {
		t.Skip("-short leaves the engine out")
	}
	prefix := t.TempDir()
	if got := realMain([]string{"install", "--prefix", prefix}); got != 0 {
		t.Fatal(got)
	}
	dir := filepath.Join(prefix, "share", "jupyter", "kernels", "gxlab")
	b, err := os.ReadFile(filepath.Join(dir, "kernel.json"))
	if err != nil {
		t.Fatal(err)
	}
	var spec struct {
		Argv      []string
		Env       map[string]string
		Interrupt string `json:"interrupt_mode"`
	}
	if err := json.Unmarshal(b, &spec); err != nil || len(spec.Argv) < 3 || spec.Env["GOPROXY"] != "off" {
		t.Fatalf("%s, %v", b, err)
	}
	if spec.Argv[1] != "kernel" || spec.Interrupt != "message" || !slices.Contains(spec.Argv, "{connection_file}") {
		t.Errorf("%s", b)
	}
	if err := current(dir); err != nil {
		t.Error(err)
	}
	if fi, err := os.Stat(spec.Argv[0]); err != nil || fi.Mode()&0o100 == 0 || !strings.HasPrefix(spec.Argv[0], dir) {
		t.Errorf("the kernel's program %s: %v", spec.Argv[0], err)
	}
}

// %gxlab answers in a cell.
func TestMagic(t *testing.T) {
	t.Setenv("GXLAB_STORE", t.TempDir())
	for what, want := range map[string]string{"": "%gxlab kept", "kept": "0 kept", "device": "CPU: "} {
		var out strings.Builder
		if err := magic(".")(t.Context(), strings.Fields(what), &out); err != nil || !strings.Contains(out.String(), want) {
			t.Errorf("%s: %q, %v", what, out.String(), err)
		}
	}
	if err := magic(".")(t.Context(), []string{"dance"}, io.Discard); err == nil || !strings.Contains(err.Error(), "one of device, doctor, help, kept") {
		t.Error(err)
	}
}
