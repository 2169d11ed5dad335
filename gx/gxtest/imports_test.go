package gxtest

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"os/exec"
	"strings"
	"testing"
)

const module = "github.com/gxlab/gxlab"

// table is who may import whom: for each folder of ours, the folders of ours that
// its packages and everything below them may depend on ("x/..." is a folder with
// its subfolders), and the outside modules that only it may import.
var table = []struct {
	folder string
	may    []string
}{
	{"gx/fault", nil},
	{"gx/cores", nil},
	{"gx/large", []string{"gx/fault"}},
	{"gx/store", []string{"gx/fault", "gx/large"}},
	{"gx/frame", []string{"gx/fault"}},
	{"gx/prep", []string{"gx/cores", "gx/fault", "gx/large"}},
	{"gx/stats", []string{"gx/cores", "gx/fault", "gx/frame"}},
	{"gx/reduce", []string{"gx/cores", "gx/fault", "gx/frame", "gx/large", "gx/stats", "gx/prep"}},
	{"gx/learn", []string{"gx/cores", "gx/fault", "gx/large", "gx/prep"}},
	{"gx/manifold", []string{"gx/cores", "gx/fault", "gx/frame", "gx/large", "gx/learn", "gx/prep", "gx/reduce", "gx/stats"}},
	{"gx/nnwork", []string{"gx/cores", "gx/fault"}},
	{"gx/nn/cpu", []string{"gx/fault"}},
	{"gx/nn/gpu", []string{"gx/fault", "gx/nn/cpu"}},
	{"gx/nn", []string{"gx/fault", "gx/large", "gx/nn/cpu", "gx/nn/gpu"}},
	{"gx", []string{"gx/..."}},
	{"datasets/hdf", []string{"gx/fault"}},
	{"datasets/rdata", []string{"gx/fault"}},
	{"datasets/columns", []string{"gx/fault"}},
	{"datasets", []string{"gx", "gx/...", "datasets/hdf", "datasets/rdata", "datasets/columns"}},
	{"plotting", []string{"gx", "gx/...", "kernel"}},
	{"kernel", nil},
	{"kernel/jupyter", nil},
	{"kernel/runner", []string{"kernel/jupyter", "gx/fault"}},
	{"kernel/front", []string{"kernel/runner", "kernel/jupyter", "gx/fault"}},
}

// only says which packages alone may import an outside module directly.
var only = map[string][]string{
	"gorgonia.org/gorgonia":            {"gx/nn"},
	"gorgonia.org/tensor":              {"gx/nn"},
	"github.com/go-gota/gota":          {"gx/frame"},
	"github.com/janpfeifer/gonb":       {"kernel"},
	"github.com/go-zeromq/zmq4":        {"kernel/jupyter"},
	"gonum.org/v1/plot":                {"plotting"},
	"github.com/maruel/natural":        {"plotting"},
	"github.com/ebitengine/purego":     {"gx/nn/cpu", "gx/nn/gpu"},
	"gorgonia.org/cu":                  {"gx/nn/gpu"},
	"github.com/klauspost/compress":    {"datasets", "datasets/hdf", "datasets/rdata", "datasets/columns"},
	"github.com/ulikunitz/xz":          {"datasets/rdata"},
	"github.com/apache/arrow/go/arrow": {},
}

type pkg struct {
	ImportPath string
	Imports    []string
	Deps       []string
}

func list(t *testing.T) []pkg {
	t.Helper()
	out, err := exec.Command("go", "list", "-json=ImportPath,Imports,Deps", module+"/...").Output()
	if err != nil {
		var e *exec.ExitError
		if errors.As(err, &e) {
			t.Fatalf("go list: %s", e.Stderr)
		}
		t.Fatal(err)
	}
	var all []pkg
	for d := json.NewDecoder(bytes.NewReader(out)); ; {
		var p pkg
		if err := d.Decode(&p); errors.Is(err, io.EOF) {
			return all
		} else if err != nil {
			t.Fatal(err)
		}
		all = append(all, p)
	}
}

func TestImports(t *testing.T) {
	seen := map[string]bool{}
	for _, p := range list(t) {
		folder := strings.TrimPrefix(strings.TrimPrefix(p.ImportPath, module), "/")
		seen[folder] = true
		for _, row := range table {
			if row.folder != folder {
				continue
			}
			for _, d := range p.Deps {
				if d == module || strings.HasPrefix(d, module+"/") {
					if of := strings.TrimPrefix(d, module+"/"); !within(of, row.may) {
						t.Errorf("%s depends on %s; it may depend on %v", folder, of, row.may)
					}
				}
			}
		}
		for outside, allowed := range only {
			for _, i := range p.Imports {
				if (i == outside || strings.HasPrefix(i, outside+"/")) && !within(folder, allowed) {
					t.Errorf("%s imports %s, which belongs to %v", folder, i, allowed)
				}
			}
		}
		if folder == "kernel" {
			for _, d := range p.Deps {
				if strings.Contains(d, "zmq") || strings.Contains(d, "gorgonia") || strings.Contains(d, "gonum") {
					t.Errorf("the cell side of kernel links %s", d)
				}
			}
		}
	}
	for _, row := range table {
		if !seen[row.folder] {
			t.Errorf("the table speaks of %s, which is not there", row.folder)
		}
	}
}

func within(folder string, may []string) bool {
	for _, m := range may {
		if sub, ok := strings.CutSuffix(m, "/..."); ok && strings.HasPrefix(folder, sub+"/") || folder == m {
			return true
		}
	}
	return false
}
