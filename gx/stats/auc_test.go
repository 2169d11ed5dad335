package stats

import "testing"

func TestAUC(t *testing.T) {
	// By hand: of six pairs four are above, one is equal.
	if a := AUC([]float64{3, 2}, []float64{1, 2, 2.5}); a != 4.5/6 {
		t.Error(a)
	}
	if a := AUC(nil, []float64{1}); a != 0.5 {
		t.Error(a)
	}
}
