package nn

import (
	"context"
	"fmt"
	"io"
	"math"
	"math/rand/v2"
	"time"

	"github.com/gxlab/gxlab/gx/fault"
	"github.com/gxlab/gxlab/gx/nn/cpu"
)

// Plan is the course of a training.
type Plan struct {
	Batch      int
	Epochs     int
	Iterations int     // steps per epoch, each on samples drawn at random; 0: one pass over all, shuffled
	Optimiser  string  // "sgd", "momentum", "adam"
	Rate       float64 // learning rate
	Decay      float64 // within an epoch: rate/(1 + Decay·step), anew each epoch
	Schedule   string  // over all steps: "" constant, "cosine", "falling"
	Fall       float64 // of "falling": the rate's factor after an epoch with more training error than the one before
	Floor      float64 // of "falling": the least rate
	Warmup     int     // epochs over which the rate rises from 0
	// FanIn lets the rate of the weights of a dense layer with more inputs fall in
	// proportion, Rate·FanIn/inputs; 0: one rate for all. Of Adam alone.
	FanIn    int
	Momentum float64
	Patience int // epochs without a better watched error before stopping; 0: never
	Keep     int // the epoch whose weights are kept: 0 the last, −1 those before training
	Seed     uint64
	Threads  int // 0: one per core; changes no number
	// Device is where the steps run: "cpu", "gpu", or "auto" and "": the GPU where one
	// works and has room, else the CPU.
	Device string
	// Precision is how a GPU multiplies: "float32", "tf32" (also "") or "bfloat16". The
	// CPU works in float32 whatever it says.
	Precision string
}

// Data is what a network learns from, samples × inputs in the network's units.
type Data struct {
	X      []float32
	Target []float32 // nil: the inputs themselves
	N      int
	// Rows are the rows of X that are the samples, in order; nil: its N rows. X may
	// then be larger than memory, mapped from a file: only what a step needs is read.
	Rows []int
	// Shift and Spread bring X and Watch to the network's units as they are read, one
	// an input: (x − Shift) / Spread. nil: they are in them.
	Shift, Spread []float32
	// Watch are samples that every epoch is measured on.
	Watch       []float32
	WatchTarget []float32
	WatchN      int
	WatchRows   []int // as Rows; rows of X where Watch is nil
	// Features are the profiles that the feature-wise half of a pair learns from,
	// features × values.
	Features []float32
	// Class and WatchClass are the samples' classes, from 0, for a network with a
	// classifier; −1 where a sample's is not known.
	Class, WatchClass []int
	// Scale is how many data units one network unit is, per output; nil: 1. Errors
	// are told in data units.
	Scale []float32
}

// Point is one epoch of a learning curve: the mean error of the training samples
// (as they went by, before each step) and of the watched ones after the epoch,
// in data units; Rate is the learning rate the epoch began with.
type Point struct {
	Epoch int     `json:"epoch"`
	Train float64 `json:"train"`
	Valid float64 `json:"valid"`
	Rate  float64 `json:"rate"`
	// Of a network with a classifier: its cross-entropy, in nats, and the share of
	// watched samples that it puts into a wrong class.
	Entropy      float64 `json:"entropy,omitempty"`
	ValidEntropy float64 `json:"valid_entropy,omitempty"`
	ValidWrong   float64 `json:"valid_wrong,omitempty"`
	// Of a network with a drawn code, whose errors are −ELBO in nats a value: the
	// divergence of a sample's code from N(0, 1), in nats.
	KL      float64 `json:"kl,omitempty"`
	ValidKL float64 `json:"valid_kl,omitempty"`
}

// Objective is the watched error that training lessens: Valid and, with a classifier
// of that weight, its cross-entropy.
func (p Point) Objective(weight float64) float64 {
	if weight == 0 {
		return p.Valid
	}
	return p.Valid + weight*p.ValidEntropy
}

// Hooks let the caller watch a training, keep its state and go on from it.
type Hooks struct {
	// Epoch hears of every epoch, also of those before a resumption.
	Epoch func(Point)
	// Save keeps the state that write writes: called when Every has passed since
	// the last time, and when the context ends.
	Save  func(write func(io.Writer) error) error
	Every time.Duration // default 0.5 s; longer where saving takes more than a twentieth of it
	// Resume is a state that Save was given, or nil. Where it was made, on the CPU or on
	// a GPU, does not matter.
	Resume io.Reader
	// Where hears once on what the steps run, and why where that is worth saying.
	Where func(device, why string)
}

// Train trains net in place and returns the learning curve. With Patience the
// net has the weights of its best epoch afterwards. The first loss that is not a
// number stops training and names the layer.
func Train(ctx context.Context, net *Net, plan Plan, data Data, hooks Hooks) ([]Point, error) {
	t, err := newTrainer(net, plan, data, hooks)
	if err != nil {
		return nil, err
	}
	defer t.close()
	if hooks.Resume != nil {
		if err := t.load(hooks.Resume); err != nil {
			return nil, err
		}
		for _, p := range t.curve {
			t.hear(p)
		}
	}
	if t.hooks.Every == 0 {
		t.hooks.Every = time.Second / 2
	}
	t.saved, t.pause = time.Now(), t.hooks.Every
	if plan.Keep < 0 && t.best == nil {
		t.remember()
	}
	if err := t.open(); err != nil {
		return nil, err
	}
	for t.epoch < plan.Epochs && !t.stopped() {
		err := t.oneEpoch(ctx)
		if err != nil && ctx.Err() != nil {
			if serr := t.save(); serr != nil {
				return nil, serr
			}
			return nil, ctx.Err()
		}
		if err != nil {
			return nil, err
		}
	}
	if err := t.on.pull(); err != nil {
		return nil, err
	}
	if t.best != nil {
		copy(net.params, t.best)
		copy(net.moments, t.bestMoments)
	}
	return t.curve, nil
}

// trainer is a training under way.
type trainer struct {
	net         *Net
	plan        Plan
	data        Data
	in, watch   samples
	want        samples // targets, in where they are the inputs
	watchWant   samples
	hooks       Hooks
	pool        *cpu.Pool
	epoch       int    // epochs done
	steps       uint64 // steps done
	curve       []Point
	m, v        []float32
	on          executor
	now         takes // of the step under way
	graphs      map[int]*graph
	pairs       map[int]*pairGraph
	turn        []int // of a pair: the order of features in round
	round       uint64
	one         *single
	best        []float32
	bestMoments []float32
	bestAt      int
	// of the epoch under way: steps done, and their loss and samples
	at, seen int
	sum      float64
	entropy  float64 // of the classifier
	kl       float64 // the drawn codes' divergence
	watchKL  float64 // of the watched samples', a mean
	known    int     // samples with a class
	judged   judged  // the watched samples' classes
	saved    time.Time
	pause    time.Duration // until the next saving
	uniform  float64
}

func newTrainer(net *Net, plan Plan, data Data, hooks Hooks) (*trainer, error) {
	s := net.spec
	out := s.Targets()
	switch {
	case s.Pair != nil && len(data.Features) != s.In*s.Pair.In:
		return nil, fault.New(fmt.Sprintf("%d values of features' profiles for %d features of %d", len(data.Features), s.In, s.Pair.In), "", "a profile for every feature")
	case data.N < 1:
		return nil, fault.New("there are no training samples", "", "at least one")
	case data.Target == nil && s.In != out:
		return nil, fault.New(fmt.Sprintf("a network from %d to %d values needs targets", s.In, out), "", "as many outputs as inputs, or targets")
	case plan.Batch < 1 || plan.Epochs < 1 || !(plan.Rate > 0):
		return nil, fault.New(fmt.Sprintf("batch %d, %d epochs, rate %g", plan.Batch, plan.Epochs, plan.Rate), "", "numbers above 0")
	case plan.Schedule == "falling" && !(plan.Fall > 0 && plan.Fall <= 1 && plan.Floor <= plan.Rate):
		return nil, fault.New(fmt.Sprintf("a rate of %g that falls by %g, down to %g", plan.Rate, plan.Fall, plan.Floor), "", "a factor from 0 to 1 and a floor below the rate")
	case plan.FanIn < 0 || plan.FanIn > 0 && plan.Optimiser != "adam":
		return nil, fault.New(fmt.Sprintf("rates by %d inputs, with %s", plan.FanIn, plan.Optimiser), "", "a number of inputs from 0 up, with adam, whose steps are as long whatever the gradient")
	case plan.Patience > 0 && data.WatchN == 0:
		return nil, fault.New("early stopping needs samples to watch", "", "a validation part")
	}
	t := &trainer{net: net, plan: plan, data: data, hooks: hooks, pool: cpu.NewPool(plan.Threads), graphs: map[int]*graph{}}
	if err := t.takeData(); err != nil {
		return nil, err
	}
	t.on = &onCPU{t: t}
	n := len(net.params)
	switch plan.Optimiser {
	case "sgd":
	case "momentum":
		t.m = cpu.Make(n)
	case "adam":
		t.m, t.v = cpu.Make(n), cpu.Make(n)
	default:
		return nil, fault.New(fmt.Sprintf("no optimiser %q", plan.Optimiser), "", "sgd, momentum or adam")
	}
	if plan.Batch == 1 && plan.Optimiser == "sgd" && s.plain() && len(s.Head) == 0 && s.Noise == 0 && s.Mask == 0 {
		t.one = newSingle(net, t.pool)
	}
	t.uniform = 1
	for i, v := range data.Scale {
		if i == 0 {
			t.uniform = float64(v)
		} else if float64(v) != t.uniform {
			t.uniform = 0
			break
		}
	}
	return t, nil
}

// takeData lays out where samples and targets come from.
func (t *trainer) takeData() (err error) {
	d, s := t.data, t.net.spec
	if t.in, err = newSamples(d.X, d.N, s.In, d.Rows, d.Shift, d.Spread); err != nil {
		return err
	}
	if t.want = t.in; d.Target != nil {
		if t.want, err = newSamples(d.Target, d.N, s.Targets(), nil, nil, nil); err != nil {
			return err
		}
	}
	if err := t.checkClasses(); err != nil || d.WatchN == 0 {
		return err
	}
	x := d.Watch
	if x == nil {
		x = d.X
	}
	if t.watch, err = newSamples(x, d.WatchN, s.In, d.WatchRows, d.Shift, d.Spread); err != nil {
		return err
	}
	if t.watchWant = t.watch; d.Target != nil {
		t.watchWant, err = newSamples(d.WatchTarget, d.WatchN, s.Targets(), nil, nil, nil)
	}
	return err
}

// checkClasses looks whether every sample has a class that the classifier knows.
func (t *trainer) checkClasses() error {
	k := t.net.spec.Classes()
	for _, v := range []struct {
		class []int
		n     int
	}{{t.data.Class, t.data.N}, {t.data.WatchClass, t.data.WatchN}} {
		if k == 0 && v.class == nil {
			continue
		}
		if len(v.class) != v.n {
			return fault.New(fmt.Sprintf("classes of %d samples, of %d, for a classifier of %d", len(v.class), v.n, k), "", "a class for every sample, or −1")
		}
		for _, c := range v.class {
			if c >= k {
				return fault.New(fmt.Sprintf("class %d of %d", c, k), "", "classes from 0")
			}
		}
	}
	return nil
}

func (t *trainer) close() {
	t.on.close()
	for _, g := range t.graphs {
		g.close()
	}
	for _, p := range t.pairs {
		p.cell.close()
	}
}

func (t *trainer) hear(p Point) {
	if t.hooks.Epoch != nil {
		t.hooks.Epoch(p)
	}
}

// stopped says whether the watched error has been no better for Patience epochs.
func (t *trainer) stopped() bool {
	return t.plan.Patience > 0 && t.epoch-t.bestAt >= t.plan.Patience
}

// order are the samples of an epoch, step after step, from the seed and the
// epoch alone.
func (t *trainer) order(epoch int) []int {
	rng := rand.New(rand.NewPCG(t.plan.Seed, 0x0e90c4<<32+uint64(epoch)))
	if t.plan.Iterations == 0 {
		return rng.Perm(t.data.N)
	}
	out := make([]int, t.plan.Iterations*t.plan.Batch)
	for i := range out {
		out[i] = rng.IntN(t.data.N)
	}
	return out
}

// batches is how many steps make an epoch.
func (t *trainer) batches() int {
	if t.plan.Iterations > 0 {
		return t.plan.Iterations
	}
	return max(1, t.data.N/t.plan.Batch)
}

// rate is the learning rate of step i (from 0) of an epoch (from 0).
func (t *trainer) rate(epoch, i int) float64 {
	r := t.base(epoch)
	per := t.batches()
	done := float64(epoch*per + i)
	if t.plan.Warmup > 0 {
		r *= math.Min(1, (done+1)/float64(t.plan.Warmup*per))
	}
	if t.plan.Schedule == "cosine" {
		r *= 0.5 * (1 + math.Cos(math.Pi*done/float64(t.plan.Epochs*per)))
	}
	return r / (1 + t.plan.Decay*float64(i))
}

// base is the rate that an epoch (from 0) begins from: where it falls, it follows from
// the learning curve so far, so that a training that goes on has the same.
func (t *trainer) base(epoch int) float64 {
	r := t.plan.Rate
	if t.plan.Schedule == "falling" {
		for i := 1; i < min(epoch, len(t.curve)); i++ {
			if t.curve[i].Train > t.curve[i-1].Train {
				r = math.Max(t.plan.Floor, r*t.plan.Fall)
			}
		}
	}
	return r
}

// slower is the factor of the rate for the weights of a dense layer with so many inputs.
func (p Plan) slower(inputs int) float32 {
	if p.FanIn == 0 || inputs <= p.FanIn {
		return 1
	}
	return float32(p.FanIn) / float32(inputs)
}

// remember keeps the weights as they are for the end.
func (t *trainer) remember() {
	t.best = append(t.best[:0], t.net.params...)
	t.bestMoments = append(t.bestMoments[:0], t.net.moments...)
}

// save keeps the state, where somebody keeps it.
func (t *trainer) save() error {
	if t.hooks.Save == nil {
		return nil
	}
	began := time.Now()
	if err := t.on.pull(); err != nil {
		return err
	}
	err := t.hooks.Save(func(w io.Writer) error { return writeState(w, t) })
	t.saved = time.Now()
	t.pause = max(t.hooks.Every, 20*t.saved.Sub(began))
	return err
}

// oneEpoch goes on with the epoch under way from step t.at.
func (t *trainer) oneEpoch(ctx context.Context) error {
	order := t.order(t.epoch)
	if err := t.on.epoch(order); err != nil {
		return err
	}
	// All samples of an epoch, in batches whose sizes differ by one at most.
	for n := t.batches(); t.at < n; {
		if ctx.Err() != nil {
			if _, err := t.on.settle(false); err != nil {
				return err
			}
			return ctx.Err()
		}
		lo, hi := t.at*len(order)/n, (t.at+1)*len(order)/n
		if err := t.on.step(lo, hi); err != nil {
			return err
		}
		t.seen += hi - lo
		t.steps++
		t.at++
		if t.hooks.Save != nil && t.at&15 == 0 && time.Since(t.saved) >= t.pause {
			if _, err := t.on.settle(false); err != nil {
				return err
			}
			if err := t.save(); err != nil {
				return err
			}
		}
	}
	watched, err := t.on.settle(t.data.WatchN > 0)
	if err != nil {
		return err
	}
	p := Point{Epoch: t.epoch + 1, Train: t.sum / float64(max(1, t.seen*t.net.spec.Targets())), Valid: watched, Rate: t.rate(t.epoch, 0)}
	if t.net.spec.Classes() > 0 {
		p.Entropy = t.entropy / float64(max(1, t.known))
		if t.data.WatchN > 0 {
			p.ValidEntropy, p.ValidWrong = t.judged.entropy, t.judged.wrong
		}
	}
	if t.net.spec.sampler() >= 0 {
		p.KL = t.kl / float64(max(1, t.seen))
		if t.data.WatchN > 0 {
			p.ValidKL = t.watchKL
		}
	}
	t.epoch++
	t.at, t.seen, t.sum, t.entropy, t.known, t.kl = 0, 0, 0, 0, 0, 0
	t.curve = append(t.curve, p)
	if t.plan.Keep == t.epoch || t.plan.Patience > 0 && (t.bestAt == 0 || p.Objective(t.net.spec.Weight) < t.curve[t.bestAt-1].Objective(t.net.spec.Weight)) {
		t.bestAt = t.epoch
		if err := t.on.remember(); err != nil {
			return err
		}
	}
	t.hear(p)
	if t.hooks.Save != nil && time.Since(t.saved) >= t.pause {
		return t.save()
	}
	return nil
}

// step trains on one batch through the graph and returns the loss in data units,
// summed over samples and outputs.
func (t *trainer) step(batch []int, rate float64) (float64, error) {
	if t.net.spec.Pair != nil {
		return t.pairStep(batch, rate)
	}
	g := t.graphs[len(batch)]
	if g == nil {
		var err error
		if g, err = newGraph(t.net, len(batch), t.apart(), t.pool, t.take, t.plan.Seed); err != nil {
			return 0, err
		}
		t.graphs[len(batch)] = g
	}
	t.gather(g, batch)
	t.now = t.takes(rate)
	loss, err := g.run(t.steps)
	if err != nil {
		return 0, err
	}
	if g.head != nil {
		t.entropy += g.head.sum
		t.known += g.head.known
		if g.head.sum-g.head.sum != 0 {
			return g.head.sum, nil
		}
	}
	if g.sample != nil {
		t.kl += g.sample.sum
		return loss + g.sample.sum, nil
	}
	return t.told(loss, g.y, g.want), nil
}

// apart says whether the targets are other values than what the network sees.
func (t *trainer) apart() bool {
	s := t.net.spec
	return t.data.Target != nil || s.Noise > 0 || s.Mask > 0
}

// gather copies the batch into the graph's buffers and corrupts its input where
// the network is to learn to mend it.
func (t *trainer) gather(g *graph, batch []int) {
	s := t.net.spec
	in, out := s.In, s.Targets()
	t.pool.Run(len(batch), 8, func(lo, hi int) {
		for r := lo; r < hi; r++ {
			t.in.copy(g.in[r*in:(r+1)*in], batch[r])
			if &g.in[0] != &g.want[0] {
				t.want.copy(g.want[r*out:(r+1)*out], batch[r])
			}
		}
	})
	for r := range g.class {
		g.class[r] = t.data.Class[batch[r]]
	}
	if s.Mask > 0 {
		t.pool.Mask(float32(1-s.Mask), t.plan.Seed^maskSeed, t.steps<<32, g.in)
	}
	if s.Noise > 0 {
		t.pool.Noise(float32(s.Noise), t.plan.Seed^noiseSeed, t.steps<<32, g.in, g.in)
		if len(s.Clip) == 2 {
			t.pool.Clip(float32(s.Clip[0]), float32(s.Clip[1]), g.in)
		}
	}
}

// takes are the settings of a step of the optimiser.
type takes struct {
	rate, l1, l2 float32
	adam         cpu.AdamStep
}

func (t *trainer) takes(rate float64) takes {
	k := float64(t.steps + 1)
	return takes{
		rate: float32(rate), l1: float32(t.net.spec.L1), l2: float32(2 * t.net.spec.L2),
		adam: cpu.AdamStep{
			Rate: float32(rate), Beta1: 0.9, Beta2: 0.999, Eps: 1e-8,
			C1: float32(1 - math.Pow(0.9, k)), C2: float32(1 - math.Pow(0.999, k)),
		},
	}
}

// take takes the optimiser's step on the parameters from at, in pieces that the
// caller's core does alone; penalties are on dense weights only.
func (t *trainer) take(at int, grad []float32, weights bool) {
	const piece = 1 << 14
	l1, l2, adam := float32(0), float32(0), t.now.adam
	if weights {
		l1, l2 = t.now.l1, t.now.l2
	}
	adam.L1, adam.L2 = l1, l2
	if weights && t.plan.FanIn > 0 {
		adam.Rate *= t.plan.slower(t.net.inputs(at))
	}
	for ; len(grad) > 0; at += piece {
		g := grad[:min(piece, len(grad))]
		lo, hi := at, at+len(g)
		switch w := t.net.params[lo:hi]; t.plan.Optimiser {
		case "sgd":
			t.pool.SGD(w, g, t.now.rate, l1, l2)
		case "momentum":
			t.pool.Momentum(w, g, t.m[lo:hi], t.now.rate, float32(t.plan.Momentum), l1, l2)
		case "adam":
			t.pool.Adam(w, g, t.m[lo:hi], t.v[lo:hi], adam)
		}
		grad = grad[len(g):]
	}
}

// told brings a loss summed over outputs y and targets x from network units to
// data units.
func (t *trainer) told(loss float64, y, x []float32) float64 {
	mae := t.net.spec.Loss == MAE
	switch {
	case t.net.spec.Loss.likely():
		return loss
	case t.data.Scale == nil || t.uniform == 1:
		return loss
	case t.uniform > 0 && mae:
		return loss * t.uniform
	case t.uniform > 0:
		return loss * t.uniform * t.uniform
	}
	n := len(t.data.Scale)
	rows := make([]float64, len(y)/n)
	t.pool.Run(len(rows), 4, func(lo, hi int) {
		for r := lo; r < hi; r++ {
			rows[r] = scaledError(y[r*n:r*n+n], x[r*n:r*n+n], t.data.Scale, mae)
		}
	})
	sum := 0.0
	for _, v := range rows {
		sum += v
	}
	return sum
}

// scaledError is Σ|s·(y − x)| or Σ(s·(y − x))², in four lanes.
func scaledError(y, x, s []float32, absolute bool) float64 {
	var sum [4]float64
	for j, v := range y {
		e := float64((v - x[j]) * s[j])
		if absolute {
			sum[j&3] += math.Abs(e)
		} else {
			sum[j&3] += e * e
		}
	}
	return (sum[0] + sum[1]) + (sum[2] + sum[3])
}

// Measure is what a learning curve would tell of a network as it is, with the samples
// of data as the watched ones.
func Measure(net *Net, data Data) (p Point, err error) {
	t, err := newTrainer(net, Plan{Batch: 2, Epochs: 1, Optimiser: "sgd", Rate: 1}, data, Hooks{})
	if err != nil {
		return p, err
	}
	p.Valid, err = t.measure(&t.in, &t.want)
	p.ValidKL = t.watchKL
	if err == nil && net.spec.Classes() > 0 {
		p.ValidEntropy, p.ValidWrong = t.judge(&t.in, data.Class)
	}
	return p, err
}

// measure is the mean error over samples, in data units, without noise or
// dropout.
func (t *trainer) measure(in, wanted *samples) (float64, error) {
	s := t.net.spec
	if s.Loss.likely() {
		return t.measureLikely(in, wanted)
	}
	n, out := in.n, s.Out()
	block := min(n, blockRows)
	room := t.pool.Borrow(block * out)
	defer t.pool.GiveBack(room)
	var scaled []float32
	if in.apart() {
		scaled = t.pool.Borrow(block * s.In)
		defer t.pool.GiveBack(scaled)
	}
	sum := 0.0
	for lo := 0; lo < n; lo += blockRows {
		r := min(blockRows, n-lo)
		y := room[:r*out]
		x := in.look(t.pool.Run, lo, lo+r, scaled)
		t.net.run(t.pool, x, r, 0, len(s.Layers), y)
		want := x
		if t.data.Target != nil {
			want = wanted.look(t.pool.Run, lo, lo+r, nil)
		}
		var e float64
		if s.Loss == MAE {
			e = t.pool.MAE(y, want, nil, 0)
		} else {
			e = t.pool.MSE(y, want, nil, 0)
		}
		sum += t.told(e, y, want)
	}
	return sum / float64(n*out), nil
}

// lost names the layer in which numbers first stopped being numbers.
func (t *trainer) lost(batch []int, step int) error {
	at := fmt.Sprintf("epoch %d, step %d", t.epoch+1, step+1)
	try := "a lower learning rate, or scaled data (Centre, Standardise)"
	in := t.net.spec.In
	x := make([]float32, len(batch)*in)
	for r, i := range batch {
		t.in.copy(x[r*in:(r+1)*in], i)
	}
	if !allFinite(x) {
		return fault.New("training stopped: the input holds values that are no numbers", at, "DropMissing() on the cohort")
	}
	if !allFinite(t.net.Spread()) {
		return fault.New("training stopped: the spreads of the likelihood are no numbers any more", at, try)
	}
	if t.net.spec.Pair != nil {
		if err := t.lostFeature(at, try); err != nil {
			return err
		}
	}
	if err := t.lostHead(at, try); err != nil {
		return err
	}
	for i, l := range t.net.spec.Layers {
		what := ""
		if w, b := t.net.Weights(i); !allFinite(w) || !allFinite(b) {
			what = "weights"
		} else if y, err := t.net.forward(t.pool, x, len(batch), 0, i+1); err != nil || !allFinite(y) {
			what = "values"
		}
		if what != "" {
			return fault.New(fmt.Sprintf("training stopped: the %s of layer %d (%s) are no numbers any more", what, i+1, l), at, try)
		}
	}
	return fault.New("training stopped: the loss is no number any more", at, try)
}

func allFinite(x []float32) bool {
	for _, v := range x {
		if v-v != 0 {
			return false
		}
	}
	return true
}

func (t *trainer) load(state io.Reader) error {
	if err := readState(state, t); err != nil {
		return fault.Wrap(err, "a checkpoint cannot be read", "", "removing it: training then begins anew")
	}
	return nil
}
