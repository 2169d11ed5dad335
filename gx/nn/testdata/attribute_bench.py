"""How long captum's DeepLift takes on the CPU for all contributions of inputs to units
of an encoder of sigmoids, 22268-500-100 by default, and their mean absolute values over
the samples: beside "go test ./gx/nn -run - -bench Attribute".

    python3 attribute_bench.py [samples [batch [threads]]]

Each unit is a target of its own, on its weighted sums, in batches of samples; a
reference of zeros. float32."""
import sys, time, torch, torch.nn as nn
from captum.attr import DeepLift

samples, batch, threads = [int(v) for v in (sys.argv[1:] + ["100", "100", "2"][len(sys.argv) - 1:])]
torch.set_num_threads(threads)
torch.manual_seed(1)
net = nn.Sequential(nn.Linear(22268, 500), nn.Sigmoid(), nn.Linear(500, 100)).eval()
x = torch.rand(samples, 22268)
lift = DeepLift(net)
began = time.time()
total = torch.zeros(100, 22268)
for at in range(0, samples, batch):
    part = x[at:at + batch]
    zeros = torch.zeros_like(part)
    for u in range(100):
        total[u] += lift.attribute(part, zeros, target=u).detach().abs().sum(0)
print(f"{samples} samples, batches of {batch}, {threads} threads: {time.time() - began:.2f} s, mean |C| {total.mean().item() / samples:.6g}")
