package cpu

import "math"

// pieces of a loss are summed in float64 in pieces of fixed size, in order.
const lossGrain = 1 << 14

func (p *Pool) sums(n int, f func(lo, hi int) float64) float64 {
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
	return p.sums(len(y), func(lo, hi int) float64 {
		ys, xs := y[lo:hi], x[lo:hi]
		var s [4]float64
		if d == nil {
			for i, v := range ys {
				t := v - xs[i]
				s[i&3] += float64(t * t)
			}
			return s[0] + s[1] + s[2] + s[3]
		}
		ds, c := d[lo:hi], 2*scale
		for i, v := range ys {
			t := v - xs[i]
			s[i&3] += float64(t * t)
			ds[i] = c * t
		}
		return s[0] + s[1] + s[2] + s[3]
	})
}

// MAE returns Σ |y − x| and sets d = scale·sign(y − x); d may be nil.
func (p *Pool) MAE(y, x, d []float32, scale float32) float64 {
	return p.sums(len(y), func(lo, hi int) float64 {
		s := 0.0
		for i := lo; i < hi; i++ {
			t := y[i] - x[i]
			s += math.Abs(float64(t))
			if d == nil {
				continue
			}
			switch {
			case t > 0:
				d[i] = scale
			case t < 0:
				d[i] = -scale
			default:
				d[i] = t * 0 // 0, and NaN for NaN
			}
		}
		return s
	})
}

// CrossEntropy returns Σ −log softmax(y)[class] over rows × n scores y and sets
// d = scale·(softmax(y) − one-hot class); d may be nil.
func (p *Pool) CrossEntropy(rows, n int, y []float32, class []int, d []float32, scale float32) float64 {
	each := make([]float64, rows)
	p.Run(rows, max(1, (1<<13)/max(1, n)), func(lo, hi int) {
		tmp := make([]float32, n)
		for r := lo; r < hi; r++ {
			row := y[r*n : r*n+n]
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
