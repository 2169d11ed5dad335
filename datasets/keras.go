package datasets

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/gxlab/gxlab/datasets/hdf"
	"github.com/gxlab/gxlab/gx"
	"github.com/gxlab/gxlab/gx/fault"
)

// KerasNet is a recipe for an autoencoder whose weights Keras 2 has written into an
// HDF5 file (save_weights, or save with the model): dense layers in the order of the
// attribute layer_names. It is an immutable value; Keep gives a *gx.Fitted.
//
// A file of weights alone does not say the activations: sigmoid throughout, as in the
// second paper, unless Activations says otherwise. With the model in the file they are
// read from it.
type KerasNet struct {
	path   string
	genes  []string
	w      gx.Weights // settings alone
	hidden gx.Activation
	output gx.Activation
	asked  bool
}

// Keras is the network of a file, whose inputs and outputs are these genes in this
// order.
func Keras(path string, genes []string) KerasNet {
	return KerasNet{path: path, genes: genes, hidden: gx.Sigmoid, output: gx.Sigmoid}
}

// Range sets the values of the profiles that the network knows as 0 and 1: the smallest
// and the largest of the data that it was trained on. The default is to take profiles as
// they are.
func (k KerasNet) Range(low, high float64) KerasNet {
	k.w.Low, k.w.High = low, high
	return k
}

// Units sets the units of the profiles. The default is log2.
func (k KerasNet) Units(units string) KerasNet {
	k.w.Units = units
	return k
}

// Code sets which hidden layer, counted from 1, is the code. The default is the middle.
func (k KerasNet) Code(layer int) KerasNet {
	k.w.Code = layer
	return k
}

// Activations sets those of the hidden layers and of the output.
func (k KerasNet) Activations(hidden, output gx.Activation) KerasNet {
	k.hidden, k.output, k.asked = hidden, output, true
	return k
}

// Name is what figures and tables call it.
func (k KerasNet) Name() string { return filepath.Base(k.path) }

// String is the recipe in a line.
func (k KerasNet) String() string { return k.Name() + ", trained by Keras" }

// Key names the network in the store.
func (k KerasNet) Key() (string, error) {
	i, err := k.recipe()
	if err != nil {
		return "", err
	}
	return i.Key()
}

// Keep reads the weights, or the network where it is kept.
func (k KerasNet) Keep(ctx context.Context, tell gx.Tell) (*gx.Fitted, error) {
	i, err := k.recipe()
	if err != nil {
		return nil, err
	}
	return i.Keep(ctx, tell)
}

func (k KerasNet) recipe() (gx.Import, error) {
	f, err := os.Open(k.path)
	if err != nil {
		return gx.Import{}, fault.Wrap(err, "a network of Keras cannot be read", k.path, "the path of an HDF5 file")
	}
	defer f.Close()
	h := sha256.New()
	if _, err := io.Copy(h, f); err != nil {
		return gx.Import{}, fault.Wrap(err, "a network of Keras cannot be read", k.path, "")
	}
	key, err := json.Marshal([]any{"keras", 1, fmt.Sprintf("%x", h.Sum(nil)), k.genes, k.w, k.hidden, k.output, k.asked})
	if err != nil {
		return gx.Import{}, fault.Wrap(err, "the settings of a network of Keras cannot be written", k.path, "")
	}
	return gx.Imported(k.Name(), string(key), k.read), nil
}

// read reads the dense layers.
func (k KerasNet) read(ctx context.Context, tell gx.Tell) (gx.Weights, error) {
	wrong := func(what, try string) (gx.Weights, error) { return gx.Weights{}, fault.New(what, k.path, try) }
	f, err := hdf.Open(k.path)
	if err != nil {
		return gx.Weights{}, err
	}
	defer f.Close()
	root := ""
	if f.IsGroup("model_weights") {
		root = "model_weights"
	}
	names := f.Texts(root, "layer_names")
	if len(names) == 0 {
		return wrong("no weights of Keras: no attribute layer_names", "a file that save_weights(…, save_format=\"h5\") wrote")
	}
	acts := kerasActivations(f.Attribute("", "model_config"))
	w := k.w
	w.Genes = k.genes
	for _, name := range names {
		group := strings.TrimPrefix(root+"/"+name, "/")
		var l gx.DenseWeights
		for _, at := range f.Texts(group, "weight_names") {
			d, err := f.Dataset(group + "/" + at)
			if err != nil {
				return gx.Weights{}, err
			}
			what := at[strings.LastIndex(at, "/")+1:]
			x := make([]float32, d.Len())
			if len(d.Dims) == 2 {
				err = d.Matrix(ctx, nil, x)
			} else {
				x, err = d.Float32s(ctx, nil)
			}
			if err != nil {
				return gx.Weights{}, err
			}
			switch {
			case strings.HasPrefix(what, "kernel") && len(d.Dims) == 2:
				l.W = x
			case strings.HasPrefix(what, "bias") && len(d.Dims) == 1:
				l.B = x
			default:
				return wrong(fmt.Sprintf("layer %s has %s with dimensions %v: it is not dense", name, what, d.Dims), "a network of dense layers")
			}
		}
		if l.W == nil && l.B == nil {
			continue // inputs, noise, dropout
		}
		if l.W == nil || l.B == nil {
			return wrong(fmt.Sprintf("layer %s lacks its weights or its biases", name), "a network of dense layers with biases")
		}
		if l.Act = k.hidden; acts[name] != "" && !k.asked {
			l.Act = acts[name]
		}
		w.Layers = append(w.Layers, l)
		if tell != nil {
			tell("reading "+name, len(w.Layers), len(names))
		}
	}
	if n := len(w.Layers); n > 0 && (k.asked || len(acts) == 0) {
		w.Layers[n-1].Act = k.output
	}
	return w, nil
}

// kerasActivations are those of a model's dense layers by name; none of a file of
// weights alone.
func kerasActivations(config string) map[string]gx.Activation {
	var m struct {
		Config struct {
			Layers []struct {
				Config struct {
					Name       string `json:"name"`
					Activation string `json:"activation"`
				} `json:"config"`
			} `json:"layers"`
		} `json:"config"`
	}
	if config == "" || json.Unmarshal([]byte(config), &m) != nil {
		return nil
	}
	out := map[string]gx.Activation{}
	for _, l := range m.Config.Layers {
		if a := l.Config.Activation; a != "" {
			out[l.Config.Name] = gx.Activation(a)
		}
	}
	return out
}
