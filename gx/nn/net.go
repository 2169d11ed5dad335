package nn

import (
	"fmt"
	"math"
	"math/rand/v2"

	"github.com/gxlab/gxlab/gx/fault"
	"github.com/gxlab/gxlab/gx/nn/cpu"
)

// Net is a network with its parameters.
type Net struct {
	spec    Spec
	spans   []span
	params  []float32
	moments []float32 // running mean and variance of every BatchNorm input
	pool    *cpu.Pool
}

// New is a network with weights drawn from seed as Spec.Init says: "torch" draws
// weights and biases from U(±1/√in); "xavier" weights from U(±√(6/(in+out))) and
// "he" from N(0, 2/in), with zero biases; "orthogonal" weights are random orthonormal
// rows or columns over the slope at 0 of the activation before them (Saxe et al. 2014;
// 4 times after a sigmoid), a quarter of that for the inputs, with biases that take
// away what that activation gives at 0.
func New(spec Spec, seed uint64) (*Net, error) {
	if err := spec.Check(); err != nil {
		return nil, err
	}
	spans, params, moments := spec.layout()
	n := &Net{spec: spec, spans: spans, params: cpu.Make(params), moments: make([]float32, moments), pool: cpu.NewPool(0)}
	m := 0
	before, code, size := cpu.Linear, cpu.Linear, firstSums // of "orthogonal"
	for i, sp := range spans {
		var l Layer
		stream := uint64(0x2000 + i - len(spec.Layers)) // of the head
		if i < len(spec.Layers) {
			l, stream = spec.Layers[i], uint64(0x1000+i)
		} else if spec.Pair != nil {
			l = spec.Pair.Layers[i-len(spec.Layers)]
		} else {
			l = spec.Head[i-len(spec.Layers)]
		}
		if i == spec.Code {
			code = before
		}
		if i == len(spec.Layers) { // the head begins at the code, a pair's other half at its own inputs
			if before = code; spec.Pair != nil {
				before, size = cpu.Linear, firstSums
			}
		}
		rng := rand.New(rand.NewPCG(seed, stream))
		switch l.Kind {
		case Dense:
			w, b := n.params[sp.w:sp.b], n.params[sp.b:sp.b+sp.out]
			switch spec.Init {
			case "torch", "xavier":
				u := bound(spec.Init, sp.in, sp.out)
				for j := range w {
					w[j] = float32((2*rng.Float64() - 1) * u)
				}
				if spec.Init == "torch" {
					for j := range b {
						b[j] = float32((2*rng.Float64() - 1) * u)
					}
				}
			case "he":
				sd := math.Sqrt(2 / float64(sp.in))
				for j := range w {
					w[j] = float32(rng.NormFloat64() * sd)
				}
			case "orthogonal":
				beginOrthogonal(w, b, sp.in, sp.out, before, size, rng, n.pool)
			default:
				return nil, fault.New(fmt.Sprintf("no start of weights %q", spec.Init), "", "torch, xavier, he or orthogonal")
			}
			before, size = l.Act, 1
		case BatchNorm:
			for j := range sp.in {
				n.params[sp.w+j] = 1
				n.moments[m+sp.in+j] = 1
			}
			m += 2 * sp.in
			before = l.Act
		}
	}
	return n, nil
}

// Restore is a network with given parameters and moments, which it keeps.
func Restore(spec Spec, params, moments []float32) (*Net, error) {
	if err := spec.Check(); err != nil {
		return nil, err
	}
	spans, p, m := spec.layout()
	if len(params) != p || len(moments) != m {
		return nil, fault.New(fmt.Sprintf("a network of %d parameters and %d moments from %d and %d values", p, m, len(params), len(moments)), "", "the file that belongs to this network")
	}
	return &Net{spec: spec, spans: spans, params: params, moments: moments, pool: cpu.NewPool(0)}, nil
}

// Spec is the network's description.
func (n *Net) Spec() Spec { return n.spec }

// Params are all parameters, layer by layer, weights (in × out) before biases.
func (n *Net) Params() []float32 { return n.params }

// Moments are the running means and variances of the BatchNorm layers.
func (n *Net) Moments() []float32 { return n.moments }

// Weights are a dense layer's weights, in × out, and biases; nil for other
// layers.
func (n *Net) Weights(layer int) (w, b []float32) {
	if n.spec.Layers[layer].Kind != Dense {
		return nil, nil
	}
	sp := n.spans[layer]
	return n.params[sp.w:sp.b], n.params[sp.b : sp.b+sp.out]
}

// inputs is how many inputs the dense layer has whose weights hold parameter at.
func (n *Net) inputs(at int) (in int) {
	for _, sp := range n.spans {
		if sp.w > at {
			break
		}
		in = sp.in
	}
	return in
}

// Spread is what a likelihood has learned of each target: log σ² of Gaussian, log θ of
// NegativeBinomial and ZeroInflated; nil for other losses.
func (n *Net) Spread() []float32 {
	if !n.spec.Loss.likely() {
		return nil
	}
	return n.params[len(n.params)-n.spec.Targets():]
}

// blockRows is how many samples are run at once.
const blockRows = 256

// Forward runs x, rows × in, through layers [from, to), without dropout and with
// BatchNorm's running moments, and returns rows × out.
func (n *Net) Forward(x []float32, rows, from, to int) ([]float32, error) {
	return n.forward(n.pool, x, rows, from, to)
}

func (n *Net) forward(pool *cpu.Pool, x []float32, rows, from, to int) ([]float32, error) {
	if in := n.spec.width(from); len(x) != rows*in {
		return nil, fault.New(fmt.Sprintf("%d values for %d samples of %d", len(x), rows, in), "", "")
	}
	y := make([]float32, rows*n.spec.width(to))
	n.run(pool, x, rows, from, to, y)
	return y, nil
}

// run is forward into y.
func (n *Net) run(pool *cpu.Pool, x []float32, rows, from, to int, y []float32) {
	var layers []int
	widest := 0
	for i := from; i < to; i++ {
		if n.spec.Layers[i].Kind != Dropout {
			layers = append(layers, i)
			widest = max(widest, n.spans[i].out)
		}
	}
	if len(layers) == 0 {
		copy(y, x)
		return
	}
	in, out := n.spec.width(from), n.spec.width(to)
	next, spare := pool.Borrow(min(rows, blockRows)*widest), pool.Borrow(min(rows, blockRows)*widest)
	for lo := 0; lo < rows; lo += blockRows {
		r := min(blockRows, rows-lo)
		cur := x[lo*in : (lo+r)*in]
		for _, i := range layers {
			z := next[:r*n.spans[i].out]
			if i == layers[len(layers)-1] {
				z = y[lo*out : (lo+r)*out]
			}
			n.layer(pool, i, r, cur, z)
			cur, next, spare = z, spare, next
		}
	}
	pool.GiveBack(next)
	pool.GiveBack(spare)
}

// layer runs layer i on rows of x into y.
func (n *Net) layer(pool *cpu.Pool, i, rows int, x, y []float32) {
	act, sp := n.spec.Layers[i].Act, n.spans[i]
	if n.spec.Layers[i].Kind == Sample { // the means
		for r := range rows {
			copy(y[r*sp.out:(r+1)*sp.out], x[r*sp.in:])
		}
		return
	}
	if n.spec.Layers[i].Kind == BatchNorm {
		n.normalise(i, n.momentsBefore(i), rows, x, y)
		pool.BiasAct(act, rows, sp.out, y, nil, y)
		return
	}
	w, bias := n.Weights(i)
	if act == cpu.SoftMax || act.NeedsInput() {
		pool.Gemm(false, false, rows, sp.out, sp.in, x, sp.in, w, sp.out, 0, y, sp.out)
		pool.BiasAct(act, rows, sp.out, y, bias, y)
		return
	}
	pool.GemmThen(false, false, rows, sp.out, sp.in, x, sp.in, w, sp.out, y, sp.out, func(i0, i1, j0, j1 int) {
		pool.BiasActPart(act, i0, i1, j0, j1, sp.out, y, bias, y)
	})
}

func (n *Net) momentsBefore(layer int) (m int) {
	for i, l := range n.spec.Layers[:layer] {
		if l.Kind == BatchNorm {
			m += 2 * n.spans[i].in
		}
	}
	return m
}

// normalise applies BatchNorm with the running moments that begin at m.
func (n *Net) normalise(layer, m, rows int, x, y []float32) {
	sp := n.spans[layer]
	gamma, beta := n.params[sp.w:sp.w+sp.in], n.params[sp.b:sp.b+sp.in]
	mean, variance := n.moments[m:m+sp.in], n.moments[m+sp.in:m+2*sp.in]
	for r := range rows {
		for j := range sp.in {
			k := r*sp.in + j
			y[k] = gamma[j]*(x[k]-mean[j])/float32(math.Sqrt(float64(variance[j])+bnEps)) + beta[j]
		}
	}
}

// Encode runs the encoder: rows × in to rows × code.
func (n *Net) Encode(x []float32, rows int) ([]float32, error) {
	return n.Forward(x, rows, 0, n.spec.Code)
}

// Decode runs the decoder: rows × code to rows × out.
func (n *Net) Decode(z []float32, rows int) ([]float32, error) {
	return n.Forward(z, rows, n.spec.Code, len(n.spec.Layers))
}

// Reconstruct runs the whole network: rows × in to rows × out.
func (n *Net) Reconstruct(x []float32, rows int) ([]float32, error) {
	return n.Forward(x, rows, 0, len(n.spec.Layers))
}
