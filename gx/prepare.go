package gx

import (
	"context"
	"encoding/json"

	"github.com/gxlab/gxlab/gx/fault"
)

// Prepare is a cohort of new samples brought to where the model's own samples
// were: the steps of the training cohort that need no learning (logarithm, floor)
// are taken, and quantile normalisation gives the new samples the distribution
// that the training cohort had. Splits, choices of genes and scaling are left to
// the model itself, which knows them.
//
//	new := gx.Must(kernel.Keep(fit.Prepare(datasets.Open("new.tsv"))))
//	codes := gx.Must(fit.Encode(new))
func (m *Model) Prepare(c Cohort) Cohort {
	if err := c.Err(); err != nil {
		return c
	}
	if len(c.steps) > 0 {
		return c.failed("Prepare", "the cohort has steps of its own already", "Prepare with the data as they were read: datasets.Open(…)")
	}
	p := From(prepared{c.source, m.steps, m.target})
	p.where = c.where
	return p
}

// prepared is a source with a model's steps taken.
type prepared struct {
	of     Source
	steps  []step
	target []float32
}

func (p prepared) Name() string { return p.of.Name() }

func (p prepared) Key() (string, error) {
	k, err := p.of.Key()
	if err != nil {
		return "", err
	}
	return keyOf("prepared", 1, k, p.steps, p.target), nil
}

func (p prepared) Read(ctx context.Context, tell Tell) (*Raw, error) {
	raw, err := p.of.Read(ctx, tell)
	if err != nil {
		return nil, err
	}
	w, err := newWork(raw, tell)
	if err != nil {
		return nil, err
	}
	for _, s := range p.steps {
		switch s.Verb {
		case "Log2", "Log1p", "Ln1p", "Floor", "EnsureLog2", "MinMaxPerSample", "QuantileNormalise", "DropMissing", "MapGenes", "GenesBy", "UpperQuartile", "NormaliseTotal":
			w.target = p.target
			if err := verbs[s.Verb].run(w, s); err != nil {
				return nil, fault.At(err, s.Verb+" as for the model's training samples")
			}
		}
	}
	return &Raw{X: w.x, Genes: w.genes, Samples: w.samples, GeneTable: w.geneTable, Scale: w.units, Truth: json.RawMessage(w.truth), Notes: w.notes}, nil
}
