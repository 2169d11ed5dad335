package datasets

import (
	"context"
	"fmt"
	"os"
	"path/filepath"

	"github.com/gxlab/gxlab/gx"
	"github.com/gxlab/gxlab/gx/fault"
	"github.com/gxlab/gxlab/gx/frame"
	"github.com/gxlab/gxlab/gx/prep"
)

// Open is the cohort of a file of expression values and a table of sample labels.
//
// What kind of file it is, its content tells: a delimited table (TSV or CSV: tab,
// comma or semicolon, told by the first line) or one of the formats listed in
// formats.go. Text may be plain, gzipped or packed with zstd. A delimited table has
// a header line and a name first in every line; samples may be its rows or its
// columns: the labels tell, whose first column (or the one that fits best) names
// the samples. Without labels rows are samples. The other formats know their
// samples, and some hold labels of them: those are kept, and the labels given here
// are joined to them by sample; of a label that both have, the one given here is
// taken and said.
//
// The labels may be a delimited table too, a Parquet, Arrow or Feather file, a data frame
// of R, or the samples' labels of an h5ad file (see ReadTable).
//
// The name of a public set of expression profiles (see Publics, or gxlab data list) is
// taken for it where there is no such file.
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
	if p, ok := publicNamed(expression); ok && o.labels == "" && p.Expression() {
		if _, err := os.Stat(expression); err != nil {
			return cohortOf(p.Name)
		}
	}
	return gx.From(o)
}

// openRevision is raised when the same files would give another cohort.
const openRevision = 3

type opened struct{ path, labels string }

func (o opened) Name() string { return filepath.Base(o.path) }

// Key is the sum of the files' contents: a file that changes is another cohort.
func (o opened) Key() (string, error) {
	f, err := formatOf(o.path)
	if err != nil {
		return "", err
	}
	files := []string{o.path}
	if f != nil && f.also != nil {
		files = append(files, f.also(o.path)...)
	}
	if o.labels != "" {
		files = append(files, o.labels)
	}
	key := fmt.Sprintf("open %d", openRevision)
	for _, p := range files {
		if fi, err := os.Stat(p); err == nil && fi.IsDir() && p == o.path && len(files) > 1 {
			continue // what matters of a folder are its files
		}
		sum, err := sumOf(p)
		if err != nil {
			return "", err
		}
		key += " " + sum
	}
	return key, nil
}

// Read reads the values and fits the labels to them.
func (o opened) Read(ctx context.Context, tell gx.Tell) (*gx.Raw, error) {
	f, err := formatOf(o.path)
	if err != nil {
		return nil, err
	}
	var raw *gx.Raw
	if f == nil {
		raw, err = o.table(ctx, tell)
	} else {
		raw, err = o.content(ctx, f, tell)
	}
	if err != nil {
		return nil, err
	}
	if err := o.check(raw, tell); err != nil {
		return nil, err
	}
	return raw, nil
}

// table reads a delimited table.
func (o opened) table(ctx context.Context, tell gx.Tell) (*gx.Raw, error) {
	t, err := readNumbers(ctx, o.path, tell)
	if err != nil {
		return nil, err
	}
	raw := &gx.Raw{Genes: t.cols}
	if o.labels == "" {
		raw.X, raw.Samples = t.samplesInRows(every(len(t.rows))), frame.New(t.rows)
		raw.Notes = append(raw.Notes, o.rowsTaken(len(t.rows), len(t.cols))...)
		return raw, nil
	}
	m, err := o.match(t.rows, t.cols)
	if err != nil {
		return nil, err
	}
	raw.Samples, raw.Notes = m.labels, m.notes
	if m.across {
		raw.Genes, raw.X = t.rows, t.samplesInColumns(m.keep)
	} else {
		raw.X = t.samplesInRows(m.keep)
	}
	return raw, nil
}

// rowsTaken warns of a table that looks as if its columns were the samples.
func (o opened) rowsTaken(rows, cols int) []string {
	if rows <= 3*cols {
		return nil
	}
	return []string{fmt.Sprintf("%s has %d rows and %d columns, and rows are taken for samples; a table of labels tells if columns are", o.Name(), rows, cols)}
}

// content reads a file that knows its samples.
func (o opened) content(ctx context.Context, f *format, tell gx.Tell) (*gx.Raw, error) {
	c, err := f.read(ctx, o.path, tell)
	if err != nil {
		return nil, err
	}
	if c.scale == "counts" {
		c.scale = "signal" // counts are not logged
	}
	raw := &gx.Raw{X: c.x, Genes: c.genes.IDs(), Samples: c.samples, Scale: c.scale, Notes: c.notes}
	if len(c.genes.Names()) > 0 {
		raw.GeneTable = c.genes
	}
	if o.labels == "" {
		if c.rowsTaken {
			raw.Notes = append(raw.Notes, o.rowsTaken(raw.X.Rows, raw.X.Cols)...)
		}
		return raw, nil
	}
	if err := unique(raw.Samples.IDs(), "sample", o.path); err != nil {
		return nil, err
	}
	m, err := o.match(raw.Samples.IDs(), raw.Genes)
	if err != nil {
		return nil, err
	}
	if m.across {
		raw.X, raw.Genes, raw.Samples, raw.GeneTable = transposed(c.x, m.keep), c.samples.IDs(), c.genes.Rows(m.keep), nil
		if len(c.samples.Names()) > 0 {
			raw.GeneTable = c.samples
		}
	} else if len(m.keep) < raw.X.Rows {
		raw.X, raw.Samples = kept(c.x, m.keep), c.samples.Rows(m.keep)
	}
	raw.Notes = append(raw.Notes, m.notes...)
	if err := o.join(raw, m.labels); err != nil {
		return nil, err
	}
	return raw, nil
}

// join adds the labels, whose rows are raw's samples, to what the file tells.
func (o opened) join(raw *gx.Raw, labels *frame.Table) error {
	var both []string
	for _, n := range labels.Names() {
		if raw.Samples.Has(n) {
			both = append(both, n)
		}
		v, err := labels.Column(n)
		if err != nil {
			return err
		}
		if raw.Samples, err = raw.Samples.With(n, v); err != nil {
			return err
		}
	}
	if len(both) > 0 {
		raw.Notes = append(raw.Notes, fmt.Sprintf("the file and the labels both have %s: the labels' is taken", some(both)))
	}
	return nil
}

// check refuses what no analysis can take and says what a reader should know.
func (o opened) check(raw *gx.Raw, tell gx.Tell) error {
	if err := unique(raw.Samples.IDs(), "sample", o.path); err != nil {
		return err
	}
	if err := unique(raw.Genes, "gene", o.path); err != nil {
		return err
	}
	if raw.X.Rows < 2 {
		return fault.New(fmt.Sprintf("the table has %d sample", raw.X.Rows), o.path, "a table of several samples, or labels that name the columns if those are the samples")
	}
	if raw.X.Cols < 2 {
		return fault.New(fmt.Sprintf("the table has %d gene", raw.X.Cols), o.path, "a table of several genes; is the delimiter a tab, comma or semicolon?")
	}
	if d := dates(raw.Genes); len(d) > 0 {
		raw.Notes = append(raw.Notes, fmt.Sprintf("%s, as spreadsheet programs make of MARCH1 or SEPT2: %s", howMany(len(d), "gene name looks like a date", "gene names look like dates"), some(d)))
	}
	if b := prep.CheckFinite(raw.X); b != nil {
		if b.Count == len(raw.X.Data) {
			return fault.New("every value is missing", o.path, "a table with numbers")
		}
		raw.Notes = append(raw.Notes, fmt.Sprintf("%s in sample %s, gene %s; .DropMissing() leaves their genes out", howMany(b.Count, "value is missing:", "values are missing, the first"), raw.Samples.IDs()[b.Row], raw.Genes[b.Col]))
	}
	for _, n := range raw.Notes {
		if tell != nil {
			tell(n, 0, 0)
		}
	}
	return nil
}
