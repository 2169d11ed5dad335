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
		return 1.01
	case cpu.Linear:
		return 2
	}
	return 0
}

// CarryLinear writes a linear autoencoder, code = (x − mean)·basis and output =
// mean + code·basisᵀ, exactly into the pairs of units of a network in–H–k–H–in
// whose hidden activation f has f(z) − f(−z) ∝ z. The hidden units that are left
// over keep the weights they have towards the input and the code, and get none
// towards the next layer, so that the network begins as the linear map and is
// free to bend from there.
//
// basis is in × k, row-major, orthonormal columns; size[i] is the usual size of
// code component i: unit i's sums are divided by size[i]·spread and its way out
// multiplied by as much, which leaves the map and sets where on the activation's
// bend the units work.
func CarryLinear(n *Net, mean []float32, basis []float32, size []float32, spread float32) error {
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
	if len(basis) != s.In*k || len(mean) != s.In || len(size) != k {
		return refuse("the map does not fit", "a map of as many inputs and components")
	}
	w, b := n.Weights(0)
	for j := range k {
		c := 1 / (size[j] * spread)
		dot := float32(0)
		for i := range s.In {
			v := basis[i*k+j] * c
			w[i*l1.Width+2*j], w[i*l1.Width+2*j+1] = v, -v
			dot += mean[i] * v
		}
		b[2*j], b[2*j+1] = -dot, dot
	}
	w, b = n.Weights(1)
	clear(w)
	clear(b)
	for j := range k {
		c := size[j] * spread / carries(l1.Act)
		w[2*j*k+j], w[(2*j+1)*k+j] = c, -c
	}
	w, b = n.Weights(2)
	for j := range k {
		c := 1 / (size[j] * spread)
		for i := range k {
			w[i*l2.Width+2*j], w[i*l2.Width+2*j+1] = 0, 0
		}
		w[j*l2.Width+2*j], w[j*l2.Width+2*j+1] = c, -c
		b[2*j], b[2*j+1] = 0, 0
	}
	w, b = n.Weights(3)
	clear(w)
	copy(b, mean)
	for j := range k {
		c := size[j] * spread / carries(l2.Act)
		up, down := w[2*j*s.In:(2*j+1)*s.In], w[(2*j+1)*s.In:(2*j+2)*s.In]
		for i := range s.In {
			up[i], down[i] = c*basis[i*k+j], -c*basis[i*k+j]
		}
	}
	return nil
}
