package gx

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/gxlab/gxlab/gx/cores"
	"github.com/gxlab/gxlab/gx/fault"
	"github.com/gxlab/gxlab/gx/frame"
	"github.com/gxlab/gxlab/gx/nn/cpu"
	"github.com/gxlab/gxlab/gx/prep"
)

// LightUp is what a network puts out when a single node of a hidden layer is active:
// the second paper's Equation 1. Every node has a ranked list of genes.
//
// The paper ranks genes by the output itself, of which a good part does not come from
// the node: the output with no node active (Dark) already tells highly expressed genes
// from others, so that lists of different nodes share many genes. Change, the output
// less Dark, is what the node itself does. Top and Ranked follow the paper; TopChange
// and RankedChange rank by the change.
type LightUp struct {
	Model  string
	Layer  int // counted from 1, from the genes in
	Genes  []string
	At     []float32 // the activation of each node when it alone is active
	Output Matrix    // nodes × genes, in the data's own units
	Dark   []float32 // the output when no node is active, in the same units
}

// LightUp lights up every node of a hidden layer in turn: the node at its greatest
// activation, all others of the layer at 0, and from there through the rest of the
// network. Greatest is 1 of sigmoid, tanh and softmax. Units without a bound (linear,
// ReLU and the like) are taken at 1; LogSigmoid's bound is 0, which lights nothing up
// and is an error: LightUpOver takes the greatest activation among samples.
func (f *Fitted) LightUp(layer int) (*LightUp, error) {
	h, err := f.hiddenLayer(layer)
	if err != nil {
		return nil, err
	}
	if h.act == cpu.LogSigmoid {
		return nil, fault.New("LogSigmoid units are at most 0", f.name, "LightUpOver(samples, layer), which takes each node's greatest activation among samples")
	}
	at := make([]float32, h.width)
	for i := range at {
		at[i] = 1
	}
	return f.light(layer, h, at)
}

// LightUpOver is LightUp with each node at its greatest activation among the samples
// of s, such as set.Train(): for units without a bound.
func (f *Fitted) LightUpOver(s *Set, layer int) (*LightUp, error) {
	h, err := f.hiddenLayer(layer)
	if err != nil {
		return nil, err
	}
	a, err := f.Activations(s, layer)
	if err != nil {
		return nil, err
	}
	at := append([]float32(nil), a.Row(0)...)
	for i := range a.Rows {
		for j, v := range a.Row(i) {
			at[j] = max(at[j], v)
		}
	}
	return f.light(layer, h, at)
}

func (f *Fitted) light(layer int, h hiddenLayer, at []float32) (*LightUp, error) {
	x := prep.NewMatrix(h.width+1, h.width) // the last row is dark
	for i, v := range at {
		x.Row(i)[i] = v
	}
	y, err := f.net.Forward(x.Data, x.Rows, h.end, len(f.net.Spec().Layers))
	if err != nil {
		return nil, err
	}
	p := len(f.genes)
	if f.shift != nil {
		cores.Each(x.Rows, func(i int) {
			row := y[i*p : (i+1)*p]
			for j := range row {
				row[j] = row[j]*f.scale[j] + f.shift[j]
			}
		})
	}
	return &LightUp{Model: f.name, Layer: layer, Genes: f.genes, At: at,
		Output: Matrix{Rows: h.width, Cols: p, Data: y[:h.width*p]}, Dark: y[h.width*p:]}, nil
}

// Nodes is the number of nodes.
func (l *LightUp) Nodes() int { return l.Output.Rows }

// Change is the output with one node active less the output with none, by gene.
func (l *LightUp) Change(node int) []float32 {
	out := append([]float32(nil), l.Output.Row(node)...)
	for j := range out {
		out[j] -= l.Dark[j]
	}
	return out
}

// Ranked are all genes by falling output of a node (from 0); equals stand in the
// genes' order.
func (l *LightUp) Ranked(node int) []string { return l.order(l.Output.Row(node), len(l.Genes)) }

// Top are the n genes of greatest output of a node.
func (l *LightUp) Top(node, n int) []string { return l.order(l.Output.Row(node), n) }

// RankedChange are all genes by falling Change of a node: those that it raises most
// first.
func (l *LightUp) RankedChange(node int) []string { return l.order(l.Change(node), len(l.Genes)) }

// TopChange are the n genes that a node raises most.
func (l *LightUp) TopChange(node, n int) []string { return l.order(l.Change(node), n) }

func (l *LightUp) order(row []float32, n int) []string {
	score := make([]float64, len(row))
	for j, v := range row {
		score[j] = float64(v)
	}
	return pick(l.Genes, ranked(score)[:max(0, min(n, len(row)))])
}

// Table is a row a node: its activation, the share of its first 100 genes (or a tenth,
// of fewer than 1000) that the dark output has first too, and its first ten genes by
// output and by change.
func (l *LightUp) Table() (*frame.Table, error) {
	n := l.Nodes()
	k := min(100, max(1, len(l.Genes)/10))
	dark := map[string]bool{}
	for _, g := range l.order(l.Dark, k) {
		dark[g] = true
	}
	ids := make([]string, n)
	cols := [4][]string{make([]string, n), make([]string, n), make([]string, n), make([]string, n)}
	cores.Each(n, func(i int) {
		ids[i] = fmt.Sprintf("node %d", i+1)
		top, shared := l.Top(i, k), 0
		for _, g := range top {
			if dark[g] {
				shared++
			}
		}
		cols[0][i] = strconv.FormatFloat(float64(l.At[i]), 'g', 4, 32)
		cols[1][i] = strconv.FormatFloat(float64(shared)/float64(k), 'g', 3, 64)
		cols[2][i] = strings.Join(top[:min(10, k)], " ")
		cols[3][i] = strings.Join(l.TopChange(i, 10), " ")
	})
	t := frame.New(ids)
	for c, name := range []string{"activation", fmt.Sprintf("of its first %d also dark's", k), "first by output", "first by change"} {
		var err error
		if t, err = t.With(name, cols[c]); err != nil {
			return nil, err
		}
	}
	return t, nil
}

// String is the result in a line.
func (l *LightUp) String() string {
	return fmt.Sprintf("%s: each of %d nodes of layer %d lit up alone, output of %d genes", l.Model, l.Nodes(), l.Layer, len(l.Genes))
}

// HTML is the summary for a notebook with the first nodes.
func (l *LightUp) HTML() (string, error) {
	t, err := l.Table()
	if err != nil {
		return "", err
	}
	h, err := t.HTML()
	return "<p><b>" + escape(l.String()) + "</b></p>" + h, err
}
