package plotting

import (
	"math"
	"strings"
	"sync"
	"testing"
	"time"
)

func TestLiveDrawsAtMostTwiceASecond(t *testing.T) {
	clock := time.Unix(0, 0)
	var drawn []Figure
	m := LiveTo(func(f Figure) { drawn = append(drawn, f) })
	m.now = func() time.Time { return clock }
	m.last = clock.Add(-time.Hour)
	for e := 1; e <= 100; e++ { // 100 epochs in 5 seconds
		m.add("net", e, 1/float64(e), math.NaN(), 100)
		clock = clock.Add(50 * time.Millisecond)
	}
	if len(drawn) != 11 { // ten in five seconds, and the last epoch
		t.Errorf("drawn %d times", len(drawn))
	}
	svg, err := drawn[len(drawn)-1].SVG()
	if err != nil || !strings.Contains(string(svg), "net, training") || strings.Contains(string(svg), "net, test") {
		t.Errorf("%v\n%s", err, svg)
	}
	m.Done()
	if len(drawn) != 11 {
		t.Error("Done drew again what was drawn")
	}
}

// A training that stops early still leaves its last epoch on the screen.
func TestLiveDone(t *testing.T) {
	n := 0
	m := LiveTo(func(Figure) { n++ })
	m.add("net", 1, 3, 3, 100)
	m.add("net", 2, 2, 2, 100)
	m.Done()
	if n != 2 {
		t.Errorf("drawn %d times", n)
	}
	if _, err := LiveTo(nil).Figure().SVG(); err == nil {
		t.Error("a figure of no epochs")
	}
}

// Folds train side by side and share a name: the curve is their mean.
func TestLiveFolds(t *testing.T) {
	m := LiveTo(func(Figure) {})
	var wg sync.WaitGroup
	for k := range 4 {
		wg.Go(func() {
			for e := 1; e <= 5; e++ {
				m.add("net", e, float64(k), float64(k), 5)
			}
		})
	}
	wg.Wait()
	s := m.seen["net"]
	for e := 1; e <= 5; e++ {
		if len(s.train[e]) != 4 {
			t.Errorf("epoch %d: %v", e, s.train[e])
		}
	}
	if _, err := m.Figure().SVG(); err != nil {
		t.Error(err)
	}
}

// In a notebook the last drawing is a widget, in the place of the pictures before it;
// also where training stops early.
func TestLiveEndsAsAWidget(t *testing.T) {
	for _, early := range []bool{false, true} {
		var order []string
		m := LiveTo(func(Figure) { order = append(order, "figure") })
		m.end = func(w Widget) {
			order = append(order, "widget")
			if h, err := w.HTML(); err != nil || !strings.Contains(h, "gxw") {
				t.Error(err)
			}
		}
		m.add("net", 1, 3, 3, 3)
		m.add("net", 2, 2, 2, 3)
		if !early {
			m.add("net", 3, 1, 1, 3)
		}
		m.Done()
		if got := strings.Join(order, " "); got != "figure widget" {
			t.Errorf("early %v: %s", early, got)
		}
	}
}
