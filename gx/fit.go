package gx

import (
	"bytes"
	"context"
	"fmt"
	"math"
	"strconv"
	"strings"

	"github.com/gxlab/gxlab/gx/fault"
	"github.com/gxlab/gxlab/gx/nn"
	"github.com/gxlab/gxlab/gx/nn/cpu"
	"github.com/gxlab/gxlab/gx/reduce"
	"github.com/gxlab/gxlab/gx/store"
)

// hidden are the recipe's hidden layers for p genes, or the default one.
func (t Training) hidden(p int) []hidden {
	if len(t.net.Hidden) > 0 || t.net.Shallow {
		return t.net.Hidden
	}
	if t.net.Likelihood != "" {
		return []hidden{{128, ReLU}}
	}
	w := 0
	if p > 0 {
		w = max(2*t.net.Code, min(2000, max(64, p/10)))
	}
	return []hidden{{w, LeakyReLU}}
}

// spec is the network of the recipe for p genes and a code of k.
func (t Training) spec(p, k int) nn.Spec {
	s := nn.Spec{In: p, Loss: nn.Loss(t.net.Loss), L1: t.net.L1, L2: t.net.L2, Noise: t.net.Noise, Clip: t.net.Clip, Mask: t.net.Mask, Init: string(t.net.Init)}
	if t.net.Init == FromPCA || t.net.Init == "" {
		s.Init = string(Torch) // of the units that carry nothing
	}
	dense := func(width int, a Activation) {
		act, _ := cpu.ParseAct(string(a))
		s.Layers = append(s.Layers, nn.Layer{Kind: nn.Dense, Width: width, Act: act})
	}
	inner := func(h hidden) {
		if t.net.BatchNorm {
			dense(h.Width, Linear)
			act, _ := cpu.ParseAct(string(h.Act))
			s.Layers = append(s.Layers, nn.Layer{Kind: nn.BatchNorm, Act: act})
		} else {
			dense(h.Width, h.Act)
		}
		if t.net.Dropout > 0 {
			s.Layers = append(s.Layers, nn.Layer{Kind: nn.Dropout, Keep: 1 - t.net.Dropout})
		}
	}
	hs := t.hidden(p)
	for _, h := range hs {
		inner(h)
	}
	out := p
	if l := t.net.Likelihood; l != "" {
		s.Loss = nn.Loss(l)
		dense(2*k, Linear)
		s.Layers = append(s.Layers, nn.Layer{Kind: nn.Sample})
		if l == ZeroInflated {
			out = 2 * p
		}
	} else {
		dense(k, t.net.CodeAct)
	}
	s.Code = len(s.Layers)
	for i := len(hs) - 1; i >= 0 && !t.net.Linear; i-- {
		inner(hs[i])
	}
	dense(out, t.net.OutAct)
	return s
}

// keep trains on that many threads (0: one per core), or reads what is kept.
func (t Training) keep(ctx context.Context, tell Tell, threads int) (*Fitted, error) {
	e, err := kept(ctx, t, tell, func(ctx context.Context, d *store.Draft) error {
		set, err := t.cohort.Keep(ctx, tell)
		if err != nil {
			return err
		}
		return t.train(ctx, set, tell, threads, d)
	})
	if err != nil {
		return nil, err
	}
	return loadFitted(e, t.Name())
}

func (t Training) train(ctx context.Context, set *Set, tell Tell, threads int, d *store.Draft) error {
	say := func(what string, done, total int) {
		if tell != nil {
			tell(what, done, total)
		}
	}
	train, watch := set.Train(), set.Validation()
	if watch.N() == 0 {
		watch = set.Test()
	}
	k := t.net.Code
	var notes []string
	if most := train.P(); k > most {
		k = most
		notes = append(notes, fmt.Sprintf("%s: a code of %d for %d genes was cut to %d", t.Name(), t.net.Code, most, most))
	}
	start := t.net.Init
	if start == "" {
		start = Torch
		if nn.CanCarry(t.spec(train.P(), k)) == nil {
			start = FromPCA
		}
	}
	least := train.N()
	if t.plan.Choose > 0 {
		least -= held(train.N(), t.plan.Choose)
	}
	if start == FromPCA && k > least-1 {
		notes = append(notes, fmt.Sprintf("%s: a code of %d was cut to %d, as many components as %d training samples have", t.Name(), k, least-1, least))
		k = least - 1
	}
	if k < 1 {
		return fault.New(fmt.Sprintf("%d training samples are too few for %s", train.N(), t.Name()), "", "more samples, or Start(gx.Torch)")
	}
	for _, n := range notes {
		say(n, 0, 0)
	}
	spec := t.spec(train.P(), k)
	var names []string
	var class [2][]int
	if t.net.Label != "" {
		var err error
		if names, class, err = t.classes(train, watch); err != nil {
			return err
		}
		spec.Head, spec.Weight = t.head(len(names)), t.net.ClassWeight
	}
	if t.net.Likelihood != "" {
		spec.KL, spec.KLSteps = t.divergence(t.plan.steps(train.N()))
	}
	c := course{t: t, spec: spec, k: k, start: start, scale: set.b.scale, say: say}
	var err error
	if c.device, err = t.runsOn(); err != nil {
		return err
	}
	if c.scratch, err = d.Scratch(); err != nil {
		return err
	}
	giveBack, threads, err := room().take(ctx, nn.Need(c.spec, c.planFor(-1)), threads)
	if err != nil {
		return err
	}
	defer giveBack()
	c.threads = threads
	parts := portions(train, watch)
	if t.net.Likelihood.counts() {
		for i, s := range []*Set{train, watch} {
			counts, seen, err := logged(s)
			if err != nil {
				return err
			}
			parts[i] = portionOf(seen)
			if i == 0 {
				c.target = counts.Data
			} else if s.N() > 0 {
				c.watchTarget = counts.Data
			}
		}
	}
	for i := range parts {
		parts[i].class = class[i]
	}
	x := parts[0]
	keep, chosen := 0, map[string]any{}
	if t.plan.Choose > 0 {
		if keep, err = c.choose(ctx, x); err != nil {
			return err
		}
		chosen["epochs_kept"] = max(0, keep)
		notes = append(notes, fmt.Sprintf("%s: the weights after epoch %d of %d were kept, the best on held-out training samples", t.Name(), max(0, keep), t.plan.Epochs))
	}
	net, curve, err := c.train(ctx, x, parts[1], keep, checkpoint, t.watch)
	if err != nil {
		return err
	}
	if len(curve) < t.plan.Epochs {
		say(fmt.Sprintf("%s: stopped after epoch %d, no better for %d epochs", t.Name(), len(curve), t.plan.Patience), 0, 0)
	}
	rec := Record{
		What: t.String(), Source: set.b.name, Data: set.b.key, Steps: t.cohort.Steps(),
		Settings: map[string]any{"net": t.net, "plan": t.plan, "start": start, "rate": t.rate(train.P()), "chosen": chosen}, Seed: t.plan.Seed,
		Samples: train.N(), Genes: train.P(), Device: c.where, Versions: versions(),
	}
	rec.What = strings.TrimPrefix(rec.What, t.Name()+": ") // its name is no part of what is kept
	if err := writeClasses(d, t.net.Label, names); err != nil {
		return err
	}
	return writeFitted(d, set, net, curve, k, notes, rec)
}

// rate is the learning rate for p genes.
func (t Training) rate(p int) float64 {
	if t.plan.Rate > 0 {
		return t.plan.Rate
	}
	return 3e-4 * math.Min(1, math.Sqrt(2000/float64(p)))
}

// beginAsPCA gives the network the principal components of x.
func beginAsPCA(net *nn.Net, x Matrix, k int) error {
	m, err := reduce.PCA(x.Data, x.Rows, x.Cols, k)
	if err != nil {
		return err
	}
	p := x.Cols
	mean, basis, size := make([]float32, p), make([]float32, p*k), make([]float32, k)
	for j := range p {
		mean[j] = float32(m.Mean[j])
	}
	for c := range k {
		size[c] = float32(math.Max(1e-6, math.Sqrt(m.Variance[c])))
		for j := range p {
			basis[j*k+c] = float32(m.Components[c*p+j])
		}
	}
	return nn.CarryLinear(net, mean, basis, size)
}

func writeFitted(d *store.Draft, set *Set, net *nn.Net, curve []Point, k int, notes []string, rec Record) error {
	if err := saveModel(d, set.Train(), k, notes, rec); err != nil {
		return err
	}
	if err := d.WriteJSON("net.json", net.Spec()); err != nil {
		return err
	}
	if err := d.WriteFloat32s("weights.f32", net.Params()); err != nil {
		return err
	}
	if err := d.WriteFloat32s("moments.f32", net.Moments()); err != nil {
		return err
	}
	if err := d.WriteBytes("curve.csv", curveCSV(curve)); err != nil {
		return err
	}
	return d.Describe("training", rec.What, rec)
}

// curveCSV is a learning curve as it is kept.
func curveCSV(curve []Point) []byte {
	var b bytes.Buffer
	b.WriteString("epoch,train,valid,rate,entropy,valid_entropy,valid_wrong,kl,valid_kl\n")
	for _, p := range curve {
		fmt.Fprintf(&b, "%d,%v,%v,%v,%v,%v,%v,%v,%v\n", p.Epoch, p.Train, p.Valid, p.Rate, p.Entropy, p.ValidEntropy, p.ValidWrong, p.KL, p.ValidKL)
	}
	return b.Bytes()
}

// readCurve reads what curveCSV wrote.
func readCurve(csv []byte) ([]Point, error) {
	var out []Point
	for _, l := range strings.Split(strings.TrimSpace(string(csv)), "\n")[1:] {
		p, err := parsePoint(l)
		if err != nil {
			return nil, fmt.Errorf("curve.csv: %q: %w", l, err)
		}
		out = append(out, p)
	}
	return out, nil
}

// keptFiles is files that can be listed: an entry of the store or a shared file.
type keptFiles interface {
	files
	Files() []string
}

func loadFitted(e keptFiles, name string) (*Fitted, error) {
	m, err := loadModel(e, name)
	if err != nil {
		return nil, err
	}
	var spec nn.Spec
	if err := e.JSON("net.json", &spec); err != nil {
		return nil, err
	}
	w, err := e.Float32s("weights.f32")
	if err != nil {
		return nil, err
	}
	mom, err := e.Float32s("moments.f32")
	if err != nil {
		return nil, err
	}
	net, err := nn.Restore(spec, w, mom)
	if err != nil {
		return nil, err
	}
	f := &Fitted{Model: m, net: net, from: e, list: e.Files()}
	m.coder = coderOf(net, m)
	if e.Has(classesFile) {
		if err := e.JSON(classesFile, &f.classes); err != nil {
			return nil, err
		}
	}
	c, err := e.Bytes("curve.csv")
	if err != nil {
		return nil, err
	}
	if f.curve, err = readCurve(c); err != nil {
		return nil, err
	}
	return f, nil
}

// parsePoint reads a line of curve.csv, of which a shared file of an older gxlab has
// the first four values.
func parsePoint(line string) (p Point, err error) {
	to := []*float64{nil, &p.Train, &p.Valid, &p.Rate, &p.Entropy, &p.ValidEntropy, &p.ValidWrong, &p.KL, &p.ValidKL}
	fields := strings.Split(line, ",")
	if len(fields) < 4 || len(fields) > len(to) {
		return p, fmt.Errorf("%d values", len(fields))
	}
	if p.Epoch, err = strconv.Atoi(fields[0]); err != nil {
		return p, err
	}
	for i, v := range fields[1:] {
		if *to[i+1], err = strconv.ParseFloat(v, 64); err != nil {
			return p, err
		}
	}
	return p, nil
}
