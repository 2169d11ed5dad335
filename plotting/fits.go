package plotting

import (
	"fmt"
	"math"
	"strings"

	"github.com/gxlab/gxlab/gx"
	"github.com/gxlab/gxlab/gx/nn"
)

// LearningCurve draws the error of trained networks after every epoch: of the
// training samples, and of the test (or validation) samples.
func LearningCurve(fits ...*gx.Fitted) Figure {
	return TrainTest(learning(fits)...).Y(errorLabel("MSE", fits...))
}

// Overfitting draws the same curves and marks where the test error is least. Train
// with twice the epochs and look whether it comes early.
func Overfitting(fits ...*gx.Fitted) Figure {
	return LeastTest(learning(fits)...).Y(errorLabel("MSE", fits...))
}

func learning(fits []*gx.Fitted) []Learning {
	var ls []Learning
	for _, f := range fits {
		l := Learning{Name: f.Name()}
		for _, p := range f.Curve() {
			l.Train = append(l.Train, p.Train)
			if !math.IsNaN(p.Valid) { // no sample was watched
				l.Test = append(l.Test, p.Valid)
			}
		}
		ls = append(ls, l)
	}
	return ls
}

// CrossValidation draws the test error after every epoch, mean ± SE over the folds
// of each recipe (Fig. 2a).
func CrossValidation(folds ...[]*gx.Fitted) Figure {
	var ss []Series
	var all []*gx.Fitted
	n := 0
	for _, fits := range folds {
		if len(fits) == 0 {
			continue
		}
		var runs [][]float64
		for _, l := range learning(fits) {
			runs = append(runs, l.Test)
		}
		ss = append(ss, MeanSE(fits[0].Name(), runs))
		all = append(all, fits...)
		n = len(fits)
	}
	return Curves(ss...).Y(errorLabel("Test MSE", all...)).Named("cross_validation").
		Captioned(fmt.Sprintf("Test error per epoch, mean ± SE over %d folds", n))
}

// errorLabel names an error with the unit of the data, squared.
func errorLabel(what string, fits ...*gx.Fitted) string {
	for _, f := range fits {
		units := ""
		if u, ok := any(f.Model).(interface{ Units() string }); ok {
			units = u.Units()
		}
		if f.Net().Spec().Loss == nn.MAE {
			return withUnit(strings.Replace(what, "MSE", "mean absolute error", 1), unitText(units))
		}
		return mseLabel(what, units)
	}
	return what
}

func mseLabel(what, units string) string {
	switch units {
	case "":
		return what
	case "log2":
		return what + " (log₂ units²)"
	}
	return what + " (" + units + "²)"
}

// unitText writes the name of a unit for an axis.
func unitText(units string) string {
	if units == "log2" {
		return "log₂"
	}
	return units
}
