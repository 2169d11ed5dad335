// Package nn builds networks, trains them and runs them. It is the only package
// that knows Gorgonia.
//
// What may surprise:
//
//   - A network is a Gorgonia expression graph of our own fused operations: a
//     dense layer with its bias and activation is one, the loss with its gradient
//     is another. Gorgonia derives the gradient and its tape machine runs the
//     step; the stock operations would allocate hundreds of megabytes a step.
//   - Operations keep their result buffers, and parameters are views into one flat
//     slice, so that a step allocates nothing that grows with the network.
//   - No derivative by the input of the first layer is taken.
//   - Graphs have fixed shapes: one is built for the batch size and one for the
//     shorter last batch; they share parameters.
//   - The gradient of a layer's weights is taken by the optimiser tile by tile, as
//     the product that makes it goes on, and is never kept; the loss gives the
//     gradient by the sums of the last layer at once.
//   - One random sample per step (batch 1, plain SGD) is bound by memory, not by
//     arithmetic, and takes a path of its own that reads and writes each weight
//     once. A test holds it to the graph's numbers.
//   - The same seed gives the same bits on any number of threads, and training
//     that was stopped and goes on gives the same bits as if it had not been.
//   - Contributions of inputs to units (DeepLIFT and its like) are products of the
//     multipliers of the first layer's sums with its weights, made tile by tile and
//     summed over samples while in the cache: of samples × units × inputs nothing is
//     kept. Slopes of activations are float64: differences of float32 values would
//     lose their digits.
//   - Likelihoods work in float64 inside: logarithms of gamma functions cancel. A pair
//     (siVAE) is one graph of two halves over one set of parameters; the γ term's gradients
//     by both codes are made with the loss and join where the codes are drawn.
//   - On a GPU the same graph is compiled to a list of launches, for every kind of network;
//     a test holds the list, run by the CPU's kernels, to the CPU's bits. Likelihoods are
//     float64 there too: on cards for games, which are slow at it, counts of 128 cells ×
//     2000 genes take a step some tenths of a millisecond more, by count. Of a pair biases and
//     spreads of a step's features are picked, stepped and put back.
//
// bench/README.md holds what was measured beside other frameworks and the
// machine's limits, and what is left between; go tool gxlab bench measures anew.
package nn
