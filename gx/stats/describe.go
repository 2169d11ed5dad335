package stats

import (
	"math"
	"slices"
)

// Real is a slice element that can be counted with.
type Real interface{ ~float32 | ~float64 }

// Mean is the arithmetic mean; NaN of nothing.
func Mean[T Real](x []T) float64 {
	s := 0.0
	for _, v := range x {
		s += float64(v)
	}
	return s / float64(len(x))
}

// SD is the standard deviation of a sample, with n−1 below; NaN for fewer than two values.
func SD[T Real](x []T) float64 {
	if len(x) < 2 {
		return math.NaN()
	}
	m, s := Mean(x), 0.0
	for _, v := range x {
		d := float64(v) - m
		s += d * d
	}
	return math.Sqrt(s / float64(len(x)-1))
}

// SE is the standard error of the mean, SD/√n; NaN for fewer than two values.
func SE[T Real](x []T) float64 { return SD(x) / math.Sqrt(float64(len(x))) }

// Quantile is the value below which a share q of x lies, between two values by the
// straight line of R's type 7, the default of R and numpy. NaN of nothing, of a NaN
// in x, and of a q outside 0 to 1.
func Quantile[T Real](x []T, q float64) float64 { return quantile(sorted(x), q) }

// Median is the Quantile at one half.
func Median[T Real](x []T) float64 { return Quantile(x, 0.5) }

func sorted[T Real](x []T) []float64 {
	s := make([]float64, len(x))
	for i, v := range x {
		s[i] = float64(v)
	}
	slices.Sort(s)
	return s
}

func quantile(s []float64, q float64) float64 {
	// NaN sorts first.
	if len(s) == 0 || math.IsNaN(s[0]) || !(q >= 0 && q <= 1) {
		return math.NaN()
	}
	h := q * float64(len(s)-1)
	lo := int(h)
	if lo+1 >= len(s) {
		return s[len(s)-1]
	}
	if f := h - float64(lo); f > 0 {
		return s[lo] + f*(s[lo+1]-s[lo])
	}
	return s[lo]
}

// BoxStats is what a box plot draws of one group of values.
type BoxStats struct {
	N              int
	Q1, Median, Q3 float64   // quartiles, type 7 as Quantile's
	Low, High      float64   // whiskers: the farthest values within 1.5 box lengths of the box
	Outliers       []float64 // the values beyond the whiskers, ascending
	Mean           float64
}

// Box describes x for a box plot with Tukey's whiskers. Of nothing, or with a NaN in
// x, all its numbers are NaN.
func Box[T Real](x []T) BoxStats {
	s := sorted(x)
	b := BoxStats{N: len(s), Q1: quantile(s, 0.25), Median: quantile(s, 0.5), Q3: quantile(s, 0.75), Mean: Mean(x)}
	if math.IsNaN(b.Median) {
		b.Low, b.High = math.NaN(), math.NaN()
		return b
	}
	reach := 1.5 * (b.Q3 - b.Q1)
	b.Low, b.High = b.Q1, b.Q3
	for _, v := range s {
		switch {
		case v < b.Q1-reach || v > b.Q3+reach:
			b.Outliers = append(b.Outliers, v)
		case v < b.Low:
			b.Low = v
		case v > b.High:
			b.High = v
		}
	}
	return b
}
