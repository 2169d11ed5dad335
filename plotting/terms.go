package plotting

import (
	"fmt"
	"math"
	"strconv"
	"strings"

	"github.com/gxlab/gxlab/gx/stats"
)

// TermDot is one term of an enrichment.
type TermDot struct {
	Name     string
	Value    float64 // along the horizontal axis, such as −log₁₀ p or NES
	Genes    int     // that tell of it: the dot's area
	Adjusted float64 // p value adjusted for the number of terms: the dot's shade
}

// levels are the adjusted p values that shades of a TermDot tell apart.
var levels = [...]struct {
	most  float64
	name  string
	shade float64 // of the ramp
}{{0.001, "≤ 0.001", 1}, {0.01, "≤ 0.01", 0.62}, {0.05, "≤ 0.05", 0.3}, {math.Inf(1), "> 0.05", 0}}

const (
	dotRadius = 4.2   // of the term with most genes, in points
	termWidth = 120.0 // of a term's name, in points; longer ones break
)

// TermDots draws terms of an enrichment, the first at the top: where a dot lies is its
// value (label names it), how large it is tells the genes, how dark the adjusted p.
func TermDots(label string, terms ...TermDot) Figure {
	f := Figure{name: "terms"}
	if len(terms) == 0 {
		f.err = bad("TermDots has no terms", "an enrichment in which sets were tested")
		return f
	}
	most := 1
	c := chart{ax: axis{label: label, zero: true, pad: 0.08}, right: true, w: 130}
	lines := 0
	for i, t := range terms {
		if math.IsNaN(t.Value) || math.IsInf(t.Value, 0) || math.IsNaN(t.Adjusted) || t.Genes < 0 {
			f.err = bad(fmt.Sprintf("term %d, %q: value %g, %d genes, adjusted p %g", i+1, t.Name, t.Value, t.Genes, t.Adjusted), "finite numbers, genes from 0")
			return f
		}
		most = max(most, t.Genes)
		c.ay.names = append([]string{termName(t.Name)}, c.ay.names...)
		lines = max(lines, 1+strings.Count(c.ay.names[0], "\n"))
	}
	c.h = 16 + float64(len(terms))*max(4.4, 3.2*float64(lines))
	c.h = max(c.h, 40)
	c.marks = append(c.marks, rule{vertical: true, at: 0, line: line{col: silver, width: 0.5}})
	radius := func(genes int) float64 {
		return max(1, dotRadius*math.Sqrt(float64(genes)/float64(most)))
	}
	for i, t := range terms {
		y := float64(len(terms) - 1 - i)
		level := 0
		for t.Adjusted > levels[level].most {
			level++
		}
		c.marks = append(c.marks, curve{xs: []float64{0, t.Value}, ys: []float64{y, y}, line: line{col: silver, width: 0.6}},
			points{xs: []float64{t.Value}, ys: []float64{y}, r: radius(t.Genes), col: ramp(levels[level].shade), rim: black, rimWidth: 0.5})
	}
	c.legend = append(c.legend, entry{name: "Adjusted p"})
	for _, l := range levels {
		c.legend = append(c.legend, entry{name: l.name, fill: ramp(l.shade), rim: thin, r: 2.6})
	}
	c.legend = append(c.legend, entry{}, entry{name: "Genes"})
	last := 0
	for _, n := range []int{most, (most + 1) / 2, (most + 5) / 6} {
		if n > 0 && n != last {
			c.legend = append(c.legend, entry{name: commasFrom(strconv.Itoa(n)), fill: white, rim: thin, r: radius(n)})
		}
		last = n
	}
	f.body = c
	return f
}

// termName breaks a term's name into at most two lines and spells libraries' GO_LIKE
// names with spaces.
func termName(s string) string {
	if !strings.Contains(s, " ") {
		s = strings.ReplaceAll(s, "_", " ")
	}
	lines := strings.Split(wrap(s, tickSize, termWidth), "\n")
	if len(lines) > 2 {
		lines = []string{lines[0], lines[1] + " …"}
	}
	return strings.Join(lines, "\n")
}

// OverRepresented draws the first n terms of an over-representation by −log₁₀ of p;
// dots are as large as the overlap of list and set.
func OverRepresented(e *stats.Enrichment, n int) Figure {
	var dots []TermDot
	for _, t := range e.Top(n).Terms {
		if v := -t.LogP / math.Ln10; !math.IsInf(v, 0) {
			dots = append(dots, TermDot{Name: t.Name, Value: math.Max(0, v), Genes: t.Overlap, Adjusted: t.BH})
		}
	}
	f := TermDots("−log₁₀ p", dots...).Named("over_representation")
	return f.Captioned(fmt.Sprintf("Over-representation of %d genes in a universe of %d: the first %d of %d terms by the hypergeometric p; dots' areas are overlaps, shades p adjusted by Benjamini and Hochberg",
		e.List, e.Universe, len(dots), len(e.Terms)))
}

// Enriched draws the first n terms of a GSEA by their normalised enrichment score;
// dots are as large as the leading edge.
func Enriched(r *stats.GSEAResult, n int) Figure {
	var dots []TermDot
	for _, t := range r.Top(n).Terms {
		if !math.IsNaN(t.NES) {
			dots = append(dots, TermDot{Name: t.Name, Value: t.NES, Genes: len(t.Leading), Adjusted: t.BH})
		}
	}
	f := TermDots("Normalised enrichment score", dots...).Named("gsea")
	return f.Captioned(fmt.Sprintf("GSEA of a ranking of %d genes: the first %d of %d terms by p; dots' areas are leading edges, shades p adjusted by Benjamini and Hochberg",
		r.Genes, len(dots), len(r.Terms)))
}
