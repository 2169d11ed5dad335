package gx

import (
	"fmt"
	"strings"

	"github.com/gxlab/gxlab/gx/nn"
	"github.com/gxlab/gxlab/gx/prep"
	"github.com/gxlab/gxlab/gx/store"
)

// Inferred is a trained network that predicts genes from landmark genes.
type Inferred struct {
	model        *Model // of the landmarks: how new samples are brought to the network
	landmarks    []string
	targets      []string
	shift, scale []float32 // of the targets
	nets         []*nn.Net // one a block of targets
	near         *neighbours
	by           regressorChain // in the place of a network
	curves       [][]Point
	notes        []string
	rec          Record
}

// Name is what figures and tables call it.
func (f *Inferred) Name() string { return f.model.name }

// Landmarks are the genes that are looked at.
func (f *Inferred) Landmarks() []string { return f.landmarks }

// Targets are the genes that are predicted.
func (f *Inferred) Targets() []string { return f.targets }

// Blocks is how many networks share the targets: one for a linear method, which is a
// network without hidden layers, and none for neighbours.
func (f *Inferred) Blocks() int { return len(f.nets) }

// Net is the network of a block, from 0.
func (f *Inferred) Net(block int) *nn.Net { return f.nets[block] }

// Curve is the learning curve of a block, from 0, in the data's own units.
func (f *Inferred) Curve(block int) []Point { return f.curves[block] }

// Units are those of the profiles it was fitted on, such as "log2".
func (f *Inferred) Units() string { return f.model.units }

// Notes are what fitting had to say: landmarks that the cohort lacks.
func (f *Inferred) Notes() []string { return f.notes }

// Record says where it comes from.
func (f *Inferred) Record() Record { return f.rec }

// String is the fitted network in a line.
func (f *Inferred) String() string {
	return fmt.Sprintf("%s: %d genes from %d landmarks; %s", f.Name(), len(f.targets), len(f.landmarks), f.rec.What)
}

// Prepare is a cohort of new samples, such as a second platform's, brought to where the
// training samples were, as Model.Prepare does it.
func (f *Inferred) Prepare(c Cohort) Cohort { return f.model.Prepare(c) }

// Predict is the targets' predicted profiles of s's samples, in the data's own units.
// Landmarks are found by name; those that s lacks take their training mean and are
// named in the profiles' Notes. With fewer than half of them it is an error.
func (f *Inferred) Predict(s *Set) (*Set, error) {
	x, missing, err := f.model.aligned(s)
	if err != nil {
		return nil, err
	}
	out := prep.NewMatrix(s.N(), len(f.targets))
	at := 0
	if f.near != nil {
		y, err := f.near.model.Predict(x)
		if err != nil {
			return nil, err
		}
		for i := range out.Rows {
			for k, v := range y.Row(i) {
				out.Row(i)[k] = v*f.scale[k] + f.shift[k]
			}
		}
	}
	for _, net := range f.nets {
		n := net.Spec().Out()
		y, err := net.Reconstruct(x.Data, x.Rows)
		if err != nil {
			return nil, err
		}
		for i := range out.Rows {
			for k, v := range y[i*n : (i+1)*n] {
				out.Row(i)[at+k] = v*f.scale[at+k] + f.shift[at+k]
			}
		}
		at += n
	}
	b := &base{name: "predicted by " + f.Name(), x: out, genes: f.targets, samples: s.Samples(), parts: make([]Part, out.Rows), units: f.model.units}
	if len(missing) > 0 {
		b.notes = append(b.notes, fmt.Sprintf("%d landmarks missing and taken at their training mean: %s", len(missing), legal(missing)))
	}
	return &Set{b: b}, nil
}

// GeneErrors are the errors of the predictions for s's samples, gene by gene, over the
// targets that s has. Their SD is that of the training samples, by which the network
// standardised the gene.
func (f *Inferred) GeneErrors(s *Set) (*GeneErrors, error) {
	y, err := f.Predict(s)
	if err != nil {
		return nil, err
	}
	return f.errors(CompareGenes(s, y))
}

// PermuteGenes are GeneErrors with the permutation test of every target, against all
// genes of s.
func (f *Inferred) PermuteGenes(s *Set) (*GeneErrors, error) {
	y, err := f.Predict(s)
	if err != nil {
		return nil, err
	}
	return f.errors(PermuteGenes(s, y))
}

func (f *Inferred) errors(e *GeneErrors, err error) (*GeneErrors, error) {
	if err != nil {
		return nil, err
	}
	at := map[string]float32{}
	for j, g := range f.targets {
		at[g] = f.scale[j]
	}
	for k, g := range e.Genes {
		e.SD[k] = float64(at[g])
	}
	e.Name = f.Name()
	return e, nil
}

// inferredJSON is what inferred.json holds.
type inferredJSON struct {
	Units  string         `json:"units"`
	Specs  []nn.Spec      `json:"specs"`
	Notes  []string       `json:"notes"`
	Record Record         `json:"record"`
	Steps  []step         `json:"steps"`
	By     regressorChain `json:"by"`
}

func (f *Inferred) write(d *store.Draft) error {
	lines := func(name string, v []string) error {
		return d.WriteBytes(name, []byte(strings.Join(v, "\n")+"\n"))
	}
	if err := lines("landmarks.txt", f.landmarks); err != nil {
		return err
	}
	if err := lines("targets.txt", f.targets); err != nil {
		return err
	}
	var scale []float32
	for _, v := range [][]float32{f.model.shift, f.model.scale, f.shift, f.scale} {
		scale = append(scale, v...)
	}
	if err := d.WriteFloat32s("scale.f32", scale); err != nil {
		return err
	}
	if f.model.target != nil {
		if err := d.WriteFloat32s("target.f32", f.model.target); err != nil {
			return err
		}
	}
	j := inferredJSON{Units: f.model.units, Notes: f.notes, Record: f.rec, Steps: f.model.steps, By: f.by}
	if f.near != nil {
		if err := f.near.write(d); err != nil {
			return err
		}
	}
	for b, net := range f.nets {
		j.Specs = append(j.Specs, net.Spec())
		if err := d.WriteFloat32s(fmt.Sprintf("weights-%d.f32", b), net.Params()); err != nil {
			return err
		}
		if err := d.WriteBytes(fmt.Sprintf("curve-%d.csv", b), curveCSV(f.curves[b])); err != nil {
			return err
		}
	}
	if err := d.WriteJSON("inferred.json", j); err != nil {
		return err
	}
	return d.Describe("inference", f.rec.What, f.rec)
}

func loadInferred(e files, name string) (*Inferred, error) {
	var j inferredJSON
	if err := e.JSON("inferred.json", &j); err != nil {
		return nil, err
	}
	f := &Inferred{notes: j.Notes, rec: j.Record}
	for file, to := range map[string]*[]string{"landmarks.txt": &f.landmarks, "targets.txt": &f.targets} {
		b, err := e.Bytes(file)
		if err != nil {
			return nil, err
		}
		*to = strings.Split(strings.TrimSuffix(string(b), "\n"), "\n")
	}
	s, err := e.Float32s("scale.f32")
	if err != nil {
		return nil, err
	}
	k, n := len(f.landmarks), len(f.targets)
	if len(s) != 2*k+2*n {
		return nil, fmt.Errorf("scale.f32 holds %d values for %d landmarks and %d targets", len(s), k, n)
	}
	f.model = &Model{name: name, genes: f.landmarks, units: j.Units, shift: s[:k], scale: s[k : 2*k], mean: s[:k], steps: j.Steps, notes: j.Notes, rec: j.Record}
	f.shift, f.scale = s[2*k:2*k+n], s[2*k+n:]
	if e.Has("target.f32") {
		if f.model.target, err = e.Float32s("target.f32"); err != nil {
			return nil, err
		}
	}
	if f.by = j.By; f.by.K > 0 {
		if f.near, err = loadNeighbours(e, f.by, k, n); err != nil {
			return nil, err
		}
	}
	for b, spec := range j.Specs {
		w, err := e.Float32s(fmt.Sprintf("weights-%d.f32", b))
		if err != nil {
			return nil, err
		}
		net, err := nn.Restore(spec, w, nil)
		if err != nil {
			return nil, err
		}
		c, err := e.Bytes(fmt.Sprintf("curve-%d.csv", b))
		if err != nil {
			return nil, err
		}
		curve, err := readCurve(c)
		if err != nil {
			return nil, err
		}
		f.nets, f.curves = append(f.nets, net), append(f.curves, curve)
	}
	return f, nil
}
