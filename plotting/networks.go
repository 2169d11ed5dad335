package plotting

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/gxlab/gxlab/gx/nnwork"
)

// GeneNetwork lays a graph of genes out by forces and draws it: nodes as large as
// their number of neighbours, coloured by group, which may be nil. The best joined of
// genes that have room are named. seed makes the layout.
func GeneNetwork(g *nnwork.Graph, group func(gene string) string, seed uint64) Figure {
	if g == nil || g.N() == 0 {
		return Figure{name: "network", err: bad("GeneNetwork has no genes", "a graph of at least one gene")}
	}
	x, y := g.Layout(nnwork.Layout{Seed: seed})
	nodes := make([]Node, g.N())
	for i, k := range g.Degree() {
		nodes[i] = Node{Name: g.Genes()[i], X: x[i], Y: y[i], Size: float64(k)}
		if group != nil {
			nodes[i].Group = group(nodes[i].Name)
		}
	}
	var links []Link
	for _, e := range g.Linked() {
		links = append(links, Link{A: e[0], B: e[1]})
	}
	return Network(nodes, links).Captioned(fmt.Sprintf("%d genes and %d edges between them; areas are numbers of neighbours", g.N(), g.Edges()))
}

// ComponentTerm says that a component of a code goes with a term, such as a cellular
// compartment that its genes are enriched in.
type ComponentTerm struct {
	Component, Term string
	// Weight is how strongly, such as -log₁₀ p; 0 for all draws them alike.
	Weight float64
}

// ComponentTerms draws components of a code, squares, in the middle of the terms that
// they go with, discs: one colour for terms of one component and one for those that
// several share. The strongest terms that have room are named, at most labelled of
// them (all components are). seed makes the layout.
func ComponentTerms(pairs []ComponentTerm, labelled int, seed uint64) Figure {
	f := Figure{name: "component_terms"}
	if len(pairs) == 0 {
		f.err = bad("ComponentTerms has no pairs", "one for each term that a component is enriched in")
		return f
	}
	const mark = "\x00" // a component may be called as a term is
	weight, of := map[string]float64{}, map[string]int{}
	var edges []nnwork.Edge
	var middle []string
	for i, p := range pairs {
		if p.Component == "" || p.Term == "" || !(p.Weight >= 0) {
			f.err = bad(fmt.Sprintf("pair %d joins component %q and term %q with weight %v", i+1, p.Component, p.Term, p.Weight), "a name for both and a weight from 0")
			return f
		}
		middle = append(middle, mark+p.Component)
		edges = append(edges, nnwork.Edge{A: mark + p.Component, B: p.Term})
	}
	g, err := nnwork.New(edges)
	if err != nil {
		f.err = err
		return f
	}
	for _, p := range pairs {
		weight[p.Term] = max(weight[p.Term], p.Weight)
	}
	for i, k := range g.Degree() {
		of[g.Genes()[i]] = k
	}
	strongest := make([]string, 0, len(weight))
	for _, t := range g.Genes() {
		if t[:1] != mark {
			strongest = append(strongest, t)
		}
	}
	slices.SortStableFunc(strongest, func(a, b string) int { return cmp.Or(cmp.Compare(weight[b], weight[a]), of[b]-of[a]) })
	named := map[string]bool{}
	for _, t := range strongest[:min(max(labelled, 0), len(strongest))] {
		named[t] = true
	}
	x, y := g.Layout(nnwork.Layout{Seed: seed, Middle: middle})
	nodes := make([]Node, g.N())
	for i, name := range g.Genes() {
		n := Node{X: x[i], Y: y[i], Size: weight[name]}
		switch {
		case name[:1] == mark:
			n.Name, n.Group, n.Square = name[1:], "component", true
		case of[name] > 1:
			n.Group = "term of several"
		default:
			n.Group = "term of one"
		}
		if named[name] {
			n.Name = name
		}
		nodes[i] = n
	}
	var links []Link
	for _, p := range pairs {
		links = append(links, Link{A: g.At(mark + p.Component), B: g.At(p.Term), Weight: p.Weight})
	}
	return Network(nodes, links).Named("component_terms").
		Captioned(fmt.Sprintf("%d components and %d terms; areas are the terms' strongest links", g.N()-len(weight), len(weight)))
}
