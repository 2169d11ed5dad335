package main

// losses: for n values, a multiple of the lanes, t = y − x: the sum of t² or |t|
// in float64, and the gradient at d unless d is nil. c holds for mse the factor of
// t; for mae the gradient's size, minus it, a number so large that times it twice
// every difference reaches that size, and the bits of |t|: sixteen copies each.
func (s isa) losses() {
	s.loss("mse", func() {
		p("VMULPS (R8), %s, %s", s.r(0), s.r(1))
	}, func() {
		p("VMULPS %s, %s, %s", s.r(0), s.r(0), s.r(0))
	})
	s.loss("mae", func() {
		p("VMULPS 128(R8), %s, %s", s.r(0), s.r(1))
		p("VMULPS 128(R8), %s, %s", s.r(1), s.r(1))
		p("VMOVUPS (R8), %s", s.r(2))
		p("VMINPS %s, %s, %s", s.r(1), s.r(2), s.r(1))
		p("VMOVUPS 64(R8), %s", s.r(2))
		p("VMAXPS %s, %s, %s", s.r(1), s.r(2), s.r(1))
	}, func() {
		p("VANDPS 192(R8), %s, %s", s.r(0), s.r(0))
	})
}

// loss: gradient makes register 1 of the difference in 0; size makes what is
// summed of it.
func (s isa) loss(name string, gradient, size func()) {
	text(name+s.suffix, "48")
	p("MOVQ n+0(FP), CX")
	p("MOVQ y+8(FP), SI")
	p("MOVQ x+16(FP), DI")
	p("MOVQ d+24(FP), DX")
	p("MOVQ c+32(FP), R8")
	for i := 6; i < 8; i++ {
		s.zero(i)
	}
	p("SHRQ $%d, CX", log2(s.width/4))
	p("JZ sum")
	label("vec")
	p("VMOVUPS (SI), %s", s.r(0))
	p("VSUBPS (DI), %s, %s", s.r(0), s.r(0))
	p("TESTQ DX, DX")
	p("JZ told")
	gradient()
	p("VMOVUPS %s, (DX)", s.r(1))
	p("ADDQ $%d, DX", s.width)
	label("told")
	size()
	if s.reg == "Z" {
		p("VCVTPS2PD Y0, Z3")
		p("VEXTRACTF64X4 $1, Z0, Y4")
		p("VCVTPS2PD Y4, Z4")
	} else {
		p("VCVTPS2PD X0, Y3")
		p("VEXTRACTF128 $1, Y0, X4")
		p("VCVTPS2PD X4, Y4")
	}
	p("VADDPD %s, %s, %s", s.r(3), s.r(6), s.r(6))
	p("VADDPD %s, %s, %s", s.r(4), s.r(7), s.r(7))
	p("ADDQ $%d, SI", s.width)
	p("ADDQ $%d, DI", s.width)
	p("DECQ CX")
	p("JNZ vec")
	label("sum")
	p("VADDPD %s, %s, %s", s.r(7), s.r(6), s.r(0))
	if s.reg == "Z" {
		p("VEXTRACTF64X4 $1, Z0, Y1")
		p("VADDPD Y1, Y0, Y0")
	}
	p("VEXTRACTF128 $1, Y0, X1")
	p("VADDPD X1, X0, X0")
	p("VUNPCKHPD X0, X0, X1")
	p("VADDSD X1, X0, X0")
	p("VMOVSD X0, ret+40(FP)")
	leave()
}
