package columns

// flat reads FlatBuffers, of which Arrow's metadata are. What lies outside the bytes is
// 0, and bad says that there was such.
type flat struct {
	b   []byte
	bad bool
}

// object is a table of a FlatBuffer: where it begins; 0 for none.
type object int

func (f *flat) at(i, n int) []byte {
	if i < 0 || n < 0 || i > len(f.b)-n {
		f.bad = true
		return make([]byte, max(0, min(n, 16)))
	}
	return f.b[i : i+n]
}

func (f *flat) u16(i int) int { b := f.at(i, 2); return int(b[0]) | int(b[1])<<8 }
func (f *flat) u32(i int) int { return int(le32(f.at(i, 4))) }

// root is the table that all hangs from.
func (f *flat) root() object { return object(f.u32(0)) }

// field is where a table's field lies; 0 where it is left out.
func (f *flat) field(o object, k int) int {
	if o == 0 {
		return 0
	}
	table := int(o) - int(int32(f.u32(int(o))))
	if 4+2*k+2 > f.u16(table) {
		return 0
	}
	if d := f.u16(table + 4 + 2*k); d > 0 {
		return int(o) + d
	}
	return 0
}

func (f *flat) byte(o object, k int) int {
	if i := f.field(o, k); i > 0 {
		return int(f.at(i, 1)[0])
	}
	return 0
}

func (f *flat) short(o object, k int) int {
	if i := f.field(o, k); i > 0 {
		return f.u16(i)
	}
	return 0
}

func (f *flat) int(o object, k int) int {
	if i := f.field(o, k); i > 0 {
		return int(int32(f.u32(i)))
	}
	return 0
}

func (f *flat) long(o object, k int) int64 {
	if i := f.field(o, k); i > 0 {
		return int64(le64(f.at(i, 8)))
	}
	return 0
}

func (f *flat) object(o object, k int) object {
	if i := f.field(o, k); i > 0 {
		return object(i + f.u32(i))
	}
	return 0
}

// vector is where a vector's elements begin and how many there are.
func (f *flat) vector(o object, k, size int) (at, n int) {
	i := f.field(o, k)
	if i == 0 {
		return 0, 0
	}
	at = i + f.u32(i)
	n = f.u32(at)
	if at+4 > len(f.b) || n > (len(f.b)-at-4)/size {
		f.bad = true
		return 0, 0
	}
	return at + 4, n
}

func (f *flat) text(o object, k int) string {
	at, n := f.vector(o, k, 1)
	return string(f.at(at, n))
}

// objects are a vector of tables.
func (f *flat) objects(o object, k int) []object {
	at, n := f.vector(o, k, 4)
	out := make([]object, n)
	for i := range out {
		out[i] = object(at + 4*i + f.u32(at+4*i))
	}
	return out
}
