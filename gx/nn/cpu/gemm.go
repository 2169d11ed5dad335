package cpu

// Gemm computes C = beta·C + op(A)·op(B) on row-major matrices: op(A) is m × k,
// op(B) is k × n, C is m × n, and op transposes where ta or tb is set; lda, ldb
// and ldc are the lengths of the rows as stored. beta 0 overwrites C whatever it
// holds.
func (p *Pool) Gemm(ta, tb bool, m, n, k int, a []float32, lda int, b []float32, ldb int, beta float32, c []float32, ldc int) {
	if m == 0 || n == 0 {
		return
	}
	ars, acs := lda, 1
	if ta {
		ars, acs = 1, lda
	}
	brs, bcs := ldb, 1
	if tb {
		brs, bcs = 1, ldb
	}
	mr, nr := p.k.mr, p.k.nr
	// C is cut into tiles, by columns where it is wide and by rows where it is
	// tall; each tile is summed over k in the same order whoever computes it.
	tm, tn := roundUp(m, mr), roundUp(n, nr)
	const area = 1 << 17
	if n >= m {
		tn = max(nr, roundUp(min(tn, max(area/max(m, 1), 512)), nr))
		if tn > 2048 {
			tn = 2048 / nr * nr
		}
	} else {
		tm = max(mr, roundUp(min(tm, max(area/max(n, 1), 336)), mr))
		if tm > 1680 {
			tm = 1680 / mr * mr
		}
	}
	rows, cols := (m+tm-1)/tm, (n+tn-1)/tn
	p.Run(rows*cols, 1, func(lo, _ int) {
		i0, j0 := lo/cols*tm, lo%cols*tn
		mm, nn := min(tm, m-i0), min(tn, n-j0)
		w := p.pack(mr, nr)
		g := gemmTile{k: &p.k, w: w}
		g.run(mm, nn, k, a[i0*ars:], ars, acs, b[j0*bcs:], brs, bcs, beta, c[i0*ldc+j0:], ldc)
		p.unpack(w)
	})
}

const (
	blockK = 384
	blockM = 336  // rows of A packed at once: a multiple of 14, 6 and 4
	blockN = 2048 // columns of B packed at once
)

type packed struct{ a, b, tmp []float32 }

func (p *Pool) pack(mr, nr int) *packed {
	p.mu.Lock()
	defer p.mu.Unlock()
	if n := len(p.free); n > 0 {
		w := p.free[n-1]
		p.free = p.free[:n-1]
		return w
	}
	return &packed{
		a: make([]float32, (blockM+mr)*blockK), b: make([]float32, (blockN+nr)*blockK),
		tmp: make([]float32, mr*nr),
	}
}

func (p *Pool) unpack(w *packed) {
	p.mu.Lock()
	p.free = append(p.free, w)
	p.mu.Unlock()
}

type gemmTile struct {
	k *kernels
	w *packed
}

func (g gemmTile) run(m, n, k int, a []float32, ars, acs int, b []float32, brs, bcs int, beta float32, c []float32, ldc int) {
	mr, nr := g.k.mr, g.k.nr
	for i := range m {
		row := c[i*ldc : i*ldc+n]
		if beta == 0 {
			clear(row)
		} else if beta != 1 {
			for j := range row {
				row[j] *= beta
			}
		}
	}
	for jc := 0; jc < n; jc += blockN {
		nc := min(blockN, n-jc)
		for pc := 0; pc < k; pc += blockK {
			kc := min(blockK, k-pc)
			packB(g.w.b, b[pc*brs+jc*bcs:], brs, bcs, kc, nc, nr)
			for ic := 0; ic < m; ic += blockM {
				mc := min(blockM, m-ic)
				packA(g.w.a, a[ic*ars+pc*acs:], ars, acs, mc, kc, mr)
				for jr := 0; jr < nc; jr += nr {
					for ir := 0; ir < mc; ir += mr {
						pa, pb := &g.w.a[ir*kc], &g.w.b[jr*kc]
						if mc-ir >= mr && nc-jr >= nr {
							g.k.micro(int64(kc), pa, pb, &c[(ic+ir)*ldc+jc+jr], int64(ldc))
							continue
						}
						tmp := g.w.tmp
						clear(tmp)
						g.k.micro(int64(kc), pa, pb, &tmp[0], int64(nr))
						cols := min(nr, nc-jr)
						for i := range min(mr, mc-ir) {
							row := c[(ic+ir+i)*ldc+jc+jr:]
							for j, v := range tmp[i*nr : i*nr+cols] {
								row[j] += v
							}
						}
					}
				}
			}
		}
	}
}

// packA copies m × k of op(A) so that the mr rows of each strip lie together,
// column by column; rows beyond m are zero.
func packA(dst, a []float32, ars, acs, m, k, mr int) {
	for i0 := 0; i0 < m; i0 += mr {
		mm := min(mr, m-i0)
		d := dst[i0*k : i0*k+mr*k]
		if mm < mr {
			clear(d)
		}
		if acs == 1 {
			for i := range mm {
				src := a[(i0+i)*ars : (i0+i)*ars+k]
				for p, v := range src {
					d[p*mr+i] = v
				}
			}
			continue
		}
		for p := range k {
			copy(d[p*mr:p*mr+mm], a[p*acs+i0:])
		}
	}
}

// packB copies k × n of op(B) so that the nr columns of each strip lie together,
// row by row; columns beyond n are zero.
func packB(dst, b []float32, brs, bcs, k, n, nr int) {
	for j0 := 0; j0 < n; j0 += nr {
		nn := min(nr, n-j0)
		d := dst[j0*k : j0*k+nr*k]
		if nn < nr {
			clear(d)
		}
		if bcs == 1 {
			for p := range k {
				copy(d[p*nr:p*nr+nn], b[p*brs+j0:])
			}
			continue
		}
		for j := range nn {
			src := b[(j0+j)*bcs : (j0+j)*bcs+k]
			for p, v := range src {
				d[p*nr+j] = v
			}
		}
	}
}

func roundUp(n, to int) int { return (n + to - 1) / to * to }
