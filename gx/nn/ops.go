package nn

import (
	"fmt"
	"hash"
	"hash/fnv"
	"math"

	"github.com/chewxy/hm"
	G "gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/gxlab/gxlab/gx/nn/cpu"
)

// matrix is the type of every value in our graphs but the loss.
var matrix = G.TensorType{Dims: 2, Of: tensor.Float32}

// op is the plumbing that our operations share: n matrices in, one rows × cols out,
// which is kept in the operation where the graph runs on the CPU.
type op struct {
	name       string
	id         int
	n          int
	rows, cols int
	pool       *cpu.Pool
	out        *tensor.Dense
}

func (o *op) Arity() int { return o.n }

func (o *op) Type() hm.Type {
	ts := make([]hm.Type, o.n+1)
	for i := range ts {
		ts[i] = matrix
	}
	return hm.NewFnType(ts...)
}

func (o *op) InferShape(...G.DimSizer) (tensor.Shape, error) {
	return tensor.Shape{o.rows, o.cols}, nil
}
func (o *op) ReturnsPtr() bool     { return true }
func (o *op) CallsExtern() bool    { return false }
func (o *op) OverwritesInput() int { return -1 }
func (o *op) String() string       { return o.name }

// result is the memory of the result, where there is any.
func (o *op) result() []float32 {
	if o.out == nil {
		return nil
	}
	return o.out.Float32s()
}

// WriteHash tells operations apart: each has its own buffers, so no two are the
// same and Gorgonia must not merge them.
func (o *op) WriteHash(h hash.Hash) { fmt.Fprintf(h, "gxlab %s %d", o.name, o.id) }

func (o *op) Hashcode() uint32 {
	h := fnv.New32a()
	o.WriteHash(h)
	return h.Sum32()
}

func values(v G.Value) []float32 { return v.(*tensor.Dense).Float32s() }

func dense(rows, cols int, backing []float32) *tensor.Dense {
	return tensor.New(tensor.WithShape(rows, cols), tensor.WithBacking(backing))
}

// denseOp is y = act(x·w + b), rows × width.
type denseOp struct {
	op
	g     *graph
	layer int
	act   cpu.Act
	first bool      // no derivative by x is wanted
	z     []float32 // the sums, where the derivative needs them
	// inLoss says that the loss gives the gradient by the sums already.
	inLoss bool
}

func (o *denseOp) Do(in ...G.Value) (G.Value, error) {
	x, w, b := values(in[0]), values(in[1]), values(in[2])
	y := o.out.Float32s()
	sp, rows := o.g.net.spans[o.layer], o.g.rows
	z := y
	if o.z != nil {
		z = o.z
	}
	if o.act == cpu.SoftMax {
		o.pool.Gemm(false, false, rows, sp.out, sp.in, x, sp.in, w, sp.out, 0, z, sp.out)
		o.pool.BiasAct(o.act, rows, sp.out, z, b, y)
		return o.out, nil
	}
	o.pool.GemmThen(false, false, rows, sp.out, sp.in, x, sp.in, w, sp.out, z, sp.out, func(i0, i1, j0, j1 int) {
		o.pool.BiasActPart(o.act, i0, i1, j0, j1, sp.out, z, b, y)
	})
	return o.out, nil
}

func (o *denseOp) DiffWRT(int) []bool { return []bool{!o.first, true, true} }

func (o *denseOp) SymDiff(in G.Nodes, y, grad *G.Node) (G.Nodes, error) {
	sp, g := o.g.net.spans[o.layer], o.g
	delta, err := G.ApplyOp(&deltaOp{op: g.op("delta", 2, o.rows, o.cols, nothing), dense: o}, grad, y)
	if err != nil {
		return nil, err
	}
	var room []float32
	if o.first {
		room = g.in // of the right shape; not written
	}
	back, err := G.ApplyOp(&backOp{op: g.op("back", 3, g.rows, sp.in, room), dense: o}, delta, in[0], in[1])
	if err != nil {
		return nil, err
	}
	dw, err := g.taken(back, sp.in, sp.out, sp.w)
	if err != nil {
		return nil, err
	}
	db, err := g.taken(back, 1, sp.out, sp.b)
	if o.first {
		back = nil
	}
	return G.Nodes{back, dw, db}, err
}

// deltaOp is the gradient by a layer's sums, grad · act′, in the place of grad,
// which nothing else reads.
type deltaOp struct {
	op
	dense *denseOp
}

func (o *deltaOp) Do(in ...G.Value) (G.Value, error) {
	if d := o.dense; !d.inLoss {
		o.pool.ActGrad(d.act, d.g.rows, d.g.net.spans[d.layer].out, d.z, values(in[1]), values(in[0]))
	}
	return in[0], nil
}

// backOp takes a layer's error delta back: to its input, delta·wᵀ, and then to its
// weights, xᵀ·delta, and biases, whose gradients are taken tile by tile and never
// kept whole.
type backOp struct {
	op
	dense *denseOp
}

func (o *backOp) Do(in ...G.Value) (G.Value, error) {
	delta, x, w := values(in[0]), values(in[1]), values(in[2])
	g, sp := o.dense.g, o.dense.g.net.spans[o.dense.layer]
	if !o.dense.first {
		o.pool.Gemm(false, true, g.rows, sp.in, sp.out, delta, sp.out, w, sp.out, 0, o.out.Float32s(), sp.in)
	}
	if g.lost() {
		return o.out, nil
	}
	o.pool.GemmEach(true, false, sp.in, sp.out, g.rows, x, sp.in, delta, sp.out, func(i0, i1, j0, j1 int, tile []float32, ld int) {
		if j1-j0 == sp.out && ld == sp.out {
			g.take(sp.w+i0*ld, tile[:(i1-i0)*ld], true)
			return
		}
		for i := i0; i < i1; i++ {
			g.take(sp.w+i*sp.out+j0, tile[(i-i0)*ld:][:j1-j0], true)
		}
	})
	db := g.small[:sp.out]
	o.pool.ColSums(g.rows, sp.out, delta, db)
	g.take(sp.b, db, false)
	return o.out, nil
}

// lossOp is the loss of outputs against targets, and its gradient in the same
// pass, which lossGradOp hands on.
type lossOp struct {
	op
	kind Loss
	act  cpu.Act // of the outputs, where the gradient is by their sums
	sum  float64 // Σ over samples and outputs of the last batch
	g    *graph  // of a likelihood
	ds   []float32
}

func (o *lossOp) Type() hm.Type { return hm.NewFnType(matrix, matrix, tensor.Float32) }

func (o *lossOp) InferShape(...G.DimSizer) (tensor.Shape, error) { return tensor.ScalarShape(), nil }

func (o *lossOp) Do(in ...G.Value) (G.Value, error) {
	y, x, d := values(in[0]), values(in[1]), o.out.Float32s()
	if o.kind.likely() {
		scale := 1 / float64(len(x))
		o.sum = sum64(likelihood(o.pool, o.kind, o.rows, len(x)/o.rows, y, x, o.g.net.Spread(), d, o.ds, scale))
		return G.NewF32(float32(o.sum * scale)), nil
	}
	scale := 1 / float32(len(y))
	if o.kind == MAE {
		o.sum = o.pool.MAEDelta(o.act, y, x, d, scale)
	} else {
		o.sum = o.pool.MSEDelta(o.act, y, x, d, scale)
	}
	return G.NewF32(float32(o.sum / float64(len(y)))), nil
}

func (o *lossOp) DiffWRT(int) []bool { return []bool{true, false} }

func (o *lossOp) SymDiff(in G.Nodes, y, _ *G.Node) (G.Nodes, error) {
	d, err := G.ApplyOp(&lossGradOp{op: op{name: "lossgrad", id: o.id, n: 3, rows: o.rows, cols: o.cols, out: o.out}, of: o}, in[0], in[1], y)
	return G.Nodes{d, nil}, err
}

type lossGradOp struct {
	op
	of *lossOp
}

func (o *lossGradOp) Type() hm.Type { return hm.NewFnType(matrix, matrix, tensor.Float32, matrix) }

// Do hands the gradient on and takes that by a likelihood's spreads.
func (o *lossGradOp) Do(...G.Value) (G.Value, error) {
	if l := o.of; l.ds != nil && !l.g.lost() {
		l.g.take(len(l.g.net.params)-len(l.ds), l.ds, false)
	}
	return o.out, nil
}

// dropoutOp hides a share of its input, by a mask that depends on the graph's
// step.
type dropoutOp struct {
	op
	g     *graph
	layer int
	keep  float32
	mask  []float32
}

func (o *dropoutOp) Do(in ...G.Value) (G.Value, error) {
	x := values(in[0])
	o.pool.Dropout(o.keep, dropoutSeed(o.g.seed, o.layer), o.g.step*uint64(1<<32), x, o.out.Float32s(), o.mask)
	return o.out, nil
}

func (o *dropoutOp) DiffWRT(int) []bool { return []bool{true} }

func (o *dropoutOp) SymDiff(in G.Nodes, y, grad *G.Node) (G.Nodes, error) {
	d, err := G.ApplyOp(&maskOp{op: o.g.op("mask", 1, o.rows, o.cols, nothing), of: o}, grad)
	return G.Nodes{d}, err
}

// maskOp hides the same share of the gradient, in its place.
type maskOp struct {
	op
	of *dropoutOp
}

func (o *maskOp) Do(in ...G.Value) (G.Value, error) {
	o.pool.Mul(o.of.mask, values(in[0]))
	return in[0], nil
}

// The constants of BatchNorm, PyTorch's defaults.
const (
	bnEps      = 1e-5
	bnMomentum = 0.1
)

// normOp is BatchNorm with its activation while training: y = act(γ·x̂ + β) with x̂
// normalised over the batch.
type normOp struct {
	op
	g     *graph
	layer int
	at    int // of its running moments
	act   cpu.Act
	xhat  []float32
	z     []float32
	inv   []float32 // 1/√(variance + ε) per column
}

func (o *normOp) Do(in ...G.Value) (G.Value, error) {
	x, gamma, beta := values(in[0]), values(in[1]), values(in[2])
	rows, n := o.g.rows, o.g.net.spans[o.layer].in
	mom := o.g.net.moments[o.at : o.at+2*n]
	o.pool.Run(n, 64, func(lo, hi int) {
		for j := lo; j < hi; j++ {
			mean, ss := 0.0, 0.0
			for r := range rows {
				mean += float64(x[r*n+j])
			}
			mean /= float64(rows)
			for r := range rows {
				d := float64(x[r*n+j]) - mean
				ss += d * d
			}
			inv := 1 / math.Sqrt(ss/float64(rows)+bnEps)
			o.inv[j] = float32(inv)
			for r := range rows {
				v := float32((float64(x[r*n+j]) - mean) * inv)
				o.xhat[r*n+j] = v
				o.z[r*n+j] = gamma[j]*v + beta[j]
			}
			unbiased := ss / float64(max(1, rows-1))
			mom[j] += bnMomentum * (float32(mean) - mom[j])
			mom[n+j] += bnMomentum * (float32(unbiased) - mom[n+j])
		}
	})
	o.pool.BiasAct(o.act, rows, n, o.z, nil, o.out.Float32s())
	return o.out, nil
}

func (o *normOp) DiffWRT(int) []bool { return []bool{true, true, true} }

func (o *normOp) SymDiff(in G.Nodes, y, grad *G.Node) (G.Nodes, error) {
	sp, rows := o.g.net.spans[o.layer], o.g.rows
	back := &normBackOp{op: o.g.op("normback", 3, rows, sp.in, nil), of: o}
	dx, err := G.ApplyOp(back, grad, y, in[1])
	if err != nil {
		return nil, err
	}
	dg, err := o.g.taken(dx, 1, sp.in, sp.w)
	if err != nil {
		return nil, err
	}
	db, err := o.g.taken(dx, 1, sp.in, sp.b)
	return G.Nodes{dx, dg, db}, err
}

// normBackOp is the gradient of normOp by its input; those by γ and β are taken on
// the way.
type normBackOp struct {
	op
	of *normOp
}

func (o *normBackOp) Do(in ...G.Value) (G.Value, error) {
	grad, y, gamma := values(in[0]), values(in[1]), values(in[2])
	g, n, rows := o.of.g, o.of.g.net.spans[o.of.layer].in, o.of.g.rows
	sp := g.net.spans[o.of.layer]
	o.pool.ActGrad(o.of.act, rows, n, o.of.z, y, grad) // nothing else reads it
	dx, d, xh := o.out.Float32s(), grad, o.of.xhat
	dgamma, dbeta := g.small[:n], g.small[n:2*n]
	o.pool.Run(n, 64, func(lo, hi int) {
		for j := lo; j < hi; j++ {
			sd, sx := 0.0, 0.0
			for r := range rows {
				sd += float64(d[r*n+j])
				sx += float64(d[r*n+j]) * float64(xh[r*n+j])
			}
			dgamma[j], dbeta[j] = float32(sx), float32(sd)
			c := float64(gamma[j]) * float64(o.of.inv[j])
			for r := range rows {
				dx[r*n+j] = float32(c * (float64(d[r*n+j]) - sd/float64(rows) - float64(xh[r*n+j])*sx/float64(rows)))
			}
		}
	})
	if !g.lost() {
		g.take(sp.w, dgamma, false)
		g.take(sp.b, dbeta, false)
	}
	return o.out, nil
}

// takenOp stands for a gradient that has been taken already. Its value is the
// parameters' own, which have its shape; nothing reads it.
type takenOp struct{ op }

func (o *takenOp) Do(...G.Value) (G.Value, error) { return o.out, nil }

// taken is the gradient of the parameters from at, which the node from takes.
func (g *graph) taken(from *G.Node, r, c, at int) (*G.Node, error) {
	return G.ApplyOp(&takenOp{g.op("taken", 1, r, c, g.net.params[at:at+r*c])}, from)
}
