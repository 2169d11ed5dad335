package gx

// An Activation is what a layer does to its weighted sums.
type Activation string

// The activations, after §3.5 and §4 of the cell identity code paper. SoftShrink
// has λ = 0.5 and is x − λ above λ, x + λ below −λ and 0 between; LeakyReLU has
// slope 0.2 below 0; Swish is x·sigmoid(x); SoftMax goes over the layer's units.
const (
	Linear     Activation = "linear"
	ReLU       Activation = "relu"
	LeakyReLU  Activation = "leakyrelu"
	Swish      Activation = "swish"
	Sigmoid    Activation = "sigmoid"
	LogSigmoid Activation = "logsigmoid"
	Tanh       Activation = "tanh"
	SoftPlus   Activation = "softplus"
	SoftShrink Activation = "softshrink"
	SoftMax    Activation = "softmax"
)

func activationNames() []string {
	return []string{"linear", "relu", "leakyrelu", "swish", "sigmoid", "logsigmoid", "tanh", "softplus", "softshrink", "softmax"}
}

func (a Activation) known() bool { return among(string(a), activationNames()) }

// A Loss is what training minimises.
type Loss string

// MSE is the mean squared error and MAE the mean absolute error, over samples
// and genes, in the units the network sees.
const (
	MSE Loss = "mse"
	MAE Loss = "mae"
)

// An Init is how weights begin.
type Init string

// The starts. Torch draws weights and biases from U(±1/√inputs), as Torch's and
// PyTorch's Linear do. Xavier is U(±√(6/(inputs+outputs))) with zero biases
// (Glorot and Bengio 2010), He is N(0, 2/inputs) with zero biases (He 2015).
// Orthogonal has zero-mean sums and weights that pass differences on through every
// layer, neither shrunk nor mixed up: random orthonormal matrices over the slope of the
// activation before them at 0, 4 times after a sigmoid, and a quarter for the inputs
// (Saxe et al. 2014). It suits several layers of sigmoid or tanh units on standardised
// or centred genes; a sigmoid passes on a quarter, so that with the other starts the
// third layer hears next to nothing.
// FromPCA begins as the principal component analysis of the training part: with
// activations for which f(x) − f(−x) is proportional to x (Linear, ReLU, LeakyReLU,
// Swish, LogSigmoid, SoftPlus) pairs of hidden units carry the components exactly,
// and the other hidden units begin small. The network before training is then PCA,
// and what training adds is what the bend of the activation can.
const (
	Torch      Init = "torch"
	Xavier     Init = "xavier"
	He         Init = "he"
	Orthogonal Init = "orthogonal"
	FromPCA    Init = "pca"
)

func initNames() []string { return []string{"torch", "xavier", "he", "orthogonal", "pca"} }

func (i Init) known() bool { return among(string(i), initNames()) }

func among(s string, list []string) bool {
	for _, l := range list {
		if s == l {
			return true
		}
	}
	return false
}
