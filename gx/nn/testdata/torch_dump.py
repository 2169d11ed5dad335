"""Small networks from PyTorch, for torch_test.go:

    python3 torch_dump.py > torch.json

Each has weights, a batch, the output, the loss, all gradients and the weights
after three steps of each optimiser on the whole batch. Weights are written in x
out, row by row (PyTorch's Linear keeps out x in)."""
import json, torch
import torch.nn as nn

torch.manual_seed(5)
torch.set_default_dtype(torch.float64)
acts = {"linear": nn.Identity(), "relu": nn.ReLU(), "leakyrelu": nn.LeakyReLU(0.2), "swish": nn.SiLU(), "sigmoid": nn.Sigmoid(),
        "logsigmoid": nn.LogSigmoid(), "tanh": nn.Tanh(), "softplus": nn.Softplus(), "softshrink": nn.Softshrink(0.5), "softmax": nn.Softmax(dim=1)}
x = torch.randn(7, 6) * 1.5
flat = lambda t: t.detach().reshape(-1).tolist()

def build(act, bn):
    layers = [nn.Linear(6, 5)]
    if bn:
        layers.append(nn.BatchNorm1d(5))
    layers += [acts[act], nn.Linear(5, 2), nn.Linear(2, 5), acts[act], nn.Linear(5, 6)]
    return nn.Sequential(*layers)

def params(m, grad=False):
    out = []
    for l in m:
        if isinstance(l, (nn.Linear, nn.BatchNorm1d)):
            for p in (l.weight, l.bias):
                v = p.grad if grad else p
                out += flat(v.T if v.dim() == 2 else v)
    return out

def loss_of(m, kind, l2):
    y = m(x)
    loss = ((y - x) ** 2).mean() if kind == "mse" else (y - x).abs().mean()
    whole = loss + l2 * sum((l.weight ** 2).sum() for l in m if isinstance(l, nn.Linear))
    return y, loss, whole

nets = []
cases = [(a, "mse", False, 0.0) for a in acts] + [("tanh", "mae", False, 0.0), ("tanh", "mse", True, 0.0), ("logsigmoid", "mse", False, 1e-2)]
for act, kind, bn, l2 in cases:
    m = build(act, bn)
    start = {k: v.clone() for k, v in m.state_dict().items()}
    r = {"act": act, "loss_kind": kind, "batchnorm": bn, "l2": l2, "params": params(m)}
    y, loss, whole = loss_of(m, kind, l2)
    loss.backward()
    r.update(output=flat(y), loss=loss.item(), grads=params(m, True), steps={})
    for name in ("sgd", "momentum", "adam"):
        m.load_state_dict(start)
        opt = {"sgd": lambda: torch.optim.SGD(m.parameters(), lr=0.05), "momentum": lambda: torch.optim.SGD(m.parameters(), lr=0.05, momentum=0.9),
               "adam": lambda: torch.optim.Adam(m.parameters(), lr=0.01)}[name]()
        for _ in range(3):
            opt.zero_grad()
            loss_of(m, kind, l2)[2].backward()
            opt.step()
        r["steps"][name] = params(m)
        if bn and name == "sgd":
            m.eval()
            r["eval_output"] = flat(m(x))
            r["moments"] = flat(m[1].running_mean) + flat(m[1].running_var)
            m.train()
    nets.append(r)
print(json.dumps({"versions": f"PyTorch {torch.__version__}", "x": flat(x), "nets": nets}))
