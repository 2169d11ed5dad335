// Package rdata reads what R's save and saveRDS write (R Internals, 1.8: the XDR
// serialisation, versions 2 and 3), plain or packed by gzip, bzip2 or xz: vectors,
// matrices, factors, lists, data frames, S4 objects and environments. Code is passed
// over.
package rdata

import (
	"math"
	"strconv"
)

// Value is an object of R. Of an unknown kind all is empty.
type Value struct {
	// Doubles, Floats, Ints, Texts, Bytes and List: at most one is not nil. Floats are
	// doubles of a vector so long, or a list so wide, that float32 is kept of them; those
	// of a list lie one after the other within the first's capacity. Logicals are Ints.
	Doubles []float64
	Floats  []float32
	Ints    []int32
	Texts   []string
	Bytes   []byte
	List    []*Value
	// Logical says of Ints that they are FALSE (0) and TRUE (1).
	Logical bool
	// S4 says that the attributes are the slots of an S4 object.
	S4 bool
	// Attributes by name; an environment's variables too.
	Attributes map[string]*Value
}

// NA is R's missing integer or logical.
const NA = math.MinInt32

// Missing is the text that stands for a missing one.
const Missing = "\x00NA"

// Len is the number of elements.
func (v *Value) Len() int {
	if v == nil {
		return 0
	}
	return len(v.Doubles) + len(v.Floats) + len(v.Ints) + len(v.Texts) + len(v.Bytes) + len(v.List)
}

// Attribute is an attribute, or nil.
func (v *Value) Attribute(name string) *Value {
	if v == nil {
		return nil
	}
	return v.Attributes[name]
}

// Is says whether the value is of that class.
func (v *Value) Is(class string) bool {
	for _, c := range v.Attribute("class").texts() {
		if c == class {
			return true
		}
	}
	return false
}

func (v *Value) texts() []string {
	if v == nil {
		return nil
	}
	return v.Texts
}

// Names are the names of a vector's or list's elements, or nil.
func (v *Value) Names() []string { return v.Attribute("names").texts() }

// Number is element i of a vector of numbers, or NaN.
func (v *Value) Number(i int) float64 {
	switch {
	case i < len(v.Doubles):
		return v.Doubles[i]
	case i < len(v.Floats):
		return float64(v.Floats[i])
	case i < len(v.Ints) && v.Ints[i] != NA:
		return float64(v.Ints[i])
	}
	return math.NaN()
}

// Numeric says whether the value is a vector of numbers and no factor.
func (v *Value) Numeric() bool {
	return v != nil && (v.Doubles != nil || v.Floats != nil || v.Ints != nil) && !v.Is("factor")
}

// Labels are the elements as text, "" where they are missing: a factor's by its
// levels, logicals as TRUE and FALSE; nil of what is no vector.
func (v *Value) Labels() []string {
	n := v.Len()
	if n == 0 || v.List != nil || v.Bytes != nil {
		return nil
	}
	out := make([]string, n)
	levels := v.Attribute("levels").texts()
	for i := range out {
		switch {
		case v.Texts != nil:
			if out[i] = v.Texts[i]; out[i] == Missing {
				out[i] = ""
			}
		case v.Is("factor"):
			if k := int(v.Number(i)); k >= 1 && k <= len(levels) {
				out[i] = levels[k-1]
			}
		case v.Logical:
			out[i] = map[int32]string{0: "FALSE", 1: "TRUE"}[v.Ints[i]]
		default:
			if x := v.Number(i); x == x {
				bits := 64
				if v.Floats != nil {
					bits = 32
				}
				out[i] = strconv.FormatFloat(x, 'g', -1, bits)
				if x == math.Trunc(x) && math.Abs(x) < 1e15 {
					out[i] = strconv.FormatInt(int64(x), 10)
				}
			}
		}
	}
	return out
}

// Dim are the numbers of rows and columns of a matrix; ok is false of all else.
func (v *Value) Dim() (rows, cols int, ok bool) {
	d := v.Attribute("dim")
	if d.Len() != 2 {
		return 0, 0, false
	}
	rows, cols = int(d.Number(0)), int(d.Number(1))
	return rows, cols, rows >= 0 && cols >= 0
}

// DimNames are the names of a matrix' rows and columns, nil where it has none.
func (v *Value) DimNames(slot string) (rows, cols []string) {
	d := v.Attribute(slot)
	if d == nil || len(d.List) != 2 {
		return nil, nil
	}
	return d.List[0].texts(), d.List[1].texts()
}
