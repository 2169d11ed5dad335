package datasets

import (
	"slices"
	"strings"

	"github.com/gxlab/gxlab/gx/fault"
)

// GeneList reads the names of genes: a name a line, or a table with a header, of which
// it takes the column named for symbols, else the first. Where a column is named role,
// only its landmarks count, as in D-GEX's table of landmarks and targets. A gene counts
// once; empty names and "---" are none. The file may be gzipped.
func GeneList(path string) ([]string, error) {
	t, err := readRagged(path)
	if err != nil {
		return nil, err
	}
	named := func(word string) int {
		return slices.IndexFunc(t.head, func(h string) bool { return strings.Contains(strings.ToLower(h), word) })
	}
	of, role := max(named("symbol"), 0), slices.IndexFunc(t.head, func(h string) bool { return strings.EqualFold(h, "role") })
	rows := t.rows
	if len(t.head) == 1 && named("symbol") < 0 && named("gene") < 0 { // no header
		rows = append([][]string{t.head}, rows...)
	}
	var out []string
	seen := map[string]bool{"": true, "---": true}
	for _, r := range rows {
		if of >= len(r) || role >= 0 && (role >= len(r) || !strings.EqualFold(r[role], "landmark")) {
			continue
		}
		if g := strings.TrimSpace(r[of]); !seen[g] {
			seen[g] = true
			out = append(out, g)
		}
	}
	if len(out) == 0 {
		return nil, fault.New("there are no genes in it", path, "a name a line, or a table with a column of symbols")
	}
	return out, nil
}
