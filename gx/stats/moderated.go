package stats

import (
	"fmt"
	"math"
	"slices"

	"gonum.org/v1/gonum/mat"
	"gonum.org/v1/gonum/mathext"
	"gonum.org/v1/gonum/stat/distuv"

	"github.com/gxlab/gxlab/gx/cores"
	"github.com/gxlab/gxlab/gx/fault"
)

// Moderated is limma's moderated t-test of one contrast for every gene (Smyth 2004):
// each gene's variance is drawn towards a common one, by as much as the genes'
// variances tell that it should be.
type Moderated struct {
	Effect []float64 // the contrast: of two groups the difference of means
	T      []float64
	P      []float64 // two-sided
	FDR    []float64 // P adjusted by Benjamini and Hochberg
	DF     []float64 // degrees of freedom of the residual, per gene

	PriorDF  float64 // of the common variance; +Inf: all genes have the same
	PriorVar float64
}

// ModeratedT compares two groups of samples gene by gene: rows of x are samples,
// in says which rows are of the first group, and the effect is its mean less the
// other's. Missing values (NaN) are left out of their gene; genes that are left with
// too few values have NaN throughout. Errors: groups without samples, no gene with a
// residual.
func ModeratedT(x [][]float32, in []bool) (*Moderated, error) {
	if len(in) != len(x) {
		return nil, fault.New(fmt.Sprintf("%d samples and %d memberships", len(x), len(in)), "ModeratedT", "one for every sample")
	}
	design := make([][]float64, len(x))
	for i, first := range in {
		design[i] = []float64{0, 1}
		if first {
			design[i] = []float64{1, 0}
		}
	}
	if !slices.Contains(in, true) || !slices.Contains(in, false) {
		return nil, fault.New("all samples are in one group", "ModeratedT", "samples of both")
	}
	return ModeratedContrast(x, design, []float64{1, -1})
}

// ModeratedContrast fits a linear model to every gene and tests a contrast of its
// coefficients: design has a row a sample and a column a coefficient, contrast one
// number a coefficient (limma's lmFit, contrasts.fit and eBayes, without trend or
// robustness). Coefficients that the design does not determine are an error.
func ModeratedContrast(x [][]float32, design [][]float64, contrast []float64) (*Moderated, error) {
	if err := checkDesign(x, design, contrast); err != nil {
		return nil, err
	}
	whole, err := newFit(design, contrast)
	if err != nil {
		return nil, err
	}
	p := len(x[0])
	m := &Moderated{Effect: make([]float64, p), T: make([]float64, p), P: make([]float64, p), DF: make([]float64, p)}
	s2, unscaled := make([]float64, p), make([]float64, p)
	cores.Each(p, func(j int) {
		y := make([]float64, 0, len(x))
		rows := make([]int, 0, len(x))
		for i := range x {
			if v := float64(x[i][j]); v == v {
				y, rows = append(y, v), append(rows, i)
			}
		}
		f := whole
		if len(y) < len(x) {
			part := make([][]float64, len(rows))
			for k, i := range rows {
				part[k] = design[i]
			}
			if f, err = newFit(part, contrast); err != nil {
				f = nil
			}
		}
		m.Effect[j], s2[j], unscaled[j] = math.NaN(), math.NaN(), math.NaN()
		if f == nil {
			return
		}
		m.Effect[j], s2[j] = f.gene(y)
		m.DF[j], unscaled[j] = float64(len(y)-len(contrast)), f.unscaled
	})
	if err := m.prior(s2); err != nil {
		return nil, err
	}
	pooled := 0.0
	for _, d := range m.DF {
		pooled += d
	}
	for j := range m.T {
		post := m.PriorVar
		if !math.IsInf(m.PriorDF, 1) {
			post = (m.PriorDF*m.PriorVar + m.DF[j]*orZero(s2[j])) / (m.PriorDF + m.DF[j])
		}
		m.T[j] = m.Effect[j] / (unscaled[j] * math.Sqrt(post))
		df := math.Min(m.DF[j]+m.PriorDF, pooled)
		m.P[j] = 2 * distuv.StudentsT{Sigma: 1, Nu: df}.CDF(-math.Abs(m.T[j]))
		if m.T[j] != m.T[j] {
			m.P[j] = math.NaN()
		}
	}
	m.FDR = BH(m.P)
	return m, nil
}

func orZero(v float64) float64 {
	if v != v {
		return 0
	}
	return v
}

func checkDesign(x [][]float32, design [][]float64, contrast []float64) error {
	const who = "ModeratedContrast"
	if len(x) == 0 || len(x) != len(design) || len(contrast) == 0 {
		return fault.New(fmt.Sprintf("%d samples, a design of %d rows, a contrast of %d coefficients", len(x), len(design), len(contrast)), who, "a row of the design for every sample")
	}
	for i := range x {
		if len(x[i]) != len(x[0]) || len(design[i]) != len(contrast) {
			return fault.New(fmt.Sprintf("sample %d has %d genes and %d numbers in the design, the first has %d and the contrast %d", i+1, len(x[i]), len(design[i]), len(x[0]), len(contrast)), who, "the same number for every sample")
		}
	}
	return nil
}

// linearFit is a design ready for least squares.
type linearFit struct {
	q        *mat.Dense // orthonormal columns of the design
	effect   []float64  // contrast of the coefficients, as a combination of the values
	unscaled float64    // its standard deviation where the residual's is 1
}

func newFit(design [][]float64, contrast []float64) (*linearFit, error) {
	n, k := len(design), len(contrast)
	if n < k {
		return nil, fault.New(fmt.Sprintf("%d samples for %d coefficients", n, k), "ModeratedContrast", "more samples")
	}
	d := mat.NewDense(n, k, nil)
	for i, row := range design {
		d.SetRow(i, row)
	}
	var qr mat.QR
	qr.Factorize(d)
	if c := qr.Cond(); math.IsInf(c, 1) || c > 1e10 {
		return nil, fault.New("the design does not determine its coefficients", "ModeratedContrast", "a column less, or samples of every group")
	}
	var inverse mat.Dense // (XᵀX)⁻¹Xᵀ
	identity := mat.NewDense(n, n, nil)
	for i := range n {
		identity.Set(i, i, 1)
	}
	if err := qr.SolveTo(&inverse, false, identity); err != nil {
		return nil, err
	}
	f := &linearFit{effect: make([]float64, n)}
	ss := 0.0
	for i := range n {
		for c, v := range contrast {
			f.effect[i] += v * inverse.At(c, i)
		}
		ss += f.effect[i] * f.effect[i]
	}
	f.unscaled = math.Sqrt(ss) // cᵀ(XᵀX)⁻¹c, for effect·effectᵀ is that
	var q mat.Dense
	qr.QTo(&q)
	f.q = mat.DenseCopyOf(q.Slice(0, n, 0, k))
	return f, nil
}

// gene is the contrast and the residual variance of one gene's values; NaN where
// nothing is left over.
func (f *linearFit) gene(y []float64) (effect, s2 float64) {
	n, k := f.q.Dims()
	total := 0.0
	for i, v := range y {
		effect += f.effect[i] * v
		total += v * v
	}
	if n == k {
		return effect, math.NaN()
	}
	rest := slices.Clone(y) // y less its part in the design's space
	for c := range k {
		dot := 0.0
		for i := range n {
			dot += f.q.At(i, c) * y[i]
		}
		for i := range n {
			rest[i] -= dot * f.q.At(i, c)
		}
	}
	for _, v := range rest {
		s2 += v * v
	}
	if s2 < 1e-28*total {
		s2 = 0 // a constant gene's rounding
	}
	return effect, s2 / float64(n-k)
}

// prior fits the distribution of the genes' variances: limma's fitFDist.
func (m *Moderated) prior(s2 []float64) error {
	var v, df []float64
	for j, s := range s2 {
		if s == s && m.DF[j] > 0 {
			v, df = append(v, s), append(df, m.DF[j])
		}
	}
	if len(v) == 0 {
		return fault.New("no gene has a residual", "ModeratedT", "more samples than groups")
	}
	if len(v) == 1 {
		m.PriorDF, m.PriorVar = 0, v[0]
		return nil
	}
	middle := Median(v)
	if middle == 0 {
		middle = 1 // more than half of the variances are 0
	}
	mean, n := 0.0, float64(len(v))
	e := make([]float64, len(v))
	tri := 0.0
	for i, s := range v {
		e[i] = math.Log(math.Max(s, 1e-5*middle)) - mathext.Digamma(df[i]/2) + math.Log(df[i]/2)
		mean += e[i] / n
		tri += trigamma(df[i]/2) / n
	}
	spread := -tri
	for _, z := range e {
		spread += (z - mean) * (z - mean) / (n - 1)
	}
	if spread > 0 {
		m.PriorDF = 2 * trigammaInverse(spread)
		m.PriorVar = math.Exp(mean + mathext.Digamma(m.PriorDF/2) - math.Log(m.PriorDF/2))
		return nil
	}
	m.PriorDF = math.Inf(1)
	m.PriorVar = 0
	for _, s := range v {
		m.PriorVar += math.Max(s, 1e-5*middle) / n
	}
	return nil
}

// trigamma is the second derivative of log Γ, by recurrence and the asymptotic
// series (Abramowitz and Stegun 6.4.6, 6.4.12).
func trigamma(x float64) (sum float64) {
	for x < 10 {
		sum += 1 / (x * x)
		x++
	}
	y := 1 / (x * x)
	return sum + 1/x + y/2 + y/x*(1.0/6-y*(1.0/30-y*(1.0/42-y*(1.0/30-y*(5.0/66)))))
}

// trigammaInverse solves trigamma(y) = x by Newton's method (Smyth 2004, appendix).
func trigammaInverse(x float64) float64 {
	if x > 1e7 {
		return 1 / math.Sqrt(x)
	}
	if x < 1e-6 {
		return 1 / x
	}
	y := 0.5 + 1/x
	for range 50 {
		t := trigamma(y)
		h := 1e-5 * y // tetragamma by differences
		d := t * (1 - t/x) / ((trigamma(y+h) - trigamma(y-h)) / (2 * h))
		y += d
		if -d/y < 1e-8 {
			break
		}
	}
	return y
}
