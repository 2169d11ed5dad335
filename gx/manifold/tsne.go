package manifold

import (
	"context"
	"fmt"
	"math"

	"github.com/gxlab/gxlab/gx/fault"
	"github.com/gxlab/gxlab/gx/learn"
	"github.com/gxlab/gxlab/gx/prep"
)

// TSNE is t-distributed stochastic neighbour embedding (van der Maaten and Hinton 2008),
// by the approximation of Barnes and Hut (van der Maaten 2014). A setting of 0 is its
// default.
type TSNE struct {
	// Perplexity is about how many neighbours a sample has a thought for. The default is
	// 30. At most a third of the other samples, which is taken where it is more.
	Perplexity float64
	// Exaggeration is how many times stronger neighbours attract each other in the first
	// 250 steps, which gather groups. The default is 12.
	Exaggeration float64
	// Iterations is how many steps are taken in all. The default is 1000.
	Iterations int
	// Rate is the length of steps. The default is n/(4·Exaggeration), at least 50 (Belkina
	// 2019; scikit-learn's "auto").
	Rate float64
	// Seed is of the noise on the start, a hundredth of its spread. The default is 1.
	Seed uint64
	Tell func(what string, done, total int)
}

const (
	gathering = 250 // steps with exaggeration
	angle     = 0.5 // Barnes and Hut's: a cell is one point when its width is below that share of its distance
	leastTSNE = 7   // a perplexity of 2
)

// Fitting is the perplexity that n samples allow, at most p.
func Fitting(p float64, n int) float64 { return math.Min(p, float64(n-1)/3) }

// Embed is samples × values on a plane, samples × 2. It begins with the first two
// principal components. It fails on missing values, fewer than 7 samples, and settings
// below their least.
func (t TSNE) Embed(ctx context.Context, x prep.Matrix) (prep.Matrix, error) {
	const who = "t-SNE"
	t.Perplexity, t.Exaggeration = or(t.Perplexity, 30), or(t.Exaggeration, 12)
	t.Iterations, t.Seed = or(t.Iterations, 1000), or(t.Seed, 1)
	t.Rate = or(t.Rate, math.Max(float64(x.Rows)/t.Exaggeration/4, 50))
	switch {
	case !(t.Perplexity >= 2) || math.IsInf(t.Perplexity, 0):
		return prep.Matrix{}, fault.New(fmt.Sprintf("%s: a perplexity of %g", who, t.Perplexity), "", "2 or more; 30 is usual")
	case !(t.Exaggeration >= 1) || math.IsInf(t.Exaggeration, 0):
		return prep.Matrix{}, fault.New(fmt.Sprintf("%s: an exaggeration of %g", who, t.Exaggeration), "", "1 or more; 12 is usual")
	case !(t.Rate > 0) || math.IsInf(t.Rate, 0):
		return prep.Matrix{}, fault.New(fmt.Sprintf("%s: a rate of %g", who, t.Rate), "", "a number above 0")
	case t.Iterations < 1:
		return prep.Matrix{}, fault.New(fmt.Sprintf("%s: %d iterations", who, t.Iterations), "", "1 or more; 1000 are usual")
	}
	if err := check(who, x, leastTSNE, "more samples, or a plot of their principal components"); err != nil {
		return prep.Matrix{}, err
	}
	perplexity := Fitting(t.Perplexity, x.Rows)
	near, err := learn.KNN{K: min(x.Rows-1, int(3*perplexity+1)), Tell: t.Tell}.Nearest(ctx, x)
	if err != nil {
		return prep.Matrix{}, err
	}
	d := newDescent(affinities(near, perplexity))
	if err := t.begin(d, x); err != nil {
		return prep.Matrix{}, err
	}
	for i := range t.Iterations {
		if err := ctx.Err(); err != nil {
			return prep.Matrix{}, err
		}
		if t.Tell != nil && i%10 == 0 {
			t.Tell(who, i, t.Iterations)
		}
		if i < gathering {
			d.step(t.Exaggeration, 0.5, t.Rate)
		} else {
			d.step(1, 0.8, t.Rate)
		}
	}
	if t.Tell != nil {
		t.Tell(who, t.Iterations, t.Iterations)
	}
	return narrowed(d.y), nil
}

// begin puts the samples at their first two principal components, the first of a standard
// deviation of 0.0001.
func (t TSNE) begin(d *descent, x prep.Matrix) error {
	y, err := components(x)
	if err != nil {
		return err
	}
	squares := 0.0
	for i := 0; i < len(y); i += 2 {
		squares += y[i] * y[i] / float64(x.Rows)
	}
	if squares > 0 {
		for i := range y {
			y[i] *= 1e-4 / math.Sqrt(squares)
		}
	}
	jitter(y, 1e-6, t.Seed)
	d.y = y
	return nil
}

// affinities are how likely samples are to name each other as neighbours, in sum 1: of
// each sample a Gaussian over its neighbours' distances, as wide as its perplexity asks
// for, and the mean of both ends.
func affinities(near [][]learn.Neighbour, perplexity float64) *graph {
	p := make([][]float64, len(near))
	spans(len(near), 64, func(lo, hi int) {
		for i := lo; i < hi; i++ {
			p[i] = conditional(near[i], perplexity)
		}
	})
	g := symmetric(near, p, func(a, b float64) float64 { return (a + b) / float64(2*len(near)) })
	return g
}

// conditional are the probabilities of a Gaussian whose entropy is log(perplexity).
func conditional(near []learn.Neighbour, perplexity float64) []float64 {
	p, square := make([]float64, len(near)), make([]float64, len(near))
	mean := 0.0
	for c, o := range near { // above that of the nearest, which changes no probability
		square[c] = float64(o.Distance*o.Distance) - float64(near[0].Distance*near[0].Distance)
		mean += square[c] / float64(len(near))
	}
	if mean == 0 {
		for c := range p {
			p[c] = 1 / float64(len(p))
		}
		return p
	}
	want := math.Log(perplexity)
	lo, hi, beta := 0.0, math.Inf(1), 1/mean
	for range 200 {
		sum, moment := 0.0, 0.0
		for c, d := range square {
			p[c] = math.Exp(-beta * d)
			sum += p[c]
			moment += float64(p[c] * d)
		}
		for c := range p {
			p[c] /= sum
		}
		over := math.Log(sum) + beta*moment/sum - want
		if math.Abs(over) < 1e-9 {
			break
		}
		if over > 0 {
			lo = beta
		} else {
			hi = beta
		}
		if beta = (lo + hi) / 2; math.IsInf(hi, 1) {
			beta = 2 * lo
		}
	}
	return p
}

func or[T int | uint64 | float64](v, otherwise T) T {
	if v == 0 {
		return otherwise
	}
	return v
}
