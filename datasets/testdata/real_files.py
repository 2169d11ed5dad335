"""Writes real_files.json: what pandas, scipy, anndata, h5py and R read of the tables in GXLAB_DATA.

    pip install anndata==0.12.2 'pandas<3' h5py scipy        (and R for .rda)
    GXLAB_DATA=folder python real_files.py
"""
import csv, glob, gzip, io, json, os, subprocess
import anndata, h5py, numpy as np, pandas as pd, scipy.io, scipy.sparse as sp

data = os.environ["GXLAB_DATA"]
out = {}


def note(path, x, **more):
    x = x.toarray() if sp.issparse(x) else np.asarray(x)
    x = x.astype(np.float64)
    out[os.path.relpath(path, data)] = {"samples": x.shape[0], "genes": x.shape[1], "sum": float(np.nansum(x)), "missing": int(np.isnan(x).sum()), **more}


def lines(path):
    with (gzip.open(path, "rt", encoding="utf-8") if path.endswith(".gz") else open(path, encoding="utf-8")) as f:
        return [l.rstrip("\r\n") for l in f if l.strip()]


for p in sorted(glob.glob(data + "/*.expression.tsv.gz")):
    x = pd.read_csv(p, sep="\t", index_col=0, keep_default_na=False, na_values={c: ["NA", "NaN", "nan", ""] for c in pd.read_csv(p, sep="\t", nrows=0).columns[1:]})
    labels = p.replace(".expression.tsv.gz", ".samples.tsv")
    s = pd.read_csv(labels, sep="\t", index_col=0, dtype=str, keep_default_na=False)
    if not set(map(str, x.index)) & set(map(str, s.index)):
        x = x.T
    x = x.loc[[i for i in x.index if str(i) in set(map(str, s.index))]]
    note(p, x.astype(np.float64).values, labels=os.path.basename(labels))

for p in sorted(glob.glob(data + "/*/matrix.mtx.gz")):
    folder = os.path.dirname(p)
    m = scipy.io.mmread(p).tocsr().T.tocsr()
    features = [l.split("\t") for l in lines(folder + "/features.tsv.gz")]
    keep = [i for i, f in enumerate(features) if len(f) < 3 or f[2] == "Gene Expression"]
    note(folder, m[:, keep] if keep else m)
for p in sorted(glob.glob(data + "/*/*spliced.mtx.gz")):
    note(p, scipy.io.mmread(p).tocsr().T)

for p in sorted(glob.glob(data + "/*.gct")):
    f = lines(p)
    sizes = list(map(int, f[1].split("\t")))
    head = f[2].split("\t")
    texts, rows = (sizes[2], sizes[3]) if f[0].startswith("#1.3") else (1, 0)
    x = np.array([[float(v) if v not in ("", "NaN", "NA") else np.nan for v in l.split("\t")[1 + texts:]] for l in f[3 + rows:]])
    assert x.shape == (sizes[0], sizes[1]), p
    note(p, x.T)
for p in sorted(glob.glob(data + "/*.gctx")):
    with h5py.File(p) as f:
        note(p, f["0/DATA/0/matrix"][:])
for p in sorted(glob.glob(data + "/*.h5ad") + glob.glob(data + "/formats/*.h5ad")):
    a = anndata.read_h5ad(p)
    if a.X is not None:
        note(p, a.X)
for p in sorted(glob.glob(data + "/*.h5") + glob.glob(data + "/formats/*.h5")):
    with h5py.File(p) as f:
        total, genes, cells = 0.0, 0, set()
        for g in f:
            if "indptr" not in f[g]:
                continue
            m = sp.csr_matrix((f[g]["data"][:], f[g]["indices"][:], f[g]["indptr"][:]), shape=(len(f[g]["barcodes"]), f[g]["shape"][0]))
            if "features" in f[g]:
                m = m[:, [i for i, t in enumerate(f[g]["features/feature_type"][:]) if t == b"Gene Expression"]]
            total, genes = total + float(m.sum()), genes + m.shape[1]
            cells |= set(f[g]["barcodes"][:])
        out[os.path.relpath(p, data)] = {"samples": len(cells), "genes": genes, "sum": total, "missing": 0}
for p in sorted(glob.glob(data + "/*.soft.gz")):
    f = lines(p)
    lo, hi = f.index("!dataset_table_begin"), f.index("!dataset_table_end")
    x = pd.read_csv(io.StringIO("\n".join(f[lo + 1:hi])), sep="\t", index_col=[0, 1], keep_default_na=False, na_values=["null"], quoting=csv.QUOTE_NONE)
    note(p, x.astype(float).values.T)
for p in sorted(glob.glob(data + "/formats/*.rda")):
    r = subprocess.run(["Rscript", "-e", 'e <- new.env(); load("%s", e); l <- unlist(lapply(as.list(e), function(o) if (is.list(o)) o else list(o)), recursive = FALSE);'
                        'l <- Filter(is.matrix, l); m <- l[[which.max(sapply(l, length))]]; cat(min(dim(m)), max(dim(m)), format(sum(m), digits = 15))' % p], capture_output=True, text=True, check=True)
    n, g, s = r.stdout.split()
    out[os.path.relpath(p, data)] = {"samples": int(n), "genes": int(g), "sum": float(s), "missing": 0}

for p in sorted(glob.glob(data + "/*.gmt")):
    sets = {}
    for l in lines(p):
        f = l.split("\t")
        sets.setdefault(f[0].strip(), set()).update(g.strip() for g in f[2:] if g.strip())
    out[os.path.basename(p)] = {"sets": len(sets), "members": sum(map(len, sets.values())), "distinct": len(set().union(*sets.values()))}
for p in sorted(glob.glob(data + "/*.edges.tsv.gz")):
    e = pd.read_csv(p, sep="\t", dtype=str, keep_default_na=False)
    pairs = {tuple(sorted(x)) for x in zip(e["a"], e["b"]) if x[0] != x[1]}
    out[os.path.basename(p)] = {"edges": len(pairs), "nodes": len({g for x in pairs for g in x})}
for p in sorted(glob.glob(data + "/*.samples.tsv") + glob.glob(data + "/*.genes.tsv") + glob.glob(data + "/l1000_landmarks*.tsv") + [data + "/gene_id_map.tsv.gz"]):
    t = [l.split("\t") for l in lines(p)]
    out[os.path.basename(p)] = {"rows": len(t) - 1, "first": t[1][0], "last": t[-1][0]}

for p, to in [(data + "/HG_U133A.chip", "pr_gene_symbol"), (data + "/HG_U95.chip", "Gene Symbol"), (data + "/dgex_landmarks_943_targets_9520.tsv", "ensembl"),
              (data + "/gene_id_map.tsv.gz", "ensembl"), (data + "/l1000_landmarks_978.tsv", "Entrez Gene ID")]:
    t = pd.read_csv(p, sep="\t", dtype=str, keep_default_na=False, index_col=False)
    genes = {}
    for a, b in zip(t[t.columns[0]], t[to]):
        genes.setdefault(a.strip(), set()).update(g.strip() for g in b.split("///") if g.strip() not in ("", "---"))
    one = {a: b for a, b in genes.items() if len(b) == 1 and a}
    out["map " + os.path.basename(p)] = {"from": t.columns[0], "to": to, "mapped": len(one), "targets": len({next(iter(b)) for b in one.values()})}

with open(os.path.join(os.path.dirname(os.path.abspath(__file__)), "real_files.json"), "w") as f:
    json.dump(out, f, indent=1, sort_keys=True)
    f.write("\n")
