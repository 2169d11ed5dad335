package datasets

import (
	"context"
	"fmt"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/gxlab/gxlab/gx"
	"github.com/gxlab/gxlab/gx/frame"
	"github.com/gxlab/gxlab/gx/gxtest"
	"github.com/gxlab/gxlab/gx/prep"
)

// odd is a source whose names and values are hard to write.
type odd struct{}

func (odd) Name() string         { return "odd" }
func (odd) Key() (string, error) { return "odd", nil }
func (odd) Read(context.Context, gx.Tell) (*gx.Raw, error) {
	x := prep.NewMatrix(3, 4)
	copy(x.Data, []float32{0.1, -1e-30, 3, 16777216, float32(math.NaN()), 2.5e10, -0.30000001, 7, 1, 2, 3, math.SmallestNonzeroFloat32})
	s, err := frame.New([]string{"s,1", `the "second"`, "NA"}).With("tissue", []string{"liver, left", "a\tb", ""})
	if err == nil {
		s, err = s.With("age", []string{"3.5", "", "41"})
	}
	if err == nil {
		s, err = s.With("patient/visit", []string{"007", "008", "009"})
	}
	if err != nil {
		return nil, err
	}
	genes := []string{"MARCH1", "SEPT2", "NA", "Ωmega"}
	g, err := frame.New(genes).With("title", []string{"x; y", "", `5" end`, "z"})
	return &gx.Raw{X: x, Genes: genes, Samples: s, GeneTable: g, Scale: "log2"}, err
}

// What Write wrote Open reads again, to the bit, with its labels.
func TestWriteAndOpen(t *testing.T) {
	gxtest.Store(t)
	ctx := context.Background()
	want, err := gx.From(odd{}).Keep(ctx, nil)
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	for _, end := range []string{".tsv", ".csv", ".tsv.gz", ".csv.zst", ".gct", ".gct.gz", ".npy", ".h5ad"} {
		path := filepath.Join(dir, "set"+end)
		if err := Write(path, want); err != nil {
			t.Errorf("%s: %v", end, err)
			continue
		}
		var labels []string
		if strings.Contains(end, "sv") {
			labels = []string{filepath.Join(dir, "set.samples.tsv")}
		}
		got, err := Open(path, labels...).Keep(ctx, nil)
		if err != nil {
			t.Errorf("%s: %v", end, err)
			continue
		}
		if !slices.Equal(got.Genes(), want.Genes()) || !slices.Equal(got.Samples().IDs(), want.Samples().IDs()) {
			t.Errorf("%s: genes %q, samples %q", end, got.Genes(), got.Samples().IDs())
		}
		for i := range want.N() {
			for j, v := range want.Row(i) {
				if g := got.Row(i)[j]; g != v && !(g != g && v != v) {
					t.Errorf("%s: value %d, %d is %v, not %v", end, i, j, g, v)
				}
			}
		}
		for _, n := range want.Samples().Names() {
			a, _ := want.Samples().Column(n)
			if end == ".h5ad" {
				n = strings.ReplaceAll(n, "/", "|")
			}
			if b, err := got.Samples().Column(n); err != nil || !slices.Equal(a, b) {
				t.Errorf("%s, %s: %q, not %q %v", end, n, b, a, err)
			}
		}
		if b, err := got.GeneTable().Column("title"); (labels == nil) != (err == nil) || labels == nil && b[2] != `5" end` {
			t.Errorf("%s: titles %q %v", end, b, err)
		}
	}
	if left, _ := filepath.Glob(filepath.Join(dir, "*.part")); len(left) > 0 {
		t.Error(left)
	}
	for _, path := range []string{"a.xlsx", "a.npy.gz", filepath.Join(dir, "no", "a.h5ad"), filepath.Join(dir, "no", "a.gct")} {
		if err := Write(path, want); err == nil || !strings.Contains(err.Error(), "\n  try ") {
			t.Errorf("%s: %v", path, err)
		}
	}
}

// A group of many members, and heaps of many texts.
func TestWriteLargeH5AD(t *testing.T) {
	gxtest.Store(t)
	ctx := context.Background()
	set, err := gx.From(many{}).Keep(ctx, nil)
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "a.h5ad")
	if err := Write(path, set); err != nil {
		t.Fatal(err)
	}
	got, err := Open(path).Keep(ctx, nil)
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(got.Genes(), set.Genes()) || len(got.Samples().Names()) != 300 || got.Row(2)[9999] != set.Row(2)[9999] {
		t.Error(len(got.Genes()), len(got.Samples().Names()))
	}
	anndata(t, path, "a.shape == (3, 10000) and a.obs['l299'].iloc[1] == 'x1' and a.var_names[9999] == 'G9999' and float(a.X.sum()) == 149988")
}

type many struct{}

func (many) Name() string         { return "many" }
func (many) Key() (string, error) { return "many", nil }
func (many) Read(context.Context, gx.Tell) (*gx.Raw, error) {
	raw := &gx.Raw{X: prep.NewMatrix(3, 10000), Samples: frame.New([]string{"a", "b", "c"}), Scale: "log2"}
	for j := range 10000 {
		raw.Genes = append(raw.Genes, fmt.Sprint("G", j))
	}
	for i := range raw.X.Data {
		raw.X.Data[i] = float32(i % 11)
	}
	for c := range 300 {
		var err error
		if raw.Samples, err = raw.Samples.With(fmt.Sprint("l", c), []string{"x0", "x1", "x2"}); err != nil {
			return nil, err
		}
	}
	return raw, nil
}

// anndata has the real anndata open a file and says whether what is told of it holds.
func anndata(t *testing.T, path, holds string) {
	t.Helper()
	python := os.Getenv("GXLAB_PYTHON")
	if python == "" {
		t.Skip("GXLAB_PYTHON names no Python with anndata")
	}
	out, err := exec.Command(python, "-c", "import sys, anndata; a = anndata.read_h5ad(sys.argv[1]); print(a); assert "+holds, path).CombinedOutput()
	if err != nil {
		t.Errorf("%v\n%s", err, out)
	}
}

// The real anndata opens what was written, with labels as text and numbers.
func TestWriteForAnndata(t *testing.T) {
	gxtest.Store(t)
	set, err := gx.From(odd{}).Keep(context.Background(), nil)
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "a.h5ad")
	if err := Write(path, set); err != nil {
		t.Fatal(err)
	}
	anndata(t, path, `a.shape == (3, 4) and list(a.var_names) == ["MARCH1", "SEPT2", "NA", "Ωmega"] and list(a.obs["tissue"]) == ["liver, left", "a\tb", ""] `+
		`and a.obs["age"].isna().sum() == 1 and a.obs["age"].iloc[2] == 41 and list(a.obs["patient|visit"]) == ["007", "008", "009"] and a.X[0, 3] == 16777216 and a.var["title"].iloc[2] == '5" end'`)
}
