package nn

import (
	"math"

	"github.com/gxlab/gxlab/gx/nn/cpu"
)

// The likelihoods are losses too: −log p of the targets in nats, a mean over samples and
// targets. Each has one more learned parameter a target, its spread.
//
// Gaussian: the outputs are means, the spread is log σ². NegativeBinomial: targets are
// counts with mean m = library · softmax(outputs), where a sample's library is the sum of
// its targets, and variance m + m²/θ; the spread is log θ. ZeroInflated has, besides, a
// chance of another zero, whose logits are the second half of the outputs (Lopez et al.
// 2018).
const (
	Gaussian         Loss = "gaussian"
	NegativeBinomial Loss = "nb"
	ZeroInflated     Loss = "zinb"
)

// likely says whether the loss is a likelihood.
func (l Loss) likely() bool { return l == Gaussian || l == NegativeBinomial || l == ZeroInflated }

// likelihood is −log p of each sample's targets x, rows × n, given outputs y and spreads.
// It sets dy and dspread to scale times the derivatives, unless dy is nil.
func likelihood(pool *cpu.Pool, kind Loss, rows, n int, y, x, spread, dy, dspread []float32, scale float64) []float64 {
	out := n
	if kind == ZeroInflated {
		out = 2 * n
	}
	of, each := newSpreads(kind, spread), make([]float64, rows)
	var ds []float32
	if dy != nil {
		ds = pool.Borrow(rows * n)
		defer pool.GiveBack(ds)
	}
	pool.Run(rows, 2, func(lo, hi int) {
		for r := lo; r < hi; r++ {
			var d, s []float32
			if dy != nil {
				d, s = dy[r*out:(r+1)*out], ds[r*n:(r+1)*n]
			}
			each[r] = of.row(kind, y[r*out:(r+1)*out], x[r*n:(r+1)*n], d, s, scale)
		}
	})
	if dy != nil {
		pool.ColSums(rows, n, ds, dspread)
	}
	return each
}

func sum64(x []float64) (sum float64) {
	for _, v := range x {
		sum += v
	}
	return sum
}

// spreads are what depends on a target's spread alone.
type spreads struct {
	theta, log, gamma, digamma []float64
}

func newSpreads(kind Loss, spread []float32) *spreads {
	s := &spreads{theta: make([]float64, len(spread)), log: make([]float64, len(spread))}
	if kind != Gaussian {
		s.gamma, s.digamma = make([]float64, len(spread)), make([]float64, len(spread))
	}
	for j, v := range spread {
		s.log[j] = float64(v)
		if kind == Gaussian {
			s.theta[j] = math.Exp(-float64(v))
			continue
		}
		s.theta[j] = math.Exp(float64(v))
		s.gamma[j], s.digamma[j] = lgamma(s.theta[j]), digamma(s.theta[j])
	}
	return s
}

// row is −log p of one sample.
func (s *spreads) row(kind Loss, y, x, dy, ds []float32, scale float64) float64 {
	if kind == Gaussian {
		return s.gaussian(y, x, dy, ds, scale)
	}
	return s.counts(kind, y, x, dy, ds, scale)
}

func (s *spreads) gaussian(y, x, dy, ds []float32, scale float64) (sum float64) {
	for j, v := range x {
		e := float64(y[j]) - float64(v)
		w := s.theta[j] * e
		sum += 0.5 * (s.log[j] + float64(w*e))
		if dy != nil {
			dy[j] = float32(scale * w)
			ds[j] = float32(0.5 * scale * (1 - float64(w*e)))
		}
	}
	return sum + 0.5*math.Log(2*math.Pi)*float64(len(x))
}

func (s *spreads) counts(kind Loss, y, x, dy, ds []float32, scale float64) (sum float64) {
	n := len(x)
	top, library := math.Inf(-1), 0.0
	for j, v := range x {
		top = math.Max(top, float64(y[j]))
		library += float64(v)
	}
	if library == 0 {
		library = 1 // softmax's shares are of nothing: any number does
	}
	norm := 0.0
	for _, v := range y[:n] {
		norm += math.Exp(float64(v) - top)
	}
	logL := math.Log(library) - top - math.Log(norm)
	back := 0.0 // Σ m · d/dm
	for j, xf := range x {
		v := float64(xf)
		theta := s.theta[j]
		logM := float64(y[j]) + logL
		m := math.Exp(logM)
		tm := theta + m
		a := s.log[j] - math.Log(tm) // log θ/(θ+m)
		lg, dg := 0.0, 0.0
		if v > 0 {
			lg, dg = rising(v, theta, s.gamma[j], s.digamma[j])
			lg -= logFactorial(v)
		}
		logP := lg + float64(theta*a)
		if v > 0 {
			logP += float64(v * (logM - math.Log(tm)))
		}
		by := theta * (v - m) / tm                 // m · d log p / dm
		dr := theta * (dg + a + float64((m-v)/tm)) // d log p / d log θ
		if kind == ZeroInflated {
			pi := float64(y[n+j])
			dpi := 0.0
			if v == 0 {
				w := sigmoid64(logP - pi)
				logP = softplus64(logP-pi) - softplus64(-pi)
				by, dr = w*by, w*dr
				dpi = sigmoid64(-pi) - w
			} else {
				logP -= softplus64(pi)
				dpi = -sigmoid64(pi)
			}
			if dy != nil {
				dy[n+j] = float32(-scale * dpi)
			}
		}
		sum -= logP
		if dy != nil {
			dy[j] = float32(-scale * by)
			ds[j] = float32(-scale * dr)
			back += by
		}
	}
	if dy != nil { // through the softmax, whose shares add to 1
		for j := range n {
			share := math.Exp(float64(y[j])+logL) / library
			dy[j] += float32(scale * share * back)
		}
	}
	return sum
}

// rising is log Γ(x+θ)/Γ(θ) and ψ(x+θ) − ψ(θ), given those at θ.
func rising(x, theta, gamma, psi float64) (lg, dg float64) {
	if x <= 12 && x == math.Trunc(x) && theta < 1e10 {
		product := 1.0
		for k := range int(x) {
			t := theta + float64(k)
			product *= t
			dg += 1 / t
		}
		return math.Log(product), dg
	}
	return lgamma(x+theta) - gamma, digamma(x+theta) - psi
}

func lgamma(x float64) float64 {
	v, _ := math.Lgamma(x)
	return v
}

// logFactorials are log x! of the counts that are usual.
var logFactorials = func() (t [256]float64) {
	for i := range t {
		t[i] = lgamma(float64(i) + 1)
	}
	return t
}()

func logFactorial(x float64) float64 {
	if x < float64(len(logFactorials)) && x == math.Trunc(x) {
		return logFactorials[int(x)]
	}
	return lgamma(x + 1)
}

// digamma is ψ(x) for x > 0: by its recurrence up to 6, then its asymptotic series.
func digamma(x float64) float64 {
	if !(x > 0) {
		return math.NaN()
	}
	v := 0.0
	for x < 6 {
		v -= 1 / x
		x++
	}
	q := 1 / (x * x)
	return v + math.Log(x) - 0.5/x - q*(1./12-q*(1./120-q*(1./252-q*(1./240-q*(1./132-q*(691./32760-q/12))))))
}

func sigmoid64(z float64) float64 { return 1 / (1 + math.Exp(-z)) }

func softplus64(z float64) float64 { return math.Max(z, 0) + math.Log1p(math.Exp(-math.Abs(z))) }

// CountMeans are the means of counts that outputs, rows × Out of a network whose loss is
// NegativeBinomial or ZeroInflated, stand for, at that library of every sample: rows ×
// Targets. Zeros beyond the negative binomial's are left out of account.
func (n *Net) CountMeans(y []float32, library []float64) []float32 {
	p, out := n.spec.Targets(), n.spec.Out()
	m := make([]float32, len(library)*p)
	n.pool.Run(len(library), 4, func(lo, hi int) {
		for r := lo; r < hi; r++ {
			row := y[r*out : r*out+p]
			top, norm := math.Inf(-1), 0.0
			for _, v := range row {
				top = math.Max(top, float64(v))
			}
			for _, v := range row {
				norm += math.Exp(float64(v) - top)
			}
			for j, v := range row {
				m[r*p+j] = float32(library[r] * math.Exp(float64(v)-top) / norm)
			}
		}
	})
	return m
}
