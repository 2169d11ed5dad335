package frame

import (
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/go-gota/gota/dataframe"
	"github.com/go-gota/gota/series"

	"github.com/gxlab/gxlab/gx/fault"
)

// DataFrame is the table for gota: the ids as a first column named id, columns of
// numbers as float64 (missing ones NaN), the others as text, of which gota takes "NA"
// and "NaN" for missing. Numbers with leading zeros, such as 007, stay text.
func (t *Table) DataFrame() dataframe.DataFrame {
	cols := []series.Series{series.New(t.ids, series.String, "id")}
	for _, n := range t.names {
		if x, ok := Numbers(t.cols[n]); ok && !slices.ContainsFunc(t.cols[n], zeroFirst) {
			cols = append(cols, series.New(x, series.Float, n))
		} else {
			cols = append(cols, series.New(t.cols[n], series.String, n))
		}
	}
	return dataframe.New(cols...)
}

// zeroFirst says whether a text is a number with leading zeros.
func zeroFirst(s string) bool { return len(s) > 1 && s[0] == '0' && s[1] >= '0' && s[1] <= '9' }

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
			if t, err = t.With(n, texts(df.Col(n))); err != nil {
				return nil, err
			}
		}
	}
	return t, nil
}

// texts are a column as text: numbers in their shortest form, missing ones "".
func texts(c series.Series) []string {
	if c.Type() != series.Float {
		return c.Records()
	}
	out := make([]string, c.Len())
	for i, v := range c.Float() {
		if !math.IsNaN(v) {
			out[i] = strconv.FormatFloat(v, 'g', -1, 64)
		}
	}
	return out
}
