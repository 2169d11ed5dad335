package learn

import (
	"github.com/gxlab/gxlab/gx/prep"

	"github.com/gxlab/gxlab/gx/cores"
)

// Scaler makes features zero in mean and one in standard deviation.
type Scaler struct{ Mean, SD []float64 }

// Standardise learns every feature's mean and standard deviation (divisor n, as
// scikit-learn's StandardScaler): learn it from the training part alone.
func Standardise(x prep.Matrix) (*Scaler, error) {
	if err := checkMatrix("standardise", "features", x); err != nil {
		return nil, err
	}
	all := make([]int, x.Rows)
	for i := range all {
		all[i] = i
	}
	s := &Scaler{}
	s.Mean, s.SD = prep.Moments(x, all)
	lo, hi := prep.Range(x, all)
	for j := range lo {
		if lo[j] == hi[j] {
			s.Mean[j], s.SD[j] = float64(lo[j]), 0
		}
	}
	return s, nil
}

// Apply is x − mean over standard deviation, in a new matrix; features that were
// constant are not divided.
func (s *Scaler) Apply(x prep.Matrix) (prep.Matrix, error) {
	if err := checkNew("standardise", x, len(s.Mean)); err != nil {
		return prep.Matrix{}, err
	}
	out := prep.NewMatrix(x.Rows, x.Cols)
	cores.Each(x.Rows, func(i int) {
		to := out.Row(i)
		for j, v := range x.Row(i) {
			to[j] = float32((float64(v) - s.Mean[j]) / or(s.SD[j], 1))
		}
	})
	return out, nil
}
