package gx

import (
	"fmt"

	"github.com/gxlab/gxlab/gx/nn"
	"github.com/gxlab/gxlab/gx/prep"
	"github.com/gxlab/gxlab/gx/store"
)

// SiVAEFitted is a trained interpretable variational autoencoder. Its cell-wise half is a
// *Fitted of its own, with cells' codes, reconstructions and ELBO; Genes are the genes'
// embeddings.
type SiVAEFitted struct {
	*Fitted
	pair   *nn.Net
	gamma  float64
	curves [3][]Point
	embeds Matrix
}

// GeneEmbedding is the genes' embeddings (their codes' means), genes × components: what
// the loadings of PCA are to it.
func (f *SiVAEFitted) GeneEmbedding() Matrix { return f.embeds }

// Gamma is the weight with which embeddings had to explain values by themselves.
func (f *SiVAEFitted) Gamma() float64 { return f.gamma }

// Stage is the learning curve of stage 1, 2 or 3: −ELBO in nats a value; of stage 2 a value
// is a weight.
func (f *SiVAEFitted) Stage(n int) []Point {
	if n < 1 || n > 3 {
		return nil
	}
	return f.curves[n-1]
}

// Pair is the network of both halves.
func (f *SiVAEFitted) Pair() *nn.Net { return f.pair }

// DegreeCentrality is, for each gene, 1 − the mean squared error of its reconstruction over
// s as a share of the gene's variance over s: siVAE's degree centrality, which has the error
// of genes of variance 1. A gene that varies with many others is reproduced well. Of a gene
// that does not vary over s there is nothing to reproduce: 0. It is below 0 where the gene's
// mean would do better.
func (f *Fitted) DegreeCentrality(s *Set) ([]float64, error) {
	x, _, err := f.aligned(s)
	if err != nil {
		return nil, err
	}
	z, err := f.coder.Encode(x.Data, x.Rows)
	if err != nil {
		return nil, err
	}
	y, err := f.coder.Decode(z, x.Rows)
	if err != nil {
		return nil, err
	}
	out := make([]float64, x.Cols)
	for i := range x.Rows {
		for j, v := range x.Row(i) {
			d := float64(v) - float64(y[i*x.Cols+j])
			out[j] += d * d / float64(x.Rows)
		}
	}
	_, sd := prep.Moments(x, every(x.Rows))
	for j := range out {
		if sd[j] == 0 {
			out[j] = 0
			continue
		}
		out[j] = 1 - out[j]/(sd[j]*sd[j])
	}
	return out, nil
}

type pairJSON struct {
	Spec  nn.Spec `json:"spec"`
	Gamma float64 `json:"gamma"`
}

func (f *SiVAEFitted) write(d *store.Draft, set *Set, features []float32, k int, rec Record) error {
	cell, err := f.pair.Cellwise(features)
	if err != nil {
		return err
	}
	v, err := f.pair.Feature().Encode(features, set.P())
	if err != nil {
		return err
	}
	if err := d.WriteFloat32s("genes_embedding.f32", v); err != nil {
		return err
	}
	if err := d.WriteFloat32s("pair.f32", f.pair.Params()); err != nil {
		return err
	}
	if err := d.WriteJSON("pair.json", pairJSON{f.pair.Spec(), f.gamma}); err != nil {
		return err
	}
	for i, c := range f.curves {
		if err := d.WriteBytes(fmt.Sprintf("curve-%d.csv", i+1), curveCSV(c)); err != nil {
			return err
		}
	}
	return writeFitted(d, set, cell, f.curves[2], k, nil, rec)
}

func loadSiVAE(e keptFiles, name string) (*SiVAEFitted, error) {
	base, err := loadFitted(e, name)
	if err != nil {
		return nil, err
	}
	f := &SiVAEFitted{Fitted: base}
	var j pairJSON
	if err := e.JSON("pair.json", &j); err != nil {
		return nil, err
	}
	f.gamma = j.Gamma
	w, err := e.Float32s("pair.f32")
	if err != nil {
		return nil, err
	}
	if f.pair, err = nn.Restore(j.Spec, w, nil); err != nil {
		return nil, err
	}
	v, err := e.Float32s("genes_embedding.f32")
	if err != nil {
		return nil, err
	}
	f.embeds = prep.Matrix{Rows: len(base.genes), Cols: base.k, Data: v}
	if len(v) != f.embeds.Rows*f.embeds.Cols {
		return nil, fmt.Errorf("genes_embedding.f32 holds %d values for %d genes", len(v), len(base.genes))
	}
	for i := range f.curves {
		c, err := e.Bytes(fmt.Sprintf("curve-%d.csv", i+1))
		if err != nil {
			return nil, err
		}
		if f.curves[i], err = readCurve(c); err != nil {
			return nil, err
		}
	}
	return f, nil
}
