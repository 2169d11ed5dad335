package stats

import (
	"fmt"
	"html"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/gxlab/gxlab/gx/fault"
	"github.com/gxlab/gxlab/gx/frame"
)

// shownTerms is how many terms HTML and String show, shownGenes how many genes of each.
const shownTerms, shownGenes = 10, 8

// Table is a row a term, ids being the terms' names, with all digits: library (where
// there is one), size, overlap, expected, fold, odds ratio, its conditional estimate,
// p, log10 p, BH, Bonferroni, genes (with spaces between). A number without a value is
// missing.
func (e *Enrichment) Table() *frame.Table {
	t := newTerms(len(e.Terms), "library", "size", "overlap", "expected", "fold", "odds ratio", "odds estimate", "p", "log10 p", "BH", "Bonferroni", "genes")
	for i, v := range e.Terms {
		t.add(i, v.Name, v.Library, v.Size, v.Overlap, v.Expected, v.Fold, v.Odds, v.Estimate, v.P, v.LogP/math.Ln10, v.BH, v.Bonferroni, strings.Join(v.Genes, " "))
	}
	return t.table()
}

// HTML is the first terms for a notebook, and what was tested.
func (e *Enrichment) HTML() (string, error) { return e.shown().html(), nil }

// String is the same as text.
func (e *Enrichment) String() string { return e.shown().text() }

func (e *Enrichment) shown() shown {
	s := shown{head: []string{"term", "library", "size", "overlap", "expected", "odds ratio", "p", "BH", "Bonferroni", "genes"}}
	called := 0
	for i, v := range e.Terms {
		if v.BH <= 0.05 {
			called++
		}
		if i < shownTerms {
			s.rows = append(s.rows, []string{v.Name, v.Library, strconv.Itoa(v.Size), strconv.Itoa(v.Overlap), brief(v.Expected), brief(v.Odds), power(v.P, v.LogP), brief(v.BH), brief(v.Bonferroni), few(v.Genes)})
		}
	}
	s.note = fmt.Sprintf("%d terms, %d at BH ≤ 0.05; a list of %d genes in a universe of %d", len(e.Terms), called, e.List, e.Universe)
	if n := len(e.Outside); n > 0 {
		s.note += fmt.Sprintf("; %d more genes of the list are not in the universe", n)
	}
	s.limits(len(e.Terms), e.TooSmall, e.TooLarge)
	return s
}

// Table is a row a term, ids being the terms' names, with all digits: library (where
// there is one), size, ES, NES, p, BH, Bonferroni, leading edge (with spaces between).
// A number without a value is missing.
func (r *GSEAResult) Table() *frame.Table {
	t := newTerms(len(r.Terms), "library", "size", "ES", "NES", "p", "BH", "Bonferroni", "leading edge")
	for i, v := range r.Terms {
		t.add(i, v.Name, v.Library, v.Size, v.ES, v.NES, v.P, v.BH, v.Bonferroni, strings.Join(v.Leading, " "))
	}
	return t.table()
}

// HTML is the first terms for a notebook, and what was tested.
func (r *GSEAResult) HTML() (string, error) { return r.shown().html(), nil }

// String is the same as text.
func (r *GSEAResult) String() string { return r.shown().text() }

func (r *GSEAResult) shown() shown {
	s := shown{head: []string{"term", "library", "size", "ES", "NES", "p", "BH", "Bonferroni", "leading edge"}}
	called := 0
	for i, v := range r.Terms {
		if v.BH <= 0.05 {
			called++
		}
		if i < shownTerms {
			s.rows = append(s.rows, []string{v.Name, v.Library, strconv.Itoa(v.Size), brief(v.ES), brief(v.NES), brief(v.P), brief(v.BH), brief(v.Bonferroni), few(v.Leading)})
		}
	}
	s.note = fmt.Sprintf("%d terms, %d at BH ≤ 0.05; a ranking of %d genes, %d permutations", len(r.Terms), called, r.Genes, r.Permutations)
	if r.Tied > 0 {
		s.note += fmt.Sprintf("; %d genes share their score with another", r.Tied)
	}
	s.limits(len(r.Terms), r.TooSmall, r.TooLarge)
	return s
}

// Top is the result with its first n terms only, adjusted as they were.
func (r *GSEAResult) Top(n int) *GSEAResult {
	out := *r
	out.Terms = r.Terms[:max(0, min(n, len(r.Terms)))]
	return &out
}

// Within is the result with only the terms whose p, adjusted by Benjamini and
// Hochberg, is at most level, such as 0.05.
func (r *GSEAResult) Within(level float64) *GSEAResult {
	out := *r
	out.Terms = slices.DeleteFunc(slices.Clone(r.Terms), func(t GSEATerm) bool { return !(t.BH <= level) })
	return &out
}

// Term is the term of that name, the first if several libraries have it.
func (r *GSEAResult) Term(name string) (GSEATerm, error) {
	return termOf(r.Terms, name, func(t GSEATerm) string { return t.Name })
}

func termOf[T any](terms []T, name string, of func(T) string) (none T, err error) {
	var like []string
	for _, t := range terms {
		if of(t) == name {
			return t, nil
		}
		if len(like) < 5 {
			like = append(like, of(t))
		}
	}
	if like == nil {
		return none, fault.New(fmt.Sprintf("there is no term %q: no set was tested", name), "", "other limits of size, or genes by the names that the sets use")
	}
	return none, fault.New(fmt.Sprintf("there is no term %q among those tested", name), "", "one such as "+strings.Join(like, ", "))
}

// terms are the columns of a table to be.
type terms struct {
	ids, names []string
	cols       [][]string
}

func newTerms(n int, names ...string) *terms {
	t := &terms{ids: make([]string, n), names: names, cols: make([][]string, len(names))}
	for i := range t.cols {
		t.cols[i] = make([]string, n)
	}
	return t
}

func (t *terms) add(i int, id string, values ...any) {
	t.ids[i] = id
	for c, v := range values {
		if f, ok := v.(float64); ok && math.IsNaN(f) {
			continue
		}
		t.cols[c][i] = fmt.Sprint(v)
	}
}

func (t *terms) table() *frame.Table {
	out := frame.New(t.ids)
	for i, n := range t.names {
		if n == "library" && !slices.ContainsFunc(t.cols[i], func(v string) bool { return v != "" }) {
			continue
		}
		out, _ = out.With(n, t.cols[i]) // one value a row, so it cannot fail
	}
	return out
}

// shown is what a reader sees of an enrichment.
type shown struct {
	head []string
	rows [][]string
	note string
}

func (s *shown) limits(terms, small, large int) {
	if small > 0 {
		s.note += fmt.Sprintf("; %d sets too small", small)
	}
	if large > 0 {
		s.note += fmt.Sprintf("; %d too large", large)
	}
	if terms > shownTerms {
		s.note += fmt.Sprintf("; the first %d shown", shownTerms)
	}
}

// columns calls f with the columns that hold something.
func (s shown) columns(row []string, f func(i int, cell string)) {
	for i, c := range row {
		if s.head[i] != "library" || slices.ContainsFunc(s.rows, func(r []string) bool { return r[i] != "" }) {
			f(i, c)
		}
	}
}

func (s shown) html() string {
	var b strings.Builder
	b.WriteString("<table style=\"border-collapse:collapse;font-size:smaller\">")
	line := func(tag string, row []string) {
		b.WriteString("<tr>")
		s.columns(row, func(_ int, c string) {
			fmt.Fprintf(&b, "<%s style=\"text-align:left;padding:1px 8px\">%s</%s>", tag, html.EscapeString(c), tag)
		})
		b.WriteString("</tr>")
	}
	line("th", s.head)
	for _, r := range s.rows {
		line("td", r)
	}
	fmt.Fprintf(&b, "</table><p style=\"font-size:smaller\">%s</p>", html.EscapeString(s.note))
	return b.String()
}

func (s shown) text() string {
	all := append([][]string{s.head}, s.rows...)
	width := make([]int, len(s.head))
	for _, r := range all {
		for i, c := range r {
			width[i] = max(width[i], len([]rune(c)))
		}
	}
	var b strings.Builder
	for _, r := range all {
		line := ""
		s.columns(r, func(i int, c string) { line += c + strings.Repeat(" ", width[i]-len([]rune(c))+2) })
		b.WriteString(strings.TrimRight(line, " ") + "\n")
	}
	return b.String() + s.note
}

// brief is a number in three digits.
func brief(v float64) string {
	switch {
	case math.IsNaN(v):
		return "–"
	case math.IsInf(v, 0):
		return "∞"
	}
	return strconv.FormatFloat(v, 'g', 3, 64)
}

// power is a p in three digits, also where it is too small for a float64.
func power(p, logP float64) string {
	if p > 1e-300 || math.IsInf(logP, 0) {
		return brief(p)
	}
	l := logP / math.Ln10
	whole := math.Floor(l)
	lead := math.Round(100*math.Pow(10, l-whole)) / 100
	if lead >= 10 {
		lead, whole = 1, whole+1
	}
	return fmt.Sprintf("%ge%.0f", lead, whole)
}

func few(genes []string) string {
	if len(genes) <= shownGenes {
		return strings.Join(genes, " ")
	}
	return strings.Join(genes[:shownGenes], " ") + fmt.Sprintf(" … (%d)", len(genes))
}
