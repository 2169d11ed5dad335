package datasets

import (
	"slices"
	"strings"
	"testing"
)

// Networks as people write them: the first line, line ends, quotes, weights.
func TestEdgesAsWritten(t *testing.T) {
	ab, bc := Edge{"A", "B", 1}, Edge{"B", "C", 1}
	for _, c := range []struct {
		name, text string
		rules      EdgeRules
		want       []Edge
		notes      string
	}{
		{"genes called A and B", "A\tB\nB\tC\n", EdgeRules{}, []Edge{ab, bc}, ""},
		{"columns called A and B", "A\tB\nX\tY\n", EdgeRules{}, []Edge{{"X", "Y", 1}}, ""},
		{"said to be a header", "A\tB\nB\tC\n", EdgeRules{Header: 1}, []Edge{bc}, ""},
		{"said to be an edge", "A\tB\nX\tY\n", EdgeRules{Header: -1}, []Edge{ab, {"X", "Y", 1}}, ""},
		{"an edge after all, twice", "A\tB\nB\tA\n", EdgeRules{}, []Edge{ab}, "1 edges that stand there twice are left out"},
		{"an edge after all, renamed", "gene1\tgene2\ngene2\tgene3\n", EdgeRules{Names: map[string]string{"gene1": "X", "gene2": "Y", "gene3": "Z"}}, []Edge{{"X", "Y", 1}, {"Y", "Z", 1}}, ""},
		{"genes called A and B with a weight", "A,B,0.5\nX,Y,0.25\n", EdgeRules{}, []Edge{{"A", "B", 0.5}, {"X", "Y", 0.25}}, ""},
		{"one edge", "A\tC\n", EdgeRules{}, []Edge{{"A", "C", 1}}, ""},
		{"the weight's column", "weight,target,source\n0.5,Y,X\n", EdgeRules{}, []Edge{{"X", "Y", 0.5}}, ""},
		{"limits that float32 rounds", "X\tY\t0.7\nX\tZ\t0.9\nY\tZ\t0.69999999999\n", EdgeRules{MinWeight: 0.7}, []Edge{{"X", "Y", 0.7}, {"X", "Z", 0.9}}, "1 edges below the least weight are left out"},
		{"negative weights", "X\tY\t-0.7\nX\tZ\t0.9\n", EdgeRules{}, []Edge{{"X", "Y", -0.7}, {"X", "Z", 0.9}}, ""},
		{"missing weights", "a\tb\tweight\nX\tY\tNaN\nX\tZ\tNA\nY\tZ\t\nX\tW\t1\n", EdgeRules{}, []Edge{{"X", "W", 1}}, "3 edges without a weight are left out"},
		{"a missing weight first", "X\tY\tNA\nX\tZ\t2\n", EdgeRules{}, []Edge{{"X", "Z", 2}}, "1 edges without a weight are left out"},
		{"quoted header", "\"source\",\"target\",\"weight\"\n\"X\",\"Y\",\"0.5\"\n", EdgeRules{}, []Edge{{"X", "Y", 0.5}}, ""},
		{"quoted names with commas and blanks", "\"X, long\",\"Y\"\n\"Y\",Z z\n", EdgeRules{}, []Edge{{"X, long", "Y", 1}, {"Y", "Z z", 1}}, ""},
		{"R's write.table", "\"from\" \"to\" \"weight\"\n\"1\" \"X\" \"Y 2\" 0.5\n\"2\" \"X\" \"Z\" -1e-3\n", EdgeRules{}, []Edge{{"X", "Y 2", 0.5}, {"X", "Z", -0.001}}, ""},
		{"R's, other names", "\"V1\" \"V2\"\n\"1\" \"X\" \"Y\"\n", EdgeRules{}, []Edge{{"X", "Y", 1}}, ""},
		{"remarks", "# a list, by hand\n#gene_a\tgene_b\tscore\n# more\nX\tY\t3\n#X\tZ\t3\n", EdgeRules{}, []Edge{{"X", "Y", 3}}, ""},
		{"remark that names the columns", "# a list, by hand\n#score\ttarget\tsource\n3\tY\tX\n", EdgeRules{}, []Edge{{"X", "Y", 3}}, ""},
		{"blanks", "  X   Y 2\r\nY Z 1 \r\n", EdgeRules{}, []Edge{{"X", "Y", 2}, {"Y", "Z", 1}}, ""},
		{"semicolons", "X;Y;0.5\n", EdgeRules{}, []Edge{{"X", "Y", 0.5}}, ""},
		{"old Macintosh", "X\tY\rY\tZ\r", EdgeRules{}, []Edge{{"X", "Y", 1}, {"Y", "Z", 1}}, ""},
	} {
		var notes []string
		c.rules.Notes = func(n string) { notes = append(notes, n) }
		got, err := Edges(write(t, "edges.txt", c.text), c.rules)
		if err != nil || !slices.Equal(got, c.want) || strings.Join(notes, "; ") != c.notes {
			t.Errorf("%s: %v %v %q", c.name, got, err, notes)
		}
	}
	for _, c := range [][2]string{
		{"X\tY\nY\tZ\rW\tV\nU\tV\n", "line 2"},
		{"X Y\nY Z\rW\n", "line 2"},
		{"X\tY\tInf\nX\tZ\t1\nX\tW\tinf\n", "line 1, column 3"},
		{"X\tY\t1\nX\tZ\thigh\n", "line 2, column 3"},
		{"X\tY\t1\nX\tZ\n", "line 2"},
		{"X\tY\t1\nX\tZ\xff\t1\n", "line 2, column 2"},
		{"X\nY\n", "one gene"},
		{"X\nY\tZ\n", "one gene"},
		{"# nothing\n", "no edges"},
	} {
		if _, err := Edges(write(t, "edges.txt", c[0])); err == nil || !strings.Contains(err.Error(), c[1]) || !strings.Contains(err.Error(), "\n  try ") {
			t.Errorf("%q gives %v", c[0], err)
		}
	}
	if _, err := Edges(write(t, "edges.txt", "X\tY\thigh\nX\tZ\t1\n"), EdgeRules{Header: -1}); err == nil || !strings.Contains(err.Error(), "line 1, column 3") {
		t.Error(err)
	}
}
