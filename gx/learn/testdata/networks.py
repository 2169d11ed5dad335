"""Networks of genes from scikit-learn and NumPy, for networks_test.go:

    pip install scikit-learn==1.9.1; python3 networks.py > networks.json

Partial correlations by Ledoit and Wolf's covariance of standardised values, and mutual
information of values in bins of equal numbers (the middle rank of ties decides)."""
import os, sys
here = os.path.dirname(os.path.abspath(__file__))
sys.path = [p for p in sys.path if os.path.abspath(p or ".") != here]
import json, numpy as np, sklearn
from scipy.stats import rankdata
from sklearn.covariance import ledoit_wolf
from sklearn.metrics import mutual_info_score

rng = np.random.default_rng(9)
n, p = 40, 6
x = rng.normal(size=(n, p))
x[:, 1] += x[:, 0]
x[:, 2] += 0.8 * x[:, 1]
x[:, 4] = np.round(x[:, 3] + 0.5 * x[:, 4])
x = x.astype(np.float32).astype(float)
z = (x - x.mean(0)) / x.std(0)
c, shrink = ledoit_wolf(z)
k = np.linalg.inv(c)
d = np.sqrt(np.diag(k))
partial = np.abs(k / d[:, None] / d)
np.fill_diagonal(partial, 0)
bins = 4
b = np.stack([((2 * rankdata(v) - 1).astype(int)) * bins // (2 * n) for v in x.T], 1)
mi = np.array([[0 if i == j else mutual_info_score(b[:, i], b[:, j]) for j in range(p)] for i in range(p)])
r = lambda v: [float(t) for t in np.asarray(v).reshape(-1)]
print(json.dumps({"versions": "scikit-learn " + sklearn.__version__, "x": r(x), "rows": n, "cols": p, "shrink": float(shrink), "partial": r(partial), "bins": bins, "mutual": r(mi)}))
