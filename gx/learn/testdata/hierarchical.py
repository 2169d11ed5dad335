"""Reference values of hierarchical.go from scipy and scikit-learn: hierarchical.json.

    python hierarchical.py

Samples are made by the generator of reference_test.go, so that only results are stored.
"""
import json, os
import numpy as np, scipy, sklearn
from scipy.cluster.hierarchy import fcluster, leaves_list, linkage
from sklearn.metrics import adjusted_rand_score


def samples(n, p, seed):
    out = np.empty((n, p), dtype=np.float32)
    for i in range(n):
        for j in range(p):
            seed = (seed * 1664525 + 1013904223) % 2**32
            out[i, j] = np.float32((seed >> 8) / 2**24 + i % 3 * (j % 4 == 0))
    return out.astype(float)


def renumbered(c):
    seen = {}
    return [seen.setdefault(v, len(seen)) for v in c]


def ari(k, clusters):
    return adjusted_rand_score([i % k for i in range(len(clusters))], clusters)


x = samples(40, 12, 5)
out = {"versions": {"scipy": scipy.__version__, "numpy": np.__version__, "sklearn": sklearn.__version__}, "trees": {}}
for name, method, metric in [
    ("average", "average", "euclidean"),
    ("complete", "complete", "euclidean"),
    ("single", "single", "euclidean"),
    ("Ward", "ward", "euclidean"),
    ("average correlation", "average", "correlation"),
    ("complete correlation", "complete", "correlation"),
]:
    z = linkage(x, method, metric)
    cuts = {k: renumbered(fcluster(z, k, "maxclust")) for k in (1, 2, 3, 7, 40)}
    out["trees"][name] = {
        "merges": z.tolist(),
        "order": leaves_list(z).tolist(),
        "cuts": cuts,
        "rand": {k: ari(3, c) for k, c in cuts.items()},
    }
here = os.path.dirname(os.path.abspath(__file__))
with open(os.path.join(here, "hierarchical.json"), "w") as f:
    json.dump(out, f)
    f.write("\n")
