// Package learn holds the classical learners that an autoencoder's codes are judged
// by: classifiers ([RandomForest], [SVM], [KNN]), regressions of many targets at once
// ([LinearRegression], [Ridge], [Lasso], [KNNRegression], [RegressionForest]) and
// [GENIE3], the gene network of regression forests; with them the ways to divide
// samples and to count errors.
//
// A struct of settings is a method; its zero value is sensible. Fit learns from data
// and leaves the method as it was, so one method may be fitted many times. Data are
// samples × features in float32, labels a string a sample, targets samples × targets.
// Nothing is scaled on the way: support vectors, neighbours, ridge and lasso want
// features of one scale ([Standardise]).
//
// Fit honours its context and tells its progress to Tell, if that is set. Every method
// gives the same bits for the same data and seed, whatever the number of threads.
//
// Decisions:
//
//   - Settings, defaults and formulas are scikit-learn's where it has the method, so
//     that numbers compare; what is drawn at random is drawn otherwise, so forests agree
//     with its forests as two of its seeds do.
//   - Splits of trees are exact: every feature is ordered once for all trees, which
//     takes 8 bytes a value for as long as Fit runs.
//   - SVM keeps all kernel values of the training samples (4 bytes a pair), which all
//     pairs of classes share. That is right for thousands of samples and wrong for a
//     hundred thousand.
//   - Where scikit-learn leaves equal distances to chance, here the earlier sample is
//     the nearer.
package learn
