package manifold

import (
	"context"
	"errors"
	"math"
	"math/rand/v2"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/gxlab/gxlab/gx/learn"
	"github.com/gxlab/gxlab/gx/prep"
)

// made is n samples of three groups in 8 dimensions.
func made(n int, seed uint64) prep.Matrix {
	rng := rand.New(rand.NewPCG(seed, 1))
	x := prep.NewMatrix(n, 8)
	for i := range n {
		for j := range 8 {
			x.Row(i)[j] = float32(rng.NormFloat64())
		}
		x.Row(i)[i%3] += 6
	}
	return x
}

// divergence is Σ p log(p/q) over all pairs.
func divergence(p *graph, y []float64) (kl float64) {
	n := len(y) / 2
	q := func(i, j int) float64 {
		dx, dy := y[2*i]-y[2*j], y[2*i+1]-y[2*j+1]
		return 1 / (1 + dx*dx + dy*dy)
	}
	z := 0.0
	for i := range n {
		for j := range n {
			if i != j {
				z += q(i, j)
			}
		}
	}
	for i := range n {
		for e := p.start[i]; e < p.start[i+1]; e++ {
			v := float64(p.weight[e])
			kl += v * math.Log(v*z/q(i, int(p.to[e])))
		}
	}
	return kl
}

// The slope is that of the divergence, by differences of it; and Barnes and Hut's is near.
func TestTheSlopeIsThatOfTheDivergence(t *testing.T) {
	x := made(60, 3)
	d := newDescent(affinities(must(learn.Nearest(context.Background(), x, 20))(t), 6))
	rng := rand.New(rand.NewPCG(5, 5))
	d.y = make([]float64, 120)
	for i := range d.y {
		d.y[i] = 3 * rng.NormFloat64()
	}
	d.slope(1, 0)
	exact := slices.Clone(d.gradient)
	size := 0.0
	for i, g := range exact {
		size += g * g
		const h = 1e-4
		at := d.y[i]
		d.y[i] = at + h
		up := divergence(d.p, d.y)
		d.y[i] = at - h
		down := divergence(d.p, d.y)
		d.y[i] = at
		// The p add up to 1 within float32's rounding only.
		if want := (up - down) / (2 * h); math.Abs(g-want) > 1e-7 {
			t.Errorf("coordinate %d: slope %v, differences give %v", i, g, want)
		}
	}
	d.slope(1, angle)
	off := 0.0
	for i, g := range d.gradient {
		off += (g - exact[i]) * (g - exact[i])
	}
	if off > 0.02*0.02*size {
		t.Errorf("the approximation is off by %v of the slope's length", math.Sqrt(off/size))
	}
}

// All points of a cell are its points, and those in one place or on a line do no harm.
func TestTheTreeSeesEveryPoint(t *testing.T) {
	rng := rand.New(rand.NewPCG(2, 2))
	for name, y := range map[string][]float64{
		"spread": make([]float64, 600), "one place": make([]float64, 60), "two": {0, 0, 1, 0}, "line": make([]float64, 400),
	} {
		for i := range y {
			switch name {
			case "spread":
				y[i] = rng.NormFloat64()
			case "line":
				if i%2 == 0 {
					y[i] = rng.ExpFloat64()
				}
			}
		}
		n := len(y) / 2
		var tr tree
		tr.grow(y)
		if c := tr.cells[0]; c.count != float64(n) || int(c.next) != len(tr.cells) {
			t.Errorf("%s: the whole has %v points of %d", name, c.count, n)
		}
		for _, c := range tr.cells {
			for o := c.lo; o < c.hi; o++ {
				if w := math.Sqrt(c.square) * 1.0001; math.Abs(tr.x[o]-c.x) > w || math.Abs(tr.y[o]-c.y) > w {
					t.Errorf("%s: a point is farther from its cell's middle than the cell is wide", name)
				}
			}
		}
		force, sum := make([]float64, 2*n), make([]float64, n)
		tr.repel(0, n, 0, force, sum)
		for i := range n {
			fx, fy, z := 0.0, 0.0, 0.0
			for j := range n {
				if j != i {
					dx, dy := y[2*i]-y[2*j], y[2*i+1]-y[2*j+1]
					q := 1 / (1 + dx*dx + dy*dy)
					z, fx, fy = z+q, fx+q*q*dx, fy+q*q*dy
				}
			}
			if math.Abs(force[2*i]-fx) > 1e-9 || math.Abs(force[2*i+1]-fy) > 1e-9 || math.Abs(sum[i]-z) > 1e-9 {
				t.Fatalf("%s: point %d feels %v %v %v, want %v %v %v", name, i, force[2*i], force[2*i+1], sum[i], fx, fy, z)
			}
		}
	}
}

func TestPowers(t *testing.T) {
	for _, b := range []float64{0.4, 0.895, 1, 1.7} {
		p := newPower(b)
		for _, v := range []float64{1e-12, 0.003, 0.99999, 1, 1.00001, 7, 1e9} {
			if got, want := p.of(v), math.Pow(v, b); math.Abs(got-want) > 2e-7*want {
				t.Errorf("%v to the %v is %v, want %v", v, b, got, want)
			}
		}
	}
}

// The same seed gives the same map for any number of threads; another seed another.
func TestThreadsDoNotMatter(t *testing.T) {
	x := made(500, 1)
	embed := func(seed uint64) []prep.Matrix {
		return []prep.Matrix{
			must(TSNE{Iterations: 60, Seed: seed}.Embed(context.Background(), x))(t),
			must(UMAP{Epochs: 30, Seed: seed}.Embed(context.Background(), x))(t),
		}
	}
	one, other := embed(4), embed(5)
	old := runtime.GOMAXPROCS(1)
	single := embed(4)
	runtime.GOMAXPROCS(7)
	many := embed(4)
	runtime.GOMAXPROCS(old)
	for i, name := range []string{"t-SNE", "UMAP"} {
		if !slices.Equal(one[i].Data, single[i].Data) || !slices.Equal(one[i].Data, many[i].Data) {
			t.Errorf("%s depends on the number of threads", name)
		}
		if slices.Equal(one[i].Data, other[i].Data) {
			t.Errorf("%s does not depend on the seed", name)
		}
	}
}

func TestHardDataMakesNoHarm(t *testing.T) {
	alike, line, few := prep.NewMatrix(40, 5), prep.NewMatrix(40, 1), made(7, 1)
	twice := made(60, 2)
	for i := range line.Data {
		line.Data[i] = float32(i * i)
	}
	for i := 1; i < 60; i += 2 {
		copy(twice.Row(i), twice.Row(i-1))
	}
	for name, x := range map[string]prep.Matrix{"alike": alike, "one value": line, "few": few, "twice": twice} {
		for kind, embed := range map[string]func() (prep.Matrix, error){
			"t-SNE": func() (prep.Matrix, error) { return TSNE{}.Embed(context.Background(), x) },
			"UMAP": func() (prep.Matrix, error) {
				return UMAP{Neighbours: min(15, x.Rows-1)}.Embed(context.Background(), x)
			},
		} {
			y := must(embed())(t)
			if y.Rows != x.Rows || y.Cols != 2 {
				t.Errorf("%s of %s is %d × %d", kind, name, y.Rows, y.Cols)
			}
			for i, v := range y.Data {
				if f := float64(v); math.IsNaN(f) || math.Abs(f) > 1e4 {
					t.Fatalf("%s of %s: coordinate %d is %v", kind, name, i, v)
				}
			}
		}
	}
}

func TestBadInputIsRefusedWithWhatToTry(t *testing.T) {
	ctx := context.Background()
	x, nan := made(30, 1), made(30, 1)
	nan.Row(2)[4] = float32(math.NaN())
	for name, c := range map[string]struct {
		run  func() (prep.Matrix, error)
		want string
	}{
		"t-SNE NaN":     {func() (prep.Matrix, error) { return TSNE{}.Embed(ctx, nan) }, "sample 3, column 5"},
		"t-SNE few":     {func() (prep.Matrix, error) { return TSNE{}.Embed(ctx, first(x, 6)) }, "6 samples, and it needs at least 7"},
		"t-SNE none":    {func() (prep.Matrix, error) { return TSNE{}.Embed(ctx, prep.Matrix{}) }, "0 samples × 0"},
		"perplexity":    {func() (prep.Matrix, error) { return TSNE{Perplexity: 1}.Embed(ctx, x) }, "perplexity of 1"},
		"no perplexity": {func() (prep.Matrix, error) { return TSNE{Perplexity: math.NaN()}.Embed(ctx, x) }, "perplexity of NaN"},
		"exaggeration":  {func() (prep.Matrix, error) { return TSNE{Exaggeration: 0.5}.Embed(ctx, x) }, "exaggeration of 0.5"},
		"rate":          {func() (prep.Matrix, error) { return TSNE{Rate: -1}.Embed(ctx, x) }, "rate of -1"},
		"iterations":    {func() (prep.Matrix, error) { return TSNE{Iterations: -1}.Embed(ctx, x) }, "-1 iterations"},
		"UMAP NaN":      {func() (prep.Matrix, error) { return UMAP{}.Embed(ctx, nan) }, "sample 3, column 5"},
		"UMAP few":      {func() (prep.Matrix, error) { return UMAP{}.Embed(ctx, first(x, 15)) }, "fewer neighbours, 2 to 14"},
		"UMAP two":      {func() (prep.Matrix, error) { return UMAP{Neighbours: 2}.Embed(ctx, first(x, 2)) }, "try more samples"},
		"one neighbour": {func() (prep.Matrix, error) { return UMAP{Neighbours: 1}.Embed(ctx, x) }, "1 neighbours"},
		"distance":      {func() (prep.Matrix, error) { return UMAP{MinDistance: 3}.Embed(ctx, x) }, "least distance of 3"},
		"epochs":        {func() (prep.Matrix, error) { return UMAP{Epochs: -2}.Embed(ctx, x) }, "-2 epochs"},
	} {
		_, err := c.run()
		if err == nil || !strings.Contains(err.Error(), c.want) || !strings.Contains(err.Error(), "try ") {
			t.Errorf("%s: got %v, want %q and what to try", name, err, c.want)
		}
	}
}

func TestTheyStopAndTell(t *testing.T) {
	x := made(80, 1)
	for name, embed := range map[string]func(context.Context, func(string, int, int)) (prep.Matrix, error){
		"t-SNE": func(ctx context.Context, tell func(string, int, int)) (prep.Matrix, error) {
			return TSNE{Tell: tell}.Embed(ctx, x)
		},
		"UMAP": func(ctx context.Context, tell func(string, int, int)) (prep.Matrix, error) {
			return UMAP{Tell: tell}.Embed(ctx, x)
		},
	} {
		ctx, stop := context.WithCancel(context.Background())
		last := 0
		_, err := embed(ctx, func(what string, done, total int) {
			if done > total {
				t.Errorf("told %d of %d", done, total)
			}
			if what == name {
				if last = done; done >= 20 {
					stop()
				}
			}
		})
		if !errors.Is(err, context.Canceled) || last != 20 {
			t.Errorf("%s at %d: %v", name, last, err)
		}
		stop()
	}
}
