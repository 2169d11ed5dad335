package gx_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"gonum.org/v1/gonum/mat"

	"github.com/gxlab/gxlab/gx"
	"github.com/gxlab/gxlab/gx/frame"
	"github.com/gxlab/gxlab/gx/gxtest"
)

// A set goes to gonum and gota and comes back the same.
func TestConversions(t *testing.T) {
	gxtest.Store(t)
	set := keptSet(t, cohort())
	d := set.Dense()
	if r, c := d.Dims(); r != set.N() || c != set.P() || d.At(3, 7) != float64(set.Row(3)[7]) {
		t.Fatal(r, c)
	}
	table, err := set.Table("G7", "G2")
	if err != nil {
		t.Fatal(err)
	}
	df := table.DataFrame()
	if got := fmt.Sprint(df.Names(), df.Types()); got != "[id tissue G7 G2] [string string float float]" {
		t.Error(got)
	}
	back, err := frame.FromDataFrame(df, "id")
	if err != nil || back.String() != table.String() {
		t.Errorf("%v\n%v\nnot\n%v", err, back, table)
	}
	labels, err := frame.FromDataFrame(df.Select([]string{"id", "tissue"}), "id")
	if err != nil {
		t.Fatal(err)
	}
	again := keptSet(t, gx.FromMatrix("again", d, set.Genes(), labels, "log2"))
	for i := range set.N() {
		if !slices.Equal(again.Row(i), set.Row(i)) {
			t.Fatal(i)
		}
	}
	if a, _ := again.Labels("tissue"); len(a) != set.N() || a[1] != "heart" {
		t.Error(a)
	}
	d.Set(0, 0, 99)
	k1, _ := gx.FromMatrix("again", d, set.Genes(), labels, "log2").Key()
	if k1 == again.Key() {
		t.Error("another value has the same key")
	}
	for what, c := range map[string]gx.Cohort{
		"a name for every gene": gx.FromMatrix("x", d, set.Genes()[1:], labels, ""),
		"stands there twice":    gx.FromMatrix("x", mat.NewDense(2, 2, nil), []string{"A", "A"}, frame.New([]string{"a", "b"}), ""),
	} {
		if _, err := c.Keep(ctx, nil); err == nil || !strings.Contains(err.Error(), what) {
			t.Errorf("%s: %v", what, err)
		}
	}
	if _, err := set.Table("nonesuch"); err == nil || !strings.Contains(err.Error(), "G0") {
		t.Error(err)
	}
}
