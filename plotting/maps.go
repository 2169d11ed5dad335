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
