package bench

import (
	"cmp"
	"errors"
	"fmt"
	"time"

	"github.com/gxlab/gxlab/gx/nn"
	"github.com/gxlab/gxlab/gx/nn/gpu"
)

// card measures what a GPU can do.
type card struct {
	d         gpu.Driver
	s         gpu.Stream
	x, y      gpu.Ptr // for the bandwidth
	bytes     int64
	precision gpu.Precision
}

// cardBytes are the bytes of each array that the bandwidth is measured with, beyond
// any cache.
const cardBytes = 1 << 30

func newCard(precision string, bytes int64) (*card, error) {
	c := &card{bytes: cmp.Or(bytes, cardBytes), precision: gpu.TF32}
	if precision != "" {
		p, ok := gpu.ParsePrecision(precision)
		if !ok {
			return nil, fmt.Errorf("no precision %q; try float32, tf32 or bfloat16", precision)
		}
		c.precision = p
	}
	d, err := gpu.Open()
	if err != nil {
		return nil, err
	}
	c.d = d
	for c.bytes > d.Info().Free/8 {
		c.bytes /= 2
	}
	if c.s, err = d.NewStream(); err == nil {
		c.x, err = d.Alloc(c.bytes)
	}
	if err == nil {
		c.y, err = d.Alloc(c.bytes)
	}
	if err == nil {
		err = d.Zero(c.x, c.bytes, c.s)
	}
	if err != nil {
		c.close()
		return nil, err
	}
	return c, nil
}

func (c *card) close() { _ = c.d.Close() }

// bandwidth is that of copies within the GPU's memory: a byte is read and one
// written.
func (c *card) bandwidth() (float64, error) {
	const times = 8
	seconds, err := c.time(times, func() error { return c.d.Copy(c.y, c.x, c.bytes, c.s) })
	return 2 * times * float64(c.bytes) / seconds / 1e9, err
}

// time is how long so many f take, after one that does not count.
func (c *card) time(times int, f func() error) (float64, error) {
	if err := errors.Join(f(), c.d.Sync(c.s)); err != nil {
		return 1, err
	}
	began := time.Now()
	for range times {
		if err := f(); err != nil {
			return 1, err
		}
	}
	err := c.d.Sync(c.s)
	return time.Since(began).Seconds(), err
}

// cardRates are a step's products on a GPU.
type cardRates struct {
	*card
	list    []product
	a, b, c gpu.Ptr
}

func (c *card) rates(s nn.Spec, batch int) (alone, error) {
	r := &cardRates{card: c}
	var most [3]int
	r.list, most = telling(s, batch)
	for i, p := range []*gpu.Ptr{&r.a, &r.b, &r.c} {
		n := 4 * int64(most[i])
		var err error
		if *p, err = c.d.Alloc(n); err != nil {
			return nil, err
		}
		if err := c.d.Zero(*p, n, c.s); err != nil {
			return nil, err
		}
	}
	for _, q := range r.list {
		if err := c.d.Prepare(r.product(q), c.s); err != nil {
			return nil, err
		}
	}
	return r, nil
}

func (r *cardRates) product(q product) gpu.MatMul {
	return gpu.MatMul{M: q.m, N: q.n, K: q.k, TransA: q.ta, TransB: q.tb, A: r.a, B: r.b, C: r.c, Alpha: 1, Precision: r.precision}
}

// speeds are those of the products one after the other.
func (r *cardRates) speeds() (own, blas float64, err error) {
	flops := 0.0
	for _, q := range r.list {
		flops += q.flops()
	}
	const times = 20
	seconds, err := r.time(times, func() error {
		for _, q := range r.list {
			if err := r.d.MatMul(r.product(q), r.s); err != nil {
				return err
			}
		}
		return nil
	})
	return times * flops / seconds / 1e9, 0, err
}

func (r *cardRates) close() {
	for _, p := range []gpu.Ptr{r.a, r.b, r.c} {
		_ = r.d.Free(p)
	}
}
