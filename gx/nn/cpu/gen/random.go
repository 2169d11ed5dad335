package main

import "fmt"

// dropout512: for n values, a multiple of 16, y = x·mask with mask 1/keep where
// the number of random.go's mix is below the limit, else 0; mask may be nil. c
// holds the first counter (with the seed), the three constants of mix, the limit,
// and 1/keep as a float32. AVX2 has no 64-bit product, so Go does it there.
func dropout512() {
	text("dropout512", "40")
	p("MOVQ n+0(FP), CX")
	p("MOVQ x+8(FP), SI")
	p("MOVQ y+16(FP), DI")
	p("MOVQ mask+24(FP), DX")
	p("MOVQ c+32(FP), R8")
	p("VPBROADCASTQ (R8), Z0")
	p("VPADDQ ·iota8(SB), Z0, Z0")
	for i := 1; i < 5; i++ {
		p("VPBROADCASTQ %d(R8), Z%d", 8*i, i)
	}
	p("VBROADCASTSS 40(R8), Z5")
	p("VPBROADCASTQ ·eight(SB), Z6")
	p("SHRQ $4, CX")
	p("JZ end")
	label("vec")
	for half := range 2 {
		p("VMOVDQA64 Z0, Z7")
		p("VPADDQ Z6, Z0, Z0")
		for range 2 {
			p("VPADDQ Z1, Z7, Z7")
			for i, shift := range []int{30, 27} {
				p("VPSRLQ $%d, Z7, Z8", shift)
				p("VPXORQ Z8, Z7, Z7")
				p("VPMULLQ Z%d, Z7, Z7", 2+i)
			}
			p("VPSRLQ $31, Z7, Z8")
			p("VPXORQ Z8, Z7, Z7")
		}
		p("VPSRLQ $11, Z7, Z7")
		p("VPCMPUQ $1, Z4, Z7, K%d", 1+half)
	}
	p("KUNPCKBW K1, K2, K1")
	p("VMOVAPS.Z Z5, K1, Z7")
	p("VMULPS (SI), Z7, Z8")
	p("VMOVUPS Z8, (DI)")
	p("TESTQ DX, DX")
	p("JZ next")
	p("VMOVUPS Z7, (DX)")
	p("ADDQ $64, DX")
	label("next")
	p("ADDQ $64, SI")
	p("ADDQ $64, DI")
	p("DECQ CX")
	p("JNZ vec")
	label("end")
	leave()
	out.WriteString("\n")
	for i := range 8 {
		out.WriteString(fmt.Sprintf("DATA ·iota8+%d(SB)/8, $%d\n", 8*i, i))
	}
	out.WriteString("GLOBL ·iota8(SB), RODATA|NOPTR, $64\nDATA ·eight(SB)/8, $8\nGLOBL ·eight(SB), RODATA|NOPTR, $8\n")
}
