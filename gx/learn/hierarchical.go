package learn

import (
	"context"
	"fmt"
	"math"
	"slices"

	"github.com/gxlab/gxlab/gx/fault"
	"github.com/gxlab/gxlab/gx/prep"
)

// Linkage is how far two clusters are from each other.
type Linkage uint8

// Average is the mean distance of their samples (UPGMA), Complete the largest, Single
// the least; Ward is by how much the sum of squares within clusters grows when they are
// merged (Ward 1963), on Euclidean distances.
const (
	Average Linkage = iota
	Complete
	Single
	Ward
)

// String is the linkage's name.
func (l Linkage) String() string {
	return [...]string{"average", "complete", "single", "Ward"}[min(l, Ward)]
}

// Hierarchical clusters samples step by step: the two nearest clusters are merged until
// one is left, which gives a tree. Heights are scipy's, also those of Ward's linkage.
type Hierarchical struct {
	Linkage Linkage // the default is Average
	// Correlation compares samples by 1 − Pearson's correlation in place of the Euclidean
	// distance. Ward's linkage has no such.
	Correlation bool
}

// Name is "average linkage".
func (h Hierarchical) Name() string { return h.Linkage.String() + " linkage" }

// A Merge joins two clusters into one. The n samples are clusters 0 to n−1, and merge i
// makes cluster n+i.
type Merge struct {
	A, B   int // the clusters, A < B
	Height float64
	Size   int // samples of both
}

// Hierarchy is the tree of clusters: n−1 merges of n samples, by rising height.
type Hierarchy struct {
	Samples int
	Merges  []Merge
}

// Fit clusters samples × features. It takes the room of all pairs of samples (8 bytes
// each) and fails on missing values, fewer than two samples and more than 32,768, on a
// constant sample where correlations are asked for, and when ctx ends. Of equal
// distances the pair that stands first is merged first.
func (h Hierarchical) Fit(ctx context.Context, x prep.Matrix) (*Hierarchy, error) {
	if err := checkMatrix(h.Name(), "features", x); err != nil {
		return nil, err
	}
	switch {
	case x.Rows < 2 || x.Rows > 1<<15:
		return nil, fault.New(fmt.Sprintf("%s: %d samples", h.Name(), x.Rows), "", "2 to 32,768 samples")
	case h.Linkage > Ward:
		return nil, fault.New(fmt.Sprintf("there is no linkage %d", h.Linkage), "", "Average, Complete, Single or Ward")
	case h.Linkage == Ward && h.Correlation:
		return nil, fault.New("Ward linkage is of Euclidean distances", "", "Average with Correlation, or Ward without")
	}
	d, err := h.distances(ctx, x)
	if err != nil {
		return nil, err
	}
	merges, err := h.chain(ctx, d, x.Rows)
	if err != nil {
		return nil, err
	}
	return labelled(merges, x.Rows), nil
}

// distances are all pairs', n × n.
func (h Hierarchical) distances(ctx context.Context, x prep.Matrix) ([]float64, error) {
	if h.Correlation {
		unit := prep.NewMatrix(x.Rows, x.Cols)
		for i := range x.Rows {
			m, s := 0.0, 0.0
			for _, v := range x.Row(i) {
				m += float64(v) / float64(x.Cols)
			}
			for _, v := range x.Row(i) {
				s += (float64(v) - m) * (float64(v) - m)
			}
			if s == 0 {
				return nil, fault.New(fmt.Sprintf("%s: sample %d is constant", h.Name(), i+1), "", "leaving it out, or Euclidean distances")
			}
			for j, v := range x.Row(i) {
				unit.Row(i)[j] = float32((float64(v) - m) / math.Sqrt(s))
			}
		}
		x = unit
	}
	d := make([]float64, x.Rows*x.Rows)
	err := each(ctx, blocks(x.Rows, tile), nil, func(_, b int) error {
		lo, hi := b*tile, min(b*tile+tile, x.Rows)
		distances(x, lo, hi, x, d[lo*x.Rows:hi*x.Rows])
		return ctx.Err()
	})
	if err != nil {
		return nil, err
	}
	for i, v := range d {
		if h.Correlation { // of rows of length 1, |a − b|² = 2 − 2r
			d[i] = v / 2
		} else {
			d[i] = math.Sqrt(v)
		}
	}
	return d, nil
}

// chain merges along chains of nearest neighbours (Murtagh 1983): for linkages that
// never come nearer by merging it finds the same tree as the search for the least
// distance, in n² steps. Clusters are named by the place of one of their samples.
func (h Hierarchical) chain(ctx context.Context, d []float64, n int) ([]Merge, error) {
	size := make([]int, n)
	for i := range size {
		size[i] = 1
	}
	var merges []Merge
	var stack []int
	for range n - 1 {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		if len(stack) == 0 {
			stack = append(stack, slices.IndexFunc(size, func(s int) bool { return s > 0 }))
		}
		for {
			a := stack[len(stack)-1]
			best, least := -1, math.Inf(1)
			if len(stack) > 1 { // of equals the one before, or the chain would not end
				best = stack[len(stack)-2]
				least = d[a*n+best]
			}
			for b := range n {
				if b != a && size[b] > 0 && d[a*n+b] < least {
					best, least = b, d[a*n+b]
				}
			}
			if len(stack) > 1 && best == stack[len(stack)-2] {
				stack = stack[:len(stack)-2]
				merges = append(merges, Merge{A: min(a, best), B: max(a, best), Height: least})
				h.join(d, size, n, min(a, best), max(a, best))
				break
			}
			stack = append(stack, best)
		}
	}
	return merges, nil
}

// join makes one cluster of a and b, which then has b's place, by the formula of Lance
// and Williams (1967).
func (h Hierarchical) join(d []float64, size []int, n, a, b int) {
	na, nb, ab := float64(size[a]), float64(size[b]), d[a*n+b]
	size[b] += size[a]
	size[a] = 0
	for k := range n {
		if k == b || size[k] == 0 {
			continue
		}
		x, y, nk := d[a*n+k], d[b*n+k], float64(size[k])
		var v float64
		switch h.Linkage {
		case Average:
			v = (na*x + nb*y) / (na + nb)
		case Complete:
			v = max(x, y)
		case Single:
			v = min(x, y)
		case Ward:
			v = math.Sqrt(max(0, ((na+nk)*x*x+(nb+nk)*y*y-nk*ab*ab)/(na+nb+nk)))
		}
		d[b*n+k], d[k*n+b] = v, v
	}
}

// labelled sorts merges by height and names clusters by their merges.
func labelled(merges []Merge, n int) *Hierarchy {
	slices.SortStableFunc(merges, func(a, b Merge) int {
		switch {
		case a.Height < b.Height:
			return -1
		case a.Height > b.Height:
			return 1
		}
		return 0
	})
	root, name, size := make([]int, n), make([]int, n), make([]int, n)
	for i := range n {
		root[i], name[i], size[i] = i, i, 1
	}
	find := func(i int) int {
		for root[i] != i {
			root[i] = root[root[i]]
			i = root[i]
		}
		return i
	}
	for i, m := range merges {
		a, b := find(m.A), find(m.B)
		root[a] = b
		size[b] += size[a]
		merges[i].A, merges[i].B = min(name[a], name[b]), max(name[a], name[b])
		merges[i].Size = size[b]
		name[b] = n + i
	}
	return &Hierarchy{Samples: n, Merges: merges}
}

// Order are the samples as the tree's leaves stand, cluster A before cluster B.
func (h *Hierarchy) Order() []int {
	var out []int
	stack := []int{h.Samples + len(h.Merges) - 1}
	for len(stack) > 0 {
		c := stack[len(stack)-1]
		stack = stack[:len(stack)-1]
		if c < h.Samples {
			out = append(out, c)
			continue
		}
		m := h.Merges[c-h.Samples]
		stack = append(stack, m.B, m.A)
	}
	return out
}

// Cut is every sample's cluster when the last k−1 merges are undone: 0 to k−1, numbered
// by their first samples.
func (h *Hierarchy) Cut(k int) ([]int, error) {
	if k < 1 || k > h.Samples {
		return nil, fault.New(fmt.Sprintf("%d clusters of %d samples", k, h.Samples), "", "1 up to the number of samples")
	}
	of := make([]int, h.Samples+len(h.Merges))
	for c := range of {
		of[c] = c
	}
	for i := h.Samples - k - 1; i >= 0; i-- {
		m := h.Merges[i]
		of[m.A], of[m.B] = of[h.Samples+i], of[h.Samples+i]
	}
	number := map[int]int{}
	out := make([]int, h.Samples)
	for i := range out {
		c, ok := number[of[i]]
		if !ok {
			c = len(number)
			number[of[i]] = c
		}
		out[i] = c
	}
	return out, nil
}

// AdjustedRand is how far clusters agree with classes: the share of pairs of samples
// that both keep together or both part, adjusted so that 1 is full agreement and 0 what
// chance gives on average (Hubert and Arabie 1985). 1 where both are one class, or both
// part all samples.
func AdjustedRand(clusters []int, classes []string) (float64, error) {
	if len(clusters) != len(classes) || len(classes) == 0 {
		return 0, fault.New(fmt.Sprintf("%d clusters and %d classes", len(clusters), len(classes)), "", "one of each for every sample")
	}
	both, a, b := map[any]int{}, map[any]int{}, map[any]int{}
	for i, c := range clusters {
		both[struct {
			c int
			l string
		}{c, classes[i]}]++
		a[c]++
		b[classes[i]]++
	}
	pairs := func(of map[any]int) (n int) {
		for _, k := range of {
			n += k * (k - 1) / 2
		}
		return n
	}
	all := len(classes) * (len(classes) - 1) / 2
	pa, pb, pab := float64(pairs(a)), float64(pairs(b)), float64(pairs(both))
	most := (pa + pb) / 2
	chance := 0.0
	if all > 0 {
		chance = pa * pb / float64(all)
	}
	if most == chance {
		return 1, nil
	}
	return (pab - chance) / (most - chance), nil
}
