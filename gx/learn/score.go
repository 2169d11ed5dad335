package learn

import (
	"fmt"
	"math"

	"github.com/gxlab/gxlab/gx/fault"
	"gonum.org/v1/gonum/stat/distuv"
)

// Confusion counts samples by their class and by what was predicted.
type Confusion struct {
	Classes []string // of either, sorted
	Counts  [][]int  // class × predicted
}

// Confuse compares predictions with the truth, sample by sample. It fails on lists of
// different length, empty ones and missing labels.
func Confuse(truth, predicted []string) (*Confusion, error) {
	if len(truth) != len(predicted) || len(truth) == 0 {
		return nil, fault.New(fmt.Sprintf("confusion: %d labels and %d predictions", len(truth), len(predicted)), "",
			"a prediction for every sample, in the same order")
	}
	classes, class, err := index("confusion", append(append([]string(nil), truth...), predicted...))
	if err != nil {
		return nil, err
	}
	c := &Confusion{Classes: classes, Counts: make([][]int, len(classes))}
	for k := range c.Counts {
		c.Counts[k] = make([]int, len(classes))
	}
	for i := range truth {
		c.Counts[class[i]][class[len(truth)+i]]++
	}
	return c, nil
}

// Total is the number of samples.
func (c *Confusion) Total() int {
	n := 0
	for _, row := range c.Counts {
		for _, v := range row {
			n += v
		}
	}
	return n
}

// Errors is the number of samples predicted to be of another class.
func (c *Confusion) Errors() int {
	n := c.Total()
	for k := range c.Counts {
		n -= c.Counts[k][k]
	}
	return n
}

// Accuracy is the share of samples predicted rightly.
func (c *Confusion) Accuracy() float64 { return 1 - float64(c.Errors())/float64(c.Total()) }

// Balanced is the balanced accuracy: the mean over the classes that have samples of the
// share predicted rightly.
func (c *Confusion) Balanced() float64 {
	sum, n := 0.0, 0.0
	for _, r := range c.Recall() {
		if !math.IsNaN(r) {
			sum += r
			n++
		}
	}
	return sum / n
}

// Recall is each class's share predicted rightly; NaN for a class without samples.
func (c *Confusion) Recall() []float64 {
	out := make([]float64, len(c.Classes))
	for k, row := range c.Counts {
		n := 0
		for _, v := range row {
			n += v
		}
		out[k] = float64(row[k]) / float64(n)
	}
	return out
}

// Interval is a confidence interval of a share of errors.
type Interval struct{ Low, High float64 }

// Wilson is the score interval of errors among n samples (Wilson, 1927) at a level such
// as 0.95. It takes the samples as independent and the classifier as given.
func Wilson(errors, n int, level float64) (Interval, error) {
	if n < 1 || errors < 0 || errors > n {
		return Interval{}, fault.New(fmt.Sprintf("Wilson: %d errors of %d samples", errors, n), "", "0 to as many errors as samples")
	}
	if err := checkLevel("Wilson", level); err != nil {
		return Interval{}, err
	}
	z := distuv.UnitNormal.Quantile((1 + level) / 2)
	m, p := float64(n), float64(errors)/float64(n)
	middle := (p + z*z/(2*m)) / (1 + z*z/m)
	half := z / (1 + z*z/m) * math.Sqrt(p*(1-p)/m+z*z/(4*m*m))
	i := Interval{max(0, middle-half), min(1, middle+half)}
	if errors == 0 {
		i.Low = 0
	}
	if errors == n {
		i.High = 1
	}
	return i, nil
}

// Resampled is the interval of the mean share of errors over repeated random splits of
// the same samples into train and test: Student's, with the variance raised for the
// samples that the splits share (Nadeau and Bengio, 2003). The shares of errors are one
// for each split; it needs two or more.
func Resampled(shares []float64, train, test int, level float64) (Interval, error) {
	if len(shares) < 2 || train < 1 || test < 1 {
		return Interval{}, fault.New(fmt.Sprintf("resampled: %d splits into %d and %d samples", len(shares), train, test), "",
			"two splits or more, and samples in both parts")
	}
	if err := checkLevel("resampled", level); err != nil {
		return Interval{}, err
	}
	n, mean, variance := float64(len(shares)), 0.0, 0.0
	for i, e := range shares {
		if math.IsNaN(e) || math.IsInf(e, 0) {
			return Interval{}, fault.New(fmt.Sprintf("resampled: a share of errors is %v", e), fmt.Sprintf("split %d", i+1), "leaving it out")
		}
		mean += e / n
	}
	for _, e := range shares {
		variance += (e - mean) * (e - mean) / (n - 1)
	}
	t := distuv.StudentsT{Sigma: 1, Nu: n - 1}.Quantile((1 + level) / 2)
	half := t * math.Sqrt((1/n+float64(test)/float64(train))*variance)
	return Interval{mean - half, mean + half}, nil
}

func checkLevel(who string, level float64) error {
	if level > 0 && level < 1 {
		return nil
	}
	return fault.New(fmt.Sprintf("%s: a level of %g", who, level), "", "a level between 0 and 1, such as 0.95")
}
