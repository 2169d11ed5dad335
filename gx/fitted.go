package gx

import (
	"archive/zip"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"sort"

	"github.com/gxlab/gxlab/gx/fault"
	"github.com/gxlab/gxlab/gx/nn"
	"github.com/gxlab/gxlab/gx/store"
)

// Point is one epoch of a learning curve: the mean squared (or absolute) error
// of the training and of the watched samples, in data units.
type Point = nn.Point

// Fitted is a trained network: a Model with its learning curve and layers.
type Fitted struct {
	*Model
	net   *nn.Net
	curve []Point
	from  files

	classes classesJSON // of its classifier, if it has one
	list    []string
}

// Curve is the learning curve, one point an epoch. Valid is the error of the
// validation part, or of the test part where there is no validation part; it is
// watched and, without EarlyStop, decides nothing.
func (f *Fitted) Curve() []Point { return f.curve }

// Net is the network itself: its layers, weights and activations.
func (f *Fitted) Net() *nn.Net { return f.net }

// String is the fitted network in a line.
func (f *Fitted) String() string {
	s := f.rec.What
	if n := len(f.curve); n > 0 {
		s += fmt.Sprintf("; after %d epochs: training %.4g%s", f.curve[n-1].Epoch, f.curve[n-1].Train, watched(f.curve[n-1].Valid))
	}
	return s
}

// SVG draws the trained network's layers.
func (f *Fitted) SVG() ([]byte, error) {
	var ls []drawn
	spec := f.net.Spec()
	ls = append(ls, drawn{width: spec.In})
	for i, l := range spec.Layers {
		if l.Kind == nn.Dense {
			ls = append(ls, drawn{width: l.Width, act: Activation(l.Act.String()), code: i == spec.Code-1})
		} else if l.Kind == nn.Sample { // of means and log variances the code is drawn
			ls[len(ls)-1] = drawn{width: spec.CodeSize(), act: Linear, code: true}
		} else if len(ls) > 0 {
			ls[len(ls)-1].note = string(l.Kind)
		}
	}
	return drawLayers(f.name, ls), nil
}

// modelFileFormat is raised when a shared file would no longer be read by an
// older gxlab; every format that was ever written is read.
const modelFileFormat = 1

// Save writes the trained network into one file that Open reads on any machine:
// a zip archive of plain files. It appears whole or not at all.
func (f *Fitted) Save(path string) error {
	var buf bytes.Buffer
	z := zip.NewWriter(&buf)
	add := func(name string, b []byte) error {
		w, err := z.Create(name)
		if err == nil {
			_, err = w.Write(b)
		}
		return err
	}
	err := add("gxlab.json", fmt.Appendf(nil, "{\"format\": %d, \"name\": %q}\n", modelFileFormat, f.name))
	for _, name := range f.list {
		if err == nil {
			var b []byte
			if b, err = f.from.Bytes(name); err == nil {
				err = add(name, b)
			}
		}
	}
	if err == nil {
		err = z.Close()
	}
	if err != nil {
		return fault.Wrap(err, "a trained network cannot be written", path, "")
	}
	return store.ReplaceFile(path, buf.Bytes())
}

// OpenFitted reads a trained network from the file that Save wrote.
func OpenFitted(path string) (*Fitted, error) {
	wrong := func(err error) error {
		return fault.Wrap(err, "this is no trained network of gxlab", path, "a file that Fitted.Save wrote")
	}
	raw, err := os.ReadFile(path)
	if err != nil {
		return nil, fault.Wrap(err, "a trained network cannot be read", path, "the path of a file that Fitted.Save wrote")
	}
	z, err := zip.NewReader(bytes.NewReader(raw), int64(len(raw)))
	if err != nil {
		return nil, wrong(err)
	}
	zf := zipFiles{}
	for _, f := range z.File {
		r, err := f.Open()
		if err != nil {
			return nil, wrong(err)
		}
		b, err := io.ReadAll(r)
		r.Close()
		if err != nil {
			return nil, wrong(err)
		}
		zf[f.Name] = b
	}
	var head struct {
		Format int
		Name   string
	}
	if err := zf.JSON("gxlab.json", &head); err != nil {
		return nil, wrong(err)
	}
	if head.Format > modelFileFormat {
		return nil, fault.New(fmt.Sprintf("the file has format %d, this gxlab reads up to %d", head.Format, modelFileFormat), path, "a newer gxlab")
	}
	delete(zf, "gxlab.json")
	f, err := loadFitted(zf, head.Name)
	if err != nil {
		return nil, wrong(err)
	}
	return f, nil
}

// zipFiles are the files of a shared model.
type zipFiles map[string][]byte

func (z zipFiles) Has(name string) bool { _, ok := z[name]; return ok }

func (z zipFiles) Files() []string {
	var out []string
	for n := range z {
		out = append(out, n)
	}
	sort.Strings(out)
	return out
}

func (z zipFiles) Bytes(name string) ([]byte, error) {
	b, ok := z[name]
	if !ok {
		return nil, fmt.Errorf("it has no %s", name)
	}
	return b, nil
}

func (z zipFiles) JSON(name string, v any) error {
	b, err := z.Bytes(name)
	if err != nil {
		return err
	}
	return json.Unmarshal(b, v)
}

func (z zipFiles) Float32s(name string) ([]float32, error) {
	b, err := z.Bytes(name)
	if err != nil {
		return nil, err
	}
	return store.Float32s(b)
}

// Keep trains the network, or reads it where it is kept. Training that was
// stopped, by an interrupt or a lost process, goes on from its last checkpoint
// and ends with the same weights, bit for bit, as if it had not been stopped.
func (t Training) Keep(ctx context.Context, tell Tell) (*Fitted, error) {
	return t.keep(ctx, tell, 0)
}
