package datasets

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/gxlab/gxlab/gx"
	"github.com/gxlab/gxlab/gx/fault"
	"github.com/gxlab/gxlab/gx/frame"
)

// formatMarket is a Matrix Market file with the names of its genes and cells in
// files beside it, which are told by their names (barcodes.tsv, cells.txt,
// GSM1_features.tsv.gz …) and by how many they are. Genes may be its rows or its
// columns.
var formatMarket = format{name: "Matrix Market", is: isMarket, read: readMarket, also: namesBeside}

func isMarket(_ string, head []byte) bool {
	s := strings.TrimPrefix(string(head), byteOrder)
	return len(s) >= len(banner) && strings.EqualFold(s[:len(banner)], banner)
}

func readMarket(ctx context.Context, path string, tell gx.Tell) (*content, error) {
	m, err := openMarket(path)
	if err != nil {
		return nil, err
	}
	defer m.close()
	genes, cells := m.beside()
	if genes == "" || cells == "" {
		return nil, fault.New(fmt.Sprintf("no names of %d rows and %d columns lie beside the matrix", m.rows, m.cols), path,
			"genes.tsv and barcodes.tsv in the same folder, a name a line; it holds "+inside(filepath.Dir(path)))
	}
	return m.read(ctx, genes, cells, tell)
}

// namesBeside are the files of names that readMarket would read.
func namesBeside(path string) []string {
	m, err := openMarket(path)
	if err != nil {
		return nil
	}
	defer m.close()
	genes, cells := m.beside()
	return slices.DeleteFunc([]string{genes, cells}, func(p string) bool { return p == "" })
}

// Words in the names of files that name genes or cells.
var (
	geneWords = []string{"gene", "feature", "rownames", "rows", "var"}
	cellWords = []string{"barcode", "cell", "sample", "colnames", "cols", "obs"}
)

// beside are the files of names that fit the matrix: of several, those whose own
// names are most like the matrix'.
func (m *market) beside() (genes, cells string) {
	dir, base := filepath.Dir(m.path), filepath.Base(m.path)
	des, err := os.ReadDir(dir)
	if err != nil {
		return "", ""
	}
	type named struct {
		path        string
		alike, rows int
	}
	var g, c []named
	for _, d := range des {
		isGenes, isCells := wordIn(d.Name(), geneWords), wordIn(d.Name(), cellWords)
		if isGenes == isCells || d.IsDir() {
			continue
		}
		p := filepath.Join(dir, d.Name())
		t, err := m.readNames(p)
		if err != nil {
			continue
		}
		n := named{p, common(base, d.Name()), len(t.rows)}
		if isGenes {
			g = append(g, n)
		} else {
			c = append(c, n)
		}
	}
	best := -1
	for _, x := range g {
		for _, y := range c {
			_, _, _, fits := m.fit(x.rows, y.rows)
			if like := x.alike + y.alike; fits && like > best {
				best, genes, cells = like, x.path, y.path
			}
		}
	}
	return genes, cells
}

// wordIn says whether the name of a table of text has one of those words.
func wordIn(file string, words []string) bool {
	s := strings.TrimSuffix(strings.TrimSuffix(strings.ToLower(file), ".gz"), ".zst")
	if !slices.Contains([]string{".tsv", ".txt", ".csv"}, filepath.Ext(s)) {
		return false
	}
	return slices.ContainsFunc(words, func(w string) bool { return strings.Contains(s, w) })
}

// common is how many letters two names begin with in common.
func common(a, b string) int {
	n := 0
	for n < len(a) && n < len(b) && a[n] == b[n] {
		n++
	}
	return n
}

// fit says how files of so many lines name the matrix' genes and cells: genes are
// its rows or across, and a file may have a header.
func (m *market) fit(genes, cells int) (across bool, geneHead, cellHead int, fits bool) {
	for _, across := range []bool{false, true} {
		g, c := genes-m.rows, cells-m.cols
		if across {
			g, c = genes-m.cols, cells-m.rows
		}
		if (g == 0 || g == 1) && (c == 0 || c == 1) {
			return across, g, c, true
		}
	}
	return false, 0, 0, false
}

// readNames reads a file of names, a line each, with what else it tells of them. Where
// it has more lines than the matrix can need that is an error.
func (m *market) readNames(path string) (*textTable, error) {
	delim := byte('\t')
	if strings.Contains(filepath.Base(path), ".csv") {
		delim = ','
	}
	l, err := openText(path, delim)
	if err != nil {
		return nil, err
	}
	defer l.close()
	l.plain = delim == '\t'
	t := &textTable{}
	for most := max(m.rows, m.cols) + 1; ; {
		line, err := l.next()
		if errors.Is(err, io.EOF) {
			return t, nil
		}
		if err != nil {
			return nil, err
		}
		row, err := l.names(line)
		if err != nil {
			return nil, err
		}
		if len(t.rows) > 0 && len(row) != len(t.rows[0]) {
			return nil, ragged(l.at(), len(row), len(t.rows[0]))
		}
		if t.rows = append(t.rows, row); len(t.rows) > most {
			return nil, fault.New(fmt.Sprintf("the file has more lines than the matrix names to give: it has %d rows and %d columns", m.rows, m.cols), path, "the names that belong to this matrix")
		}
	}
}

// headed takes the first n lines, one or none, for the header.
func (t *textTable) headed(n int) {
	if n > 0 {
		t.head, t.rows = t.rows[0], t.rows[1:]
	}
}

// cells are the cells with what their file tells of them.
func (t *textTable) cells() (*frame.Table, error) {
	head, rest := t.head, make([][]string, len(t.rows))
	for i, r := range t.rows {
		rest[i] = r[1:]
	}
	if head == nil {
		head = numbered(len(t.rows[0]), "barcode")
	}
	return withTexts(t.column(0), head[1:], rest)
}

// features are the genes' names with what their file tells of them. Without a
// header they are Cell Ranger's: Ensembl's id, symbol, type; the symbol names the
// gene.
func (t *textTable) features() (names, head []string, rest [][]string) {
	names, rest = t.column(0), make([][]string, len(t.rows))
	if t.head != nil || len(t.rows[0]) == 1 {
		for i, r := range t.rows {
			rest[i] = r[1:]
		}
		return names, t.head[min(1, len(t.head)):], rest
	}
	for i, r := range t.rows {
		rest[i] = append([]string{r[0]}, r[2:]...)
		if r[1] != "" {
			names[i] = r[1]
		}
	}
	head = numbered(len(t.rows[0]), "gene_ids", "symbol", "feature_types")
	return names, slices.Delete(head, 1, 2), rest
}

// numbered are n names of columns: those known, then column 4 and so on.
func numbered(n int, known ...string) []string {
	out := make([]string, n)
	for i := range out {
		if out[i] = fmt.Sprintf("column %d", i+1); i < len(known) {
			out[i] = known[i]
		}
	}
	return out
}
