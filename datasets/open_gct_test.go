package datasets

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/gxlab/gxlab/gx"
)

const gct12 = "#1.2\n3\t2\nNAME\tDescription\ts1\ts2\nNA\tna\t1\t4\nMARCH1\t\"a \"\"tab\"\"\there\"\t2.5\tNaN\nSEPT2\t\t-3e2\t6\n"

const gct13 = "#1.3\n2\t3\t2\t2\nid\tsymbol\ttitle\ts1\ts2\ts3\n" +
	"cell\tna\tna\tA375\tMCF7\tNA\n" +
	"dose\tna\tna\t10\t-666\t\n" +
	"1\tNA\tfirst\t1\t2\t3\n" +
	"2\tSEPT2\tsecond\t4\t5\t6\n"

// opens reads a file as its format is told, and writes all of it as one line.
func opens(t testing.TB, path string, labels ...string) (string, *gx.Raw) {
	t.Helper()
	o := opened{path: path}
	if len(labels) > 0 {
		o.labels = labels[0]
	}
	raw, err := o.Read(context.Background(), nil)
	if err != nil {
		t.Fatal(err)
	}
	s := fmt.Sprint(raw.Genes, raw.Samples.IDs())
	for _, n := range raw.Samples.Names() {
		c, err := raw.Samples.Column(n)
		if err != nil {
			t.Fatal(err)
		}
		s += fmt.Sprintf(" %s%q", n, c)
	}
	return s + fmt.Sprint(" ", raw.X.Data), raw
}

// refuses says what of say the error of a file's reading lacks.
func refuses(t testing.TB, name, path string, say ...string) {
	t.Helper()
	_, err := opened{path: path}.Read(context.Background(), nil)
	if err == nil {
		t.Errorf("%s: no error", name)
		return
	}
	for _, w := range append(say, "  at ", "  try ") {
		if !strings.Contains(err.Error(), w) {
			t.Errorf("%s: the error does not say %q:\n%v", name, w, err)
		}
	}
}

func TestGCT(t *testing.T) {
	const want12 = "[NA MARCH1 SEPT2] [s1 s2] [1 2.5 -300 4 NaN 6]"
	const want13 = `[1 2] [s1 s2 s3] cell["A375" "MCF7" "NA"] dose["10" "-666" ""] [1 4 2 5 3 6]`
	for name, c := range map[string][2]string{
		"1.2":               {gct12, want12},
		"1.3":               {gct13, want13},
		"gzip":              {zipped(gct13), want13},
		"zstd":              {zstandard(gct13), want13},
		"crlf, bom":         {byteOrder + strings.ReplaceAll(gct12, "\n", "\r\n"), want12},
		"a sheet's tabs":    {strings.NewReplacer("#1.2", "#1.2\t\t\t", "3\t2\n", "3\t2\t\t\n").Replace(gct12), want12},
		"no last line end":  {strings.TrimSuffix(gct13, "\n"), want13},
		"1.3 without texts": {"#1.3\n2\t2\t0\t0\nid\ts1\ts2\na\t1\t2\nb\t3\t4\n", "[a b] [s1 s2] [1 3 2 4]"},
	} {
		if got, _ := opens(t, write(t, "x", c[0])); got != c[1] {
			t.Errorf("%s: got  %s\nwant %s", name, got, c[1])
		}
	}
	c, err := readGCT(context.Background(), write(t, "x", gct12), nil)
	if err != nil {
		t.Fatal(err)
	}
	if d, err := c.genes.Column("Description"); err != nil || d[1] != "a \"tab\"\there" {
		t.Errorf("%q %v", d, err)
	}
}

// Labels given beside a file are joined to its own, and win where both have one.
func TestLabelsJoinTheFilesOwn(t *testing.T) {
	got, raw := opens(t, write(t, "x.gct", gct13), write(t, "l.tsv", "well\tcell\tplate\ns3\tPC3\tp1\ns1\tA549\tp2\n"))
	if want := `[1 2] [s1 s3] cell["A549" "PC3"] dose["10" ""] plate["p2" "p1"] [1 4 3 6]`; got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	notes := strings.Join(raw.Notes, "\n")
	for _, w := range []string{"1 sample has no labels and is left out: s2", "both have cell: the labels' is taken"} {
		if !strings.Contains(notes, w) {
			t.Errorf("the notes do not say %q: %s", w, notes)
		}
	}
	got, _ = opens(t, write(t, "x.gct", gct13), write(t, "l.tsv", "sample\tn\n1\ta\n2\tb\n"))
	if want := `[s1 s2 s3] [1 2] symbol["NA" "SEPT2"] title["first" "second"] n["a" "b"] [1 2 3 4 5 6]`; got != want {
		t.Errorf("labels of the other side: got  %s\nwant %s", got, want)
	}
}

func TestGCTRefusesBadInput(t *testing.T) {
	for name, c := range map[string]struct {
		text string
		say  []string
	}{
		"version alone":    {"#1.2\n", []string{"ends where it should have the line of sizes", "line 1"}},
		"no sizes":         {"#1.2\nNAME\tDescription\ts1\n", []string{"the line of sizes has 3 numbers", "line 2"}},
		"letters":          {"#1.2\n3\ttwo\nNAME\tDescription\ts1\ts2\n", []string{`"two" is no size`, "line 2"}},
		"enormous":         {"#1.2\n3\t99999999999\nNAME\tDescription\ts1\ts2\n", []string{`"99999999999" is no size`}},
		"samples":          {strings.Replace(gct12, "3\t2", "3\t4", 1), []string{"says 4 samples and the header names 2", "line 3"}},
		"cut off":          {gct12[:strings.Index(gct12, "SEPT2")], []string{"says 3 rows of values and there are 2", "cut off"}},
		"cut off in texts": {gct13[:strings.Index(gct13, "dose")], []string{"a row of text about the samples", "line 4"}},
		"cut off in line":  {gct12[:len(gct12)-3], []string{"3 fields", "line 6"}},
		"ragged texts":     {strings.Replace(gct13, "-666\t", "-666", 1), []string{"5 fields", "line 5"}},
		"no values":        {"#1.2\n0\t1\nNAME\tDescription\ts1\n", []string{"no values"}},
		"no number":        {strings.Replace(gct13, "\t5\t", "\tfive\t", 1), []string{`"five" is not a number`, "line 7, column 5: row 2, column s2"}},
		"not utf-8":        {strings.Replace(gct13, "MCF7", "M\xe4", 1), []string{"UTF-8", "line 4"}},
		"gene twice":       {strings.Replace(gct12, "NA\tna", "SEPT2\tna", 1), []string{"1 gene stands there more than once: SEPT2"}},
		"sample twice":     {strings.Replace(gct12, "\ts2", "\ts1", 1), []string{"1 sample stands there more than once: s1"}},
		"truncated gzip":   {zipped(gct13)[:60], []string{"the gzip file is cut off"}},
	} {
		refuses(t, name, write(t, "x", c.text), c.say...)
	}
}

func FuzzGCT(f *testing.F) {
	fuzzFormat(f, formatGCT, gct12, gct13, "#1.2\n2147483647\t2147483647\nNAME\tDescription\ta\n", "#1.3\n1\t1\t2147483647\t1\nid\ta\n")
}

// What a file tells of its genes stays with them through the steps and the store.
func TestGeneTableFollowsTheGenes(t *testing.T) {
	t.Setenv("GXLAB_STORE", t.TempDir())
	path := write(t, "x.gct", strings.Replace(gct13, "\t4\t5\t6", "\t4\tNA\t6", 1))
	for range 2 { // made, then read again
		s, err := Open(path).DropMissing().Keep(context.Background(), nil)
		if err != nil {
			t.Fatal(err)
		}
		g := s.GeneTable()
		if c, err := g.Column("symbol"); err != nil || fmt.Sprint(s.Genes(), g.IDs(), c) != "[1] [1] [NA]" {
			t.Error(s.Genes(), g.IDs(), c, err)
		}
	}
	s, err := Open(write(t, "x.tsv", values)).Keep(context.Background(), nil)
	if err != nil || len(s.GeneTable().Names()) != 0 || s.GeneTable().Len() != 3 {
		t.Error(s, err)
	}
}
