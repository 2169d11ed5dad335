package plotting

import (
	"fmt"
	"math"
)

// Series is one line of Curves: values Y at X, with standard errors SE or none. X
// may be nil for 1, 2, 3 …, such as epochs.
type Series struct {
	Name     string
	X, Y, SE []float64
}

// MeanSE is the mean over runs (folds, seeds) of a value per epoch, with its
// standard error: the standard deviation (n−1) over the square root of n. Runs that
// stopped early count as long as they last.
func MeanSE(name string, runs [][]float64) Series {
	s := Series{Name: name}
	for e := 0; ; e++ {
		var n, sum, ss float64
		for _, r := range runs {
			if e < len(r) {
				n++
				sum += r[e]
			}
		}
		if n == 0 {
			break
		}
		mean := sum / n
		for _, r := range runs {
			if e < len(r) {
				ss += (r[e] - mean) * (r[e] - mean)
			}
		}
		s.X = append(s.X, float64(e+1))
		s.Y = append(s.Y, mean)
		if n > 1 {
			s.SE = append(s.SE, math.Sqrt(ss/(n-1)/n))
		} else {
			s.SE = append(s.SE, 0)
		}
	}
	return s
}

// Curves draws values per epoch, each series a line, its mean ± SE a band. The axes
// say "Epoch" and "MSE"; X and Y change that.
func Curves(series ...Series) Figure {
	f := Figure{name: "curves"}
	c := chart{ax: axis{label: "Epoch", zero: true, whole: true, pad: 0.02}, ay: axis{label: "MSE"}}
	if len(series) == 0 {
		f.err = bad("Curves has no series", `plotting.Curves(plotting.Series{Name: "test", Y: errors})`)
		return f
	}
	for i, s := range series {
		if f.err = s.check(); f.err != nil {
			return f
		}
		c.addSeries(s, i)
	}
	if len(series) == 1 && series[0].Name == "" {
		c.legend = nil
	}
	f.body = c
	return f
}

// x is the series' places, 1, 2, 3 … where none are given.
func (s Series) x() []float64 {
	if s.X != nil {
		return s.X
	}
	xs := make([]float64, len(s.Y))
	for i := range xs {
		xs[i] = float64(i + 1)
	}
	return xs
}

func (s Series) check() error {
	switch {
	case len(s.Y) == 0:
		return bad(fmt.Sprintf("series %q is empty", s.Name), "at least one value in Y")
	case s.X != nil && len(s.X) != len(s.Y):
		return bad(fmt.Sprintf("series %q has %d values of X and %d of Y", s.Name, len(s.X), len(s.Y)), "as many of each, or no X")
	case s.SE != nil && len(s.SE) != len(s.Y):
		return bad(fmt.Sprintf("series %q has %d standard errors and %d values", s.Name, len(s.SE), len(s.Y)), "one SE a value, or none")
	}
	for _, vs := range [...]struct {
		what string
		v    []float64
	}{{"X", s.X}, {"Y", s.Y}, {"SE", s.SE}} {
		if err := finite(fmt.Sprintf("series %q", s.Name), vs.what, vs.v); err != nil {
			return err
		}
	}
	return nil
}

// finite refuses NaN and infinity, and says where the first stands.
func finite(of, what string, vs []float64) error {
	for i, v := range vs {
		if math.IsNaN(v) || math.IsInf(v, 0) {
			return bad(fmt.Sprintf("%s: value %d of %s is %v", of, i+1, what, v), "finite numbers; leave missing ones out")
		}
	}
	return nil
}

// markersEvery spaces markers so that about ten stand on a line.
func markersEvery(n int) int { return max(1, (n+5)/10) }

func (c *chart) addSeries(s Series, i int) {
	xs, col := s.x(), colour(i)
	e := entry{name: s.Name, line: line{col: col, width: 1, dash: dash(i)}, marker: i, fill: col}
	if spread(s.SE) {
		lo, hi := make([]float64, len(xs)), make([]float64, len(xs))
		for k := range xs {
			lo[k], hi[k] = s.Y[k]-s.SE[k], s.Y[k]+s.SE[k]
		}
		c.marks = append(c.marks, ribbon{xs, lo, hi, tint(col, 0.3)})
		e.band = tint(col, 0.3)
	}
	c.marks = append(c.marks, curve{xs: xs, ys: s.Y, line: e.line, marker: i, every: markersEvery(len(xs))})
	c.legend = append(c.legend, e)
}

func spread(se []float64) bool {
	for _, v := range se {
		if v > 0 {
			return true
		}
	}
	return false
}
