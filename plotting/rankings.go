package plotting

import "github.com/gxlab/gxlab/gx"

// RankBars draws how many test samples have a reproduced profile (REP) that comes
// 1st, 2nd, 3rd … among all test profiles by nearness to their own (GEP): Fig. 2b
// by Spearman's correlation, Fig. 2c by MSE.
func RankBars(rankings ...*gx.Ranking) Figure {
	var by []Ranks
	for _, r := range rankings {
		by = append(by, Ranks{Name: r.Model, Ranks: r.Forward})
	}
	f := RankCounts(by...)
	if len(rankings) > 0 {
		m := measureName(rankings[0].By)
		f = f.X("Rank of the REP by " + m).Named("ranks_" + fileName(rankings[0].By))
		f.caption = "Rank of each test sample's REP among all test profiles, by " + m
	}
	return f
}

func measureName(m gx.Measure) string {
	switch m {
	case gx.ByMSE:
		return "MSE"
	case gx.Pearson:
		return "Pearson correlation"
	}
	return "Spearman correlation"
}

func fileName(m gx.Measure) string {
	switch m {
	case gx.ByMSE:
		return "mse"
	case gx.Pearson:
		return "pearson"
	}
	return "spearman"
}

// Closest draws box plots of the nearness of every test profile to the closest
// other one (GEP–GEP) and to its own reproduction (GEP–REP) by each recipe, with the
// p value of Wilcoxon's signed-rank test (Fig. 2e, f). Rankings by MSE have a
// logarithmic axis; unit is the data's, such as "log2".
func Closest(unit string, rankings ...*gx.Ranking) Figure {
	if len(rankings) == 0 {
		return Boxes("", nil)
	}
	first := rankings[0]
	groups := []Group{{Name: "GEP–GEP (closest)", Values: first.Ranking.Closest}}
	cols := []vgNRGBA{grey}
	var tests []Comparison
	for i, r := range rankings {
		name := "GEP–REP"
		if len(rankings) > 1 {
			name += " " + r.Model
		}
		groups = append(groups, Group{Name: name, Values: r.Own})
		cols = append(cols, colour(i))
		if w, err := r.Wilcoxon(); err == nil {
			tests = append(tests, Comparison{A: 0, B: i + 1, P: w.P})
		}
	}
	label := measureName(first.By)
	if first.By == gx.ByMSE {
		label = mseLabel(label, unit)
	}
	f := boxes(label, groups, cols, tests).Named("closest_" + fileName(first.By))
	if first.By == gx.ByMSE {
		f = f.LogY()
	}
	return f.Captioned(label + " of each test GEP with the closest other test GEP and with its REP; Wilcoxon signed-rank test")
}
