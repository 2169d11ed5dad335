package datasets

import (
	"context"
	"fmt"
	"slices"

	"github.com/gxlab/gxlab/datasets/columns"
	"github.com/gxlab/gxlab/gx"
	"github.com/gxlab/gxlab/gx/fault"
	"github.com/gxlab/gxlab/gx/frame"
)

// formatParquet and formatArrow are tables kept column by column: Parquet, and Arrow's
// files and streams (Feather). pandas' index, or else the first column of text, names
// the rows; columns of numbers are the matrix, and other columns of text, of
// categories, of true and false are labels of the rows. As of a delimited table, rows
// are samples unless labels say that columns are.
var (
	formatParquet = columnsFormat("Parquet")
	formatArrow   = columnsFormat("Arrow")
)

func columnsFormat(name string) format {
	return format{
		name:  name,
		is:    func(_ string, head []byte) bool { return columns.Is(head) == name },
		read:  readColumns,
		table: columnsTable,
	}
}

// idColumn is the column that names the rows of a table; −1 where none does.
func idColumn(t *columns.Table) int {
	for _, name := range t.Index {
		if i := slices.IndexFunc(t.Columns, func(c columns.Column) bool { return c.Name == name && c.Kind != columns.Other }); i >= 0 {
			return i
		}
	}
	return slices.IndexFunc(t.Columns, func(c columns.Column) bool { return c.Kind == columns.Text })
}

func readColumns(ctx context.Context, path string, tell gx.Tell) (*content, error) {
	t, err := columns.Open(path)
	if err != nil {
		return nil, err
	}
	defer t.Close()
	c := &content{rowsTaken: true, scale: "counts"}
	id := idColumn(t)
	var numbers []int
	var genes, left []string
	for i, k := range t.Columns {
		switch {
		case i == id:
		case k.Kind == columns.Number:
			numbers, genes = append(numbers, i), append(genes, k.Name)
			if !k.Whole {
				c.scale = ""
			}
		case k.Kind == columns.Other:
			left = append(left, k.Name)
		}
	}
	if len(numbers) == 0 || t.Rows == 0 {
		return nil, fault.New(fmt.Sprintf("the table has %d rows and %d columns of numbers", t.Rows, len(numbers)), path, "a table with a column of numbers for each gene or each sample")
	}
	var ids []string
	if id < 0 {
		ids = numberedNames("sample_", t.Rows)
		c.notes = append(c.notes, fmt.Sprintf("no column of text names the %d rows: they are called sample_1 and so on", t.Rows))
	} else if ids, err = t.Texts(ctx, id); err != nil {
		return nil, err
	}
	if len(left) > 0 {
		c.notes = append(c.notes, "columns of lists, times or bytes are left out: "+some(left))
	}
	genes, note := distinct(genes, "column")
	if note != "" {
		c.notes = append(c.notes, note)
	}
	c.genes, c.samples = frame.New(genes), frame.New(ids)
	for i, k := range t.Columns {
		if i == id || k.Kind != columns.Text && k.Kind != columns.Flag {
			continue
		}
		v, err := t.Texts(ctx, i)
		if err != nil {
			return nil, err
		}
		if c.samples, err = c.samples.With(k.Name, v); err != nil {
			return nil, fault.At(err, path)
		}
	}
	if c.x, err = matrixOf(t.Rows, len(numbers), path); err != nil {
		return nil, err
	}
	return c, t.Numbers(ctx, numbers, reading(path, tell), c.x.Data)
}

// columnsTable reads every column as text, the one that names the rows first.
func columnsTable(ctx context.Context, path string) (*textTable, error) {
	t, err := columns.Open(path)
	if err != nil {
		return nil, err
	}
	defer t.Close()
	order := every(len(t.Columns))
	if id := idColumn(t); id > 0 {
		order = append([]int{id}, slices.Delete(order, id, id+1)...)
	}
	out := &textTable{}
	var cols [][]string
	for _, i := range order {
		if t.Columns[i].Kind == columns.Other {
			continue
		}
		v, err := t.Texts(ctx, i)
		if err != nil {
			return nil, err
		}
		name := t.Columns[i].Name
		if name == "__index_level_0__" { // pandas' for an index without a name
			name = "sample"
		}
		out.head, cols = append(out.head, name), append(cols, v)
	}
	return out, out.across(cols, path)
}

// across takes the columns of a table of text.
func (t *textTable) across(cols [][]string, path string) error {
	if len(cols) == 0 || len(cols[0]) == 0 {
		return fault.New("the file holds no table of labels", path, "a row for each sample")
	}
	t.rows = make([][]string, len(cols[0]))
	for i := range t.rows {
		t.rows[i] = make([]string, len(cols))
		for k, c := range cols {
			t.rows[i][k] = c[i]
		}
	}
	return unique(t.head, "label", path)
}
