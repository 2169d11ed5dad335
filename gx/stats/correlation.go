package stats

import (
	"math"

	"gonum.org/v1/gonum/stat/distuv"
)

// CorrelationP is the two-sided p of Pearson's correlation r of n pairs, by Student's t
// with n − 2 degrees of freedom: exact where both are normal and independent. It is 1
// with fewer than three pairs or r not a number.
func CorrelationP(r float64, n int) float64 {
	if n < 3 || math.IsNaN(r) {
		return 1
	}
	if math.Abs(r) >= 1 {
		return 0
	}
	df := float64(n - 2)
	t := math.Abs(r) * math.Sqrt(df/(1-r*r))
	return 2 * distuv.StudentsT{Mu: 0, Sigma: 1, Nu: df}.Survival(t)
}
