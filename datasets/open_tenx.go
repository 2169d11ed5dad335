package datasets

import (
	"context"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"

	"github.com/gxlab/gxlab/gx"
	"github.com/gxlab/gxlab/gx/fault"
)

// format10x is a folder as Cell Ranger writes it: matrix.mtx (features × cells)
// with barcodes.tsv and features.tsv (version 3) or genes.tsv (version 2), each
// plain or packed. As in scanpy, genes are called by their symbols, made distinct,
// and features that are no genes (antibodies, guides) are left out.
var format10x = format{name: "10x folder", is: is10x, read: read10x, also: tenXFiles}

func is10x(path string, _ []byte) bool {
	fi, err := os.Stat(path)
	return err == nil && fi.IsDir() && packedOr(path, "matrix.mtx") != ""
}

// packedOr is the path of a file in a folder, as it is or packed; "" for none.
func packedOr(dir, name string) string {
	for _, end := range []string{"", ".gz", ".zst"} {
		p := filepath.Join(dir, name+end)
		if fi, err := os.Stat(p); err == nil && !fi.IsDir() {
			return p
		}
	}
	return ""
}

// tenXFiles are the matrix, the features and the barcodes of a folder, of those
// that are there.
func tenXFiles(dir string) (files []string) {
	for _, names := range [][]string{{"matrix.mtx"}, {"features.tsv", "genes.tsv"}, {"barcodes.tsv"}} {
		for _, n := range names {
			if p := packedOr(dir, n); p != "" {
				files = append(files, p)
				break
			}
		}
	}
	return files
}

func read10x(ctx context.Context, path string, tell gx.Tell) (*content, error) {
	files := tenXFiles(path)
	if len(files) != 3 {
		return nil, fault.New("the folder has a matrix.mtx and lacks the names of its genes or cells", path, "features.tsv (or genes.tsv) and barcodes.tsv beside it, plain or gzipped; it holds "+inside(path))
	}
	m, err := openMarket(files[0])
	if err != nil {
		return nil, err
	}
	defer m.close()
	return m.read(ctx, files[1], files[2], tell)
}

// read reads the matrix with the names of its genes and cells, which must be as
// many as its rows and columns, or as its columns and rows.
func (m *market) read(ctx context.Context, genes, cells string, tell gx.Tell) (*content, error) {
	g, err := m.readNames(genes)
	if err != nil {
		return nil, err
	}
	c, err := m.readNames(cells)
	if err != nil {
		return nil, err
	}
	across, geneHead, cellHead, fits := m.fit(len(g.rows), len(c.rows))
	if !fits {
		return nil, fault.New(fmt.Sprintf("%s names %d genes and %s %d cells; the matrix has %d rows and %d columns",
			filepath.Base(genes), len(g.rows), filepath.Base(cells), len(c.rows), m.rows, m.cols), m.path, "the names that belong to this matrix")
	}
	g.headed(geneHead)
	c.headed(cellHead)
	out := &content{}
	if m.field == "integer" {
		out.scale = "counts"
	}
	column, err := out.features(g)
	if err != nil {
		return nil, err
	}
	if out.samples, err = c.cells(); err != nil {
		return nil, err
	}
	if out.x, err = matrixOf(len(c.rows), out.genes.Len(), m.path); err != nil {
		return nil, err
	}
	return out, m.into(ctx, out.x, column, across, tell)
}

// features takes the genes and returns every row's place among them, −1 for what
// is no gene.
func (c *content) features(t *textTable) (column []int, err error) {
	names, head, rest := t.features()
	types := slices.Index(head, "feature_types")
	gene := func(i int) bool { return types < 0 || rest[i][types] == expression }
	if !slices.ContainsFunc(every(len(names)), gene) {
		types = -1
	}
	var kept []string
	var texts [][]string
	column = make([]int, len(names))
	other := map[string]bool{}
	for i, n := range names {
		if column[i] = len(kept); gene(i) {
			kept, texts = append(kept, n), append(texts, rest[i])
			continue
		}
		column[i] = -1
		other[rest[i][types]] = true
	}
	if n := len(names) - len(kept); n > 0 {
		c.notes = append(c.notes, fmt.Sprintf("%d features that are no genes are left out: %s", n, some(slices.Sorted(maps.Keys(other)))))
	}
	kept, note := distinct(kept, "gene")
	if note != "" {
		c.notes = append(c.notes, note)
	}
	c.genes, err = withTexts(kept, head, texts)
	return column, err
}

// expression is the type that Cell Ranger gives to genes.
const expression = "Gene Expression"
