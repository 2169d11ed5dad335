"""Writes enrichment.json, gsea_ranks.tsv and gsea_sets.gmt: reference values of over-representation, exact tests and GSEA.

    python3 enrichment.py     Python 3.11, numpy 2.4.6, scipy 1.17.1, gseapy 1.3.1

Tails of counts are exact: sums of whole numbers and fractions, rounded once.
"""
import json
from fractions import Fraction
from math import comb, log

import gseapy
import numpy as np
import pandas as pd
from scipy import stats

out = {}


def ratio(a, b):
    """A fraction as float and as logarithm, far below the least float too."""
    f = Fraction(a, b)
    p = f.numerator / f.denominator if f else 0.0
    if f == 0:
        return 0.0, None
    if p > 0.5:
        return p, float(np.log1p(-float(1 - f)))
    shift = max(0, f.denominator.bit_length() - f.numerator.bit_length())
    return p, log((f.numerator << shift) / f.denominator) - shift * log(2)


# Fisher's exact test: tables as both, first, second, neither.
tables = [[3, 1, 1, 3], [0, 5, 7, 20], [5, 0, 7, 20], [10, 0, 0, 12], [0, 0, 4, 6], [3, 2, 0, 0], [30, 70, 170, 19730], [2, 298, 400, 19300], [150, 150, 350, 19350],
          [290, 10, 110, 19590], [8, 192, 92, 9708], [22, 978, 140, 12860], [1, 99, 0, 9900], [100, 900, 100, 900], [4, 4, 4, 4], [6, 2, 1, 4], [40, 1960, 260, 57740]]
out["fisher"] = []
for a, b, c, d in tables:
    n, r, m = a + b + c + d, a + c, a + b
    lo, hi = max(0, m - (n - r)), min(r, m)
    w = {k: comb(r, k) * comb(n - r, m - k) for k in range(lo, hi + 1)}
    total = comb(n, m)
    case = {"table": [a, b, c, d], "one_outcome": lo == hi}
    for side, part, eq in (("greater", sum(w[k] for k in w if k >= a), w[a]), ("less", sum(w[k] for k in w if k <= a), w[a]),
                           ("two-sided", sum(v for v in w.values() if v <= w[a]), sum(v for v in w.values() if v == w[a]))):
        p, lp = ratio(part, total)
        mid, _ = ratio(2 * part - eq, 2 * total)
        odds = stats.contingency.odds_ratio([[a, b], [c, d]], kind="conditional")
        ci = odds.confidence_interval(0.95, alternative=side)
        case[side] = {"p": p, "log": lp, "mid": mid, "low": ci.low, "high": ci.high if np.isfinite(ci.high) else "Inf"}
        est = odds.statistic
        case["estimate"] = est if np.isfinite(est) else ("Inf" if est > 0 else "NaN")
    out["fisher"].append(case)

# Binomial test: successes, tries, chance as a fraction of whole numbers.
out["binomial"] = []
for k, n, num, den in [(38, 56, 1, 2), (86, 128, 1, 2), (0, 10, 1, 4), (10, 10, 1, 4), (7, 20, 3, 10), (1, 1000, 1, 128), (900, 1000, 1, 2), (5, 10, 1, 2), (0, 0, 1, 2), (3, 10, 1, 1)]:
    w = [comb(n, i) * num**i * (den - num) ** (n - i) for i in range(n + 1)]
    case = {"k": k, "n": n, "chance": num / den}
    for side, part in (("greater", sum(w[k:])), ("less", sum(w[: k + 1])), ("two-sided", sum(v for v in w if v <= w[k]))):
        case[side] = {"p": ratio(part, den**n)[0]}
        if n and num < den:
            ci = stats.binomtest(k, n, num / den, alternative=side).proportion_ci(0.95)
            case[side] |= {"low": ci.low, "high": ci.high}
    out["binomial"].append(case)

rng = np.random.default_rng(3)
out["combine"] = []
for p in ([0.05, 0.2, 0.9], [1e-200, 1e-250, 1e-300], [0.5] * 200, [1.0, 1.0], [1e-3] * 40, [0.04], [0.999] * 30):
    s, v = stats.combine_pvalues(p)
    out["combine"].append({"p": p, "statistic": s, "value": v, "log": float(stats.chi2.logsf(s, 2 * len(p)) if v < 0.5 else np.log1p(-stats.chi2.cdf(s, 2 * len(p))))})

x = np.round(rng.normal(5, 2, 12), 2)
y = np.round(x * 0.7 + rng.normal(2, 1, 12), 2)
z = np.round(rng.normal(3.5, 0.4, 7), 2)
out["x"], out["y"], out["z"] = x.tolist(), y.tolist(), z.tolist()
out["t"], out["correlation"] = [], []
for side in ("two-sided", "greater", "less"):
    for name, r in (("paired", stats.ttest_rel(x, y, alternative=side)), ("welch", stats.ttest_ind(x, z, equal_var=False, alternative=side))):
        ci = r.confidence_interval(0.95)
        out["t"].append({"name": name, "side": side, "t": r.statistic, "df": r.df, "p": r.pvalue,
                         "low": ci.low if np.isfinite(ci.low) else "-Inf", "high": ci.high if np.isfinite(ci.high) else "Inf"})
    r, s = stats.pearsonr(x, y, alternative=side), stats.spearmanr(x, y, alternative=side)
    out["correlation"] += [{"by": "Pearson", "side": side, "r": r.statistic, "p": r.pvalue}, {"by": "Spearman", "side": side, "r": s.statistic, "p": s.pvalue}]

# A ranking of 400 genes with tied and zero scores, and sets that gather at its ends or do not.
genes = [f"G{i:03d}" for i in range(400)]
score = np.round(rng.normal(0, 1.5, 400), 2)
score[::23] = 0
order = sorted(range(400), key=lambda i: (-score[i], genes[i]))
sets = {}
for i in range(24):
    size = [1, 2, 3, 5, 8, 12, 15, 20, 25, 30, 40, 60, 100, 200, 399, 15, 20, 25, 30, 12, 15, 15, 50, 40][i]
    w = np.ones(400)
    if i % 4 == 1:
        w = np.exp(score / 2)
    elif i % 4 == 3:
        w = np.exp(-score / 1.5)
    elif i == 20:
        w = np.exp(-np.abs(np.arange(400) - 60) / 25)
    sets[f"S{i:02d}"] = [genes[k] for k in sorted(rng.choice(400, size, replace=False, p=w / w.sum()))]
sets["ZERO"] = [genes[i] for i in range(400) if score[i] == 0][:6]
with open("gsea_ranks.tsv", "w") as f:
    f.writelines(f"{genes[i]}\t{score[i]:.2f}\n" for i in range(400))
with open("gsea_sets.gmt", "w") as f:
    f.writelines("\t".join([k, ""] + v) + "\n" for k, v in sets.items())
ranking = pd.Series([score[i] for i in order], index=[genes[i] for i in order])
out["gseapy"] = {}
for weight in (0, 1, 1.5):
    r = gseapy.prerank(rnk=ranking, gene_sets=sets, min_size=1, max_size=399, permutation_num=10000, weight=weight, seed=1, threads=2, outdir=None, no_plot=True, verbose=False)
    out["gseapy"][str(weight)] = {row.Term: {"es": row.ES, "nes": row.NES if np.isfinite(row.NES) else "NaN", "p": row["NOM p-val"]} for _, row in r.res2d.iterrows()}
out["versions"] = {"numpy": np.__version__, "gseapy": gseapy.__version__}


def plain(v):
    if isinstance(v, dict):
        return {k: plain(u) for k, u in v.items()}
    if isinstance(v, list):
        return [plain(u) for u in v]
    if isinstance(v, (float, np.floating)):
        return float(v) if np.isfinite(v) else ("NaN" if np.isnan(v) else "Inf" if v > 0 else "-Inf")
    return int(v) if isinstance(v, np.integer) else v


with open("enrichment.json", "w") as f:
    f.write("{\n" + ",\n".join(json.dumps(k) + ": " + json.dumps(plain(v)).replace("}, {", "},\n {") for k, v in out.items()) + "\n}\n")
