package manifold

import "math"

// descent takes t-SNE's steps: down the divergence of the affinities p from those on the
// map, qᵢⱼ = 1/(1+|yᵢ−yⱼ|²) over their sum Z.
type descent struct {
	p        *graph
	y        []float64 // x and y by turns
	gradient []float64
	repelled []float64 // Σ q²(yᵢ−yⱼ)
	sum      []float64 // Σ q of each sample
	velocity []float64
	gain     []float64
	tree     tree
}

func newDescent(p *graph) *descent {
	n := len(p.start) - 1
	d := &descent{p: p, gradient: make([]float64, 2*n), repelled: make([]float64, 2*n), sum: make([]float64, n),
		velocity: make([]float64, 2*n), gain: make([]float64, 2*n)}
	for i := range d.gain {
		d.gain[i] = 1
	}
	return d
}

// slope fills in the gradient, 4 Σ (pᵢⱼ·exaggeration − qᵢⱼ/Z) qᵢⱼ (yᵢ−yⱼ), and gives Z. A
// share of 0 sees every pair.
func (d *descent) slope(exaggeration, share float64) (z float64) {
	n := len(d.sum)
	d.tree.grow(d.y)
	spans(n, 128, func(lo, hi int) { d.tree.repel(lo, hi, share, d.repelled, d.sum) })
	for _, s := range d.sum {
		z += s
	}
	spans(n, 128, func(lo, hi int) {
		for i := lo; i < hi; i++ {
			x, y := d.y[2*i], d.y[2*i+1]
			fx, fy := 0.0, 0.0
			from, to := d.p.start[i], d.p.start[i+1]
			weights := d.p.weight[from:to]
			for c, j := range d.p.to[from:to] {
				dx, dy := x-d.y[2*j], y-d.y[2*j+1]
				f := float64(weights[c]) / (1 + float64(dx*dx) + float64(dy*dy))
				fx += float64(f * dx)
				fy += float64(f * dy)
			}
			d.gradient[2*i] = 4 * (float64(exaggeration*fx) - d.repelled[2*i]/z)
			d.gradient[2*i+1] = 4 * (float64(exaggeration*fy) - d.repelled[2*i+1]/z)
		}
	})
	return z
}

// step moves every sample: gradient with momentum, and a gain of its own for each
// coordinate that grows while the gradient keeps its sign (Jacobs 1988).
func (d *descent) step(exaggeration, momentum, rate float64) {
	d.slope(exaggeration, angle)
	for i, g := range d.gradient {
		if d.velocity[i]*g < 0 {
			d.gain[i] += 0.2
		} else {
			d.gain[i] = math.Max(d.gain[i]*0.8, 0.01)
		}
		d.velocity[i] = float64(momentum*d.velocity[i]) - float64(rate*d.gain[i]*g)
		d.y[i] += d.velocity[i]
	}
}
