package plotting

import (
	"math"
	"strconv"
	"strings"
)

// tick is a mark on an axis with its label, "" for none.
type tick struct {
	at    float64
	label string
}

// linearTicks are at steps of 1, 2 or 5 times a power of ten, about n of them.
func linearTicks(lo, hi float64, n int) []tick {
	var ts []tick
	var step, first, last float64
	for n = max(n, 1); ; n++ { // at least two, or the scale cannot be read
		step = niceStep((hi - lo) / float64(n))
		first, last = math.Ceil(lo/step-1e-9), math.Floor(hi/step+1e-9)
		if last > first || n > 100 {
			break
		}
	}
	decimals := max(0, int(-math.Floor(math.Log10(step)+1e-9)))
	top := max(math.Abs(lo), math.Abs(hi))
	for k := first; k <= last; k++ {
		v := k * step
		if k == 0 {
			v = 0
		}
		ts = append(ts, tick{v, number(v, decimals, top)})
	}
	return ts
}

func niceStep(rough float64) float64 {
	base := math.Pow(10, math.Floor(math.Log10(rough)))
	for _, m := range [...]float64{1, 2, 5} {
		if rough <= m*base*(1+1e-9) {
			return m * base
		}
	}
	return 10 * base
}

// number writes a tick's value: a true minus, commas from ten thousand on, powers
// of ten where the axis goes beyond what reads at a glance.
func number(v float64, decimals int, top float64) string {
	if v != 0 && (top >= 1e7 || top < 1e-4) {
		exp := math.Floor(math.Log10(math.Abs(v)) + 1e-9)
		m := strconv.FormatFloat(v/math.Pow(10, exp), 'g', 3, 64)
		return minus(m) + "×10" + superscript(int(exp))
	}
	s := strconv.FormatFloat(v, 'f', decimals, 64)
	if decimals == 0 && math.Abs(v) >= 10000 {
		s = commas(s)
	}
	return minus(s)
}

func minus(s string) string { return strings.Replace(s, "-", "−", 1) }

func commas(s string) string {
	sign, digits := "", s
	if strings.HasPrefix(s, "-") {
		sign, digits = "-", s[1:]
	}
	for i := len(digits) - 3; i > 0; i -= 3 {
		digits = digits[:i] + "," + digits[i:]
	}
	return sign + digits
}

func superscript(n int) string {
	signs := []rune("⁰¹²³⁴⁵⁶⁷⁸⁹")
	var b strings.Builder
	for _, r := range strconv.Itoa(n) {
		if r == '-' {
			b.WriteRune('⁻')
		} else {
			b.WriteRune(signs[r-'0'])
		}
	}
	return b.String()
}

// logTicks are at powers of ten, and where those are few at round values between.
func logTicks(lo, hi float64, n int) []tick {
	from, to := math.Floor(math.Log10(lo)+1e-9), math.Ceil(math.Log10(hi)-1e-9)
	within := func(v float64) bool { return v >= lo*(1-1e-9) && v <= hi*(1+1e-9) }
	for _, steps := range [...][]float64{{1}, {1, 3}, {1, 2, 5}, {1, 2, 3, 5, 7}, {1, 1.5, 2, 2.5, 3, 4, 5, 6, 7, 8, 9}} {
		every := 1.0
		if len(steps) == 1 {
			every = max(1, math.Ceil((to-from)/float64(max(n, 1))))
		}
		var ts []tick
		for e := from; e <= to; e++ {
			for _, m := range steps {
				v := m * math.Pow(10, e)
				if !within(v) || len(steps) == 1 && math.Mod(e, every) != 0 {
					continue
				}
				ts = append(ts, tick{v, logNumber(m, int(e), lo, hi)})
			}
		}
		if len(ts) >= 3 || len(steps) == 5 && len(ts) == 2 {
			return thinned(ts, n)
		}
	}
	return linearTicks(lo, hi, n)
}

// thinned drops labels, not marks, until at most n remain, the powers of ten first
// to stay.
func thinned(ts []tick, n int) []tick {
	if len(ts) <= max(n, 3) {
		return ts
	}
	for i := range ts {
		e := math.Log10(ts[i].at)
		if math.Abs(e-math.Round(e)) > 1e-9 && i%2 == 1 {
			ts[i].label = ""
		}
	}
	return ts
}

func logNumber(m float64, e int, lo, hi float64) string {
	if lo >= 0.999e-4 && hi <= 1.001e5 {
		return commasFrom(strconv.FormatFloat(m*math.Pow(10, float64(e)), 'f', max(0, decimalsOf(m)-e), 64))
	}
	if m == 1 {
		return "10" + superscript(e)
	}
	return strconv.FormatFloat(m, 'g', 2, 64) + "×10" + superscript(e)
}

func decimalsOf(m float64) int {
	if m == math.Trunc(m) {
		return 0
	}
	return 1
}

func commasFrom(s string) string {
	if len(s) > 4 && !strings.Contains(s, ".") {
		return commas(s)
	}
	return s
}
