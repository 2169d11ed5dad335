# Writes the large files that TestPeak reads, some 200 MB of float32 each:
#   mkdir big && cd big && python ../big.py && Rscript ../big.R
#   GXLAB_PEAK=$PWD go test -run TestPeak -v ./datasets
# (numpy 2.4.6, scipy 1.17.1, pandas 2.3.3, pyarrow 26.0.1, polars 2.1.0, anndata 0.12.19)
import anndata
import numpy as np
import pandas as pd
import polars as pl
import scipy.sparse as sp

rng = np.random.default_rng(1)
x = rng.normal(7, 2, size=(2500, 20000)).astype("f4")
genes, samples = [f"G{i}" for i in range(20000)], [f"s{i}" for i in range(2500)]
np.save("c.npy", x)
np.save("fortran64.npy", np.asfortranarray(x.astype("f8")))
np.savez("arrays.npz", x=x, genes=np.array(genes), samples=np.array(samples))
np.savez_compressed("turned.npz", x=x.T.astype("f2"), genes=np.array(genes), samples=np.array(samples))
wide = pd.DataFrame(x, index=samples, columns=genes)
wide.to_parquet("wide.parquet")
long = pd.DataFrame(x.T, index=genes, columns=samples)
long.to_parquet("long.parquet", compression="zstd")
long.to_parquet("long_nodict.parquet", use_dictionary=False)
few = pd.DataFrame(x.reshape(100_000, 500), columns=[f"G{i}" for i in range(500)])
few.to_parquet("few.parquet")
few.to_feather("few.feather")
few.astype("f8").to_feather("few64.feather", compression="uncompressed")
wide.reset_index(names="id").to_feather("wide.feather")
pl.from_pandas(long.reset_index(names="id")).write_ipc("long.arrow", compression="zstd")
with open("labels.tsv", "w") as f:
    f.write("sample\tgroup\n" + "".join(f"{s}\t{i % 3}\n" for i, s in enumerate(samples)))
a = anndata.AnnData(x, pd.DataFrame(index=samples), pd.DataFrame(index=genes))
a.write_h5ad("dense.h5ad", compression="gzip")
counts = sp.csr_matrix(np.where(x > 9.5, np.floor(x), 0).astype("f4"))
sp.save_npz("csr.npz", counts)
a.X = counts
a.write_h5ad("csr.h5ad")
wide.round(3).to_csv("wide.tsv.gz", sep="\t", compression={"method": "gzip", "compresslevel": 1})
long.round(3).to_csv("long.tsv", sep="\t")
