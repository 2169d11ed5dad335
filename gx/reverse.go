package gx

import (
	"fmt"
	"strings"

	"github.com/gxlab/gxlab/gx/prep"
)

// A Reverse is a recipe for scores of genes for phenotypes: the reverse training of
// the second paper (Methods, "Predicting disease genes"). It is an immutable value;
// Keep trains and gives a *Reversed.
//
//	gx.ReverseTraining(autoencoder).Layer(3).Phenotype("study", "disease")
//
// The samples are packed to a hidden layer of a trained autoencoder. A supervised
// network learns the reverse: from the phenotype (one input each, 1 for the sample's
// own) through one hidden layer of sigmoid units to the packed profile by linear units,
// both as wide as the layer. Stacked on what follows the layer in the autoencoder it
// leads from a phenotype to genes: the score of a gene is its weighted sum in the last
// layer, without bias or activation. It is done several times, from seeds that follow
// each other.
//
// Where the two networks join, the weights of the supervised network's last layer, and
// its biases, are brought to the mean and the variance of those of the autoencoder's
// layer that reads it, as the paper does; Direct leaves them as they were learned.
type Reverse struct {
	of     Recipe[*Fitted] // nil: straight to genes
	cohort Cohort
	set    reverseChain
	name   string
	device Device
	watch  []Watcher
	err    error
}

// reverseChain is what decides the numbers.
type reverseChain struct {
	Layer   int      `json:"layer,omitempty"`
	Labels  []string `json:"labels"`
	Width   int      `json:"width,omitempty"`
	Direct  bool     `json:"direct,omitempty"`
	Repeats int      `json:"repeats"`
	Rate    float64  `json:"rate"`
	Batch   int      `json:"batch"`
	Epochs  int      `json:"epochs"`
	Seed    uint64   `json:"seed"`
}

// ReverseTraining scores genes through a trained autoencoder: a Training, or any other
// recipe of one, such as Kept(fit) or an imported network.
//
// Defaults: the last hidden layer; the samples of the training's own cohort, all parts;
// three repeats; Adam at 1e-3 that falls to nothing along a cosine, in batches of 32
// for 200 epochs; seed 1.
func ReverseTraining(of Recipe[*Fitted]) Reverse {
	r := Reverse{of: of, set: reverseDefaults()}
	switch t := of.(type) {
	case Training:
		r.cohort = t.cohort
	case nil:
		r.err = bad("ReverseTraining", "it has no autoencoder", "gx.ReverseTraining(autoencoder)")
	}
	return r
}

// SupervisedTraining is the plain supervised network beside it: from the phenotype
// through one hidden layer of so many sigmoid units straight to the genes' values (the
// paper's has 512), scored in the same way.
func SupervisedTraining(c Cohort, width int) Reverse {
	r := Reverse{cohort: c, set: reverseDefaults()}
	r.set.Width = width
	if width < 1 {
		r.err = bad(fmt.Sprintf("SupervisedTraining(%d)", width), "a layer needs units", "a width from 1 up; the paper's is 512")
	}
	return r
}

func reverseDefaults() reverseChain {
	return reverseChain{Repeats: 3, Rate: 1e-3, Batch: 32, Epochs: 200, Seed: 1}
}

func (r Reverse) failed(verb, what, try string) Reverse {
	if r.err == nil {
		r.err = bad(verb, what, try)
	}
	return r
}

// Layer sets the hidden layer, counted from 1, from the genes in; the default is the
// last.
func (r Reverse) Layer(n int) Reverse {
	if n < 1 || r.set.Width > 0 {
		return r.failed(fmt.Sprintf("Layer(%d)", n), "no such hidden layer", "a number from 1 up, of an autoencoder")
	}
	r.set.Layer = n
	return r
}

// Phenotype sets the labels that tell phenotypes apart: each combination of their
// values is one, written with " · " between them, such as "GSE1145 · control". Samples
// that lack one of them are left out.
func (r Reverse) Phenotype(labels ...string) Reverse {
	if len(labels) == 0 {
		return r.failed("Phenotype", "no label", `columns of the samples' labels, such as Phenotype("study", "disease")`)
	}
	r.set.Labels = labels
	return r
}

// On sets the samples, such as those of a disease that the autoencoder has not seen
// (see Model.Prepare).
func (r Reverse) On(c Cohort) Reverse {
	r.cohort = c
	return r
}

// Direct joins the networks with the supervised network's weights as they were learned.
func (r Reverse) Direct() Reverse {
	r.set.Direct = true
	return r
}

// Repeats sets how often the supervised network is trained. The default is 3.
func (r Reverse) Repeats(n int) Reverse {
	if n < 1 {
		return r.failed(fmt.Sprintf("Repeats(%d)", n), "nothing would be learned", "a number from 1 up")
	}
	r.set.Repeats = n
	return r
}

// Adam sets the learning rate that it begins with. The default is 1e-3.
func (r Reverse) Adam(rate float64) Reverse {
	if !(rate > 0) {
		return r.failed(fmt.Sprintf("Adam(%v)", rate), "no learning rate", "a rate above 0, such as 1e-3")
	}
	r.set.Rate = rate
	return r
}

// Batch sets how many samples each step learns from. The default is 32.
func (r Reverse) Batch(n int) Reverse {
	if n < 1 {
		return r.failed(fmt.Sprintf("Batch(%d)", n), "a batch needs samples", "a size from 1 up")
	}
	r.set.Batch = n
	return r
}

// Epochs sets how many epochs each repeat is trained. The default is 200.
func (r Reverse) Epochs(n int) Reverse {
	if n < 1 {
		return r.failed(fmt.Sprintf("Epochs(%d)", n), "nothing would be learned", "a number from 1 up")
	}
	r.set.Epochs = n
	return r
}

// Seed sets the seed of the first repeat. The default is 1.
func (r Reverse) Seed(seed uint64) Reverse {
	r.set.Seed = seed
	return r
}

// Device sets what the supervised network trains on. It is not in the key.
func (r Reverse) Device(d Device) Reverse {
	r.device = d
	return r
}

// Watch lets w see every epoch. It is not in the key.
func (r Reverse) Watch(w Watcher) Reverse {
	if w != nil {
		r.watch = append(r.watch[:len(r.watch):len(r.watch)], w)
	}
	return r
}

// Named is what figures and tables call it. It is not in the key.
func (r Reverse) Named(name string) Reverse {
	r.name = name
	return r
}

// Name is what figures and tables call it. The default is "reverse training", or
// "supervised network".
func (r Reverse) Name() string {
	switch {
	case r.name != "":
		return r.name
	case r.set.Width > 0:
		return "supervised network"
	}
	return "reverse training"
}

// String is the recipe in a line.
func (r Reverse) String() string { return r.Name() + ": " + r.words() }

func (r Reverse) words() string {
	s := strings.Join(r.set.Labels, " · ")
	switch {
	case r.set.Width > 0:
		s += fmt.Sprintf(" → %d sigmoid → genes", r.set.Width)
	case r.set.Layer > 0:
		s += fmt.Sprintf(" → hidden layer %d", r.set.Layer)
	default:
		s += " → last hidden layer"
	}
	if r.set.Direct {
		s += ", joined as learned"
	}
	s = fmt.Sprintf("%s; %d repeats, adam %g, batch %d, %d epochs, seed %d; on %s", s, r.set.Repeats, r.set.Rate, r.set.Batch, r.set.Epochs, r.set.Seed, r.cohort)
	if t, ok := r.of.(fmt.Stringer); ok {
		s += "; through " + t.String()
	}
	return s
}

// Err is the first bad step of the recipe, or of its cohort's; else nil.
func (r Reverse) Err() error {
	switch {
	case r.err != nil:
		return r.err
	case r.of == nil && r.set.Width == 0:
		return bad("Reverse", "it has no network", "gx.ReverseTraining(autoencoder)")
	case r.cohort.source == nil && r.cohort.err == nil:
		return bad(r.Name(), "it has no samples", "On(cohort)")
	case len(r.set.Labels) == 0:
		return bad(r.Name(), "it has no phenotypes", `Phenotype("study", "disease")`)
	}
	return r.cohort.Err()
}

const reverseRevision = 1

// Key names the scores in the store.
func (r Reverse) Key() (string, error) {
	if err := r.Err(); err != nil {
		return "", err
	}
	c, err := r.cohort.Key()
	if err != nil {
		return "", err
	}
	of := ""
	if r.of != nil {
		if of, err = r.of.Key(); err != nil {
			return "", err
		}
	}
	return keyOf("rev", reverseRevision, c, of, r.set), nil
}

// given is a trained network as a recipe of itself.
type given struct{ f *Fitted }

// Kept is a recipe that gives a trained network that there is already, such as one that
// OpenFitted read.
func Kept(f *Fitted) Recipe[*Fitted] { return given{f} }

func (k given) String() string { return k.f.rec.What }

// phenotypes are the combinations of the labels in the set, in the order in which they
// first come, how many samples each has, and every sample's, −1 without.
func phenotypes(s *Set, labels []string) (names []string, count []int, of []int, err error) {
	cols := make([][]string, len(labels))
	for i, l := range labels {
		if cols[i], err = s.Labels(l); err != nil {
			return nil, nil, nil, err
		}
	}
	at := map[string]int{}
	of = make([]int, s.N())
	for i := range of {
		parts := make([]string, len(cols))
		of[i] = 0
		for c := range cols {
			if parts[c] = cols[c][i]; parts[c] == "" {
				of[i] = -1
			}
		}
		if of[i] < 0 {
			continue
		}
		name := PhenotypeName(parts...)
		k, ok := at[name]
		if !ok {
			k = len(names)
			at[name], names, count = k, append(names, name), append(count, 0)
		}
		of[i] = k
		count[k]++
	}
	return names, count, of, nil
}

// PhenotypeName is the name of the phenotype with those values of the labels.
func PhenotypeName(values ...string) string { return strings.Join(values, " · ") }

// oneHot has a row a sample that has a phenotype, and the index of those samples.
func oneHot(of []int, phenotypes int) (x Matrix, index []int) {
	for i, p := range of {
		if p >= 0 {
			index = append(index, i)
		}
	}
	x = prep.NewMatrix(len(index), phenotypes)
	for r, i := range index {
		x.Row(r)[of[i]] = 1
	}
	return x, index
}
