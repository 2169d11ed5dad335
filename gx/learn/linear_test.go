package learn

import (
	"context"
	"encoding/json"
	"math"
	"math/rand/v2"
	"reflect"
	"slices"
	"testing"

	"github.com/gxlab/gxlab/gx/prep"
)

type linearReference struct {
	CVAlpha     float64     `json:"cv_alpha"`
	CVCoef      [][]float64 `json:"cv_coef"`
	CVIntercept []float64   `json:"cv_intercept"`
	CVMSE       []float64   `json:"cv_mse"`
	OwnAlpha    []float64   `json:"own_alpha"`
	OwnCoef     [][]float64 `json:"own_coef"`
	Ridge       fitted
	Lasso       fitted
	Least       fitted `json:"least_squares"`
}

type fitted struct {
	Coef      [][]float64
	Intercept []float64
}

// turnedOver is the coefficients targets × features, as scikit-learn has them.
func turnedOver(m *LinearModel) [][]float64 {
	out := make([][]float64, m.Targets)
	for t := range out {
		for j := range m.Features {
			out[t] = append(out[t], m.At(j, t))
		}
	}
	return out
}

func sameModel(t *testing.T, what string, m *LinearModel, want fitted, off float64) {
	t.Helper()
	near(t, what, turnedOver(m), want.Coef, off)
	near(t, what+" intercept", [][]float64{m.Intercept}, [][]float64{want.Intercept}, off)
}

func TestLinearMethodsMatchScikitLearn(t *testing.T) {
	ctx := context.Background()
	for name, size := range map[string][2]int{"tall": {60, 8}, "wide": {20, 30}} {
		var want linearReference
		if err := json.Unmarshal(reference(t).Linear[name], &want); err != nil {
			t.Fatal(err)
		}
		x, y := targeted(size[0], size[1], 3, 0.5, 6)
		sameModel(t, name+" least squares", must(LinearRegression{}.Fit(ctx, x, y))(t), want.Least, 1e-9)
		sameModel(t, name+" ridge", must(Ridge{Alphas: []float64{0.7}}.Fit(ctx, x, y))(t), want.Ridge, 1e-9)
		sameModel(t, name+" lasso", must(Lasso{Alpha: 0.05, Tolerance: 1e-12, Sweeps: 1e6}.Fit(ctx, x, y))(t), want.Lasso, 1e-6)
		alphas := []float64{0.01, 0.1, 1, 10, 100}
		m := must(Ridge{Alphas: alphas}.Fit(ctx, x, y))(t)
		if m.Alpha[0] != want.CVAlpha {
			t.Errorf("%s: alpha %v, want %v", name, m.Alpha, want.CVAlpha)
		}
		sameModel(t, name+" chosen ridge", m, fitted{want.CVCoef, want.CVIntercept}, 1e-9)
		own := must(Ridge{Alphas: alphas, PerTarget: true}.Fit(ctx, x, y))(t)
		if !slices.Equal(own.Alpha, want.OwnAlpha) {
			t.Errorf("%s: alphas %v, want %v", name, own.Alpha, want.OwnAlpha)
		}
		near(t, name+" own ridge", turnedOver(own), want.OwnCoef, 1e-9)
		for a, alpha := range alphas {
			mean, _ := meanSD(must(Ridge{Alphas: []float64{alpha}}.Fit(ctx, x, y))(t).LOO)
			if math.Abs(mean-want.CVMSE[a]) > 1e-9 {
				t.Errorf("%s: leave-one-out error %v at alpha %v, want %v", name, mean, alpha, want.CVMSE[a])
			}
		}
	}
}

// The leave-one-out errors are those of models that never saw the sample, and the α for
// all targets is the one whose errors are least, whichever way it is found.
func TestRidgeLeavesOneOut(t *testing.T) {
	ctx := context.Background()
	alphas := []float64{0.003, 0.3, 30}
	for _, size := range [][2]int{{40, 7}, {12, 9}, {10, 25}} {
		n, p := size[0], size[1]
		x, y := targeted(n, p, 2, 3, 7)
		best, least := 0.0, math.Inf(1)
		for _, alpha := range alphas {
			r := Ridge{Alphas: []float64{alpha}}
			m := must(r.Fit(ctx, x, y))(t)
			var loo [2]float64
			for i := range n {
				var others []int
				for j := range n {
					if j != i {
						others = append(others, j)
					}
				}
				one := must(r.Fit(ctx, x.Pick(others), y.Pick(others)))(t)
				for k := range loo {
					v := one.Intercept[k]
					for j, f := range x.Row(i) {
						v += one.At(j, k) * float64(f)
					}
					d := v - float64(y.Row(i)[k])
					loo[k] += d * d / float64(n)
				}
			}
			near(t, "leave-one-out errors", [][]float64{m.LOO}, [][]float64{loo[:]}, 1e-8)
			if s := loo[0] + loo[1]; s < least {
				best, least = alpha, s
			}
		}
		if m := must(Ridge{Alphas: alphas}.Fit(ctx, x, y))(t); m.Alpha[0] != best || m.Alpha[1] != best {
			t.Errorf("%d × %d: alpha %v, want %v", n, p, m.Alpha, best)
		}
	}
}

// Many targets go block by block; each must come out as alone.
func TestTargetsDoNotMeet(t *testing.T) {
	ctx := context.Background()
	rng := rand.New(rand.NewPCG(1, 2))
	x, y := prep.NewMatrix(15, 4), prep.NewMatrix(15, span+3)
	for i := range x.Data {
		x.Data[i] = rng.Float32()
	}
	for i := range y.Data {
		y.Data[i] = rng.Float32()
	}
	for _, r := range []Regressor{LinearRegression{}, Ridge{PerTarget: true}, Lasso{Alpha: 0.01}, KNNRegression{K: 3}} {
		all := must(must(r.Train(ctx, x, y))(t).Predict(x))(t)
		for _, k := range []int{0, 1, span - 1, span, span + 2} {
			one := must(must(r.Train(ctx, x, y.Columns([]int{k})))(t).Predict(x))(t)
			near(t, r.Name(), ladder(all.Columns([]int{k})), ladder(one), 1e-6)
		}
		atThreads(t, r.Name(), func() prep.Matrix { return must(must(r.Train(ctx, x, y))(t).Predict(x))(t) })
	}
}

// Without noise and with independent features, least squares is exact.
func TestLeastSquaresFindsTheTruth(t *testing.T) {
	x, _ := targeted(50, 5, 1, 0, 8)
	y := prep.NewMatrix(50, 1)
	for i := range 50 {
		y.Data[i] = 2*x.Row(i)[0] - x.Row(i)[3] + 1
	}
	m := must(LinearRegression{}.Fit(context.Background(), x, y))(t)
	near(t, "coefficients", turnedOver(m), [][]float64{{2, 0, 0, -1, 0}}, 1e-6)
	// A feature twice shares its coefficient.
	two := prep.NewMatrix(50, 6)
	for i := range 50 {
		copy(two.Row(i), x.Row(i))
		two.Row(i)[5] = x.Row(i)[0]
	}
	m = must(LinearRegression{}.Fit(context.Background(), two, y))(t)
	near(t, "coefficients", turnedOver(m), [][]float64{{1, 0, 0, -1, 0, 1}}, 1e-5)
}

// The lasso's optimality conditions: no gradient above n·α, and n·α where a coefficient
// is not 0.
func TestLassoIsOptimal(t *testing.T) {
	x, y := targeted(30, 40, 2, 0.5, 9)
	l := Lasso{Alpha: 0.02, Tolerance: 1e-10, Sweeps: 1e6}
	m := must(l.Fit(context.Background(), x, y))(t)
	zeros := 0
	for k := range 2 {
		rest := make([]float64, 30)
		for i := range rest {
			rest[i] = float64(y.Row(i)[k]) - m.Intercept[k]
			for j, v := range x.Row(i) {
				rest[i] -= m.At(j, k) * float64(v)
			}
		}
		for j := range 40 {
			g := 0.0
			for i, r := range rest {
				g += r * float64(x.Row(i)[j])
			}
			switch w := m.At(j, k); {
			case w == 0:
				zeros++
				if math.Abs(g) > 0.02*30*(1+1e-4) {
					t.Errorf("gradient %v of a coefficient 0", g)
				}
			case math.Abs(g-math.Copysign(0.02*30, w)) > 1e-3*0.02*30:
				t.Errorf("gradient %v at %v", g, w)
			}
		}
	}
	if zeros == 0 || zeros == 80 {
		t.Errorf("%d coefficients of 80 are 0", zeros)
	}
	l.Sweeps = 1
	_, err := l.Fit(context.Background(), x, y)
	refused(t, err, "1 sweeps do not suffice\n  at target")
}

func TestBadTargetsAreRefused(t *testing.T) {
	ctx := context.Background()
	x, y := targeted(20, 4, 2, 1, 1)
	nan := prep.Matrix{Rows: 20, Cols: 2, Data: slices.Clone(y.Data)}
	nan.Data[5] = float32(math.Inf(1))
	for _, r := range []Regressor{LinearRegression{}, Ridge{}, Lasso{}, KNNRegression{}} {
		_, err := r.Train(ctx, x, nan)
		refused(t, err, "a value is +Inf\n  at sample 3, column 2 of the targets")
		_, err = r.Train(ctx, x, rows(y, 0, 19))
		refused(t, err, "features of 20 samples and targets of 19")
		m := must(r.Train(ctx, x, y))(t)
		_, err = m.Predict(rows(y, 0, 5))
		refused(t, err, "samples of 2 features, and it learned from 4")
		ended, cancel := context.WithCancel(ctx)
		cancel()
		if m, err := r.Train(ended, x, y); err == nil || m != nil {
			t.Errorf("%s: an ended context gives %v, %v", r.Name(), m, err)
		}
		// A constant feature and a constant target.
		flat := prep.NewMatrix(20, 4)
		copy(flat.Data, x.Data)
		for i := range 20 {
			flat.Row(i)[1] = 0.1
		}
		got := must(must(r.Train(ctx, flat, prep.NewMatrix(20, 1)))(t).Predict(flat))(t)
		if !reflect.DeepEqual(got, prep.NewMatrix(20, 1)) {
			t.Errorf("%s of a constant 0: %v", r.Name(), got.Data)
		}
	}
	_, err := Ridge{Alphas: []float64{1, 0}}.Fit(ctx, x, y)
	refused(t, err, "an alpha is 0")
	_, err = Lasso{Alpha: -1}.Fit(ctx, x, y)
	refused(t, err, "Alpha is -1")
	_, err = Ridge{}.Fit(ctx, rows(x, 0, 1), rows(y, 0, 1))
	refused(t, err, "1 samples, and it needs at least 2")
}
