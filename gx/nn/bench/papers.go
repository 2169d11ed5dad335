package bench

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"math/rand/v2"
	"time"

	"github.com/gxlab/gxlab/gx/nn"
	"github.com/gxlab/gxlab/gx/nn/cpu"
)

// paper is the training of a whole paper, on data of its size.
type paper struct {
	name       string
	net        string
	samples    int
	batch      int
	epochs     int
	iterations int
	edit       func(*nn.Spec)
}

// papers are: cell identity codes (one random sample a step, 100 steps an epoch);
// the deep autoencoder of disease modules with three layers of 512; the landmark
// autoencoder on the microarrays of its source.
var papers = []paper{
	{"cell identity codes, 1040 × 20184, 100 × 100 steps of one sample", "A", 1040, 1, 100, 100, nil},
	{"deep autoencoder 512 × 3, 20000 × 20000, 100 epochs", "B", 20000, 256, 100, 0, func(s *nn.Spec) { s.Layers = append(s.Layers[:3:3], s.Layers[5]) }},
	{"landmark autoencoder, 99909 × 22268, 100 epochs", "C", 99909, 256, 100, 0, nil},
}

// Papers trains each paper's network whole, on simulated data of the paper's size
// that is made in place (20 hidden factors and noise, in 0–1), and prints how long it
// takes and the final loss beside that of predicting every gene's mean.
func Papers(ctx context.Context, how Setting, to io.Writer) error {
	fmt.Fprintf(to, "%-66s %9s %9s %12s %12s  %s\n", "paper", "data, s", "train, s", "final loss", "of means", "on")
	for _, p := range papers {
		if err := p.train(ctx, how, to); err != nil {
			return fmt.Errorf("%s: %w", p.name, err)
		}
	}
	return nil
}

func (p paper) train(ctx context.Context, how Setting, to io.Writer) error {
	s, plan, err := Net(p.net)
	if err != nil {
		return err
	}
	if p.edit != nil {
		p.edit(&s)
	}
	began := time.Now()
	x := factors(p.samples, s.In, how.Threads)
	made := time.Since(began)
	net, err := nn.New(s, 1)
	if err != nil {
		return err
	}
	plan.Batch, plan.Epochs, plan.Iterations, plan.Seed = p.batch, p.epochs, p.iterations, 1
	plan.Threads, plan.Device, plan.Precision = how.Threads, how.Device, how.Precision
	where := ""
	began = time.Now()
	curve, err := nn.Train(ctx, net, plan, nn.Data{X: x, N: p.samples}, nn.Hooks{Where: func(d, _ string) { where = d }})
	if err != nil {
		return err
	}
	took := time.Since(began)
	loss := curve[len(curve)-1].Train
	if loss-loss != 0 {
		return errors.New("the loss is no number")
	}
	_, err = fmt.Fprintf(to, "%-66s %9.1f %9.1f %12.5g %12.5g  %s\n", p.name, made.Seconds(), took.Seconds(), loss, ofMeans(x, p.samples, s.In, s.Loss), where)
	return err
}

// factors are n samples of 20 hidden factors each, mixed into p genes with a tenth of
// noise and mapped into 0–1.
func factors(n, p, threads int) []float32 {
	const k = 20
	x := cpu.Make(n * p)
	rng := rand.New(rand.NewPCG(3, 4))
	load := make([]float32, k*p)
	for i := range load {
		load[i] = float32(rng.NormFloat64() / math.Sqrt(k))
	}
	cpu.NewPool(threads).Run(n, 16, func(lo, hi int) {
		for r := lo; r < hi; r++ {
			rng := rand.New(rand.NewPCG(5, uint64(r)))
			row := x[r*p : (r+1)*p]
			for f := range k {
				v := float32(rng.NormFloat64())
				for j, w := range load[f*p : (f+1)*p] {
					row[j] += v * w
				}
			}
			for j, v := range row {
				noise := float32(rng.Float64()-0.5) * 0.35 // of deviation 0.1
				row[j] = 1 / (1 + float32(math.Exp(float64(-v-noise))))
			}
		}
	})
	return x
}

// ofMeans is the loss of predicting every gene's mean, over up to 1000 samples.
func ofMeans(x []float32, n, p int, loss nn.Loss) float64 {
	n = min(n, 1000)
	mean := make([]float64, p)
	for i, v := range x[:n*p] {
		mean[i%p] += float64(v) / float64(n)
	}
	sum := 0.0
	for i, v := range x[:n*p] {
		if e := float64(v) - mean[i%p]; loss == nn.MAE {
			sum += math.Abs(e)
		} else {
			sum += e * e
		}
	}
	return sum / float64(n*p)
}
