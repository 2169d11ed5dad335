package nn

import (
	"context"
	"fmt"
	"math"

	"github.com/gxlab/gxlab/gx/fault"
	"github.com/gxlab/gxlab/gx/nn/cpu"
)

// A Method is how a network's output is shared out among its inputs.
type Method string

// The methods. DeepLIFT is the Rescale rule of Shrikumar et al. (2017): a unit's
// multiplier is its change over its sum's change between reference and sample, and
// multipliers chain through the layers. GradientInput is the gradient at the sample
// times the input's change (Shrikumar et al. 2016). IntegratedGradients is the
// gradient's mean along the straight line from reference to sample times the change
// (Sundararajan et al. 2017), at the nodes of the Gauss–Legendre rule.
const (
	DeepLIFT            Method = "deeplift"
	GradientInput       Method = "gradient × input"
	IntegratedGradients Method = "integrated gradients"
)

// Attribution says what is to be shared out among what.
type Attribution struct {
	Method Method
	// From and To are the layers between: the inputs are the values before layer From,
	// the units those after layer To−1; To 0 is the code.
	From, To int
	// Units are the units of interest; nil for all of them.
	Units []int
	// Sums attributes the units' weighted sums in place of their activations, as the
	// original does for sigmoid and softmax outputs.
	Sums bool
	// Reference is what samples are compared with: one row of inputs, or several over
	// which each sample's contributions are averaged. Nil for zeros.
	Reference []float32
	Steps     int  // of IntegratedGradients; 0: 50
	Each      bool // keep every sample's contributions: samples × units × inputs values
	Totals    bool // keep none by unit, where units × inputs have no room
	Threads   int  // 0: one per core; changes no number
	// Tell hears how much is done; it may be nil.
	Tell func(done, total int)
}

// Attributed are contributions C of inputs to units, in the units' own units,
// summarised over samples.
type Attributed struct {
	Inputs, Units, Samples int
	// Mean and MeanAbs are the means of C and of |C| over samples, units × inputs; nil
	// with Totals.
	Mean, MeanAbs []float32
	// TotalAbs and Total are, per input, the means over units of MeanAbs and of |Mean|.
	TotalAbs, Total []float64
	// Each are the contributions themselves, samples × units × inputs, where they were
	// asked for.
	Each []float32
	// Change is how much each unit differs between sample and reference, samples ×
	// units, as the network itself computes it.
	Change []float32
	// Error is the largest |Σ C − Change| over samples and units, relative to |Change|
	// or, where that is larger, to the root mean square of the unit's changes, below
	// which a change is the difference of nearly equal float32 values. StrictError is
	// relative to |Change| alone. Of GradientInput neither is small.
	Error, StrictError float64
}

// Attribute shares out the change of units between each row of x and a reference
// among the inputs. x is rows × inputs in the network's own units. Dropout is off
// and BatchNorm uses its running moments.
//
// It runs on the CPU in float32, with the activations' slopes in float64, and gives
// the same bits on any number of threads. Of rows × units × inputs nothing is kept
// but what Each asks for.
func (n *Net) Attribute(ctx context.Context, x []float32, rows int, a Attribution) (*Attributed, error) {
	s, err := newShare(n, x, rows, a)
	if err != nil {
		return nil, err
	}
	return s.all(ctx)
}

// share is an attribution under way.
type share struct {
	Attribution
	net    *Net
	pool   *cpu.Pool
	one    *cpu.Pool // of one thread, for what is run on several at once
	layers []int     // without Dropout; the first is dense
	in     int
	x, ref []float32
	rows   int
	refs   int
	units  []int
	z, z0  [][]float32 // by layers: sums of samples and of references
	at, wt []float64   // nodes and weights of IntegratedGradients
}

func newShare(n *Net, x []float32, rows int, a Attribution) (*share, error) {
	refuse := func(what, try string) error { return fault.New("nothing can be attributed: "+what, "", try) }
	if a.To == 0 {
		a.To = n.spec.Code
	}
	if a.From < 0 || a.To <= a.From || a.To > len(n.spec.Layers) {
		return nil, refuse(fmt.Sprintf("layers %d to %d of %d", a.From, a.To, len(n.spec.Layers)), "layers in their order")
	}
	in, out := n.spec.width(a.From), n.spec.width(a.To)
	s := &share{Attribution: a, net: n, pool: cpu.NewPool(a.Threads), one: cpu.NewPool(1), in: in, x: x, ref: a.Reference, rows: rows, units: a.Units}
	for i := a.From; i < a.To; i++ {
		if n.spec.Layers[i].Kind != Dropout {
			s.layers = append(s.layers, i)
		}
	}
	switch a.Method {
	case DeepLIFT, GradientInput, IntegratedGradients:
	default:
		return nil, refuse(fmt.Sprintf("no method %q", a.Method), "deeplift, gradient × input or integrated gradients")
	}
	if s.ref == nil {
		s.ref = make([]float32, in)
	}
	s.refs = len(s.ref) / in
	if s.units == nil {
		s.units = make([]int, out)
		for u := range s.units {
			s.units[u] = u
		}
	}
	for _, u := range s.units {
		if u < 0 || u >= out {
			return nil, refuse(fmt.Sprintf("unit %d of %d", u, out), "units counted from 0")
		}
	}
	switch {
	case n.spec.sampler() >= 0:
		return nil, refuse("its code is drawn", "an Autoencoder's")
	case len(s.layers) == 0 || n.spec.Layers[s.layers[0]].Kind != Dense:
		return nil, refuse(fmt.Sprintf("layer %d is not dense", a.From+1), "to begin before a dense layer")
	case rows < 1 || len(x) != rows*in:
		return nil, refuse(fmt.Sprintf("%d values for %d samples of %d", len(x), rows, in), "samples that fit the network")
	case s.refs < 1 || len(s.ref) != s.refs*in:
		return nil, refuse(fmt.Sprintf("%d values of references to samples of %d", len(s.ref), in), "references that fit the network")
	case !allFinite(x) || !allFinite(s.ref):
		return nil, refuse("samples or references hold values that are no numbers", "DropMissing() on the cohort")
	case a.Steps < 0:
		return nil, refuse(fmt.Sprintf("%d steps", a.Steps), "a number from 1 up, or 0 for 50")
	}
	if a.Method == IntegratedGradients {
		if a.Steps == 0 {
			a.Steps = 50
		}
		s.at, s.wt = legendre(a.Steps)
	}
	return s, nil
}

// kind is layer i of s.layers.
func (s *share) kind(i int) Layer { return s.net.spec.Layers[s.layers[i]] }

// width is the number of values after layer i of s.layers.
func (s *share) width(i int) int { return s.net.spans[s.layers[i]].out }

// needs says whether the sums of layer i are kept.
func (s *share) needs(i int) bool {
	return i == len(s.layers)-1 || s.kind(i).Act != cpu.Linear || i == 0 && s.Method == IntegratedGradients
}

// sums are the sums of every layer that needs them, for rows of x.
func (s *share) sums(x []float32, rows int) [][]float32 {
	z := make([][]float32, len(s.layers))
	for i := range z {
		if s.needs(i) {
			z[i] = make([]float32, rows*s.width(i))
		}
	}
	for lo := 0; lo < rows; lo += blockRows {
		r := min(blockRows, rows-lo)
		cur := x[lo*s.in : (lo+r)*s.in]
		for i := range s.layers {
			w := s.width(i)
			into := s.pool.Borrow(r * w)
			if z[i] != nil {
				s.pool.GiveBack(into)
				into = z[i][lo*w : (lo+r)*w]
			}
			s.sum(i, r, cur, into)
			if i > 0 {
				s.pool.GiveBack(cur)
			}
			cur = s.values(i, r, into, z[i] != nil)
		}
		s.pool.GiveBack(cur)
	}
	return z
}

// sum is layer i's sums of rows of x.
func (s *share) sum(i, rows int, x, z []float32) {
	l, sp := s.layers[i], s.net.spans[s.layers[i]]
	if s.kind(i).Kind == BatchNorm {
		s.net.normalise(l, s.net.momentsBefore(l), rows, x, z)
		return
	}
	w, bias := s.net.Weights(l)
	s.pool.Gemm(false, false, rows, sp.out, sp.in, x, sp.in, w, sp.out, 0, z, sp.out)
	s.pool.BiasAct(cpu.Linear, rows, sp.out, z, bias, z)
}

// values are layer i's activations of its sums z, in their place unless they are kept.
func (s *share) values(i, rows int, z []float32, kept bool) []float32 {
	y := z
	if kept {
		y = s.pool.Borrow(len(z))
		copy(y, z)
	}
	act := s.kind(i).Act
	if act.NeedsInput() { // it cannot be taken in place
		sums := s.pool.Borrow(len(z))
		copy(sums, y)
		s.pool.BiasAct(act, rows, s.width(i), sums, nil, y)
		s.pool.GiveBack(sums)
		return y
	}
	s.pool.BiasAct(act, rows, s.width(i), y, nil, y)
	return y
}

// changes is how much every unit differs between samples and references, the mean
// over references, as the network computes it.
func (s *share) changes() []float32 {
	last := len(s.layers) - 1
	w := s.width(last)
	value := func(z []float32, rows int) []float32 {
		if s.Sums {
			return z
		}
		return s.values(last, rows, z, true)
	}
	y, y0 := value(s.z[last], s.rows), value(s.z0[last], s.refs)
	out := make([]float32, s.rows*len(s.units))
	for k, u := range s.units {
		mean := 0.0
		for r := range s.refs {
			mean += float64(y0[r*w+u])
		}
		mean /= float64(s.refs)
		for i := range s.rows {
			out[i*len(s.units)+k] = float32(float64(y[i*w+u]) - mean)
		}
	}
	return out
}

// check fills in the errors from each sample's sum of contributions, samples × units.
func (a *Attributed) check(sum []float64) {
	for u := range a.Units {
		square := 0.0
		for i := range a.Samples {
			c := float64(a.Change[i*a.Units+u])
			square += c * c
		}
		rms := math.Sqrt(square / float64(a.Samples))
		for i := range a.Samples {
			c := math.Abs(float64(a.Change[i*a.Units+u]))
			d := math.Abs(sum[i*a.Units+u] - float64(a.Change[i*a.Units+u]))
			if d > 0 {
				a.Error = math.Max(a.Error, d/math.Max(c, rms))
				a.StrictError = math.Max(a.StrictError, d/c)
			}
		}
	}
}
