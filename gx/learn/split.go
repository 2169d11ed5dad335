package learn

import (
	"context"
	"fmt"

	"github.com/gxlab/gxlab/gx/fault"
	"github.com/gxlab/gxlab/gx/prep"
)

// TrainTest divides samples at random into a training and a test part that holds the
// given share of every class, and returns their rows, rising. It fails on a class of one
// sample, which cannot be in both, and on a share that leaves either part empty.
func TrainTest(labels []string, share float64, seed uint64) (train, test []int, err error) {
	if !(share > 0 && share < 1) {
		return nil, nil, fault.New(fmt.Sprintf("a test part of %g of the samples", share), "", "a share between 0 and 1, such as 0.25")
	}
	if err := enough("a stratified split", labels, 2); err != nil {
		return nil, nil, err
	}
	for i, part := range prep.Split(len(labels), labels, []float64{1 - share, share}, seed) {
		if part == 0 {
			train = append(train, i)
		} else {
			test = append(test, i)
		}
	}
	if len(train) == 0 || len(test) == 0 {
		return nil, nil, fault.New(fmt.Sprintf("a test part of %g of %d samples leaves a part empty", share, len(labels)), "", "more samples, or a share nearer 0.5")
	}
	return train, test, nil
}

// Folds deals samples at random into k folds, every class alike, and returns the rows of
// each, rising. It fails on a class of fewer than k samples.
func Folds(labels []string, k int, seed uint64) ([][]int, error) {
	if err := atLeast("folds", "k", k, 2); err != nil {
		return nil, err
	}
	if err := enough(fmt.Sprintf("%d stratified folds", k), labels, k); err != nil {
		return nil, err
	}
	out := make([][]int, k)
	for i, f := range prep.Folds(len(labels), labels, k, seed) {
		out[f] = append(out[f], i)
	}
	return out, nil
}

// enough wants at least least samples of every class.
func enough(who string, labels []string, least int) error {
	classes, class, err := index(who, labels)
	if err != nil {
		return err
	}
	if len(classes) == 0 {
		return fault.New(who+" of no samples", "", "a label for every sample")
	}
	count := make([]int, len(classes))
	for _, c := range class {
		count[c]++
	}
	for c, n := range count {
		if n < least {
			return fault.New(fmt.Sprintf("%s: class %q has %d of the %d samples it needs", who, classes[c], n, least), "",
				"leaving that class out, or fewer parts")
		}
	}
	return nil
}

// CrossValidate predicts every sample by a classifier trained on the other folds, k
// stratified ones. Whatever is learned before, such as scaling, is then learned from all
// samples: where that matters, loop over [Folds].
func CrossValidate(ctx context.Context, c Classifier, x prep.Matrix, labels []string, k int, seed uint64) ([]string, error) {
	if _, _, err := encode(c.Name(), x, labels); err != nil {
		return nil, err
	}
	folds, err := Folds(labels, k, seed)
	if err != nil {
		return nil, err
	}
	out := make([]string, len(labels))
	for f, test := range folds {
		in := make([]bool, len(labels))
		for _, i := range test {
			in[i] = true
		}
		var train []int
		var of []string
		for i, l := range labels {
			if !in[i] {
				train, of = append(train, i), append(of, l)
			}
		}
		m, err := c.Train(ctx, x.Pick(train), of)
		if err != nil {
			return nil, fault.In(err, fmt.Sprintf("fold %d", f+1), "")
		}
		said, err := m.Predict(x.Pick(test))
		if err != nil {
			return nil, err
		}
		for k, i := range test {
			out[i] = said[k]
		}
	}
	return out, nil
}
