package learn

import (
	"context"
	"fmt"
	"math"

	"github.com/gxlab/gxlab/gx/fault"
	"github.com/gxlab/gxlab/gx/prep"
	"gonum.org/v1/gonum/blas/gonum"
)

// lib is gonum's own arithmetic by name, whatever blas64 has been told to use: the
// order of its sums is what makes results repeat bit for bit.
var lib gonum.Implementation

// Kernel is how an SVM compares two samples.
type Kernel uint8

const (
	RBF    Kernel = iota // exp(−γ‖a − b‖²)
	Linear               // a·b
)

func (k Kernel) String() string {
	if k == Linear {
		return "linear"
	}
	return "RBF"
}

// SVM is a support vector classifier (C-SVC; Cortes and Vapnik, 1995), one for each
// pair of classes, solved as LIBSVM does it. Features should be of one scale
// ([Standardise]).
type SVM struct {
	Kernel    Kernel  // the default is RBF, as in scikit-learn
	C         float64 // the price of a sample on the wrong side; the default is 1
	Gamma     float64 // γ of the RBF kernel; the default is 1 / (features × variance over all values)
	Tolerance float64 // of the solver's optimality; the default is 0.001
	Tell      func(what string, done, total int)
}

// Name is "SVM (linear)" or "SVM (RBF)".
func (s SVM) Name() string { return "SVM (" + s.Kernel.String() + ")" }

// Train is Fit.
func (s SVM) Train(ctx context.Context, x prep.Matrix, labels []string) (Predictor, error) {
	return trained(s.Fit(ctx, x, labels))
}

// most is how many training samples' kernel values are kept at most, 4 GB of them.
const most = 32768

// Fit finds the support vectors from samples × features and a label for each sample. It
// fails on missing values, missing labels, fewer than two classes, settings out of
// range, more than 32,768 samples and a solver that does not end, and when ctx ends.
func (s SVM) Fit(ctx context.Context, x prep.Matrix, labels []string) (*SupportVectors, error) {
	classes, class, err := encode(s.Name(), x, labels)
	if err != nil {
		return nil, err
	}
	s.C, s.Tolerance = or(s.C, 1), or(s.Tolerance, 1e-3)
	if s.Gamma == 0 {
		s.Gamma = gammaScale(x)
	}
	for _, p := range []struct {
		name string
		v    float64
	}{{"C", s.C}, {"Gamma", s.Gamma}, {"Tolerance", s.Tolerance}} {
		if err := positive(s.Name(), p.name, p.v); err != nil {
			return nil, err
		}
	}
	if s.Kernel > Linear {
		return nil, fault.New(fmt.Sprintf("SVM: there is no kernel %d", s.Kernel), "", "learn.RBF or learn.Linear")
	}
	if x.Rows > most {
		return nil, fault.New(fmt.Sprintf("%s: %d samples; it compares all with all", s.Name(), x.Rows), "",
			fmt.Sprintf("at most %d samples drawn from each class alike, or a random forest", most))
	}
	gram, err := s.gram(ctx, x)
	if err != nil {
		return nil, err
	}
	of := make([][]int, len(classes))
	for i, c := range class {
		of[c] = append(of[c], i)
	}
	m := &SupportVectors{settings: s, classes: classes, features: x.Cols}
	for a := range classes {
		for b := a + 1; b < len(classes); b++ {
			m.pairs = append(m.pairs, duel{a: a, b: b})
		}
	}
	p := &progress{tell: s.Tell, what: "pairs of classes", total: len(m.pairs)}
	err = each(ctx, len(m.pairs), p, func(_, i int) error { return m.pairs[i].fight(ctx, s, gram, x.Rows, of) })
	if err != nil {
		return nil, err
	}
	m.keep(x)
	return m, nil
}

// gammaScale is scikit-learn's gamma "scale".
func gammaScale(x prep.Matrix) float64 {
	mean := 0.0
	for _, v := range x.Data {
		mean += float64(v)
	}
	mean /= float64(len(x.Data))
	variance := 0.0
	for _, v := range x.Data {
		d := float64(v) - mean
		variance += float64(d * d)
	}
	if variance == 0 {
		return 1
	}
	return 1 / (float64(x.Cols) * variance / float64(len(x.Data)))
}

// wide is rows lo to hi of x in float64.
func wide(x prep.Matrix, lo, hi int) []float64 {
	out := make([]float64, (hi-lo)*x.Cols)
	for i, v := range x.Data[lo*x.Cols : hi*x.Cols] {
		out[i] = float64(v)
	}
	return out
}

// kernel compares two rows whose dot products with themselves are aa and bb.
func (s SVM) kernel(a, b []float64, aa, bb float64) float64 {
	d := lib.Ddot(len(a), a, 1, b, 1)
	if s.Kernel == Linear {
		return d
	}
	return math.Exp(-s.Gamma * max(0, aa+bb-2*d))
}

// tile is how many rows are compared with as many others while they are at hand.
const tile = 32

// gram is the kernel between all samples, n × n, kept in float32 as LIBSVM does.
func (s SVM) gram(ctx context.Context, x prep.Matrix) ([]float32, error) {
	n := x.Rows
	out := make([]float32, n*n)
	t := blocks(n, tile)
	err := each(ctx, t, nil, func(_, bi int) error {
		i0, i1 := bi*tile, min(bi*tile+tile, n)
		a := wide(x, i0, i1)
		for bj := bi; bj < t; bj++ {
			j0, j1 := bj*tile, min(bj*tile+tile, n)
			b := wide(x, j0, j1)
			s.compare(a, b, x.Cols, func(i, j int, k float64) {
				out[(i0+i)*n+j0+j] = float32(k)
				out[(j0+j)*n+i0+i] = float32(k)
			})
			if ctx.Err() != nil {
				return ctx.Err()
			}
		}
		return nil
	})
	return out, err
}

// compare is the kernel of every row of a with every row of b, of p values each.
func (s SVM) compare(a, b []float64, p int, put func(i, j int, k float64)) {
	aa, bb := squares(a, p), squares(b, p)
	for i := range aa {
		for j := range bb {
			put(i, j, s.kernel(a[i*p:(i+1)*p], b[j*p:(j+1)*p], aa[i], bb[j]))
		}
	}
}

func squares(a []float64, p int) []float64 {
	out := make([]float64, len(a)/p)
	for i := range out {
		out[i] = lib.Ddot(p, a[i*p:], 1, a[i*p:], 1)
	}
	return out
}

// duel is the classifier of one pair of classes, a before b.
type duel struct {
	a, b int
	at   []int     // its support vectors: training samples, later rows of vectors
	coef []float64 // y·α of each
	rho  float64
}

func (d *duel) fight(ctx context.Context, s SVM, gram []float32, n int, of [][]int) error {
	solver := smo{kernel: func(i int) []float32 { return gram[i*n : (i+1)*n] }, c: s.C, eps: s.Tolerance}
	solver.at = append(append(solver.at, of[d.a]...), of[d.b]...)
	solver.y = make([]float64, len(solver.at))
	for i := range solver.y {
		solver.y[i] = -1
		if i < len(of[d.a]) {
			solver.y[i] = 1
		}
	}
	alpha, rho, solved, err := solver.solve(ctx)
	if err != nil {
		return err
	}
	if !solved {
		return fault.New(fmt.Sprintf("%s: the solver did not end in %d steps", s.Name(), smoLimit), "",
			"features of one scale (learn.Standardise), a smaller C or a greater Tolerance")
	}
	d.rho = rho
	for i, v := range alpha {
		if v > 0 {
			d.at = append(d.at, solver.at[i])
			d.coef = append(d.coef, v*solver.y[i])
		}
	}
	return nil
}
