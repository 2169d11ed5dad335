package frame

import (
	"strings"

	"github.com/go-gota/gota/dataframe"
	"github.com/go-gota/gota/series"

	"github.com/gxlab/gxlab/gx/fault"
)

// DataFrame is the table for gota: the ids as a first column named id, all
// columns text. gota takes "NA" and "NaN" for missing.
func (t *Table) DataFrame() dataframe.DataFrame {
	cols := []series.Series{series.New(t.ids, series.String, "id")}
	for _, n := range t.names {
		cols = append(cols, series.New(t.cols[n], series.String, n))
	}
	return dataframe.New(cols...)
}

// FromDataFrame is the table of a gota DataFrame; the column id names the rows.
func FromDataFrame(df dataframe.DataFrame, id string) (*Table, error) {
	if df.Err != nil {
		return nil, fault.Wrap(df.Err, "a data frame with an error", "", "looking at the step before it")
	}
	var t *Table
	for _, n := range df.Names() {
		if n == id {
			t = New(df.Col(n).Records())
		}
	}
	if t == nil {
		return nil, fault.New("the data frame has no column "+quote(id), "", "one of "+strings.Join(df.Names(), ", "))
	}
	for _, n := range df.Names() {
		if n != id {
			var err error
			if t, err = t.With(n, df.Col(n).Records()); err != nil {
				return nil, err
			}
		}
	}
	return t, nil
}
