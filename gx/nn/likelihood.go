package nn

import (
	"math"
	"sync"

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
	defer spareSpreads.Put(of)
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

// grown is room for n values, s's where it is enough.
func grown[T any](s []T, n int) []T {
	if cap(s) < n {
		return make([]T, n)
	}
	return s[:n]
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
	usual                      [][usual + 1]rise // of the counts up to usual
}

// rise is log Γ(x+θ)/Γ(θ) − log x! and ψ(x+θ) − ψ(θ) of a count x.
type rise struct{ log, slope float64 }

// usual is the largest count of which a rise is kept: most are no larger.
const usual = 12

// spareSpreads and spareShares are memory of those that are done with, for the next step.
var spareSpreads, spareShares sync.Pool

func newSpreads(kind Loss, spread []float32) *spreads {
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
