package bench

import (
	"bufio"
	"context"
	"encoding/binary"
	"encoding/json"
	"math"
	"os"
	"slices"
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
	case "differs":
		os.Stdout.WriteString(`{"ready": true, "name": "differs"}` + "\n")
		for s := bufio.NewScanner(os.Stdin); s.Scan(); {
			os.Stdout.WriteString(`{"steps": 1, "seconds": 1, "processor": 1, "loss": 1}` + "\n")
		}
		os.Exit(0)
	case "leaves":
		os.Stdout.WriteString(`{"ready": true, "name": "leaver"}` + "\n")
		bufio.NewScanner(os.Stdin).Scan()
		os.Stderr.WriteString("out of memory\n")
		os.Exit(3)
	}
	c := Case{"T", 32}
	if name := os.Getenv("GXLAB_TEST_CASE"); name != "" {
		c, _ = ParseCase(name)
	}
	steps, err := strconv.Atoi(os.Getenv(role))
	if err == nil {
		err = Work(context.Background(), c, Setting{Threads: 1, Steps: steps, Device: os.Getenv("GXLAB_TEST_DEVICE")}, os.Stdin, os.Stdout)
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
	if got, want := s.Parameters(), weights+50+10+50+200; got != want {
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
	if got, want := a.Parameters(), 80736000+120000+24214; got != want {
		t.Errorf("A has %d parameters, want %d", got, want)
	}
}

func TestParseCase(t *testing.T) {
	for _, c := range append([]Case{{"V", 128}, {"Z", 128}, {"L", 128}, {"G", 1000}}, Cases...) {
		if got, err := ParseCase(c.String()); err != nil || got != c {
			t.Error(c, got, err)
		}
	}
	for _, bad := range []string{"", "A", "A:0", "A:x", "Q:1", "G:1", ":3"} {
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

// Workers take turns, a peer that has no such case is left out, one that does not come up or
// does not stay is told of, and the rest is measured all the same.
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
	o.Peers = [][]string{{"env", role + "=" + n, self}, {"env", role + "=dies", self}, {"/nowhere/python", "peers.py", "another"}, {"/nowhere/python", "peers.py", "igraph"}, {"env", role + "=leaves", self}}
	rs, err := Run(context.Background(), o)
	if err != nil {
		t.Fatal(err)
	}
	r := rs[0]
	if itoa(k) != n || r.StepMS.Median <= 0 || r.StepMS.Least > r.StepMS.Median || r.StepMS.Most < r.StepMS.Median || r.Bandwidth.Median <= 0 || r.GFLOPS <= 0 || r.Peak <= 0 {
		t.Errorf("%+v", r)
	}
	if got := r.GFLOPS * r.CoreMS.Median * 1e6; math.Abs(got/flops(s, 32)-1) > 1e-9 {
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

// A graph has no network: its workers take turns all the same, get the same graph in a
// file, and one that finds other values is told of.
func TestRunGraph(t *testing.T) {
	if testing.Short() {
		t.Skip("-short leaves processes out")
	}
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	own := []string{"env", role + "=1", "GXLAB_TEST_CASE=S:3", self}
	o := Options{Cases: []Case{{"S", 3}}, Rounds: 2, floats: 1 << 20, Own: func(Case, Setting) []string { return own }}
	o.Peers = [][]string{own, {"env", role + "=differs", self}}
	rs, err := Run(context.Background(), o)
	if err != nil {
		t.Fatal(err)
	}
	r := rs[0]
	if r.StepMS.Median <= 0 || r.CoreMS.Median <= 0 || r.GFLOPS != 0 || r.PeakMB <= 0 {
		t.Errorf("%+v", r)
	}
	if p := r.Peers[0]; p.Failed != "" || p.Ratio.Median <= 0 || p.CoreRatio.Median <= 0 {
		t.Errorf("%+v", p)
	}
	if p := r.Peers[1]; !strings.Contains(p.Failed, "other values") {
		t.Errorf("%+v", p)
	}
	if _, err := json.Marshal(rs); err != nil {
		t.Error(err)
	}
}

// The graph that peers are given has the edges and sources it says.
func TestGraphFile(t *testing.T) {
	path, err := Case{"S", 4}.write(context.Background(), t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	list := make([]int32, len(b)/4)
	if _, err := binary.Decode(b, binary.LittleEndian, list); err != nil {
		t.Fatal(err)
	}
	// 5 genes all joined, then 995 with 4 edges each
	const edges = 5*4/2 + 995*4
	if len(list) != 3+2*edges+4 || list[0] != 1000 || list[1] != edges || list[2] != 4 {
		t.Fatal(len(list), list[:3])
	}
	degree := make([]int, 1000)
	for _, i := range list[3 : 3+2*edges] {
		degree[i]++
	}
	slices.Sort(degree)
	if degree[0] < 4 || degree[500] > 8 || degree[999] < 60 {
		t.Errorf("degrees of %d, %d, %d are not heavy-tailed", degree[0], degree[500], degree[999])
	}
}

// The counts are as sparse as they are said to be, and the networks of scVI's widths.
func TestCounts(t *testing.T) {
	const cells = 100
	x := counts(cells)
	zeros, sum := 0.0, 0.0
	for _, v := range x {
		if v == 0 {
			zeros++
		}
		sum += float64(v)
	}
	if share := zeros / float64(len(x)); math.Abs(share-0.62) > 0.03 {
		t.Errorf("%.3f are 0", share)
	}
	if total := sum / cells; math.Abs(total-2500*math.Exp(0.08)) > 400 { // standard error 110
		t.Errorf("%.0f transcripts a cell", total)
	}
	const hidden = 2000*128 + 128 + 128*20 + 20
	for net, want := range map[string]int{
		"V": hidden + 10*128 + 128 + 128*2000 + 2*2000,
		"Z": hidden + 10*128 + 128 + 128*4000 + 4000 + 2000,
		"L": hidden + 10*2000 + 2*2000,
	} {
		s, _, err := Net(net)
		if err != nil || s.Check() != nil || s.Parameters() != want {
			t.Errorf("%s: %d parameters, want %d; %v, %v", net, s.Parameters(), want, err, s.Check())
		}
	}
	s, _, _ := Net("L")
	if got, want := flops(s, 1), float64(2*(2*2000*128+3*128*20+3*10*2000)); got != want {
		t.Errorf("%v flops, want %v", got, want)
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
