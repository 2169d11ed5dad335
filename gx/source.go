package gx

import (
	"context"
	"encoding/json"

	"github.com/gxlab/gxlab/gx/frame"
	"github.com/gxlab/gxlab/gx/prep"
	"github.com/gxlab/gxlab/gx/store"
)

// Tell hears of progress (done of total parts of what) and, with total 0, of
// notices. It may be nil.
type Tell = store.Tell

// Matrix is samples × genes, row by row, float32.
type Matrix = prep.Matrix

// Raw is what a source reads: expression values, samples × genes, with their
// labels, before any step.
type Raw struct {
	X       prep.Matrix
	Genes   []string
	Samples *frame.Table // one row a sample, in the order of X's rows
	// GeneTable is what the source tells of the genes, such as their symbols: one
	// row a gene, in the order of Genes; nil for nothing.
	GeneTable *frame.Table

	// Scale is "log2" or "signal" (not logged), as the source knows or guesses.
	Scale string
	// Truth is what was planted, of simulated data; else empty.
	Truth json.RawMessage
	// Notes are said to the user when the data are read and kept with the set.
	Notes []string
}

// A Source is where a cohort's values come from: files, a public set, a
// simulation.
type Source interface {
	// Name is what people call it.
	Name() string
	// Key is text that changes whenever the values would: parameters, or the
	// content sums of files, and a revision number of the code that reads them.
	Key() (string, error)
	// Read reads or makes the values.
	Read(ctx context.Context, tell Tell) (*Raw, error)
}

// From is the cohort of a source, with no steps yet.
func From(s Source) Cohort {
	if s == nil {
		return Cohort{err: bad("From", "no source", "datasets.Simulated() or datasets.Open(…)")}
	}
	return Cohort{source: s, where: Caller()}
}

// Failed is a cohort that holds an error: what a function that should return a
// cohort returns when it cannot. The error comes out of the verb at the end of
// the chain.
func Failed(err error) Cohort { return Cohort{err: err} }
