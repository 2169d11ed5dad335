package datasets

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/gxlab/gxlab/gx/stats"
)

func TestDiseaseSets(t *testing.T) {
	library, err := stats.NewGeneSets(
		stats.GeneSet{Name: "Prostatic Neoplasms", Genes: []string{"A", "B"}},
		stats.GeneSet{Name: "Renal cell carcinoma (disease)", Genes: []string{"C"}},
		stats.GeneSet{Name: "disease_01", Genes: []string{"D"}},
		stats.GeneSet{Name: "Multiple sclerosis", Genes: []string{"E"}},
	)
	if err != nil {
		t.Fatal(err)
	}
	table, err := DiseaseSets("")
	if err != nil {
		t.Fatal(err)
	}
	for disease, want := range map[string]string{
		"prostate_cancer": "Prostatic Neoplasms same", "renal_cancer": "Renal cell carcinoma (disease) kind",
		"disease_01": "disease_01 same", "multiple_sclerosis": "Multiple sclerosis same", "alzheimer": "", "asthma": "",
	} {
		set, by, ok := table.Find(disease, library)
		got := ""
		if ok {
			got = set.Name + " " + by.Relation
		}
		if got != want {
			t.Errorf("%s: %q, not %q", disease, got, want)
		}
	}

	path := filepath.Join(t.TempDir(), "mine.tsv")
	write := func(text string) {
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write("set\tdisease\tnote\nPROSTATIC NEOPLASMS\tPCa\tmine\n")
	if table, err = DiseaseSets(path); err != nil {
		t.Fatal(err)
	}
	if set, _, ok := table.Find("pca", library); !ok || !slices.Equal(set.Genes, []string{"A", "B"}) {
		t.Errorf("a table of one's own finds %v", set)
	}
	if _, _, ok := table.Find("prostate_cancer", library); ok {
		t.Error("gxlab's own table is asked beside one's own")
	}
	for text, what := range map[string]string{
		"disease\tgenes\na\tb\n":                         "no columns disease and set",
		"disease\tset\na\t\n":                            "has no name",
		"disease\tset\trelation\na\tb\twider\n":          "not known",
		"disease\tset\nasthma\tasthma\nAsthma\tasthma\n": "twice",
		"disease\tset\n":                                 "no diseases",
	} {
		write(text)
		if _, err := DiseaseSets(path); err == nil || !strings.Contains(err.Error(), what) {
			t.Errorf("%q: %v", text, err)
		}
	}
}

// Every line of gxlab's own table names a set of a public library, and every disease of
// the compendium has lines.
func TestDiseaseSetsAreInLibraries(t *testing.T) {
	data := os.Getenv("GXLAB_DATA")
	if data == "" {
		t.Skip("GXLAB_DATA names no folder of real tables")
	}
	table, err := DiseaseSets()
	if err != nil {
		t.Fatal(err)
	}
	var libraries []stats.GeneSets
	for _, name := range []string{"gwas_disease", "disease_menche", "jensen_diseases_knowledge", "disgenet_curated", "disease_nedrex"} {
		l, err := GeneSets(filepath.Join(data, name+".gmt"))
		if err != nil {
			t.Fatal(err)
		}
		libraries = append(libraries, l)
	}
	for _, d := range table {
		if !slices.ContainsFunc(libraries, func(l stats.GeneSets) bool { _, ok := d.In(l); return ok }) {
			t.Errorf("no library has %q", d.Set)
		}
	}
	labels, err := readLabels(filepath.Join(data, "affy_compendium.samples.tsv"))
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range labels.column(slices.Index(labels.head, "class")) {
		if c != "control" && len(table.Of(c)) == 0 {
			t.Errorf("no line for %s", c)
		}
	}
}
