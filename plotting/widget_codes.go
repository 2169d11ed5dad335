package plotting

import (
	"cmp"
	"fmt"
	"math"
	"slices"

	"github.com/gxlab/gxlab/gx"
	gxframe "github.com/gxlab/gxlab/gx/frame"
	"github.com/gxlab/gxlab/gx/nn"
	"github.com/gxlab/gxlab/gx/nn/cpu"
)

// A Coder is a fitted model that has codes: a *gx.Fitted or a *gx.Reduced.
type Coder interface {
	Name() string
	Units() string
	Genes() []string
	Encode(*gx.Set) (*gx.Codes, error)
	Decode(*gx.Codes) (*gx.Set, error)
}

const (
	explored    = 120     // genes carried
	shownGenes  = 20      // of them at a time
	maxWeights  = 450_000 // of a decoder that is carried, 2 bytes each
	maxSliders  = 128
	maxStarts   = 300 // samples whose codes can be chosen
	slider      = 3.0 // standard deviations to either side
	sliderSteps = 13
)

// CodeExplorer is a slider for every component of the code, ±3 standard deviations
// around its mean over set, and the genes that answer most, in the data's units
// against the profile of the mean code; it begins with the component that moves a gene
// most at +2. It carries up to 120 genes: those that answer
// most to single components, each component taking its turn; genes, where given, come
// first. The codes of up to 300 samples can be chosen to start from.
//
// A network's decoder goes into the page itself, its last layer for those genes only
// and its weights rounded to 16 bits, so that what is shown is what Decode gives. A
// decoder of more than 450,000 such weights, or another model, is shown by each
// component's own response at 13 steps, added up; the caption says so, and how near
// that comes to the model on the set's own codes.
func CodeExplorer(fit Coder, set *gx.Set, genes ...string) Widget {
	const name = "code_explorer"
	if fit == nil || set == nil || set.N() == 0 {
		return failed(name, bad("CodeExplorer has no model or no samples", "a fitted model and the set that it was fitted on"))
	}
	codes, err := fit.Encode(set)
	if err != nil {
		return failed(name, err)
	}
	if codes.Cols > maxSliders {
		return failed(name, bad(fmt.Sprintf("%d components are too many sliders", codes.Cols), fmt.Sprintf("a code of at most %d", maxSliders)))
	}
	mean, sd := moments(codes)
	x, err := explore(fit, codes, mean, sd)
	if err != nil {
		return failed(name, err)
	}
	if err := x.choose(genes); err != nil {
		return failed(name, err)
	}
	data := map[string]any{
		"mean": rounded(mean), "sd": rounded(sd), "genes": shortened(x.names()), "show": min(shownGenes, len(x.index)),
		"units": unitText(fit.Units()), "scale": x.scale(), "first": x.strongest(),
	}
	if n := codes.Rows; n <= maxStarts {
		data["samples"], data["codes"] = shortened(codes.Samples.IDs()), pack(codes.Data[:n*codes.Cols])
	}
	caption := fmt.Sprintf("%s: genes that answer to its code of %d. ", fit.Name(), codes.Cols)
	layers := x.exact(fit, maxWeights)
	if layers != nil {
		data["layers"] = layers
		caption += "The decoder itself runs here, for the genes shown."
	} else {
		table, base, steps := x.table()
		data["table"], data["base"], data["steps"] = pack(table), rounded(base), rounded(steps)
		r2, err := x.additive(fit, codes, table, base, steps)
		if err != nil {
			return failed(name, err)
		}
		caption += fmt.Sprintf("Each component's own response is shown, and those of several are added up: of the samples' own codes that gives %.1f %% of the model's variance.", 100*r2)
	}
	still := x.figure(fit, name).Captioned(caption)
	return Widget{name: name, kind: "codes", caption: caption, still: still, data: data}
}

// moments is the mean and standard deviation (divisor n) of every component.
func moments(c *gx.Codes) (mean, sd []float64) {
	mean, sd = make([]float64, c.Cols), make([]float64, c.Cols)
	for i := range c.Rows {
		for k, v := range c.Row(i) {
			mean[k] += float64(v) / float64(c.Rows)
		}
	}
	for i := range c.Rows {
		for k, v := range c.Row(i) {
			d := float64(v) - mean[k]
			sd[k] += d * d / float64(c.Rows)
		}
	}
	for k := range sd {
		sd[k] = math.Sqrt(sd[k])
	}
	return mean, sd
}

// exploration is a model's profiles along each component.
type exploration struct {
	mean, sd []float64
	codes    *gx.Codes // the mean code, then sliderSteps codes a component
	out      *gx.Set   // their profiles
	genes    []string
	index    []int       // of the genes chosen
	answer   [][]float64 // component × gene: greatest change to either side
}

func explore(fit Coder, from *gx.Codes, mean, sd []float64) (*exploration, error) {
	k := len(mean)
	c := &gx.Codes{Model: from.Model}
	c.Rows, c.Cols = 1+k*sliderSteps, k
	c.Data = make([]float32, c.Rows*k)
	ids := make([]string, c.Rows)
	for r := range c.Rows {
		row := c.Data[r*k : (r+1)*k]
		for j := range row {
			row[j] = float32(mean[j])
		}
		ids[r] = fmt.Sprint(r)
		if r > 0 {
			j, step := (r-1)/sliderSteps, (r-1)%sliderSteps
			row[j] = float32(mean[j] + sd[j]*stepAt(step))
		}
	}
	c.Samples = gxframe.New(ids)
	out, err := fit.Decode(c)
	if err != nil {
		return nil, err
	}
	x := &exploration{mean: mean, sd: sd, codes: c, out: out, genes: fit.Genes(), answer: make([][]float64, k)}
	base := out.Row(0)
	for j := range k {
		x.answer[j] = make([]float64, len(x.genes))
		for s := range sliderSteps {
			for g, v := range out.Row(1 + j*sliderSteps + s) {
				d := math.Abs(float64(v) - float64(base[g]))
				if math.IsNaN(d) || math.IsInf(d, 0) {
					return nil, bad(fmt.Sprintf("%s gives %v for gene %s within 3 standard deviations of the mean code", fit.Name(), v, x.genes[g]), "a model that was trained to its end")
				}
				x.answer[j][g] = max(x.answer[j][g], d)
			}
		}
	}
	return x, nil
}

func stepAt(s int) float64 { return -slider + 2*slider*float64(s)/(sliderSteps-1) }

// choose takes the genes asked for, then in turns each component's next most
// answering one.
func (x *exploration) choose(wanted []string) error {
	if len(wanted) > explored {
		return bad(fmt.Sprintf("%d genes are too many for CodeExplorer", len(wanted)), fmt.Sprintf("at most %d", explored))
	}
	taken := map[int]bool{}
	for _, w := range wanted {
		g := slices.Index(x.genes, w)
		if g < 0 {
			return bad(fmt.Sprintf("the model knows no gene %q", w), "names of fit.Genes()")
		}
		if !taken[g] {
			taken[g], x.index = true, append(x.index, g)
		}
	}
	orders := make([][]int, len(x.answer))
	for j, a := range x.answer {
		orders[j] = make([]int, len(a))
		for g := range a {
			orders[j][g] = g
		}
		slices.SortStableFunc(orders[j], func(p, q int) int { return cmp.Compare(a[q], a[p]) })
	}
	for len(x.index) < min(explored, len(x.genes)) {
		for j := range orders {
			for len(orders[j]) > 0 && taken[orders[j][0]] {
				orders[j] = orders[j][1:]
			}
			if len(orders[j]) == 0 || len(x.index) == min(explored, len(x.genes)) {
				continue
			}
			g := orders[j][0]
			taken[g], x.index = true, append(x.index, g)
		}
	}
	return nil
}

func (x *exploration) names() []string {
	out := make([]string, len(x.index))
	for i, g := range x.index {
		out[i] = x.genes[g]
	}
	return out
}

// scale is the bars' length at first: half the greatest answer to one component.
func (x *exploration) scale() float64 {
	most := 0.0
	for _, a := range x.answer {
		for _, g := range x.index {
			most = max(most, a[g])
		}
	}
	if most == 0 {
		return 1
	}
	return float64(float32(most / 2))
}

// strongest is the component with the greatest answer of a gene.
func (x *exploration) strongest() (k int) {
	most := 0.0
	for j, a := range x.answer {
		if v := slices.Max(a); v > most {
			most, k = v, j
		}
	}
	return k
}

// table is the change of every chosen gene, component × step × gene, and the profile
// of the mean code.
func (x *exploration) table() (table []float32, base, steps []float64) {
	first := x.out.Row(0)
	for j := range x.mean {
		for s := range sliderSteps {
			row := x.out.Row(1 + j*sliderSteps + s)
			for _, g := range x.index {
				table = append(table, row[g]-first[g])
			}
		}
	}
	for _, g := range x.index {
		base = append(base, float64(first[g]))
	}
	for s := range sliderSteps {
		steps = append(steps, stepAt(s))
	}
	return table, base, steps
}

// additive is the share of the model's variance over the samples' codes that the sum
// of single responses gives.
func (x *exploration) additive(fit Coder, codes *gx.Codes, table []float32, base, steps []float64) (float64, error) {
	n := min(codes.Rows, 500)
	part := &gx.Codes{Model: codes.Model, Samples: gxframe.New(codes.Samples.IDs()[:n])}
	part.Rows, part.Cols, part.Data = n, codes.Cols, codes.Data[:n*codes.Cols]
	out, err := fit.Decode(part)
	if err != nil {
		return 0, err
	}
	var rest, whole float64
	for gi, g := range x.index {
		mean := 0.0
		for i := range n {
			mean += float64(out.Row(i)[g]) / float64(n)
		}
		for i := range n {
			y := base[gi]
			for j, v := range part.Row(i) {
				t := 0.0
				if x.sd[j] > 0 {
					t = (float64(v) - x.mean[j]) / x.sd[j]
				}
				s := 0
				for s < len(steps)-2 && t > steps[s+1] {
					s++
				}
				f := (t - steps[s]) / (steps[s+1] - steps[s])
				at := (j*len(steps)+s)*len(x.index) + gi
				y += float64(table[at])*(1-f) + float64(table[at+len(x.index)])*f
			}
			v := float64(out.Row(i)[g])
			rest += (v - y) * (v - y)
			whole += (v - mean) * (v - mean)
		}
	}
	if whole == 0 {
		return 1, nil
	}
	return max(0, 1-rest/whole), nil
}

// exact is the decoder as layers for the page: weights in × out as 16-bit numbers
// times a unit for each output, then bias and activation. nil where it is too large
// or has a layer that the page cannot run.
func (x *exploration) exact(fit Coder, most int) []map[string]any {
	f, ok := fit.(*gx.Fitted)
	if !ok {
		return nil
	}
	net := f.Net()
	spec := net.Spec()
	var dense []int
	for i := spec.Code; i < len(spec.Layers); i++ {
		if spec.Layers[i].Kind == nn.Dense {
			dense = append(dense, i)
		}
	}
	if len(dense) == 0 || dense[len(dense)-1] != len(spec.Layers)-1 {
		return nil
	}
	weights, in := 0, spec.CodeSize()
	for i := spec.Code; i < len(spec.Layers); i++ {
		l := spec.Layers[i]
		if l.Act == cpu.SoftMax {
			return nil
		}
		if l.Kind != nn.Dense {
			continue
		}
		out := l.Width
		if i == len(spec.Layers)-1 {
			out = len(x.index)
		}
		weights += in * out
		in = l.Width
	}
	if weights > most {
		return nil
	}
	scale, shift, ok := x.units(net)
	if !ok {
		return nil
	}
	var layers []map[string]any
	in = spec.CodeSize()
	for i := spec.Code; i < len(spec.Layers); i++ {
		l := spec.Layers[i]
		switch l.Kind {
		case nn.Dense:
			w, b := net.Weights(i)
			cols := make([]int, l.Width)
			for j := range cols {
				cols[j] = j
			}
			if i == len(spec.Layers)-1 {
				cols = x.index
			}
			layers = append(layers, quantised(w, b, in, l.Width, cols, l.Act))
			in = l.Width
		case nn.BatchNorm:
			// What it does to each unit by itself: read off at two values.
			a, b, ok := affine(net, i, in)
			if !ok {
				return nil
			}
			layers = append(layers, map[string]any{"in": in, "out": in, "act": l.Act.String(), "unit": pack(a), "b": pack(b)})
		}
	}
	// Back to the data's units.
	return append(layers, map[string]any{"in": len(x.index), "out": len(x.index), "act": cpu.Linear.String(), "unit": pack(scale), "b": pack(shift)})
}

// quantised is a dense layer's columns as 16-bit weights.
func quantised(w, b []float32, in, out int, cols []int, act cpu.Act) map[string]any {
	q, unit, bias := make([]int16, in*len(cols)), make([]float32, len(cols)), make([]float32, len(cols))
	for c, j := range cols {
		most := float32(0)
		for i := range in {
			most = max(most, float32(math.Abs(float64(w[i*out+j]))))
		}
		unit[c], bias[c] = most/32767, b[j]
		if most == 0 {
			continue
		}
		for i := range in {
			q[i*len(cols)+c] = int16(math.Round(float64(w[i*out+j]) / float64(unit[c])))
		}
	}
	return map[string]any{"in": in, "out": len(cols), "act": act.String(), "w": pack(q), "unit": pack(unit), "b": pack(bias)}
}

// affine is batch norm's scale and shift of every unit, before its activation.
func affine(net *nn.Net, layer, width int) (a, b []float32, ok bool) {
	spec := net.Spec()
	p, m, in := 0, 0, spec.In
	for _, l := range spec.Layers[:layer] {
		switch l.Kind {
		case nn.Dense:
			p += in*l.Width + l.Width
			in = l.Width
		case nn.BatchNorm:
			p, m = p+2*in, m+2*in
		}
	}
	params, moments := net.Params(), net.Moments()
	if in != width || p+2*in > len(params) || m+2*in > len(moments) {
		return nil, nil, false
	}
	const eps = 1e-5 // of gx/nn; a test compares the page's decoder with the network's
	for j := range in {
		s := float64(params[p+j]) / math.Sqrt(float64(moments[m+in+j])+eps)
		a, b = append(a, float32(s)), append(b, float32(float64(params[p+in+j])-s*float64(moments[m+j])))
	}
	return a, b, true
}

// units finds what takes the network's outputs to the data's units, a scale and a
// shift for every chosen gene, from the profiles that differ most.
func (x *exploration) units(net *nn.Net) (scale, shift []float32, ok bool) {
	y, err := net.Decode(x.codes.Data, x.codes.Rows)
	if err != nil {
		return nil, nil, false
	}
	p := len(x.genes)
	for _, g := range x.index {
		lo, hi := 0, 0
		for r := range x.codes.Rows {
			if y[r*p+g] < y[lo*p+g] {
				lo = r
			}
			if y[r*p+g] > y[hi*p+g] {
				hi = r
			}
		}
		from, to := float64(y[lo*p+g]), float64(y[hi*p+g])
		a, b := float64(x.out.Row(lo)[g]), float64(x.out.Row(hi)[g])
		k := 1.0
		if to > from {
			k = (b - a) / (to - from)
		}
		scale, shift = append(scale, float32(k)), append(shift, float32(a-k*from))
	}
	return scale, shift, true
}

// figure is the still picture: each component's answer of the 20 genes that answer
// most to any.
func (x *exploration) figure(fit Coder, name string) Figure {
	order := slices.Clone(x.index)
	most := func(g int) (m float64) {
		for _, a := range x.answer {
			m = max(m, a[g])
		}
		return m
	}
	slices.SortStableFunc(order, func(p, q int) int { return cmp.Compare(most(q), most(p)) })
	order = order[:min(shownGenes, len(order))]
	if len(order) == len(x.mean) && len(order) > 1 { // Heat would name a square's columns as its rows
		order = order[:len(order)-1]
	}
	rows := make([][]float64, len(order))
	names := make([]string, len(order))
	for i, g := range order {
		names[i] = clipped(x.genes[g], 16)
		for _, a := range x.answer {
			rows[i] = append(rows[i], a[g])
		}
	}
	scale := "Change within ±3 SD"
	if u := unitText(fit.Units()); u != "" {
		scale += " (" + u + ")"
	}
	title := fmt.Sprintf("Components C1 to C%d, from left to right", len(x.mean))
	return Heat(rows, names, scale).Titled(title).Named(name).Width(120).Height(max(50, 14+4*float64(len(order))))
}
