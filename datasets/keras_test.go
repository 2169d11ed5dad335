package datasets_test

import (
	"context"
	"encoding/json"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/gxlab/gxlab/datasets"
	"github.com/gxlab/gxlab/gx"
	"github.com/gxlab/gxlab/gx/frame"
	"github.com/gxlab/gxlab/gx/gxtest"
	"gonum.org/v1/gonum/mat"
)

// The numbers of testdata/keras.json come from numpy 2.4.6, the files from h5py 3.16.0,
// by testdata/keras.py.
func TestKerasNetworks(t *testing.T) {
	gxtest.Store(t)
	type result struct {
		Hidden [][][]float64
		Out    [][]float64
	}
	var want struct {
		Low, High      float64
		X              [][]float64
		Weights, Model result
	}
	b, err := os.ReadFile("testdata/keras.json")
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(b, &want); err != nil {
		t.Fatal(err)
	}
	genes := strings.Split("A B C D E F G", " ")
	ctx := context.Background()
	x := mat.NewDense(3, 7, nil)
	for i, row := range want.X {
		x.SetRow(i, row)
	}
	set, err := gx.FromMatrix("three", x, genes, frame.New([]string{"s1", "s2", "s3"}), "log2").Keep(ctx, nil)
	if err != nil {
		t.Fatal(err)
	}
	for file, w := range map[string]result{"keras_weights.h5": want.Weights, "keras_model.h5": want.Model} {
		r := datasets.Keras(filepath.Join("testdata", file), genes).Range(want.Low, want.High)
		for range 2 { // made, and read again
			f, err := r.Keep(ctx, nil)
			if err != nil {
				t.Fatal(err)
			}
			if f.HiddenLayers() != 3 || f.CodeSize() != 4 {
				t.Fatalf("%s: %d hidden layers, code of %d", file, f.HiddenLayers(), f.CodeSize())
			}
			for layer := 1; layer <= 3; layer++ {
				a, err := f.Activations(set, layer)
				if err != nil {
					t.Fatal(err)
				}
				near(t, file, a.Row, w.Hidden[layer-1], 2e-6)
			}
			rep, err := f.Reconstruct(set)
			if err != nil {
				t.Fatal(err)
			}
			near(t, file, rep.Row, w.Out, 3e-5)
			path := filepath.Join(t.TempDir(), "net.gxlab")
			if err := f.Save(path); err != nil {
				t.Fatal(err)
			}
			if _, err := gx.OpenFitted(path); err != nil {
				t.Error(err)
			}
		}
	}
	f, err := datasets.Keras("testdata/keras_weights.h5", genes).Activations(gx.Tanh, gx.Linear).Code(1).Keep(ctx, nil)
	if err != nil {
		t.Fatal(err)
	}
	if l := f.Net().Spec().Layers; l[0].Act.String() != "tanh" || l[3].Act.String() != "linear" || f.Net().Spec().Code != 1 {
		t.Errorf("layers %v", l)
	}
	for name, r := range map[string]datasets.KerasNet{
		"too few genes": datasets.Keras("testdata/keras_weights.h5", genes[:6]),
		"no file":       datasets.Keras("testdata/none.h5", genes),
		"no Keras file": datasets.Keras("testdata/keras.py", genes),
		"no range":      datasets.Keras("testdata/keras_weights.h5", genes).Range(3, 3),
	} {
		if _, err := r.Keep(ctx, nil); err == nil {
			t.Errorf("%s is no error", name)
		}
	}
}

func near(t *testing.T, what string, row func(int) []float32, want [][]float64, tol float64) {
	t.Helper()
	for i, w := range want {
		for j, v := range w {
			if got := float64(row(i)[j]); math.Abs(got-v) > tol {
				t.Fatalf("%s: row %d, column %d: %v, want %v", what, i, j, got, v)
			}
		}
	}
}
