package cpu

import "math"

// Family is a distribution of targets.
type Family uint8

// The families. Gaussian: outputs are means, a target's spread is log σ².
// NegativeBinomial: targets are counts with mean m = library · softmax(outputs), where a
// row's library is the sum of its targets, and variance m + m²/θ; the spread is log θ.
// ZeroInflated has, besides, a chance of another zero, whose logits are the second half
// of the outputs.
const (
	Gaussian Family = iota
	NegativeBinomial
	ZeroInflated
)

// Likelihood is −log p in nats of each row of targets x, rows × n, given outputs y and
// spreads. It sets dy to scale times the derivative by the outputs and ds, rows × n, to
// that by each row's spreads, unless dy is nil.
func (p *Pool) Likelihood(kind Family, rows, n int, y, x, spread, dy, ds []float32, scale float64) []float64 {
	out := n
	if kind == ZeroInflated {
		out = 2 * n
	}
	of, each := newSpreads(kind, spread), make([]float64, rows)
	p.Run(rows, 2, func(lo, hi int) {
		for r := lo; r < hi; r++ {
			var d, s []float32
			if dy != nil {
				d, s = dy[r*out:(r+1)*out], ds[r*n:(r+1)*n]
			}
			each[r] = of.row(kind, y[r*out:(r+1)*out], x[r*n:(r+1)*n], d, s, scale)
		}
	})
	return each
}

// spreads are what depends on a target's spread alone.
type spreads struct {
	theta, log, gamma, digamma []float64
}

func newSpreads(kind Family, spread []float32) *spreads {
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
func (s *spreads) row(kind Family, y, x, dy, ds []float32, scale float64) float64 {
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

func (s *spreads) counts(kind Family, y, x, dy, ds []float32, scale float64) (sum float64) {
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
