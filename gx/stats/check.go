package stats

import (
	"fmt"
	"math"

	"github.com/gxlab/gxlab/gx/cores"
	"github.com/gxlab/gxlab/gx/fault"
)

func finite[T Real](v T) bool { f := float64(v); return !math.IsNaN(f) && !math.IsInf(f, 0) }

// checkPair wants two value lists of one length, finite, with at least least values.
func checkPair[T Real](who string, x, y []T, least int) error {
	if len(x) != len(y) {
		return fault.New(fmt.Sprintf("%s: %d values against %d", who, len(x), len(y)), "",
			"two lists over the same genes or samples, in the same order")
	}
	if len(x) < least {
		return fault.New(fmt.Sprintf("%s: %d values, and it needs at least %d", who, len(x), least), "", "more genes or samples")
	}
	for _, v := range [2][]T{x, y} {
		if err := checkValues(who, v); err != nil {
			return err
		}
	}
	return nil
}

func checkValues[T Real](who string, x []T) error {
	for i, v := range x {
		if !finite(v) {
			return fault.New(fmt.Sprintf("%s: value %d is %v", who, i+1, v), "", "leaving out or filling in missing values first")
		}
	}
	return nil
}

// checkRows wants profiles of one length, finite, with at least two genes; it returns
// their number of genes.
func checkRows(who string, a, b [][]float32) (int, error) {
	if len(a) == 0 || len(b) == 0 {
		return 0, fault.New(who+": no samples", "", "at least one profile on either side")
	}
	p := len(a[0])
	if p < 2 {
		return 0, fault.New(fmt.Sprintf("%s: profiles of %d genes, and it needs at least 2", who, p), "", "more genes")
	}
	for _, rows := range [2][][]float32{a, b} {
		for i, r := range rows {
			if len(r) != p {
				return 0, fault.New(fmt.Sprintf("%s: profiles of %d and of %d genes", who, p, len(r)),
					fmt.Sprintf("sample %d", i+1), "profiles over the same genes, in the same order")
			}
		}
		bad := make([]error, len(rows))
		cores.Each(len(rows), func(i int) {
			for j, v := range rows[i] {
				if !finite(v) {
					bad[i] = fault.New(fmt.Sprintf("%s: a value is %v", who, v),
						fmt.Sprintf("sample %d, gene %d", i+1, j+1), "leaving out or filling in missing values first")
					return
				}
			}
		})
		for _, err := range bad {
			if err != nil {
				return 0, err
			}
		}
	}
	return p, nil
}
