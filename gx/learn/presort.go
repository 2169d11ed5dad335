package learn

import (
	"context"
	"math"
	"slices"

	"github.com/gxlab/gxlab/gx/prep"
)

// ordered is every feature's samples in rising order, made once for all trees.
type ordered struct {
	n, p  int
	x     prep.Matrix
	order []uint32 // p × n: samples by value, equal values by sample
	rank  []uint32 // p × n: a sample's place among the feature's different values

	column []float32 // p × n, in place of both where thresholds are drawn
}

// presort orders x.
func presort(ctx context.Context, x prep.Matrix) (*ordered, error) {
	n, p := x.Rows, x.Cols
	o := &ordered{n: n, p: p, x: x, order: make([]uint32, n*p), rank: make([]uint32, n*p)}
	const block = 16 // features whose values lie side by side in a row
	err := each(ctx, blocks(p, block), nil, func(_, b int) error {
		lo := b * block
		w := min(block, p-lo)
		keys := make([]uint64, w*n)
		for i := range n {
			for j, v := range x.Row(i)[lo : lo+w] {
				keys[j*n+i] = uint64(rising(v))<<32 | uint64(i)
			}
		}
		for j := range w {
			k := keys[j*n : (j+1)*n]
			slices.Sort(k)
			order, rank := o.feature(lo + j)
			r := uint32(0)
			for at, key := range k {
				if at > 0 && key>>32 != k[at-1]>>32 {
					r++
				}
				order[at] = uint32(key)
				rank[uint32(key)] = r
			}
		}
		return nil
	})
	return o, err
}

// turnAround is x feature by feature and not in order.
func turnAround(x prep.Matrix) *ordered {
	n, p := x.Rows, x.Cols
	o := &ordered{n: n, p: p, x: x, column: make([]float32, n*p)}
	for i := range n {
		for j, v := range x.Row(i) {
			o.column[j*n+i] = v
		}
	}
	return o
}

// prepare is what trees grow from.
func prepare(ctx context.Context, x prep.Matrix, l limits) (*ordered, error) {
	if l.chance {
		return turnAround(x), ctx.Err()
	}
	return presort(ctx, x)
}

func (o *ordered) feature(f int) (order, rank []uint32) {
	return o.order[f*o.n : (f+1)*o.n], o.rank[f*o.n : (f+1)*o.n]
}

func (o *ordered) value(sample uint32, f int) float64 { return float64(o.x.Data[int(sample)*o.p+f]) }

// rising is a number that rises with v; both zeros are one.
func rising(v float32) uint32 {
	if v == 0 {
		return 1 << 31
	}
	b := math.Float32bits(v)
	if b>>31 != 0 {
		return ^b
	}
	return b | 1<<31
}
