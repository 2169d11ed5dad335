package nn

import (
	"slices"

	"github.com/gxlab/gxlab/gx/nn/gpu"
)

// DeviceGradient trains one step on samples 0 to rows−1 on the GPU and returns the
// gradient of that step, in the order of the net's parameters, and its mean loss.
func DeviceGradient(net *Net, plan Plan, data Data) (g []float32, loss float64, err error) {
	g, p, err := deviceGradient(net, plan, data)
	return g, p.Train, err
}

// deviceGradient is that, with the step's losses as a learning curve tells them.
func deviceGradient(net *Net, plan Plan, data Data) (g []float32, p Point, err error) {
	plan.Batch, plan.Epochs, plan.Device = data.N, 1, "gpu"
	t, err := newTrainer(net, plan, data, Hooks{})
	if err != nil {
		return nil, p, err
	}
	defer t.close()
	if err := t.open(); err != nil {
		return nil, p, err
	}
	o := t.on.(*onGPU)
	order := make([]int, data.N)
	for i := range order {
		order[i] = i
	}
	if err := o.epoch(order); err != nil {
		return nil, p, err
	}
	if err := o.step(0, data.N); err != nil {
		return nil, p, err
	}
	if _, err := o.settle(false); err != nil {
		return nil, p, err
	}
	g = slices.Clone(net.params)
	if err := o.down(g, o.g); err != nil {
		return nil, p, err
	}
	if net.spec.Pair != nil { // all features, in order
		if err := o.d.Download(bytesOf(g[len(g)-3*net.spec.In:]), o.picked[1], o.main); err != nil {
			return nil, p, err
		}
	}
	p = Point{Train: t.sum / float64(data.N*net.spec.Targets()), Entropy: t.entropy / float64(max(1, t.known)), KL: t.kl / float64(data.N)}
	return g, p, o.d.Sync(o.main)
}

// OpenGPU has trainings run on that driver, until undo.
func OpenGPU(open func() (gpu.Driver, error)) (undo func()) {
	was := openGPU
	openGPU = open
	return func() { openGPU = was }
}
