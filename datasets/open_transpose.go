package datasets

import (
	"context"
	"slices"

	"github.com/gxlab/gxlab/gx/cores"
	"github.com/gxlab/gxlab/gx/prep"
)

// turn turns a matrix where it lies, with no room for a second one: rows × cols become
// cols × rows. It is the decomposition of Catanzaro, Keller and Garland (2014, A
// Decomposition for In-place Matrix Transposition): the columns turned by steps so that
// no two values of a row want the same place in it, then each row put in order, then
// each column.
func turn(x prep.Matrix) prep.Matrix {
	m, n := x.Rows, x.Cols
	out := prep.Matrix{Rows: n, Cols: m, Data: x.Data}
	if m <= 1 || n <= 1 {
		return out
	}
	c := gcd(m, n)
	a, b := m/c, n/c
	if c > 1 {
		inColumns(x, func(j int, from, to []float32) {
			k := (j / b) % m
			copy(to, from[k:])
			copy(to[m-k:], from[:k])
		})
	}
	inRows(x, func(i int, from, to []float32) {
		for j := range n {
			to[((i+j/b)%m+j*m)%n] = from[j]
		}
	})
	inColumns(x, func(j int, from, to []float32) {
		for i := range m {
			to[i] = from[(j+i*n-i/a)%m]
		}
	})
	return out
}

func gcd(a, b int) int {
	for b != 0 {
		a, b = b, a%b
	}
	return a
}

// inRows changes every row of x, over cores.
func inRows(x prep.Matrix, change func(i int, from, to []float32)) {
	rooms := make([][]float32, cores.Workers(x.Rows))
	cores.Do(context.Background(), x.Rows, func(w, i int) error {
		if rooms[w] == nil {
			rooms[w] = make([]float32, x.Cols)
		}
		change(i, x.Row(i), rooms[w])
		copy(x.Row(i), rooms[w])
		return nil
	})
}

// inColumns changes every column of x, over cores; 16 columns, a line of the cache, are
// taken out and put back together.
func inColumns(x prep.Matrix, change func(j int, from, to []float32)) {
	const tile = 16
	tiles := (x.Cols + tile - 1) / tile
	rooms := make([][]float32, cores.Workers(tiles))
	cores.Do(context.Background(), tiles, func(worker, t int) error {
		if rooms[worker] == nil {
			rooms[worker] = make([]float32, 2*tile*x.Rows)
		}
		from, to := rooms[worker][:tile*x.Rows], rooms[worker][tile*x.Rows:]
		lo := t * tile
		w := min(tile, x.Cols-lo)
		for i := range x.Rows {
			for k, v := range x.Data[i*x.Cols+lo:][:w] {
				from[k*x.Rows+i] = v
			}
		}
		for k := range w {
			change(lo+k, from[k*x.Rows:][:x.Rows], to[k*x.Rows:][:x.Rows])
		}
		for i := range x.Rows {
			row := x.Data[i*x.Cols+lo:][:w]
			for k := range row {
				row[k] = to[k*x.Rows+i]
			}
		}
		return nil
	})
}

// transposed are the columns of index, which rise, as rows. x is used up.
func transposed(x prep.Matrix, index []int) prep.Matrix { return kept(turn(x), index) }

// kept are the rows of index, which rise, in x's own room.
func kept(x prep.Matrix, index []int) prep.Matrix {
	if !slices.IsSorted(index) {
		return x.Pick(index)
	}
	for k, i := range index {
		if k != i {
			copy(x.Row(k), x.Row(i))
		}
	}
	return prep.Matrix{Rows: len(index), Cols: x.Cols, Data: x.Data[:len(index)*x.Cols]}
}
