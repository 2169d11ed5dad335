package stats

import (
	"fmt"
	"math"

	"github.com/gxlab/gxlab/gx/fault"
)

// CombinedP is several p values of one question as one.
type CombinedP struct {
	Statistic float64 // −2 Σ ln p
	DF        int     // twice the number of p values
	P         float64
	LogP      float64 // natural logarithm of P, also where P is too small for a float64
}

// CombineP joins the p values of independent tests of one question (Fisher 1932):
// −2 Σ ln p is chi-squared with two degrees of freedom a test. NaN does not count as a
// test; with none left P is NaN. An error names a p outside 0 to 1.
func CombineP(p []float64) (CombinedP, error) {
	var r CombinedP
	for i, v := range p {
		switch {
		case math.IsNaN(v):
		case v < 0 || v > 1:
			return CombinedP{}, fault.New(fmt.Sprintf("combining p values: p %d is %g", i+1, v), "", "values from 0 to 1")
		default:
			r.Statistic -= 2 * math.Log(v)
			r.DF += 2
		}
	}
	if r.DF == 0 {
		r.Statistic, r.P, r.LogP = math.NaN(), math.NaN(), math.NaN()
		return r, nil
	}
	r.LogP = logErlang(r.Statistic/2, r.DF/2)
	r.P = math.Exp(r.LogP)
	return r, nil
}

// logErlang is the logarithm of the chance that a sum of n waiting times of mean 1 is
// x or more: e^−x Σ x^i/i! over i below n.
func logErlang(x float64, n int) float64 {
	switch {
	case x <= 0:
		return 0
	case math.IsInf(x, 1):
		return math.Inf(-1)
	}
	if x < float64(n) { // more than about a half: the rest of the series, from i = n, is the smaller part
		sum, term := 1.0, 1.0
		for i := n + 1; term > sum*1e-18; i++ {
			term *= x / float64(i)
			sum += term
		}
		return math.Log1p(-math.Min(1, math.Exp(logPoisson(n, x)+math.Log(sum))))
	}
	sum, term := 1.0, 1.0
	for i := n - 1; i > 0 && term > sum*1e-18; i-- {
		term *= float64(i) / x
		sum += term
	}
	return math.Min(0, logPoisson(n-1, x)+math.Log(sum))
}

// logPoisson is the logarithm of the chance of i events where x are expected.
func logPoisson(i int, x float64) float64 {
	if i == 0 {
		return -x
	}
	n := float64(i)
	return -stirling(n) - deviance(n, x) - math.Log(2*math.Pi*n)/2
}
