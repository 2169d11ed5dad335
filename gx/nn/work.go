package nn

// Work is how many multiplications with additions a training step on so many samples
// takes in products of matrices, forward and back, activations and losses aside.
func Work(s Spec, rows int) float64 {
	dense := func(s Spec, spans []span, rows int) (sum float64) {
		for i, l := range s.Layers {
			if l.Kind != Dense {
				continue
			}
			n := 3.0 // forward, by weights, by inputs
			if i == 0 {
				n = 2
			}
			sum += n * float64(rows) * float64(spans[i].in) * float64(spans[i].out)
		}
		return sum
	}
	spans, _, _ := s.layout()
	sum := dense(s, spans, rows)
	for _, sp := range spans[len(s.Layers):] {
		if s.Pair == nil {
			sum += 3 * float64(rows) * float64(sp.in) * float64(sp.out)
		}
	}
	if s.Pair != nil {
		m, f := s.Pair.batch(s.In), s.Pair.spec(s)
		sum += dense(f, spans[len(s.Layers):], m)
		each := float64(s.width(len(s.Layers)))
		if s.Pair.Gamma > 0 {
			each += float64(s.CodeSize())
		}
		sum += 3 * float64(rows) * float64(m) * each
	}
	return sum
}
