package nnwork

import (
	"cmp"
	"context"
	"math"
	"math/rand/v2"
	"slices"
)

// Layout says how a graph is laid out in the plane. Its zero value is a good start.
type Layout struct {
	Seed uint64
	// Steps is how often the forces move the genes. The default is 300.
	Steps int
	// Middle are genes to draw towards the middle, such as the components among their
	// terms. All then lies in one piece, drawn together; else each connected part is
	// laid out by itself and the parts are packed side by side.
	Middle []string
}

// Layout lays the graph out by forces: all genes repel each other, neighbours attract
// each other, and what moves slows down. Neighbours lie about 1 apart. Each part is
// turned so that it is wider than high. Repulsion by far genes is that of their
// centre (Barnes and Hut), so that a step of n genes takes about n·log n. Weights do
// not count. Fruchterman and Reingold, Softw. Pract. Exper. 21:1129 (1991); Barnes and
// Hut, Nature 324:446 (1986).
func (g *Graph) Layout(l Layout) (x, y []float64) {
	if l.Steps <= 0 {
		l.Steps = 300
	}
	x, y = make([]float64, g.N()), make([]float64, g.N())
	if len(l.Middle) > 0 {
		middle := make([]bool, g.N())
		places, _ := g.Places(l.Middle)
		for _, i := range places {
			middle[i] = true
		}
		for i, p := range g.forces(l, middle) {
			x[i], y[i] = p.x, p.y
		}
		return x, y
	}
	parts := g.Components()
	discs := make([]disc, len(parts))
	laid := make([][]point, len(parts))
	for k, part := range parts {
		laid[k] = g.sub(slices.Clone(part)).forces(l, nil)
		for _, p := range laid[k] {
			discs[k].r = max(discs[k].r, math.Hypot(p.x, p.y))
		}
		discs[k].r += 0.5
	}
	pack(discs)
	for k, part := range parts {
		for j, i := range part {
			x[i], y[i] = laid[k][j].x+discs[k].x, laid[k][j].y+discs[k].y
		}
	}
	return x, y
}

type point struct{ x, y float64 }

// Gravity of a layout in one piece, for each unit of distance from the middle.
const (
	light = 0.05
	heavy = 0.6
)

// forces lays the graph out about the origin.
func (g *Graph) forces(l Layout, middle []bool) []point {
	n := g.N()
	at, move := make([]point, n), make([]point, n)
	if n < 2 {
		return at
	}
	rng := rand.New(rand.NewPCG(l.Seed, 4))
	side := math.Sqrt(float64(n))
	for i := range at {
		at[i] = point{(rng.Float64() - 0.5) * side, (rng.Float64() - 0.5) * side}
		if middle != nil && middle[i] {
			at[i].x, at[i].y = at[i].x/4, at[i].y/4
		}
	}
	var t tree
	for step := range l.Steps {
		t.build(at)
		spread(n, func(i int) {
			p := at[i]
			m := t.repel(0, i, p)
			for _, j := range g.neighbours(i) {
				dx, dy := p.x-at[j].x, p.y-at[j].y
				d := math.Hypot(dx, dy)
				m.x, m.y = m.x-dx*d, m.y-dy*d
			}
			if middle != nil {
				pull := light * side
				if middle[i] {
					pull = heavy * side
				}
				m.x, m.y = m.x-pull*p.x, m.y-pull*p.y
			}
			move[i] = m
		})
		// Steps get shorter, from a tenth of the side to none.
		most := side / 10 * (1 - float64(step)/float64(l.Steps))
		for i, m := range move {
			if d := math.Hypot(m.x, m.y); d > 0 {
				s := min(d, most) / d
				at[i].x += m.x * s
				at[i].y += m.y * s
			}
		}
	}
	upright(at)
	return at
}

// spread calls f for 0 … n-1, on all cores where there are many.
func spread(n int, f func(i int)) {
	if n < 500 {
		for i := range n {
			f(i)
		}
		return
	}
	each(context.Background(), n, func() struct{} { return struct{}{} }, func(i int, _ struct{}) { f(i) })
}

// upright centres the points and turns their longest direction to the horizontal.
func upright(at []point) {
	var c point
	for _, p := range at {
		c.x += p.x / float64(len(at))
		c.y += p.y / float64(len(at))
	}
	var xx, xy, yy float64
	for i := range at {
		at[i].x -= c.x
		at[i].y -= c.y
		xx, xy, yy = xx+at[i].x*at[i].x, xy+at[i].x*at[i].y, yy+at[i].y*at[i].y
	}
	sin, cos := math.Sincos(-math.Atan2(2*xy, xx-yy) / 2)
	for i, p := range at {
		at[i] = point{cos*p.x - sin*p.y, sin*p.x + cos*p.y}
	}
}

// tree divides the plane in four, and each part in four, until a part holds one point.
type tree struct{ cells []cell }

type cell struct {
	x, y, half float64 // middle and half the side
	mass       float64 // points
	cx, cy     float64 // their sum
	first      int32   // first of four parts, 0 if whole
	point      int32   // the point of a whole cell, -1 for none or for many in one place
}

// apart is how wide a cell may look, its side over its distance, to act as one.
const apart = 0.8

func (t *tree) build(at []point) {
	lo, hi := at[0], at[0]
	for _, p := range at {
		lo, hi = point{min(lo.x, p.x), min(lo.y, p.y)}, point{max(hi.x, p.x), max(hi.y, p.y)}
	}
	half := max(hi.x-lo.x, hi.y-lo.y)/2 + 1e-9
	t.cells = append(t.cells[:0], cell{x: (lo.x + hi.x) / 2, y: (lo.y + hi.y) / 2, half: half, point: -1})
	for i := range at {
		t.put(at, int32(i))
	}
}

func (t *tree) put(at []point, i int32) {
	p := at[i]
	for k, depth := int32(0), 0; ; depth++ {
		c := &t.cells[k]
		c.mass++
		c.cx, c.cy = c.cx+p.x, c.cy+p.y
		if c.first == 0 {
			if c.mass == 1 {
				c.point = i
				return
			}
			if depth > 40 { // points in one place
				c.point = -1
				return
			}
			k, before := k, c.point
			t.divide(k)
			c = &t.cells[k]
			q := at[before]
			d := &t.cells[c.first+c.part(q)]
			d.mass, d.cx, d.cy, d.point = 1, q.x, q.y, before
			c.point = -1
		}
		k = c.first + c.part(p)
	}
}

func (t *tree) divide(k int32) {
	c := t.cells[k]
	t.cells[k].first = int32(len(t.cells))
	h := c.half / 2
	for _, s := range [4]point{{-1, -1}, {1, -1}, {-1, 1}, {1, 1}} {
		t.cells = append(t.cells, cell{x: c.x + s.x*h, y: c.y + s.y*h, half: h, point: -1})
	}
}

func (c *cell) part(p point) int32 {
	k := int32(0)
	if p.x > c.x {
		k = 1
	}
	if p.y > c.y {
		k += 2
	}
	return k
}

// repel is the push of cell k's points on point i at p, 1/distance of each.
func (t *tree) repel(k int32, i int, p point) point {
	c := &t.cells[k]
	if c.mass == 0 || c.point == int32(i) {
		return point{}
	}
	dx, dy := p.x-c.cx/c.mass, p.y-c.cy/c.mass
	d2 := dx*dx + dy*dy
	if c.first == 0 || 4*c.half*c.half < apart*apart*d2 {
		if d2 < 1e-12 { // in one place: apart they go, each its own way
			sin, cos := math.Sincos(float64(i))
			return point{cos, sin}
		}
		return point{dx * c.mass / d2, dy * c.mass / d2}
	}
	var m point
	for q := range int32(4) {
		o := t.repel(c.first+q, i, p)
		m.x, m.y = m.x+o.x, m.y+o.y
	}
	return m
}

type disc struct{ x, y, r float64 }

// pack places discs side by side: the largest in the middle, each next one where a
// spiral from there first finds room.
func pack(discs []disc) {
	order := make([]int, len(discs))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(discs[b].r, discs[a].r) })
	angle, r := 0.0, math.Inf(1)
	for k, i := range order {
		d := &discs[i]
		if k == 0 {
			continue
		}
		if d.r != r { // a smaller one may fit where larger ones did not
			angle, r = 0, d.r
		}
		pitch := d.r / (2 * math.Pi) // between turns of the spiral: half a disc
		for ; ; angle += min(0.5, 0.5*d.r/max(pitch*angle, 1e-9)) {
			sin, cos := math.Sincos(angle)
			// The page is wider than high.
			d.x, d.y = 1.2*pitch*angle*cos, pitch*angle*sin
			free := true
			for _, j := range order[:k] {
				if o := discs[j]; math.Hypot(d.x-o.x, d.y-o.y) < d.r+o.r {
					free = false
					break
				}
			}
			if free {
				break
			}
		}
	}
}
