package datasets

import "github.com/gxlab/gxlab/gx/prep"

// transposed are the columns of index as rows.
func transposed(x prep.Matrix, index []int) prep.Matrix {
	const tile = 64 // rows that stay in the cache while they are spread
	out := prep.NewMatrix(len(index), x.Rows)
	for lo := 0; lo < x.Rows; lo += tile {
		hi := min(lo+tile, x.Rows)
		for k, c := range index {
			to := out.Row(k)
			for r := lo; r < hi; r++ {
				to[r] = x.Data[r*x.Cols+c]
			}
		}
	}
	return out
}
