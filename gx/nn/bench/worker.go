package bench

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"math/rand/v2"
	"os"
	"runtime"
	"strings"
	"time"

	"github.com/gxlab/gxlab/gx/nn"
	"github.com/gxlab/gxlab/gx/nn/cpu"
	"github.com/gxlab/gxlab/gx/nnwork"
)

// Ready is a worker's first line, Ran its answer to every "run"; peers.py's are the
// same.
type (
	Ready struct {
		Ready   bool    `json:"ready"`
		Name    string  `json:"name"`
		Setting string  `json:"setting"`
		Loss    float64 `json:"loss"`
		// Start is the seconds from the beginning of Work, and of making the samples,
		// to the end of the first epoch; ours alone tell it.
		Start float64 `json:"start,omitempty"`
	}
	Ran struct {
		Steps   int     `json:"steps"`
		Seconds float64 `json:"seconds"`
		// Processor is the time that all its threads together were at work.
		Processor float64 `json:"processor"`
		Loss      float64 `json:"loss"`
		PeakMB    float64 `json:"peak_mb"`
		// Allocations and bytes allocated a step; ours alone tell them.
		Allocs float64 `json:"allocs,omitempty"`
		Bytes  float64 `json:"bytes,omitempty"`
	}
)

// Setting is how a worker trains: threads (0: one per core), steps of an epoch, and
// nn.Plan's device and precision.
type Setting struct {
	Threads, Steps    int
	Device, Precision string
}

// Work trains a case by nn.Train and tells of it as peers.py does: a first line,
// then for every line "run K" an epoch of K steps, K being what how says. It ends
// with "quit" or the end of in.
func Work(ctx context.Context, c Case, how Setting, in io.Reader, out io.Writer) error {
	if c.graph() {
		return workGraph(ctx, c, how, in, out)
	}
	start := time.Now()
	threads, steps := how.Threads, how.Steps
	s, plan, err := Net(c.Net)
	if err != nil {
		return err
	}
	net, err := nn.New(s, 1)
	if err != nil {
		return err
	}
	n := max(samples(c.Net), c.Batch)
	data := nn.Data{N: n, X: cpu.Make(n * s.In)}
	if s.Loss == nn.NegativeBinomial || s.Loss == nn.ZeroInflated {
		data.Target = counts(n)
		for i, v := range data.Target {
			data.X[i] = float32(math.Log1p(float64(v)))
		}
	} else {
		rng := rand.New(rand.NewPCG(1, 2))
		for i := range data.X {
			data.X[i] = rng.Float32()
		}
	}
	plan.Batch, plan.Epochs, plan.Iterations, plan.Threads, plan.Seed = c.Batch, 1<<30, steps, threads, 1
	plan.Device, plan.Precision = how.Device, how.Precision
	if plan.Device == "" {
		plan.Device = "cpu"
	}
	pool := cpu.NewPool(threads)
	setting := fmt.Sprintf("%s, %d threads", pool.Path(), pool.Threads())
	where := func(device, _ string) {
		if device != nn.OnCPU {
			setting = device
		}
	}
	lines := bufio.NewScanner(in)
	say := json.NewEncoder(out)
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	var began time.Time
	var busy float64
	var before runtime.MemStats
	var failed error
	hear := func(p nn.Point) {
		took, worked := time.Since(began).Seconds(), processor()-busy
		var after runtime.MemStats
		runtime.ReadMemStats(&after)
		if p.Epoch == 1 {
			failed = say.Encode(Ready{true, "gxlab", setting, p.Train, time.Since(start).Seconds()})
		} else {
			failed = say.Encode(Ran{
				steps, took, worked, p.Train, peakMB(),
				float64(after.Mallocs-before.Mallocs) / float64(steps), float64(after.TotalAlloc-before.TotalAlloc) / float64(steps),
			})
		}
		if failed != nil || !lines.Scan() || lines.Text() == "quit" {
			cancel()
			return
		}
		if want := fmt.Sprintf("run %d", steps); lines.Text() != want {
			failed = fmt.Errorf("the worker was told %q, not %q", lines.Text(), want)
			cancel()
			return
		}
		runtime.ReadMemStats(&before)
		began, busy = time.Now(), processor()
	}
	_, err = nn.Train(ctx, net, plan, data, nn.Hooks{Epoch: hear, Where: where})
	if errors.Is(err, context.Canceled) {
		err = nil
	}
	return errors.Join(failed, err)
}

// workGraph is Work for a graph: a step is betweenness from c.Batch sources, always the
// same, and its "loss" the root of the sum of all genes' squares, by which peers are held
// to it.
func workGraph(ctx context.Context, c Case, how Setting, in io.Reader, out io.Writer) error {
	if how.Threads > 0 {
		runtime.GOMAXPROCS(how.Threads)
	}
	start := time.Now()
	g, err := c.network()
	if err != nil {
		return err
	}
	run := func(steps int) (r Ran, err error) {
		began, busy := time.Now(), processor()
		var b *nnwork.Sampled
		for range steps {
			if b, err = g.SampledBetweenness(ctx, c.Batch, 1); err != nil {
				return r, err
			}
		}
		r = Ran{Steps: steps, Seconds: time.Since(began).Seconds(), Processor: processor() - busy, PeakMB: peakMB()}
		for _, v := range b.Value {
			r.Loss += v * v
		}
		r.Loss = math.Sqrt(r.Loss)
		return r, nil
	}
	lines := bufio.NewScanner(in)
	say := json.NewEncoder(out)
	r, err := run(1)
	if err == nil {
		err = say.Encode(Ready{true, "gxlab", fmt.Sprintf("%d threads", runtime.GOMAXPROCS(0)), r.Loss, time.Since(start).Seconds()})
	}
	for err == nil && lines.Scan() && lines.Text() != "quit" {
		var k int
		if _, err = fmt.Sscanf(lines.Text(), "run %d", &k); err == nil {
			if r, err = run(k); err == nil {
				err = say.Encode(r)
			}
		}
	}
	return err
}

// peakMB is the process's largest resident size so far, 0 where the system does
// not tell.
func peakMB() float64 {
	b, err := os.ReadFile("/proc/self/status")
	if err != nil {
		return 0
	}
	for _, l := range strings.Split(string(b), "\n") {
		var kb float64
		if rest, ok := strings.CutPrefix(l, "VmHWM:"); ok {
			if _, err := fmt.Sscan(rest, &kb); err == nil {
				return kb / 1024
			}
		}
	}
	return 0
}
