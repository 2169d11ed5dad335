package manifold

import "math"

// tree is points of the plane in a quadtree. They are sorted by the bits of their two
// coordinates by turns, so that every cell is a run of them.
type tree struct {
	cells []cell // a cell before those inside it
	order []int32
	x, y  []float64 // in that order

	key, spareKey []uint32
	spare         []int32
}

// cell is a square of the plane.
type cell struct {
	x, y   float64 // mean of its points
	count  float64
	square float64 // its width, squared
	lo, hi int32   // its points
	next   int32   // the first cell that is not inside it
	leaf   bool
}

const (
	bits    = 16 // of a coordinate
	leafful = 8  // points that are not parted
)

func (t *tree) grow(y []float64) {
	n := len(y) / 2
	if len(t.order) != n {
		t.order, t.spare = make([]int32, n), make([]int32, n)
		t.key, t.spareKey = make([]uint32, n), make([]uint32, n)
		t.x, t.y = make([]float64, n), make([]float64, n)
	}
	x0, x1, y0, y1 := math.Inf(1), math.Inf(-1), math.Inf(1), math.Inf(-1)
	for i := 0; i < len(y); i += 2 {
		x0, x1 = min(x0, y[i]), max(x1, y[i])
		y0, y1 = min(y0, y[i+1]), max(y1, y[i+1])
	}
	width := max(x1-x0, y1-y0)
	scale := 0.0
	if width > 0 {
		scale = (1<<bits - 1) / width
	}
	for i := range n {
		t.key[i] = spread(uint32((y[2*i]-x0)*scale)) | spread(uint32((y[2*i+1]-y0)*scale))<<1
		t.order[i] = int32(i)
	}
	t.sort()
	for c, i := range t.order {
		t.x[c], t.y[c] = y[2*i], y[2*i+1]
	}
	t.cells = t.cells[:0]
	// A cell of the grid is width/(2¹⁶−1) wide.
	t.part(0, int32(n), bits, width*(1<<bits)/(1<<bits-1))
}

// spread puts a 0 before each of 16 bits.
func spread(v uint32) uint32 {
	v = (v | v<<8) & 0x00ff00ff
	v = (v | v<<4) & 0x0f0f0f0f
	v = (v | v<<2) & 0x33333333
	return (v | v<<1) & 0x55555555
}

// sort orders points by key, equal ones as they stand: by 11 bits at a time.
func (t *tree) sort() {
	for shift := 0; shift < 2*bits; shift += 11 {
		var at [1 << 11]int
		for _, k := range t.key {
			at[k>>shift&(1<<11-1)]++
		}
		sum := 0
		for i, c := range at {
			at[i] = sum
			sum += c
		}
		for i, k := range t.key {
			p := &at[k>>shift&(1<<11-1)]
			t.spareKey[*p], t.spare[*p] = k, t.order[i]
			*p++
		}
		t.key, t.spareKey = t.spareKey, t.key
		t.order, t.spare = t.spare, t.order
	}
}

// part makes the cell of points lo to hi, which differ in the last level bits of their
// coordinates alone, and the cells inside.
func (t *tree) part(lo, hi int32, level int, width float64) (x, y float64) {
	at := len(t.cells)
	t.cells = append(t.cells, cell{count: float64(hi - lo), square: width * width, lo: lo, hi: hi})
	if hi-lo <= leafful || level == 0 {
		for c := lo; c < hi; c++ {
			x += t.x[c]
			y += t.y[c]
		}
		t.cells[at].leaf = true
	} else {
		shift := 2 * (level - 1)
		from := lo
		for q := uint32(0); q < 4; q++ {
			// Keys of a cell differ in the last 2·level bits alone.
			end := from
			if q == 3 {
				end = hi
			} else {
				for l, h := from, hi; ; {
					if l == h {
						end = l
						break
					}
					if m := l + (h-l)/2; t.key[m]>>shift&3 <= q {
						l = m + 1
					} else {
						h = m
					}
				}
			}
			if end > from {
				sx, sy := t.part(from, end, level-1, width/2)
				x += sx
				y += sy
			}
			from = end
		}
	}
	c := &t.cells[at]
	c.x, c.y, c.next = x/c.count, y/c.count, int32(len(t.cells))
	return x, y
}

// repel fills in Σ q²(yᵢ−yⱼ) and Σ q of the samples at lo to hi of the order. A cell is
// taken as one point where its width is below share of its distance.
func (t *tree) repel(lo, hi int, share float64, force, sum []float64) {
	share *= share
	for p := lo; p < hi; p++ {
		x, y := t.x[p], t.y[p]
		fx, fy, z := 0.0, 0.0, 0.0
		for c := int32(0); c < int32(len(t.cells)); {
			e := &t.cells[c]
			dx, dy := x-e.x, y-e.y
			d := float64(dx*dx) + float64(dy*dy)
			switch {
			case e.square < share*d:
				q := 1 / (1 + d)
				m := e.count * q
				z += m
				m *= q
				fx += float64(m * dx)
				fy += float64(m * dy)
				c = e.next
			case e.leaf:
				for o := e.lo; o < e.hi; o++ {
					dx, dy := x-t.x[o], y-t.y[o]
					q := 1 / (1 + float64(dx*dx) + float64(dy*dy))
					z += q
					q *= q
					fx += float64(q * dx)
					fy += float64(q * dy)
				}
				c = e.next
			default:
				c++
			}
		}
		i := t.order[p]
		force[2*i], force[2*i+1], sum[i] = fx, fy, z-1 // not of itself
	}
}
