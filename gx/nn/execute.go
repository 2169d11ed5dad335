package nn

import "math"

// executor runs a training's steps somewhere. What it is told to do may happen later,
// until settle.
type executor interface {
	// epoch begins with an epoch's samples, step after step, or goes on with them at
	// step t.at.
	epoch(order []int) error
	// step trains on the epoch's samples from lo up to hi.
	step(lo, hi int) error
	// settle returns when all is done that step was told; t.sum then has the epoch's
	// losses. Where it is to watch it returns the watched samples' mean error, else NaN;
	// t.judged and t.watchKL then tell the rest of them.
	// The first loss that was no number is an error.
	settle(watch bool) (float64, error)
	// remember keeps the weights as they are for the end: t.best, after a pull.
	remember() error
	// pull brings the parameters and the optimiser's state to the trainer.
	pull() error
	close()
}

// onCPU is the executor of this processor: everything happens at once.
type onCPU struct {
	t     *trainer
	order []int
}

func (c *onCPU) epoch(order []int) error {
	c.order = order
	return nil
}

func (c *onCPU) step(lo, hi int) error {
	t, batch := c.t, c.order[lo:hi]
	t.in.ahead(c.order[hi:min(len(c.order), hi+len(batch))])
	rate := t.rate(t.epoch, t.at)
	var loss float64
	var err error
	if t.one != nil {
		loss, err = t.one.step(t, batch[0], rate)
	} else {
		loss, err = t.step(batch, rate)
	}
	if err != nil {
		return err
	}
	if loss-loss != 0 {
		return t.lost(batch, t.at)
	}
	t.sum += loss
	return nil
}

func (c *onCPU) settle(watch bool) (float64, error) {
	if !watch {
		return math.NaN(), nil
	}
	t := c.t
	if t.net.spec.Classes() > 0 {
		t.judged.entropy, t.judged.wrong = t.judge(&t.watch, t.data.WatchClass)
	}
	return t.measure(&t.watch, &t.watchWant)
}

func (c *onCPU) remember() error {
	c.t.remember()
	return nil
}

func (c *onCPU) pull() error { return nil }

func (c *onCPU) close() {}
