package datasets

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

const mtx = banner + " matrix coordinate integer general\n% made by hand\n3 2 4\n1 1 5\n3 1 7\n2 2 1\n3 2 2\n"

const features3 = "ENSG1\tNA\tGene Expression\nENSG2\tSEPT2\tGene Expression\nENSG3\tNA\tGene Expression\n"
const cells2 = "AAAC-1\nTTTG-1\n"

// folder writes files into a folder of their own.
func folder(t testing.TB, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for name, text := range files {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func TestTenXFolders(t *testing.T) {
	const dense = "[5 0 7 0 1 2]"
	for name, c := range map[string]struct {
		files map[string]string
		want  string
	}{
		"v3": {map[string]string{"matrix.mtx.gz": zipped(mtx), "features.tsv.gz": zipped(features3), "barcodes.tsv.gz": zipped(cells2)},
			"[NA SEPT2 NA-1] [AAAC-1 TTTG-1] " + dense},
		"v2": {map[string]string{"matrix.mtx": mtx, "genes.tsv": "ENSG1\tNA\nENSG2\tSEPT2\nENSG3\t\n", "barcodes.tsv": strings.TrimSpace(cells2)},
			"[NA SEPT2 ENSG3] [AAAC-1 TTTG-1] " + dense},
		"zstd, crlf": {map[string]string{"matrix.mtx.zst": zstandard(strings.ReplaceAll(mtx, "\n", "\r\n")), "genes.tsv": "A\r\nB\r\nC\r\n", "barcodes.tsv": cells2},
			"[A B C] [AAAC-1 TTTG-1] " + dense},
		"antibodies": {map[string]string{"matrix.mtx": mtx, "features.tsv": strings.Replace(features3, "SEPT2\tGene Expression", "CD3\tAntibody Capture", 1), "barcodes.tsv": cells2},
			"[NA NA-1] [AAAC-1 TTTG-1] [5 7 0 2]"},
		"cells in rows": {map[string]string{"matrix.mtx": mtx, "genes.tsv": "A\nB\n", "barcodes.tsv": "c1\nc2\nc3\n"},
			"[A B] [c1 c2 c3] [5 0 0 1 7 2]"},
		"an array": {map[string]string{"matrix.mtx": banner + " matrix array real general\n3 2\n5\n0\n7e0\n\n0\n1.5\n2\n", "genes.tsv": "A\nB\nC\n", "barcodes.tsv": cells2},
			"[A B C] [AAAC-1 TTTG-1] [5 0 7 0 1.5 2]"},
		"a pattern": {map[string]string{"matrix.mtx": banner + " matrix coordinate pattern general\n3 2 2\n1 2\n3\t1\n", "genes.tsv": "A\nB\nC\n", "barcodes.tsv": cells2},
			"[A B C] [AAAC-1 TTTG-1] [0 0 1 1 0 0]"},
		"a place twice": {map[string]string{"matrix.mtx": banner + " matrix coordinate real general\n3 2 3\n1 1 5\n1 1 -1e-1\n 3  2  .5 \n", "genes.tsv": "A\nB\nC\n", "barcodes.tsv": cells2},
			"[A B C] [AAAC-1 TTTG-1] [4.9 0 0 0 0 0.5]"},
	} {
		if got, _ := opens(t, folder(t, c.files)); got != c.want {
			t.Errorf("%s: got  %s\nwant %s", name, got, c.want)
		}
	}
	_, raw := opens(t, folder(t, map[string]string{"matrix.mtx": mtx, "features.tsv": strings.Replace(features3, "ENSG3\tNA\tGene Expression", "ENSG3\tgRNA\tCRISPR Guide Capture", 1), "barcodes.tsv": cells2}))
	ids, err := raw.GeneTable.Column("gene_ids")
	if err != nil || fmt.Sprint(ids, raw.Notes) != "[ENSG1 ENSG2] [1 features that are no genes are left out: CRISPR Guide Capture]" || raw.Scale != "signal" {
		t.Error(ids, raw.Notes, raw.Scale, err)
	}
}

// A matrix alone takes the names that lie beside it, and its key follows them.
func TestMatrixMarketTakesTheNamesBeside(t *testing.T) {
	dir := folder(t, map[string]string{
		"GSM1_matrix.mtx.gz": zipped(mtx), "GSM1_features.tsv.gz": zipped(features3), "GSM1_barcodes.tsv.gz": zipped(cells2),
		"GSM2_features.tsv": "x\ny\nz\n", "GSM2_barcodes.tsv": "a\nb\n", "GSM2_spliced.mtx": mtx,
		"genes.csv": "symbol,n\nA,1\n\"B,b\",2\nC,3\n", "cells.samples.tsv": "cell\tclass\nc1\tx\nc2\ty\n", "spliced.mtx": mtx,
		"pcs.tsv": "c1\t1\nc2\t2\n", "other_genes.tsv": "one\n",
	})
	for file, want := range map[string]string{
		"GSM1_matrix.mtx.gz": "[NA SEPT2 NA-1] [AAAC-1 TTTG-1] [5 0 7 0 1 2]",
		"GSM2_spliced.mtx":   "[x y z] [a b] [5 0 7 0 1 2]",
	} {
		if got, _ := opens(t, filepath.Join(dir, file)); got != want {
			t.Errorf("%s: got  %s\nwant %s", file, got, want)
		}
	}
	alone := folder(t, map[string]string{"spliced.mtx": mtx, "genes.csv": "symbol,n\nA,1\n\"B,b\",2\nC,3\n", "cells.samples.tsv": "cell\tclass\nc1\tx\nc2\ty\n"})
	path := filepath.Join(alone, "spliced.mtx")
	if got, _ := opens(t, path); got != `[A B,b C] [c1 c2] class["x" "y"] [5 0 7 0 1 2]` {
		t.Error(got)
	}
	before, err := opened{path: path}.Key()
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(alone, "cells.samples.tsv"), []byte("cell\tclass\nc1\tx\nc2\tz\n"), 0o666); err != nil {
		t.Fatal(err)
	}
	if after, err := (opened{path: path}).Key(); err != nil || after == before {
		t.Error("other names, the same key", err)
	}
}

func TestMatrixMarketRefusesBadInput(t *testing.T) {
	names := map[string]string{"features.tsv": features3, "barcodes.tsv": cells2}
	with := func(text string, more ...string) string {
		files := map[string]string{"matrix.mtx": text}
		for k, v := range names {
			files[k] = v
		}
		for i := 0; i < len(more); i += 2 {
			files[more[i]] = more[i+1]
		}
		return folder(t, files)
	}
	for name, c := range map[string]struct {
		path string
		say  []string
	}{
		"no names":     {folder(t, map[string]string{"matrix.mtx": mtx, "genes.tsv": "a\n"}), []string{"lacks the names", "barcodes.tsv", "it holds"}},
		"none beside":  {write(t, "x.mtx", mtx), []string{"no names of 3 rows and 2 columns", "genes.tsv and barcodes.tsv"}},
		"other sizes":  {with(strings.Replace(mtx, "3 2 4", "4 2 4", 1)), []string{"features.tsv names 3 genes and barcodes.tsv 2 cells", "4 rows and 2 columns"}},
		"enormous":     {with(banner + " matrix coordinate real general\n1000000 1000000 1000000000000\n1 1 1\n"), []string{"names"}},
		"empty":        {with(banner + " matrix coordinate real general\n0 2 0\n"), []string{"the matrix is empty", "line 2"}},
		"overflow":     {with(banner + " matrix coordinate real general\n99999999999999999999 2 1\n1 1 1\n"), []string{"is no size", "line 2"}},
		"symmetric":    {with(strings.Replace(mtx, "general", "symmetric", 1)), []string{"coordinate integer symmetric is not read", "line 1"}},
		"complex":      {with(strings.Replace(mtx, "integer", "complex", 1)), []string{"coordinate complex general is not read"}},
		"no banner":    {with("3 2 4\n1 1 5\n"), []string{"no banner"}},
		"banner alone": {with(banner + " matrix coordinate real general\n% a\n"), []string{"should have the line of sizes", "line 2"}},
		"two sizes":    {with(strings.Replace(mtx, "3 2 4", "3 2", 1)), []string{"the line of sizes has 2 numbers", "line 3"}},
		"cut off":      {with(mtx[:len(mtx)-6]), []string{"says 4 entries and has 3", "line 6", "cut off"}},
		"too many":     {with(mtx + "1 2 3\n"), []string{"says 4 entries and has 5"}},
		"row 0":        {with(strings.Replace(mtx, "3 1 7", "0 1 7", 1)), []string{`"0 1 7" is no entry of a matrix of 3 × 2`, "line 5"}},
		"row 4":        {with(strings.Replace(mtx, "3 1 7", "4 1 7", 1)), []string{"no entry", "line 5"}},
		"no value":     {with(strings.Replace(mtx, "3 1 7", "3 1", 1)), []string{"not a number", "line 5"}},
		"infinite":     {with(strings.Replace(mtx, "3 1 7", "3 1 inf", 1)), []string{"infinite", "line 5"}},
		"array long":   {with(banner+" matrix array integer general\n1 1\n5\n6\n", "features.tsv", "a\n", "barcodes.tsv", "b\n"), []string{"more values than the 1 × 1", "line 4"}},
		"cell twice":   {with(mtx, "barcodes.tsv", "a\na\n"), []string{"1 sample stands there more than once: a"}},
		"ragged names": {with(mtx, "features.tsv", "a\nb\tc\nd\n"), []string{"2 fields", "features.tsv, line 2"}},
		"not utf-8":    {with(mtx, "features.tsv", "a\nb\xff\nd\n"), []string{"UTF-8", "features.tsv, line 2"}},
		"cut gzip":     {with(zipped(strings.Repeat(mtx, 3))[:60]), []string{"the gzip file is cut off"}},
	} {
		refuses(t, name, c.path, c.say...)
	}
}

func FuzzMatrixMarket(f *testing.F) {
	dir := f.TempDir()
	for name, text := range map[string]string{"genes.tsv": "A\nB\nC\n", "cells.tsv": "a\nb\n"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o666); err != nil {
			f.Fatal(err)
		}
	}
	fuzzAt(f, formatMarket, filepath.Join(dir, "x.mtx"), mtx, banner+" matrix array real general\n3 2\n1\n2\n3\n4\n5\n6\n",
		banner+" matrix coordinate pattern general\n3 2 1\n1 1\n", banner+" matrix coordinate real general\n3 2 1000000000000\n",
		banner+" matrix array real general\n2147483647 2147483647\n1\n")
}

func FuzzNamesBeside(f *testing.F) {
	dir := folder(f, map[string]string{"matrix.mtx": mtx, "barcodes.tsv": cells2})
	for _, s := range []string{features3, "a\nb\nc\n", "h\tx\na\t1\nb\t2\nc\t3\n", "a,b\n", zipped(features3)} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, in []byte) {
		if os.WriteFile(filepath.Join(dir, "features.tsv"), in, 0o666) != nil {
			t.Skip()
		}
		bounded(t, len(in), func() {
			c, err := read10x(context.Background(), dir, nil)
			if err == nil && c.x.Cols != c.genes.Len() {
				t.Error(c.x.Cols, c.genes.Len())
			}
		})
	})
}
