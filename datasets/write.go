package datasets

import (
	"bufio"
	"compress/gzip"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/klauspost/compress/zstd"

	"github.com/gxlab/gxlab/datasets/hdf"
	"github.com/gxlab/gxlab/gx"
	"github.com/gxlab/gxlab/gx/fault"
	"github.com/gxlab/gxlab/gx/frame"
	"github.com/gxlab/gxlab/gx/store"
)

// Write writes a set's values, in the data's own units, and its labels, so that
// other programs and Open read them. The name says how:
//
//	.h5ad                     AnnData, with the labels of samples and genes
//	.gct                      version 1.3, with the labels of samples and genes
//	.tsv .csv (.gz, .zst)     samples in rows; labels in NAME.samples.tsv, what is
//	                          known of the genes in NAME.genes.tsv
//	.npy                      float32, samples × genes; names and labels as beside .tsv
//
// A file that is there already is replaced once the new one is whole.
func Write(path string, set *gx.Set) error {
	name := strings.TrimSuffix(strings.TrimSuffix(path, ".gz"), ".zst")
	write := map[string]func(io.Writer, *gx.Set) error{".tsv": writeTSV, ".csv": writeCSV, ".gct": writeGCT, ".npy": writeNPY}[strings.ToLower(filepath.Ext(name))]
	switch {
	case strings.EqualFold(filepath.Ext(path), ".h5ad"):
		return wrote(path, writeH5AD(path, set))
	case write == nil || name != path && filepath.Ext(name) == ".npy":
		return fault.New("there is no way to write such a file", path, "a name that ends with .h5ad, .gct, .npy, .tsv or .csv; text also with .gz or .zst")
	}
	if err := wrote(path, store.ReplaceFileBy(path, func(w io.Writer) error { return pack(path, w, set, write) })); err != nil {
		return err
	}
	if filepath.Ext(name) == ".gct" {
		return nil
	}
	stem := strings.TrimSuffix(name, filepath.Ext(name))
	for end, t := range map[string]*frame.Table{".samples.tsv": set.Samples(), ".genes.tsv": set.GeneTable()} {
		if end == ".genes.tsv" && len(t.Names()) == 0 && filepath.Ext(name) != ".npy" {
			continue
		}
		first := strings.TrimSuffix(end[1:], "s.tsv")
		err := store.ReplaceFileBy(stem+end, func(w io.Writer) error { return writeTable(w, t, first) })
		if err := wrote(stem+end, err); err != nil {
			return err
		}
	}
	return nil
}

func wrote(path string, err error) error {
	if err == nil {
		return nil
	}
	return fault.Wrap(err, "the file cannot be written", path, "a folder that is there and can be written, with room")
}

// pack packs as the name says.
func pack(path string, to io.Writer, set *gx.Set, write func(io.Writer, *gx.Set) error) error {
	var z io.WriteCloser
	switch filepath.Ext(path) {
	case ".gz":
		z = gzip.NewWriter(to)
	case ".zst":
		var err error
		if z, err = zstd.NewWriter(to); err != nil {
			return err
		}
	default:
		return write(to, set)
	}
	if err := write(z, set); err != nil {
		return err
	}
	return z.Close()
}

// field is a text as a field of a table cut at delim.
func field(s string, delim byte) string {
	if strings.IndexByte(s, delim) >= 0 || strings.ContainsAny(s, "\"\n\r") || s != strings.TrimSpace(s) {
		return `"` + strings.ReplaceAll(s, `"`, `""`) + `"`
	}
	return s
}

func writeTSV(w io.Writer, set *gx.Set) error { return writeDelimited(w, set, '\t') }

func writeCSV(w io.Writer, set *gx.Set) error { return writeDelimited(w, set, ',') }

func writeDelimited(w io.Writer, set *gx.Set, delim byte) error {
	b := bufio.NewWriterSize(w, 1<<20)
	b.WriteString("sample")
	for _, g := range set.Genes() {
		b.WriteByte(delim)
		b.WriteString(field(g, delim))
	}
	b.WriteByte('\n')
	ids := set.Samples().IDs()
	var buf []byte
	for i := range set.N() {
		b.WriteString(field(ids[i], delim))
		for _, v := range set.Row(i) {
			buf = number(append(buf[:0], delim), v)
			b.Write(buf)
		}
		b.WriteByte('\n')
	}
	return b.Flush()
}

// number is a value in the fewest digits that read as the same float32; nothing where
// it is missing.
func number(b []byte, v float32) []byte {
	if v != v {
		return b
	}
	return strconv.AppendFloat(b, float64(v), 'g', -1, 32)
}

// writeTable writes a table of labels whose rows are called first.
func writeTable(w io.Writer, t *frame.Table, first string) error {
	b := bufio.NewWriter(w)
	b.WriteString(first)
	columns := make([][]string, len(t.Names()))
	for c, n := range t.Names() {
		b.WriteString("\t" + field(n, '\t'))
		var err error
		if columns[c], err = t.Column(n); err != nil {
			return err
		}
	}
	b.WriteByte('\n')
	for i, id := range t.IDs() {
		b.WriteString(field(id, '\t'))
		for _, c := range columns {
			b.WriteString("\t" + field(c[i], '\t'))
		}
		b.WriteByte('\n')
	}
	return b.Flush()
}

func writeGCT(w io.Writer, set *gx.Set) error {
	b := bufio.NewWriterSize(w, 1<<20)
	samples, genes := set.Samples(), set.GeneTable()
	fmt.Fprintf(b, "#1.3\n%d\t%d\t%d\t%d\nid", set.P(), set.N(), len(genes.Names()), len(samples.Names()))
	text := func(s string) { b.WriteString("\t" + field(s, '\t')) }
	for _, n := range genes.Names() {
		text(n)
	}
	for _, id := range samples.IDs() {
		text(id)
	}
	b.WriteByte('\n')
	for _, n := range samples.Names() {
		v, err := samples.Column(n)
		if err != nil {
			return err
		}
		b.WriteString(field(n, '\t') + strings.Repeat("\tna", len(genes.Names())))
		for _, s := range v {
			text(s)
		}
		b.WriteByte('\n')
	}
	texts := make([][]string, len(genes.Names()))
	for c, n := range genes.Names() {
		var err error
		if texts[c], err = genes.Column(n); err != nil {
			return err
		}
	}
	var buf []byte
	for j, g := range set.Genes() {
		b.WriteString(field(g, '\t'))
		for _, t := range texts {
			text(t[j])
		}
		for i := range set.N() {
			buf = number(append(buf[:0], '\t'), set.Row(i)[j])
			b.Write(buf)
		}
		b.WriteByte('\n')
	}
	return b.Flush()
}

// writeH5AD writes what anndata reads: X, obs and var. Labels that are numbers
// throughout are written as numbers, missing ones as NaN.
func writeH5AD(path string, set *gx.Set) error {
	beside := path + ".part"
	defer os.Remove(beside)
	w, err := hdf.Create(beside)
	if err != nil {
		return err
	}
	root := w.Root()
	root.Attribute("encoding-type", "anndata")
	root.Attribute("encoding-version", "0.1.0")
	root.Rows("X", set.N(), set.P(), set.Row, array)
	h5adTable(root.Group("obs"), set.Samples())
	h5adTable(root.Group("var"), set.GeneTable())
	for _, n := range []string{"layers", "obsm", "obsp", "uns", "varm", "varp"} {
		g := root.Group(n)
		g.Attribute("encoding-type", "dict")
		g.Attribute("encoding-version", "0.1.0")
	}
	if err := w.Close(); err != nil {
		return err
	}
	return os.Rename(beside, path)
}

// How anndata marks arrays of numbers and of texts.
var (
	array      = hdf.Labels{{"encoding-type", "array"}, {"encoding-version", "0.2.0"}}
	textsArray = hdf.Labels{{"encoding-type", "string-array"}, {"encoding-version", "0.2.0"}}
)

func h5adTable(g *hdf.Group, t *frame.Table) {
	g.Attribute("encoding-type", "dataframe")
	g.Attribute("encoding-version", "0.2.0")
	g.Attribute("_index", "_index")
	var names []string
	g.Texts("_index", t.IDs(), textsArray)
	for _, n := range t.Names() {
		v, err := t.Column(n)
		if err != nil {
			continue // a name of its own list is there
		}
		name := strings.ReplaceAll(n, "/", "|") // in HDF5 it would part groups
		names = append(names, name)
		if x, ok := numeric(v); ok {
			g.Floats(name, x, array)
		} else {
			g.Texts(name, v, textsArray)
		}
	}
	g.Attributes("column-order", names)
}

// numeric are texts as numbers, where all that are not empty are written as numbers
// are: 007 is none.
func numeric(v []string) (x []float64, ok bool) {
	some := false
	for _, s := range v {
		if s == "" {
			x = append(x, nan)
			continue
		}
		f, err := strconv.ParseFloat(s, 64)
		if err != nil || strconv.FormatFloat(f, 'f', -1, 64) != s && strconv.FormatFloat(f, 'g', -1, 64) != s {
			return nil, false
		}
		x, some = append(x, f), true
	}
	return x, some
}
