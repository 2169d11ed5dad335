package gx

import (
	"context"
	"fmt"

	"github.com/gxlab/gxlab/gx/fault"
	"github.com/gxlab/gxlab/gx/nn"
	"github.com/gxlab/gxlab/gx/nn/cpu"
	"github.com/gxlab/gxlab/gx/prep"
	"github.com/gxlab/gxlab/gx/store"
)

// Weights are an autoencoder that was trained elsewhere: dense layers from the genes to
// the genes.
type Weights struct {
	Genes  []string
	Layers []DenseWeights
	// Code is the hidden layer, counted from 1, that Encode gives; 0: the middle one.
	Code int
	// Units are those of the profiles that it was trained on; "": log2.
	Units string
	// Low and High are the values of the profiles that the network knows as 0 and 1.
	// Where both are 0 it takes them as they are.
	Low, High float64
	// Mean is each gene's usual value in the profiles' units, which stands in for genes
	// that new samples lack; nil: the middle of Low and High.
	Mean []float32
}

// DenseWeights are a dense layer: act(x·W + B), W in × out, row by row.
type DenseWeights struct {
	W, B []float32
	Act  Activation
}

// An Import is a recipe that makes a network of gxlab's own of weights from elsewhere;
// Keep gives a *Fitted, which has no learning curve.
type Import struct {
	name, key string
	read      func(ctx context.Context, tell Tell) (Weights, error)
}

// Imported is the network that read reads. key is text that differs where the weights
// do, such as a hash of their file.
func Imported(name, key string, read func(ctx context.Context, tell Tell) (Weights, error)) Import {
	return Import{name, key, read}
}

// Name is what figures and tables call it.
func (i Import) Name() string { return i.name }

// String is the recipe in a line.
func (i Import) String() string { return i.name + ", trained elsewhere" }

// Key names the network in the store.
func (i Import) Key() (string, error) {
	if i.read == nil {
		return "", bad("Imported", "there is nothing to read", "gx.Imported(name, key, read)")
	}
	return keyOf("import", 1, i.key), nil
}

// Keep reads the weights, or the network where it is kept.
func (i Import) Keep(ctx context.Context, tell Tell) (*Fitted, error) {
	e, err := kept(ctx, i, tell, func(ctx context.Context, d *store.Draft) error {
		w, err := i.read(ctx, tell)
		if err != nil {
			return err
		}
		net, err := w.net()
		if err != nil {
			return fault.Wrap(err, "these weights are no autoencoder", i.name, "")
		}
		rec := Record{What: i.String(), Source: i.name, Genes: len(w.Genes), Device: "elsewhere", Versions: versions()}
		return writeFitted(d, w.set(i.name), net, nil, net.Spec().CodeSize(), nil, rec)
	})
	if err != nil {
		return nil, err
	}
	return loadFitted(e, i.name)
}

// net is the network of the weights.
func (w Weights) net() (*nn.Net, error) {
	wrong := func(what, try string) error { return fault.New(what, "", try) }
	p := len(w.Genes)
	if len(w.Layers) < 2 {
		return nil, wrong(fmt.Sprintf("%d layers", len(w.Layers)), "an encoder and a decoder")
	}
	if w.Code == 0 {
		w.Code = len(w.Layers) / 2
	}
	if w.Code < 1 || w.Code >= len(w.Layers) {
		return nil, wrong(fmt.Sprintf("hidden layer %d of %d as the code", w.Code, len(w.Layers)-1), "one of them")
	}
	if (w.Low != 0 || w.High != 0) && !(w.High > w.Low) {
		return nil, wrong(fmt.Sprintf("a range from %g to %g", w.Low, w.High), "the values that the network knows as 0 and 1")
	}
	if w.Mean != nil && len(w.Mean) != p {
		return nil, wrong(fmt.Sprintf("%d means of %d genes", len(w.Mean), p), "one a gene")
	}
	spec := nn.Spec{In: p, Code: w.Code, Loss: nn.MSE, Init: string(Torch)}
	var params []float32
	in := p
	for i, l := range w.Layers {
		act, ok := cpu.ParseAct(string(l.Act))
		if !ok {
			return nil, wrong(fmt.Sprintf("layer %d has the activation %q", i+1, l.Act), "one of "+legal(activationNames()))
		}
		out := len(l.B)
		if out == 0 || len(l.W) != in*out {
			return nil, wrong(fmt.Sprintf("layer %d has %d weights and %d biases for %d inputs", i+1, len(l.W), out, in), "layers that fit each other, and a gene for every input")
		}
		for _, v := range [][]float32{l.W, l.B} {
			for _, x := range v {
				if prep.NotFinite(x) {
					return nil, wrong(fmt.Sprintf("layer %d has a weight that is no number", i+1), "")
				}
			}
		}
		spec.Layers = append(spec.Layers, nn.Layer{Kind: nn.Dense, Width: out, Act: act})
		params = append(append(params, l.W...), l.B...)
		in = out
	}
	if in != p {
		return nil, wrong(fmt.Sprintf("%d outputs for %d genes", in, p), "a network that reproduces its genes")
	}
	return nn.Restore(spec, params, nil)
}

// set is a set of one sample, each gene's usual value, from which a model takes what it
// knows of its genes.
func (w Weights) set(name string) *Set {
	p := len(w.Genes)
	b := &base{name: name, genes: w.Genes, units: w.Units, x: prep.NewMatrix(1, p), parts: make([]Part, 1)}
	if b.units == "" {
		b.units = "log2"
	}
	for j := range p {
		b.x.Data[j] = float32((w.Low + w.High) / 2)
	}
	copy(b.x.Data, w.Mean)
	if w.High > w.Low {
		b.shift, b.scale = make([]float32, p), make([]float32, p)
		for j := range p {
			b.shift[j], b.scale[j] = float32(w.Low), float32(w.High-w.Low)
		}
	}
	return &Set{b: b}
}
