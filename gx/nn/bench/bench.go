package bench

import (
	"context"
	"runtime"
	"strings"
)

// Options say what Run does.
type Options struct {
	Cases   []Case
	Threads int // 0: one per core
	Rounds  int // of every worker, in turn
	// Own starts our worker for a case; Peers are the others' commands, which get
	// "--net A --batch 780 --threads 2" added.
	Own   func(c Case, threads, steps int) []string
	Peers [][]string
	// Tell hears how far it is.
	Tell func(what string)
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
// OpenBLAS's (0 where there is none), measured between the workers' turns.
type Result struct {
	Case      Case         `json:"case"`
	Threads   int          `json:"threads"`
	Setting   string       `json:"setting"`
	StepMS    Range        `json:"ms_per_step"`
	GFLOPS    float64      `json:"gflops"`        // of the whole step
	Products  Range        `json:"gflops_own"`    // of our products alone
	BLAS      Range        `json:"gflops_blas"`   // of OpenBLAS's
	Peak      float64      `json:"share_of_peak"` // of OpenBLAS's rate, or of ours where there is none
	GB        float64      `json:"gb_per_step"`   // that have to be moved
	Bandwidth Range        `json:"gb_per_second"` // of the machine
	Memory    float64      `json:"share_of_bandwidth"`
	Allocs    float64      `json:"allocations_per_step"`
	Bytes     float64      `json:"bytes_allocated_per_step"`
	PeakMB    float64      `json:"peak_mb"`
	RoomMB    float64      `json:"room_mb"` // data, parameters, optimiser state, gradients, activations
	Peers     []PeerResult `json:"peers,omitempty"`
}

// PeerResult is another framework on the same case; Ratio is our time over its, of
// the paired rounds. Failed says why there is none.
type PeerResult struct {
	Name    string `json:"name"`
	Setting string `json:"setting"`
	StepMS  Range  `json:"ms_per_step"`
	Ratio   Range  `json:"ratio"`
	Failed  string `json:"failed,omitempty"`
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
	var out []Result
	for _, c := range o.Cases {
		r, err := o.one(ctx, c)
		if err != nil {
			return out, err
		}
		out = append(out, r)
	}
	return out, nil
}

func (o Options) one(ctx context.Context, c Case) (Result, error) {
	s, plan, err := Net(c.Net)
	if err != nil {
		return Result{}, err
	}
	k := steps(s, plan.Optimiser, c.Batch)
	o.Tell(c.String() + ": starting")
	own, err := start(ctx, o.Own(c, o.Threads, k))
	if err != nil {
		return Result{}, err
	}
	defer own.end()
	r := Result{Case: c, Threads: o.Threads, Setting: own.ready.Setting, GB: traffic(s, plan.Optimiser, c.Batch) / 1e9}
	var peers []*worker
	var of []int // their places in r.Peers
	for _, p := range o.Peers {
		name := strings.Join(p[min(2, len(p)-1):], " ")
		o.Tell(c.String() + ": starting " + name)
		w, err := start(ctx, append(append([]string{}, p...), "--net", c.Net, "--batch", itoa(c.Batch), "--threads", itoa(o.Threads)))
		if err != nil {
			r.Peers = append(r.Peers, PeerResult{Name: name, Failed: err.Error()})
			continue
		}
		defer w.end()
		peers, of = append(peers, w), append(of, len(r.Peers))
		r.Peers = append(r.Peers, PeerResult{Name: w.ready.Name, Setting: w.ready.Setting})
	}
	m := newMachine(s, c.Batch, o.Threads)
	all := append([]*worker{own}, peers...)
	ms := make([][]float64, len(all))
	var bands, rates, blas []float64
	for round := range o.Rounds {
		o.Tell(c.String() + ": round " + itoa(round+1) + " of " + itoa(o.Rounds))
		for i := range all {
			i = (i + round) % len(all)
			ran, err := all[i].run(ctx, k)
			if err != nil {
				return r, err
			}
			ms[i] = append(ms[i], 1e3*ran.Seconds/float64(k))
			if i == 0 {
				r.Allocs, r.Bytes, r.PeakMB = ran.Allocs, ran.Bytes, ran.PeakMB
			}
		}
		bands = append(bands, m.bandwidth())
		if c.Batch < fewRows {
			continue
		}
		rates = append(rates, m.rate(m.own))
		if m.blas != nil {
			blas = append(blas, m.rate(m.blas))
		}
	}
	r.StepMS, r.Products, r.BLAS, r.Bandwidth = ranged(ms[0]), ranged(rates), ranged(blas), ranged(bands)
	r.GFLOPS = flops(s, c.Batch) / r.StepMS.Median / 1e6
	if peak := r.BLAS.Median; c.Batch >= fewRows {
		if peak == 0 {
			peak = r.Products.Median
		}
		r.Peak = r.GFLOPS / peak
	}
	r.Memory = r.GB / (r.StepMS.Median / 1e3) / r.Bandwidth.Median
	r.RoomMB = room(s, plan.Optimiser, c.Batch, max(samples(c.Net), c.Batch)) / (1 << 20)
	for i := range peers {
		var ratios []float64
		for round, v := range ms[i+1] {
			ratios = append(ratios, ms[0][round]/v)
		}
		p := &r.Peers[of[i]]
		p.StepMS, p.Ratio = ranged(ms[i+1]), ranged(ratios)
	}
	return r, nil
}
