package nn

import (
	"github.com/gxlab/gxlab/gx/nn/gpu"
)

// pairOnGPU is what the training of a pair takes of a GPU besides. At each step it takes
// the biases and spreads of the step's features from where they lie, with the optimiser's
// state of them, and puts them back after the optimiser's step: those of the others stay as
// they are.
type pairOnGPU struct {
	profiles  gpu.Ptr // of the features
	turns     gpu.Ptr // features of an epoch's steps, 32 bits each
	turnsHost []byte
	now       gpu.Ptr    // those of the step under way
	picked    [4]gpu.Ptr // their biases b, c and spreads: values, gradients, moments
	first     gpu.Ptr    // 0, 1, 2, ...: the first columns of a matrix
	outputs   place      // all features' weights, for watching
}

// pairSize is how many features there are, what lies between their parameters of a kind,
// and how many a step takes.
func (o *onGPU) pairSize() (n, pitch, m int) {
	s := o.t.net.spec
	return s.In, (s.In + align - 1) / align * align, s.Pair.batch(s.In)
}

// pairBytes is what a pair needs beside what other networks do.
func (o *onGPU) pairBytes() int64 {
	s := o.t.net.spec
	if s.Pair == nil {
		return 0
	}
	n, _, m := o.pairSize()
	row := int64(s.Pair.In)
	for _, sp := range o.t.net.spans[len(s.Layers):] {
		row += 4 * int64(sp.out)
	}
	perValue := int64(4)
	if o.precision == gpu.BFloat16 {
		perValue = 6
	}
	row = row*int64(m) + 3*int64(o.rows)*int64(m) + int64(n)*int64(s.width(len(s.Layers))) + 3*int64(o.widest())*watchRows
	return perValue*row + 4*int64(n)*int64(s.Pair.In) + 4*int64(o.t.batches())*int64(m) + 64*int64(m)
}

// takePair takes room for a pair and brings the features' profiles.
func (o *onGPU) takePair() (err error) {
	t, s := o.t, o.t.net.spec
	if s.Pair == nil {
		return nil
	}
	n, _, m := o.pairSize()
	ends, turns := s.width(len(s.Layers)), 4*int64(t.batches())*int64(m)
	first := make([]int32, s.CodeSize())
	for i := range first {
		first[i] = int32(i)
	}
	for _, v := range []struct {
		to    *gpu.Ptr
		bytes int64
	}{
		{&o.profiles, 4 * int64(n) * int64(s.Pair.In)}, {&o.turns, turns}, {&o.now, 4 * int64(m)}, {&o.first, 4 * int64(len(first))}, {&o.outputs.f, 4 * int64(n) * int64(ends)},
	} {
		if *v.to, err = o.room(v.bytes); err != nil {
			return err
		}
	}
	if o.half != 0 {
		if o.outputs.half, err = o.room(2 * int64(n) * int64(ends)); err != nil {
			return err
		}
	}
	for i, with := range []bool{true, true, t.m != nil, t.v != nil} {
		if with {
			if o.picked[i], err = o.zeros(4 * 3 * int64(m)); err != nil {
				return err
			}
		}
	}
	if o.turnsHost, err = o.d.AllocHost(turns); err != nil {
		return err
	}
	if err := o.d.Upload(o.first, bytesOf(first), o.main); err != nil {
		return err
	}
	return o.pump.Floats(o.profiles, t.data.Features)
}

// epochOfPair brings the features of an epoch's steps.
func (o *onGPU) epochOfPair() error {
	t := o.t
	if t.net.spec.Pair == nil {
		return nil
	}
	_, _, m := o.pairSize()
	index, to := make([]int, m), valuesOf[int32](o.turnsHost)
	for i := range t.batches() {
		t.featuresOf(t.steps-uint64(t.at)+uint64(i), index)
		for j, f := range index {
			to[i*m+j] = int32(f)
		}
	}
	return o.d.Upload(o.turns, o.turnsHost, o.main)
}

// told is the sum of an epoch's losses as a learning curve tells it: of a pair those of a
// step's features stand for all. untold is what the GPU has of it.
func (o *onGPU) told(sum, kl float64) float64 {
	if o.t.net.spec.Pair == nil {
		return sum
	}
	n, _, m := o.pairSize()
	return (sum-kl)*float64(n)/float64(m) + kl
}

func (o *onGPU) untold(sum, kl float64) float64 {
	if o.t.net.spec.Pair == nil {
		return sum
	}
	n, _, m := o.pairSize()
	return (sum-kl)*float64(m)/float64(n) + kl
}

// features gathers a step's features: their parameters, profiles and values in the batch.
func (m *machine) features() {
	o, f := m.o, m.pair.feature
	n, pitch, count := o.pairSize()
	at := gpu.Ptr(4 * o.common)
	moment := func(i int) gpu.Ptr {
		if o.moment[i] == 0 {
			return 0
		}
		return o.moment[i] + at
	}
	m.list.Kernel("pick", p(o.state), i32(count), i32(pitch), p(o.turns), gpu.U64(uint64(o.t.batches())), p(o.now),
		p(o.w+at), p(moment(0)), p(moment(1)), p(o.picked[0]), p(o.picked[2]), p(o.picked[3]))
	width := f.net.spec.In
	x := place{m.floats(f, "x", width), m.halves(f, "x", width)}
	m.list.Kernel("gather", p(0), p(o.now), gpu.U64(uint64(count)), p(o.profiles), gpu.U64(uint64(n)), i32(count), i32(width), p(x.f), p(x.half))
	m.at[f.x] = x
	m.list.Kernel("choose", i32(m.g.rows), i32(n), i32(count), p(o.now), p(m.at[m.g.x].f), p(m.floats(m.g, "target", count)), p(0))
}

// takePicked is the optimiser's step on the parameters that were picked.
func (m *machine) takePicked() {
	o := m.o
	_, pitch, count := o.pairSize()
	m.optimise(pace{0, 3 * int64(count), 1}, 0, 0, i32(0), p(0), o.picked, 0)
	at, moment := gpu.Ptr(4*o.common), o.moment
	for i := range moment {
		if moment[i] != 0 {
			moment[i] += at
		}
	}
	m.list.Kernel("put", i32(count), i32(pitch), p(o.now), p(o.picked[0]), p(o.picked[2]), p(o.picked[3]), p(o.w+at), p(moment[0]), p(moment[1]))
}

// emit computes the outputs with their loss and, with Gamma, what the codes explain, with
// its gradient by both of them.
func (o *pairOp) emit(m *machine, in []place) place {
	g, f := o.of.cell, o.of.feature
	rows, n, k := g.rows, f.rows, g.sample.cols
	part := func(of, i int) gpu.Ptr { return m.o.picked[of] + gpu.Ptr(4*i*n) }
	want := m.floats(g, "target", n)
	d := place{m.floats(g, "delta", n), m.halves(g, "delta", n)}
	m.list.MatMul(m.o.product(rows, n, o.h, false, true, in[0], in[1], d.f))
	m.list.Kernel("gaussian", p(m.o.state), i32(rows), i32(n), p(d.f), p(part(0, 0)), p(want), p(part(0, 2)),
		p(d.f), p(d.half), p(part(1, 0)), p(part(1, 2)), p(m.o.sums[0]), p(m.o.sums[1]), p(m.o.sums[2]))
	if gamma := g.net.spec.Pair.Gamma; gamma > 0 {
		z, v := m.code(g), m.code(f)
		e := place{m.floats(g, "delta of codes", n), m.halves(g, "delta of codes", n)}
		m.list.MatMul(m.o.product(rows, n, k, false, true, z, v, e.f))
		m.list.Kernel("squares", p(m.o.state), i32(rows), i32(n), gpu.F32(float32(gamma/float64(rows*n))), gpu.U64(uint64(g.net.spec.Pair.GammaSteps)), p(e.f), p(part(0, 1)), p(want),
			p(e.f), p(e.half), p(part(1, 1)), p(m.o.sums[0]), p(m.o.sums[2]))
		m.list.MatMul(m.o.product(rows, k, n, false, false, e, v, m.floats(g, "extra", k)))
		m.list.MatMul(m.o.product(n, k, rows, true, false, e, z, m.floats(f, "extra", k)))
	}
	return d
}

// emit takes the error of the outputs back to either half.
func (o *pairBackOp) emit(m *machine, in []place) place {
	g, f := o.of.of.cell, o.of.of.feature
	h, d := o.of.h, in[2]
	to := place{f: m.floats(o.g(), "back", h)}
	if o.feature {
		m.list.MatMul(m.o.product(f.rows, h, g.rows, true, false, d, in[0], to.f))
	} else {
		m.list.MatMul(m.o.product(g.rows, h, f.rows, false, false, d, in[1], to.f))
	}
	return to
}

// g is the half that the gradient is of.
func (o *pairBackOp) g() *graph {
	if o.feature {
		return o.of.of.feature
	}
	return o.of.of.cell
}

// code is where a half's drawn codes lie.
func (m *machine) code(g *graph) place { return m.drawn(g, g.sample.layer, g.sample.cols) }

// outputWeights computes the weights of all features for watching.
func (o *onGPU) outputWeights() error {
	s, net := o.t.net.spec, o.t.net.Feature()
	n, _, _ := o.pairSize()
	h, width := s.width(len(s.Layers)), s.Pair.In
	for lo := 0; lo < n; lo += watchRows {
		r := min(watchRows, n-lo)
		w, _, _, err := o.through(net, o.profiles+gpu.Ptr(4*lo*width), lo, r, watchRows)
		if err != nil {
			return err
		}
		if err := o.d.Copy(o.outputs.f+gpu.Ptr(4*lo*h), w.f, int64(4*r*h), o.main); err != nil {
			return err
		}
	}
	if o.half == 0 {
		return nil
	}
	return o.d.Kernel("bfloat16", o.main, gpu.U64(uint64(n)*uint64(h)), p(o.outputs.f), p(o.outputs.half))
}

// pairOutputs brings the cell-wise half's last values of watched samples to outputs
// without their bias, which it returns as well.
func (o *onGPU) pairOutputs(x place, rows, most int) (y place, bias gpu.Ptr, err error) {
	s := o.t.net.spec
	if y, err = o.aside("outputs", most); err != nil {
		return y, 0, err
	}
	b, _ := o.param(len(o.t.net.params) - 3*s.In)
	return y, b.f, o.multiply(o.product(rows, s.In, s.width(len(s.Layers)), false, true, x, o.outputs, y.f))
}
