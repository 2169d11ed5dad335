package learn

import (
	"context"
	"math"

	"github.com/gxlab/gxlab/gx/cores"
	"github.com/gxlab/gxlab/gx/prep"
)

// Ridge is linear regression with an intercept and a penalty, for all targets at once:
// it minimises ‖y − xw‖² + α‖w‖² for each target. α is chosen by leaving each sample out
// in turn, which takes one decomposition for all samples and all α (as scikit-learn's
// RidgeCV). Features should be of one scale.
type Ridge struct {
	Alphas    []float64 // to choose from; the default is 0.001, 0.01, … 100,000; one is taken as it is
	PerTarget bool      // an α for each target; the default is one for all, of least mean squared error over all
	Tell      func(what string, done, total int)
}

// Name is "ridge regression".
func (Ridge) Name() string { return "ridge regression" }

// Train is Fit.
func (r Ridge) Train(ctx context.Context, x, targets prep.Matrix) (Estimator, error) {
	return estimated(r.Fit(ctx, x, targets))
}

// Fit learns from samples × features and samples × targets. It fails on missing values,
// matrices of different samples, fewer than two samples and an α that is not positive,
// and when ctx ends.
func (r Ridge) Fit(ctx context.Context, x, targets prep.Matrix) (*LinearModel, error) {
	if len(r.Alphas) == 0 {
		r.Alphas = []float64{1e-3, 1e-2, 0.1, 1, 10, 100, 1e3, 1e4, 1e5}
	}
	for _, a := range r.Alphas {
		if err := positive(r.Name(), "an alpha", a); err != nil {
			return nil, err
		}
	}
	d, err := centre(r.Name(), x, targets)
	if err != nil {
		return nil, err
	}
	s, err := d.turn(r.Name())
	if err != nil {
		return nil, err
	}
	passes := 2
	if r.PerTarget || len(r.Alphas) == 1 {
		passes = 1
	}
	p := &progress{tell: r.Tell, what: "blocks of targets", total: passes * blocks(d.targets, span)}
	alphas := r.Alphas
	if passes == 2 {
		best, err := s.shared(ctx, p, alphas)
		if err != nil {
			return nil, err
		}
		alphas = alphas[best : best+1]
	}
	return s.fit(ctx, p, alphas)
}

// turned are a regression's samples in the directions in which they vary. With n samples
// few beside the features, the directions are those of the samples (values of x·xᵀ, q is
// n × n); else those of the features (values of xᵀ·x, q is n × p: x times the
// eigenvectors).
type turned struct {
	*regression
	dual   bool
	k      int
	values []float64
	q      []float64
	side   []float64 // p × k: with it the coefficients are side · (qᵀy / (values + α))
}

func (r *regression) turn(who string) (*turned, error) {
	t := &turned{regression: r, dual: r.n <= 2*r.p}
	var err error
	if t.dual {
		t.k = r.n
		gram := make([]float64, r.n*r.n)
		product(false, true, r.n, r.n, r.p, r.x, r.p, r.x, r.p, 0, gram, r.n)
		if t.values, t.q, err = eigen(who, gram, r.n); err != nil {
			return nil, err
		}
		t.side = make([]float64, r.p*r.n)
		product(true, false, r.p, r.n, r.n, r.x, r.p, t.q, r.n, 0, t.side, r.n)
		return t, nil
	}
	t.k = r.p
	gram := make([]float64, r.p*r.p)
	product(true, false, r.p, r.p, r.n, r.x, r.p, r.x, r.p, 0, gram, r.p)
	if t.values, t.side, err = eigen(who, gram, r.p); err != nil {
		return nil, err
	}
	t.q = make([]float64, r.n*r.p)
	product(false, false, r.n, r.p, r.p, r.x, r.p, t.side, r.p, 0, t.q, r.p)
	return t, nil
}

// weigh is a weight for each direction and α. In the samples' directions a residual is
// q·(keep ∘ qᵀy), in the features' y − q·(keep ∘ qᵀy).
func (t *turned) weigh(alpha float64) (keep []float64) {
	keep = make([]float64, t.k)
	for i, v := range t.values {
		keep[i] = 1 / (v + alpha)
		if t.dual {
			keep[i] *= alpha
		}
	}
	return keep
}

// free is by what each sample's residual is divided to be that without the sample: 1 less
// its leverage, the intercept's included.
func (t *turned) free(keep []float64) []float64 {
	out := make([]float64, t.n)
	for i := range out {
		s := 0.0
		for k, v := range t.q[i*t.k : (i+1)*t.k] {
			s += float64(v*v) * keep[k]
		}
		if !t.dual {
			s = 1 - s
		}
		if out[i] = s - 1/float64(t.n); out[i] < 1e-10 {
			out[i] = 0 // rounding: such an α is not chosen
		}
	}
	return out
}

// scaled is the columns of a times weights, a rows × k.
func scaled(a, weight []float64) []float64 {
	out := make([]float64, len(a))
	k := len(weight)
	cores.Each(len(a)/k, func(i int) {
		for j, w := range weight {
			out[i*k+j] = a[i*k+j] * w
		}
	})
	return out
}

// shared is which α has the least mean squared leave-one-out error over all targets. The
// targets' products with each other and with the directions are all it takes.
func (t *turned) shared(ctx context.Context, p *progress, alphas []float64) (int, error) {
	k, n := t.k, t.n
	inner := make([]float64, k*k) // qᵀy·(qᵀy)ᵀ
	var cross, own []float64      // of features' directions: y·(qᵀy)ᵀ, n × k, and Σy² of each sample
	if !t.dual {
		cross, own = make([]float64, n*k), make([]float64, n)
	}
	err := t.eachBlock(ctx, p, func(_, w int, y []float64) error {
		if t.dual {
			product(false, true, n, n, w, y, w, y, w, 1, inner, n) // turned below
			return nil
		}
		z := make([]float64, k*w)
		product(true, false, k, w, n, t.q, k, y, w, 0, z, w)
		product(false, true, k, k, w, z, w, z, w, 1, inner, k)
		product(false, true, n, k, w, y, w, z, w, 1, cross, k)
		for i := range own {
			own[i] += lib.Ddot(w, y[i*w:], 1, y[i*w:], 1)
		}
		return nil
	})
	if err != nil {
		return 0, err
	}
	if t.dual {
		half := make([]float64, n*n)
		product(false, false, n, n, n, inner, n, t.q, n, 0, half, n)
		product(true, false, n, n, n, t.q, n, half, n, 0, inner, n)
	}
	best, least := 0, math.Inf(1)
	for a, alpha := range alphas {
		keep := t.weigh(alpha)
		free, b, c := t.free(keep), scaled(t.q, keep), make([]float64, n*k)
		product(false, false, n, k, k, b, k, inner, k, 0, c, k)
		sum := 0.0
		for i, f := range free {
			s := lib.Ddot(k, b[i*k:], 1, c[i*k:], 1)
			if !t.dual {
				s += own[i] - 2*lib.Ddot(k, b[i*k:], 1, cross[i*k:], 1)
			}
			sum += max(0, s) / (f * f)
		}
		if sum < least {
			best, least = a, sum
		}
		if ctx.Err() != nil {
			return 0, ctx.Err()
		}
	}
	return best, nil
}

// fit finds the coefficients, for each target with the best of the alphas.
func (t *turned) fit(ctx context.Context, p *progress, alphas []float64) (*LinearModel, error) {
	n, k := t.n, t.k
	coef := make([]float64, t.p*t.targets)
	alpha, loo := make([]float64, t.targets), make([]float64, t.targets)
	keep, free := make([][]float64, len(alphas)), make([][]float64, len(alphas))
	for a, v := range alphas {
		keep[a] = t.weigh(v)
		free[a] = t.free(keep[a])
	}
	if t.dual && len(alphas) == 1 {
		return t.one(ctx, p, alphas[0], keep[0], free[0])
	}
	err := t.eachBlock(ctx, p, func(lo, w int, y []float64) error {
		z, r := make([]float64, k*w), make([]float64, n*w)
		product(true, false, k, w, n, t.q, k, y, w, 0, z, w)
		best := make([]int, w)
		for a := range alphas {
			copy(r, y)
			if t.dual {
				product(false, false, n, w, k, scaled(t.q, keep[a]), k, z, w, 0, r, w)
			} else {
				lib.Dgemm(flip(false), flip(false), n, w, k, -1, scaled(t.q, keep[a]), k, z, w, 1, r, w)
			}
			mse := make([]float64, w)
			for i, f := range free[a] {
				for j, v := range r[i*w : (i+1)*w] {
					mse[j] += float64((v / f) * (v / f))
				}
			}
			for j, v := range mse {
				if v /= float64(n); a == 0 || v < loo[lo+j] || math.IsNaN(loo[lo+j]) {
					best[j], loo[lo+j], alpha[lo+j] = a, v, alphas[a]
				}
			}
		}
		// The directions' shares of each target at its α.
		cores.Each(k, func(d int) {
			for j, a := range best {
				z[d*w+j] /= t.values[d] + alphas[a]
			}
		})
		product(false, false, t.p, w, k, t.side, k, z, w, 0, coef[lo:], t.targets)
		return nil
	})
	if err != nil {
		return nil, err
	}
	m := t.model(Ridge{}.Name(), coef)
	m.Alpha, m.LOO = alpha, loo
	return m, nil
}

// one is fit for a single α in the samples' directions, where one matrix makes all
// residuals and these, over α, are what the coefficients are made of.
func (t *turned) one(ctx context.Context, p *progress, a float64, keep, free []float64) (*LinearModel, error) {
	n := t.n
	maker := make([]float64, n*n)
	product(false, true, n, n, n, scaled(t.q, keep), n, t.q, n, 0, maker, n)
	coef := make([]float64, t.p*t.targets)
	alpha, loo := make([]float64, t.targets), make([]float64, t.targets)
	err := t.eachBlock(ctx, p, func(lo, w int, y []float64) error {
		r := make([]float64, n*w)
		product(false, false, n, w, n, maker, n, y, w, 0, r, w)
		for i, f := range free {
			for j, v := range r[i*w : (i+1)*w] {
				loo[lo+j] += float64((v / f) * (v / f))
				r[i*w+j] = v / a
			}
		}
		for j := range w {
			loo[lo+j] /= float64(n)
			alpha[lo+j] = a
		}
		product(true, false, t.p, w, n, t.x, t.p, r, w, 0, coef[lo:], t.targets)
		return nil
	})
	if err != nil {
		return nil, err
	}
	m := t.model(Ridge{}.Name(), coef)
	m.Alpha, m.LOO = alpha, loo
	return m, nil
}
