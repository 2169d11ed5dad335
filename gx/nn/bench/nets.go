// Package bench measures steps of training: ours, other frameworks' beside them,
// and the machine's own limits in the same run. README.md says how, peers.py holds
// the other frameworks' side.
package bench

import (
	"fmt"
	"math"
	"strconv"
	"strings"

	"github.com/gxlab/gxlab/gx/nn"
	"github.com/gxlab/gxlab/gx/nn/cpu"
)

// Case is a network and a batch size.
type Case struct {
	Net   string `json:"net"`
	Batch int    `json:"batch"`
}

// Cases are those measured by default.
var Cases = []Case{{"A", 780}, {"A", 64}, {"A", 1}, {"B", 256}, {"C", 256}}

// graph says that the case is betweenness of a graph of genes, the batch being the
// number of sources: it has no network. S is a small one to try the measuring itself.
func (c Case) graph() bool { return c.Net == "G" || c.Net == "S" }

// net is the case's network and optimiser; nothing for a graph.
func (c Case) net() (nn.Spec, nn.Plan, error) {
	if c.graph() {
		return nn.Spec{}, nn.Plan{}, nil
	}
	return Net(c.Net)
}

// String is the case as ParseCase reads it: "A:780".
func (c Case) String() string { return fmt.Sprintf("%s:%d", c.Net, c.Batch) }

// ParseCase reads a case: a network's letter, and its batch size after a colon.
func ParseCase(s string) (Case, error) {
	name, size, _ := strings.Cut(s, ":")
	n, err := strconv.Atoi(size)
	c := Case{name, n}
	if _, _, nerr := c.net(); nerr != nil || err != nil || n < 1 || c.graph() && n < 2 {
		return Case{}, fmt.Errorf("there is no case %q; try A:780, A:1, B:256, C:256, V:128, Z:128, L:128 or G:1000", s)
	}
	return c, nil
}

// Net is the network and the optimiser of a letter, the same as in peers.py: A the
// cell identity net, B the deep autoencoder of disease modules, C that of landmark
// genes; V, Z and L are the variational autoencoders of counts that gx.VAE() makes, with
// the likelihoods nb and zinb, and nb with a linear decoder; T is a small one to try the
// measuring itself.
func Net(name string) (nn.Spec, nn.Plan, error) {
	tower := func(act cpu.Act, widths ...int) (ls []nn.Layer) {
		for _, w := range widths {
			ls = append(ls, nn.Layer{Kind: nn.Dense, Width: w, Act: act})
		}
		return ls
	}
	switch name {
	case "A":
		ls := tower(cpu.LogSigmoid, 2000, 30, 2000, 20184)
		ls[1].Act, ls[3].Act = cpu.Linear, cpu.Linear
		return nn.Spec{In: 20184, Layers: ls, Code: 2, Loss: nn.MSE, Init: "torch"}, nn.Plan{Optimiser: "sgd", Rate: 0.002}, nil
	case "B":
		return nn.Spec{In: 20000, Layers: tower(cpu.Sigmoid, 512, 512, 512, 512, 512, 20000), Code: 3, Loss: nn.MSE, Init: "torch"}, nn.Plan{Optimiser: "adam", Rate: 1e-4}, nil
	case "C":
		drop := nn.Layer{Kind: nn.Dropout, Keep: 0.9}
		ls := tower(cpu.Sigmoid, 500, 100, 500, 22268)
		ls = []nn.Layer{ls[0], drop, ls[1], ls[2], drop, ls[3]}
		return nn.Spec{In: 22268, Layers: ls, Code: 3, Loss: nn.MAE, L2: 1e-6, Init: "torch"}, nn.Plan{Optimiser: "adam", Rate: 1e-3}, nil
	case "V", "Z", "L":
		const genes, width, code = countGenes, 128, 10
		s := nn.Spec{In: genes, Layers: tower(cpu.ReLU, width, 2*code), Code: 3, Loss: nn.NegativeBinomial, KL: 1, KLSteps: 1000, Init: "torch"}
		s.Layers[1].Act = cpu.Linear
		s.Layers = append(s.Layers, nn.Layer{Kind: nn.Sample})
		if name != "L" {
			s.Layers = append(s.Layers, tower(cpu.ReLU, width)...)
		}
		out := genes
		if name == "Z" {
			s.Loss, out = nn.ZeroInflated, 2*genes
		}
		s.Layers = append(s.Layers, tower(cpu.Linear, out)...)
		return s, nn.Plan{Optimiser: "adam", Rate: 1e-3}, nil
	case "T":
		return nn.Spec{In: 200, Layers: tower(cpu.Tanh, 50, 10, 50, 200), Code: 2, Loss: nn.MSE, Init: "torch"}, nn.Plan{Optimiser: "adam", Rate: 1e-3}, nil
	}
	return nn.Spec{}, nn.Plan{}, fmt.Errorf("there is no network %q; try A, B, C, V, Z or L", name)
}

// samples is how many a network's training matrix has.
func samples(net string) int {
	if net == "A" {
		return 1040
	}
	return 2048
}

// product is one matrix product of a step.
type product struct {
	ta, tb  bool
	m, n, k int
}

func (p product) flops() float64 { return 2 * float64(p.m) * float64(p.n) * float64(p.k) }

// products are a step's: forward, to the weights, and to the input of every dense
// layer but the first.
func products(s nn.Spec, batch int) (out []product) {
	in := s.In
	first := true
	for _, l := range s.Layers {
		if l.Kind == nn.Sample {
			in /= 2
		}
		if l.Kind != nn.Dense {
			continue
		}
		out = append(out, product{m: batch, n: l.Width, k: in}, product{ta: true, m: in, n: l.Width, k: batch})
		if !first {
			out = append(out, product{tb: true, m: batch, n: in, k: l.Width})
		}
		in, first = l.Width, false
	}
	return out
}

// flops are a step's, those of its products.
func flops(s nn.Spec, batch int) (n float64) {
	for _, p := range products(s, batch) {
		n += p.flops()
	}
	return n
}

// traffic are the bytes a step cannot do without: every parameter read forward,
// then read and written by the optimiser with its state, and the batch read.
func traffic(s nn.Spec, optimiser string, batch int) float64 {
	each := 12.0 // forward; and back, where the derivative shares the reading
	if optimiser == "adam" {
		each += 16
	}
	return each*float64(s.Parameters()) + 4*float64(batch)*float64(s.In)
}

// room are the bytes of the training matrix, parameters, optimiser state,
// gradients, and activations of a batch with their gradients.
func room(s nn.Spec, optimiser string, batch, samples int) float64 {
	copies := 2.0 // parameters and gradients
	if optimiser == "adam" {
		copies += 2
	}
	units := 0
	for _, l := range s.Layers {
		if l.Kind == nn.Dense {
			units += l.Width
		}
	}
	return 4 * (float64(samples)*float64(s.In) + copies*float64(s.Parameters()) + float64(batch)*float64(s.In+2*units))
}

// steps is how many make up about a second on two cores, or half of one on a GPU.
// Where a likelihood's logarithms take longer than all that, it is 4 epochs; of a graph
// it is one.
func steps(s nn.Spec, optimiser string, batch int, gpu bool) int {
	switch s.Loss {
	case "":
		return 1
	case nn.NegativeBinomial, nn.ZeroInflated:
		return 4 * max(1, 2048/batch)
	}
	rate, bandwidth := 3e11, 3e10
	if gpu {
		rate, bandwidth = 6e13, 4e12
	}
	seconds := math.Max(flops(s, batch)/rate, traffic(s, optimiser, batch)/bandwidth)
	return int(math.Min(1000, math.Max(1, math.Round(1/seconds))))
}
