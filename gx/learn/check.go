package learn

import (
	"fmt"
	"math"
	"slices"

	"github.com/gxlab/gxlab/gx/fault"
	"github.com/gxlab/gxlab/gx/prep"
)

// checkMatrix wants finite values, at least one sample and one column.
func checkMatrix(who, what string, x prep.Matrix) error {
	if x.Rows < 0 || x.Cols < 0 || len(x.Data) != x.Rows*x.Cols {
		return fault.New(fmt.Sprintf("%s: %d values for %d samples × %d %s", who, len(x.Data), x.Rows, x.Cols, what), "",
			"samples × "+what+", row by row")
	}
	if x.Rows == 0 || x.Cols == 0 {
		return fault.New(fmt.Sprintf("%s: %d samples × %d %s", who, x.Rows, x.Cols, what), "", "at least one of each")
	}
	for i, v := range x.Data {
		if f := float64(v); math.IsNaN(f) || math.IsInf(f, 0) {
			return fault.New(fmt.Sprintf("%s: a value is %v", who, v),
				fmt.Sprintf("sample %d, column %d of the %s", i/x.Cols+1, i%x.Cols+1, what),
				"leaving out or filling in missing values first")
		}
	}
	return nil
}

// checkNew wants samples over as many features as were learned from.
func checkNew(who string, x prep.Matrix, features int) error {
	if x.Rows == 0 && len(x.Data) == 0 {
		return nil
	}
	if err := checkMatrix(who, "features", x); err != nil {
		return err
	}
	if x.Cols != features {
		return fault.New(fmt.Sprintf("%s: samples of %d features, and it learned from %d", who, x.Cols, features), "",
			"the features that it learned from, in their order")
	}
	return nil
}

// checkTargets wants x and y over the same samples, at least least of them.
func checkTargets(who string, x, y prep.Matrix, least int) error {
	if err := checkMatrix(who, "features", x); err != nil {
		return err
	}
	if err := checkMatrix(who, "targets", y); err != nil {
		return err
	}
	if x.Rows != y.Rows {
		return fault.New(fmt.Sprintf("%s: features of %d samples and targets of %d", who, x.Rows, y.Rows), "",
			"one row of targets for every sample, in the same order")
	}
	if x.Rows < least {
		return fault.New(fmt.Sprintf("%s: %d samples, and it needs at least %d", who, x.Rows, least), "", "more samples")
	}
	return nil
}

// encode checks labels against the samples of x and returns the classes, sorted, and
// each sample's class by its place among them.
func encode(who string, x prep.Matrix, labels []string) (classes []string, class []int32, err error) {
	if err := checkMatrix(who, "features", x); err != nil {
		return nil, nil, err
	}
	if len(labels) != x.Rows {
		return nil, nil, fault.New(fmt.Sprintf("%s: %d labels for %d samples", who, len(labels), x.Rows), "",
			"one label for every sample, in the same order")
	}
	classes, class, err = index(who, labels)
	if err == nil && len(classes) < 2 {
		err = fault.New(fmt.Sprintf("%s: all %d samples are %q", who, len(labels), classes[0]), "",
			"labels of at least two classes")
	}
	return classes, class, err
}

// index is the classes of labels, sorted, and the place of each label among them.
func index(who string, labels []string) (classes []string, class []int32, err error) {
	for i, l := range labels {
		if l == "" {
			return nil, nil, fault.New(who+": a label is missing", fmt.Sprintf("sample %d", i+1), "leaving out the samples without a label")
		}
	}
	classes = slices.Compact(slices.Sorted(slices.Values(labels)))
	class = make([]int32, len(labels))
	for i, l := range labels {
		k, _ := slices.BinarySearch(classes, l)
		class[i] = int32(k)
	}
	return classes, class, nil
}

// atLeast refuses a setting below its least value.
func atLeast(who, setting string, v, least int) error {
	if v >= least {
		return nil
	}
	return fault.New(fmt.Sprintf("%s: %s is %d", who, setting, v), "", fmt.Sprintf("%d or more", least))
}

// positive refuses a setting that is not a positive number.
func positive(who, setting string, v float64) error {
	if v > 0 && !math.IsInf(v, 0) {
		return nil
	}
	return fault.New(fmt.Sprintf("%s: %s is %g", who, setting, v), "", "a positive number")
}

// or is v, or the default where v is not set.
func or[T int | float64](v, otherwise T) T {
	if v == 0 {
		return otherwise
	}
	return v
}
