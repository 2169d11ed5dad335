package reduce

import (
	"fmt"
	"math"

	"github.com/gxlab/gxlab/gx/fault"
)

// Model is a fitted reduction of profiles over P genes to K numbers, and its way back.
type Model interface {
	Encode(x []float32, rows int) ([]float32, error) // rows × P profiles to rows × K codes
	Decode(z []float32, rows int) ([]float32, error) // rows × K codes to rows × P profiles
	K() int                                          // length of a code
	P() int                                          // genes
	Kind() string                                    // the name that Restore knows
	Arrays() map[string]Array                        // all of the model, for storing
}

// coder is how the models of this package work inside, on unrounded codes.
type coder interface {
	Model
	encode(x []float32, rows int) []float64
	decode(z []float64, rows int) []float32
}

// Reconstruct encodes profiles and decodes them again, rows × P to rows × P. The codes
// between are not rounded to float32, which counts for a steep kernel.
func Reconstruct(m Model, x []float32, rows int) ([]float32, error) {
	c, ok := m.(coder)
	if !ok {
		z, err := m.Encode(x, rows)
		if err != nil {
			return nil, err
		}
		return m.Decode(z, rows)
	}
	if err := checkMatrix(m.Kind(), "profiles", x, rows, m.P()); err != nil {
		return nil, err
	}
	return c.decode(c.encode(x, rows), rows), nil
}

func encode(c coder, x []float32, rows int) ([]float32, error) {
	if err := checkMatrix(c.Kind(), "profiles", x, rows, c.P()); err != nil {
		return nil, err
	}
	z := c.encode(x, rows)
	out := make([]float32, len(z))
	for i, v := range z {
		out[i] = float32(v)
	}
	return out, nil
}

func decode(c coder, z []float32, rows int) ([]float32, error) {
	if err := checkMatrix(c.Kind(), "codes", z, rows, c.K()); err != nil {
		return nil, err
	}
	wide := make([]float64, len(z))
	for i, v := range z {
		wide[i] = float64(v)
	}
	return c.decode(wide, rows), nil
}

// checkMatrix wants rows × cols finite values.
func checkMatrix(who, what string, x []float32, rows, cols int) error {
	if rows < 0 || len(x) != rows*cols {
		return fault.New(fmt.Sprintf("%s: %d values for %d %s of %d", who, len(x), rows, what, cols), "",
			fmt.Sprintf("%d values a sample, over the genes that the model learned, in their order", cols))
	}
	for i, v := range x {
		if f := float64(v); math.IsNaN(f) || math.IsInf(f, 0) {
			return fault.New(fmt.Sprintf("%s: a value is %v", who, v),
				fmt.Sprintf("sample %d, column %d of the %s", i/cols+1, i%cols+1, what), "leaving out or filling in missing values first")
		}
	}
	return nil
}

// checkFit wants n × p finite values, two samples or more, and 1 to most components.
func checkFit(who string, x []float32, n, p, k, most int, why string) error {
	if n < 2 || p < 1 {
		return fault.New(fmt.Sprintf("%s: %d samples × %d genes", who, n, p), "", "at least 2 samples and 1 gene")
	}
	if err := checkMatrix(who, "profiles", x, n, p); err != nil {
		return err
	}
	if k < 1 || k > most {
		return fault.New(fmt.Sprintf("%s: %d components of %d samples × %d genes", who, k, n, p), "",
			fmt.Sprintf("1 to %d components, %s", most, why))
	}
	return nil
}
