package gx

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"sort"

	"github.com/gxlab/gxlab/gx/frame"
	"github.com/gxlab/gxlab/gx/stats"
)

// A Setting is something of a recipe that a search tries several values of.
type Setting struct {
	Name   string
	values []string
	apply  []func(Training) Training
}

// Try is the setting that gives a recipe each of values in turn, by a verb of Training:
//
//	gx.Try("code", gx.Training.Code, 10, 20, 30)
//	gx.Try("rate", gx.Training.Adam, 1e-4, 3e-4, 1e-3)
//	gx.Try("hidden", func(t gx.Training, w int) gx.Training { return t.Hidden(w, gx.LeakyReLU) }, 100, 200)
func Try[V any](name string, verb func(Training, V) Training, values ...V) Setting {
	s := Setting{Name: name}
	for _, v := range values {
		s.values = append(s.values, fmt.Sprint(v))
		s.apply = append(s.apply, func(t Training) Training { return verb(t, v) })
	}
	return s
}

// A Search is recipes that differ in their settings, each trained on one or several
// cohorts, such as the folds of a cross-validation. It is a recipe itself: kernel.Keep
// trains what is not kept yet, side by side, and gives the *Found.
type Search struct {
	settings []Setting
	trials   [][]int // the value of every setting
	base     Training
	on       []Cohort
	err      error
}

// Grid tries every combination of the settings' values, the last setting's fastest.
func Grid(base Training, settings ...Setting) Search {
	s := newSearch(base, settings)
	all := 1
	for _, o := range settings {
		if all *= len(o.values); all > maxTrials {
			s.err = bad("Grid", fmt.Sprintf("more than %d combinations", maxTrials), "fewer values, or RandomSearch")
			return s
		}
	}
	for k := range all {
		trial := make([]int, len(settings))
		for i := len(settings) - 1; i >= 0; i-- {
			trial[i] = k % len(settings[i].values)
			k /= len(settings[i].values)
		}
		s.trials = append(s.trials, trial)
	}
	return s
}

const maxTrials = 100_000

// RandomSearch tries n different combinations of the settings' values drawn at random
// (Bergstra and Bengio 2012), or all where there are no more.
func RandomSearch(base Training, n int, seed uint64, settings ...Setting) Search {
	s := newSearch(base, settings)
	if n < 1 {
		s.err = bad(fmt.Sprintf("RandomSearch(%d)", n), "no trials", "a number from 1 up")
	}
	all := 1.0
	for _, o := range settings {
		all *= float64(len(o.values))
	}
	rng := rand.New(rand.NewPCG(seed, 0x5ea2c4))
	seen := map[string]bool{}
	for s.err == nil && len(s.trials) < n && float64(len(s.trials)) < all {
		trial := make([]int, len(settings))
		for i, o := range settings {
			trial[i] = rng.IntN(len(o.values))
		}
		if k := fmt.Sprint(trial); !seen[k] {
			seen[k] = true
			s.trials = append(s.trials, trial)
		}
	}
	return s
}

func newSearch(base Training, settings []Setting) Search {
	s := Search{base: base, settings: settings}
	for _, o := range settings {
		if len(o.values) == 0 {
			s.err = bad("Try", fmt.Sprintf("%q has no values", o.Name), "at least one value")
		}
	}
	return s
}

// On trains every trial on each of those cohorts, in the place of the base recipe's.
func (s Search) On(cohorts ...Cohort) Search {
	s.on = cohorts
	return s
}

// recipes are the trainings, trial by trial, cohort by cohort.
func (s Search) recipes() (all []Recipe[*Fitted], each int) {
	each = max(1, len(s.on))
	for _, trial := range s.trials {
		t := s.base
		for i, o := range s.settings {
			t = o.apply[trial[i]](t)
		}
		if len(s.on) == 0 {
			all = append(all, t)
		}
		for _, c := range s.on {
			all = append(all, t.On(c))
		}
	}
	return all, each
}

// Key is a hash of the trainings' keys.
func (s Search) Key() (string, error) {
	if s.err != nil {
		return "", s.err
	}
	all, _ := s.recipes()
	return NewSweep(all...).Key()
}

// Keep trains what is not kept yet.
func (s Search) Keep(ctx context.Context, tell Tell) (*Found, error) {
	if s.err != nil {
		return nil, s.err
	}
	all, each := s.recipes()
	fits, err := NewSweep(all...).Keep(ctx, tell)
	if err != nil {
		return nil, err
	}
	f := &Found{search: s}
	for k := range s.trials {
		one := fits[k*each : (k+1)*each]
		var errors []float64
		for _, fit := range one {
			c := fit.Curve()
			errors = append(errors, c[len(c)-1].Valid)
		}
		f.Fits = append(f.Fits, one)
		f.Error = append(f.Error, stats.Mean(errors))
		se := math.NaN()
		if each > 1 {
			se = stats.SE(errors)
		}
		f.SE = append(f.SE, se)
	}
	return f, nil
}

// Found is the results of a search, one a trial.
type Found struct {
	Fits  [][]*Fitted // of every trial, one a cohort
	Error []float64   // watched error after the last epoch, a mean over the cohorts, data units
	SE    []float64   // its standard error; NaN of one cohort

	search Search
}

// Value is the value of a setting in trial i, as text.
func (f *Found) Value(i int, setting string) string {
	for k, o := range f.search.settings {
		if o.Name == setting {
			return o.values[f.search.trials[i][k]]
		}
	}
	return ""
}

// Best is the trial with the least error, the first of equal ones; −1 where none has a
// number.
func (f *Found) Best() int {
	best := -1
	for i, e := range f.Error {
		if !math.IsNaN(e) && (best < 0 || e < f.Error[best]) {
			best = i
		}
	}
	return best
}

// Table is a row a trial, the best first: its settings, the error, its standard error
// and the number of parameters. Sort puts the rows into another order.
func (f *Found) Table() (*frame.Table, error) {
	order := every(len(f.Error))
	sort.SliceStable(order, func(a, b int) bool {
		x, y := f.Error[order[a]], f.Error[order[b]]
		return x < y || math.IsNaN(y) && !math.IsNaN(x)
	})
	ids := make([]string, len(order))
	columns := make([][]string, len(f.search.settings)+3)
	for r, i := range order {
		ids[r] = fmt.Sprintf("trial %d", i+1)
		for k, o := range f.search.settings {
			columns[k] = append(columns[k], o.values[f.search.trials[i][k]])
		}
		se := ""
		if !math.IsNaN(f.SE[i]) {
			se = fmt.Sprintf("%.4g", f.SE[i])
		}
		for k, v := range []string{fmt.Sprintf("%.5g", f.Error[i]), se, fmt.Sprint(f.Fits[i][0].Net().Spec().Parameters())} {
			columns[len(f.search.settings)+k] = append(columns[len(f.search.settings)+k], v)
		}
	}
	t := frame.New(ids)
	names := []string{"error", "se", "parameters"}
	for k := len(f.search.settings) - 1; k >= 0; k-- {
		names = append([]string{f.search.settings[k].Name}, names...)
	}
	var err error
	for k, n := range names {
		if t, err = t.With(n, columns[k]); err != nil {
			return nil, err
		}
	}
	return t, nil
}

// HTML is the table.
func (f *Found) HTML() (string, error) {
	t, err := f.Table()
	if err != nil {
		return "", err
	}
	return t.HTML()
}
