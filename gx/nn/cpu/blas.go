package cpu

// library makes products; it is opened at run time.
type library struct {
	path  string
	sgemm func(ta, tb int32, m, n, k int, a *float32, lda int, b *float32, ldb int, beta float32, c *float32, ldc int)
}

// product is Pool.product by the library: strips of a width that depends on the
// shape alone, each by one thread of ours, so that the result does not depend on
// how many there are.
func (l *library) product(p *Pool, a, b view, m, n, k int, add bool, c []float32, ldc int, each func(i0, i1, j0, j1 int, tile []float32, ld int)) {
	byRows := m > n
	along := wide
	if c == nil {
		along = max(1, min(wide, (1<<18)/min(m, n)))
	}
	p.Run(max(m, n), along, func(lo, hi int) {
		i0, i1, j0, j1 := 0, m, lo, hi
		if byRows {
			i0, i1, j0, j1 = lo, hi, 0, n
		}
		to, ld := c, ldc
		var tile []float32
		if c == nil {
			ld = j1 - j0
			tile = p.Borrow((i1 - i0) * ld)
			to = tile
		} else {
			to = to[i0*ldc+j0:]
		}
		beta := float32(0)
		if add {
			beta = 1
		}
		ta, lda := a.trans()
		tb, ldb := b.trans()
		l.sgemm(ta, tb, i1-i0, j1-j0, k, &a.from(i0, 0).x[0], lda, &b.from(0, j0).x[0], ldb, beta, &to[0], ld)
		if each != nil {
			each(i0, i1, j0, j1, tile, ld)
		}
		if tile != nil {
			p.GiveBack(tile)
		}
	})
}

// trans is CBLAS's word for whether the view is of a transposed matrix, and the
// length of that matrix's rows.
func (v view) trans() (op int32, ld int) {
	if v.transposed {
		return 112, v.cs
	}
	return 111, v.rs
}
