package gx

import (
	"fmt"
	"strings"

	"github.com/gxlab/gxlab/gx/frame"
	"github.com/gxlab/gxlab/gx/prep"
	"github.com/gxlab/gxlab/gx/stats"
	"github.com/gxlab/gxlab/gx/store"
)

// Embedded is a map of samples in two dimensions, samples × 2. Its axes have no units and,
// but of PCA, no meaning.
type Embedded struct {
	Matrix
	Samples *frame.Table

	name  string
	of    Matrix // the points that were drawn
	notes []string
	rec   Record
}

// Name is what figures call it, such as "t-SNE".
func (e *Embedded) Name() string { return e.name }

// Notes are what making it had to say.
func (e *Embedded) Notes() []string { return e.notes }

// Record says where the map comes from.
func (e *Embedded) Record() Record { return e.rec }

// XY are the samples' places.
func (e *Embedded) XY() (xs, ys []float64) {
	xs, ys = make([]float64, e.Rows), make([]float64, e.Rows)
	for i := range xs {
		xs[i], ys[i] = float64(e.Data[2*i]), float64(e.Data[2*i+1])
	}
	return xs, ys
}

// Axes are the names of the axes, such as "t-SNE 1" and "t-SNE 2".
func (e *Embedded) Axes() (x, y string) {
	if kind, _, _ := strings.Cut(e.rec.What, ","); kind == tsne || kind == umap {
		return kind + " 1", kind + " 2"
	}
	return "PC1", "PC2"
}

// Trustworthiness is how far each sample's k nearest on the map are near it among the
// points that were drawn, before any principal components were taken (Venna and Kaski
// 2001): 1 where they are its k nearest there too, about 0.5 of a map drawn at random. It
// takes n² distances.
func (e *Embedded) Trustworthiness(k int) (float64, error) {
	of, on := make([][]float32, e.Rows), make([][]float32, e.Rows)
	for i := range of {
		of[i], on[i] = e.of.Row(i), e.Row(i)
	}
	return stats.Trustworthiness(of, on, k)
}

// SaveTSV writes the map as a table of tab-separated values: a line a sample, with its
// name first. The file appears whole or not at all.
func (e *Embedded) SaveTSV(path string) error {
	x, y := e.Axes()
	return saveTSV(path, e.Samples.IDs(), []string{x, y}, e.Row)
}

// String is the map in one line.
func (e *Embedded) String() string { return fmt.Sprintf("%d samples: %s", e.Rows, e.rec.What) }

type embeddedJSON struct {
	Rows   int      `json:"rows"`
	Notes  []string `json:"notes"`
	Record Record   `json:"record"`
}

func (e *Embedded) write(d *store.Draft) error {
	if err := d.WriteFloat32s("map.f32", e.Data); err != nil {
		return err
	}
	if err := d.Write("samples.tsv", e.Samples.WriteTSV); err != nil {
		return err
	}
	if err := d.WriteJSON("embedded.json", embeddedJSON{e.Rows, e.notes, e.rec}); err != nil {
		return err
	}
	return d.Describe("embedding", e.rec.What, e.rec)
}

func loadEmbedded(f files, name string) (*Embedded, error) {
	var j embeddedJSON
	if err := f.JSON("embedded.json", &j); err != nil {
		return nil, err
	}
	b, err := f.Bytes("samples.tsv")
	if err != nil {
		return nil, err
	}
	e := &Embedded{name: name, notes: j.Notes, rec: j.Record}
	if e.Samples, err = frame.ReadTSV(strings.NewReader(string(b))); err != nil {
		return nil, err
	}
	v, err := f.Float32s("map.f32")
	if err != nil {
		return nil, err
	}
	if len(v) != 2*j.Rows {
		return nil, fmt.Errorf("map.f32 holds %d values for %d samples", len(v), j.Rows)
	}
	e.Matrix = prep.Matrix{Rows: j.Rows, Cols: 2, Data: v}
	return e, nil
}
