package front

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"time"
)

// BenchmarkOverhead runs cells in turn through the kernel and on its engine alone,
// and reports the median of the differences.
func BenchmarkOverhead(b *testing.B) {
	t := &testing.T{}
	d := warm(t)
	d.cell("!true")
	d.front.mu.Lock()
	e := d.front.engine
	d.front.mu.Unlock()
	var more []float64
	for i := range b.N {
		code := func(k int) string { return fmt.Sprintf("%%%%\nfmt.Println(%d)", 10*i+k) }
		alone := func() time.Duration {
			began := time.Now()
			if _, err := e.execute(context.Background(), code(1), nil); err != nil {
				b.Fatal(err)
			}
			return time.Since(began)
		}
		var direct time.Duration
		if i%2 == 0 {
			direct = alone()
		}
		began := time.Now()
		d.cell(code(2))
		whole := time.Since(began)
		if i%2 == 1 {
			direct = alone()
		}
		more = append(more, float64(whole-direct)/1e6)
	}
	slices.Sort(more)
	b.ReportMetric(more[len(more)/2], "ms/cell")
	b.ReportMetric(0, "ns/op")
}

// BenchmarkPrepare is what a cell that ends in a call costs before it is sent.
func BenchmarkPrepare(b *testing.B) {
	d := warm(&testing.T{})
	d.cell("func cohort() gx.Cohort { return datasets.Simulated().Log2() }")
	<-d.front.names.loaded
	c := splitCell("%%\nset := cohort().Seed(7)\nfmt.Println(set)\nplotting.Boxes(\"a\", nil)")
	for b.Loop() {
		d.front.prepare(c)
	}
}
