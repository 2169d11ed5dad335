package stats

import (
	"fmt"
	"math"

	"gonum.org/v1/gonum/mathext"

	"github.com/gxlab/gxlab/gx/fault"
)

// BinomialResult is what the binomial test found.
type BinomialResult struct {
	Share     float64 // successes as a share of the tries; NaN of none
	Low, High float64 // exact 95 % confidence interval of the chance of success, of the test's side (Clopper and Pearson 1934)
	P         float64
	LogP      float64 // natural logarithm of P, also where P is too small for a float64
}

// Binomial is the exact binomial test: are so many successes in n tries chance, when
// each has that chance of success? Two-sided sums all numbers that are no more likely,
// as R's binom.test. Of no tries P is 1. Errors: successes outside 0 to n, a chance
// outside 0 to 1.
func Binomial(successes, n int, chance float64, side Side) (BinomialResult, error) {
	if successes < 0 || successes > n {
		return BinomialResult{}, fault.New(fmt.Sprintf("binomial test: %d successes in %d tries", successes, n), "", "successes from 0 to the number of tries")
	}
	if !(chance >= 0 && chance <= 1) {
		return BinomialResult{}, fault.New(fmt.Sprintf("binomial test: a chance of %g", chance), "", "a chance from 0 to 1, such as 0.5")
	}
	k, m := float64(successes), float64(n)
	r := BinomialResult{Share: k / m, High: 1}
	switch {
	case chance == 0 || chance == 1:
		if certain := int(chance) * n; successes != certain && !(side == Greater && successes < certain) && !(side == Less && successes > certain) {
			r.LogP = math.Inf(-1)
		}
	default:
		r.LogP = binomial(n, chance).p(successes, side, 1)
	}
	r.P = math.Exp(r.LogP)
	miss := 0.05
	if side == TwoSided {
		miss /= 2
	}
	if side != Less && successes > 0 {
		r.Low = mathext.InvRegIncBeta(k, m-k+1, miss)
	}
	if side != Greater && successes < n {
		r.High = mathext.InvRegIncBeta(k+1, m-k, 1-miss)
	}
	return r, nil
}
