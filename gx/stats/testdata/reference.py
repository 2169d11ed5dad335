"""Reference values of gx/stats from scipy. Writes reference.json beside itself.

    python reference.py
"""
import json, os, sys
import numpy as np, scipy
from scipy import stats

here = os.path.dirname(os.path.abspath(__file__))
rng = np.random.default_rng(20181018)
out = {"versions": {"python": sys.version.split()[0], "numpy": np.__version__, "scipy": scipy.__version__}}


def f32(a):
    return np.asarray(a, dtype=np.float32).astype(np.float64)


# Profiles with ties (one decimal), a pair of equal rows, and fine ones.
a = f32(np.round(rng.normal(8, 2, (5, 40)), 1))
b = f32(rng.normal(8, 2, (4, 40)))
b[1] = a[2]
a[4] = f32(a[3] + rng.normal(0, 0.1, 40))
out["a"], out["b"] = a.tolist(), b.tolist()
out["ranks"] = [stats.rankdata(r).tolist() for r in a]
out["spearman"] = [[float(stats.spearmanr(x, y).statistic) for y in b] for x in a]
out["pearson"] = [[float(stats.pearsonr(x, y).statistic) for y in b] for x in a]
out["mse"] = [[float(np.mean((x - y) ** 2)) for y in b] for x in a]

v = np.round(rng.exponential(2, 25), 2)
qs = [0, 0.05, 0.25, 1 / 3, 0.5, 0.75, 0.9, 1]
out["describe"] = {
    "x": v.tolist(), "q": qs, "quantiles": np.quantile(v, qs).tolist(),
    "mean": float(v.mean()), "sd": float(v.std(ddof=1)), "se": float(stats.sem(v)),
}

z = [-40.0, -3.0, -1.5, -0.5, 0.0, 0.7, 1.0, 2.5, 8.0, 20.0, 29.9, 30.1, 37.0, 45.0, 200.0]
out["logsf"] = {"z": z, "value": stats.norm.logsf(z).tolist()}

sides = ["two-sided", "greater", "less"]
cases = []
plain = rng.normal(0.4, 1, 12)
ties = np.round(rng.normal(0.3, 1, 12), 0)      # ties and zeros
ties[0] = 0.0
half = np.array([1.5, -1.5, 2, 3, 3, 3, -4, 5, 6, 0, 0, 7.0])
long = np.round(rng.normal(0.1, 1, 80), 1)      # ties and zeros
strong = rng.normal(2, 0.5, 260)
paired = [("plain", plain), ("ties", ties), ("half", half), ("long", long), ("strong", strong), ("fifty", rng.normal(0.2, 1, 50))]
for name, d in paired:
    for zero in ["wilcox", "pratt"]:
        for side in sides:
            for method in ["exact", "asymptotic"]:
                for corr in [False, True]:
                    if method == "exact":
                        if corr or len(d) > 50:
                            continue
                        tied = len(set(np.abs(d))) < len(d) or (d == 0).any()
                        # scipy's own "exact" ignores ties; counting every sign does not.
                        m = stats.PermutationMethod(n_resamples=np.inf) if tied else "exact"
                    else:
                        m = method
                    r = stats.wilcoxon(d, zero_method=zero, alternative=side, method=m, correction=corr)
                    cases.append(dict(name=name, zero=zero, side=side, method=method, correct=corr, p=float(r.pvalue)))
out["paired"] = {name: d.tolist() for name, d in paired}
out["wilcoxon"] = cases

cases = []
groups = [
    ("plain", rng.normal(0.8, 1, 7), rng.normal(0, 1, 9)),
    ("uneven", rng.normal(1.5, 1, 3), rng.normal(0, 1, 20)),
    ("ties", np.round(rng.normal(0.5, 1, 15)), np.round(rng.normal(0, 1, 12))),
    ("long", rng.normal(0.5, 1, 120), rng.normal(0, 1, 80)),
]
for name, x, y in groups:
    for side in sides:
        for method in ["exact", "asymptotic"]:
            for corr in [False, True]:
                if method == "exact" and (corr or name in ("ties", "long")):
                    continue
                r = stats.mannwhitneyu(x, y, alternative=side, method=method, use_continuity=corr)
                cases.append(dict(name=name, side=side, method=method, correct=corr,
                                  u=float(r.statistic), p=float(r.pvalue)))
out["groups"] = {name: [x.tolist(), y.tolist()] for name, x, y in groups}
out["mannwhitney"] = cases

json.dump(out, open(os.path.join(here, "reference.json"), "w"))
print(out["versions"])
