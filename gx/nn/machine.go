package nn

import (
	"fmt"
	"slices"

	G "gorgonia.org/gorgonia"

	"github.com/gxlab/gxlab/gx/nn/cpu"
	"github.com/gxlab/gxlab/gx/nn/gpu"
)

// place is where a matrix lies on the GPU, and its copy as bfloat16 where products
// take those.
type place struct{ f, half gpu.Ptr }

// machine is a gorgonia.VM that runs a graph of our operations on a GPU: it compiles
// it once to a launch list, from the gathering of a batch to the optimiser's step.
type machine struct {
	o    *onGPU
	g    *graph
	pair *pairGraph // that g is the cell-wise half of, or nil
	list *gpu.List
	at   map[*G.Node]place
	err  error
}

var _ G.VM = (*machine)(nil)

// emitter is an operation that can be compiled: it puts its launches into the list,
// given where its arguments lie, and says where its result does.
type emitter interface {
	emit(m *machine, in []place) place
}

// newMachine compiles the step of a batch of so many rows, of samples that lie in that
// half of the room they are streamed through; 0 where they are not.
func newMachine(o *onGPU, rows, half int) (*machine, error) {
	t := o.t
	g := &graph{net: t.net, rows: rows, apart: t.apart(), far: true, pool: t.pool, seed: t.plan.Seed}
	m := &machine{o: o, g: g, list: gpu.NewList(o.d, o.main, o.side), at: map[*G.Node]place{}}
	if t.net.spec.Pair == nil {
		if err := g.build(); err != nil {
			return nil, err
		}
	} else {
		var err error
		if m.pair, err = g.buildPair(); err != nil {
			return nil, err
		}
	}
	m.batch(gpu.Ptr(half * o.stored))
	if m.pair != nil {
		m.features()
	}
	if err := m.compile(); err != nil {
		return nil, err
	}
	m.list.Join()
	m.take()
	return m, m.err
}

// compile puts the operations into the list, each after its arguments.
func (m *machine) compile() error {
	sorted, err := G.Sort(m.g.eg) // outputs first
	if err != nil {
		return err
	}
	for i := len(sorted) - 1; i >= 0; i-- {
		n := sorted[i]
		if n.Op() == nil {
			continue
		}
		op, ok := n.Op().(emitter)
		if !ok {
			if len(m.from(n)) == 0 || n.Op().Arity() == 0 {
				continue // a constant or a statement
			}
			return fmt.Errorf("operation %s cannot run on a GPU", n.Op())
		}
		var in []place
		for _, a := range m.from(n) {
			in = append(in, m.at[a])
		}
		m.at[n] = op.emit(m, in)
	}
	return nil
}

// from are the arguments of a node, in order.
func (m *machine) from(n *G.Node) (args []*G.Node) {
	for it := m.g.eg.From(n.ID()); it.Next(); {
		args = append(args, it.Node().(*G.Node))
	}
	return args
}

// RunAll puts a step into the GPU's queue.
func (m *machine) RunAll() error { return m.list.Run() }

// Reset does nothing: a step ends by itself.
func (m *machine) Reset() {}

// Close gives the list back.
func (m *machine) Close() error { return m.list.Close() }

// floats is room for that many values a row of a graph's largest batch, by name.
func (m *machine) floats(g *graph, name string, perRow int) gpu.Ptr {
	return m.room(g.prefix+name, 4*perRow*m.most(g))
}

// halves is the same as bfloat16, or 0 where products take float32.
func (m *machine) halves(g *graph, name string, perRow int) gpu.Ptr {
	if m.o.half == 0 {
		return 0
	}
	return m.room(g.prefix+name+" half", 2*perRow*m.most(g))
}

// most is the rows of the largest batch: those of features are all the same.
func (m *machine) most(g *graph) int {
	if g.of != nil {
		return g.rows
	}
	return m.o.rows
}

func (m *machine) room(name string, bytes int) gpu.Ptr {
	p, err := m.o.temp(name, int64(bytes))
	if err != nil && m.err == nil {
		m.err = err
	}
	return p
}

func p(at gpu.Ptr) gpu.Arg { return gpu.P(at) }

func i32(v int) gpu.Arg { return gpu.I32(v) }

// batch gathers samples, of those from first, and corrupts the input.
func (m *machine) batch(first gpu.Ptr) {
	o, s, l, rows := m.o, m.g.net.spec, m.list, m.g.rows
	l.Kernel("begin", p(o.plan), p(o.state))
	x := place{m.floats(m.g, "x", s.In), m.halves(m.g, "x", s.In)}
	gather := func(from gpu.Ptr, n int, to place) {
		l.Kernel("gather", p(o.state), p(o.order), gpu.U64(uint64(o.samples)), p(from+4*first*gpu.Ptr(n)), gpu.U64(uint64(o.stored)), i32(rows), i32(n), p(to.f), p(to.half))
	}
	gather(o.x, s.In, x)
	count := gpu.U64(uint64(rows) * uint64(s.In))
	if s.Mask > 0 {
		l.Kernel("mask", p(o.state), count, gpu.F32(float32(1-s.Mask)), gpu.U64(m.g.seed^maskSeed), p(x.f), p(x.half))
	}
	if s.Noise > 0 {
		l.Kernel("noise", p(o.state), count, gpu.F32(float32(s.Noise)), gpu.U64(m.g.seed^noiseSeed), p(x.f), p(x.f), p(x.half))
		if len(s.Clip) == 2 {
			l.Kernel("clip", count, gpu.F32(float32(s.Clip[0])), gpu.F32(float32(s.Clip[1])), p(x.f), p(x.half))
		}
	}
	m.at[m.g.x] = x
	if m.g.apart {
		target := place{f: m.floats(m.g, "target", s.Targets())}
		gather(o.target, s.Targets(), target)
		m.at[m.g.target] = target
	}
}

// take is the optimiser's step on all parameters.
func (m *machine) take() {
	o, t := m.o, m.o.t
	l1, l2 := float32(t.net.spec.L1), float32(2*t.net.spec.L2)
	if o.direct { // the weights have taken it
		m.list.Kernel("sgd", p(o.state), gpu.U64(uint64(o.gradients())), gpu.F32(l1), gpu.F32(l2), i32(0), p(0), p(o.w+gpu.Ptr(4*o.weights)), p(o.g), p(0))
		if o.half != 0 {
			m.list.Kernel("bfloat16", gpu.U64(uint64(o.weights)), p(o.w), p(o.half))
		}
		return
	}
	for _, s := range o.paces() {
		penalties, ranges := i32(1), p(o.ranges)
		if s.from >= o.weights {
			penalties, ranges = i32(0), p(0)
		}
		m.optimise(s, l1, l2, penalties, ranges, [4]gpu.Ptr{o.w, o.g, o.moment[0], o.moment[1]}, o.half)
	}
	if m.pair != nil {
		m.takePicked()
	}
}

// optimise takes the optimiser's step on a stretch of parameters, from their gradients
// and moments.
func (m *machine) optimise(s pace, l1, l2 float32, penalties, ranges gpu.Arg, of [4]gpu.Ptr, half gpu.Ptr) {
	o, plan := m.o, m.o.t.plan
	for i := range of {
		of[i] += gpu.Ptr(4 * s.from)
	}
	if half != 0 {
		half += gpu.Ptr(2 * s.from)
	}
	rest := []gpu.Arg{gpu.F32(l1), gpu.F32(l2), penalties, ranges, p(of[0]), p(of[1])}
	first := []gpu.Arg{p(o.state), gpu.U64(uint64(s.to - s.from))}
	switch plan.Optimiser {
	case "momentum":
		first = append(first, gpu.F32(float32(plan.Momentum)))
		rest = append(rest, p(of[2]))
	case "adam":
		first = append([]gpu.Arg{p(o.plan)}, append(first, gpu.F32(s.slower), gpu.F32(1e-8))...)
		rest = append(rest, p(of[2]), p(of[3]))
	}
	m.list.Kernel(plan.Optimiser, append(append(first, rest...), p(half))...)
}

// pace is a stretch of parameters on the GPU that learn at one rate, and its factor.
type pace struct {
	from, to int64
	slower   float32
}

// paces are the stretches of one rate: those of Plan.FanIn, or all parameters as one.
func (o *onGPU) paces() (all []pace) {
	for _, t := range o.tensors {
		if t.device >= o.common {
			continue
		}
		s := pace{t.device, t.device + t.n, 1}
		if t.device < o.weights {
			s.slower = o.t.plan.slower(o.t.net.inputs(int(t.host)))
		}
		all = append(all, s)
	}
	slices.SortFunc(all, func(a, b pace) int { return int(a.from - b.from) })
	one := all[:1]
	for _, s := range all[1:] {
		last := &one[len(one)-1]
		last.to = s.from
		if s.slower == last.slower && (s.from != o.weights || last.from == 0) { // penalties end with the weights
			last.to = s.to
		} else {
			one = append(one, s)
		}
	}
	one[len(one)-1].to = o.common
	return one
}

// product is C = op(A)·op(B).
func (o *onGPU) product(m, n, k int, ta, tb bool, a, b place, c gpu.Ptr) gpu.MatMul {
	out := gpu.MatMul{M: m, N: n, K: k, TransA: ta, TransB: tb, A: a.f, B: b.f, C: c, Alpha: 1, Precision: o.precision}
	if o.precision == gpu.BFloat16 {
		out.A, out.B = a.half, b.half
	}
	return out
}

// dropoutAfter is the share that the dropout after a layer keeps, 1 without one, and
// its seed.
func (m *machine) dropoutAfter(g *graph, layer int) (keep float32, seed uint64) {
	s := g.net.spec
	if l := s.Layers; layer+1 < len(l) && l[layer+1].Kind == Dropout && !s.judges(layer+1) {
		return float32(l[layer+1].Keep), dropoutSeed(g.seed, layer+1)
	}
	return 1, 0
}

func dropoutSeed(seed uint64, layer int) uint64 { return seed + uint64(layer)*0x9e3779b97f4a7c15 }

// The seeds of what corrupts the input.
const maskSeed, noiseSeed = 0x3a5c, 0x901e

func (o *denseOp) emit(m *machine, in []place) place {
	sp, rows, name := o.g.net.spans[o.layer], o.g.rows, fmt.Sprint("layer ", o.layer)
	w, _ := m.o.param(sp.w)
	b, _ := m.o.param(sp.b)
	z := m.floats(o.g, name, sp.out)
	m.list.MatMul(m.o.product(rows, sp.out, sp.in, false, false, in[0], w, z))
	if o.inLoss {
		return place{f: z} // the loss adds the bias and applies the activation
	}
	y := place{z, m.halves(o.g, name, sp.out)}
	if o.act == cpu.SoftMax {
		m.list.Kernel("bias_softmax", i32(rows), i32(sp.out), p(z), p(b.f), p(y.f), p(y.half))
		return y
	}
	if o.act.NeedsInput() {
		y.f = m.floats(o.g, name+" values", sp.out)
	}
	keep, seed := m.dropoutAfter(o.g, o.layer)
	dropped := gpu.Ptr(0)
	if keep < 1 {
		dropped = m.floats(o.g, name+" dropped", sp.out)
	}
	m.list.Kernel("bias_act", p(m.o.state), i32(int(o.act)), i32(rows), i32(sp.out), p(z), p(b.f), p(y.f), gpu.F32(keep), gpu.U64(seed), p(dropped), p(y.half))
	return y
}

// judges says whether a classifier looks at what layer i is given, which the layer before
// must then leave as it is.
func (s Spec) judges(i int) bool { return len(s.Head) > 0 && i == s.Code }

// fused says whether the dense layer before a dropout does it as well.
func (o *dropoutOp) fused() bool {
	if o.layer == 0 || o.g.net.spec.judges(o.layer) {
		return false
	}
	before := o.g.net.spec.Layers[o.layer-1]
	return before.Kind == Dense && before.Act != cpu.SoftMax
}

func (o *dropoutOp) emit(m *machine, in []place) place {
	n, name := o.g.net.spans[o.layer].in, fmt.Sprint("layer ", o.layer-1)
	if o.fused() {
		if o.keep == 1 {
			return in[0]
		}
		return place{m.floats(o.g, name+" dropped", n), in[0].half}
	}
	name = fmt.Sprint("layer ", o.layer)
	y := place{m.floats(o.g, name, n), m.halves(o.g, name, n)}
	m.list.Kernel("dropout", p(m.o.state), gpu.U64(uint64(o.g.rows)*uint64(n)), gpu.F32(o.keep), gpu.U64(dropoutSeed(o.g.seed, o.layer)), p(in[0].f), p(y.f), p(y.half))
	return y
}

// emit leaves to the dense layer's back what it did forward.
func (o *maskOp) emit(m *machine, in []place) place {
	d := o.of
	if !d.fused() {
		n := o.of.g.net.spans[d.layer].in
		m.list.Kernel("dropout", p(m.o.state), gpu.U64(uint64(o.of.g.rows)*uint64(n)), gpu.F32(d.keep), gpu.U64(dropoutSeed(o.of.g.seed, d.layer)), p(in[0].f), p(in[0].f), p(0))
	}
	return in[0]
}

func (o *lossOp) emit(m *machine, in []place) place {
	s, rows := m.g.net.spec, m.g.rows
	if o.kind.likely() {
		return o.emitLikely(m, in)
	}
	kind := 0
	if o.kind == MAE {
		kind = 1
	}
	d, bias, g := place{f: in[0].f}, gpu.Ptr(0), gpu.Ptr(0)
	if last := m.g.last; last != nil && last.inLoss {
		b, gb := m.o.param(m.g.net.spans[last.layer].b)
		bias, g = b.f, gb
		d.half = m.halves(m.g, "delta", s.Out())
	} else {
		d.f = m.floats(m.g, "delta", s.Out()) // the values are still wanted
	}
	m.list.Kernel("loss", p(m.o.state), i32(int(o.act)), i32(kind), i32(rows), i32(s.Out()), p(in[0].f), p(bias), p(in[1].f), p(m.o.units),
		p(0), p(d.f), p(d.half), p(g), p(m.o.sums[0]), p(m.o.sums[1]), p(m.o.sums[2]))
	if m.o.direct {
		m.list.Kernel("hush", p(m.o.state), gpu.U64(uint64(rows)*uint64(s.Out())), p(d.f), p(d.half))
	}
	return d
}

// emitLikely is emit of a likelihood: it gives the gradient by its spreads as well.
func (o *lossOp) emitLikely(m *machine, in []place) place {
	s, rows := m.g.net.spec, m.g.rows
	n, outs := s.Targets(), s.Out()
	spread, gs := m.o.param(len(m.g.net.params) - n)
	d, bias, g := place{}, gpu.Ptr(0), gpu.Ptr(0)
	if last := m.g.last; last != nil && last.inLoss {
		b, gb := m.o.param(m.g.net.spans[last.layer].b)
		bias, g = b.f, gb
		d.half = m.halves(m.g, "delta", outs)
	}
	d.f = m.floats(m.g, "delta", outs)
	if o.kind == Gaussian {
		m.list.Kernel("gaussian", p(m.o.state), i32(rows), i32(n), p(in[0].f), p(bias), p(in[1].f), p(spread.f),
			p(d.f), p(d.half), p(g), p(gs), p(m.o.sums[0]), p(m.o.sums[1]), p(m.o.sums[2]))
		return d
	}
	ds := m.floats(m.g, "delta of spreads", n)
	m.list.Kernel("counts", p(m.o.state), i32(rows), i32(n), i32(outs), p(in[0].f), p(bias), p(in[1].f), p(spread.f), p(d.f), p(ds), p(m.o.sums[1]), p(m.o.sums[2]))
	sums := func(n int, d place, g gpu.Ptr) {
		m.list.Kernel("back", p(m.o.state), i32(int(cpu.Linear)), i32(rows), i32(n), p(0), p(0), gpu.F32(1), gpu.U64(0),
			p(d.f), p(d.half), p(g), p(m.o.sums[0]), p(m.o.sums[2]))
	}
	if g != 0 {
		sums(outs, d, g)
	}
	sums(n, place{f: ds}, gs)
	return d
}

func (o *lossGradOp) emit(_ *machine, in []place) place { return in[2] }

func (o *deltaOp) emit(m *machine, in []place) place {
	l := o.dense
	sp, rows := l.g.net.spans[l.layer], l.g.rows
	d, y := in[0], in[1]
	if l.inLoss {
		return d
	}
	_, g := m.o.param(sp.b)
	d.half = m.halves(l.g, fmt.Sprint("delta ", l.layer), sp.out)
	act, keep, seed := l.act, float32(1), uint64(0)
	if act == cpu.SoftMax {
		m.list.Kernel("back_softmax", i32(rows), i32(sp.out), p(y.f), p(d.f), p(0))
		act = cpu.Linear // what follows only sums and rounds
	} else {
		keep, seed = m.dropoutAfter(l.g, l.layer)
	}
	z := gpu.Ptr(0)
	if act.NeedsInput() {
		z = m.floats(l.g, fmt.Sprint("layer ", l.layer), sp.out)
	}
	m.list.Kernel("back", p(m.o.state), i32(int(act)), i32(rows), i32(sp.out), p(z), p(y.f), gpu.F32(keep), gpu.U64(seed),
		p(d.f), p(d.half), p(g), p(m.o.sums[0]), p(m.o.sums[2]))
	return d
}

func (o *backOp) emit(m *machine, in []place) place {
	l := o.dense
	sp, rows := o.dense.g.net.spans[l.layer], o.dense.g.rows
	w, g := m.o.param(sp.w)
	delta, x, dx := in[0], in[1], place{}
	to := g
	if m.o.direct {
		to = w.f
	}
	learn := m.o.product(sp.in, sp.out, rows, true, false, x, delta, to)
	if m.o.direct { // w += −rate·xᵀ·delta
		learn.Scale = m.o.state + gpu.Descent
	} else {
		m.list.Beside(func() { m.list.MatMul(learn) })
	}
	if !l.first {
		dx.f = m.floats(o.dense.g, fmt.Sprint("back ", l.layer), sp.in)
		m.list.MatMul(m.o.product(rows, sp.in, sp.out, false, true, delta, w, dx.f))
	}
	if m.o.direct { // not before dx has read the weights
		m.list.Beside(func() { m.list.MatMul(learn) })
	}
	return dx
}

func (o *normOp) emit(m *machine, in []place) place {
	sp, rows, name := o.g.net.spans[o.layer], o.g.rows, fmt.Sprint("layer ", o.layer)
	gamma, _ := m.o.param(sp.w)
	beta, _ := m.o.param(sp.b)
	y := place{m.floats(o.g, name, sp.in), m.halves(o.g, name, sp.in)}
	m.list.Kernel("norm", p(m.o.state), i32(int(linear(o.act))), i32(rows), i32(sp.in), p(in[0].f), p(gamma.f), p(beta.f), p(m.o.norms+gpu.Ptr(4*o.at)),
		p(m.floats(o.g, name+" hat", sp.in)), p(m.room(o.g.prefix+name+" inv", 4*sp.in)), p(y.f), p(y.half))
	if o.act == cpu.SoftMax {
		m.list.Kernel("bias_softmax", i32(rows), i32(sp.in), p(y.f), p(0), p(y.f), p(y.half))
	}
	return y
}

// linear is the activation of BatchNorm's kernels, which leave SoftMax to its own.
func linear(a cpu.Act) cpu.Act {
	if a == cpu.SoftMax {
		return cpu.Linear
	}
	return a
}

func (o *normBackOp) emit(m *machine, in []place) place {
	n := o.of
	sp, rows, name := o.of.g.net.spans[n.layer], o.of.g.rows, fmt.Sprint("layer ", n.layer)
	gamma, dgamma := m.o.param(sp.w)
	beta, dbeta := m.o.param(sp.b)
	d, y := in[0], in[1]
	if n.act == cpu.SoftMax {
		m.list.Kernel("back_softmax", i32(rows), i32(sp.in), p(y.f), p(d.f), p(0))
	}
	m.list.Kernel("norm_back", i32(int(linear(n.act))), i32(rows), i32(sp.in), p(y.f), p(m.floats(o.of.g, name+" hat", sp.in)), p(m.room(o.of.g.prefix+name+" inv", 4*sp.in)),
		p(gamma.f), p(beta.f), p(d.f), p(d.f), p(dgamma), p(dbeta), p(0))
	return place{f: d.f}
}

// emit computes the classifier's scores, their cross-entropy and its gradient, and hands
// the code on.
func (o *headOp) emit(m *machine, in []place) place {
	rows, head, x := o.g.rows, o.g.net.spec.Head, in[0]
	for i, l := range head {
		sp, name := o.g.net.spans[len(o.g.net.spec.Layers)+i], fmt.Sprint("head ", i)
		w, _ := m.o.param(sp.w)
		b, _ := m.o.param(sp.b)
		z := m.floats(o.g, name, sp.out)
		m.list.MatMul(m.o.product(rows, sp.out, sp.in, false, false, x, w, z))
		if i == len(head)-1 {
			m.list.Kernel("entropy", p(m.o.plan), p(m.o.state), i32(rows), i32(sp.out), p(z), p(b.f), p(m.o.classes[0]), gpu.U64(uint64(m.o.samples)),
				p(m.floats(o.g, fmt.Sprint("head delta ", i), sp.out)), p(m.o.sums[1]), p(m.o.sums[2]))
			break
		}
		x = place{z, m.halves(o.g, name, sp.out)}
		if l.Act.NeedsInput() {
			x.f = m.floats(o.g, name+" values", sp.out)
		}
		m.list.Kernel("bias_act", p(m.o.state), i32(int(l.Act)), i32(rows), i32(sp.out), p(z), p(b.f), p(x.f), gpu.F32(1), gpu.U64(0), p(0), p(x.half))
	}
	return in[0]
}

func (o *headBackOp) emit(m *machine, in []place) place {
	rows, s := o.of.g.rows, o.of.g.net.spec
	values := func(i int) (z gpu.Ptr, y place) { // of layer i, −1 the code
		if i < 0 {
			return 0, in[1]
		}
		n, name := s.Head[i].Width, fmt.Sprint("head ", i)
		z = m.floats(o.of.g, name, n)
		y = place{z, m.halves(o.of.g, name, n)}
		if s.Head[i].Act.NeedsInput() {
			y.f = m.floats(o.of.g, name+" values", n)
		}
		return z, y
	}
	for i := len(s.Head) - 1; i >= 0; i-- {
		sp, name := o.of.g.net.spans[len(s.Layers)+i], fmt.Sprint("head delta ", i)
		w, gw := m.o.param(sp.w)
		_, gb := m.o.param(sp.b)
		z, y := values(i)
		d := place{m.floats(o.of.g, name, sp.out), m.halves(o.of.g, name, sp.out)}
		m.list.Kernel("back", p(m.o.state), i32(int(s.Head[i].Act)), i32(rows), i32(sp.out), p(z), p(y.f), gpu.F32(1), gpu.U64(0),
			p(d.f), p(d.half), p(gb), p(m.o.sums[0]), p(m.o.sums[2]))
		_, x := values(i - 1)
		m.list.Beside(func() { m.list.MatMul(m.o.product(sp.in, sp.out, rows, true, false, x, d, gw)) })
		to := in[0].f
		if i > 0 {
			to = m.floats(o.of.g, fmt.Sprint("head delta ", i-1), sp.in)
		}
		back := m.o.product(rows, sp.in, sp.out, false, true, d, w, to)
		if i == 0 {
			back.Beta = 1
		}
		m.list.MatMul(back)
	}
	return place{f: in[0].f}
}

// drawn is where the codes that a layer draws lie.
func (m *machine) drawn(g *graph, layer, k int) place {
	name := fmt.Sprint("layer ", layer)
	return place{m.floats(g, name, k), m.halves(g, name, k)}
}

func (o *sampleOp) emit(m *machine, in []place) place {
	k, name := o.cols, fmt.Sprint("layer ", o.layer)
	z := m.drawn(o.g, o.layer, k)
	told := 1
	if o.g.of != nil {
		told = 0 // a learning curve tells the samples' divergence
	}
	m.list.Kernel("sample", p(m.o.state), gpu.U64(uint64(o.g.rows)*uint64(k)), i32(k), i32(told), gpu.U64(dropoutSeed(o.g.seed, o.layer)^o.g.noise^sampleSeed), gpu.U64(0),
		p(in[0].f), p(m.floats(o.g, name+" noise", k)), p(z.f), p(z.half), p(m.o.sums[1]), p(m.o.sums[2]))
	return z
}

func (o *sampleBackOp) emit(m *machine, in []place) place {
	k, rows := o.of.cols, o.of.g.rows
	d := place{f: m.floats(o.of.g, fmt.Sprint("back ", o.of.layer), 2*k)}
	extra := gpu.Ptr(0)
	if m.pair != nil && m.pair.cell.net.spec.Pair.Gamma > 0 {
		extra = m.floats(o.of.g, "extra", k)
	}
	m.list.Kernel("sample_back", p(m.o.plan), p(m.o.state), gpu.U64(uint64(rows)*uint64(k)), i32(k), gpu.U64(uint64(o.of.g.values())),
		p(in[0].f), p(extra), p(in[1].f), p(m.floats(o.of.g, fmt.Sprint("layer ", o.of.layer, " noise"), k)), p(d.f))
	return d
}

func (o *takenOp) emit(*machine, []place) place { return place{} }

// measure puts the watched samples' error into the queue, without noise or dropout.
func (o *onGPU) measure() error {
	t, s := o.t, o.t.net.spec
	if err := o.d.Zero(o.watched, stateBytes, o.main); err != nil {
		return err
	}
	if s.Pair != nil {
		if err := o.outputWeights(); err != nil {
			return err
		}
	}
	rows := min(watchRows, t.data.WatchN)
	if o.stream != nil {
		rows = min(rows, o.stream.rows)
		if rows > 1 {
			rows &^= 1 // noise is drawn for pairs of values
		}
	}
	most := rows
	if s.Pair != nil {
		most = watchRows // features share the room
	}
	for lo := 0; lo < t.data.WatchN; lo += rows {
		r := min(rows, t.data.WatchN-lo)
		x, target := o.watch+gpu.Ptr(4*lo*s.In), o.watchTo+gpu.Ptr(4*lo*s.Targets())
		if o.stream != nil {
			if err := o.stream.bring(r, func(i int) int { return lo + i }, &t.watch, &t.watchWant); err != nil {
				return err
			}
			first := gpu.Ptr(4 * o.stream.half * o.stored)
			x, target = o.x+first*gpu.Ptr(s.In), o.target+first*gpu.Ptr(s.Targets())
		}
		if err := o.forward(x, target, lo, r, most); err != nil {
			return err
		}
	}
	return nil
}

// forward runs samples, the watched ones from lo, through the network and adds their
// loss to watched. The most rows of a call decide its room.
func (o *onGPU) forward(x, target gpu.Ptr, lo, rows, most int) error {
	net, s := o.t.net, o.t.net.spec
	cur, act, bias, err := o.through(net, x, lo, rows, most)
	if err != nil {
		return err
	}
	if s.Pair != nil {
		if cur, bias, err = o.pairOutputs(cur, rows, most); err != nil {
			return err
		}
	}
	if s.Loss.likely() {
		n := s.Targets()
		spread, _ := o.param(len(net.params) - n)
		if s.Loss == Gaussian {
			return o.d.Kernel("gaussian", o.main, p(o.watched), i32(rows), i32(n), p(cur.f), p(bias), p(target), p(spread.f), p(0), p(0), p(0), p(0), p(0), p(o.sums[1]), p(o.sums[2]))
		}
		return o.d.Kernel("counts", o.main, p(o.watched), i32(rows), i32(n), i32(s.Out()), p(cur.f), p(bias), p(target), p(spread.f), p(0), p(0), p(o.sums[1]), p(o.sums[2]))
	}
	kind := 0
	if s.Loss == MAE {
		kind = 1
	}
	return o.d.Kernel("loss", o.main, p(o.watched), i32(int(act)), i32(kind), i32(rows), i32(s.Out()), p(cur.f), p(bias), p(target), p(o.units),
		p(0), p(0), p(0), p(0), p(0), p(o.sums[1]), p(o.sums[2]))
}

// widest is how many values a row of what watching passes on has at most.
func (o *onGPU) widest() int {
	s := o.t.net.spec
	n := max(s.In, s.Targets())
	for _, sp := range o.t.net.spans {
		n = max(n, sp.in, sp.out)
	}
	return n
}

// aside is room of that name for what watching passes on, of the most rows.
func (o *onGPU) aside(name string, most int) (y place, err error) {
	n := int64(o.widest()) * int64(most)
	if y.f, err = o.temp("watch "+name, 4*n); err == nil && o.half != 0 {
		y.half, err = o.temp("watch half "+name, 2*n)
	}
	return y, err
}

// through runs samples through a network's layers, the feature-wise half's with the means
// of the codes. Of a dense layer at the end it leaves activation and bias to the caller,
// unless its values are wanted.
func (o *onGPU) through(net *Net, x gpu.Ptr, lo, rows, most int) (y place, act cpu.Act, bias gpu.Ptr, err error) {
	s, half := net.spec, net != o.t.net
	if half {
		s.Head = nil
	}
	var side [2]place
	for i := range side {
		if side[i], err = o.aside(fmt.Sprint(i), most); err != nil {
			return y, act, bias, err
		}
	}
	cur, turn := place{f: x}, 0
	if o.half != 0 {
		cur.half = side[1].half
		if err := o.d.Kernel("bfloat16", o.main, gpu.U64(uint64(rows)*uint64(s.In)), p(x), p(cur.half)); err != nil {
			return y, act, bias, err
		}
	}
	act, moments := cpu.Linear, 0
	last := len(s.Layers) - 1
	for last > 0 && s.Layers[last].Kind == Dropout {
		last--
	}
	judgeLast := len(s.Head) > 0 && s.Code > last
	wanted := judgeLast || s.Pair != nil || half
	for i, l := range s.Layers[:last+1] {
		if s.judges(i) {
			if err := o.judge(cur, lo, rows, most); err != nil {
				return y, act, bias, err
			}
		}
		sp, y := net.spans[i], side[turn]
		w, _ := o.param(max(0, sp.w))
		var err error
		switch l.Kind {
		case Dropout:
			continue
		case Sample:
			k := sp.out
			if half {
				err = o.d.Kernel("choose", o.main, i32(rows), i32(2*k), i32(k), p(o.first), p(cur.f), p(y.f), p(y.half))
				break
			}
			err = o.d.Kernel("sample", o.main, p(o.watched), gpu.U64(uint64(rows)*uint64(k)), i32(k), i32(1), gpu.U64(watchSeed^sampleSeed), gpu.U64(uint64(lo*k+lo*k%2)),
				p(cur.f), p(0), p(y.f), p(y.half), p(o.sums[1]), p(o.sums[2]))
		case BatchNorm:
			b, _ := o.param(sp.b)
			err = o.d.Kernel("norm_apply", o.main, i32(int(linear(l.Act))), i32(rows), i32(sp.in), p(cur.f), p(w.f), p(b.f), p(o.norms+gpu.Ptr(4*moments)), p(y.f), p(y.half))
			moments += 2 * sp.in
			if l.Act == cpu.SoftMax && err == nil {
				err = o.d.Kernel("bias_softmax", o.main, i32(rows), i32(sp.in), p(y.f), p(0), p(y.f), p(y.half))
			}
		case Dense:
			b, _ := o.param(sp.b)
			if err = o.multiply(o.product(rows, sp.out, sp.in, false, false, cur, w, y.f)); err != nil {
				return y, act, bias, err
			}
			switch {
			case l.Act == cpu.SoftMax:
				err = o.d.Kernel("bias_softmax", o.main, i32(rows), i32(sp.out), p(y.f), p(b.f), p(y.f), p(y.half))
			case i == last && !wanted:
				act, bias = l.Act, b.f
			default:
				values := y.f
				if l.Act.NeedsInput() { // its sums stay where they are
					if values, err = o.temp("watch values", 4*int64(o.widest())*int64(most)); err != nil {
						return y, act, bias, err
					}
				}
				err = o.d.Kernel("bias_act", o.main, p(0), i32(int(l.Act)), i32(rows), i32(sp.out), p(y.f), p(b.f), p(values), gpu.F32(1), gpu.U64(0), p(0), p(y.half))
				y.f = values
			}
		}
		if err != nil {
			return y, act, bias, err
		}
		cur, turn = y, 1-turn
	}
	if judgeLast {
		if err := o.judge(cur, lo, rows, most); err != nil {
			return y, act, bias, err
		}
	}
	return cur, act, bias, nil
}

// judge runs codes of watched samples from lo through the classifier and adds its
// cross-entropy to watched.
func (o *onGPU) judge(x place, lo, rows, most int) error {
	net := o.t.net
	head := net.spec.Head
	for i, l := range head {
		sp := net.spans[len(net.spec.Layers)+i]
		w, _ := o.param(sp.w)
		b, _ := o.param(sp.b)
		var y place
		var err error
		if y.f, err = o.temp(fmt.Sprint("judge ", i), 4*int64(sp.out)*int64(most)); err != nil {
			return err
		}
		if err = o.multiply(o.product(rows, sp.out, sp.in, false, false, x, w, y.f)); err != nil {
			return err
		}
		if i == len(head)-1 {
			return o.d.Kernel("entropy", o.main, p(o.plan), p(o.watched), i32(rows), i32(sp.out), p(y.f), p(b.f), p(o.classes[1]+gpu.Ptr(4*lo)), gpu.U64(uint64(rows)),
				p(0), p(o.sums[1]), p(o.sums[2]))
		}
		if o.half != 0 {
			if y.half, err = o.temp(fmt.Sprint("judge half ", i), 2*int64(sp.out)*int64(most)); err != nil {
				return err
			}
		}
		z := y.f
		if l.Act.NeedsInput() {
			if y.f, err = o.temp(fmt.Sprint("judge values ", i), 4*int64(sp.out)*int64(most)); err != nil {
				return err
			}
		}
		if err = o.d.Kernel("bias_act", o.main, p(0), i32(int(l.Act)), i32(rows), i32(sp.out), p(z), p(b.f), p(y.f), gpu.F32(1), gpu.U64(0), p(0), p(y.half)); err != nil {
			return err
		}
		x = y
	}
	return nil
}

// multiply puts a product outside a list into the queue; the first of its shape has
// the fastest algorithm sought.
func (o *onGPU) multiply(m gpu.MatMul) error {
	if shape := [3]int{m.M, m.N, m.K}; !o.tried[shape] {
		o.tried[shape] = true
		if err := o.d.Prepare(m, o.main); err != nil {
			return err
		}
	}
	return o.d.MatMul(m, o.main)
}
