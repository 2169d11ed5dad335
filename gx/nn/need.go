package nn

// Need is about how many bytes training a network takes beside its samples: its
// parameters, the optimiser's state, the best weights kept aside, and the values
// and gradients of one batch.
func Need(s Spec, p Plan) int64 {
	_, params, _ := s.layout()
	copies := 1
	switch p.Optimiser {
	case "momentum":
		copies = 2
	case "adam":
		copies = 3
	}
	if p.Patience > 0 || p.Keep != 0 {
		copies++
	}
	row := 2 * s.In // the batch, and the loss's gradient
	for i := range s.Layers {
		row += 2 * s.width(i+1)
	}
	const packing = 64 << 20
	return 4*(int64(params)*int64(copies)+int64(row)*int64(max(p.Batch, blockRows))) + packing
}
