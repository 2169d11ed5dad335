package stats

import (
	"fmt"
	"math"

	"github.com/gxlab/gxlab/gx/cores"
	"github.com/gxlab/gxlab/gx/fault"
)

// Silhouettes says how well groups of points hang together (Rousseeuw 1987): of every
// point (b − a) / max(a, b), where a is its mean distance to the others of its group
// and b that to the nearest other group; from −1 to 1, and 0 for the only one of a
// group.
type Silhouettes struct {
	Point  []float64
	Groups []string // in the order in which they first come
	Group  []float64
	Sizes  []int // points of each group
	Mean   float64
}

// Silhouette is that of points, one row each, by Euclidean distance. It takes n²
// distances. Errors: rows of different lengths, values that are no numbers, fewer than
// two groups.
func Silhouette[T Real](rows [][]T, groups []string) (*Silhouettes, error) {
	n := len(rows)
	if n != len(groups) || n == 0 {
		return nil, fault.New(fmt.Sprintf("%d points and %d groups", n, len(groups)), "Silhouette", "a group for every point")
	}
	s := &Silhouettes{Point: make([]float64, n)}
	at, of := map[string]int{}, make([]int, n)
	for i, g := range groups {
		k, ok := at[g]
		if !ok {
			k = len(s.Groups)
			at[g], s.Groups, s.Sizes = k, append(s.Groups, g), append(s.Sizes, 0)
		}
		of[i] = k
		s.Sizes[k]++
		if len(rows[i]) != len(rows[0]) {
			return nil, fault.New(fmt.Sprintf("points of %d and of %d values", len(rows[0]), len(rows[i])), "Silhouette", "as many of every point")
		}
		if err := checkValues("Silhouette", rows[i]); err != nil {
			return nil, err
		}
	}
	if len(s.Groups) < 2 {
		return nil, fault.New("all points are of one group", "Silhouette", "two groups or more")
	}
	cores.Each(n, func(i int) {
		if s.Sizes[of[i]] < 2 {
			return
		}
		sum := make([]float64, len(s.Groups))
		for j := range rows {
			d := 0.0
			for c, v := range rows[j] {
				e := float64(v) - float64(rows[i][c])
				d += e * e
			}
			sum[of[j]] += math.Sqrt(d)
		}
		a, b := sum[of[i]]/float64(s.Sizes[of[i]]-1), math.Inf(1)
		for k, v := range sum {
			if k != of[i] {
				b = math.Min(b, v/float64(s.Sizes[k]))
			}
		}
		if m := math.Max(a, b); m > 0 {
			s.Point[i] = (b - a) / m
		}
	})
	s.Group = make([]float64, len(s.Groups))
	for i, v := range s.Point {
		s.Group[of[i]] += v / float64(s.Sizes[of[i]])
	}
	s.Mean = Mean(s.Point)
	return s, nil
}

// Of is the mean of a group, NaN for one that there is not.
func (s *Silhouettes) Of(group string) float64 {
	for k, g := range s.Groups {
		if g == group {
			return s.Group[k]
		}
	}
	return math.NaN()
}
