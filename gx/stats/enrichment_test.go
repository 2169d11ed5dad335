package stats

import (
	"bufio"
	"encoding/json"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// num is a JSON number, or the text NaN, Inf or -Inf.
type num float64

func (n *num) UnmarshalJSON(b []byte) error {
	v, err := strconv.ParseFloat(strings.Trim(string(b), `"`), 64)
	*n = num(v)
	return err
}

type side3 struct {
	P, Mid, Low, High num
	Log               *num
}

// Exact numbers, scipy's and gseapy's by testdata/enrichment.py.
type exactReference struct {
	Fisher []struct {
		Table         [4]int
		OneOutcome    bool `json:"one_outcome"`
		Estimate      num
		Greater, Less side3
		TwoSided      side3 `json:"two-sided"`
	}
	Binomial []struct {
		K, N          int
		Chance        num
		Greater, Less side3
		TwoSided      side3 `json:"two-sided"`
	}
	Combine []struct {
		P                     []float64
		Statistic, Value, Log num
	}
	X, Y, Z []float64
	T       []struct {
		Name, Side          string
		T, DF, P, Low, High num
	}
	Correlation []struct {
		By, Side string
		R, P     num
	}
	Gseapy map[string]map[string]gseaRow
}

type gseaRow struct {
	ES, NES, P num
	Size       int
	Leading    []string
}

// R's numbers and fgsea's by testdata/enrichment.R.
type rReference struct {
	Fisher []struct {
		Table                  [4]int
		Side                   string
		P, Estimate, Low, High num
	}
	Hyper []struct {
		H   [4]int
		Log num
	}
	Adjust   map[string][]num
	Binomial []struct {
		B            [3]float64
		Side         string
		P, Low, High num
	}
	Spearman []num
	GSEA     map[string]map[string]gseaRow
}

func read[T any](t *testing.T, file string) (v T) {
	t.Helper()
	b, err := os.ReadFile("testdata/" + file)
	if err == nil {
		err = json.Unmarshal(b, &v)
	}
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func fourFold(c [4]int) FourFold { return FourFold{c[0], c[1], c[2], c[3]} }

func TestFisherIsExact(t *testing.T) {
	for _, c := range read[exactReference](t, "enrichment.json").Fisher {
		for s, want := range map[Side]side3{TwoSided: c.TwoSided, Greater: c.Greater, Less: c.Less} {
			got, err := Fisher(fourFold(c.Table), s)
			what := fmt.Sprint(c.Table, s)
			near(t, what, ok(t, got, err).P, float64(want.P), 1e-12)
			if want.Log != nil && *want.Log < -1e-3 {
				near(t, what+" log", got.LogP, float64(*want.Log), 1e-12)
			}
			if c.OneOutcome {
				continue // its mid-p is 1 by our definition, its odds ratio has no value
			}
			near(t, what+" mid", got.MidP, float64(want.Mid), 1e-12)
			near(t, what+" estimate", got.Estimate, float64(c.Estimate), 1e-9)
			near(t, what+" low", got.Low, float64(want.Low), 1e-8)
			near(t, what+" high", got.High, float64(want.High), 1e-8)
		}
	}
	for _, bad := range []FourFold{{-1, 1, 1, 1}, {1, 1, 1, -1}} {
		if _, err := Fisher(bad, Greater); err == nil {
			t.Errorf("%+v is no error", bad)
		}
	}
	if r, err := Fisher(FourFold{}, Greater); err != nil || r.P != 1 || r.MidP != 1 || !math.IsNaN(r.Odds) || !math.IsNaN(r.Estimate) {
		t.Errorf("an empty table gives %+v, %v", r, err)
	}
}

// R finds the odds ratio and its interval by uniroot, whose answer (or one over it) is
// within 1.2e-4: a relative 2.5e-4 up to 1, and at R's other scale 1.3e-4 of the square.
func TestFisherMatchesR(t *testing.T) {
	r := read[rReference](t, "enrichment_r.json")
	within := func(what string, got, want float64) {
		t.Helper()
		if got == want {
			return
		}
		a, b := got, want
		if want > 1 {
			a, b = 1/got, 1/want
		}
		if math.Abs(a-b) > 1.3e-4 {
			t.Errorf("%s: got %g, want %g", what, got, want)
		}
	}
	for _, c := range r.Fisher {
		got, err := Fisher(fourFold(c.Table), side(c.Side))
		what := fmt.Sprint(c.Table, c.Side)
		near(t, what, ok(t, got, err).P, float64(c.P), 1e-11)
		within(what+" estimate", got.Estimate, float64(c.Estimate))
		within(what+" low", got.Low, float64(c.Low))
		within(what+" high", got.High, float64(c.High))
	}
	for _, c := range r.Hyper {
		near(t, fmt.Sprint("phyper ", c.H), hypergeometric(c.H[2], c.H[1], c.H[3]).upper(c.H[0]), float64(c.Log), 1e-13)
	}
	nan := math.NaN()
	p := []float64{0.01, 0.02, nan, 0.03, 0.04, 0.05, 1e-9, 0.9, 0.02}
	for name, f := range map[string]func([]float64) []float64{"BH": BH, "BY": BY, "bonferroni": Bonferroni, "holm": Holm} {
		for i, v := range f(p) {
			near(t, name, v, float64(r.Adjust[name][i]), 1e-14)
		}
	}
	for _, c := range r.Binomial {
		got, err := Binomial(int(c.B[0]), int(c.B[1]), c.B[2], side(c.Side))
		what := fmt.Sprint("binomial ", c.B, c.Side)
		near(t, what, ok(t, got, err).P, float64(c.P), 1e-12)
		near(t, what+" low", got.Low, float64(c.Low), 1e-9)
		near(t, what+" high", got.High, float64(c.High), 1e-9)
	}
	x, y := []float64{2.1, 3.4, 1.9, 5.5, 4.2, 6.1, 3.3, 0.7}, []float64{1.2, 4.1, 2.2, 4.9, 2.8, 7.7, 5.1, 1.9}
	for i, s := range []Side{TwoSided, Greater, Less} {
		got, err := CorrelationTest(x, y, BySpearman, s)
		near(t, "Spearman "+s.String(), ok(t, got, err).P, float64(r.Spearman[i]), 1e-12)
	}
}

func TestTestsMatchScipy(t *testing.T) {
	r := read[exactReference](t, "enrichment.json")
	for _, c := range r.Binomial {
		for s, want := range map[Side]side3{TwoSided: c.TwoSided, Greater: c.Greater, Less: c.Less} {
			got, err := Binomial(c.K, c.N, float64(c.Chance), s)
			what := fmt.Sprint("binomial ", c.K, c.N, c.Chance, s)
			near(t, what, ok(t, got, err).P, float64(want.P), 1e-12)
			if c.N > 0 && c.Chance < 1 {
				near(t, what+" low", got.Low, float64(want.Low), 1e-9)
				near(t, what+" high", got.High, float64(want.High), 1e-9)
			}
		}
	}
	for _, c := range r.Combine {
		got, err := CombineP(append([]float64{math.NaN()}, c.P...))
		near(t, "combined statistic", ok(t, got, err).Statistic, float64(c.Statistic), 1e-13)
		if c.Value > 0 {
			near(t, fmt.Sprint("combined ", c.P[0]), got.P, float64(c.Value), 1e-10)
		}
		if !math.IsInf(float64(c.Log), 0) && c.Log < -1e-9 {
			near(t, fmt.Sprint("combined log ", c.P[0]), got.LogP, float64(c.Log), 1e-10)
		}
	}
	for _, c := range r.T {
		f, other := PairedT, r.Y
		if c.Name == "welch" {
			f, other = WelchT, r.Z
		}
		got, err := f(r.X, other, side(c.Side))
		what := c.Name + " " + c.Side
		near(t, what+" t", ok(t, got, err).T, float64(c.T), 1e-12)
		near(t, what+" df", got.DF, float64(c.DF), 1e-12)
		near(t, what, got.P, float64(c.P), 1e-10)
		near(t, what+" low", got.Low, float64(c.Low), 1e-9)
		near(t, what+" high", got.High, float64(c.High), 1e-9)
	}
	for _, c := range r.Correlation {
		by := map[string]Measure{"Pearson": ByPearson, "Spearman": BySpearman}[c.By]
		got, err := CorrelationTest(r.X, r.Y, by, side(c.Side))
		near(t, c.By+" r", ok(t, got, err).R, float64(c.R), 1e-12)
		near(t, c.By+" "+c.Side, got.P, float64(c.P), 1e-10)
	}
}

func TestTestsAtTheirEdges(t *testing.T) {
	if r, err := PairedT([]float64{1, 2}, []float64{1, 2}, TwoSided); err != nil || r.P != 1 || !math.IsNaN(r.T) {
		t.Errorf("no difference and no spread: %+v, %v", r, err)
	}
	if r, err := WelchT([]float64{2, 2}, []float64{1, 1}, Greater); err != nil || r.P != 0 || !math.IsInf(r.T, 1) {
		t.Errorf("a difference and no spread: %+v, %v", r, err)
	}
	if r, err := CorrelationTest([]float64{1, 2, 3}, []float64{5, 5, 5}, ByPearson, TwoSided); err != nil || !math.IsNaN(r.P) {
		t.Errorf("a constant: %+v, %v", r, err)
	}
	if r, err := CorrelationTest([]float64{1, 2, 3}, []float64{4, 5, 6}, ByPearson, TwoSided); err != nil || r.P > 1e-7 {
		t.Errorf("a line: %+v, %v", r, err)
	}
	if r, err := CombineP([]float64{0, 0.5}); err != nil || r.P != 0 || !math.IsInf(r.LogP, -1) {
		t.Errorf("a p of 0: %+v, %v", r, err)
	}
	if r, err := CombineP(nil); err != nil || !math.IsNaN(r.P) {
		t.Errorf("nothing combined: %+v, %v", r, err)
	}
	for what, err := range map[string]error{
		"one pair":         second(PairedT([]float64{1}, []float64{2}, TwoSided)),
		"NaN":              second(WelchT([]float64{1, math.NaN()}, []float64{1, 2}, TwoSided)),
		"one value":        second(WelchT([]float64{1}, []float64{1, 2}, TwoSided)),
		"a p above 1":      second(CombineP([]float64{1.5})),
		"successes":        second(Binomial(3, 2, 0.5, TwoSided)),
		"a chance":         second(Binomial(1, 2, math.NaN(), TwoSided)),
		"by MSE":           second(CorrelationTest([]float64{1, 2, 3}, []float64{1, 2, 3}, ByMSE, TwoSided)),
		"no null":          second(PermutationP(1, nil, TwoSided)),
		"a NaN statistic":  second(PermutationP(1, []float64{math.NaN()}, TwoSided)),
		"an empty group":   second(Permutation{}.Test(nil, []float64{1}, nil)),
		"negative rounds":  second(Permutation{Rounds: -1}.Test([]float64{1}, []float64{1}, nil)),
		"a value missing":  second(Permutation{}.Test([]float64{math.NaN()}, []float64{1}, nil)),
		"lists of 2 and 3": second(CorrelationTest([]float64{1, 2, 3}, []float64{1, 2}, ByPearson, TwoSided)),
	} {
		if err == nil {
			t.Errorf("%s is no error", what)
		}
	}
}

func second[T any](_ T, err error) error { return err }

func TestPermutation(t *testing.T) {
	for s, want := range map[Side]float64{Greater: 3.0 / 11, Less: 10.0 / 11, TwoSided: 6.0 / 11} {
		p, err := PermutationP(8, []float64{0, 1, 2, 3, 4, 5, 6, 7, 8, 9}, s)
		near(t, "permutation p "+s.String(), ok(t, p, err), want, 1e-15)
	}
	// Against the exact p of the rank sum: the same question, all regroupings counted.
	x, y := []float64{3, 5, 6, 9, 10, 12}, []float64{1, 2, 4, 7, 8, 0.5, 2.5}
	u, err := MannWhitney(x, y)
	if err != nil {
		t.Fatal(err)
	}
	above := func(x, y []float64) float64 {
		n := 0.0
		for _, a := range x {
			for _, b := range y {
				if a > b {
					n++
				}
			}
		}
		return n
	}
	got, err := Permutation{Seed: 4}.Test(x, y, above)
	if err != nil {
		t.Fatal(err)
	}
	if se := math.Sqrt(u.P * (1 - u.P) / 9999 * 2); math.Abs(got.P-u.P) > 5*se {
		t.Errorf("p %g, exact %g ± %g", got.P, u.P, se)
	}
	before := runtime.GOMAXPROCS(1)
	again, err := Permutation{Seed: 4}.Test(x, y, above)
	runtime.GOMAXPROCS(before)
	if err != nil || again != got {
		t.Errorf("on one thread %+v, %v, else %+v", again, err, got)
	}
}

func library(t *testing.T, sets ...GeneSet) GeneSets {
	t.Helper()
	s, err := NewGeneSets(sets...)
	return ok(t, s, err)
}

func TestOverRepresentedByHand(t *testing.T) {
	universe := strings.Fields("a b c d e f g h i j")
	lib := library(t,
		GeneSet{Name: "three of four", Genes: strings.Fields("a b c d")},
		GeneSet{Name: "none", Genes: strings.Fields("i j")},
		GeneSet{Name: "everything", Genes: strings.Fields("a b c d e f g h i j elsewhere")},
		GeneSet{Name: "elsewhere", Genes: []string{"x", "y"}},
		GeneSet{Name: "empty"})
	e, err := OverRepresented(strings.Fields("c a x b a e"), lib, append(universe, "a", ""))
	if err != nil {
		t.Fatal(err)
	}
	if e.List != 4 || e.Universe != 10 || e.Duplicates != 1 || !slices.Equal(e.Outside, []string{"x"}) || e.TooSmall != 2 || e.TooLarge != 0 || len(e.Terms) != 3 {
		t.Errorf("counted %+v", e)
	}
	first := e.Terms[0]
	if first.Name != "three of four" || !slices.Equal(first.Genes, []string{"c", "a", "b"}) || first.Size != 4 || first.Overlap != 3 {
		t.Errorf("first is %+v", first)
	}
	p := 25.0 / 210 // (4·6 + 1) of the 210 ways to draw 4 of 10
	for what, v := range map[string][2]float64{"p": {first.P, p}, "BH": {first.BH, 3 * p}, "Bonferroni": {first.Bonferroni, 3 * p},
		"expected": {first.Expected, 1.6}, "fold": {first.Fold, 3 / 1.6}, "odds": {first.Odds, 15}} {
		near(t, what, v[0], v[1], 1e-14)
	}
	for _, name := range []string{"everything", "none"} {
		if v, err := e.Term(name); err != nil || v.P != 1 {
			t.Errorf("%s: %+v, %v", name, v, err)
		}
	}
	if v, _ := e.Term("everything"); v.Fold != 1 || v.Size != 10 || !math.IsNaN(v.Odds) {
		t.Errorf("the whole universe: %+v", v)
	}
	empty, err := OverRepresented(nil, lib, universe)
	if err != nil || empty.Terms[0].P != 1 || empty.Terms[2].BH != 1 || !math.IsNaN(empty.Terms[0].Fold) {
		t.Errorf("an empty list: %+v, %v", empty, err)
	}
	sized, err := OverRepresentation{Universe: universe, MinSize: 3, MaxSize: 9}.Test([]string{"a"}, Library{Sets: lib})
	if err != nil || len(sized.Terms) != 1 || sized.TooSmall != 3 || sized.TooLarge != 1 {
		t.Errorf("within limits: %+v, %v", sized, err)
	}
	for what, err := range map[string]error{
		"universe is empty":  second(OverRepresented([]string{"a"}, lib, nil)),
		"no gene sets":       second(OverRepresented([]string{"a"}, GeneSets{}, universe)),
		"is in the universe": second(OverRepresented([]string{"ENSG01"}, lib, universe)),
		"no set has":         second(OverRepresentation{Universe: universe, MinSize: 5, MaxSize: 4}.Test(nil, Library{Sets: lib})),
	} {
		if err == nil || !strings.Contains(err.Error(), what) || !strings.Contains(err.Error(), "\n  try ") {
			t.Errorf("%s: %v", what, err)
		}
	}
}

func TestLibrariesAreAdjustedSeparately(t *testing.T) {
	universe := strings.Fields("a b c d e f g h i j")
	one := library(t, GeneSet{Name: "A", Genes: []string{"a", "b"}})
	two := library(t, GeneSet{Name: "A", Genes: []string{"a", "b"}}, GeneSet{Name: "B", Genes: []string{"e", "f"}}, GeneSet{Name: "C", Genes: []string{"g"}})
	e, err := OverRepresentation{Universe: universe, MidP: true}.Test([]string{"a", "b"}, Library{"two", two}, Library{"one", one})
	if err != nil {
		t.Fatal(err)
	}
	p := 0.5 / 45
	if e.Terms[0].Library != "one" || e.Terms[1].Library != "two" {
		t.Errorf("order: %+v", e.Terms)
	}
	near(t, "mid-p", e.Terms[0].P, p, 1e-13)
	near(t, "of one", e.Terms[0].BH, p, 1e-13)
	near(t, "of three", e.Terms[1].BH, 3*p, 1e-13)
	for i, v := range AdjustWithin([]float64{0.01, 0.02, math.NaN(), 0.04}, []string{"x", "y", "x", "x"}, Bonferroni) {
		near(t, "within", v, []float64{0.02, 0.02, math.NaN(), 0.08}[i], 1e-15)
	}
	depleted, err := OverRepresentation{Universe: universe, TwoSided: true}.Test(strings.Fields("a b c d e f g"), Library{Sets: library(t, GeneSet{Name: "D", Genes: []string{"h", "i", "j"}})})
	if err != nil {
		t.Fatal(err)
	}
	near(t, "depleted", depleted.Terms[0].P, 1.0/120, 1e-12)
}

// Genes drawn at random find a set at p ≤ 0.05 in at most 5 of 100 cases.
func TestOverRepresentationHoldsItsLevel(t *testing.T) {
	var universe []string
	for i := range 500 {
		universe = append(universe, fmt.Sprint("g", i))
	}
	lib := library(t, GeneSet{Name: "S", Genes: universe[:60]})
	rng := rand.New(rand.NewPCG(8, 8))
	plain, mid := 0, 0
	const rounds = 2000
	for range rounds {
		var list []string
		for _, i := range rng.Perm(500)[:50] {
			list = append(list, universe[i])
		}
		a, err := OverRepresented(list, lib, universe)
		b, err2 := OverRepresentation{Universe: universe, MidP: true}.Test(list, Library{Sets: lib})
		if err != nil || err2 != nil {
			t.Fatal(err, err2)
		}
		if a.Terms[0].P <= 0.05 {
			plain++
		}
		if b.Terms[0].P <= 0.05 {
			mid++
		}
	}
	if limit := 0.05*rounds + 4*math.Sqrt(0.05*0.95*rounds); float64(plain) > limit || plain > mid {
		t.Errorf("%d and, by mid-p, %d of %d below 0.05", plain, mid, rounds)
	}
}

// ranking reads testdata/gsea_ranks.tsv and gsea_sets.gmt.
func ranking(t *testing.T) (genes []string, scores []float64, sets GeneSets) {
	t.Helper()
	lines := func(file string, f func(cells []string)) {
		b, err := os.ReadFile("testdata/" + file)
		if err != nil {
			t.Fatal(err)
		}
		for s := bufio.NewScanner(strings.NewReader(string(b))); s.Scan(); {
			f(strings.Split(s.Text(), "\t"))
		}
	}
	lines("gsea_ranks.tsv", func(c []string) {
		v, err := strconv.ParseFloat(c[1], 64)
		genes, scores = append(genes, c[0]), append(scores, ok(t, v, err))
	})
	var all []GeneSet
	lines("gsea_sets.gmt", func(c []string) { all = append(all, GeneSet{Name: c[0], Genes: c[2:]}) })
	return genes, scores, library(t, all...)
}

// The enrichment scores and leading edges are fgsea's; NES and p, both sides being
// estimates, within five standard errors of the two numbers of permutations (fgsea's
// simple p of 100 000, ours of 10 000).
func TestGSEAMatchesFgsea(t *testing.T) {
	genes, scores, sets := ranking(t)
	r := read[rReference](t, "enrichment_r.json").GSEA
	const ours, theirs = 10_000, 100_000
	for name, g := range map[string]GSEA{"std": {}, "pos": {Side: Greater}, "neg": {Side: Less}, "unweighted": {Unweighted: true}} {
		g.Permutations, g.Seed = ours, 3
		got, err := g.Test(genes, scores, Library{Sets: sets})
		if err != nil {
			t.Fatal(err)
		}
		if len(got.Terms) != sets.Len() || len(r[name]) != sets.Len() {
			t.Fatalf("%d terms, fgsea %d, of %d sets", len(got.Terms), len(r[name]), sets.Len())
		}
		for _, v := range got.Terms {
			want := r[name][v.Name]
			what := name + " " + v.Name
			if math.Abs(v.ES-float64(want.ES)) > 1e-9 {
				t.Errorf("%s: ES %.12g, want %.12g", what, v.ES, want.ES)
			}
			if v.Size != want.Size || v.ES != 0 && !slices.Equal(v.Leading, want.Leading) {
				t.Errorf("%s: size %d, leading edge %v, want %d, %v", what, v.Size, v.Leading, want.Size, want.Leading)
			}
			closeEstimates(t, what, v, want, ours, theirs)
		}
	}
}

// closeEstimates compares NES and p of an ES that both agree on.
func closeEstimates(t *testing.T, what string, v GSEATerm, want gseaRow, ours, theirs float64) {
	t.Helper()
	if v.ES == 0 {
		if v.P != 1 || v.NES != 0 {
			t.Errorf("%s: an ES of 0 has p %g, NES %g", what, v.P, v.NES)
		}
		return
	}
	share := float64(v.Random) / ours // of the random sets, those with this sign
	n, m := ours*share, theirs*share
	p := float64(want.P)
	if se := math.Sqrt(p*(1-p)*(1/n+1/m)) + 1/n; math.Abs(v.P-p) > 5*se {
		t.Errorf("%s: p %g, want %g ± %g", what, v.P, p, se)
	}
	// The mean of random ES, whose spread is below their mean.
	if rel := math.Sqrt(1/n + 1/m); !(math.Abs(v.NES/float64(want.NES)-1) <= 5*rel) {
		t.Errorf("%s: NES %g, want %g ± %g", what, v.NES, want.NES, math.Abs(v.NES)*rel)
	}
}

func TestGSEAMatchesGseapy(t *testing.T) {
	genes, scores, sets := ranking(t)
	for weight, rows := range read[exactReference](t, "enrichment.json").Gseapy {
		w, _ := strconv.ParseFloat(weight, 64)
		g := GSEA{Weight: w, Unweighted: w == 0, Permutations: 10_000, Seed: 2}
		got, err := g.Test(genes, scores, Library{Sets: sets})
		if err != nil {
			t.Fatal(err)
		}
		for _, v := range got.Terms {
			want, there := rows[v.Name]
			what := "weight " + weight + " " + v.Name
			if v.Name == "ZERO" && w > 0 {
				continue // gseapy divides by the sum of the scores, 0
			}
			if !there {
				t.Errorf("%s is not in gseapy's table", what)
				continue
			}
			if math.Abs(v.ES-float64(want.ES)) > 1e-6 {
				t.Errorf("%s: ES %.12g, want %.12g", what, v.ES, want.ES)
			}
			closeEstimates(t, what, v, want, 10_000, 10_000)
		}
	}
}

func TestGSEADefinitions(t *testing.T) {
	genes, scores := strings.Fields("d c b a e"), []float64{2, 1, 1, 1, -3}
	sets := library(t, GeneSet{Name: "all", Genes: genes}, GeneSet{Name: "none", Genes: []string{"x"}}, GeneSet{Name: "empty"},
		GeneSet{Name: "last", Genes: []string{"e", "x"}}, GeneSet{Name: "tied", Genes: []string{"a", "b"}})
	r, err := GSEA{Seed: 1}.Test(genes, scores, Library{"L", sets})
	if err != nil {
		t.Fatal(err)
	}
	if r.TooSmall != 2 || r.TooLarge != 1 || r.Tied != 3 || r.Genes != 5 || len(r.Terms) != 2 {
		t.Errorf("counted %+v", r)
	}
	for _, v := range r.Terms {
		switch v.Name {
		case "last":
			if v.ES != -1 || !slices.Equal(v.Leading, []string{"e"}) || v.Size != 1 {
				t.Errorf("last: %+v", v)
			}
		case "tied": // ranked d a b c e: −1/3 to 2/3
			if math.Abs(v.ES-2.0/3) > 1e-15 || !slices.Equal(v.Leading, []string{"a", "b"}) {
				t.Errorf("tied: %+v", v)
			}
		}
		if v.P < float64(1)/1001 || v.BH < v.P || v.Bonferroni < v.BH {
			t.Errorf("%s: %+v", v.Name, v)
		}
	}
	shuffled, err := GSEA{Seed: 1}.Test([]string{"a", "e", "b", "c", "d"}, []float64{1, -3, 1, 1, 2}, Library{"L", sets})
	if err != nil || fmt.Sprint(shuffled) != fmt.Sprint(r) {
		t.Errorf("in another order: %+v, %v", shuffled, err)
	}
	for what, err := range map[string]error{
		"the score of gene b is NaN": second(Prerank([]string{"a", "b"}, []float64{1, math.NaN()}, sets, 1)),
		"is +Inf":                    second(Prerank([]string{"a", "b"}, []float64{math.Inf(1), 0}, sets, 1)),
		"ranked twice":               second(Prerank([]string{"a", "a"}, []float64{1, 2}, sets, 1)),
		"no name":                    second(Prerank([]string{"a", ""}, []float64{1, 2}, sets, 1)),
		"2 genes and 1 scores":       second(Prerank([]string{"a", "b"}, []float64{1}, sets, 1)),
		"no gene sets":               second(Prerank([]string{"a", "b"}, []float64{1, 2}, GeneSets{}, 1)),
		"a weight of -1":             second(GSEA{Weight: -1}.Test(genes, scores, Library{Sets: sets})),
		"-5 permutations":            second(GSEA{Permutations: -5}.Test(genes, scores, Library{Sets: sets})),
	} {
		if err == nil || !strings.Contains(err.Error(), what) || !strings.Contains(err.Error(), "\n  try ") {
			t.Errorf("%s: %v", what, err)
		}
	}
}

func TestGSEAHangsOnItsSeedAlone(t *testing.T) {
	genes, scores, sets := ranking(t)
	g := GSEA{Permutations: 700, Seed: 9}
	a, err := g.Test(genes, scores, Library{Sets: sets})
	before := runtime.GOMAXPROCS(1)
	b, err2 := g.Test(genes, scores, Library{Sets: sets})
	runtime.GOMAXPROCS(before)
	g.Seed = 10
	c, err3 := g.Test(genes, scores, Library{Sets: sets})
	if err != nil || err2 != nil || err3 != nil {
		t.Fatal(err, err2, err3)
	}
	if fmt.Sprint(a) != fmt.Sprint(b) {
		t.Error("another number of threads gives another result")
	}
	if fmt.Sprint(a) == fmt.Sprint(c) {
		t.Error("another seed gives the same result")
	}
}

func TestEnrichmentIsShown(t *testing.T) {
	genes, scores, sets := ranking(t)
	r, err := Prerank(genes, scores, sets, 1)
	e, err2 := OverRepresented(genes[:40], sets, genes)
	if err != nil || err2 != nil {
		t.Fatal(err, err2)
	}
	table := e.Table()
	p, err := table.Column("p")
	if err != nil || table.Len() != 25 || table.Has("library") || table.IDs()[0] != e.Terms[0].Name || p[0] != fmt.Sprint(e.Terms[0].P) {
		t.Errorf("table:\n%v", table)
	}
	if g := r.Table(); g.Len() != 25 || !g.Has("leading edge") {
		t.Errorf("table:\n%v", g)
	}
	for _, s := range []interface {
		HTML() (string, error)
		String() string
	}{e, r, &Enrichment{}, &GSEAResult{}} {
		page, err := s.HTML()
		if err != nil || !strings.HasPrefix(page, "<table") || !strings.Contains(s.String(), "terms") || strings.Contains(s.String(), "library") {
			t.Errorf("%v:\n%s\n%v", err, page, s)
		}
	}
	if !strings.Contains(r.String(), "the first 10 shown") || strings.Count(r.String(), "\n") != 11 {
		t.Errorf("text:\n%v", r)
	}
	far := &Enrichment{Terms: []Term{{Library: "L", Name: "a<b", LogP: -1000}}}
	if page, _ := far.HTML(); !strings.Contains(page, "5.08e-435") || !strings.Contains(page, "a&lt;b") || !strings.Contains(page, ">L<") {
		t.Error(page)
	}
	if len(e.Top(3).Terms) != 3 || len(r.Top(100).Terms) != 25 || len(r.Within(1).Terms) != 25 || len(e.Within(-1).Terms) != 0 {
		t.Error("Top and Within keep other terms")
	}
	for what, err := range map[string]error{"one such as S": second(r.Term("mine")), "no set was tested": second((&Enrichment{}).Term("mine"))} {
		if err == nil || !strings.Contains(err.Error(), what) {
			t.Errorf("%s: %v", what, err)
		}
	}
}
