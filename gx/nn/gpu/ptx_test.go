package gpu

import (
	"crypto/sha256"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// The PTX was made from the source that lies beside it, for drivers from CUDA 12.0
// (PTX 8.0) and devices from compute capability 7.5.
func TestPTXIsFresh(t *testing.T) {
	if want := fmt.Sprintf("// kernels.cu %x,", sha256.Sum256([]byte(source))); !strings.HasPrefix(ptx, want) {
		t.Error("kernels.cu has changed since kernels_75.ptx was made: go generate ./gx/nn/gpu")
	}
	if !strings.Contains(ptx, "\n.version 8.0\n.target sm_75\n.address_size 64\n") {
		t.Error("another version or target")
	}
}

var entry = regexp.MustCompile(`(?s)\.visible \.entry (\w+)\((.*?)\)(?:\n\.maxntid (\d+), 1, 1)`)

// The compiler saw the parameters that the signatures tell.
func TestPTXHasTheSignatures(t *testing.T) {
	types := map[Kind]string{Pointer: "u64", Int32: "u32", Uint64: "u64", Real32: "f32"}
	got := map[string]bool{}
	for _, m := range entry.FindAllStringSubmatch(ptx, -1) {
		s, ok := KernelNamed(m[1])
		if !ok {
			t.Errorf("no signature of %s", m[1])
			continue
		}
		got[m[1]] = true
		var want []string
		for i, p := range s.Params {
			want = append(want, fmt.Sprintf("\t.param .%s %s_param_%d", types[p.Kind], s.Name, i))
		}
		if have := strings.TrimSpace(m[2]); have != strings.TrimSpace(strings.Join(want, ",\n")) {
			t.Errorf("%s: %s\nwant %s", s.Name, have, strings.Join(want, ",\n"))
		}
		args := make([]Arg, len(s.Params))
		for i, p := range s.Params {
			args[i] = Arg{p.Kind, 1}
		}
		if _, block := s.Shape(args); fmt.Sprint(block[0]*block[1]*block[2]) != m[3] {
			t.Errorf("%s: blocks of %v, bound %s", s.Name, block, m[3])
		}
	}
	if len(got) != len(Kernels()) {
		t.Errorf("%d of %d kernels are in the PTX", len(got), len(Kernels()))
	}
}

// The PTX assembles for every kind of device that the assembler knows from 7.5 on.
// ptxas comes with a CUDA toolkit, or from PyPI: pip install nvidia-cuda-nvcc-cu12.
func TestPTXAssembles(t *testing.T) {
	all := assemblers()
	if len(all) == 0 {
		t.Skip("no ptxas; try pip install nvidia-cuda-nvcc-cu12, or GXLAB_CUDA=/usr/local/cuda")
	}
	file := filepath.Join(t.TempDir(), "kernels.ptx")
	if err := os.WriteFile(file, []byte(ptx), 0o644); err != nil {
		t.Fatal(err)
	}
	ptxas := all[0]
	help, err := exec.Command(ptxas, "--help").Output()
	if err != nil {
		t.Fatalf("%s: %v", ptxas, err)
	}
	done := 0
	for _, arch := range []string{"sm_75", "sm_80", "sm_86", "sm_89", "sm_90", "sm_100", "sm_120"} {
		if !strings.Contains(string(help), arch) {
			continue
		}
		if out, err := exec.Command(ptxas, "-arch="+arch, "--warn-on-spills", "-Werror", "-o", file+".cubin", file).CombinedOutput(); err != nil {
			t.Errorf("%s: %v\n%s", arch, err, out)
		}
		done++
	}
	if done < 5 {
		t.Errorf("%s knows only %d of the devices", ptxas, done)
	}
	t.Logf("%s assembled for %d devices", ptxas, done)
}

// assemblers are the programs ptxas of this machine.
func assemblers() []string {
	var out []string
	for p := range places("ptxas") {
		if at, err := exec.LookPath(p); err == nil {
			out = append(out, at)
		}
	}
	return out
}
