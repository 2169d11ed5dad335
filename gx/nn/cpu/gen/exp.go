package main

import "fmt"

// at is the operand of one row of the constants of exp (vecexp.go), each row
// sixteen copies of one value, so that both widths read it in place.
func at(row int) string { return fmt.Sprintf("%d(DX)", 64*row) }

// rows of the table of constants
const (
	lo, hi, log2e, shift, ln2hi, ln2lo, bias = 0, 1, 2, 3, 4, 5, 6
	taylor                                   = 7 // 1/7! … 1/0!
	zeros, one, two                          = 15, 16, 17
	atanh                                    = 18 // 1/13, 1/11 … 1
)

// exp: register 0 becomes its exponential; 1 and 2 are used up. NaN stays NaN
// because the maximum of two values is the second where one is NaN.
func (s isa) exp() {
	p("VMOVUPS %s, %s", at(lo), s.r(1))
	p("VMAXPS %s, %s, %s", s.r(0), s.r(1), s.r(0))
	p("VMOVUPS %s, %s", at(hi), s.r(1))
	p("VMINPS %s, %s, %s", s.r(0), s.r(1), s.r(0))
	p("VMOVUPS %s, %s", at(log2e), s.r(1))
	p("VFMADD213PS %s, %s, %s", at(shift), s.r(0), s.r(1))
	p("VSUBPS %s, %s, %s", at(shift), s.r(1), s.r(1))
	p("VFNMADD231PS %s, %s, %s", at(ln2hi), s.r(1), s.r(0))
	p("VFNMADD231PS %s, %s, %s", at(ln2lo), s.r(1), s.r(0))
	p("VMOVUPS %s, %s", at(taylor), s.r(2))
	for i := 1; i < 8; i++ {
		p("VFMADD213PS %s, %s, %s", at(taylor+i), s.r(0), s.r(2))
	}
	p("VCVTPS2DQ %s, %s", s.r(1), s.r(1))
	p("VPADDD %s, %s, %s", at(bias), s.r(1), s.r(1))
	p("VPSLLD $23, %s, %s", s.r(1), s.r(1))
	p("VMULPS %s, %s, %s", s.r(1), s.r(2), s.r(0))
}

// each runs body on n values, a multiple of the vector's width, from x to y.
func (s isa) each(name string, body func()) {
	text(name+s.suffix, "32")
	p("MOVQ n+0(FP), CX")
	p("MOVQ x+8(FP), SI")
	p("MOVQ y+16(FP), DI")
	p("MOVQ c+24(FP), DX")
	p("SHRQ $%d, CX", log2(s.width/4))
	p("JZ end")
	label("vec")
	p("VMOVUPS (SI), %s", s.r(0))
	body()
	p("VMOVUPS %s, (DI)", s.r(0))
	p("ADDQ $%d, SI", s.width)
	p("ADDQ $%d, DI", s.width)
	p("DECQ CX")
	p("JNZ vec")
	label("end")
	p("VZEROUPPER")
	p("RET")
}

func (s isa) exponentials() {
	s.each("sigmoid", func() {
		p("VMOVUPS %s, %s", at(zeros), s.r(1))
		p("VSUBPS %s, %s, %s", s.r(0), s.r(1), s.r(0))
		s.exp()
		p("VADDPS %s, %s, %s", at(one), s.r(0), s.r(0))
		p("VMOVUPS %s, %s", at(one), s.r(1))
		p("VDIVPS %s, %s, %s", s.r(0), s.r(1), s.r(0))
	})
	// min(x, 0) − log1p(e^−|x|), the logarithm as 2·atanh(t/(2+t))
	s.each("logSigmoid", func() {
		p("VMOVUPS %s, %s", at(zeros), s.r(1))
		p("VMINPS %s, %s, %s", s.r(0), s.r(1), s.r(3))
		p("VSUBPS %s, %s, %s", s.r(0), s.r(1), s.r(1))
		p("VMINPS %s, %s, %s", s.r(0), s.r(1), s.r(0))
		s.exp()
		p("VADDPS %s, %s, %s", at(two), s.r(0), s.r(1))
		p("VDIVPS %s, %s, %s", s.r(1), s.r(0), s.r(1))
		p("VMULPS %s, %s, %s", s.r(1), s.r(1), s.r(2))
		p("VMOVUPS %s, %s", at(atanh), s.r(4))
		for i := 1; i < 7; i++ {
			p("VFMADD213PS %s, %s, %s", at(atanh+i), s.r(2), s.r(4))
		}
		p("VMULPS %s, %s, %s", s.r(1), s.r(4), s.r(4))
		p("VADDPS %s, %s, %s", s.r(4), s.r(4), s.r(4))
		p("VSUBPS %s, %s, %s", s.r(4), s.r(3), s.r(0))
	})
	// y ·= 1 − eˣ: the derivative of logsigmoid from its value
	s.each("lessExp", func() {
		s.exp()
		p("VMOVUPS %s, %s", at(one), s.r(1))
		p("VSUBPS %s, %s, %s", s.r(0), s.r(1), s.r(0))
		p("VMULPS (DI), %s, %s", s.r(0), s.r(0))
	})
}
