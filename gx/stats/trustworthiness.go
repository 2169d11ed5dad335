package stats

import (
	"fmt"

	"github.com/gxlab/gxlab/gx/cores"
	"github.com/gxlab/gxlab/gx/fault"
)

// Trustworthiness is how far a map of points can be trusted about neighbours (Venna and
// Kaski 2001, as scikit-learn's trustworthiness): 1 where each point's k nearest on the map
// are its k nearest among the points themselves, less for those that are not, the more the
// farther they truly are; about 0.5 of a map drawn at random. It does not see neighbours
// that the map tore apart: that is the trustworthiness of the points for the map, with the
// two the other way round.
//
// Rows of points and of the map are the same samples, compared by Euclidean distance; of
// equally near ones the earlier counts as nearer. k is below half of the samples. It takes
// n² distances and no room for them.
func Trustworthiness[T, M Real](points [][]T, chart [][]M, k int) (float64, error) {
	const who = "Trustworthiness"
	n := len(points)
	if n != len(chart) {
		return 0, fault.New(fmt.Sprintf("%d points and a map of %d", n, len(chart)), who, "one place on the map for every point")
	}
	if k < 1 || 2*k >= n {
		return 0, fault.New(fmt.Sprintf("%d neighbours of %d points", k, n), who, fmt.Sprintf("from 1 to %d neighbours: fewer than half of the points", (n-1)/2))
	}
	if err := checkTable(who, points); err != nil {
		return 0, err
	}
	if err := checkTable(who, chart); err != nil {
		return 0, err
	}
	lost := make([]int, n)
	cores.Each(n, func(i int) {
		near := make([]int, 0, k+1) // on the map, the nearest first
		far := make([]float64, 0, k+1)
		for j := range n {
			if j == i {
				continue
			}
			d := between(chart[i], chart[j])
			if len(near) == k && d >= far[k-1] {
				continue
			}
			at := len(near)
			for at > 0 && d < far[at-1] {
				at--
			}
			near, far = append(near, 0), append(far, 0)
			copy(near[at+1:], near[at:])
			copy(far[at+1:], far[at:])
			near[at], far[at] = j, d
			near, far = near[:min(k, len(near))], far[:min(k, len(far))]
		}
		truly := make([]float64, k)
		for c, j := range near {
			truly[c] = between(points[i], points[j])
		}
		rank := make([]int, k) // how many are nearer among the points
		for j := range n {
			if j == i {
				continue
			}
			d := between(points[i], points[j])
			for c, t := range truly {
				if d < t || d == t && j < near[c] {
					rank[c]++
				}
			}
		}
		for _, r := range rank {
			lost[i] += max(0, r+1-k)
		}
	})
	sum := 0.0
	for _, l := range lost {
		sum += float64(l)
	}
	return 1 - sum*2/(float64(n)*float64(k)*float64(2*n-3*k-1)), nil
}

func between[T Real](a, b []T) float64 {
	d := 0.0
	for c, v := range a {
		e := float64(v) - float64(b[c])
		d += float64(e * e)
	}
	return d
}

func checkTable[T Real](who string, rows [][]T) error {
	for i, r := range rows {
		if len(r) != len(rows[0]) {
			return fault.New(fmt.Sprintf("points of %d and of %d values", len(rows[0]), len(r)), who, "as many of every point")
		}
		if err := checkValues(who, r); err != nil {
			return err
		}
		if len(r) == 0 {
			return fault.New(fmt.Sprintf("point %d has no values", i+1), who, "one value or more of every point")
		}
	}
	return nil
}
