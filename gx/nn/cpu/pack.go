package cpu

import "unsafe"

// packA copies m × depth of A so that the mr rows of each panel lie together,
// column by column, panels stride floats apart. Rows beyond m hold anything: they
// reach no element of C that is kept.
func (k *kernels) packA(dst []float32, a view, m, depth, stride int) {
	for i := 0; i < m; i += k.mr {
		d := dst[i/k.mr*stride:]
		if a.cs == 1 {
			k.turn(d, a.x[i*a.rs:], a.rs, min(k.mr, m-i), depth, k.mr)
		} else {
			k.copyLines(d, a.x[i:], a.cs, min(k.mr, m-i), depth, k.mr, m-i)
		}
	}
}

// packB copies depth × n of B so that the nr columns of each panel lie together,
// row by row, likewise.
func (k *kernels) packB(dst []float32, b view, depth, n, stride int) {
	full := 0
	if b.cs == 1 && k.lines != nil {
		if full = n / k.nr; full > 0 && depth > 0 {
			k.lines(int64(depth), int64(full), &b.x[0], int64(4*b.rs), &dst[0], int64(4*stride), int64(4*k.nr))
		}
	}
	for j := full * k.nr; j < n; j += k.nr {
		d := dst[j/k.nr*stride:]
		if b.cs == 1 {
			k.copyLines(d, b.x[j:], b.rs, min(k.nr, n-j), depth, k.nr, 0)
		} else {
			k.turn(d, b.x[j*b.cs:], b.cs, min(k.nr, n-j), depth, k.nr)
		}
	}
}

// copyLines copies depth rows of n values, ld apart, to rows of unit values; at
// least room values may be read of each row.
func (k *kernels) copyLines(dst, src []float32, ld, n, depth, unit, room int) {
	if k.lines != nil && n == unit && unit < k.lanes && room >= k.lanes && depth > 0 {
		k.lines(int64(depth), 0, &src[0], int64(4*ld), &dst[0], 0, int64(4*unit))
		return
	}
	for p := range depth {
		copy(dst[p*unit:p*unit+n], src[p*ld:])
	}
}

// turn copies n rows of depth values, ld apart, to depth rows of unit values.
func (k *kernels) turn(dst, src []float32, ld, n, depth, unit int) {
	done := 0
	if k.transpose != nil {
		done = depth / k.lanes * k.lanes
	}
	if done > 0 {
		room := scratches.Get().(*scratch)
		for at := 0; at < n; at += k.lanes {
			for r := range room.rows[:k.lanes] {
				room.rows[r] = unsafe.Pointer(&src[min(at+r, n-1)*ld])
			}
			k.transpose(int64(done), &room.rows[0], &dst[at], int64(4*unit))
		}
		clear(room.rows[:])
		scratches.Put(room)
	}
	for i := range n {
		row := src[i*ld:][:depth]
		for p := done; p < depth; p++ {
			dst[p*unit+i] = row[p]
		}
	}
}
