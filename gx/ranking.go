package gx

import (
	"fmt"

	"github.com/gxlab/gxlab/gx/stats"
)

// Measure says how near two profiles are.
type Measure = stats.Measure

// The measures of the rank tests. ByMSE is in squared data units.
const (
	Spearman = stats.BySpearman
	Pearson  = stats.ByPearson
	ByMSE    = stats.ByMSE
)

// A Ranking is how a model's reproduced profiles (REPs) stand among the
// measured ones (GEPs) of the same samples, by one measure: the rank tests and
// the closest-other comparison of the first paper's Fig. 2b–f.
type Ranking struct {
	*stats.Ranking
	Model   string
	Samples []string
}

// Ranks compares the REPs of s's samples with all its GEPs.
func (m *Model) Ranks(s *Set, by Measure) (*Ranking, error) {
	rep, err := m.Reconstruct(s)
	if err != nil {
		return nil, err
	}
	return RankProfiles(m.name, s, rep, by)
}

// RankProfiles compares the profiles rep with the profiles gep of the same
// samples, in the same order, over the genes they share.
func RankProfiles(name string, gep, rep *Set, by Measure) (*Ranking, error) {
	a, b := make([][]float32, gep.N()), make([][]float32, gep.N())
	if rep.N() != gep.N() {
		return nil, bad("Ranks", fmt.Sprintf("%d profiles against %d", rep.N(), gep.N()), "the same samples in the same order")
	}
	index, missing := align(rep.Genes(), gep.Genes())
	shared := func(row []float32, from []int) []float32 {
		out := make([]float32, 0, len(row))
		for j, k := range from {
			if k >= 0 {
				out = append(out, row[j])
			}
		}
		return out
	}
	for i := range a {
		a[i], b[i] = gep.Row(i), rep.Row(i)
		if index == nil {
			continue
		}
		full := make([]float32, len(index))
		for j, k := range index {
			if k >= 0 {
				full[j] = a[i][k]
			}
		}
		a[i] = full
		if len(missing) > 0 {
			a[i], b[i] = shared(a[i], index), shared(b[i], index)
		}
	}
	r, err := stats.Rank(a, b, by)
	if err != nil {
		return nil, err
	}
	return &Ranking{Ranking: r, Model: name, Samples: gep.Samples().IDs()}, nil
}

// Share is the share of samples, 0 to 1, whose REP is the k-th nearest profile
// to their GEP, among it and all other GEPs.
func (r *Ranking) Share(k int) float64 { return r.Forward.Share(k) }

// ReverseShare is the share of samples, 0 to 1, whose GEP is the k-th nearest to
// their REP among all GEPs.
func (r *Ranking) ReverseShare(k int) float64 { return r.Reverse.Share(k) }

// Wilcoxon tests whether a sample's own REP is nearer to its GEP than the closest
// other GEP is: the signed-rank test of the pairs, two-sided.
func (r *Ranking) Wilcoxon() (stats.SignedRankResult, error) {
	return stats.Wilcoxon(r.Own, r.Closest)
}
