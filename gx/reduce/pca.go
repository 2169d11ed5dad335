package reduce

// PCAModel holds principal components. Its fields are for reading.
type PCAModel struct {
	Mean       []float64 // per gene, of the training samples
	Components []float64 // K × P, unit rows; zeros beyond the training samples' rank
	Variance   []float64 // per component, of the training codes, n−1 below, descending
	Total      float64   // the variance of all genes together
}

// PCA finds the k directions in which n training samples of p genes vary most, after
// taking each gene's mean away; genes are not scaled. k is at most n−1 and p. x is not
// kept. As scikit-learn's PCA.
func PCA(x []float32, n, p, k int) (*PCAModel, error) {
	if err := checkFit("PCA", x, n, p, k, min(n-1, p), "fewer than there are samples and no more than genes"); err != nil {
		return nil, err
	}
	m := &PCAModel{Mean: means(x, n, p), Variance: make([]float64, k)}
	s, err := decompose(x, n, p, k, m.Mean)
	if err != nil {
		return nil, err
	}
	m.Components, m.Total = s.right, s.total/float64(n-1)
	for i, v := range s.squares {
		m.Variance[i] = v / float64(n-1)
		upward(m.Components[i*p : (i+1)*p])
	}
	return m, nil
}

func means(x []float32, n, p int) []float64 {
	m := make([]float64, p)
	for i := range n {
		for j, v := range x[i*p : (i+1)*p] {
			m[j] += float64(v)
		}
	}
	for j := range m {
		m[j] /= float64(n)
	}
	return m
}

// Encode projects profiles, rows × P, onto the components: rows × K.
func (m *PCAModel) Encode(x []float32, rows int) ([]float32, error) { return encode(m, x, rows) }

// Decode adds the components up by their codes, rows × K, on top of the mean: rows × P.
func (m *PCAModel) Decode(z []float32, rows int) ([]float32, error) { return decode(m, z, rows) }

// K is the number of components.
func (m *PCAModel) K() int { return len(m.Variance) }

// P is the number of genes.
func (m *PCAModel) P() int { return len(m.Mean) }

// Kind is "pca".
func (m *PCAModel) Kind() string { return "pca" }

func (m *PCAModel) encode(x []float32, rows int) []float64 {
	return dots(narrow(x, rows, m.P(), m.Mean), rows, wide(m.Components, m.K(), m.P()), m.K(), m.P())
}

func (m *PCAModel) decode(z []float64, rows int) []float32 {
	return profiles(z, rows, m.K(), wide(m.Components, m.K(), m.P()), m.P(), m.Mean)
}

// Arrays is the model as plain arrays, for Restore.
func (m *PCAModel) Arrays() map[string]Array {
	return map[string]Array{
		"mean":       vector(m.Mean),
		"components": matrix(m.Components, m.K()),
		"variance":   vector(m.Variance),
		"total":      vector([]float64{m.Total}),
	}
}

func restorePCA(a arrays) (Model, error) {
	m := &PCAModel{Mean: a.doubles("mean", -1), Variance: a.doubles("variance", -1)}
	m.Components = a.doubles("components", m.K(), m.P())
	if t := a.doubles("total", 1); t != nil {
		m.Total = t[0]
	}
	return m, a.err()
}
