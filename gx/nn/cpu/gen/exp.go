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
	abs, sign, minus2, near                  = 25, 26, 27, 28
	tanhs                                    = 29 // −17/315, 2/15, −1/3, 1
	leak, lambda, minusLambda                = 33, 34, 35
)

// where sets x to y where the comparison of a with b holds; register 15 is used
// up in 256-bit code.
func (s isa) where(predicate int, b, a, y, x string) {
	if s.reg == "Z" {
		p("VCMPPS $%d, %s, %s, K1", predicate, b, a)
		p("VMOVAPS %s, K1, %s", y, x)
		return
	}
	p("VCMPPS $%d, %s, %s, Y15", predicate, b, a)
	p("VBLENDVPS Y15, %s, %s, %s", y, x, x)
}

// predicates of VCMPPS: less; equal; not greater, or not a number
const (
	less, equal, notGreater = 0x11, 0x00, 0x1a
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
	leave()
}

// sigmoid: register 0 becomes its sigmoid.
func (s isa) sigmoid() {
	p("VMOVUPS %s, %s", at(zeros), s.r(1))
	p("VSUBPS %s, %s, %s", s.r(0), s.r(1), s.r(0))
	s.exp()
	p("VADDPS %s, %s, %s", at(one), s.r(0), s.r(0))
	p("VMOVUPS %s, %s", at(one), s.r(1))
	p("VDIVPS %s, %s, %s", s.r(0), s.r(1), s.r(0))
}

// log1pExp: register 0, which holds −|x|, becomes log(1 + e^−|x|), as
// 2·atanh(t/(2+t)) with t = e^−|x|; 1, 2 and 4 are used up.
func (s isa) log1pExp() {
	s.exp()
	p("VADDPS %s, %s, %s", at(two), s.r(0), s.r(1))
	p("VDIVPS %s, %s, %s", s.r(1), s.r(0), s.r(1))
	p("VMULPS %s, %s, %s", s.r(1), s.r(1), s.r(2))
	p("VMOVUPS %s, %s", at(atanh), s.r(4))
	for i := 1; i < 7; i++ {
		p("VFMADD213PS %s, %s, %s", at(atanh+i), s.r(2), s.r(4))
	}
	p("VMULPS %s, %s, %s", s.r(1), s.r(4), s.r(4))
	p("VADDPS %s, %s, %s", s.r(4), s.r(4), s.r(0))
}

// activations: the values of register 0 become activations. A minimum or maximum
// has the value second, so that NaN stays NaN.
func (s isa) activations() {
	s.each("relu", func() {
		p("VMOVUPS %s, %s", at(zeros), s.r(1))
		p("VMAXPS %s, %s, %s", s.r(0), s.r(1), s.r(0))
	})
	s.each("leaky", func() {
		p("VMULPS %s, %s, %s", at(leak), s.r(0), s.r(1))
		p("VMAXPS %s, %s, %s", s.r(0), s.r(1), s.r(0))
	})
	s.each("shrink", func() {
		p("VMOVUPS %s, %s", at(lambda), s.r(1))
		p("VMINPS %s, %s, %s", s.r(0), s.r(1), s.r(1))
		p("VMOVUPS %s, %s", at(minusLambda), s.r(2))
		p("VMAXPS %s, %s, %s", s.r(1), s.r(2), s.r(1))
		p("VSUBPS %s, %s, %s", s.r(1), s.r(0), s.r(0))
	})
	s.each("sigmoid", s.sigmoid)
	s.each("swish", func() {
		p("VMOVAPS %s, %s", s.r(0), s.r(3))
		s.sigmoid()
		p("VMULPS %s, %s, %s", s.r(3), s.r(0), s.r(0))
	})
	s.each("logSigmoid", func() { // min(x, 0) − log(1 + e^−|x|)
		p("VMOVUPS %s, %s", at(zeros), s.r(1))
		p("VMINPS %s, %s, %s", s.r(0), s.r(1), s.r(3))
		p("VORPS %s, %s, %s", at(sign), s.r(0), s.r(0))
		s.log1pExp()
		p("VSUBPS %s, %s, %s", s.r(0), s.r(3), s.r(0))
	})
	s.each("softplus", func() { // max(x, 0) + log(1 + e^−|x|)
		p("VMOVUPS %s, %s", at(zeros), s.r(1))
		p("VMAXPS %s, %s, %s", s.r(0), s.r(1), s.r(3))
		p("VORPS %s, %s, %s", at(sign), s.r(0), s.r(0))
		s.log1pExp()
		p("VADDPS %s, %s, %s", s.r(0), s.r(3), s.r(0))
	})
	s.each("tanh", func() { // (1 − t)/(1 + t), t = e^−2|x|; near 0 a polynomial
		p("VMOVAPS %s, %s", s.r(0), s.r(3))
		p("VANDPS %s, %s, %s", at(abs), s.r(0), s.r(5))
		p("VMULPS %s, %s, %s", at(minus2), s.r(5), s.r(0))
		s.exp()
		p("VMOVUPS %s, %s", at(one), s.r(1))
		p("VSUBPS %s, %s, %s", s.r(0), s.r(1), s.r(2))
		p("VADDPS %s, %s, %s", s.r(0), s.r(1), s.r(0))
		p("VDIVPS %s, %s, %s", s.r(0), s.r(2), s.r(0))
		p("VANDPS %s, %s, %s", at(sign), s.r(3), s.r(1))
		p("VORPS %s, %s, %s", s.r(1), s.r(0), s.r(0))
		p("VMULPS %s, %s, %s", s.r(3), s.r(3), s.r(1))
		p("VMOVUPS %s, %s", at(tanhs), s.r(2))
		for i := 1; i < 4; i++ {
			p("VFMADD213PS %s, %s, %s", at(tanhs+i), s.r(1), s.r(2))
		}
		p("VMULPS %s, %s, %s", s.r(3), s.r(2), s.r(2))
		p("VMOVUPS %s, %s", at(near), s.r(1))
		s.where(less, s.r(1), s.r(5), s.r(2), s.r(0))
	})
}

// derivatives: with a value of the activation in register 0 (its input, for
// swish), the gradient at (DI) is multiplied.
func (s isa) derivatives() {
	pass := func() { p("VMOVUPS (DI), %s", s.r(3)) }
	s.each("reluBack", func() {
		pass()
		p("VMOVUPS %s, %s", at(zeros), s.r(1))
		s.where(notGreater, s.r(1), s.r(0), s.r(1), s.r(3))
		p("VMOVAPS %s, %s", s.r(3), s.r(0))
	})
	s.each("leakyBack", func() {
		pass()
		p("VMOVUPS %s, %s", at(zeros), s.r(1))
		p("VMULPS %s, %s, %s", at(leak), s.r(3), s.r(2))
		s.where(less, s.r(1), s.r(0), s.r(2), s.r(3))
		p("VMOVAPS %s, %s", s.r(3), s.r(0))
	})
	s.each("shrinkBack", func() {
		pass()
		p("VMOVUPS %s, %s", at(zeros), s.r(1))
		s.where(equal, s.r(1), s.r(0), s.r(1), s.r(3))
		p("VMOVAPS %s, %s", s.r(3), s.r(0))
	})
	s.each("sigmoidBack", func() { // y (1 − y)
		p("VMOVUPS %s, %s", at(one), s.r(1))
		p("VSUBPS %s, %s, %s", s.r(0), s.r(1), s.r(1))
		p("VMULPS %s, %s, %s", s.r(1), s.r(0), s.r(0))
		p("VMULPS (DI), %s, %s", s.r(0), s.r(0))
	})
	s.each("tanhBack", func() { // 1 − y²
		p("VMOVUPS %s, %s", at(one), s.r(1))
		p("VFNMADD231PS %s, %s, %s", s.r(0), s.r(0), s.r(1))
		p("VMULPS (DI), %s, %s", s.r(1), s.r(0))
	})
	s.each("mul", func() { p("VMULPS (DI), %s, %s", s.r(0), s.r(0)) })
	s.each("swishBack", func() { // s (1 + z (1 − s))
		p("VMOVAPS %s, %s", s.r(0), s.r(3))
		s.sigmoid()
		p("VMOVUPS %s, %s", at(one), s.r(1))
		p("VSUBPS %s, %s, %s", s.r(0), s.r(1), s.r(2))
		p("VFMADD213PS %s, %s, %s", s.r(1), s.r(3), s.r(2))
		p("VMULPS %s, %s, %s", s.r(2), s.r(0), s.r(0))
		p("VMULPS (DI), %s, %s", s.r(0), s.r(0))
	})
	s.each("logSigmoidBack", func() { // 1 − eʸ
		s.exp()
		p("VMOVUPS %s, %s", at(one), s.r(1))
		p("VSUBPS %s, %s, %s", s.r(0), s.r(1), s.r(0))
		p("VMULPS (DI), %s, %s", s.r(0), s.r(0))
	})
	s.each("softplusBack", func() { // 1 − e^−y
		p("VXORPS %s, %s, %s", at(sign), s.r(0), s.r(0))
		s.exp()
		p("VMOVUPS %s, %s", at(one), s.r(1))
		p("VSUBPS %s, %s, %s", s.r(0), s.r(1), s.r(0))
		p("VMULPS (DI), %s, %s", s.r(0), s.r(0))
	})
}
