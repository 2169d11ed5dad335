package plotting

import (
	"fmt"
	"sort"
)

// Grouped is one of several things compared within every group, such as a model: its
// values in each group, in the groups' order.
type Grouped struct {
	Name   string
	Values [][]float64
}

// GroupedBoxes draws a box plot of each thing in every group, side by side: of every
// held-out tissue the errors of two models. Boxes are as those of Boxes. label names the
// values and their unit.
func GroupedBoxes(label string, groups []string, of ...Grouped) Figure {
	f := Figure{name: "grouped_boxes"}
	if len(groups) == 0 || len(of) == 0 {
		f.err = bad("GroupedBoxes has nothing to draw", `plotting.GroupedBoxes("MSE", []string{"liver", "heart"}, plotting.Grouped{Name: "PCA", Values: errors})`)
		return f
	}
	c := chart{ax: axis{names: groups}, ay: axis{label: label}, w: 180, h: 70}
	room := 0.82 / float64(len(of))
	for i, o := range of {
		if len(o.Values) != len(groups) {
			f.err = bad(fmt.Sprintf("%q has values of %d groups, of %d", o.Name, len(o.Values), len(groups)), "a list of values for every group")
			return f
		}
		col := colour(i)
		for g, vs := range o.Values {
			if len(vs) == 0 {
				continue
			}
			if f.err = finite(fmt.Sprintf("%q, group %q", o.Name, groups[g]), "its values", vs); f.err != nil {
				return f
			}
			sorted := append([]float64(nil), vs...)
			sort.Float64s(sorted)
			x := float64(g) + room*(float64(i)-float64(len(of)-1)/2)
			c.marks = append(c.marks, boxPlot{x: x, sorted: sorted, col: col, half: 0.4 * room})
		}
		c.legend = append(c.legend, entry{name: o.Name, patch: true, fill: tint(col, 0.55), line: thin})
	}
	for g := 1; g < len(groups); g++ {
		c.marks = append([]mark{rule{vertical: true, at: float64(g) - 0.5, line: line{col: pale, width: 0.4}}}, c.marks...)
	}
	f.body = c
	return f
}
