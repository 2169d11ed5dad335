package nn

import (
	"fmt"
	"math"
	"math/rand/v2"

	"github.com/chewxy/hm"
	G "gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/gxlab/gxlab/gx/fault"
	"github.com/gxlab/gxlab/gx/nn/cpu"
)

// Pair is the feature-wise half of an interpretable variational autoencoder (siVAE, Choi
// et al. 2023). The layers of the Spec itself are the cell-wise half: they end before the
// outputs, in h values y of each sample; the feature-wise half brings each feature's
// profile over samples to a drawn code v and to h weights w; the output is y·w + b. With
// Gamma the samples' codes z are to explain the features by themselves, too:
// Gamma · (x − z·v − c)² joins the loss, a mean over values like the rest. z and v are
// the drawn ones. b and c are one a feature. Gamma rises from 0 over the first GammaSteps
// steps: halves that were trained apart have codes with nothing in common, whose products
// are noise that the term would have both codes shrink for.
//
// At each step Batch features are drawn without replacement, in turn until all have been
// seen; the divergence of their codes counts as a mean over them.
type Pair struct {
	In     int     `json:"in"` // values of a feature's profile
	Layers []Layer `json:"layers"`
	Code   int     `json:"code"`
	Batch  int     `json:"batch"` // features a step; 0: all
	Gamma  float64 `json:"gamma"`
	// GammaSteps is over how many steps Gamma rises; 0: it counts in full from the first.
	GammaSteps int `json:"gamma_steps,omitempty"`
}

// risen is the share of Gamma that counts at a step.
func (p *Pair) risen(step uint64) float32 {
	if p.GammaSteps > 0 {
		return float32(math.Min(1, float64(step)/float64(p.GammaSteps)))
	}
	return 1
}

// spec is the feature-wise half as a network of its own, of a Gaussian likelihood.
func (p *Pair) spec(of Spec) Spec {
	return Spec{In: p.In, Layers: p.Layers, Code: p.Code, Loss: Gaussian, L1: of.L1, L2: of.L2, Init: of.Init, KL: of.KL, KLSteps: of.KLSteps}
}

func (p *Pair) check(s Spec) error {
	f := p.spec(s)
	refuse := func(what, try string) error {
		return fault.New("a pair of networks cannot be built: "+what, "", try)
	}
	if f.Loss, s.Pair = MSE, nil; f.sampler() >= 0 {
		f.Loss = Gaussian
	}
	if err := f.Check(); err != nil {
		return fault.Wrap(err, "the feature-wise half cannot be built", "", "")
	}
	h, w := s.width(len(s.Layers)), f.width(len(f.Layers))
	switch {
	case s.Loss != Gaussian || s.sampler() < 0 || f.sampler() < 0:
		return refuse("its likelihood is "+string(s.Loss), "gaussian, and a drawn code in both halves")
	case h != w || s.CodeSize() != f.CodeSize():
		return refuse(fmt.Sprintf("%d and %d values at its ends, codes of %d and %d", h, w, s.CodeSize(), f.CodeSize()), "the same of both halves")
	case p.Gamma < 0 || p.GammaSteps < 0 || p.Batch < 0 || len(s.Head) > 0 || s.Noise > 0 || s.Mask > 0:
		return refuse(fmt.Sprintf("gamma %g, %d features a step", p.Gamma, p.Batch), "numbers from 0 up, without a classifier and noise")
	}
	for _, l := range append(append([]Layer(nil), s.Layers...), p.Layers...) {
		if l.Kind == BatchNorm {
			return refuse("batchnorm in it", "dense layers")
		}
	}
	return nil
}

// batch is how many features a step takes, of n.
func (p *Pair) batch(n int) int {
	if p.Batch == 0 {
		return n
	}
	return min(p.Batch, n)
}

// Feature is the feature-wise half of a pair: it shares its parameters. Its Encode gives
// codes of features, its Reconstruct their weights.
func (n *Net) Feature() *Net {
	if n.spec.Pair == nil {
		return nil
	}
	return &Net{spec: n.spec.Pair.spec(n.spec), spans: n.spans[len(n.spec.Layers):], params: n.params, pool: n.pool}
}

// biases of a pair: b of the output and c of what the codes explain alone.
func (n *Net) pairBiases() (b, c []float32, at int) {
	p := n.spec.In
	at = len(n.params) - 3*p
	return n.params[at : at+p], n.params[at+p : at+2*p], at
}

// CodeBias is c, the constant of each feature in what the codes explain alone.
func (n *Net) CodeBias() []float32 {
	_, c, _ := n.pairBiases()
	return c
}

// Cellwise is the cell-wise half of a pair as a network of its own, whose last layer has
// the weights that the feature-wise half gives the profiles.
func (n *Net) Cellwise(features []float32) (*Net, error) {
	s := n.spec
	if s.Pair == nil || len(features) != s.In*s.Pair.In {
		return nil, fault.New(fmt.Sprintf("%d values of features' profiles for a network of %d features", len(features), s.In), "", "a pair, and a profile for every feature")
	}
	w, err := n.Feature().forward(n.pool, features, s.In, 0, len(s.Pair.Layers))
	if err != nil {
		return nil, err
	}
	h := len(w) / s.In
	c := s
	c.Pair, c.Layers = nil, append(append([]Layer(nil), s.Layers...), Layer{Kind: Dense, Width: s.In})
	spans, params, _ := c.layout()
	out := &Net{spec: c, spans: spans, params: make([]float32, params), pool: n.pool}
	last := spans[len(spans)-1]
	copy(out.params[:last.w], n.params)
	for f := range s.In {
		for j := range h {
			out.params[last.w+j*s.In+f] = w[f*h+j]
		}
	}
	b, _, _ := n.pairBiases()
	copy(out.params[last.b:], b)
	copy(out.Spread(), n.Spread())
	return out, nil
}

// LastWeights are the weights of the last layer, one row an output: what the feature-wise
// half is taught first.
func (n *Net) LastWeights() []float32 {
	w, _ := n.Weights(len(n.spec.Layers) - 1)
	p := n.spec.Out()
	h := len(w) / p
	out := make([]float32, len(w))
	for j := range h {
		for f := range p {
			out[f*h+j] = w[j*p+f]
		}
	}
	return out
}

// Join is a pair that begins as a cell-wise network and a feature-wise one that has been
// taught its last weights. spec's layers are cell's without the last one.
func Join(spec Spec, cell, feature *Net, seed uint64) (*Net, error) {
	n, err := New(spec, seed)
	if err != nil {
		return nil, err
	}
	_, bias := cell.Weights(len(cell.spec.Layers) - 1)
	last := cell.spans[len(cell.spec.Layers)-1]
	if cell.spec.Out() != spec.In || spec.Pair == nil || last.w != n.spans[len(spec.Layers)].w {
		return nil, fault.New("the two halves do not fit the pair", "", "networks of the same layers")
	}
	copy(n.params, cell.params[:last.w])
	b, c, at := n.pairBiases()
	if from := feature.params[:len(feature.params)-len(feature.Spread())]; last.w+len(from) == at {
		copy(n.params[last.w:], from)
	} else {
		return nil, fault.New("the feature-wise half does not fit the pair", "", "a network of the same layers")
	}
	copy(b, bias)
	copy(c, bias)
	copy(n.Spread(), cell.Spread())
	return n, nil
}

// pairGraph is one step of training a pair.
type pairGraph struct {
	cell, feature *graph
	op            *pairOp
	index         []int     // the step's features
	want          []float32 // samples × index
}

func newPairGraph(net *Net, rows int, pool *cpu.Pool, take func(at int, grad []float32, weights bool), seed uint64) (*pairGraph, error) {
	g := &graph{net: net, rows: rows, pool: pool, take: take, seed: seed}
	p, err := g.buildPair()
	if err != nil {
		return nil, err
	}
	g.vm = G.NewTapeMachine(g.eg)
	return p, nil
}

// buildPair builds the graph of a pair, of which g is the cell-wise half, and its gradient.
func (g *graph) buildPair() (*pairGraph, error) {
	net, rows, pool := g.net, g.rows, g.pool
	m := net.spec.Pair.batch(net.spec.In)
	g.eg = G.NewGraph()
	f := &graph{net: net.Feature(), rows: m, pool: pool, take: g.take, seed: g.seed, eg: g.eg, of: g, ops: 1 << 20, prefix: "feature ", noise: 0xfea70e, far: g.far}
	y, params, err := g.layers()
	if err != nil {
		return nil, err
	}
	w, more, err := f.layers()
	if err != nil {
		return nil, fmt.Errorf("feature-wise half: %w", err)
	}
	k := net.spec.CodeSize()
	g.sample.extra, f.sample.extra = g.floats(rows*k), g.floats(m*k)
	p := &pairGraph{cell: g, feature: f, index: make([]int, m), want: g.floats(rows * m)}
	g.loss = &lossOp{}
	h := y.Shape()[1]
	p.op = &pairOp{op: g.op("pair", 2, rows, h, nothing), of: p, h: h, d: g.floats(rows * m), e: g.floats(rows * m),
		ds: g.floats(m), spread: g.floats(m), small: g.floats(m)}
	cost, err := G.ApplyOp(p.op, y, w)
	if err != nil {
		return nil, fmt.Errorf("loss: %w", err)
	}
	if _, err := G.Grad(cost, append(params, more...)...); err != nil {
		return nil, fmt.Errorf("gradient: %w", err)
	}
	return p, nil
}

// pairOp is the loss of outputs y·wᵀ + b and, with Gamma, of z·vᵀ + c against the step's
// samples and features, with its gradients by all of them in the same pass.
type pairOp struct {
	op
	of        *pairGraph
	h         int
	d, e      []float32 // by the outputs, and by what the codes explain
	ds, small []float32 // by spreads; sums of columns
	spread    []float32
	linear    float64 // Σ (x − z·v − c)²
}

func (o *pairOp) Type() hm.Type { return hm.NewFnType(matrix, matrix, tensor.Float32) }

func (o *pairOp) InferShape(...G.DimSizer) (tensor.Shape, error) { return tensor.ScalarShape(), nil }

func (o *pairOp) Do(in ...G.Value) (G.Value, error) {
	p := o.of
	g, f := p.cell, p.feature
	y, w := values(in[0]), values(in[1])
	rows, m, k := g.rows, f.rows, g.sample.cols
	z, v := g.sample.result(), f.sample.result()
	b, c, _ := g.net.pairBiases()
	spread := g.net.Spread()
	n := float64(rows * m)
	outs := o.pool.Borrow(rows * m)
	defer o.pool.GiveBack(outs)
	o.pool.Gemm(false, true, rows, m, o.h, y, o.h, w, o.h, 0, outs, m)
	for j, f := range p.index {
		o.small[j], o.spread[j] = b[f], spread[f]
	}
	o.pool.BiasAct(cpu.Linear, rows, m, outs, o.small, outs)
	g.loss.sum = sum64(likelihood(o.pool, Gaussian, rows, m, outs, p.want, o.spread, o.d, o.ds, 1/n))
	o.linear = 0
	total := g.loss.sum / n
	gamma, risen := g.net.spec.Pair.Gamma, g.net.spec.Pair.risen(g.step)
	ez, ev := g.sample.extra, f.sample.extra
	if gamma > 0 {
		o.pool.Gemm(false, true, rows, m, k, z, k, v, k, 0, outs, m)
		for j, f := range p.index {
			o.small[j] = c[f]
		}
		o.pool.BiasAct(cpu.Linear, rows, m, outs, o.small, outs)
		o.linear = o.pool.MSE(outs, p.want, o.e, float32(gamma/n)*risen)
		total += gamma * float64(risen) * o.linear / n
		o.pool.Gemm(false, false, rows, k, m, o.e, m, v, k, 0, ez, k)
		o.pool.Gemm(true, false, m, k, rows, o.e, m, z, k, 0, ev, k)
	}
	if total-total != 0 {
		g.loss.sum = math.NaN()
	}
	return G.NewF32(float32(total)), nil
}

func (o *pairOp) DiffWRT(int) []bool { return []bool{true, true} }

func (o *pairOp) SymDiff(in G.Nodes, cost, _ *G.Node) (G.Nodes, error) {
	g, f := o.of.cell, o.of.feature
	dy, err := G.ApplyOp(&pairBackOp{op: g.op("pairback", 3, g.rows, o.h, nil), of: o}, in[0], in[1], cost)
	if err != nil {
		return nil, err
	}
	dw, err := G.ApplyOp(&pairBackOp{op: g.op("pairback", 3, f.rows, o.h, nil), of: o, feature: true}, in[0], in[1], cost)
	return G.Nodes{dy, dw}, err
}

// pairBackOp is the gradient by y, or by the features' weights; the first takes those by
// biases and spreads on the way.
type pairBackOp struct {
	op
	of      *pairOp
	feature bool
}

func (o *pairBackOp) Type() hm.Type { return hm.NewFnType(matrix, matrix, tensor.Float32, matrix) }

func (o *pairBackOp) Do(in ...G.Value) (G.Value, error) {
	y, w := values(in[0]), values(in[1])
	q := o.of
	g, rows, m := q.of.cell, q.of.cell.rows, q.of.feature.rows
	if o.feature {
		o.pool.Gemm(true, false, m, q.h, rows, q.d, m, y, q.h, 0, o.out.Float32s(), q.h)
		return o.out, nil
	}
	o.pool.Gemm(false, false, rows, q.h, m, q.d, m, w, q.h, 0, o.out.Float32s(), q.h)
	if g.lost() {
		return o.out, nil
	}
	_, _, at := g.net.pairBiases()
	n := g.net.spec.In
	o.pool.ColSums(rows, m, q.d, q.small)
	for j, f := range q.of.index {
		g.take(at+f, q.small[j:j+1], false)
		g.take(at+2*n+f, q.ds[j:j+1], false)
	}
	if g.net.spec.Pair.Gamma > 0 {
		o.pool.ColSums(rows, m, q.e, q.small)
		for j, f := range q.of.index {
			g.take(at+n+f, q.small[j:j+1], false)
		}
	}
	return o.out, nil
}

func (p *pairGraph) run(step uint64) (float64, error) {
	p.feature.step = step
	return p.cell.run(step)
}

// featuresOf are the features of a step: all in turn, in an order drawn anew each round.
func (t *trainer) featuresOf(step uint64, index []int) {
	n, m := t.net.spec.In, len(index)
	if m == n {
		for j := range index {
			index[j] = j
		}
		return
	}
	per := uint64(n / m)
	round := step / per
	if t.round != round || t.turn == nil {
		t.turn = rand.New(rand.NewPCG(t.plan.Seed, 0xfea<<40+round)).Perm(n)
		t.round = round
	}
	copy(index, t.turn[int(step%per)*m:])
}

// pairStep trains a pair on one batch.
func (t *trainer) pairStep(batch []int, rate float64) (float64, error) {
	p := t.pairs[len(batch)]
	if p == nil {
		var err error
		if p, err = newPairGraph(t.net, len(batch), t.pool, t.take, t.plan.Seed); err != nil {
			return 0, err
		}
		if t.pairs == nil {
			t.pairs = map[int]*pairGraph{}
		}
		t.pairs[len(batch)] = p
	}
	g, in, width := p.cell, t.net.spec.In, t.net.spec.Pair.In
	t.featuresOf(t.steps, p.index)
	m := len(p.index)
	t.pool.Run(len(batch), 8, func(lo, hi int) {
		for r := lo; r < hi; r++ {
			row := g.in[r*in : (r+1)*in]
			t.in.copy(row, batch[r])
			for j, f := range p.index {
				p.want[r*m+j] = row[f]
			}
		}
	})
	t.pool.Run(m, 16, func(lo, hi int) {
		for j := lo; j < hi; j++ {
			copy(p.feature.in[j*width:(j+1)*width], t.data.Features[p.index[j]*width:])
		}
	})
	t.now = t.takes(rate)
	loss, err := p.run(t.steps)
	if err != nil {
		return 0, err
	}
	t.kl += g.sample.sum
	// Of the step's features, for all: a mean over values times values.
	return loss*float64(in)/float64(m) + g.sample.sum, nil
}

// lostFeature names the layer of the feature-wise half in which numbers stopped being
// numbers.
func (t *trainer) lostFeature(at, try string) error {
	f := t.net.Feature()
	for i, l := range f.spec.Layers {
		if w, b := f.Weights(i); !allFinite(w) || !allFinite(b) {
			return fault.New(fmt.Sprintf("training stopped: the weights of layer %d of the feature-wise half (%s) are no numbers any more", i+1, l), at, try)
		}
	}
	return nil
}
