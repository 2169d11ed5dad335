package learn

import (
	"context"
	"fmt"
	"math"
	"slices"

	"github.com/gxlab/gxlab/gx/cores"
	"github.com/gxlab/gxlab/gx/fault"
	"github.com/gxlab/gxlab/gx/prep"
)

// GENIE3 infers which genes regulate which from expression alone (Huynh-Thu, Irrthum,
// Wehenkel and Geurts, 2010): each gene is predicted from the others by a regression
// forest, and a regulator's weight is the variance of the gene that splits on the
// regulator take away, the gene's whole variance being 1. An edge has a direction but no
// sign.
type GENIE3 struct {
	Trees      int    // for each gene; the default is 1000, as in the paper
	Features   int    // regulators drawn at each split; the default is √regulators, rounded down
	Leaf       int    // samples in a leaf, at least; the default is 1
	Extra      bool   // extremely randomised trees: faster, as good as a rule
	Regulators []int  // the genes that may regulate, by column; the default is all
	Seed       uint64 // the same seed gives the same network
	Tell       func(what string, done, total int)
}

// Network is the weight of each gene's influence on each other.
type Network struct {
	Genes  int
	Weight []float64 // regulator × gene, row by row; 0 on the diagonal and for genes that may not regulate
}

// At is the weight of the edge from regulator to gene.
func (n *Network) At(regulator, gene int) float64 { return n.Weight[regulator*n.Genes+gene] }

// Edge is a regulator's influence on a gene, both by column.
type Edge struct {
	From, To int
	Weight   float64
}

// Edges are the edges of highest weight, at most most of them, in falling order; equal
// ones by regulator and gene.
func (n *Network) Edges(most int) []Edge {
	var out []Edge
	for i := range n.Genes {
		for j := range n.Genes {
			if w := n.At(i, j); w > 0 {
				out = append(out, Edge{i, j, w})
			}
		}
	}
	slices.SortStableFunc(out, func(a, b Edge) int {
		switch {
		case a.Weight > b.Weight:
			return -1
		case a.Weight < b.Weight:
			return 1
		}
		return 0
	})
	return out[:max(0, min(most, len(out)))]
}

// Fit infers the network from samples × genes, genes side by side on the cores. It takes
// genes² · Trees, so choose the genes first. It fails on missing values, fewer than two
// samples or genes, and settings out of range, and when ctx ends.
func (g GENIE3) Fit(ctx context.Context, x prep.Matrix) (*Network, error) {
	const who = "GENIE3"
	if err := checkMatrix(who, "genes", x); err != nil {
		return nil, err
	}
	if x.Rows < 2 || x.Cols < 2 {
		return nil, fault.New(fmt.Sprintf("%s: %d samples × %d genes", who, x.Rows, x.Cols), "", "at least two of each")
	}
	from := g.Regulators
	if from == nil {
		for j := range x.Cols {
			from = append(from, j)
		}
	}
	place := make([]int, x.Cols) // among the regulators, plus 1
	for k, j := range from {
		if j < 0 || j >= x.Cols || place[j] != 0 {
			return nil, fault.New(fmt.Sprintf("%s: regulator %d of %d genes", who, j, x.Cols), fmt.Sprintf("Regulators[%d]", k),
				fmt.Sprintf("each column from 0 to %d once at most", x.Cols-1))
		}
		place[j] = k + 1
	}
	if len(from) < 2 {
		return nil, fault.New(fmt.Sprintf("%s: %d regulators", who, len(from)), "", "two or more")
	}
	l, trees, err := forestLimits(who, or(g.Trees, 1000), g.Features, g.Leaf, 0, len(from), int(math.Sqrt(float64(len(from)))))
	if err != nil {
		return nil, err
	}
	l.chance = g.Extra
	o, err := prepare(ctx, x.Columns(from), l)
	if err != nil {
		return nil, err
	}
	out := &Network{Genes: x.Cols, Weight: make([]float64, x.Cols*x.Cols)}
	growers := make([]*grower, cores.Workers(x.Cols))
	p := &progress{tell: g.Tell, what: "genes", total: x.Cols}
	err = each(ctx, x.Cols, p, func(w, j int) error {
		y := unit(x, j)
		if y == nil {
			return nil
		}
		if growers[w] == nil {
			growers[w] = newGrower(o, l)
		}
		growers[w].y = y
		f := plant{bootstrap: !g.Extra, seed: g.Seed, stream: uint64(j), skip: place[j] - 1}
		sum := make([]float64, len(from))
		for t := range trees {
			if ctx.Err() != nil {
				return ctx.Err()
			}
			growers[w].one(f, t).decrease(sum)
		}
		for k, v := range sum {
			out.Weight[from[k]*x.Cols+j] = v / float64(trees)
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

// unit is column j with mean 0 and variance 1; nil if it is constant.
func unit(x prep.Matrix, j int) []float64 {
	y := make([]float64, x.Rows)
	mean, lo, hi := 0.0, math.Inf(1), math.Inf(-1)
	for i := range y {
		y[i] = float64(x.Row(i)[j])
		lo, hi = min(lo, y[i]), max(hi, y[i])
		mean += y[i] / float64(len(y))
	}
	if lo == hi {
		return nil
	}
	variance := 0.0
	for i := range y {
		y[i] -= mean
		variance += float64(y[i]*y[i]) / float64(len(y))
	}
	sd := math.Sqrt(variance)
	for i := range y {
		y[i] /= sd
	}
	return y
}
