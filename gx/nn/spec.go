package nn

import (
	"fmt"
	"math"

	"github.com/gxlab/gxlab/gx/fault"
	"github.com/gxlab/gxlab/gx/nn/cpu"
)

// Kind is what a layer is.
type Kind string

// The kinds of layers. Dense is a fully connected layer with bias and
// activation. BatchNorm normalises its input over the batch, with learned scale
// and shift (Ioffe and Szegedy 2015), and then applies Act. Dropout hides a share
// of its input while training.
const (
	Dense     Kind = "dense"
	BatchNorm Kind = "batchnorm"
	Dropout   Kind = "dropout"
)

// Layer is one layer of a network.
type Layer struct {
	Kind  Kind    `json:"kind"`
	Width int     `json:"width,omitempty"` // Dense: units
	Act   cpu.Act `json:"act"`             // Dense, BatchNorm
	Keep  float64 `json:"keep,omitempty"`  // Dropout: the share that stays
}

// Loss is what training minimises.
type Loss string

// MSE and MAE are means over samples and outputs.
const (
	MSE Loss = "mse"
	MAE Loss = "mae"
)

// Spec describes a network.
type Spec struct {
	In     int       `json:"in"`
	Layers []Layer   `json:"layers"`
	Code   int       `json:"code"` // the first Code layers are the encoder
	Loss   Loss      `json:"loss"`
	L1     float64   `json:"l1,omitempty"` // × Σ|w| of dense weights
	L2     float64   `json:"l2,omitempty"` // × Σw²
	Noise  float64   `json:"noise,omitempty"`
	Clip   []float64 `json:"clip,omitempty"` // least and greatest value of the noisy input; none: as it is
	Mask   float64   `json:"mask,omitempty"` // share of inputs hidden while training
	Init   string    `json:"init"`           // "torch", "xavier", "he", "orthogonal"
	// Head is a classifier that is trained with the rest: dense layers from the code
	// to a score for each class, whose softmax are the classes' probabilities.
	Head []Layer `json:"head,omitempty"`
	// Weight is how much its cross-entropy, in nats and a mean over samples, counts
	// beside Loss.
	Weight float64 `json:"weight,omitempty"`
	// KL is how much the divergence of a drawn code (Sample) from N(0, 1) counts beside a
	// likelihood, once the first KLSteps steps, over which it rises from 0, are over.
	KL      float64 `json:"kl,omitempty"`
	KLSteps int     `json:"kl_steps,omitempty"`
	// Pair is the feature-wise half of an interpretable autoencoder, or nil.
	Pair *Pair `json:"pair,omitempty"`
}

// Classes is how many classes the head tells apart; 0 where there is none.
func (s Spec) Classes() int {
	if len(s.Head) == 0 {
		return 0
	}
	return s.Head[len(s.Head)-1].Width
}

// Out is the number of outputs.
func (s Spec) Out() int {
	if s.Pair != nil {
		return s.In
	}
	return s.width(len(s.Layers))
}

// Targets is the number of values that a sample's outputs are held against: that of the
// outputs, but for ZeroInflated, which has two of them for each.
func (s Spec) Targets() int {
	if s.Loss == ZeroInflated {
		return s.Out() / 2
	}
	return s.Out()
}

// width is the number of values after the first n layers.
func (s Spec) width(n int) int {
	w := s.In
	for _, l := range s.Layers[:n] {
		switch l.Kind {
		case Dense:
			w = l.Width
		case Sample:
			w /= 2
		}
	}
	return w
}

// CodeSize is the number of values between encoder and decoder.
func (s Spec) CodeSize() int { return s.width(s.Code) }

// Check says what is wrong with the description, or nil.
func (s Spec) Check() error {
	refuse := func(what, try string) error { return fault.New("a network cannot be built: "+what, "", try) }
	if s.In < 1 || len(s.Layers) == 0 {
		return refuse(fmt.Sprintf("%d inputs, %d layers", s.In, len(s.Layers)), "at least one of each")
	}
	if s.Code < 0 || s.Code > len(s.Layers) {
		return refuse(fmt.Sprintf("the code is after layer %d of %d", s.Code, len(s.Layers)), "")
	}
	for i, l := range s.Layers {
		switch {
		case l.Kind == Dense && l.Width > 0:
		case l.Kind == Sample && i == s.Code-1 && s.width(i)%2 == 0 && s.width(i) > 1 && len(s.Head) == 0:
			if !s.Loss.likely() {
				return refuse(fmt.Sprintf("a drawn code beside the loss %q", s.Loss), "gaussian, nb or zinb")
			}
		case l.Kind == BatchNorm:
		case l.Kind == Dropout && l.Keep > 0 && l.Keep <= 1:
		default:
			return refuse(fmt.Sprintf("layer %d, %s", i+1, l), "dense with a width, batchnorm, dropout that keeps a share, or sample as the code of a network without a classifier")
		}
	}
	for i, l := range s.Head {
		last := i == len(s.Head)-1
		if l.Kind != Dense || l.Width < 1 || l.Act == cpu.SoftMax || last && (l.Act != cpu.Linear || l.Width < 2) {
			return refuse(fmt.Sprintf("layer %d of the classifier, %s", i+1, l), "dense layers, of which the last is linear with a score for each of at least two classes")
		}
	}
	if len(s.Head) > 0 && (s.Code < 1 || !(s.Weight > 0)) {
		return refuse(fmt.Sprintf("a classifier of weight %g on the code after layer %d", s.Weight, s.Code), "a weight above 0 and an encoder")
	}
	if s.Loss != MSE && s.Loss != MAE && !s.Loss.likely() {
		return refuse(fmt.Sprintf("loss %q", s.Loss), "mse, mae, gaussian, nb or zinb")
	}
	last := s.Layers[len(s.Layers)-1]
	if s.Loss.likely() && s.Pair == nil && (last.Kind != Dense || last.Act != cpu.Linear || s.Loss == ZeroInflated && s.Out()%2 != 0) {
		return refuse(fmt.Sprintf("the last layer, %s, for the likelihood %s", last, s.Loss), "a linear dense layer; for zinb of two outputs a target")
	}
	if s.KL < 0 || s.KLSteps < 0 {
		return refuse(fmt.Sprintf("a divergence that counts %g, over %d steps", s.KL, s.KLSteps), "numbers from 0 up")
	}
	if s.Pair != nil {
		return s.Pair.check(s)
	}
	return nil
}

// String is the layer in words.
func (l Layer) String() string {
	switch l.Kind {
	case Dense:
		return fmt.Sprintf("dense %d %s", l.Width, l.Act)
	case Dropout:
		return fmt.Sprintf("dropout %g", 1-l.Keep)
	}
	return string(l.Kind)
}

// span is where a layer's parameters lie in the flat buffer.
type span struct{ w, b, in, out int }

// layout places every layer's parameters: weights in × out, then biases; for
// BatchNorm scale, then shift. The head's follow, or those of the feature-wise half and
// its two biases a feature, and at last a likelihood's spreads. moments counts the running means
// and variances.
func (s Spec) layout() (spans []span, params, moments int) {
	in := s.In
	for _, l := range s.Layers {
		sp := span{w: params, in: in, out: in}
		switch l.Kind {
		case Dense:
			sp.out = l.Width
			sp.b = params + in*l.Width
			params = sp.b + l.Width
		case BatchNorm:
			sp.b = params + in
			params += 2 * in
			moments += 2 * in
		case Sample:
			sp.b, sp.out = params, in/2
		}
		spans = append(spans, sp)
		in = sp.out
	}
	in = s.CodeSize()
	for _, l := range s.Head {
		spans = append(spans, span{w: params, b: params + in*l.Width, in: in, out: l.Width})
		params += (in + 1) * l.Width
		in = l.Width
	}
	if s.Pair != nil {
		more, n, _ := s.Pair.spec(s).layout()
		n -= s.Pair.spec(s).Targets() // its spreads: it has none here
		for _, sp := range more {
			sp.w += params
			sp.b += params
			spans = append(spans, sp)
		}
		params += n + 2*s.In
	}
	if s.Loss.likely() {
		params += s.Targets()
	}
	return spans, params, moments
}

// Parameters counts what is learned: weights and biases.
func (s Spec) Parameters() int {
	_, n, _ := s.layout()
	return n
}

// plain says whether there are dense layers alone, so that the path for one
// sample a step serves.
func (s Spec) plain() bool {
	for _, l := range s.Layers {
		if l.Kind != Dense {
			return false
		}
	}
	return true
}

// bound of the uniform distribution that weights begin from.
func bound(init string, in, out int) float64 {
	if init == "xavier" {
		return math.Sqrt(6 / float64(in+out))
	}
	return 1 / math.Sqrt(float64(in))
}
