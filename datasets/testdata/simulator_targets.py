"""Statistics of real microarray cohorts that the simulator is held to.

    GXLAB_DATA=folder python3 simulator_targets.py > simulator_targets.json

Reads affy_compendium (234 x 12790, log2, thirteen studies, tissues) and tissue7
(189 x 500, log2, seven tissues). Needs numpy. The values were fixed before any
network was scored on simulated data.
"""
import gzip, json, os, sys
import numpy as np

root = os.environ["GXLAB_DATA"]

def table(name):
    with gzip.open(f"{root}/{name}.expression.tsv.gz", "rt") as f:
        next(f)
        rows = [l.rstrip("\n").split("\t") for l in f]
    x = np.array([[float(v) for v in r[1:]] for r in rows])
    with open(f"{root}/{name}.samples.tsv") as f:
        head = next(f).rstrip("\n").split("\t")
        lab = {l.split("\t")[0]: dict(zip(head, l.rstrip("\n").split("\t"))) for l in f}
    return x, [lab[r[0]] for r in rows]

def quantnorm(x):
    t = np.sort(x, axis=1).mean(axis=0)
    out = np.empty_like(x)
    for i, r in enumerate(x):
        out[i, np.argsort(r, kind="stable")] = t
    return out

def q(v, ps=(0.05, 0.25, 0.5, 0.75, 0.95)):
    return [round(float(p), 4) for p in np.quantile(v, ps)]

def spectrum(x, ks=(1, 2, 5, 10, 20, 30, 50)):
    c = x - x.mean(axis=0)
    s = np.linalg.svd(c, compute_uv=False) ** 2
    s = np.cumsum(s) / s.sum()
    return {str(k): round(float(s[k - 1]), 4) for k in ks if k <= len(s)}

def pairs(x, groups):
    """Median Pearson r and median MSE over pairs of samples."""
    c = np.corrcoef(x)
    g2 = (x ** 2).mean(axis=1)
    m = g2[:, None] + g2[None, :] - 2 * (x @ x.T) / x.shape[1]
    r, e = [], []
    n = len(x)
    for i in range(n):
        for j in range(i):
            if groups(i, j):
                r.append(c[i, j]); e.append(m[i, j])
    if not r:
        return None
    return {"pairs": len(r), "r": q(r, (0.1, 0.5, 0.9)), "mse": q(e, (0.1, 0.5, 0.9))}

def describe(x, tissue, study, cls):
    sd = x.std(axis=0)
    out = {"samples": x.shape[0], "genes": x.shape[1],
           "values": q(x.ravel()[::7], (0.01, 0.05, 0.25, 0.5, 0.75, 0.95, 0.99)),
           "gene_mean": q(x.mean(axis=0)), "gene_variance": q(sd ** 2),
           "mean_gene_variance": round(float((sd ** 2).mean()), 4),
           "spectrum": spectrum(x)}
    out["replicates"] = pairs(x, lambda i, j: study[i] == study[j] and tissue[i] == tissue[j] and cls[i] == cls[j])
    out["same_tissue_other_study"] = pairs(x, lambda i, j: study[i] != study[j] and tissue[i] == tissue[j])
    out["other_tissue"] = pairs(x, lambda i, j: tissue[i] != tissue[j])
    groups = sorted(set(zip(tissue, study, cls)))
    within = np.zeros(x.shape[1]); dof = 0
    for g in groups:
        k = [i for i in range(len(x)) if (tissue[i], study[i], cls[i]) == g]
        if len(k) > 1:
            within += ((x[k] - x[k].mean(axis=0)) ** 2).sum(axis=0); dof += len(k) - 1
    w = within / dof
    out["within_group_variance"] = q(w)
    out["mean_within_group_variance"] = round(float(w.mean()), 4)
    # what 30 components leave of the samples they were fitted on
    c = x - x.mean(axis=0)
    s = np.linalg.svd(c, compute_uv=False) ** 2
    out["left_by_30"] = round(float(s[30:].sum() / x.size), 4)
    return out

res = {"script": "simulator_targets.py", "numpy": np.__version__, "python": sys.version.split()[0]}
x, lab = table("affy_compendium")
res["affy_compendium"] = describe(quantnorm(x), [l["tissue"] for l in lab], [l["dataset"] for l in lab], [l["class"] for l in lab])
x, lab = table("tissue7")
t = [l["class"] for l in lab]
res["tissue7"] = describe(quantnorm(x), t, ["one"] * len(t), t)
print(json.dumps(res, indent=1))
