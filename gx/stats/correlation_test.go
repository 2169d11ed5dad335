package stats

import (
	"math"
	"testing"
)

// The value is R 4.2.2's: cor.test(1:8, c(2,1,4,3,7,5,8,9))$p.value.
func TestCorrelationP(t *testing.T) {
	x := []float64{1, 2, 3, 4, 5, 6, 7, 8}
	r, err := Pearson(x, []float64{2, 1, 4, 3, 7, 5, 8, 9})
	if p := CorrelationP(r, len(x)); err != nil || math.Abs(p-0.00143907956973209) > 1e-14 {
		t.Error(r, p, err)
	}
	if CorrelationP(0.5, 2) != 1 || CorrelationP(1, 5) != 0 || CorrelationP(math.NaN(), 9) != 1 {
		t.Error("the edges")
	}
}
