package datasets

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"io"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/gxlab/gxlab/datasets/rdata"
)

// What R holds of testdata/r, by testdata/r.R.
func TestR(t *testing.T) {
	b, err := os.ReadFile("testdata/r/expected.json")
	if err != nil {
		t.Fatal(err)
	}
	var all map[string]struct {
		X              [][]*float64
		Samples, Genes []string
		Obs            map[string][]string
	}
	if err := json.Unmarshal(b, &all); err != nil || len(all) < 12 {
		t.Fatal(len(all), err)
	}
	for name, want := range all {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join("testdata/r", name)
			f, err := formatOf(path)
			if err != nil || f == nil || f.name != "R" {
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
					got := float64(c.x.Row(i)[j])
					if v == nil && got == got || v != nil && !(math.Abs(got-*v) <= 1e-6*math.Max(1, math.Abs(*v))) {
						t.Fatalf("value %d, %d is %v", i, j, got)
					}
				}
			}
			sameColumns(t, "labels", c.samples, want.Obs)
			if len(c.samples.Names()) != len(want.Obs) {
				t.Errorf("labels %q", c.samples.Names())
			}
		})
	}
}

func TestRRefuses(t *testing.T) {
	whole, err := os.ReadFile("testdata/r/plain.rds")
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "a.rds")
	for n := 14; n < len(whole); n += len(whole) / 41 {
		if err := os.WriteFile(path, whole[:n], 0o644); err != nil {
			t.Fatal(err)
		}
		if _, err := readR(context.Background(), path, nil); err == nil || !strings.Contains(err.Error(), "ends too soon\n  at "+path) {
			t.Errorf("cut off after %d bytes: %v", n, err)
		}
	}
	if _, err := readR(context.Background(), "testdata/r/ascii.rda", nil); err == nil || !strings.Contains(err.Error(), "without ascii = TRUE") {
		t.Error(err)
	}
}

func FuzzR(f *testing.F) {
	for _, name := range []string{"plain.rds", "altrep.rds", "s4.rds", "sparse.rds", "code.rds", "xz.rda", "bzip2.rda"} {
		file, err := os.Open(filepath.Join("testdata/r", name))
		if err != nil {
			f.Fatal(err)
		}
		r, err := rdata.Unpack(bufio.NewReader(file))
		if strings.HasSuffix(name, ".rda") {
			r, err = file, nil
		}
		if err != nil {
			f.Fatal(err)
		}
		b, err := io.ReadAll(r)
		if err != nil {
			f.Fatal(err)
		}
		file.Close()
		f.Add(b)
	}
	path := filepath.Join(f.TempDir(), "a.rds")
	f.Fuzz(func(t *testing.T, b []byte) {
		if bytes.HasPrefix(b, []byte{0x1f, 0x8b}) {
			return
		}
		if err := os.WriteFile(path, b, 0o644); err != nil {
			t.Fatal(err)
		}
		c, err := readR(context.Background(), path, nil)
		if err == nil && len(c.x.Data) != c.samples.Len()*c.genes.Len() {
			t.Errorf("%d values of %d samples and %d genes", len(c.x.Data), c.samples.Len(), c.genes.Len())
		}
	})
}
