package nn

import (
	"fmt"

	G "gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/gxlab/gxlab/gx/nn/cpu"
)

// graph is one step of training a net on batches of a fixed number of rows.
type graph struct {
	net  *Net
	rows int
	pool *cpu.Pool
	// take takes part of the gradient, that of the parameters from at; weights are
	// dense ones. It is called for several parts at once, and may use grad up.
	take   func(at int, grad []float32, weights bool)
	small  []float32 // gradients of one layer's biases or of a BatchNorm
	in     []float32 // the batch, perhaps corrupted
	want   []float32 // its targets
	y      []float32 // its outputs
	loss   *lossOp
	head   *headOp // or nil
	class  []int   // of the batch's samples, −1 unknown
	vm     G.VM
	seed   uint64
	step   uint64 // counts steps over the whole training
	ops    int
	eg     *G.ExprGraph
	x      *G.Node
	target *G.Node   // x where it is the same
	last   *denseOp  // that the outputs come from, if they do
	apart  bool      // the targets are not the input
	far    bool      // it runs elsewhere: nothing is kept here
	sample *sampleOp // or nil
	noise  uint64    // tells the draws of several graphs apart
	of     *graph    // of a feature-wise half: the cell-wise one
	prefix string    // of names
}

// nothing is for operations whose result is an argument's or another's.
var nothing = []float32{}

// op is an operation with its result: room, new memory where that is nil, or none.
func (g *graph) op(name string, n, rows, cols int, room []float32) op {
	g.ops++
	o := op{name: name, id: g.ops, n: n, rows: rows, cols: cols, pool: g.pool}
	switch {
	case g.far || room != nil && len(room) == 0:
	case room == nil:
		o.out = dense(rows, cols, make([]float32, rows*cols))
	default:
		o.out = dense(rows, cols, room)
	}
	return o
}

// floats is room for an operation beside its result.
func (g *graph) floats(n int) []float32 {
	if g.far {
		return nil
	}
	return make([]float32, n)
}

// matrix is a node that is given.
func (g *graph) matrix(name string, r, c int, values []float32) *G.Node {
	if g.far {
		return G.NewMatrix(g.eg, tensor.Float32, G.WithShape(r, c), G.WithName(g.prefix+name))
	}
	return G.NewMatrix(g.eg, tensor.Float32, G.WithShape(r, c), G.WithName(g.prefix+name), G.WithValue(dense(r, c, values)))
}

// newGraph builds the graph, its gradient and the machine that runs both on the CPU.
// Parameters are views into net.params; what becomes of the gradient is up to take.
// apart says that the targets are not the input.
func newGraph(net *Net, rows int, apart bool, pool *cpu.Pool, take func(at int, grad []float32, weights bool), seed uint64) (*graph, error) {
	g := &graph{net: net, rows: rows, apart: apart, pool: pool, take: take, seed: seed}
	if err := g.build(); err != nil {
		return nil, err
	}
	g.vm = G.NewTapeMachine(g.eg)
	return g, nil
}

// build builds the graph and its gradient.
func (g *graph) build() error {
	net, rows, s := g.net, g.rows, g.net.spec
	g.eg = G.NewGraph()
	h, params, err := g.layers()
	if err != nil {
		return err
	}
	g.target = g.x
	if g.want = g.in; g.apart {
		g.want = g.floats(rows * s.Targets())
		g.target = g.matrix("target", rows, s.Targets(), g.want)
	}
	g.loss = &lossOp{op: g.op("loss", 2, rows, s.Out(), nil), kind: s.Loss}
	if s.Loss.likely() {
		g.loss.g, g.loss.ds = g, g.floats(s.Targets())
	}
	if last := g.last; last != nil && last.act != cpu.SoftMax && !last.act.NeedsInput() {
		g.loss.act, last.inLoss = last.act, true
	}
	cost, err := G.ApplyOp(g.loss, h, g.target)
	if err != nil {
		return fmt.Errorf("loss: %w", err)
	}
	if _, err := G.Grad(cost, params...); err != nil {
		return fmt.Errorf("gradient: %w", err)
	}
	for _, sp := range net.spans[len(s.Layers):] {
		g.widen(sp.out)
	}
	return nil
}

// widen has room for the gradients of n biases.
func (g *graph) widen(n int) {
	if len(g.small) < n {
		g.small = g.floats(n)
	}
}

// layers builds the network from its input: the last layer's values, and the parameters.
func (g *graph) layers() (h *G.Node, params G.Nodes, err error) {
	net, rows, s := g.net, g.rows, g.net.spec
	g.in = g.floats(rows * s.In)
	g.x = g.matrix("x", rows, s.In, g.in)
	param := func(name string, r, c, at int) *G.Node {
		n := g.matrix(name, r, c, net.params[at:at+r*c])
		params = append(params, n)
		return n
	}
	h = g.x
	moments := 0
	learned := false // whether any layer below has parameters
	for i, l := range s.Layers {
		sp := net.spans[i]
		switch l.Kind {
		case Dense:
			o := &denseOp{op: g.op("dense", 3, rows, sp.out, nil), g: g, layer: i, act: l.Act, first: !learned}
			if l.Act.NeedsInput() {
				o.z = g.floats(rows * sp.out)
			}
			g.y, g.last, learned = o.result(), o, true
			g.widen(sp.out)
			h, err = G.ApplyOp(o, h, param(fmt.Sprintf("w%d", i), sp.in, sp.out, sp.w), param(fmt.Sprintf("b%d", i), 1, sp.out, sp.b))
		case BatchNorm:
			o := &normOp{
				op: g.op("batchnorm", 3, rows, sp.in, nil), g: g, layer: i, at: moments, act: l.Act,
				xhat: g.floats(rows * sp.in), z: g.floats(rows * sp.in), inv: g.floats(sp.in),
			}
			moments += 2 * sp.in
			g.y, g.last, learned = o.result(), nil, true
			g.widen(2 * sp.in)
			h, err = G.ApplyOp(o, h, param(fmt.Sprintf("gamma%d", i), 1, sp.in, sp.w), param(fmt.Sprintf("beta%d", i), 1, sp.in, sp.b))
		case Dropout:
			o := &dropoutOp{op: g.op("dropout", 1, rows, sp.in, nil), g: g, layer: i, keep: float32(l.Keep)}
			if learned {
				o.mask = g.floats(rows * sp.in)
			}
			g.y, g.last = o.result(), nil
			h, err = G.ApplyOp(o, h)
		case Sample:
			g.sample = &sampleOp{op: g.op("sample", 1, rows, sp.out, nil), g: g, layer: i, eps: g.floats(rows * sp.out)}
			g.y, g.last = g.sample.result(), nil
			h, err = G.ApplyOp(g.sample, h)
		}
		if err == nil && len(s.Head) > 0 && i == s.Code-1 {
			g.head, g.class = newHeadOp(g), make([]int, rows)
			h, err = G.ApplyOp(g.head, h)
			g.last = nil // its values are wanted
		}
		if err != nil {
			return nil, nil, fmt.Errorf("layer %d, %s: %w", i+1, l, err)
		}
	}
	return h, params, nil
}

// run computes the loss of the batch that lies in g.in and g.want, and has the
// gradients taken. It returns the loss summed over the batch's samples and outputs.
func (g *graph) run(step uint64) (float64, error) {
	g.step = step
	if err := g.vm.RunAll(); err != nil {
		return 0, fmt.Errorf("a step of training: %w", err)
	}
	g.vm.Reset()
	return g.loss.sum, nil
}

// lost says that the loss of the step under way is no number: the weights then
// stay as they are, for the trainer to look at.
func (g *graph) lost() bool {
	if g.of != nil {
		return g.of.lost()
	}
	return g.loss.sum-g.loss.sum != 0 || g.head != nil && g.head.sum-g.head.sum != 0 || g.sample != nil && g.sample.sum-g.sample.sum != 0
}

// close lets the machine go. It has a finalizer, and its operations lead back to
// it through g: such a ring would never be freed.
func (g *graph) close() {
	g.vm.Close()
	g.vm = nil
}
