package plotting

import (
	"cmp"
	"fmt"
	"image/color"
	"math"
	"slices"

	"gonum.org/v1/plot/vg"
)

// Node is a gene or a term of a network.
type Node struct {
	// Name is its label. Labels that would overlap others, or lie on a node, are left
	// out, those of small nodes first; a node without a name has none.
	Name string
	X, Y float64
	// Group gives it its colour; groups stand in the order in which they first appear.
	Group string
	// Size is what its area stands for, such as its number of neighbours; 0 is the
	// smallest.
	Size float64
	// Square draws a square in place of a disc, with its name always shown.
	Square bool
}

// Link joins two nodes, given by their places. Weight makes it heavier, relative to
// the heaviest; where no link has one, all are alike.
type Link struct {
	A, B   int
	Weight float64
}

// Network draws a network whose nodes have their places, such as those of
// nnwork.Graph.Layout: links in a pale grey below nodes, an area a size, a colour a
// group, and the names of as many nodes as there is room for, the largest first. Both
// directions have one scale.
func Network(nodes []Node, links []Link) Figure {
	f := Figure{name: "network"}
	if len(nodes) == 0 {
		f.err = bad("Network has no nodes", "one node a gene, with its place")
		return f
	}
	for i, n := range nodes {
		switch {
		case math.IsNaN(n.X-n.X) || math.IsNaN(n.Y-n.Y):
			f.err = bad(fmt.Sprintf("node %d, %q, lies at %v, %v", i+1, n.Name, n.X, n.Y), "finite places, such as those of nnwork.Graph.Layout")
		case !(n.Size >= 0) || math.IsInf(n.Size, 1):
			f.err = bad(fmt.Sprintf("node %d, %q, has size %v", i+1, n.Name, n.Size), "finite sizes from 0")
		default:
			continue
		}
		return f
	}
	for i, l := range links {
		if l.A < 0 || l.A >= len(nodes) || l.B < 0 || l.B >= len(nodes) {
			f.err = bad(fmt.Sprintf("link %d joins nodes %d and %d of %d", i+1, l.A, l.B, len(nodes)), "places in the nodes, from 0")
			return f
		}
		if !(l.Weight >= 0) || math.IsInf(l.Weight, 1) {
			f.err = bad(fmt.Sprintf("link %d has weight %v", i+1, l.Weight), "finite weights from 0")
			return f
		}
	}
	n := network{nodes: nodes, links: links, cols: make([]int, len(nodes))}
	c := chart{ax: axis{bare: true}, ay: axis{bare: true}, h: 80}
	var names []string
	for i, node := range nodes {
		k := slices.Index(names, node.Group)
		if k < 0 {
			k = len(names)
			names = append(names, node.Group)
			if node.Group != "" {
				e := entry{name: node.Group, fill: colour(k), rim: line{col: shade(colour(k), 0.45), width: 0.4}}
				if node.Square {
					e.marker = 1
				}
				c.legend = append(c.legend, e)
			}
		}
		n.cols[i] = k
	}
	c.right = len(c.legend) > 4
	c.marks = []mark{n}
	f.body = c
	return f
}

// network is a mark: it lays its own scale on the plot, the same in both directions.
type network struct {
	nodes []Node
	links []Link
	cols  []int // colour of each node
}

func (n network) extent(_, _ bool) (x0, x1, y0, y1 float64) { return 0, 1, 0, 1 }

// Radii of nodes and widths of links, in points.
const (
	leastNode, mostNode = 1.3, 5.0
	leastLink, mostLink = 0.25, 1.2
)

// radii are the nodes' radii; many nodes are drawn smaller.
func (n network) radii() []float64 {
	most := 0.0
	for _, v := range n.nodes {
		most = max(most, v.Size)
	}
	shrink := min(1, math.Sqrt(150/float64(len(n.nodes))))
	out := make([]float64, len(n.nodes))
	for i, v := range n.nodes {
		r := 2.2
		if most > 0 {
			share := v.Size / most
			r = math.Sqrt(leastNode*leastNode + share*(mostNode*mostNode-leastNode*leastNode))
		}
		out[i] = max(0.6, r*shrink)
		if v.Square {
			out[i] = max(out[i], 3)
		}
	}
	return out
}

func (n network) draw(p pen, f frame) {
	r := n.radii()
	xs, ys := n.places(f.box, r)
	n.drawLinks(p, xs, ys)
	order := n.order()
	for k := len(order) - 1; k >= 0; k-- { // the largest on top
		i := order[k]
		var q vg.Path
		kind := 0
		if n.nodes[i].Square {
			kind = 1
		}
		marker(&q, kind, xs[i], ys[i], r[i])
		col := colour(n.cols[i])
		p.fill(q, col)
		p.stroke(q, line{col: shade(col, 0.45), width: 0.3})
	}
	for _, l := range n.labels(f.box, xs, ys, r, order) {
		p.rect(box{l.x0 - 0.3, l.y0, l.x1 + 0.3, l.y1}, color.NRGBA{0xFF, 0xFF, 0xFF, 0xB0}, line{})
		p.text(l.x0, (l.y0+l.y1)/2, l.text, words{size: nodeText, bold: l.bold, across: after, up: middle})
	}
}

// order is that of the nodes by weight on the page: squares, then by size.
func (n network) order() []int {
	order := make([]int, len(n.nodes))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int {
		u, v := n.nodes[a], n.nodes[b]
		if u.Square != v.Square {
			if u.Square {
				return -1
			}
			return 1
		}
		return cmp.Compare(v.Size, u.Size)
	})
	return order
}

// places are the nodes' places on the page.
func (n network) places(b box, r []float64) (xs, ys []float64) {
	x0, x1, y0, y1 := math.Inf(1), math.Inf(-1), math.Inf(1), math.Inf(-1)
	for _, v := range n.nodes {
		x0, x1, y0, y1 = min(x0, v.X), max(x1, v.X), min(y0, v.Y), max(y1, v.Y)
	}
	// Room for half a node and a label at each edge.
	rim := slices.Max(r) + 2
	side := rim
	for _, v := range n.nodes {
		if v.Name != "" {
			side = rim + 8
		}
	}
	scale := min((b.w()-2*side)/max(x1-x0, 1e-9), (b.h()-2*rim-nodeText)/max(y1-y0, 1e-9))
	if x1 == x0 && y1 == y0 {
		scale = 0
	}
	xs, ys = make([]float64, len(n.nodes)), make([]float64, len(n.nodes))
	for i, v := range n.nodes {
		xs[i] = (b.x0+b.x1)/2 + (v.X-(x0+x1)/2)*scale
		ys[i] = (b.y0+b.y1)/2 + (v.Y-(y0+y1)/2)*scale
	}
	return xs, ys
}

// drawLinks draws the links of about one weight in one path, so that those of a dense
// network stay small on file. Many links are drawn fainter.
func (n network) drawLinks(p pen, xs, ys []float64) {
	most := 0.0
	for _, l := range n.links {
		most = max(most, l.Weight)
	}
	const steps = 5
	var paths [steps]vg.Path
	for _, l := range n.links {
		if l.A == l.B {
			continue
		}
		k := 1
		if most > 0 {
			k = min(steps-1, int(l.Weight/most*steps))
		}
		paths[k].Move(pt(xs[l.A], ys[l.A]))
		paths[k].Line(pt(xs[l.B], ys[l.B]))
	}
	alpha := uint8(min(170, max(40, 170*math.Sqrt(150/float64(len(n.links)+1)))))
	for k, path := range paths {
		if len(path) > 0 {
			col := grey
			col.A = alpha
			p.stroke(path, line{col: col, width: leastLink + (mostLink-leastLink)*float64(k)/(steps-1)})
		}
	}
}

// nodeText is the size of the nodes' names, in points.
const nodeText = 6.0

type label struct {
	box
	text string
	bold bool
}

func (b box) meets(o box) bool { return b.x0 < o.x1 && o.x0 < b.x1 && b.y0 < o.y1 && o.y0 < b.y1 }

// labels finds room for the nodes' names, beside their nodes, free of other names and
// of nodes, in the plot. Squares keep their names even where there is none.
func (n network) labels(area box, xs, ys, r []float64, order []int) []label {
	var taken []label
	for _, i := range order {
		v := n.nodes[i]
		if v.Name == "" {
			continue
		}
		w, h := textWidth(v.Name, nodeText, v.Square), nodeText*1.1
		best, worst := label{}, math.Inf(1)
		for _, gap := range [...]float64{1, 3, 6} {
			d := r[i] + gap
			for _, at := range [...][2]float64{ // lower left corners: right, left, above, below, then the corners
				{xs[i] + d, ys[i] - h/2}, {xs[i] - d - w, ys[i] - h/2},
				{xs[i] - w/2, ys[i] + d}, {xs[i] - w/2, ys[i] - d - h},
				{xs[i] + 0.7*d, ys[i] + 0.7*d}, {xs[i] - 0.7*d - w, ys[i] + 0.7*d},
				{xs[i] + 0.7*d, ys[i] - 0.7*d - h}, {xs[i] - 0.7*d - w, ys[i] - 0.7*d - h},
			} {
				b := box{at[0], at[1], at[0] + w, at[1] + h}
				if b.x0 < area.x0 || b.x1 > area.x1 || b.y0 < area.y0 || b.y1 > area.y1 {
					continue
				}
				cost := gap / 100
				for _, t := range taken {
					if b.meets(t.box) {
						cost += 10
					}
				}
				for j := range xs {
					if b.meets(box{xs[j] - r[j], ys[j] - r[j], xs[j] + r[j], ys[j] + r[j]}) {
						cost++
					}
				}
				if cost < worst {
					best, worst = label{b, v.Name, v.Square}, cost
				}
			}
		}
		if worst < 1 || v.Square && !math.IsInf(worst, 1) {
			taken = append(taken, best)
		}
	}
	return taken
}
