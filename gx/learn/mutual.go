package learn

import (
	"context"
	"fmt"
	"math"
	"slices"

	"github.com/gxlab/gxlab/gx/fault"
	"github.com/gxlab/gxlab/gx/prep"
)

// MutualInformation infers edges as ARACNE does (Margolin et al. 2006): the mutual
// information of two genes, in nats, of which the least in every triangle is taken to be
// indirect and dropped. Values are put into bins of equal numbers of samples, ties
// together; ARACNE itself estimates it by kernels. An edge has no direction and no sign.
type MutualInformation struct {
	Bins      int     // the default is the cube root of the number of samples, 3 to 20
	Tolerance float64 // by what share an edge may be less than the others of its triangle: 0
	Keep      bool    // keep the least edges of triangles
}

// Fit infers the network from samples × genes; it takes genes² · samples and, for
// triangles, genes³. It fails on missing values and fewer than 8 samples.
func (m MutualInformation) Fit(ctx context.Context, x prep.Matrix) (*Network, error) {
	const who = "mutual information"
	if err := checkMatrix(who, "genes", x); err != nil {
		return nil, err
	}
	bins := or(m.Bins, min(20, max(3, int(math.Cbrt(float64(x.Rows))))))
	if x.Rows < 8 || x.Cols < 2 || bins < 2 || bins > 255 || !(m.Tolerance >= 0 && m.Tolerance < 1) {
		return nil, fault.New(fmt.Sprintf("%s: %d samples × %d genes, %d bins, tolerance %g", who, x.Rows, x.Cols, bins, m.Tolerance), "", "8 samples of two genes or more, 2 to 255 bins, a tolerance from 0 to below 1")
	}
	p := x.Cols
	in, entropy := make([][]uint8, p), make([]float64, p)
	for j := range p {
		in[j] = binned(x, j, bins)
		count := make([]int, bins)
		for _, b := range in[j] {
			count[b]++
		}
		entropy[j] = entropyOf(count, x.Rows)
	}
	out := &Network{Genes: p, Weight: make([]float64, p*p)}
	err := each(ctx, p, nil, func(_, i int) error {
		count := make([]int, bins*bins)
		for j := range i {
			clear(count)
			for k, b := range in[i] {
				count[int(b)*bins+int(in[j][k])]++
			}
			out.Weight[i*p+j] = max(0, entropy[i]+entropy[j]-entropyOf(count, x.Rows))
		}
		return ctx.Err()
	})
	if err != nil {
		return nil, err
	}
	for i := range p {
		for j := range i {
			out.Weight[j*p+i] = out.Weight[i*p+j]
		}
	}
	if m.Keep {
		return out, nil
	}
	kept := slices.Clone(out.Weight)
	err = each(ctx, p, nil, func(_, i int) error {
		row := out.Weight[i*p : (i+1)*p]
		for j := range p {
			if w := row[j]; w > 0 {
				other := out.Weight[j*p : (j+1)*p]
				for k, a := range row {
					if k != i && k != j && w < (1-m.Tolerance)*min(a, other[k]) {
						kept[i*p+j] = 0
						break
					}
				}
			}
		}
		return ctx.Err()
	})
	out.Weight = kept
	return out, err
}

// binned is the bin of every sample of column j, by the place of its value's middle among
// all.
func binned(x prep.Matrix, j, bins int) []uint8 {
	n := x.Rows
	order := make([]int, n)
	for i := range order {
		order[i] = i
	}
	at := func(i int) float32 { return x.Data[i*x.Cols+j] }
	slices.SortStableFunc(order, func(a, b int) int {
		switch {
		case at(a) < at(b):
			return -1
		case at(a) > at(b):
			return 1
		}
		return 0
	})
	out := make([]uint8, n)
	for lo := 0; lo < n; {
		hi := lo + 1
		for hi < n && at(order[hi]) == at(order[lo]) {
			hi++
		}
		b := uint8((lo + hi - 1) * bins / (2 * n))
		for _, i := range order[lo:hi] {
			out[i] = b
		}
		lo = hi
	}
	return out
}

func entropyOf(count []int, n int) (h float64) {
	for _, c := range count {
		if c > 0 {
			h -= float64(c) / float64(n) * math.Log(float64(c)/float64(n))
		}
	}
	return h
}

// Degrees are the sums of the weights of every gene's edges, out and in.
func (n *Network) Degrees() []float64 {
	out := make([]float64, n.Genes)
	for i := range n.Genes {
		for j := range n.Genes {
			w := n.At(i, j)
			out[i] += w
			out[j] += w
		}
	}
	return out
}

// Near are each gene's k nearest genes in the network, the strongest edge first, in
// either direction; fewer where it has fewer edges. Of equals the earlier is taken.
func (n *Network) Near(k int) [][]int {
	out := make([][]int, n.Genes)
	for i := range out {
		var all []Edge
		for j := range n.Genes {
			if w := max(n.At(i, j), n.At(j, i)); w > 0 && j != i {
				all = append(all, Edge{i, j, w})
			}
		}
		slices.SortStableFunc(all, func(a, b Edge) int {
			switch {
			case a.Weight > b.Weight:
				return -1
			case a.Weight < b.Weight:
				return 1
			}
			return 0
		})
		for _, e := range all[:min(k, len(all))] {
			out[i] = append(out[i], e.To)
		}
	}
	return out
}
