package manifold

import (
	"slices"

	"github.com/gxlab/gxlab/gx/cores"
	"github.com/gxlab/gxlab/gx/learn"
)

// graph is weights between samples, the same both ways: row i lists those of sample i
// with others, by rising index.
type graph struct {
	start  []int // of each row, and the end of the last
	to     []int32
	weight []float32
}

// symmetric makes a graph of each sample's weights of its neighbours: union says what the
// weights of a for b and b for a, 0 where it is no neighbour, come to together.
func symmetric(near [][]learn.Neighbour, weight [][]float64, union func(there, back float64) float64) *graph {
	n := len(near)
	type half struct {
		to     int32
		weight float64
	}
	there := make([][]half, n)
	start := make([]int, n+1) // of the rows seen from the other end
	for i, ns := range near {
		there[i] = make([]half, len(ns))
		for c, o := range ns {
			there[i][c] = half{int32(o.Index), weight[i][c]}
			start[o.Index+1]++
		}
		slices.SortFunc(there[i], func(a, b half) int { return int(a.to) - int(b.to) })
	}
	for i := range n {
		start[i+1] += start[i]
	}
	back := make([]half, start[n])
	at := slices.Clone(start)
	for i, row := range there {
		for _, h := range row {
			back[at[h.to]] = half{int32(i), h.weight}
			at[h.to]++
		}
	}
	g := &graph{start: make([]int, n+1)}
	add := func(to int32, a, b float64) {
		if w := float32(union(a, b)); w > 0 {
			g.to, g.weight = append(g.to, to), append(g.weight, w)
		}
	}
	for i := range n {
		a, b := there[i], back[start[i]:start[i+1]]
		for len(a) > 0 || len(b) > 0 {
			switch {
			case len(b) == 0 || len(a) > 0 && a[0].to < b[0].to:
				add(a[0].to, a[0].weight, 0)
				a = a[1:]
			case len(a) == 0 || b[0].to < a[0].to:
				add(b[0].to, 0, b[0].weight)
				b = b[1:]
			default:
				add(a[0].to, a[0].weight, b[0].weight)
				a, b = a[1:], b[1:]
			}
		}
		g.start[i+1] = len(g.to)
	}
	return g
}

// spans calls f for parts lo to hi of 0 … n, each of size or less, over the cores. The
// calls must not depend on each other.
func spans(n, size int, f func(lo, hi int)) {
	parts := (n + size - 1) / size
	cores.Each(parts, func(p int) { f(p*size, min(p*size+size, n)) })
}
