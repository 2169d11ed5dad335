package prep

import (
	"fmt"
	"math"
	"slices"
	"sort"

	"github.com/gxlab/gxlab/gx/cores"
)

// A BadValue is a value that a step cannot take, with its place.
type BadValue struct {
	Row, Col int
	Value    float64
	Count    int // how many there are; Row and Col are the first's
}

func (b *BadValue) Error() string {
	return fmt.Sprintf("%d values that it cannot take, the first %g", b.Count, b.Value)
}

// Check finds values that are refused; nil where there are none.
func Check(m Matrix, refused func(float32) bool) *BadValue {
	rows := make([]*BadValue, m.Rows)
	cores.Each(m.Rows, func(i int) {
		for j, v := range m.Row(i) {
			if !refused(v) {
				continue
			}
			if rows[i] == nil {
				rows[i] = &BadValue{Row: i, Col: j, Value: float64(v)}
			}
			rows[i].Count++
		}
	})
	var first *BadValue
	for _, b := range rows {
		if first == nil {
			first = b
		} else if b != nil {
			first.Count += b.Count
		}
	}
	return first
}

// CheckFinite is Check for NotFinite, quicker where all values are finite.
func CheckFinite(m Matrix) *BadValue {
	bad := make([]bool, m.Rows)
	cores.Each(m.Rows, func(i int) { bad[i] = !finite(m.Row(i)) })
	if !slices.Contains(bad, true) {
		return nil
	}
	return Check(m, NotFinite)
}

// finite says whether no value has an exponent of all ones, two values at a time.
func finite(x []float32) bool {
	const exponents, one, carry = 0x7f8000007f800000, 0x0080000000800000, 0x8000000080000000
	var any uint64
	for len(x) > 1 {
		pair := uint64(math.Float32bits(x[0])) | uint64(math.Float32bits(x[1]))<<32
		any |= pair&exponents + one
		x = x[2:]
	}
	if any&carry != 0 {
		return false
	}
	return len(x) == 0 || !NotFinite(x[0])
}

// NotFinite reports NaN and infinities.
func NotFinite(v float32) bool {
	return v-v != 0
}

// Log2 takes log2(x + plus) in place. Sums that are not above 0 are a *BadValue,
// and nothing is changed.
func Log2(m Matrix, plus float64) error {
	if b := Check(m, func(v float32) bool { return !(float64(v)+plus > 0) || NotFinite(v) }); b != nil {
		return b
	}
	cores.Each(m.Rows, func(i int) {
		row := m.Row(i)
		for j, v := range row {
			row[j] = float32(math.Log2(float64(v) + plus))
		}
	})
	return nil
}

// Floor lifts values below lo to lo, in place, and returns how many there were.
func Floor(m Matrix, lo float32) (lifted int) {
	for i := range m.Rows {
		lifted += floor(m.Row(i), lo)
	}
	return lifted
}

func floor(row []float32, lo float32) (lifted int) {
	for i, v := range row {
		if v < lo {
			row[i] = lo
			lifted++
		}
	}
	return lifted
}

// Percentile is the value below which share q (0 to 1) of a regular sample of
// about 100,000 of the finite values lie.
func Percentile(m Matrix, q float64) float64 {
	step := max(1, len(m.Data)/100_000)
	if m.Cols > 0 && step > 1 && m.Cols%step == 0 {
		step++ // not the same genes in every sample
	}
	var s []float64
	for i := 0; i < len(m.Data); i += step {
		if v := m.Row(i / m.Cols)[i%m.Cols]; !NotFinite(v) {
			s = append(s, float64(v))
		}
	}
	if len(s) == 0 {
		return math.NaN()
	}
	sort.Float64s(s)
	return s[min(len(s)-1, int(q*float64(len(s))))]
}

// LooksUnlogged gives the reason why values seem not to be on a log scale, or ""
// where they do. The rule, after NCBI's GEO2R: the 99th percentile above 100, or
// a range above 50 with a lower quartile above 0. Counts are often lower: whole
// numbers from 0 to above 20 are taken for them. Missing values do not count.
func LooksUnlogged(m Matrix) string {
	p99 := Percentile(m, 0.99)
	if p99 > 100 {
		return fmt.Sprintf("the 99th percentile is %.4g", p99)
	}
	lo, hi, whole := math.Inf(1), math.Inf(-1), true
	for i := range m.Rows {
		for _, x := range m.Row(i) {
			if v := float64(x); !NotFinite(x) {
				lo, hi = math.Min(lo, v), math.Max(hi, v)
				whole = whole && v == math.Trunc(v)
			}
		}
	}
	if q1 := Percentile(m, 0.25); hi-lo > 50 && q1 > 0 {
		return fmt.Sprintf("they range from %.4g to %.4g", lo, hi)
	}
	if whole && lo >= 0 && hi > 20 {
		return fmt.Sprintf("they are whole numbers from %.4g to %.4g, as counts are", lo, hi)
	}
	return ""
}
