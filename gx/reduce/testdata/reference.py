"""Reference values of gx/reduce from scikit-learn and scipy. Writes reference.json.

    python reference.py

The data sets are made by the same integer generator in reference_test.go, so that only
results are stored.
"""
import json, os, sys, warnings
import numpy as np, scipy, sklearn
from scipy.optimize import nnls
from sklearn.decomposition import NMF, PCA, KernelPCA

here = os.path.dirname(os.path.abspath(__file__))
warnings.simplefilter("ignore")


class Uniform:
    """Numerical Recipes' 32-bit generator; the upper 24 bits as 0 to 1."""

    def __init__(self, seed):
        self.s = seed

    def __call__(self):
        self.s = (self.s * 1664525 + 1013904223) % 2**32
        return (self.s >> 8) / 2**24


def made(n, p, rank, noise, seed):
    """Base per gene, rank modules, noise: about the range of log2 expression."""
    u = Uniform(seed)
    base = [4 + 6 * u() for _ in range(p)]
    load = [[u() - 0.5 for _ in range(p)] for _ in range(rank)]
    x = np.zeros((n, p), dtype=np.float32)
    for i in range(n):
        score = [3 * (u() - 0.5) for _ in range(rank)]
        for j in range(p):
            v = base[j]
            for r in range(rank):
                v += score[r] * load[r][j]
            x[i, j] = v + noise * (u() - 0.5)
    return x


def whole(n, p, rank, seed):
    """Small integers of exactly the given rank, the base included."""
    u = Uniform(seed)
    load = [[int(4 * u()) for _ in range(p)] for _ in range(rank)]
    x = np.zeros((n, p), dtype=np.float32)
    for i in range(n):
        score = [int(4 * u()) for _ in range(rank)]
        for j in range(p):
            x[i, j] = sum(score[r] * load[r][j] for r in range(rank))
    return x


def doubled(n, p):
    """Each sample twice, the last third of the genes constant."""
    x = made(n, p, 3, 1.0, 11)
    x[1::2] = x[0::2]
    x[:, 2 * p // 3 :] = 7
    return x


def nndsvda(X, k):
    """scikit-learn's start, from the exact SVD in place of the random one."""
    U, S, V = np.linalg.svd(X, full_matrices=False)
    W, H = np.zeros((X.shape[0], k)), np.zeros((k, X.shape[1]))
    for j in range(k):
        u, v = U[:, j], V[j]
        if j == 0:
            W[:, 0], H[0] = np.sqrt(S[0]) * abs(u), np.sqrt(S[0]) * abs(v)
            continue
        sides = []
        for s in (1, -1):
            a, b = np.maximum(s * u, 0), np.maximum(s * v, 0)
            sides.append((np.linalg.norm(a) * np.linalg.norm(b), a, b))
        w, a, b = sides[0] if sides[0][0] > sides[1][0] else sides[1]
        if S[j] <= S[0] * 1e-8 or w == 0:  # beyond the rank: any vector would do, zeros are ours
            continue
        W[:, j] = np.sqrt(S[j] * w) * a / np.linalg.norm(a)
        H[j] = np.sqrt(S[j] * w) * b / np.linalg.norm(b)
    W[W < 1e-6], H[H < 1e-6] = X.mean(), X.mean()
    return W, H


def mse(a, b):
    return float(np.mean((a - b) ** 2))


out = {"versions": {"python": sys.version.split()[0], "numpy": np.__version__, "scipy": scipy.__version__,
                    "scikit-learn": sklearn.__version__}}
sets = {
    "tall": (made(40, 12, 4, 1.0, 1), 5),
    "flat": (made(16, 60, 4, 1.0, 2), 5),
    "long": (made(40, 1300, 6, 1.0, 3), 8),  # more genes than a block
    "many": (made(1100, 9, 3, 1.0, 4), 4),  # more samples than a block
    "rank": (whole(14, 30, 4, 5), 6),
    "twice": (doubled(16, 24), 5),
}
for name, (both, k) in sets.items():
    X, new = both[:-4].astype(np.float64), both[-4:].astype(np.float64)
    r = {"k": k, "sum": float(both.sum(dtype=np.float64))}
    m = PCA(k, svd_solver="full").fit(X)
    z = m.transform(new)
    r["pca"] = dict(values=m.explained_variance_.tolist(), codes=z.tolist(), decoded=m.inverse_transform(z)[:, :12].tolist(),
                    fit=mse(m.inverse_transform(m.transform(X)), X), new=mse(m.inverse_transform(z), new),
                    total=float(X.var(axis=0, ddof=1).sum()))
    W, H = nndsvda(X, k)
    m = NMF(k, init="custom")
    m.fit_transform(X, W=W.copy(), H=H.copy())
    z = np.array([nnls(m.components_.T, row)[0] for row in new])
    d = NMF(k, random_state=0).fit(X)
    r["nmf"] = dict(values=m.components_[:, :12].tolist(), codes=z.tolist(), decoded=(z @ m.components_)[:, :12].tolist(),
                    fit=float(m.reconstruction_err_), new=mse(z @ m.components_, new), iterations=int(m.n_iter_),
                    default_fit=float(d.reconstruction_err_), default_new=mse(d.inverse_transform(d.transform(new)), new),
                    own_new=mse(m.inverse_transform(m.transform(new)), new))
    if name == "many":
        out[name] = r
        continue
    for kernel in ["poly", "cosine", "rbf"]:
        m = KernelPCA(k, kernel=kernel, fit_inverse_transform=True, eigen_solver="dense").fit(X)
        z = m.transform(new)
        y = m.inverse_transform(z)
        r[kernel] = dict(values=m.eigenvalues_.tolist(), codes=z.tolist(), decoded=y[:, :12].tolist(),
                         fit=mse(m.inverse_transform(m.transform(X)), X), new=mse(y, new))
    out[name] = r

json.dump(out, open(os.path.join(here, "reference.json"), "w"))
print(out["versions"])
for name in sets:
    print(name, {k: (v["new"], v["fit"]) for k, v in out[name].items() if isinstance(v, dict)}, out[name]["nmf"]["iterations"], out[name]["nmf"]["default_fit"], out[name]["nmf"]["default_new"], out[name]["nmf"]["own_new"])
