package gx

import (
	"fmt"
	"math"

	"github.com/gxlab/gxlab/gx/prep"
)

// CentralGenes are k genes that stand for clusters of genes: all genes of s, such as
// the training part, are standardised and clustered by k-means over the samples, and
// of each cluster the gene nearest to its centre is taken. It is how L1000 chose its
// landmarks (Subramanian et al. 2017), without that work's peeling off in rounds and
// its eye on measurability. Genes stand in the order of s. Fewer than k are found where
// clusters stay empty.
func (s *Set) CentralGenes(k int, seed uint64) ([]string, error) {
	if k < 1 || k > s.P() {
		return nil, bad("CentralGenes", fmt.Sprintf("%d of %d genes", k, s.P()), "a number from 1 to that of the genes")
	}
	if s.N() == 0 {
		return nil, bad("CentralGenes", "there are no samples", "the training part")
	}
	x := unitColumns(s, every(s.P()))
	of := prep.KMeans(x, k, seed)
	centre, count := make([]float64, k*x.Cols), make([]float64, k)
	for g, c := range of {
		count[c]++
		for i, v := range x.Row(g) {
			centre[c*x.Cols+i] += float64(v)
		}
	}
	best, least := make([]int, k), make([]float64, k)
	for c := range k {
		best[c], least[c] = -1, math.Inf(1)
	}
	for g, c := range of {
		d := 0.0
		for i, v := range x.Row(g) {
			e := float64(v) - centre[c*x.Cols+i]/count[c]
			d += e * e
		}
		if d < least[c] {
			best[c], least[c] = g, d
		}
	}
	is := make([]bool, s.P())
	for _, g := range best {
		if g >= 0 {
			is[g] = true
		}
	}
	var out []string
	for g, name := range s.Genes() {
		if is[g] {
			out = append(out, name)
		}
	}
	return out, nil
}
