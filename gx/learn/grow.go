package learn

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"

	"github.com/gxlab/gxlab/gx/cores"
	"github.com/gxlab/gxlab/gx/fault"
)

// forestLimits fills in the defaults of a forest's settings and refuses bad ones.
func forestLimits(who string, trees, features, leaf, depth, p, usual int) (limits, int, error) {
	l := limits{features: or(features, max(1, usual)), leaf: or(leaf, 1), depth: or(depth, math.MaxInt)}
	trees = or(trees, 500)
	for _, s := range []struct {
		name string
		v    int
	}{{"Trees", trees}, {"Features", l.features}, {"Leaf", l.leaf}, {"Depth", l.depth}} {
		if err := atLeast(who, s.name, s.v, 1); err != nil {
			return l, 0, err
		}
	}
	if l.features > p {
		return l, 0, fault.New(fmt.Sprintf("%s: Features is %d, of %d", who, l.features, p), "", fmt.Sprintf("1 to %d, or 0 for the default", p))
	}
	return l, trees, nil
}

// plant is what a forest grows from.
type plant struct {
	*ordered
	limits
	trees     int
	bootstrap bool
	seed      uint64
	stream    uint64  // keeps apart the forests of one seed
	class     []int32 // or y
	k         int
	y         []float64
	skip      int // a feature that is left out, −1 for none
	progress  *progress
}

type grownTrees struct {
	trees []*tree
	bags  [][]uint64 // a bit a sample that is in the tree's bag; nil without bootstrap
}

// grow grows a forest's trees over the cores, each from random numbers of its own.
func grow(ctx context.Context, f plant) (grownTrees, error) {
	out := grownTrees{trees: make([]*tree, f.trees)}
	if f.bootstrap {
		out.bags = make([][]uint64, f.trees)
	}
	growers := make([]*grower, cores.Workers(f.trees))
	err := each(ctx, f.trees, f.progress, func(w, t int) error {
		if growers[w] == nil {
			growers[w] = newGrower(f.ordered, f.limits)
			growers[w].y = f.y
			if f.class != nil {
				growers[w].classify(f.class, f.k)
			}
		}
		g := growers[w]
		out.trees[t] = g.one(f, t)
		if f.bootstrap {
			out.bags[t] = bitsOf(g.weight)
		}
		return nil
	})
	return out, err
}

// one grows tree t of a forest.
func (g *grower) one(f plant, t int) *tree {
	g.rng = rand.New(rand.NewPCG(f.seed, f.stream<<32|uint64(t)))
	g.bag(f.bootstrap)
	return g.grow(f.skip)
}

func bitsOf(weight []int32) []uint64 {
	out := make([]uint64, blocks(len(weight), 64))
	for i, w := range weight {
		if w > 0 {
			out[i/64] |= 1 << (i % 64)
		}
	}
	return out
}

func has(bits []uint64, i int) bool { return bits[i/64]>>(i%64)&1 != 0 }

// importances is the mean decrease in impurity: what each feature's splits take off the
// impurity, in shares of the tree's whole, over the trees that split at all, to sum 1.
func importances(trees []*tree, p int) []float64 {
	out, one := make([]float64, p), make([]float64, p)
	sum := 0.0
	for _, t := range trees {
		clear(one)
		whole := t.decrease(one)
		if whole <= 0 {
			continue
		}
		for j, v := range one {
			out[j] += v / whole
		}
		sum++
	}
	for j := range out {
		out[j] /= max(1, sum)
	}
	return out
}

// decrease adds to each feature what its splits take off the impurity and returns the
// sum over all.
func (t *tree) decrease(of []float64) float64 {
	whole := 0.0
	for i, n := range t.nodes {
		if n.feature >= 0 {
			of[n.feature] += t.gain[i]
			whole += t.gain[i]
		}
	}
	return whole
}
