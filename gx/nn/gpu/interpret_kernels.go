package gpu

import (
	"fmt"
	"math"

	"github.com/gxlab/gxlab/gx/nn/cpu"
)

// call is a kernel's call with its arguments by name.
type call struct {
	t    *Interpreter
	sig  *Signature
	args []Arg
	err  error
}

// Kernel runs a kernel.
func (t *Interpreter) Kernel(name string, _ Stream, args ...Arg) error {
	sig, ok := KernelNamed(name)
	if !ok {
		return fmt.Errorf("there is no kernel %s", name)
	}
	if err := sig.Check(args); err != nil {
		return err
	}
	f := interpreted(name)
	if f == nil {
		return fmt.Errorf("kernel %s cannot be interpreted", name)
	}
	return t.do(name, func() error {
		c := &call{t: t, sig: sig, args: args}
		f(c)
		return c.err
	})
}

func (c *call) arg(name string) Arg { return c.args[c.sig.Index(name)] }

func (c *call) int(name string) int { return int(c.arg(name).whole()) }

func (c *call) u64(name string) uint64 { return c.arg(name).Bits }

func (c *call) real(name string) float32 { return math.Float32frombits(uint32(c.arg(name).Bits)) }

// at is what a pointer points to, or nil where it is 0. After the first that points
// to nothing of ours, all are empty.
func at[T any](c *call, name string) []T {
	i := c.sig.Index(name)
	p := Ptr(c.args[i].Bits)
	if p == 0 || c.err != nil {
		return nil
	}
	n := c.sig.Bytes(i, c.args)
	b, err := c.t.bytes(p, n)
	if err != nil {
		c.err = fmt.Errorf("%s: %w", name, err)
		return of[T](make([]byte, n))
	}
	return of[T](b)
}

func (c *call) floats(name string) []float32 { return at[float32](c, name) }

// step is the state, or a new one.
func (c *call) step() *State {
	if s := at[State](c, "step"); s != nil {
		return &s[0]
	}
	return new(State)
}

// counter is that of the step's first value.
func (c *call) counter() uint64 { return c.step().Step << 32 }

// half keeps a copy of y as bfloat16 where one is wanted.
func (c *call) half(y []float32) {
	for i, h := 0, at[uint16](c, "half"); i < len(h) && i < len(y); i++ {
		h[i] = bfloat16(y[i])
	}
}

// bfloat16 rounds, half to even.
func bfloat16(v float32) uint16 {
	b := math.Float32bits(v)
	if v != v {
		return uint16(b>>16 | 0x40)
	}
	return uint16((b + 0x7fff + b>>16&1) >> 16)
}

// interpreted is a kernel of that name, or nil. (A map would keep them all in every
// program.)
func interpreted(name string) func(c *call) {
	switch name {
	case "begin":
		return beginKernel
	case "gather":
		return gatherKernel
	case "mask":
		return maskKernel
	case "noise":
		return noiseKernel
	case "clip":
		return clipKernel
	case "dropout":
		return dropoutKernel
	case "bias_act":
		return biasActKernel
	case "bias_softmax":
		return biasSoftmaxKernel
	case "loss":
		return lossKernel
	case "entropy":
		return entropyKernel
	case "sample":
		return sampleKernel
	case "sample_back":
		return sampleBackKernel
	case "gaussian":
		return gaussianKernel
	case "counts":
		return countsKernel
	case "pick":
		return pickKernel
	case "put":
		return putKernel
	case "choose":
		return chooseKernel
	case "squares":
		return squaresKernel
	case "hush":
		return hushKernel
	case "back":
		return backKernel
	case "back_softmax":
		return backSoftmaxKernel
	case "norm":
		return normKernel
	case "norm_apply":
		return normApplyKernel
	case "norm_back":
		return normBackKernel
	case "sgd":
		return sgdKernel
	case "momentum":
		return momentumKernel
	case "adam":
		return adamKernel
	case "bfloat16":
		return bfloat16Kernel
	}
	return nil
}

func beginKernel(c *call) {
	plan, s := &at[Schedule](c, "plan")[0], c.step()
	if s.Lost != 0 {
		return
	}
	now := s.Next
	s.Next++
	in := now % plan.Batches
	s.Step, s.Start = now, in*plan.Samples/plan.Batches
	rate := plan.Rate
	if plan.Warmup > 0 {
		rate *= math.Min(1, float64(now+1)/float64(plan.Warmup))
	}
	if plan.Total > 0 {
		rate *= 0.5 * (1 + math.Cos(math.Pi*float64(now)/float64(plan.Total)))
	}
	s.Rate = float32(rate / (1 + plan.Decay*float64(in)))
	s.Minus, s.One = -s.Rate, 1
	c1, c2 := float32(1-math.Pow(plan.Beta1, float64(now+1))), float32(1-math.Pow(plan.Beta2, float64(now+1)))
	s.Scale, s.Root = s.Rate/c1, float32(1/math.Sqrt(float64(c2)))
}

func gatherKernel(c *call) {
	x, out, order := c.floats("x"), c.floats("out"), at[int32](c, "order")
	rows, n, start := c.int("rows"), c.int("n"), int(c.step().Start)
	c.t.pool.Run(rows, 8, func(lo, hi int) {
		for r := lo; r < hi; r++ {
			copy(out[r*n:r*n+n], x[int(order[start+r])*n:])
		}
	})
	c.half(out)
}

func maskKernel(c *call) {
	x := c.floats("x")
	c.t.pool.Mask(c.real("keep"), c.u64("seed"), c.counter(), x)
	c.half(x)
}

func noiseKernel(c *call) {
	y := c.floats("y")
	c.t.pool.Noise(c.real("sd"), c.u64("seed"), c.counter(), c.floats("x"), y)
	c.half(y)
}

func clipKernel(c *call) {
	x := c.floats("x")
	c.t.pool.Clip(c.real("low"), c.real("high"), x)
	c.half(x)
}

func dropoutKernel(c *call) {
	y := c.floats("y")
	c.t.pool.Dropout(c.real("keep"), c.u64("seed"), c.counter(), c.floats("x"), y, nil)
	c.half(y)
}

func biasActKernel(c *call) {
	act, rows, n := cpu.Act(c.int("act")), c.int("rows"), c.int("n")
	z, y, out := c.floats("z"), c.floats("y"), c.floats("out")
	if y == nil {
		y = make([]float32, len(z))
	}
	if !act.NeedsInput() {
		copy(y, z)
		z = y
	}
	c.t.pool.BiasAct(act, rows, n, z, c.floats("bias"), y)
	if keep := c.real("keep"); keep < 1 {
		if out == nil {
			out = make([]float32, len(y))
		}
		c.t.pool.Dropout(keep, c.u64("seed"), c.counter(), y, out, nil)
		y = out
	}
	c.half(y)
}

func biasSoftmaxKernel(c *call) {
	y := c.floats("y")
	copy(y, c.floats("z"))
	c.t.pool.BiasAct(cpu.SoftMax, c.int("rows"), c.int("n"), y, c.floats("bias"), y)
	c.half(y)
}

func lossKernel(c *call) {
	act, rows, n := cpu.Act(c.int("act")), c.int("rows"), c.int("n")
	z, x, y, d := c.floats("z"), c.floats("x"), c.floats("y"), c.floats("d")
	values, sums := make([]float32, len(z)), append([]float32(nil), z...)
	c.t.pool.BiasAct(act, rows, n, sums, c.floats("bias"), values)
	if d == nil {
		d = make([]float32, len(z))
	}
	scale := 1 / float32(float64(rows)*float64(n))
	delta, derived := c.t.pool.MSEDelta, act
	if c.int("kind") == 1 {
		delta = c.t.pool.MAEDelta
	}
	if act.NeedsInput() {
		derived = cpu.Linear
	}
	own := delta(derived, values, x, d, scale)
	if act.NeedsInput() {
		c.t.pool.ActGrad(act, rows, n, sums, values, d)
	}
	told := own
	if units := c.floats("units"); units != nil {
		told = 0
		for i, v := range values {
			if e := float64((v - x[i]) * units[i%n]); c.int("kind") == 1 {
				told += math.Abs(e)
			} else {
				told += e * e
			}
		}
	}
	copy(y, values)
	c.half(d)
	if g := c.floats("g"); g != nil {
		c.t.pool.ColSums(rows, n, d, g)
	}
	s := c.step()
	if s.Lost != 0 {
		return
	}
	s.Loss = own
	if own-own == 0 {
		s.Sum += told
	} else {
		s.Lost = 1
	}
}

func entropyKernel(c *call) {
	rows, n, s := c.int("rows"), c.int("n"), c.step()
	y := append([]float32(nil), c.floats("z")...)
	c.t.pool.BiasAct(cpu.Linear, rows, n, y, c.floats("bias"), y)
	class, known, wrong := make([]int, rows), 0, 0
	for r, k := range at[int32](c, "classes")[s.Start:][:rows] {
		if class[r] = int(k); k < 0 {
			continue
		}
		known++
		if cpu.Misses(y[r*n:r*n+n], int(k)) {
			wrong++
		}
	}
	weight := at[Schedule](c, "plan")[0].Weight
	sum := c.t.pool.CrossEntropy(rows, n, y, class, c.floats("d"), float32(weight/float64(max(1, known))))
	switch {
	case s.Lost != 0:
	case sum-sum == 0:
		s.Entropy += sum
		s.Known += uint64(known)
		s.Wrong += uint64(wrong)
	default:
		s.Lost = 1
	}
}

func sampleKernel(c *call) {
	z, k, s := c.floats("z"), c.int("k"), c.step()
	eps := c.floats("eps")
	if eps == nil {
		eps = make([]float32, len(z))
	}
	clear(eps)
	c.t.pool.Noise(1, c.u64("seed"), c.counter()+c.u64("first"), eps, eps)
	kl := cpu.Draw(len(z)/k, k, c.floats("x"), eps, z)
	c.half(z)
	switch {
	case s.Lost != 0:
	case kl-kl != 0:
		s.Lost = 1
	case c.int("told") != 0:
		s.KL += kl
		s.Sum += kl
	}
}

func sampleBackKernel(c *call) {
	plan, dz, k := at[Schedule](c, "plan")[0], c.floats("dz"), c.int("k")
	beta := plan.KL
	if plan.KLSteps > 0 {
		beta *= math.Min(1, float64(c.step().Step)/float64(plan.KLSteps))
	}
	cpu.DrawBack(len(dz)/k, k, beta*(1/float64(c.u64("values"))), dz, c.floats("extra"), c.floats("x"), c.floats("eps"), c.floats("d"))
}

// likelihood runs a likelihood of rows × n targets with so many outputs each, and returns
// the gradient by each row's spreads.
func (c *call) likelihood(kind cpu.Family, outs int) (ds []float32) {
	rows, n, s := c.int("rows"), c.int("n"), c.step()
	y, d := append([]float32(nil), c.floats("z")...), c.floats("d")
	c.t.pool.BiasAct(cpu.Linear, rows, outs, y, c.floats("bias"), y)
	if d != nil {
		ds = make([]float32, rows*n)
	}
	loss := 0.0
	for _, v := range c.t.pool.Likelihood(kind, rows, n, y, c.floats("x"), c.floats("spread"), d, ds, 1/float64(rows*n)) {
		loss += v
	}
	if s.Lost != 0 {
		return ds
	}
	if s.Loss = loss; loss-loss == 0 {
		s.Sum += loss
	} else {
		s.Lost = 1
	}
	return ds
}

func gaussianKernel(c *call) {
	rows, n, d := c.int("rows"), c.int("n"), c.floats("d")
	ds := c.likelihood(cpu.Gaussian, n)
	c.half(d)
	if g := c.floats("g"); g != nil {
		c.t.pool.ColSums(rows, n, d, g)
	}
	if g := c.floats("gs"); g != nil {
		c.t.pool.ColSums(rows, n, ds, g)
	}
}

func countsKernel(c *call) {
	kind, outs := cpu.NegativeBinomial, c.int("outs")
	if outs > c.int("n") {
		kind = cpu.ZeroInflated
	}
	copy(c.floats("ds"), c.likelihood(kind, outs))
}

// pairs runs over the parameters of the features that are picked and of their state: full
// ones in pitches and picked ones side by side.
func (c *call) pairs(now []int32, f func(full, picked *float32)) {
	m, pitch := c.int("m"), c.int("pitch")
	for _, name := range [][2]string{{"w", "cw"}, {"mo", "cm"}, {"v", "cv"}} {
		full, picked := c.floats(name[0]), c.floats(name[1])
		for i := range picked {
			f(&full[i/m*pitch+int(now[i%m])], &picked[i])
		}
	}
}

func pickKernel(c *call) {
	now, m := at[int32](c, "now"), c.int("m")
	copy(now, at[int32](c, "turns")[int(c.step().Step%c.u64("steps"))*m:])
	c.pairs(now, func(full, picked *float32) { *picked = *full })
}

func putKernel(c *call) {
	c.pairs(at[int32](c, "now"), func(full, picked *float32) { *full = *picked })
}

func chooseKernel(c *call) {
	now, x, out, n := at[int32](c, "now"), c.floats("x"), c.floats("out"), c.int("n")
	for i := range out {
		out[i] = x[i/len(now)*n+int(now[i%len(now)])]
	}
	c.half(out)
}

func squaresKernel(c *call) {
	rows, n, d := c.int("rows"), c.int("n"), c.floats("d")
	y := append([]float32(nil), c.floats("z")...)
	c.t.pool.BiasAct(cpu.Linear, rows, n, y, c.floats("bias"), y)
	scale := c.real("scale")
	if steps := c.u64("steps"); steps > 0 {
		scale *= float32(math.Min(1, float64(c.step().Step)/float64(steps)))
	}
	if sum := c.t.pool.MSE(y, c.floats("x"), d, scale); sum-sum != 0 {
		c.step().Lost = 1
	}
	c.half(d)
	c.t.pool.ColSums(rows, n, d, c.floats("g"))
}

func backKernel(c *call) {
	act, rows, n, d := cpu.Act(c.int("act")), c.int("rows"), c.int("n"), c.floats("d")
	if keep := c.real("keep"); keep < 1 {
		c.t.pool.Dropout(keep, c.u64("seed"), c.counter(), d, d, nil)
	}
	if act != cpu.Linear {
		c.t.pool.ActGrad(act, rows, n, c.floats("z"), c.floats("y"), d)
	}
	if c.step().Lost != 0 {
		clear(d)
	}
	c.half(d)
	if g := c.floats("g"); g != nil {
		c.t.pool.ColSums(rows, n, d, g)
	}
}

func hushKernel(c *call) {
	if c.step().Lost != 0 {
		clear(c.floats("d"))
		clear(at[uint16](c, "half"))
	}
}

func backSoftmaxKernel(c *call) {
	d := c.floats("d")
	c.t.pool.ActGrad(cpu.SoftMax, c.int("rows"), c.int("n"), nil, c.floats("y"), d)
	c.half(d)
}

func normKernel(c *call) {
	rows, n := c.int("rows"), c.int("n")
	x, gamma, beta, mom := c.floats("x"), c.floats("gamma"), c.floats("beta"), c.floats("moments")
	hat, invs, y, lost := c.floats("hat"), c.floats("inv"), c.floats("y"), c.step().Lost != 0
	for j := range n {
		mean, ss := 0.0, 0.0
		for r := range rows {
			mean += float64(x[r*n+j])
		}
		mean /= float64(rows)
		for r := range rows {
			v := float64(x[r*n+j]) - mean
			ss += v * v
		}
		inv := 1 / math.Sqrt(ss/float64(rows)+1e-5)
		for r := range rows {
			hat[r*n+j] = float32((float64(x[r*n+j]) - mean) * inv)
			y[r*n+j] = gamma[j]*hat[r*n+j] + beta[j]
		}
		invs[j] = float32(inv)
		if !lost {
			mom[j] += 0.1 * (float32(mean) - mom[j])
			mom[n+j] += 0.1 * (float32(ss/float64(max(1, rows-1))) - mom[n+j])
		}
	}
	c.activate(rows, n, y)
	c.half(y)
}

// activate applies the call's activation to sums in place.
func (c *call) activate(rows, n int, y []float32) {
	act := cpu.Act(c.int("act"))
	if act.NeedsInput() {
		c.t.pool.BiasAct(act, rows, n, append([]float32(nil), y...), nil, y)
	} else {
		c.t.pool.BiasAct(act, rows, n, y, nil, y)
	}
}

func normApplyKernel(c *call) {
	rows, n := c.int("rows"), c.int("n")
	x, y, gamma, beta, mom := c.floats("x"), c.floats("y"), c.floats("gamma"), c.floats("beta"), c.floats("moments")
	for r := range rows {
		for j := range n {
			y[r*n+j] = gamma[j]*(x[r*n+j]-mom[j])/float32(math.Sqrt(float64(mom[n+j])+1e-5)) + beta[j]
		}
	}
	c.activate(rows, n, y)
	c.half(y)
}

func normBackKernel(c *call) {
	act, rows, n := cpu.Act(c.int("act")), c.int("rows"), c.int("n")
	y, hat, inv, gamma, beta := c.floats("y"), c.floats("hat"), c.floats("inv"), c.floats("gamma"), c.floats("beta")
	d, dx, dgamma, dbeta := c.floats("d"), c.floats("dx"), c.floats("dgamma"), c.floats("dbeta")
	z := make([]float32, rows*n)
	for i := range z {
		z[i] = gamma[i%n]*hat[i] + beta[i%n]
	}
	c.t.pool.ActGrad(act, rows, n, z, y, d)
	for j := range n {
		sd, sx := 0.0, 0.0
		for r := range rows {
			sd += float64(d[r*n+j])
			sx += float64(d[r*n+j]) * float64(hat[r*n+j])
		}
		dgamma[j], dbeta[j] = float32(sx), float32(sd)
		k := float64(gamma[j]) * float64(inv[j])
		for r := range rows {
			dx[r*n+j] = float32(k * (float64(d[r*n+j]) - sd/float64(rows) - float64(hat[r*n+j])*sx/float64(rows)))
		}
	}
	c.half(dx)
}

// take runs an optimiser's step on the parameters piece by piece: penalised ones and
// the others; the gradient stays as it is.
func (c *call) take(step func(lo, hi int, g []float32, l1, l2 float32)) {
	w, g := c.floats("w"), c.floats("g")
	if c.step().Lost != 0 {
		return
	}
	piece := func(lo, hi uint64, l1, l2 float32) {
		if lo < hi {
			step(int(lo), int(hi), append([]float32(nil), g[lo:hi]...), l1, l2)
		}
	}
	l1, l2, from, end := c.real("l1"), c.real("l2"), uint64(0), uint64(len(w))
	for r := at[uint64](c, "ranges"); len(r) > 1; r = r[2:] { // they may reach beyond w
		piece(from, min(r[0], end), 0, 0)
		piece(min(r[0], end), min(r[1], end), l1, l2)
		from = min(r[1], end)
	}
	piece(from, end, 0, 0)
	c.half(w)
}

func sgdKernel(c *call) {
	w, s := c.floats("w"), c.step()
	c.take(func(lo, hi int, g []float32, l1, l2 float32) { c.t.pool.SGD(w[lo:hi], g, s.Rate, l1, l2) })
}

func momentumKernel(c *call) {
	w, m, s := c.floats("w"), c.floats("m"), c.step()
	c.take(func(lo, hi int, g []float32, l1, l2 float32) {
		c.t.pool.Momentum(w[lo:hi], g, m[lo:hi], s.Rate, c.real("mu"), l1, l2)
	})
}

func adamKernel(c *call) {
	w, m, v, s, plan := c.floats("w"), c.floats("m"), c.floats("v"), c.step(), &at[Schedule](c, "plan")[0]
	c.take(func(lo, hi int, g []float32, l1, l2 float32) {
		k := float64(s.Step + 1)
		c.t.pool.Adam(w[lo:hi], g, m[lo:hi], v[lo:hi], cpu.AdamStep{
			Rate: s.Rate * c.real("slower"), Beta1: float32(plan.Beta1), Beta2: float32(plan.Beta2), Eps: c.real("eps"), L1: l1, L2: l2,
			C1: float32(1 - math.Pow(plan.Beta1, k)), C2: float32(1 - math.Pow(plan.Beta2, k)),
		})
	})
}

func bfloat16Kernel(c *call) { c.half(c.floats("x")) }
