package plotting

import (
	"fmt"

	"github.com/gxlab/gxlab/gx"
)

// HeldOut draws, for every held-out class such as a tissue, how near the reproduced
// profiles (REPs) of its samples are to their own measured profiles (GEPs), by each
// model that has not seen the class, and how near the nearest GEP of another class is
// (Fig. 3). models are lists of one result a class; unit is the data's, such as "log2".
func HeldOut(classes []string, unit string, models ...[]*gx.Unseen) Figure {
	f := Figure{name: "held_out"}
	if len(models) == 0 || len(models[0]) == 0 {
		f.err = bad("HeldOut has no results", "plotting.HeldOut(tissues, set.Units(), unseen)")
		return f
	}
	by := models[0][0].By
	var of []Grouped
	for _, m := range models {
		if len(m) != len(classes) {
			f.err = bad(fmt.Sprintf("HeldOut has %d results of %d classes", len(m), len(classes)), "one result a class")
			return f
		}
		g := Grouped{Name: "GEP–REP, " + m[0].Model}
		for _, u := range m {
			g.Values = append(g.Values, u.Own)
		}
		of = append(of, g)
	}
	near := Grouped{Name: "GEP–nearest GEP of the others"}
	for _, u := range models[0] {
		near.Values = append(near.Values, u.Without)
	}
	label := measureName(by)
	if by == gx.ByMSE {
		label = mseLabel(label, unit)
	}
	f = GroupedBoxes(label, classes, append(of, near)...).Named("held_out_" + fileName(by)).
		Captioned(label + " of every held-out sample's GEP with its REP, by networks that have seen no sample of its class, and with the nearest GEP that they have seen")
	if by == gx.ByMSE {
		f = f.LogY()
	}
	return f
}
