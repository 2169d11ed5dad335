package nnwork

import (
	"context"
	"fmt"
	"math"

	"github.com/gxlab/gxlab/gx/fault"
)

// Harmonic is each gene's harmonic centrality: the mean of 1/distance to all other
// genes, 0 for those that no path reaches. (networkx gives the sum, n-1 times as
// much.) Marchiori and Latora, Physica A 285:539 (2000).
func (g *Graph) Harmonic(ctx context.Context) ([]float64, error) {
	counts, err := g.allReached(ctx)
	if err != nil {
		return nil, err
	}
	out := make([]float64, g.N())
	for l, row := range counts {
		for i, c := range row {
			if c > 0 {
				out[i] += float64(c) / float64(l) / float64(g.N()-1)
			}
		}
	}
	return out, nil
}

// Closeness is, for each gene, one over its mean distance to the genes that it
// reaches, times the share of the other genes that it reaches, so that genes of a
// small component are not the most central; 0 for a gene without neighbours.
// Wasserman and Faust, Social Network Analysis (1994), eq. 5.22.
func (g *Graph) Closeness(ctx context.Context) ([]float64, error) {
	counts, err := g.allReached(ctx)
	if err != nil {
		return nil, err
	}
	out := make([]float64, g.N())
	for i := range out {
		sum, reached := 0.0, 0.0
		for l, row := range counts {
			sum += float64(l) * float64(row[i])
			reached += float64(row[i])
		}
		if sum > 0 {
			out[i] = reached / sum * reached / float64(g.N()-1)
		}
	}
	return out, nil
}

// allReached counts, for every distance and gene, the genes at that distance.
func (g *Graph) allReached(ctx context.Context) ([][]int32, error) {
	all := make([]int32, g.N())
	for i := range all {
		all[i] = int32(i)
	}
	// A search's bits at a gene are the sources at that distance from it. Batches share
	// one table by turns: whole numbers add up the same in any order.
	var counts [][]int32
	turn := make(chan struct{}, 1)
	err := g.searches(ctx, all, func(_, d int, reached []int32, new []wide) {
		turn <- struct{}{}
		for len(counts) <= d {
			counts = append(counts, make([]int32, g.N()))
		}
		for _, v := range reached {
			counts[d][v] += int32(new[v].count())
		}
		<-turn
	})
	return counts, err
}

// Settling of the power iterations.
const (
	mostSteps = 100_000
	settled   = 1e-13 // change of all genes together in a step
)

// Eigenvector is each gene's eigenvector centrality: proportional to the weighted sum
// of its neighbours', the leading eigenvector of the adjacency with length 1. Where
// the graph falls apart it is that of the component with the largest eigenvalue, and
// 0 elsewhere. It fails where the iteration does not settle. Bonacich, J. Math.
// Sociol. 2:113 (1972).
func (g *Graph) Eigenvector() ([]float64, error) {
	n := g.N()
	x, y := make([]float64, n), make([]float64, n)
	for i := range x {
		x[i] = 1 / math.Sqrt(float64(n))
	}
	for range mostSteps {
		length, change := 0.0, 0.0
		for i := range y {
			y[i] = x[i] // the adjacency plus 1 has the same eigenvectors, and no sign to swing
			for k := g.start[i]; k < g.start[i+1]; k++ {
				y[i] += g.weightAt(k) * x[g.near[k]]
			}
			length += y[i] * y[i]
		}
		length = math.Sqrt(length)
		for i := range y {
			y[i] /= length
			change += math.Abs(y[i] - x[i])
		}
		x, y = y, x
		if change < settled {
			return x, nil
		}
	}
	return nil, fault.New(fmt.Sprintf("the eigenvector centrality did not settle in %d steps", mostSteps), "", "the graph's Largest component, or PageRank")
}

// PageRank is the share of time that a walk spends at each gene, which follows an
// edge, by its weight, with probability follow and else starts anew anywhere; from a
// gene without neighbours it starts anew. follow is 0.85 by custom. The shares add to
// 1. Brin and Page, Comput. Netw. ISDN Syst. 30:107 (1998).
func (g *Graph) PageRank(follow float64) ([]float64, error) {
	if !(follow >= 0 && follow < 1) {
		return nil, fault.New(fmt.Sprintf("PageRank(%v)", follow), "", "a probability from 0 to below 1, such as 0.85")
	}
	n := g.N()
	strength := g.Strength()
	x, y := make([]float64, n), make([]float64, n)
	for i := range x {
		x[i] = 1 / float64(n)
	}
	for range mostSteps {
		lost, change := 1-follow, 0.0
		for i := range x {
			if strength[i] == 0 {
				lost += follow * x[i]
			}
		}
		for i := range y {
			sum := 0.0
			for k := g.start[i]; k < g.start[i+1]; k++ {
				sum += g.weightAt(k) * x[g.near[k]] / strength[g.near[k]]
			}
			y[i] = follow*sum + lost/float64(n)
			change += math.Abs(y[i] - x[i])
		}
		x, y = y, x
		if change < settled {
			return x, nil
		}
	}
	return nil, fault.New(fmt.Sprintf("PageRank did not settle in %d steps", mostSteps), "", "a smaller probability of following, such as 0.85")
}
