package gx

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"

	"github.com/gxlab/gxlab/gx/nn"
	"github.com/gxlab/gxlab/gx/prep"
	"github.com/gxlab/gxlab/gx/store"
)

// course is the training of one recipe on one set: twice, where the number of
// epochs is chosen first.
type course struct {
	t       Training
	spec    nn.Spec
	k       int
	start   Init
	scale   []float32
	threads int
	device  string // asked for
	where   string // that it ran on
	scratch string
	say     Tell
	before  int // epochs told of before this training
	blocks  int // trainings of so many epochs; 0: one
	// of a network whose targets are not its inputs
	target, watchTarget []float32
	even                bool // and whose last layer begins as the others do
	// of the stages of a pair
	total    int // epochs of all; 0: as many as there are blocks
	from     func() (*nn.Net, error)
	features []float32
}

// The files in which training keeps its state in the scratch folder.
const (
	checkpoint       = "checkpoint"
	chooseCheckpoint = "checkpoint-choose"
	chosenFile       = "chosen.json"
)

// pcaSamples is how many training samples the principal components that a network
// begins as are found from: more change them little and take long.
const pcaSamples = 2048

// begin is the untrained network for samples x.
func (c *course) begin(x portion) (*nn.Net, error) {
	if c.from != nil {
		return c.from()
	}
	net, err := nn.New(c.spec, c.t.plan.Seed)
	if err == nil && c.target == nil && c.spec.Loss == nn.Gaussian {
		beginSpread(net, x.some(pcaSamples, c.t.plan.Seed).matrix())
	}
	if err == nil && c.start == FromPCA {
		err = beginAsPCA(net, x.some(pcaSamples, c.t.plan.Seed).matrix(), c.k)
	}
	if err == nil && c.target != nil && !c.even && c.t.net.Likelihood == "" {
		beginSmall(net, c.t.plan.Seed)
	}
	return net, err
}

// train trains a new network on x and keeps the weights of epoch keep (0 the last,
// −1 those before training). It goes on from the checkpoint of that name.
func (c *course) train(ctx context.Context, x, watch portion, keep int, name string, watchers []Watcher) (*nn.Net, []Point, error) {
	p, total := c.t.plan, c.t.plan.Epochs*max(1, c.blocks)
	if p.Choose > 0 {
		total *= 2
	}
	if c.total > 0 {
		total = c.total
	}
	c.say(c.t.Name()+": beginning", c.before, total)
	net, err := c.begin(x)
	if err != nil {
		return nil, nil, err
	}
	kept, err := os.Open(filepath.Join(c.scratch, name))
	if err != nil && !os.IsNotExist(err) {
		return nil, nil, err
	}
	var resume io.Reader
	if err == nil {
		defer kept.Close()
		resume = bufio.NewReaderSize(kept, 1<<20)
		c.say(c.t.Name()+": going on from the last checkpoint", 0, 0)
	}
	hooks := nn.Hooks{
		Where: func(device, why string) {
			c.where = device
			switch {
			case why != "":
				c.say(fmt.Sprintf("%s: trains on %s, for the GPU cannot be used: %s", c.t.Name(), device, why), 0, 0)
			case device != nn.OnCPU:
				c.say(fmt.Sprintf("%s: trains on %s", c.t.Name(), device), 0, 0)
			}
			if device == nn.OnCPU && p.Precision != "" && p.Precision != Float32 {
				c.say(fmt.Sprintf("%s: the CPU multiplies in float32, not %s", c.t.Name(), p.Precision), 0, 0)
			}
		},
		Resume: resume,
		Save: func(write func(io.Writer) error) error {
			return store.ReplaceFileBy(filepath.Join(c.scratch, name), write)
		},
		Epoch: func(q Point) {
			c.say(fmt.Sprintf("%s: epoch %d of %d, training error %.4g%s", c.t.Name(), q.Epoch, p.Epochs, q.Train, watched(q.Valid)), c.before+q.Epoch, total)
			for _, w := range watchers {
				w.Watch(c.t.Name(), q, p.Epochs)
			}
		},
	}
	curve, err := nn.Train(ctx, net, c.planFor(keep), c.data(x, watch), hooks)
	for _, w := range watchers { // a training may stop before its last epoch
		if d, ok := w.(interface{ Done() }); ok {
			d.Done()
		}
	}
	return net, curve, err
}

// planFor is the plan of a training that keeps the weights of epoch keep.
func (c *course) planFor(keep int) nn.Plan {
	p := c.t.plan
	return nn.Plan{
		Batch: p.Batch, Epochs: p.Epochs, Iterations: p.Iterations, Optimiser: p.Optimiser, Rate: c.t.rate(c.spec.In), FanIn: p.FanIn, Decay: p.Decay,
		Schedule: p.Schedule, Fall: p.Fall, Floor: p.Floor, Warmup: p.Warmup, Momentum: p.Momentum, Patience: p.Patience, Keep: keep, Seed: p.Seed, Threads: c.threads,
		Device: c.device, Precision: string(p.Precision),
	}
}

// held is how many of n samples a share holds out.
func held(n int, share float64) int { return min(n-1, max(1, int(math.Round(share*float64(n))))) }

// choose finds the epoch with the least error on samples held out of x: −1 for
// before training.
func (c *course) choose(ctx context.Context, x portion) (epoch int, err error) {
	file := filepath.Join(c.scratch, chosenFile)
	defer func() { c.before = c.t.plan.Epochs }()
	if b, err := os.ReadFile(file); err == nil && json.Unmarshal(b, &epoch) == nil {
		return epoch, nil
	}
	order := rand.New(rand.NewPCG(c.t.plan.Seed, 0xc4005e)).Perm(x.n())
	k := held(x.n(), c.t.plan.Choose)
	rest, out := x.pick(order[k:]), x.pick(order[:k])
	first, err := c.begin(rest)
	if err != nil {
		return 0, err
	}
	before, err := nn.Measure(first, c.data(out, portion{}))
	if err != nil {
		return 0, err
	}
	least := before.Objective(c.spec.Weight)
	_, curve, err := c.train(ctx, rest, out, 0, chooseCheckpoint, nil)
	if err != nil {
		return 0, err
	}
	epoch = -1
	for _, p := range curve {
		if v := p.Objective(c.spec.Weight); v < least {
			epoch, least = p.Epoch, v
		}
	}
	b, err := json.Marshal(epoch)
	if err != nil {
		return 0, err
	}
	return epoch, store.ReplaceFile(file, b)
}

// beginSpread begins a Gaussian likelihood with the variances of x's genes.
func beginSpread(net *nn.Net, x Matrix) {
	_, sd := prep.Moments(x, every(x.Rows))
	for j, to := 0, net.Spread(); j < len(to); j++ {
		to[j] = float32(2 * math.Log(max(1e-3, sd[j])))
	}
}

// watched is what is told of the watched samples' error, where there are any.
func watched(v float64) string {
	if v != v {
		return ""
	}
	return fmt.Sprintf(", watched %.4g", v)
}
