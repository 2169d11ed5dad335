"""Reference values of Trustworthiness from scikit-learn. Writes trustworthiness.json.

    python trustworthiness.py

The points are made by the same integer generator in trustworthiness_test.go.
"""
import json, os
import numpy as np, sklearn
from sklearn.manifold import trustworthiness


class Uniform:
    """Numerical Recipes' 32-bit generator; the upper 24 bits as 0 to 1."""

    def __init__(self, seed):
        self.s = seed

    def __call__(self):
        self.s = (self.s * 1664525 + 1013904223) % 2**32
        return (self.s >> 8) / 2**24


u = Uniform(3)
X = np.array([[u() for _ in range(6)] for _ in range(120)])
maps = {"two columns": X[:, :2], "products": np.array([X[:, 0] * X[:, 1], X[:, 2] * X[:, 3]]).T, "itself": X, "reversed": X[::-1]}
out = {"versions": {"numpy": np.__version__, "scikit-learn": sklearn.__version__},
       "maps": {name: {str(k): float(trustworthiness(X, m, n_neighbors=k)) for k in (1, 5, 12, 59)} for name, m in maps.items()}}
path = os.path.join(os.path.dirname(os.path.abspath(__file__)), "trustworthiness.json")
json.dump(out, open(path, "w"), indent=1)
print(out)
