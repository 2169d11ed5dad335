package gx

import (
	"fmt"
	"math"
)

// A Training is a recipe for a trained network: its layers, the cohort it
// learns from and how. It is an immutable value; every verb returns a new one.
// Keep trains it, usually through kernel.Keep, and gives a *Fitted.
//
//	gx.Autoencoder().Hidden(2000, gx.LogSigmoid).Code(30).On(cohort()).Adam(1e-3).Epochs(100).Seed(7)
//
// Everything has a default that suits: gx.Autoencoder().On(cohort()) trains.
type Training struct {
	cohort Cohort
	net    netChain
	plan   planChain
	name   string
	device Device
	watch  []Watcher
	err    error
}

// netChain is what decides the network, as the chain says it; widths of 0 are
// settled when the data are known.
type netChain struct {
	Hidden    []hidden   `json:"hidden,omitempty"`
	Shallow   bool       `json:"shallow,omitempty"` // no layers but the code
	Code      int        `json:"code"`
	CodeAct   Activation `json:"code_act"`
	OutAct    Activation `json:"out_act"`
	Dropout   float64    `json:"dropout,omitempty"`
	BatchNorm bool       `json:"batch_norm,omitempty"`
	Noise     float64    `json:"noise,omitempty"`
	Clip      []float64  `json:"clip,omitempty"`
	Mask      float64    `json:"mask,omitempty"`
	Loss      Loss       `json:"loss"`
	L1        float64    `json:"l1,omitempty"`
	L2        float64    `json:"l2,omitempty"`
	Init      Init       `json:"init"`

	Label       string  `json:"label,omitempty"` // of the classifier
	ClassWeight float64 `json:"class_weight,omitempty"`
	ClassHidden int     `json:"class_hidden,omitempty"`

	Likelihood Likelihood `json:"likelihood,omitempty"` // of a VAE
	KL         float64    `json:"kl,omitempty"`
	KLSteps    int        `json:"kl_steps,omitempty"`
	Linear     bool       `json:"linear_decoder,omitempty"`
}

type hidden struct {
	Width int        `json:"width"`
	Act   Activation `json:"act"`
}

// planChain is what decides the course of training.
type planChain struct {
	Optimiser  string    `json:"optimiser"`
	Rate       float64   `json:"rate"`
	FanIn      int       `json:"fan_in,omitempty"`
	Momentum   float64   `json:"momentum,omitempty"`
	Decay      float64   `json:"decay,omitempty"`
	Schedule   string    `json:"schedule,omitempty"`
	Fall       float64   `json:"fall,omitempty"`
	Floor      float64   `json:"floor,omitempty"`
	Warmup     int       `json:"warmup,omitempty"`
	Choose     float64   `json:"choose,omitempty"`
	Batch      int       `json:"batch"`
	Epochs     int       `json:"epochs"`
	Iterations int       `json:"iterations,omitempty"`
	Patience   int       `json:"patience,omitempty"`
	Seed       uint64    `json:"seed"`
	Precision  Precision `json:"precision,omitempty"`
}

// Autoencoder is a network that packs every profile into a few numbers, its
// code, and reproduces the profile from them. The decoder mirrors the encoder.
//
// Defaults: one hidden layer of LeakyReLU units, a tenth as wide as there are
// genes (at least 64 and twice the code, at most 2000); a linear code of 30; a
// start from the principal components where the network allows it (see Start);
// mean squared error; Adam at a rate of 3e-4, or 3e-4·√(2000/genes) for more than
// 2000 genes, that rises over 5 epochs and falls to nothing along a cosine, in
// batches of 32 for 100 epochs; seed 1.
func Autoencoder() Training {
	return Training{
		net:  netChain{Code: 30, CodeAct: Linear, OutAct: Linear, Loss: MSE},
		plan: planChain{Optimiser: "adam", Schedule: "cosine", Warmup: 5, Batch: 32, Epochs: 100, Seed: 1},
	}
}

// Hidden adds a hidden layer of width units to the encoder, and its mirror image
// to the decoder. Several calls add several layers, from the genes inwards.
func (t Training) Hidden(width int, act Activation) Training {
	if width < 1 {
		return t.failed(fmt.Sprintf("Hidden(%d)", width), "a layer needs units", "a width from 1 up")
	}
	if !act.known() {
		return t.failed(fmt.Sprintf("Hidden(%d %s)", width, act), "no such activation", "one of "+legal(activationNames()))
	}
	t.net.Shallow = false
	t.net.Hidden = append(t.net.Hidden[:len(t.net.Hidden):len(t.net.Hidden)], hidden{width, act})
	return t
}

// Shallow leaves the code as the only hidden layer: genes → code → genes. It takes away
// hidden layers that were added before.
func (t Training) Shallow() Training {
	t.net.Hidden, t.net.Shallow = nil, true
	return t
}

// Code sets the number of code components. The default is 30.
func (t Training) Code(size int) Training {
	if size < 1 {
		return t.failed(fmt.Sprintf("Code(%d)", size), "a code needs components", "a size from 1 up; the paper's is 30")
	}
	t.net.Code = size
	return t
}

// CodeActivation sets the activation of the code layer. The default is Linear.
func (t Training) CodeActivation(act Activation) Training {
	if !act.known() {
		return t.failed(fmt.Sprintf("CodeActivation(%s)", act), "no such activation", "one of "+legal(activationNames()))
	}
	t.net.CodeAct = act
	return t
}

// Output sets the activation of the last layer. The default is Linear; Sigmoid
// suits values mapped to 0–1 (MinMax).
func (t Training) Output(act Activation) Training {
	if !act.known() {
		return t.failed(fmt.Sprintf("Output(%s)", act), "no such activation", "one of "+legal(activationNames()))
	}
	t.net.OutAct = act
	return t
}

// On sets the cohort whose training part the network learns from.
func (t Training) On(c Cohort) Training {
	t.cohort = c
	return t
}

// Dropout drops a share of the hidden units at each step of training. The
// default is none.
func (t Training) Dropout(share float64) Training {
	if !(share >= 0 && share < 1) {
		return t.failed(fmt.Sprintf("Dropout(%v)", share), "no share to drop", "a share from 0 up to below 1, such as 0.1")
	}
	t.net.Dropout = share
	return t
}

// BatchNorm normalises every hidden layer over the batch, before its
// activation (Ioffe and Szegedy 2015). The default is not to.
func (t Training) BatchNorm() Training {
	t.net.BatchNorm = true
	return t
}

// Noise adds Gaussian noise of standard deviation sd, in the units the network
// sees, to the input during training; the target stays clean (Vincent 2008).
// The default is none.
func (t Training) Noise(sd float64) Training {
	if !(sd >= 0) || math.IsInf(sd, 0) {
		return t.failed(fmt.Sprintf("Noise(%v)", sd), "no standard deviation", "a number from 0 up, such as 0.1")
	}
	t.net.Noise = sd
	return t
}

// Clip cuts the input that Noise has disturbed off at low and high, in the units the
// network sees: the second paper adds N(0, 0.5) to values from 0 to 1 and cuts at 0 and 1.
// The default is not to cut. Without Noise it changes nothing.
func (t Training) Clip(low, high float64) Training {
	if !(low < high) || math.IsInf(low, 0) || math.IsInf(high, 0) {
		return t.failed(fmt.Sprintf("Clip(%v, %v)", low, high), "no range", "a least and a greatest value, such as Clip(0, 1)")
	}
	t.net.Clip = []float64{low, high}
	return t
}

// Mask hides a share of the input genes at each step of training; the target
// stays whole (Vincent 2008). The default is none.
func (t Training) Mask(share float64) Training {
	if !(share >= 0 && share < 1) {
		return t.failed(fmt.Sprintf("Mask(%v)", share), "no share to hide", "a share from 0 up to below 1, such as 0.1")
	}
	t.net.Mask = share
	return t
}

// Loss sets what training minimises: MSE (the default) or MAE, the mean over
// samples and genes.
func (t Training) Loss(l Loss) Training {
	if l != MSE && l != MAE {
		return t.failed(fmt.Sprintf("Loss(%s)", l), "no such loss", "gx.MSE or gx.MAE")
	}
	t.net.Loss = l
	return t
}

// L1 adds lambda × the sum of the absolute weights to the loss. The default is
// none. Biases are left alone.
func (t Training) L1(lambda float64) Training {
	if !(lambda >= 0) {
		return t.failed(fmt.Sprintf("L1(%v)", lambda), "a penalty below 0", "a number from 0 up, such as 1e-8")
	}
	t.net.L1 = lambda
	return t
}

// L2 adds lambda × the sum of the squared weights to the loss. The default is
// none. Biases are left alone.
func (t Training) L2(lambda float64) Training {
	if !(lambda >= 0) {
		return t.failed(fmt.Sprintf("L2(%v)", lambda), "a penalty below 0", "a number from 0 up, such as 1e-6")
	}
	t.net.L2 = lambda
	return t
}

// Start sets how the weights begin: Torch, Xavier, He, Orthogonal or FromPCA. The default is
// FromPCA where the network can carry principal components (one hidden layer of at
// least twice the code's width, of an activation that FromPCA names, linear code
// and output, no BatchNorm, no Dropout), else Torch.
func (t Training) Start(i Init) Training {
	if !i.known() {
		return t.failed(fmt.Sprintf("Start(%s)", i), "no such start", "one of "+legal(initNames()))
	}
	t.net.Init = i
	return t
}

// Adam trains by Adam (Kingma and Ba 2015; β 0.9 and 0.999, ε 1e-8) at the given
// learning rate. It is the default. Rate 0 stands for 3e-4, or 3e-4·√(2000/genes)
// for more than 2000 genes: wider layers bear smaller steps.
func (t Training) Adam(rate float64) Training {
	if rate == 0 {
		t.plan.Optimiser, t.plan.Rate, t.plan.Momentum = "adam", 0, 0
		return t
	}
	return t.optimiser("adam", rate, 0)
}

// FanIn makes the rate of Adam that of a layer of at most n inputs: the weights of a
// layer with more learn at rate·n/inputs, biases at the rate itself. A step of Adam
// moves every weight by about the rate, however small the gradient, and a unit's sum
// by up to as much for each input: with thousands of inputs one rate for all layers
// drives the first layer's sigmoid or tanh units to their ends, where they no longer
// learn, or is too small for the others. 50 suits, at a rate of 1e-2; the default, 0,
// is one rate for all layers. That Adam's rate should fall as 1/inputs is from Yang
// et al. 2021 (Tensor Programs V). It needs Adam.
func (t Training) FanIn(n int) Training {
	if n < 0 {
		return t.failed(fmt.Sprintf("FanIn(%d)", n), "below 0", "a number of inputs, such as 50, or 0 for one rate in all layers")
	}
	t.plan.FanIn = n
	return t
}

// SGD trains by stochastic gradient descent at the given learning rate.
func (t Training) SGD(rate float64) Training { return t.optimiser("sgd", rate, 0) }

// Momentum trains by gradient descent with momentum mu.
func (t Training) Momentum(rate, mu float64) Training { return t.optimiser("momentum", rate, mu) }

func (t Training) optimiser(name string, rate, mu float64) Training {
	if !(rate > 0) || math.IsInf(rate, 0) {
		return t.failed(fmt.Sprintf("%s(%v)", name, rate), "no learning rate", "a rate above 0, such as 1e-3")
	}
	if !(mu >= 0 && mu < 1) {
		return t.failed(fmt.Sprintf("%s(%v %v)", name, rate, mu), "no momentum", "a momentum from 0 up to below 1, such as 0.9")
	}
	if name != "adam" {
		t.plan.Schedule, t.plan.Warmup = "", 0 // constant, unless Cosine and Warmup say otherwise afterwards
	}
	t.plan.Optimiser, t.plan.Rate, t.plan.Momentum = name, rate, mu
	return t
}

// Decay makes the learning rate of step i of an epoch rate / (1 + d·i), from i =
// 0 anew in every epoch, which is how the first paper's rate falls and restarts
// (Torch's learningRateDecay). The default is none.
func (t Training) Decay(d float64) Training {
	if !(d >= 0) {
		return t.failed(fmt.Sprintf("Decay(%v)", d), "a decay below 0", "a number from 0 up, such as 0.01")
	}
	t.plan.Decay = d
	return t
}

// Cosine lets the learning rate fall from its full value to nothing along half a
// cosine over all epochs. It is the default with Adam.
func (t Training) Cosine() Training {
	t.plan.Schedule = "cosine"
	return t
}

// Warmup lets the learning rate rise from nothing over the first epochs. The
// default is 5 with Adam and none otherwise.
func (t Training) Warmup(epochs int) Training {
	if epochs < 0 {
		return t.failed(fmt.Sprintf("Warmup(%d)", epochs), "below 0", "a number of epochs, or 0 for none")
	}
	t.plan.Warmup = epochs
	return t
}

// Constant keeps the learning rate the same in all epochs. It is the default
// with SGD and Momentum.
func (t Training) Constant() Training {
	t.plan.Schedule = ""
	return t
}

// Batch sets how many samples each step learns from. The default is 32.
func (t Training) Batch(n int) Training {
	if n < 1 {
		return t.failed(fmt.Sprintf("Batch(%d)", n), "a batch needs samples", "a size from 1 up")
	}
	t.plan.Batch = n
	return t
}

// Epochs sets how many epochs to train. The default is 100.
func (t Training) Epochs(n int) Training {
	if n < 1 {
		return t.failed(fmt.Sprintf("Epochs(%d)", n), "nothing would be learned", "a number from 1 up")
	}
	t.plan.Epochs = n
	return t
}

// Iterations sets how many steps make an epoch, each on a batch drawn at random
// with replacement between batches. The default, 0, is one pass over the
// training part, shuffled.
func (t Training) Iterations(n int) Training {
	if n < 0 {
		return t.failed(fmt.Sprintf("Iterations(%d)", n), "below 0", "a number from 1 up, or 0 for one pass over the samples")
	}
	t.plan.Iterations = n
	return t
}

// EarlyStop ends training when the validation error has not fallen for patience
// epochs, and takes the weights of the best one. It needs a Split of three
// parts: the test part never decides anything. The default is off.
func (t Training) EarlyStop(patience int) Training {
	if patience < 1 {
		return t.failed(fmt.Sprintf("EarlyStop(%d)", patience), "no patience", "a number of epochs from 1 up, such as 20")
	}
	t.plan.Patience = patience
	return t
}

// ChooseEpochs trains twice. First on a share less of the training part, and finds
// the epoch (or the start) with the least error on that held-out share; then anew
// on the whole training part, of which it keeps the weights after as many epochs.
// The test part decides nothing. 0.1 suits; the default is to keep the last epoch.
func (t Training) ChooseEpochs(share float64) Training {
	if !(share > 0 && share < 1) {
		return t.failed(fmt.Sprintf("ChooseEpochs(%v)", share), "no share to hold out", "a share between 0 and 1, such as 0.1")
	}
	t.plan.Choose = share
	return t
}

// Seed sets the seed of the initial weights, the order of samples, dropout and
// noise. The default is 1.
func (t Training) Seed(seed uint64) Training {
	t.plan.Seed = seed
	return t
}

// Named is what figures and tables call this recipe. It changes no number and
// is not in the key. The default is "autoencoder".
func (t Training) Named(name string) Training {
	t.name = name
	return t
}

// Watch lets w see every epoch, as plotting.Live does. It changes no number and
// is not in the key.
func (t Training) Watch(w Watcher) Training {
	if w != nil {
		t.watch = append(t.watch[:len(t.watch):len(t.watch)], w)
	}
	return t
}

// A Watcher sees the epochs of a training go by. One that has a method Done() is
// told when training ends, which may be before the last epoch.
type Watcher interface {
	Watch(name string, p Point, epochs int)
}

func (t Training) failed(verb, what, try string) Training {
	if t.err == nil {
		t.err = bad(verb, what, try)
	}
	return t
}

// Err is the first bad step of the chain, or of its cohort's; else nil.
func (t Training) Err() error {
	if t.err != nil {
		return t.err
	}
	if t.cohort.source == nil && t.cohort.err == nil {
		return bad("Autoencoder", "it has no data", "On(cohort)")
	}
	if err := t.cohort.Err(); err != nil {
		return err
	}
	if err := t.vaeErr(); err != nil {
		return err
	}
	if t.plan.FanIn > 0 && t.plan.Optimiser != "adam" {
		return bad("FanIn", "the steps of "+t.plan.Optimiser+" follow the gradient already", "Adam, or FanIn(0)")
	}
	if t.plan.Patience > 0 && t.plan.Choose > 0 {
		return bad("ChooseEpochs", "EarlyStop chooses an epoch already", "one of the two")
	}
	if t.plan.Patience > 0 && !t.cohort.threeParts() {
		return bad("EarlyStop", "the cohort has no validation part", `Split("label", 70, 15, 15)`)
	}
	return nil
}

func (c Cohort) threeParts() bool {
	s, ok := c.has("Split")
	return ok && len(s.Args.Parts) == 3
}

// Name is what figures call the recipe.
func (t Training) Name() string {
	if t.name == "" {
		return "autoencoder"
	}
	return t.name
}

// trainingRevision is raised when the same recipe would give other numbers.
const trainingRevision = 4

// Key names the trained network in the store: a hash of the cohort's key, the
// network and the plan.
func (t Training) Key() (string, error) {
	if err := t.Err(); err != nil {
		return "", err
	}
	c, err := t.cohort.Key()
	if err != nil {
		return "", err
	}
	return keyOf("fit", trainingRevision, c, t.net, t.plan), nil
}
