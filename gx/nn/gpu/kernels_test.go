package gpu

import (
	"fmt"
	"math"
	"testing"

	"github.com/gxlab/gxlab/gx/nn/cpu"
)

// The kernels are compared with gx/nn/cpu's. Activations differ by the few units
// in the last place by which exp and log1p differ; what only adds, multiplies and
// draws is the same to the bit.

var acts = []cpu.Act{cpu.Linear, cpu.ReLU, cpu.LeakyReLU, cpu.Swish, cpu.Sigmoid, cpu.LogSigmoid, cpu.Tanh, cpu.SoftPlus, cpu.SoftShrink}

const few = 2e-6

// edges are sums at which activations bend, end or fail.
func edges(x []float32) []float32 {
	inf := float32(math.Inf(1))
	copy(x, []float32{0, 0.5, -0.5, 0.51, 0.05, -0.05, 20, -20, 90, -90, 200, -200, 1e-6, inf, -inf, float32(math.NaN())})
	return x
}

// sizes of rows × columns that fill tiles, and that do not.
var shapes = []struct{ rows, n int }{{1, 1}, {7, 33}, {64, 32}, {65, 100}, {130, 5}}

// state is a State in a step.
func (r rig) state(s State) Ptr { return up(r, []State{s}) }

const (
	keep    = 0.7
	seed    = uint64(0x5eed)
	nowStep = 41
	count   = nowStep << 32 // its counter
)

func TestBiasAct(t *testing.T) {
	r := newRig(t)
	pool := cpu.NewPool(1)
	step := r.state(State{Step: nowStep})
	for _, shape := range shapes {
		rows, n := shape.rows, shape.n
		for _, act := range acts {
			z, bias := normal(1, rows*n), normal(2, n)
			if n == 33 {
				z, bias = edges(z), make([]float32, n)
			}
			wantZ, want, dropped, mask := append([]float32(nil), z...), make([]float32, rows*n), make([]float32, rows*n), make([]float32, rows*n)
			pool.BiasAct(act, rows, n, wantZ, bias, want)
			pool.Dropout(keep, seed, count, want, dropped, mask)
			what := fmt.Sprintf("%s %d × %d", act, rows, n)

			dz, y, out, half := up(r, z), r.room(rows*n), r.room(rows*n), r.room(rows*n)
			r.run("bias_act", P(step), I32(int(act)), I32(rows), I32(n), P(dz), P(up(r, bias)), P(y), F32(keep), U64(seed), P(out), P(half))
			got := down[float32](r, y, rows*n)
			agree(t, what, got, want, few)
			pool.Dropout(keep, seed, count, got, dropped, nil) // the same mask on the device's own values
			gotOut := down[float32](r, out, rows*n)
			agree(t, what+", dropout", gotOut, dropped, 0)
			agree(t, what+", half", fromBF16(down[uint16](r, half, rows*n)), fromBF16(toBF16(gotOut)), 0)
			if act.NeedsInput() {
				agree(t, what+", sums", down[float32](r, dz, rows*n), wantZ, 0)
				continue
			}
			agree(t, what+", sums", down[float32](r, dz, rows*n), z, 0)
			r.run("bias_act", P(0), I32(int(act)), I32(rows), I32(n), P(dz), P(0), P(dz), F32(1), U64(0), P(0), P(half))
			pool.BiasAct(act, rows, n, append([]float32(nil), z...), nil, want)
			agree(t, what+", in place", down[float32](r, dz, rows*n), want, few)
		}
	}
}

func TestBack(t *testing.T) {
	r := newRig(t)
	pool := cpu.NewPool(1)
	step := r.state(State{Step: nowStep})
	for _, shape := range shapes {
		rows, n := shape.rows, shape.n
		partial, ticket := r.room((rows+63)/64*n), r.room((n+31)/32)
		for _, act := range acts {
			for _, keep := range []float32{keep, 1} {
				z, y, d, bias := normal(3, rows*n), make([]float32, rows*n), normal(4, rows*n), normal(5, n)
				pool.BiasAct(act, rows, n, z, bias, y)
				want := append([]float32(nil), d...)
				if keep < 1 {
					pool.Dropout(keep, seed, count, want, want, nil)
				}
				pool.ActGrad(act, rows, n, z, y, want)
				what := fmt.Sprintf("%s %d × %d, keep %g", act, rows, n, keep)

				dd, half, g := up(r, d), r.room(rows*n), r.room(n)
				r.run("back", P(step), I32(int(act)), I32(rows), I32(n), P(up(r, z)), P(up(r, y)), F32(keep), U64(seed), P(dd), P(half), P(g), P(partial), P(ticket))
				got := down[float32](r, dd, rows*n)
				agree(t, what, got, want, few)
				agree(t, what+", half", fromBF16(down[uint16](r, half, rows*n)), fromBF16(toBF16(got)), 0)
				sums := make([]float32, n)
				pool.ColSums(rows, n, got, sums)
				agree(t, what+", sums of columns", down[float32](r, g, n), sums, 1e-6*math.Sqrt(float64(rows)))
			}
		}
		agree(t, "ticket", down[float32](r, ticket, (n+31)/32), make([]float32, (n+31)/32), 0)
	}
}

func TestLoss(t *testing.T) {
	r := newRig(t)
	pool := cpu.NewPool(1)
	for _, shape := range shapes {
		rows, n := shape.rows, shape.n
		strips, chunks := (n+31)/32, (rows+63)/64
		partial, ticket, sums := r.room(chunks*n), r.room(strips+1), r.room(4*strips*chunks)
		bias, x, units := normal(6, n), normal(7, rows*n), normal(8, n)
		for _, act := range acts {
			for kind, mae := range []bool{false, true} {
				step := r.state(State{Sum: 0.5})
				z := normal(9, rows*n)
				y, d := make([]float32, rows*n), make([]float32, rows*n)
				sum := append([]float32(nil), z...)
				pool.BiasAct(act, rows, n, sum, bias, y)
				loss := pool.MSE
				if mae {
					loss = pool.MAE
				}
				want := loss(y, x, d, 1/float32(rows*n))
				pool.ActGrad(act, rows, n, sum, y, d)
				what := fmt.Sprintf("%s %d × %d, mae %t", act, rows, n, mae)

				dz, dy, half, g := up(r, z), r.room(rows*n), r.room(rows*n), r.room(n)
				for range 2 { // a second time: tickets are back at 0, and Sum adds
					r.ok(r.Upload(dz, asBytes(z), r.s))
					r.run("loss", P(step), I32(int(act)), I32(kind), I32(rows), I32(n), P(dz), P(up(r, bias)), P(up(r, x)), P(up(r, units)), P(dy), P(dz), P(half), P(g), P(partial), P(sums), P(ticket))
				}
				gotY, gotD := down[float32](r, dy, rows*n), down[float32](r, dz, rows*n)
				agree(t, what+", outputs", gotY, y, few)
				if !mae { // where y ≈ x the sign is chance
					agree(t, what+", gradient", gotD, d, few)
				}
				agree(t, what+", half", fromBF16(down[uint16](r, half, rows*n)), fromBF16(toBF16(gotD)), 0)
				columns := make([]float32, n)
				pool.ColSums(rows, n, gotD, columns)
				agree(t, what+", sums of columns", down[float32](r, g, n), columns, 1e-6)
				told := 0.0
				for i, v := range gotY {
					e := float64((v - x[i]) * units[i%n])
					if mae {
						told += math.Abs(e)
					} else {
						told += e * e
					}
				}
				s := down[State](r, step, 1)[0]
				if math.Abs(s.Loss-want) > 1e-5*want || math.Abs(s.Sum-0.5-2*told) > 1e-6*(1+2*told) || s.Lost != 0 {
					t.Errorf("%s: %+v; want loss %g, sum %g", what, s, want, 0.5+2*told)
				}
			}
		}
	}
}

// A classifier's cross-entropy with its gradient, of the present step's classes.
func TestEntropy(t *testing.T) {
	r := newRig(t)
	pool := cpu.NewPool(1)
	for _, shape := range []struct{ rows, n int }{{1, 2}, {7, 3}, {300, 5}, {4, 700}} {
		rows, n := shape.rows, shape.n
		z, bias, classes := normal(26, rows*n), normal(27, n), make([]int32, rows+3)
		for i := range classes {
			if classes[i] = int32(i % (n + 1)); int(classes[i]) == n || rows > 1 && i == 3 {
				classes[i] = -1
			}
		}
		z[0], z[1], bias[0], bias[1] = 5, 5, 0, 0 // two are as high: the first is the choice
		y, class, d := append([]float32(nil), z...), make([]int, rows), make([]float32, rows*n)
		pool.BiasAct(cpu.Linear, rows, n, y, bias, y)
		known, wrong := 0, 0
		for i := range class {
			if class[i] = int(classes[3+i]); class[i] >= 0 {
				known++
				if cpu.Misses(y[i*n:i*n+n], class[i]) {
					wrong++
				}
			}
		}
		want := pool.CrossEntropy(rows, n, y, class, d, float32(0.7/float64(max(1, known))))
		plan, step := up(r, []Schedule{{Weight: 0.7}}), r.state(State{Start: 3, Entropy: 1, Known: 2, Wrong: 1})
		dz, dd, of, sums, ticket := up(r, z), r.room(rows*n), up(r, classes), r.room(4*rows), r.room(1)
		for range 2 { // tickets are back at 0
			r.run("entropy", P(plan), P(step), I32(rows), I32(n), P(dz), P(up(r, bias)), P(of), U64(uint64(len(classes))), P(dd), P(sums), P(ticket))
		}
		r.run("entropy", P(plan), P(step), I32(rows), I32(n), P(dz), P(up(r, bias)), P(of), U64(uint64(len(classes))), P(0), P(sums), P(ticket))
		what := fmt.Sprintf("%d × %d", rows, n)
		agree(t, what+", gradient", down[float32](r, dd, rows*n), d, few)
		s := down[State](r, step, 1)[0]
		if math.Abs(s.Entropy-1-3*want) > 1e-6*(1+want) || s.Known != 2+3*uint64(known) || s.Wrong != 1+3*uint64(wrong) || s.Lost != 0 {
			t.Errorf("%s: %+v; want 1 + 3 × %g, %d known, %d wrong", what, s, want, known, wrong)
		}
	}
	step := r.state(State{})
	r.run("entropy", P(up(r, []Schedule{{Weight: 1}})), P(step), I32(1), I32(2), P(up(r, []float32{1, float32(math.NaN())})), P(0), P(up(r, []int32{0})), U64(1), P(0), P(r.room(4)), P(r.room(1)))
	if s := down[State](r, step, 1)[0]; s.Lost != 1 || s.Known != 0 {
		t.Errorf("%+v", s)
	}
}

// Drawn codes, their divergence and the gradient by means and log variances, the
// divergence's and a second one included.
func TestSample(t *testing.T) {
	r := newRig(t)
	pool := cpu.NewPool(1)
	for _, shape := range []struct{ rows, k int }{{1, 1}, {7, 3}, {2, 511}, {300, 5}} {
		rows, k := shape.rows, shape.k
		n := rows * k
		x, eps, z := normal(28, 2*n), make([]float32, n), make([]float32, n)
		const first = 6
		pool.Noise(1, seed, count+first, eps, eps)
		kl := cpu.Draw(rows, k, x, eps, z)
		step := r.state(State{Step: nowStep, Sum: 2, KL: 1})
		dx, de, dz, half, sums, ticket := up(r, x), r.room(n), r.room(n), r.room(n), r.room(2*(n+1023)/1024+1), r.room(1)
		r.run("sample", P(step), U64(uint64(n)), I32(k), I32(1), U64(seed), U64(first), P(dx), P(de), P(dz), P(half), P(sums), P(ticket))
		r.run("sample", P(step), U64(uint64(n)), I32(k), I32(1), U64(seed), U64(first), P(dx), P(0), P(dz), P(0), P(sums), P(ticket))
		what := fmt.Sprintf("%d × %d", rows, k)
		got := down[float32](r, dz, n)
		agree(t, what+", noise", down[float32](r, de, n), eps, 1e-6)
		agree(t, what+", codes", got, z, few)
		agree(t, what+", half", fromBF16(down[uint16](r, half, n)), fromBF16(toBF16(got)), 0)
		r.run("sample", P(step), U64(uint64(n)), I32(k), I32(0), U64(seed), U64(first), P(dx), P(0), P(dz), P(0), P(sums), P(ticket))
		if s := down[State](r, step, 1)[0]; math.Abs(s.KL-1-2*kl) > 1e-12*(1+kl) || math.Abs(s.Sum-2-2*kl) > 1e-12*(2+kl) || s.Lost != 0 {
			t.Errorf("%s: %+v; want a divergence of %g", what, s, 1+2*kl)
		}

		by, extra, d := normal(29, n), normal(30, n), make([]float32, 2*n)
		plan, dd := up(r, []Schedule{{KL: 3, KLSteps: 50}}), r.room(2*n)
		cpu.DrawBack(rows, k, 3*nowStep/50./11, by, extra, x, eps, d)
		r.run("sample_back", P(plan), P(step), U64(uint64(n)), I32(k), U64(11), P(up(r, by)), P(up(r, extra)), P(dx), P(up(r, eps)), P(dd))
		agree(t, what+", back", down[float32](r, dd, 2*n), d, few)
		cpu.DrawBack(rows, k, 3./11, by, nil, x, eps, d)
		r.run("sample_back", P(up(r, []Schedule{{KL: 3}})), P(step), U64(uint64(n)), I32(k), U64(11), P(up(r, by)), P(0), P(dx), P(up(r, eps)), P(dd))
		agree(t, what+", back without warm-up", down[float32](r, dd, 2*n), d, few)
	}
	step := r.state(State{KL: 1})
	r.run("sample", P(step), U64(1), I32(1), I32(0), U64(seed), U64(0), P(up(r, []float32{0, float32(math.NaN())})), P(0), P(r.room(1)), P(0), P(r.room(2)), P(r.room(1)))
	if s := down[State](r, step, 1)[0]; s.Lost != 1 || s.KL != 1 {
		t.Errorf("%+v", s)
	}
}

// countsOf are counts of every kind: none, few, many, very many, and shares of one; the
// last row is empty.
func countsOf(rows, n int) []float32 {
	x := normal(31, rows*n)
	for i, v := range x {
		v = float32(math.Floor(math.Abs(float64(v)) * 2))
		switch i % 23 {
		case 5:
			v *= 10
		case 7:
			v = 3000 + v
		case 11:
			v = 1.5
		}
		if x[i] = v; rows > 1 && i >= (rows-1)*n {
			x[i] = 0
		}
	}
	return x
}

// Likelihoods with all their gradients are the CPU's: float64 inside on both.
func TestLikelihoods(t *testing.T) {
	r := newRig(t)
	pool := cpu.NewPool(1)
	for _, shape := range append(shapes, struct{ rows, n int }{3, 300}) {
		rows, n := shape.rows, shape.n
		strips, chunks := (n+31)/32, (rows+63)/64
		partial, ticket, sums := r.room(2*chunks*n), r.room(2*strips+1), r.room(2*max(rows, strips*chunks))
		for kind, name := range []string{"gaussian", "nb", "zinb"} {
			family, outs := cpu.Family(kind), n
			if family == cpu.ZeroInflated {
				outs = 2 * n
			}
			z, bias, spread := normal(32, rows*outs), normal(33, outs), normal(34, n)
			x := countsOf(rows, n)
			spread[0] = 10
			if family == cpu.Gaussian {
				x, spread[0] = normal(35, rows*n), -3
			}
			y, d, ds := append([]float32(nil), z...), make([]float32, rows*outs), make([]float32, rows*n)
			pool.BiasAct(cpu.Linear, rows, outs, y, bias, y)
			want := 0.0
			for _, v := range pool.Likelihood(family, rows, n, y, x, spread, d, ds, 1/float64(rows*n)) {
				want += v
			}
			g, gs := make([]float32, outs), make([]float32, n)
			pool.ColSums(rows, outs, d, g)
			pool.ColSums(rows, n, ds, gs)
			what := fmt.Sprintf("%s %d × %d", name, rows, n)

			step := r.state(State{Sum: 0.5})
			dz, db, dx, dspread, dd, half, dds, dg, dgs := up(r, z), up(r, bias), up(r, x), up(r, spread), r.room(rows*outs), r.room(rows*outs), r.room(rows*n), r.room(outs), r.room(n)
			for k := range 3 { // tickets are back at 0; without gradients, then in place where that is allowed
				to := []Ptr{dd, 0, dz}[k]
				if family == cpu.Gaussian {
					h, g1, g2, part := half, dg, dgs, partial
					if to == 0 {
						h, g1, g2, part = 0, 0, 0, 0
					}
					r.run("gaussian", P(step), I32(rows), I32(n), P(dz), P(db), P(dx), P(dspread), P(to), P(h), P(g1), P(g2), P(part), P(sums), P(ticket))
					continue
				}
				if k == 2 {
					to = dd
				}
				s := dds
				if to == 0 {
					s = 0
				}
				r.run("counts", P(step), I32(rows), I32(n), I32(outs), P(dz), P(db), P(dx), P(dspread), P(to), P(s), P(sums), P(ticket))
			}
			gotD := down[float32](r, dd, rows*outs)
			relative(t, what+", gradient", gotD, d, few)
			if family == cpu.Gaussian {
				agree(t, what+", in place", down[float32](r, dz, rows*n), gotD, 0)
				agree(t, what+", half", fromBF16(down[uint16](r, half, rows*n)), fromBF16(toBF16(gotD)), 0)
				relative(t, what+", by bias", down[float32](r, dg, n), g, few)
				relative(t, what+", by spreads", down[float32](r, dgs, n), gs, few)
			} else {
				relative(t, what+", by each row's spreads", down[float32](r, dds, rows*n), ds, few)
			}
			s := down[State](r, step, 1)[0]
			if math.Abs(s.Loss-want) > 1e-10*math.Abs(want) || math.Abs(s.Sum-0.5-3*want) > 1e-10*math.Abs(want) || s.Lost != 0 {
				t.Errorf("%s: %+v; want loss %.15g", what, s, want)
			}
		}
	}
	step := r.state(State{Sum: 3})
	nan := up(r, []float32{1, float32(math.NaN())})
	r.run("counts", P(step), I32(1), I32(2), I32(2), P(nan), P(0), P(up(r, []float32{0, 3})), P(r.room(2)), P(0), P(0), P(r.room(2)), P(r.room(1)))
	if s := down[State](r, step, 1)[0]; s.Lost != 1 || s.Sum != 3 {
		t.Errorf("%+v", s)
	}
	step = r.state(State{Sum: 3})
	r.run("gaussian", P(step), I32(1), I32(2), P(nan), P(0), P(r.room(2)), P(r.room(2)), P(0), P(0), P(0), P(0), P(0), P(r.room(2)), P(r.room(3)))
	if s := down[State](r, step, 1)[0]; s.Lost != 1 || s.Sum != 3 {
		t.Errorf("%+v", s)
	}
}

// What a pair picks of its features' parameters, puts back, takes of samples' columns,
// and the gradient of what its codes explain.
func TestPairs(t *testing.T) {
	r := newRig(t)
	pool := cpu.NewPool(1)
	const n, pitch, m, steps = 1500, 1536, 1100, 4
	w, v := normal(36, 3*pitch), normal(37, 3*pitch)
	turns := make([]int32, steps*m)
	for i := range turns {
		turns[i] = int32((7*i + i/m) % n)
	}
	step := r.state(State{Step: steps + 2})
	now, cw, cv, dw, dv := r.room(m), r.room(3*m), r.room(3*m), up(r, w), up(r, v)
	r.run("pick", P(step), I32(m), I32(pitch), P(up(r, turns)), U64(steps), P(now), P(dw), P(0), P(dv), P(cw), P(0), P(cv))
	picked := make([]float32, 3*m)
	chosen := turns[2*m : 3*m]
	for i := range picked {
		picked[i] = w[i/m*pitch+int(chosen[i%m])]
	}
	agree(t, "picked", down[float32](r, cw, 3*m), picked, 0)
	for i, f := range down[int32](r, now, m) {
		if f != chosen[i] {
			t.Fatalf("feature %d is %d, not %d", i, f, chosen[i])
		}
	}
	for i := range picked {
		picked[i] = float32(i)
		w[i/m*pitch+int(chosen[i%m])] = float32(i)
	}
	r.run("put", I32(m), I32(pitch), P(now), P(up(r, picked)), P(0), P(cv), P(dw), P(0), P(dv))
	agree(t, "put", down[float32](r, dw, 3*pitch), w, 0)
	agree(t, "put, as it was", down[float32](r, dv, 3*pitch), v, 0)

	const rows = 3
	x, want := normal(38, rows*n), make([]float32, rows*m)
	for i := range want {
		want[i] = x[i/m*n+int(chosen[i%m])]
	}
	out, half := r.room(rows*m), r.room(rows*m)
	r.run("choose", I32(rows), I32(n), I32(m), P(now), P(up(r, x)), P(out), P(half))
	agree(t, "columns", down[float32](r, out, rows*m), want, 0)
	agree(t, "columns, half", fromBF16(down[uint16](r, half, rows*m)), fromBF16(toBF16(want)), 0)

	for _, shape := range shapes {
		rows, n := shape.rows, shape.n
		z, bias, x, d, g := normal(39, rows*n), normal(40, n), normal(41, rows*n), make([]float32, rows*n), make([]float32, n)
		dz, dg, half := up(r, z), r.room(n), r.room(rows*n)
		step := r.state(State{Step: 5}) // halfway up
		r.run("squares", P(step), I32(rows), I32(n), F32(0.6), U64(10), P(dz), P(up(r, bias)), P(up(r, x)), P(dz), P(half), P(dg), P(r.room((rows+63)/64*n)), P(r.room((n+31)/32)))
		pool.BiasAct(cpu.Linear, rows, n, z, bias, z)
		pool.MSE(z, x, d, 0.3)
		pool.ColSums(rows, n, d, g)
		what := fmt.Sprintf("squares %d × %d", rows, n)
		agree(t, what, down[float32](r, dz, rows*n), d, few)
		agree(t, what+", half", fromBF16(down[uint16](r, half, rows*n)), fromBF16(toBF16(down[float32](r, dz, rows*n))), 0)
		agree(t, what+", sums of columns", down[float32](r, dg, n), g, 1e-5)
		if s := down[State](r, step, 1)[0]; s.Lost != 0 || s.Sum != 0 {
			t.Errorf("%s: %+v", what, s)
		}
	}
	inf := up(r, []float32{float32(math.Inf(1))})
	r.run("squares", P(step), I32(1), I32(1), F32(0.3), U64(0), P(inf), P(inf), P(inf), P(r.room(1)), P(0), P(r.room(1)), P(r.room(1)), P(r.room(1)))
	if s := down[State](r, step, 1)[0]; s.Lost != 1 {
		t.Errorf("%+v", s)
	}
}

// relative compares with values that were computed otherwise: within tol of the largest.
func relative(t testing.TB, what string, got, want []float32, tol float64) {
	t.Helper()
	most := 0.0
	for _, v := range want {
		most = math.Max(most, math.Abs(float64(v)))
	}
	for i, w := range want {
		if !(math.Abs(float64(got[i]-w)) <= tol*most) {
			t.Errorf("%s: value %d is %g, not %g, of %g at most", what, i, got[i], w, most)
			return
		}
	}
}

// A loss that is no number stops everything that would change the training.
func TestLostStopsSteps(t *testing.T) {
	r := newRig(t)
	rows, n := 3, 2
	step := r.state(State{Next: 8, Step: 7, Sum: 3, Rate: 1, Scale: 1, Root: 1})
	plan := up(r, []Schedule{{Rate: 1, Beta1: 0.9, Beta2: 0.999, Samples: 3, Batches: 1}})
	x := up(r, []float32{1, 2, 3, float32(math.NaN()), 5, 6})
	r.run("loss", P(step), I32(0), I32(0), I32(rows), I32(n), P(r.room(6)), P(0), P(x), P(0), P(0), P(0), P(0), P(0), P(0), P(r.room(16)), P(r.room(2)))
	w, m, v, g, moments := up(r, []float32{1, 2}), r.room(2), r.room(2), up(r, []float32{1, 1}), up(r, []float32{0, 0, 1, 1})
	r.run("begin", P(plan), P(step))
	r.run("sgd", P(step), U64(2), F32(0), F32(0), I32(0), P(0), P(w), P(g), P(0))
	r.run("momentum", P(step), U64(2), F32(0.9), F32(0), F32(0), I32(0), P(0), P(w), P(g), P(m), P(0))
	r.run("adam", P(plan), P(step), U64(2), F32(1), F32(1e-8), F32(0), F32(0), I32(0), P(0), P(w), P(g), P(m), P(v), P(0))
	good := up(r, normal(1, 6))
	r.run("norm", P(step), I32(0), I32(rows), I32(n), P(good), P(g), P(g), P(moments), P(r.room(6)), P(r.room(2)), P(r.room(6)), P(0))
	s := down[State](r, step, 1)[0]
	if s.Lost != 1 || s.Next != 8 || s.Step != 7 || s.Sum != 3 || s.Loss == s.Loss {
		t.Errorf("%+v", s)
	}
	agree(t, "weights", down[float32](r, w, 2), []float32{1, 2}, 0)
	agree(t, "moments", down[float32](r, moments, 4), []float32{0, 0, 1, 1}, 0)
}

func TestSoftMax(t *testing.T) {
	r := newRig(t)
	pool := cpu.NewPool(1)
	for _, shape := range []struct{ rows, n int }{{1, 1}, {3, 7}, {5, 256}, {2, 1000}} {
		rows, n := shape.rows, shape.n
		z, bias, y, d := normal(10, rows*n), normal(11, n), make([]float32, rows*n), normal(12, rows*n)
		dz, half := up(r, z), r.room(rows*n)
		r.run("bias_softmax", I32(rows), I32(n), P(dz), P(up(r, bias)), P(dz), P(half))
		pool.BiasAct(cpu.SoftMax, rows, n, z, bias, y)
		got := down[float32](r, dz, rows*n)
		agree(t, "softmax", got, y, few)
		agree(t, "softmax, half", fromBF16(down[uint16](r, half, rows*n)), fromBF16(toBF16(got)), 0)
		dd := up(r, d)
		r.run("back_softmax", I32(rows), I32(n), P(up(r, y)), P(dd), P(half))
		pool.ActGrad(cpu.SoftMax, rows, n, nil, y, d)
		agree(t, "softmax back", down[float32](r, dd, rows*n), d, few)
	}
}

// Masks are the CPU's to the bit; noise is to the last places of float64.
func TestRandom(t *testing.T) {
	r := newRig(t)
	pool := cpu.NewPool(1)
	step := r.state(State{Step: nowStep})
	for _, n := range []int{1, 2, 1023, 5001} {
		x := normal(13, n)
		want := make([]float32, n)
		dx, y, half := up(r, x), r.room(n), r.room(n)
		halves := func(what string, of Ptr) {
			t.Helper()
			agree(t, what+", half", fromBF16(down[uint16](r, half, n)), fromBF16(toBF16(down[float32](r, of, n))), 0)
		}
		r.run("dropout", P(step), U64(uint64(n)), F32(keep), U64(seed), P(dx), P(y), P(half))
		pool.Dropout(keep, seed, count, x, want, nil)
		agree(t, "dropout", down[float32](r, y, n), want, 0)
		halves("dropout", y)
		r.run("noise", P(step), U64(uint64(n)), F32(0.3), U64(seed), P(dx), P(y), P(half))
		pool.Noise(0.3, seed, count, x, want)
		agree(t, "noise", down[float32](r, y, n), want, 1e-6)
		halves("noise", y)
		r.run("mask", P(step), U64(uint64(n)), F32(keep), U64(seed), P(dx), P(half))
		pool.Mask(keep, seed, count, x)
		agree(t, "mask", down[float32](r, dx, n), x, 0)
		halves("mask", dx)
		r.run("clip", U64(uint64(n)), F32(-0.5), F32(0.75), P(dx), P(half))
		pool.Clip(-0.5, 0.75, x)
		agree(t, "clip", down[float32](r, dx, n), x, 0)
		halves("clip", dx)
		r.run("dropout", P(0), U64(uint64(n)), F32(keep), U64(seed), P(dx), P(dx), P(0))
		pool.Dropout(keep, seed, 0, x, want, nil)
		agree(t, "dropout without a step, in place", down[float32](r, dx, n), want, 0)
	}
}

func TestGather(t *testing.T) {
	r := newRig(t)
	const stored = 5
	order := []int32{3, 0, 4, 2, 2, 1, 0}
	for _, n := range []int{1, 1024, 1500} {
		x := normal(14, stored*n)
		for start, step := range map[int]Ptr{0: 0, 4: r.state(State{Start: 4})} {
			out, half := r.room(3*n), r.room(3*n)
			r.run("gather", P(step), P(up(r, order)), U64(uint64(len(order))), P(up(r, x)), U64(stored), I32(3), I32(n), P(out), P(half))
			var want []float32
			for _, i := range order[start : start+3] {
				want = append(want, x[int(i)*n:int(i+1)*n]...)
			}
			agree(t, "gather", down[float32](r, out, 3*n), want, 0)
			agree(t, "gather, half", fromBF16(down[uint16](r, half, 3*n)), fromBF16(toBF16(want)), 0)
		}
	}
}

// The rate of a step is that of gx/nn's trainer: warm-up, cosine, and decay within
// an epoch.
func TestBegin(t *testing.T) {
	r := newRig(t)
	p := Schedule{Rate: 0.01, Decay: 0.1, Beta1: 0.9, Beta2: 0.999, Samples: 100, Batches: 7, Warmup: 10, Total: 70}
	plan, step := up(r, []Schedule{p}), r.state(State{})
	for now := range uint64(25) {
		r.run("begin", P(plan), P(step))
		at := now % 7
		rate := 0.01 * math.Min(1, float64(now+1)/10) * 0.5 * (1 + math.Cos(math.Pi*float64(now)/70)) / (1 + 0.1*float64(at))
		c1, c2 := float32(1-math.Pow(0.9, float64(now+1))), float32(1-math.Pow(0.999, float64(now+1)))
		s := down[State](r, step, 1)[0]
		if s.Next != now+1 || s.Step != now || s.Start != at*100/7 {
			t.Fatalf("step %d: %+v", now, s)
		}
		agree(t, fmt.Sprintf("step %d", now), []float32{s.Rate / float32(rate), s.Scale / (float32(rate) / c1), s.Root / float32(1/math.Sqrt(float64(c2)))}, []float32{1, 1, 1}, 2e-7)
	}
	p.Warmup, p.Total, p.Decay = 0, 0, 0
	r.run("begin", P(up(r, []Schedule{p})), P(step))
	if s := down[State](r, step, 1)[0]; s.Rate != 0.01 || s.Step != 25 {
		t.Errorf("%+v", s)
	}
}

// Three steps of each optimiser are the CPU's, with penalties on two of four
// ranges, Adam's at a third of the rate.
func TestOptimisers(t *testing.T) {
	r := newRig(t)
	pool := cpu.NewPool(1)
	const n, rate, slower, l1, l2 = 5000, 0.01, float32(1) / 3, 0.02, 0.3
	ranges := up(r, []uint64{10, 2000, 3001, 4999})
	penalised := func(f func(lo, hi int, l1, l2 float32)) {
		f(0, 10, 0, 0)
		f(10, 2000, l1, l2)
		f(2000, 3001, 0, 0)
		f(3001, 4999, l1, l2)
		f(4999, n, 0, 0)
	}
	plan := up(r, []Schedule{{Rate: rate, Beta1: 0.9, Beta2: 0.999, Samples: 1, Batches: 1}})
	for _, name := range []string{"sgd", "momentum", "adam"} {
		w, m, v := normal(15, n), normal(16, n), make([]float32, n)
		for i := range v {
			v[i] = 1 + m[i]*m[i]
		}
		w[11], w[12] = 0, -w[12]
		step, dw, dm, dv, half := r.state(State{}), up(r, w), up(r, m), up(r, v), r.room(n)
		for k := range 3 {
			g := normal(17+uint64(k), n)
			dg := up(r, g)
			r.run("begin", P(plan), P(step))
			shared := []Arg{F32(l1), F32(l2), I32(2), P(ranges), P(dw), P(dg)}
			switch name {
			case "sgd":
				r.run("sgd", append(append([]Arg{P(step), U64(n)}, shared...), P(half))...)
			case "momentum":
				r.run("momentum", append(append([]Arg{P(step), U64(n), F32(0.9)}, shared...), P(dm), P(half))...)
			case "adam":
				r.run("adam", append(append([]Arg{P(plan), P(step), U64(n), F32(slower), F32(1e-8)}, shared...), P(dm), P(dv), P(half))...)
			}
			c1, c2 := float32(1-math.Pow(0.9, float64(k+1))), float32(1-math.Pow(0.999, float64(k+1)))
			penalised(func(lo, hi int, l1, l2 float32) {
				switch name {
				case "sgd":
					pool.SGD(w[lo:hi], g[lo:hi], rate, l1, l2)
				case "momentum":
					pool.Momentum(w[lo:hi], g[lo:hi], m[lo:hi], rate, 0.9, l1, l2)
				case "adam":
					pool.Adam(w[lo:hi], g[lo:hi], m[lo:hi], v[lo:hi], cpu.AdamStep{Rate: slower * rate, Beta1: 0.9, Beta2: 0.999, Eps: 1e-8, C1: c1, C2: c2, L1: l1, L2: l2})
				}
			})
		}
		got := down[float32](r, dw, n)
		agree(t, name, got, w, 1e-6)
		agree(t, name+", half", fromBF16(down[uint16](r, half, n)), fromBF16(toBF16(got)), 0)
		agree(t, name+", m", down[float32](r, dm, n), m, 1e-6)
		agree(t, name+", v", down[float32](r, dv, n), v, 1e-6)
		r.run(name, map[string][]Arg{
			"sgd":      {P(step), U64(2), F32(0), F32(0), I32(0), P(0), P(dw), P(dw + 8), P(0)},
			"momentum": {P(step), U64(2), F32(0), F32(0), F32(0), I32(0), P(0), P(dw), P(dw + 8), P(dm), P(0)},
			"adam":     {P(plan), P(step), U64(2), F32(1), F32(1e-8), F32(0), F32(0), I32(0), P(0), P(dw), P(dw + 8), P(dm), P(dv), P(0)},
		}[name]...)
		agree(t, name+" of two values", down[float32](r, dw, n)[2:], got[2:], 0)
	}
}

// BatchNorm forward and back, by its formulas in float64.
func TestNorm(t *testing.T) {
	r := newRig(t)
	pool := cpu.NewPool(1)
	step := r.state(State{})
	for _, shape := range shapes {
		rows, n := shape.rows, shape.n
		for _, act := range acts {
			x, gamma, beta, d, moments := normal(20, rows*n), normal(21, n), normal(22, n), normal(23, rows*n), append(normal(24, n), make([]float32, n)...)
			for j := range n {
				moments[n+j] = 0.5 + moments[j]*moments[j]
			}
			hat, inv, z, y := make([]float32, rows*n), make([]float32, n), make([]float32, rows*n), make([]float32, rows*n)
			moved := append([]float32(nil), moments...)
			for j := range n {
				mean, ss := 0.0, 0.0
				for i := range rows {
					mean += float64(x[i*n+j]) / float64(rows)
				}
				for i := range rows {
					ss += math.Pow(float64(x[i*n+j])-mean, 2)
				}
				to := 1 / math.Sqrt(ss/float64(rows)+1e-5)
				inv[j] = float32(to)
				for i := range rows {
					hat[i*n+j] = float32((float64(x[i*n+j]) - mean) * to)
					z[i*n+j] = gamma[j]*hat[i*n+j] + beta[j]
				}
				moved[j] += 0.1 * (float32(mean) - moved[j])
				moved[n+j] += 0.1 * (float32(ss/float64(max(1, rows-1))) - moved[n+j])
			}
			pool.BiasAct(act, rows, n, z, nil, y)
			what := fmt.Sprintf("%s %d × %d", act, rows, n)
			dx, dg, db, dm, dhat, dinv, dy, half := up(r, x), up(r, gamma), up(r, beta), up(r, moments), r.room(rows*n), r.room(n), r.room(rows*n), r.room(rows*n)
			r.run("norm", P(step), I32(int(act)), I32(rows), I32(n), P(dx), P(dg), P(db), P(dm), P(dhat), P(dinv), P(dy), P(half))
			got := down[float32](r, dy, rows*n)
			agree(t, what, got, y, few)
			agree(t, what+", half", fromBF16(down[uint16](r, half, rows*n)), fromBF16(toBF16(got)), 0)
			agree(t, what+", normalised", down[float32](r, dhat, rows*n), hat, few)
			agree(t, what+", 1/√", down[float32](r, dinv, n), inv, few)
			agree(t, what+", moments", down[float32](r, dm, 2*n), moved, few)

			want := append([]float32(nil), d...)
			pool.ActGrad(act, rows, n, z, y, want)
			wantG, wantB, wantX := make([]float32, n), make([]float32, n), make([]float32, rows*n)
			for j := range n {
				sd, sx := 0.0, 0.0
				for i := range rows {
					sd += float64(want[i*n+j])
					sx += float64(want[i*n+j]) * float64(hat[i*n+j])
				}
				wantB[j], wantG[j] = float32(sd), float32(sx)
				for i := range rows {
					wantX[i*n+j] = float32(float64(gamma[j]) * float64(inv[j]) * (float64(want[i*n+j]) - sd/float64(rows) - float64(hat[i*n+j])*sx/float64(rows)))
				}
			}
			dd, gg, gb := up(r, d), r.room(n), r.room(n)
			r.run("norm_back", I32(int(act)), I32(rows), I32(n), P(dy), P(dhat), P(dinv), P(dg), P(db), P(dd), P(dd), P(gg), P(gb), P(half))
			// Small batches divide by small deviations: the error grows with them.
			tol := few * (1 + 2*float64(maxOf(inv)))
			agree(t, what+", back", down[float32](r, dd, rows*n), wantX, tol)
			agree(t, what+", by γ", down[float32](r, gg, n), wantG, 4*few)
			agree(t, what+", by β", down[float32](r, gb, n), wantB, 4*few)

			for j := range n {
				for i := range rows {
					z[i*n+j] = gamma[j]*(x[i*n+j]-moved[j])/float32(math.Sqrt(float64(moved[n+j])+1e-5)) + beta[j]
				}
			}
			pool.BiasAct(act, rows, n, z, nil, y)
			r.run("norm_apply", I32(int(act)), I32(rows), I32(n), P(dx), P(dg), P(db), P(dm), P(dx), P(half))
			agree(t, what+", applied", down[float32](r, dx, rows*n), y, 2*few)
		}
	}
}

func maxOf(x []float32) float32 {
	m := x[0]
	for _, v := range x {
		m = max(m, v)
	}
	return m
}

func TestBFloat16(t *testing.T) {
	r := newRig(t)
	x := append(edges(normal(25, 3000)), 1+1.0/256, 1+3.0/256, 1+1.0/256+1e-6, math.MaxFloat32, -math.MaxFloat32)
	half := r.room(len(x))
	r.run("bfloat16", U64(uint64(len(x))), P(up(r, x)), P(half))
	got := down[uint16](r, half, len(x))
	for i, w := range toBF16(x) {
		if got[i] != w {
			t.Errorf("%g is %#x, not %#x", x[i], got[i], w)
		}
	}
	// 1 + 2⁻⁸ and 1 + 3·2⁻⁸ lie halfway; the even neighbour is 1 and 1 + 2⁻⁶.
	if v := fromBF16(got[3000:3003]); v[0] != 1 || v[1] != 1+1.0/64 || v[2] != 1+1.0/128 {
		t.Error(v)
	}
}
