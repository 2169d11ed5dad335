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

// many is samples whose targets follow their features.
func many(n, p, targets int) (x, y prep.Matrix) {
	rng := rand.New(rand.NewPCG(1, 1))
	x, y = prep.NewMatrix(n, p), prep.NewMatrix(n, targets)
	for i := range x.Data {
		x.Data[i] = float32(rng.NormFloat64())
	}
	for i := range n {
		for t := range targets {
			y.Row(i)[t] = x.Row(i)[t%p] + x.Row(i)[(t+7)%p] + float32(rng.NormFloat64())
		}
	}
	return x, y
}

func BenchmarkRegression(b *testing.B) {
	x, y := many(1000, 943, 10_000)
	for _, r := range []Regressor{LinearRegression{}, Ridge{}, Lasso{}, KNNRegression{}} {
		b.Run(r.Name(), func(b *testing.B) {
			for b.Loop() {
				m, err := r.Train(context.Background(), x, y)
				if err != nil {
					b.Fatal(err)
				}
				if _, err := m.Predict(x); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkSVM(b *testing.B) {
	x, labels := clusters(1000, 2000, 16, 1, 1)
	for _, s := range []SVM{{Kernel: Linear}, {}} {
		b.Run(s.Name(), func(b *testing.B) {
			for b.Loop() {
				m, err := s.Fit(context.Background(), x, labels)
				if err != nil {
					b.Fatal(err)
				}
				if _, err := m.Predict(x.Pick([]int{0, 1, 2, 3, 4, 5, 6, 7, 8, 9})); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkNearest(b *testing.B) {
	x, _ := clusters(1000, 2000, 16, 1, 1)
	for b.Loop() {
		if _, err := Nearest(context.Background(), x, 5); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkGENIE3(b *testing.B) {
	x, _ := clusters(200, 60, 8, 1, 1)
	for _, extra := range []bool{false, true} {
		b.Run(fmt.Sprint("extra=", extra), func(b *testing.B) {
			for b.Loop() {
				if _, err := (GENIE3{Trees: 100, Extra: extra}).Fit(context.Background(), x); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
