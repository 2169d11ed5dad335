package gx

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"

	"github.com/gxlab/gxlab/gx/cores"
	"github.com/gxlab/gxlab/gx/fault"
	"github.com/gxlab/gxlab/gx/nn"
	"github.com/gxlab/gxlab/gx/nn/cpu"
	"github.com/gxlab/gxlab/gx/prep"
	"github.com/gxlab/gxlab/gx/store"
)

// A SiVAETraining is a recipe for an interpretable variational autoencoder. It is an
// immutable value; every verb returns a new one. Keep trains it and gives a *SiVAEFitted.
type SiVAETraining struct {
	t     Training
	gamma float64
	batch int // features a step
	cells int // of a gene's profile
}

// SiVAE is the interpretable variational autoencoder of Choi, Li and Quon (2023): two
// autoencoders that are trained together. The cell-wise half embeds cells as a VAE does.
// The feature-wise half embeds genes, from their values over the training cells, and its
// decoder gives the weights that the output layer of the cell-wise half has for each gene.
// The genes' embeddings play the part of the loadings of PCA: a term of weight γ has the
// products of cells' and genes' embeddings explain the values by themselves.
//
// It is trained in the three stages of the paper: the cell-wise half with a last layer of
// its own; the feature-wise half to give that layer's weights, standardised; both together. Stage one
// has half of the epochs, stage two as many steps, and stage three the other half of the
// epochs. Values are Normal: use normalised, logged and scaled ones.
//
// Where the stages are joined the halves' embeddings have nothing in common yet, and the
// optimiser begins anew. Stage three therefore goes on with the divergences at their full
// weight, as the authors' programs do, has γ rise from nothing over as many steps as they
// rose in stage one, and takes a tenth of its epochs to come to the learning rate.
//
// Defaults: in both halves one hidden layer of 128 ReLU units; embeddings of 10; γ 0.05;
// profiles of genes over at most 10,000 training cells; 128 genes and 128 cells a step; the
// rest as VAE has it. The paper's halves have hidden layers of 1024, 512 and 128 and
// embeddings of 2; it decays the rate in steps and clips gradients where we follow a
// cosine. All three stages resume, at an interval of training at most behind.
func SiVAE() SiVAETraining {
	t := VAE()
	t.name = "siVAE"
	return SiVAETraining{t: t, gamma: 0.05, batch: 128, cells: 10000}
}

func (s SiVAETraining) failed(verb, what, try string) SiVAETraining {
	s.t = s.t.failed(verb, what, try)
	return s
}

// Gamma sets how much it counts that embeddings explain values by themselves. The default
// is 0.05; at 0 genes' embeddings are held by the output weights alone.
func (s SiVAETraining) Gamma(g float64) SiVAETraining {
	if !(g >= 0) || math.IsInf(g, 0) {
		return s.failed(fmt.Sprintf("Gamma(%v)", g), "no weight", "a number from 0 up, such as 0.05")
	}
	s.gamma = g
	return s
}

// FeatureBatch sets how many genes a step takes; 0 takes all. The default is 128.
func (s SiVAETraining) FeatureBatch(n int) SiVAETraining {
	if n < 0 {
		return s.failed(fmt.Sprintf("FeatureBatch(%d)", n), "below 0", "a number of genes, or 0 for all")
	}
	s.batch = n
	return s
}

// Cells sets over how many training cells, drawn at random, a gene's profile runs. The
// default is 10,000, or all where there are fewer.
func (s SiVAETraining) Cells(n int) SiVAETraining {
	if n < 2 {
		return s.failed(fmt.Sprintf("Cells(%d)", n), "no profile", "a number of cells from 2 up")
	}
	s.cells = n
	return s
}

// Hidden adds a hidden layer to both halves, as Training.Hidden does.
func (s SiVAETraining) Hidden(width int, act Activation) SiVAETraining {
	s.t = s.t.Hidden(width, act)
	return s
}

// Code sets the size of both embeddings. The default is 10.
func (s SiVAETraining) Code(size int) SiVAETraining {
	s.t = s.t.Code(size)
	return s
}

// On sets the cohort whose training part is learned from.
func (s SiVAETraining) On(c Cohort) SiVAETraining {
	s.t = s.t.On(c)
	return s
}

// Adam sets the learning rate of all stages. The default is 1e-3.
func (s SiVAETraining) Adam(rate float64) SiVAETraining {
	if rate == 0 {
		rate = 1e-3
	}
	s.t = s.t.Adam(rate)
	return s
}

// Batch sets how many cells a step takes. The default is 128.
func (s SiVAETraining) Batch(n int) SiVAETraining {
	s.t = s.t.Batch(n)
	return s
}

// Epochs sets over how many epochs the cells are seen in stages one and three together,
// at least 2. The default is 100.
func (s SiVAETraining) Epochs(n int) SiVAETraining {
	if n < 2 {
		return s.failed(fmt.Sprintf("Epochs(%d)", n), "stages one and three take an epoch each", "a number from 2 up")
	}
	s.t = s.t.Epochs(n)
	return s
}

// L2 adds lambda × the sum of the squared weights to the loss. The default is none.
func (s SiVAETraining) L2(lambda float64) SiVAETraining {
	s.t = s.t.L2(lambda)
	return s
}

// L1 adds lambda × the sum of the absolute weights to the loss. The default is none.
func (s SiVAETraining) L1(lambda float64) SiVAETraining {
	s.t = s.t.L1(lambda)
	return s
}

// Divergence sets the weight of the divergences from N(0, 1) and over how many steps it
// rises to that from nothing in stages one and two, and γ in stage three. The default is
// 1, over 1000 steps or half of stage one, if that is less.
func (s SiVAETraining) Divergence(beta float64, steps int) SiVAETraining {
	s.t = s.t.Divergence(beta, steps)
	return s
}

// Seed sets the seed of weights, orders and draws. The default is 1.
func (s SiVAETraining) Seed(seed uint64) SiVAETraining {
	s.t = s.t.Seed(seed)
	return s
}

// Named is what figures and tables call it. It is not in the key.
func (s SiVAETraining) Named(name string) SiVAETraining {
	s.t = s.t.Named(name)
	return s
}

// Watch lets w see every epoch of every stage. It is not in the key.
func (s SiVAETraining) Watch(w Watcher) SiVAETraining {
	s.t = s.t.Watch(w)
	return s
}

// Device sets what all three stages run on. It is not in the key. The default is Auto.
func (s SiVAETraining) Device(d Device) SiVAETraining {
	s.t = s.t.Device(d)
	return s
}

// Precision sets how a GPU multiplies.
func (s SiVAETraining) Precision(p Precision) SiVAETraining {
	s.t = s.t.Precision(p)
	return s
}

// Name is what figures and tables call it. The default is "siVAE".
func (s SiVAETraining) Name() string { return s.t.Name() }

// String is the recipe in a line.
func (s SiVAETraining) String() string {
	return fmt.Sprintf("%s; genes embedded over %d cells, %d genes a step, gamma %g", s.t, s.cells, s.batch, s.gamma)
}

// Err is the first bad step of the recipe, or of its cohort's; else nil.
func (s SiVAETraining) Err() error {
	if s.t.err == nil && s.t.cohort.source == nil && s.t.cohort.err == nil {
		return bad("SiVAE", "it has no data", "On(cohort)")
	}
	return s.t.Err()
}

const sivaeRevision = 2

// Key names the trained networks in the store.
func (s SiVAETraining) Key() (string, error) {
	if err := s.Err(); err != nil {
		return "", err
	}
	c, err := s.t.cohort.Key()
	if err != nil {
		return "", err
	}
	return keyOf("siv", sivaeRevision, c, s.t.net, s.t.plan, s.gamma, s.batch, s.cells), nil
}

// Keep trains both halves, or reads them where they are kept. A training that was stopped
// goes on from its last checkpoint, in whatever stage.
func (s SiVAETraining) Keep(ctx context.Context, tell Tell) (*SiVAEFitted, error) {
	e, err := kept(ctx, s, tell, func(ctx context.Context, d *store.Draft) error {
		set, err := s.t.cohort.Keep(ctx, tell)
		if err != nil {
			return err
		}
		return s.train(ctx, set, tell, d)
	})
	if err != nil {
		return nil, err
	}
	return loadSiVAE(e, s.Name())
}

// halves are the networks of the stages for p genes, profiles of n cells and a code of k.
func (s SiVAETraining) halves(p, n, k int) (cell, feature, both nn.Spec) {
	cell = s.t.spec(p, k)
	h := cell.Layers[len(cell.Layers)-2].Width
	fs := s.t.spec(n, k) // encoder and hidden layers as the other half's
	layers := fs.Layers[:len(fs.Layers)-1]
	if len(s.t.hidden(p)) > 1 {
		layers = layers[:len(layers)-1] // its outermost stands for the features' weights
	}
	layers = append(slices.Clone(layers), nn.Layer{Kind: nn.Dense, Width: h, Act: cpu.Linear})
	both = cell
	both.Layers = cell.Layers[:len(cell.Layers)-1]
	both.Pair = &nn.Pair{In: n, Layers: layers, Code: fs.Code, Batch: min(s.batch, p), Gamma: s.gamma}
	feature = fs
	feature.Layers = layers
	return cell, feature, both
}

// profiles are genes × cells of those training cells, as the last step leaves the values.
func profiles(x Matrix, cells []int) []float32 {
	out := make([]float32, x.Cols*len(cells))
	cores.Each(x.Cols, func(j int) {
		for k, i := range cells {
			out[j*len(cells)+k] = x.Data[i*x.Cols+j]
		}
	})
	return out
}

// standardised brings every column to mean 0 and standard deviation 1, in place; a constant
// one to 0.
func standardised(m Matrix) (mean, sd []float32) {
	mu, of := prep.Moments(m, every(m.Rows))
	mean, sd = make([]float32, m.Cols), make([]float32, m.Cols)
	for j := range mu {
		if mean[j], sd[j] = float32(mu[j]), float32(of[j]); sd[j] == 0 {
			sd[j] = 1
		}
	}
	for i := range m.Data {
		j := i % m.Cols
		m.Data[i] = (m.Data[i] - mean[j]) / sd[j]
	}
	return mean, sd
}

// seen are the training cells that genes' profiles run over.
func (s SiVAETraining) seen(n int) []int {
	if n <= s.cells {
		return every(n)
	}
	rows := rand.New(rand.NewPCG(s.t.plan.Seed, 0xce115)).Perm(n)[:s.cells]
	slices.Sort(rows)
	return rows
}

func (s SiVAETraining) train(ctx context.Context, set *Set, tell Tell, d *store.Draft) error {
	say := func(what string, done, total int) {
		if tell != nil {
			tell(what, done, total)
		}
	}
	train, watch := set.Train(), set.Validation()
	if watch.N() == 0 {
		watch = set.Test()
	}
	if train.N() < 2 || train.P() < 2 {
		return fault.New(fmt.Sprintf("%d training cells of %d genes are too few for %s", train.N(), train.P(), s.Name()), "", "at least two of each")
	}
	x := train.Values()
	if b := prep.CheckFinite(x); b != nil {
		return fault.New(fmt.Sprintf("%d values are missing or infinite, the first in sample %s, gene %s", b.Count, train.Samples().IDs()[b.Row], set.Genes()[b.Col]), "", "DropMissing() on the cohort")
	}
	k := min(s.t.net.Code, train.P())
	rows := s.seen(train.N())
	features := profiles(x, rows)
	cell, feature, both := s.halves(train.P(), len(rows), k)
	parts := portions(train, watch)
	t := s.t
	t.net.Init = Xavier
	cell.Init, feature.Init, both.Init = string(Xavier), string(Xavier), string(Xavier)

	c := course{start: Xavier, say: say, blocks: 3, scale: set.b.scale, k: k}
	var err error
	if c.device, err = t.runsOn(); err != nil {
		return err
	}
	if c.scratch, err = d.Scratch(); err != nil {
		return err
	}
	need := nn.Need(cell, nn.Plan{Optimiser: t.plan.Optimiser, Batch: t.plan.Batch}) + nn.Need(feature, nn.Plan{Optimiser: t.plan.Optimiser, Batch: max(1, s.batch)}) + 4*int64(len(features))
	giveBack, threads, err := room().take(ctx, need, 0)
	if err != nil {
		return err
	}
	defer giveBack()
	c.threads = threads

	plan := t.plan
	first := t.plan
	first.Epochs = max(1, plan.Epochs/2)
	steps := first.steps(train.N())
	second := t.plan
	second.Iterations = 0
	if second.Batch = s.batch; second.Batch == 0 || second.Batch > train.P() {
		second.Batch = train.P()
	}
	per := max(1, train.P()/second.Batch)
	second.Epochs = max(1, (steps+per-1)/per)
	third := t.plan
	third.Epochs = max(1, plan.Epochs-first.Epochs)
	third.Warmup = (third.Epochs + 9) / 10
	c.total = first.Epochs + second.Epochs + third.Epochs

	f := &SiVAEFitted{gamma: s.gamma}
	stage := func(n int, p planChain, spec nn.Spec, beta float64, rise int, x, watch portion) (*nn.Net, error) {
		c.t = t
		c.t.plan = p
		c.t.name = fmt.Sprintf("%s, stage %d", s.Name(), n+1)
		spec.KL, spec.KLSteps = beta, rise
		c.spec = spec
		net, curve, err := c.block(ctx, n, x, watch, t.watch)
		c.before += p.Epochs
		f.curves[n] = curve
		return net, err
	}
	beta, rise := t.divergence(steps)
	net1, err := stage(0, first, cell, beta, rise, parts[0], parts[1])
	if err != nil {
		return err
	}
	weights := Matrix{Rows: train.P(), Cols: both.Layers[len(both.Layers)-1].Width, Data: net1.LastWeights()}
	mean, sd := standardised(weights)
	c.target, c.scale = weights.Data, nil
	net2, err := stage(1, second, feature, beta, rise, portion{x: features, p: len(rows)}, portion{})
	if err != nil {
		return err
	}
	w, b := net2.Weights(len(feature.Layers) - 1) // to the weights' own units
	for j := range b {
		b[j] = b[j]*sd[j] + mean[j]
	}
	for i := range w {
		w[i] *= sd[i%len(sd)]
	}
	c.target, c.scale, c.features = nil, set.b.scale, features
	both.Pair.GammaSteps = rise
	c.from = func() (*nn.Net, error) { return nn.Join(c.spec, net1, net2, t.plan.Seed) }
	if f.pair, err = stage(2, third, both, beta, 0, parts[0], parts[1]); err != nil {
		return err
	}
	rec := Record{
		What: s.String()[len(s.Name())+2:], Source: set.b.name, Data: set.b.key, Steps: t.cohort.Steps(),
		Settings: map[string]any{"net": t.net, "plan": t.plan, "gamma": s.gamma, "genes_a_step": s.batch, "cells_of_profiles": len(rows)}, Seed: t.plan.Seed,
		Samples: train.N(), Genes: train.P(), Device: c.where, Versions: versions(),
	}
	return f.write(d, set, features, k, rec)
}
