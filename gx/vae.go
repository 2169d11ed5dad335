package gx

import (
	"fmt"
	"math"
	"slices"

	"github.com/gxlab/gxlab/gx/fault"
	"github.com/gxlab/gxlab/gx/nn"
	"github.com/gxlab/gxlab/gx/prep"
)

// A Likelihood is what a variational autoencoder takes the values of a profile to be
// drawn from, given its code.
type Likelihood string

// Normal is for values on a continuous scale (Scale, Standardise): a Gaussian with a
// variance for each gene. NegativeBinomial is for counts as they are: with a dispersion for
// each gene, and the cell's total over the cohort's genes as its library. ZeroInflated has
// besides a chance of a zero for each cell and gene (Lopez et al. 2018).
const (
	Normal           Likelihood = "gaussian"
	NegativeBinomial Likelihood = "nb"
	ZeroInflated     Likelihood = "zinb"
)

var likelihoods = []string{string(Normal), string(NegativeBinomial), string(ZeroInflated)}

// counts says whether the values are counts.
func (l Likelihood) counts() bool { return l == NegativeBinomial || l == ZeroInflated }

// VAE is a variational autoencoder (Kingma and Welling 2014): the code of a profile is a
// Gaussian, of which training draws, and the loss is −ELBO: −log p(profile | code) plus
// the divergence of the code from N(0, 1), in nats. Encode gives the code's mean. The verbs
// are those of Autoencoder; learning curves are −ELBO a value (divide by 1/genes for a
// cell's), and their KL is in nats a cell.
//
// Defaults: one hidden layer of 128 ReLU units and a code of 10, as scVI has; the Normal
// likelihood; a divergence that rises to its full weight over 1000 steps or half of all, if
// that is less; Adam at a rate of 1e-3 that falls to nothing along a cosine, in batches of
// 128 for 100 epochs; seed 1.
//
// For counts the network sees log(1 + count), as scVI does, and Reconstruct gives the
// counts expected at the training cells' mean library.
func VAE() Training {
	return Training{
		net:  netChain{Code: 10, CodeAct: Linear, OutAct: Linear, Likelihood: Normal},
		plan: planChain{Optimiser: "adam", Rate: 1e-3, Schedule: "cosine", Batch: 128, Epochs: 100, Seed: 1},
		name: "VAE",
	}
}

// Likelihood sets what a VAE takes values to be drawn from. The default is Normal.
func (t Training) Likelihood(l Likelihood) Training {
	if !slices.Contains(likelihoods, string(l)) {
		return t.failed(fmt.Sprintf("Likelihood(%s)", l), "no such likelihood", "one of "+legal(likelihoods))
	}
	if t.net.Likelihood == "" {
		return t.failed("Likelihood", "an autoencoder has none", "gx.VAE()")
	}
	t.net.Likelihood = l
	return t
}

// Divergence sets how much the divergence of a VAE's code from N(0, 1) counts (β), and
// over how many steps it rises to that from nothing. The default is 1, over 1000 steps or
// half of all, if that is less.
func (t Training) Divergence(beta float64, steps int) Training {
	switch {
	case t.net.Likelihood == "":
		return t.failed("Divergence", "the code of an autoencoder has none", "gx.VAE()")
	case !(beta > 0) || math.IsInf(beta, 0) || steps < 0:
		return t.failed(fmt.Sprintf("Divergence(%v %d)", beta, steps), "no weight and number of steps", "a weight above 0, such as 1, and steps from 0 up")
	}
	t.net.KL, t.net.KLSteps = beta, steps
	return t
}

// LinearDecoder leaves the decoder of a VAE without hidden layers, so that its weights are
// loadings of genes, as LDVAE and scVI's LinearSCVI have it (Svensson et al. 2020).
func (t Training) LinearDecoder() Training {
	if t.net.Likelihood == "" {
		return t.failed("LinearDecoder", "it is a VAE's", "gx.VAE()")
	}
	t.net.Linear = true
	return t
}

// vaeErr is what does not go with a VAE.
func (t Training) vaeErr() error {
	refuse := func(verb, why, try string) error { return bad(verb, why, try) }
	switch {
	case t.net.Likelihood == "":
		return nil
	case t.net.Label != "":
		return refuse("Classify", "a VAE has no classifier", "an Autoencoder with one, or a classifier of gx/learn on the VAE's codes")
	case t.net.Loss != "":
		return refuse("Loss", "the loss of a VAE is its likelihood's", "Likelihood(gx.NegativeBinomial)")
	case t.net.OutAct != Linear || t.net.CodeAct != Linear:
		return refuse("Output", "code and output of a VAE are linear", "leaving Output and CodeActivation out")
	case t.net.Init == FromPCA:
		return refuse("Start(FromPCA)", "a VAE cannot begin as principal components", "gx.Torch, gx.Xavier or gx.He")
	case t.net.Likelihood.counts() && (t.plan.Choose > 0 || t.net.Noise > 0 || t.net.Mask > 0):
		return refuse("Likelihood", "counts go with neither ChooseEpochs nor Noise nor Mask", "EarlyStop with a validation part")
	}
	return nil
}

// divergence is β and its steps, for a training of that many.
func (t Training) divergence(steps int) (beta float64, rise int) {
	if t.net.KL > 0 {
		return t.net.KL, t.net.KLSteps
	}
	return 1, min(1000, steps/2)
}

// steps is how many a training on n samples takes.
func (p planChain) steps(n int) int {
	per := p.Iterations
	if per == 0 {
		per = max(1, n/p.Batch)
	}
	return per * p.Epochs
}

// logged are counts as a network sees them; what is no count is an error.
func logged(s *Set) (counts, seen Matrix, err error) {
	counts = s.Data()
	if s.b.shift != nil {
		return counts, seen, fault.New("a likelihood of counts on scaled values", s.Name(), "the counts as they are: no Scale, Standardise, Centre or MinMax; or Likelihood(gx.Normal)")
	}
	if b := prep.Check(counts, func(v float32) bool { return !(v >= 0) || v != float32(math.Trunc(float64(v))) }); b != nil {
		return counts, seen, fault.New(fmt.Sprintf("%d values are no counts, the first is %g in sample %s, gene %s", b.Count, b.Value, s.Samples().IDs()[b.Row], s.Genes()[b.Col]), s.Name(),
			"the counts as they are: no NormaliseTotal, no logarithm; or Likelihood(gx.Normal)")
	}
	seen = prep.Matrix{Rows: counts.Rows, Cols: counts.Cols, Data: make([]float32, len(counts.Data))}
	copy(seen.Data, counts.Data)
	prep.Ln1p(seen)
	return counts, seen, nil
}

// countCoder packs counts into codes and codes into expected counts.
type countCoder struct {
	net     *nn.Net
	library float64
}

func (c countCoder) Encode(x []float32, rows int) ([]float32, error) {
	seen := make([]float32, len(x))
	for i, v := range x {
		seen[i] = float32(math.Log1p(float64(v)))
	}
	return c.net.Encode(seen, rows)
}

func (c countCoder) Decode(z []float32, rows int) ([]float32, error) {
	y, err := c.net.Decode(z, rows)
	if err != nil {
		return nil, err
	}
	library := make([]float64, rows)
	for i := range library {
		library[i] = c.library
	}
	return c.net.CountMeans(y, library), nil
}

// coderOf is what packs and unpacks for a network of that model.
func coderOf(net *nn.Net, m *Model) coder {
	if !Likelihood(net.Spec().Loss).counts() {
		return net
	}
	c := countCoder{net: net}
	for _, v := range m.mean {
		c.library += float64(v)
	}
	return c
}

// Evidence is how likely samples are to a VAE, in nats, one value a sample: the evidence
// lower bound and the divergence of the code from N(0, 1) in it. Of a Normal likelihood it
// is in the units of the cohort's last step.
type Evidence = nn.Evidence

// ELBO is the evidence lower bound of each of s's samples, the mean over that many draws of
// its code. A network without a likelihood is an error.
func (f *Fitted) ELBO(s *Set, draws int, seed uint64) (*Evidence, error) {
	if f.net.Spread() == nil {
		return nil, fault.New("the network has no likelihood", f.Name(), "gx.VAE() or gx.SiVAE()")
	}
	x, _, err := f.aligned(s)
	if err != nil {
		return nil, err
	}
	d := nn.Data{X: x.Data, N: x.Rows}
	if Likelihood(f.net.Spec().Loss).counts() {
		d.Target = x.Data
		d.X = append([]float32(nil), x.Data...)
		prep.Ln1p(prep.Matrix{Rows: x.Rows, Cols: x.Cols, Data: d.X})
	}
	return nn.Bound(f.net, d, draws, seed)
}

// Loadings are the weights of the decoder of a VAE with a LinearDecoder, genes × code.
func (f *Fitted) Loadings() (Matrix, error) {
	spec := f.net.Spec()
	last := len(spec.Layers) - 1
	if last != spec.Code || f.net.Spread() == nil {
		return Matrix{}, fault.New("the network has no loadings: its decoder is not one linear layer", f.Name(), "gx.VAE().LinearDecoder()")
	}
	w, _ := f.net.Weights(last)
	p, k := len(f.genes), f.k
	m := prep.NewMatrix(p, k)
	for c := range k {
		for j := range p {
			m.Row(j)[c] = w[c*spec.Out()+j]
		}
	}
	return m, nil
}
