package gx

import (
	"context"
	"fmt"

	"github.com/gxlab/gxlab/gx/cores"
	"github.com/gxlab/gxlab/gx/fault"
	"github.com/gxlab/gxlab/gx/learn"
)

// GeneNeighbours are the genes nearest to each gene: in an embedding, or in a network.
type GeneNeighbours struct {
	Genes []string
	Near  [][]int // of every gene: places in Genes, the nearest first
}

// NearestGenes are each gene's k nearest others in an embedding, genes × components, by
// Euclidean distance; the nearest first.
func NearestGenes(ctx context.Context, genes []string, embedding Matrix, k int) (*GeneNeighbours, error) {
	if len(genes) != embedding.Rows {
		return nil, fault.New(fmt.Sprintf("%d genes and embeddings of %d", len(genes), embedding.Rows), "", "an embedding for each gene")
	}
	near, err := learn.Nearest(ctx, embedding, k)
	if err != nil {
		return nil, err
	}
	out := &GeneNeighbours{Genes: genes, Near: make([][]int, len(near))}
	for i, ns := range near {
		for _, n := range ns {
			out.Near[i] = append(out.Near[i], n.Index)
		}
	}
	return out, nil
}

// Neighbours are each gene's k nearest others in its embedding.
func (f *SiVAEFitted) Neighbours(ctx context.Context, k int) (*GeneNeighbours, error) {
	return NearestGenes(ctx, f.Genes(), f.embeds, k)
}

// Of are the neighbours of a gene, by name.
func (n *GeneNeighbours) Of(gene string) ([]string, error) {
	for i, g := range n.Genes {
		if g == gene {
			return pick(n.Genes, n.Near[i]), nil
		}
	}
	return nil, fault.New("no gene "+gene, "", "one of "+legal(n.Genes[:min(5, len(n.Genes))])+" …")
}

// Share is the share of neighbours that are in the gene's own group (such as a module),
// over the genes that are in one, and what share chance gives. A gene of no group is
// missing from group.
func (n *GeneNeighbours) Share(group map[string]string) (share, chance float64) {
	size := map[string]int{}
	for _, g := range n.Genes {
		if m, ok := group[g]; ok {
			size[m]++
		}
	}
	genes := 0
	for i, g := range n.Genes {
		m, ok := group[g]
		if !ok || len(n.Near[i]) == 0 {
			continue
		}
		genes++
		same := 0
		for _, j := range n.Near[i] {
			if o, ok := group[n.Genes[j]]; ok && o == m {
				same++
			}
		}
		share += float64(same) / float64(len(n.Near[i]))
		chance += float64(size[m]-1) / float64(len(n.Genes)-1)
	}
	return share / float64(max(1, genes)), chance / float64(max(1, genes))
}

// Overlap is, gene by gene, the share of the neighbours in n that are neighbours in o as
// well. Both are of the same genes in the same order.
func (n *GeneNeighbours) Overlap(o *GeneNeighbours) []float64 {
	out := make([]float64, len(n.Genes))
	for i, near := range n.Near {
		in := map[int]bool{}
		for _, j := range o.Near[i] {
			in[j] = true
		}
		for _, j := range near {
			if in[j] {
				out[i] += 1 / float64(len(near))
			}
		}
	}
	return out
}

// Predicted is how well each gene is predicted from its neighbours: the share of its
// variance over test that a ridge regression, learned on train, explains (R²; below 0 where
// the mean of train would do better). It is siVAE's score of a neighbourhood.
func (n *GeneNeighbours) Predicted(ctx context.Context, train, test Matrix) ([]float64, error) {
	if train.Cols != len(n.Genes) || test.Cols != train.Cols || test.Rows < 2 {
		return nil, fault.New(fmt.Sprintf("samples of %d and %d genes for neighbours of %d", train.Cols, test.Cols, len(n.Genes)), "", "samples of the same genes, two or more to test on")
	}
	out := make([]float64, len(n.Genes))
	errs := make([]error, len(n.Genes))
	cores.Each(len(n.Genes), func(j int) {
		if len(n.Near[j]) == 0 || ctx.Err() != nil {
			return
		}
		one := []int{j}
		m, err := learn.Ridge{Alphas: []float64{1}}.Fit(ctx, train.Columns(n.Near[j]), train.Columns(one))
		if err != nil {
			errs[j] = err
			return
		}
		y, err := m.Predict(test.Columns(n.Near[j]))
		if err != nil {
			errs[j] = err
			return
		}
		mean, left, all := 0.0, 0.0, 0.0
		for i := range test.Rows {
			mean += float64(test.Row(i)[j]) / float64(test.Rows)
		}
		for i := range test.Rows {
			v := float64(test.Row(i)[j])
			left += (v - float64(y.Data[i])) * (v - float64(y.Data[i]))
			all += (v - mean) * (v - mean)
		}
		if all > 0 {
			out[j] = 1 - left/all
		}
	})
	for _, err := range errs {
		if err != nil {
			return nil, err
		}
	}
	return out, ctx.Err()
}
