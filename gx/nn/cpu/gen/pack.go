package main

// lines: copies rows of panels. For each of k rows, stride bytes apart, vectors
// go by twos to dst, dst + across …; dst moves on by down bytes a row. With
// panels 0 a single vector is copied.
func (s isa) lines() {
	text("lines"+s.suffix, "56")
	p("MOVQ k+0(FP), CX")
	p("MOVQ panels+8(FP), R8")
	p("MOVQ src+16(FP), SI")
	p("MOVQ stride+24(FP), R9")
	p("MOVQ dst+32(FP), DI")
	p("MOVQ across+40(FP), R10")
	p("MOVQ down+48(FP), R11")
	p("TESTQ CX, CX")
	p("JZ end")
	p("TESTQ R8, R8")
	p("JZ one")
	label("row")
	p("MOVQ R8, BX")
	p("MOVQ SI, AX")
	p("MOVQ DI, DX")
	label("pair")
	for v := range s.nv {
		p("VMOVUPS %d(AX), %s", v*s.width, s.r(v))
	}
	for v := range s.nv {
		p("VMOVUPS %s, %d(DX)", s.r(v), v*s.width)
	}
	p("ADDQ $%d, AX", s.nv*s.width)
	p("ADDQ R10, DX")
	p("DECQ BX")
	p("JNZ pair")
	p("ADDQ R9, SI")
	p("ADDQ R11, DI")
	p("DECQ CX")
	p("JNZ row")
	p("JMP end")
	label("one")
	p("VMOVUPS (SI), %s", s.r(0))
	p("VMOVUPS %s, (DI)", s.r(0))
	p("ADDQ R9, SI")
	p("ADDQ R11, DI")
	p("DECQ CX")
	p("JNZ one")
	label("end")
	leave()
}

// transpose: k columns (a multiple of the lanes) of as many rows as a vector has
// lanes, whose beginnings rows points to, become k vectors at dst, down bytes
// apart.
func (s isa) transpose() {
	text("transpose"+s.suffix, "32")
	p("MOVQ k+0(FP), CX")
	p("MOVQ rows+8(FP), SI")
	p("MOVQ dst+16(FP), DI")
	p("MOVQ down+24(FP), R11")
	p("XORQ DX, DX") // bytes along the rows
	lanes := s.width / 4
	p("SHRQ $%d, CX", log2(lanes))
	p("JZ end")
	label("block")
	if lanes == 16 {
		s.transpose16()
	} else {
		s.transpose8()
	}
	p("ADDQ $%d, DX", s.width)
	p("DECQ CX")
	p("JNZ block")
	label("end")
	leave()
}

// pairs interleaves registers a and b, the low half of each 128 bits into low and
// the high half into high.
func (s isa) pairs(kind string, a, b, low, high int) {
	p("VUNPCKL%s %s, %s, %s", kind, s.r(b), s.r(a), s.r(low))
	p("VUNPCKH%s %s, %s, %s", kind, s.r(b), s.r(a), s.r(high))
}

func (s isa) transpose16() {
	for i := range 16 {
		p("MOVQ %d(SI), AX", 8*i)
		p("VMOVUPS (AX)(DX*1), Z%d", i)
	}
	for i := 0; i < 16; i += 2 {
		s.pairs("PS", i, i+1, 16+i, 17+i)
	}
	// of rows 4g … 4g+3, register 4g+q holds column 4l+q in its 128-bit lane l
	for g := range 4 {
		a := 16 + 4*g
		s.pairs("PD", a, a+2, 4*g, 4*g+1)
		s.pairs("PD", a+1, a+3, 4*g+2, 4*g+3)
	}
	for q := range 4 {
		p("VSHUFF32X4 $0x44, Z%d, Z%d, Z16", 4+q, q)
		p("VSHUFF32X4 $0x44, Z%d, Z%d, Z17", 12+q, 8+q)
		p("VSHUFF32X4 $0xEE, Z%d, Z%d, Z18", 4+q, q)
		p("VSHUFF32X4 $0xEE, Z%d, Z%d, Z19", 12+q, 8+q)
		p("VSHUFF32X4 $0x88, Z17, Z16, Z%d", 20)
		p("VSHUFF32X4 $0xDD, Z17, Z16, Z%d", 21)
		p("VSHUFF32X4 $0x88, Z19, Z18, Z%d", 22)
		p("VSHUFF32X4 $0xDD, Z19, Z18, Z%d", 23)
		// columns q, 4+q, 8+q, 12+q; the first group's registers are free
		for l := range 4 {
			p("VMOVAPS Z%d, Z%d", 20+l, []int{q, 4 + q, 8 + q, 12 + q}[l])
		}
	}
	for c := range 16 { // column c lies in register c
		p("VMOVUPS Z%d, (DI)", c)
		p("ADDQ R11, DI")
	}
}

func (s isa) transpose8() {
	load := func(row, reg int) {
		p("MOVQ %d(SI), AX", 8*row)
		p("VMOVUPS (AX)(DX*1), Y%d", reg)
	}
	for i := range 8 {
		load(i, i)
	}
	for i := 0; i < 8; i += 2 {
		s.pairs("PS", i, i+1, 8+i, 9+i)
	}
	for g := range 2 {
		a := 8 + 4*g
		s.pairs("PD", a, a+2, 4*g, 4*g+1)
		s.pairs("PD", a+1, a+3, 4*g+2, 4*g+3)
	}
	for q := range 4 {
		p("VPERM2F128 $0x20, Y%d, Y%d, Y8", 4+q, q)
		p("VPERM2F128 $0x31, Y%d, Y%d, Y9", 4+q, q)
		p("VMOVAPS Y8, Y%d", q)
		p("VMOVAPS Y9, Y%d", 4+q)
	}
	for c := range 8 {
		p("VMOVUPS Y%d, (DI)", c)
		p("ADDQ R11, DI")
	}
}
