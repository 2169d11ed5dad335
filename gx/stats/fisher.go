package stats

import (
	"fmt"
	"math"

	"github.com/gxlab/gxlab/gx/fault"
)

// A FourFold is a table of two yes-or-no questions: of genes, are they in the list,
// and in the set?
type FourFold struct {
	Both, First, Second, Neither int // in the list and the set, in the list alone, in the set alone, in none
}

// FisherResult is what Fisher's exact test found.
type FisherResult struct {
	Odds      float64 // sample odds ratio, Both·Neither / (First·Second); NaN where a row or column is empty
	Estimate  float64 // conditional maximum-likelihood odds ratio: R's estimate
	Low, High float64 // exact 95 % confidence interval of the odds ratio, of the test's side, as R's
	P         float64 // 0 only where it is below the least float64: LogP then still holds it
	MidP      float64 // with half of the chance of tables as likely as this one (Lancaster 1961)
	LogP      float64 // natural logarithm of P
	LogMidP   float64
}

// Fisher is Fisher's exact test of a four-fold table, margins given. Greater is the
// hypergeometric upper tail, the test of over-representation; two-sided sums all
// tables that are no more likely than this one, as R's fisher.test. An error names a
// negative count. With an empty row or column P is 1 and the odds ratio has no value.
func Fisher(t FourFold, side Side) (FisherResult, error) {
	if min(t.Both, t.First, t.Second, t.Neither) < 0 {
		return FisherResult{}, fault.New(fmt.Sprintf("Fisher's test: a count is negative in %+v", t), "", "counts from 0")
	}
	c := t.counts()
	r := FisherResult{Odds: t.odds(), LogP: c.p(t.Both, side, 1), LogMidP: c.p(t.Both, side, 0.5)}
	r.P, r.MidP = math.Exp(r.LogP), math.Exp(r.LogMidP)
	n := newNoncentral(c)
	r.Estimate = n.estimate(t.Both)
	r.Low, r.High = n.interval(t.Both, side, 0.95)
	return r, nil
}

func (t FourFold) counts() counts {
	return hypergeometric(t.Both+t.First+t.Second+t.Neither, t.Both+t.Second, t.Both+t.First)
}

func (t FourFold) odds() float64 {
	return float64(t.Both) * float64(t.Neither) / (float64(t.First) * float64(t.Second))
}

// noncentral is the distribution of Both for any odds ratio: its terms at odds 1 that
// matter for odds within e^±700.
type noncentral struct {
	lo, hi int
	log    []float64
}

func newNoncentral(c counts) noncentral {
	n := noncentral{lo: c.lo, hi: c.hi, log: make([]float64, c.hi-c.lo+1)}
	for i := range n.log {
		n.log[i] = c.log(c.lo + i)
	}
	return n
}

// weights calls f with every number and its chance, relative to the greatest, when
// the odds ratio is e^theta.
func (n noncentral) weights(theta float64, f func(k int, w float64)) {
	top := math.Inf(-1)
	for i, l := range n.log {
		top = math.Max(top, l+theta*float64(n.lo+i))
	}
	for i, l := range n.log {
		if d := l + theta*float64(n.lo+i) - top; d > -50 {
			f(n.lo+i, math.Exp(d))
		}
	}
}

// root finds where a rising function of the log odds crosses zero.
func root(f func(theta float64) float64) float64 {
	lo, hi := -1.0, 1.0
	for f(lo) > 0 && lo > -1e6 {
		lo *= 2
	}
	for f(hi) < 0 && hi < 1e6 {
		hi *= 2
	}
	for range 200 {
		m := (lo + hi) / 2
		if m == lo || m == hi {
			break
		}
		if f(m) < 0 {
			lo = m
		} else {
			hi = m
		}
	}
	return (lo + hi) / 2
}

// estimate is the odds ratio at which x is the mean.
func (n noncentral) estimate(x int) float64 {
	switch {
	case n.lo == n.hi:
		return math.NaN()
	case x == n.lo:
		return 0
	case x == n.hi:
		return math.Inf(1)
	}
	return math.Exp(root(func(theta float64) float64 {
		sum, mean := 0.0, 0.0
		n.weights(theta, func(k int, w float64) { sum += w; mean += w * float64(k-x) })
		return mean / sum
	}))
}

// interval is the exact confidence interval of the odds ratio.
func (n noncentral) interval(x int, side Side, level float64) (low, high float64) {
	low, high = 0, math.Inf(1)
	if n.lo == n.hi {
		return low, high
	}
	miss := 1 - level
	if side == TwoSided {
		miss /= 2
	}
	share := func(theta float64, in func(k int) bool) float64 {
		sum, part := 0.0, 0.0
		n.weights(theta, func(k int, w float64) {
			sum += w
			if in(k) {
				part += w
			}
		})
		return part / sum
	}
	if side != Less && x > n.lo {
		low = math.Exp(root(func(t float64) float64 { return share(t, func(k int) bool { return k >= x }) - miss }))
	}
	if side != Greater && x < n.hi {
		high = math.Exp(root(func(t float64) float64 { return miss - share(t, func(k int) bool { return k <= x }) }))
	}
	return low, high
}
