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

// family is the distribution that a likelihood is of.
func (l Loss) family() cpu.Family {
	switch l {
	case NegativeBinomial:
		return cpu.NegativeBinomial
	case ZeroInflated:
		return cpu.ZeroInflated
	}
	return cpu.Gaussian
}

// likelihood is −log p of each sample's targets x, rows × n, given outputs y and spreads.
// It sets dy and dspread to scale times the derivatives, unless dy is nil.
func likelihood(pool *cpu.Pool, kind Loss, rows, n int, y, x, spread, dy, dspread []float32, scale float64) []float64 {
	if dy == nil {
		return pool.Likelihood(kind.family(), rows, n, y, x, spread, nil, nil, scale)
	}
	ds := pool.Borrow(rows * n)
	defer pool.GiveBack(ds)
	each := pool.Likelihood(kind.family(), rows, n, y, x, spread, dy, ds, scale)
	pool.ColSums(rows, n, ds, dspread)
	return each
}

func sum64(x []float64) (sum float64) {
	for _, v := range x {
		sum += v
	}
	return sum
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
