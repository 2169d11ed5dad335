package datasets

import (
	"context"
	"slices"
	"strings"
	"testing"

	"github.com/gxlab/gxlab/gx/stats"
)

func shown(s stats.GeneSets) string {
	var out []string
	for _, g := range s.All() {
		out = append(out, g.Name+": "+strings.Join(g.Genes, " "))
	}
	return strings.Join(out, "; ")
}

// Sources of gene sets as their publishers write them, in a few lines.
func TestGeneSets(t *testing.T) {
	gwas := "DATE\tDISEASE/TRAIT\tREPORTED GENE(S)\tMAPPED_GENE\tP-VALUE\n" +
		"2015\tAsthma\tGSDMB, ORMDL3\tGSDMB\t4E-17\n2016\tAsthma\tNR\tIL33 - TPD52L3\t2E-9\n2017\tGout\tintergenic\tABCG2\t1E-300\n2018\tGout\tSLC2A9\tSLC2A9\t3E-6\n"
	disgenet := "geneId\tgeneSymbol\tdiseaseId\tdiseaseName\tscore\n1\tA1BG\tC1\tGout\t0.3\n2\tNA\tC1\tGout\t0.6\n3\tSEPT2\tC2\tAsthma\t0.7\n"
	for _, c := range []struct {
		name, text string
		rules      []SetRules
		want       string
	}{
		{"gmt", "\xef\xbb\xbfglycolysis\tKEGG\tHK1\tMARCH1\tNA\tHK1\r\n\r\nempty\t\tTP53,1.0\tSEPT2,0.5\t\r\n", nil, "glycolysis: HK1 MARCH1 NA; empty: TP53 SEPT2"},
		{"gmt of parts", "a\t\tX\tY\nb\t\tZ\na\t\tY\tW\n", nil, "a: X Y W; b: Z"},
		{"gwas", gwas, nil, "Asthma: GSDMB ORMDL3"},
		{"gwas, mapped", gwas, []SetRules{{Mapped: true, MaxP: 1e-5}}, "Asthma: GSDMB IL33 TPD52L3; Gout: ABCG2 SLC2A9"},
		{"disgenet", disgenet, []SetRules{{MinScore: 0.5}}, "Gout: NA; Asthma: SEPT2"},
		{"pairs", "term\tgene\np53\tTP53\np53\tMDM2\n", nil, "p53: TP53 MDM2"},
	} {
		s, err := GeneSets(write(t, "sets.txt", c.text), c.rules...)
		if err != nil {
			t.Errorf("%s: %v", c.name, err)
		} else if got := shown(s); got != c.want {
			t.Errorf("%s: %s, not %s", c.name, got, c.want)
		}
	}
	for text, want := range map[string]string{
		"a\tb\tX\nshort\tonly\n": "line 2", "": "empty", "a\tb\t\xff\xfe\n": "UTF-8",
		"DISEASE/TRAIT\tMAPPED_GENE\tP-VALUE\nx\tG\thigh\n": "line 2",
	} {
		if _, err := GeneSets(write(t, "sets.txt", text)); err == nil || !strings.Contains(err.Error(), want) || !strings.Contains(err.Error(), "\n  try ") {
			t.Errorf("%q gives %v", text, err)
		}
	}
}

func TestGeneSetVerbs(t *testing.T) {
	s, err := stats.NewGeneSets(stats.GeneSet{Name: "One", Genes: []string{"A", "B", "A", ""}}, stats.GeneSet{Name: "two", Genes: []string{"C"}})
	if err != nil {
		t.Fatal(err)
	}
	if got := shown(s.Within([]string{"B", "Z"})); got != "One: B" {
		t.Error(got)
	}
	if got := shown(s.Sized(2, 0)) + "|" + shown(s.Sized(0, 1)) + "|" + shown(s.Named("ONE")); got != "One: A B|two: C|One: A B" {
		t.Error(got)
	}
	if got := strings.Join(s.Genes(), ""); got != "ABC" || s.String() != "2 gene sets of 3 genes" {
		t.Error(got, s)
	}
	if _, err := s.With(s); err == nil {
		t.Error("two sets of one name are joined")
	}
	if _, err := s.Set("on"); err == nil || !strings.Contains(err.Error(), "One") {
		t.Error(err)
	}
}

// Networks as their publishers write them.
func TestEdges(t *testing.T) {
	aliases := "#string_protein_id\talias\tsource\n9606.P1\tARF5\tEnsembl_HGNC_symbol\n9606.P1\tother\tUniProt_AC\n9606.P2\tM6PR\tEnsembl_UniProt_GN\n9606.P2\tM6\tBLAST\n"
	names, err := StringAliases(write(t, "aliases.txt", aliases))
	if err != nil || len(names) != 2 || names["9606.P1"] != "ARF5" || names["9606.P2"] != "M6PR" {
		t.Fatal(names, err)
	}
	string12 := "protein1 protein2 combined_score\n9606.P1 9606.P2 930\n9606.P2 9606.P1 930\n9606.P1 9606.P3 990\n9606.P1 9606.P2 200\n"
	biogrid := "#BioGRID Interaction ID\tOfficial Symbol Interactor A\tOfficial Symbol Interactor B\tExperimental System Type\tOrganism ID Interactor A\tOrganism ID Interactor B\n" +
		"1\tTP53\tMDM2\tphysical\t9606\t9606\n2\tTP53\tATM\tgenetic\t9606\t9606\n3\tTp53\tMdm2\tphysical\t10090\t10090\n4\tATM\tATM\tphysical\t9606\t9606\n"
	for _, c := range []struct {
		name, text string
		rules      EdgeRules
		want       []Edge
		notes      string
	}{
		{"STRING", string12, EdgeRules{MinWeight: 700, Names: names}, []Edge{{"ARF5", "M6PR", 930}}, "1 edges that stand there twice are left out; 1 edges below the least weight are left out; 1 edges of genes without a name are left out"},
		{"BioGRID", biogrid, EdgeRules{Physical: true}, []Edge{{"TP53", "MDM2", 1}}, "1 edges of a gene with itself are left out; 2 interactions of another kind or species are left out"},
		{"BioGRID, all", biogrid, EdgeRules{}, []Edge{{"TP53", "MDM2", 1}, {"TP53", "ATM", 1}}, "1 edges of a gene with itself are left out; 1 interactions of another kind or species are left out"},
		{"plain", "NA,MARCH1,0.5\nMARCH1,NA,0.75\n", EdgeRules{}, []Edge{{"NA", "MARCH1", 0.75}}, "1 edges that stand there twice are left out"},
		{"blanks", "X Y 3\nY Z 4\n", EdgeRules{MinWeight: 3.5}, []Edge{{"Y", "Z", 4}}, "1 edges below the least weight are left out"},
	} {
		var notes []string
		c.rules.Notes = func(n string) { notes = append(notes, n) }
		got, err := Edges(write(t, "edges.txt", c.text), c.rules)
		if err != nil || !slices.Equal(got, c.want) || strings.Join(notes, "; ") != c.notes {
			t.Errorf("%s: %v %v %q", c.name, got, err, notes)
		}
	}
	for text, want := range map[string]string{"X Y\nZ\n": "line 2", "X\tY\t1\nX\tZ\thigh\n": "line 2", "protein1 protein2 combined_score\n": "no edges"} {
		if _, err := Edges(write(t, "edges.txt", text)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q gives %v", text, err)
		}
	}
}

func TestGeneMap(t *testing.T) {
	chip := "Probe Set ID\tGene Symbol\tGene Title\t\n1_at\tDDR1\tx\t\n2_at\tA /// B\tx\t\n3_at\tA\tx\n3_at\tB\tx\n4_at\t---\tx\n5_at\tNA\tx\n6_at\tC /// C\tx\n"
	m, err := GeneMap(write(t, "a.chip", chip))
	if err != nil || len(m) != 3 || m["1_at"] != "DDR1" || m["5_at"] != "NA" || m["6_at"] != "C" {
		t.Errorf("%v %v", m, err)
	}
	if _, err := GeneMap(write(t, "a.tsv", "ensembl\tname\nE1\tX\n")); err == nil || !strings.Contains(err.Error(), "ensembl, name") {
		t.Error(err)
	}
	if m, err := GeneMap(write(t, "a.tsv", "ensembl\tname\nE1\tX\n"), "Ensembl", "NAME"); err != nil || m["E1"] != "X" {
		t.Error(m, err)
	}
}

// GEO's series matrix, as it is downloaded, in a few lines.
func TestSeriesMatrix(t *testing.T) {
	text := "!Series_title\t\"Tumours\"\n!Sample_title\t\"T1\"\t\"N1\"\t\"T2\"\n!Sample_geo_accession\t\"GSM1\"\t\"GSM2\"\t\"GSM3\"\n" +
		"!Sample_contact_name\t\"X\"\t\"X\"\t\"X\"\n!Sample_characteristics_ch1\t\"tissue: lung\"\t\"tissue: lung\"\t\"age: 71\"\n" +
		"!Sample_characteristics_ch1\t\"status: tumour; grade 2\"\t\"status: normal\"\t\"\"\n!series_matrix_table_begin\n" +
		"\"ID_REF\"\t\"GSM1\"\t\"GSM2\"\t\"GSM3\"\n\"1_at\"\t7.5\tnull\t1e2\n\"2_at\"\t8\t9\t\n!series_matrix_table_end\n"
	path := write(t, "GSE1_series_matrix.txt", text)
	raw, err := opened{path: path}.Read(context.Background(), nil)
	if err != nil {
		t.Fatal(err)
	}
	if raw.X.Rows != 3 || raw.X.Cols != 2 || raw.X.Row(0)[0] != 7.5 || raw.X.Row(2)[0] != 100 || raw.X.Row(1)[0] == raw.X.Row(1)[0] || raw.X.Row(2)[1] == raw.X.Row(2)[1] {
		t.Errorf("%v", raw.X)
	}
	sameColumns(t, "labels", raw.Samples, map[string][]string{"title": {"T1", "N1", "T2"}, "tissue": {"lung", "lung", ""}, "age": {"", "", "71"}, "status": {"tumour; grade 2", "normal", ""}})
	if raw.Samples.Has("contact_name") {
		t.Error("addresses are labels")
	}
	if _, err := (opened{path: write(t, "cut.txt", text[:strings.Index(text, "!series_matrix_table_end")])}).Read(context.Background(), nil); err == nil || !strings.Contains(err.Error(), "cut off") {
		t.Error(err)
	}
}

func FuzzSources(f *testing.F) {
	f.Add("a\tb\tX\tY\n")
	f.Add("DISEASE/TRAIT\tMAPPED_GENE\tP-VALUE\nx\tG\t1e-9\n")
	f.Add("protein1 protein2 combined_score\nA B 3\n")
	f.Add("Probe Set ID\tGene Symbol\t\n1_at\tA /// B\t\n")
	f.Add("!Sample_title\t\"a\"\n!series_matrix_table_begin\nID\tS\n1\t2\n!series_matrix_table_end\n")
	f.Add("^DATASET = X\n^SUBSET = 1\n!subset_type = a\n!subset_sample_id = S\n!dataset_table_begin\nID_REF\tIDENTIFIER\tS\n1\tA\t2\n!dataset_table_end\n")
	f.Fuzz(func(t *testing.T, text string) {
		path := write(t, "a.txt", text)
		if s, err := GeneSets(path); err == nil && s.Len() == 0 {
			t.Error("no sets and no error")
		}
		if e, err := Edges(path); err == nil && len(e) == 0 {
			t.Error("no edges and no error")
		}
		if m, err := GeneMap(path); err == nil && len(m) == 0 {
			t.Error("no names and no error")
		}
		_, _ = opened{path: path}.Read(context.Background(), nil)
	})
}
