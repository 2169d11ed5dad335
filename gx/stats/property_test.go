package stats

import (
	"math"
	"math/rand/v2"
	"runtime"
	"slices"
	"testing"
)

func profiles(seed uint64, n, p int) [][]float32 {
	r := rand.New(rand.NewPCG(seed, 7))
	out := make([][]float32, n)
	for i := range out {
		out[i] = make([]float32, p)
		for j := range out[i] {
			out[i][j] = float32(8 + 2*r.NormFloat64())
		}
	}
	return out
}

func TestMonotoneTransformsLeaveSpearmanUnchanged(t *testing.T) {
	a, b := profiles(1, 6, 301), profiles(2, 5, 301)
	warped := make([][]float32, len(a))
	for i, r := range a {
		for _, v := range r {
			warped[i] = append(warped[i], v*v*v)
		}
	}
	want, err := SpearmanMatrix(a, b)
	got, err2 := SpearmanMatrix(warped, b)
	if err != nil || err2 != nil {
		t.Fatal(err, err2)
	}
	for i := range want {
		if !slices.Equal(got[i], want[i]) {
			t.Errorf("sample %d: %v became %v", i, want[i], got[i])
		}
	}
}

func TestEqualRowsTieBitForBitWhereverTheyStand(t *testing.T) {
	a := profiles(3, 131, 777)
	b := append(profiles(4, 66, 777), a[130], a[0])
	a[5] = slices.Clone(a[130])
	for _, m := range []Measure{BySpearman, ByPearson, ByMSE} {
		ab, err := m.Matrix(a, b)
		aa, err2 := m.Matrix(a, a)
		if err != nil || err2 != nil {
			t.Fatal(err, err2)
		}
		for i := range a {
			for j := range a {
				if aa[i][j] != aa[j][i] {
					t.Fatalf("%v is not symmetric at %d, %d", m, i, j)
				}
			}
			if ab[i][66] != aa[i][130] || aa[i][5] != aa[i][130] || ab[i][67] != aa[i][0] {
				t.Fatalf("%v of equal rows differs against row %d", m, i)
			}
		}
		if m == ByMSE && aa[5][130] != 0 {
			t.Errorf("MSE of equal rows is %g", aa[5][130])
		}
	}
}

func TestMatricesDoNotDependOnThreads(t *testing.T) {
	a, b := profiles(5, 97, 1500), profiles(6, 71, 1500)
	for _, m := range []Measure{BySpearman, ByPearson, ByMSE} {
		many, err := m.Matrix(a, b)
		old := runtime.GOMAXPROCS(1)
		one, err2 := m.Matrix(a, b)
		runtime.GOMAXPROCS(old)
		if err != nil || err2 != nil {
			t.Fatal(err, err2)
		}
		for i := range one {
			if !slices.Equal(one[i], many[i]) {
				t.Fatalf("%v: row %d differs between one thread and %d", m, i, old)
			}
		}
	}
}

// Profiles 1e-3 apart at a height of 1e5: a product of norms would leave no digit.
func TestMSEKeepsItsDigitsFarFromZero(t *testing.T) {
	a, b := make([]float32, 2048), make([]float32, 2048)
	for i := range a {
		a[i] = 100000
		b[i] = 100000 + 0.0078125
	}
	got, err := MSEMatrix([][]float32{a}, [][]float32{b})
	if ok(t, got, err)[0][0] != 0.0078125*0.0078125 {
		t.Errorf("MSE %g, want %g", got[0][0], 0.0078125*0.0078125)
	}
}

func TestExactWilcoxonCountsEverySign(t *testing.T) {
	d := []float64{2, -2, 2, 3, 0, 5, -5, 7, 7, 7, -1}
	ranks := Ranks([]float64{2, 2, 2, 3, 5, 5, 7, 7, 7, 1})
	var plus float64
	for i, v := range []float64{2, -2, 2, 3, 5, -5, 7, 7, 7, -1} {
		if v > 0 {
			plus += ranks[i]
		}
	}
	far := 0
	for signs := range 1 << len(ranks) {
		s := 0.0
		for i, v := range ranks {
			if signs>>i&1 == 1 {
				s += v
			}
		}
		if s >= plus {
			far++
		}
	}
	r, err := SignedRank{Side: Greater}.Test(d, make([]float64, len(d)))
	if !ok(t, r, err).Exact || !r.Ties || r.Zeros != 1 {
		t.Errorf("exact %v, ties %v, zeros %d", r.Exact, r.Ties, r.Zeros)
	}
	near(t, "p", r.P, float64(far)/float64(int(1)<<len(ranks)), 1e-14)
}

func TestSmallPKeepsItsLogarithm(t *testing.T) {
	x := make([]float64, 20000)
	for i := range x {
		x[i] = float64(i + 1)
	}
	r, err := Wilcoxon(x, make([]float64, len(x)))
	if ok(t, r, err).P != 0 || !(r.LogP < -7000) || math.IsInf(r.LogP, 0) {
		t.Errorf("p %g, log p %g", r.P, r.LogP)
	}
}

func TestSwappingTheSidesMirrorsTheTests(t *testing.T) {
	x, y := depression, after
	for _, m := range []Method{Exact, Normal} {
		a, err := SignedRank{Side: Greater, Method: m}.Test(x, y)
		b, err2 := SignedRank{Side: Less, Method: m}.Test(y, x)
		near(t, "signed rank", ok(t, a, err).P, ok(t, b, err2).P, 1e-13)
	}
	a, err := RankSum{Side: Greater}.Test(x, y)
	b, err2 := RankSum{Side: Less}.Test(y, x)
	near(t, "rank sum", ok(t, a, err).P, ok(t, b, err2).P, 1e-13)
	near(t, "AUC", a.AUC, 1-b.AUC, 1e-13)
}
