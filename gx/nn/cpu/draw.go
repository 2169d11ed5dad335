package cpu

import "math"

// Draw sets z = μ + σ·ε, rows × k, where each row of x holds k means μ and then k values
// log σ² (Kingma and Welling 2014). It returns the divergence of the codes from N(0, 1),
// in nats, summed.
func Draw(rows, k int, x, eps, z []float32) (sum float64) {
	for r := range rows {
		mu, s := x[2*k*r:2*k*r+k], x[2*k*r+k:2*k*(r+1)]
		for j, m := range mu {
			sd := math.Exp(0.5 * float64(s[j]))
			z[r*k+j] = m + float32(sd)*eps[r*k+j]
			sum += 0.5 * (float64(m)*float64(m) + float64(sd*sd) - 1 - float64(s[j]))
		}
	}
	return sum
}

// DrawBack sets d, of x's shape, to the gradient by means and log variances, given that
// by the codes, dz, and a second one, extra, unless that is nil; c times the divergence
// is included.
func DrawBack(rows, k int, c float64, dz, extra, x, eps, d []float32) {
	for r := range rows {
		for j := range k {
			i := r*k + j
			grad := float64(dz[i])
			if extra != nil {
				grad += float64(extra[i])
			}
			mu, lv := float64(x[2*k*r+j]), float64(x[2*k*r+k+j])
			sd := math.Exp(0.5 * lv)
			d[2*k*r+j] = float32(grad + float64(c*mu))
			d[2*k*r+k+j] = float32(0.5 * (float64(grad*sd)*float64(eps[i]) + float64(c*(float64(sd*sd)-1))))
		}
	}
}
