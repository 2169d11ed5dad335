package nn

import (
	"math"

	G "gorgonia.org/gorgonia"

	"github.com/gxlab/gxlab/gx/nn/cpu"
)

// Sample draws a Gaussian code: of its 2k inputs the first k are means μ and the others
// log σ², and its k outputs are μ + σ·ε while training and μ afterwards (Kingma and
// Welling 2014). The divergence of the code from N(0, 1) is part of the loss.
const Sample Kind = "sample"

// sampleOp is that layer with its divergence.
type sampleOp struct {
	op
	g     *graph
	layer int
	eps   []float32
	fixed bool    // ε is given: for tests
	sum   float64 // Σ over the batch's samples of the divergence, nats
	extra []float32
}

func (o *sampleOp) Do(in ...G.Value) (G.Value, error) {
	x, z := values(in[0]), o.out.Float32s()
	if !o.fixed {
		clear(o.eps)
		o.pool.Noise(1, dropoutSeed(o.g.seed, o.layer)^o.g.noise^sampleSeed, o.g.step*uint64(1<<32), o.eps, o.eps)
	}
	o.sum = cpu.Draw(o.g.rows, o.cols, x, o.eps, z)
	return o.out, nil
}

const sampleSeed = 0x5a3b1e

func (o *sampleOp) DiffWRT(int) []bool { return []bool{true} }

func (o *sampleOp) SymDiff(in G.Nodes, _, grad *G.Node) (G.Nodes, error) {
	d, err := G.ApplyOp(&sampleBackOp{op: o.g.op("sampleback", 2, o.rows, 2*o.cols, nil), of: o}, grad, in[0])
	return G.Nodes{d}, err
}

// sampleBackOp is the gradient by means and log variances, the divergence's included,
// and that of a second loss on the code, where there is one (extra).
type sampleBackOp struct {
	op
	of *sampleOp
}

func (o *sampleBackOp) Do(in ...G.Value) (G.Value, error) {
	s, g := o.of, o.of.g
	dz, x, d := values(in[0]), values(in[1]), o.out.Float32s()
	cpu.DrawBack(g.rows, s.cols, g.beta()*g.share(), dz, s.extra, x, s.eps, d)
	return o.out, nil
}

// beta is how much the divergence counts at this step.
func (g *graph) beta() float64 { return g.net.spec.beta(g.step) }

func (s Spec) beta(step uint64) float64 {
	if s.KLSteps > 0 {
		return s.KL * math.Min(1, float64(step)/float64(s.KLSteps))
	}
	return s.KL
}

// share is what one sample's divergence counts in a loss that is a mean over samples and
// targets.
func (g *graph) share() float64 { return 1 / float64(g.values()) }

// values is how many values the loss is a mean over: of samples, or of features.
func (g *graph) values() int {
	if g.of != nil {
		return g.rows * g.of.net.spec.Targets()
	}
	return g.rows * g.net.spec.Targets()
}

// sampler is the layer that draws the code; −1 where none does.
func (s Spec) sampler() int {
	for i, l := range s.Layers {
		if l.Kind == Sample {
			return i
		}
	}
	return -1
}
