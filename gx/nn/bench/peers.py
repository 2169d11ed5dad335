"""One training step of the benchmark's nets in another framework, timed.

    python peers.py torch|jax|keras|tensorflow --net A|B|C [--batch N] [--threads T]
    python peers.py scvi --net V|Z|L --data FILE
    python peers.py igraph|networkx --net G --batch SOURCES --data FILE

builds the net and its data, prints one JSON line

    {"ready": true, "name": "PyTorch 2.15.0", "setting": "torch.compile, fused SGD, 2 threads", "loss": ...}

and then obeys lines on its input: "run K" trains K steps and prints

    {"steps": K, "seconds": ..., "processor": ..., "loss": ..., "peak_mb": ...}

"quit" or the end of the input ends it. Nothing else is printed to stdout.

The nets, the same as on the Go side:

    A  20184-2000-30-2000-20184: LogSigmoid on both layers of 2000, code and output linear; MSE;
       plain SGD at 0.002; batch 780, 64 or 1 of 1040 samples
    B  20000-512-512-512-512-512-20000: sigmoid on every layer, the output too; MSE; Adam at 1e-4;
       batch 256 of 2048
    C  22268-500-100-500-22268: sigmoid on every layer, the output too (data in 0..1); MAE + 1e-6 times
       the sum of squared weights (not biases); 10 % dropout of the units of both layers of 500, neither
       input nor code; Adam at 1e-3; batch 256 of 2048

    V  SCVI of 2000 genes' counts, negative binomial: 128 hidden units, a code of 10; Adam; batch 128
       of 2048 cells
    Z  the same, zero-inflated
    L  LinearSCVI: V with a linear decoder

scVI's nets are as scvi-tools has them by default, with BatchNorm and dropout; in the "plain" variants
without both, as gx.VAE() is. "train" is model.train(), "bare" the module's own loss and optimiser step
on batches gathered from a matrix in memory, without Lightning and the data loader; K is a multiple
of the steps of an epoch. FILE is the counts: float32, a row a cell.

    G  betweenness of a graph of genes from so many sources, a step. FILE: int32 numbers of genes, edges
       and sources, the edges' ends, the sources. "loss" is the norm of all genes' values, by which the
       results are compared

The others are all in float32, with biases, no derivative by the input. MSE and MAE are means over samples and genes.
Adam has betas 0.9 and 0.999 and epsilon 1e-8 (Keras: 1e-7, its own). Data are uniform in [0, 1).

Inside the timing of a step: taking the next indices of a shuffled epoch, gathering the batch's rows from
the matrix in memory, the forward pass with loss and dropout, the gradients, the optimiser's update of all
parameters. The clock stops when the last step's parameters and loss are there. Outside: building,
compiling, two steps to warm up, reading the loss as a number (Keras' train_on_batch reads it every step).

Without --variant every variant of a framework is tried in a process of its own and the fastest is kept.
An idle worker does not spin: OpenMP's threads go to sleep some milliseconds after a step.
"""
import argparse, itertools, json, os, resource, subprocess, sys, time
from collections import namedtuple

Net = namedtuple("Net", "widths acts loss l2 dropout optimiser rate samples batch")
NETS = {
    "A": Net([20184, 2000, 30, 2000, 20184], ["logsigmoid", "linear", "logsigmoid", "linear"], "mse", 0, {}, "sgd", 0.002, 1040, 780),
    "B": Net([20000] + [512] * 5 + [20000], ["sigmoid"] * 6, "mse", 0, {}, "adam", 1e-4, 2048, 256),
    "C": Net([22268, 500, 100, 500, 22268], ["sigmoid"] * 4, "mae", 1e-6, {0: 0.1, 2: 0.1}, "adam", 1e-3, 2048, 256),
}
# Of scVI's nets the widths are in, hidden, code and out; "acts" are its own.
NETS["V"] = NETS["Z"] = NETS["L"] = Net([2000, 128, 10, 2000], [], "", 0, {}, "adam", 1e-3, 2048, 128)
NETS["G"] = Net([0], [], "", 0, {}, "", 0, 0, 1000)
ONLY = {"scvi": "VZL", "igraph": "G", "networkx": "G"}
BETA1, BETA2, EPS = 0.9, 0.999, 1e-8

# On a GPU PyTorch alone is tried.
GPU_VARIANTS = {"torch": ["eager", "compile", "graph", "graph compile"]}

VARIANTS = {
    "torch": ["eager", "compile", "whole"],
    "jax": ["jit"],
    "tensorflow": ["graph", "xla"],
    "keras": ["tensorflow", "tensorflow xla", "jax"],
    "scvi": ["train", "train-plain", "bare", "bare-plain"],
    "igraph": ["sources"],
    "networkx": ["sources"],
}


def weights(net):
    """Weights, in x out, from U(+-sqrt(6/(in+out))) and zero biases."""
    import numpy as np
    rng = np.random.default_rng(1)
    out = []
    for a, b in zip(net.widths, net.widths[1:]):
        w = rng.random((a, b), dtype=np.float32)
        w -= np.float32(0.5)
        w *= np.float32(2 * (6 / (a + b)) ** 0.5)
        out.append((w, np.zeros(b, np.float32)))
    return out


def peer_torch(net, x, args):
    import torch
    from torch import nn
    import torch.nn.functional as F
    torch.set_flush_denormal(True)  # before the threads begin, which inherit it
    torch.set_num_threads(args.threads)
    torch.manual_seed(1)
    act = {"sigmoid": nn.Sigmoid, "logsigmoid": nn.LogSigmoid}
    layers = []
    for i, (w, b) in enumerate(weights(net)):
        layer = nn.Linear(*w.shape)
        with torch.no_grad():
            layer.weight.copy_(torch.from_numpy(w).T)
            layer.bias.copy_(torch.from_numpy(b))
        layers.append(layer)
        if net.acts[i] in act:
            layers.append(act[net.acts[i]]())
        if i in net.dropout:
            layers.append(nn.Dropout(net.dropout[i]))
    del w, b
    model = nn.Sequential(*layers)
    error = F.mse_loss if net.loss == "mse" else F.l1_loss
    # weight_decay adds 2 * l2 * w to the gradient, the derivative of l2 * w^2.
    groups = [{"params": [p for p in model.parameters() if p.dim() == 2], "weight_decay": 2 * net.l2},
              {"params": [p for p in model.parameters() if p.dim() == 1]}]
    whole = args.variant == "whole"
    how = {"foreach": True} if whole else {"fused": True}
    if net.optimiser == "sgd":
        optimiser = torch.optim.SGD(groups, lr=net.rate, **how)
    else:
        optimiser = torch.optim.Adam(groups, lr=net.rate, betas=(BETA1, BETA2), eps=EPS, **how)
    data = torch.from_numpy(x)
    batch = torch.empty(args.batch, x.shape[1])

    def loss_of(rows):
        return error(model(rows), rows)

    def train(rows):
        loss = forward(rows)
        loss.backward()
        optimiser.step()
        optimiser.zero_grad(set_to_none=True)
        return loss.detach()

    forward = torch.compile(loss_of) if args.variant == "compile" else loss_of
    if whole:
        train = torch.compile(train)

    def step(order):
        return train(torch.index_select(data, 0, torch.from_numpy(order), out=batch))

    setting = {"eager": "eager", "compile": "torch.compile", "whole": "torch.compile of the whole step"}[args.variant]
    setting += f", {'foreach' if whole else 'fused'} {type(optimiser).__name__}"
    return "PyTorch " + torch.__version__.split("+")[0], setting, step, float


def peer_torch_gpu(net, x, args):
    """On a GPU the samples stay there and every epoch's order is brought at once. "graph" captures the whole
    step, optimiser and all, as a CUDA graph."""
    import torch
    from torch import nn
    import torch.nn.functional as F
    torch.manual_seed(1)
    torch.set_float32_matmul_precision("highest" if args.precision == "float32" else "high")
    torch.backends.cuda.matmul.allow_tf32 = args.precision != "float32"
    act = {"sigmoid": nn.Sigmoid, "logsigmoid": nn.LogSigmoid}
    layers = []
    for i, (w, b) in enumerate(weights(net)):
        layer = nn.Linear(*w.shape)
        with torch.no_grad():
            layer.weight.copy_(torch.from_numpy(w).T)
            layer.bias.copy_(torch.from_numpy(b))
        layers.append(layer)
        if net.acts[i] in act:
            layers.append(act[net.acts[i]]())
        if i in net.dropout:
            layers.append(nn.Dropout(net.dropout[i]))
    model = nn.Sequential(*layers).cuda()
    error = F.mse_loss if net.loss == "mse" else F.l1_loss
    groups = [{"params": [p for p in model.parameters() if p.dim() == 2], "weight_decay": 2 * net.l2},
              {"params": [p for p in model.parameters() if p.dim() == 1]}]
    graph = args.variant.startswith("graph")
    if net.optimiser == "sgd":
        optimiser = torch.optim.SGD(groups, lr=net.rate, fused=True)
    else:
        optimiser = torch.optim.Adam(groups, lr=net.rate, betas=(BETA1, BETA2), eps=EPS, fused=True, capturable=graph)
    data = torch.from_numpy(x).cuda()
    batch = torch.empty(args.batch, x.shape[1], device="cuda")
    at = torch.zeros(args.batch, dtype=torch.int64, device="cuda")
    epoch = [None, None]  # the order as it came, and on the GPU

    def rows_of(order):
        if order.base is not epoch[0]:
            epoch[:] = order.base, torch.from_numpy(order.base).cuda()
        lo = (order.ctypes.data - order.base.ctypes.data) // order.itemsize
        return epoch[1][lo:lo + len(order)]

    def loss_of(rows):
        with torch.autocast("cuda", dtype=torch.bfloat16, enabled=args.precision == "bfloat16"):
            y = model(rows)
        return error(y.float(), rows)

    forward = loss_of
    if args.variant == "compile":
        forward = torch.compile(loss_of, mode="reduce-overhead")
    elif args.variant == "graph compile":
        forward = torch.compile(loss_of)

    def train():
        torch.index_select(data, 0, at, out=batch)
        optimiser.zero_grad(set_to_none=True)
        loss = forward(batch)
        loss.backward()
        optimiser.step()
        return loss.detach()

    replay = None
    if graph:
        side = torch.cuda.Stream()
        side.wait_stream(torch.cuda.current_stream())
        with torch.cuda.stream(side):
            for _ in range(3):
                train()
        torch.cuda.current_stream().wait_stream(side)
        captured = torch.cuda.CUDAGraph()
        optimiser.zero_grad(set_to_none=True)
        with torch.cuda.graph(captured):
            result = train()

        def replay():
            captured.replay()
            return result

    def step(order):
        at.copy_(rows_of(order))
        if replay:
            return replay()
        if args.variant == "compile":
            torch.compiler.cudagraph_mark_step_begin()
        return train()

    def wait(loss):
        torch.cuda.synchronize()
        return float(loss)

    setting = {"eager": "eager", "compile": "torch.compile with CUDA graphs", "graph": "the whole step as a CUDA graph",
               "graph compile": "torch.compile, the whole step as a CUDA graph"}[args.variant]
    return "PyTorch " + torch.__version__, f"{setting}, fused {type(optimiser).__name__}, {args.precision}, {torch.cuda.get_device_name()}", step, wait


def peer_jax(net, x, args):
    import jax
    import jax.numpy as jnp
    act = {"linear": lambda v: v, "sigmoid": jax.nn.sigmoid, "logsigmoid": jax.nn.log_sigmoid}
    params = [tuple(jnp.array(p) for p in layer) for layer in weights(net)]
    zeros = lambda: jax.tree.map(jnp.zeros_like, params)
    adam = net.optimiser == "adam"
    state = (params, zeros(), zeros()) if adam else (params,)
    data = jnp.array(x)
    del params

    def loss_of(params, rows, key):
        y = rows
        for i, (w, b) in enumerate(params):
            y = act[net.acts[i]](y @ w + b)
            if i in net.dropout:
                keep = 1 - net.dropout[i]
                mask = jax.random.bernoulli(jax.random.fold_in(key, i), keep, y.shape)
                y = jnp.where(mask, y / keep, 0)
        e = y - rows
        return jnp.mean(e * e if net.loss == "mse" else jnp.abs(e))

    def train(state, t, data, order, key):
        rows = data.at[order].get(mode="promise_in_bounds")
        loss, grads = jax.value_and_grad(loss_of)(state[0], rows, jax.random.fold_in(key, t))
        t += 1
        if net.l2:
            grads = [(g + 2 * net.l2 * w, h) for (g, h), (w, _) in zip(grads, state[0])]
        if not adam:
            return (jax.tree.map(lambda p, g: p - net.rate * g, state[0], grads),), t, loss
        params, m, v = state
        m = jax.tree.map(lambda m, g: BETA1 * m + (1 - BETA1) * g, m, grads)
        v = jax.tree.map(lambda v, g: BETA2 * v + (1 - BETA2) * g * g, v, grads)
        c1, c2 = 1 - BETA1 ** t.astype(jnp.float32), 1 - BETA2 ** t.astype(jnp.float32)
        params = jax.tree.map(lambda p, m, v: p - net.rate / c1 * m / (jnp.sqrt(v / c2) + EPS), params, m, v)
        return (params, m, v), t, loss

    train = jax.jit(train, donate_argnums=(0, 1))
    key, t = jax.random.key(1), jnp.int32(0)

    def step(order):
        nonlocal state, t
        state, t, loss = train(state, t, data, order, key)
        return loss

    def wait(loss):
        jax.block_until_ready(state)
        return float(loss)

    return "JAX " + jax.__version__, "jit of the whole step, donated arguments", step, wait


def peer_tensorflow(net, x, args):
    import tensorflow as tf
    tf.config.threading.set_intra_op_parallelism_threads(args.threads)
    tf.config.threading.set_inter_op_parallelism_threads(args.threads)
    tf.random.set_seed(1)
    act = {"linear": tf.identity, "sigmoid": tf.sigmoid, "logsigmoid": tf.math.log_sigmoid}
    layers = [tuple(tf.Variable(p) for p in layer) for layer in weights(net)]
    params = [p for layer in layers for p in layer]
    adam = net.optimiser == "adam"
    moments = [(tf.Variable(tf.zeros_like(p)), tf.Variable(tf.zeros_like(p))) for p in params] if adam else None
    count = tf.Variable(0.0)
    data = tf.constant(x)

    @tf.function(jit_compile=args.variant == "xla")
    def train(data, order):
        rows = tf.gather(data, order)
        with tf.GradientTape() as tape:
            y = rows
            for i, (w, b) in enumerate(layers):
                y = act[net.acts[i]](tf.nn.bias_add(y @ w, b))
                if i in net.dropout:
                    y = tf.nn.dropout(y, net.dropout[i])
            loss = tf.reduce_mean(tf.math.squared_difference(y, rows) if net.loss == "mse" else tf.abs(y - rows))
        grads = tape.gradient(loss, params)
        if net.l2:
            grads = [g + 2 * net.l2 * p if len(p.shape) == 2 else g for g, p in zip(grads, params)]
        count.assign_add(1.0)
        for i, (p, g) in enumerate(zip(params, grads)):
            if adam:
                m, v = moments[i]
                tf.raw_ops.ResourceApplyAdam(var=p.handle, m=m.handle, v=v.handle, beta1_power=BETA1 ** count, beta2_power=BETA2 ** count,
                                             lr=net.rate, beta1=BETA1, beta2=BETA2, epsilon=EPS, grad=g)
            else:
                tf.raw_ops.ResourceApplyGradientDescent(var=p.handle, alpha=net.rate, delta=g)
        return loss

    def step(order):
        return train(data, tf.constant(order))

    setting = "tf.function, XLA" if args.variant == "xla" else "tf.function, no XLA"
    return "TensorFlow " + tf.__version__, f"{setting}, fused {'Adam' if adam else 'SGD'}", step, lambda loss: float(loss.numpy())


def peer_keras(net, x, args):
    backend, _, xla = args.variant.partition(" ")
    os.environ["KERAS_BACKEND"] = backend
    if backend == "tensorflow":
        import tensorflow as tf
        tf.config.threading.set_intra_op_parallelism_threads(args.threads)
        tf.config.threading.set_inter_op_parallelism_threads(args.threads)
    import keras
    import numpy as np
    keras.utils.set_random_seed(1)
    act = {"linear": None, "sigmoid": "sigmoid", "logsigmoid": "log_sigmoid"}
    model = keras.Sequential([keras.Input((net.widths[0],))])
    for i, width in enumerate(net.widths[1:]):
        penalty = keras.regularizers.L2(net.l2) if net.l2 else None
        model.add(keras.layers.Dense(width, act[net.acts[i]], kernel_regularizer=penalty))
        if i in net.dropout:
            model.add(keras.layers.Dropout(net.dropout[i]))
    optimiser = keras.optimizers.SGD(net.rate) if net.optimiser == "sgd" else keras.optimizers.Adam(net.rate)
    jit = backend == "jax" or xla == "xla"
    model.compile(optimizer=optimiser, loss=net.loss, jit_compile=jit)
    batch = np.empty((args.batch, x.shape[1]), np.float32)

    def step(order):
        np.take(x, order, axis=0, out=batch, mode="clip")
        return model.train_on_batch(batch, batch)

    name = {"tensorflow": "TensorFlow", "jax": "JAX"}[backend]
    setting = f"{name} backend, jit_compile={jit}, train_on_batch"
    wait = float
    if backend == "jax":
        import jax

        def wait(loss):
            jax.block_until_ready([v.value for v in model.variables])
            return float(loss)
    return "Keras " + keras.__version__, setting, step, wait


def scvi_model(counts, args):
    """SCVI or LinearSCVI on the counts."""
    import logging, warnings
    warnings.filterwarnings("ignore")
    import anndata, scvi, torch
    logging.getLogger("lightning.pytorch").setLevel(logging.ERROR)
    torch.set_flush_denormal(True)
    torch.set_num_threads(args.threads)
    scvi.settings.seed = 1
    scvi.settings.verbosity = logging.ERROR
    of = scvi.model.LinearSCVI if args.net == "L" else scvi.model.SCVI
    adata = anndata.AnnData(counts)
    of.setup_anndata(adata)
    width, code = NETS[args.net].widths[1:3]
    options = {"use_batch_norm": "none", "dropout_rate": 0} if args.variant.endswith("plain") else {}
    if of is scvi.model.LinearSCVI and options:
        options = {"use_batch_norm": False, "dropout_rate": 0}
    model = of(adata, n_hidden=width, n_latent=code, n_layers=1, gene_likelihood="zinb" if args.net == "Z" else "nb", **options)
    setting = "train()" if args.variant.startswith("train") else "the module's steps alone"
    if options:
        setting += ", without BatchNorm and dropout"
    return f"{of.__name__} of scvi-tools {scvi.__version__}, PyTorch {torch.__version__}", setting, model


def peer_scvi(net, counts, args):
    """The steps alone; see train_scvi for model.train()."""
    import torch
    name, setting, model = scvi_model(counts, args)
    module = model.module
    module.train()
    optimiser = torch.optim.Adam(module.parameters(), lr=net.rate, eps=0.01, weight_decay=1e-6, fused=True)  # as its TrainingPlan has it
    data = torch.from_numpy(counts)
    batch = torch.empty(args.batch, counts.shape[1])
    none = torch.zeros(args.batch, 1, dtype=torch.long)

    def step(order):
        torch.index_select(data, 0, torch.from_numpy(order), out=batch)
        loss = module({"X": batch, "batch": none, "labels": none}, loss_kwargs={"kl_weight": 1.0})[2].loss
        optimiser.zero_grad(set_to_none=True)
        loss.backward()
        optimiser.step()
        return loss.detach()

    return name, setting, step, lambda loss: float(loss) / counts.shape[1]


def train_scvi(counts, args, ready, turns, say):
    """model.train(), which is held up after the epochs of every turn."""
    from lightning.pytorch.callbacks import Callback
    name, setting, model = scvi_model(counts, args)
    per = args.samples // args.batch

    class Turns(Callback):
        left = 1  # the first epoch is to warm up

        def on_train_epoch_end(self, trainer, plan):
            self.left -= 1
            if self.left:
                return
            loss = float(trainer.callback_metrics["train_loss"]) / counts.shape[1]
            if trainer.current_epoch == 0:
                ready(name, setting, loss)
            else:
                say({"steps": self.steps, **self.clock.read(), "loss": loss, "peak_mb": round(peak_mb())})
            self.steps = next(turns, 0)
            if self.steps % per:
                sys.exit(f"peers.py: {self.steps} steps are not epochs of {per}")
            self.left = self.steps // per
            trainer.should_stop = self.left == 0
            self.clock = Clock()

    model.train(max_epochs=1 << 20, accelerator="cpu", train_size=1.0, batch_size=args.batch, callbacks=[Turns()], enable_progress_bar=False)


def read_graph(path):
    import numpy as np
    x = np.fromfile(path, np.int32)
    n, m, k = x[:3]
    return int(n), x[3:3 + 2 * m].reshape(m, 2), x[3 + 2 * m:].tolist()


def norm_of(value):
    import math
    return lambda values: math.sqrt(math.fsum(v * v for v in value(values)))


def peer_igraph(net, x, args):
    import igraph
    import numpy as np
    n, edges, sources = read_graph(args.data)
    g = igraph.Graph(n=n, edges=edges.tolist())
    k = np.full(n, float(len(sources)))
    k[sources] -= 1  # a source's own paths do not run through it

    def step(order):
        return g.betweenness(directed=False, sources=sources)

    # It counts a path once for both its ends.
    return "igraph " + igraph.__version__, "betweenness(sources=)", step, norm_of(lambda b: 2 * np.array(b) / k / (n - 2))


def peer_networkx(net, x, args):
    import random
    import networkx as nx
    n, edges, sources = read_graph(args.data)
    g = nx.Graph()
    g.add_nodes_from(range(n))
    g.add_edges_from(edges.tolist())

    class Drawn(random.Random):
        def sample(self, population, k):
            return sources

    def step(order):
        return nx.betweenness_centrality(g, k=len(sources), seed=Drawn(1))

    return "networkx " + nx.__version__, "betweenness_centrality(k=)", step, norm_of(lambda b: b.values())


PEERS = {"torch": peer_torch, "jax": peer_jax, "keras": peer_keras, "tensorflow": peer_tensorflow,
         "scvi": peer_scvi, "igraph": peer_igraph, "networkx": peer_networkx}


class Clock:
    """Seconds since it was made, on the wall and of the processor."""

    def __init__(self):
        self.wall, self.processor = time.perf_counter(), time.process_time()

    def read(self):
        return {"seconds": time.perf_counter() - self.wall, "processor": time.process_time() - self.processor}


def peak_mb():
    """The most memory this process held; ru_maxrss would count what ran before exec."""
    try:
        with open("/proc/self/status") as f:
            return next(int(l.split()[1]) / 1024 for l in f if l.startswith("VmHWM"))
    except OSError:
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def epochs(samples, batch):
    """Indices of batch after batch, shuffled anew when fewer than a batch are left."""
    import numpy as np
    rng = np.random.default_rng(2)
    while True:
        order = rng.permutation(samples)
        for lo in range(0, samples - batch + 1, batch):
            yield order[lo:lo + batch]


def serve(args, out):
    import numpy as np
    net = NETS[args.net]

    def say(answer):
        print(json.dumps(answer), file=out, flush=True)

    def ready(name, setting, loss):
        if args.device == "cpu":
            setting = f"{setting}, {args.threads} thread{'s' * (args.threads > 1)}, {args.malloc} malloc"
        say({"ready": True, "name": name, "setting": setting, "net": args.net, "batch": args.batch,
             "variant": args.variant, "tried": json.loads(args.tried), "loss": loss, "peak_mb": round(peak_mb())})

    def turns():
        for line in sys.stdin:
            word = line.split()
            if word[:1] == ["quit"]:
                return
            if word[:1] == ["run"]:
                yield int(word[1])

    if args.net == "G":
        x = None
    elif args.data:
        x = np.fromfile(args.data, np.float32).reshape(args.samples, net.widths[0])
    else:
        x = np.random.default_rng(0).random((args.samples, net.widths[0]), dtype=np.float32)
    if args.framework == "scvi" and args.variant.startswith("train"):
        return train_scvi(x, args, ready, turns(), say)
    peer = peer_torch_gpu if args.device == "gpu" else PEERS[args.framework]
    name, setting, step, wait = peer(net, x, args)
    orders = itertools.repeat(None) if args.net == "G" else epochs(args.samples, args.batch)

    def run(steps):
        clock = Clock()
        for _ in range(steps):
            loss = step(next(orders))
        if args.net == "G":  # its norm is no part of the step
            took, loss = clock.read(), wait(loss)
        else:
            loss, took = wait(loss), clock.read()
        return {"steps": steps, **took, "loss": loss, "peak_mb": round(peak_mb())}

    warm = run(1 if args.net == "G" else 2)
    ready(name, setting, warm["loss"])
    for steps in turns():
        say(run(steps))


class Trial:
    """A worker of one variant and the least ms per step it was seen to take; None once it has failed."""

    def __init__(self, command, environment):
        self.worker = subprocess.Popen(command, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.ms = float("inf")
        self.steps = 1
        if not self.worker.stdout.readline():  # it ended, and said why on stderr
            self.ms = None

    def run(self):
        if self.ms is None:
            return
        try:
            print("run", self.steps, file=self.worker.stdin, flush=True)
            seconds = json.loads(self.worker.stdout.readline())["seconds"]
        except (ValueError, BrokenPipeError):
            self.ms = None
            return
        self.ms = min(self.ms, seconds / self.steps * 1000)
        self.steps = max(1, round(400 / self.ms))

    def end(self):
        try:
            self.worker.stdin.close()
        except BrokenPipeError:
            pass
        self.worker.wait()


def fastest(commands, environment):
    """The least ms per step of every command's variant, run in turn so that a busy moment hits them all alike."""
    trials = {name: Trial(command, environment) for name, command in commands.items()}
    for _ in range(6):
        for t in trials.values():
            t.run()
    for t in trials.values():
        t.end()
    return {name: t.ms for name, t in trials.items()}


# With --malloc keep, glibc's malloc is to keep what is freed and to use huge pages: step after step, the big
# buffers are then not asked for and cleared anew. It makes PyTorch up to twice as fast, and none measurably slower.
KEEP = {"MALLOC_MMAP_MAX_": "0", "MALLOC_TRIM_THRESHOLD_": "100000000000", "MALLOC_TOP_PAD_": "268435456",
        "GLIBC_TUNABLES": "glibc.malloc.hugetlb=1"}


def choose(args):
    """Tries every variant and becomes the fastest."""
    environment = dict(os.environ, TF_CPP_MIN_LOG_LEVEL="3", CUDA_VISIBLE_DEVICES="", JAX_PLATFORMS="cpu",
                       OMP_NUM_THREADS=str(args.threads), MKL_NUM_THREADS=str(args.threads))
    if args.malloc == "keep":
        environment.update(KEEP)
    command = [sys.executable, os.path.abspath(__file__), args.framework, "--net", args.net, "--batch", str(args.batch),
               "--samples", str(args.samples), *(["--data", args.data] if args.data else []), "--threads", str(args.threads), "--malloc", args.malloc, "--device", args.device, "--precision", args.precision, "--variant"]
    names = (GPU_VARIANTS if args.device == "gpu" else VARIANTS)[args.framework]
    tried = {}
    if len(names) > 1:
        tried = fastest({name: command + [name] for name in names}, environment)
        names = [name for name in names if tried[name] is not None]
        if not names:
            sys.exit(f"peers.py: no variant of {args.framework} runs")
        names.sort(key=tried.get)
    tried = {k: v and round(v, 2) for k, v in tried.items()}
    os.execve(sys.executable, command + [names[0], "--tried", json.dumps(tried)], environment)


def main():
    p = argparse.ArgumentParser()
    p.add_argument("framework", choices=PEERS)
    p.add_argument("--net", choices=NETS, required=True)
    p.add_argument("--batch", type=int)
    p.add_argument("--samples", type=int)
    p.add_argument("--threads", type=int, default=len(os.sched_getaffinity(0)))
    p.add_argument("--variant", help="one variant, instead of the fastest of all")
    p.add_argument("--malloc", choices=["keep", "stock"], default="stock", help="leave malloc as it is, or have it keep freed memory, in huge pages (Linux)")
    p.add_argument("--device", choices=["cpu", "gpu"], default="cpu")
    p.add_argument("--precision", choices=["float32", "tf32", "bfloat16"], default="tf32", help="of products on a GPU")
    p.add_argument("--data", help="a file of what is worked on, instead of uniform numbers")
    p.add_argument("--tried", default="{}", help=argparse.SUPPRESS)
    args = p.parse_args()
    args.batch = args.batch or NETS[args.net].batch
    args.samples = args.samples or max(args.batch, NETS[args.net].samples)
    if args.net not in ONLY.get(args.framework, "ABC"):
        p.error(f"{args.framework} has no {args.net}")
    if args.net in "VZLG" and not args.data:
        p.error(f"{args.net} needs --data")
    if not 1 <= args.batch <= args.samples:
        p.error(f"a batch of {args.batch} from {args.samples} samples")
    if args.device == "gpu" and args.framework not in GPU_VARIANTS:
        p.error(f"{args.framework} is not tried on a GPU")
    if args.variant is None:
        choose(args)
    # XLA and Eigen take as many threads as the process may use cores.
    os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:args.threads])
    out = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # what libraries print goes to stderr
    serve(args, out)


if __name__ == "__main__":
    main()
