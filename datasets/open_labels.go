package datasets

import (
	"fmt"
	"strings"
	"unicode"

	"github.com/gxlab/gxlab/gx/fault"
	"github.com/gxlab/gxlab/gx/frame"
)

// matched is how labels fit the axes of a matrix.
type matched struct {
	across bool         // the samples are its columns
	keep   []int        // the samples that have labels, by their place on that axis
	labels *frame.Table // of those, in that order
	notes  []string
}

// match finds which axis the labels name, and the samples that have some.
func (o opened) match(rows, cols []string) (*matched, error) {
	lab, err := readLabels(o.labels)
	if err != nil {
		return nil, err
	}
	best, across, err := o.axis(rows, cols, lab)
	if err != nil {
		return nil, err
	}
	ids := lab.column(best)
	if err := unique(ids, "sample", o.labels); err != nil {
		return nil, err
	}
	m := &matched{across: across}
	samples := rows
	if across {
		samples = cols
		if err := unique(samples, "sample", o.path); err != nil {
			return nil, err
		}
	}
	have := indexOf(samples)
	var unknown []string
	for _, id := range ids {
		if _, ok := have[id]; !ok {
			unknown = append(unknown, id)
		}
	}
	if len(unknown) > 0 {
		return nil, fault.New(fmt.Sprintf("%s that the table of values does not have: %s", howMany(len(unknown), "label is for a sample", "labels are for samples"), some(unknown)), o.labels,
			"the values of those samples, or labels without those lines")
	}
	of := indexOf(ids)
	var order []int
	var names, without []string
	for i, s := range samples {
		if r, ok := of[s]; ok {
			m.keep, order, names = append(m.keep, i), append(order, r), append(names, s)
		} else {
			without = append(without, s)
		}
	}
	if len(without) > 0 {
		m.notes = append(m.notes, fmt.Sprintf("%s: %s", howMany(len(without), "sample has no labels and is left out", "samples have no labels and are left out"), some(without)))
	}
	m.labels, err = lab.frame(best, names, order)
	return m, err
}

// axis is the column of labels that names samples, and whether those are the
// table's columns. It is the column that holds most of the names of an axis, each
// counted once; of several, the one that holds the larger share of its axis, so
// that a column of marker genes does not pass for the samples.
func (o opened) axis(rowNames, colNames []string, lab *textTable) (best int, across bool, err error) {
	rows, cols := indexOf(rowNames), indexOf(colNames)
	most, share, both, rival := 0, 0.0, false, -1
	for c := range lab.head {
		inRows, inCols := named(lab, c, rows), named(lab, c, cols)
		n, of := inRows, len(rows)
		if inCols > inRows {
			n, of = inCols, len(cols)
		}
		if n == 0 {
			continue
		}
		switch part := float64(n) / float64(of); {
		case n > most || n == most && part > share:
			best, most, share, across, both, rival = c, n, part, inCols > inRows, inCols == inRows, -1
		case n == most && part == share && across != (inCols > inRows):
			rival = c
		}
	}
	if rival >= 0 {
		return 0, false, fault.New(fmt.Sprintf("two columns of the labels could name the samples: %q has names of one side of the table and %q of the other, %d each", lab.head[best], lab.head[rival], most), o.labels,
			"labels without the column that does not name samples")
	}
	if most == 0 {
		try := "labels with a column of sample names as the table of values has them"
		if a, b := alike(lab, rowNames, colNames); a != "" {
			try = fmt.Sprintf("the same spelling in both: the labels have %q and the table %q", a, b)
		}
		return 0, false, fault.New(fmt.Sprintf("the labels name none of the table's samples: they say %s; the table has rows %s and columns %s",
			some(lab.column(0)), some(rowNames), some(colNames)), o.labels, try)
	}
	if both {
		return 0, false, fault.New(fmt.Sprintf("the labels name rows as well as columns of the table: %d of each", most), o.labels,
			"a table whose rows and columns have names of their own: samples on one side and genes on the other")
	}
	return best, across, nil
}

// named is how many of an axis' names column c of the labels holds.
func named(lab *textTable, c int, axis map[string]int) int {
	seen := map[string]bool{}
	for _, r := range lab.rows {
		if _, ok := axis[r[c]]; ok {
			seen[r[c]] = true
		}
	}
	return len(seen)
}

// alike is a pair of names that differ in case and punctuation alone, as R makes
// TCGA.A1.A0SB of TCGA-A1-A0SB.
func alike(lab *textTable, rows, cols []string) (label, table string) {
	plain := func(s string) string {
		return strings.ToLower(strings.Map(func(r rune) rune {
			if unicode.IsLetter(r) || unicode.IsDigit(r) {
				return r
			}
			return -1
		}, s))
	}
	have := map[string]string{}
	for _, names := range [][]string{rows, cols} {
		for _, n := range names {
			have[strings.TrimPrefix(plain(n), "x")] = n
		}
	}
	for c := range lab.head {
		for _, r := range lab.rows {
			p := strings.TrimPrefix(plain(r[c]), "x")
			if n, ok := have[p]; ok && p != "" {
				return r[c], n
			}
		}
	}
	return "", ""
}
