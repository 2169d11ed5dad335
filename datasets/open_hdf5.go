package datasets

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/gxlab/gxlab/datasets/hdf"
	"github.com/gxlab/gxlab/gx"
	"github.com/gxlab/gxlab/gx/cores"
	"github.com/gxlab/gxlab/gx/fault"
	"github.com/gxlab/gxlab/gx/frame"
	"github.com/gxlab/gxlab/gx/prep"
)

// formatHDF5 is an HDF5 file of one of the kinds below, told by what it holds.
var formatHDF5 = format{name: "HDF5", is: isHDF5, read: readHDF5, table: h5adObs}

func isHDF5(_ string, head []byte) bool { return strings.HasPrefix(string(head), hdf.Signature) }

// kindsOfHDF5 are tried in this order.
var kindsOfHDF5 = []struct {
	name string
	is   func(f *hdf.File) bool
	read func(ctx context.Context, f *hdf.File, tell gx.Tell) (*content, error)
}{
	{"h5ad", isH5AD, readH5AD},
	{"10x", isTenXH5, readTenXH5},
	{"GCTX", func(f *hdf.File) bool { return f.Has(gctxMatrix) }, readGCTX},
}

func readHDF5(ctx context.Context, path string, tell gx.Tell) (*content, error) {
	f, err := hdf.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	for _, k := range kindsOfHDF5 {
		if k.is(f) {
			return k.read(ctx, f, tell)
		}
	}
	return nil, fault.New("the HDF5 file is of no kind that is known: it holds "+some(f.Children("")), path, "an h5ad (AnnData), a 10x matrix or a GCTX file")
}

// reading tells of progress as a share of the values.
func reading(path string, tell gx.Tell) func(done, total int) {
	if tell == nil {
		return nil
	}
	last := -1
	return func(done, total int) {
		if p := int(float64(done) / float64(max(1, total)) * 100); p != last {
			last = p
			tell("reading "+path, p, 100)
		}
	}
}

// texts are a dataset's values as text.
func texts(ctx context.Context, f *hdf.File, path string) ([]string, error) {
	d, err := f.Dataset(path)
	if err != nil {
		return nil, err
	}
	return d.Strings(ctx)
}

// compressed is a sparse matrix in HDF5: rows one after the other (CSR), each with
// the places of its values and the values.
type compressed struct {
	f    *hdf.File
	path string
	// into puts value v of row i at place j; it is called for several at once.
	rows, places int
	into         func(i, j int, v float32)
}

// touched has the system give a matrix of zeros its room: to write here and
// there first costs several times as much as to go through it once.
func touched(m prep.Matrix) {
	cores.Each(m.Rows, func(i int) { clear(m.Row(i)) })
}

// read reads the matrix whole. Its indices are checked.
func (c compressed) read(ctx context.Context, tell gx.Tell) error {
	wrong := func(what string) error {
		return fault.New("the sparse matrix is damaged: "+what, c.f.Path()+", /"+c.path, "fetching or copying it again")
	}
	d, err := c.f.Dataset(c.path + "/indptr")
	if err != nil {
		return err
	}
	if d.Len() != c.rows+1 {
		return wrong(fmt.Sprintf("it has the beginnings of %d rows, not %d", d.Len()-1, c.rows))
	}
	starts, err := d.Ints(ctx)
	if err != nil {
		return err
	}
	if d, err = c.f.Dataset(c.path + "/indices"); err != nil {
		return err
	}
	n := d.Len()
	for i, v := range starts {
		if v > n || i == 0 && v != 0 || i > 0 && v < starts[i-1] {
			return wrong(fmt.Sprintf("row %d begins at value %d of %d", i+1, v, n))
		}
	}
	if starts[c.rows] != n {
		return wrong(fmt.Sprintf("its rows have %d values and there are %d", starts[c.rows], n))
	}
	places, err := d.Ints32(ctx)
	if err != nil {
		return err
	}
	if bad := slices.IndexFunc(places, func(p int32) bool { return p < 0 || int(p) >= c.places }); bad >= 0 {
		return wrong(fmt.Sprintf("value %d is beyond its %d columns", bad+1, c.places))
	}
	if d, err = c.f.Dataset(c.path + "/data"); err != nil {
		return err
	}
	if d.Len() != n {
		return wrong(fmt.Sprintf("%d values at %d places", d.Len(), n))
	}
	return d.List(ctx, reading(c.f.Path(), tell), func(at int, x []float64) {
		row, found := slices.BinarySearch(starts, at)
		if !found {
			row--
		}
		for k, v := range x {
			for at+k >= starts[row+1] {
				row++
			}
			c.into(row, int(places[at+k]), float32(v))
		}
	})
}

// gctxMatrix is where a GCTX file has its values, a row for every column of the
// matrix: samples × genes.
const gctxMatrix = "0/DATA/0/matrix"

// readGCTX reads LINCS's format (Enache 2019): genes are its rows, samples its
// columns, each with labels.
func readGCTX(ctx context.Context, f *hdf.File, tell gx.Tell) (*content, error) {
	d, err := f.Dataset(gctxMatrix)
	if err != nil {
		return nil, err
	}
	c := &content{}
	if c.genes, err = gctxLabels(ctx, f, "0/META/ROW"); err != nil {
		return nil, err
	}
	if c.samples, err = gctxLabels(ctx, f, "0/META/COL"); err != nil {
		return nil, err
	}
	if len(d.Dims) != 2 || d.Dims[0] != c.samples.Len() || d.Dims[1] != c.genes.Len() {
		return nil, fault.New(fmt.Sprintf("the matrix is %v and there are names of %d samples and %d genes", d.Dims, c.samples.Len(), c.genes.Len()), f.Path(), "fetching or copying it again: it is damaged")
	}
	if c.x, err = matrixOf(d.Dims[0], d.Dims[1], f.Path()); err != nil {
		return nil, err
	}
	return c, d.Matrix(ctx, reading(f.Path(), tell), c.x.Data)
}

// gctxLabels are the labels of rows or columns; id names them.
func gctxLabels(ctx context.Context, f *hdf.File, group string) (*frame.Table, error) {
	ids, err := texts(ctx, f, group+"/id")
	if err != nil {
		return nil, err
	}
	t := frame.New(trimmed(ids))
	for _, name := range f.Children(group) {
		if name == "id" || !f.Has(group+"/"+name) {
			continue
		}
		v, err := texts(ctx, f, group+"/"+name)
		if err != nil {
			return nil, err
		}
		if t, err = t.With(name, trimmed(v)); err != nil {
			return nil, fault.At(err, f.Path()+", /"+group)
		}
	}
	return t, nil
}

// trimmed are texts of fixed width without the blanks at their ends.
func trimmed(x []string) []string {
	for i, v := range x {
		x[i] = strings.TrimRight(v, " ")
	}
	return x
}
