"""Reference values of gx/manifold from scikit-learn, openTSNE and umap-learn. Writes reference.json.

    python reference.py

The points are scikit-learn's handwritten digits (8 × 8 values of 0 to 16; Alpaydin and Kaynak,
UCI), every third of the first 1500, plus a little noise from an integer generator that
reference_test.go has too, so that no two distances are equal.
"""
import base64, json, os, sys, warnings
import numpy as np, scipy, sklearn, umap, openTSNE
from scipy.spatial.distance import cdist
from sklearn.datasets import load_digits
from sklearn.decomposition import PCA
from sklearn.manifold import TSNE, trustworthiness
from sklearn.manifold._t_sne import _joint_probabilities, _joint_probabilities_nn
from sklearn.metrics import pairwise_distances
from sklearn.neighbors import NearestNeighbors
from umap.umap_ import find_ab_params, fuzzy_simplicial_set, smooth_knn_dist

here = os.path.dirname(os.path.abspath(__file__))
warnings.simplefilter("ignore")


class Uniform:
    """Numerical Recipes' 32-bit generator; the upper 24 bits as 0 to 1."""

    def __init__(self, seed):
        self.s = seed

    def __call__(self):
        self.s = (self.s * 1664525 + 1013904223) % 2**32
        return (self.s >> 8) / 2**24


whole = load_digits().data[:1500:3].astype(np.uint8)
u = Uniform(7)
X = np.array([[np.float32(v) + np.float32(u()) for v in row] for row in whole.tolist()], dtype=np.float32)


def short(vs):
    return [float(f"{v:.8g}") for v in vs]


def sparse(m):
    m = m.tocoo()
    keep = m.row < m.col
    order = np.lexsort((m.col[keep], m.row[keep]))
    return dict(row=m.row[keep][order].tolist(), col=m.col[keep][order].tolist(), value=short(m.data[keep][order]))


out = {"versions": {"python": sys.version.split()[0], "numpy": np.__version__, "scipy": scipy.__version__,
                    "scikit-learn": sklearn.__version__, "openTSNE": openTSNE.__version__, "umap-learn": umap.__version__},
       "digits": base64.b64encode(whole.tobytes()).decode(), "sum": float(X.sum(dtype=np.float64))}

# Affinities: of all pairs, and of the 31 nearest.
few = X[:60]
p = _joint_probabilities(pairwise_distances(few.astype(np.float64), squared=True).astype(np.float32), 15.0, 0)
out["exact"] = {"n": 60, "perplexity": 15, "value": short(p)}
few = X[:90]
d = NearestNeighbors(n_neighbors=31).fit(few).kneighbors_graph(mode="distance")
d.data **= 2
out["near"] = {"n": 90, "perplexity": 10, **sparse(_joint_probabilities_nn(d, 10.0, 0))}

# UMAP's graph of the first 90, and its widths where every point lies on another.
far = cdist(few.astype(np.float64), few.astype(np.float64))  # scikit-learn's rounding leaves 1e-6 on the diagonal
index = np.argsort(far, axis=1)[:, :15]
dist = np.take_along_axis(far, index, axis=1)
g, sigma, rho = fuzzy_simplicial_set(few, 15, np.random.RandomState(0), "euclidean", knn_indices=index, knn_dists=dist.astype(np.float32))
out["fuzzy"] = {"n": 90, "k": 15, "sigma": short(sigma), "rho": short(rho), **sparse(g)}
twice = few.copy()
twice[1::2] = twice[0::2]
dist = np.sort(cdist(twice.astype(np.float64), twice.astype(np.float64)), axis=1)[:, :10].astype(np.float32)
sigma, rho = smooth_knn_dist(dist, 10)
out["twice"] = {"n": 90, "k": 10, "sigma": short(sigma), "rho": short(rho)}
out["curve"] = [[m, *map(float, find_ab_params(1.0, m))] for m in (0.001, 0.1, 0.25, 0.5, 0.9)]

def both(e):
    return [float(trustworthiness(X, e, n_neighbors=k)) for k in (5, 15)]


seeds = range(5)
out["pca"] = both(PCA(2).fit_transform(X))
out["tsne"] = [both(TSNE(random_state=s).fit_transform(X)) for s in seeds]
models = [TSNE(random_state=s).fit(X) for s in range(2)]
out["kl"] = [float(m.kl_divergence_) for m in models]
out["opentsne"] = [both(np.asarray(openTSNE.TSNE(random_state=s, negative_gradient_method="bh").fit(X))) for s in seeds]
out["umap"] = [both(umap.UMAP(random_state=s).fit_transform(X)) for s in seeds]
out["umap_pca"] = [both(umap.UMAP(random_state=s, init="pca").fit_transform(X)) for s in seeds]

# Six thin groups in six dimensions: how many of the 14 nearest lie more than 3 away on the map.
u = Uniform(11)
lines = np.zeros((360, 6), dtype=np.float32)
for g in range(6):
    middle, along = [20 * (u() - 0.5) for _ in range(6)], [4 * (u() - 0.5) for _ in range(6)]
    for i in range(60):
        t = u() + u() + u() - 1.5
        lines[60 * g + i] = [np.float32(middle[j] + t * along[j] + 0.3 * (u() - 0.5)) for j in range(6)]
near = np.argsort(cdist(lines.astype(np.float64), lines.astype(np.float64)), axis=1)[:, 1:15]
out["lines"] = float(lines.sum(dtype=np.float64))


def torn(e):
    return float((np.linalg.norm(e[:, None] - e[near], axis=2) > 3).mean())


out["torn"] = [torn(umap.UMAP(random_state=s).fit_transform(lines)) for s in seeds]
out["torn_pca"] = [torn(umap.UMAP(random_state=s, init="pca").fit_transform(lines)) for s in seeds]
json.dump(out, open(os.path.join(here, "reference.json"), "w"), separators=(",", ":"))
print(out["versions"], os.path.getsize(os.path.join(here, "reference.json")))
for name in ("pca", "tsne", "opentsne", "umap", "umap_pca", "kl", "curve", "torn", "torn_pca"):
    print(name, out[name])
