package main

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"
	"text/tabwriter"

	"github.com/gxlab/gxlab/gx/fault"
	"github.com/gxlab/gxlab/gx/nn/bench"
)

// measure times steps of training the papers' networks, and betweenness of a graph,
// beside the machine's own limits and, where a Python with other frameworks is named,
// beside those.
func measure(ctx context.Context, args []string) error {
	_, given, err := flags{values: []string{"net", "threads", "rounds", "peers", "frameworks", "worker", "steps", "device", "precision"}, switches: []string{"json", "papers"}}.parse("bench", args)
	if err != nil {
		return err
	}
	number := func(name string, or int) int {
		n, perr := strconv.Atoi(last(given[name], strconv.Itoa(or)))
		if perr != nil || n < 0 {
			err = fault.New("-"+name+" needs a whole number", "gxlab bench", "-"+name+" "+strconv.Itoa(or))
		}
		return n
	}
	o := bench.Options{Cases: bench.Cases, Threads: number("threads", 0), Rounds: max(1, number("rounds", 5)), Own: ownWorker, Tell: func(what string) { logLine("%s", what) }}
	steps := number("steps", 1)
	o.Device, o.Precision = last(given["device"], "cpu"), last(given["precision"], "")
	if o.Device != "cpu" && o.Device != "gpu" {
		return fault.New("there is no device "+o.Device, "gxlab bench", "-device cpu or -device gpu")
	}
	if err != nil {
		return err
	}
	if w := last(given["worker"], ""); w != "" {
		c, err := bench.ParseCase(w)
		if err != nil {
			return err
		}
		return bench.Work(ctx, c, bench.Setting{Threads: o.Threads, Steps: steps, Device: o.Device, Precision: o.Precision}, os.Stdin, os.Stdout)
	}
	if _, ok := given["papers"]; ok {
		return bench.Papers(ctx, bench.Setting{Threads: o.Threads, Device: o.Device, Precision: o.Precision}, os.Stdout)
	}
	if nets := given["net"]; len(nets) > 0 {
		o.Cases = nil
		for _, n := range strings.Split(strings.Join(nets, ","), ",") {
			c, err := bench.ParseCase(n)
			if err != nil {
				return fault.New(err.Error(), "gxlab bench", "-net A:780,V:128,G:1000")
			}
			o.Cases = append(o.Cases, c)
		}
	}
	if python := last(given["peers"], ""); python != "" {
		dir, err := os.MkdirTemp("", "gxlab-bench-*")
		if err != nil {
			return err
		}
		defer os.RemoveAll(dir)
		script, err := bench.WritePeers(dir)
		if err != nil {
			return err
		}
		for _, f := range strings.Split(last(given["frameworks"], "torch,jax,keras,tensorflow,scvi,igraph"), ",") {
			// a framework's own options may follow its name
			o.Peers = append(o.Peers, append([]string{python, script}, strings.Fields(f)...))
		}
	}
	results, err := bench.Run(ctx, o)
	if _, ok := given["json"]; ok {
		e := json.NewEncoder(os.Stdout)
		e.SetIndent("", " ")
		if jerr := e.Encode(results); jerr != nil {
			return jerr
		}
		return err
	}
	printBench(os.Stdout, results)
	return err
}

// ownWorker is the command of our worker: this program again.
func ownWorker(c bench.Case, how bench.Setting) []string {
	self, err := os.Executable()
	if err != nil {
		self = os.Args[0]
	}
	return []string{self, "bench", "-worker", c.String(), "-threads", strconv.Itoa(how.Threads), "-steps", strconv.Itoa(how.Steps), "-device", cmp.Or(how.Device, "cpu"), "-precision", how.Precision}
}

// printBench prints the results as tables for people.
func printBench(to io.Writer, results []bench.Result) {
	t := tabwriter.NewWriter(to, 2, 8, 2, ' ', tabwriter.AlignRight)
	row := func(cells ...string) { fmt.Fprintln(t, strings.Join(cells, "\t")+"\t") }
	span := func(r bench.Range) string { return fmt.Sprintf("%.4g (%.4g–%.4g)", r.Median, r.Least, r.Most) }
	row("net:batch", "ms per step", "core-ms", "GFLOP/s", "products: ours", "OpenBLAS", "of peak", "GB moved", "GB/s", "of bandwidth", "allocs", "kB allocated", "peak MB", "room MB", "peak/room", "start s", "floor ms", "of floor")
	for _, r := range results {
		products, blas, peak := "", "", ""
		if r.Products.Median > 0 {
			products, blas, peak = fmt.Sprintf("%.0f", r.Products.Median), "none", percent(r.Peak)
		}
		if r.BLAS.Median > 0 {
			blas = fmt.Sprintf("%.0f", r.BLAS.Median)
		}
		if r.GFLOPS == 0 { // no network
			row(r.Case.String(), span(r.StepMS), fmt.Sprintf("%.4g", r.CoreMS.Median), "", "", "", "", "", "", "", "", "", fmt.Sprintf("%.0f", r.PeakMB), "", "", fmt.Sprintf("%.2f", r.Start), "", "")
			continue
		}
		row(r.Case.String(), span(r.StepMS), fmt.Sprintf("%.4g", r.CoreMS.Median), fmt.Sprintf("%.0f", r.GFLOPS), products, blas, peak,
			fmt.Sprintf("%.2f", r.GB), fmt.Sprintf("%.1f", r.Bandwidth.Median), percent(r.Memory),
			fmt.Sprintf("%.0f", r.Allocs), fmt.Sprintf("%.1f", r.Bytes/1e3), fmt.Sprintf("%.0f", r.PeakMB), fmt.Sprintf("%.0f", r.RoomMB), fmt.Sprintf("%.2f", r.PeakRoom), fmt.Sprintf("%.2f", r.Start), fmt.Sprintf("%.3g", r.FloorMS), fmt.Sprintf("%.2f", r.OfFloor))
	}
	t.Flush()
	if len(results) > 0 {
		fmt.Fprintf(to, "\ngxlab: %s. Median (least–most) of the rounds. Core-ms: processor time of all cores;\nrates of one thread are by it. Of peak: the whole step's GFLOP/s over those of its matrix\nproducts alone by OpenBLAS (of each the faster way: our threads or its own), or by ours without it. GB moved: parameters read forward, read and written back\nwith the optimiser's state, and the batch. Room: data, parameters, optimiser state, gradients, activations. Floor: moving those GB at that bandwidth, or the products alone, whichever is\nlonger.\n", results[0].Setting)
	}
	any := false
	for _, r := range results {
		any = any || len(r.Peers) > 0
	}
	if !any {
		return
	}
	fmt.Fprintln(to)
	row("net:batch", "framework", "ms per step", "ours/theirs", "core-ms", "ours/theirs", "setting")
	for _, r := range results {
		for i := range r.Peers {
			p := &r.Peers[i]
			if p.Failed != "" {
				row(r.Case.String(), p.Name, "failed", "", "", "", strings.SplitN(p.Failed, "\n", 2)[0])
				continue
			}
			mark := ""
			if p == r.Best() {
				mark = "best: "
			}
			row(r.Case.String(), mark+p.Name, span(p.StepMS), span(p.Ratio), fmt.Sprintf("%.4g", p.CoreMS.Median), span(p.CoreRatio), p.Setting)
		}
	}
	t.Flush()
}

func percent(x float64) string { return fmt.Sprintf("%.0f %%", 100*x) }
