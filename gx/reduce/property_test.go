package reduce

import (
	"context"
	"math"
	"runtime"
	"slices"
	"testing"
)

// every fits one model of each kind.
func every(t *testing.T, x []float32, n, p, k int) map[string]Model {
	t.Helper()
	out := map[string]Model{}
	add := func(m Model, err error) {
		if err != nil {
			t.Fatal(err)
		}
		out[m.Kind()] = m
	}
	pca, err := PCA(x, n, p, k)
	add(pca, err)
	nmf, err := NMF(context.Background(), x, n, p, k, nil)
	add(nmf, err)
	for _, kernel := range []Kernel{Polynomial, Cosine, RBF} {
		m, err := KernelPCA(kernel, x, n, p, k)
		add(m, err)
	}
	return out
}

func must[T any](t *testing.T) func(v T, err error) T {
	return func(v T, err error) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

func TestPCAErrorIsTheVarianceLeftOut(t *testing.T) {
	for _, s := range sets() {
		all := must[*PCAModel](t)(PCA(s.old(), s.n, s.p, min(s.n-1, s.p)))
		for _, k := range []int{1, 3, 5} {
			m := must[*PCAModel](t)(PCA(s.old(), s.n, s.p, k))
			left := 0.0
			for _, v := range all.Variance[k:] {
				left += v
			}
			y := must[[]float32](t)(Reconstruct(m, s.old(), s.n))
			// 1e-7: the reconstruction is rounded to float32.
			near(t, s.name+" squared error", mse(y, s.old())*float64(s.n*s.p)/float64(s.n-1), left, 1e-6, 1e-7)
		}
		near(t, s.name+" variance", all.Total, sum(all.Variance), 1e-12, 0)
	}
}

func sum(x []float64) (s float64) {
	for _, v := range x {
		s += v
	}
	return s
}

func TestComponentsAreUnitAndPerpendicular(t *testing.T) {
	for _, s := range sets() {
		m := must[*PCAModel](t)(PCA(s.old(), s.n, s.p, 6))
		for i := range 6 {
			for j := range i + 1 {
				want := 0.0
				if i == j && m.Variance[i] > 0 {
					want = 1
				}
				got := lib.Ddot(s.p, m.Components[i*s.p:], 1, m.Components[j*s.p:], 1)
				near(t, s.name+" product", got, want, 1e-13, 1)
			}
		}
	}
}

// Samples of rank 4 have 4 directions at most; the rest must answer 0, not noise.
func TestComponentsBeyondTheRankAreZero(t *testing.T) {
	x := whole(14, 30, 4, 5)
	for _, x := range [][]float32{x, x[:10*30]} {
		n := len(x) / 30
		m := must[*PCAModel](t)(PCA(x, n, 30, 7))
		z := must[[]float32](t)(m.Encode(x, n))
		for i := range n {
			for j := 4; j < 7; j++ {
				if z[i*7+j] != 0 || m.Variance[j] != 0 {
					t.Fatalf("component %d: code %g, variance %g", j, z[i*7+j], m.Variance[j])
				}
			}
		}
	}
}

func TestNMFNeverGoesNegativeAndFindsTheOptimum(t *testing.T) {
	for _, s := range sets() {
		m := must[*NMFModel](t)(NMF(context.Background(), s.old(), s.n, s.p, 5, nil))
		z := must[[]float32](t)(m.Encode(s.fresh(), 4))
		if slices.Min(m.Parts) < 0 || slices.Min(z) < 0 {
			t.Fatalf("%s: least part %g, least weight %g", s.name, slices.Min(m.Parts), slices.Min(z))
		}
		// At the optimum no weight's slope is negative, and it is 0 where the weight is not.
		wide := m.encode(s.fresh(), 4)
		y := make([]float64, 4*s.p)
		combine(wide, 4, 5, func(lo, w int, to []float64) {
			for i := range 5 {
				copy(to[i*w:(i+1)*w], m.Parts[i*s.p+lo:])
			}
		}, s.p, func(lo, w int, b []float64) {
			for i := range 4 {
				copy(y[i*s.p+lo:], b[i*w:(i+1)*w])
			}
		})
		for i := range 4 {
			for t0 := range 5 {
				slope, size := 0.0, 0.0
				for j := range s.p {
					h := m.Parts[t0*s.p+j]
					slope += (y[i*s.p+j] - float64(s.fresh()[i*s.p+j])) * h
					size += h * float64(s.fresh()[i*s.p+j])
				}
				if slope < -1e-9*size || wide[i*5+t0] > 0 && slope > 1e-9*size {
					t.Errorf("%s: sample %d, part %d: slope %g at weight %g", s.name, i, t0, slope, wide[i*5+t0])
				}
			}
		}
	}
}

func TestPermutingSamplesPermutesCodes(t *testing.T) {
	s := sets()[0]
	turned := make([]float32, 0, len(s.old()))
	for i := s.n - 1; i >= 0; i-- {
		turned = append(turned, s.x[i*s.p:(i+1)*s.p]...)
	}
	models, mirror := every(t, s.old(), s.n, s.p, 4), every(t, turned, s.n, s.p, 4)
	for kind, m := range models {
		a, b := must[[]float32](t)(m.Encode(s.old(), s.n)), must[[]float32](t)(mirror[kind].Encode(s.old(), s.n))
		c := must[[]float32](t)(m.Encode(turned, s.n))
		size := float64(max(slices.Max(a), -slices.Min(a)))
		for i := range a {
			near(t, kind+" fitted in another order", float64(b[i]), float64(a[i]), 1e-5, size)
			if c[i] != a[(s.n-1-i/4)*4+i%4] {
				t.Fatalf("%s: a code depends on the samples beside it", kind)
			}
		}
	}
}

func TestModelsDoNotDependOnThreads(t *testing.T) {
	s := sets()[2]
	many := every(t, s.old(), s.n, s.p, 5)
	old := runtime.GOMAXPROCS(1)
	one := every(t, s.old(), s.n, s.p, 5)
	runtime.GOMAXPROCS(old)
	for kind, m := range many {
		for name, a := range m.Arrays() {
			b := one[kind].Arrays()[name]
			if !slices.Equal(a.Data, b.Data) || !slices.Equal(a.Single, b.Single) {
				t.Errorf("%s: %s differs between one thread and %d", kind, name, old)
			}
		}
	}
}

func TestRestoredModelsAreTheSameBitForBit(t *testing.T) {
	for _, s := range sets() {
		if s.name == "many" {
			continue
		}
		for kind, m := range every(t, s.old(), s.n, s.p, 5) {
			r := must[Model](t)(Restore(m.Kind(), m.Arrays()))
			if r.K() != 5 || r.P() != s.p || r.Kind() != kind {
				t.Errorf("%s: restored %d × %d %s", kind, r.K(), r.P(), r.Kind())
			}
			z, y := must[[]float32](t)(m.Encode(s.fresh(), 4)), must[[]float32](t)(Reconstruct(m, s.fresh(), 4))
			if !slices.Equal(z, must[[]float32](t)(r.Encode(s.fresh(), 4))) || !slices.Equal(y, must[[]float32](t)(Reconstruct(r, s.fresh(), 4))) {
				t.Errorf("%s of %s: restored otherwise", kind, s.name)
			}
			if d := must[[]float32](t)(m.Decode(z, 4)); len(d) != 4*s.p || !slices.Equal(d, must[[]float32](t)(r.Decode(z, 4))) {
				t.Errorf("%s of %s: decoded otherwise", kind, s.name)
			}
		}
	}
}

// Raw counts make the cubic kernel so steep that its matrix has no Cholesky factor.
func TestSteepKernelStillFindsAWayBack(t *testing.T) {
	x := made(20, 40, 4, 1, 9)
	for i, v := range x {
		x[i] = float32(math.Exp2(float64(v) * 1.5))
	}
	m := must[*KernelModel](t)(KernelPCA(Polynomial, x, 20, 40, 2)) // 20 samples in the 10 cubic terms of 2 codes
	if m.ridge.values == nil {
		t.Fatal("this kernel is not steep enough for the test")
	}
	y := must[[]float32](t)(Reconstruct(m, x, 20))
	for _, v := range y {
		if !(math.Abs(float64(v)) < 1e6) { // the data reach 4e4
			t.Fatalf("a reconstructed value is %v", v)
		}
	}
}

// The two ways of the ridge agree where both work.
func TestRidgeByEigenvaluesEqualsCholesky(t *testing.T) {
	s := sets()[1]
	values, _ := RBF.among(narrow(s.old(), s.n, s.p, nil), s.n, s.p, 1.0/60)
	r := must[*ridge](t)(newRidge(values, s.n, alpha))
	e := &ridge{n: s.n}
	e.values, e.turn, _ = leading(values, s.n, s.n)
	e.invert(alpha)
	a, b := slices.Clone(values), slices.Clone(values)
	r.solve(a, s.n)
	e.solve(b, s.n)
	for i := range a {
		near(t, "ridge", b[i], a[i], 1e-12, 1)
	}
}

// Values counted from −2 have the same parts as the same values counted from 0.
func TestShiftedNMFIsNMFOfTheShiftedData(t *testing.T) {
	s := sets()[0]
	floor := slices.Min(s.old())
	up, down := slices.Clone(s.x), slices.Clone(s.x)
	for i, v := range s.x {
		up[i] = float32(math.Round(float64(v-floor)*256)) / 256 // exact when 2 is taken away
		down[i] = up[i] - 2
	}
	n := s.n * s.p
	a := must[*NMFModel](t)(NMF(context.Background(), up[:n], s.n, s.p, 4, nil))
	b := must[*NMFModel](t)(ShiftedNMF(context.Background(), down[:n], s.n, s.p, 4, nil))
	same := must[*NMFModel](t)(ShiftedNMF(context.Background(), up[:n], s.n, s.p, 4, nil))
	if b.Shift != -2 || !slices.Equal(a.Parts, b.Parts) || !slices.Equal(a.Parts, same.Parts) || a.Error != b.Error {
		t.Errorf("shift %g, error %g against %g", b.Shift, b.Error, a.Error)
	}
	r := must[Model](t)(Restore("nmf", b.Arrays()))
	ya, yb := must[[]float32](t)(Reconstruct(a, up[n:], 4)), must[[]float32](t)(Reconstruct(r, down[n:], 4))
	near(t, "MSE", mse(yb, down[n:]), mse(ya, up[n:]), 1e-5, 0)
}
