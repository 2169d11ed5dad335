package frame

import (
	"fmt"

	"github.com/gxlab/gxlab/gx/fault"
)

// A Side says which rows a Join keeps.
type Side string

// Inner keeps rows that both tables have, Left all of the first, Outer all of both.
const (
	Inner Side = "inner"
	Left  Side = "left"
	Outer Side = "outer"
)

// Join puts the columns of another table beside this one's, by the rows' ids or, where
// on names a column of this table, by that column and the other's ids. Ids of the
// other table must be unique; what a row has no partner for is "". Of a column that
// both have the other's is called NAME_2. Time grows with the number of rows, not with
// its square.
func (t *Table) Join(other *Table, side Side, on ...string) (*Table, error) {
	if side != Inner && side != Left && side != Outer {
		return nil, fault.New(fmt.Sprintf("there is no join %q", side), "", "Inner, Left or Outer")
	}
	keys := t.ids
	if len(on) > 0 {
		var err error
		if keys, err = t.Column(on[0]); err != nil {
			return nil, err
		}
		if side == Outer {
			return nil, fault.New("rows of the other table alone would have no id of their own", "", "Inner or Left with a column, Outer by ids")
		}
	}
	at := make(map[string]int, other.Len())
	for i, id := range other.ids {
		if _, twice := at[id]; twice {
			return nil, fault.New(fmt.Sprintf("%q stands in the other table more than once", id), "", "one row for each, such as a GroupBy's")
		}
		at[id] = i
	}
	var left, right []int // rows, −1 for none
	used := make([]bool, other.Len())
	for i, k := range keys {
		j, ok := at[k]
		switch {
		case ok:
			left, right = append(left, i), append(right, j)
			used[j] = true
		case side != Inner:
			left, right = append(left, i), append(right, -1)
		}
	}
	if side == Outer {
		for j, u := range used {
			if !u {
				left, right = append(left, -1), append(right, j)
			}
		}
	}
	ids := make([]string, len(left))
	for k := range ids {
		if left[k] >= 0 {
			ids[k] = t.ids[left[k]]
		} else {
			ids[k] = other.ids[right[k]]
		}
	}
	out := New(ids)
	add := func(name string, from []string, rows []int) (err error) {
		v := make([]string, len(rows))
		for k, i := range rows {
			if i >= 0 {
				v[k] = from[i]
			}
		}
		for out.Has(name) {
			name += "_2"
		}
		out, err = out.With(name, v)
		return err
	}
	for _, n := range t.names {
		if err := add(n, t.cols[n], left); err != nil {
			return nil, err
		}
	}
	for _, n := range other.names {
		if err := add(n, other.cols[n], right); err != nil {
			return nil, err
		}
	}
	return out, nil
}
