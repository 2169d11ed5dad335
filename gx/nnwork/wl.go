package nnwork

import (
	"fmt"
	"math"
	"slices"

	"github.com/gxlab/gxlab/gx/fault"
)

// Subtrees is how alike graphs are: the kernel K[i][j] counts the pairs of a gene of
// graph i and a gene of graph j whose surroundings look the same, once for each depth
// of looking.
type Subtrees struct {
	K [][]float64
}

// WeisfeilerLehman compares graphs by the subtrees about their genes. A gene's
// surroundings at depth 0 are its label; at each further depth its surroundings so
// far and, as a multiset, those of its neighbours. label names a gene; nil labels a
// gene with its own name, as suits graphs on the same genes: a gene then matches
// itself at depth 1 where all its neighbours are the same. Labels alike for all genes
// compare the graphs' shapes alone. Weights do not count. Shervashidze et al., J.
// Mach. Learn. Res. 12:2539 (2011).
func WeisfeilerLehman(depth int, label func(gene string) string, graphs ...*Graph) (*Subtrees, error) {
	if depth < 0 || len(graphs) == 0 {
		return nil, fault.New(fmt.Sprintf("%d graphs compared to depth %d", len(graphs), depth), "", "two or more graphs and a depth of 1 to 5")
	}
	if label == nil {
		label = func(gene string) string { return gene }
	}
	s := &Subtrees{K: make([][]float64, len(graphs))}
	for i := range s.K {
		s.K[i] = make([]float64, len(graphs))
	}
	now := make([][]int, len(graphs)) // a number for each gene's surroundings
	number := map[string]int{}
	numbered := func(key string) int {
		k, ok := number[key]
		if !ok {
			k = len(number)
			number[key] = k
		}
		return k
	}
	for i, g := range graphs {
		for _, gene := range g.genes {
			now[i] = append(now[i], numbered(label(gene)))
		}
	}
	s.count(now, len(number))
	var near []int
	var key []byte
	for range depth {
		number = map[string]int{}
		for i, g := range graphs {
			next := make([]int, g.N())
			for v := range next {
				near = near[:0]
				for _, w := range g.neighbours(v) {
					near = append(near, now[i][w])
				}
				slices.Sort(near)
				key = fmt.Append(key[:0], now[i][v], near)
				next[v] = numbered(string(key))
			}
			now[i] = next
		}
		s.count(now, len(number))
	}
	return s, nil
}

// count adds the pairs of genes with the same number.
func (s *Subtrees) count(now [][]int, kinds int) {
	counts := make([][]float64, len(now))
	for i, numbers := range now {
		counts[i] = make([]float64, kinds)
		for _, k := range numbers {
			counts[i][k]++
		}
	}
	for i := range counts {
		for j := range i + 1 {
			sum := 0.0
			for k, c := range counts[i] {
				sum += c * counts[j][k]
			}
			s.K[i][j] += sum
			if i != j {
				s.K[j][i] += sum
			}
		}
	}
}

// Similarity is the kernel divided by its graphs' own, K[i][j]/√(K[i][i]·K[j][j]): 1
// for graphs that look the same, 0 for those with nothing in common.
func (s *Subtrees) Similarity() [][]float64 {
	return s.each(func(i, j int) float64 {
		if i == j {
			return 1
		}
		return s.K[i][j] / math.Sqrt(s.K[i][i]*s.K[j][j])
	})
}

// Distance is √(2 - 2·Similarity): the distance of the graphs as points on a sphere,
// from 0 to √2.
func (s *Subtrees) Distance() [][]float64 {
	like := s.Similarity()
	return s.each(func(i, j int) float64 { return math.Sqrt(max(0, 2-2*like[i][j])) })
}

func (s *Subtrees) each(f func(i, j int) float64) [][]float64 {
	out := make([][]float64, len(s.K))
	for i := range out {
		out[i] = make([]float64, len(s.K))
		for j := range out[i] {
			out[i][j] = f(i, j)
		}
	}
	return out
}
