package reduce

import (
	"fmt"
	"slices"
	"strings"

	"github.com/gxlab/gxlab/gx/fault"
)

// Array is one stored part of a model: its shape and its values row by row, in Data or,
// where they are data that came as float32, in Single.
type Array struct {
	Shape  []int
	Data   []float64
	Single []float32
}

func vector(x []float64) Array { return Array{Shape: []int{len(x)}, Data: x} }

func matrix(x []float64, rows int) Array {
	return Array{Shape: []int{rows, len(x) / rows}, Data: x}
}

// Kinds lists the kinds of model that Restore knows.
func Kinds() []string {
	return []string{"pca", "nmf", Polynomial.kind(), Cosine.kind(), RBF.kind()}
}

// Restore makes a model again from its Kind and its Arrays: it encodes and decodes as
// the first one did, bit for bit. The arrays are kept, not copied. An error names an
// unknown kind, and an array that is missing or has another shape.
func Restore(kind string, from map[string]Array) (Model, error) {
	a := arrays{kind: kind, from: from, bad: new([]string)}
	switch kind {
	case "pca":
		return a.model(restorePCA(a))
	case "nmf":
		return a.model(restoreNMF(a))
	}
	for _, k := range []Kernel{Polynomial, Cosine, RBF} {
		if kind == k.kind() {
			return a.model(restoreKernel(k, a))
		}
	}
	return nil, fault.New(fmt.Sprintf("there is no kind of reduction %q", kind), "", "one of "+strings.Join(Kinds(), ", "))
}

// arrays reads parts and gathers what is wrong with them.
type arrays struct {
	kind string
	from map[string]Array
	bad  *[]string
}

func (a arrays) doubles(name string, shape ...int) []float64 {
	v := a.from[name]
	a.check(name, v.Shape, len(v.Data), shape)
	return v.Data
}

func (a arrays) singles(name string, shape ...int) []float32 {
	v := a.from[name]
	a.check(name, v.Shape, len(v.Single), shape)
	return v.Single
}

// check compares a part's shape and size with those wanted; −1 stands for any size.
func (a arrays) check(name string, got []int, size int, want []int) {
	n := 1
	for _, d := range got {
		n *= d
	}
	fits := slices.EqualFunc(got, want, func(g, w int) bool { return g == w || w < 0 && g > 0 })
	if !fits || n != size {
		*a.bad = append(*a.bad, fmt.Sprintf("%s has shape %v and %d values, not %v", name, got, size, want))
	}
}

func (a arrays) err() error {
	if len(*a.bad) == 0 {
		return nil
	}
	return fault.New(fmt.Sprintf("the stored %s model is not whole: %s", a.kind, strings.Join(*a.bad, "; ")), "", "making it again")
}

func (a arrays) model(m Model, err error) (Model, error) {
	if err != nil {
		return nil, err
	}
	return m, nil
}
