package plotting_test

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/gxlab/gxlab/gx/learn"
	"github.com/gxlab/gxlab/gx/prep"
	"github.com/gxlab/gxlab/plotting"
)

// errors are mean absolute errors of n genes by two lists of landmarks.
func errorsOf(n int) (random, ours []float64) {
	r := rand.New(rand.NewPCG(7, 0))
	for range n {
		v := 0.2 + math.Abs(0.25+0.12*r.NormFloat64())
		random, ours = append(random, v), append(ours, v*(0.9+0.12*r.NormFloat64()))
	}
	return random, ours
}

// Errors of 2,000 genes by two lists of landmarks.
func ExampleDensities() {
	random, ours := errorsOf(2000)
	show(plotting.Densities("MAE (log₂)", plotting.Group{Name: "ours", Values: ours}, plotting.Group{Name: "random", Values: random}))
}

func TestDensities(t *testing.T) { check(t, ExampleDensities, "densities.svg") }

func ExampleVersus() {
	random, ours := errorsOf(2000)
	show(plotting.Versus("MAE (log₂)", plotting.Group{Name: "random", Values: random}, plotting.Group{Name: "ours", Values: ours}, true))
}

func TestVersus(t *testing.T) { check(t, ExampleVersus, "versus.svg") }

// tree clusters 90 samples of 10 classes.
func tree() (*learn.Hierarchy, []string) {
	r := random()
	x, labels := prep.NewMatrix(90, 6), make([]string, 90)
	for i := range 90 {
		labels[i] = fmt.Sprint("tissue ", i%10+1)
		for j := range 6 {
			x.Row(i)[j] = float32(2*math.Sin(float64(1+i%10)*float64(j+1)) + 0.5*r.NormFloat64())
		}
	}
	h, err := learn.Hierarchical{}.Fit(context.Background(), x)
	if err != nil {
		panic(err)
	}
	return h, labels
}

func ExampleCircularDendrogram() {
	h, labels := tree()
	show(plotting.CircularDendrogram(h, labels))
}

func TestCircularDendrogram(t *testing.T) { check(t, ExampleCircularDendrogram, "dendrogram.svg") }

// What cannot be drawn is said.
func TestLandmarkFiguresRefuse(t *testing.T) {
	h, labels := tree()
	nan := []float64{1, math.NaN()}
	for want, f := range map[string]plotting.Figure{
		"no groups":          plotting.Densities("MAE"),
		`group "a" is empty`: plotting.Densities("MAE", plotting.Group{Name: "a"}),
		"value 2":            plotting.Densities("MAE", plotting.Group{Name: "a", Values: nan}),
		"2 and 1 values":     plotting.Versus("MAE", plotting.Group{Values: []float64{1, 2}}, plotting.Group{Values: []float64{1}}, true),
		"no tree":            plotting.CircularDendrogram(nil, nil),
		"90 samples and 89":  plotting.CircularDendrogram(h, labels[1:]),
	} {
		if _, err := f.SVG(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v", want, err)
		}
	}
}

// A group of one value and one of equal ones are drawn.
func TestDensitiesOfFew(t *testing.T) {
	if _, err := plotting.Densities("MAE", plotting.Group{Name: "one", Values: []float64{3}}, plotting.Group{Name: "equal", Values: []float64{2, 2, 2}}).SVG(); err != nil {
		t.Error(err)
	}
}
