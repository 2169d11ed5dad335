package stats

import (
	"fmt"
	"math"

	"github.com/gxlab/gxlab/gx/fault"
)

// Measure is a way to say how near two profiles are.
type Measure uint8

// The measures of the rank test.
const (
	BySpearman Measure = iota // rank correlation: more is closer
	ByPearson                 // correlation: more is closer
	ByMSE                     // mean squared error: less is closer
)

// String is the measure's name: "Spearman", "Pearson" or "MSE".
func (m Measure) String() string {
	switch m {
	case BySpearman:
		return "Spearman"
	case ByPearson:
		return "Pearson"
	case ByMSE:
		return "MSE"
	}
	return fmt.Sprintf("Measure(%d)", uint8(m))
}

// Closer reports whether a similarity of x is strictly nearer than one of y. NaN is
// farther than every number.
func (m Measure) Closer(x, y float64) bool {
	if math.IsNaN(x) || math.IsNaN(y) {
		return !math.IsNaN(x) && math.IsNaN(y)
	}
	if m == ByMSE {
		return x < y
	}
	return x > y
}

// Matrix compares every row of a with every row of b.
func (m Measure) Matrix(a, b [][]float32) ([][]float64, error) {
	switch m {
	case BySpearman:
		return SpearmanMatrix(a, b)
	case ByPearson:
		return PearsonMatrix(a, b)
	case ByMSE:
		return MSEMatrix(a, b)
	}
	return nil, fault.New(fmt.Sprintf("there is no measure %d", uint8(m)), "", "BySpearman, ByPearson or ByMSE")
}
