package datasets

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"maps"
	"math"
	"os"
	"slices"
	"strings"

	"github.com/gxlab/gxlab/datasets/rdata"
	"github.com/gxlab/gxlab/gx"
	"github.com/gxlab/gxlab/gx/fault"
	"github.com/gxlab/gxlab/gx/frame"
	"github.com/gxlab/gxlab/gx/prep"
)

// formatR is what R's save and saveRDS write. Of several objects the largest matrix
// or data frame of numbers is taken, wherever it lies in lists and S4 objects
// (ExpressionSet, SummarizedExperiment, dgCMatrix), and said; factors, vectors and
// data frames that fit its samples become their labels.
//
// Which of its sides are samples is told by such labels, else the shorter one is.
var formatR = format{name: "R", is: isR, read: readR, table: rTable}

func isR(path string, head []byte) bool {
	if rdata.Is(head) {
		return true
	}
	if !rdata.Packed(head) { // by bzip2 or xz, which openUnpacked does not know
		return false
	}
	f, err := os.Open(path)
	if err != nil {
		return false
	}
	defer f.Close()
	r, err := rdata.Unpack(bufio.NewReader(f))
	if err != nil {
		return false
	}
	first := make([]byte, 16)
	n, _ := io.ReadFull(r, first)
	return rdata.Is(first[:n])
}

// rMatrix is a matrix of numbers found in a file of R.
type rMatrix struct {
	path       string
	floats     []float32 // the values column by column, where they are kept so
	rows, cols int
	rowNames   []string
	colNames   []string
	into       func(x prep.Matrix, across bool) error // rows of R are rows of x, or across its columns
}

func readR(ctx context.Context, path string, tell gx.Tell) (*content, error) {
	objects, err := rdata.Read(ctx, path, reading(path, tell))
	if err != nil {
		return nil, err
	}
	s := &rSearch{seen: map[*rdata.Value]bool{}}
	for _, o := range objects {
		s.look(o.Name, o.Value, 0)
	}
	if len(s.matrices) == 0 {
		return nil, fault.New("the R file holds no matrix of numbers", path, "saveRDS of a matrix or data frame; it holds "+some(s.all))
	}
	best := slices.MaxFunc(s.matrices, func(a, b rMatrix) int {
		if a.rows*a.cols == b.rows*b.cols {
			return slices.Index(s.all, b.path) - slices.Index(s.all, a.path) // the first
		}
		return a.rows*a.cols - b.rows*b.cols
	})
	c := &content{}
	if len(s.matrices) > 1 {
		var others []string
		for _, m := range s.matrices {
			if m.path != best.path {
				others = append(others, fmt.Sprintf("%s (%d × %d)", m.path, m.rows, m.cols))
			}
		}
		c.notes = append(c.notes, fmt.Sprintf("of the file's matrices %s (%d × %d) is taken, not %s", best.path, best.rows, best.cols, some(others)))
	}
	return c, c.fromR(best, s.labels, path)
}

// fromR takes the matrix, with its samples' labels.
func (c *content) fromR(m rMatrix, labels []rLabels, path string) error {
	rowFit, colFit := 0, 0
	for _, l := range labels {
		if l.fits(m.rowNames, m.rows) {
			rowFit++
		}
		if l.fits(m.colNames, m.cols) {
			colFit++
		}
	}
	samplesInRows := m.rows < m.cols
	if rowFit != colFit {
		samplesInRows = rowFit > colFit
	}
	samples, genes, n, p := m.colNames, m.rowNames, m.cols, m.rows
	if samplesInRows {
		samples, genes, n, p = m.rowNames, m.colNames, m.rows, m.cols
	}
	if samples == nil {
		samples = numberedNames("sample_", n)
		c.notes = append(c.notes, fmt.Sprintf("the matrix does not name its %d samples: they are called sample_1 and so on", n))
	}
	if genes == nil {
		genes = numberedNames("gene_", p)
		c.notes = append(c.notes, fmt.Sprintf("the matrix does not name its %d genes: they are called gene_1 and so on", p))
	}
	if len(samples) != n || len(genes) != p {
		return fault.New(fmt.Sprintf("%s is %d × %d and has %d and %d names", m.path, m.rows, m.cols, len(m.rowNames), len(m.colNames)), path, "fetching or copying it again: it is damaged")
	}
	genes, note := distinct(genes, "gene")
	if note != "" {
		c.notes = append(c.notes, note)
	}
	c.genes, c.samples = frame.New(genes), frame.New(samples)
	var err error
	for _, l := range labels {
		if !l.fits(samples, n) {
			continue
		}
		order := l.order(samples)
		for _, col := range l.columns {
			v := make([]string, n)
			for i, k := range order {
				v[i] = col.values[k]
			}
			name := col.name
			for c.samples.Has(name) {
				name += "'"
			}
			if c.samples, err = c.samples.With(name, v); err != nil {
				return err
			}
		}
	}
	if len(m.floats) == n*p { // it lies as it should, or turned
		c.x = prep.Matrix{Rows: m.cols, Cols: m.rows, Data: m.floats}
		if samplesInRows {
			c.x = turn(c.x)
		}
		return nil
	}
	if c.x, err = matrixOf(n, p, path); err != nil {
		return err
	}
	if err := m.into(c.x, !samplesInRows); err != nil {
		return fault.Wrap(err, m.path+" is damaged", path, "fetching or copying it again")
	}
	return nil
}

// numberedNames are names that are told apart by numbers.
func numberedNames(prefix string, n int) []string {
	out := make([]string, n)
	for i := range out {
		out[i] = fmt.Sprint(prefix, i+1)
	}
	return out
}

// rLabels are columns of labels found in a file of R, and the names of their rows.
type rLabels struct {
	names   []string
	columns []rColumn
}

type rColumn struct {
	name   string
	values []string
}

// fits says whether the labels are those of n things of these names.
func (l rLabels) fits(names []string, n int) bool {
	if len(l.columns[0].values) != n {
		return false
	}
	return l.names == nil || names == nil || l.order(names) != nil
}

// order is the row of each name; nil where one is missing. Labels without names of
// their own, or with the numbers of data frames, lie in order.
func (l rLabels) order(names []string) []int {
	if l.names == nil || slices.Equal(l.names, numberedNames("", len(l.names))) {
		return every(len(names))
	}
	at := indexOf(l.names)
	out := make([]int, len(names))
	for i, n := range names {
		k, ok := at[n]
		if !ok {
			return nil
		}
		out[i] = k
	}
	return out
}

// rSearch looks for matrices and labels.
type rSearch struct {
	seen     map[*rdata.Value]bool
	matrices []rMatrix
	labels   []rLabels
	all      []string // the paths of what was looked at

	labelsAlone bool // numbers of data frames are labels too
}

// look looks at an object and at what it holds.
func (s *rSearch) look(path string, v *rdata.Value, depth int) {
	if v == nil || depth > 12 || s.seen[v] {
		return
	}
	s.seen[v] = true
	if path == "" {
		path = "the object"
	}
	s.all = append(s.all, path)
	switch {
	case v.Is("data.frame"):
		s.frame(path, v)
		return
	case v.Attribute("i") != nil && v.Attribute("p") != nil && v.Attribute("x") != nil && v.Attribute("Dim") != nil:
		s.sparse(path, v)
		return
	case v.Numeric():
		if rows, cols, ok := v.Dim(); ok && rows*cols == v.Len() && rows > 0 && cols > 0 {
			m := rMatrix{path: path, floats: v.Floats, rows: rows, cols: cols, into: denseR(v, rows, cols)}
			m.rowNames, m.colNames = v.DimNames("dimnames")
			s.matrices = append(s.matrices, m)
			return
		}
	}
	if l := v.Labels(); l != nil && len(l) > 1 {
		name := path[strings.LastIndexAny(path, "$@")+1:]
		s.labels = append(s.labels, rLabels{v.Names(), []rColumn{{name, l}}})
		return
	}
	names := v.Names()
	for i, e := range v.List {
		name := fmt.Sprintf("[[%d]]", i+1)
		if i < len(names) && names[i] != "" {
			name = "$" + names[i]
		}
		s.look(path+name, e, depth+1)
	}
	if v.S4 || v.List == nil && v.Len() == 0 { // slots, or an environment's variables
		for _, n := range slices.Sorted(maps.Keys(v.Attributes)) {
			if n != "class" && !strings.HasPrefix(n, ".") {
				s.look(path+"@"+n, v.Attributes[n], depth+1)
			}
		}
	}
}

// frame takes a data frame: a matrix where it holds numbers in the main, and labels
// of its other columns; a few columns may be either.
func (s *rSearch) frame(path string, v *rdata.Value) {
	names := v.Names()
	if len(names) != len(v.List) || len(v.List) == 0 {
		return
	}
	rows := v.List[0].Len()
	var numbers []*rdata.Value
	var numberNames []string
	var l rLabels
	for i, c := range v.List {
		if c.Len() != rows {
			return
		}
		if c.Numeric() && !c.Logical {
			numbers, numberNames = append(numbers, c), append(numberNames, names[i])
		}
	}
	matrix := !s.labelsAlone && (len(numbers) > 20 || len(numbers) > 1 && len(numbers) >= len(v.List)-1 && rows > 20)
	for i, c := range v.List {
		if matrix && c.Numeric() && !c.Logical {
			continue
		}
		if texts := c.Labels(); texts != nil {
			l.columns = append(l.columns, rColumn{names[i], texts})
		}
	}
	rowNames := v.Attribute("row.names").Labels()
	if matrix {
		m := rMatrix{path: path, rows: rows, cols: len(numbers), colNames: numberNames, rowNames: rowNames}
		if len(l.columns) == 1 && slices.Equal(rowNames, numberedNames("", len(rowNames))) || rowNames == nil && len(l.columns) > 0 {
			m.rowNames = l.columns[0].values // such as a column of genes
		}
		m.floats = together(numbers, rows)
		m.into = func(x prep.Matrix, across bool) error {
			for j, c := range numbers {
				for i := range rows {
					put(x, i, j, across, float32(c.Number(i)))
				}
			}
			return nil
		}
		s.matrices = append(s.matrices, m)
	}
	if len(l.columns) > 0 {
		l.names = rowNames
		s.labels = append(s.labels, l)
	}
}

// together are columns that lie one after the other; nil where they do not.
func together(columns []*rdata.Value, rows int) []float32 {
	first := columns[0].Floats
	if rows == 0 || cap(first) < rows*len(columns) {
		return nil
	}
	all := first[:rows*len(columns)]
	for j, c := range columns {
		if len(c.Floats) != rows || &c.Floats[0] != &all[j*rows] {
			return nil
		}
	}
	return all
}

func put(x prep.Matrix, row, col int, across bool, v float32) {
	if across {
		row, col = col, row
	}
	x.Data[row*x.Cols+col] = v
}

// denseR fills from a matrix of R, which lies column by column.
func denseR(v *rdata.Value, rows, cols int) func(prep.Matrix, bool) error {
	return func(x prep.Matrix, across bool) error {
		for j := range cols {
			for i := range rows {
				put(x, i, j, across, float32(v.Number(j*rows+i)))
			}
		}
		return nil
	}
}

// sparse takes the Matrix package's dgCMatrix: values x of rows i, column by column
// from p.
func (s *rSearch) sparse(path string, v *rdata.Value) {
	dim, at, rows, values := v.Attribute("Dim"), v.Attribute("p"), v.Attribute("i"), v.Attribute("x")
	if dim.Len() != 2 {
		return
	}
	m := rMatrix{path: path, rows: int(dim.Number(0)), cols: int(dim.Number(1))}
	if m.rows < 1 || m.cols < 1 {
		return
	}
	m.rowNames, m.colNames = v.DimNames("Dimnames")
	m.into = func(x prep.Matrix, across bool) error {
		if at.Len() != m.cols+1 || rows.Len() != values.Len() {
			return fmt.Errorf("%d columns, %d beginnings, %d places, %d values", m.cols, at.Len(), rows.Len(), values.Len())
		}
		for j := range m.cols {
			lo, hi := at.Number(j), at.Number(j+1)
			if !(lo >= 0 && hi >= lo && hi <= float64(rows.Len())) {
				return fmt.Errorf("column %d goes from %v to %v of %d", j+1, lo, hi, rows.Len())
			}
			for k := int(lo); k < int(hi); k++ {
				i := rows.Number(k)
				if !(i >= 0 && i < float64(m.rows)) || i != math.Trunc(i) {
					return fmt.Errorf("value %d is in row %v of %d", k+1, i, m.rows)
				}
				put(x, int(i), j, across, float32(values.Number(k)))
			}
		}
		return nil
	}
	s.matrices = append(s.matrices, m)
}

// rTables are the data frames, factors and vectors of a file of R.
func rTables(ctx context.Context, path string) ([]rLabels, error) {
	objects, err := rdata.Read(ctx, path, nil)
	if err != nil {
		return nil, err
	}
	s := &rSearch{seen: map[*rdata.Value]bool{}}
	for _, o := range objects {
		s.look(o.Name, o.Value, 0)
	}
	return s.labels, nil
}

// rTable is the data frame with most columns of a file of R, as a table of labels; of
// several of as many the first.
func rTable(ctx context.Context, path string) (*textTable, error) {
	objects, err := rdata.Read(ctx, path, nil)
	if err != nil {
		return nil, err
	}
	s := &rSearch{seen: map[*rdata.Value]bool{}, labelsAlone: true}
	for _, o := range objects {
		s.look(o.Name, o.Value, 0)
	}
	var best *rLabels
	for i, l := range s.labels {
		if best == nil || len(l.columns) > len(best.columns) {
			best = &s.labels[i]
		}
	}
	if best == nil {
		return nil, fault.New("the R file holds no labels", path, "saveRDS of a data frame with a row for each sample; it holds "+some(s.all))
	}
	t := &textTable{}
	var cols [][]string
	if best.names != nil && !slices.Equal(best.names, numberedNames("", len(best.names))) {
		name := "sample"
		for slices.ContainsFunc(best.columns, func(c rColumn) bool { return c.name == name }) {
			name += "'"
		}
		t.head, cols = append(t.head, name), append(cols, best.names)
	}
	for _, c := range best.columns {
		t.head, cols = append(t.head, c.name), append(cols, c.values)
	}
	return t, t.across(cols, path)
}
