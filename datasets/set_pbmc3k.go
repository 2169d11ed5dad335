package datasets

import (
	"archive/tar"
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/klauspost/compress/gzip"

	"github.com/gxlab/gxlab/gx"
	"github.com/gxlab/gxlab/gx/fault"
)

// setPBMC3k is the usual first example of single-cell counts.
var setPBMC3k = Public{
	Name: "pbmc3k", What: "2,700 peripheral blood mononuclear cells of a healthy donor, 10x counts",
	Citation: "10x Genomics 2016, 3k PBMCs from a Healthy Donor; Zheng et al. 2017, Nat Commun 8:14049, doi:10.1038/ncomms14049", Licence: "CC BY 4.0",
	Page: "https://www.10xgenomics.com/datasets/3-k-pbm-cs-from-a-healthy-donor-1-standard-1-1-0", Samples: 2700, Genes: 32738,
	Files: []Remote{{Name: "pbmc3k/pbmc3k_filtered_gene_bc_matrices.tar.gz", URLs: []string{"https://cf.10xgenomics.com/samples/cell-exp/1.1.0/pbmc3k/pbmc3k_filtered_gene_bc_matrices.tar.gz"}}},
	Notes: notTried,
	read: func(ctx context.Context, paths []string, tell gx.Tell) (*gx.Raw, error) {
		dir, err := os.MkdirTemp("", "gxlab-pbmc3k-")
		if err != nil {
			return nil, err
		}
		defer os.RemoveAll(dir)
		if err := untar(paths[0], dir); err != nil {
			return nil, err
		}
		return opened{path: dir}.Read(ctx, tell)
	},
}

// PBMC3k is 2,700 blood cells, counts.
func PBMC3k() gx.Cohort { return cohortOf("pbmc3k") }

// untar unpacks a 10x folder's three files from an archive.
func untar(path, dir string) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	broken := func(err error) error {
		return fault.Wrap(err, "the archive is cut off or damaged", path, "removing it and fetching it again")
	}
	z, err := gzip.NewReader(bufio.NewReader(f))
	if err != nil {
		return broken(err)
	}
	found := 0
	for r := tar.NewReader(z); ; {
		h, err := r.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return broken(err)
		}
		name := filepath.Base(h.Name)
		if h.Typeflag != tar.TypeReg || !strings.HasPrefix(name, "matrix.mtx") && !strings.HasPrefix(name, "genes.tsv") && !strings.HasPrefix(name, "features.tsv") && !strings.HasPrefix(name, "barcodes.tsv") {
			continue
		}
		if h.Size > 16<<30 {
			return broken(fmt.Errorf("%s is said to have %d bytes", name, h.Size))
		}
		to, err := os.Create(filepath.Join(dir, name))
		if err != nil {
			return err
		}
		_, err = io.Copy(to, r)
		if err = errors.Join(err, to.Close()); err != nil {
			return broken(err)
		}
		found++
	}
	if found < 3 {
		return broken(fmt.Errorf("%d of a matrix, genes and barcodes", found))
	}
	return nil
}
