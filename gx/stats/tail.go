package stats

import "math"

// Side says which alternative a test weighs against chance.
type Side uint8

// The alternatives. For paired x and y, Greater means that x tends to be above y.
const (
	TwoSided Side = iota
	Greater
	Less
)

// String is "two-sided", "greater" or "less".
func (s Side) String() string { return [...]string{"two-sided", "greater", "less"}[s%3] }

// Method says where a test's p comes from.
type Method uint8

// The methods.
const (
	Auto   Method = iota // Exact for small samples, Normal above; each test says where it changes
	Exact                // every way to deal out the signs or labels, ties as they are
	Normal               // the normal curve, its variance corrected for ties
)

// logUpper is the logarithm of the normal curve's area above z. It stays good where
// the area itself is too small for a float64 (z > 38).
func logUpper(z float64) float64 {
	switch {
	case math.IsNaN(z):
		return z
	case z < -1:
		return math.Log1p(-math.Erfc(-z/math.Sqrt2) / 2)
	case z < 30:
		return math.Log(math.Erfc(z/math.Sqrt2) / 2)
	}
	// The asymptotic series of Mills' ratio; at z = 30 the first term left out is 1e-14.
	q := 1 / (z * z)
	series := -q * (1 - 3*q*(1-5*q*(1-7*q*(1-9*q))))
	return -z*z/2 - math.Log(z) - math.Log(2*math.Pi)/2 + math.Log1p(series)
}

// logNormalP is the logarithm of the p of a normal score, with half a step of
// continuity correction where step (in units of z) is not 0.
func logNormalP(z, step float64, side Side) float64 {
	switch side {
	case Greater:
		return logUpper(z - step)
	case Less:
		return logUpper(-(z + step))
	}
	z = math.Abs(z)
	if z > 0 {
		z -= step
	}
	return math.Min(0, math.Ln2+logUpper(math.Abs(z)))
}

// tails is an exact null distribution: the chance of each value of a statistic.
type tails []float64

// p is the chance of a statistic at least as far out as s, on the given side; doubled
// for two sides, never above 1. Sums start at the far end, where terms are smallest.
func (t tails) p(s int, side Side) float64 {
	low, high := 0.0, 0.0
	for _, v := range t[:s+1] {
		low += v
	}
	for i := len(t) - 1; i >= s; i-- {
		high += t[i]
	}
	switch side {
	case Greater:
		return math.Min(1, high)
	case Less:
		return math.Min(1, low)
	}
	return math.Min(1, 2*math.Min(low, high))
}

// tieSum is Σ(t³−t) over the groups of equal ranks, the variance that ties take away.
// The ranks must be sorted.
func tieSum(sorted []float64) (sum float64) {
	for lo := 0; lo < len(sorted); {
		hi := lo + 1
		for hi < len(sorted) && sorted[hi] == sorted[lo] {
			hi++
		}
		t := float64(hi - lo)
		sum += t*t*t - t
		lo = hi
	}
	return sum
}
