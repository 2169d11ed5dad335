package gx

import (
	"context"
	"fmt"
	"math/rand/v2"
	"sort"

	"github.com/gxlab/gxlab/gx/fault"
	"github.com/gxlab/gxlab/gx/nn"
	"github.com/gxlab/gxlab/gx/nn/cpu"
	"github.com/gxlab/gxlab/gx/store"
)

// An Attribution is a recipe that shares out a trained network's units among the
// genes: how much each gene contributes to each component of the code, in the
// training samples. It is an immutable value; Keep trains the network if it is not
// kept yet, and gives an *Attributed.
//
//	gx.DeepLIFT(gx.MeanReference()).Of(training())
//
// By default it attributes the code components (Outputs and Layer choose others) in
// all training samples. The target of sigmoid and softmax units is their weighted sum
// before the activation, as in the DeepLIFT paper (§3.6: contributions to a saturated
// unit would be small whatever the genes do); of other units it is their value.
//
// It runs on the CPU in float32, also where the network was trained on a GPU.
type Attribution struct {
	of     Training
	set    attributionChain
	name   string
	err    error
	within int // threads
}

// attributionChain is what decides the numbers.
type attributionChain struct {
	Method  nn.Method `json:"method"`
	Ref     Reference `json:"reference"`
	Target  string    `json:"target"` // "code", "outputs", "layer"
	Layer   int       `json:"layer,omitempty"`
	After   bool      `json:"after,omitempty"`
	Steps   int       `json:"steps,omitempty"`
	Samples int       `json:"samples,omitempty"`
	Seed    uint64    `json:"seed"`
}

// DeepLIFT attributes by the Rescale rule of DeepLIFT (Shrikumar et al. 2017, "Learning
// important features through propagating activation differences"): every unit's change
// from its value at the reference is passed back in proportion, and a sample's
// contributions add up to the change of the target. Attributed.CompletenessError says
// how nearly they do.
//
// Where a unit's sum changes by less than 1e-7 its derivative at the reference takes
// the place of Δf/Δz. SoftMax within a network is taken unit by unit, as the authors
// do; there IntegratedGradients is steadier.
func DeepLIFT(ref Reference) Attribution { return attribution("DeepLIFT", nn.DeepLIFT, ref) }

// GradientInput attributes by the gradient at the sample times its difference from
// the reference (Shrikumar et al. 2016); with ZeroReference it is gradient × input. It
// adds up to the change only where the network is linear.
func GradientInput(ref Reference) Attribution {
	return attribution("GradientInput", nn.GradientInput, ref)
}

// IntegratedGradients attributes by the mean gradient along the straight line from
// reference to sample, times their difference (Sundararajan et al. 2017), at 50 points
// of the Gauss–Legendre rule; Steps sets another number.
func IntegratedGradients(ref Reference) Attribution {
	a := attribution("IntegratedGradients", nn.IntegratedGradients, ref)
	a.set.Steps = 50
	return a
}

func attribution(verb string, m nn.Method, ref Reference) Attribution {
	a := Attribution{set: attributionChain{Method: m, Ref: ref, Target: "code", Seed: 1}}
	if what, try := ref.wrong(); what != "" {
		a.err = bad(verb, what, try)
	}
	return a
}

// Of sets the network.
func (a Attribution) Of(t Training) Attribution {
	a.of = t
	return a
}

// Outputs attributes the network's outputs, the reproduced genes, in place of the
// code.
func (a Attribution) Outputs() Attribution {
	a.set.Target, a.set.Layer = "outputs", 0
	return a
}

// Layer attributes the units of the encoder's hidden layer n, counted from 1.
func (a Attribution) Layer(n int) Attribution {
	if n < 1 {
		return a.failed(fmt.Sprintf("Layer(%d)", n), "no such hidden layer", "a number from 1 up")
	}
	a.set.Target, a.set.Layer = "layer", n
	return a
}

// AfterActivation attributes the values of sigmoid and softmax units in place of their
// sums.
func (a Attribution) AfterActivation() Attribution {
	a.set.After = true
	return a
}

// Steps sets how many points IntegratedGradients takes. The default is 50.
func (a Attribution) Steps(n int) Attribution {
	if n < 1 || a.set.Method != nn.IntegratedGradients {
		return a.failed(fmt.Sprintf("Steps(%d)", n), "a number of points from 1 up is for IntegratedGradients", "IntegratedGradients(…).Steps(50)")
	}
	a.set.Steps = n
	return a
}

// Samples sets how many of the training samples are looked at, drawn at random. The
// default, 0, is all of them.
func (a Attribution) Samples(n int) Attribution {
	if n < 0 {
		return a.failed(fmt.Sprintf("Samples(%d)", n), "below 0", "a number of training samples, or 0 for all")
	}
	a.set.Samples = n
	return a
}

// Seed sets the seed of the samples and references that are drawn. The default is 1.
func (a Attribution) Seed(seed uint64) Attribution {
	a.set.Seed = seed
	return a
}

// Named is what figures and tables call it. It is not in the key.
func (a Attribution) Named(name string) Attribution {
	a.name = name
	return a
}

// Name is what figures and tables call it. The default is the method.
func (a Attribution) Name() string {
	switch {
	case a.name != "":
		return a.name
	case a.set.Method == nn.DeepLIFT:
		return "DeepLIFT"
	}
	return string(a.set.Method)
}

// String is the recipe in a line.
func (a Attribution) String() string { return a.words() + " of " + a.of.String() }

func (a Attribution) words() string {
	s := fmt.Sprintf("%s of %s", a.set.Method, a.set.Target)
	if a.set.Layer > 0 {
		s += fmt.Sprintf(" %d", a.set.Layer)
	}
	if a.set.After {
		s += " after activation"
	}
	s += " against " + a.set.Ref.String()
	if a.set.Steps > 0 {
		s += fmt.Sprintf(", %d steps", a.set.Steps)
	}
	if a.set.Samples > 0 {
		s += fmt.Sprintf(", %d samples", a.set.Samples)
	}
	return fmt.Sprintf("%s, seed %d", s, a.set.Seed)
}

func (a Attribution) failed(verb, what, try string) Attribution {
	if a.err == nil {
		a.err = bad(verb, what, try)
	}
	return a
}

// Err is the first bad step of the recipe, or of its network's; else nil.
func (a Attribution) Err() error {
	switch {
	case a.err != nil:
		return a.err
	case a.set.Method == "":
		return bad("Attribution", "it has no method", "DeepLIFT, GradientInput or IntegratedGradients")
	case a.of.cohort.source == nil && a.of.cohort.err == nil && a.of.err == nil:
		return bad(a.Name(), "it has no network", "Of(training)")
	}
	return a.of.Err()
}

const attributionRevision = 1

// Key names the contributions in the store.
func (a Attribution) Key() (string, error) {
	if err := a.Err(); err != nil {
		return "", err
	}
	t, err := a.of.Key()
	if err != nil {
		return "", err
	}
	return keyOf("att", attributionRevision, t, a.set), nil
}

// Keep trains the network and attributes its units in the training samples, or reads
// what is kept.
func (a Attribution) Keep(ctx context.Context, tell Tell) (*Attributed, error) {
	return a.keep(ctx, tell, 0)
}

func (a Attribution) keep(ctx context.Context, tell Tell, threads int) (*Attributed, error) {
	e, err := kept(ctx, a, tell, func(ctx context.Context, d *store.Draft) error {
		fit, err := a.of.keep(ctx, tell, threads)
		if err != nil {
			return err
		}
		set, err := a.of.cohort.Keep(ctx, tell)
		if err != nil {
			return err
		}
		// the samples, and the sums and means of a group of units by gene
		need := 4*int64(set.Train().N())*int64(set.P()) + (16*256+8*int64(min(mostPairs/set.P(), set.P())))*int64(set.P())
		giveBack, threads, err := room().take(ctx, need, threads)
		if err != nil {
			return err
		}
		defer giveBack()
		a.within = threads
		got, err := fit.attribute(ctx, a, set.Train(), tell)
		if err != nil {
			return err
		}
		got.rec.What = a.words() // names are no part of what is kept
		return got.write(d)
	})
	if err != nil {
		return nil, err
	}
	return loadAttributed(e, a.Name())
}

// Attribute shares out the network's units among the genes in the samples of s, such
// as set.Train() of the training cohort: landmark genes are to be chosen from training
// samples alone. References come from the training part of the set that s is a view
// of. Genes that s lacks are at their training mean. Nothing is kept; the recipe's Of
// and Samples are not used.
func (f *Fitted) Attribute(ctx context.Context, a Attribution, s *Set, tell Tell) (*Attributed, error) {
	if a.err != nil {
		return nil, a.err
	}
	if a.set.Method == "" {
		return nil, a.Err()
	}
	a.set.Samples = 0
	return f.attribute(ctx, a, s, tell)
}

// mostPairs is how many contributions (units × genes) are kept one by one; of more
// there are sums over units alone.
const mostPairs = 1 << 26

func (f *Fitted) attribute(ctx context.Context, a Attribution, s *Set, tell Tell) (*Attributed, error) {
	to, last, err := f.target(a)
	if err != nil {
		return nil, err
	}
	train := (&Set{b: s.b}).Train()
	ref, err := a.set.Ref.rows(f.Model, train, a.set.Seed)
	if err != nil {
		return nil, err
	}
	if n := a.set.Samples; n > 0 && n < s.N() {
		index := rand.New(rand.NewPCG(a.set.Seed, 0x5a3b1e)).Perm(s.N())[:n]
		sort.Ints(index)
		s = s.Select(index...)
	}
	x, missing, err := f.aligned(s)
	if err != nil {
		return nil, err
	}
	spec := f.net.Spec()
	units := 0
	for _, l := range spec.Layers[:to] {
		if l.Kind == nn.Dense {
			units = l.Width
		}
	}
	out := &Attributed{name: a.Name(), genes: f.genes, rec: f.rec}
	if len(missing) > 0 {
		out.notes = append(out.notes, fmt.Sprintf("%d genes missing and taken at their training mean: %s", len(missing), legal(missing)))
	}
	n := nn.Attribution{
		Method: a.set.Method, To: to, Reference: ref.Data, Steps: a.set.Steps, Threads: a.within,
		Sums:   !a.set.After && (last == cpu.Sigmoid || last == cpu.SoftMax),
		Totals: units*len(f.genes) > mostPairs,
	}
	if n.Totals {
		out.notes = append(out.notes, fmt.Sprintf("contributions to %d units are kept as sums over units alone", units))
	}
	if tell != nil {
		n.Tell = func(done, total int) { tell(fmt.Sprintf("%s: %d of %d", a.Name(), done, total), done, total) }
	}
	if out.of, err = f.net.Attribute(ctx, x.Data, x.Rows, n); err != nil {
		return nil, err
	}
	for u := range units {
		switch a.set.Target {
		case "outputs":
			out.units = append(out.units, f.genes[u])
		case "layer":
			out.units = append(out.units, fmt.Sprintf("unit %d", u+1))
		default:
			out.units = append(out.units, fmt.Sprintf("code %d", u+1))
		}
	}
	out.set = a.set
	out.sums = n.Sums
	out.rec.What = a.words() + " of " + f.rec.What
	out.rec.Samples, out.rec.Seed, out.rec.Versions = x.Rows, a.set.Seed, versions()
	out.rec.Settings = map[string]any{"attribution": a.set, "network": f.rec.Settings}
	return out, nil
}

// target is the number of layers up to the units of interest, and their activation.
func (f *Fitted) target(a Attribution) (to int, act cpu.Act, err error) {
	spec := f.net.Spec()
	to = spec.Code
	switch a.set.Target {
	case "outputs":
		to = len(spec.Layers)
	case "layer":
		to = 0
		for n := 0; to < spec.Code && n < a.set.Layer; to++ {
			if spec.Layers[to].Kind == nn.Dense {
				n++
			}
		}
		for to < spec.Code && spec.Layers[to].Kind != nn.Dense {
			to++
		}
		if to == spec.Code {
			hidden := -1
			for _, l := range spec.Layers[:spec.Code] {
				if l.Kind == nn.Dense {
					hidden++
				}
			}
			return 0, 0, fault.New(fmt.Sprintf("the encoder of %s has %d hidden layers, not %d", f.name, hidden, a.set.Layer), "", "one of them, or the code without Layer")
		}
	}
	for _, l := range spec.Layers[:to] {
		if l.Kind != nn.Dropout {
			act = l.Act
		}
	}
	return to, act, nil
}
