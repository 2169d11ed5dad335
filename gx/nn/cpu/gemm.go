package cpu

// Gemm computes C = beta·C + op(A)·op(B) on row-major matrices: op(A) is m × k,
// op(B) is k × n, C is m × n, and op transposes where ta or tb is set; lda, ldb
// and ldc are the lengths of the rows as stored. beta 0 overwrites C whatever it
// holds.
func (p *Pool) Gemm(ta, tb bool, m, n, k int, a []float32, lda int, b []float32, ldb int, beta float32, c []float32, ldc int) {
	if beta != 0 && beta != 1 {
		for i := range m {
			row := c[i*ldc:][:n]
			for j := range row {
				row[j] *= beta
			}
		}
	}
	p.product(operand(a, lda, ta), operand(b, ldb, tb), m, n, k, beta != 0, c, ldc, nil)
}

// GemmThen computes C = op(A)·op(B) as Gemm does and calls then for each finished
// tile, rows [i0, i1) and columns [j0, j1) of C, while it is in the cache: several
// tiles at once, each once.
func (p *Pool) GemmThen(ta, tb bool, m, n, k int, a []float32, lda int, b []float32, ldb int, c []float32, ldc int, then func(i0, i1, j0, j1 int)) {
	p.product(operand(a, lda, ta), operand(b, ldb, tb), m, n, k, false, c, ldc, func(i0, i1, j0, j1 int, _ []float32, _ int) { then(i0, i1, j0, j1) })
}

// GemmEach computes op(A)·op(B) tile by tile and keeps none of it: each gets the
// rows [i0, i1) and columns [j0, j1), as rows of length ld in a buffer that is
// used again. It is called for several tiles at once, for each tile once.
func (p *Pool) GemmEach(ta, tb bool, m, n, k int, a []float32, lda int, b []float32, ldb int, each func(i0, i1, j0, j1 int, tile []float32, ld int)) {
	p.product(operand(a, lda, ta), operand(b, ldb, tb), m, n, k, false, nil, 0, each)
}

// view is a matrix whose element (i, j) lies at i·rs + j·cs; one of the two is 1.
type view struct {
	x          []float32
	rs, cs     int
	transposed bool
}

func operand(x []float32, ld int, transposed bool) view {
	if transposed {
		return view{x, 1, ld, true}
	}
	return view{x, ld, 1, false}
}

func (v view) from(i, j int) view {
	v.x = v.x[i*v.rs+j*v.cs:]
	return v
}

// The blocks. A panel of B (depth × nr) lies in the nearest cache while panels of
// A go by it, which come from a block of high × depth in the second cache. Every
// element of C is summed over the same depths in the same order, whoever computes
// it and whatever tile it lies in.
const (
	depth     = 512
	high      = 168     // rows of a block of A: a multiple of 14, 6 and 4
	wide      = 256     // columns of a tile
	pad       = 16      // floats between panels
	tileMax   = 1 << 18 // floats of a tile that is handed on
	sharedMax = 1 << 22 // floats of the shared operand packed at once
)

// depths cuts k into equal parts of at most depth, multiples of 16 but the last.
func depths(k int) int {
	parts := (k + depth - 1) / depth
	return max(16, roundUp((k+parts-1)/max(1, parts), 16))
}

// product cuts C into strips of columns, or of rows where it is taller than wide.
// The operand that all strips need is packed first, by all threads; then each
// strip packs its part of the other one.
func (p *Pool) product(a, b view, m, n, k int, add bool, c []float32, ldc int, each func(i0, i1, j0, j1 int, tile []float32, ld int)) {
	if m <= 0 || n <= 0 {
		return
	}
	g := &product{Pool: p, a: a, b: b, m: m, n: n, k: k, kc: depths(k), add: add, c: c, ldc: ldc, each: each, byRows: m > n}
	if k <= 0 {
		g.nothing()
		return
	}
	if p.blas != nil {
		p.blas.product(p, a, b, m, n, k, add, c, ldc, each)
		return
	}
	long, short, unit := n, m, p.k.nr
	if g.byRows {
		long, short, unit = m, n, p.k.mr
	}
	most := wide
	if c == nil { // the tile's buffer stays in the cache
		most = min(most, tileMax/short)
	}
	// as many strips for every thread, all alike
	strips := (long + max(unit, most) - 1) / max(unit, most)
	strips = roundUp(max(strips, 2*p.threads), p.threads)
	g.along = roundUp((long+strips-1)/strips, unit)
	strips = (long + g.along - 1) / g.along
	g.unit = p.k.mr + p.k.nr - unit
	g.panels = (short + g.unit - 1) / g.unit
	g.chunk = k // a tile that is handed on is summed whole first
	if c != nil {
		g.chunk = min(k, max(1, sharedMax/(g.panels*g.panel(g.unit)))*g.kc)
	}
	g.shared = p.Borrow(g.blocks(g.chunk) * g.panels * g.panel(g.unit))
	for ; g.k0 < k; g.k0 += g.chunk {
		g.chunk = min(g.chunk, k-g.k0)
		p.Run(g.blocks(g.chunk)*g.panels, 8, g.packShared)
		p.Run(strips, 1, g.strip)
	}
	p.GiveBack(g.shared)
}

// product is one product under way.
type product struct {
	*Pool
	a, b      view
	m, n, k   int
	kc        int // depth of a block
	add       bool
	c         []float32
	ldc       int
	each      func(i0, i1, j0, j1 int, tile []float32, ld int)
	byRows    bool // strips are rows and B is shared; else columns and A is shared
	along     int  // rows or columns of a strip
	unit      int  // rows or columns of a panel of the shared operand
	panels    int  // of the shared operand, across
	k0, chunk int  // the depths under way
	shared    []float32
}

// blocks is how many blocks so many depths make.
func (g *product) blocks(k int) int { return (k + g.kc - 1) / g.kc }

// panel is the room of a packed panel of that many rows or columns.
func (g *product) panel(unit int) int { return unit*g.kc + pad }

// packShared packs panels [lo, hi) of the shared operand, counted block after
// block of the depth.
func (g *product) packShared(lo, hi int) {
	for i := lo; i < hi; i++ {
		at := i % g.panels * g.unit
		p0 := g.k0 + i/g.panels*g.kc
		kc := min(g.kc, g.k0+g.chunk-p0)
		dst := g.shared[i*g.panel(g.unit):]
		if g.byRows {
			g.Pool.k.packB(dst, g.b.from(p0, at), kc, min(g.unit, g.n-at), g.panel(g.unit))
		} else {
			g.Pool.k.packA(dst, g.a.from(at, p0), min(g.unit, g.m-at), kc, g.panel(g.unit))
		}
	}
}

// strip computes strip s of C over the depths of the chunk.
func (g *product) strip(s, _ int) {
	i0, i1, j0, j1 := 0, g.m, s*g.along, min((s+1)*g.along, g.n)
	if g.byRows {
		i0, i1, j0, j1 = s*g.along, min((s+1)*g.along, g.m), 0, g.n
	}
	c, ldc := g.c, g.ldc
	var tile []float32
	if c == nil {
		ldc = j1 - j0
		tile = g.Borrow((i1 - i0) * ldc)
		c = tile
	} else {
		c = c[i0*ldc+j0:]
	}
	k := &g.Pool.k
	own := (j1 - j0 + k.nr - 1) / k.nr * g.panel(k.nr)
	if g.byRows {
		own = (min(i1-i0, high) + k.mr - 1) / k.mr * g.panel(k.mr)
	}
	mine := g.Borrow(own)
	for block := range g.blocks(g.chunk) {
		p0 := g.k0 + block*g.kc
		kc := min(g.kc, g.k0+g.chunk-p0)
		add := g.add || p0 > 0
		if !g.byRows {
			k.packB(mine, g.b.from(p0, j0), kc, j1-j0, g.panel(k.nr))
		}
		for ic := 0; ic < i1-i0; ic += high {
			mc := min(high, i1-i0-ic)
			pa, pb := mine, g.shared
			if g.byRows {
				k.packA(mine, g.a.from(i0+ic, p0), mc, kc, g.panel(k.mr))
				pb = pb[block*g.panels*g.panel(k.nr):]
			} else {
				pa, pb = pb[(block*g.panels+ic/k.mr)*g.panel(k.mr):], mine
			}
			g.block(pa, pb, mc, j1-j0, kc, add, c[ic*ldc:], ldc)
		}
	}
	if g.each != nil && g.k0+g.chunk >= g.k {
		g.each(i0, i1, j0, j1, tile, ldc)
	}
	g.GiveBack(mine)
	if tile != nil {
		g.GiveBack(tile)
	}
}

// nothing is the product over no depth.
func (g *product) nothing() {
	tile, ld := g.c, g.ldc
	if tile == nil {
		tile, ld = make([]float32, g.m*g.n), g.n
	}
	for i := 0; i < g.m && !g.add; i++ {
		clear(tile[i*ld:][:g.n])
	}
	if g.each != nil {
		g.each(0, g.m, 0, g.n, tile, ld)
	}
}

// block adds packed panels' product to c, m × n, or sets c to it.
func (g *product) block(a, b []float32, m, n, kc int, add bool, c []float32, ldc int) {
	k := &g.Pool.k
	room := scratches.Get().(*scratch)
	defer scratches.Put(room)
	edge := &room.edge
	flag := int64(0)
	if add {
		flag = 1
	}
	for j := 0; j < n; j += k.nr {
		pb := b[j/k.nr*g.panel(k.nr):]
		for i := 0; i < m; i += k.mr {
			pa := a[i/k.mr*g.panel(k.mr):]
			if m-i >= k.mr && n-j >= k.nr {
				k.micro(int64(kc), &pa[0], &pb[0], &c[i*ldc+j], int64(ldc), flag)
				continue
			}
			k.micro(int64(kc), &pa[0], &pb[0], &edge[0], int64(k.nr), 0)
			cols := min(k.nr, n-j)
			for r := range min(k.mr, m-i) {
				row := c[(i+r)*ldc+j:][:cols]
				from := edge[r*k.nr:][:cols]
				if !add {
					copy(row, from)
					continue
				}
				for x, v := range from {
					row[x] += v
				}
			}
		}
	}
}

func roundUp(n, to int) int   { return (n + to - 1) / to * to }
func roundDown(n, to int) int { return n / to * to }
