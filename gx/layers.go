package gx

import (
	"fmt"

	"github.com/gxlab/gxlab/gx/fault"
	"github.com/gxlab/gxlab/gx/nn"
	"github.com/gxlab/gxlab/gx/nn/cpu"
	"github.com/gxlab/gxlab/gx/prep"
)

// HiddenLayers is the number of dense layers before the outputs, the code one of
// them: three of genes → 512 → code → 512 → genes. They are counted from 1, from the
// genes in.
func (f *Fitted) HiddenLayers() int {
	n := -1
	for _, l := range f.net.Spec().Layers {
		if l.Kind == nn.Dense {
			n++
		}
	}
	return n
}

// hiddenLayer is where a hidden layer lies: end counts the network's layers up to its
// activation, next is the dense layer that reads it.
type hiddenLayer struct {
	end, next, width int
	act              cpu.Act
}

func (f *Fitted) hiddenLayer(n int) (h hiddenLayer, err error) {
	if n < 1 || n > f.HiddenLayers() {
		return h, fault.New(fmt.Sprintf("%s has %d hidden layers, not %d", f.name, f.HiddenLayers(), n), "", "a layer counted from 1, from the genes in")
	}
	for i, l := range f.net.Spec().Layers {
		if l.Kind == nn.Dense {
			if n--; n < 0 {
				h.next = i
				return h, nil
			}
			h.width = l.Width
		}
		if h.end = i + 1; l.Kind != nn.Dropout {
			h.act = l.Act
		}
	}
	return h, nil
}

// Activations are the values of the units of a hidden layer, counted from 1, in the
// samples of s: samples × units, in the network's own units. Of the layer that is the
// code they are Encode's; Decode takes no others. Genes are found as by Encode.
func (f *Fitted) Activations(s *Set, layer int) (*Codes, error) {
	h, err := f.hiddenLayer(layer)
	if err != nil {
		return nil, err
	}
	index, missing, err := f.shared(s)
	if err != nil {
		return nil, err
	}
	all := prep.NewMatrix(s.N(), h.width)
	x := prep.NewMatrix(min(blockSamples, s.N()), len(f.genes))
	for lo := 0; lo < s.N(); lo += blockSamples {
		x.Rows = min(blockSamples, s.N()-lo)
		x.Data = x.Data[:x.Rows*x.Cols]
		f.align(x, s, lo, index)
		y, err := f.net.Forward(x.Data, x.Rows, 0, h.end)
		if err != nil {
			return nil, err
		}
		copy(all.Data[lo*h.width:], y)
	}
	c := &Codes{Matrix: all, Samples: s.Samples(), Model: fmt.Sprintf("%s, layer %d", f.name, layer), Missing: missing, from: s}
	if h.end < f.net.Spec().Code || f.codeBefore(h.end) {
		c.layer = layer
	}
	return c, nil
}

// codeBefore tells whether a dense layer stands between the code and the first end
// layers' end.
func (f *Fitted) codeBefore(end int) bool {
	s := f.net.Spec()
	for _, l := range s.Layers[min(s.Code, end):end] {
		if l.Kind == nn.Dense {
			return true
		}
	}
	return false
}
