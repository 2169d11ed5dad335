package plotting

import (
	"fmt"
	"math"
	"slices"

	"github.com/gxlab/gxlab/gx"
)

// ComponentChanges draws how genes change with each component of a code: rows are
// components, columns the so many genes that change most with each, in the order of the
// component that changes them most, upwards before downwards. Blue is down, orange up.
func ComponentChanges(c *gx.Components, genes int) Figure {
	f := Figure{name: "component_changes"}
	if c == nil || c.Change.Rows == 0 || genes < 1 {
		f.err = bad("ComponentChanges has nothing to draw", "plotting.ComponentChanges(components, 8)")
		return f
	}
	at := map[string]int{}
	for j, g := range c.Genes {
		at[g] = j
	}
	of := map[int]int{} // gene → component that changes it most
	for i := range c.Change.Rows {
		for _, g := range c.Top(i, genes) {
			j := at[g]
			if k, ok := of[j]; !ok || math.Abs(float64(c.Change.Row(i)[j])) > math.Abs(float64(c.Change.Row(k)[j])) {
				of[j] = i
			}
		}
	}
	var order []int
	for j := range of {
		order = append(order, j)
	}
	slices.SortFunc(order, func(a, b int) int {
		if of[a] != of[b] {
			return of[a] - of[b]
		}
		va, vb := c.Change.Row(of[a])[a], c.Change.Row(of[b])[b]
		switch {
		case va > vb:
			return -1
		case va < vb:
			return 1
		}
		return a - b
	})
	values, most := make([][]float64, c.Change.Rows), 0.0
	names := make([]string, c.Change.Rows)
	for i := range values {
		names[i] = fmt.Sprint(i + 1)
		for _, j := range order {
			v := float64(c.Change.Row(i)[j])
			values[i] = append(values[i], v)
			most = max(most, math.Abs(v))
		}
	}
	if f.err = finite("ComponentChanges", "its changes", slices.Concat(values...)); f.err != nil {
		return f
	}
	f.body = heat{values: values, names: names, scale: "Change (log₂)", lo: -max(most, 1e-12), hi: max(most, 1e-12), both: true}
	return f.Width(180).Height(max(60, 3*float64(len(values))+12)).
		Captioned(fmt.Sprintf("Change of the decoded profile with each component raised by %g σ (rows), of the %d genes that change most with some component (columns)", c.By, len(order)))
}
