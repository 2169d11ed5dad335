"""A small autoencoder in the layout of Keras 2's HDF5 files, and what it makes of a few
profiles by numpy. Writes keras_weights.h5, keras_model.h5 and keras.json beside itself.

    python keras.py     (numpy 2.4.6, h5py 3.16.0)
"""
import json, os
import h5py, numpy as np

here = os.path.dirname(os.path.abspath(__file__))
rng = np.random.default_rng(3732)
widths = [7, 4, 4, 4, 7]
names = ["input_1", "dense_1", "dense_2", "dense_3", "dense_4"]
layers = [(rng.normal(0, 0.8, (a, b)).astype("f4"), rng.normal(0, 0.3, b).astype("f4")) for a, b in zip(widths, widths[1:])]


def write(group):
    group.attrs["layer_names"] = np.array([n.encode() for n in names])
    group.attrs["backend"] = b"tensorflow"
    group.attrs["keras_version"] = b"2.2.4"
    for name, wb in zip(names, [None] + layers):
        g = group.create_group(name)
        parts = [] if wb is None else [name + "/kernel:0", name + "/bias:0"]
        g.attrs["weight_names"] = np.array([p.encode() for p in parts], dtype=None if parts else "S1")
        for p, x in zip(parts, wb or []):
            g.create_dataset(p, data=x)


with h5py.File(os.path.join(here, "keras_weights.h5"), "w") as f:
    write(f)
acts = {"dense_1": "relu", "dense_2": "tanh", "dense_3": "sigmoid", "dense_4": "linear"}
with h5py.File(os.path.join(here, "keras_model.h5"), "w") as f:
    config = {"class_name": "Model", "config": {"name": "model_1", "layers": [
        {"class_name": "Dense" if n in acts else "InputLayer", "config": {"name": n, **({"activation": acts[n]} if n in acts else {})}} for n in names]}}
    f.attrs["model_config"] = json.dumps(config).encode()
    write(f.create_group("model_weights"))

f = {"sigmoid": lambda z: 1 / (1 + np.exp(-z)), "relu": lambda z: np.maximum(z, 0), "tanh": np.tanh, "linear": lambda z: z}
lo, hi = 2.0, 14.0
x = rng.uniform(lo, hi, (3, 7)).astype("f4")


def run(act):
    h, hidden = (x.astype("f8") - lo) / (hi - lo), []
    for (w, b), a in zip(layers, act):
        h = f[a](h @ w.astype("f8") + b)
        hidden.append(h.tolist())
    return {"hidden": hidden[:-1], "out": (h * (hi - lo) + lo).tolist()}


json.dump({"versions": {"numpy": np.__version__, "h5py": h5py.__version__}, "low": lo, "high": hi, "x": x.astype("f8").tolist(),
           "weights": run(["sigmoid"] * 4), "model": run([acts[n] for n in names[1:]])}, open(os.path.join(here, "keras.json"), "w"))
