package datasets

import (
	"context"
	"fmt"
	"path/filepath"

	"github.com/gxlab/gxlab/gx"
	"github.com/gxlab/gxlab/gx/fault"
	"github.com/gxlab/gxlab/gx/frame"
	"github.com/gxlab/gxlab/gx/prep"
)

// Open is the cohort of a table of expression values and a table of sample labels.
//
// Both are TSV or CSV (tab, comma or semicolon, told by the first line), plain or
// gzipped. The expression table has a header line and a name first in every line;
// samples may be its rows or its columns: the labels tell, whose first column (or
// the one that fits best) names the samples. Without labels rows are samples.
//
// Samples without labels are left out and said; labels for samples that are not
// there, names that stand twice and cells that are no numbers are errors that name
// their place. Missing values (an empty cell, NA, NaN) are kept and said;
// DropMissing leaves their genes out.
func Open(expression string, labels ...string) gx.Cohort {
	o := opened{path: expression}
	if len(labels) > 0 {
		o.labels = labels[0]
	}
	if len(labels) > 1 {
		return gx.Failed(fault.New(fmt.Sprintf("Open with %d tables of labels", len(labels)), gx.Caller(), "one table of labels"))
	}
	return gx.From(o)
}

// openRevision is raised when the same files would give another cohort.
const openRevision = 3

type opened struct{ path, labels string }

func (o opened) Name() string { return filepath.Base(o.path) }

// Key is the sum of the files' contents: a file that changes is another cohort.
func (o opened) Key() (string, error) {
	a, err := sumOf(o.path)
	if err != nil || o.labels == "" {
		return fmt.Sprintf("open %d %s", openRevision, a), err
	}
	b, err := sumOf(o.labels)
	return fmt.Sprintf("open %d %s %s", openRevision, a, b), err
}

// Read reads the tables and fits them together.
func (o opened) Read(ctx context.Context, tell gx.Tell) (*gx.Raw, error) {
	t, err := readNumbers(ctx, o.path, tell)
	if err != nil {
		return nil, err
	}
	raw := &gx.Raw{Genes: t.cols}
	if o.labels == "" {
		raw.X, raw.Samples = t.samplesInRows(every(len(t.rows))), frame.New(t.rows)
		if len(t.rows) > 3*len(t.cols) {
			raw.Notes = append(raw.Notes, fmt.Sprintf("%s has %d rows and %d columns, and rows are taken for samples; a table of labels tells if columns are", o.Name(), len(t.rows), len(t.cols)))
		}
	} else if err := o.label(t, raw); err != nil {
		return nil, err
	}
	if err := unique(raw.Samples.IDs(), "sample", o.path); err != nil {
		return nil, err
	}
	if err := unique(raw.Genes, "gene", o.path); err != nil {
		return nil, err
	}
	if raw.X.Rows < 2 {
		return nil, fault.New(fmt.Sprintf("the table has %d sample", raw.X.Rows), o.path, "a table of several samples, or labels that name the columns if those are the samples")
	}
	if raw.X.Cols < 2 {
		return nil, fault.New(fmt.Sprintf("the table has %d gene", raw.X.Cols), o.path, "a table of several genes; is the delimiter a tab, comma or semicolon?")
	}
	if d := dates(raw.Genes); len(d) > 0 {
		raw.Notes = append(raw.Notes, fmt.Sprintf("%d gene names look like dates, as spreadsheet programs make of MARCH1 or SEPT2: %s", len(d), some(d)))
	}
	if b := prep.Check(raw.X, prep.NotFinite); b != nil {
		if b.Count == len(raw.X.Data) {
			return nil, fault.New("every value is missing", o.path, "a table with numbers")
		}
		raw.Notes = append(raw.Notes, fmt.Sprintf("%d values are missing, the first in sample %s, gene %s; .DropMissing() leaves their genes out", b.Count, raw.Samples.IDs()[b.Row], raw.Genes[b.Col]))
	}
	for _, n := range raw.Notes {
		if tell != nil {
			tell(n, 0, 0)
		}
	}
	return raw, nil
}
