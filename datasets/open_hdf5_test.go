package datasets

import (
	"context"
	"encoding/json"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/gxlab/gxlab/gx/frame"
)

// What anndata, h5py and pandas hold of testdata/hdf5, by testdata/hdf5.py.
func TestHDF5(t *testing.T) {
	b, err := os.ReadFile("testdata/hdf5/expected.json")
	if err != nil {
		t.Fatal(err)
	}
	var all map[string]struct {
		X              [][]float64
		Samples, Genes []string
		Obs, Var       map[string][]string
	}
	if err := json.Unmarshal(b, &all); err != nil || len(all) < 10 {
		t.Fatal(len(all), err)
	}
	for name, want := range all {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join("testdata/hdf5", name)
			f, err := formatOf(path)
			if err != nil || f == nil || f.name != "HDF5" {
				t.Fatal(f, err)
			}
			c, err := f.read(context.Background(), path, nil)
			if err != nil {
				t.Fatal(err)
			}
			if !slices.Equal(c.samples.IDs(), want.Samples) || !slices.Equal(c.genes.IDs(), want.Genes) {
				t.Fatalf("samples %q, genes %q", c.samples.IDs(), c.genes.IDs())
			}
			for i, row := range want.X {
				for j, v := range row {
					if got := float64(c.x.Row(i)[j]); math.Abs(got-v) > 1e-6*math.Max(1, math.Abs(v)) {
						t.Fatalf("value %d, %d is %v, not %v", i, j, got, v)
					}
				}
			}
			sameColumns(t, "obs", c.samples, want.Obs)
			sameColumns(t, "var", c.genes, want.Var)
			if counts := strings.HasPrefix(name, "v") || name == "counts.h5ad"; counts != (c.scale == "counts") {
				t.Errorf("scale %q", c.scale)
			}
		})
	}
}

func sameColumns(t *testing.T, what string, got *frame.Table, want map[string][]string) {
	t.Helper()
	for n, v := range want {
		c, err := got.Column(n)
		if err != nil {
			t.Errorf("%s: %v", what, err)
		} else if !slices.Equal(c, v) {
			t.Errorf("%s, %s: %q, not %q", what, n, c, v)
		}
	}
}

// HDF5 files that hold nothing of ours, or that are cut off, are refused; with a
// hostile one nothing ends but its reading.
func TestHDF5Refuses(t *testing.T) {
	whole, err := os.ReadFile("testdata/hdf5/csr_gzip.h5ad")
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "a.h5ad")
	for n := 8; n < len(whole); n += len(whole) / 37 {
		if err := os.WriteFile(path, whole[:n], 0o644); err != nil {
			t.Fatal(err)
		}
		if c, err := readHDF5(context.Background(), path, nil); err == nil {
			t.Errorf("cut off after %d of %d bytes: %d samples", n, len(whole), c.samples.Len())
		} else if !strings.Contains(err.Error(), "a.h5ad") || !strings.Contains(err.Error(), "\n  try ") {
			t.Errorf("cut off after %d bytes: %v", n, err)
		}
	}
}

func FuzzHDF5(f *testing.F) {
	for _, name := range []string{"dense_lzf.h5ad", "csr_gzip.h5ad", "pieces.gctx", "v3.h5", "v2.h5"} {
		b, err := os.ReadFile(filepath.Join("testdata/hdf5", name))
		if err != nil {
			f.Fatal(err)
		}
		f.Add(b, uint32(0), uint64(0))
		f.Add(b, uint32(len(b)/2), uint64(0xffffffff))
	}
	path := filepath.Join(f.TempDir(), "a.h5")
	f.Fuzz(func(t *testing.T, b []byte, at uint32, value uint64) {
		if len(b) > 8 && value != 0 { // 8 bytes anywhere, so that structures are reached
			b = slices.Clone(b)
			for i := range 8 {
				b[(int(at)+i)%len(b)] ^= byte(value >> (8 * i))
			}
		}
		if err := os.WriteFile(path, b, 0o644); err != nil {
			t.Fatal(err)
		}
		c, err := readHDF5(context.Background(), path, nil)
		if err == nil && len(c.x.Data) != c.samples.Len()*c.genes.Len() {
			t.Errorf("%d values of %d samples and %d genes", len(c.x.Data), c.samples.Len(), c.genes.Len())
		}
	})
}
