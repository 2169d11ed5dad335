package nn

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/gxlab/gxlab/gx/nn/cpu"
)

// attributed is a network of testdata/attribute_dump.py, which has its versions:
// contributions by captum and by deeplift, samples × units × inputs.
type attributedNet struct {
	Act       string
	BatchNorm bool
	Params    []float32
	Moments   []float32
	Scores    map[string][]float32
}

func (d *attributedNet) UnmarshalJSON(b []byte) error {
	var raw map[string]json.RawMessage
	if err := json.Unmarshal(b, &raw); err != nil {
		return err
	}
	d.Scores = map[string][]float32{}
	for name, v := range raw {
		var err error
		switch name {
		case "act":
			err = json.Unmarshal(v, &d.Act)
		case "batchnorm":
			err = json.Unmarshal(v, &d.BatchNorm)
		case "params":
			err = json.Unmarshal(v, &d.Params)
		case "moments":
			err = json.Unmarshal(v, &d.Moments)
		default:
			var f []float32
			err = json.Unmarshal(v, &f)
			d.Scores[name] = f
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func (d attributedNet) net(t *testing.T) *Net {
	t.Helper()
	act, ok := cpu.ParseAct(d.Act)
	if !ok {
		t.Fatal(d.Act)
	}
	s := Spec{In: 6, Loss: MSE, Init: "torch"}
	if d.BatchNorm {
		s.Layers = []Layer{{Kind: Dense, Width: 5}, {Kind: BatchNorm, Act: act}, {Kind: Dropout, Keep: 0.5}}
	} else {
		s.Layers = []Layer{{Kind: Dense, Width: 5, Act: act}}
	}
	s.Layers = append(s.Layers, Layer{Kind: Dense, Width: 4, Act: act}, Layer{Kind: Dense, Width: 3, Act: act})
	s.Code = len(s.Layers)
	n, err := Restore(s, d.Params, d.Moments)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// Contributions are those of captum and of the original. Ours are float32, captum's
// float64: 1e-5 of the largest of a network is a few units in the last place of sums
// of that size. The original's are float32 as well, and so are its slopes Δy/Δz: of
// the sample whose effects on a unit cancel, Δz is rounding alone and its slope has no
// digits left (captum's and ours are the derivative there), so it is compared on the
// other samples, and there to 1e-4 (float32 slopes lose some of their digits too).
func TestContributionsAreCaptumsAndTheOriginals(t *testing.T) {
	b, err := os.ReadFile("testdata/attribute.json")
	if err != nil {
		t.Fatal(err)
	}
	var all struct {
		X, Refs []float32
		Nets    []attributedNet
	}
	if err := json.Unmarshal(b, &all); err != nil || len(all.Nets) != 11 {
		t.Fatal(len(all.Nets), err)
	}
	for _, d := range all.Nets {
		compared := 0
		for name, want := range d.Scores {
			a := Attribution{Method: DeepLIFT, Sums: strings.HasSuffix(name, "sums"), Reference: all.Refs[:6], Each: true}
			compare, tol := len(want), 1e-5
			switch {
			case strings.Contains(name, "several"):
				a.Reference = all.Refs
			case strings.HasPrefix(name, "gradient"):
				a.Method = GradientInput
			case strings.HasPrefix(name, "integrated"):
				a.Method, a.Steps = IntegratedGradients, 20
			case strings.HasPrefix(name, "original"):
				compare, tol = 3*3*6, 1e-4
			}
			got, err := d.net(t).Attribute(ctx, all.X, 4, a)
			if err != nil {
				t.Fatal(err)
			}
			largest, off := 0.0, 0.0
			for i, w := range want[:compare] {
				largest = math.Max(largest, math.Abs(float64(w)))
				off = math.Max(off, math.Abs(float64(w)-float64(got.Each[i])))
			}
			if !(off <= tol*largest) || len(want) != len(got.Each) {
				t.Errorf("%s, batch norm %v, %s: %.2g off, of %.2g", d.Act, d.BatchNorm, name, off, largest)
			}
			compared++
		}
		if want := map[bool]int{false: 9, true: 8}[d.BatchNorm]; d.Act != "softmax" && compared != want || compared < 5 {
			t.Errorf("%s: %d comparisons", d.Act, compared)
		}
	}
}

// deep is a random network of one activation, wide enough that sums are long.
func deep(t *testing.T, act cpu.Act, norm bool, seed uint64) *Net {
	t.Helper()
	s := Spec{In: 300, Loss: MSE, Init: "xavier", Code: 3, Layers: []Layer{{Kind: Dense, Width: 90, Act: act}, {Kind: Dropout, Keep: 0.5}, {Kind: Dense, Width: 40, Act: act}, {Kind: Dense, Width: 20, Act: act}}}
	if norm {
		s.Layers[0].Act = cpu.Linear
		s.Layers = slices.Insert(s.Layers, 1, Layer{Kind: BatchNorm, Act: act})
	}
	s.Code = len(s.Layers)
	n, err := New(s, seed)
	if err != nil {
		t.Fatal(err)
	}
	for i := range n.moments { // as after training: means and variances of their own
		n.moments[i] = 0.5 + float32(i%7)/5
	}
	return n
}

// Contributions sum to the change of their unit, in deep networks of every
// activation, to 1e-4 in float32. A softmax in the middle is left to 1e-2: its
// units' slopes Δy/Δz have no bound.
func TestCompleteness(t *testing.T) {
	const rows = 40
	x, ref := random(rows*300, 5), random(3*300, 6)
	for act := cpu.Linear; act <= cpu.SoftMax; act++ {
		for _, norm := range []bool{false, true} {
			for _, sums := range []bool{false, true} {
				for _, refs := range []int{1, 3} {
					n := deep(t, act, norm, 7)
					a, err := n.Attribute(ctx, x, rows, Attribution{Method: DeepLIFT, Sums: sums, Reference: ref[:refs*300], Each: true})
					if err != nil {
						t.Fatal(err)
					}
					tol := 1e-4
					if act == cpu.SoftMax {
						tol = 1e-2
					}
					if !(a.Error < tol) {
						t.Errorf("%s, batch norm %v, sums %v, %d references: completeness error %.2g", act, norm, sums, refs, a.Error)
					}
					summaries(t, a, rows)
				}
			}
		}
	}
}

// summaries of contributions are what their own sums in float64 are.
func summaries(t *testing.T, a *Attributed, rows int) {
	t.Helper()
	total, totalAbs := make([]float64, a.Inputs), make([]float64, a.Inputs)
	for u := range a.Units {
		for j := range a.Inputs {
			mean, abs := 0.0, 0.0
			for i := range rows {
				c := float64(a.Each[(i*a.Units+u)*a.Inputs+j])
				mean += c / float64(rows)
				abs += math.Abs(c) / float64(rows)
			}
			total[j] += math.Abs(mean) / float64(a.Units)
			totalAbs[j] += abs / float64(a.Units)
			at := u*a.Inputs + j
			if math.Abs(mean-float64(a.Mean[at])) > 1e-6*abs+1e-9 || math.Abs(abs-float64(a.MeanAbs[at])) > 1e-6*abs+1e-9 {
				t.Fatalf("unit %d, input %d: mean %g and %g, should be %g and %g", u, j, a.Mean[at], a.MeanAbs[at], mean, abs)
			}
		}
	}
	for j := range total {
		if math.Abs(total[j]-a.Total[j]) > 1e-6*totalAbs[j] || math.Abs(totalAbs[j]-a.TotalAbs[j]) > 1e-6*totalAbs[j] {
			t.Fatalf("input %d: %g and %g over units, should be %g and %g", j, a.Total[j], a.TotalAbs[j], total[j], totalAbs[j])
		}
	}
}

// Of a linear network contributions are the product of its weights times the change
// of the input, by every method.
func TestLinearContributionsAreWeights(t *testing.T) {
	n := deep(t, cpu.Linear, false, 3)
	x, ref := random(5*300, 1), random(300, 2)
	product := make([]float64, 300*20)
	for j := range 300 {
		one := make([]float64, 300)
		one[j] = 1
		for _, l := range []int{0, 2, 3} {
			w, b := n.Weights(l)
			next := make([]float64, len(b))
			for i, v := range one {
				for k := range next {
					next[k] += v * float64(w[i*len(b)+k])
				}
			}
			one = next
		}
		copy(product[j*20:], one)
	}
	for _, m := range []Method{DeepLIFT, GradientInput, IntegratedGradients} {
		a, err := n.Attribute(ctx, x, 5, Attribution{Method: m, Reference: ref, Each: true})
		if err != nil {
			t.Fatal(err)
		}
		for i := range 5 {
			for u := range 20 {
				for j := range 300 {
					want := product[j*20+u] * (float64(x[i*300+j]) - float64(ref[j]))
					if got := float64(a.Each[(i*20+u)*300+j]); math.Abs(got-want) > 2e-6 {
						t.Fatalf("%s: sample %d, unit %d, input %d: %g, should be %g", m, i, u, j, got, want)
					}
				}
			}
		}
		if a.Error > 1e-5 {
			t.Errorf("%s: completeness error %g", m, a.Error)
		}
	}
}

// Integrated gradients come nearer to the change with every step they take.
func TestStepsBringCompleteness(t *testing.T) {
	n := deep(t, cpu.Tanh, true, 9)
	x := random(10*300, 1)
	last := math.Inf(1)
	for _, steps := range []int{1, 4, 32} {
		a, err := n.Attribute(ctx, x, 10, Attribution{Method: IntegratedGradients, Steps: steps})
		if err != nil {
			t.Fatal(err)
		}
		if !(a.Error < last/2) {
			t.Errorf("%d steps: completeness error %g, was %g", steps, a.Error, last)
		}
		last = a.Error
	}
	if last > 1e-4 {
		t.Errorf("completeness error %g after 32 steps", last)
	}
}

func TestAttributionIsTheSameOnAnyThreads(t *testing.T) {
	n := deep(t, cpu.Swish, false, 1)
	x, ref := random(37*300, 1), random(2*300, 2)
	for _, a := range []Attribution{
		{Method: DeepLIFT}, {Method: DeepLIFT, Reference: ref}, {Method: IntegratedGradients, Steps: 5}, {Method: DeepLIFT, Each: true},
		{Method: GradientInput, Units: []int{3, 1}, From: 2, To: 4},
	} {
		in := n.spec.width(a.From)
		var first *Attributed
		for threads := 1; threads <= 5; threads += 2 {
			a.Threads = threads
			got, err := n.Attribute(ctx, x[:37*in], 37, a)
			if err != nil {
				t.Fatal(err)
			}
			if first == nil {
				first = got
			}
			if !slices.Equal(got.Mean, first.Mean) || !slices.Equal(got.MeanAbs, first.MeanAbs) || !slices.Equal(got.Total, first.Total) || got.Error != first.Error || got.StrictError != first.StrictError {
				t.Errorf("%+v: other numbers on %d threads", a.Method, threads)
			}
		}
	}
}

// Units on their own, and totals without units, are those of the whole.
func TestUnitsAndTotals(t *testing.T) {
	s := Spec{In: 40, Loss: MSE, Init: "torch", Code: 1, Layers: []Layer{{Kind: Dense, Width: 10, Act: cpu.Sigmoid}, {Kind: Dense, Width: 600, Act: cpu.Sigmoid}}}
	n, err := New(s, 1)
	if err != nil {
		t.Fatal(err)
	}
	x := random(7*40, 4)
	whole, err := n.Attribute(ctx, x, 7, Attribution{Method: DeepLIFT, To: 2})
	if err != nil {
		t.Fatal(err)
	}
	some, err := n.Attribute(ctx, x, 7, Attribution{Method: DeepLIFT, To: 2, Units: []int{599, 0}})
	if err != nil {
		t.Fatal(err)
	}
	totals, err := n.Attribute(ctx, x, 7, Attribution{Method: DeepLIFT, To: 2, Totals: true})
	if err != nil {
		t.Fatal(err)
	}
	for j := range 40 {
		for k, u := range []int{599, 0} {
			if d := math.Abs(float64(some.MeanAbs[k*40+j] - whole.MeanAbs[u*40+j])); d > 1e-7 {
				t.Errorf("unit %d, input %d: %g apart", u, j, d)
			}
		}
	}
	if totals.Mean != nil || !slices.Equal(totals.TotalAbs, whole.TotalAbs) || !slices.Equal(totals.Total, whole.Total) {
		t.Error("totals alone are others")
	}
}

func TestAttributionStopsAndRefuses(t *testing.T) {
	n := deep(t, cpu.ReLU, true, 1)
	x := random(3000*300, 1)
	c, cancel := context.WithCancel(ctx)
	heard := 0
	_, err := n.Attribute(c, x, 3000, Attribution{Method: DeepLIFT, Tell: func(done, total int) {
		if heard++; done < 1 || done > total {
			t.Errorf("%d of %d done", done, total)
		}
		cancel()
	}})
	if !errors.Is(err, context.Canceled) || heard != 1 {
		t.Errorf("%v after %d blocks", err, heard)
	}
	nan := slices.Clone(x[:300])
	nan[17] = float32(math.NaN())
	for what, a := range map[string]Attribution{
		"no method":   {Method: "guess"},
		"unit 20":     {Method: DeepLIFT, Units: []int{20}},
		"layers 3 to": {Method: DeepLIFT, From: 3, To: 2},
		"not dense":   {Method: DeepLIFT, From: 1},
		"references":  {Method: DeepLIFT, Reference: x[:200]},
		"no numbers":  {Method: DeepLIFT, Reference: nan},
		"-1 steps":    {Method: IntegratedGradients, Steps: -1},
	} {
		if _, err := n.Attribute(ctx, x[:300], 1, a); err == nil || !strings.Contains(err.Error(), what) {
			t.Errorf("%s: %v", what, err)
		}
	}
	if _, err := n.Attribute(ctx, x[:300], 2, Attribution{Method: DeepLIFT}); err == nil {
		t.Error("half the values of two samples")
	}
}

func TestLegendreIntegratesPolynomials(t *testing.T) {
	for _, n := range []int{1, 2, 5, 20, 50, 200} {
		at, w := legendre(n)
		for _, power := range []int{0, 1, 2*n - 1} { // exact up to 2n − 1
			sum := 0.0
			for i := range n {
				sum += w[i] * math.Pow(at[i], float64(power))
			}
			if want := 1 / float64(power+1); math.Abs(sum-want) > 1e-13 {
				t.Errorf("%d points: ∫x^%d is %v, should be %v", n, power, sum, want)
			}
		}
	}
}

func BenchmarkAttribute(b *testing.B) {
	s := Spec{In: 22268, Code: 2, Loss: MAE, Init: "torch", Layers: []Layer{{Kind: Dense, Width: 500, Act: cpu.Sigmoid}, {Kind: Dense, Width: 100, Act: cpu.Sigmoid}}}
	n, err := New(s, 1)
	if err != nil {
		b.Fatal(err)
	}
	for _, rows := range []int{100} {
		x := random(rows*s.In, 3)
		b.Run(fmt.Sprintf("%d samples", rows), func(b *testing.B) {
			for b.Loop() {
				if _, err := n.Attribute(context.Background(), x, rows, Attribution{Method: DeepLIFT, Sums: true}); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
