package learn

import (
	"context"
	"fmt"
	"math"

	"github.com/gxlab/gxlab/gx/cores"
	"github.com/gxlab/gxlab/gx/fault"
	"github.com/gxlab/gxlab/gx/prep"
)

// Lasso is linear regression with an intercept and few coefficients that are not 0, for
// each target on its own: it minimises ‖y − xw‖² / 2n + α Σ|w| (Tibshirani, 1996), by
// coordinate descent until the duality gap is below Tolerance · ‖y − ȳ‖², as
// scikit-learn's Lasso. Features should be of one scale, and α is in the targets' units
// times theirs.
type Lasso struct {
	Alpha     float64 // the default is 0.1, for standardised features and targets
	Tolerance float64 // the default is 0.0001
	Sweeps    int     // over all coefficients, at most; the default is 10,000
	Tell      func(what string, done, total int)
}

// Name is "lasso".
func (Lasso) Name() string { return "lasso" }

// Train is Fit.
func (l Lasso) Train(ctx context.Context, x, targets prep.Matrix) (Estimator, error) {
	return estimated(l.Fit(ctx, x, targets))
}

// widest is how many features' products with each other are kept at most, 2 GB of them.
const widest = 16384

// Fit learns from samples × features and samples × targets. It fails on missing values,
// matrices of different samples, fewer than two samples, more than 16,384 features,
// settings out of range and a target for which Sweeps do not suffice, and when ctx ends.
func (l Lasso) Fit(ctx context.Context, x, targets prep.Matrix) (*LinearModel, error) {
	l.Alpha, l.Tolerance, l.Sweeps = or(l.Alpha, 0.1), or(l.Tolerance, 1e-4), or(l.Sweeps, 10_000)
	for _, s := range []struct {
		name string
		v    float64
	}{{"Alpha", l.Alpha}, {"Tolerance", l.Tolerance}} {
		if err := positive(l.Name(), s.name, s.v); err != nil {
			return nil, err
		}
	}
	if err := atLeast(l.Name(), "Sweeps", l.Sweeps, 1); err != nil {
		return nil, err
	}
	r, err := centre(l.Name(), x, targets)
	if err != nil {
		return nil, err
	}
	p := r.p
	if p > widest {
		return nil, fault.New(fmt.Sprintf("lasso: %d features", p), "", fmt.Sprintf("the %d of highest variance, or ridge regression", widest))
	}
	gram := make([]float64, p*p)
	product(true, false, p, p, r.n, r.x, p, r.x, p, 0, gram, p)
	coef := make([]float64, p*r.targets)
	tell := &progress{tell: l.Tell, what: "targets", total: r.targets}
	err = r.eachBlock(ctx, nil, func(lo, w int, y []float64) error {
		xy := make([]float64, w*p) // target × feature
		product(true, false, w, p, r.n, y, w, r.x, p, 0, xy, p)
		rooms := make([][]float64, cores.Workers(w))
		return each(ctx, w, tell, func(worker, j int) error {
			if rooms[worker] == nil {
				rooms[worker] = make([]float64, 2*p)
			}
			d := descent{gram: gram, xy: xy[j*p : (j+1)*p], w: rooms[worker][:p], h: rooms[worker][p:],
				yy: lib.Ddot(r.n, y[j:], w, y[j:], w), price: l.Alpha * float64(r.n)}
			solved, err := d.run(ctx, l.Tolerance, l.Sweeps)
			if err != nil {
				return err
			}
			if !solved {
				return fault.New(fmt.Sprintf("lasso: %d sweeps do not suffice", l.Sweeps), fmt.Sprintf("target %d", lo+j+1),
					"features of one scale (learn.Standardise), a greater Alpha or Tolerance, or more Sweeps")
			}
			for k, v := range d.w {
				coef[k*r.targets+lo+j] = v
			}
			return nil
		})
	})
	if err != nil {
		return nil, err
	}
	m := r.model(l.Name(), coef)
	m.Alpha = make([]float64, r.targets)
	for t := range m.Alpha {
		m.Alpha[t] = l.Alpha
	}
	return m, nil
}

// descent solves one target's lasso from products alone.
type descent struct {
	gram, xy  []float64 // xᵀx and xᵀy
	yy, price float64   // yᵀy and nα
	w, h      []float64 // coefficients, and xᵀx·w
}

func (d descent) run(ctx context.Context, tolerance float64, sweeps int) (solved bool, err error) {
	p := len(d.w)
	clear(d.w)
	clear(d.h)
	for range sweeps {
		greatest, moved := 0.0, 0.0
		for j, old := range d.w {
			g := d.gram[j*p+j]
			if g == 0 {
				continue
			}
			v := d.xy[j] - d.h[j] + g*old
			now := math.Copysign(max(0, math.Abs(v)-d.price), v) / g
			if now != old {
				lib.Daxpy(p, now-old, d.gram[j*p:], 1, d.h, 1)
				d.w[j] = now
				moved = max(moved, math.Abs(now-old))
			}
			greatest = max(greatest, math.Abs(now))
		}
		if moved <= tolerance*greatest && d.gap() <= tolerance*d.yy {
			return true, nil
		}
		if ctx.Err() != nil {
			return false, ctx.Err()
		}
	}
	return false, nil
}

// gap is how far the objective, times n, can be above its least.
func (d descent) gap() float64 {
	steep, absolute, wh, wxy := 0.0, 0.0, 0.0, 0.0
	for j, w := range d.w {
		steep = max(steep, math.Abs(d.xy[j]-d.h[j]))
		absolute += math.Abs(w)
		wh += float64(w * d.h[j])
		wxy += float64(w * d.xy[j])
	}
	residual := d.yy - 2*wxy + wh
	shrink := 1.0
	if steep > d.price {
		shrink = d.price / steep
	}
	return residual*(1+shrink*shrink)/2 + d.price*absolute - shrink*(d.yy-wxy)
}
