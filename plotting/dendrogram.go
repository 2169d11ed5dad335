package plotting

import (
	"fmt"
	"image/color"
	"math"

	"github.com/gxlab/gxlab/gx/learn"
	"gonum.org/v1/plot/vg"
)

// CircularDendrogram draws a tree of clusters as a circle: the samples stand around it,
// with a ring of their classes' colours, and merge inwards; the nearer the middle, the
// farther apart are the clusters that merge. Branches whose samples are all of one class
// have its colour, others are broken and grey. labels are the samples' classes, in the order of the
// samples that were clustered; classes stand in the order in which they first appear.
func CircularDendrogram(tree *learn.Hierarchy, labels []string) Figure {
	f := Figure{name: "dendrogram"}
	switch {
	case tree == nil || tree.Samples < 2:
		f.err = bad("CircularDendrogram has no tree", "the Hierarchy of learn.Hierarchical.Fit")
		return f
	case len(labels) != tree.Samples:
		f.err = bad(fmt.Sprintf("CircularDendrogram has %d samples and %d labels", tree.Samples, len(labels)), "a label a sample")
		return f
	}
	d := dendrogram{tree: tree, class: make([]int, len(labels))}
	at := map[string]int{}
	for i, l := range labels {
		k, ok := at[l]
		if !ok {
			k = len(d.names)
			at[l], d.names = k, append(d.names, l)
		}
		d.class[i] = k
	}
	f.body = d
	f.caption = fmt.Sprintf("%d samples of %d classes, clustered; the ring shows the classes", tree.Samples, len(d.names))
	return f
}

type dendrogram struct {
	tree  *learn.Hierarchy
	class []int // of every sample
	names []string
	bare  bool // no legend
}

func (d dendrogram) size() (w, h float64) {
	return 120, max(85, float64(len(d.names))*rowHeight/mm+6)
}

func (d dendrogram) ready(l look) (body, error) {
	d.bare = l.noLegend
	return d, nil
}

func (d dendrogram) margins(box) margins {
	m := margins{left: 3, right: 3, top: 3, bottom: 3}
	if d.bare {
		return m
	}
	for _, n := range d.names {
		m.right = max(m.right, entry{name: n, patch: true}.width()+10)
	}
	return m
}

// of is a class's colour: lighter in the second round of colours, darker in the third.
func (d dendrogram) of(class int) color.NRGBA {
	col := colour(class)
	switch class / len(palette) % 3 {
	case 1:
		return tint(col, 0.45)
	case 2:
		return shade(col, 0.45)
	}
	return col
}

const ring = 5.0 // points

func (d dendrogram) draw(p pen, area box, m margins) {
	in := area.in(m)
	cx, cy := (in.x0+in.x1)/2, (in.y0+in.y1)/2
	outer := min(in.w(), in.h())/2 - 1
	rim := outer - ring - 1.5
	n := d.tree.Samples
	step := 2 * math.Pi / float64(n+1) // one leaf's room stays open between first and last
	at := func(r, a float64) vg.Point {
		sin, cos := math.Sincos(math.Pi/2 - a)
		return pt(cx+r*cos, cy+r*sin)
	}
	arc := func(q *vg.Path, r, a, b float64) {
		pieces := max(1, int(math.Ceil(math.Abs(b-a)/(math.Pi/60))))
		for k := 1; k <= pieces; k++ {
			q.Line(at(r, a+(b-a)*float64(k)/float64(pieces)))
		}
	}
	top := d.tree.Merges[len(d.tree.Merges)-1].Height
	if top <= 0 {
		top = 1
	}
	type node struct {
		angle, r float64
		class    int // −1: several
	}
	nodes := make([]node, n+len(d.tree.Merges))
	for k, i := range d.tree.Order() {
		nodes[i] = node{(float64(k) + 1) * step, rim, d.class[i]}
	}
	lines := make([]vg.Path, len(d.names)+1) // the last of mixed branches
	paint := func(class int, draw func(q *vg.Path)) {
		if class < 0 {
			class = len(d.names)
		}
		draw(&lines[class])
	}
	for k, m := range d.tree.Merges {
		a, b := nodes[m.A], nodes[m.B]
		r := rim * (1 - m.Height/top*0.94)
		c := node{(a.angle + b.angle) / 2, r, a.class}
		if a.class != b.class {
			c.class = -1
		}
		nodes[n+k] = c
		for _, child := range []node{a, b} {
			paint(child.class, func(q *vg.Path) {
				q.Move(at(child.r, child.angle))
				q.Line(at(r, child.angle))
				arc(q, r, child.angle, c.angle)
			})
		}
	}
	if len(lines[len(d.names)]) > 0 {
		p.stroke(lines[len(d.names)], line{col: grey, width: 0.45, dash: []float64{1.5, 1}})
	}
	for c := range d.names {
		if len(lines[c]) > 0 {
			p.stroke(lines[c], line{col: d.of(c), width: 0.6})
		}
	}
	// the ring: stretches of neighbours of one class
	order := d.tree.Order()
	for from := 0; from < n; {
		to := from
		for to < n && d.class[order[to]] == d.class[order[from]] {
			to++
		}
		a, b := (float64(from)+0.5)*step, (float64(to)+0.5)*step
		var q vg.Path
		q.Move(at(outer-ring, a))
		arc(&q, outer-ring, a, b)
		q.Line(at(outer, b))
		arc(&q, outer, b, a)
		q.Close()
		p.fill(q, d.of(d.class[order[from]]))
		from = to
	}
	if d.bare {
		return
	}
	y := in.y1 - rowHeight/2
	for c, name := range d.names {
		entry{name: name, fill: d.of(c), patch: true}.draw(p, in.x1+7, y)
		y -= rowHeight
	}
}
