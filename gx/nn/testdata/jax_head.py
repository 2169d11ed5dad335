"""Small autoencoders with a classifier on the code from JAX, for head_test.go:

    pip install jax==0.10.2; python3 jax_head.py > jax_head.json

Each has weights, a batch with classes (-1: not known), the losses, all gradients and
the weights after three steps of SGD on the whole batch, in float64. Weights are
written in x out, row by row, layer by layer, the classifier's last."""
import json, jax, numpy as np
import jax.numpy as jnp

jax.config.update("jax_enable_x64", True)
rng = np.random.default_rng(11)
x = rng.normal(size=(9, 6)) * 1.2
classes = [0, 2, 1, -1, 2, 0, 1, 1, -1]
known = np.array([c >= 0 for c in classes])
onehot = np.eye(3)[np.maximum(classes, 0)] * known[:, None]

def make(sizes):
    return [(rng.uniform(-1, 1, (i, o)) / np.sqrt(i), rng.uniform(-1, 1, o) / np.sqrt(i)) for i, o in sizes]

def losses(p, hidden):
    body, head = p[:4], p[4:]
    h = jnp.tanh(x @ body[0][0] + body[0][1])
    code = h @ body[1][0] + body[1][1]
    h = jnp.tanh(code @ body[2][0] + body[2][1])
    y = h @ body[3][0] + body[3][1]
    s = code
    if hidden:
        s = s @ head[0][0] + head[0][1]
        s = jnp.where(s > 0, s, 0.2 * s)
    s = s @ head[-1][0] + head[-1][1]
    entropy = -(onehot * jax.nn.log_softmax(s)).sum() / known.sum()
    return ((y - x) ** 2).mean(), entropy, s

flat = lambda p: [float(v) for w, b in p for a in (w, b) for v in np.asarray(a).reshape(-1)]
nets = []
for hidden, weight in ((0, 0.5), (4, 0.5), (0, 3.0)):
    p = make([(6, 5), (5, 2), (2, 5), (5, 6)] + ([(2, hidden), (hidden, 3)] if hidden else [(2, 3)]))
    whole = lambda p: losses(p, hidden)[0] + weight * losses(p, hidden)[1]
    mse, entropy, scores = losses(p, hidden)
    r = {"hidden": hidden, "weight": weight, "params": flat(p), "mse": float(mse), "entropy": float(entropy),
         "scores": [float(v) for v in np.asarray(scores).reshape(-1)], "grads": flat(jax.grad(whole)(p))}
    for _ in range(3):
        p = [(w - 0.05 * dw, b - 0.05 * db) for (w, b), (dw, db) in zip(p, jax.grad(whole)(p))]
    r["steps"] = flat(p)
    nets.append(r)
print(json.dumps({"versions": f"JAX {jax.__version__}", "x": [float(v) for v in x.reshape(-1)], "classes": classes, "nets": nets}))
