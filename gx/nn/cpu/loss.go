package cpu

import "math"

// pieces of a loss are summed in float64 in pieces of fixed size, in order.
const lossGrain = 1 << 14

func (p *Pool) sums(n int, f func(lo, hi int) float64) float64 {
	if n == 0 {
		return 0
	}
	parts := make([]float64, (n+lossGrain-1)/lossGrain)
	p.Run(n, lossGrain, func(lo, hi int) { parts[lo/lossGrain] = f(lo, hi) })
	s := 0.0
	for _, v := range parts {
		s += v
	}
	return s
}

// MSE returns Σ (y − x)² and sets d = 2·scale·(y − x); d may be nil.
func (p *Pool) MSE(y, x, d []float32, scale float32) float64 {
	return p.MSEDelta(Linear, y, x, d, scale)
}

// MAE returns Σ |y − x| and sets d = scale·sign(y − x); d may be nil.
func (p *Pool) MAE(y, x, d []float32, scale float32) float64 {
	return p.MAEDelta(Linear, y, x, d, scale)
}

// MSEDelta is MSE where y are values of the activation: d is the gradient by the
// activation's inputs, in the same pass. SoftMax and those that need their input
// cannot be had so.
func (p *Pool) MSEDelta(act Act, y, x, d []float32, scale float32) float64 {
	c := new([16]float32)
	for i := range c {
		c[i] = 2 * scale
	}
	return p.loss(p.k.mse, mse, &c[0], act, y, x, d)
}

// MAEDelta is MAE, likewise.
func (p *Pool) MAEDelta(act Act, y, x, d []float32, scale float32) float64 {
	c := new([4][16]float32)
	for i := range c[0] {
		c[0][i], c[1][i], c[2][i], c[3][i] = scale, -scale, 0x1p127, math.Float32frombits(1<<31-1)
	}
	return p.loss(p.k.mae, mae, &c[0][0], act, y, x, d)
}

// loss sums by the vector kernel what fills its lanes and by the plain one the
// rest.
func (p *Pool) loss(vector func(n int64, y, x, d, c *float32) float64, plain func(y, x, d []float32, c float32) float64, c *float32, act Act, y, x, d []float32) float64 {
	return p.sums(len(y), func(lo, hi int) float64 {
		s, mid := 0.0, lo
		if vector != nil {
			mid = hi - (hi-lo)%p.k.lanes
		}
		if mid > lo {
			var dp *float32
			if d != nil {
				dp = &d[lo]
			}
			s = vector(int64(mid-lo), &y[lo], &x[lo], dp, c)
		}
		if d == nil {
			return s + plain(y[mid:hi], x[mid:hi], nil, *c)
		}
		s += plain(y[mid:hi], x[mid:hi], d[mid:hi], *c)
		if act != Linear {
			p.k.derive(act, nil, y[lo:hi], d[lo:hi])
		}
		return s
	})
}

func mse(y, x, d []float32, c float32) float64 {
	var s [4]float64
	for i, v := range y {
		t := v - x[i]
		s[i&3] += float64(t * t)
		if d != nil {
			d[i] = c * t
		}
	}
	return s[0] + s[1] + s[2] + s[3]
}

func mae(y, x, d []float32, c float32) float64 {
	s := 0.0
	for i, v := range y {
		t := v - x[i]
		s += math.Abs(float64(t))
		if d == nil {
			continue
		}
		switch {
		case t > 0:
			d[i] = c
		case t < 0:
			d[i] = -c
		default:
			d[i] = t * 0 // 0, and NaN for NaN
		}
	}
	return s
}

// CrossEntropy returns Σ −log softmax(y)[class] over rows × n scores y and sets
// d = scale·(softmax(y) − one-hot class); d may be nil. Rows of a class below 0 do not
// count: their d is 0.
func (p *Pool) CrossEntropy(rows, n int, y []float32, class []int, d []float32, scale float32) float64 {
	each := make([]float64, rows)
	p.Run(rows, max(1, (1<<13)/max(1, n)), func(lo, hi int) {
		tmp := make([]float32, n)
		for r := lo; r < hi; r++ {
			row := y[r*n : r*n+n]
			if class[r] < 0 {
				if d != nil {
					clear(d[r*n : r*n+n])
				}
				continue
			}
			softmax(row, tmp)
			top := float32(math.Inf(-1))
			for _, v := range row {
				top = max(top, v)
			}
			sum := 0.0
			for _, v := range row {
				sum += math.Exp(float64(v - top))
			}
			each[r] = math.Log(sum) - float64(row[class[r]]-top)
			if d != nil {
				for j, v := range tmp {
					d[r*n+j] = scale * v
				}
				d[r*n+class[r]] -= scale
			}
		}
	})
	s := 0.0
	for _, v := range each {
		s += v
	}
	return s
}

// Misses says whether scores put a sample into another class than its own: one whose
// score is higher, or as high and comes first.
func Misses(scores []float32, class int) bool {
	for j, v := range scores {
		if v > scores[class] || v == scores[class] && j < class {
			return true
		}
	}
	return false
}

// ColSums sets g to the sums of the columns of d, rows × n.
func (p *Pool) ColSums(rows, n int, d, g []float32) {
	p.Run(n, 512, func(lo, hi int) {
		s := g[lo:hi]
		clear(s)
		for r := range rows {
			p.k.axpy(int64(hi-lo), 1, &d[r*n+lo], &s[0])
		}
	})
}
