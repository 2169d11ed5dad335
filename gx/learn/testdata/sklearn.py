"""Reference values of gx/learn from scikit-learn and scipy. Writes sklearn.json.

    python sklearn.py            (from any folder; takes some minutes)

The data sets are made by the same integer generator in reference_test.go, so that only
results are stored.
"""
import sys, os

here = os.path.dirname(os.path.abspath(__file__))
sys.path = [p for p in sys.path if os.path.abspath(p or ".") != here]  # not this file as sklearn

import json, warnings
import numpy as np, scipy, sklearn
from scipy.stats import binomtest, t as student
from sklearn.ensemble import ExtraTreesRegressor, RandomForestClassifier, RandomForestRegressor
from sklearn.linear_model import Lasso, LinearRegression, Ridge, RidgeCV
from sklearn.metrics import balanced_accuracy_score, confusion_matrix
from sklearn.neighbors import KNeighborsClassifier, KNeighborsRegressor
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC

warnings.simplefilter("error")
SEEDS = range(20)


class Uniform:
    """Numerical Recipes' 32-bit generator; the upper 24 bits as 0 to 1."""

    def __init__(self, seed):
        self.s = seed

    def __call__(self):
        self.s = (self.s * 1664525 + 1013904223) % 2**32
        return (self.s >> 8) / 2**24


def classes(n, p, k, shift, seed):
    """Class i mod k; a third of the features tell it; every fourth one is rounded."""
    u = Uniform(seed)
    centre = [[shift * (u() - 0.5) if j % 3 == 0 else 0.0 for j in range(p)] for _ in range(k)]
    x, y = np.zeros((n, p), dtype=np.float32), []
    for i in range(n):
        c = i % k
        y.append("abcdefgh"[c])
        for j in range(p):
            v = centre[c][j] + (u() + u() + u() - 1.5)
            x[i, j] = np.floor(2 * v) if j % 4 == 3 else v
    return x, np.array(y)


def targets(n, p, q, noise, seed):
    """q sums of a few of p features, a step and noise."""
    u = Uniform(seed)
    w = [[u() - 0.5 if u() < 0.3 else 0.0 for _ in range(p)] for _ in range(q)]
    x, y = np.zeros((n, p), dtype=np.float32), np.zeros((n, q), dtype=np.float32)
    for i in range(n):
        common = u()
        for j in range(p):
            x[i, j] = 3 + 2 * u() + common
        for k in range(q):
            v = 1.0 if x[i, k] > 4.5 else 0.0
            for j in range(p):
                v += w[k][j] * float(x[i, j])
            y[i, k] = v + noise * (u() - 0.5)
    return x, y


def network(n, p, noise, seed):
    """Genes of which each from the fifth on follows two of those before it."""
    u = Uniform(seed)
    x, edges = np.zeros((n, p), dtype=np.float32), []
    parents = [[] for _ in range(p)]
    for j in range(5, p):
        parents[j] = [int(u() * 5), int(u() * j)]
        edges += [[i, j] for i in parents[j]]
    for i in range(n):
        for j in range(p):
            v = 2 * u() if j < 5 else noise * u()
            for k in parents[j]:
                v += float(x[i, k])
            x[i, j] = v
    return x, edges


def ladder(x):
    return [[float(v) for v in row] for row in np.atleast_2d(x)]


def svc():
    x, y = classes(150, 20, 5, 2.0, 1)
    train, test = x[:100].astype(float), x[100:].astype(float)
    out = {}
    for name, kernel, two in [("linear", "linear", False), ("rbf", "rbf", False), ("rbf2", "rbf", True), ("linear2", "linear", True)]:
        keep = [i for i in range(100) if not two or y[i] in "ab"]
        part = {}
        for tol in (1e-3, 1e-8):
            m = SVC(kernel=kernel, tol=tol, C=1.0, decision_function_shape="ovo").fit(train[keep], y[:100][keep])
            d = m.decision_function(test)
            part["decisions" if tol < 1e-6 else "loose"] = ladder(-d.reshape(-1, 1) if two else d)
            if tol < 1e-6:
                part["support"] = sorted(int(i) for i in m.support_)
                part["predicted"] = list(m.predict(test))
                part["gamma"] = float(m._gamma)
                if not two:
                    m.decision_function_shape = "ovr"
                    part["scores"] = ladder(m.decision_function(test))
        out[name] = part
    m = SVC(kernel="rbf", gamma=0.3, C=10, tol=1e-8, decision_function_shape="ovo").fit(train, y[:100])
    out["set"] = {"decisions": ladder(m.decision_function(test)), "predicted": list(m.predict(test)),
                  "support": sorted(int(i) for i in m.support_), "gamma": 0.3}
    return out


def forest():
    x, y = classes(900, 30, 4, 1.5, 2)
    train, test = slice(0, 300), slice(300, 900)
    out = {}
    for name, more in [("plain", {}), ("shallow", {"max_depth": 4, "min_samples_leaf": 5, "max_features": 12})]:
        acc, oob, imp, prob = [], [], 0, 0
        for s in SEEDS:
            m = RandomForestClassifier(100, random_state=s, oob_score=True, n_jobs=2, **more).fit(x[train], y[train])
            acc.append(float(m.score(x[test], y[test])))
            oob.append(float(m.oob_score_))
            imp = imp + m.feature_importances_ / len(SEEDS)
            prob = prob + m.predict_proba(x[test])[:20] / len(SEEDS)
        out[name] = {"accuracy": acc, "oob": oob, "importances": list(map(float, imp)), "probabilities": ladder(prob)}
    return out


def regression_forest():
    x, y = targets(600, 12, 1, 0.5, 3)
    y = y[:, 0]
    out = {}
    for name, make in [("random", lambda s: RandomForestRegressor(100, random_state=s, max_features=4, oob_score=True, n_jobs=2)),
                       ("extra", lambda s: ExtraTreesRegressor(100, random_state=s, max_features=4, n_jobs=2))]:
        r2, oob, imp = [], [], 0
        for s in SEEDS:
            m = make(s).fit(x[:300], y[:300])
            r2.append(float(m.score(x[300:], y[300:])))
            oob.append(float(getattr(m, "oob_score_", 0)))
            imp = imp + m.feature_importances_ / len(SEEDS)
        out[name] = {"r2": r2, "oob": oob, "importances": list(map(float, imp))}
    return out


def genie3():
    """Huynh-Thu et al. (2010): targets of unit variance, importances not made sum 1."""
    x, edges = network(120, 20, 1.0, 4)
    p, all_ = x.shape[1], []
    for s in range(10):
        w = np.zeros((p, p))
        for j in range(p):
            others = [i for i in range(p) if i != j]
            y = x[:, j].astype(float) / x[:, j].astype(float).std()
            m = RandomForestRegressor(200, max_features="sqrt", random_state=s, n_jobs=2).fit(x[:, others], y)
            w[others, j] = np.mean([t.tree_.compute_feature_importances(normalize=False) for t in m.estimators_], axis=0)
        all_.append(w)
    return {"edges": edges, "weights": ladder(np.mean(all_, axis=0)), "sd": ladder(np.std(all_, axis=0, ddof=1))}


def knn():
    x, y = classes(150, 20, 5, 2.0, 1)
    t, u = targets(100, 6, 3, 0.5, 5)
    x, t, u = x.astype(float), t.astype(float), u.astype(float)
    out = {}
    for k in (1, 3, 5, 12):
        m = KNeighborsClassifier(k).fit(x[:100], y[:100])
        r = KNeighborsRegressor(k).fit(t[:70], u[:70])
        d, i = m.kneighbors(x[100:])
        w = KNeighborsClassifier(k, weights="distance").fit(x[:100], y[:100])
        own, _ = m.kneighbors()
        out[str(k)] = {"predicted": list(m.predict(x[100:])), "weighted": list(w.predict(x[100:])),
                       "probabilities": ladder(m.predict_proba(x[100:])), "distances": ladder(d), "index": i.tolist(),
                       "means": ladder(r.predict(t[70:])), "weighted_means": ladder(KNeighborsRegressor(k, weights="distance").fit(t[:70], u[:70]).predict(t[70:])),
                       "own": ladder(own)}
    return out


def linear():
    out = {}
    for name, n, p in [("tall", 60, 8), ("wide", 20, 30)]:
        x, y = targets(n, p, 3, 0.5, 6)
        x, y = x.astype(float), y.astype(float)
        alphas = [0.01, 0.1, 1.0, 10.0, 100.0]
        cv = RidgeCV(alphas, store_cv_results=True).fit(x, y)
        own = RidgeCV(alphas, alpha_per_target=True).fit(x, y)
        part = {"cv_alpha": float(cv.alpha_), "cv_coef": ladder(cv.coef_), "cv_intercept": list(map(float, cv.intercept_)),
                "cv_mse": [float(v) for v in cv.cv_results_.mean(axis=(0, 1))], "own_alpha": [float(a) for a in own.alpha_],
                "own_coef": ladder(own.coef_)}
        for label, m in [("least_squares", LinearRegression()), ("ridge", Ridge(0.7)), ("lasso", Lasso(0.05, tol=1e-12, max_iter=10**6))]:
            m.fit(x, y) if label != "lasso" else None
            if label == "lasso":  # one target at a time: scikit-learn's Lasso is exactly that
                fits = [Lasso(0.05, tol=1e-12, max_iter=10**6).fit(x, y[:, k]) for k in range(3)]
                part[label] = {"coef": ladder([f.coef_ for f in fits]), "intercept": [float(f.intercept_) for f in fits]}
            else:
                part[label] = {"coef": ladder(m.coef_), "intercept": list(map(float, m.intercept_))}
        out[name] = part
    return out


def scores():
    _, y = classes(150, 20, 5, 2.0, 1)
    said = np.array([v if i % 7 else "a" for i, v in enumerate(y)])
    x, _ = targets(60, 8, 3, 0.5, 6)
    sc = StandardScaler().fit(x[:40].astype(float))
    e = np.array([3, 5, 4, 8, 2, 4, 6, 3, 5, 5]) / 50
    half = student.ppf(0.975, len(e) - 1) * np.sqrt((1 / len(e) + 50 / 150) * e.var(ddof=1))
    wilson = []
    for k, n, level in [(0, 20, 0.95), (5, 50, 0.95), (10, 260, 0.95), (260, 260, 0.99), (1, 3, 0.9)]:
        ci = binomtest(k, n).proportion_ci(level, method="wilson")
        wilson.append([k, n, level, float(ci.low), float(ci.high)])
    return {"confusion": confusion_matrix(y, said).tolist(), "balanced": float(balanced_accuracy_score(y, said)),
            "scaled": ladder(sc.transform(x[40:45].astype(float))), "wilson": wilson, "errors": list(map(float, e)),
            "resampled": [float(e.mean() - half), float(e.mean() + half)]}


if __name__ == "__main__":
    out = {"versions": {"python": sys.version.split()[0], "scikit-learn": sklearn.__version__, "numpy": np.__version__, "scipy": scipy.__version__}}
    x, _ = classes(150, 20, 5, 2.0, 1)
    t, u = targets(600, 12, 1, 0.5, 3)
    g, _ = network(120, 20, 1.0, 4)
    out["sums"] = [float(a.astype(float).sum()) for a in (x, t, u, g)]
    out |= {f.__name__: f() for f in (svc, forest, regression_forest, genie3, knn, linear, scores)}
    text = json.dumps(json.loads(json.dumps(out), parse_float=lambda s: float("%.12g" % float(s))), separators=(",", ":"))
    with open(os.path.join(here, "sklearn.json"), "w") as f:
        f.write(text.replace('],"', '],\n"') + "\n")
