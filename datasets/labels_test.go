package datasets

import (
	"context"
	"path/filepath"
	"slices"
	"testing"
)

// Labels are read from every format that holds tables: of a table of values whose
// columns or rows are the samples.
func TestLabelsOfFormats(t *testing.T) {
	inColumns := write(t, "columns.tsv", "gene\ts1\ts2\ts3\ts4\nG1\t1\t2\t3\t4\nG2\t5\t6\t7\t8\n")
	inRows := write(t, "rows.tsv", "sample\tG1\tG2\nc1\t1\t5\nc3\t3\t7\nc2\t2\t6\n")
	for _, c := range []struct {
		values, labels, column string
		samples, want          []string
	}{
		{inColumns, "arrays/labels.parquet", "group", nil, nil}, // names samples that are not there
		{inColumns, "r/labels.rds", "tissue", []string{"s1", "s2", "s3", "s4"}, []string{"heart", "liver", "liver", ""}},
		{inColumns, "r/labels.rds", "male", []string{"s1", "s2", "s3", "s4"}, []string{"FALSE", "TRUE", "TRUE", ""}},
		{"testdata/arrays/first_column.parquet", "arrays/labels.parquet", "group", []string{"s1", "s2", "s3", "s4", "s5", "s6", "s7"}, []string{"a", "b", "a", "b", "a", "b", "a"}},
		{"testdata/arrays/f8.npy", "arrays/labels.feather", "group", nil, nil}, // no names
		{"testdata/arrays/lz4.arrow", "arrays/labels.feather", "age", []string{"s1", "s2", "s3", "s4", "s5", "s6", "s7"}, []string{"97", "86", "75", "64", "53", "42", "31"}},
		{inRows, "hdf5/dense.h5ad", "", nil, nil},
	} {
		raw, err := opened{path: c.values, labels: filepath.Join("testdata", c.labels)}.Read(context.Background(), nil)
		if c.samples == nil {
			if err == nil {
				t.Errorf("%s for %s: no error", c.labels, c.values)
			}
			continue
		}
		if err != nil {
			t.Errorf("%s for %s: %v", c.labels, c.values, err)
			continue
		}
		got, err := raw.Samples.Column(c.column)
		if err != nil || !slices.Equal(got, c.want) || !slices.Equal(raw.Samples.IDs(), c.samples) {
			t.Errorf("%s for %s: %q of %q, %v", c.labels, c.values, got, raw.Samples.IDs(), err)
		}
	}
	h5ad, err := ReadTable("testdata/hdf5/dense.h5ad")
	if err != nil || h5ad.Len() == 0 || len(h5ad.Names()) == 0 {
		t.Fatal(h5ad, err)
	}
	// A table of columns whose columns are the samples is turned; a part of them kept.
	c, err := readColumns(context.Background(), "testdata/arrays/zstd.parquet", nil)
	if err != nil {
		t.Fatal(err)
	}
	labels := write(t, "labels.tsv", "id\tgroup\nTP53\ta\nMARCH1\tb\nage\tc\n")
	raw, err := opened{path: "testdata/arrays/zstd.parquet", labels: labels}.Read(context.Background(), nil)
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(raw.Samples.IDs(), []string{"MARCH1", "TP53", "age"}) || !slices.Equal(raw.Genes, c.samples.IDs()) || !raw.GeneTable.Has("tissue") {
		t.Errorf("%q %q", raw.Samples.IDs(), raw.Genes)
	}
	for i, j := range []int{0, 3, 5} {
		for k := range raw.X.Cols {
			if a, b := raw.X.Row(i)[k], c.x.Row(k)[j]; a != b && (a == a || b == b) {
				t.Errorf("value %d, %d is %v, not %v", i, k, a, b)
			}
		}
	}
}
