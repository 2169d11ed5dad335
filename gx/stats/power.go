package stats

import (
	"fmt"
	"math"

	"github.com/gxlab/gxlab/gx/fault"
)

// PowerLaw is y = A·(x/Unit)^B.
type PowerLaw struct {
	A, B, Unit float64
	R2         float64 // of ln y over ln x; NaN where y does not vary
}

// FitPowerLaw fits y = A·(x/unit)^B by least squares of ln y over ln x. Values must be
// above 0, and x must vary.
func FitPowerLaw(x, y []float64, unit float64) (PowerLaw, error) {
	if err := checkPair("FitPowerLaw", x, y, 2); err != nil {
		return PowerLaw{}, err
	}
	if !(unit > 0) {
		return PowerLaw{}, fault.New(fmt.Sprintf("a unit of %v", unit), "FitPowerLaw", "a number above 0")
	}
	var mx, my float64
	n := float64(len(x))
	lx, ly := make([]float64, len(x)), make([]float64, len(x))
	for i := range x {
		if !(x[i] > 0 && y[i] > 0) {
			return PowerLaw{}, fault.New(fmt.Sprintf("x %g, y %g", x[i], y[i]), "FitPowerLaw", "values above 0")
		}
		lx[i], ly[i] = math.Log(x[i]/unit), math.Log(y[i])
		mx += lx[i] / n
		my += ly[i] / n
	}
	var xx, xy, yy float64
	for i := range lx {
		xx += (lx[i] - mx) * (lx[i] - mx)
		xy += (lx[i] - mx) * (ly[i] - my)
		yy += (ly[i] - my) * (ly[i] - my)
	}
	if xx == 0 {
		return PowerLaw{}, fault.New("x does not vary", "FitPowerLaw", "two different values or more")
	}
	p := PowerLaw{B: xy / xx, Unit: unit, R2: math.NaN()}
	p.A = math.Exp(my - p.B*mx)
	if yy > 0 {
		p.R2 = xy * xy / xx / yy
	}
	return p, nil
}

// At is y at x.
func (p PowerLaw) At(x float64) float64 { return p.A * math.Pow(x/p.Unit, p.B) }

// String is the law as it would be written.
func (p PowerLaw) String() string { return fmt.Sprintf("%.3f·(x/%g)^%.4f", p.A, p.Unit, p.B) }
