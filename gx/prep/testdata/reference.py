# Reference values of scaling, from scikit-learn, and of medians, from scipy.
#   python3 reference.py > reference_py.json
# The matrix is reference_r.json's "plain": its first four samples are learned from.
import json, platform
import numpy, scipy, sklearn
from scipy.stats import median_abs_deviation
from sklearn.feature_selection import VarianceThreshold
from sklearn.preprocessing import MinMaxScaler, StandardScaler

x = numpy.array(json.load(open("reference_r.json"))["plain"])
train = x[:4]
s, m = StandardScaler().fit(train), MinMaxScaler().fit(train)
c = x.copy()
c[:, 3] = 2.5
c[:, 7] = -1
c[4:, 9], c[:4, 9] = 3, 8  # constant in the first four alone
print(json.dumps({
    "versions": f"Python {platform.python_version()}, numpy {numpy.__version__}, scipy {scipy.__version__}, scikit-learn {sklearn.__version__}",
    "mean": s.mean_.tolist(), "sd": s.scale_.tolist(), "standardised": s.transform(x).tolist(),
    "lo": m.data_min_.tolist(), "hi": m.data_max_.tolist(), "minmax": m.transform(x).tolist(),
    "minmax_per_sample": MinMaxScaler().fit_transform(x.T).T.tolist(),
    "mad": median_abs_deviation(x, axis=0).tolist(),
    "with_constant": c.tolist(),
    "constant": numpy.flatnonzero(~VarianceThreshold().fit(c[:4]).get_support()).tolist(),
    "log2": numpy.log2(x).tolist(), "log2_1p": numpy.log2(x + 1).tolist(),
}, indent=1))
