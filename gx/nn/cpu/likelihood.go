package cpu

import (
	"math"
	"sync"
)

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
	defer spareSpreads.Put(of)
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
	usual                      [][usual + 1]rise // of the counts up to usual
}

// rise is log Γ(x+θ)/Γ(θ) − log x! and ψ(x+θ) − ψ(θ) of a count x.
type rise struct{ log, slope float64 }

// usual is the largest count of which a rise is kept: most are no larger.
const usual = 12

// spareSpreads and spareShares are memory of those that are done with, for the next step.
var spareSpreads, spareShares sync.Pool

func newSpreads(kind Family, spread []float32) *spreads {
	s, _ := spareSpreads.Get().(*spreads)
	if s == nil {
		s = &spreads{}
	}
	n := len(spread)
	s.theta, s.log = grown(s.theta, n), grown(s.log, n)
	if kind != Gaussian {
		s.gamma, s.digamma, s.usual = grown(s.gamma, n), grown(s.digamma, n), grown(s.usual, n)
	}
	for j, v := range spread {
		s.log[j] = float64(v)
		if kind == Gaussian {
			s.theta[j] = math.Exp(-float64(v))
			continue
		}
		s.theta[j] = math.Exp(float64(v))
		s.gamma[j], s.digamma[j] = lgamma(s.theta[j]), digamma(s.theta[j])
		product, slope := 1.0, 0.0
		for x := range usual {
			t := s.theta[j] + float64(x)
			product, slope = product*t, slope+1/t
			s.usual[j][x+1] = rise{math.Log(product) - logFactorials[x+1], slope}
		}
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
	top, library := y[0], 0.0
	for j, v := range x {
		top = max(top, y[j])
		library += float64(v)
	}
	if library == 0 {
		library = 1 // softmax's shares are of nothing: any number does
	}
	room, _ := spareShares.Get().(*[]float64)
	if room == nil {
		room = new([]float64)
	}
	defer spareShares.Put(room)
	*room = grown(*room, n)
	share, norm := *room, 0.0
	for j, v := range y[:n] {
		share[j] = math.Exp(float64(v) - float64(top))
		norm += share[j]
	}
	each := library / norm
	logL := math.Log(each) - float64(top)
	back := 0.0 // Σ m · d/dm
	for j, xf := range x {
		v := float64(xf)
		theta := s.theta[j]
		m := share[j] * each
		tm := theta + m
		logTM := math.Log(tm)
		a := s.log[j] - logTM // log θ/(θ+m)
		r := s.rising(j, v)
		logP := float64(theta*a) + r.log + float64(v*(float64(y[j])+logL-logTM))
		e := (v - m) / tm
		by := theta * e                 // m · d log p / dm
		dr := theta * (r.slope + a - e) // d log p / d log θ
		if kind == ZeroInflated {
			u := math.Exp(-min(max(float64(y[n+j]), -700), 700))
			pi := 1 / (1 + u) // chance of another zero
			not := u * pi
			dpi := -pi
			if v == 0 {
				w := not * math.Exp(logP)
				p := pi + w
				w /= p
				logP = math.Log(p)
				by, dr = w*by, w*dr
				dpi = not - w
			} else {
				logP += math.Log(not)
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
		back *= scale / norm
		for j, v := range share {
			dy[j] += float32(v * back)
		}
	}
	return sum
}

// rising is the rise of a count x of target j.
func (s *spreads) rising(j int, x float64) rise {
	if k := uint(x); k <= usual && float64(k) == x && s.theta[j] < 1e10 {
		return s.usual[j][k]
	}
	theta := s.theta[j]
	return rise{lgamma(x+theta) - s.gamma[j] - logFactorial(x), digamma(x+theta) - s.digamma[j]}
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

// grown is room for n values, s's where it is enough.
func grown[T any](s []T, n int) []T {
	if cap(s) < n {
		return make([]T, n)
	}
	return s[:n]
}
