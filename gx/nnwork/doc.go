// Package nnwork is the arithmetic of gene networks: undirected graphs over named
// genes, how central a gene is, how near to each other the genes of a set lie, and
// whether random sets lie as near.
//
//	g, err := nnwork.New(edges)
//	b, err := g.Betweenness(ctx)
//	null, err := g.Random(ctx, nnwork.Mean(b), nnwork.Doubling(100, 10_000))
//	rows, err := null.Compare(ctx, rankedGenes)
//
// A [Graph] keeps its genes in alphabetical order, so that no result depends on the
// order of a file's lines. Results over genes are slices in that order. What is
// random takes a seed and is the same for any number of cores.
//
// Distances count edges; weights serve Strength, Eigenvector and PageRank alone.
//
// Decision: the compressed adjacency, the breadth-first searches and the
// centralities are our own and not gonum/graph's, which keeps nodes and edges in
// maps: Brandes' algorithm takes some twenty times as long there (BenchmarkGonum). Beside
// igraph and networkx it is measured by gxlab bench -net G:1000 (gx/nn/bench/README.md).
package nnwork
