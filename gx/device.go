package gx

import (
	"fmt"
	"os"
	"strings"
)

// A Device is what a training runs on.
type Device string

// Auto takes the GPU where one works and has room for the network, else the CPU. The
// environment variable GXLAB_DEVICE (auto, cpu or gpu) says what Auto means. CPU and
// GPU take that one; a GPU that cannot be used is then an error that says why.
const (
	Auto Device = "auto"
	CPU  Device = "cpu"
	GPU  Device = "gpu"
)

var devices = []string{string(Auto), string(CPU), string(GPU)}

// A Precision is how products of matrices are computed on a GPU. Everything else,
// and the CPU, works in float32.
type Precision string

// Float32 keeps 24 bits of every factor. TF32, the default on a GPU, rounds factors
// to 11 bits inside the product and is several times as fast. BFloat16 keeps factors
// with 8 bits, and is for networks that must be faster still. Sums are float32 in
// all of them.
const (
	Float32  Precision = "float32"
	TF32     Precision = "tf32"
	BFloat16 Precision = "bfloat16"
)

var precisions = []string{string(Float32), string(TF32), string(BFloat16)}

// Device sets what the training runs on. Numbers differ between devices by rounding
// alone, so it is not in the key: what was trained on one is found on the other, and
// a training that was interrupted on one goes on on the other. The default is Auto.
func (t Training) Device(d Device) Training {
	if !among(string(d), devices) {
		return t.failed(fmt.Sprintf("Device(%s)", d), "no such device", "one of "+legal(devices))
	}
	t.device = d
	return t
}

// Precision sets how a GPU multiplies. It changes numbers and is in the key. The
// default is TF32 on a GPU and Float32 on the CPU, which has no other.
func (t Training) Precision(p Precision) Training {
	if !among(string(p), precisions) {
		return t.failed(fmt.Sprintf("Precision(%s)", p), "no such precision", "one of "+legal(precisions))
	}
	t.plan.Precision = p
	return t
}

// runsOn is the device that the chain, or else the environment, chooses.
func (t Training) runsOn() (string, error) {
	if t.device == CPU || t.device == GPU {
		return string(t.device), nil
	}
	d := strings.ToLower(os.Getenv("GXLAB_DEVICE"))
	if d != "" && !among(d, devices) {
		return "", bad("GXLAB_DEVICE="+d, "no such device", "one of "+legal(devices))
	}
	return d, nil
}
