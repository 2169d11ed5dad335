package stats

import "math"

// Pearson is the correlation of two lists of values, −1 to 1; NaN if one of them is
// constant. An error names lists of two lengths, fewer than two values, and NaN.
func Pearson[T Real](x, y []T) (float64, error) {
	if err := checkPair("Pearson", x, y, 2); err != nil {
		return 0, err
	}
	return pearson(x, y), nil
}

// Spearman is the correlation of the ranks of two lists of values, −1 to 1, with mean
// ranks for ties; NaN if one of them is constant. Its errors are Pearson's.
func Spearman[T Real](x, y []T) (float64, error) {
	if err := checkPair("Spearman", x, y, 2); err != nil {
		return 0, err
	}
	return pearson(Ranks(x), Ranks(y)), nil
}

// MSE is the mean squared difference of two lists of values. An error names lists of
// two lengths, empty ones, and NaN.
func MSE[T Real](x, y []T) (float64, error) {
	if err := checkPair("MSE", x, y, 1); err != nil {
		return 0, err
	}
	s := 0.0
	for i, v := range x {
		d := float64(v) - float64(y[i])
		s += d * d
	}
	return s / float64(len(x)), nil
}

func pearson[T Real](x, y []T) float64 {
	mx, my := Mean(x), Mean(y)
	var xx, yy, xy float64
	for i, v := range x {
		a, b := float64(v)-mx, float64(y[i])-my
		xx += a * a
		yy += b * b
		xy += a * b
	}
	if constant(x) || constant(y) {
		return math.NaN()
	}
	return clip(xy / (math.Sqrt(xx) * math.Sqrt(yy)))
}

// constant asks the values, since the rounded deviations from a mean need not be zero.
func constant[T Real](x []T) bool {
	for _, v := range x {
		if v != x[0] {
			return false
		}
	}
	return true
}

// clip takes back what rounding adds beyond −1 and 1; NaN stays NaN.
func clip(r float64) float64 {
	if r > 1 {
		return 1
	}
	if r < -1 {
		return -1
	}
	return r
}
