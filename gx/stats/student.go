package stats

import (
	"fmt"
	"math"

	"gonum.org/v1/gonum/stat/distuv"

	"github.com/gxlab/gxlab/gx/fault"
)

// TResult is what a t-test found.
type TResult struct {
	Difference float64 // mean of x less that of y, in their unit
	Low, High  float64 // 95 % confidence interval of the difference, of the test's side
	T          float64 // NaN where there is no spread and no difference
	DF         float64 // degrees of freedom
	P          float64 // 1 where there is no spread and no difference, 0 (or 1, on the other side) with a difference and no spread
}

// PairedT is Student's t-test of paired values: is the mean of x−y zero? Greater asks
// whether it is above. Errors: lists of two lengths, fewer than two pairs, NaN.
func PairedT(x, y []float64, side Side) (TResult, error) {
	if err := checkPair("paired t-test", x, y, 2); err != nil {
		return TResult{}, err
	}
	d := make([]float64, len(x))
	for i := range x {
		d[i] = x[i] - y[i]
	}
	se := SE(d)
	if constant(d) {
		se = 0
	}
	return student(Mean(d), se, float64(len(d)-1), side), nil
}

// WelchT is the t-test of two separate groups that may spread unlike each other (Welch
// 1947): is the mean of x that of y? Errors: fewer than two values in a group, NaN.
func WelchT(x, y []float64, side Side) (TResult, error) {
	var at [2]float64 // squared standard errors
	for i, v := range [2][]float64{x, y} {
		if len(v) < 2 {
			return TResult{}, fault.New(fmt.Sprintf("Welch's t-test: groups of %d and %d values", len(x), len(y)), "", "at least two values in each group")
		}
		if err := checkValues("Welch's t-test", v); err != nil {
			return TResult{}, err
		}
		if se := SE(v); !constant(v) {
			at[i] = se * se
		}
	}
	se2 := at[0] + at[1]
	df := float64(len(x) + len(y) - 2)
	if se2 > 0 {
		// as shares of the sum, so that small spreads do not vanish when squared
		a, b := at[0]/se2, at[1]/se2
		df = 1 / (a*a/float64(len(x)-1) + b*b/float64(len(y)-1))
	}
	return student(Mean(x)-Mean(y), math.Sqrt(se2), df, side), nil
}

func student(difference, se, df float64, side Side) TResult {
	r := TResult{Difference: difference, DF: df, T: difference / se}
	r.P = studentP(r.T, df, side)
	if math.IsNaN(r.T) {
		r.P = 1
	}
	t := distuv.StudentsT{Sigma: 1, Nu: df}
	r.Low, r.High = math.Inf(-1), math.Inf(1)
	switch side {
	case Greater:
		r.Low = difference - se*t.Quantile(0.95)
	case Less:
		r.High = difference + se*t.Quantile(0.95)
	default:
		half := se * t.Quantile(0.975)
		r.Low, r.High = difference-half, difference+half
	}
	return r
}

// studentP is the p of a t score.
func studentP(t, df float64, side Side) float64 {
	if math.IsNaN(t) {
		return t
	}
	below := func(t float64) float64 {
		if math.IsInf(t, 0) {
			return map[bool]float64{true: 1, false: 0}[t > 0]
		}
		return distuv.StudentsT{Sigma: 1, Nu: df}.CDF(t)
	}
	switch side {
	case Greater:
		return below(-t)
	case Less:
		return below(t)
	}
	return math.Min(1, 2*below(-math.Abs(t)))
}

// CorrelationResult is what the test of a correlation found.
type CorrelationResult struct {
	R     float64 // NaN where a list is constant
	T     float64 // R as a t score with N−2 degrees of freedom; ±Inf at R ±1
	N     int     // pairs
	P     float64 // NaN with R
	Exact bool    // P counts all orders of the ranks
}

// CorrelationTest asks whether two lists of values are correlated, by BySpearman or
// ByPearson. P comes from the t score; for Spearman's up to 9 pairs without ties it
// counts all orders instead, as R does (R's own p from 10 to 1289 pairs is that of
// another approximation unless it is told exact = FALSE). Errors are those of Pearson,
// fewer than three pairs, and ByMSE.
func CorrelationTest(x, y []float64, by Measure, side Side) (CorrelationResult, error) {
	r := CorrelationResult{N: len(x)}
	if by != BySpearman && by != ByPearson {
		return r, fault.New(fmt.Sprintf("correlation test: %v is no correlation", by), "", "BySpearman or ByPearson")
	}
	if err := checkPair("correlation test", x, y, 3); err != nil {
		return r, err
	}
	if by == BySpearman {
		x, y = Ranks(x), Ranks(y)
	}
	r.R = pearson(x, y)
	r.T = r.R * math.Sqrt(float64(r.N-2)/((1-r.R)*(1+r.R)))
	if by == BySpearman && r.N <= 9 && tieSum(sorted(x)) == 0 && tieSum(sorted(y)) == 0 {
		r.Exact, r.P = true, rankOrders(x, y, side)
		return r, nil
	}
	r.P = studentP(r.T, float64(r.N-2), side)
	return r, nil
}

// rankOrders is the share of the orders of y whose Σ(x−y)² is as extreme as that at
// hand; doubled for two sides. The ranks have no ties.
func rankOrders(x, y []float64, side Side) float64 {
	n := len(x)
	distance := 0
	for i := range x {
		d := int(x[i] - y[i])
		distance += d * d
	}
	most := n * (n*n - 1) / 3
	t := make(tails, most+1)
	used := make([]bool, n)
	var deal func(i, sum int)
	deal = func(i, sum int) {
		if i == n {
			t[sum]++
			return
		}
		for j := range n {
			if !used[j] {
				used[j] = true
				deal(i+1, sum+(i-j)*(i-j))
				used[j] = false
			}
		}
	}
	deal(0, 0)
	all := 0.0
	for _, v := range t {
		all += v
	}
	for i := range t {
		t[i] /= all
	}
	switch side { // a small distance is a great correlation
	case Greater:
		side = Less
	case Less:
		side = Greater
	}
	return t.p(distance, side)
}
