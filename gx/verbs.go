package gx

import (
	"fmt"
	"math"
	"sort"
	"strings"
)

// Log2 takes the logarithm to base 2 of every value. Values that are zero,
// negative or missing are an error that names the first; Floor before it lifts
// them, Log1p suits counts. Not learned: may stand before or after Split.
func (c Cohort) Log2() Cohort { return c.with("Log2", args{}) }

// Log1p takes log2(1 + x) of every value, as is usual for counts and TPM. Values
// of −1 and below are an error.
func (c Cohort) Log1p() Cohort { return c.with("Log1p", args{}) }

// Floor lifts values below lo to lo and says how many. Array signals below the
// background (16 is usual for Affymetrix) carry noise that a logarithm would
// blow up.
func (c Cohort) Floor(lo float64) Cohort {
	if math.IsNaN(lo) || math.IsInf(lo, 0) {
		return c.failed("Floor", fmt.Sprintf("%v is no floor", lo), "a number, such as Floor(16)")
	}
	return c.with("Floor", args{X: lo})
}

// EnsureLog2 leaves values alone that are on a log scale already, and else
// lifts those below 16 (the usual background of Affymetrix signals) or, of data
// whose 99th percentile is below 1600, one hundredth of that percentile, and
// takes the logarithm to base 2. What it finds and does is said. Not learned.
func (c Cohort) EnsureLog2() Cohort { return c.with("EnsureLog2", args{}) }

// QuantileNormalise gives all samples the same distribution of values, the mean
// of the samples' sorted values (limma's normalizeQuantiles; tied values share
// the mean of their places). Before Split that mean is over all samples, as the
// papers do; after Split it is learned from the training part.
func (c Cohort) QuantileNormalise() Cohort { return c.with("QuantileNormalise", args{}) }

// DropMissing leaves out genes with a missing or infinite value in any sample
// and says which.
func (c Cohort) DropMissing() Cohort { return c.with("DropMissing", args{}) }

// DropConstant leaves out genes with one value throughout the training part (or
// all samples, where there is no split) and says which. Learned.
func (c Cohort) DropConstant() Cohort { return c.learn("DropConstant", args{}) }

// TopVariance keeps the n genes of highest variance, in their old order.
// Learned from the training part.
func (c Cohort) TopVariance(n int) Cohort { return c.top("TopVariance", n) }

// TopMAD keeps the n genes of highest median absolute deviation, in their old
// order. Learned from the training part.
func (c Cohort) TopMAD(n int) Cohort { return c.top("TopMAD", n) }

func (c Cohort) top(verb string, n int) Cohort {
	if n < 1 {
		return c.failed(fmt.Sprintf("%s(%d)", verb, n), "no genes are left", "a number of genes from 1 up")
	}
	return c.learn(verb, args{N: n})
}

// Standardise takes from every gene its mean and divides by its standard
// deviation (scikit-learn's StandardScaler: divisor n). Learned from the
// training part. A constant gene is an error; DropConstant leaves it out.
// Errors of models are still reported in the data's own units.
func (c Cohort) Standardise() Cohort { return c.learn("Standardise", args{}) }

// Centre takes from every gene its mean and divides all genes by one number,
// the root mean square of what is left, so that genes keep their proportions.
// Learned from the training part.
func (c Cohort) Centre() Cohort { return c.learn("Centre", args{}) }

// MinMax maps every gene's values to 0–1 by its smallest and largest value.
// Learned from the training part; test values may fall outside.
func (c Cohort) MinMax() Cohort { return c.learn("MinMax", args{}) }

// MinMaxWhole maps all values to 0–1 by the smallest and the largest value of all genes
// together, so that genes keep their proportions (the second paper's scaling). Learned
// from the training part; test values may fall outside.
func (c Cohort) MinMaxWhole() Cohort { return c.learn("MinMaxWhole", args{}) }

// MinMaxPerSample maps every sample's values to 0–1. Not learned.
func (c Cohort) MinMaxPerSample() Cohort { return c.with("MinMaxPerSample", args{}) }

func (c Cohort) learn(verb string, a args) Cohort { return c.with(verb, a) }

// Where keeps the samples whose label is one of values.
func (c Cohort) Where(label string, values ...string) Cohort {
	if label == "" || len(values) == 0 {
		return c.failed("Where", "it needs a label and at least one value", `Where("tissue", "liver", "heart")`)
	}
	if s, ok := c.learned(); ok {
		return c.failed("Where", s.Verb+" before it has learned from samples that Where would leave out", "Where before "+s.Verb)
	}
	return c.with("Where", args{Label: label, Values: values})
}

// Split divides the samples at random into parts of the given percentages:
// training and test, or training, validation and test. The parts hold the same
// proportions of every value of label; "" splits without regard to labels.
// Seed after it chooses another division. Default seed 1.
func (c Cohort) Split(label string, percent ...float64) Cohort {
	verb := fmt.Sprintf("Split(%s)", args{Label: label, Parts: percent})
	sum := 0.0
	for _, p := range percent {
		if !(p > 0) {
			return c.failed(verb, fmt.Sprintf("a part of %v per cent", p), "percentages above 0 that add to 100")
		}
		sum += p
	}
	if len(percent) < 2 || len(percent) > 3 {
		return c.failed(verb, fmt.Sprintf("%d parts", len(percent)), "two parts (training, test) or three (training, validation, test)")
	}
	if math.Abs(sum-100) > 1e-9 {
		return c.failed(verb, fmt.Sprintf("parts add to %v", sum), "parts that add to 100")
	}
	return c.divide("Split", args{Label: label, Parts: percent, Seed: 1})
}

// Fold makes part i (from 0) of k the test part and the others the training
// part. Every sample is in exactly one test part, and the parts hold the same
// proportions of every value of label ("": without regard to labels).
func (c Cohort) Fold(label string, k, i int) Cohort {
	verb := fmt.Sprintf("Fold(%s %d %d)", label, k, i)
	if k < 2 {
		return c.failed(verb, "fewer than two folds", "5 or 10 folds")
	}
	if i < 0 || i >= k {
		return c.failed(verb, fmt.Sprintf("there is no fold %d of %d", i, k), fmt.Sprintf("a fold from 0 to %d", k-1))
	}
	return c.divide("Fold", args{Label: label, N: k, I: i, Seed: 1})
}

// KFold is the k cohorts of a k-fold cross-validation, each a Fold, with the
// same seed.
func (c Cohort) KFold(label string, k int, seed uint64) []Cohort {
	if k < 2 {
		return []Cohort{c.Fold(label, k, 0)}
	}
	out := make([]Cohort, k)
	for i := range out {
		out[i] = c.Fold(label, k, i).Seed(seed)
	}
	return out
}

// HoldOut makes the samples whose label is value the test part and all others
// the training part.
func (c Cohort) HoldOut(label, value string) Cohort {
	return c.divide("HoldOut", args{Label: label, Values: []string{value}})
}

// divide adds a step that parts the samples: at most one, and none after a step
// that has learned from all of them.
func (c Cohort) divide(verb string, a args) Cohort {
	if s, ok := c.has("Split", "Fold", "HoldOut"); ok {
		return c.failed(verb, "the samples are divided already, by "+s.Verb, "one of Split, Fold and HoldOut")
	}
	if s, ok := c.learned(); ok {
		return c.failed(verb, s.Verb+" stands before it and would learn from the test samples", s.Verb+" after "+verb)
	}
	return c.with(verb, a)
}

// learned is the first step that learns from the samples it is given.
func (c Cohort) learned() (step, bool) {
	for _, s := range c.steps {
		if verbs[s.Verb].learns {
			return s, true
		}
	}
	return step{}, false
}

// Seed sets the seed of the last random step (Split or Fold).
func (c Cohort) Seed(seed uint64) Cohort {
	for i := len(c.steps) - 1; i >= 0; i-- {
		if verbs[c.steps[i].Verb].random {
			steps := append([]step(nil), c.steps...)
			steps[i].Args.Seed = seed
			c.steps = steps
			return c
		}
	}
	return c.failed(fmt.Sprintf("Seed(%d)", seed), "no random step stands before it", "Seed after Split or Fold")
}

// legal is a list of legal values for an error message, sorted, at most 20.
func legal(values []string) string {
	v := append([]string(nil), values...)
	sort.Strings(v)
	if len(v) > 20 {
		v = append(v[:20], "…")
	}
	return strings.Join(v, ", ")
}
