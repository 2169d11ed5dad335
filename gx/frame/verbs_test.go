package frame

import (
	"fmt"
	"strings"
	"testing"
)

func people(t *testing.T) *Table {
	t.Helper()
	p := New([]string{"s1", "s2", "s3", "s4", "s5"})
	for _, c := range []struct {
		name   string
		values []string
	}{{"tissue", []string{"liver", "heart", "liver", "", "heart"}}, {"age", []string{"10", "9", "", "30", "21"}}, {"donor", []string{"NA", "d2", "d2", "d1", "NA"}}} {
		var err error
		if p, err = p.With(c.name, c.values); err != nil {
			t.Fatal(err)
		}
	}
	return p
}

// flat is a table in one line.
func flat(t *Table, err error) string {
	if err != nil {
		return "error: " + err.Error()
	}
	var b strings.Builder
	for i, id := range t.ids {
		fmt.Fprintf(&b, "%s:", id)
		for _, n := range t.names {
			fmt.Fprintf(&b, " %s=%s", n, t.cols[n][i])
		}
		b.WriteString("; ")
	}
	return strings.TrimSuffix(b.String(), "; ")
}

func TestTableVerbs(t *testing.T) {
	p := people(t)
	groups := func(f func(*Groups) (*Table, error), by ...string) string {
		g, err := p.GroupBy(by...)
		if err != nil {
			return "error: " + err.Error()
		}
		return flat(f(g))
	}
	sorted, err := p.Sort("age")
	if err != nil || strings.Join(sorted.IDs(), " ") != "s2 s1 s5 s4 s3" { // as numbers, missing last
		t.Error(sorted, err)
	}
	where, err := p.Where("tissue", "heart")
	if err != nil || strings.Join(where.IDs(), " ") != "s2 s5" {
		t.Error(where, err)
	}
	for _, c := range []struct{ got, want string }{
		{flat(p.Count("donor")), "NA: count=2; d2: count=2; d1: count=1"},
		{groups((*Groups).Count, "tissue"), ": tissue= count=1; heart: tissue=heart count=2; liver: tissue=liver count=2"},
		{groups((*Groups).Count, "tissue", "donor"), " · d1: tissue= donor=d1 count=1; heart · NA: tissue=heart donor=NA count=1; heart · d2: tissue=heart donor=d2 count=1; liver · NA: tissue=liver donor=NA count=1; liver · d2: tissue=liver donor=d2 count=1"},
		{groups(func(g *Groups) (*Table, error) { return g.Mean("age") }, "tissue"), ": tissue= mean of age=30; heart: tissue=heart mean of age=15; liver: tissue=liver mean of age=10"},
		{groups(func(g *Groups) (*Table, error) { return g.SD("age") }, "tissue"), ": tissue= sd of age=; heart: tissue=heart sd of age=8.48528137423857; liver: tissue=liver sd of age="},
		{groups(func(g *Groups) (*Table, error) { return g.Median("age") }, "donor"), "NA: donor=NA median of age=15.5; d1: donor=d1 median of age=30; d2: donor=d2 median of age=9"},
	} {
		if c.got != c.want {
			t.Errorf("%s\nnot %s", c.got, c.want)
		}
	}
	d, err := p.Describe()
	if want := "tissue: type=category missing=1 distinct=2 mean= sd= min= median= max= most frequent=heart (2); age: type=number missing=1 distinct=4 mean=17.5 sd=9.94987 min=9 median=15.5 max=30 most frequent=; donor: type=category missing=0 distinct=3 mean= sd= min= median= max= most frequent=NA (2)"; flat(d, err) != want {
		t.Errorf("%s\nnot %s", flat(d, err), want)
	}
	if _, err := p.GroupBy("sex"); err == nil || !strings.Contains(err.Error(), "tissue, age, donor") {
		t.Error(err)
	}
	g, _ := p.GroupBy("age")
	if _, err := g.Mean("tissue"); err == nil || !strings.Contains(err.Error(), "numbers") {
		t.Error(err)
	}
}

func TestJoin(t *testing.T) {
	p := people(t)
	donors, err := New([]string{"d2", "NA", "d9"}).With("sex", []string{"f", "m", "x"})
	if err != nil {
		t.Fatal(err)
	}
	more, err := New([]string{"s5", "s9", "s1"}).With("age", []string{"22", "1", "11"})
	if err != nil {
		t.Fatal(err)
	}
	one, _ := p.Where("donor", "NA", "d1")
	for _, c := range []struct{ got, want string }{
		{flat(one.Join(donors, Inner, "donor")), "s1: tissue=liver age=10 donor=NA sex=m; s5: tissue=heart age=21 donor=NA sex=m"},
		{flat(one.Join(donors, Left, "donor")), "s1: tissue=liver age=10 donor=NA sex=m; s4: tissue= age=30 donor=d1 sex=; s5: tissue=heart age=21 donor=NA sex=m"},
		{flat(one.Join(more, Outer)), "s1: tissue=liver age=10 donor=NA age_2=11; s4: tissue= age=30 donor=d1 age_2=; s5: tissue=heart age=21 donor=NA age_2=22; s9: tissue= age= donor= age_2=1"},
	} {
		if c.got != c.want {
			t.Errorf("%s\nnot %s", c.got, c.want)
		}
	}
	for _, err := range []error{
		func() error { _, err := p.Join(New([]string{"a", "a"}), Inner); return err }(),
		func() error { _, err := p.Join(donors, Outer, "donor"); return err }(),
		func() error { _, err := p.Join(donors, "cross"); return err }(),
		func() error { _, err := p.Join(donors, Inner, "sex"); return err }(),
	} {
		if err == nil || !strings.Contains(err.Error(), "\n  try ") {
			t.Error(err)
		}
	}
}

func BenchmarkJoin(b *testing.B) {
	ids := make([]string, 100000)
	for i := range ids {
		ids[i] = fmt.Sprint("s", i)
	}
	x, y := New(ids), New(ids)
	for b.Loop() {
		if out, err := x.Join(y, Outer); err != nil || out.Len() != len(ids) {
			b.Fatal(err)
		}
	}
}

func TestTableIsShown(t *testing.T) {
	p := people(t)
	want := "id  tissue     age        donor\n    2 values   number     3 values\n    1 missing  1 missing\ns1  liver      10         NA\ns2  heart      9          d2\ns3  liver                 d2\ns4             30         d1\ns5  heart      21         NA\n5 rows × 3 columns"
	if got := p.String(); got != want {
		t.Errorf("%s\nnot\n%s", got, want)
	}
	q, _ := New([]string{"<b>"}).With("x", []string{strings.Repeat("y", 60)})
	h, err := q.HTML()
	if err != nil || strings.Contains(h, "<b>") || !strings.Contains(h, "&lt;b&gt;") || !strings.Contains(h, "yyy…") {
		t.Error(h, err)
	}
}
