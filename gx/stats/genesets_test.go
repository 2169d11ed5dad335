package stats_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/gxlab/gxlab/gx/stats"
)

func TestGeneSetsAdd(t *testing.T) {
	base, err := stats.NewGeneSets(stats.GeneSet{Name: "p53", Genes: []string{"TP53"}})
	if err != nil {
		t.Fatal(err)
	}
	more, err := base.Add("mine", "SEPT2", "NA", "SEPT2")
	if err != nil {
		t.Fatal(err)
	}
	again, err := base.Add("yours", "X")
	if err != nil {
		t.Fatal(err)
	}
	if base.Len() != 1 || !slices.Equal(more.Names(), []string{"p53", "mine"}) || !slices.Equal(again.Names(), []string{"p53", "yours"}) {
		t.Errorf("the sets that were added to changed: %v, %v, %v", base.Names(), more.Names(), again.Names())
	}
	if s, err := more.Set("mine"); err != nil || !slices.Equal(s.Genes, []string{"SEPT2", "NA"}) {
		t.Errorf("mine is %q, %v", s.Genes, err)
	}
	for name, want := range map[string]string{"p53": "two gene sets", "": "no name"} {
		if _, err := base.Add(name, "X"); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("a set called %q gives %v", name, err)
		}
	}
	if _, err := (stats.GeneSets{}).Set("p53"); err == nil || !strings.Contains(err.Error(), "empty") {
		t.Errorf("a set of none gives %v", err)
	}
	if mine, err := (stats.GeneSets{}).Add("mine", "X"); err != nil || mine.Len() != 1 {
		t.Errorf("a set added to none gives %v, %v", mine, err)
	}
}
