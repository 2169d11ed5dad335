package gx

import (
	"fmt"
	"math"
	"slices"

	"github.com/gxlab/gxlab/gx/fault"
	"github.com/gxlab/gxlab/gx/frame"
	"github.com/gxlab/gxlab/gx/nn"
	"github.com/gxlab/gxlab/gx/nn/cpu"
	"github.com/gxlab/gxlab/gx/prep"
	"github.com/gxlab/gxlab/gx/store"
)

// Classify trains a classifier with the autoencoder: softmax scores of the label's
// values, computed from the code. The loss is the reconstruction's plus weight times
// the classifier's cross-entropy (natural logarithm, a mean over samples), so that the
// code learns what tells the classes apart (the first paper's Figure 4). Samples of
// which the label is empty are learned from by reconstruction alone. A width adds one
// hidden layer between code and scores, of LeakyReLU units. Classes are the label's
// values in the training part.
func (t Training) Classify(label string, weight float64, width ...int) Training {
	verb := fmt.Sprintf("Classify(%s, %g)", label, weight)
	switch {
	case label == "":
		return t.failed(verb, "no label", `a column of the samples' labels, such as Classify("tissue", 0.1)`)
	case !(weight > 0) || math.IsInf(weight, 0):
		return t.failed(verb, "the weight is no number above 0", `a weight such as Classify("tissue", 0.1)`)
	case len(width) > 1:
		return t.failed(verb, "more than one hidden layer", "one width, or none")
	case len(width) == 1 && width[0] < 1:
		return t.failed(verb, fmt.Sprintf("a hidden layer of %d units", width[0]), "a width from 1 up")
	}
	t.net.Label, t.net.ClassWeight, t.net.ClassHidden = label, weight, 0
	if len(width) == 1 {
		t.net.ClassHidden = width[0]
	}
	return t
}

// classes are the label's values in the training part, sorted, and every sample's,
// −1 where it has none of them, for the training and for the watched part.
func (t Training) classes(train, watch *Set) (names []string, of [2][]int, err error) {
	var labels [2][]string
	for i, s := range []*Set{train, watch} {
		if labels[i], err = s.Labels(t.net.Label); err != nil {
			return nil, of, err
		}
	}
	at := map[string]int{}
	for _, l := range labels[0] {
		if _, ok := at[l]; !ok && l != "" {
			at[l] = 0
			names = append(names, l)
		}
	}
	slices.Sort(names)
	for i, n := range names {
		at[n] = i
	}
	if len(names) < 2 {
		return nil, of, fault.New(fmt.Sprintf("the training part has %d values of %s", len(names), t.net.Label), "Classify", "a label with at least two values")
	}
	for i := range labels {
		of[i] = make([]int, len(labels[i]))
		for j, l := range labels[i] {
			k, ok := at[l]
			if !ok {
				k = -1
			}
			of[i][j] = k
		}
	}
	return names, of, nil
}

// head are the classifier's layers for that many classes.
func (t Training) head(classes int) (layers []nn.Layer) {
	if t.net.ClassHidden > 0 {
		layers = append(layers, nn.Layer{Kind: nn.Dense, Width: t.net.ClassHidden, Act: cpu.LeakyReLU})
	}
	return append(layers, nn.Layer{Kind: nn.Dense, Width: classes})
}

// classesFile names the classes of a network with a classifier.
const classesFile = "classes.json"

type classesJSON struct {
	Label   string   `json:"label"`
	Classes []string `json:"classes"`
}

func writeClasses(d *store.Draft, label string, names []string) error {
	if names == nil {
		return nil
	}
	return d.WriteJSON(classesFile, classesJSON{label, names})
}

// Label is the label that the network's classifier tells; "" where it has none.
func (f *Fitted) Label() string { return f.classes.Label }

// Classes are the values of the label that the classifier tells apart, sorted.
func (f *Fitted) Classes() []string { return f.classes.Classes }

// Predictions are a classifier's probabilities of classes, samples × classes.
type Predictions struct {
	prep.Matrix
	Classes []string
	Samples *frame.Table
}

// Classify gives every sample of s the probabilities of the classes, by the network's
// own classifier. A network without one is an error.
func (f *Fitted) Classify(s *Set) (*Predictions, error) {
	if len(f.classes.Classes) == 0 {
		return nil, fault.New("the network has no classifier", f.Name(), `training it with Classify("tissue", 0.1)`)
	}
	c, err := f.Encode(s)
	if err != nil {
		return nil, err
	}
	y, err := f.net.Scores(c.Data, c.Rows)
	if err != nil {
		return nil, err
	}
	p := &Predictions{Matrix: prep.Matrix{Rows: c.Rows, Cols: len(f.classes.Classes), Data: y}, Classes: f.classes.Classes, Samples: s.Samples()}
	for i := range p.Rows {
		row := p.Row(i)
		top, sum := slices.Max(row), 0.0
		for _, v := range row {
			sum += math.Exp(float64(v - top))
		}
		for j, v := range row {
			row[j] = float32(math.Exp(float64(v-top)) / sum)
		}
	}
	return p, nil
}

// Labels are the classes of highest probability, one a sample; the first of equal ones.
func (p *Predictions) Labels() []string {
	out := make([]string, p.Rows)
	for i := range out {
		best := 0
		for j, v := range p.Row(i) {
			if v > p.Row(i)[best] {
				best = j
			}
		}
		out[i] = p.Classes[best]
	}
	return out
}
