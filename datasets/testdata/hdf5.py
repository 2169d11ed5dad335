"""Writes hdf5/*.h5ad, *.h5 and *.gctx and hdf5/expected.json: what anndata, h5py and pandas hold of them.

    pip install anndata==0.12.2 'pandas<3' h5py scipy
    python hdf5.py
"""
import json, os
import anndata, h5py, numpy as np, pandas as pd, scipy.sparse as sp

here = os.path.join(os.path.dirname(os.path.abspath(__file__)), "hdf5")
os.makedirs(here, exist_ok=True)
rng = np.random.default_rng(5)
expected = {}
GENES = ["MARCH1", "SEPT2", "NA", "TP53", "Ωmega", "GATA1", "ACTB"]


def text(v):
    if v is None or v is pd.NA or (isinstance(v, float) and np.isnan(v)):
        return ""
    if isinstance(v, (bool, np.bool_)):
        return "True" if v else "False"
    if isinstance(v, (float, np.floating)):
        return np.format_float_positional(v, trim="-", unique=True) if v != int(v) else str(int(v))
    return str(v)


def note(name, x, samples, genes, obs=None, var=None):
    columns = lambda t: {} if t is None else {str(c): [text(v) for v in t[c].astype(object)] for c in t.columns}
    expected[name] = {"x": np.asarray(x, np.float64).round(6).tolist(), "samples": list(samples), "genes": list(genes),
                      "obs": columns(obs), "var": columns(var)}


def frame(n, prefix, ids=None):
    return pd.DataFrame({
        "tissue": pd.Categorical(rng.choice(["liver", "heart"], n)),
        "stage": pd.Categorical([None if i % 4 == 1 else "ab"[i % 2] for i in range(n)]),
        "weight": rng.random(n).round(3),
        "count": rng.integers(-5, 90, n),
        "male": rng.random(n) < 0.5,
        "grade": pd.array([None if i % 3 == 0 else i for i in range(n)], dtype="Int64"),
        "fit": pd.array([None if i % 3 == 2 else i % 2 == 0 for i in range(n)], dtype="boolean"),
        "remark": ["NA" if i == 2 else "μ-%d" % i for i in range(n)],
    }, index=ids or ["%s%d" % (prefix, i) for i in range(n)])


def h5ad(name, x, **how):
    obs, var = frame(6, "s"), frame(len(GENES), "", GENES)
    a = anndata.AnnData(x, obs, var)
    a.layers["other"] = np.zeros(x.shape, np.float32)
    a.write_h5ad(os.path.join(here, name + ".h5ad"), **how)
    b = anndata.read_h5ad(os.path.join(here, name + ".h5ad"))
    note(name + ".h5ad", b.X.toarray() if sp.issparse(b.X) else b.X, b.obs_names, b.var_names, b.obs, b.var)


x = rng.normal(size=(6, len(GENES))).astype(np.float32).round(4)
thin = np.where(rng.random(x.shape) < 0.4, x, 0).astype(np.float32)
thin[2] = 0
h5ad("dense", x)
h5ad("dense_gzip", x, compression="gzip")
h5ad("dense_lzf", x.astype(np.float64), compression="lzf")
h5ad("csr", sp.csr_matrix(thin))
h5ad("csr_gzip", sp.csr_matrix(thin), compression="gzip")
h5ad("csc", sp.csc_matrix(thin))
h5ad("counts", np.abs(x * 5).astype(np.int32))

# Filters, orders of bytes, pieces that do not fill the array, and none at all.
big = rng.normal(size=(9, 11)).astype(">f4")
wells, probes = ["w%d" % i for i in range(9)], ["%d_at" % i for i in range(11)]
for name, version in [("pieces.gctx", "earliest"), ("links.gctx", "v108"), ("chunk.gctx", "v110")]:
    # earliest: groups by tables; v108: by links; v110: also another list of chunks, of which one chunk is read
    with h5py.File(os.path.join(here, name), "w", libver=(version, "v110")) as f:
        f.attrs["version"] = "GCTX1.0"
        f.create_dataset("0/DATA/0/matrix", data=big, chunks=(9, 11) if version == "v110" else (4, 3), compression="gzip", shuffle=True, fletcher32=True)
        f["0/META/COL/id"] = np.array(wells, "S5")
        f["0/META/COL/dose"] = np.arange(9) / 4
        f["0/META/COL/cell"] = np.array(["A375 " for _ in wells], "S5")
        f["0/META/ROW/id"] = np.array(probes, "S8")
        f["0/META/ROW/symbol"] = probes[::-1]
    note(name, big, wells, probes, pd.DataFrame({"dose": np.arange(9) / 4, "cell": "A375"}), pd.DataFrame({"symbol": probes[::-1]}))


def tenx(f, group, m, old):
    f[group + "/data"], f[group + "/indices"], f[group + "/indptr"] = m.data.astype(np.int32), m.indices.astype(np.int64), m.indptr.astype(np.int64)
    f[group + "/shape"] = np.array(m.shape[::-1], np.int32)
    f[group + "/barcodes"] = np.array(["C%d-1" % i for i in range(m.shape[0])], "S8")
    ids, names = ["ENSG%d" % i for i in range(m.shape[1])], ["G%d" % (i // 2) for i in range(m.shape[1])]
    kinds = ["Gene Expression"] * (m.shape[1] - 2) + ["Antibody Capture"] * 2
    if old:
        f[group + "/genes"], f[group + "/gene_names"] = np.array(ids, "S9"), np.array(names, "S9")
    else:
        f[group + "/features/id"], f[group + "/features/name"], f[group + "/features/feature_type"] = np.array(ids, "S9"), np.array(names, "S9"), np.array(kinds, "S20")


cells = sp.csr_matrix(rng.poisson(0.7, (5, 8)))
with h5py.File(os.path.join(here, "v3.h5"), "w") as f:
    tenx(f, "matrix", cells, False)
note("v3.h5", cells.toarray()[:, :6], ["C%d-1" % i for i in range(5)], ["G0", "G0-1", "G1", "G1-1", "G2", "G2-1"],
     var=pd.DataFrame({"gene_ids": ["ENSG%d" % i for i in range(6)]}))
with h5py.File(os.path.join(here, "v2.h5"), "w") as f:
    tenx(f, "hg19", cells, True)
note("v2.h5", cells.toarray(), ["C%d-1" % i for i in range(5)], ["G0", "G0-1", "G1", "G1-1", "G2", "G2-1", "G3", "G3-1"])

# A file of ARCHS4's form: counts 100 * gene + sample, every third sample of liver.
with h5py.File(os.path.join(here, "archs4.h5"), "w") as f:
    f.create_dataset("data/expression", data=(100 * np.arange(6)[:, None] + np.arange(40)).astype(np.uint32), chunks=(4, 7), compression="gzip")
    f["meta/genes/symbol"] = ["MARCH1", "NA", "TP53", "TP53", "GATA1", "ACTB"]
    f["meta/samples/geo_accession"] = ["GSM%d" % i for i in range(40)]
    f["meta/samples/source_name_ch1"] = ["Liver" if i % 3 == 0 else "Heart" for i in range(40)]

with open(os.path.join(here, "expected.json"), "w") as f:
    json.dump(expected, f, indent=0, ensure_ascii=False, sort_keys=True)
    f.write("\n")
