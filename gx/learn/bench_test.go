package learn

import (
	"context"
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/gxlab/gxlab/gx/prep"
)

// clusters is samples of k classes, of whose features some tell the class.
func clusters(n, p, k int, shift float64, seed uint64) (prep.Matrix, []string) {
	rng := rand.New(rand.NewPCG(seed, 1))
	centre := make([]float64, k*p)
	for i := range centre {
		if rng.IntN(10) == 0 {
			centre[i] = shift * rng.NormFloat64()
		}
	}
	x, labels := prep.NewMatrix(n, p), make([]string, n)
	for i := range n {
		c := i % k
		labels[i] = fmt.Sprintf("class %02d", c)
		for j := range p {
			x.Row(i)[j] = float32(centre[c*p+j] + rng.NormFloat64())
		}
	}
	return x, labels
}

func BenchmarkRandomForest(b *testing.B) {
	x, labels := clusters(1000, 2000, 16, 1, 1)
	for b.Loop() {
		f, err := RandomForest{Seed: 1}.Fit(context.Background(), x, labels)
		if err != nil {
			b.Fatal(err)
		}
		b.ReportMetric(f.OOB(), "oob")
	}
}
