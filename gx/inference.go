package gx

import (
	"fmt"
	"slices"

	"github.com/gxlab/gxlab/gx/learn"
)

// An Inference is a recipe for a network that predicts genes from a few landmark
// genes, after D-GEX (Chen et al. 2016, "Gene expression inference with deep
// learning"). It is an immutable value; Keep trains the network and gives an
// *Inferred.
//
//	gx.Infer(landmarks).On(cohort()).Hidden(3000, gx.Tanh).Seed(7)
//
// Landmarks and targets are standardised gene by gene over the training part, whatever
// the cohort's last step is; predictions and errors are in the data's own units.
type Inference struct {
	t         Training
	landmarks []string
	targets   []string
	blocks    int
	by        learn.Regressor // in the place of a network; nil
}

// Infer predicts all other genes of the cohort from the landmarks. Landmarks that the
// cohort lacks are left out and named in the result's Notes.
//
// Defaults are D-GEX's: one hidden layer of tanh units, three times as many as
// landmarks (at least 64, at most 3000; the paper's are 3000 to 9000), linear outputs;
// hidden weights from U(±√(6/(in+out))), output weights from U(±1e-4); a tenth of the
// hidden units dropped while training, of the landmarks none; mean squared error;
// momentum 0.5 at a rate of 5e-4 (3e-4 with three hidden layers), which is taken times
// 0.9, down to 1e-5, when an epoch's training error is higher than that of the epoch
// before; batches of 200, or of an eighth of the training samples where that is less;
// 200 epochs. Where the cohort has a validation part the weights of the epoch that is
// best there are kept, else the last. Seed 1.
//
// D-GEX's loss is summed over the targets, ours is their mean: its rates are meant for
// the sum, and are multiplied by the number of targets. Its threefold rate for deeper
// layers is left out. Adam suits small cohorts better, with few steps to take.
func Infer(landmarks []string) Inference {
	i := Inference{landmarks: slices.Clone(landmarks), blocks: 1, t: Training{
		net:  netChain{OutAct: Linear, Loss: MSE, Init: Xavier, Dropout: 0.1},
		plan: planChain{Optimiser: "momentum", Momentum: 0.5, Schedule: "falling", Fall: 0.9, Epochs: 200, Seed: 1},
		name: "inference",
	}}
	if len(landmarks) == 0 {
		return i.failed("Infer", "no landmarks", "a list of genes, such as Attributed.Top(943)")
	}
	seen := map[string]bool{}
	for _, g := range landmarks {
		if seen[g] {
			return i.failed("Infer", fmt.Sprintf("landmark %s stands there twice", g), "every gene once")
		}
		seen[g] = true
	}
	return i
}

func (i Inference) failed(verb, what, try string) Inference {
	i.t = i.t.failed(verb, what, try)
	return i
}

// Targets sets which genes are predicted. The default is all but the landmarks. Those
// that are landmarks, or that the cohort lacks, are left out.
func (i Inference) Targets(genes ...string) Inference {
	if len(genes) == 0 {
		return i.failed("Targets()", "nothing to predict", "a list of genes")
	}
	i.targets = slices.Clone(genes)
	return i
}

// Blocks trains n networks, each for a part of the targets, where one has no room:
// D-GEX took two. The default is 1.
func (i Inference) Blocks(n int) Inference {
	if n < 1 {
		return i.failed(fmt.Sprintf("Blocks(%d)", n), "no network", "a number from 1 up")
	}
	i.blocks = n
	return i
}

// By predicts by a classical method in the place of a network, on the same standardised
// landmarks and targets: learn.LinearRegression (L1000's way), learn.Ridge, learn.Lasso
// or learn.KNNRegression. What is said of layers and training is then not used.
func (i Inference) By(r learn.Regressor) Inference {
	if _, err := regressorOf(r); err != nil {
		i.t = i.t.failed("By", err.Error(), "learn.LinearRegression{}, learn.Ridge{}, learn.Lasso{} or learn.KNNRegression{}")
		return i
	}
	i.by = r
	if i.t.name == "inference" {
		i.t.name = r.Name()
	}
	return i
}

// On sets the cohort whose training part is learned from.
func (i Inference) On(c Cohort) Inference {
	i.t = i.t.On(c)
	return i
}

// Hidden adds a hidden layer. Several calls add several layers, from the landmarks on.
func (i Inference) Hidden(width int, act Activation) Inference {
	i.t = i.t.Hidden(width, act)
	return i
}

// Dropout drops a share of the hidden units at each step of training. The default is
// 0.1.
func (i Inference) Dropout(share float64) Inference {
	i.t = i.t.Dropout(share)
	return i
}

// Loss sets what training minimises: MSE (the default) or MAE.
func (i Inference) Loss(l Loss) Inference {
	i.t = i.t.Loss(l)
	return i
}

// L2 adds lambda × the sum of the squared weights to the loss. The default is none.
func (i Inference) L2(lambda float64) Inference {
	i.t = i.t.L2(lambda)
	return i
}

// Momentum trains by gradient descent with momentum mu at D-GEX's kind of rate, which
// is multiplied by the number of targets (see Infer) and falls when the error rises.
// The default is 5e-4, or 3e-4 with three hidden layers, and 0.5.
func (i Inference) Momentum(rate, mu float64) Inference {
	i.t = i.t.optimiser("momentum", rate, mu)
	i.t.plan.Schedule, i.t.plan.Fall = "falling", 0.9
	return i
}

// Adam trains by Adam at that rate, which rises over 5 epochs and falls to nothing
// along a cosine; 0 stands for 1e-3.
func (i Inference) Adam(rate float64) Inference {
	if rate == 0 {
		rate = 1e-3
	}
	i.t = i.t.optimiser("adam", rate, 0)
	i.t.plan.Schedule, i.t.plan.Warmup, i.t.plan.Fall = "cosine", 5, 0
	return i
}

// Batch sets how many samples each step learns from. The default is 200, or an eighth
// of the training samples.
func (i Inference) Batch(n int) Inference {
	i.t = i.t.Batch(n)
	return i
}

// Epochs sets how many epochs to train. The default is 200.
func (i Inference) Epochs(n int) Inference {
	i.t = i.t.Epochs(n)
	return i
}

// Seed sets the seed of the initial weights, the order of samples and dropout. The
// default is 1.
func (i Inference) Seed(seed uint64) Inference {
	i.t = i.t.Seed(seed)
	return i
}

// Named is what figures and tables call it. It is not in the key.
func (i Inference) Named(name string) Inference {
	i.t = i.t.Named(name)
	return i
}

// Watch lets w see every epoch. It is not in the key.
func (i Inference) Watch(w Watcher) Inference {
	i.t = i.t.Watch(w)
	return i
}

// Device sets what the training runs on. It is not in the key. The default is Auto.
func (i Inference) Device(d Device) Inference {
	i.t = i.t.Device(d)
	return i
}

// Precision sets how a GPU multiplies.
func (i Inference) Precision(p Precision) Inference {
	i.t = i.t.Precision(p)
	return i
}

// Name is what figures and tables call it. The default is "inference".
func (i Inference) Name() string { return i.t.Name() }

// String is the recipe in a line.
func (i Inference) String() string { return i.Name() + ": " + i.words() }

func (i Inference) words() string {
	if i.by != nil {
		return fmt.Sprintf("%s from %d landmarks; on %s", i.by.Name(), len(i.landmarks), i.t.cohort)
	}
	s := fmt.Sprintf("%d landmarks", len(i.landmarks))
	for _, h := range i.t.net.Hidden {
		s += fmt.Sprintf(" → %d %s", h.Width, h.Act)
	}
	s += " → "
	if i.targets != nil {
		s += fmt.Sprintf("%d genes", len(i.targets))
	} else {
		s += "the other genes"
	}
	if i.blocks > 1 {
		s += fmt.Sprintf(" in %d blocks", i.blocks)
	}
	return fmt.Sprintf("%s; %s, %s, %d epochs, seed %d; on %s", s, i.t.net.Loss, i.t.plan.Optimiser, i.t.plan.Epochs, i.t.plan.Seed, i.t.cohort)
}

// Err is the first bad step of the recipe, or of its cohort's; else nil.
func (i Inference) Err() error {
	if i.t.err == nil && i.t.cohort.source == nil && i.t.cohort.err == nil {
		return bad("Infer", "it has no data", "On(cohort)")
	}
	return i.t.Err()
}

const inferenceRevision = 1

// Key names the trained network in the store.
func (i Inference) Key() (string, error) {
	if err := i.Err(); err != nil {
		return "", err
	}
	c, err := i.t.cohort.Key()
	if err != nil {
		return "", err
	}
	if i.by != nil {
		r, err := regressorOf(i.by)
		if err != nil {
			return "", err
		}
		return keyOf("inf", inferenceRevision, c, i.landmarks, i.targets, r), nil
	}
	return keyOf("inf", inferenceRevision, c, i.landmarks, i.targets, i.blocks, i.t.net, i.t.plan), nil
}
