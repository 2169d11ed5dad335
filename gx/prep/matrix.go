package prep

import (
	"encoding/binary"
	"io"
	"math"

	"github.com/gxlab/gxlab/gx/large"
)

// Matrix is expression values, samples × genes, row by row.
type Matrix struct {
	Rows, Cols int
	Data       []float32
}

// NewMatrix is a matrix of zeros; one too large for memory lies on the disk where that
// has room for it.
func NewMatrix(rows, cols int) Matrix {
	x, err := large.Make(rows * cols)
	if x == nil || err != nil {
		x = make([]float32, rows*cols)
	}
	return Matrix{Rows: rows, Cols: cols, Data: x}
}

// Row is sample i's profile: a view, not a copy.
func (m Matrix) Row(i int) []float32 {
	large.Breathe()
	return m.Data[i*m.Cols : (i+1)*m.Cols : (i+1)*m.Cols]
}

// Columns is a new matrix of the columns of index, in that order.
func (m Matrix) Columns(index []int) Matrix {
	out := NewMatrix(m.Rows, len(index))
	for i := range m.Rows {
		from, to := m.Row(i), out.Row(i)
		for j, k := range index {
			to[j] = from[k]
		}
	}
	return out
}

// Pick is a new matrix of the rows of index, in that order.
func (m Matrix) Pick(index []int) Matrix {
	out := NewMatrix(len(index), m.Cols)
	for i, k := range index {
		copy(out.Row(i), m.Row(k))
	}
	return out
}

// WriteFloat64s writes x little-endian, without a header.
func WriteFloat64s(w io.Writer, x []float64) error {
	var buf [8]byte
	for _, v := range x {
		binary.LittleEndian.PutUint64(buf[:], math.Float64bits(v))
		if _, err := w.Write(buf[:]); err != nil {
			return err
		}
	}
	return nil
}

// Float64s decodes what WriteFloat64s wrote.
func Float64s(b []byte) []float64 {
	out := make([]float64, len(b)/8)
	for i := range out {
		out[i] = math.Float64frombits(binary.LittleEndian.Uint64(b[8*i:]))
	}
	return out
}
