package datasets

import (
	"testing"

	"github.com/gxlab/gxlab/gx/prep"
)

// A matrix turned where it lies is its transpose, whatever its sides have in common.
func TestTurn(t *testing.T) {
	for _, d := range [][2]int{{1, 1}, {1, 7}, {7, 1}, {2, 3}, {3, 2}, {4, 6}, {6, 4}, {5, 5}, {16, 48}, {48, 16}, {17, 34}, {100, 7}, {33, 121}, {64, 100}, {12, 18}, {250, 1000}} {
		x := prep.NewMatrix(d[0], d[1])
		for i := range x.Data {
			x.Data[i] = float32(i)
		}
		y := turn(x)
		if y.Rows != d[1] || y.Cols != d[0] {
			t.Fatal(d, y.Rows, y.Cols)
		}
		for i := range y.Rows {
			for j, v := range y.Row(i) {
				if v != float32(j*d[1]+i) {
					t.Fatalf("%v: value %d, %d is %v", d, i, j, v)
				}
			}
		}
	}
	x := prep.Matrix{Rows: 3, Cols: 2, Data: []float32{1, 2, 3, 4, 5, 6}}
	if k := kept(x, []int{0, 2}); k.Rows != 2 || k.Row(1)[0] != 5 || k.Row(1)[1] != 6 {
		t.Error(k)
	}
}
