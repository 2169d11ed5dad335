package bench

import (
	"bufio"
	"context"
	"encoding/json"
	"math"
	"os"
	"strconv"
	"strings"
	"testing"

	"github.com/gxlab/gxlab/gx/nn"
	"github.com/gxlab/gxlab/gx/nn/gpu/gputest"
)

// The test binary is also the workers: it is started again with this variable.
const role = "GXLAB_TEST_WORKER"

func TestMain(m *testing.M) {
	switch os.Getenv(role) {
	case "":
		os.Exit(m.Run())
	case "dies":
		os.Stderr.WriteString("no such framework\n")
		os.Exit(3)
	case "leaves":
		os.Stdout.WriteString(`{"ready": true, "name": "leaver"}` + "\n")
		bufio.NewScanner(os.Stdin).Scan()
		os.Stderr.WriteString("out of memory\n")
		os.Exit(3)
	}
	steps, err := strconv.Atoi(os.Getenv(role))
	if err == nil {
		err = Work(context.Background(), Case{"T", 32}, Setting{Threads: 1, Steps: steps, Device: os.Getenv("GXLAB_TEST_DEVICE")}, os.Stdin, os.Stdout)
	}
	if err != nil {
		os.Stderr.WriteString(err.Error())
		os.Exit(1)
	}
	os.Exit(0)
}

// Counted by hand for the net 200-50-10-50-200 at batch 32.
func TestArithmetic(t *testing.T) {
	s, p, err := Net("T")
	if err != nil {
		t.Fatal(err)
	}
	weights := 200*50 + 50*10 + 10*50 + 50*200
	if got, want := parameters(s), weights+50+10+50+200; got != want {
		t.Errorf("%d parameters, want %d", got, want)
	}
	// forward and weights for all, input for all but the first layer
	if got, want := flops(s, 32), float64(2*32*(3*weights-200*50)); got != want {
		t.Errorf("%v flops, want %v", got, want)
	}
	if got, want := traffic(s, p.Optimiser, 32), float64(28*(weights+310)+4*32*200); got != want {
		t.Errorf("%v bytes, want %v", got, want)
	}
	if got, want := room(s, p.Optimiser, 32, 100), 4*float64(100*200+4*(weights+310)+32*(200+2*310)); got != want {
		t.Errorf("room %v, want %v", got, want)
	}
	a, _, err := Net("A")
	if err != nil {
		t.Fatal(err)
	}
	// 20184·2000 + 2000·30 + 30·2000 + 2000·20184 and 2000+30+2000+20184 biases
	if got, want := parameters(a), 80736000+120000+24214; got != want {
		t.Errorf("A has %d parameters, want %d", got, want)
	}
}

func TestParseCase(t *testing.T) {
	for _, c := range Cases {
		if got, err := ParseCase(c.String()); err != nil || got != c {
			t.Error(c, got, err)
		}
	}
	for _, bad := range []string{"", "A", "A:0", "A:x", "Z:1", ":3"} {
		if _, err := ParseCase(bad); err == nil {
			t.Errorf("%q is taken for a case", bad)
		}
	}
}

func TestMiddle(t *testing.T) {
	if m, a, b := middle([]float64{3, 1, 2, 10}); m != 2.5 || a != 1 || b != 10 {
		t.Error(m, a, b)
	}
}

// Workers take turns, a peer that does not come up or does not stay is told of, and
// the rest is measured all the same.
func TestRun(t *testing.T) {
	if testing.Short() {
		t.Skip("-short leaves processes out")
	}
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	var told []string
	var k int
	o := Options{
		Cases: []Case{{"T", 32}}, Threads: 1, Rounds: 3, floats: 1 << 20, Tell: func(s string) { told = append(told, s) },
		Own: func(c Case, how Setting) []string {
			k = how.Steps
			return []string{"env", role + "=" + itoa(how.Steps), self}
		},
	}
	s, p, _ := Net("T")
	n := itoa(steps(s, p.Optimiser, 32, false))
	// env takes what looks like an assignment before the command, so that a peer's
	// own arguments reach the test binary, which passes over them
	o.Peers = [][]string{{"env", role + "=" + n, self}, {"env", role + "=dies", self}, {"/nowhere/python", "peers.py", "jax"}, {"env", role + "=leaves", self}}
	rs, err := Run(context.Background(), o)
	if err != nil {
		t.Fatal(err)
	}
	r := rs[0]
	if itoa(k) != n || r.StepMS.Median <= 0 || r.StepMS.Least > r.StepMS.Median || r.StepMS.Most < r.StepMS.Median || r.Bandwidth.Median <= 0 || r.GFLOPS <= 0 || r.Peak <= 0 {
		t.Errorf("%+v", r)
	}
	if got := r.GFLOPS * r.StepMS.Median * 1e6; math.Abs(got/flops(s, 32)-1) > 1e-9 {
		t.Errorf("%v flops a step", got)
	}
	if len(r.Peers) != 4 || r.Peers[0].Failed != "" || r.Peers[0].Ratio.Median <= 0 || r.Best() != &r.Peers[0] {
		t.Fatalf("%+v", r.Peers)
	}
	if !strings.Contains(r.Peers[1].Failed, "no such framework") || !strings.Contains(r.Peers[2].Failed, "no such file") || !strings.Contains(r.Peers[3].Failed, "out of memory") {
		t.Errorf("%+v", r.Peers[1:])
	}
	if len(told) == 0 {
		t.Error("no progress is told")
	}
	b, err := json.Marshal(rs)
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{`"ms_per_step"`, `"share_of_peak"`, `"share_of_bandwidth"`, `"allocations_per_step"`, `"peak_mb"`, `"peak_of_room"`, `"ratio"`, `"best_peer":"gxlab"`} {
		if !strings.Contains(string(b), want) {
			t.Errorf("JSON lacks %s", want)
		}
	}
}

// On a GPU (an emulated one, where there is none) the worker trains there, and the
// limits are the GPU's.
func TestRunOnGPU(t *testing.T) {
	if testing.Short() {
		t.Skip("-short leaves processes out")
	}
	gputest.Open(t)
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	t.Setenv("GXLAB_TEST_DEVICE", "gpu")
	o := Options{Cases: []Case{{"T", 32}}, Rounds: 1, Device: "gpu", cardBytes: 1 << 20, steps: 3}
	o.Own = func(c Case, how Setting) []string {
		if how.Device != "gpu" {
			t.Errorf("the worker is to run on %q", how.Device)
		}
		return []string{"env", role + "=" + itoa(how.Steps), self}
	}
	rs, err := Run(context.Background(), o)
	if err != nil {
		t.Fatal(err)
	}
	r := rs[0]
	if !strings.Contains(r.Setting, "tf32") || r.Products.Median <= 0 || r.Bandwidth.Median <= 0 || r.FloorMS <= 0 || r.OfFloor <= 0 || r.Start <= 0 {
		t.Errorf("%+v", r)
	}
}

// The papers' trainings run, here at a hundredth of the size, and tell a loss of the
// data's own size.
func TestPapers(t *testing.T) {
	for _, p := range papers {
		p.samples, p.epochs = 60, 8
		p.edit = func(s *nn.Spec) {
			s.In = 50
			for i := range s.Layers {
				s.Layers[i].Width = min(s.Layers[i].Width, 50)
			}
		}
		p.batch = min(p.batch, 10)
		var out strings.Builder
		if err := p.train(context.Background(), Setting{Threads: 1, Device: "cpu"}, &out); err != nil {
			t.Fatal(err)
		}
		f := strings.Fields(strings.TrimPrefix(out.String(), p.name))
		loss, err := strconv.ParseFloat(f[2], 64)
		means, merr := strconv.ParseFloat(f[3], 64)
		if err != nil || merr != nil || !(loss > 0 && loss < 3*means) {
			t.Errorf("%s: %q", p.name, out.String())
		}
	}
}
