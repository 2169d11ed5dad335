package cpu

// GemvT computes y = xᵀ·W for the k × n matrix W: a layer's weighted sums for one
// sample. Zeros of x are passed over. Wide rows are cut into columns; of many
// short rows, blocks are summed apart and then together, in order.
func (p *Pool) GemvT(k, n int, x, w, y []float32) {
	if n == 0 {
		return
	}
	rows := max(1, (1<<20)/n)
	if n >= 4096 || k <= rows {
		p.Run(n, 2048, func(lo, hi int) { p.weighted(x[:k], w[lo:], n, y[lo:hi]) })
		return
	}
	parts := p.Borrow((k + rows - 1) / rows * n)
	p.Run(k, rows, func(lo, hi int) { p.weighted(x[lo:hi], w[lo*n:], n, parts[lo/rows*n:][:n]) })
	clear(y[:n])
	for at := 0; at < len(parts); at += n {
		p.k.axpy(int64(n), 1, &parts[at], &y[0])
	}
	p.GiveBack(parts)
}

// weighted sets y to the rows of w, ld apart, weighted by x.
func (p *Pool) weighted(x, w []float32, ld int, y []float32) {
	clear(y)
	for i, v := range x {
		if v != 0 {
			p.k.axpy(int64(len(y)), v, &w[i*ld], &y[0])
		}
	}
}

// BackRank1 takes a step of gradient descent on a layer's weights for one sample,
// reading and writing each weight once: with the layer's input x and the error d
// of its weighted sums, dx[i] = Σ_j W[i][j]·d[j] of the weights before the step
// (dx may be nil) and W[i][j] −= rate·(x[i]·d[j] + l2·W[i][j] + l1·sign(W[i][j])).
// l2 is the derivative's factor.
func (p *Pool) BackRank1(k, n int, x, w, d, dx []float32, rate, l1, l2 float32) {
	grain := max(1, (1<<16)/max(1, n))
	p.Run(k, grain, func(lo, hi int) {
		for i := lo; i < hi; i++ {
			row := w[i*n : i*n+n]
			step := -rate * x[i]
			if l1 != 0 || l2 != 0 {
				if dx != nil {
					dx[i] = p.k.dot(int64(n), &d[0], &row[0])
				}
				penalise(row, rate, l1, l2)
				p.k.axpy(int64(n), step, &d[0], &row[0])
				continue
			}
			if dx != nil {
				dx[i] = p.k.dotAxpy(int64(n), step, &d[0], &row[0])
			} else if step != 0 {
				p.k.axpy(int64(n), step, &d[0], &row[0])
			}
		}
	})
}

func penalise(w []float32, rate, l1, l2 float32) {
	for j, v := range w {
		g := l2 * v
		if v > 0 {
			g += l1
		} else if v < 0 {
			g -= l1
		}
		w[j] = v - rate*g
	}
}

// Axpy adds alpha·x to y.
func (p *Pool) Axpy(alpha float32, x, y []float32) {
	if len(x) == 0 {
		return
	}
	p.Run(len(x), 1<<15, func(lo, hi int) { p.k.axpy(int64(hi-lo), alpha, &x[lo], &y[lo]) })
}

// Mul multiplies y by x, value by value.
func (p *Pool) Mul(x, y []float32) {
	p.Run(len(y), 1<<14, func(lo, hi int) {
		if p.k.mul != nil {
			p.k.table.over(p.k.mul, x[lo:hi], y[lo:hi])
			return
		}
		for i, v := range x[lo:hi] {
			y[lo+i] *= v
		}
	})
}
