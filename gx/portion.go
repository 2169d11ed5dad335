package gx

import (
	"math/rand/v2"

	"github.com/gxlab/gxlab/gx/cores"
	"github.com/gxlab/gxlab/gx/large"
	"github.com/gxlab/gxlab/gx/nn"
)

// portion is samples as a network learns from them, in the units of the last step: a
// copy where that fits in memory, else rows of the set that are scaled as they are
// read.
type portion struct {
	x             []float32
	p             int
	rows          []int // of x; nil: all
	shift, spread []float32
	class         []int // of every sample, for a classifier
}

// portions are sets of the same base.
func portions(sets ...*Set) []portion {
	values := 0
	for _, s := range sets {
		values += s.N() * s.P()
	}
	out := make([]portion, len(sets))
	for i, s := range sets {
		if large.Fits(values) {
			out[i] = portion{x: s.Values().Data, p: s.P()}
			continue
		}
		out[i] = portion{x: s.b.x.Data, p: s.P(), rows: s.rows, shift: s.b.shift, spread: s.b.scale}
	}
	return out
}

// portionOf is the samples of a matrix.
func portionOf(m Matrix) portion { return portion{x: m.Data, p: m.Cols} }

func (p portion) n() int {
	if p.rows != nil {
		return len(p.rows)
	}
	return len(p.x) / p.p
}

// pick is the samples of index, in that order.
func (p portion) pick(index []int) portion {
	rows := make([]int, len(index))
	for i, k := range index {
		if rows[i] = k; p.rows != nil {
			rows[i] = p.rows[k]
		}
	}
	p.rows = rows
	if p.class != nil {
		class := make([]int, len(index))
		for i, k := range index {
			class[i] = p.class[k]
		}
		p.class = class
	}
	return p
}

// matrix is the samples in memory.
func (p portion) matrix() Matrix {
	if p.rows == nil && p.shift == nil {
		return Matrix{Rows: p.n(), Cols: p.p, Data: p.x}
	}
	m := Matrix{Rows: p.n(), Cols: p.p, Data: make([]float32, p.n()*p.p)}
	all := Matrix{Rows: len(p.x) / p.p, Cols: p.p, Data: p.x}
	cores.Each(m.Rows, func(i int) {
		k, row := i, m.Row(i)
		if p.rows != nil {
			k = p.rows[i]
		}
		copy(row, all.Row(k))
		if p.shift != nil {
			for j := range row {
				row[j] = (row[j] - p.shift[j]) / p.spread[j]
			}
		}
	})
	return m
}

// some is at most n samples, drawn at random.
func (p portion) some(n int, seed uint64) portion {
	if p.n() <= n {
		return p
	}
	return p.pick(rand.New(rand.NewPCG(seed, 0x50e)).Perm(p.n())[:n])
}

// data is what a network learns from and what it is watched on.
func (c *course) data(p, watch portion) nn.Data {
	d := nn.Data{X: p.x, N: p.n(), Rows: p.rows, Shift: p.shift, Spread: p.spread, Scale: c.scale, Class: p.class, Target: c.target, Features: c.features}
	if watch.p > 0 {
		d.Watch, d.WatchN, d.WatchRows, d.WatchClass, d.WatchTarget = watch.x, watch.n(), watch.rows, watch.class, c.watchTarget
	}
	return d
}
