// Package manifold draws samples of many values on a plane, so that samples that are
// alike lie together: t-SNE ([TSNE]) and UMAP ([UMAP]).
//
// What the two keep is who is near whom. Distances between far groups, the sizes of
// groups and their densities are not kept, and groups can be made of noise; how far the
// neighbours on such a map can be trusted is stats.Trustworthiness.
//
// Data are samples × values, row by row. Nothing of size n² is ever kept: 50,000 samples
// of 50 values fit. Results depend on the seed, not on the number of threads.
//
// Decisions:
//
//   - The settings are those of scikit-learn's TSNE and of umap-learn, so that maps
//     compare; the reference values of the tests are theirs and openTSNE's.
//   - Both begin with the first two principal components: where far groups come to lie is
//     decided by the start (Kobak and Linderman 2021). umap-learn by default begins with
//     eigenvectors of its graph; here that is left out.
//   - Neighbours are the exact ones, by Euclidean distance (umap-learn approximates them
//     from 4096 samples up).
//   - t-SNE's repulsion is by Barnes and Hut's approximation (van der Maaten 2014), on a
//     tree of points sorted along a Z-shaped curve. Interpolation with Fourier transforms
//     (Linderman 2019) grows more slowly with the number of samples and is left out: 50,000
//     take about two minutes of one core's time this way.
//   - UMAP's steps run on one thread, as umap-learn's with a seed do: each changes both
//     ends of an edge, and the next sees it. Moving samples side by side, each by its own
//     edges, keeps trustworthiness but tears groups apart (tried: of neighbours within thin
//     groups 5 to 10 % then lie in pieces far from each other, else at most 0.4 %).
package manifold
