package learn

import (
	"math"
	"math/bits"
	"math/rand/v2"
	"slices"
)

// node is a split or a leaf of a tree. The left child of a split is the next node.
type node struct {
	threshold float64 // a split's: to the left what is not above it; a leaf's mean
	feature   int32   // −1 at a leaf
	to        int32   // a split's right child; a leaf's only class, or −1 − its place in shares
}

// tree is a CART tree, its nodes in the order of a walk to the left first.
type tree struct {
	nodes  []node
	gain   []float64 // by how much each split lowers the impurity, times its share of the samples
	shares []float64 // the classes' shares in each leaf that has several
}

// leaf is where a sample ends.
func (t *tree) leaf(row []float32) *node {
	i := int32(0)
	for {
		n := &t.nodes[i]
		switch {
		case n.feature < 0:
			return n
		case float64(row[n.feature]) <= n.threshold:
			i++
		default:
			i = n.to
		}
	}
}

// vote adds the classes' shares in a sample's leaf to sum.
func (t *tree) vote(row []float32, sum []float64) {
	l := t.leaf(row)
	if l.to >= 0 {
		sum[l.to]++
		return
	}
	at := int(-1 - l.to)
	for k, v := range t.shares[at : at+len(sum)] {
		sum[k] += v
	}
}

// limits are how far a tree grows.
type limits struct {
	features int  // drawn at a split
	leaf     int  // samples in a leaf, at least
	depth    int  // splits in a row, at most
	chance   bool // thresholds are drawn too (extremely randomised trees)
}

// grower grows trees one after another in the same room. It splits by the Gini
// impurity of classes or, without classes, by the variance of y.
type grower struct {
	*ordered
	limits
	class []int32
	k     int // classes
	y     []float64

	rng      *rand.Rand
	weight   []int32 // how often a sample is in the bag
	mark     []int32 // the node that a sample is in, where it was last asked
	samples  []uint32
	features []int32
	keys     []uint64
	values   []float32
	list     []uint32
	left     []int64
	right    []int64
	whole    []int64 // the node's classes
}

func newGrower(o *ordered, l limits) *grower {
	return &grower{ordered: o, limits: l, weight: make([]int32, o.n), mark: make([]int32, o.n),
		features: make([]int32, o.p), keys: make([]uint64, o.n), values: make([]float32, o.n), list: make([]uint32, o.n)}
}

func (g *grower) classify(class []int32, k int) *grower {
	g.class, g.k = class, k
	g.left, g.right, g.whole = make([]int64, k), make([]int64, k), make([]int64, k)
	return g
}

// bag draws as many samples as there are with replacement, or takes each once.
func (g *grower) bag(bootstrap bool) {
	if !bootstrap {
		for i := range g.weight {
			g.weight[i] = 1
		}
		return
	}
	clear(g.weight)
	for range g.n {
		g.weight[g.rng.IntN(g.n)]++
	}
}

// split is the best way found to part a node.
type split struct {
	feature   int
	threshold float64
	rank      uint32  // to the left goes what has no higher rank
	score     float64 // the higher, the purer both sides
	found     bool
	low, high uint32 // samples on either side of the cut
}

// grow makes the tree of a bag. skip is a feature that is never split, −1 for none.
func (g *grower) grow(skip int) *tree {
	g.samples = g.samples[:0]
	for i, w := range g.weight {
		g.mark[i] = -1
		if w > 0 {
			g.samples = append(g.samples, uint32(i))
		}
	}
	g.features = g.features[:0]
	for j := range g.p {
		if j != skip {
			g.features = append(g.features, int32(j))
		}
	}
	type todo struct{ lo, hi, depth, parent int }
	t := &tree{}
	stack := []todo{{0, len(g.samples), 0, -1}}
	total := float64(0)
	for len(stack) > 0 {
		d := stack[len(stack)-1]
		stack = stack[:len(stack)-1]
		at := len(t.nodes)
		if d.parent >= 0 {
			t.nodes[d.parent].to = int32(at)
		}
		in := g.samples[d.lo:d.hi]
		weight, score, pure := g.sum(in)
		if at == 0 {
			total = weight
		}
		var s split
		if !pure && d.depth < g.depth && len(in) >= 2*g.leaf && len(in) >= 2 {
			s = g.search(in, int32(at), weight)
		}
		if !s.found {
			t.nodes = append(t.nodes, g.end(t, in, weight))
			t.gain = append(t.gain, 0)
			continue
		}
		t.nodes = append(t.nodes, node{threshold: s.threshold, feature: int32(s.feature)})
		t.gain = append(t.gain, max(0, s.score-score)/total)
		mid := d.lo + g.part(in, s)
		stack = append(stack, todo{mid, d.hi, d.depth + 1, at}, todo{d.lo, mid, d.depth + 1, -1})
	}
	return t
}

// sum is a node's weight, its score (what a split's score must beat to lower the
// impurity) and whether all its samples are alike. It leaves the classes in whole.
func (g *grower) sum(in []uint32) (weight, score float64, pure bool) {
	if g.class == nil {
		s, lo, hi := 0.0, math.Inf(1), math.Inf(-1)
		for _, i := range in {
			w, y := float64(g.weight[i]), g.y[i]
			weight += w
			s += float64(w * y)
			lo, hi = min(lo, y), max(hi, y)
		}
		return weight, float64(s*s) / weight, lo == hi
	}
	clear(g.whole)
	for _, i := range in {
		g.whole[g.class[i]] += int64(g.weight[i])
	}
	w, squares := int64(0), int64(0)
	for _, c := range g.whole {
		w += c
		squares += c * c
	}
	return float64(w), float64(squares) / float64(w), squares == w*w
}

// end makes a leaf.
func (g *grower) end(t *tree, in []uint32, weight float64) node {
	if g.class == nil {
		s := 0.0
		for _, i := range in {
			s += float64(float64(g.weight[i]) * g.y[i])
		}
		return node{threshold: s / weight, feature: -1}
	}
	at := len(t.shares)
	for c, w := range g.whole {
		if float64(w) == weight {
			return node{feature: -1, to: int32(c)}
		}
	}
	for _, w := range g.whole {
		t.shares = append(t.shares, float64(w)/weight)
	}
	return node{feature: -1, to: int32(-1 - at)}
}

// search looks at features drawn one by one, until as many as wanted were drawn and
// one of them varies in the node.
func (g *grower) search(in []uint32, at int32, weight float64) split {
	best := split{score: math.Inf(-1)}
	varies := false
	for drawn := 0; drawn < len(g.features) && (drawn < g.limits.features || !varies); drawn++ {
		j := drawn + g.rng.IntN(len(g.features)-drawn)
		g.features[drawn], g.features[j] = g.features[j], g.features[drawn]
		f := int(g.features[drawn])
		if g.chance {
			varies = g.cutByChance(in, f, &best) || varies
			continue
		}
		list := g.sorted(in, f, at)
		if list == nil {
			continue
		}
		varies = true
		if g.class != nil {
			g.cutClasses(list, f, weight, &best)
		} else {
			g.cutMeans(list, f, weight, &best)
		}
	}
	if best.found && !g.chance {
		lo, hi := g.value(best.low, best.feature), g.value(best.high, best.feature)
		best.threshold = lo + (hi-lo)/2
		if best.threshold >= hi {
			best.threshold = lo
		}
	}
	return best
}

// sorted is the node's samples by feature f, equal ones by sample; nil where f is the
// same in all of them.
func (g *grower) sorted(in []uint32, f int, at int32) []uint32 {
	order, rank := g.feature(f)
	// Large nodes are picked out of the whole order, small ones sorted.
	if m := len(in); m*bits.Len(uint(m)) > g.n {
		if g.mark[in[0]] != at {
			for _, i := range in {
				g.mark[i] = at
			}
		}
		list := g.list
		k := 0
		for _, i := range order {
			list[k] = i
			if g.mark[i] == at {
				if k++; k == m {
					break
				}
			}
		}
		if rank[list[0]] == rank[list[m-1]] {
			return nil
		}
		return list[:m]
	}
	keys := g.keys[:len(in)]
	first, other := rank[in[0]], false
	for k, i := range in {
		r := rank[i]
		other = other || r != first
		keys[k] = uint64(r)<<32 | uint64(i)
	}
	if !other {
		return nil
	}
	slices.Sort(keys)
	list := g.list[:len(in)]
	for k, key := range keys {
		list[k] = uint32(key)
	}
	return list
}

// cutClasses looks for the cut of lowest Gini impurity, which is that of the highest
// sum over both sides of squared class weights over the side's weight.
func (g *grower) cutClasses(list []uint32, f int, weight float64, best *split) {
	_, rank := g.feature(f)
	clear(g.left)
	copy(g.right, g.whole)
	wl, wr := int64(0), int64(weight)
	var sl, sr int64
	for _, c := range g.right {
		sr += c * c
	}
	last := len(list) - g.leaf
	for k := 0; k < last; k++ {
		i := list[k]
		c, w := g.class[i], int64(g.weight[i])
		sl += w * (2*g.left[c] + w)
		sr -= w * (2*g.right[c] - w)
		g.left[c] += w
		g.right[c] -= w
		wl += w
		wr -= w
		if k+1 < g.leaf || rank[i] == rank[list[k+1]] {
			continue
		}
		if s := float64(sl)/float64(wl) + float64(sr)/float64(wr); s > best.score {
			*best = split{feature: f, rank: rank[i], score: s, found: true, low: i, high: list[k+1]}
		}
	}
}

// cutMeans looks for the cut of lowest variance on both sides.
func (g *grower) cutMeans(list []uint32, f int, weight float64, best *split) {
	_, rank := g.feature(f)
	all := 0.0
	for _, i := range list {
		all += float64(float64(g.weight[i]) * g.y[i])
	}
	wl, sl := 0.0, 0.0
	last := len(list) - g.leaf
	for k := 0; k < last; k++ {
		i := list[k]
		w := float64(g.weight[i])
		wl += w
		sl += float64(w * g.y[i])
		if k+1 < g.leaf || rank[i] == rank[list[k+1]] {
			continue
		}
		wr, sr := weight-wl, all-sl
		if s := float64(sl*sl)/wl + float64(sr*sr)/wr; s > best.score {
			*best = split{feature: f, rank: rank[i], score: s, found: true, low: i, high: list[k+1]}
		}
	}
}

// cutByChance draws one threshold between the lowest and the highest value of feature f
// in the node (Geurts, Ernst and Wehenkel, 2006) and says whether they differ.
func (g *grower) cutByChance(in []uint32, f int, best *split) bool {
	column := g.column[f*g.n : (f+1)*g.n]
	values := g.values[:len(in)]
	low, high := column[in[0]], column[in[0]]
	for k, i := range in {
		v := column[i]
		values[k] = v
		low, high = min(low, v), max(high, v)
	}
	if low == high {
		return false
	}
	lo, hi := float64(low), float64(high)
	threshold := lo + float64(g.rng.Float64()*(hi-lo))
	if threshold >= hi {
		threshold = lo
	}
	wl, wr, sl, sr, nl := 0.0, 0.0, 0.0, 0.0, 0
	for k, i := range in {
		w := float64(g.weight[i])
		if float64(values[k]) <= threshold {
			nl++
			wl += w
			sl += float64(w * g.y[i])
		} else {
			wr += w
			sr += float64(w * g.y[i])
		}
	}
	if nl < g.leaf || len(in)-nl < g.leaf {
		return true
	}
	if s := float64(sl*sl)/wl + float64(sr*sr)/wr; s > best.score {
		*best = split{feature: f, threshold: threshold, score: s, found: true}
	}
	return true
}

// part moves the samples that a split sends to the left to the front and says how many
// they are.
func (g *grower) part(in []uint32, s split) int {
	mid := 0
	swap := func(i int) {
		in[i], in[mid] = in[mid], in[i]
		mid++
	}
	if g.chance {
		column := g.column[s.feature*g.n : (s.feature+1)*g.n]
		for i, v := range in {
			if float64(column[v]) <= s.threshold {
				swap(i)
			}
		}
		return mid
	}
	_, rank := g.feature(s.feature)
	for i, v := range in {
		if rank[v] <= s.rank {
			swap(i)
		}
	}
	return mid
}
