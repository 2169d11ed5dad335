package plotting

import (
	"slices"
	"strings"

	"github.com/gxlab/gxlab/gx"
	"github.com/gxlab/gxlab/gx/reduce"
	"github.com/gxlab/gxlab/gx/stats"
)

// CodeMap draws codes in their first two principal components, one colour a class of
// a label of the samples.
func CodeMap(codes *gx.Codes, label string) Figure {
	f := Figure{name: "code_map"}
	labels, err := codes.Samples.Column(label)
	if err != nil {
		f.err = err
		return f
	}
	pca, err := reduce.PCA(codes.Data, codes.Rows, codes.Cols, 2)
	if err != nil {
		f.err = err
		return f
	}
	z, err := pca.Encode(codes.Data, codes.Rows)
	if err != nil {
		f.err = err
		return f
	}
	xs, ys := make([]float64, codes.Rows), make([]float64, codes.Rows)
	for i := range xs {
		xs[i], ys[i] = float64(z[2*i]), float64(z[2*i+1])
	}
	return Embedding(xs, ys, labels).X("PC1 of the codes").Y("PC2 of the codes").Named("code_map")
}

// EmbeddedMap draws a map of samples, such as gx.TSNE's or gx.UMAP's, one colour a class
// of a label of the samples.
func EmbeddedMap(e *gx.Embedded, label string) Figure {
	f := Figure{name: "embedded_map"}
	if e == nil {
		f.err = bad("EmbeddedMap has no map", "what kernel.Keep(gx.TSNE().Of(codes)) gives")
		return f
	}
	labels, err := e.Samples.Column(label)
	if err != nil {
		f.err = err
		return f
	}
	return embedded(e, labels).Named(f.name)
}

func embedded(e *gx.Embedded, labels []string) Figure {
	xs, ys := e.XY()
	x, y := e.Axes()
	return Embedding(xs, ys, labels).X(x).Y(y)
}

// Correlations draws Spearman's correlation of every pair of samples, in the order
// of a label, such as the tissue.
func Correlations(s *gx.Set, label string) Figure {
	f := Figure{name: "correlations"}
	labels, err := s.Labels(label)
	if err != nil {
		f.err = err
		return f
	}
	order := make([]int, s.N())
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int { return strings.Compare(labels[a], labels[b]) })
	rows, names := make([][]float32, len(order)), make([]string, len(order))
	for k, i := range order {
		rows[k], names[k] = s.Row(i), labels[i]
	}
	m, err := stats.SpearmanMatrix(rows, rows)
	if err != nil {
		f.err = err
		return f
	}
	return Heat(m, names, "Spearman correlation").Named("correlations")
}
