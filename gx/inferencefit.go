package gx

import (
	"bytes"
	"context"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"

	"github.com/gxlab/gxlab/gx/cores"
	"github.com/gxlab/gxlab/gx/fault"
	"github.com/gxlab/gxlab/gx/nn"
	"github.com/gxlab/gxlab/gx/nn/cpu"
	"github.com/gxlab/gxlab/gx/prep"
	"github.com/gxlab/gxlab/gx/store"
)

// Keep trains the network, or reads it where it is kept. Training that was stopped
// goes on from its last checkpoint, and blocks that are finished stay so.
func (i Inference) Keep(ctx context.Context, tell Tell) (*Inferred, error) {
	return i.keep(ctx, tell, 0)
}

func (i Inference) keep(ctx context.Context, tell Tell, threads int) (*Inferred, error) {
	e, err := kept(ctx, i, tell, func(ctx context.Context, d *store.Draft) error {
		set, err := i.t.cohort.Keep(ctx, tell)
		if err != nil {
			return err
		}
		return i.train(ctx, set, tell, threads, d)
	})
	if err != nil {
		return nil, err
	}
	return loadInferred(e, i.Name())
}

// columns are the landmarks and targets as columns of the set, and what is to be said
// of those that have none.
func (i Inference) columns(set *Set) (landmarks, targets []int, notes []string, err error) {
	at := make(map[string]int, set.P())
	for j, g := range set.Genes() {
		at[g] = j
	}
	find := func(what string, genes []string, not map[int]bool) (index []int) {
		var lost []string
		for _, g := range genes {
			if j, ok := at[g]; !ok {
				lost = append(lost, g)
			} else if !not[j] {
				index = append(index, j)
			}
		}
		if len(lost) > 0 {
			notes = append(notes, fmt.Sprintf("%d of %d %s are not in %s: %s", len(lost), len(genes), what, set.Name(), legal(lost)))
		}
		return index
	}
	landmarks = find("landmarks", i.landmarks, nil)
	known := map[int]bool{}
	for _, j := range landmarks {
		known[j] = true
	}
	if i.targets != nil {
		targets = find("targets", i.targets, known)
	} else {
		for j := range set.P() {
			if !known[j] {
				targets = append(targets, j)
			}
		}
	}
	switch {
	case len(landmarks) == 0:
		err = fault.New("none of the landmarks is a gene of "+set.Name(), "", "names of the same kind as "+legal(set.Genes()[:min(5, set.P())])+" (MapGenes, GenesBy)")
	case len(targets) == 0:
		err = fault.New("no genes are left to predict", "", "fewer landmarks, or other targets")
	case i.blocks > len(targets):
		err = fault.New(fmt.Sprintf("%d blocks of %d targets", i.blocks, len(targets)), "", "fewer blocks")
	}
	return landmarks, targets, notes, err
}

// spec is the network from k landmarks to n targets.
func (i Inference) spec(k, n int) nn.Spec {
	s := nn.Spec{In: k, Loss: nn.Loss(i.t.net.Loss), L2: i.t.net.L2, Init: string(i.t.net.Init)}
	hs := i.t.net.Hidden
	if len(hs) == 0 {
		hs = []hidden{{min(3000, max(64, 3*k)), Tanh}}
	}
	for _, h := range hs {
		act, _ := cpu.ParseAct(string(h.Act))
		s.Layers = append(s.Layers, nn.Layer{Kind: nn.Dense, Width: h.Width, Act: act})
		if i.t.net.Dropout > 0 {
			s.Layers = append(s.Layers, nn.Layer{Kind: nn.Dropout, Keep: 1 - i.t.net.Dropout})
		}
	}
	s.Code = len(s.Layers)
	s.Layers = append(s.Layers, nn.Layer{Kind: nn.Dense, Width: n})
	return s
}

// beginSmall draws the weights of the last layer anew, from U(±1e-4).
func beginSmall(net *nn.Net, seed uint64) {
	w, _ := net.Weights(len(net.Spec().Layers) - 1)
	r := rand.New(rand.NewPCG(seed, 0xd6e8))
	for j := range w {
		w[j] = float32((2*r.Float64() - 1) * 1e-4)
	}
}

// standard are columns of a set's samples, standardised.
func standard(s *Set, index []int, mean, sd []float32) Matrix {
	x := prep.NewMatrix(s.N(), len(index))
	cores.Each(s.N(), func(i int) {
		from, to := s.Row(i), x.Row(i)
		for k, j := range index {
			to[k] = (from[j] - mean[j]) / sd[j]
		}
	})
	return x
}

func (i Inference) train(ctx context.Context, set *Set, tell Tell, threads int, d *store.Draft) error {
	say := func(what string, done, total int) {
		if tell != nil {
			tell(what, done, total)
		}
	}
	landmarks, targets, notes, err := i.columns(set)
	if err != nil {
		return err
	}
	for _, n := range notes {
		say(i.Name()+": "+n, 0, 0)
	}
	train, watch := set.Train(), set.Validation()
	t := i.t
	if watch.N() > 0 {
		t.plan.Patience = t.plan.Epochs // never stops early, and keeps the best
	} else {
		watch = set.Test()
	}
	if t.plan.Batch == 0 {
		t.plan.Batch = max(1, min(200, train.N()/8))
	}
	data := train.Data()
	if b := prep.CheckFinite(data); b != nil {
		return fault.New(fmt.Sprintf("%d values are missing or infinite, the first in sample %s, gene %s", b.Count, train.Samples().IDs()[b.Row], set.Genes()[b.Col]), "", "DropMissing() on the cohort")
	}
	mean, sd := prep.Moments(data, every(data.Rows))
	m, s := make([]float32, len(mean)), make([]float32, len(sd))
	for j := range m {
		if m[j], s[j] = float32(mean[j]), float32(sd[j]); s[j] == 0 {
			s[j] = 1
		}
	}
	data = prep.Matrix{}
	f := &Inferred{landmarks: pick(set.Genes(), landmarks), targets: pick(set.Genes(), targets), notes: notes}
	f.model = &Model{genes: f.landmarks, units: set.Units(), shift: pick(m, landmarks), scale: pick(s, landmarks), mean: pick(m, landmarks), steps: set.b.steps, target: set.b.target}
	f.shift, f.scale = pick(m, targets), pick(s, targets)
	x, xw := standard(train, landmarks, m, s), standard(watch, landmarks, m, s)

	if i.by != nil {
		if err := i.fitBy(ctx, f, x, standard(train, targets, m, s), threads); err != nil {
			return err
		}
		f.rec = Record{
			What: i.words(), Source: set.b.name, Data: set.b.key, Steps: t.cohort.Steps(),
			Settings: map[string]any{"by": f.by, "landmarks": len(landmarks), "targets": len(targets)},
			Samples:  train.N(), Genes: len(landmarks), Versions: versions(),
		}
		return f.write(d)
	}
	c := course{start: t.net.Init, say: say, blocks: i.blocks}
	if c.device, err = t.runsOn(); err != nil {
		return err
	}
	if c.scratch, err = d.Scratch(); err != nil {
		return err
	}
	most := (len(targets) + i.blocks - 1) / i.blocks
	need := nn.Need(i.spec(len(landmarks), most), nn.Plan{Optimiser: t.plan.Optimiser, Batch: t.plan.Batch, Patience: t.plan.Patience})
	giveBack, threads, err := room().take(ctx, need, threads)
	if err != nil {
		return err
	}
	defer giveBack()
	c.threads = threads
	for b := range i.blocks {
		part := targets[b*len(targets)/i.blocks : (b+1)*len(targets)/i.blocks]
		c.t, c.spec, c.scale = t, i.spec(len(landmarks), len(part)), pick(s, part)
		if t.plan.Optimiser == "momentum" {
			rate := t.plan.Rate
			if rate == 0 {
				rate = 5e-4
				if len(t.net.Hidden) > 2 {
					rate = 3e-4
				}
			}
			// of D-GEX's loss, summed over the targets that all blocks have together
			c.t.plan.Rate = rate * float64(len(part))
			c.t.plan.Floor = min(1e-5, rate) * float64(len(part))
		}
		c.target, c.watchTarget = standard(train, part, m, s).Data, standard(watch, part, m, s).Data
		c.before = b * t.plan.Epochs
		net, curve, err := c.block(ctx, b, portionOf(x), portionOf(xw), t.watch)
		if err != nil {
			return err
		}
		f.nets, f.curves = append(f.nets, net), append(f.curves, curve)
	}
	f.rec = Record{
		What: i.words(), Source: set.b.name, Data: set.b.key, Steps: t.cohort.Steps(),
		Settings: map[string]any{"net": t.net, "plan": t.plan, "blocks": i.blocks, "landmarks": len(landmarks), "targets": len(targets)},
		Seed:     t.plan.Seed, Samples: train.N(), Genes: len(landmarks), Device: c.where, Versions: versions(),
	}
	return f.write(d)
}

// pick are the values at those indices.
func pick[T any](from []T, index []int) []T {
	out := make([]T, len(index))
	for k, j := range index {
		out[k] = from[j]
	}
	return out
}

// block trains the network of one block, or reads it where it was finished before the
// process was lost.
func (c *course) block(ctx context.Context, b int, x, watch portion, watchers []Watcher) (*nn.Net, []Point, error) {
	file := filepath.Join(c.scratch, fmt.Sprintf("block-%d", b))
	if raw, err := os.ReadFile(file); err == nil {
		if net, curve, where, err := readBlock(raw, c.spec); err == nil {
			c.where = where
			return net, curve, nil
		}
	}
	net, curve, err := c.train(ctx, x, watch, 0, fmt.Sprintf("%s-%d", checkpoint, b), watchers)
	if err != nil || c.blocks == 1 {
		return net, curve, err
	}
	err = store.ReplaceFileBy(file, func(w io.Writer) error { return writeBlock(w, net, curve, c.where) })
	return net, curve, err
}

// A finished block is the length of a JSON head, the head with the curve, and the
// parameters, little-endian.
type blockHead struct {
	Curve []byte
	Where string
}

func writeBlock(w io.Writer, net *nn.Net, curve []Point, where string) error {
	head, err := json.Marshal(blockHead{curveCSV(curve), where})
	if err != nil {
		return err
	}
	if _, err := w.Write(append(binary.LittleEndian.AppendUint32(nil, uint32(len(head))), head...)); err != nil {
		return err
	}
	return binary.Write(w, binary.LittleEndian, net.Params())
}

func readBlock(raw []byte, spec nn.Spec) (*nn.Net, []Point, string, error) {
	damaged := fault.New("a finished block is damaged", "", "")
	if len(raw) < 4 {
		return nil, nil, "", damaged
	}
	n := int(binary.LittleEndian.Uint32(raw))
	if n > len(raw)-4 {
		return nil, nil, "", damaged
	}
	var h blockHead
	if err := json.Unmarshal(raw[4:4+n], &h); err != nil {
		return nil, nil, "", err
	}
	curve, err := readCurve(h.Curve)
	if err != nil {
		return nil, nil, "", err
	}
	params := make([]float32, spec.Parameters())
	if len(raw)-4-n != 4*len(params) {
		return nil, nil, "", damaged
	}
	if err := binary.Read(bytes.NewReader(raw[4+n:]), binary.LittleEndian, params); err != nil {
		return nil, nil, "", err
	}
	net, err := nn.Restore(spec, params, nil)
	return net, curve, h.Where, err
}
