package frame

import (
	"bytes"
	"reflect"
	"strings"
	"testing"
)

func table(t *testing.T) *Table {
	t.Helper()
	tb, err := New([]string{"s1", "NA", "MARCH1"}).With("tissue", []string{"liver", "NA", "a\tb\\n"})
	if err != nil {
		t.Fatal(err)
	}
	tb, err = tb.With("n", []string{"1", "", "<3>"})
	if err != nil {
		t.Fatal(err)
	}
	return tb
}

func TestTSVKeepsEverything(t *testing.T) {
	tb := table(t)
	var b bytes.Buffer
	if err := tb.WriteTSV(&b); err != nil {
		t.Fatal(err)
	}
	got, err := ReadTSV(&b)
	if err != nil || !reflect.DeepEqual(got, tb) {
		t.Fatalf("got %+v (%v), want %+v", got, err, tb)
	}
}

func TestUnknownColumnListsTheLegalOnes(t *testing.T) {
	_, err := table(t).Column("organ")
	if err == nil || !strings.Contains(err.Error(), "tissue, n") {
		t.Fatal(err)
	}
}

// Without any labels the error says where they come from, and a name that holds a
// comma stands in quotes among the others.
func TestUnknownColumnOfFewLabels(t *testing.T) {
	bare := New([]string{"s1", "s2"})
	if _, err := bare.Column("tissue"); err == nil || !strings.Contains(err.Error(), "no labels at all") || !strings.Contains(err.Error(), "-p labels=FILE") {
		t.Error(err)
	}
	two := bare
	for _, n := range []string{"tissue", "donor, id"} {
		var err error
		if two, err = two.With(n, []string{"a", "b"}); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := two.Column("tisue"); err == nil || !strings.Contains(err.Error(), `one of tissue, "donor, id"`) {
		t.Error(err)
	}
}

func TestRowsAndLevels(t *testing.T) {
	tb := table(t).Rows([]int{2, 0, 0})
	if got := tb.IDs(); !reflect.DeepEqual(got, []string{"MARCH1", "s1", "s1"}) {
		t.Fatal(got)
	}
	l, err := tb.Levels("tissue")
	if err != nil || !reflect.DeepEqual(l, []Level{{"a\tb\\n", 1}, {"liver", 2}}) {
		t.Fatal(l, err)
	}
}

func TestWithDoesNotChangeItsBase(t *testing.T) {
	ids, organ := []string{"a"}, []string{"liver"}
	own, err := New(ids).With("organ", organ)
	if err != nil {
		t.Fatal(err)
	}
	ids[0], organ[0] = "b", "heart"
	if c, _ := own.Column("organ"); own.IDs()[0] != "a" || c[0] != "liver" {
		t.Fatal("a table changed with the slices that it was made of")
	}
	a := table(t)
	b, err := a.With("tissue", []string{"x", "y", "z"})
	if err != nil {
		t.Fatal(err)
	}
	if c, _ := a.Column("tissue"); c[0] != "liver" {
		t.Fatal("the base changed")
	}
	if c, _ := b.Column("tissue"); c[0] != "x" || len(b.Names()) != 2 {
		t.Fatal(b)
	}
	if _, err := a.With("short", nil); err == nil {
		t.Fatal("a short column was taken")
	}
}

func TestGotaRoundTrip(t *testing.T) {
	tb, err := New([]string{"a", "b"}).With("x", []string{"1", "two"})
	if err != nil {
		t.Fatal(err)
	}
	got, err := FromDataFrame(tb.DataFrame(), "id")
	if err != nil || !reflect.DeepEqual(got, tb) {
		t.Fatalf("%+v, %v", got, err)
	}
	if _, err := FromDataFrame(tb.DataFrame(), "nope"); err == nil {
		t.Fatal("a missing id column was taken")
	}
}

func TestHTMLEscapes(t *testing.T) {
	h, err := table(t).HTML()
	if err != nil || strings.Contains(h, "<3>") || !strings.Contains(h, "&lt;3&gt;") || !strings.Contains(h, "3 rows") {
		t.Fatal(h, err)
	}
}
