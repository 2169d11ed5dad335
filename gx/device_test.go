package gx_test

import (
	"context"
	"fmt"
	"math"
	"os"
	"os/exec"
	"strings"
	"testing"

	"github.com/gxlab/gxlab/gx"
	"github.com/gxlab/gxlab/gx/gxtest"
	"github.com/gxlab/gxlab/gx/nn/gpu/gputest"
)

// onDevice begins away from the principal components, where the gradient is rounding
// and Adam would blow that up.
func onDevice(d gx.Device) gx.Training {
	return net(split()).Start(gx.Torch).Device(d).Precision(gx.Float32)
}

// A recipe trains on a GPU (an emulated one, where g++ builds it) as on the CPU, says
// where, and is found by a recipe that asks for the other.
func TestTrainsOnAGPU(t *testing.T) {
	if os.Getenv("GXLAB_TEST_DEVICE") != "" {
		var said []string
		tell := func(what string, _, total int) {
			if total == 0 {
				said = append(said, what)
			}
		}
		fit, err := onDevice(gx.GPU).Keep(context.Background(), tell)
		if err != nil {
			t.Fatal(err)
		}
		c := fit.Curve()
		fmt.Printf("trained %v %v %s; %s\n", c[len(c)-1].Train, c[len(c)-1].Valid, fit.Record().Device, strings.Join(said, "; "))
		return
	}
	gputest.Open(t)
	gxtest.Store(t)
	c := exec.Command(os.Args[0], "-test.run=^TestTrainsOnAGPU$", "-test.v")
	c.Env = append(os.Environ(), "GXLAB_TEST_DEVICE=1")
	out, err := c.CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	_, line, _ := strings.Cut(string(out), "trained ")
	var train, valid float64
	if _, err := fmt.Sscan(line, &train, &valid); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	if !strings.Contains(line, "float32; ") || !strings.Contains(line, "autoencoder: trains on ") {
		t.Errorf("it says %q", line)
	}
	made := 0
	cpu, err := onDevice(gx.CPU).Keep(context.Background(), func(string, int, int) { made++ })
	if err != nil {
		t.Fatal(err)
	}
	if made > 0 || cpu.Record().Device == "the CPU" {
		t.Error("what was trained on the GPU was trained again on the CPU")
	}
	gxtest.Store(t)
	if cpu, err = onDevice(gx.CPU).Keep(context.Background(), nil); err != nil {
		t.Fatal(err)
	}
	curve := cpu.Curve()
	last := curve[len(curve)-1]
	if math.Abs(last.Train-train) > 1e-5*train || math.Abs(last.Valid-valid) > 1e-5*valid {
		t.Errorf("errors %v and %v on the CPU, %v and %v on the GPU", last.Train, last.Valid, train, valid)
	}
}

// Variational autoencoders, all stages of siVAE and classifiers train on a GPU (an emulated
// one, where g++ builds it) as on the CPU, and say where.
func TestOthersTrainOnAGPU(t *testing.T) {
	if os.Getenv("GXLAB_TEST_DEVICE") == "" {
		gputest.Open(t)
		c := exec.Command(os.Args[0], "-test.run=^TestOthersTrainOnAGPU$", "-test.v")
		c.Env = append(os.Environ(), "GXLAB_TEST_DEVICE=1")
		if out, err := c.CombinedOutput(); err != nil || !strings.Contains(string(out), "--- PASS") {
			t.Fatalf("%v\n%s", err, out)
		}
		return
	}
	ctx := context.Background()
	for name, keep := range map[string]func(gx.Device, gx.Tell) ([]gx.Point, string, error){
		"VAE": func(d gx.Device, tell gx.Tell) ([]gx.Point, string, error) {
			f, err := vae(gx.ZeroInflated, counts(1)).Epochs(2).Device(d).Precision(gx.Float32).Keep(ctx, tell)
			if err != nil {
				return nil, "", err
			}
			return f.Curve(), f.Record().Device, nil
		},
		"classifier": func(d gx.Device, tell gx.Tell) ([]gx.Point, string, error) {
			f, err := onDevice(d).Classify("tissue", 1).Keep(ctx, tell)
			if err != nil {
				return nil, "", err
			}
			return f.Curve(), f.Record().Device, nil
		},
		"siVAE": func(d gx.Device, tell gx.Tell) ([]gx.Point, string, error) {
			f, err := sivae(1).Epochs(4).Device(d).Keep(ctx, tell)
			if err != nil {
				return nil, "", err
			}
			return append(append(f.Stage(1), f.Stage(2)...), f.Stage(3)...), f.Record().Device, nil
		},
	} {
		var curves [2][]gx.Point
		for i, d := range []gx.Device{gx.GPU, gx.CPU} {
			gxtest.Store(t)
			said := 0
			curve, where, err := keep(d, func(what string, _, _ int) {
				if strings.Contains(what, "trains on an emulated GPU") {
					said++
				}
			})
			if err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			if on := where != "the CPU"; on != (d == gx.GPU) || on != (said > 0) || name == "siVAE" && on && said != 3 {
				t.Errorf("%s, %s: on %q, and says so %d times", name, d, where, said)
			}
			curves[i] = curve
		}
		for i, p := range curves[1] {
			q, tol := curves[0][i], 1e-5
			if name == "siVAE" { // in TF32, over three stages that begin where the one before ended
				tol = 2e-2
			}
			if math.Abs(p.Train-q.Train) > tol*math.Abs(p.Train) || math.Abs(p.Valid-q.Valid) > tol*math.Abs(p.Valid) || math.Abs(p.ValidEntropy-q.ValidEntropy) > tol {
				t.Errorf("%s: %+v on the CPU, %+v on the GPU", name, p, q)
			}
		}
	}
}

// Without a GPU, asking for one explains itself; auto trains on the CPU.
func TestNoGPU(t *testing.T) {
	gxtest.Store(t)
	t.Setenv("GXLAB_DEVICE", "gpu")
	_, err := net(split()).Keep(context.Background(), nil)
	if err == nil {
		t.Skip("this machine has a GPU")
	}
	for _, want := range []string{"NVIDIA driver", "\n  at libcuda.so.1", "\n  try device=cpu"} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("the error says nothing of %q:\n%v", want, err)
		}
	}
	fit, err := net(split()).Device(gx.CPU).Keep(context.Background(), nil)
	if err != nil || fit.Record().Device != "the CPU" {
		t.Errorf("Device(CPU) with GXLAB_DEVICE=gpu: on %v, error %v", fit.Record().Device, err)
	}
	t.Setenv("GXLAB_DEVICE", "tpu")
	if _, err := net(split()).Seed(2).Keep(context.Background(), nil); err == nil || !strings.Contains(err.Error(), "one of auto, cpu, gpu") {
		t.Errorf("GXLAB_DEVICE=tpu gives %v", err)
	}
}
