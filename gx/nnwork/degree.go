package nnwork

import "context"

// Degree is each gene's number of neighbours.
func (g *Graph) Degree() []int {
	out := make([]int, g.N())
	for i := range out {
		out[i] = len(g.neighbours(i))
	}
	return out
}

// Strength is each gene's sum of the weights of its edges: its weighted degree.
func (g *Graph) Strength() []float64 {
	out := make([]float64, g.N())
	for i := range out {
		for k := g.start[i]; k < g.start[i+1]; k++ {
			out[i] += g.weightAt(k)
		}
	}
	return out
}

// Clustering is, for each gene, the share of the pairs of its neighbours that are
// neighbours themselves; 0 for a gene with fewer than two. Weights do not count.
// Watts and Strogatz, Nature 393:440 (1998).
func (g *Graph) Clustering(ctx context.Context) ([]float64, error) {
	out := make([]float64, g.N())
	err := each(ctx, g.N(), func() []bool { return make([]bool, g.N()) }, func(i int, mine []bool) {
		near := g.neighbours(i)
		if len(near) < 2 {
			return
		}
		for _, j := range near {
			mine[j] = true
		}
		closed := 0 // each pair twice
		for _, j := range near {
			for _, k := range g.neighbours(int(j)) {
				if mine[k] {
					closed++
				}
			}
		}
		for _, j := range near {
			mine[j] = false
		}
		out[i] = float64(closed) / (float64(len(near)) * float64(len(near)-1))
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}
