package datasets

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// wantedTable is what a library holds of a file that it wrote.
type wantedTable struct {
	X              [][]*float64
	Samples, Genes []string
	Obs            map[string][]string
	Scale          string

	Rows    int // of a long table, with its columns' sums
	Sums    []float64
	Missing []int
	Last    string
}

func wantedTables(t *testing.T) map[string]wantedTable {
	t.Helper()
	b, err := os.ReadFile("testdata/arrays/expected.json")
	if err != nil {
		t.Fatal(err)
	}
	var all map[string]wantedTable
	if err := json.Unmarshal(b, &all); err != nil || len(all) < 40 {
		t.Fatal(len(all), err)
	}
	return all
}

// What NumPy, scipy, pandas, pyarrow and polars hold of testdata/arrays, by
// testdata/arrays.py.
func TestArrays(t *testing.T) {
	for name, want := range wantedTables(t) {
		t.Run(name, func(t *testing.T) {
			b, err := os.ReadFile(filepath.Join("testdata/arrays", name))
			if err != nil {
				t.Fatal(err)
			}
			path := write(t, "content tells.tsv", string(b))
			f, err := formatOf(path)
			if err != nil || f == nil {
				t.Fatal(f, err)
			}
			c, err := f.read(context.Background(), path, nil)
			if err != nil {
				t.Fatal(err)
			}
			if len(c.x.Data) != c.x.Rows*c.x.Cols || c.x.Rows != c.samples.Len() || c.x.Cols != c.genes.Len() {
				t.Fatalf("%d values, %d × %d, %d samples, %d genes", len(c.x.Data), c.x.Rows, c.x.Cols, c.samples.Len(), c.genes.Len())
			}
			if want.Rows > 0 {
				sumsUp(t, c, want)
				return
			}
			if !slices.Equal(c.samples.IDs(), want.Samples) || !slices.Equal(c.genes.IDs(), want.Genes) || c.scale != want.Scale {
				t.Fatalf("samples %q, genes %q, %q", c.samples.IDs(), c.genes.IDs(), c.scale)
			}
			for i, row := range want.X {
				for j, v := range row {
					got := c.x.Row(i)[j]
					if v == nil && got == got || v != nil && got != float32(*v) {
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

func sumsUp(t *testing.T, c *content, want wantedTable) {
	t.Helper()
	if ids := c.samples.IDs(); len(ids) != want.Rows || ids[len(ids)-1] != want.Last {
		t.Fatalf("%d samples to %s", len(ids), ids[len(ids)-1])
	}
	for j := range c.x.Cols {
		sum, missing := 0.0, 0
		for i := range c.x.Rows {
			if v := c.x.Row(i)[j]; v == v {
				sum += float64(v)
			} else {
				missing++
			}
		}
		if math.Abs(sum-want.Sums[j]) > 1e-9*math.Abs(want.Sums[j]) || missing != want.Missing[j] {
			t.Errorf("column %d sums up to %v with %d missing, not %v and %d", j+1, sum, missing, want.Sums[j], want.Missing[j])
		}
	}
}

// Arrays that are no matrix of numbers are refused with what to do.
func TestArraysRefused(t *testing.T) {
	for name, want := range map[string]string{
		"objects.npy": "pickled", "objects.npz": "pickled", "object_names.npz": "genes=genes.astype(str)", "texts.npy": "text",
		"three.npy": "3 dimensions", "structured.npy": "cannot be read", "bsr.npz": ".tocsr()", "old.feather": "first version",
	} {
		_, err := opened{path: filepath.Join("testdata/arrays", name)}.Read(context.Background(), nil)
		if err == nil || !strings.Contains(err.Error(), want) || !strings.Contains(err.Error(), "\n  try ") {
			t.Errorf("%s gives %v", name, err)
		}
	}
}

// Files that are read here and there cannot be read within gzip, which is said.
func TestArraysPacked(t *testing.T) {
	for _, name := range []string{"snappy.parquet", "lz4.arrow", "named.npz"} {
		b, err := os.ReadFile(filepath.Join("testdata/arrays", name))
		if err != nil {
			t.Fatal(err)
		}
		var z bytes.Buffer
		w := gzip.NewWriter(&z)
		if _, err := w.Write(b); err != nil || w.Close() != nil {
			t.Fatal(err)
		}
		if _, err := (opened{path: write(t, name, z.String())}).Read(context.Background(), nil); err == nil || !strings.Contains(err.Error(), "try unpacking it") {
			t.Errorf("%s in gzip: %v", name, err)
		}
	}
}

// A file that is cut off is refused wherever it ends.
func TestArraysCutOff(t *testing.T) {
	for _, name := range []string{"f8.npy", "named.npz", "packed.npz", "csr.npz", "snappy.parquet", "lz4.parquet", "v2.parquet", "zstd.arrow", "plain.arrow", "stream.arrows", "views.arrow"} {
		b, err := os.ReadFile(filepath.Join("testdata/arrays", name))
		if err != nil {
			t.Fatal(err)
		}
		for n := 12; n < len(b)-8; n += max(1, len(b)/40) {
			path := write(t, "a", string(b[:n]))
			if _, err := (opened{path: path}).Read(context.Background(), nil); err == nil || !strings.Contains(err.Error(), path) || !strings.Contains(err.Error(), "\n  try ") {
				t.Errorf("%s cut off after %d bytes of %d: %v", name, n, len(b), err)
			}
		}
	}
}

func fixtures(f *testing.F, names ...string) (seeds []string) {
	for _, n := range names {
		b, err := os.ReadFile(filepath.Join("testdata/arrays", n))
		if err != nil {
			f.Fatal(err)
		}
		seeds = append(seeds, string(b))
	}
	return seeds
}

func FuzzNPY(f *testing.F) {
	fuzzFormat(f, formatNPY, fixtures(f, "f8.npy", "f4_fortran.npy", "f2.npy", "i2_big_endian.npy", "version2.npy", "bool.npy")...)
}

func FuzzNPZ(f *testing.F) {
	fuzzFormat(f, formatNPZ, fixtures(f, "named.npz", "packed.npz", "turned.npz", "csr.npz", "csc.npz", "coo.npz", "object_names.npz")...)
}

func FuzzParquet(f *testing.F) {
	fuzzFormat(f, formatParquet, fixtures(f, "snappy.parquet", "lz4.parquet", "gzip.parquet", "v2.parquet", "split.parquet", "delta_length.parquet", "kinds.parquet", "odd.parquet", "first_column.parquet")...)
}

func FuzzArrow(f *testing.F) {
	fuzzFormat(f, formatArrow, fixtures(f, "plain.arrow", "lz4.arrow", "zstd.arrow", "stream.arrows", "views.arrow", "odd.arrow", "kinds.arrow")...)
}
