package stats

import "math"

// The chances of counts are summed as logarithms around their greatest term, and each
// term is told from its deviance (Loader 2000, "Fast and accurate computation of
// binomial probabilities"): differences of log-gammas, the shorter way, lose their
// digits where the counts are large.

// stirling is ln n! less Stirling's formula (n+½)ln n − n + ½ln 2π, for whole n.
func stirling(n float64) float64 {
	switch {
	case n == 0:
		return 0
	case n < 16:
		l, _ := math.Lgamma(n + 1)
		return l - (n+0.5)*math.Log(n) + n - math.Log(2*math.Pi)/2
	}
	q := 1 / (n * n)
	return (1/12.0 - q*(1/360.0-q*(1/1260.0-q*(1/1680.0-q/1188)))) / n
}

// deviance is x ln(x/m) + m − x, without loss where x is near m.
func deviance(x, m float64) float64 {
	d := x - m
	if math.Abs(d) >= 0.1*(x+m) {
		return x*math.Log(x/m) - d
	}
	// ln(x/m) = 2 artanh(v), v = d/(x+m)
	v := d / (x + m)
	sum, power := d*v, 2*x*v
	for j := 3.0; ; j += 2 {
		power *= v * v
		next := sum + power/j
		if next == sum {
			return sum
		}
		sum = next
	}
}

// logBinomial is the logarithm of the chance of x successes in n tries of chance p,
// q = 1−p.
func logBinomial(x, n, p, q float64) float64 {
	switch {
	case x < 0 || x > n:
		return math.Inf(-1)
	case p == 0 || q == 0:
		if p == 0 && x == 0 || q == 0 && x == n {
			return 0
		}
		return math.Inf(-1)
	case x == 0:
		if n == 0 {
			return 0
		}
		if p < 0.1 {
			return -deviance(n, n*q) - n*p
		}
		return n * math.Log(q)
	case x == n:
		if q < 0.1 {
			return -deviance(n, n*p) - n*q
		}
		return n * math.Log(p)
	}
	l := stirling(n) - stirling(x) - stirling(n-x) - deviance(x, n*p) - deviance(n-x, n*q)
	return l - (math.Log(2*math.Pi)+math.Log(x)+math.Log1p(-x/n))/2
}

// counts is the distribution of a whole number from lo to hi with one peak.
type counts struct {
	lo, hi int
	log    func(k int) float64 // logarithm of the chance of k
	ratio  func(k int) float64 // chance of k+1 over that of k
	peak   int
}

// hypergeometric counts the members of a set among drawn genes: universe genes, of
// which set belong to the set.
func hypergeometric(universe, set, drawn int) counts {
	n, r, b := float64(drawn), float64(set), float64(universe-set)
	p, q := n/float64(universe), float64(universe-drawn)/float64(universe)
	all := logBinomial(n, r+b, p, q)
	return counts{
		lo: max(0, drawn-(universe-set)), hi: min(set, drawn),
		log: func(k int) float64 {
			if universe == 0 {
				return 0
			}
			x := float64(k)
			return logBinomial(x, r, p, q) + logBinomial(n-x, b, p, q) - all
		},
		ratio: func(k int) float64 {
			x := float64(k)
			return (r - x) / (x + 1) * (n - x) / (b - n + x + 1)
		},
		peak: int((n + 1) * (r + 1) / (r + b + 2)),
	}
}

func binomial(n int, p float64) counts {
	m := float64(n)
	return counts{lo: 0, hi: n,
		log:   func(k int) float64 { return logBinomial(float64(k), m, p, 1-p) },
		ratio: func(k int) float64 { x := float64(k); return (m - x) / (x + 1) * p / (1 - p) },
		peak:  min(n, int((m+1)*p)),
	}
}

// sumUp is the sum of the chances from k up, as a share of that of k; k at or above
// the peak.
func (c counts) sumUp(k int) float64 {
	sum, term := 1.0, 1.0
	for ; k < c.hi; k++ {
		term *= c.ratio(k)
		if term < sum*1e-18 {
			break
		}
		sum += term
	}
	return sum
}

// sumDown is the same from k down; k at or below the peak.
func (c counts) sumDown(k int) float64 {
	sum, term := 1.0, 1.0
	for ; k > c.lo; k-- {
		term /= c.ratio(k - 1)
		if term < sum*1e-18 {
			break
		}
		sum += term
	}
	return sum
}

// upper is the logarithm of the chance of k or more.
func (c counts) upper(k int) float64 {
	switch {
	case k <= c.lo:
		return 0
	case k > c.hi:
		return math.Inf(-1)
	case k > c.peak:
		return math.Min(0, c.log(k)+math.Log(c.sumUp(k)))
	}
	return math.Log1p(-math.Min(1, math.Exp(c.log(k-1)+math.Log(c.sumDown(k-1)))))
}

// lower is the logarithm of the chance of k or less.
func (c counts) lower(k int) float64 {
	switch {
	case k >= c.hi:
		return 0
	case k < c.lo:
		return math.Inf(-1)
	case k < c.peak:
		return math.Min(0, c.log(k)+math.Log(c.sumDown(k)))
	}
	return math.Log1p(-math.Min(1, math.Exp(c.log(k+1)+math.Log(c.sumUp(k+1)))))
}

// tied says how far two chances may differ and still count as equal, as R does.
const tied = 1e-7

// twoSided is the logarithm of the chance of all numbers that are no more likely than
// k, those equally likely (R's way, up to 1e-7) counted with a weight: 1, or ½ for the
// mid-p.
func (c counts) twoSided(k int, weight float64) float64 {
	at := c.log(k)
	limit := at + math.Log1p(tied)
	floor := at + math.Log1p(-tied)
	// The first number beyond the peak that is no more likely, on either side: the
	// chances fall away from the peak, so halving finds it.
	peak := min(max(c.peak, c.lo), c.hi)
	side := func(up bool) float64 {
		end, sign := peak-c.lo, -1
		if up {
			end, sign = c.hi-peak, 1
		}
		lo, hi := 0, end+1 // steps from the peak
		if up {
			lo = 1 // the peak itself belongs to the lower side
		}
		for lo < hi {
			m := (lo + hi) / 2
			if c.log(peak+sign*m) <= limit {
				hi = m
			} else {
				lo = m + 1
			}
		}
		if lo > end {
			return 0
		}
		first := peak + sign*lo
		sum := 0.0
		if up {
			sum = c.sumUp(first)
		} else {
			sum = c.sumDown(first)
		}
		sum *= math.Exp(c.log(first) - at)
		for j := lo; j <= end && c.log(peak+sign*j) >= floor; j++ {
			sum -= (1 - weight) * math.Exp(c.log(peak+sign*j)-at)
		}
		return sum
	}
	return math.Min(0, at+math.Log(side(true)+side(false)))
}

// p is the logarithm of the p of k on a side; of the mid-p with weight ½. Where no
// other number was possible p is 1.
func (c counts) p(k int, s Side, weight float64) float64 {
	if c.lo == c.hi {
		return 0
	}
	if s == TwoSided {
		return c.twoSided(k, weight)
	}
	whole := c.upper(k)
	if s == Less {
		whole = c.lower(k)
	}
	if weight == 1 {
		return whole
	}
	// whole − (1−weight)·chance of k
	return whole + math.Log1p(-(1-weight)*math.Exp(math.Min(0, c.log(k)-whole)))
}
