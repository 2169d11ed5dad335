package plotting

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/gxlab/gxlab/gx"
	gxframe "github.com/gxlab/gxlab/gx/frame"
	"github.com/gxlab/gxlab/gx/reduce"
)

// Limits of what an embedding carries.
const (
	maxSamples = 50_000
	maxColumns = 16
	geneBytes  = 250_000 // samples × genes
	maxGenes   = 500
	longest    = 80
)

// EmbeddingWidget draws samples in two dimensions, to look at one by one: coloured
// by any column of their table (a list to choose from), the name and labels of the
// sample under the pointer or the arrow keys, a box that finds samples, and zoom.
// Columns of more than 12 different numbers are coloured as numbers. Of classes the
// 15 most frequent have a colour and marker of their own where there are more than
// 16. The table's first 16 columns are taken, values up to 80 letters.
//
//	kernel.Show(plotting.EmbeddingWidget(xs, ys, set.Samples()).Colour("tissue").Expression(set))
func EmbeddingWidget(xs, ys []float64, samples *gxframe.Table) Widget {
	const name = "embedding_widget"
	if samples == nil {
		return failed(name, bad("EmbeddingWidget has no table of samples", "set.Samples() or codes.Samples"))
	}
	if len(xs) == 0 || len(xs) != len(ys) || len(xs) != samples.Len() {
		return failed(name, bad(fmt.Sprintf("EmbeddingWidget has %d x, %d y and %d samples", len(xs), len(ys), samples.Len()), "one of each a sample"))
	}
	if len(xs) > maxSamples {
		return failed(name, bad(fmt.Sprintf("EmbeddingWidget has %d samples, the most is %d", len(xs), maxSamples), "a part of them, by Select"))
	}
	for i, vs := range [...][]float64{xs, ys} {
		if err := finite("EmbeddingWidget", [...]string{"x", "y"}[i], vs); err != nil {
			return failed(name, err)
		}
	}
	w := Widget{name: name, kind: "points", ids: samples.IDs(), caption: fmt.Sprintf("%d samples", len(xs))}
	w.data = map[string]any{
		"names": shortened(samples.IDs()), "x": spread16(xs), "y": spread16(ys), "xlabel": "Dimension 1", "ylabel": "Dimension 2",
	}
	var labels []map[string]any
	columns := samples.Names()
	for _, c := range columns[:min(len(columns), maxColumns)] {
		vs, err := samples.Column(c)
		if err != nil {
			return failed(name, err)
		}
		labels = append(labels, labelData(c, vs))
	}
	w.data["labels"] = labels
	first := ""
	if len(columns) > 0 {
		first = columns[0]
		for _, c := range columns[:len(labels)] { // the first that groups samples
			vs, _ := samples.Column(c)
			if k := distinct(vs); k > 1 && k <= 40 && k < len(vs) {
				first = c
				break
			}
		}
	}
	w.recolour = func(label string) (Widget, error) {
		v := w
		v.data = clone(w.data)
		var groups []string
		if label != "" {
			k := slices.Index(columns[:len(labels)], label)
			if k < 0 {
				return w, bad(fmt.Sprintf("no label %q among the samples'", label), fmt.Sprintf("one of %v", columns[:len(labels)]))
			}
			v.data["first"] = k
			groups, _ = samples.Column(label)
			groups = fewer(groups)
		}
		v.still = Embedding(xs, ys, groups).Named(name).Width(150).Height(100).Captioned(v.caption)
		return v, nil
	}
	v, err := w.recolour(first)
	if err != nil {
		return failed(name, err)
	}
	v.recolour = w.recolour
	return v
}

// CodeMapWidget is an EmbeddingWidget of codes in their first two principal
// components, as CodeMap draws them.
func CodeMapWidget(codes *gx.Codes) Widget {
	const name = "code_map_widget"
	if codes == nil || codes.Rows == 0 {
		return failed(name, bad("CodeMapWidget has no codes", "the codes of fit.Encode(set)"))
	}
	pca, err := reduce.PCA(codes.Data, codes.Rows, codes.Cols, 2)
	if err != nil {
		return failed(name, err)
	}
	z, err := pca.Encode(codes.Data, codes.Rows)
	if err != nil {
		return failed(name, err)
	}
	xs, ys := make([]float64, codes.Rows), make([]float64, codes.Rows)
	for i := range xs {
		xs[i], ys[i] = float64(z[2*i]), float64(z[2*i+1])
	}
	return EmbeddingWidget(xs, ys, codes.Samples).Axes("PC1 of the codes", "PC2 of the codes").Named(name).
		Captioned(fmt.Sprintf("Codes of %s: %d samples", codes.Model, codes.Rows))
}

// Colour sets which label an embedding is coloured by at first. The default is the
// first one that groups samples.
func (w Widget) Colour(label string) Widget {
	if w.err != nil {
		return w
	}
	if w.recolour == nil {
		return failed(w.name, bad("Colour is for embeddings", "plotting.EmbeddingWidget or CodeMapWidget"))
	}
	v, err := w.recolour(label)
	if err != nil {
		return failed(w.name, err)
	}
	// What was changed since stands.
	v.data = clone(w.data)
	for k, l := range w.data["labels"].([]map[string]any) {
		if l["name"] == label {
			v.data["first"] = k
		}
	}
	v.still.look, v.recolour = w.still.look, w.recolour
	return v.Named(w.name).Captioned(w.caption)
}

// Axes names the axes of an embedding or a volcano.
func (w Widget) Axes(x, y string) Widget {
	if w.err == nil && (w.kind != "points" || w.data["more"] != nil) {
		return failed(w.name, bad("Axes is for one embedding, and volcanoes", "the widget without it"))
	}
	if w.err == nil {
		w.data = clone(w.data)
		w.data["xlabel"], w.data["ylabel"] = x, y
		w.still = w.still.X(x).Y(y)
	}
	return w
}

// Expression gives an embedding a box that colours its samples by a gene: those
// genes of set, or without names the most variable ones. Samples are found in set by
// their ids; the values are kept in 8 bits, between each gene's least and greatest
// (an error of at most 1/508 of that range). Samples × genes may be 250,000, and
// genes 500: of 5,000 samples 50 genes.
func (w Widget) Expression(set *gx.Set, genes ...string) Widget {
	switch {
	case w.err != nil:
		return w
	case w.recolour == nil:
		return failed(w.name, bad("Expression is for embeddings", "plotting.EmbeddingWidget or CodeMapWidget"))
	case set == nil || set.N() == 0:
		return failed(w.name, bad("Expression has no samples", "the set whose samples are drawn"))
	}
	at := make(map[string]int, set.N())
	for i, id := range set.Samples().IDs() {
		at[id] = i
	}
	rows := make([]int, len(w.ids))
	for i, id := range w.ids {
		k, ok := at[id]
		if !ok {
			return failed(w.name, bad(fmt.Sprintf("sample %q is not in %s", id, set.Name()), "the set whose samples are drawn"))
		}
		rows[i] = k
	}
	room := min(maxGenes, geneBytes/len(w.ids))
	if len(genes) > room {
		return failed(w.name, bad(fmt.Sprintf("%d genes of %d samples are too many for a page", len(genes), len(w.ids)), fmt.Sprintf("at most %d", room)))
	}
	all := set.Genes()
	var index []int
	if len(genes) == 0 {
		index = variable(set, rows, room)
	} else {
		place := make(map[string]int, len(all))
		for j, g := range all {
			place[g] = j
		}
		for _, g := range genes {
			j, ok := place[g]
			if !ok {
				return failed(w.name, bad(fmt.Sprintf("no gene %q in %s", g, set.Name()), "names of set.Genes()"))
			}
			index = append(index, j)
		}
	}
	var names []string
	var los, his []float64
	bytes := make([]byte, 0, len(index)*len(rows))
	vs := make([]float64, len(rows))
	for _, j := range index {
		for i, r := range rows {
			vs[i] = float64(set.Row(r)[j])
		}
		q, lo, hi := spread8(vs)
		names, los, his, bytes = append(names, all[j]), append(los, lo), append(his, hi), append(bytes, q...)
	}
	w.data = clone(w.data)
	w.data["genes"] = map[string]any{"names": names, "lo": rounded(los), "hi": rounded(his), "q": pack(bytes), "units": unitText(set.Units())}
	return w
}

// variable is the genes of greatest variance over those rows, sorted by name.
func variable(set *gx.Set, rows []int, most int) []int {
	p := set.P()
	mean, m2 := make([]float64, p), make([]float64, p)
	for n, r := range rows {
		for j, v := range set.Row(r) {
			d := float64(v) - mean[j]
			mean[j] += d / float64(n+1)
			m2[j] += d * (float64(v) - mean[j])
		}
	}
	index := make([]int, p)
	for j := range index {
		index[j] = j
		if math.IsNaN(m2[j]) {
			m2[j] = -1
		}
	}
	slices.SortStableFunc(index, func(a, b int) int { return cmp.Compare(m2[b], m2[a]) })
	index = index[:min(most, p)]
	names := set.Genes()
	slices.SortFunc(index, func(a, b int) int { return cmp.Compare(names[a], names[b]) })
	return index
}

func clone(m map[string]any) map[string]any {
	out := make(map[string]any, len(m)+1)
	for k, v := range m {
		out[k] = v
	}
	return out
}

// shortened is texts of at most 80 letters, and valid.
func shortened(vs []string) []string {
	out := make([]string, len(vs))
	for i, v := range vs {
		out[i] = clipped(v, longest)
	}
	return out
}

func clipped(v string, letters int) string {
	v = strings.ToValidUTF8(v, "�")
	if utf8.RuneCountInString(v) > letters {
		v = string([]rune(v)[:letters-1]) + "…"
	}
	return v
}

func distinct(vs []string) int {
	seen := map[string]bool{}
	for _, v := range vs {
		seen[v] = true
	}
	return len(seen)
}

// labelData is a column as numbers, where it is that, or else as classes in the
// order in which they appear.
func labelData(name string, vs []string) map[string]any {
	if distinct(vs) > 12 {
		if xs, ok := numeric(vs); ok {
			return map[string]any{"name": name, "values": spread16(xs)}
		}
	}
	vs = shortened(vs)
	names := inOrder(vs)
	at := map[string]uint16{} // at most maxSamples
	for k, v := range names {
		at[v] = uint16(k)
	}
	codes := make([]uint16, len(vs))
	for i, v := range vs {
		codes[i] = at[v]
	}
	return map[string]any{"name": name, "levels": names, "codes": pack(codes)}
}

// numeric reads a column of numbers; what is missing is NaN.
func numeric(vs []string) ([]float64, bool) {
	xs := make([]float64, len(vs))
	for i, v := range vs {
		switch v {
		case "", "NA", "NaN", "nan":
			xs[i] = math.NaN()
			continue
		}
		x, err := strconv.ParseFloat(v, 64)
		if err != nil || math.IsInf(x, 0) {
			return nil, false
		}
		xs[i] = x
	}
	return xs, true
}

// fewer keeps the 15 most frequent classes where there are more than 16, for the
// legend of a still picture.
func fewer(vs []string) []string {
	count := map[string]int{}
	var names []string
	for _, v := range vs {
		if count[v]++; count[v] == 1 {
			names = append(names, v)
		}
	}
	out := slices.Clone(vs)
	for i, v := range out {
		if v == "" {
			out[i] = "(none)"
		}
	}
	if len(names) <= 16 {
		return out
	}
	slices.SortStableFunc(names, func(a, b string) int { return cmp.Compare(count[b], count[a]) })
	kept := map[string]bool{}
	for _, n := range names[:15] {
		kept[n] = true
	}
	for i, v := range vs {
		if !kept[v] {
			out[i] = fmt.Sprintf("%d other classes", len(names)-15)
		}
	}
	return out
}
