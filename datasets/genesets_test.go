package datasets

import (
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/klauspost/compress/zstd"
)

// What a limit is equal to is within it, in full precision: 0.7 and 5e-8 are larger
// and smaller as float32.
func TestGeneSetLimits(t *testing.T) {
	gwas := "STUDY\tDISEASE/TRAIT\tREPORTED GENE(S)\tP-VALUE\n1\tAsthma\tX\t5E-8\n2\tAsthma\tY\t1E-500\n3\tAsthma\tZ\t6E-8\n4\tAsthma\tW\tNA\n5\tAsthma\tNR\t1E-9\n"
	disgenet := "geneSymbol\tdiseaseName\tscore\nX\tGout\t0.7\nY\tGout\t0.69\nMARCH1\tGout\t0.9\nZ\t\t0.9\nW\tGout\t\n"
	for _, c := range []struct {
		name, text string
		rules      SetRules
		want       string
		notes      []string
	}{
		{"gwas", gwas, SetRules{}, "Asthma: X Y", []string{"1 associations beyond the limit are left out", "1 associations without a p-value or score are left out", "1 lines that name no set or no gene are left out"}},
		{"disgenet", disgenet, SetRules{MinScore: 0.7}, "Gout: X MARCH1", []string{"1 associations beyond the limit are left out", "1 associations without a p-value or score are left out", "1 lines that name no set or no gene are left out"}},
		{"gmt", "a\t\tX\tY\tX\nb\t\t\t\na\t\tY\tZ\n", SetRules{}, "a: X Y Z", []string{"1 lines go on with a set that stands before them, and are merged with it", "2 genes stand in a set more than once, and are taken once", "1 sets without genes are left out"}},
	} {
		var notes []string
		c.rules.Notes = func(n string) { notes = append(notes, n) }
		s, err := GeneSets(write(t, "sets.txt", c.text), c.rules)
		if err != nil {
			t.Errorf("%s: %v", c.name, err)
		} else if got := shown(s); got != c.want || !slices.Equal(notes, c.notes) {
			t.Errorf("%s: %s, %q; want %s, %q", c.name, got, notes, c.want, c.notes)
		}
	}
}

// Gene sets as spreadsheet programs, R and old systems save them.
func TestGeneSetsOddlyWritten(t *testing.T) {
	z, err := zstd.NewWriter(nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range [][3]string{
		{"quotes around all", "\"a\"\t\"d\ti\"\t\"SEPT2\"\t\"NA\"\n", "a: SEPT2 NA"},
		{"a mark that is text", "a\t\"5 prime\tX\tY\nb\td\tZ\n", "a: X Y; b: Z"},
		{"marks that are text in a table", "STUDY\tDISEASE/TRAIT\tMAPPED_GENE\tP-VALUE\n\"Fat\t5\" tall\tX\t1e-9\n\"Thin\" and more\tB\tY x Z\t1e-9\n", "5\" tall: X; B: Y Z"},
		{"commas", "term,gene\np53,TP53\np53,MDM2\n", "p53: TP53 MDM2"},
		{"semicolons, gene first", "Gene_Symbol;Pathway\nTP53;p53\nMDM2;p53\nX;\n", "p53: TP53 MDM2"},
		{"gene first, told by the set's name", "hit,pathway\nTP53,p53\nMDM2,p53\n", "p53: TP53 MDM2"},
		{"a set called module", "module\tTP53\nmodule\tMDM2\n", "module: TP53 MDM2"},
		{"a set called signature, once", "signature\tTP53\nother\tTP53\n", "signature: TP53; other: TP53"},
		{"remarks", "# made by hand\n#term\tgene\np53\tTP53\n", "p53: TP53"},
		{"remarks before GMT", "# made by hand\n#\ta\tb\na\t\tX\n", "a: X"},
		{"no header", "p53\tTP53\np53\tMDM2\n", "p53: TP53 MDM2"},
		{"mixed line ends", "a\t\tX\r\n\nb\t\tY\n\r\n", "a: X; b: Y"},
		{"old Macintosh", "a\t\tX\rb\t\tY\r", "a: X; b: Y"},
		{"zstd", string(z.EncodeAll([]byte("a\t\tX\tY\n"), nil)), "a: X Y"},
		{"a long line", "a\t" + strings.Repeat("long ", 1<<18) + "\tX\n", "a: X"},
	} {
		s, err := GeneSets(write(t, "sets.txt", c[1]))
		if err != nil {
			t.Errorf("%s: %v", c[0], err)
		} else if got := shown(s); got != c[2] {
			t.Errorf("%s: %s, not %s", c[0], got, c[2])
		}
	}
}

// What cannot be kept right is refused where it stands.
func TestGeneSetsRefused(t *testing.T) {
	for _, c := range [][2]string{
		{"a\t\tX\nb\t\tX\tB\xff\n", "line 2, column 4"},
		{"a\t\t" + strings.Repeat("x", 100) + "\xff\n", "line 1, column 3"},
		{"a\t\tX\tY\rb\t\tZ\nc\t\tW\n", "line 1, column 4"},
		{"DISEASE/TRAIT\tMAPPED_GENE\tP-VALUE\nx\tG\t1e-9\ny\tG\t-1\n", "line 3, column 3"},
		{"DISEASE/TRAIT\tMAPPED_GENE\tP-VALUE\nx\tG\n", "line 2"},
		{"DISEASE/TRAIT\tP-VALUE\nx\t1\n", "MAPPED_GENE"},
		{"DISEASE/TRAIT\tMAPPED_GENE\tP-VALUE\nx\tG\t1e-7\n", "larger MaxP"},
		{"term\tgene\na\tX\tY\n", "line 2"},
		{"sample,tissue,age\nS1,lung,7\n", "sample, tissue, age"},
		{"a\t\t\n", "no gene sets"},
		{"\n\n", "cut off"},
	} {
		_, err := GeneSets(write(t, "sets.txt", c[0]))
		if err == nil || !strings.Contains(err.Error(), c[1]) || !strings.Contains(err.Error(), "\n  try ") {
			t.Errorf("%.60q gives %v; want %s", c[0], err, c[1])
		}
	}
	if _, err := GeneSets(write(t, "sets.txt", "geneSymbol\tdiseaseName\nX\tGout\n"), SetRules{MinScore: 0.5}); err == nil || !strings.Contains(err.Error(), "no scores") {
		t.Errorf("a limit on scores that are not there gives %v", err)
	}
}

// Whatever comes, it is refused or gives sets whose genes have names, each once; and
// takes no more memory than its length explains.
func FuzzGeneSets(f *testing.F) {
	for _, s := range []string{
		"a\tb\tX\tY,1.0\n", "\"a\"\t\"b\t\"\tX\r\n", "term,gene\na,X\n", "Gene;Set\nX;a\n",
		"DISEASE/TRAIT\tMAPPED_GENE\tP-VALUE\nx\tG - H, I\t1e-9\n", "geneSymbol\tdiseaseName\tscore\nX\tGout\t0.7\n", "a\t\tX\rb\t\t\xff\n",
	} {
		f.Add([]byte(s))
	}
	path := f.TempDir() + "/sets.txt"
	f.Fuzz(func(t *testing.T, in []byte) {
		if os.WriteFile(path, in, 0o666) != nil {
			t.Skip()
		}
		bounded(t, len(in), func() {
			s, err := GeneSets(path, SetRules{MaxP: 1})
			if err != nil {
				return
			}
			for _, g := range s.All() {
				if g.Name == "" || len(g.Genes) == 0 || slices.Contains(g.Genes, "") || len(slices.Compact(slices.Sorted(slices.Values(g.Genes)))) != len(g.Genes) {
					t.Errorf("%q: %q", g.Name, g.Genes)
				}
				for _, name := range append(g.Genes, g.Name) {
					if strings.ContainsAny(name, "\r\n") {
						t.Errorf("%q holds a line end", name)
					}
				}
			}
		})
	})
}
