# Writes arrays/*.npy, *.npz, *.parquet, *.arrow, *.feather and arrays/expected.json, what
# the libraries that wrote them hold:
#   mkdir -p arrays && cd arrays && python ../arrays.py
# (Python 3.11, numpy 2.4.6, scipy 1.17.1, pandas 2.3.3, pyarrow 26.0.1, polars 2.1.0)
import json
import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pyarrow.feather as feather
import pyarrow.parquet as pq
import scipy.sparse as sp

rng = np.random.default_rng(5)
samples = [f"s{i}" for i in range(1, 8)]
genes = ["MARCH1", "SEPT2", "NA", "TP53", "Géne"]
x = np.round(rng.normal(size=(7, 5)), 3)
counts = rng.poisson(0.6, size=(7, 5))
counts[0, 0], counts[6, 4] = 300, 0
tissue = ["liver", "heart", "", "liver", "lung", "heart", "liver"]
age = np.array([31, 42, 53, 64, 75, 86, 97])
expected = {}


def expect(file, values, ids=None, names=None, obs=None, scale=""):
    v = np.asarray(values, dtype=np.float64)
    expected[file] = {
        "x": [[None if np.isnan(a) else float(np.float32(a)) for a in row] for row in v],
        "samples": list(ids if ids is not None else [f"sample_{i + 1}" for i in range(v.shape[0])]),
        "genes": list(names if names is not None else [f"gene_{i + 1}" for i in range(v.shape[1])]),
        "obs": {k: list(o) for k, o in (obs or {}).items()},
        "scale": scale,
    }


# NumPy: types, orders, versions of the header
for name, a in {
    "f8.npy": x, "f4_fortran.npy": np.asfortranarray(x.astype("f4")), "f2.npy": x.astype("f2"), "big_endian.npy": x.astype(">f8"),
    "i2_big_endian.npy": counts.astype(">i2"), "u1.npy": (counts % 256).astype("u1"), "i8_fortran.npy": np.asfortranarray(-counts), "bool.npy": counts > 0,
}.items():
    np.save(name, a)
    expect(name, a, scale="" if a.dtype.kind == "f" else "counts")
with open("version2.npy", "wb") as f:
    np.lib.format.write_array(f, x, version=(2, 0))
expect("version2.npy", x)

np.savez("named.npz", x=x, genes=np.array(genes), samples=np.array(samples), tissue=np.array(tissue), age=age, note=np.array("one"), other=np.eye(2))
expect("named.npz", x, samples, genes, {"tissue": tissue, "age": [str(a) for a in age]})
np.savez_compressed("packed.npz", values=x.astype("f4"), gene_names=np.array([g.encode() for g in genes]))
expect("packed.npz", x, None, genes)
np.savez_compressed("turned.npz", matrix=np.asfortranarray(counts.T), gene_names=np.array(genes), obs_names=np.array(samples), male=counts[:, 0] > 0)
expect("turned.npz", counts, samples, genes, {"male": [str(bool(v)) for v in counts[:, 0] > 0]}, "counts")
np.savez("square.npz", x=x[:5], genes=np.array(genes), samples=np.array(samples[:5]), tissue=np.array(tissue[:5]))
expect("square.npz", x[:5], samples[:5], genes)
for kind in ["csr", "csc", "coo"]:
    sp.save_npz(f"{kind}.npz", getattr(sp, kind + "_matrix")(counts))
    expect(f"{kind}.npz", counts, scale="counts")
sp.save_npz("csr_array_float.npz", sp.csr_array(counts.astype("f4")), compressed=False)
expect("csr_array_float.npz", counts)
m = sp.coo_matrix((np.array([1.5, 2.5]), (np.array([1, 1]), np.array([2, 2]))), shape=(7, 5))
sp.save_npz("coo_twice.npz", m)
expect("coo_twice.npz", m.toarray())
np.savez("objects.npz", x=np.array([["a", 1], [None, 2]], dtype=object))
np.savez("object_names.npz", x=x, genes=np.array(genes, dtype=object))
np.save("objects.npy", np.array([["a", 1], [None, 2]], dtype=object))
np.save("texts.npy", np.array([["a", "b"], ["c", "d"]]))
np.save("three.npy", np.zeros((2, 2, 2)))
np.save("structured.npy", np.zeros(3, dtype=[("a", "f4"), ("b", "i4")]))
sp.save_npz("bsr.npz", sp.bsr_matrix(counts))

# Parquet and Arrow: a table of numbers with an index and labels
df = pd.DataFrame(x, index=samples, columns=genes)
df.iloc[2, 3] = np.nan
labelled = df.copy()
labelled["tissue"] = pd.Categorical([t or None for t in tissue])
labelled["age"] = age
labelled["male"] = [True, False, None, True, False, True, True]
text = {"tissue": tissue, "male": ["True", "False", "", "True", "False", "True", "True"]}
want = np.column_stack([df.to_numpy(), age])
for codec in ["snappy", "zstd", "gzip", "lz4", "none"]:
    labelled.to_parquet(f"{codec}.parquet", compression=None if codec == "none" else codec)
    expect(f"{codec}.parquet", want, samples, genes + ["age"], text)
table = pa.Table.from_pandas(labelled)
for name, options in {
    "v2.parquet": dict(data_page_version="2.0", version="2.6", compression="snappy"),
    "v2_none.parquet": dict(data_page_version="2.0", compression="none", use_dictionary=False),
    "groups.parquet": dict(row_group_size=3, use_dictionary=False),
    "split.parquet": dict(use_dictionary=False, column_encoding={g: "BYTE_STREAM_SPLIT" for g in genes} | {"age": "DELTA_BINARY_PACKED", "__index_level_0__": "DELTA_BYTE_ARRAY"}),
    "delta_length.parquet": dict(use_dictionary=False, data_page_version="2.0", column_encoding={"__index_level_0__": "DELTA_LENGTH_BYTE_ARRAY", "male": "RLE"}),
}.items():
    pq.write_table(table, name, **options)
    expect(name, want, samples, genes + ["age"], text)
plain = pd.DataFrame(x, columns=genes)
plain.to_parquet("no_names.parquet")
expect("no_names.parquet", x, None, genes)
named = plain.copy()
named.insert(0, "sample", samples)
named["tissue"] = tissue
for name in ["first_column.parquet", "first_column.feather", "first_column.arrow"]:
    if name.endswith("parquet"):
        pl.from_pandas(named).write_parquet(name)
    elif name.endswith("feather"):
        feather.write_feather(named, name)
    else:
        pl.from_pandas(named).write_ipc(name, compression="zstd")
    expect(name, x, samples, genes, {"tissue": tissue})
# many values of a kind, over several pages, with and without a dictionary
long = pd.DataFrame({"id": [f"c{i}" for i in range(3000)], "few": rng.integers(0, 7, 3000).astype("i4"), "steps": np.cumsum(rng.integers(-5, 9, 3000)),
                     "null": pd.array([None if i % 3 == 0 else i for i in range(3000)], dtype="Int32"), "f4": rng.normal(size=3000).astype("f4")})
num = long.drop(columns="id").astype("float64").to_numpy()
for name, options in {"long.parquet": dict(data_page_size=512, dictionary_pagesize_limit=2000), "long_delta.parquet": dict(data_page_size=1024, use_dictionary=False, compression="zstd", column_encoding={
        "id": "DELTA_BYTE_ARRAY", "few": "DELTA_BINARY_PACKED", "steps": "DELTA_BINARY_PACKED", "null": "DELTA_BINARY_PACKED", "f4": "BYTE_STREAM_SPLIT"})}.items():
    pq.write_table(pa.Table.from_pandas(long, preserve_index=False), name, **options)
    expected[name] = {"rows": 3000, "sums": [float(np.nansum(np.float32(num[:, i]).astype("f8"))) for i in range(4)], "missing": [int(np.isnan(num[:, i]).sum()) for i in range(4)], "last": "c2999"}
# all types of numbers
n = 4
kinds = {f"{s}{b}": pa.array([1, 0, None, 2 ** (b - 1) - 1 if s == "i" else 2 ** b - 1], getattr(pa, ("int" if s == "i" else "uint") + str(b))()) for s in "iu" for b in [8, 16, 32, 64]}
kinds |= {f"f{b}": pa.array(np.array([1.5, -0.25, 0, 1024], f"f{b // 8}"), mask=np.array([False, False, True, False])) for b in [16, 32, 64]}
kinds |= {"dec": pa.array([None, 1, 2, 3], pa.decimal128(9, 2))}
kinds |= {"const": pa.array([7.0] * n, pa.float64())}
ids = pa.array(["w", "x", "y", "z"])
kinds_table = pa.table({"id": ids} | kinds)
value = np.array([[np.nan if v is None else float(v) for v in c.to_pylist()] for c in kinds.values()]).T
pq.write_table(kinds_table, "kinds.parquet")
with pa.OSFile("kinds.arrow", "wb") as f, pa.ipc.new_file(f, kinds_table.schema) as w:
    w.write_table(kinds_table)
for name in ["kinds.parquet", "kinds.arrow"]:
    expect(name, value, ids.to_pylist(), list(kinds))
# Arrow: file and stream, batches, dictionaries, packed, views, nested columns passed over
for name, codec in {"plain.arrow": None, "lz4.arrow": "lz4", "zstd.arrow": "zstd"}.items():
    with pa.OSFile(name, "wb") as f, pa.ipc.new_file(f, table.schema, options=pa.ipc.IpcWriteOptions(compression=codec)) as w:
        w.write_table(table, max_chunksize=3)
    expect(name, want, samples, genes + ["age"], text)
with pa.OSFile("stream.arrows", "wb") as f, pa.ipc.new_stream(f, table.schema) as w:
    w.write_table(table, max_chunksize=4)
expect("stream.arrows", want, samples, genes + ["age"], text)
labelled.reset_index(names="id").to_feather("pandas.feather", compression="lz4")
expect("pandas.feather", want, samples, genes + ["age"], text)
pl.from_pandas(named).write_ipc("views.arrow")
expect("views.arrow", x, samples, genes, {"tissue": tissue})
odd = pa.table({"id": pa.array(samples, pa.large_string()), "list": pa.array([[1, 2]] * 7), "pair": pa.array([{"a": 1, "b": "x"}] * 7),
                "when": pa.array([0] * 7, pa.timestamp("ms")), "raw": pa.array([b"x"] * 7), "nothing": pa.nulls(7), "view": pa.array([t + " of a long name" for t in tissue], pa.string_view()),
                "few": pa.array(tissue).dictionary_encode(), "A": x[:, 0], "B": x[:, 1]})
with pa.OSFile("odd.arrow", "wb") as f, pa.ipc.new_file(f, odd.schema) as w:
    w.write_table(odd)
pq.write_table(odd, "odd.parquet")
for name in ["odd.arrow", "odd.parquet"]:
    expect(name, x[:, :2], samples, ["A", "B"], {"view": [t + " of a long name" for t in tissue], "few": tissue})
feather.write_feather(named, "old.feather", version=1)
# Labels in their own files
meta = pd.DataFrame({"patient": samples[::-1], "group": ["a", "b", "a", "b", "a", "b", "a"], "age": age})
meta.to_parquet("labels.parquet")
meta.to_feather("labels.feather")
json.dump(expected, open("expected.json", "w"), indent=0, ensure_ascii=False)
