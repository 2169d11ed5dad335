"""Silhouettes by scikit-learn. Writes silhouette.json beside itself.

    python silhouette.py     (numpy 2.4.6, scikit-learn 1.9.1)
"""
import json, os, sys
import numpy as np, sklearn
from sklearn.metrics import silhouette_samples

rng = np.random.default_rng(1987)
cases = []
for n, d, k in [(12, 2, 2), (60, 2, 5), (40, 7, 3), (9, 1, 4)]:
    g = rng.integers(0, k, n)
    g[0] = 99  # one alone
    x = (rng.normal(0, 1, (n, d)) + g[:, None] % 5).astype("f4")
    if n == 40:
        x[3] = x[4] = x[5]  # points at one place
    cases.append({"x": x.astype("f8").tolist(), "groups": [f"g{v}" for v in g], "point": silhouette_samples(x.astype("f8"), g).tolist()})
json.dump({"versions": {"python": sys.version.split()[0], "numpy": np.__version__, "sklearn": sklearn.__version__}, "cases": cases},
          open(os.path.join(os.path.dirname(os.path.abspath(__file__)), "silhouette.json"), "w"))
