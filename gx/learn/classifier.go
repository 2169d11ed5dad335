package learn

import (
	"context"

	"github.com/gxlab/gxlab/gx/prep"
)

// Classifier is a method that learns classes: [RandomForest], [SVM] and [KNN]. Train is
// their Fit, for loops over several of them.
type Classifier interface {
	Name() string
	Train(ctx context.Context, x prep.Matrix, labels []string) (Predictor, error)
}

// Predictor is a fitted classifier.
type Predictor interface {
	Classes() []string                       // what it can say, sorted
	Predict(x prep.Matrix) ([]string, error) // a label a sample
}

// Regressor is a method that learns numbers: [LinearRegression], [Ridge], [Lasso],
// [KNNRegression] and [RegressionForest]. Train is their Fit.
type Regressor interface {
	Name() string
	Train(ctx context.Context, x, targets prep.Matrix) (Estimator, error)
}

// Estimator is a fitted regression.
type Estimator interface {
	Predict(x prep.Matrix) (prep.Matrix, error) // samples × targets
}

// trained is a fitted model behind its interface; nil stays nil.
func trained[M Predictor](m M, err error) (Predictor, error) {
	if err != nil {
		return nil, err
	}
	return m, nil
}

func estimated[M Estimator](m M, err error) (Estimator, error) {
	if err != nil {
		return nil, err
	}
	return m, nil
}
