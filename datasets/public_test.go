package datasets

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"context"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/gxlab/gxlab/gx"
	"github.com/gxlab/gxlab/gx/gxtest"
)

// What is said of public sets is complete.
func TestPublics(t *testing.T) {
	seen := map[string]bool{}
	for _, p := range Publics() {
		if seen[p.Name] || p.What == "" || p.Citation == "" || p.Licence == "" || !strings.HasPrefix(p.Page, "https://") || len(p.Files) == 0 {
			t.Errorf("%+v", p)
		}
		seen[p.Name] = true
		for _, f := range p.Files {
			if len(f.URLs) == 0 && p.Notes == "" || f.Name == "" || slices.ContainsFunc(f.URLs, func(u string) bool { return !strings.HasPrefix(u, "https://") }) {
				t.Errorf("%s: %+v", p.Name, f)
			}
		}
	}
	for _, want := range []string{"cellnet-human", "e-mtab-3732", "archs4-human", "dgex-geo", "dgex-gtex", "gse4573", "gse10072", "l1000-landmarks", "string", "gwas-catalog", "disgenet", "go-bp", "go-cc", "go-mf", "kegg", "reactome", "wikipathways", "pbmc3k"} {
		if !seen[want] {
			t.Error("there is no", want)
		}
	}
}

// A file is fetched once; one that must be had by hand is asked for by its path, and
// taken when it is there; one that changes is said.
func TestPublicFiles(t *testing.T) {
	asked := 0
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked++
		_, _ = w.Write([]byte("a\t\tX\tY\n"))
	}))
	defer s.Close()
	f := testFetcher(t)
	p := Public{Name: "p", Page: "https://example.org/p", Notes: "an account is needed", Files: []Remote{{Name: "p/sets.gmt", URLs: []string{s.URL + "/x"}}, {Name: "p/hand.txt"}}}
	_, err := f.public(context.Background(), p, nil)
	hand := filepath.Join(f.dir, "p", "hand.txt")
	if err == nil || !strings.Contains(err.Error(), hand) || !strings.Contains(err.Error(), "an account is needed") || !strings.Contains(err.Error(), "https://example.org/p") {
		t.Fatal(err)
	}
	var said []string
	tell := func(what string, _, total int) {
		if total == 0 {
			said = append(said, what)
		}
	}
	for _, text := range []string{"one", "one", "another"} {
		if err := os.WriteFile(hand, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		paths, err := f.public(context.Background(), p, tell)
		if err != nil || len(paths) != 2 || paths[1] != hand {
			t.Fatal(paths, err)
		}
	}
	if asked != 1 || len(said) != 1 || !strings.Contains(said[0], "hand.txt is not the file that was there before") {
		t.Error(asked, said)
	}
}

// Without a network the error says which file to put where.
func TestPublicOffline(t *testing.T) {
	t.Setenv("GXLAB_CACHE", t.TempDir())
	t.Setenv("GXLAB_OFFLINE", "1")
	gxtest.Store(t)
	_, err := GSE10072().Keep(context.Background(), nil)
	want := filepath.Join(os.Getenv("GXLAB_CACHE"), "geo", "GSE10072_series_matrix.txt.gz")
	if err == nil || !strings.Contains(err.Error(), want) || !strings.Contains(err.Error(), "https://ftp.ncbi.nlm.nih.gov/geo/series/GSE10nnn/GSE10072/matrix/") {
		t.Error(err)
	}
	if _, err := Fetch(context.Background(), "nonesuch", nil); err == nil || !strings.Contains(err.Error(), "pbmc3k") {
		t.Error(err)
	}
	if err := cohortOf("string").Err(); err == nil || !strings.Contains(err.Error(), "no set of expression profiles") {
		t.Error(err)
	}
}

// placed puts a set's files into a cache of the test's own.
func placed(t *testing.T, files map[string][]byte) {
	t.Helper()
	dir := t.TempDir()
	t.Setenv("GXLAB_CACHE", dir)
	t.Setenv("GXLAB_OFFLINE", "1")
	for name, b := range files {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, b, 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

func labelsOf(t *testing.T, c gx.Cohort, label string) []string {
	t.Helper()
	gxtest.Store(t)
	s, err := c.Keep(context.Background(), nil)
	if err != nil {
		t.Fatal(err)
	}
	v, err := s.Labels(label)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// Files of a public set's own form, a few lines long, open by its name, with labels in
// plain words.
func TestPublicSets(t *testing.T) {
	gz := func(s string) []byte {
		var b bytes.Buffer
		z := gzip.NewWriter(&b)
		_, _ = z.Write([]byte(s))
		_ = z.Close()
		return b.Bytes()
	}
	series := "!Sample_title\t\"A\"\t\"B\"\n!Sample_source_name_ch1\t\"Adenocarcinoma of the Lung\"\t\"Normal Lung Tissue\"\n!series_matrix_table_begin\nID_REF\tGSM1\tGSM2\n1_at\t7\t8\n2_at\t9\t6\n!series_matrix_table_end\n"
	var archive bytes.Buffer
	z := gzip.NewWriter(&archive)
	w := tar.NewWriter(z)
	for _, f := range [][2]string{{"matrix.mtx", "%%MatrixMarket matrix coordinate integer general\n2 3 3\n1 1 4\n2 2 1\n2 3 9\n"}, {"genes.tsv", "ENSG1\tNA\nENSG2\tMARCH1\n"}, {"barcodes.tsv", "AAA-1\nCCC-1\nGGG-1\n"}} {
		_ = w.WriteHeader(&tar.Header{Name: "filtered_gene_bc_matrices/hg19/" + f[0], Mode: 0o644, Size: int64(len(f[1])), Typeflag: tar.TypeReg})
		_, _ = w.Write([]byte(f[1]))
	}
	_, _ = w.Close(), z.Close()
	read := func(name string) []byte {
		b, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		return b
	}
	placed(t, map[string][]byte{
		"geo/GSE10072_series_matrix.txt.gz":              gz(series),
		"pbmc3k/pbmc3k_filtered_gene_bc_matrices.tar.gz": archive.Bytes(),
		"cellnet-human/expression.rda":                   read("testdata/r/matrix.rds"),
		"cellnet-human/samples.rda":                      read("testdata/r/s4.rds"),
		"l1000/GSE92742_Broad_LINCS_gene_info.txt.gz":    gz("pr_gene_id\tpr_gene_symbol\tpr_is_lm\n1\tA\t1\n2\tB\t0\n3\tNA\t1\n"),
		"string/9606.protein.links.v12.0.txt.gz":         gz("protein1 protein2 combined_score\n9606.P1 9606.P2 900\n"),
		"string/9606.protein.aliases.v12.0.txt.gz":       gz("#string_protein_id\talias\tsource\n9606.P1\tARF5\tEnsembl_HGNC_symbol\n9606.P2\tM6PR\tEnsembl_HGNC_symbol\n"),
		"enrichr/KEGG_2021_Human.gmt":                    []byte("Glycolysis\t\tHK1\tPFKM\n"),
	})
	if got := labelsOf(t, Open("gse10072"), "tissue"); !slices.Equal(got, []string{"lung adenocarcinoma", "normal lung"}) {
		t.Error(got)
	}
	gxtest.Store(t)
	s, err := PBMC3k().Keep(context.Background(), nil)
	if err != nil || s.N() != 3 || !slices.Equal(s.Genes(), []string{"NA", "MARCH1"}) || s.Row(2)[1] != 9 {
		t.Error(s, err)
	}
	if got := labelsOf(t, CellNet(), "tissue"); !slices.Equal(got, []string{"heart", "liver", "liver", ""}) { // of s1 to s4, by name
		t.Error(got)
	}
	if got, err := Landmarks(context.Background(), nil); err != nil || !slices.Equal(got, []string{"A", "NA"}) {
		t.Error(got, err)
	}
	if got, err := STRING(context.Background(), 700, nil); err != nil || !slices.Equal(got, []Edge{{"ARF5", "M6PR", 900}}) {
		t.Error(got, err)
	}
	if got, err := Library(context.Background(), "kegg", nil); err != nil || shown(got) != "Glycolysis: HK1 PFKM" {
		t.Error(got, err)
	}
	for in, want := range map[string]string{"hspc": "hematopoietic stem cell", "skeletal_muscle": "skeletal muscle", "Lung": "lung", "esc": "embryonic stem cell"} {
		if got := cellNetTissue(in); got != want {
			t.Errorf("%s is %q, not %q", in, got, want)
		}
	}
}

// ARCHS4's selection reads the chosen samples' columns alone.
func TestARCHS4(t *testing.T) {
	b, err := os.ReadFile("testdata/hdf5/archs4.h5")
	if err != nil {
		t.Fatal(err)
	}
	placed(t, map[string][]byte{"archs4/human_gene_v2.4.h5": b})
	gxtest.Store(t)
	s, err := ARCHS4(5, "liver").Keep(context.Background(), nil)
	if err != nil {
		t.Fatal(err)
	}
	// testdata/hdf5.py: value of gene g and sample s is 100·g + s; every third is liver
	if s.N() != 5 || s.P() != 6 {
		t.Fatal(s)
	}
	for i, id := range s.Samples().IDs() {
		n := 0
		for _, c := range id[3:] {
			n = 10*n + int(c-'0')
		}
		if n%3 != 0 || s.Row(i)[4] != float32(400+n) {
			t.Errorf("%s: %v", id, s.Row(i))
		}
	}
}
