package bench

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"os"
	"runtime"
	"strings"

	"github.com/gxlab/gxlab/gx/nn"
)

// Options say what Run does.
type Options struct {
	Cases   []Case
	Threads int // 0: one per core
	Rounds  int // of every worker, in turn
	// Device is "gpu" for steps on a GPU, in that precision ("" tf32).
	Device, Precision string
	// Own starts our worker for a case; Peers are the others' commands, which get
	// "--net A --batch 780 --threads 2" added.
	Own   func(c Case, how Setting) []string
	Peers [][]string
	// Tell hears how far it is.
	Tell func(what string)

	// For tests: newMachine's floats, newCard's bytes and the steps of a turn; 0: as
	// they should be.
	floats    int
	cardBytes int64
	steps     int
}

// Range is the median of several runs, and the least and greatest.
type Range struct {
	Median float64 `json:"median"`
	Least  float64 `json:"least"`
	Most   float64 `json:"most"`
}

func ranged(x []float64) Range {
	m, a, b := middle(x)
	return Range{m, a, b}
}

// Result is what a case showed. Rates are those of its products alone, ours and
// OpenBLAS's (0 where there is none), measured between the workers' turns; of each
// product OpenBLAS's is the faster of tiles on our threads and one call on its own.
type Result struct {
	Case      Case         `json:"case"`
	Threads   int          `json:"threads"`
	Setting   string       `json:"setting"`
	StepMS    Range        `json:"ms_per_step"`
	CoreMS    Range        `json:"core_ms_per_step"` // processor time, of all cores together
	GFLOPS    float64      `json:"gflops"`           // of the whole step
	Products  Range        `json:"gflops_own"`       // of our products alone
	BLAS      Range        `json:"gflops_blas"`      // of OpenBLAS's
	Peak      float64      `json:"share_of_peak"`    // of OpenBLAS's rate, or of ours where there is none
	GB        float64      `json:"gb_per_step"`      // that have to be moved
	Bandwidth Range        `json:"gb_per_second"`    // of the machine
	Memory    float64      `json:"share_of_bandwidth"`
	Allocs    float64      `json:"allocations_per_step"`
	Bytes     float64      `json:"bytes_allocated_per_step"`
	PeakMB    float64      `json:"peak_mb"`
	RoomMB    float64      `json:"room_mb"` // data, parameters, optimiser state, gradients, activations
	PeakRoom  float64      `json:"peak_of_room"`
	Start     float64      `json:"start_seconds"` // of the worker, to the end of its first epoch
	FloorMS   float64      `json:"floor_ms"`      // what moving the bytes, or the products alone, would take
	OfFloor   float64      `json:"step_of_floor"`
	Peers     []PeerResult `json:"peers,omitempty"`
	BestPeer  string       `json:"best_peer,omitempty"`
}

// PeerResult is another framework on the same case; Ratio is our time over its, of
// the paired rounds, and CoreRatio the same of processor time. Failed says why there is
// none.
type PeerResult struct {
	Name      string `json:"name"`
	Setting   string `json:"setting"`
	StepMS    Range  `json:"ms_per_step"`
	CoreMS    Range  `json:"core_ms_per_step"`
	Ratio     Range  `json:"ratio"`
	CoreRatio Range  `json:"core_ratio"`
	Failed    string `json:"failed,omitempty"`
}

// Best is the fastest peer, nil without one.
func (r Result) Best() *PeerResult {
	var best *PeerResult
	for i, p := range r.Peers {
		if p.Failed == "" && (best == nil || p.StepMS.Median < best.StepMS.Median) {
			best = &r.Peers[i]
		}
	}
	return best
}

// frameworks are the networks that each of those in peers.py has.
var frameworks = map[string]string{"torch": "ABC", "jax": "ABC", "keras": "ABC", "tensorflow": "ABC", "scvi": "VZL", "igraph": "G", "networkx": "G"}

// fewRows is the batch below which a step is bound by memory, and the speed of
// products says nothing.
const fewRows = 16

// Run measures the cases, each worker in a process of its own, the workers of a
// case in turn, the machine's limits in between.
func Run(ctx context.Context, o Options) ([]Result, error) {
	if o.Threads < 1 {
		o.Threads = runtime.GOMAXPROCS(0)
	}
	if o.Tell == nil {
		o.Tell = func(string) {}
	}
	m, err := o.machine()
	if err != nil {
		return nil, err
	}
	defer m.close()
	var out []Result
	for _, c := range o.Cases {
		r, err := o.one(ctx, c, m)
		if err != nil {
			return out, err
		}
		out = append(out, r)
	}
	return out, nil
}

// turn is a worker's part in a case: its milliseconds a step, round by round.
type turn struct {
	*worker
	peer int // its place in the result's Peers; -1 for ours
	ms   []float64
	core []float64 // of processor time
	loss float64   // of the last round
}

// machine are the limits of what the steps run on.
func (o Options) machine() (limits, error) {
	if o.Device == "gpu" {
		return newCard(o.Precision, o.cardBytes)
	}
	o.Tell("the machine: arrays for its bandwidth")
	m := newMachine(o.Threads, o.floats)
	if m.note != "" {
		o.Tell(m.note)
	}
	return m, nil
}

// limits measures what the machine can do.
type limits interface {
	// bandwidth is that of its memory, in GB/s.
	bandwidth() (float64, error)
	// rates prepares to measure a step's products alone.
	rates(s nn.Spec, batch int) (alone, error)
	close()
}

// alone are a step's products, and their speed in GFLOP/s: by our kernels, or the
// GPU's library, and by OpenBLAS, 0 without it.
type alone interface {
	speeds() (own, blas float64, err error)
	close()
}

func (o Options) one(ctx context.Context, c Case, m limits) (Result, error) {
	s, plan, err := c.net()
	if err != nil {
		return Result{}, err
	}
	k := steps(s, plan.Optimiser, c.Batch, o.Device == "gpu")
	if o.steps > 0 {
		k = o.steps
	}
	o.Tell(c.String() + ": starting")
	own, err := start(ctx, o.Own(c, Setting{o.Threads, k, o.Device, o.Precision}))
	if err != nil {
		return Result{}, err
	}
	defer own.end()
	r := Result{Case: c, Threads: o.Threads, Setting: own.ready.Setting, Start: own.ready.Start}
	if !c.graph() {
		r.GB = traffic(s, plan.Optimiser, c.Batch) / 1e9
	}
	data := ""
	if len(o.Peers) > 0 {
		dir, err := os.MkdirTemp("", "gxlab-bench-*")
		if err != nil {
			return r, err
		}
		defer os.RemoveAll(dir)
		if data, err = c.write(ctx, dir); err != nil {
			return r, err
		}
	}
	turns := []*turn{{worker: own, peer: -1}}
	for _, p := range o.Peers {
		if has, known := frameworks[p[min(2, len(p)-1)]]; known && !strings.Contains(has, c.Net) {
			continue
		}
		t, told := o.peer(ctx, c, len(r.Peers), p, data)
		r.Peers = append(r.Peers, told)
		if t != nil {
			defer t.end()
			turns = append(turns, t)
		}
	}
	var products alone
	if c.Batch >= fewRows && !c.graph() {
		if products, err = m.rates(s, c.Batch); err != nil {
			return r, err
		}
		defer products.close()
	}
	var bands, rates, blas []float64
	for round := range o.Rounds {
		o.Tell(c.String() + ": round " + itoa(round+1) + " of " + itoa(o.Rounds))
		for i := range turns {
			if err := turns[(i+round)%len(turns)].take(ctx, k, &r); err != nil {
				return r, err
			}
		}
		band, err := m.bandwidth()
		if err != nil {
			return r, err
		}
		bands = append(bands, band)
		if products == nil {
			continue
		}
		mine, theirs, err := products.speeds()
		if err != nil {
			return r, err
		}
		rates = append(rates, mine)
		if theirs > 0 {
			blas = append(blas, theirs)
		}
	}
	r.StepMS, r.CoreMS, r.Products, r.BLAS, r.Bandwidth = ranged(turns[0].ms), ranged(turns[0].core), ranged(rates), ranged(blas), ranged(bands)
	if !c.graph() {
		r.shares(s, plan.Optimiser, o.Device == "gpu")
	}
	for _, t := range turns[1:] {
		p := &r.Peers[t.peer]
		if c.graph() && p.Failed == "" && !(math.Abs(t.loss-turns[0].loss) < 1e-6*turns[0].loss) {
			p.Failed = fmt.Sprintf("it finds other values: their norm is %g, ours %g", t.loss, turns[0].loss)
		}
		if p.Failed == "" {
			p.compare(turns[0], t)
		}
	}
	if best := r.Best(); best != nil {
		r.BestPeer = best.Name
	}
	return r, nil
}

// peer starts peer i; there is no turn for one that does not come up.
func (o Options) peer(ctx context.Context, c Case, i int, command []string, data string) (*turn, PeerResult) {
	name := strings.Join(command[min(2, len(command)-1):], " ")
	o.Tell(c.String() + ": starting " + name)
	all := append(append([]string{}, command...), "--net", c.Net, "--batch", itoa(c.Batch), "--threads", itoa(o.Threads), "--device", cmp.Or(o.Device, "cpu"), "--precision", cmp.Or(o.Precision, "tf32"))
	if data != "" {
		all = append(all, "--data", data)
	}
	w, err := start(ctx, all)
	if err != nil {
		return nil, PeerResult{Name: name, Failed: err.Error()}
	}
	options := command[min(3, len(command)):]
	name = strings.Join(append([]string{w.ready.Name}, options...), " ")
	return &turn{worker: w, peer: i}, PeerResult{Name: name, Setting: w.ready.Setting}
}

// take runs k steps. A peer that fails is told of in r and has no more turns.
func (t *turn) take(ctx context.Context, k int, r *Result) error {
	if t.peer >= 0 && r.Peers[t.peer].Failed != "" {
		return nil
	}
	ran, err := t.run(ctx, k)
	switch {
	case err == nil:
		t.ms, t.core, t.loss = append(t.ms, 1e3*ran.Seconds/float64(k)), append(t.core, 1e3*ran.Processor/float64(k)), ran.Loss
		if t.peer < 0 {
			r.Allocs, r.Bytes, r.PeakMB = ran.Allocs, ran.Bytes, ran.PeakMB
		}
	case t.peer < 0 || ctx.Err() != nil:
		return err
	default:
		r.Peers[t.peer].Failed = err.Error()
	}
	return nil
}

// shares works out what follows from the times.
func (r *Result) shares(s nn.Spec, optimiser string, gpu bool) {
	ms := r.StepMS.Median
	r.Memory = r.GB / (ms / 1e3) / r.Bandwidth.Median
	if r.Threads == 1 && r.CoreMS.Median > 0 && !gpu {
		ms = r.CoreMS.Median
	}
	r.GFLOPS = flops(s, r.Case.Batch) / ms / 1e6
	if r.Case.Batch >= fewRows {
		peak := r.BLAS.Median
		if peak == 0 {
			peak = r.Products.Median
		}
		r.Peak = r.GFLOPS / peak
	}
	r.FloorMS = 1e3 * r.GB / r.Bandwidth.Median
	if rate := max(r.BLAS.Median, r.Products.Median); rate > 0 {
		r.FloorMS = max(r.FloorMS, flops(s, r.Case.Batch)/rate/1e6)
	}
	r.OfFloor = ms / r.FloorMS
	r.RoomMB = room(s, optimiser, r.Case.Batch, max(samples(r.Case.Net), r.Case.Batch)) / (1 << 20)
	r.PeakRoom = r.PeakMB / r.RoomMB
}

// compare takes the peer's times, and ours in the same rounds.
func (p *PeerResult) compare(own, theirs *turn) {
	ratios := func(own, theirs []float64) Range {
		var r []float64
		for round, v := range theirs {
			if v > 0 { // where the system tells
				r = append(r, own[round]/v)
			}
		}
		return ranged(r)
	}
	p.StepMS, p.CoreMS = ranged(theirs.ms), ranged(theirs.core)
	p.Ratio, p.CoreRatio = ratios(own.ms, theirs.ms), ratios(own.core, theirs.core)
}
