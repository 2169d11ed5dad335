package nn

import (
	"math"

	"github.com/gxlab/gxlab/gx/nn/cpu"
)

// NearZero is the change of a unit's sum below which DeepLIFT takes the derivative
// at the reference in place of the slope Δf/Δz, as the original has it.
const NearZero = 1e-7

// f64 is an activation of one unit and its derivative, in float64: slopes are few
// beside products, and differences of float32 values would lose their digits. SoftMax
// is none of them: its units depend on each other.
func f64(a cpu.Act, z float64) (y, slope float64) {
	sigmoid := func(z float64) float64 { return 1 / (1 + math.Exp(-z)) }
	softplus := func(z float64) float64 { return math.Max(z, 0) + math.Log1p(math.Exp(-math.Abs(z))) }
	switch a {
	case cpu.ReLU:
		if z > 0 {
			return z, 1
		}
		return 0, 0
	case cpu.LeakyReLU:
		if z >= 0 {
			return z, 1
		}
		return 0.2 * z, 0.2
	case cpu.Swish:
		s := sigmoid(z)
		return z * s, s + z*s*(1-s)
	case cpu.Sigmoid:
		s := sigmoid(z)
		return s, s * (1 - s)
	case cpu.LogSigmoid:
		return -softplus(-z), sigmoid(-z)
	case cpu.Tanh:
		y = math.Tanh(z)
		return y, 1 - y*y
	case cpu.SoftPlus:
		return softplus(z), sigmoid(z)
	case cpu.SoftShrink:
		switch {
		case z > 0.5:
			return z - 0.5, 1
		case z < -0.5:
			return z + 0.5, 1
		}
		return 0, 0
	}
	return z, 1
}

// softmax64 writes the softmax of z into y.
func softmax64(z []float32, y []float64) {
	top, sum := math.Inf(-1), 0.0
	for _, v := range z {
		top = math.Max(top, float64(v))
	}
	for j, v := range z {
		y[j] = math.Exp(float64(v) - top)
		sum += y[j]
	}
	for j := range y {
		y[j] /= sum
	}
}

// rescale are DeepLIFT's multipliers of a layer's activation, by the Rescale rule: a
// unit's change over its sum's change between reference z0 and sample z. SoftMax is
// taken unit by unit, as the original takes it: Δyⱼ/Δzⱼ.
func rescale(a cpu.Act, z, z0, out []float32) {
	if a == cpu.Linear {
		for j := range out {
			out[j] = 1
		}
		return
	}
	if a == cpu.SoftMax {
		y, y0 := make([]float64, len(z)), make([]float64, len(z))
		softmax64(z, y)
		softmax64(z0, y0)
		for j := range z {
			if d := float64(z[j]) - float64(z0[j]); math.Abs(d) >= NearZero {
				out[j] = float32((y[j] - y0[j]) / d)
			} else {
				out[j] = float32(y0[j] * (1 - y0[j]))
			}
		}
		return
	}
	for j, v := range z {
		v0 := z0[j]
		y0, slope := f64(a, float64(v0))
		if d := float64(v) - float64(v0); math.Abs(d) >= NearZero {
			y, _ := f64(a, float64(v))
			slope = (y - y0) / d
		}
		out[j] = float32(slope)
	}
}

// derivatives are an activation's derivatives at z; of SoftMax its values, for
// throughSoftMax.
func derivatives(a cpu.Act, z, out []float32) {
	if a == cpu.SoftMax {
		y := make([]float64, len(z))
		softmax64(z, y)
		for j, v := range y {
			out[j] = float32(v)
		}
		return
	}
	for j, v := range z {
		_, s := f64(a, float64(v))
		out[j] = float32(s)
	}
}

// throughSoftMax takes a gradient by softmax's values y back to its sums.
func throughSoftMax(y, d []float32) {
	dot := 0.0
	for j, v := range y {
		dot += float64(v) * float64(d[j])
	}
	for j, v := range y {
		d[j] = v * (d[j] - float32(dot))
	}
}

// legendre are the nodes in (0, 1) and weights, of sum 1, of the Gauss–Legendre rule
// of n points: the roots of the Legendre polynomial by Newton's method.
func legendre(n int) (at, weight []float64) {
	at, weight = make([]float64, n), make([]float64, n)
	for i := range n {
		x := math.Cos(math.Pi * (float64(n-1-i) + 0.75) / (float64(n) + 0.5))
		dp := 0.0
		for range 100 {
			p0, p1 := 1.0, x
			for k := 2; k <= n; k++ {
				p0, p1 = p1, (float64(2*k-1)*x*p1-float64(k-1)*p0)/float64(k)
			}
			dp = float64(n) * (x*p1 - p0) / (x*x - 1)
			step := p1 / dp
			x -= step
			if math.Abs(step) < 1e-15 {
				break
			}
		}
		at[i], weight[i] = (1+x)/2, 1/((1-x*x)*dp*dp)
	}
	return at, weight
}
