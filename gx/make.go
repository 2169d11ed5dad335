package gx

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"sync"

	"github.com/gxlab/gxlab/gx/fault"
	"github.com/gxlab/gxlab/gx/frame"
	"github.com/gxlab/gxlab/gx/prep"
	"github.com/gxlab/gxlab/gx/store"
)

// setJSON is what set.json holds.
type setJSON struct {
	Name   string          `json:"name"`
	Rows   int             `json:"rows"`
	Cols   int             `json:"cols"`
	Parts  []Part          `json:"parts"`
	Units  string          `json:"units"`
	Scaled bool            `json:"scaled"`
	Notes  []string        `json:"notes"`
	Truth  json.RawMessage `json:"truth,omitempty"`
	Steps  []step          `json:"steps"`
}

// kept is the entry of a recipe in the store, made where it is not there yet.
func kept(ctx context.Context, recipe interface{ Key() (string, error) }, tell Tell, make func(ctx context.Context, d *store.Draft) error) (*store.Entry, error) {
	key, err := recipe.Key()
	if err != nil {
		return nil, err
	}
	st, err := store.Open()
	if err != nil {
		return nil, err
	}
	return st.Make(ctx, key, tell, make)
}

// Keep reads the data and takes the steps, or opens the set where it is kept.
func (c Cohort) Keep(ctx context.Context, tell Tell) (*Set, error) {
	e, err := kept(ctx, c, tell, func(ctx context.Context, d *store.Draft) error { return c.make(ctx, tell, d) })
	if err != nil {
		return nil, err
	}
	return loadSet(e)
}

func (c Cohort) make(ctx context.Context, tell Tell, d *store.Draft) error {
	key, err := c.Key()
	if err != nil {
		return err
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	w, err := c.prepare(ctx, tell)
	if err != nil {
		return err
	}
	b := w.base(c.source.Name(), c.steps)
	if err := d.WriteFloat32s("matrix.f32", b.x.Data); err != nil {
		return err
	}
	if err := d.WriteBytes("genes.txt", []byte(strings.Join(b.genes, "\n")+"\n")); err != nil {
		return err
	}
	if err := d.Write("samples.tsv", b.samples.WriteTSV); err != nil {
		return err
	}
	if b.geneTable != nil {
		if err := d.Write("genes.tsv", b.geneTable.WriteTSV); err != nil {
			return err
		}
	}
	if b.shift != nil {
		if err := d.WriteFloat32s("scale.f32", append(append([]float32(nil), b.shift...), b.scale...)); err != nil {
			return err
		}
	}
	if b.target != nil {
		if err := d.WriteFloat32s("target.f32", b.target); err != nil {
			return err
		}
	}
	err = d.WriteJSON("set.json", setJSON{
		Name: b.name, Rows: b.x.Rows, Cols: b.x.Cols, Parts: b.parts, Units: b.units,
		Scaled: b.shift != nil, Notes: b.notes, Truth: b.truth, Steps: b.steps,
	})
	if err != nil {
		return err
	}
	return d.Describe("cohort", c.String(), Record{
		What: c.String(), Source: b.name, Data: key, Steps: c.Steps(),
		Samples: b.x.Rows, Genes: b.x.Cols, Versions: versions(),
	})
}

// loaded are the sets that this process has opened, by the entry they are of: a cell
// that keeps one cohort in many places opens it once.
var loaded sync.Map

// loadSet opens a kept set.
func loadSet(e *store.Entry) (*Set, error) {
	made, err := e.Made()
	if err != nil {
		return nil, err
	}
	if s, ok := loaded.Load(made); ok {
		return s.(*Set), nil
	}
	s, err := readSet(e)
	if err == nil {
		loaded.Store(made, s)
	}
	return s, err
}

func readSet(e *store.Entry) (*Set, error) {
	var j setJSON
	if err := e.JSON("set.json", &j); err != nil {
		return nil, err
	}
	b := &base{name: j.Name, key: e.Key(), parts: j.Parts, units: j.Units, notes: j.Notes, truth: j.Truth, steps: j.Steps}
	g, err := e.Bytes("genes.txt")
	if err != nil {
		return nil, err
	}
	b.genes = strings.Split(strings.TrimSuffix(string(g), "\n"), "\n")
	t, err := e.Bytes("samples.tsv")
	if err != nil {
		return nil, err
	}
	if b.samples, err = frame.ReadTSV(strings.NewReader(string(t))); err != nil {
		return nil, err
	}
	if e.Has("genes.tsv") {
		g, err := e.Bytes("genes.tsv")
		if err != nil {
			return nil, err
		}
		if b.geneTable, err = frame.ReadTSV(strings.NewReader(string(g))); err != nil {
			return nil, err
		}
	}
	x, err := e.Matrix("matrix.f32")
	if err != nil {
		return nil, err
	}
	b.x = prep.Matrix{Rows: j.Rows, Cols: j.Cols, Data: x}
	if j.Scaled {
		s, err := e.Float32s("scale.f32")
		if err != nil {
			return nil, err
		}
		b.shift, b.scale = s[:j.Cols], s[j.Cols:]
	}
	if e.Has("target.f32") {
		if b.target, err = e.Float32s("target.f32"); err != nil {
			return nil, err
		}
	}
	return &Set{b: b}, nil
}

// prepare reads the source and takes every step.
func (c Cohort) prepare(ctx context.Context, tell Tell) (*work, error) {
	raw, err := c.source.Read(ctx, tell)
	if err != nil {
		return nil, fault.At(err, c.where)
	}
	w, err := newWork(raw, tell)
	if err != nil {
		return nil, fault.At(err, c.where)
	}
	for i, s := range c.steps {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		if tell != nil {
			tell("preparing: "+s.Verb, i, len(c.steps))
		}
		if err := verbs[s.Verb].run(w, s); err != nil {
			return nil, fault.In(err, fmt.Sprintf("%s(%s)", s.Verb, s.Args), s.where)
		}
	}
	if tell != nil {
		tell("prepared", len(c.steps), max(1, len(c.steps)))
	}
	if why := prep.LooksUnlogged(w.x); why != "" && w.units == "signal" {
		w.note("these values look as if they were not logged: " + why + "; .EnsureLog2() takes the logarithm, .Log1p() that of counts")
	}
	return w, nil
}
