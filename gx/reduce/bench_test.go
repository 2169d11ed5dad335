package reduce

import (
	"context"
	"testing"
)

// The sizes of a small run and of the paper's: 780 training samples, 30 components.
func BenchmarkFit(b *testing.B) {
	for _, size := range []struct {
		name string
		p    int
	}{{"small", 2000}, {"paper", 20184}} {
		x := made(780, size.p, 40, 2, 1)
		for i, v := range x {
			x[i] = max(v, 0)
		}
		fits := map[string]func() (Model, error){
			"PCA":        func() (Model, error) { return PCA(x, 780, size.p, 30) },
			"NMF":        func() (Model, error) { return NMF(context.Background(), x, 780, size.p, 30, nil) },
			"polynomial": func() (Model, error) { return KernelPCA(Polynomial, x, 780, size.p, 30) },
		}
		for _, name := range []string{"PCA", "NMF", "polynomial"} {
			var m Model
			b.Run(size.name+"/"+name, func(b *testing.B) {
				for b.Loop() {
					var err error
					if m, err = fits[name](); err != nil {
						b.Fatal(err)
					}
				}
			})
			b.Run(size.name+"/"+name+"/reconstruct 260", func(b *testing.B) {
				for b.Loop() {
					if _, err := Reconstruct(m, x[:260*size.p], 260); err != nil {
						b.Fatal(err)
					}
				}
			})
		}
	}
}
