package prep

import "math"

// keyed is a profile's values in rising order, each with the place it had.
type keyed struct {
	key []uint64 // the value's order above its place
	tmp []uint64
}

// order is v as a number that rises with it; both zeros are one.
func order(v float32) uint32 {
	if v == 0 {
		return 1 << 31
	}
	b := math.Float32bits(v)
	if b>>31 != 0 {
		return ^b
	}
	return b | 1<<31
}

// value is the v of order(v).
func value(o uint32) float32 {
	if o>>31 != 0 {
		return math.Float32frombits(o &^ (1 << 31))
	}
	return math.Float32frombits(^o)
}

// sort orders row, equal values by place, digit by digit from the last (radix
// sort): its time does not depend on the values.
func (k *keyed) sort(row []float32) {
	if cap(k.key) < len(row) {
		k.key, k.tmp = make([]uint64, len(row)), make([]uint64, len(row))
	}
	k.key, k.tmp = k.key[:len(row)], k.tmp[:len(row)]
	const bits = 11
	var count [3][1 << bits]int32
	for i, v := range row {
		o := order(v)
		k.key[i] = uint64(o)<<32 | uint64(i)
		for d := range count {
			count[d][o>>(bits*d)&(1<<bits-1)]++
		}
	}
	for d := range count {
		next := int32(0)
		for b, n := range count[d] {
			count[d][b] = next
			next += n
		}
		for _, x := range k.key {
			b := x >> (32 + bits*d) & (1<<bits - 1)
			k.tmp[count[d][b]] = x
			count[d][b]++
		}
		k.key, k.tmp = k.tmp, k.key
	}
}

// place is where the r-th lowest value stood.
func (k *keyed) place(r int) int { return int(uint32(k.key[r])) }

// same says whether the r-th and the s-th lowest values are equal.
func (k *keyed) same(r, s int) bool { return k.key[r]>>32 == k.key[s]>>32 }

// at is the r-th lowest value.
func (k *keyed) at(r int) float32 { return value(uint32(k.key[r] >> 32)) }
