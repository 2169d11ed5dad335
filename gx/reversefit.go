package gx

import (
	"context"
	"fmt"
	"math"

	"github.com/gxlab/gxlab/gx/cores"
	"github.com/gxlab/gxlab/gx/fault"
	"github.com/gxlab/gxlab/gx/nn"
	"github.com/gxlab/gxlab/gx/nn/cpu"
	"github.com/gxlab/gxlab/gx/prep"
	"github.com/gxlab/gxlab/gx/store"
)

// Key is a hash of the network itself.
func (k given) Key() (string, error) {
	f := k.f
	return keyOf("given", 1, f.net.Spec(), f.genes, f.units, f.shift, f.scale, f.mean, f.net.Params(), f.net.Moments()), nil
}

func (k given) Keep(context.Context, Tell) (*Fitted, error) { return k.f, nil }

// Keep trains the autoencoder if it is not kept yet, and the supervised networks, or
// reads the scores that are kept. Repeats that are finished stay so when it is stopped.
func (r Reverse) Keep(ctx context.Context, tell Tell) (*Reversed, error) { return r.keep(ctx, tell, 0) }

func (r Reverse) keep(ctx context.Context, tell Tell, threads int) (*Reversed, error) {
	e, err := kept(ctx, r, tell, func(ctx context.Context, d *store.Draft) error {
		var f *Fitted
		var err error
		switch of := r.of.(type) {
		case nil:
		case threaded[*Fitted]:
			f, err = of.keep(ctx, tell, threads)
		default:
			f, err = of.Keep(ctx, tell)
		}
		if err != nil {
			return err
		}
		set, err := r.cohort.Keep(ctx, tell)
		if err != nil {
			return err
		}
		return r.train(ctx, f, set, tell, threads, d)
	})
	if err != nil {
		return nil, err
	}
	return loadReversed(e, r.Name())
}

// packed are the samples' values that the supervised network learns to give, the genes
// that they lead to, and what there is to say.
func (r Reverse) packed(f *Fitted, s *Set, h hiddenLayer) (y Matrix, genes, notes []string, err error) {
	if f == nil {
		return s.Values(), s.Genes(), nil, nil
	}
	x, missing, err := f.aligned(s)
	if err != nil {
		return y, nil, nil, err
	}
	if len(missing) > 0 {
		notes = append(notes, fmt.Sprintf("%d genes missing and taken at their training mean: %s", len(missing), legal(missing)))
	}
	a, err := f.net.Forward(x.Data, x.Rows, 0, h.end)
	return Matrix{Rows: x.Rows, Cols: h.width, Data: a}, f.genes, notes, err
}

func (r Reverse) train(ctx context.Context, f *Fitted, set *Set, tell Tell, threads int, d *store.Draft) error {
	names, count, of, err := phenotypes(set, r.set.Labels)
	if err != nil {
		return err
	}
	if len(names) < 2 {
		return fault.New(fmt.Sprintf("%d phenotypes", len(names)), r.Name(), "labels with at least two values, such as disease and control")
	}
	x, index := oneHot(of, len(names))
	set = set.Select(index...)
	var h hiddenLayer
	width := r.set.Width
	if f != nil {
		layer := r.set.Layer
		if layer == 0 {
			layer = f.HiddenLayers()
		}
		if h, err = f.hiddenLayer(layer); err != nil {
			return err
		}
		width = h.width
	}
	y, genes, notes, err := r.packed(f, set, h)
	if err != nil {
		return err
	}
	c := course{
		t:     Training{name: r.Name(), device: r.device, plan: planChain{Optimiser: "adam", Rate: r.set.Rate, Schedule: "cosine", Batch: r.set.Batch, Epochs: r.set.Epochs, Seed: r.set.Seed}},
		spec:  nn.Spec{In: len(names), Layers: []nn.Layer{{Kind: nn.Dense, Width: width, Act: cpu.Sigmoid}, {Kind: nn.Dense, Width: y.Cols}}, Code: 1, Loss: nn.MSE, Init: string(Xavier)},
		start: Xavier, target: y.Data, even: true, blocks: r.set.Repeats,
		say: func(what string, done, total int) {
			if tell != nil {
				tell(what, done, total)
			}
		},
	}
	for _, n := range notes {
		c.say(n, 0, 0)
	}
	if c.device, err = c.t.runsOn(); err != nil {
		return err
	}
	if c.scratch, err = d.Scratch(); err != nil {
		return err
	}
	giveBack, threads, err := room().take(ctx, nn.Need(c.spec, c.planFor(0))+4*int64(len(y.Data)), threads)
	if err != nil {
		return err
	}
	defer giveBack()
	c.threads = threads
	out := &Reversed{name: r.Name(), genes: genes, phenotypes: names, samples: count, notes: notes}
	for b := range r.set.Repeats {
		c.t.plan.Seed = r.set.Seed + uint64(b)
		c.before = b * r.set.Epochs
		net, curve, err := c.block(ctx, b, portionOf(x), portion{}, r.watch)
		if err != nil {
			return err
		}
		sums, err := r.sums(f, h, net)
		if err != nil {
			return err
		}
		out.sums = append(out.sums, sums)
		out.errors = append(out.errors, curve[len(curve)-1].Train)
	}
	out.rec = Record{
		What: r.words(), Source: set.b.name, Data: set.b.key, Steps: r.cohort.Steps(), Settings: map[string]any{"reverse": r.set},
		Seed: r.set.Seed, Samples: set.N(), Genes: len(genes), Device: c.where, Versions: versions(),
	}
	if f != nil {
		out.rec.Settings["network"] = f.rec.Settings
	}
	return out.write(d)
}

// sums are the weighted sums of the last layer for each phenotype, phenotypes × genes.
func (r Reverse) sums(f *Fitted, h hiddenLayer, net *nn.Net) (Matrix, error) {
	n := net.Spec().In
	x := prep.NewMatrix(n, n)
	for i := range n {
		x.Row(i)[i] = 1
	}
	last, lastOf := 1, net
	if f != nil {
		last, lastOf = 0, f.net
		for i, l := range f.net.Spec().Layers {
			if l.Kind == nn.Dense {
				last = i
			}
		}
		if !r.set.Direct {
			w, b := f.net.Weights(h.next)
			v, c := net.Weights(1)
			matchMoments(v, w)
			matchMoments(c, b)
		}
	}
	end := 1
	if f != nil {
		end = 2
	}
	a, err := net.Forward(x.Data, n, 0, end)
	if err == nil && f != nil {
		a, err = f.net.Forward(a, n, h.end, last)
	}
	if err != nil {
		return Matrix{}, err
	}
	w, b := lastOf.Weights(last)
	k := len(a) / n
	out := prep.NewMatrix(n, len(b))
	cores.Each(n, func(i int) {
		row := out.Row(i)
		for u, v := range a[i*k : (i+1)*k] {
			for j, g := range w[u*len(b) : (u+1)*len(b)] {
				row[j] += v * g
			}
		}
	})
	return out, nil
}

// matchMoments shifts and stretches values so that they have the mean and the variance
// of others; constant ones are set to the others' mean.
func matchMoments(x, like []float32) {
	mx, sx := momentsOf(x)
	ml, sl := momentsOf(like)
	f := 0.0
	if sx > 0 {
		f = sl / sx
	}
	for i, v := range x {
		x[i] = float32((float64(v)-mx)*f + ml)
	}
}

func momentsOf(x []float32) (mean, sd float64) {
	for _, v := range x {
		mean += float64(v)
	}
	mean /= float64(len(x))
	for _, v := range x {
		sd += (float64(v) - mean) * (float64(v) - mean)
	}
	return mean, math.Sqrt(sd / float64(len(x)))
}
