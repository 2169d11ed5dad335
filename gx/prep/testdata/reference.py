"""Reference values of scaling: python3 reference.py > reference_py.json
Needs numpy and scikit-learn."""
import json, sys
import numpy as np, sklearn
from sklearn.preprocessing import MinMaxScaler, StandardScaler

x = np.random.default_rng(3).normal(7, 2, (9, 6)).round(3)
train, test = x[:6], x[6:]
s, m = StandardScaler().fit(train), MinMaxScaler().fit(train)
print(json.dumps({
    "versions": f"Python {sys.version.split()[0]}, numpy {np.__version__}, scikit-learn {sklearn.__version__}",
    "rows": 9, "cols": 6, "train": 6, "x": x.ravel().tolist(),
    "mean": s.mean_.tolist(), "sd": s.scale_.tolist(), "standardised_test": s.transform(test).ravel().tolist(),
    "min": m.data_min_.tolist(), "max": m.data_max_.tolist(), "minmax_test": m.transform(test).ravel().tolist(),
}, indent=1))
