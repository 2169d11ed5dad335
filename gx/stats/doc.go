// Package stats compares expression profiles and tests the comparisons: how like
// are two samples, does a reproduced profile find its own sample again, and could
// the difference be chance.
//
// Profiles are rows, samples × genes. Similarities come in three measures
// ([Measure]): Spearman's and Pearson's correlation, where more is closer, and the
// mean squared error, where less is closer.
//
// Decisions:
//
//   - A number that is NaN or infinite is refused with its row and column. The plain
//     descriptions (Mean, SD, Quantile …) answer NaN instead, as they cannot fail.
//   - The correlation with a constant profile has no value: it is NaN, and NaN is
//     farther than everything else in a ranking.
//   - Every pair of rows is summed in the same order wherever it stands in its
//     matrix, so equal rows have bit-equal similarities and a tie stays a tie; the
//     results do not depend on the number of threads.
//   - Mean squared errors are summed from the differences themselves. The shorter way
//     over |a|²+|b|²−2ab loses its digits where profiles are near each other.
package stats
