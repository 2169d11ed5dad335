package cpu

import (
	"fmt"
	"math"
)

// Act is an activation.
type Act uint8

// The activations. LeakyReLU has slope 0.2 below 0; SoftShrink has λ = 0.5;
// SoftMax goes over each row.
const (
	Linear Act = iota
	ReLU
	LeakyReLU
	Swish
	Sigmoid
	LogSigmoid
	Tanh
	SoftPlus
	SoftShrink
	SoftMax
)

var actNames = [...]string{"linear", "relu", "leakyrelu", "swish", "sigmoid", "logsigmoid", "tanh", "softplus", "softshrink", "softmax"}

// String is the activation's name.
func (a Act) String() string {
	if int(a) < len(actNames) {
		return actNames[a]
	}
	return fmt.Sprintf("Act(%d)", uint8(a))
}

// ParseAct is the activation of that name.
func ParseAct(name string) (Act, bool) {
	for i, n := range actNames {
		if n == name {
			return Act(i), true
		}
	}
	return 0, false
}

// NeedsInput says whether the derivative needs the weighted sums; the others'
// follows from the activation's value alone.
func (a Act) NeedsInput() bool { return a == Swish }

const leak, lambda = 0.2, 0.5

// tanhNear is below what tanh is a polynomial.
const tanhNear = 0.1

// BiasAct computes y = act(z + bias) for rows × n sums z; bias may be nil. z then
// holds the sums with their bias; y may be z where NeedsInput is false.
func (p *Pool) BiasAct(act Act, rows, n int, z, bias, y []float32) {
	p.Run(rows, max(1, (1<<14)/max(1, n)), func(lo, hi int) { p.BiasActPart(act, lo, hi, 0, n, n, z, bias, y) })
}

// BiasActPart is BiasAct of rows [i0, i1) and columns [j0, j1) alone, in the
// calling goroutine: for the tiles of GemmThen. SoftMax needs whole rows.
func (p *Pool) BiasActPart(act Act, i0, i1, j0, j1, n int, z, bias, y []float32) {
	if j0 == j1 {
		return
	}
	for r := i0; r < i1; r++ {
		zr := z[r*n+j0 : r*n+j1]
		if bias != nil {
			p.k.axpy(int64(len(zr)), 1, &bias[j0], &zr[0])
		}
		p.k.activate(act, zr, y[r*n+j0:r*n+j1])
	}
}

func activate(act Act, z, y []float32) {
	y = y[:len(z)]
	switch act {
	case Linear:
		copy(y, z)
	case ReLU:
		for j, v := range z {
			y[j] = max(v, 0)
		}
	case LeakyReLU:
		for j, v := range z {
			if v < 0 {
				v *= leak
			}
			y[j] = v
		}
	case Swish:
		for j, v := range z {
			y[j] = v * sigmoid(v)
		}
	case Sigmoid:
		for j, v := range z {
			y[j] = sigmoid(v)
		}
	case LogSigmoid:
		for j, v := range z {
			y[j] = -softplus(-v)
		}
	case Tanh:
		for j, v := range z {
			y[j] = tanh(v)
		}
	case SoftPlus:
		for j, v := range z {
			y[j] = softplus(v)
		}
	case SoftShrink:
		for j, v := range z {
			switch {
			case v > lambda:
				y[j] = v - lambda
			case v < -lambda:
				y[j] = v + lambda
			case v != v:
				y[j] = v
			default:
				y[j] = 0
			}
		}
	case SoftMax:
		softmax(z, y)
	}
}

func softmax(z, y []float32) {
	top := float32(math.Inf(-1))
	for _, v := range z {
		top = max(top, v)
	}
	sum := 0.0
	for j, v := range z {
		e := exp(v - top)
		y[j] = e
		sum += float64(e)
	}
	inv := float32(1 / sum)
	for j := range y {
		y[j] *= inv
	}
}

// ActGrad multiplies d by the activation's derivative, in place, given its values
// y and, where NeedsInput, its sums z (rows × n).
func (p *Pool) ActGrad(act Act, rows, n int, z, y, d []float32) {
	if act == Linear {
		return
	}
	p.Run(rows, max(1, (1<<14)/max(1, n)), func(lo, hi int) {
		for r := lo; r < hi; r++ {
			var zr []float32
			if z != nil {
				zr = z[r*n : r*n+n]
			}
			p.k.derive(act, zr, y[r*n:r*n+n], d[r*n:r*n+n])
		}
	})
}

func derive(act Act, z, y, d []float32) {
	d = d[:len(y)]
	switch act {
	case ReLU:
		for j, v := range y {
			if !(v > 0) {
				d[j] = 0
			}
		}
	case LeakyReLU:
		for j, v := range y {
			if v < 0 {
				d[j] *= leak
			}
		}
	case Swish:
		for j, v := range z[:len(y)] {
			s := sigmoid(v)
			d[j] *= s + y[j]*(1-s)
		}
	case Sigmoid:
		for j, v := range y {
			d[j] *= v * (1 - v)
		}
	case LogSigmoid:
		for j, v := range y {
			d[j] *= 1 - exp(v)
		}
	case Tanh:
		for j, v := range y {
			d[j] *= 1 - v*v
		}
	case SoftPlus:
		for j, v := range y {
			d[j] *= 1 - exp(-v)
		}
	case SoftShrink:
		for j, v := range y {
			if v == 0 {
				d[j] = 0
			}
		}
	case SoftMax:
		dot := 0.0
		for j, v := range y {
			dot += float64(v) * float64(d[j])
		}
		for j, v := range y {
			d[j] = v * (d[j] - float32(dot))
		}
	}
}

func sigmoid(x float32) float32 { return 1 / (1 + exp(-x)) }

// softplus is log(1 + eˣ) without overflow.
func softplus(x float32) float32 {
	t := exp(-abs(x))
	return max(x, 0) + log1p(t)
}

func tanh(x float32) float32 {
	a := abs(x)
	if a < tanhNear { // where 1 − e⁻²ᵃ would cancel
		s := x * x
		return x * (1 + s*(-1.0/3+s*(2.0/15+s*(-17.0/315))))
	}
	t := exp(-2 * a)
	return float32(math.Copysign(float64((1-t)/(1+t)), float64(x)))
}

func abs(x float32) float32 { return math.Float32frombits(math.Float32bits(x) &^ (1 << 31)) }

// exp is eˣ to about one unit in the last place: x = n·ln 2 + r with |r| ≤ ln 2/2,
// and the Taylor polynomial of degree 7 for eʳ.
func exp(x float32) float32 {
	if x != x {
		return x
	}
	if x > 88.7 {
		return float32(math.Inf(1))
	}
	if x < -87.3 {
		return 0
	}
	const shift = 3 << 22 // adding it rounds to whole numbers
	k := float32(float32(x*math.Log2E)+shift) - shift
	r := float32(float64(x) - float64(k)*math.Ln2)
	y := 1 + r*(1+r*(1.0/2+r*(1.0/6+r*(1.0/24+r*(1.0/120+r*(1.0/720+r*(1.0/5040)))))))
	n := int32(k)
	if n > 127 { // 2¹²⁸ is no float32; eʳ·2¹²⁷·2 may be
		return y * 2 * math.Float32frombits(254<<23)
	}
	return y * math.Float32frombits(uint32(n+127)<<23)
}

// log1p is log(1 + t) for t in [0, 1], by the series of the inverse hyperbolic
// tangent: log(1+t) = 2·atanh(t/(2+t)), whose argument is at most 1/3.
func log1p(t float32) float32 {
	if t != t {
		return t
	}
	s := t / (2 + t)
	q := s * s
	return 2 * s * (1 + q*(1.0/3+q*(1.0/5+q*(1.0/7+q*(1.0/9+q*(1.0/11+q*(1.0/13)))))))
}

// MarshalText writes the activation as its name.
func (a Act) MarshalText() ([]byte, error) { return []byte(a.String()), nil }

// UnmarshalText reads a name.
func (a *Act) UnmarshalText(b []byte) error {
	v, ok := ParseAct(string(b))
	if !ok {
		return fmt.Errorf("there is no activation %q", b)
	}
	*a = v
	return nil
}
