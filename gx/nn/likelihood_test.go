package nn

import (
	"fmt"
	"math"
	"testing"

	"github.com/gxlab/gxlab/gx/nn/cpu"
)

// The likelihood of one value by the textbook's formulas, against ours, of counts kept in
// the table and beyond, and of chances of a zero near 0 and 1; and its derivatives against
// differences.
func TestLikelihoodsOfCounts(t *testing.T) {
	gammaLog := func(x float64) float64 { v, _ := math.Lgamma(x); return v }
	softplus := func(z float64) float64 { return math.Max(z, 0) + math.Log1p(math.Exp(-math.Abs(z))) }
	// Two targets share the library; the second only takes up the rest.
	textbook := func(zero bool, y, x, spread, logit []float64) (sum float64) {
		library, norm := x[0]+x[1], math.Exp(y[0])+math.Exp(y[1])
		for j, v := range x {
			m, theta := library*math.Exp(y[j])/norm, math.Exp(spread[j])
			p := gammaLog(v+theta) - gammaLog(theta) - gammaLog(v+1) + theta*(math.Log(theta)-math.Log(theta+m)) + v*(math.Log(m)-math.Log(theta+m))
			switch {
			case zero && v == 0: // log(π + (1−π)·exp p)
				a, b := math.Max(logit[j], p), math.Min(logit[j], p)
				p = a + math.Log1p(math.Exp(b-a)) - softplus(logit[j])
			case zero:
				p -= softplus(logit[j])
			}
			sum -= p
		}
		return sum
	}
	pool := cpu.NewPool(1)
	for _, kind := range []Loss{NegativeBinomial, ZeroInflated} {
		for _, v := range []float64{0, 1, 5, 12, 13, 300} {
			for _, logit := range []float64{-600, -30, -1, 0.5, 30, 600} {
				for _, spread := range []float64{-3, 0.7, 6} {
					name := fmt.Sprintf("%s of %g, logit %g, log θ %g", kind, v, logit, spread)
					f := func(y0, z, s float64) float64 {
						return textbook(kind == ZeroInflated, []float64{y0, -0.5}, []float64{v, 3}, []float64{s, 0.25}, []float64{z, -0.75})
					}
					y := []float32{0.375, -0.5, float32(logit), -0.75}
					if kind == NegativeBinomial {
						y = y[:2]
					}
					dy, ds := make([]float32, len(y)), make([]float32, 2)
					got := likelihood(pool, kind, 1, 2, y, []float32{float32(v), 3}, []float32{float32(spread), 0.25}, dy, ds, 1)[0]
					s := float64(float32(spread))
					if want := f(0.375, logit, s); !(math.Abs(got-want) <= 1e-11*math.Max(1, math.Abs(want))*math.Max(1, math.Exp(s))) {
						t.Errorf("%s: −log p %.15g, want %.15g", name, got, want)
					}
					const h = 1e-4
					slopes := map[string][2]float64{
						"output": {float64(dy[0]), f(0.375+h, logit, s) - f(0.375-h, logit, s)},
						"spread": {float64(ds[0]), f(0.375, logit, s+h) - f(0.375, logit, s-h)},
					}
					if kind == ZeroInflated {
						slopes["logit"] = [2]float64{float64(dy[2]), f(0.375, logit+h, s) - f(0.375, logit-h, s)}
					}
					for by, d := range slopes {
						if want := d[1] / (2 * h); !(math.Abs(d[0]-want) <= 1e-5*math.Max(1, math.Abs(want))) {
							t.Errorf("%s: derivative by its %s %g, want %g", name, by, d[0], want)
						}
					}
				}
			}
		}
	}
}
