package plotting

import (
	"fmt"
	"math"
	"slices"

	"github.com/gxlab/gxlab/gx"
	"github.com/gxlab/gxlab/gx/stats"
)

// Reproducer is a fitted model: a *gx.Fitted or a *gx.Reduced.
type Reproducer interface {
	Name() string
	Errors(*gx.Set) (gx.Errors, error)
	Reconstruct(*gx.Set) (*gx.Set, error)
}

// Reductions draws box plots of the mean squared error of every test sample by each
// model, logarithmic (Fig. 2g). Networks are coloured, the others grey.
func Reductions(test *gx.Set, models ...Reproducer) Figure {
	var groups []Group
	var cols []vgNRGBA
	nets := 0
	for _, m := range models {
		e, err := m.Errors(test)
		if err != nil {
			return Figure{name: "reductions", err: err}
		}
		groups = append(groups, Group{Name: m.Name(), Values: e})
		if _, ok := m.(*gx.Fitted); ok {
			cols = append(cols, colour(nets))
			nets++
		} else {
			cols = append(cols, grey)
		}
	}
	return boxes(mseLabel("MSE", test.Units()), groups, cols, nil).LogY().Height(75).Named("reductions").
		Captioned("Mean squared error of every test sample's REP by each method")
}

// Siblings draws Examples of a test part, one test sample of each class of a label,
// such as its tissue: against the nearest other test sample of the same class, and
// against its reproductions (Fig. 2d). Without classes it takes the first three
// that have at least two test samples.
func Siblings(test *gx.Set, label string, models []Reproducer, classes ...string) Figure {
	fail := func(err error) Figure { return Figure{name: "examples", err: err} }
	labels, err := test.Labels(label)
	if err != nil {
		return fail(err)
	}
	of := map[string][]int{}
	var names []string
	for i, l := range labels {
		if of[l] = append(of[l], i); len(of[l]) == 2 {
			names = append(names, l)
		}
	}
	if len(classes) == 0 {
		slices.Sort(names)
		classes = names[:min(3, len(names))]
	}
	var examples []Example
	var samples []int
	for _, class := range classes {
		if len(of[class]) == 0 {
			return fail(bad(fmt.Sprintf("Siblings: no test sample has %s %q", label, class), fmt.Sprintf("one of %v", names)))
		}
		i, j, err := nearestPair(test, of[class])
		if err != nil {
			return fail(err)
		}
		e := Example{Name: class, GEP: test.Row(i)}
		if j >= 0 {
			e.Sibling = test.Row(j)
		}
		examples, samples = append(examples, e), append(samples, i)
	}
	picked := test.Select(samples...)
	for _, m := range models {
		rep, err := m.Reconstruct(picked)
		if err != nil {
			return fail(err)
		}
		for k := range examples {
			examples[k].Reproduced = append(examples[k].Reproduced, Profile{m.Name(), rep.Row(k)})
		}
	}
	return Examples(unitText(test.Units()), examples...).
		Captioned("Above: two very similar samples; below: a sample's GEP and its REP, every point a gene")
}

// nearestPair is the two of those samples with the highest Spearman correlation.
func nearestPair(s *gx.Set, index []int) (i, j int, err error) {
	i, j = index[0], -1
	best := math.Inf(-1)
	for a := range index {
		for b := range a {
			r, err := stats.Spearman(s.Row(index[a]), s.Row(index[b]))
			if err != nil {
				return 0, 0, err
			}
			if r > best {
				best, i, j = r, index[b], index[a]
			}
		}
	}
	return i, j, nil
}
