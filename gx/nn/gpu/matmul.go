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
	what := "product"
	if m.Scale != 0 {
		what = "scaled product"
	}
	return fmt.Sprintf("%s %s·%s in %s, %d × %d × %d", what, t("A", m.TransA), t("B", m.TransB), m.Precision, m.M, m.N, m.K)
}

// check says what is wrong with a product, or nil.
func (m MatMul) check(on Info) error {
	switch {
	case m.M < 1 || m.N < 1 || m.K < 1:
		return fault.New(m.String(), "", "sizes above 0")
	case m.A == 0 || m.B == 0 || m.C == 0:
		return fault.New(m.String()+": a matrix is nowhere", "", "memory from Alloc")
	case m.Scale != 0 && !on.DeviceScale:
		return fault.New(fmt.Sprintf("%s cannot take factors from its memory", on.Name), on.Path, "")
	case m.Precision > BFloat16:
		return fault.New("a product of unknown precision", "", "float32, tf32 or bfloat16")
	case m.Precision == BFloat16 && on.Computes(BFloat16) != BFloat16:
		return fault.New(fmt.Sprintf("%s, of compute capability %d.%d, cannot multiply in bfloat16", on.Name, on.Major, on.Minor), on.Path, "precision=float32, or a GPU of 8.0 or newer (Ampere) and a build without the tag cu")
	}
	return nil
}

// bytes are the sizes of the three matrices.
func (m MatMul) bytes() (a, b, c int64) {
	of := m.Precision.Size()
	return int64(m.M) * int64(m.K) * of, int64(m.K) * int64(m.N) * of, int64(m.M) * int64(m.N) * 4
}

// Computes is the precision that products really have where p is asked for:
// float32 on devices before compute capability 8.0 and without cublasLt. TF32 may
// be asked for there, bfloat16 may not.
func (i Info) Computes(p Precision) Precision {
	if i.Major < 8 || i.Library == 0 {
		return Float32
	}
	return p
}

// planKey is what the choice of an algorithm depends on.
type planKey struct {
	m, n, k        int
	transA, transB bool
	adds, scaled   bool
	precision      Precision
	alignment      [3]uint32
}

// alignment is the largest power of two, up to 256, that an address is a multiple of.
func alignment(p Ptr) uint32 { return uint32(min(256, p&-p)) }

func keyOf(m MatMul) planKey {
	return planKey{
		m: m.M, n: m.N, k: m.K, transA: m.TransA, transB: m.TransB, adds: m.Beta != 0, scaled: m.Scale != 0, precision: m.Precision,
		alignment: [3]uint32{alignment(m.A), alignment(m.B), alignment(m.C)},
	}
}
