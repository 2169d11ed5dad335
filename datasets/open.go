package datasets

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"sort"
	"strings"

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
const openRevision = 1

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

func sumOf(path string) (string, error) {
	f, err := openFile(path)
	if err != nil {
		return "", err
	}
	defer f.Close()
	h := sha256.New()
	if _, err := io.Copy(h, f); err != nil {
		return "", fault.Wrap(err, "the file cannot be read", path, "")
	}
	return hex.EncodeToString(h.Sum(nil)), nil
}

// openFile opens a file, or says what lies near its name.
func openFile(path string) (*os.File, error) {
	fi, err := os.Stat(path)
	if err != nil {
		if path == "" {
			return nil, fault.New("no file is named", "Open", "the path of a table")
		}
		abs, aerr := filepath.Abs(path)
		if aerr != nil {
			abs = path
		}
		return nil, fault.New("there is no such file", abs, near(path))
	}
	if fi.IsDir() {
		return nil, fault.New("this is a folder, not a table", path, "one of the files in it: "+inside(path))
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, fault.Wrap(err, "the file cannot be opened", path, "a file that you may read")
	}
	return f, nil
}

// near are files in the same folder whose names are like path's.
func near(path string) string {
	dir := filepath.Dir(path)
	des, err := os.ReadDir(dir)
	if err != nil {
		return "the right path: the folder " + dir + " is not there either"
	}
	want := strings.ToLower(filepath.Base(path))
	type like struct {
		name string
		n    int
	}
	var ls []like
	for _, d := range des {
		n, name := 0, strings.ToLower(d.Name())
		for n < len(want) && n < len(name) && want[n] == name[n] {
			n++
		}
		if n >= 3 && !d.IsDir() {
			ls = append(ls, like{d.Name(), n})
		}
	}
	sort.SliceStable(ls, func(i, j int) bool { return ls[i].n > ls[j].n })
	if len(ls) == 0 {
		return "the right path; " + dir + " holds " + inside(dir)
	}
	var names []string
	for _, l := range ls[:min(3, len(ls))] {
		names = append(names, l.name)
	}
	return "one of " + strings.Join(names, ", ")
}

func inside(dir string) string {
	des, err := os.ReadDir(dir)
	if err != nil || len(des) == 0 {
		return "nothing"
	}
	var names []string
	for _, d := range des[:min(5, len(des))] {
		names = append(names, d.Name())
	}
	if len(des) > 5 {
		names = append(names, fmt.Sprintf("and %d more", len(des)-5))
	}
	return strings.Join(names, ", ")
}

// Read reads the tables and fits them together.
func (o opened) Read(ctx context.Context, tell gx.Tell) (*gx.Raw, error) {
	t, err := readNumbers(ctx, o.path, tell)
	if err != nil {
		return nil, err
	}
	raw := &gx.Raw{Genes: t.cols, Notes: t.notes}
	if o.labels == "" {
		raw.X, raw.Samples = t.x, frame.New(t.rows)
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
	if b := prep.Check(raw.X, prep.NotFinite); b != nil {
		if b.Count == len(raw.X.Data) {
			return nil, fault.New("every value is missing", o.path, "a table with numbers")
		}
		raw.Notes = append(raw.Notes, fmt.Sprintf("%d values are missing, the first in sample %s, gene %s; .DropMissing() leaves their genes out", b.Count, raw.Samples.IDs()[b.Row], raw.Genes[b.Col]))
	}
	return raw, nil
}

// label finds which axis the labels name and puts the table's samples into rows.
func (o opened) label(t *numbers, raw *gx.Raw) error {
	lab, err := readText(o.labels)
	if err != nil {
		return err
	}
	rows, cols := indexOf(t.rows), indexOf(t.cols)
	best, bestN, across := 0, 0, false
	for c := range lab.head {
		inRows, inCols := 0, 0
		for _, r := range lab.rows {
			if _, ok := rows[r[c]]; ok {
				inRows++
			}
			if _, ok := cols[r[c]]; ok {
				inCols++
			}
		}
		if n := max(inRows, inCols); n > bestN {
			best, bestN, across = c, n, inCols > inRows
		}
	}
	if bestN == 0 {
		return fault.New(fmt.Sprintf("the labels name none of the table's samples: they say %s; the table has rows %s and columns %s",
			some(lab.column(0)), some(t.rows), some(t.cols)), o.labels, "labels with a column of sample names as the table of values has them")
	}
	ids := lab.column(best)
	if err := unique(ids, "sample", o.labels); err != nil {
		return err
	}
	have := rows
	samples := t.rows
	if across {
		have, samples = cols, t.cols
	}
	var unknown []string
	for _, id := range ids {
		if _, ok := have[id]; !ok {
			unknown = append(unknown, id)
		}
	}
	if len(unknown) > 0 {
		return fault.New(fmt.Sprintf("%d labels are for samples that the table of values does not have: %s", len(unknown), some(unknown)), o.labels,
			"the values of those samples, or labels without those lines")
	}
	of := indexOf(ids)
	var keep []int
	var without []string
	for i, s := range samples {
		if _, ok := of[s]; ok {
			keep = append(keep, i)
		} else {
			without = append(without, s)
		}
	}
	if len(without) > 0 {
		raw.Notes = append(raw.Notes, fmt.Sprintf("%d samples have no labels and are left out: %s", len(without), some(without)))
	}
	if across {
		if err := unique(t.cols, "sample", o.path); err != nil {
			return err
		}
		raw.Genes = t.rows
		raw.X = transposed(t.x, keep)
	} else {
		raw.X = t.x
		if len(keep) < len(samples) {
			raw.X = t.x.Pick(keep)
		}
	}
	names := make([]string, len(keep))
	order := make([]int, len(keep))
	for k, i := range keep {
		names[k], order[k] = samples[i], of[samples[i]]
	}
	raw.Samples = frame.New(names)
	for c, h := range lab.head {
		if c == best {
			continue
		}
		v := make([]string, len(keep))
		for k, r := range order {
			v[k] = lab.rows[r][c]
		}
		if raw.Samples, err = raw.Samples.With(h, v); err != nil {
			return err
		}
	}
	return nil
}

// transposed is the columns of index as rows.
func transposed(x prep.Matrix, index []int) prep.Matrix {
	out := prep.NewMatrix(len(index), x.Rows)
	const block = 64
	for lo := 0; lo < x.Rows; lo += block {
		hi := min(lo+block, x.Rows)
		for k, c := range index {
			to := out.Row(k)
			for r := lo; r < hi; r++ {
				to[r] = x.Data[r*x.Cols+c]
			}
		}
	}
	return out
}

func indexOf(names []string) map[string]int {
	m := make(map[string]int, len(names))
	for i, n := range names {
		m[n] = i
	}
	return m
}

// unique refuses names that stand twice.
func unique(names []string, what, path string) error {
	seen := make(map[string]int, len(names))
	var twice []string
	for i, n := range names {
		if n == "" {
			return fault.New(fmt.Sprintf("%s %d has no name", what, i+1), path, "a name for every "+what)
		}
		if seen[n]++; seen[n] == 2 {
			twice = append(twice, n)
		}
	}
	if len(twice) > 0 {
		return fault.New(fmt.Sprintf("%d %ss stand there more than once: %s", len(twice), what, some(twice)), path, "one line or column for each "+what+", such as the one of highest variance")
	}
	return nil
}

// some are the first few names.
func some(names []string) string {
	if len(names) <= 5 {
		return strings.Join(names, ", ")
	}
	return strings.Join(names[:5], ", ") + fmt.Sprintf(" and %d more", len(names)-5)
}
