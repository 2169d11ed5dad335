package manifold

import (
	"context"
	"fmt"
	"math"

	"github.com/gxlab/gxlab/gx/fault"
	"github.com/gxlab/gxlab/gx/learn"
	"github.com/gxlab/gxlab/gx/prep"
)

// UMAP is uniform manifold approximation and projection (McInnes, Healy and Melville
// 2018). A setting of 0 is its default.
type UMAP struct {
	// Neighbours is how many samples a neighbourhood has, its own sample among them: few
	// show fine detail, many the coarse picture. The default is 15.
	Neighbours int
	// MinDistance is how near points may come on the map, whose groups are some 10 wide.
	// The default is 0.1; it is below 3.
	MinDistance float64
	// Epochs is how many times the edges are gone through. The default is 500 of up to
	// 10,000 samples, of more 200.
	Epochs int
	// Seed is of the noise on the start and of the samples that repel. The default is 1.
	Seed uint64
	Tell func(what string, done, total int)
}

// Embed is samples × values on a plane, samples × 2. It begins with the first two
// principal components. It fails on missing values, on fewer samples than neighbours and
// on settings below their least.
func (u UMAP) Embed(ctx context.Context, x prep.Matrix) (prep.Matrix, error) {
	const who = "UMAP"
	u.Neighbours, u.MinDistance, u.Seed = or(u.Neighbours, 15), or(u.MinDistance, 0.1), or(u.Seed, 1)
	if u.Epochs == 0 {
		if u.Epochs = 500; x.Rows > 10_000 {
			u.Epochs = 200
		}
	}
	switch {
	case u.Neighbours < 2:
		return prep.Matrix{}, fault.New(fmt.Sprintf("%s: %d neighbours", who, u.Neighbours), "", "2 or more; 15 are usual")
	case !(u.MinDistance > 0 && u.MinDistance < 3):
		return prep.Matrix{}, fault.New(fmt.Sprintf("%s: a least distance of %g", who, u.MinDistance), "", "above 0 and below 3; 0.1 is usual")
	case u.Epochs < 1:
		return prep.Matrix{}, fault.New(fmt.Sprintf("%s: %d epochs", who, u.Epochs), "", "1 or more; 500 are usual")
	}
	try := fmt.Sprintf("fewer neighbours, 2 to %d, or more samples", x.Rows-1)
	if x.Rows < 3 {
		try = "more samples"
	}
	if err := check(who, x, max(3, u.Neighbours+1), try); err != nil {
		return prep.Matrix{}, err
	}
	near, err := learn.KNN{K: u.Neighbours - 1, Tell: u.Tell}.Nearest(ctx, x)
	if err != nil {
		return prep.Matrix{}, err
	}
	g := fuzzy(near)
	y, err := u.begin(x)
	if err != nil {
		return prep.Matrix{}, err
	}
	l := newLayout(g, y, u.Epochs, u.MinDistance, u.Seed)
	for e := range u.Epochs {
		if err := ctx.Err(); err != nil {
			return prep.Matrix{}, err
		}
		if u.Tell != nil && e%5 == 0 {
			u.Tell(who, e, u.Epochs)
		}
		l.epoch(e, 1-float64(max(0, e-1))/float64(u.Epochs))
	}
	if u.Tell != nil {
		u.Tell(who, u.Epochs, u.Epochs)
	}
	return narrowed(l.y), nil
}

// begin puts the samples at their first two principal components, each from 0 to 10.
func (u UMAP) begin(x prep.Matrix) ([]float64, error) {
	y, err := components(x)
	if err != nil {
		return nil, err
	}
	most := 0.0
	for _, v := range y {
		most = math.Max(most, math.Abs(v))
	}
	if most > 0 {
		for i := range y {
			y[i] *= 10 / most
		}
	}
	jitter(y, 1e-4, u.Seed)
	for c := range 2 {
		lo, hi := math.Inf(1), math.Inf(-1)
		for i := c; i < len(y); i += 2 {
			lo, hi = min(lo, y[i]), max(hi, y[i])
		}
		for i := c; i < len(y); i += 2 {
			y[i] = 10 * (y[i] - lo) / (hi - lo)
		}
	}
	return y, nil
}

// fuzzy is UMAP's graph: how sure it is that two samples are neighbours, of one seen from
// the other or the other way round.
func fuzzy(near [][]learn.Neighbour) *graph {
	sigma, rho := smooth(near)
	w := make([][]float64, len(near))
	for i, ns := range near {
		w[i] = make([]float64, len(ns))
		for c, o := range ns {
			if w[i][c] = 1; o.Distance > rho[i] && sigma[i] > 0 {
				w[i][c] = math.Exp(-(o.Distance - rho[i]) / sigma[i])
			}
		}
	}
	return symmetric(near, w, func(a, b float64) float64 { return a + b - float64(a*b) })
}

// smooth is, of each sample, the distance rho of the nearest other that is not in the same
// place, and the width sigma with which the weights exp(−(d−rho)/sigma) add up to log₂ of
// the size of the neighbourhood, itself included. Widths below a thousandth of the mean
// distance, of the sample's neighbours or, where rho is 0, of all, are lifted to that.
func smooth(near [][]learn.Neighbour) (sigma, rho []float64) {
	n := len(near)
	sigma, rho = make([]float64, n), make([]float64, n)
	mean, all := make([]float64, n), 0.0
	for i, ns := range near {
		for _, o := range ns {
			mean[i] += o.Distance / float64(len(ns)+1)
			if rho[i] == 0 {
				rho[i] = o.Distance
			}
		}
		all += mean[i] / float64(n)
	}
	spans(n, 64, func(from, to int) {
		for i := from; i < to; i++ {
			want := math.Log2(float64(len(near[i]) + 1))
			lo, hi, mid := 0.0, math.Inf(1), 1.0
			for range 64 {
				sum := 0.0
				for _, o := range near[i] {
					if d := o.Distance - rho[i]; d > 0 {
						sum += math.Exp(-d / mid)
					} else {
						sum++
					}
				}
				if math.Abs(sum-want) < 1e-5 {
					break
				}
				if sum > want {
					hi = mid
				} else {
					lo = mid
				}
				if mid = (lo + hi) / 2; math.IsInf(hi, 1) {
					mid = 2 * lo
				}
			}
			least := all
			if rho[i] > 0 {
				least = mean[i]
			}
			sigma[i] = math.Max(mid, 1e-3*least)
		}
	})
	return sigma, rho
}
