package gpu

import (
	"encoding/binary"
	"fmt"
	"math"

	"github.com/gxlab/gxlab/gx/fault"
)

// SelfTest checks in a few milliseconds that a device does what it is asked: that
// arguments reach a kernel in order and whole, that copies and a product are right.
// A driver or library of another version than ours would fail here, not in a
// training.
func SelfTest(d Driver) error {
	s, err := d.NewStream()
	if err != nil {
		return err
	}
	defer d.FreeStream(s)
	if err := testArguments(d, s); err != nil {
		return selfTestFault(err, d)
	}
	if err := testProduct(d, s); err != nil {
		return selfTestFault(err, d)
	}
	return nil
}

func selfTestFault(err error, d Driver) error {
	i := d.Info()
	return fault.Wrap(err, "the GPU's self-test fails", fmt.Sprintf("%s, driver for CUDA %s, %s", i.Name, cudaVersion(i.Driver), i.Path), "another driver or cublasLt, or device=cpu")
}

// testArguments has a kernel write down what it was given.
func testArguments(d Driver, s Stream) error {
	const rows, n, blocks = 65, 33, 4
	p, err := d.Alloc(blocks * 8 * 8)
	if err != nil {
		return err
	}
	defer d.Free(p)
	if err := d.Kernel("echo", s, I32(rows), I32(n), U64(0x0123456789abcdef), F32(-1.5), P(p)); err != nil {
		return err
	}
	got := make([]byte, blocks*8*8)
	if err := d.Download(got, p, s); err != nil {
		return err
	}
	if err := d.Sync(s); err != nil {
		return err
	}
	want := [8]uint64{rows, n, 0x0123456789abcdef, uint64(math.Float32bits(-1.5)), 2, 2, 32, 8}
	for i := range blocks * 8 {
		if v := binary.LittleEndian.Uint64(got[8*i:]); v != want[i%8] {
			return fmt.Errorf("argument %d of block %d is %#x, not %#x", i%8, i/8, v, want[i%8])
		}
	}
	return nil
}

// testProduct multiplies a 3 × 2 by the transposed of a 5 × 2 matrix, whole numbers
// that every precision holds.
func testProduct(d Driver, s Stream) error {
	const m, n, k = 3, 5, 2
	a, b := []float32{1, 2, 3, 4, 5, 6}, []float32{1, 0, 0, 1, 2, -1, 3, 1, -1, 4}
	p, err := d.Alloc(1024)
	if err != nil {
		return err
	}
	defer d.Free(p)
	if err := d.Upload(p, floatBytes(a), s); err != nil {
		return err
	}
	if err := d.Upload(p+256, floatBytes(b), s); err != nil {
		return err
	}
	if err := d.MatMul(MatMul{M: m, N: n, K: k, TransB: true, A: p, B: p + 256, C: p + 512, Alpha: 2}, s); err != nil {
		return err
	}
	got := make([]byte, m*n*4)
	if err := d.Download(got, p+512, s); err != nil {
		return err
	}
	if err := d.Sync(s); err != nil {
		return err
	}
	for i := range m {
		for j := range n {
			want := 2 * (a[i*k]*b[j*k] + a[i*k+1]*b[j*k+1])
			if v := math.Float32frombits(binary.LittleEndian.Uint32(got[4*(i*n+j):])); v != want {
				return fmt.Errorf("a product's value (%d, %d) is %g, not %g", i, j, v, want)
			}
		}
	}
	return nil
}

// floatBytes are float32 values as they lie in memory.
func floatBytes(x []float32) []byte {
	out := make([]byte, 4*len(x))
	for i, v := range x {
		binary.LittleEndian.PutUint32(out[4*i:], math.Float32bits(v))
	}
	return out
}
