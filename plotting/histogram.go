package plotting

import (
	"fmt"
	"math"
	"sort"
	"strconv"
)

// Histogram draws how often values occur, such as all values of a matrix: logged
// ones lie between about 2 and 16, unlogged ones crowd at zero with a tail of
// thousands. Bars are as wide as Freedman and Diaconis advise, 10 to 80 of them.
// label names the values and their unit.
func Histogram[T float32 | float64](label string, values []T) Figure {
	f := Figure{name: "histogram"}
	vs := make([]float64, len(values))
	for i, v := range values {
		vs[i] = float64(v)
	}
	if len(vs) == 0 {
		f.err = bad("Histogram has no values", "at least one value")
		return f
	}
	if f.err = finite("Histogram", "its values", vs); f.err != nil {
		return f
	}
	sort.Float64s(vs)
	lo, hi := vs[0], vs[len(vs)-1]
	if lo == hi {
		lo, hi = lo-0.5, hi+0.5
	}
	bins := 10
	if w := 2 * (quantile(vs, 0.75) - quantile(vs, 0.25)) / math.Cbrt(float64(len(vs))); w > 0 {
		bins = int(min(max(math.Ceil((hi-lo)/w), 10), 80))
	} else if len(vs) > 1 {
		bins = 80
	}
	counts := make([]float64, bins)
	for _, v := range vs {
		counts[min(int((v-lo)/(hi-lo)*float64(bins)), bins-1)]++
	}
	c := chart{ax: axis{label: label}, ay: axis{label: "Values (n = " + commasFrom(strconv.Itoa(len(vs))) + ")", zero: true, whole: true}, h: 50}
	w := (hi - lo) / float64(bins)
	for i, n := range counts {
		if n > 0 {
			x := lo + float64(i)*w
			c.marks = append(c.marks, bar{x, x + w, 0, n, tint(blue, 0.7), line{col: shade(blue, 0.3), width: 0.3}})
		}
	}
	f.caption = fmt.Sprintf("%d values from %s to %s", len(vs), short(vs[0]), short(vs[len(vs)-1]))
	f.body = c
	return f
}
