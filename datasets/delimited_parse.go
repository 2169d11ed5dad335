package datasets

import (
	"bytes"
	"math"
	"strconv"
	"strings"
)

// pow10 are exact in float64.
var pow10 = [...]float64{1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22}

// parse reads a number, blanks around it left away. Decimals of up to 15 digits
// are read at once: such a number and a power of ten up to 22 are both exact in
// float64, so that their quotient is the nearest float64, as strconv's is.
func parse(f []byte) (float32, bool) {
	if len(f) > 0 && (f[0] <= ' ' || f[len(f)-1] <= ' ') {
		f = bytes.TrimSpace(f)
	}
	v, n := decimal(f)
	if n == len(f) && n > 0 {
		return v, true
	}
	return parseSlow(f)
}

// decimal reads a plain decimal from the start of s and how many bytes it takes:
// 0 where there is none that can be read exactly in one go.
func decimal(s []byte) (float32, int) {
	i, neg := 0, false
	if len(s) > 0 && (s[0] == '-' || s[0] == '+') {
		neg, i = s[0] == '-', 1
	}
	var digits uint64
	n, frac, first := 0, 0, i
	point := -1
	for ; i < len(s); i++ {
		c := s[i]
		if c == '.' && point < 0 {
			point = i
			continue
		}
		if c -= '0'; c > 9 {
			break
		}
		digits = digits*10 + uint64(c)
		if digits != 0 {
			if n++; n > 15 {
				return 0, 0
			}
		}
	}
	count := i - first
	if point >= 0 {
		count--
		frac = i - point - 1
	}
	if count == 0 || frac > 22 {
		return 0, 0
	}
	v := float64(digits) / pow10[frac]
	if neg {
		v = -v
	}
	return float32(v), i
}

// parseSlow reads every other number and the names of a missing one. Infinities
// are no values.
func parseSlow(f []byte) (float32, bool) {
	switch s := string(f); s {
	case "", "NA", "NaN", "nan", "NAN", "N/A", "n/a", "#N/A", "null", "NULL":
		return float32(math.NaN()), true
	default:
		v, err := strconv.ParseFloat(s, 64)
		if err != nil || math.IsInf(v, 0) || math.Abs(v) > math.MaxFloat32 || strings.ContainsAny(s, "xX_") {
			return 0, false
		}
		return float32(v), true
	}
}

// notNumber says what is wrong with a cell that parse refused, and what to try.
func notNumber(f []byte) (what, try string) {
	s := strings.TrimSpace(string(f))
	what, try = "is not a number", "a number, or an empty cell where the value is missing; a column of words, such as descriptions of genes, is no part of the table"
	v, err := strconv.ParseFloat(s, 64)
	switch _, decimals := strconv.ParseFloat(strings.Replace(s, ",", ".", 1), 64); {
	case err != nil && decimals == nil:
		try = "decimal points instead of decimal commas, and nothing between thousands"
	case math.IsInf(v, 0) || math.Abs(v) > math.MaxFloat32:
		what, try = "is infinite or too large", "a finite number; the logarithm of 0 is -Inf, so take the values before it, or leave the cell empty"
	}
	if len(f) > 30 {
		s = string(f[:30]) + "…"
	}
	return strconv.Quote(s) + " " + what, try
}
