package reduce

import (
	"context"
	"encoding/json"
	"math"
	"os"
	"testing"
)

// The numbers of testdata/reference.json come from scikit-learn 1.9.1 by
// testdata/reference.py, over the data sets that made, whole and doubled make alike in
// both languages. The last four samples of each are new to the models.
type reference struct {
	K                           int
	Sum                         float64
	PCA, NMF, Poly, Cosine, RBF *result
}

type result struct {
	Values         json.RawMessage // variances, parts or eigenvalues
	Codes, Decoded [][]float64     // of the new samples; the first 12 genes
	Fit, New       float64         // MSE of training and new samples; NMF's own error in fit
	Total          float64
	Iterations     int
	DefaultFit     float64 `json:"default_fit"`
	DefaultNew     float64 `json:"default_new"`
	OwnNew         float64 `json:"own_new"`
}

func load(t *testing.T) map[string]reference {
	t.Helper()
	b, err := os.ReadFile("testdata/reference.json")
	if err != nil {
		t.Fatal(err)
	}
	var all map[string]json.RawMessage
	if err := json.Unmarshal(b, &all); err != nil {
		t.Fatal(err)
	}
	delete(all, "versions")
	out := map[string]reference{}
	for name, raw := range all {
		var r reference
		if err := json.Unmarshal(raw, &r); err != nil {
			t.Fatal(err)
		}
		out[name] = r
	}
	return out
}

// uniform is Numerical Recipes' 32-bit generator; the upper 24 bits as 0 to 1.
func uniform(seed uint32) func() float64 {
	return func() float64 {
		seed = seed*1664525 + 1013904223
		return float64(seed>>8) / (1 << 24)
	}
}

// made gives each gene a base, adds modules up to the rank, and noise: about the range
// of log2 expression.
func made(n, p, rank int, noise float64, seed uint32) []float32 {
	u := uniform(seed)
	base, load, x := make([]float64, p), make([]float64, rank*p), make([]float32, n*p)
	for j := range base {
		base[j] = 4 + float64(6*u())
	}
	for j := range load {
		load[j] = u() - 0.5
	}
	score := make([]float64, rank)
	for i := range n {
		for r := range score {
			score[r] = 3 * (u() - 0.5)
		}
		for j := range p {
			v := base[j]
			for r, s := range score {
				v += float64(s * load[r*p+j]) // converted: never fused into one rounding
			}
			x[i*p+j] = float32(v + float64(noise*(u()-0.5)))
		}
	}
	return x
}

// whole is small integers of exactly the given rank.
func whole(n, p, rank int, seed uint32) []float32 {
	u := uniform(seed)
	load, score, x := make([]float64, rank*p), make([]float64, rank), make([]float32, n*p)
	for j := range load {
		load[j] = math.Floor(4 * u())
	}
	for i := range n {
		for r := range score {
			score[r] = math.Floor(4 * u())
		}
		for j := range p {
			v := 0.0
			for r, s := range score {
				v += s * load[r*p+j]
			}
			x[i*p+j] = float32(v)
		}
	}
	return x
}

// doubled holds each sample twice, and the last third of its genes is constant.
func doubled(n, p int) []float32 {
	x := made(n, p, 3, 1, 11)
	for i := range n {
		copy(x[i*p:(i+1)*p], x[(i-i%2)*p:])
		for j := 2 * p / 3; j < p; j++ {
			x[i*p+j] = 7
		}
	}
	return x
}

type set struct {
	name string
	x    []float32 // all samples, the last four of them new
	n, p int       // n without the new ones
}

func (s set) old() []float32   { return s.x[:s.n*s.p] }
func (s set) fresh() []float32 { return s.x[s.n*s.p:] }

func sets() []set {
	return []set{
		{name: "tall", x: made(40, 12, 4, 1, 1), n: 36, p: 12},
		{name: "flat", x: made(16, 60, 4, 1, 2), n: 12, p: 60},
		{name: "long", x: made(40, 1300, 6, 1, 3), n: 36, p: 1300},
		{name: "many", x: made(1100, 9, 3, 1, 4), n: 1096, p: 9},
		{name: "rank", x: whole(14, 30, 4, 5), n: 10, p: 30},
		{name: "twice", x: doubled(16, 24), n: 12, p: 24},
	}
}

func mse(a, b []float32) float64 {
	s := 0.0
	for i, v := range a {
		d := float64(v) - float64(b[i])
		s += d * d
	}
	return s / float64(len(a))
}

// near fails unless got is within tol of want, counted in units of size.
func near(t *testing.T, what string, got, want, tol, size float64) {
	t.Helper()
	if d := math.Abs(got - want); !(d <= tol*math.Max(size, math.Abs(want))) {
		t.Errorf("%s: got %.12g, want %.12g", what, got, want)
	}
}

func top(x [][]float64) (m float64) {
	for _, r := range x {
		for _, v := range r {
			m = math.Max(m, math.Abs(v))
		}
	}
	return m
}

// compare holds a model's codes and profiles of the new samples, and its errors over
// all, against the reference.
func compare(t *testing.T, name string, m Model, s set, want *result, tol float64) {
	t.Helper()
	z, err := m.Encode(s.fresh(), 4)
	if err != nil {
		t.Fatal(err)
	}
	size := top(want.Codes)
	for i, r := range want.Codes {
		for j, v := range r {
			near(t, name+" code", float64(z[i*m.K()+j]), v, tol, size)
		}
	}
	y, err := Reconstruct(m, s.fresh(), 4)
	if err != nil {
		t.Fatal(err)
	}
	size = top(want.Decoded)
	for i, r := range want.Decoded {
		for j, v := range r {
			near(t, name+" profile", float64(y[i*m.P()+j]), v, tol, size)
		}
	}
	// A profile in float32 is up to e off, which moves an MSE of m by 2e√m + e².
	same := func(what string, got, m float64) {
		e := size * 0x1p-24
		if math.Abs(got-m) > 10*tol*m+2*e*math.Sqrt(m)+e*e {
			t.Errorf("%s: got %.12g, want %.12g", name+what, got, m)
		}
	}
	same(" new MSE", mse(y, s.fresh()), want.New)
	if want.Iterations > 0 {
		return
	}
	y, err = Reconstruct(m, s.old(), s.n)
	if err != nil {
		t.Fatal(err)
	}
	same(" training MSE", mse(y, s.old()), want.Fit)
}

func numbers(t *testing.T, raw json.RawMessage) (v []float64) {
	t.Helper()
	if err := json.Unmarshal(raw, &v); err != nil {
		t.Fatal(err)
	}
	return v
}

func TestPCAMatchesScikitLearn(t *testing.T) {
	all := load(t)
	for _, s := range sets() {
		want := all[s.name]
		sum := 0.0
		for _, v := range s.x {
			sum += float64(v)
		}
		near(t, s.name+" is the same data", sum, want.Sum, 1e-13, 1)
		m, err := PCA(s.old(), s.n, s.p, want.K)
		if err != nil {
			t.Fatal(err)
		}
		for i, v := range numbers(t, want.PCA.Values) {
			near(t, s.name+" variance", m.Variance[i], v, 1e-12, m.Variance[0])
		}
		near(t, s.name+" total", m.Total, want.PCA.Total, 1e-12, 0)
		compare(t, s.name, m, s, want.PCA, 1e-6)
	}
}

func TestKernelPCAMatchesScikitLearn(t *testing.T) {
	all := load(t)
	for _, s := range sets() {
		for kernel, want := range map[Kernel]*result{Polynomial: all[s.name].Poly, Cosine: all[s.name].Cosine, RBF: all[s.name].RBF} {
			if want == nil {
				continue
			}
			m, err := KernelPCA(kernel, s.old(), s.n, s.p, all[s.name].K)
			if err != nil {
				t.Fatal(err)
			}
			for i, v := range numbers(t, want.Values) {
				near(t, s.name+" eigenvalue", m.Eigenvalues[i], v, 1e-11, m.Eigenvalues[0])
			}
			compare(t, s.name+" "+kernel.String(), m, s, want, 1e-6)
		}
	}
}

func TestNMFMatchesScikitLearn(t *testing.T) {
	all := load(t)
	for _, s := range sets() {
		want := all[s.name].NMF
		m, err := NMF(context.Background(), s.old(), s.n, s.p, all[s.name].K, nil)
		if err != nil {
			t.Fatal(err)
		}
		if m.Iterations != want.Iterations || m.Converged != (want.Iterations < 200) {
			t.Errorf("%s: %d iterations, converged %v, want %d", s.name, m.Iterations, m.Converged, want.Iterations)
		}
		near(t, s.name+" error", m.Error, want.Fit, 1e-8, 0)
		var parts [][]float64
		if err := json.Unmarshal(want.Values, &parts); err != nil {
			t.Fatal(err)
		}
		for i, r := range parts {
			for j, v := range r {
				near(t, s.name+" part", m.Parts[i*s.p+j], v, 1e-6, top(parts))
			}
		}
		compare(t, s.name, m, s, want, 1e-5)
		t.Logf("%s: error %.6g, scikit-learn's default start %.6g; new MSE %.6g, its transform %.6g, its default %.6g",
			s.name, m.Error, want.DefaultFit, want.New, want.OwnNew, want.DefaultNew)
	}
}
