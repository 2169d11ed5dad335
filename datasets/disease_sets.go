package datasets

import (
	_ "embed"
	"fmt"
	"slices"
	"strings"

	"github.com/gxlab/gxlab/gx/fault"
	"github.com/gxlab/gxlab/gx/stats"
)

//go:embed disease_sets.tsv
var diseaseSets string

// A DiseaseSet says that a set of genes stands for a disease.
type DiseaseSet struct {
	Disease string // as samples' labels have it
	Set     string // the set's name, whatever its case
	// Relation is same, where the set is of the disease itself, or kind, where it is of
	// its most common kind. Sets of wider diseases have no place here.
	Relation string
	Why      string // what the name of the set is
}

// A DiseaseTable maps the diseases of samples' labels to gene sets; of the lines of one
// disease the first whose set a library has is taken.
type DiseaseTable []DiseaseSet

// DiseaseSets reads which gene sets stand for which diseases: a table with a header and
// the columns disease and set, and perhaps relation (same, where there is none) and why.
// Other columns are passed over. The file may be gzipped or packed with zstd.
//
// Without a path, or with "", it is gxlab's own table, which has the diseases of the
// Affymetrix compendium of KEGGdzPathwaysGEO and the names that they have in the GWAS
// catalog, MeSH, OMIM, the Disease Ontology and MONDO.
func DiseaseSets(path ...string) (DiseaseTable, error) {
	if len(path) > 1 {
		return nil, fault.New(fmt.Sprintf("%d tables of diseases", len(path)), "", "one, or none for gxlab's own")
	}
	if len(path) == 1 && path[0] != "" {
		t, err := readRagged(path[0])
		if err != nil {
			return nil, err
		}
		return diseaseTable(t, path[0])
	}
	t := &textTable{}
	for line := range strings.Lines(diseaseSets) {
		t.rows = append(t.rows, strings.Split(strings.TrimSuffix(line, "\n"), "\t"))
	}
	t.head, t.rows = t.rows[0], t.rows[1:]
	return diseaseTable(t, "disease_sets.tsv")
}

func diseaseTable(t *textTable, path string) (DiseaseTable, error) {
	named := func(name string) int {
		return slices.IndexFunc(t.head, func(h string) bool { return strings.EqualFold(h, name) })
	}
	disease, set, relation, why := named("disease"), named("set"), named("relation"), named("why")
	if disease < 0 || set < 0 {
		return nil, fault.New("the table has no columns disease and set", path, "a header with both; it has "+strings.Join(t.head, ", "))
	}
	var out DiseaseTable
	for i, r := range t.rows {
		d := DiseaseSet{Disease: r[disease], Set: r[set], Relation: "same"}
		if relation >= 0 && r[relation] != "" {
			d.Relation = r[relation]
		}
		if why >= 0 {
			d.Why = r[why]
		}
		at := fmt.Sprintf("%s, line %d", path, i+2)
		if d.Disease == "" || d.Set == "" {
			return nil, fault.New("the disease or the set has no name", at, "both in every line")
		}
		if d.Relation != "same" && d.Relation != "kind" {
			return nil, fault.New(fmt.Sprintf("the relation %q is not known", d.Relation), at, "same or kind")
		}
		if slices.ContainsFunc(out, func(e DiseaseSet) bool {
			return strings.EqualFold(e.Disease, d.Disease) && strings.EqualFold(e.Set, d.Set)
		}) {
			return nil, fault.New(fmt.Sprintf("%s and %s stand together twice", d.Disease, d.Set), at, "one line for both")
		}
		out = append(out, d)
	}
	if len(out) == 0 {
		return nil, fault.New("the table has no diseases", path, "a line for each disease and set")
	}
	return out, nil
}

// Of are the lines of a disease, the first choice first, whatever the case of its name.
func (t DiseaseTable) Of(disease string) (of DiseaseTable) {
	for _, d := range t {
		if strings.EqualFold(d.Disease, disease) {
			of = append(of, d)
		}
	}
	return of
}

// Find is the set of a library that stands for a disease: of the table's lines the first
// whose set the library has, else the set of the disease's own name (with spaces for _);
// case does not count. ok is false without one.
func (t DiseaseTable) Find(disease string, library stats.GeneSets) (set stats.GeneSet, by DiseaseSet, ok bool) {
	own := DiseaseSet{Disease: disease, Set: disease, Relation: "same", Why: "its own name"}
	spaced := own
	spaced.Set = strings.ReplaceAll(disease, "_", " ")
	for _, by := range append(t.Of(disease), own, spaced) {
		if set, ok := by.In(library); ok {
			return set, by, true
		}
	}
	return stats.GeneSet{}, DiseaseSet{}, false
}

// In is the line's set in a library; case does not count.
func (d DiseaseSet) In(library stats.GeneSets) (set stats.GeneSet, ok bool) {
	for _, s := range library.All() {
		if strings.EqualFold(s.Name, d.Set) {
			return s, true
		}
	}
	return stats.GeneSet{}, false
}
