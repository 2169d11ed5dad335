"""Contributions of inputs to units in small networks of every activation, for
attribute_test.go:

    python3 attribute_dump.py > attribute.json

by captum (DeepLift, DeepLiftShap, IntegratedGradients; float64) and by the
authors' own deeplift package (float32). Made with the versions that the file
names. deeplift was written for TensorFlow 1: here tensorflow.compat.v1 stands in
its place, without Keras, and the layers are built directly; activations that it
lacks are given to it as its own are, by their value and derivative. captum knows
ReLU, LeakyReLU, Sigmoid, Tanh, Softplus and Softmax; SiLU, LogSigmoid and
Softshrink are entered into its list of elementwise ones. Its rule for a softmax
in the middle of a network takes a mean over the whole batch off and does not sum
to the change, so it is asked of networks without one alone, as is deeplift of a
batch norm's.

Weights are in x out, row by row. Sample 3 differs from the reference in two genes
whose effects on the first hidden unit cancel exactly."""
import contextlib, io, json, sys
import numpy as np, torch, torch.nn as nn
import captum
from captum.attr import DeepLift, DeepLiftShap, IntegratedGradients, Saliency
import captum.attr._core.deep_lift as core

for t in (nn.SiLU, nn.LogSigmoid, nn.Softshrink):
    core.SUPPORTED_NON_LINEAR[t] = core.nonlinear

import tensorflow
tf1 = tensorflow.compat.v1
tf1.disable_v2_behavior()
sys.modules["tensorflow"] = tf1
sys.modules["keras"] = None
with contextlib.redirect_stdout(io.StringIO()):
    import deeplift
    from deeplift.layers import core as dcore, activations as dact
    from deeplift.layers.core import NonlinearMxtsMode, DenseMxtsMode
    from deeplift.models import SequentialModel
from importlib.metadata import version

torch.set_default_dtype(torch.float64)
torch.manual_seed(11)
acts = {"linear": nn.Identity, "relu": nn.ReLU, "leakyrelu": lambda: nn.LeakyReLU(0.2), "swish": nn.SiLU, "sigmoid": nn.Sigmoid,
        "logsigmoid": nn.LogSigmoid, "tanh": nn.Tanh, "softplus": nn.Softplus, "softshrink": lambda: nn.Softshrink(0.5),
        "softmax": lambda: nn.Softmax(dim=1)}
x, refs = torch.randn(4, 6) * 1.5, torch.randn(3, 6)
x, refs = x.float().double(), refs.float().double()
x[3] = refs[0]
x[3, 0] += 1
x[3, 1] -= 1
flat = lambda t: [float("%.9g" % v) for v in np.asarray(t.detach() if hasattr(t, "detach") else t, dtype=float).reshape(-1)]


def own(f, df):
    class Own(dact.Activation):
        def _build_activation_vars(self, v):
            return f(v)

        def _get_gradient_at_activation(self, v):
            return df(v)
    return lambda: Own(nonlinear_mxts_mode=NonlinearMxtsMode.Rescale)


rescale = dict(nonlinear_mxts_mode=NonlinearMxtsMode.Rescale)
sig = tf1.sigmoid
theirs = {"linear": None, "relu": lambda: dact.ReLU(**rescale), "leakyrelu": lambda: dact.PReLU(alpha=0.2, **rescale),
          "sigmoid": lambda: dact.Sigmoid(**rescale), "tanh": lambda: dact.Tanh(**rescale), "softmax": lambda: dact.Softmax(verbose=False, **rescale),
          "swish": own(lambda v: v * sig(v), lambda v: sig(v) * (1 + v * (1 - sig(v)))),
          "logsigmoid": own(lambda v: -tf1.nn.softplus(-v), lambda v: sig(-v)),
          "softplus": own(tf1.nn.softplus, sig),
          "softshrink": own(lambda v: tf1.sign(v) * tf1.nn.relu(tf1.abs(v) - 0.5), lambda v: tf1.cast(tf1.abs(v) > 0.5, tf1.float32))}


def original(m, act):
    """samples x units x inputs, of the sums of the last dense layer, against the first reference."""
    with contextlib.redirect_stdout(io.StringIO()):
        layers = [dcore.Input(batch_shape=(None, 6))]
        def put(l):
            l.set_inputs(layers[-1])
            layers.append(l)
        dense = [l for l in m if isinstance(l, nn.Linear)]
        for i, l in enumerate(dense):
            put(dcore.Dense(kernel=l.weight.detach().numpy().T.astype("float32"), bias=l.bias.detach().numpy().astype("float32"), dense_mxts_mode=DenseMxtsMode.Linear))
            if i + 1 < len(dense) and theirs[act]:
                put(theirs[act]())
        layers[-1].build_fwd_pass_vars()
        f = SequentialModel(layers=layers).get_target_contribs_func(find_scores_layer_idx=0, target_layer_idx=-1)
        ref = np.repeat(refs[:1].numpy(), len(x), 0).astype("float32")
        out = [np.array(f(task_idx=u, input_data_list=[x.numpy().astype("float32")], input_references_list=[ref], batch_size=10, progress_update=None)) for u in range(3)]
    return np.stack(out, 1)


def build(act, bn):
    layers = [nn.Linear(6, 5)]
    if bn:
        b = nn.BatchNorm1d(5)
        b.running_mean, b.running_var = torch.randn(5), torch.rand(5) + 0.5
        b.weight.data, b.bias.data = torch.rand(5) + 0.5, torch.randn(5)
        layers.append(b)
    layers += [acts[act](), nn.Linear(5, 4), acts[act](), nn.Linear(4, 3), acts[act]()]
    m = nn.Sequential(*layers).eval()
    for l in m:
        if isinstance(l, nn.Linear):
            l.weight.data *= 1.5
    m[0].weight.data[0, :2] = 0.5
    return m.float().double()


def every(f):
    return torch.stack([f(u) for u in range(3)], 1)


nets = []
for act, bn in [(a, False) for a in acts] + [("tanh", True)]:
    m = build(act, bn)
    params, moments = [], []
    for l in m:
        if isinstance(l, (nn.Linear, nn.BatchNorm1d)):
            params += flat(l.weight.T if l.weight.dim() == 2 else l.weight) + flat(l.bias)
        if isinstance(l, nn.BatchNorm1d):
            moments += flat(l.running_mean) + flat(l.running_var)
    r = {"act": act, "batchnorm": bn, "params": params, "moments": moments}
    ref = refs[:1]
    sums = nn.Sequential(*m[:-1])
    for name, net in (("sums", sums), ("values", m)):
        if act != "softmax":
            r["captum " + name] = flat(every(lambda u: DeepLift(net).attribute(x, ref.expand(4, 6), target=u)))
            r["captum several " + name] = flat(every(lambda u: DeepLiftShap(net).attribute(x, refs, target=u)))
        r["gradient " + name] = flat(every(lambda u: Saliency(net).attribute(x.clone(), target=u, abs=False) * (x - ref)))
        r["integrated " + name] = flat(every(lambda u: IntegratedGradients(net).attribute(x, ref, target=u, n_steps=20)))
    if not bn:
        r["original sums"] = flat(original(m, act))
    nets.append(r)
print(json.dumps({"versions": {n: version(n) for n in ("captum", "deeplift", "torch", "tensorflow-cpu", "numpy")} | {"python": sys.version.split()[0]},
                  "x": flat(x), "refs": flat(refs), "nets": nets}).replace('{"act"', '\n{"act"'))
