package gx

import (
	"github.com/gxlab/gxlab/gx/fault"
	"github.com/gxlab/gxlab/gx/prep"
)

// Loadings are how much each gene changes, in units of the cohort's last step, when a
// component of a PCA rises by its standard deviation over s: genes × components. For other
// reductions, which are not linear both ways, it is an error.
func (r *Reduced) Loadings(s *Set) (Matrix, error) {
	if r.rec.Settings["kind"] != "pca" {
		return Matrix{}, fault.New(r.name+" has no loadings", "", "gx.PCA")
	}
	c, err := r.Encode(s)
	if err != nil {
		return Matrix{}, err
	}
	_, sd := prep.Moments(c.Matrix, every(c.Rows))
	k, p := r.k, len(r.genes)
	z := make([]float32, (k+1)*k)
	for i := range k {
		z[(i+1)*k+i] = 1
	}
	y, err := r.coder.Decode(z, k+1)
	if err != nil {
		return Matrix{}, err
	}
	m := prep.NewMatrix(p, k)
	for i := range k {
		for j := range p {
			m.Row(j)[i] = float32(float64(y[(i+1)*p+j]-y[j]) * sd[i])
		}
	}
	return m, nil
}
