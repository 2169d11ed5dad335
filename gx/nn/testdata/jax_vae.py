"""Variational autoencoders and an interpretable pair from JAX, for vae_test.go:

    pip install jax==0.10.2 scipy==1.17.1; python3 jax_vae.py > jax_vae.json

Each has weights, a batch, the draw of the codes, the loss as training sees it (a mean over
values, nats), its parts and all gradients, in float64. Weights are written in x out, layer
by layer; then a pair's feature-wise half and its two biases; then the likelihood's
spreads. The negative binomial's log-likelihoods are also SciPy's (nbinom, and by hand for
the zeros of the zero-inflated one)."""
import json, jax, scipy, numpy as np
import jax.numpy as jnp
from jax.scipy.special import gammaln
from scipy import stats

jax.config.update("jax_enable_x64", True)
rng = np.random.default_rng(3)
n, p, h, k = 7, 6, 5, 2
x = rng.normal(size=(n, p)) * 1.2
counts = rng.poisson(rng.gamma(0.7, 4, (n, p))).astype(float)
counts[3] = 0
counts[2, 1] = 57
logged = np.log1p(counts)
eps = rng.normal(size=(n, k))

def make(sizes):
    return [(rng.uniform(-1, 1, (i, o)) / np.sqrt(i), rng.uniform(-1, 1, o) / np.sqrt(i)) for i, o in sizes]

def encode(l, x, e):
    s = jnp.tanh(x @ l[0][0] + l[0][1]) @ l[1][0] + l[1][1]
    mu, lv = s[:, :k], s[:, k:]
    kl = 0.5 * (mu ** 2 + jnp.exp(lv) - 1 - lv).sum(1)
    return mu + jnp.exp(lv / 2) * e, kl

def nll(kind, y, t, s):
    if kind == "gaussian":
        return 0.5 * (jnp.log(2 * jnp.pi) + s + (t - y) ** 2 * jnp.exp(-s))
    library = t.sum(1, keepdims=True)
    library = jnp.where(library == 0, 1, library)
    m, th = library * jax.nn.softmax(y[:, :p], 1), jnp.exp(s)
    nb = gammaln(t + th) - gammaln(th) - gammaln(t + 1) + th * jnp.log(th / (th + m)) + t * jnp.log(m / (th + m))
    if kind == "nb":
        return -nb
    pi = y[:, p:]
    return -jnp.where(t == 0, jax.nn.softplus(nb - pi) - jax.nn.softplus(-pi), nb - pi - jax.nn.softplus(-pi))

flat = lambda l: [float(v) for w in jax.tree.leaves(l) for v in np.asarray(w).reshape(-1)]
nets = []
for kind in ("gaussian", "nb", "zinb"):
    xin, t = (x, x) if kind == "gaussian" else (logged, counts)
    l = make([(p, h), (h, 2 * k), (k, h), (h, 2 * p if kind == "zinb" else p)])
    s = rng.normal(size=p) * 0.5
    def parts(q):
        l, s = q
        z, kl = encode(l, xin, eps)
        y = jnp.tanh(z @ l[2][0] + l[2][1]) @ l[3][0] + l[3][1]
        return nll(kind, y, t, s), kl, y
    loss = lambda q: parts(q)[0].mean() + 0.4 * parts(q)[1].mean() / p
    e, kl, y = parts((l, s))
    if kind != "gaussian":
        m, th = np.asarray(t.sum(1, keepdims=True) * jax.nn.softmax(y[:, :p], 1)), np.exp(s)
        by = stats.nbinom.logpmf(t, th, th / (th + m))
        if kind == "zinb":
            d = 1 / (1 + np.exp(-np.asarray(y[:, p:])))
            by = np.log((1 - d) * np.exp(by) + d * (t == 0))
        rows = t.sum(1) > 0
        assert np.abs(by[rows] + np.asarray(e)[rows]).max() < 1e-9, kind
    nets.append({"kind": kind, "params": flat((l, s)), "nll": float(e.sum()), "kl": float(kl.sum()), "grads": flat(jax.grad(loss)((l, s)))})

c, hw, gamma, beta = 4, 3, 0.3, 0.6
profiles = rng.normal(size=(p, c))
veps = rng.normal(size=(p, k))
cell, feature = make([(p, h), (h, 2 * k), (k, hw)]), make([(c, h), (h, 2 * k), (k, hw)])
b, lin, s = rng.normal(size=p), rng.normal(size=p), rng.normal(size=p) * 0.5
def pair(q, idx, gamma):
    cell, feature, b, lin, s = q
    z, kz = encode(cell, x, eps)
    y = jnp.tanh(z @ cell[2][0] + cell[2][1])
    v, kv = encode(feature, profiles[idx], veps[: len(idx)])
    w = v @ feature[2][0] + feature[2][1]
    e = nll("gaussian", y @ w.T + b[idx], x[:, idx], s[idx])
    near = (x[:, idx] - z @ v.T - lin[idx]) ** 2
    return e.mean() + beta * (kz.mean() + kv.mean()) / p + gamma * near.mean(), (e.sum(), kz.sum(), near.sum())
pairs = []
for idx, g in ((list(range(p)), gamma), ([4, 1, 2], gamma), (list(range(p)), 0.0)):
    idx = np.array(idx)
    q = (cell, feature, b, lin, s)
    (v, aux), grads = jax.value_and_grad(pair, has_aux=True)(q, idx, g)
    pairs.append({"index": idx.tolist(), "gamma": g, "loss": float(v), "nll": float(aux[0]), "kl": float(aux[1]), "near": float(aux[2]), "grads": flat(grads)})
r = lambda a: [float(v) for v in np.asarray(a).reshape(-1)]
print(json.dumps({"versions": f"JAX {jax.__version__}, SciPy {scipy.__version__}", "x": r(x), "counts": r(counts), "logged": r(logged), "eps": r(eps), "nets": nets,
    "profiles": r(profiles), "veps": r(veps), "pair": flat((cell, feature, b, lin, s)), "pairs": pairs}))
