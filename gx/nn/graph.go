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
	take  func(at int, grad []float32, weights bool)
	small []float32 // gradients of one layer's biases or of a BatchNorm
	in    []float32 // the batch, perhaps corrupted
	want  []float32 // its targets
	y     []float32 // its outputs
	loss  *lossOp
	vm    G.VM
	seed  uint64
	step  uint64 // counts steps over the whole training
	ops   int
}

func (g *graph) op(name string, n int, out *tensor.Dense) op {
	g.ops++
	return op{name: name, id: g.ops, n: n, pool: g.pool, out: out}
}

// newGraph builds the graph, its gradient and the machine that runs both.
// Parameters are views into net.params; what becomes of the gradient is up to take.
func newGraph(net *Net, rows int, pool *cpu.Pool, take func(at int, grad []float32, weights bool), seed uint64) (*graph, error) {
	g := &graph{net: net, rows: rows, pool: pool, take: take, seed: seed}
	s := net.spec
	eg := G.NewGraph()
	g.in = make([]float32, rows*s.In)
	g.want = g.in
	x := G.NewMatrix(eg, tensor.Float32, G.WithShape(rows, s.In), G.WithName("x"), G.WithValue(dense(rows, s.In, g.in)))
	target := x
	if s.Noise > 0 || s.Mask > 0 || s.Out() != s.In {
		g.want = make([]float32, rows*s.Out())
		target = G.NewMatrix(eg, tensor.Float32, G.WithShape(rows, s.Out()), G.WithName("target"), G.WithValue(dense(rows, s.Out(), g.want)))
	}
	var params G.Nodes
	param := func(name string, r, c, at int) *G.Node {
		n := G.NewMatrix(eg, tensor.Float32, G.WithShape(r, c), G.WithName(name), G.WithValue(dense(r, c, net.params[at:at+r*c])))
		params = append(params, n)
		return n
	}
	h := x
	moments, widest := 0, 0
	learned := false // whether any layer below has parameters
	var last *denseOp
	for i, l := range s.Layers {
		sp := net.spans[i]
		var err error
		switch l.Kind {
		case Dense:
			o := &denseOp{op: g.op("dense", 3, dense(rows, sp.out, nil)), g: g, layer: i, act: l.Act, first: !learned}
			if l.Act.NeedsInput() {
				o.z = make([]float32, rows*sp.out)
			}
			g.y, last, learned, widest = o.out.Float32s(), o, true, max(widest, sp.out)
			h, err = G.ApplyOp(o, h, param(fmt.Sprintf("w%d", i), sp.in, sp.out, sp.w), param(fmt.Sprintf("b%d", i), 1, sp.out, sp.b))
		case BatchNorm:
			o := &normOp{
				op: g.op("batchnorm", 3, dense(rows, sp.in, nil)), g: g, layer: i, at: moments, act: l.Act,
				xhat: make([]float32, rows*sp.in), z: make([]float32, rows*sp.in), inv: make([]float32, sp.in),
			}
			moments += 2 * sp.in
			g.y, last, learned, widest = o.out.Float32s(), nil, true, max(widest, 2*sp.in)
			h, err = G.ApplyOp(o, h, param(fmt.Sprintf("gamma%d", i), 1, sp.in, sp.w), param(fmt.Sprintf("beta%d", i), 1, sp.in, sp.b))
		case Dropout:
			o := &dropoutOp{op: g.op("dropout", 1, dense(rows, sp.in, nil)), g: g, layer: i, keep: float32(l.Keep)}
			if learned {
				o.mask = make([]float32, rows*sp.in)
			}
			g.y, last = o.out.Float32s(), nil
			h, err = G.ApplyOp(o, h)
		}
		if err != nil {
			return nil, fmt.Errorf("layer %d, %s: %w", i+1, l, err)
		}
	}
	g.small = make([]float32, widest)
	g.loss = &lossOp{op: g.op("loss", 2, dense(rows, s.Out(), nil)), kind: s.Loss}
	if last != nil && last.act != cpu.SoftMax && !last.act.NeedsInput() {
		g.loss.act, last.inLoss = last.act, true
	}
	cost, err := G.ApplyOp(g.loss, h, target)
	if err != nil {
		return nil, fmt.Errorf("loss: %w", err)
	}
	if _, err := G.Grad(cost, params...); err != nil {
		return nil, fmt.Errorf("gradient: %w", err)
	}
	g.vm = G.NewTapeMachine(eg)
	return g, nil
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
func (g *graph) lost() bool { return g.loss.sum-g.loss.sum != 0 }

// close lets the machine go. It has a finalizer, and its operations lead back to
// it through g: such a ring would never be freed.
func (g *graph) close() {
	g.vm.Close()
	g.vm = nil
}
