package stats

import "testing"

// A rank test's matrices at the paper's size: 260 test samples × 20184 genes.
func BenchmarkMatrix(b *testing.B) {
	x, y := profiles(1, 260, 20184), profiles(2, 260, 20184)
	for _, m := range []Measure{BySpearman, ByPearson, ByMSE} {
		b.Run(m.String(), func(b *testing.B) {
			for b.Loop() {
				if _, err := m.Matrix(x, y); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
