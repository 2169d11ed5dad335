package nn

import "github.com/gxlab/gxlab/gx/nn/cpu"

// single is the path for one sample a step and plain gradient descent.
type single struct {
	net  *Net
	pool *cpu.Pool
	z, y [][]float32 // per layer: sums and values
	d    [][]float32 // per layer: the error of its sums
	x    []float32   // room for a sample
}

func newSingle(net *Net, pool *cpu.Pool) *single {
	s := &single{net: net, pool: pool, x: make([]float32, net.spec.In)}
	for _, sp := range net.spans {
		s.z = append(s.z, make([]float32, sp.out))
		s.y = append(s.y, make([]float32, sp.out))
		s.d = append(s.d, make([]float32, sp.out))
	}
	return s
}

// step trains on sample i and returns its loss in data units, summed over
// outputs.
func (s *single) step(t *trainer, i int, rate float64) (float64, error) {
	spec := s.net.spec
	x := t.in.look(s.pool.Run, i, i+1, s.x)
	target := x
	if t.data.Target != nil {
		target = t.want.row(i)
	}
	cur := x
	last := len(spec.Layers) - 1
	for l, layer := range spec.Layers {
		sp := s.net.spans[l]
		w, b := s.net.Weights(l)
		s.pool.GemvT(sp.in, sp.out, cur, w, s.z[l])
		s.pool.BiasAct(layer.Act, 1, sp.out, s.z[l], b, s.y[l])
		cur = s.y[l]
	}
	d := s.d[last]
	scale := 1 / float32(len(d))
	var loss float64
	if spec.Loss == MAE {
		loss = s.pool.MAE(cur, target, d, scale)
	} else {
		loss = s.pool.MSE(cur, target, d, scale)
	}
	told := t.told(loss, cur, target)
	if loss-loss != 0 {
		return told, nil // the weights stay as they are, for lost to look at
	}
	l1, l2 := float32(spec.L1), float32(2*spec.L2)
	for l := last; l >= 0; l-- {
		sp := s.net.spans[l]
		w, b := s.net.Weights(l)
		s.pool.ActGrad(spec.Layers[l].Act, 1, sp.out, s.z[l], s.y[l], s.d[l])
		from, dx := x, []float32(nil)
		if l > 0 {
			from, dx = s.y[l-1], s.d[l-1]
		}
		s.pool.BackRank1(sp.in, sp.out, from, w, s.d[l], dx, float32(rate), l1, l2)
		s.pool.Axpy(-float32(rate), s.d[l], b)
	}
	return told, nil
}
