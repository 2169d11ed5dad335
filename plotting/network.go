package plotting

import (
	"cmp"
	"fmt"
	"math"
	"slices"

	"gonum.org/v1/plot/vg"
)

// A Node of a network.
type Node struct {
	Name  string
	Group string  // a class, for colour and marker; may be empty
	X, Y  float64 // its place in a layout
	Size  float64 // such as its degree; where all are 0, nodes are equally large
}

// An Edge joins two nodes by their names.
type Edge struct {
	A, B   string
	Weight float64 // its width; where none has one, edges are equally wide
}

// Limits of a network on a page.
const (
	maxNodes  = 3000
	maxLinks  = 20_000
	hubLabels = 30
)

// links checks a network and finds the places of the edges' nodes.
func links(what string, nodes []Node, edges []Edge) ([][2]int, error) {
	if len(nodes) == 0 {
		return nil, bad(what+" has no nodes", "one Node for every gene or term")
	}
	if len(nodes) > maxNodes || len(edges) > maxLinks {
		return nil, bad(fmt.Sprintf("%s has %d nodes and %d edges, the most is %d and %d", what, len(nodes), len(edges), maxNodes, maxLinks), "the neighbourhood of some genes, or the strongest edges")
	}
	at := make(map[string]int, len(nodes))
	here := len(nodes) > 1
	for i, n := range nodes {
		if k, ok := at[n.Name]; ok {
			return nil, bad(fmt.Sprintf("%s: nodes %d and %d are both called %q", what, k+1, i+1, n.Name), "names that differ")
		}
		at[n.Name] = i
		if err := finite(what, "node "+n.Name, []float64{n.X, n.Y, n.Size}); err != nil {
			return nil, err
		}
		here = here && n.X == nodes[0].X && n.Y == nodes[0].Y
	}
	if here {
		return nil, bad(what+": all nodes lie in one place", "X and Y of a layout of the graph")
	}
	out := make([][2]int, len(edges))
	for i, e := range edges {
		a, okA := at[e.A]
		b, okB := at[e.B]
		if !okA || !okB {
			return nil, bad(fmt.Sprintf("%s: edge %d joins %q and %q, which are not both nodes", what, i+1, e.A, e.B), "edges among the nodes")
		}
		if math.IsNaN(e.Weight) || math.IsInf(e.Weight, 0) || e.Weight < 0 {
			return nil, bad(fmt.Sprintf("%s: edge %d weighs %g", what, i+1, e.Weight), "weights of 0 and above")
		}
		out[i] = [2]int{a, b}
	}
	return out, nil
}

// groupsOf is the classes in the order in which they appear, and each node's; nil
// where no node has one.
func groupsOf(nodes []Node) (names []string, of []int) {
	at := map[string]int{}
	of = make([]int, len(nodes))
	for i, n := range nodes {
		k, ok := at[n.Group]
		if !ok {
			k = len(names)
			at[n.Group], names = k, append(names, n.Group)
		}
		of[i] = k
	}
	if len(names) == 1 && names[0] == "" {
		return nil, nil
	}
	return names, of
}

// Network draws nodes and edges where a layout has put them: colour and marker by
// group, names of the nodes with most neighbours where there is room.
func Network(nodes []Node, edges []Edge) Figure {
	f := Figure{name: "network"}
	pairs, err := links("Network", nodes, edges)
	if err != nil {
		f.err = err
		return f
	}
	names, of := groupsOf(nodes)
	b := web{nodes: nodes, pairs: pairs, of: of, names: names, widths: make([]float64, len(edges)), degree: make([]int, len(nodes))}
	heavy, large := 0.0, 0.0
	for _, e := range edges {
		heavy = max(heavy, e.Weight)
	}
	for _, n := range nodes {
		large = max(large, n.Size)
	}
	for i, e := range edges {
		b.widths[i] = 0.5
		if heavy > 0 {
			b.widths[i] = 0.25 + 1.5*e.Weight/heavy
		}
		b.degree[pairs[i][0]]++
		b.degree[pairs[i][1]]++
	}
	b.large = large
	f.body = b
	f.caption = fmt.Sprintf("%d nodes, %d edges", len(nodes), len(edges))
	return f
}

// web is the body of a network's figure.
type web struct {
	nodes  []Node
	pairs  [][2]int
	of     []int
	names  []string
	widths []float64
	degree []int
	large  float64
}

func (web) size() (w, h float64) { return 0, 75 }
func (b web) ready(l look) (body, error) {
	if l.noLegend {
		b.names = nil
	}
	return b, nil
}

func (b web) legend() chart {
	var c chart
	for k, n := range b.names {
		if n == "" {
			n = "(none)"
		}
		fill, rim := groupColours(k)
		c.legend = append(c.legend, entry{name: n, marker: k, fill: fill, rim: rim})
	}
	return c
}

// groupColours are those of Embedding: the second round of colours is open.
func groupColours(k int) (fill vgNRGBA, rim line) {
	col := colour(k)
	if k/len(palette)%2 == 1 {
		return tint(col, 0.15), line{col: shade(col, 0.25), width: 0.8}
	}
	return col, line{col: shade(col, 0.45), width: 0.3}
}

func (b web) margins(area box) margins {
	if n := len(b.legend().rows(area.w())); n > 0 {
		return margins{top: float64(n)*rowHeight + legendGap}
	}
	return margins{}
}

func (b web) draw(p pen, area box, m margins) {
	b.legend().drawLegend(p, area.x0, area.y1, area.x1)
	in := area.in(m)
	const rim = 9.0
	in = box{in.x0 + rim, in.y0 + rim, in.x1 - rim, in.y1 - rim}
	x0, x1, y0, y1 := math.Inf(1), math.Inf(-1), math.Inf(1), math.Inf(-1)
	for _, n := range b.nodes {
		x0, x1, y0, y1 = min(x0, n.X), max(x1, n.X), min(y0, n.Y), max(y1, n.Y)
	}
	scale := math.Inf(1)
	if x1 > x0 {
		scale = min(scale, in.w()/(x1-x0))
	}
	if y1 > y0 {
		scale = min(scale, in.h()/(y1-y0))
	}
	if math.IsInf(scale, 1) {
		scale = 1
	}
	at := func(i int) (x, y float64) {
		return (in.x0+in.x1)/2 + (b.nodes[i].X-(x0+x1)/2)*scale, (in.y0+in.y1)/2 + (b.nodes[i].Y-(y0+y1)/2)*scale
	}
	for k, e := range b.pairs {
		ax, ay := at(e[0])
		bx, by := at(e[1])
		p.segment(ax, ay, bx, by, line{col: tint(grey, 0.6), width: b.widths[k]})
	}
	r := 3.0
	if len(b.nodes) > 60 {
		r = max(1, 3*math.Sqrt(60/float64(len(b.nodes))))
	}
	for k := range max(1, len(b.names)) {
		var path vg.Path
		for i, n := range b.nodes {
			if b.of != nil && b.of[i] != k {
				continue
			}
			x, y := at(i)
			size := r
			if b.large > 0 {
				size = r * (0.6 + 0.9*math.Sqrt(max(0, n.Size)/b.large))
			}
			marker(&path, k, x, y, size)
		}
		fill, rim := groupColours(k)
		p.fill(path, fill)
		if len(path) > 0 {
			p.stroke(path, rim)
		}
	}
	b.write(p, in, at, r)
}

// write names the nodes of most neighbours, where names do not cover each other.
func (b web) write(p pen, in box, at func(int) (x, y float64), r float64) {
	order := make([]int, len(b.nodes))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(i, j int) int { return cmp.Compare(b.degree[j], b.degree[i]) })
	const size = tickSize - 1
	var taken []box
	for _, i := range order {
		if len(taken) == hubLabels {
			break
		}
		x, y := at(i)
		name := clipped(b.nodes[i].Name, 24)
		wide := textWidth(name, size, false)
		x = min(max(x, in.x0-9+wide/2), in.x1+9-wide/2)
		t := box{x - wide/2, y - r*1.5 - size, x + wide/2, y - r*1.5}
		if slices.ContainsFunc(taken, func(u box) bool { return t.x0 < u.x1 && u.x0 < t.x1 && t.y0 < u.y1 && u.y0 < t.y1 }) {
			continue
		}
		taken = append(taken, t)
		p.text(x, y-r*1.5-1, name, words{size: size, across: middle, up: before})
	}
}

// NetworkWidget is a Network to take hold of: nodes can be dragged, stay where they
// are put and the others give way, the node under the pointer or the arrow keys lights up with its
// neighbours, a box finds nodes, and there is zoom. At most 3,000 nodes and 20,000
// edges. Without motion wanted (the system's setting) only the dragged node moves.
func NetworkWidget(nodes []Node, edges []Edge) Widget {
	const name = "network_widget"
	pairs, err := links("NetworkWidget", nodes, edges)
	if err != nil {
		return failed(name, err)
	}
	names := make([]string, len(nodes))
	xs, ys := make([]float64, len(nodes)), make([]float64, len(nodes))
	sizes, large := make([]byte, len(nodes)), 0.0
	for _, n := range nodes {
		large = max(large, n.Size)
	}
	for i, n := range nodes {
		names[i], xs[i], ys[i] = n.Name, n.X, n.Y
		if large > 0 {
			sizes[i] = byte(math.Round(255 * math.Sqrt(max(0, n.Size)/large)))
		}
	}
	as, bs := make([]uint16, len(pairs)), make([]uint16, len(pairs))
	weights, heavy := make([]byte, len(pairs)), 0.0
	for _, e := range edges {
		heavy = max(heavy, e.Weight)
	}
	for i, e := range pairs {
		as[i], bs[i] = uint16(e[0]), uint16(e[1])
		if heavy > 0 {
			weights[i] = byte(math.Round(255 * edges[i].Weight / heavy))
		}
	}
	data := map[string]any{"nodes": shortened(names), "x": spread16(xs), "y": spread16(ys), "a": pack(as), "b": pack(bs)}
	if large > 0 {
		data["size"] = pack(sizes)
	}
	if heavy > 0 {
		data["w"] = pack(weights)
	}
	if groups, of := groupsOf(nodes); groups != nil {
		codes := make([]uint16, len(of))
		for i, k := range of {
			codes[i] = uint16(k)
		}
		data["groups"], data["of"] = shortened(groups), pack(codes)
	}
	still := Network(nodes, edges).Named(name).Width(150).Height(110)
	return Widget{name: name, kind: "network", caption: still.caption, still: still, data: data}
}
