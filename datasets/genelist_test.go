package datasets_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/gxlab/gxlab/datasets"
)

func TestGeneList(t *testing.T) {
	dir := t.TempDir()
	for name, c := range map[string]struct {
		text string
		want []string
	}{
		"plain":  {"TP53\nEGFR\nTP53\n\nMYC\n", []string{"TP53", "EGFR", "MYC"}},
		"header": {"gene\nTP53\nEGFR\n", []string{"TP53", "EGFR"}},
		"dgex":   {"symbol\tensembl\tprobe\trole\nUBE2C\tE1\tp1\tlandmark\nRBKS\tE2\tp2\ttarget\nUBE2C\tE1\tp3\tlandmark\n", []string{"UBE2C"}},
		"l1000":  {"L1000 ID\tGene Symbol\tEntrez\nA1\tPSME1\t1\nA2\t---\t2\nA3\tCISD1\t3\n", []string{"PSME1", "CISD1"}},
		"first":  {"id,score\nTP53,3\nMYC,1\n", []string{"TP53", "MYC"}},
	} {
		ext := ".tsv"
		if name == "first" {
			ext = ".csv"
		}
		path := filepath.Join(dir, name+ext)
		if err := os.WriteFile(path, []byte(c.text), 0o644); err != nil {
			t.Fatal(err)
		}
		if got, err := datasets.GeneList(path); err != nil || !slices.Equal(got, c.want) {
			t.Errorf("%s: %v %v, want %v", name, got, err, c.want)
		}
	}
	path := filepath.Join(dir, "none.tsv")
	if err := os.WriteFile(path, []byte("symbol\trole\nA\ttarget\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := datasets.GeneList(path); err == nil || !strings.Contains(err.Error(), "no genes") {
		t.Error(err)
	}
}
