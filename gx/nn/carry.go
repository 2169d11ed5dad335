package nn

import (
	"fmt"

	"github.com/gxlab/gxlab/gx/fault"
	"github.com/gxlab/gxlab/gx/nn/cpu"
)

// carries is the factor c of f(z) − f(−z) = c·z, or 0 where an activation has
// none: a pair of units with opposite weights then carries a linear map.
func carries(a cpu.Act) float32 {
	switch a {
	case cpu.ReLU, cpu.Swish, cpu.LogSigmoid, cpu.SoftPlus:
		return 1
	case cpu.LeakyReLU:
		return 1.2
	case cpu.Linear:
		return 2
	}
	return 0
}

// CarryLinear writes a linear autoencoder exactly into the pairs of units of a
// network in–H–k–H–in whose hidden activation f has f(z) − f(−z) ∝ z: code =
// (x − mean)·basis / size and output = mean + (code · size)·basisᵀ. Units that are
// left over begin with small weights towards them and none from them, so that the
// network begins as the linear map and is free to bend from there.
//
// basis is in × k, row-major, with orthonormal columns; size[i] is the standard
// deviation of component i, so that codes have about unit variance.
func CarryLinear(n *Net, mean, basis, size []float32) error {
	if err := n.canCarry(); err != nil {
		return err
	}
	s := n.spec
	l1, code, l2 := s.Layers[0], s.Layers[1], s.Layers[2]
	k := code.Width
	if len(basis) != s.In*k || len(mean) != s.In || len(size) != k {
		return fault.New("the linear map does not fit the network", "", "a map of as many inputs and components")
	}
	// Left-over units: U(±1/√in) scaled to a standard deviation of 0.1/√in.
	const small = 0.1732
	w, b := n.Weights(0)
	shrink(w, b, small)
	for j := range k {
		dot := float32(0)
		for i := range s.In {
			v := basis[i*k+j] / size[j]
			w[i*l1.Width+2*j], w[i*l1.Width+2*j+1] = v, -v
			dot += mean[i] * v
		}
		b[2*j], b[2*j+1] = -dot, dot
	}
	w, b = n.Weights(1)
	clear(w)
	clear(b)
	for j := range k {
		c := 1 / carries(l1.Act)
		w[2*j*k+j], w[(2*j+1)*k+j] = c, -c
	}
	w, b = n.Weights(2)
	shrink(w, b, small)
	for j := range k {
		for i := range k {
			w[i*l2.Width+2*j], w[i*l2.Width+2*j+1] = 0, 0
		}
		w[j*l2.Width+2*j], w[j*l2.Width+2*j+1] = 1, -1
	}
	w, b = n.Weights(3)
	clear(w)
	copy(b, mean)
	for j := range k {
		c := size[j] / carries(l2.Act)
		up, down := w[2*j*s.In:(2*j+1)*s.In], w[(2*j+1)*s.In:(2*j+2)*s.In]
		for i := range s.In {
			up[i], down[i] = c*basis[i*k+j], -c*basis[i*k+j]
		}
	}
	return nil
}

func shrink(w, b []float32, f float32) {
	for i := range w {
		w[i] *= f
	}
	clear(b)
}

// CanCarry says whether a network can begin as a linear map, or why not.
func CanCarry(s Spec) error {
	n := &Net{spec: s}
	n.spans, _, _ = s.layout()
	return n.canCarry()
}

func (n *Net) canCarry() error {
	s := n.spec
	refuse := func(what, try string) error {
		return fault.New("the network cannot begin as a linear map: "+what, "", try)
	}
	if len(s.Layers) != 4 || s.Code != 2 || !s.plain() {
		return refuse("it is not of one hidden layer, a code and their mirror image", "one Hidden layer, without BatchNorm or Dropout")
	}
	l1, code, l2, last := s.Layers[0], s.Layers[1], s.Layers[2], s.Layers[3]
	k := code.Width
	if code.Act != cpu.Linear || last.Act != cpu.Linear {
		return refuse("its code or its output is not linear", "linear ones")
	}
	if carries(l1.Act) == 0 || carries(l2.Act) == 0 {
		return refuse(fmt.Sprintf("pairs of %s units carry no linear map", l1.Act), "linear, relu, leakyrelu, swish, logsigmoid or softplus")
	}
	if l1.Width < 2*k || l2.Width < 2*k {
		return refuse(fmt.Sprintf("%d hidden units for %d code components", l1.Width, k), fmt.Sprintf("at least %d hidden units", 2*k))
	}
	return nil
}
