"""Counts prepared by scanpy, for counts_test.go:

    pip install scanpy==1.11.5 scikit-misc==0.5.3; python3 counts.py > counts.json

Cells × genes of negative binomial counts with genes of few counts, one constant gene and
ties; highly variable genes by both flavours, the loess by itself, and scale."""
import json, warnings
from importlib.metadata import version
import numpy as np, anndata as ad, scanpy as sc
from skmisc.loess import loess

warnings.filterwarnings("ignore")
rng = np.random.default_rng(5)
n, p = 90, 140
mean = np.exp(rng.normal(0.3, 1.3, p))
theta = np.exp(rng.normal(0.5, 0.8, p))
lib = np.exp(rng.normal(0, 0.4, n))
x = rng.poisson(mean * lib[:, None] * rng.gamma(theta, 1 / theta, (n, p))).astype(float)
x[:, 7] = 0
x[:, 9] = x[:, 8]
a = ad.AnnData(x.astype(np.float64))
v3 = sc.pp.highly_variable_genes(a, flavor="seurat_v3", n_top_genes=30, inplace=False)
sc.pp.normalize_total(a, target_sum=1e4)
sc.pp.log1p(a)
logged = a.X.copy()
v1 = sc.pp.highly_variable_genes(a, flavor="seurat", n_top_genes=30, inplace=False)
sc.pp.scale(a, max_value=2)
u = np.sort(rng.normal(size=60)).round(1)
w = np.sin(2 * u) + rng.normal(size=60) * 0.1
l = loess(u, w, span=0.3, degree=2)
l.fit()
d = loess(u, w, span=0.3, degree=2, surface="direct")
d.fit()
r = lambda v: [None if np.isnan(t) else float(t) for t in np.asarray(v, float).reshape(-1)]
print(json.dumps({
    "versions": "scanpy %s, scikit-misc %s" % (version("scanpy"), version("scikit-misc")),
    "rows": n, "cols": p, "counts": [int(t) for t in x.reshape(-1)],
    "seurat_v3": r(v3["variances_norm"]), "seurat_v3_top": np.where(v3["highly_variable"])[0].tolist(),
    "seurat": r(v1["dispersions_norm"]), "seurat_top": np.where(v1["highly_variable"])[0].tolist(),
    "logged": r(logged[:3]), "scaled": r(a.X[:3]),
    "loess_x": r(u), "loess_y": r(w), "loess": r(l.outputs.fitted_values), "loess_direct": r(d.outputs.fitted_values)}))
