package nn

import (
	"testing"

	"github.com/gxlab/gxlab/gx/nn/cpu"
)

// benchNet is one of the networks that gxlab bench measures.
func benchNet(name string) (Spec, Plan) {
	tower := func(act cpu.Act, widths ...int) (ls []Layer) {
		for _, w := range widths {
			ls = append(ls, Layer{Kind: Dense, Width: w, Act: act})
		}
		return ls
	}
	switch name {
	case "A":
		ls := tower(cpu.LogSigmoid, 2000, 30, 2000, 20184)
		return Spec{In: 20184, Layers: ls, Code: 2, Loss: MSE, Init: "torch"}, Plan{Optimiser: "sgd", Rate: 1e-3}
	case "B":
		ls := tower(cpu.Sigmoid, 512, 512, 512, 512, 512, 20000)
		return Spec{In: 20000, Layers: ls, Code: 3, Loss: MSE, Init: "torch"}, Plan{Optimiser: "adam", Rate: 1e-3}
	}
	ls := []Layer{{Kind: Dropout, Keep: 0.9}}
	for _, l := range tower(cpu.Sigmoid, 500, 100, 500) {
		ls = append(ls, l, Layer{Kind: Dropout, Keep: 0.9})
	}
	ls = append(ls, Layer{Kind: Dense, Width: 22268})
	return Spec{In: 22268, Layers: ls, Code: 3, Loss: MAE, L2: 1e-6, Init: "torch"}, Plan{Optimiser: "adam", Rate: 1e-3}
}

func benchStep(b *testing.B, name string, batch int) {
	s, p := benchNet(name)
	n, err := New(s, 1)
	if err != nil {
		b.Fatal(err)
	}
	p.Batch, p.Epochs = batch, 1
	d := Data{N: 1024, X: make([]float32, 1024*s.In)}
	for i := range d.X {
		d.X[i] = float32(i%97) / 97
	}
	tr, err := newTrainer(n, p, d, Hooks{})
	if err != nil {
		b.Fatal(err)
	}
	defer tr.close()
	order := tr.order(0)
	step := func(i int) {
		var err error
		if tr.one != nil {
			_, err = tr.one.step(tr, order[i%1024], 1e-3)
		} else {
			_, err = tr.step(order[:batch], 1e-3)
		}
		if err != nil {
			b.Fatal(err)
		}
	}
	step(0)
	i := 0
	for b.Loop() {
		step(i)
		i++
	}
}

func BenchmarkA780(b *testing.B) { benchStep(b, "A", 780) }
func BenchmarkA64(b *testing.B)  { benchStep(b, "A", 64) }
func BenchmarkA1(b *testing.B)   { benchStep(b, "A", 1) }
func BenchmarkB256(b *testing.B) { benchStep(b, "B", 256) }
func BenchmarkC256(b *testing.B) { benchStep(b, "C", 256) }
