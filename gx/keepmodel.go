package gx

import (
	"io"
	"strings"

	"github.com/gxlab/gxlab/gx/prep"
	"github.com/gxlab/gxlab/gx/reduce"
	"github.com/gxlab/gxlab/gx/store"
)

// files is where a model is read from: a kept entry or a shared file.
type files interface {
	Has(name string) bool
	Bytes(name string) ([]byte, error)
	JSON(name string, v any) error
	Float32s(name string) ([]float32, error)
}

// modelJSON is what model.json holds.
type modelJSON struct {
	K      int      `json:"k"`
	Units  string   `json:"units"`
	Scaled bool     `json:"scaled"` // genes.f32 holds shift and scale before the means
	Notes  []string `json:"notes"`
	Record Record   `json:"record"`
	Steps  []step   `json:"steps"` // of the cohort, for new samples
}

// saveModel writes what every model keeps beside its own numbers: genes, their
// shift, scale and training mean, notes and the record.
func saveModel(d *store.Draft, train *Set, k int, notes []string, rec Record) error {
	b := train.b
	if err := d.WriteBytes("genes.txt", []byte(strings.Join(b.genes, "\n")+"\n")); err != nil {
		return err
	}
	var f []float32
	if b.shift != nil {
		f = append(append(f, b.shift...), b.scale...)
	}
	f = append(f, geneMeans(train)...)
	if err := d.WriteFloat32s("genes.f32", f); err != nil {
		return err
	}
	if b.target != nil {
		if err := d.WriteFloat32s("target.f32", b.target); err != nil {
			return err
		}
	}
	return d.WriteJSON("model.json", modelJSON{K: k, Units: b.units, Scaled: b.shift != nil, Notes: notes, Record: rec, Steps: b.steps})
}

func loadModel(f files, name string) (*Model, error) {
	var j modelJSON
	if err := f.JSON("model.json", &j); err != nil {
		return nil, err
	}
	g, err := f.Bytes("genes.txt")
	if err != nil {
		return nil, err
	}
	v, err := f.Float32s("genes.f32")
	if err != nil {
		return nil, err
	}
	m := &Model{name: name, k: j.K, units: j.Units, notes: j.Notes, rec: j.Record, steps: j.Steps}
	if f.Has("target.f32") {
		if m.target, err = f.Float32s("target.f32"); err != nil {
			return nil, err
		}
	}
	m.genes = strings.Split(strings.TrimSuffix(string(g), "\n"), "\n")
	p := len(m.genes)
	if j.Scaled {
		m.shift, m.scale, v = v[:p], v[p:2*p], v[2*p:]
	}
	m.mean = v[:p]
	return m, nil
}

// geneMeans are the means of every gene, in data units.
func geneMeans(s *Set) []float32 {
	sum := make([]float64, s.P())
	for i := range s.N() {
		for j, v := range s.Row(i) {
			sum[j] += float64(v)
		}
	}
	out := make([]float32, len(sum))
	for j, v := range sum {
		out[j] = float32(v / float64(max(1, s.N())))
	}
	return out
}

// saveReduction writes a reduction's arrays: shapes in arrays.json, values in one
// file each, as little-endian float64 or, where they came as float32, as that.
func saveReduction(d *store.Draft, m reduce.Model) error {
	shapes := map[string][]int{}
	arrays := m.Arrays()
	for _, name := range sortedKeys(arrays) {
		a := arrays[name]
		shapes[name] = a.Shape
		var err error
		if a.Single != nil {
			err = d.WriteFloat32s(name+".f32", a.Single)
		} else {
			err = d.Write(name+".f64", func(w io.Writer) error { return prep.WriteFloat64s(w, a.Data) })
		}
		if err != nil {
			return err
		}
	}
	return d.WriteJSON("arrays.json", reductionJSON{m.Kind(), shapes})
}

type reductionJSON struct {
	Kind   string           `json:"kind"`
	Shapes map[string][]int `json:"shapes"`
}

func loadReduction(f files) (reduce.Model, error) {
	var j reductionJSON
	if err := f.JSON("arrays.json", &j); err != nil {
		return nil, err
	}
	arrays := map[string]reduce.Array{}
	for name, shape := range j.Shapes {
		a := reduce.Array{Shape: shape}
		if f.Has(name + ".f32") {
			x, err := f.Float32s(name + ".f32")
			if err != nil {
				return nil, err
			}
			a.Single = x
		} else {
			b, err := f.Bytes(name + ".f64")
			if err != nil {
				return nil, err
			}
			a.Data = prep.Float64s(b)
		}
		arrays[name] = a
	}
	return reduce.Restore(j.Kind, arrays)
}
