package stats

import (
	"fmt"
	"math"

	"github.com/gxlab/gxlab/gx/fault"
)

// Places holds one rank per sample, 1 for the nearest.
type Places []int

// Share is the part of the samples, 0 to 1, whose rank is exactly k; Share(1) is the
// part that came first. NaN of no samples.
func (r Places) Share(k int) float64 { return r.share(func(v int) bool { return v == k }) }

// Within is the part of the samples, 0 to 1, whose rank is k or better.
func (r Places) Within(k int) float64 { return r.share(func(v int) bool { return v <= k }) }

func (r Places) share(is func(int) bool) float64 {
	n := 0
	for _, v := range r {
		if is(v) {
			n++
		}
	}
	return float64(n) / float64(len(r))
}

// Ranking is the rank test of reproduced profiles (REPs) against the samples' own
// measured ones (GEPs), in one measure (Fig. 2b–f of the cell identity code paper).
type Ranking struct {
	By      Measure
	Forward Places    // per sample: its REP's rank, by nearness to its GEP, among its REP and all other GEPs
	Reverse Places    // per sample: its GEP's rank, by nearness to its REP, among all GEPs
	Own     []float64 // per sample: GEP against its own REP
	Other   []int     // per sample: which other GEP is nearest to its GEP; −1 with one sample alone
	Closest []float64 // per sample: GEP against that nearest other GEP; NaN with one sample alone
}

// Rank runs the rank test over test samples: row i of reps is the reproduction of row
// i of geps. Ties do not push a profile back: a rank is 1 plus the number of profiles
// that are strictly closer. Among equally near others, the first is the closest.
func Rank(geps, reps [][]float32, by Measure) (*Ranking, error) {
	if len(geps) != len(reps) {
		return nil, fault.New(fmt.Sprintf("rank test: %d profiles against %d reproduced ones", len(geps), len(reps)), "",
			"one reproduced profile per sample, in the same order")
	}
	among, err := by.Matrix(geps, geps)
	if err != nil {
		return nil, err
	}
	across, err := by.Matrix(reps, geps)
	if err != nil {
		return nil, err
	}
	r := &Ranking{By: by}
	r.Other, r.Closest = ClosestOther(among, by)
	for i := range geps {
		own := across[i][i]
		r.Own = append(r.Own, own)
		r.Forward = append(r.Forward, 1+countCloser(among[i], i, own, by))
		r.Reverse = append(r.Reverse, 1+countCloser(across[i], i, own, by))
	}
	return r, nil
}

// ClosestOther finds, for each row of a square matrix of similarities, the column of
// the nearest other sample and the similarity there. The first wins among equals; −1
// and NaN with one sample alone.
func ClosestOther(among [][]float64, by Measure) (index []int, similarity []float64) {
	for i, row := range among {
		best := -1
		for j, s := range row {
			if j != i && (best < 0 || by.Closer(s, row[best])) {
				best = j
			}
		}
		index = append(index, best)
		if best < 0 {
			similarity = append(similarity, math.NaN())
			continue
		}
		similarity = append(similarity, row[best])
	}
	return index, similarity
}

func countCloser(row []float64, skip int, own float64, by Measure) int {
	n := 0
	for j, s := range row {
		if j != skip && by.Closer(s, own) {
			n++
		}
	}
	return n
}
