// Package reduce makes few numbers out of many genes, and profiles out of those
// numbers again: principal components ([PCA]), non-negative factors ([NMF]) and kernel
// principal components ([KernelPCA]), the classical rivals of an autoencoder.
//
// Data are samples × genes, row by row, in float32. Everything is computed in float64
// from blocks of genes, so that a float64 copy of the data never exists. Results do
// not depend on the number of threads: the same data give the same bits.
//
// Decisions:
//
//   - The settings and the results are scikit-learn's, so that numbers compare: the
//     reference values of the tests are its own. Where its answer hangs on a random
//     start (the rough SVD that starts NMF), ours is the exact one.
//   - Signs are fixed as there: in PCA each component's greatest loading is positive, in
//     kernel PCA each component's greatest training code.
//   - Directions in which the training samples do not vary give codes of exactly 0, so
//     more components than the data's rank are harmless. More than the data can have at
//     all (n−1 samples' worth, or the genes) are refused.
//   - A new sample's NMF code is the least-squares optimum, found exactly, and does not
//     depend on which samples are encoded beside it. scikit-learn iterates over all
//     samples together and stops within 1e-4 of it.
//   - Kernel PCA keeps its training samples, as it must; it keeps no ridge coefficients,
//     which would be as large again, but applies the kernel's inverse at each decoding.
package reduce
