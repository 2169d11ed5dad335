package cpu

import "runtime"

// library makes products; it is opened at run time.
type library struct {
	path    string
	sgemm   sgemm
	threads func(int32)   // sets how many threads of its own a product uses
	openMP  bool          // threads holds for the calling thread alone
	calls   chan struct{} // one for each call under way
}

// sgemm is C = beta·C + op(A)·op(B), op being a word of CBLAS's.
type sgemm func(ta, tb int32, m, n, k int, a *float32, lda int, b *float32, ldb int, beta float32, c *float32, ldc int)

// callers is how many calls OpenBLAS takes at once, as it is commonly built; some
// versions end the process when there are many more.
const callers = 64

func newLibrary(path string) *library {
	return &library{path: path, calls: make(chan struct{}, min(callers, runtime.NumCPU()))}
}

// multiply is sgemm by the calling thread alone.
func (l *library) multiply(ta, tb int32, m, n, k int, a *float32, lda int, b *float32, ldb int, beta float32, c *float32, ldc int) {
	l.calls <- struct{}{}
	if l.openMP {
		runtime.LockOSThread()
		l.threads(1)
	}
	l.sgemm(ta, tb, m, n, k, a, lda, b, ldb, beta, c, ldc)
	if l.openMP {
		runtime.UnlockOSThread()
	}
	<-l.calls
}

// GemmWhole computes C = op(A)·op(B) by one call of OpenBLAS, on as many threads of
// its own as the pool has, and reports whether the pool has OpenBLAS: Gemm is
// measured against it. Nothing else may use OpenBLAS meanwhile, and its threads
// wait on the cores for a while after it.
func (p *Pool) GemmWhole(ta, tb bool, m, n, k int, a []float32, lda int, b []float32, ldb int, c []float32, ldc int) bool {
	if p.blas == nil {
		return false
	}
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	p.blas.threads(int32(p.threads))
	defer p.blas.threads(1)
	opA, _ := operand(a, lda, ta).trans()
	opB, _ := operand(b, ldb, tb).trans()
	p.blas.sgemm(opA, opB, m, n, k, &a[0], lda, &b[0], ldb, 0, &c[0], ldc)
	return true
}

// product is Pool.product by the library: strips of a width that depends on the
// shape alone, each by one thread of ours, so that the result does not depend on
// how many there are.
func (l *library) product(p *Pool, a, b view, m, n, k int, add bool, c []float32, ldc int, each func(i0, i1, j0, j1 int, tile []float32, ld int)) {
	byRows := m > n
	along := min(1024, max(512, max(m, n)/16)) // each strip packs the shared operand anew
	if c == nil {
		along = max(1, min(along, tileMax/min(m, n)))
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
		l.multiply(ta, tb, i1-i0, j1-j0, k, &a.from(i0, 0).x[0], lda, &b.from(0, j0).x[0], ldb, beta, &to[0], ld)
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
