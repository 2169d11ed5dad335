package nn

import (
	"errors"
	"fmt"
	"sync"

	"github.com/gxlab/gxlab/gx/fault"
	"github.com/gxlab/gxlab/gx/nn/gpu"
)

// openGPU is this process's GPU, or why there is none. It is opened once, by the
// first training that asks, and stays open.
var openGPU = sync.OnceValues(gpu.Open)

// OnCPU is what Hooks.Where hears of the CPU.
const OnCPU = "the CPU"

// open chooses where the steps run, and says so.
func (t *trainer) open() error {
	switch t.plan.Device {
	case "", "auto", "cpu", "gpu":
	default:
		return fault.New(fmt.Sprintf("no device %q", t.plan.Device), "", "auto, cpu or gpu")
	}
	if p := t.plan.Precision; p != "" {
		if _, ok := gpu.ParsePrecision(p); !ok {
			return fault.New(fmt.Sprintf("no precision %q", p), "", "float32, tf32 or bfloat16")
		}
	}
	why := ""
	if t.plan.Device != "cpu" {
		on, where, err := t.openGPU()
		if err == nil {
			t.on = on
			t.where(where, "")
			return nil
		}
		if t.plan.Device == "gpu" {
			return err
		}
		if !errors.Is(err, gpu.ErrNoDevice) && !errors.Is(err, gpu.ErrNoMemory) {
			return err
		}
		if !errors.Is(err, gpu.ErrNoDriver) { // who has a GPU wants to know why it rests
			why = fault.Summary(err)
		}
	}
	t.where(OnCPU, why)
	return nil
}

func (t *trainer) where(device, why string) {
	if t.hooks.Where != nil {
		t.hooks.Where(device, why)
	}
}

func (t *trainer) openGPU() (executor, string, error) {
	d, err := openGPU()
	if err != nil {
		return nil, "", err
	}
	asked := gpu.TF32
	if t.plan.Precision != "" {
		asked, _ = gpu.ParsePrecision(t.plan.Precision)
	}
	info := d.Info()
	if asked == gpu.BFloat16 && info.Computes(asked) != asked {
		asked = gpu.Float32
	}
	o, err := newOnGPU(t, d, asked)
	if err != nil {
		return nil, "", err
	}
	where := fmt.Sprintf("%s, %s", info.Name, info.Computes(asked))
	if o.stream != nil {
		where += ", samples streamed from memory"
	}
	return o, where, nil
}
