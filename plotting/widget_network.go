package plotting

import (
	"fmt"
	"math"
)

// Limits of a network on a page.
const (
	maxNodes = 3000
	maxLinks = 20_000
)

// holdable says what keeps a network from being taken hold of.
func holdable(nodes []Node, links []Link) error {
	if len(nodes) > maxNodes || len(links) > maxLinks {
		return bad(fmt.Sprintf("NetworkWidget has %d nodes and %d edges, the most is %d and %d", len(nodes), len(links), maxNodes, maxLinks), "the neighbourhood of some genes, or the strongest edges")
	}
	at := make(map[string]int, len(nodes))
	here := len(nodes) > 1
	for i, n := range nodes {
		if k, ok := at[n.Name]; ok && n.Name != "" {
			return bad(fmt.Sprintf("NetworkWidget: nodes %d and %d are both called %q", k+1, i+1, n.Name), "names that differ")
		}
		at[n.Name] = i
		here = here && n.X == nodes[0].X && n.Y == nodes[0].Y
	}
	if here {
		return bad("NetworkWidget: all nodes lie in one place", "X and Y of a layout of the graph")
	}
	return nil
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

// NetworkWidget is a Network to take hold of: nodes can be dragged, stay where they
// are put and the others give way, the node under the pointer or the arrow keys lights up with its
// neighbours, a box finds nodes, and there is zoom. At most 3,000 nodes and 20,000
// edges. Without motion wanted (the system's setting) only the dragged node moves.
func NetworkWidget(nodes []Node, links []Link) Widget {
	const name = "network_widget"
	still := Network(nodes, links)
	if still.err == nil {
		still.err = holdable(nodes, links)
	}
	if still.err != nil {
		return failed(name, still.err)
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
	as, bs := make([]uint16, len(links)), make([]uint16, len(links))
	weights, heavy := make([]byte, len(links)), 0.0
	for _, e := range links {
		heavy = max(heavy, e.Weight)
	}
	for i, e := range links {
		as[i], bs[i] = uint16(e.A), uint16(e.B)
		if heavy > 0 {
			weights[i] = byte(math.Round(255 * e.Weight / heavy))
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
	still = still.Named(name).Width(150).Height(110).Captioned(fmt.Sprintf("%d nodes, %d edges", len(nodes), len(links)))
	return Widget{name: name, kind: "network", caption: still.caption, still: still, data: data}
}
