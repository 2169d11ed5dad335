package gx

import (
	"math"
	"runtime"
	"sync"

	"github.com/gxlab/gxlab/gx/cores"
	"github.com/gxlab/gxlab/gx/nn/cpu"
	"github.com/gxlab/gxlab/gx/prep"
)

// PermuteGenes is CompareGenes with the permutation test of the landmark-gene paper
// (Kong et al. 2021): is a predicted gene more like its own measured values than like
// other genes'? Of every gene, Nearer is the share of all other measured genes whose
// Pearson correlation with the prediction is higher than its own. The paper says that
// a gene passes where that share is below 0.01 (Passed).
//
// No samples are permuted: the reference are the other genes. Genes of one module are
// alike, so where few samples are tested, or there are fewer than a hundred genes, the
// test is hard to pass however small the error is. Genes without a correlation have a
// share of 1.
func PermuteGenes(measured, predicted *Set) (*GeneErrors, error) {
	e, err := CompareGenes(measured, predicted)
	if err != nil {
		return nil, err
	}
	index, _ := align(predicted.Genes(), measured.Genes())
	if index == nil {
		index = every(predicted.P())
	}
	var own, col []int // of every compared gene: its column in measured and in predicted
	for j, k := range index {
		if k >= 0 {
			own, col = append(own, k), append(col, j)
		}
	}
	n := measured.N()
	g, p := unitColumns(measured, every(measured.P())), unitColumns(predicted, col)
	count := make([]int, len(col))
	var lock sync.Mutex
	pool := cpu.NewPool(runtime.GOMAXPROCS(0))
	const piece = 2048 // predicted genes at a time
	for lo := 0; lo < len(col); lo += piece {
		hi := min(lo+piece, len(col))
		pool.GemmEach(false, true, hi-lo, measured.P(), n, p.Data[lo*n:hi*n], n, g.Data, n, func(i0, i1, j0, j1 int, tile []float32, ld int) {
			more := make([]int, i1-i0)
			for i := i0; i < i1; i++ {
				most := float32(e.PCC[lo+i]) + 1e-6 // rounding is no difference
				for k, v := range tile[(i-i0)*ld : (i-i0)*ld+j1-j0] {
					if v > most && j0+k != own[lo+i] {
						more[i-i0]++
					}
				}
			}
			lock.Lock()
			for i, m := range more {
				count[lo+i0+i] += m
			}
			lock.Unlock()
		})
	}
	e.Nearer = make([]float64, len(col))
	for j := range e.Nearer {
		e.Nearer[j] = 1
		if others := measured.P() - 1; !math.IsNaN(e.PCC[j]) && others > 0 {
			e.Nearer[j] = float64(count[j]) / float64(others)
		}
	}
	return e, nil
}

// unitColumns are columns of a set as rows of mean 0 and length 1; of 0 where they do
// not vary.
func unitColumns(s *Set, cols []int) Matrix {
	n := s.N()
	out := prep.NewMatrix(len(cols), n)
	const piece = 256
	cores.Each((len(cols)+piece-1)/piece, func(b int) {
		lo, hi := b*piece, min((b+1)*piece, len(cols))
		sum, square, moves := make([]float64, hi-lo), make([]float64, hi-lo), make([]bool, hi-lo)
		first := s.Row(0)
		for i := range n {
			row := s.Row(i)
			for k := lo; k < hi; k++ {
				sum[k-lo] += float64(row[cols[k]]) / float64(n)
			}
		}
		for i := range n {
			row := s.Row(i)
			for k := lo; k < hi; k++ {
				d := float64(row[cols[k]]) - sum[k-lo]
				square[k-lo] += d * d
				moves[k-lo] = moves[k-lo] || row[cols[k]] != first[cols[k]]
			}
		}
		for i := range n {
			row := s.Row(i)
			for k := lo; k < hi; k++ {
				if moves[k-lo] && square[k-lo] > 0 {
					out.Row(k)[i] = float32((float64(row[cols[k]]) - sum[k-lo]) / math.Sqrt(square[k-lo]))
				}
			}
		}
	})
	return out
}

// Passed is the share of the genes that pass the permutation test: for which less than
// level, such as 0.01, of the other genes are nearer. NaN without PermuteGenes.
func (e *GeneErrors) Passed(level float64) float64 {
	if len(e.Nearer) == 0 {
		return math.NaN()
	}
	n := 0
	for _, v := range e.Nearer {
		if v < level {
			n++
		}
	}
	return float64(n) / float64(len(e.Nearer))
}
