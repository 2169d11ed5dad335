package learn

import (
	"context"
	"math"
)

// smo solves the dual of a support vector classifier of two classes,
//
//	min ½ αᵀQα − Σα  with  0 ≤ α ≤ c,  yᵀα = 0,  Q_ij = y_i y_j K_ij,
//
// by sequential minimal optimisation with the working sets of Fan, Chen and Lin (JMLR
// 2005, WSS 2), as LIBSVM does. It ends when the greatest violation of the optimality
// conditions is below eps, or with solved false after limit steps.
type smo struct {
	kernel func(i int) []float32 // row i of K over all samples
	at     []int                 // the samples of the two classes among them
	y      []float64             // 1 or −1
	c, eps float64
}

const (
	smoFlat  = 1e-12 // stands for a curvature that is not positive, as in LIBSVM
	smoLimit = 10_000_000
)

func (s smo) solve(ctx context.Context) (alpha []float64, rho float64, solved bool, err error) {
	n := len(s.y)
	alpha = make([]float64, n)
	gradient, diagonal := make([]float64, n), make([]float64, n)
	for i := range n {
		gradient[i] = -1
		diagonal[i] = float64(s.kernel(s.at[i])[s.at[i]])
	}
	for step := range max(smoLimit, 100*n) {
		if step%1024 == 0 && ctx.Err() != nil {
			return nil, 0, false, ctx.Err()
		}
		i, j := s.pair(alpha, gradient, diagonal)
		if j < 0 {
			return alpha, s.offset(alpha, gradient), true, nil
		}
		ki, kj := s.kernel(s.at[i]), s.kernel(s.at[j])
		oldI, oldJ := alpha[i], alpha[j]
		s.step(alpha, gradient, i, j, s.curve(diagonal[i]+diagonal[j]-2*float64(ki[s.at[j]])))
		di, dj := (alpha[i]-oldI)*s.y[i], (alpha[j]-oldJ)*s.y[j]
		for t, a := range s.at {
			gradient[t] += s.y[t] * (float64(float64(ki[a])*di) + float64(float64(kj[a])*dj))
		}
	}
	return alpha, s.offset(alpha, gradient), false, nil
}

func (s smo) curve(a float64) float64 {
	if a > 0 {
		return a
	}
	return smoFlat
}

// up says whether α_i may move along y_i, down whether against it.
func (s smo) up(i int, a float64) bool   { return s.y[i] > 0 && a < s.c || s.y[i] < 0 && a > 0 }
func (s smo) down(i int, a float64) bool { return s.y[i] > 0 && a > 0 || s.y[i] < 0 && a < s.c }

// pair chooses what to move: the steepest i and the j that with it lowers the objective
// most by second order; j is −1 at the optimum.
func (s smo) pair(alpha, gradient, diagonal []float64) (i, j int) {
	steepest, i := math.Inf(-1), -1
	for t, g := range gradient {
		if v := -s.y[t] * g; v >= steepest && s.up(t, alpha[t]) {
			steepest, i = v, t
		}
	}
	if i < 0 {
		return -1, -1
	}
	row := s.kernel(s.at[i])
	lowest, gain := math.Inf(-1), math.Inf(1)
	j = -1
	for t, g := range gradient {
		if !s.down(t, alpha[t]) {
			continue
		}
		v := s.y[t] * g
		lowest = max(lowest, v)
		if d := steepest + v; d > 0 {
			a := s.curve(diagonal[i] + diagonal[t] - 2*float64(row[s.at[t]]))
			if o := -(d * d) / a; o <= gain {
				gain, j = o, t
			}
		}
	}
	if steepest+lowest < s.eps {
		return -1, -1
	}
	return i, j
}

// step moves α_i and α_j to the optimum of the two within their box.
func (s smo) step(alpha, gradient []float64, i, j int, curve float64) {
	if s.y[i] != s.y[j] {
		delta := (-gradient[i] - gradient[j]) / curve
		diff := alpha[i] - alpha[j]
		alpha[i] += delta
		alpha[j] += delta
		if diff > 0 && alpha[j] < 0 {
			alpha[j], alpha[i] = 0, diff
		} else if diff <= 0 && alpha[i] < 0 {
			alpha[i], alpha[j] = 0, -diff
		}
		if diff > 0 && alpha[i] > s.c {
			alpha[i], alpha[j] = s.c, s.c-diff
		} else if diff <= 0 && alpha[j] > s.c {
			alpha[j], alpha[i] = s.c, s.c+diff
		}
		return
	}
	delta := (gradient[i] - gradient[j]) / curve
	sum := alpha[i] + alpha[j]
	alpha[i] -= delta
	alpha[j] += delta
	if sum > s.c && alpha[i] > s.c {
		alpha[i], alpha[j] = s.c, sum-s.c
	} else if sum <= s.c && alpha[j] < 0 {
		alpha[j], alpha[i] = 0, sum
	}
	if sum > s.c && alpha[j] > s.c {
		alpha[j], alpha[i] = s.c, sum-s.c
	} else if sum <= s.c && alpha[i] < 0 {
		alpha[i], alpha[j] = 0, sum
	}
}

// offset is ρ of the decision Σ y α K − ρ: the mean of y·gradient over the samples with
// 0 < α < c or, without any, the middle of what the others allow.
func (s smo) offset(alpha, gradient []float64) float64 {
	lo, hi := math.Inf(-1), math.Inf(1)
	sum, free := 0.0, 0
	for i, a := range alpha {
		v := s.y[i] * gradient[i]
		up, down := s.up(i, a), s.down(i, a)
		switch {
		case up && down:
			sum += v
			free++
		case up:
			hi = min(hi, v)
		default:
			lo = max(lo, v)
		}
	}
	if free > 0 {
		return sum / float64(free)
	}
	return (lo + hi) / 2
}
