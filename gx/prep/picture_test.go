package prep

import (
	"bytes"
	"image/png"
	"math"
	"strings"
	"testing"
)

// A planted block is bright, a missing gene grey, and a large matrix small.
func TestPicture(t *testing.T) {
	m := NewMatrix(1000, 3000)
	for i := range m.Rows {
		for j := range m.Cols {
			if i >= 500 && j >= 1500 {
				m.Row(i)[j] = 8
			}
			if j < 30 {
				m.Row(i)[j] = float32(math.NaN())
			}
		}
	}
	rows := make([]int, m.Rows)
	for i := range rows {
		rows[i] = i
	}
	b, lo, hi, err := m.Picture(rows)
	if err != nil || lo != 0 || hi != 8 {
		t.Fatal(lo, hi, err)
	}
	img, err := png.Decode(bytes.NewReader(b))
	if err != nil {
		t.Fatal(err)
	}
	at := func(x, y float64) [3]uint32 {
		box := img.Bounds()
		r, g, b, _ := img.At(int(x*float64(box.Dx())), int(y*float64(box.Dy()))).RGBA()
		return [3]uint32{r >> 8, g >> 8, b >> 8}
	}
	dark, bright, grey := [3]uint32{68, 1, 84}, [3]uint32{253, 231, 37}, [3]uint32{190, 190, 190}
	if at(0.3, 0.9) != dark || at(0.9, 0.3) != dark || at(0.9, 0.9) != bright || at(0.001, 0.5) != grey {
		t.Error(at(0.3, 0.9), at(0.9, 0.3), at(0.9, 0.9), at(0.001, 0.5))
	}
	if box := img.Bounds(); box.Dx() > 1300 || box.Dy() > 330 || len(b) > 100_000 {
		t.Error(box, len(b))
	}
	h, err := m.HTML()
	if err != nil || !strings.Contains(h, "1000 samples × 3000 genes, from 0 to 8, mean 2.02, 30000 values missing") || !strings.Contains(h, "data:image/png") {
		t.Error(h[:300], err)
	}
	if h, err := (Matrix{}).HTML(); err != nil || !strings.Contains(h, "0 samples") {
		t.Error(h, err)
	}
}

// Every kind of value that is not finite is found, wherever it stands.
func TestCheckFinite(t *testing.T) {
	for _, bad := range []float32{float32(math.NaN()), float32(math.Inf(1)), float32(math.Inf(-1))} {
		for j := range 7 {
			m := NewMatrix(3, 7)
			for i := range m.Data {
				m.Data[i] = []float32{0, -1, math.MaxFloat32, -math.MaxFloat32, math.SmallestNonzeroFloat32, 1e-40, 3}[i%7]
			}
			if b := CheckFinite(m); b != nil {
				t.Fatal(b)
			}
			m.Row(1)[j], m.Row(2)[6] = bad, bad
			if b := CheckFinite(m); b == nil || b.Row != 1 || b.Col != j || b.Count != 2 {
				t.Errorf("%v at %d: %+v", bad, j, b)
			}
		}
	}
}
