package gpu

import (
	"fmt"

	"github.com/gxlab/gxlab/gx/fault"
)

// String is the product in words.
func (m MatMul) String() string {
	t := func(name string, trans bool) string {
		if trans {
			return name + "ᵀ"
		}
		return name
	}
	return fmt.Sprintf("product %s·%s in %s, %d × %d × %d", t("A", m.TransA), t("B", m.TransB), m.Precision, m.M, m.N, m.K)
}

// check says what is wrong with a product, or nil.
func (m MatMul) check(on Info) error {
	switch {
	case m.M < 1 || m.N < 1 || m.K < 1:
		return fault.New(m.String(), "", "sizes above 0")
	case m.A == 0 || m.B == 0 || m.C == 0:
		return fault.New(m.String()+": a matrix is nowhere", "", "memory from Alloc")
	case m.Precision > BFloat16:
		return fault.New("a product of unknown precision", "", "float32, tf32 or bfloat16")
	case !on.Has(m.Precision):
		return fault.New(fmt.Sprintf("%s cannot multiply in %s: its compute capability is %d.%d", on.Name, m.Precision, on.Major, on.Minor), "", "precision=float32, or a GPU of 8.0 or newer (Ampere)")
	}
	return nil
}

// bytes are the sizes of the three matrices.
func (m MatMul) bytes() (a, b, c int64) {
	of := m.Precision.Size()
	return int64(m.M) * int64(m.K) * of, int64(m.K) * int64(m.N) * of, int64(m.M) * int64(m.N) * 4
}

// Has says whether the device computes in a precision. Where a device before 8.0
// is asked for TF32, it computes in float32.
func (i Info) Has(p Precision) bool { return p != BFloat16 || i.Major >= 8 }
