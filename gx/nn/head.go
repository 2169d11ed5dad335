package nn

import (
	"fmt"
	"math"

	G "gorgonia.org/gorgonia"

	"github.com/gxlab/gxlab/gx/fault"
	"github.com/gxlab/gxlab/gx/nn/cpu"
)

// headOp is the classifier on the code, which hands the code on as it is. It computes
// the classes' scores and their cross-entropy, whose gradient headBackOp adds to that
// which comes back from the decoder.
type headOp struct {
	op
	g       *graph
	z, y, d [][]float32 // per layer: sums, values, errors of the sums
	back    []float32   // the error of the code
	sum     float64     // Σ −log p(class) of the last batch
	known   int         // samples of the last batch with a class
}

func newHeadOp(g *graph) *headOp {
	s := g.net.spec
	o := &headOp{op: g.op("head", 1, g.rows, s.CodeSize(), nothing), g: g, back: g.floats(g.rows * s.CodeSize())}
	for _, l := range s.Head {
		n := g.rows * l.Width
		o.z, o.y, o.d = append(o.z, g.floats(n)), append(o.y, g.floats(n)), append(o.d, g.floats(n))
	}
	return o
}

// headSpan is where layer i of the head lies, and its weights and biases.
func (n *Net) headSpan(i int) (sp span, w, b []float32) {
	sp = n.spans[len(n.spec.Layers)+i]
	return sp, n.params[sp.w:sp.b], n.params[sp.b : sp.b+sp.out]
}

func (o *headOp) Do(in ...G.Value) (G.Value, error) {
	x, g := values(in[0]), o.g
	for i, l := range g.net.spec.Head {
		sp, w, b := g.net.headSpan(i)
		o.pool.Gemm(false, false, g.rows, sp.out, sp.in, x, sp.in, w, sp.out, 0, o.z[i], sp.out)
		o.pool.BiasAct(l.Act, g.rows, sp.out, o.z[i], b, o.y[i])
		x = o.y[i]
	}
	o.known = 0
	for _, c := range g.class {
		if c >= 0 {
			o.known++
		}
	}
	last := len(o.d) - 1
	o.sum = o.pool.CrossEntropy(g.rows, g.net.spec.Classes(), x, g.class, o.d[last], float32(g.net.spec.Weight/float64(max(1, o.known))))
	return in[0], nil
}

func (o *headOp) DiffWRT(int) []bool { return []bool{true} }

func (o *headOp) SymDiff(in G.Nodes, _, grad *G.Node) (G.Nodes, error) {
	d, err := G.ApplyOp(&headBackOp{op: o.g.op("headback", 2, o.rows, o.cols, nothing), of: o}, grad, in[0])
	return G.Nodes{d}, err
}

// headBackOp adds the head's gradient by the code to the decoder's, in its place, and
// takes those by the head's parameters on the way.
type headBackOp struct {
	op
	of *headOp
}

func (o *headBackOp) Do(in ...G.Value) (G.Value, error) {
	h, g := o.of, o.of.g
	grad, code := values(in[0]), values(in[1])
	if g.lost() {
		return in[0], nil
	}
	for i := len(h.d) - 1; i >= 0; i-- {
		sp, w, _ := g.net.headSpan(i)
		d := h.d[i]
		if i < len(h.d)-1 {
			o.pool.ActGrad(g.net.spec.Head[i].Act, g.rows, sp.out, h.z[i], h.y[i], d)
		}
		x, back := code, h.back
		if i > 0 {
			x, back = h.y[i-1], h.d[i-1]
		}
		o.pool.Gemm(false, true, g.rows, sp.in, sp.out, d, sp.out, w, sp.out, 0, back, sp.in)
		dw := o.pool.Borrow(sp.in * sp.out)
		o.pool.Gemm(true, false, sp.in, sp.out, g.rows, x, sp.in, d, sp.out, 0, dw, sp.out)
		g.take(sp.w, dw, true)
		o.pool.GiveBack(dw)
		db := g.small[:sp.out]
		o.pool.ColSums(g.rows, sp.out, d, db)
		g.take(sp.b, db, false)
	}
	o.pool.Axpy(1, h.back, grad)
	return in[0], nil
}

// lostHead names the layer of the classifier whose weights stopped being numbers.
func (t *trainer) lostHead(at, try string) error {
	for i, l := range t.net.spec.Head {
		if _, w, b := t.net.headSpan(i); !allFinite(w) || !allFinite(b) {
			return fault.New(fmt.Sprintf("training stopped: the weights of layer %d of the classifier (%s) are no numbers any more", i+1, l), at, try)
		}
	}
	return nil
}

// Scores are the head's scores of the classes, rows × Classes, for codes, rows × code:
// their softmax are the classes' probabilities.
func (n *Net) Scores(z []float32, rows int) ([]float32, error) {
	if k := n.spec.CodeSize(); len(n.spec.Head) == 0 || len(z) != rows*k {
		return nil, fault.New(fmt.Sprintf("%d values for %d codes of %d and a classifier of %d layers", len(z), rows, k, len(n.spec.Head)), "", "a network with a classifier, and its codes")
	}
	return n.scores(n.pool, z, rows), nil
}

func (n *Net) scores(pool *cpu.Pool, x []float32, rows int) []float32 {
	for i, l := range n.spec.Head {
		sp, w, b := n.headSpan(i)
		z := make([]float32, rows*sp.out)
		pool.Gemm(false, false, rows, sp.out, sp.in, x, sp.in, w, sp.out, 0, z, sp.out)
		pool.BiasAct(l.Act, rows, sp.out, z, b, z)
		x = z
	}
	return x
}

// judged is what a classifier makes of samples: its mean cross-entropy and the share
// that it puts into a wrong class.
type judged struct{ entropy, wrong float64 }

// judge is the head's mean cross-entropy over the samples with a class, and the share
// of them that it puts into another; NaN where none has one.
func (t *trainer) judge(in *samples, class []int) (entropy, wrong float64) {
	s := t.net.spec
	block, k := min(in.n, blockRows), s.Classes()
	scaled, code := t.pool.Borrow(block*s.In), t.pool.Borrow(block*s.CodeSize())
	defer t.pool.GiveBack(scaled)
	defer t.pool.GiveBack(code)
	known, misses := 0, 0
	for lo := 0; lo < in.n; lo += blockRows {
		r := min(blockRows, in.n-lo)
		z := code[:r*s.CodeSize()]
		t.net.run(t.pool, in.look(t.pool.Run, lo, lo+r, scaled), r, 0, s.Code, z)
		y := t.net.scores(t.pool, z, r)
		entropy += t.pool.CrossEntropy(r, k, y, class[lo:lo+r], nil, 0)
		for i, c := range class[lo : lo+r] {
			if c < 0 {
				continue
			}
			known++
			if cpu.Misses(y[i*k:(i+1)*k], c) {
				misses++
			}
		}
	}
	if known == 0 {
		return math.NaN(), math.NaN()
	}
	return entropy / float64(known), float64(misses) / float64(known)
}
