package prep

import (
	"math"
	"math/rand/v2"
	"slices"

	"github.com/gxlab/gxlab/gx/cores"
)

// A Collapse is how several probes of one gene become one value.
type Collapse string

// Median takes the probes' median in every sample. MaxVariance and MaxMean take the
// one probe whose variance or mean over the given rows is the largest.
const (
	Median      Collapse = "median"
	MaxVariance Collapse = "max-variance"
	MaxMean     Collapse = "max-mean"
)

// Columns of groups collapse into one each: column g of the result comes from the
// columns groups[g] of m. rows are those that MaxVariance and MaxMean look at; a
// missing value leaves a median missing only where all are.
func (how Collapse) Columns(m Matrix, groups [][]int, rows []int) Matrix {
	if how != Median {
		index := make([]int, len(groups))
		mean, sd := Moments(m, rows)
		score := sd
		if how == MaxMean {
			score = mean
		}
		for g, columns := range groups {
			index[g] = columns[0]
			for _, j := range columns {
				if score[j] > score[index[g]] || math.IsNaN(score[index[g]]) {
					index[g] = j
				}
			}
		}
		return m.Columns(index)
	}
	out := NewMatrix(m.Rows, len(groups))
	cores.Each(m.Rows, func(i int) {
		from, to := m.Row(i), out.Row(i)
		var v []float64
		for g, columns := range groups {
			if len(columns) == 1 {
				to[g] = from[columns[0]]
				continue
			}
			v = v[:0]
			for _, j := range columns {
				if !math.IsNaN(float64(from[j])) {
					v = append(v, float64(from[j]))
				}
			}
			to[g] = float32(median(v))
		}
	})
	return out
}

// UpperQuartile divides every row by its 75th percentile of values above 0 (R's
// quantile, type 7) and multiplies by to. The first row without a value above 0 is
// returned, or −1.
func UpperQuartile(m Matrix, to float64) int {
	bad := make([]bool, m.Rows)
	cores.Each(m.Rows, func(i int) {
		row := m.Row(i)
		var v []float64
		for _, x := range row {
			if x > 0 {
				v = append(v, float64(x))
			}
		}
		if len(v) == 0 {
			bad[i] = true
			return
		}
		slices.Sort(v)
		at := 0.75 * float64(len(v)-1)
		lo := int(at)
		q := v[lo]
		if lo+1 < len(v) {
			q += (at - float64(lo)) * (v[lo+1] - v[lo])
		}
		for j := range row {
			row[j] = float32(float64(row[j]) / q * to)
		}
	})
	return slices.Index(bad, true)
}

// Total divides every row by its sum and multiplies by to. The first row whose sum is
// not above 0 is returned, or −1.
func Total(m Matrix, to float64) int {
	bad := make([]bool, m.Rows)
	cores.Each(m.Rows, func(i int) {
		row := m.Row(i)
		sum := 0.0
		for _, x := range row {
			sum += float64(x)
		}
		if !(sum > 0) {
			bad[i] = true
			return
		}
		for j := range row {
			row[j] = float32(float64(row[j]) / sum * to)
		}
	})
	return slices.Index(bad, true)
}

// sketch is how many random directions stand for a profile where near ones are
// sought.
const sketch = 64

// NearDuplicates are the rows to keep where, of two rows nearer than distance
// (Euclidean), the later one goes. Rows are compared within k clusters of k-means
// alone, as D-GEX does (Chen 2016): pairs that clustering parts are missed, and
// clusters are found on 64 random projections, so that the time grows with the number
// of rows.
func NearDuplicates(m Matrix, distance float64, k int, seed uint64) (keep []int) {
	cluster := KMeans(project(m, seed), max(1, min(k, m.Rows/2)), seed)
	members := map[int][]int{}
	for i, c := range cluster {
		members[c] = append(members[c], i)
	}
	gone := make([]bool, m.Rows)
	groups := make([][]int, 0, len(members))
	for _, g := range members {
		groups = append(groups, g)
	}
	cores.Each(len(groups), func(g int) {
		rows := groups[g]
		for a := 1; a < len(rows); a++ {
			for b := range a {
				if !gone[rows[b]] && near(m.Row(rows[a]), m.Row(rows[b]), distance*distance) {
					gone[rows[a]] = true
					break
				}
			}
		}
	})
	for i := range m.Rows {
		if !gone[i] {
			keep = append(keep, i)
		}
	}
	return keep
}

// near says whether the squared distance is below most.
func near(a, b []float32, most float64) bool {
	sum := 0.0
	for j, v := range a {
		d := float64(v - b[j])
		if sum += d * d; j&255 == 255 && sum >= most {
			return false
		}
	}
	return sum < most
}

// project is every row on random directions.
func project(m Matrix, seed uint64) Matrix {
	rng := rand.New(rand.NewPCG(seed, 0x9e0ec7))
	sign := make([]uint64, m.Cols) // a bit a direction
	for j := range sign {
		sign[j] = rng.Uint64()
	}
	out := NewMatrix(m.Rows, sketch)
	cores.Each(m.Rows, func(i int) {
		to := out.Row(i)
		for j, v := range m.Row(i) {
			b := sign[j]
			for d := range to {
				if b>>d&1 == 0 {
					to[d] += v
				} else {
					to[d] -= v
				}
			}
		}
	})
	return out
}

// KMeans is every row's cluster, 0 to k−1, by Lloyd's algorithm from centres chosen by
// k-means++ (Arthur and Vassilvitskii 2007), in at most 20 rounds. A cluster may be
// empty.
func KMeans(m Matrix, k int, seed uint64) []int {
	rng := rand.New(rand.NewPCG(seed, 0x6ea25))
	centre := NewMatrix(k, m.Cols)
	copy(centre.Row(0), m.Row(rng.IntN(m.Rows)))
	least := make([]float64, m.Rows)
	for i := range least {
		least[i] = math.Inf(1)
	}
	for c := 1; c < k; c++ {
		sum := 0.0
		cores.Each(m.Rows, func(i int) { least[i] = min(least[i], square(m.Row(i), centre.Row(c-1))) })
		for _, v := range least {
			sum += v
		}
		at, i := rng.Float64()*sum, 0
		for ; i < m.Rows-1 && at >= least[i]; i++ {
			at -= least[i]
		}
		copy(centre.Row(c), m.Row(i))
	}
	of := make([]int, m.Rows)
	for range 20 {
		moved := false
		cores.Each(m.Rows, func(i int) {
			best, d := 0, math.Inf(1)
			for c := range k {
				if e := square(m.Row(i), centre.Row(c)); e < d {
					best, d = c, e
				}
			}
			of[i] = best
		})
		next, count := NewMatrix(k, m.Cols), make([]int, k)
		for i, c := range of {
			count[c]++
			for j, v := range m.Row(i) {
				next.Data[c*m.Cols+j] += v
			}
		}
		for c := range k {
			if count[c] == 0 {
				copy(next.Row(c), centre.Row(c))
				continue
			}
			for j := range m.Cols {
				next.Data[c*m.Cols+j] /= float32(count[c])
			}
			if !slices.Equal(next.Row(c), centre.Row(c)) {
				moved = true
			}
		}
		centre = next
		if !moved {
			break
		}
	}
	return of
}

func square(a, b []float32) (sum float64) {
	for j, v := range a {
		d := float64(v - b[j])
		sum += d * d
	}
	return sum
}
