package datasets

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/gxlab/gxlab/datasets/hdf"
	"github.com/gxlab/gxlab/gx"
	"github.com/gxlab/gxlab/gx/fault"
	"github.com/gxlab/gxlab/gx/frame"
)

// isH5AD knows AnnData's format: samples × genes X, labels of samples obs and of
// genes var.
func isH5AD(f *hdf.File) bool {
	return f.Attribute("", "encoding-type") == "anndata" || (f.IsGroup("obs") || f.Has("obs")) && (f.IsGroup("var") || f.Has("var"))
}

// readH5AD reads X, obs and var (Virshup 2024), as anndata 0.7 and later write them:
// X dense or sparse by rows or columns.
func readH5AD(ctx context.Context, f *hdf.File, tell gx.Tell) (*content, error) {
	if f.Has("obs") || f.Has("var") {
		return nil, fault.New("the h5ad file was written by an anndata older than 0.7", f.Path(), `in Python: anndata.read_h5ad("old.h5ad").write_h5ad("new.h5ad")`)
	}
	c := &content{}
	var err error
	if c.samples, err = h5adLabels(ctx, f, "obs", c); err != nil {
		return nil, err
	}
	if c.genes, err = h5adLabels(ctx, f, "var", c); err != nil {
		return nil, err
	}
	names, note := distinct(c.genes.IDs(), "gene")
	if note != "" {
		c.notes = append(c.notes, note)
		if c.genes, err = renamed(c.genes, names); err != nil {
			return nil, err
		}
	}
	if !f.Has("X") && !f.IsGroup("X") {
		what := fmt.Sprintf("the h5ad file names %d samples and %d genes and has no values: its X is missing", c.samples.Len(), c.genes.Len())
		if others := f.Children("layers"); len(others) > 0 {
			what += "; its layers are " + some(others)
		}
		return nil, fault.New(what, f.Path(), "in Python: a.X = a.layers[…] (or the values) before a.write_h5ad")
	}
	rows, cols := c.samples.Len(), c.genes.Len()
	if f.Has("X") {
		return c, h5adDense(ctx, f, c, tell)
	}
	kind := f.Attribute("X", "encoding-type")
	if kind == "" {
		kind = f.Attribute("X", "h5sparse_format") + "_matrix"
	}
	if c.x, err = matrixOf(rows, cols, f.Path()); err != nil {
		return nil, err
	}
	touched(c.x)
	m := compressed{f: f, path: "X"}
	switch kind {
	case "csr_matrix":
		m.rows, m.places = rows, cols
		m.into = func(i, j int, v float32) { c.x.Data[i*cols+j] += v }
	case "csc_matrix":
		m.rows, m.places = cols, rows
		m.into = func(j, i int, v float32) { c.x.Data[i*cols+j] += v }
	default:
		return nil, fault.New(fmt.Sprintf("X is of kind %q", kind), f.Path(), "an array, or a sparse matrix by rows (csr) or columns (csc)")
	}
	if d, err := f.Dataset("X/data"); err == nil && d.Kind != hdf.Float {
		c.scale = "counts"
	}
	return c, m.read(ctx, tell)
}

func h5adDense(ctx context.Context, f *hdf.File, c *content, tell gx.Tell) error {
	d, err := f.Dataset("X")
	if err != nil {
		return err
	}
	if len(d.Dims) != 2 || d.Dims[0] != c.samples.Len() || d.Dims[1] != c.genes.Len() {
		return fault.New(fmt.Sprintf("X is %v and there are names of %d samples and %d genes", d.Dims, c.samples.Len(), c.genes.Len()), f.Path(), "fetching or copying it again: it is damaged")
	}
	if d.Kind != hdf.Float {
		c.scale = "counts"
	}
	if c.x, err = matrixOf(d.Dims[0], d.Dims[1], f.Path()); err != nil {
		return err
	}
	return d.Matrix(ctx, reading(f.Path(), tell), c.x.Data)
}

// renamed is a table of other ids.
func renamed(t *frame.Table, ids []string) (*frame.Table, error) {
	out := frame.New(ids)
	for _, n := range t.Names() {
		v, err := t.Column(n)
		if err != nil {
			return nil, err
		}
		if out, err = out.With(n, v); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// h5adLabels is a dataframe of the file. A column that cannot be read is left out
// and noted.
func h5adLabels(ctx context.Context, f *hdf.File, group string, c *content) (*frame.Table, error) {
	index := f.Attribute(group, "_index")
	if index == "" {
		index = "_index"
	}
	ids, err := h5adColumn(ctx, f, group, index, -1)
	if err != nil {
		return nil, err
	}
	t := frame.New(ids)
	names := f.Texts(group, "column-order")
	for _, n := range f.Children(group) {
		if n != index && n != "__categories" && !slices.Contains(names, n) {
			names = append(names, n)
		}
	}
	var left []string
	for _, n := range names {
		v, err := h5adColumn(ctx, f, group, n, len(ids))
		if err != nil {
			left = append(left, n)
			continue
		}
		if t, err = t.With(n, v); err != nil {
			return nil, err
		}
	}
	if len(left) > 0 {
		c.notes = append(c.notes, fmt.Sprintf("columns of %s that are no labels are left out: %s", group, some(left)))
	}
	return t, nil
}

// h5adColumn is a column of n values, or of any number where n is −1: texts,
// numbers, booleans, categories, each perhaps with missing values, which are "".
func h5adColumn(ctx context.Context, f *hdf.File, group, name string, n int) (v []string, err error) {
	path := group + "/" + name
	switch {
	case f.Has(path) && f.Has(group+"/__categories/"+name): // anndata 0.7
		v, err = categories(ctx, f, path, group+"/__categories/"+name)
	case f.Has(path):
		v, err = plainColumn(ctx, f, path)
	case f.Has(path + "/codes"):
		v, err = categories(ctx, f, path+"/codes", path+"/categories")
	case f.Has(path+"/values") && f.Has(path+"/mask"):
		if v, err = plainColumn(ctx, f, path+"/values"); err != nil {
			return nil, err
		}
		var mask []string
		if mask, err = plainColumn(ctx, f, path+"/mask"); err != nil {
			return nil, err
		}
		for i := range min(len(v), len(mask)) {
			if mask[i] == "True" || mask[i] == "1" {
				v[i] = ""
			}
		}
	default:
		return nil, fault.New("there is no column "+name, f.Path()+", /"+group, "")
	}
	if err == nil && n >= 0 && len(v) != n {
		return nil, fault.New(fmt.Sprintf("%d values for %d rows", len(v), n), f.Path()+", /"+path, "fetching or copying it again: it is damaged")
	}
	return v, err
}

// plainColumn are a dataset's values; booleans are True and False, as Python has
// them.
func plainColumn(ctx context.Context, f *hdf.File, path string) ([]string, error) {
	d, err := f.Dataset(path)
	if err != nil {
		return nil, err
	}
	v, err := d.Strings(ctx)
	if err != nil || !d.Bool {
		return v, err
	}
	for i, s := range v {
		v[i] = map[string]string{"0": "False", "1": "True"}[s]
	}
	return v, nil
}

// categories are codes with the texts that they stand for; −1 is missing.
func categories(ctx context.Context, f *hdf.File, codes, names string) ([]string, error) {
	v, err := texts(ctx, f, codes)
	if err != nil {
		return nil, err
	}
	of, err := plainColumn(ctx, f, names)
	if err != nil {
		if !f.Has(names + "/values") {
			return nil, err
		}
		i := strings.LastIndex(names, "/") // categories that may be missing themselves
		if of, err = h5adColumn(ctx, f, names[:i], names[i+1:], -1); err != nil {
			return nil, err
		}
	}
	for i, s := range v {
		k, err := strconv.Atoi(s)
		if err != nil || k >= len(of) || k < -1 {
			return nil, fault.New(fmt.Sprintf("code %s of %d categories", s, len(of)), f.Path()+", /"+codes, "fetching or copying it again: it is damaged")
		}
		if v[i] = ""; k >= 0 {
			v[i] = of[k]
		}
	}
	return v, nil
}

// h5adObs are the samples' labels of an h5ad file.
func h5adObs(ctx context.Context, path string) (*textTable, error) {
	f, err := hdf.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	if !isH5AD(f) || f.Has("obs") {
		return nil, fault.New("the HDF5 file holds no table of labels that is known", path, "an h5ad file of anndata 0.7 or later, or a table of labels as TSV")
	}
	obs, err := h5adLabels(ctx, f, "obs", &content{})
	if err != nil {
		return nil, err
	}
	t, cols := &textTable{head: []string{"sample"}}, [][]string{obs.IDs()}
	for _, n := range obs.Names() {
		v, err := obs.Column(n)
		if err != nil {
			return nil, err
		}
		if n == "sample" {
			n = "sample'"
		}
		t.head, cols = append(t.head, n), append(cols, v)
	}
	return t, t.across(cols, path)
}
